"""Instruments in force over time, by tool, under each policy (moves made, or rules in force, where tools are not recorded)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import NO_CONTROL, date_of
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, cap, in_order, wrap

TOOLS_SHOWN = 14
LABEL = 38  # letters of a label in a line
CROWDED = 4  # panels side by side whose years need more room
MOVES, FORCE = "moves", "force"


def table(c: Comparison) -> pd.DataFrame | None:
    """source ("force" or "moves"), policy, tool, year, value (mean over runs at the end of the year)."""
    t = _in_force(c)
    if t is None:
        t = _moves(c)
    if t is None:
        return None
    t = t[t["policy"] != NO_CONTROL]
    size = t.groupby("tool")["value"].max().nlargest(TOOLS_SHOWN)
    t = t[t["tool"].isin(size[size > 0].index)]
    first = t[t["value"] > 0].groupby("tool")["year"].min()
    t = t.assign(order=t["tool"].map(first)).sort_values(["order", "tool", "policy", "year"], kind="stable").drop(columns="order")
    return t.reset_index(drop=True) if len(t) else None


def _in_force(c: Comparison) -> pd.DataFrame | None:
    series = c.study.series("instrument", c.policies)
    series = series[series["quarter"] % 4 == 3]
    if series.empty:
        return None
    t = series.assign(year=date_of(series["quarter"]).astype(int)).groupby(["policy", "key", "year"])["value"].mean().reset_index()
    return t.rename(columns={"key": "tool"}).assign(source=FORCE)


def _moves(c: Comparison) -> pd.DataFrame | None:
    """Moves of all actors so far, by tool."""
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


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A strip of years for each tool, one panel a policy, one colour scale."""
    w = ctx.words
    tools = list(pd.unique(t["tool"]))
    policies = in_order(ctx, t["policy"])
    years = sorted(t["year"].unique())
    top = max(1.0, float(t["value"].max()))
    fig = canvas(ctx, w(text(t)), 2.0 + 0.3 * len(tools), header=0.5)
    axes = fig.subplots(1, len(policies), squeeze=False, sharey=True)[0]
    for ax, policy in zip(axes, policies, strict=True):
        grid = t[t["policy"] == policy].pivot_table(index="tool", columns="year", values="value").reindex(index=tools, columns=years)
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
        ax.set_title(w.policy(policy))
        ax.grid(visible=False)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_ylim(len(tools) - 0.5, -0.5)
        ax.locator_params(axis="x", nbins=4 if len(policies) < CROWDED else 2, integer=True)
        ax.hlines(np.arange(len(tools)) + 0.5, years[0] - 0.5, years[-1] + 0.5, color=style.GRID, linewidth=0.5)
    axes[0].set_yticks(range(len(tools)), [wrap(cap(w.name("tool", x)), LABEL) for x in tools])
    bar = fig.colorbar(image, ax=list(axes), shrink=0.6, aspect=18, pad=0.02)
    least = min(1.0, float(t.loc[t["value"] > 0, "value"].min()))
    if least < top:
        bar.ax.set_ylim(least, top)  # none at all is left white
    bar.set_label(w("axis.count"), fontsize=9)
    bar.outline.set_visible(False)
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Tools by policy: value at the end of some years."""
    w = ctx.words
    years = sorted(t["year"].unique())[::-4][::-1]
    rows = t[t["year"].isin(years)].assign(cell=lambda x: [f"{v:.1f}".removesuffix(".0") for v in x["value"]])
    wide = rows.pivot_table(index=["tool", "policy"], columns="year", values="cell", aggfunc="first", sort=False).reset_index()
    wide["tool"] = [w.name("tool", x) for x in wide["tool"]]
    wide["policy"] = [w.policy(p) for p in wide["policy"]]
    return wide.rename(columns={"tool": w("network.tool"), "policy": w("table.policy")})


PLATE = Plate("instruments", table, draw, twin, text)
