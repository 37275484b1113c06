"""Fan charts: how headline series unfold, with the bands from parameters and from seeds apart."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ecsim.analysis.bands import bands
from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import date_of
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, in_order, legend, wrap

SERIES = (
    ("power_ratio", "composite"),
    ("gap", "foundry_advanced"),
    ("gap", "accelerators"),
    ("unmet", "accelerators"),
    ("dissatisfaction", ""),
)
PERCENT = frozenset(("unmet", "self_sufficiency"))  # stored as shares
POLICIES_SHOWN = 5
TITLES = 84  # letters of the titles of all columns side by side


def table(c: Comparison) -> pd.DataFrame | None:
    """name, key, policy, quarter, median, parameters_lo, parameters_hi, seeds_lo, seeds_hi, runs."""
    parts = []
    shown = c.policies[:POLICIES_SHOWN]
    for name, key in SERIES:
        series = c.study.series(name, shown)
        series = series[(series["key"] == key) & series["value"].notna()]
        if len(series):
            parts.append(bands(series).assign(name=name))
    if not parts:
        return None
    t = pd.concat(parts, ignore_index=True)
    values = ["median", "parameters_lo", "parameters_hi", "seeds_lo", "seeds_hi"]
    t.loc[t["name"].isin(PERCENT), values] *= 100
    return t


def text(t: pd.DataFrame) -> str:
    """Which title applies: one run a policy has no bands."""
    return "fig.fans" if t["runs"].max() > 1 else "fig.fans.one"


def more(t: pd.DataFrame, ctx: Context) -> str:
    """How many policies are shown, where that is not all."""
    shown, all_of_them = t["policy"].nunique(), len(ctx.policies)
    return ctx.words("fig.fans.more", n=shown, all=all_of_them) if shown < all_of_them else ""


def title_of(name: str, key: str, ctx: Context) -> str:
    """Name of a series with what it is about and its unit."""
    w = ctx.words
    if w.has(f"series.{name}"):
        return w(f"series.{name}") if not w.has(f"series.{name}.of") else w(f"series.{name}.of", product=w.name("product", key))
    return w(f"series.{name}.of", product=w.name("product", key))


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """One row a series, one column a policy."""

    w = ctx.words
    rows = list(dict.fromkeys(zip(t["name"], t["key"], strict=True)))
    policies = in_order(ctx, t["policy"])
    fig = canvas(ctx, w(text(t)), 1.4 + 1.75 * len(rows))
    axes = fig.subplots(len(rows), len(policies), sharex=True, sharey="row", squeeze=False)
    for i, (name, key) in enumerate(rows):
        for j, policy in enumerate(policies):
            ax = axes[i][j]
            own = t[(t["name"] == name) & (t["key"] == key) & (t["policy"] == policy)]
            x = date_of(own["quarter"])
            ax.fill_between(x, own["parameters_lo"], own["parameters_hi"], color=style.PARAMETERS, alpha=0.6, linewidth=0)
            ax.fill_between(x, own["seeds_lo"], own["seeds_hi"], color=style.SEEDS, alpha=0.6, linewidth=0)
            ax.plot(x, own["median"], color=style.INK, linewidth=1.3)
            ax.locator_params(axis="x", nbins=4 if len(policies) < POLICIES_SHOWN else 3, integer=True)
            ax.locator_params(axis="y", nbins=4)
            if i == 0:
                ax.set_title(wrap(w.policy(policy), TITLES // len(policies)), color=ctx.colour(policy), pad=20)
        name_of_row = axes[i][0].annotate(
            title_of(name, key, ctx),
            (0, 1),
            xytext=(0, 5),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=9.5,
            color=style.MUTED,
            annotation_clip=False,
        )
        name_of_row.set_in_layout(False)  # it may run on over the next column …
        if i:
            axes[i][0].set_title(" ", pad=5)  # … but has a line of its own
    handles: list[Any] = [Line2D([], [], color=style.INK, linewidth=1.3, label=w("legend.median" if t["runs"].max() > 1 else "legend.run"))]
    if t["parameters_lo"].notna().any():
        handles.append(Patch(facecolor=style.PARAMETERS, alpha=0.6, label=w("legend.parameters")))
    if t["seeds_lo"].notna().any():
        handles.append(Patch(facecolor=style.SEEDS, alpha=0.6, label=w("legend.seeds")))
    legend(fig, handles)
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """The last quarter."""
    w = ctx.words
    last = t[t["quarter"] == t["quarter"].max()]
    cell = [f"{m:.3g}" for m in last["median"]]
    span = [
        tuple(f"{a:.3g} – {b:.3g}" if pd.notna(a) else "–" for a, b in ((r.parameters_lo, r.parameters_hi), (r.seeds_lo, r.seeds_hi)))
        for r in last.itertuples()
    ]
    return pd.DataFrame(
        {
            w("table.outcome"): [title_of(n, k, ctx) for n, k in zip(last["name"], last["key"], strict=True)],
            w("table.policy"): [w.policy(p) for p in last["policy"]],
            w("legend.median"): cell,
            w("legend.parameters"): [s[0] for s in span],
            w("legend.seeds"): [s[1] for s in span],
            w("table.runs"): last["runs"].tolist(),
        }
    )


PLATE = Plate("fans", table, draw, twin, text, more)
