"""Figures of the two designs beside the main comparison: equal cost, and the factorial."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecsim.analysis.compare import Comparison
from ecsim.analysis.measures import measure
from ecsim.analysis.text.words import MINUS, number, scale_of
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, effect_axis, legend, unit_axis, wrap, zero_line

TITLE = 18  # letters of a panel's title in a line


def equal_table(c: Comparison) -> pd.DataFrame | None:
    """outcome, cost, family (or "a − b"), effect, lo, hi, reached, draws, note; effect turned so that more serves the controller."""
    return c.equal_cost if len(c.equal_cost) else None


def draw_equal(t: pd.DataFrame, ctx: Context) -> Figure:
    """Above, what each family achieves at a cost; below, the difference of the first two."""

    w = ctx.words
    outcomes = list(pd.unique(t["outcome"]))
    own = t[~t["family"].str.contains(f" {MINUS} ")]
    apart = t[t["family"].str.contains(f" {MINUS} ")]
    families = list(pd.unique(own["family"]))
    fig = canvas(ctx, w("fig.equal"), 5.4 if len(apart) else 3.8, note=w("source.interval"))
    axes = fig.subplots(2 if len(apart) else 1, len(outcomes), sharex=True, squeeze=False, height_ratios=[1.5, 1][: 2 if len(apart) else 1])
    for j, outcome in enumerate(outcomes):
        ax = axes[0][j]
        for family in families:
            rows = own[(own["outcome"] == outcome) & (own["family"] == family)]
            ax.fill_between(rows["cost"], rows["lo"], rows["hi"], color=ctx.colour(family), alpha=0.18, linewidth=0)
            ax.plot(
                rows["cost"],
                rows["effect"],
                color=ctx.colour(family),
                linestyle=ctx.line(family),
                marker=ctx.marker(family),
                markersize=4.5,
                linewidth=1.8,
            )
        ax.set_title(w.outcome(outcome))
        ax.set_ylabel(effect_axis(ax, outcome, w))
        if len(apart):
            low = axes[1][j]
            rows = apart[apart["outcome"] == outcome]
            rows = rows[rows["family"] == rows["family"].iloc[0]]
            low.vlines(rows["cost"], rows["lo"], rows["hi"], color=style.INK, linewidth=1.6)
            low.scatter(rows["cost"], rows["effect"], color=style.INK, s=22, zorder=3)
            zero_line(low)
            effect_axis(low, outcome, w)
            low.set_ylabel(w.policy(str(rows["family"].iloc[0])) if j == 0 else "")
    axes[-1][len(outcomes) // 2].set_xlabel(w("axis.cost"))
    legend(
        fig,
        [
            Line2D([], [], color=ctx.colour(f), linestyle=ctx.line(f), marker=ctx.marker(f), linewidth=2, label=w.policy(f))
            for f in families
        ],
    )
    return fig


def twin_equal(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Effects at each cost."""
    w = ctx.words
    turn = np.array([measure(o).better or 1 for o in t["outcome"]])
    ends = np.sort(np.stack([t["lo"] * turn, t["hi"] * turn]), axis=0)
    rows = [(e, lo, hi, measure(o).unit, scale_of(e, lo, hi)) for e, lo, hi, o in zip(t["effect"] * turn, *ends, t["outcome"], strict=True)]
    return pd.DataFrame(
        {
            w("table.outcome"): [w.outcome(o) for o in t["outcome"]],
            w("table.cost"): [f"{number(c)}%" for c in t["cost"]],
            w("table.policy"): [w.policy(f) for f in t["family"]],
            w("table.effect"): [w.amount(e, unit, scale=scale) for e, _, _, unit, scale in rows],
            w("table.interval"): [w.interval(lo, hi, unit, scale) for _, lo, hi, unit, scale in rows],
            w("table.note"): t["note"].tolist(),
        }
    )


def factorial_table(c: Comparison) -> pd.DataFrame | None:
    """outcome, unit, term, low, high, effect, lo, hi, holds, draws, dropped, note; terms that could be computed."""
    t = c.factorial
    return t[t["effect"].notna()].reset_index(drop=True) if len(t) and t["effect"].notna().any() else None


def draw_factorial(t: pd.DataFrame, ctx: Context) -> Figure:
    """One panel an outcome, main effects above interactions."""
    w = ctx.words
    outcomes = list(pd.unique(t["outcome"]))
    terms = list(pd.unique(t["term"]))
    mains = [x for x in terms if "×" not in x]
    fig = canvas(ctx, w("fig.factorial"), 1.9 + 0.34 * len(terms), note=w("source.interval"), header=0.6)
    axes = fig.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
    y = np.arange(len(terms)) + np.array([0.0 if x in mains else 0.5 for x in terms])
    for ax, outcome in zip(axes, outcomes, strict=True):
        rows = t[t["outcome"] == outcome].set_index("term").reindex(terms)
        known = (rows["lo"] > 0) | (rows["hi"] < 0)
        colours = np.where(known, style.POLICY_COLOURS["small_yard"], style.MUTED)
        ax.hlines(y, rows["lo"], rows["hi"], color=list(colours), linewidth=2)
        ax.scatter(rows["effect"], y, color=list(colours), s=34, zorder=3)
        zero_line(ax, vertical=True)
        ax.axhline(len(mains) - 0.25, color=style.GRID, linewidth=1)
        ax.set_title(wrap(w.outcome(outcome), TITLE), fontsize=9.5)
        named = unit_axis(ax.xaxis, measure(outcome).unit, w)
        ax.set_xlabel(w.unit(measure(outcome).unit, difference=True) or named, fontsize=9)
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
        ax.locator_params(axis="x", nbins=3)
    axes[0].set_yticks(y, [term_name(x, ctx, short=x not in mains) for x in terms])
    axes[0].set_ylim(y[-1] + 0.6, -0.6)
    return fig


def term_name(term: str, ctx: Context, *, short: bool = False) -> str:
    """Name of a factor or of a pair of factors."""
    names = [ctx.words.name("factor", f) for f in term.split(" × ")]
    return " × ".join(re.split("[(（]", n)[0].strip() if short else n for n in names)


def twin_factorial(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Effects with intervals."""
    w = ctx.words
    return pd.DataFrame(
        {
            w("table.outcome"): [w.outcome(o) for o in t["outcome"]],
            w("table.term"): [
                term_name(x, ctx, short="×" in x) + (f"{w('list.colon')}{lo} → {hi}" if lo else "")
                for x, lo, hi in zip(t["term"], t["low"], t["high"], strict=True)
            ],
            w("table.effect"): [w.amount(e, u, signed=True, difference=True) for e, u in zip(t["effect"], t["unit"], strict=True)],
            w("table.interval"): [w.interval(lo, hi, u) for lo, hi, u in zip(t["lo"], t["hi"], t["unit"], strict=True)],
            w("table.share"): [w.share(h) for h in t["holds"]],
            w("table.note"): [
                w("list.semicolon").join(x for x in (n, f"{d} ✕") if x) if d else n for n, d in zip(t["note"], t["dropped"], strict=True)
            ],
        }
    )


EQUAL = Plate("equal", equal_table, draw_equal, twin_equal)
FACTORIAL = Plate("factorial", factorial_table, draw_factorial, twin_factorial)
