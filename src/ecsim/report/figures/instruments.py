"""Instruments in force over time, by tool, under each policy (moves made, or rules in force, where tools are not recorded)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import NO_CONTROL, date_of
from ecsim.analysis.text.words import Words
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, cap, in_order, wrap
from ecsim.tools import CATALOGUE

SIDES = ("incumbent", "ally", "challenger", "third")
TOOLS_SHOWN = 30  # lines that a figure can hold
EACH_SIDE = 5  # tools that every side has among them, if it has so many
LABEL = 38  # letters of a label in a line
TITLES = 72  # letters of the titles of all panels side by side
CROWDED = 4  # panels side by side whose years need more room
MOVES, FORCE = "moves", "force"
ADOPTION = "adoption"  # of the incumbent's rules, a series of the record and a line of the figure


def table(c: Comparison) -> pd.DataFrame | None:
    """source ("force" or "moves"), side, tool, policy, year, value (mean over runs), of every tool."""
    t = _in_force(c)
    if t is None:
        t = _moves(c)
    if t is None:
        return None
    t = t[(t["policy"] != NO_CONTROL) & (t.groupby(["policy", "tool"])["value"].transform("max") > 0)]
    if t.empty:
        return None
    side, first = _sides(c), t[t["value"] > 0].groupby("tool")["year"].min()
    t = t.assign(side=[side.get(x) or _user(x) for x in t["tool"]], first=t["tool"].map(first))
    t = t.assign(place=t["side"].map(SIDES.index)).sort_values(["place", "first", "tool", "policy", "year"], kind="stable")
    return t[["source", "side", "tool", "policy", "year", "value"]].reset_index(drop=True)


def _sides(c: Comparison) -> dict[str, str]:
    """Tool -> side of those who used it most in these runs."""
    events = c.study.events()
    if events.empty or "tool" not in events:
        return {}
    used = events[events["tool"].notna() & (events["tool"] != "")]
    counted = used.assign(side=[style.side_of(str(a), c.study.manifest) for a in used["actor"]]).groupby(["tool", "side"]).size()
    return {str(tool): str(own.droplevel("tool").idxmax()) for tool, own in counted.groupby("tool")}


def _user(tool: str) -> str:
    """Side that a tool of the catalogue is for."""
    return CATALOGUE[tool].users[0] if tool in CATALOGUE else SIDES[1] if tool == ADOPTION else SIDES[-1]


def _in_force(c: Comparison) -> pd.DataFrame | None:
    """What the rule book holds of each tool, at its most in the year; in runs and quarters without it, none."""
    series = pd.concat([c.study.series("instrument", c.policies), _adopted(c)], ignore_index=True)
    if series.empty:
        return None
    runs = c.study.core.groupby("policy")["run"].nunique()
    quarters = np.arange(series["quarter"].min(), series["quarter"].max() + 1)
    held = series.groupby(["policy", "key", "quarter"])["value"].sum().unstack("quarter", fill_value=0.0)
    by_year = held.reindex(columns=quarters, fill_value=0.0).T.groupby(date_of(quarters).astype(int)).max()
    t = by_year.rename_axis("year").unstack().rename("value").reset_index()
    t["value"] = t["value"] / t["policy"].map(runs)
    return t.rename(columns={"key": "tool"}).assign(source=FORCE)


def _adopted(c: Comparison) -> pd.DataFrame:
    """States that apply the incumbent's rules as their own, each as one entry of a tool: what they adopt is no rule of theirs."""
    series = c.study.series(ADOPTION, c.policies)
    return series[series["value"] > 0].assign(key=ADOPTION, value=1.0)


def _moves(c: Comparison) -> pd.DataFrame | None:
    """Moves of all actors until the end of the year, by tool."""
    events = c.study.events()
    if events.empty or "tool" not in events:
        return None
    events = events[events["policy"].isin(c.policies) & events["tool"].notna() & (events["tool"] != "")]
    if events.empty:
        return None
    runs = c.study.core.groupby("policy")["run"].nunique()
    years = np.arange(int(date_of(0)), c.end_year + 1)
    made = (
        events.assign(year=date_of(events["quarter"]).astype(int)).groupby(["policy", "tool", "year"]).size().unstack("year", fill_value=0)
    )
    total = made.reindex(columns=years, fill_value=0).cumsum(axis=1).stack().rename("value").reset_index()
    total["value"] = total["value"] / total["policy"].map(runs)
    return total.assign(source=MOVES)


def text(t: pd.DataFrame) -> str:
    """Which title applies."""
    return "fig.instruments" if t["source"].iloc[0] == FORCE else "fig.instruments.events"


def shown(t: pd.DataFrame) -> list[str]:
    """The tools drawn, in the order of the table: all, or the most lasting, of which every side has some."""
    lasting = t.assign(years=t["value"] > 0).groupby(["side", "tool"])["years"].sum().sort_values(ascending=False, kind="stable")
    of_each = [str(tool) for _, own in lasting.groupby("side") for _, tool in own.index[:EACH_SIDE]]
    kept = set(list(dict.fromkeys([*of_each, *(str(tool) for _, tool in lasting.index)]))[:TOOLS_SHOWN])
    return [x for x in pd.unique(t["tool"]) if x in kept]


def more(t: pd.DataFrame, ctx: Context) -> str:
    """How many tools the figure leaves to the table; nothing where it shows all."""
    left = t["tool"].nunique() - len(shown(t))
    return ctx.words("fig.instruments.more", n=left) if left else ""


def _lines(t: pd.DataFrame, w: Words) -> list[tuple[str, str]]:
    """Lines of the figure from top to bottom: each side's name, with no tool, and its tools."""
    tools = t[t["tool"].isin(shown(t))].drop_duplicates("tool")
    lines = []
    for side, own in tools.groupby("side", sort=False):
        lines += [("", w.name("side", str(side))), *((x, wrap(cap(w.name("tool", x)), LABEL)) for x in own["tool"])]
    return lines


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A strip of years for each tool, by side, one panel a policy, one colour scale."""
    w = ctx.words
    lines = _lines(t, w)
    tools = [tool for tool, _ in lines]
    t = t[t["tool"].isin(tools)]
    policies = in_order(ctx, t["policy"])
    years = sorted(t["year"].unique())
    top = max(1.0, float(t["value"].max()))
    fig = canvas(ctx, w(text(t)), 2.0 + 0.3 * len(tools), header=0.5)
    axes = fig.subplots(1, len(policies), squeeze=False, sharey=True)[0]
    for ax, policy in zip(axes, policies, strict=True):
        own = t[t["policy"] == policy].set_index(["tool", "year"])["value"].unstack("year")
        grid = own.reindex(index=tools, columns=years)
        grid = grid.where(grid > 0)
        image = ax.pcolormesh(
            np.array(years),
            np.arange(len(tools)),
            grid.to_numpy(),
            cmap="viridis_r",
            vmin=0,
            vmax=top,
            edgecolors="white",
            linewidth=0.6,
            shading="nearest",
        )
        ax.set_title(wrap(w.policy(policy), TITLES // len(policies)))
        ax.grid(visible=False)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_ylim(len(tools) - 0.5, -0.5)
        ax.locator_params(axis="x", nbins=4 if len(policies) < CROWDED else 2, integer=True)
        ax.hlines(np.arange(len(tools)) + 0.5, years[0] - 0.5, years[-1] + 0.5, color=style.GRID, linewidth=0.5)
    axes[0].set_yticks(range(len(lines)), [label for _, label in lines])
    for (tool, _), label in zip(lines, axes[0].get_yticklabels(), strict=True):
        label.set_fontweight("normal" if tool else "bold")
    bar = fig.colorbar(image, ax=list(axes), shrink=0.6, aspect=18, pad=0.02)
    least = min(1.0, float(t.loc[t["value"] > 0, "value"].min()))
    if least < top:
        bar.ax.set_ylim(least, top)  # none at all is left white
    bar.set_label(w("axis.count" if t["source"].iloc[0] == FORCE else "axis.count.moves"), fontsize=9)
    bar.outline.set_visible(False)
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Tools by policy: value at the end of some years."""
    w = ctx.words
    years = sorted(t["year"].unique())[::-4][::-1]
    rows = t[t["year"].isin(years)].assign(cell=lambda x: [f"{v:.1f}".removesuffix(".0") for v in x["value"]])
    wide = rows.pivot_table(index=["side", "tool", "policy"], columns="year", values="cell", aggfunc="first", sort=False).reset_index()
    wide["side"] = [w.name("side", x) for x in wide["side"]]
    wide["tool"] = [w.name("tool", x) for x in wide["tool"]]
    wide["policy"] = [w.policy(p) for p in wide["policy"]]
    return wide.rename(columns={"side": w("table.side"), "tool": w("network.tool"), "policy": w("table.policy")})


PLATE = Plate("instruments", table, draw, twin, text, more)
