"""Response of headline outcomes to forced participation in the alliance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import mean_interval
from ecsim.analysis.measures import HEADLINE, measure
from ecsim.analysis.study import NO_CONTROL, participation
from ecsim.analysis.text.words import number
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, legend

OUTCOMES = ("gap_added", "power_ratio_change", "unmet_need", "home_revenue", "ally_revenue", "leverage")
SENSES: dict[str, tuple[str, str, Any]] = {
    "extent": ("#0072B2", "o", "-"),
    "intensity": ("#D55E00", "D", (0, (5, 1.5))),
    "coalition": ("#009E73", "^", (0, (3, 1, 1, 1))),
}
LEVELS = 3  # fewer levels make no curve


def table(c: Comparison) -> pd.DataFrame | None:
    """outcome, sense, participation, mean, lo, hi, draws; sense "none" holds the level without controls."""
    runs = c.study.ok
    level = participation(runs)
    if level is None or level.nunique() < LEVELS:
        return None
    sense = runs["sense"].fillna("extent").replace("", "extent") if "sense" in runs else "extent"
    forced = runs.assign(level=level, sense=sense)[level.notna()]
    free = runs[runs["policy"] == NO_CONTROL]
    rows = []
    for outcome in (o for o in OUTCOMES if o in runs):
        for (kind, x), own in forced.groupby(["sense", "level"]):
            e = mean_interval(own[outcome].to_numpy(), own["draw"].to_numpy(), key=f"alliance|{outcome}|{kind}|{x}")
            rows.append({"outcome": outcome, "sense": kind, "participation": x, "mean": e.value, "lo": e.lo, "hi": e.hi, "draws": e.n})
        if len(free):
            e = mean_interval(free[outcome].to_numpy(), free["draw"].to_numpy(), key=f"alliance|{outcome}|none")
            rows.append(
                {"outcome": outcome, "sense": "none", "participation": np.nan, "mean": e.value, "lo": e.lo, "hi": e.hi, "draws": e.n}
            )
    return pd.DataFrame(rows)


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """One panel an outcome."""

    w = ctx.words
    outcomes = list(pd.unique(t["outcome"]))
    columns = min(3, len(outcomes))
    lines = -(-len(outcomes) // columns)
    fig = canvas(ctx, w("fig.alliance"), 1.5 + 2.35 * lines, note=w("source.interval") if t["lo"].notna().any() else "")
    axes = fig.subplots(lines, columns, sharex=True, squeeze=False).ravel()
    senses = [s for s in SENSES if s in set(t["sense"])]
    for ax, outcome in zip(axes, outcomes, strict=False):
        own = t[t["outcome"] == outcome]
        base = own[own["sense"] == "none"]
        if len(base):
            ax.axhline(
                float(base["mean"].iloc[0]), color=style.POLICY_COLOURS[NO_CONTROL], linestyle=style.POLICY_LINES[NO_CONTROL], linewidth=1.6
            )
        for sense in senses:
            colour, marker, line = SENSES[sense]
            rows = own[own["sense"] == sense].sort_values("participation")
            ax.fill_between(rows["participation"], rows["lo"], rows["hi"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(rows["participation"], rows["mean"], color=colour, marker=marker, markersize=4, linestyle=line, linewidth=1.7)
        m = measure(outcome)
        ax.set_title(w.outcome(outcome))
        ax.set_ylabel(w.name("column", m.unit))
    for ax in axes[len(outcomes) :]:
        ax.set_visible(False)
    axes[(lines - 1) * columns + (len(outcomes) - (lines - 1) * columns) // 2].set_xlabel(w("axis.participation"))
    handles = [Line2D([], [], color=SENSES[s][0], marker=SENSES[s][1], linestyle=SENSES[s][2], label=w(f"sense.{s}")) for s in senses]
    if (t["sense"] == "none").any():
        handles.append(
            Line2D([], [], color=style.POLICY_COLOURS[NO_CONTROL], linestyle=style.POLICY_LINES[NO_CONTROL], label=w.policy(NO_CONTROL))
        )
    legend(fig, handles)
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Levels by outcomes."""
    w = ctx.words
    t = t.assign(
        text=[
            number(m, measure(o).unit) + (f" ({w.interval(lo, hi, measure(o).unit)})" if np.isfinite(lo) and lo != hi else "")
            for m, lo, hi, o in zip(t["mean"], t["lo"], t["hi"], t["outcome"], strict=True)
        ]
    )
    t["level"] = [w.policy(NO_CONTROL) if np.isnan(x) else f"{x:.2f}" for x in t["participation"]]
    wide = t.pivot_table(index=["sense", "level"], columns="outcome", values="text", aggfunc="first", sort=False).reset_index()
    wide["sense"] = ["" if s == "none" else w.name("sense", s).split(":")[0] for s in wide["sense"]]
    return wide.rename(columns={"sense": "", "level": w("axis.participation")} | {o: w.outcome(o) for o in HEADLINE.values()})


PLATE = Plate("alliance", table, draw, twin)
