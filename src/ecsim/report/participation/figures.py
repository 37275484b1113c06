"""Figures of a study of alliance participation: curves, members, delay, fence."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ecsim.analysis.measures import measure
from ecsim.analysis.participation.curves import REACHED, SENSES
from ecsim.analysis.participation.study import Participation
from ecsim.analysis.text.words import MINUS, Words
from ecsim.report import style
from ecsim.report.figures.base import HEADER, Context, canvas, cap, legend, unit_axis, wrap, zero_line

LOOKS: dict[str, tuple[str, str, Any]] = {
    "extent": ("#0B5394", "o", "-"),
    "intensity": ("#B35806", "D", (0, (5, 1.5))),
    "coalition": ("#4D8B31", "^", (0, (3, 1, 1, 1))),
}
KINDS: dict[str, tuple[str, str, float]] = {
    "shapley": (style.INK, "o", 0.0),
    "single": ("#0B5394", "<", -0.24),
    "exit": ("#B35806", ">", 0.24),
}
REACH: dict[str, tuple[str, str, Any]] = {"fdp": ("#0B5394", "o", "-"), "domestic": ("#B35806", "s", (0, (5, 1.5)))}
COLUMNS = 4
FINEST = 0.01  # of the scale of a column: on no finer one is a number in it shown
ROUNDING = 1e-9  # size below which a whole column is rounding error
FREE, BLANKET = (0, (1, 1.2)), (0, (6, 2))
FAR = 0.8  # of the height of the curves, beyond which a level is written and not drawn
LINE = 0.11  # share of a panel that a line of writing takes
PLACED = ("threshold", "saturation", "turn")  # verdicts on a bend whose place is known


def panels(
    ctx: Context, title: str, outcomes: list[str], note: str, *, header: float = HEADER, difference: bool = False
) -> tuple[Figure, list[Axes]]:
    """A grid of panels, one an outcome, with its name and unit, or with that of what it differs by."""
    lines = -(-len(outcomes) // COLUMNS)
    fig = canvas(ctx, title, 0.64 + header + 2.2 * lines, note=note, header=header)
    axes = list(fig.subplots(lines, min(COLUMNS, len(outcomes)), squeeze=False).ravel())
    for ax, outcome in zip(axes, outcomes, strict=False):
        ax.set_title(wrap(ctx.words.outcome(outcome), 30), fontsize=9.5)
        ax.set_ylabel(unit_axis(ax.yaxis, measure(outcome).unit, ctx.words, difference), fontsize=9)
    for ax in axes[len(outcomes) :]:
        ax.set_visible(False)
    return fig, axes


def response(p: Participation, ctx: Context) -> Figure:
    """Headline outcomes over participation in each sense, with threshold marks and the levels to break even with."""
    w, outcomes = ctx.words, list(p.headline)
    fig, axes = panels(ctx, w("part.response"), outcomes, w("part.bands"))
    for ax, outcome in zip(axes, outcomes, strict=False):
        for sense in SENSES:
            t = p.response[(p.response["outcome"] == outcome) & (p.response["sense"] == sense)]
            if t.empty:
                continue
            colour, marker, line = LOOKS[sense]
            if sense == "extent":
                ax.fill_between(t["participation"], t["q05"], t["q95"], color=colour, alpha=0.09, linewidth=0)
            ax.fill_between(t["participation"], t["lo"], t["hi"], color=colour, alpha=0.2, linewidth=0)
            ax.plot(t["participation"], t["mean"], color=colour, marker=marker, markersize=3, linestyle=line, linewidth=1.6)
        _thresholds(ax, p, outcome)
        _levels(ax, p, outcome, ctx)
        ax.set_xlim(-0.02, 1.02)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    for ax in axes[max(0, len(outcomes) - COLUMNS) : len(outcomes)]:
        ax.set_xlabel(w("part.axis"), fontsize=9)
    handles = [
        Line2D([], [], color=LOOKS[s][0], marker=LOOKS[s][1], linestyle=LOOKS[s][2], label=w(f"part.sense.{s}"))
        for s in SENSES
        if (p.response["sense"] == s).any()
    ]
    handles += [
        Line2D([], [], color=style.MUTED, linestyle=FREE, label=w("part.free")),
        Line2D([], [], color=style.MUTED, linestyle=BLANKET, label=w("part.blanket")),
        Line2D([], [], color=style.INK, marker="|", markersize=9, linestyle="-", linewidth=1, label=w("part.threshold")),
    ]
    legend(fig, handles)
    return fig


def _levels(ax: Axes, p: Participation, outcome: str, ctx: Context) -> None:
    """The levels to break even with; one that would press the curves flat is written at its edge."""
    lo, hi = ax.get_ylim()
    for part, line in (("free", FREE), ("blanket", BLANKET)):
        rows = p.runs[p.runs["part"] == part]
        if not len(rows):
            continue
        level = float(rows[outcome].mean())
        if lo - FAR * (hi - lo) <= level <= hi + FAR * (hi - lo):
            ax.axhline(level, color=style.MUTED, linestyle=line, linewidth=1.2, zorder=1)
            continue
        above = level > hi
        name = ctx.words(f"part.{part}") + ctx.words("list.colon")
        text = f"{'↑' if above else '↓'} {name}{ctx.words.number(level, measure(outcome).unit)}"
        foot = 0.0 if above else _foot(p, outcome)
        _make_room(ax, foot + LINE, above=above)
        y, side = (0.98, "top") if above else (foot + 0.02, "bottom")
        ax.text(0.99, y, text, transform=ax.transAxes, fontsize=7, color=style.MUTED, va=side, ha="right")


def _make_room(ax: Axes, share: float, *, above: bool) -> None:
    """Have the curves leave a share of the panel, at its head or its foot, to what is written there."""
    lo, hi = ax.get_ylim()
    whole = (hi - lo) / (1.0 - share)
    ax.set_ylim((lo, lo + whole) if above else (hi - whole, hi))


def stepped(t: pd.DataFrame) -> pd.Series:
    """Rows of thresholds of which the largest step is told: most of the change lies there, or no line fits and resamples agree where."""
    return (t["verdict"] == "step") | ((t["verdict"] == "uneven") & (t["step_agreed"] >= REACHED))


def _bends(p: Participation, outcome: str) -> list[dict[str, Any]]:
    """Bends and steps of an outcome that have a place, with the height at which each is drawn, as a share of the panel."""
    t = p.thresholds
    t = t[(t["outcome"] == outcome) & (t["verdict"].isin(PLACED) | stepped(t))] if len(t) else t
    return [{**row, "height": 0.03 + 0.05 * SENSES.index(row["sense"])} for row in t.to_dict("records")]


def _foot(p: Participation, outcome: str) -> float:
    """How much of the panel the marks of bends take up, from its foot."""
    return max((row["height"] + 0.03 for row in _bends(p, outcome)), default=0.0)


def _thresholds(ax: Axes, p: Participation, outcome: str) -> None:
    """Where each sense's curve bends, with its interval, or its largest step, stacked at the foot of the panel."""
    for row in _bends(p, outcome):
        height = row["height"]
        colour = LOOKS[row["sense"]][0]
        if row["verdict"] not in PLACED:
            step = [row["step_from"], row["step_to"]]
            ax.plot(step, [height] * 2, transform=ax.get_xaxis_transform(), color=colour, linewidth=3.5, solid_capstyle="butt")
            continue
        ax.plot([row["lo"], row["hi"]], [height] * 2, transform=ax.get_xaxis_transform(), color=colour, linewidth=1.2)
        ax.plot([row["threshold"]], [height], transform=ax.get_xaxis_transform(), color=colour, marker="|", markersize=9, markeredgewidth=2)


def members(p: Participation, ctx: Context, outcomes: list[str]) -> Figure:
    """Each member's Shapley value, what it adds alone and what its exit costs; members by Shapley value of the first outcome."""
    w, t = ctx.words, p.by_member
    order = ranked(p, outcomes[0])
    fig = canvas(ctx, w("part.members"), 1.75 + 0.36 * len(order), note=w("source.interval"))
    axes = fig.subplots(1, len(outcomes), sharey=True, squeeze=False).ravel()
    for ax, outcome in zip(axes, outcomes, strict=True):
        zero_line(ax, vertical=True)
        for kind, (colour, marker, offset) in KINDS.items():
            own = t[(t["outcome"] == outcome) & (t["kind"] == kind)].set_index("member").reindex(order)
            y = np.arange(len(order)) + offset
            ax.hlines(y, own["lo"], own["hi"], color=colour, linewidth=1.3, alpha=0.8)
            ax.plot(own["value"], y, linestyle="none", marker=marker, markersize=5 if kind == "shapley" else 4.5, color=colour)
        ax.set_title(wrap(w.outcome(outcome), 34))
        ax.set_xlabel(unit_axis(ax.xaxis, measure(outcome).unit, w, difference=True))
        ax.set_yticks(np.arange(len(order)), [cap(w.name("state", m)) for m in order])
        ax.set_ylim(len(order) - 0.45, -0.55)
        ax.grid(visible=False, axis="y")
        for line in range(1, len(order)):
            ax.axhline(line - 0.5, color=style.GRID, linewidth=0.6, zorder=0)
    legend(fig, [Line2D([], [], color=c, marker=m, linestyle="-", label=w(f"part.kind.{k}")) for k, (c, m, _) in KINDS.items()])
    return fig


def ranked(p: Participation, outcome: str, kind: str = "shapley") -> list[str]:
    """Members by their value for an outcome, those that serve the controller most first."""
    t = p.by_member[(p.by_member["outcome"] == outcome) & (p.by_member["kind"] == kind)]
    turned = t["value"] * (measure(outcome).better or 1)
    return [str(m) for m in t.assign(turned=turned).sort_values("turned", ascending=False, kind="stable")["member"]]


def contributions(p: Participation, ctx: Context) -> Figure:
    """Shapley values of all members for all headline outcomes, coloured by whether they serve the controller."""
    w, outcomes = ctx.words, list(p.headline)
    t = p.by_member[p.by_member["kind"] == "shapley"]
    order = ranked(p, "gap_added" if "gap_added" in outcomes else outcomes[0])
    grid = t.pivot_table(index="member", columns="outcome", values="value").reindex(index=order, columns=outcomes)
    clear = t.assign(c=t["clear"].astype(float)).pivot_table(index="member", columns="outcome", values="c").reindex(order)[outcomes]
    scales = {o: scale_in(grid[o]) for o in outcomes}
    turned = grid / grid.abs().max().replace(0, 1) * np.array([measure(o).better or 0 for o in outcomes])
    fig = canvas(ctx, w("part.contributions"), 1.9 + 0.34 * len(order), header=0.55)
    ax = fig.subplots()
    colours = style.two_sided(style.WORSE, style.BETTER)
    ax.pcolormesh(turned.to_numpy(dtype=float), cmap=colours, vmin=-1, vmax=1, edgecolors="white", linewidth=1.5)
    for (i, j), value in np.ndenumerate(grid.to_numpy(dtype=float)):
        sure = clear.iat[i, j] == 1
        text = short(value, own_scale(value, scales[outcomes[j]], sure=sure))
        ax.text(
            j + 0.5,
            i + 0.5,
            w.shown(measure(outcomes[j]).unit).text(text),
            ha="center",
            va="center",
            fontsize=8.5,
            color=style.text_on(colours(0.5 + 0.5 * turned.iat[i, j])),
            fontweight="bold" if sure and text != "0" else "normal",
        )
    names = [wrap(w.outcome(o), 13) + "\n" + w.aside("", w.column(measure(o).unit, difference=True)) for o in outcomes]
    ax.set_xticks(np.arange(len(outcomes)) + 0.5, names, fontsize=8.5)
    ax.set_yticks(np.arange(len(order)) + 0.5, [cap(w.name("state", m)) for m in order])
    ax.xaxis.tick_top()
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return fig


def short(value: float, scale: float | None = None) -> str:
    """A number with two significant digits; of its own size, or of a scale that it is read against."""
    size = abs(value) if scale is None else scale
    digits = 0 if not size else max(0, 1 - math.floor(math.log10(size)))
    text = f"{value:.{digits}f}"
    return ("0" if float(text) == 0 else text).replace("-", MINUS)


def scale_in(values: Iterable[float]) -> float:
    """The scale that a column of numbers is read on: its largest size; 1 where all of it is rounding error."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return largest if largest > ROUNDING else 1.0


def own_scale(value: float, scale: float, *, sure: bool) -> float:
    """The scale of a number in a column: the column's, or a finer one where that would show as 0 what is surely not."""
    finer = max(abs(value), FINEST * scale)
    return finer if sure and short(value, scale) == "0" != short(value, finer) else scale


def delay(p: Participation, ctx: Context) -> Figure:
    """What is changed by joining later, by quarters of delay."""
    w = ctx.words
    outcomes = [o for o in p.headline if o in set(p.delay["outcome"])]
    fig, axes = panels(ctx, w("part.delay"), outcomes, w("source.interval"), header=0.5, difference=True)
    for ax, outcome in zip(axes, outcomes, strict=False):
        t = p.delay[p.delay["outcome"] == outcome]
        zero_line(ax)
        ax.fill_between(t["delay"], t["lo"], t["hi"], color=LOOKS["extent"][0], alpha=0.2, linewidth=0)
        ax.plot(t["delay"], t["change"], color=LOOKS["extent"][0], marker="o", markersize=3.5, linewidth=1.6)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.ticklabel_format(axis="y", style="sci", scilimits=(-3, 4), useMathText=True)
    for ax in axes[max(0, len(outcomes) - COLUMNS) : len(outcomes)]:
        ax.set_xlabel(w("part.axis.delay"), fontsize=9)
    return fig


def fence(p: Participation, ctx: Context) -> Figure:
    """What everybody's joining adds, by height of the fence, with and without direct-product reach."""
    w = ctx.words
    outcomes = [o for o in p.headline if o in set(p.interaction["outcome"])]
    fig, axes = panels(ctx, w("part.fence"), outcomes, w("source.interval"), difference=True)
    for ax, outcome in zip(axes, outcomes, strict=False):
        zero_line(ax)
        t = p.interaction[p.interaction["outcome"] == outcome]
        for reach, (colour, marker, line) in REACH.items():
            own = t[t["term"].str.startswith(f"{reach}=")]
            x = own["term"].str.split("=").str[1].astype(float)
            ax.fill_between(x, own["lo"], own["hi"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(x, own["value"], color=colour, marker=marker, markersize=4, linestyle=line, linewidth=1.6)
    for ax in axes[max(0, len(outcomes) - COLUMNS) : len(outcomes)]:
        ax.set_xlabel(w("part.axis.height"), fontsize=9)
    legend(fig, [Line2D([], [], color=c, marker=m, linestyle=s, label=w(f"part.reach.{r}")) for r, (c, m, s) in REACH.items()])
    return fig


def break_even(p: Participation, ctx: Context) -> Figure:
    """Where participation makes the policy as good as no controls and as blanket controls: one row an outcome."""
    w, t = ctx.words, p.break_even
    outcomes = [o for o in p.headline if o in set(t["outcome"])]
    fig = canvas(ctx, w("part.even"), 1.7 + 0.5 * len(outcomes), note=w("part.even.note"))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, against in zip(axes, ("free", "blanket"), strict=True):
        for sense in SENSES:
            colour, marker, _ = LOOKS[sense]
            offset = 0.24 * (SENSES.index(sense) - 1)
            for i, outcome in enumerate(outcomes):
                rows = t[(t["outcome"] == outcome) & (t["sense"] == sense) & (t["against"] == against)].to_dict("records")
                for row in rows:
                    _even_mark(ax, row, i + offset, colour, marker)
        ax.set_title(w(f"part.against.{against}"))
        ax.set_xlim(0, 1)
        ax.set_ylim(len(outcomes) - 0.5, -0.5)
        ax.set_yticks(range(len(outcomes)), [w.outcome(o) for o in outcomes])
        ax.set_xlabel(w("part.axis"))
        for line in range(1, len(outcomes)):
            ax.axhline(line - 0.5, color=style.GRID, linewidth=0.6, zorder=0)
        ax.grid(visible=False, axis="y")
    handles: list[Any] = [
        Line2D([], [], color=LOOKS[s][0], marker=LOOKS[s][1], linestyle="none", label=w(f"part.sense.{s}")) for s in SENSES
    ]
    handles += [Patch(color=style.BETTER, alpha=0.35, label=w("part.better")), Patch(color=style.WORSE, alpha=0.35, label=w("part.worse"))]
    legend(fig, handles)
    return fig


def _even_mark(ax: Axes, row: dict[str, Any], y: float, colour: str, marker: str) -> None:
    """A bar that says where the policy is better and where worse, and the break-even point with its interval."""
    point = row["participation"]
    edges = [0.0, *(float(place) for place in row["crossings"].split("; ") if place), 1.0]
    better = row["gain_at_all"] > 0
    if row["verdict"] != "same":
        for lo, hi in reversed(list(itertools.pairwise(edges))):
            ax.barh(y, hi - lo, left=lo, height=0.2, color=style.BETTER if better else style.WORSE, alpha=0.35, linewidth=0)
            better = not better
    if not np.isnan(point):
        ax.hlines(y, row["lo"], row["hi"], color=colour, linewidth=1.4)
        ax.plot([point], [y], marker=marker, color=colour if row["verdict"] == "found" else "white", markeredgecolor=colour, markersize=5.5)


def twin(t: pd.DataFrame, ctx: Context, index: list[str], value: str = "mean") -> pd.DataFrame:
    """Numbers with intervals, points by outcomes; all but means are differences."""
    w, difference = ctx.words, value != "mean"
    shown = t.copy()
    scales = {str(o): scale_in(own) for o, own in t.groupby("outcome")[value]}
    shown["text"] = [
        _told(v, lo, hi, measure(o).unit, scales[o], w, signed=difference)
        for v, lo, hi, o in zip(t[value], t["lo"], t["hi"], t["outcome"], strict=True)
    ]
    wide = shown.pivot_table(index=index, columns="outcome", values="text", aggfunc="first", sort=False).reset_index()
    return wide.rename(columns={o: w.aside(w.outcome(o), w.column(measure(o).unit, difference)) for o in scales})


def _told(value: float, lo: float, hi: float, unit: str, scale: float, w: Words, *, signed: bool) -> str:
    """A number and its interval, if it has one, with the decimals of its unit or as many as give its column two digits that tell."""
    scale = own_scale(value, scale, sure=lo * hi > 0)
    text = w.number(value, unit, signed=signed, scale=scale)
    return w.aside(text, w.interval(lo, hi, unit, scale)) if np.isfinite(lo) and lo != hi else text
