"""Figures of a sweep: outcomes over each swept number, or by point where no number was swept."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecsim.analysis.grid import Grid
from ecsim.analysis.measures import measure
from ecsim.analysis.text.words import Words
from ecsim.report import style
from ecsim.report.figures.base import Context, canvas, factor_name, legend, unit_axis, wrap, zero_line
from ecsim.report.sensitivity.figures import COLOURS, SHAPES

CURVES = 8  # that can be told apart
ROWS = 40  # points of a figure by point
COLUMNS = 4


def grouping(g: Grid, key: str) -> list[str]:
    """What tells the curves over a number apart: as much of the rest as can be told apart."""
    others = [k for k in g.numeric if k != key and g.runs[k].nunique() > 1]
    lines = ["line"] if len(g.lines) > 1 else []
    for by in ([*lines, *others], lines, []):
        if not by or len(g.runs[by].drop_duplicates()) <= CURVES:
            return by
    return []


def curve_name(name: str, w: Words) -> str:
    """A curve in words: the policy, and the other swept numbers."""
    parts = []
    for part in name.split("|") if name else []:
        key, equals, value = part.rpartition("=")
        named = bool(equals) and "." in key and ":" not in key
        parts.append(f"{factor_name(key, w)} {value}" if named else w.policy(part))
    return w("list.comma").join(parts) or w("grid.all")


def response(g: Grid, key: str, ctx: Context) -> Figure:
    """Headline outcomes over one swept number."""
    w, t = ctx.words, g.over(key, grouping(g, key))
    lines = -(-len(g.outcomes) // COLUMNS)
    note = w("source.interval") if t["lo"].notna().any() else ""
    fig = canvas(ctx, wrap(w("grid.response", name=factor_name(key, w)), 90), 1.5 + 2.2 * lines, note=note)
    axes = list(fig.subplots(lines, COLUMNS, squeeze=False).ravel())
    curves = list(dict.fromkeys(t["curve"]))
    looks = {
        name: (style.POLICY_COLOURS.get(name, COLOURS[i % len(COLOURS)]), style.POLICY_MARKERS.get(name, SHAPES[i % len(SHAPES)]))
        for i, name in enumerate(curves)
    }
    for ax, outcome in zip(axes, g.outcomes, strict=False):
        for name, (colour, marker) in looks.items():
            own = t[(t["outcome"] == outcome) & (t["curve"] == name)]
            ax.fill_between(own[key], own["lo"], own["hi"], color=colour, alpha=0.16, linewidth=0)
            ax.plot(own[key], own["mean"], color=colour, marker=marker, markersize=3.5, linewidth=1.6)
        ax.set_title(wrap(w.outcome(outcome), 28), fontsize=9.5)
        ax.set_ylabel(unit_axis(ax.yaxis, measure(outcome).unit, w), fontsize=9)
    for ax in axes[max(0, len(g.outcomes) - COLUMNS) : len(g.outcomes)]:
        ax.set_xlabel(wrap(factor_name(key, w), 30), fontsize=9)
    for ax in axes[len(g.outcomes) :]:
        ax.set_visible(False)
    legend(fig, [Line2D([], [], color=c, marker=m, label=curve_name(name, w)) for name, (c, m) in looks.items()])
    return fig


def by_point(g: Grid, ctx: Context) -> Figure:
    """Headline outcomes of every point, one row each."""
    w = ctx.words
    order = list(dict.fromkeys(g.points["point"]))[:ROWS]
    lines = -(-len(g.outcomes) // COLUMNS)
    note = w("source.interval") if g.points["lo"].notna().any() else ""
    fig = canvas(ctx, w("grid.points"), 0.9 + lines * (0.9 + 0.22 * len(order)), note=note, header=0.5)
    axes = list(fig.subplots(lines, COLUMNS, squeeze=False, sharey=True).ravel())
    y = np.arange(len(order))
    for ax, outcome in zip(axes, g.outcomes, strict=False):
        own = g.points[g.points["outcome"] == outcome].set_index("point").reindex(order)
        colours: Any = [style.POLICY_COLOURS.get(str(line).split("+")[0], style.INK) for line in own["line"]]
        ax.hlines(y, own["lo"], own["hi"], color=colours, linewidth=1.3)
        ax.scatter(own["mean"], y, color=colours, s=22, zorder=3)
        if own["mean"].min() < 0 < own["mean"].max():
            zero_line(ax, vertical=True)
        ax.set_title(wrap(w.outcome(outcome), 26), fontsize=9.5)
        ax.set_xlabel(unit_axis(ax.xaxis, measure(outcome).unit, w), fontsize=9)
        ax.set_yticks(y, [w.policy(p) for p in order], fontsize=7.5)
        ax.set_ylim(len(order) - 0.5, -0.5)
    for ax in axes[len(g.outcomes) :]:
        ax.set_visible(False)
    return fig
