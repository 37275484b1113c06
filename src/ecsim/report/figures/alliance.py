"""Response of headline outcomes to forced participation in the alliance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import mean_interval
from ecsim.analysis.measures import measure
from ecsim.analysis.study import NO_CONTROL, participation
from ecsim.report.figures.base import Context, Plate, canvas, legend, unit_axis, wrap

OUTCOMES = ("gap_added", "power_ratio_change", "unmet_need", "home_revenue", "ally_revenue", "leverage")
LOOKS: dict[str, tuple[str, Any]] = {"extent": ("o", "-"), "intensity": ("D", (0, (5, 1.5))), "coalition": ("^", (0, (3, 1, 1, 1)))}
NONE = "none"
CURVE = ["base", "sense", "level"]
LEVELS = 3  # fewer levels make no curve
TITLE = 30  # letters of a line above a panel


def table(c: Comparison) -> pd.DataFrame | None:
    """outcome, policy, sense, participation, mean, lo, hi, draws; sense "none" holds the level without controls.

    `policy` is the policy whose alliance is forced: the label up to its first colon. None with fewer than three levels, and where
    levels differ by their draws, as where participation was drawn: between them no line would be of participation alone.
    """
    runs = c.study.ok
    planned, forced = _levels(c, c.study.runs), _levels(c, runs)
    if forced["level"].nunique() < LEVELS or planned.groupby(CURVE)["draw"].agg(frozenset).nunique() > 1:
        return None
    free = runs[runs["policy"] == NO_CONTROL]
    rows = []
    for outcome in (o for o in OUTCOMES if o in runs):
        for (policy, kind, x), own in forced.groupby(CURVE):
            rows.append(_row(outcome, str(policy), str(kind), float(x), own))
        if len(free):
            rows.append(_row(outcome, NO_CONTROL, NONE, np.nan, free))
    return pd.DataFrame(rows)


def _levels(c: Comparison, runs: pd.DataFrame) -> pd.DataFrame:
    """The runs in which the alliance was forced, with base (the policy), sense and level."""
    level = participation(runs)
    if level is None:
        return runs.iloc[:0].assign(base="", sense="", level=np.nan)
    default = _declared_sense(c)
    sense = runs["sense"].fillna(default).replace("", default) if "sense" in runs else default
    base = runs["policy"].astype(str).str.split(":").str[0]
    return runs.assign(level=level, sense=sense, base=base)[level.notna()]


def _declared_sense(c: Comparison) -> str:
    """Sense of participation in the configuration of the study."""
    config = c.study.manifest.get("config")
    alliance = config.get("alliance") if isinstance(config, dict) else None
    mode = alliance.get("mode") if isinstance(alliance, dict) else None
    return mode if mode in LOOKS else "extent"


def _row(outcome: str, policy: str, sense: str, level: float, runs: pd.DataFrame) -> dict[str, Any]:
    e = mean_interval(runs[outcome].to_numpy(), runs["draw"].to_numpy(), key=f"alliance|{outcome}|{policy}|{sense}|{level}")
    known = {"outcome": outcome, "policy": policy, "sense": sense, "participation": level}
    return known | {"mean": e.value, "lo": e.lo, "hi": e.hi, "draws": e.n}


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """One panel an outcome; one curve a policy and sense, a policy's colour and a sense's marker and line."""
    w = ctx.words
    outcomes = list(pd.unique(t["outcome"]))
    columns = min(3, len(outcomes))
    lines = -(-len(outcomes) // columns)
    fig = canvas(ctx, w("fig.alliance"), 1.5 + 2.35 * lines, note=w("source.interval") if t["lo"].notna().any() else "")
    axes = fig.subplots(lines, columns, sharex=True, squeeze=False).ravel()
    curves = list(dict.fromkeys(zip(t["policy"], t["sense"], strict=True)))
    for ax, outcome in zip(axes, outcomes, strict=False):
        for policy, sense in curves:
            rows = t[(t["outcome"] == outcome) & (t["policy"] == policy) & (t["sense"] == sense)].sort_values("participation")
            if sense == NONE:
                ax.axhline(float(rows["mean"].iloc[0]), color=ctx.colour(policy), linestyle=ctx.line(policy), linewidth=1.6)
                continue
            marker, line = LOOKS[sense]
            colour = ctx.colour(policy)
            ax.fill_between(rows["participation"], rows["lo"], rows["hi"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(rows["participation"], rows["mean"], color=colour, marker=marker, markersize=4, linestyle=line, linewidth=1.7)
        ax.set_title(wrap(w.outcome(outcome), TITLE), fontsize=9.5)
        ax.set_ylabel(unit_axis(ax.yaxis, measure(outcome).unit, w))
    for ax in axes[len(outcomes) :]:
        ax.set_visible(False)
    last = outcomes[(lines - 1) * columns :]
    axes[(lines - 1) * columns + len(last) // 2].set_xlabel(w("axis.participation"))
    legend(fig, [_handle(policy, sense, ctx) for policy, sense in curves])
    return fig


def _handle(policy: str, sense: str, ctx: Context) -> Line2D:
    w = ctx.words
    if sense == NONE:
        return Line2D([], [], color=ctx.colour(policy), linestyle=ctx.line(policy), label=w.policy(policy))
    marker, line = LOOKS[sense]
    return Line2D(
        [], [], color=ctx.colour(policy), marker=marker, linestyle=line, label=w.policy(policy) + w("list.part") + w(f"sense.{sense}")
    )


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Levels by outcomes."""
    w = ctx.words
    cells = [
        w.aside(w.number(m, measure(o).unit), w.interval(lo, hi, measure(o).unit))
        if np.isfinite(lo) and lo != hi
        else w.number(m, measure(o).unit)
        for m, lo, hi, o in zip(t["mean"], t["lo"], t["hi"], t["outcome"], strict=True)
    ]
    names = [
        w.policy(p) if s == NONE else w.policy(p) + w("list.part") + w(f"sense.{s}") for p, s in zip(t["policy"], t["sense"], strict=True)
    ]
    levels = ["–" if np.isnan(x) else f"{x:.2f}" for x in t["participation"]]
    t = t.assign(text=cells, name=names, level=levels)
    wide = t.pivot_table(index=["name", "level"], columns="outcome", values="text", aggfunc="first", sort=False).reset_index()
    return wide.rename(columns={"name": w("table.policy"), "level": w("axis.participation")} | {o: w.outcome(o) for o in OUTCOMES})


def _lines(t: pd.DataFrame, ctx: Context) -> str:
    """What intervals and lines are, of those that are drawn."""
    w = ctx.words
    told = [w("fig.alliance.interval")] if t["lo"].notna().any() else []
    told += [w("fig.alliance.free")] if (t["sense"] == NONE).any() else []
    return w("sentence.space").join(told)


PLATE = Plate("alliance", table, draw, twin, more=_lines)
