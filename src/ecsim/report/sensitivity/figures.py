"""Figures of a sensitivity study: tornado, Sobol bars, convergence, screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ecsim.analysis.measures import measure
from ecsim.analysis.sensitivity.study import Sensitivity
from ecsim.report import style
from ecsim.report.figures.base import Context, canvas, factor_name, legend, unit_axis, wrap, zero_line

FIRST, TOTAL = "#33567F", "#9DB7D5"
COLOURS = ("#0B5394", "#B35806", "#4D8B31", "#7B3294", "#B08B1E", "#BB5566", "#44AA99", "#55606A", "#CC79A7", "#1A1A1A")
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
ARROW: dict[str, Any] = {"color": style.INK, "markersize": 3.5, "linestyle": "none"}
HOLLOW: dict[str, Any] = {"marker": "o", "markersize": 5, "color": "white", "markeredgecolor": style.MUTED}
WINDOW = (-0.25, 1.25)  # of an axis of indices; true ones lie from 0 to 1
COLUMNS = 4
LETTERS = 34
TITLE = 24  # letters of a panel's title in a line


def _grid(ctx: Context, title: str, outcomes: list[str], height: float, note: str, *, sharey: bool = True) -> tuple[Figure, list[Axes]]:
    columns = min(COLUMNS, len(outcomes))
    lines = -(-len(outcomes) // columns)
    fig = canvas(ctx, title, 1.5 + height * lines, note=note)
    axes = list(fig.subplots(lines, columns, squeeze=False, sharey=sharey).ravel())
    for ax, outcome in zip(axes, outcomes, strict=False):
        ax.set_title(wrap(ctx.words.outcome(outcome), TITLE), fontsize=9.5)
    for ax in axes[len(outcomes) :]:
        ax.set_visible(False)
    return fig, axes


def bars(s: Sensitivity, ctx: Context) -> Figure:
    """First and total order of every factor, one panel an outcome."""
    w, outcomes = ctx.words, list(s.headline)
    order = by_total(s)
    note = w("list.semicolon").join([w("sens.interval"), *([w("sens.beyond")] if beyond(s) else [])])
    fig, axes = _grid(ctx, w("sens.bars"), outcomes, 0.9 + 0.32 * len(order), note)
    for ax, outcome in zip(axes, outcomes, strict=False):
        t = s.sobol[s.sobol["outcome"] == outcome].set_index("factor").reindex(order)
        y = np.arange(len(order))
        low = max(WINDOW[0], min(0.0, 1.05 * float(np.nanmin(t[["s1_lo", "st_lo"]]))))
        high = min(WINDOW[1], max(1.0, 1.02 * float(np.nanmax(t[["s1_hi", "st_hi"]]))))
        for key, colour, offset in (("st", TOTAL, 0.18), ("s1", FIRST, -0.18)):
            ax.barh(y + offset, t[key].clip(0.0, high), height=0.34, color=colour, linewidth=0)
            ax.hlines(y + offset, t[f"{key}_lo"].clip(low, high), t[f"{key}_hi"].clip(low, high), color=style.INK, linewidth=0.9)
            for edge, marker, off in ((low, "<", t[f"{key}_lo"] < low), (high, ">", t[f"{key}_hi"] > high)):
                for mark in ax.plot(np.full(off.sum(), edge), y[off] + offset, clip_on=False, marker=marker, **ARROW) if off.any() else ():
                    mark.set_in_layout(False)
        ax.set_yticks(y, [wrap(factor_name(f, w), LETTERS) for f in order], fontsize=8)
        ax.set_ylim(len(order) - 0.5, -0.5)
        ax.set_xlim(low, high)
        ax.grid(visible=False, axis="y")
    legend(fig, [Patch(color=FIRST, label=w("sens.first")), Patch(color=TOTAL, label=w("sens.total"))])
    return fig


def beyond(s: Sensitivity) -> bool:
    """Whether an interval runs off the window of the axis."""
    t = s.sobol[s.sobol["outcome"].isin(s.headline)]
    return bool((t[["s1_lo", "st_lo"]].min(axis=None) < WINDOW[0]) | (t[["s1_hi", "st_hi"]].max(axis=None) > WINDOW[1]))


def by_total(s: Sensitivity) -> list[str]:
    """Factors by their largest total order over the headline outcomes."""
    t = s.sobol[s.sobol["outcome"].isin(s.headline)]
    return [str(f) for f in t.groupby("factor", sort=False)["st"].max().sort_values(ascending=False, kind="stable").index]


def tornado(s: Sensitivity, ctx: Context) -> Figure:
    """Mean effect of moving each factor over its whole range, one panel an outcome."""
    w, t = ctx.words, s.morris
    outcomes = [o for o in s.headline if o in set(t["outcome"])]
    share = t.assign(share=t["mu_star"] / t.groupby("outcome")["mu_star"].transform("max")).groupby("factor", sort=False)["share"].max()
    order = [str(f) for f in share.sort_values(ascending=False, kind="stable").index][:14]
    fig, axes = _grid(ctx, w("sens.tornado"), outcomes, 0.9 + 0.26 * len(order), w("source.interval"))
    for ax, outcome in zip(axes, outcomes, strict=False):
        own = t[t["outcome"] == outcome].set_index("factor").reindex(order)
        better = measure(outcome).better
        y = np.arange(len(order))
        colours = [style.MUTED if not better else style.BETTER if v * better > 0 else style.WORSE for v in own["mu"]]
        ax.barh(y, own["mu"], height=0.6, color=colours, linewidth=0, alpha=0.8)
        ax.hlines(y, own["mu_lo"], own["mu_hi"], color=style.INK, linewidth=0.9)
        zero_line(ax, vertical=True)
        ax.locator_params(axis="x", nbins=4)
        ax.set_yticks(y, [wrap(factor_name(f, w), LETTERS) for f in order], fontsize=8)
        ax.set_ylim(len(order) - 0.5, -0.5)
        ax.set_xlabel(unit_axis(ax.xaxis, measure(outcome).unit, w), fontsize=9)
        ax.grid(visible=False, axis="y")
    legend(fig, [Patch(color=style.BETTER, alpha=0.8, label=w("sens.better")), Patch(color=style.WORSE, alpha=0.8, label=w("sens.worse"))])
    return fig


def screen(s: Sensitivity, ctx: Context) -> Figure:
    """Strength against spread of elementary effects: to the right matters, far up interacts or bends."""
    w, t = ctx.words, s.morris
    outcomes = [o for o in s.headline if o in set(t["outcome"])]
    fig, axes = _grid(ctx, w("sens.screen"), outcomes, 2.25, "", sharey=False)
    kept = [f for f in by_total(s) if f in set(t["factor"])][: len(COLOURS)]
    for ax, outcome in zip(axes, outcomes, strict=False):
        own = t[t["outcome"] == outcome].set_index("factor")
        top = float(max(own["mu_star"].max(), own["sigma"].max())) * 1.1 or 1.0
        ax.plot([0, top], [0, top], color=style.MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        rest = own.drop(index=kept)
        ax.plot(rest["mu_star"], rest["sigma"], linestyle="none", **HOLLOW)
        for i, factor in enumerate(kept):
            ax.plot(own.loc[factor, "mu_star"], own.loc[factor, "sigma"], color=COLOURS[i], marker=SHAPES[i % len(SHAPES)], markersize=6)
        ax.set_xlim(0, top)
        ax.set_ylim(0, top)
        ax.set_xlabel(w.aside("μ*", unit_axis(ax.xaxis, measure(outcome).unit, w)), fontsize=9)
        unit_axis(ax.yaxis, measure(outcome).unit, w)  # σ has the unit of μ*
        ax.set_ylabel("σ", fontsize=9)
        ax.locator_params(nbins=3)
    handles = [
        Line2D([], [], color=COLOURS[i], marker=SHAPES[i % len(SHAPES)], linestyle="none", label=factor_name(f, w))
        for i, f in enumerate(kept)
    ]
    legend(fig, [*handles, Line2D([], [], linestyle="none", label=w("sens.rest"), **HOLLOW)])
    return fig


def converging(s: Sensitivity, ctx: Context) -> Figure:
    """Total order against the number of base points."""
    w, t, order = ctx.words, s.converging, by_total(s)
    outcomes = [o for o in s.headline if o in set(t["outcome"])]
    fig, axes = _grid(ctx, w("sens.converging"), outcomes, 2.2, w("sens.interval"))
    for ax, outcome in zip(axes, outcomes, strict=False):
        for i, factor in enumerate(order[: len(COLOURS)]):
            own = t[(t["outcome"] == outcome) & (t["factor"] == factor)].sort_values("n")
            ax.fill_between(own["n"], own["st_lo"], own["st_hi"], color=COLOURS[i], alpha=0.1, linewidth=0)
            ax.plot(own["n"], own["st"], color=COLOURS[i], marker="o", markersize=3, linewidth=1.4)
        ax.set_ylim(-0.2, min(2.0, max(1.2, 1.05 * float(t["st"].max()))))
        ax.set_xscale("log", base=2)
        steps = sorted(t["n"].unique())
        ax.set_xticks(steps, [str(int(n)) for n in steps])
        ax.minorticks_off()
        ax.set_xlabel(w("sens.points"), fontsize=9)
    legend(fig, [Line2D([], [], color=COLOURS[i], marker="o", label=factor_name(f, w)) for i, f in enumerate(order[: len(COLOURS)])])
    return fig
