"""The report of `ecsim discover`: conditions of failure in words, boxes and trees; robustness of the policies."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ecsim.analysis.discovery.prim import Bound
from ecsim.analysis.discovery.study import Discovery, Finding, Question, edge
from ecsim.analysis.measures import measure
from ecsim.analysis.study import INTERRUPTED, NO_CONTROL
from ecsim.analysis.text.words import MINUS, Words
from ecsim.errors import UserError
from ecsim.params import REGISTRY
from ecsim.report import style
from ecsim.report.figures.base import Context, canvas, cap, factor_name, factor_unit, legend, unit_axis, wrap
from ecsim.report.page import NAMED, Page, Picture, Section, context, counts, write_page
from ecsim.report.participation.figures import short

TABLES = "analysis"
NAME = "discovery"
MOSTLY = 0.5  # of the halves of the draws, in which a condition that can be relied on is found again
SMALL = 0.1  # below which two decimals tell too little
LEAST = 0.001  # quasi-p that is written as a number
SHOWN = 2  # parameters of a picture
HELD = 0.6  # balanced accuracy in cross-validation, below which a tree is not shown


def write_discovery_report(d: Discovery, lang: str = "en") -> Path:
    """Write figures, tables and `discovery.html` into the results folder; returns the page's path.

    Raises:
        UserError: the folder cannot be written.
    """
    words, home = d.study.words(lang), d.study.folder
    try:
        d.write(home / TABLES)
    except OSError as error:
        raise UserError(f"{home}: the report cannot be written ({error.strerror or error})") from error
    return write_page(home, NAME, page(d, words), d.study, words)


def page(d: Discovery, w: Words) -> Page:
    """The whole report as structures."""
    draws, seeds, runs = d.study.replicates(d.study.core_policies)
    sizes = {"draws": draws, "seeds": seeds, "runs": runs}
    ctx = context(d.study, w, lambda x: x("source", **counts(x, **sizes)))
    with style.styled():
        sections = [_finding(d, f, i, ctx, w) for i, f in enumerate(d.findings) if f.box is not None and f.box.bounds]
        if len(d.robustness):
            sections.append(_robustness(d, ctx, w))
    return Page(
        title=w("disc.title", policy=w.phrase(d.questions[0].policy)),
        kicker=w("disc.kicker", factors=w.count("parameter", len(d.factors)), draws=w.count("draw", draws)),
        answer=answer(d, w),
        notes=[w(n.key, **n.values) for n in d.study.notes if n.key in (*INTERRUPTED, "study.few", "study.structured")],
        sections=sections,
        made=w("disc.made", draws=w.count("draw", draws), seeds=w.count("seed", seeds), factors=w.count("parameter", len(d.factors))),
        limits=[w("disc.limit.box"), w("disc.limit.space"), w("limit.model"), w("limit.parameters")],
    )


def answer(d: Discovery, w: Words) -> list[str]:
    """Who is asked about, and one paragraph a question."""
    return [*_taken(d, w), *(in_words(f, w) for f in d.findings)]


def _taken(d: Discovery, w: Words) -> list[str]:
    """Which of several policies or points was taken where none was named, why, and how to take another."""
    first = d.wanted[0]
    if not d.taken or set(d.others) <= {first.against}:
        return []
    named = w("list.comma").join(d.others[:NAMED]) + (w("list.comma") + "…" if len(d.others) > NAMED else "")
    told = {"policy": w.phrase(first.policy, start=True), "why": w(f"disc.taken.{d.taken}"), "n": len(d.others), "list": named}
    return [w("disc.taken.against" if first.against else "disc.taken", other=w.phrase(first.against or ""), **told)]


def in_words(f: Finding, w: Words) -> str:
    """The condition of failure as a sentence."""
    q = f.question
    if q.beaten is not None:
        first = Question(q.policy, q.outcome, q.other)
        told = {"question": asked(first, w), "often": _often(q.beaten, f.cases, w), "worst": asked(q, w)}
        kind = "worst."
    else:
        told = {"question": asked(q, w), "often": _often(f.failed, f.cases, w)}
        kind = ""
    if f.box is None:
        reason = w("disc.never") if f.failed == 0 else w("disc.always") if f.failed == 1 else f.note
        return w("disc.answer.none", reason=reason, **told)
    if not f.box.bounds:
        return w(f"disc.answer.{kind}anywhere", **told)
    conditions = w.list(bound_text(b, w) for b in f.box.bounds)
    weak = any(b.again < MOSTLY for b in f.box.bounds)
    text = w(f"disc.answer.{kind}box", conditions=conditions, density=w.share(f.box.density), coverage=w.share(f.box.coverage), **told)
    return text + (w("sentence.space") + w("disc.answer.weak") if weak else "")


def asked(q: Question, w: Words) -> str:
    """What counts as failure, as a clause."""
    if q.against is not None:
        return w("disc.question.against", policy=w.phrase(q.policy), other=w.phrase(q.against), outcome=w.outcome(q.outcome).lower())
    unit = measure(q.outcome).unit
    if q.beaten is not None:
        text = w.unit(unit)
        floor = w.shown(unit).text(short(float(q.floor or 0))) + (text if text in ("", "%") else f" {text}")
        side = w("disc.worst.below" if measure(q.outcome).better > 0 else "disc.worst.above", floor=floor)
        return w("disc.question.worst", policy=w.phrase(q.policy), outcome=w.outcome(q.outcome).lower(), side=side)
    side = w("disc.worst.below" if measure(q.outcome).better > 0 else "disc.worst.above", floor=w.amount(float(q.floor or 0), unit))
    return w("disc.question.floor", policy=w.phrase(q.policy), outcome=w.outcome(q.outcome).lower(), side=side)


def _often(share: float, n: int, w: Words) -> str:
    """In how many of the draws: a share, none or all."""
    return w("disc.often.none" if share == 0 else "disc.often.all" if share == 1 else "disc.often", share=w.share(share), n=n)


def bound_text(b: Bound, w: Words) -> str:
    """One end of a box in words."""
    info = REGISTRY.get(b.factor)
    name = factor_name(b.factor, w)
    unit = f" {factor_unit(info.unit, w)}" if info and info.unit != "1" else ""
    shown = w.shown(info.unit if info else "")
    lo, hi = (shown.text(_digits(v)) for v in (b.lo, b.hi))
    if math.isinf(b.lo):
        return w("disc.below", name=name, hi=hi + unit)
    return w("disc.above", name=name, lo=lo + unit) if math.isinf(b.hi) else w("disc.between", name=name, lo=lo, hi=hi + unit)


def _digits(value: float) -> str:
    """An end of a range with two decimals; of a small one, with two digits that tell."""
    size = abs(value)
    decimals = 1 - math.floor(math.log10(size)) if 0 < size < SMALL else 2
    return f"{value:.{decimals}f}".replace("-", MINUS)


def _finding(d: Discovery, f: Finding, index: int, ctx: Context, w: Words) -> Section:
    outcome, worst = w.outcome(f.question.outcome), ".worst" if f.question.beaten is not None else ""
    texts: list[str] = []
    pictures, tables = [], []
    if f.box is not None:
        rows = pd.DataFrame(
            [
                {
                    w("disc.column.range"): cap(bound_text(b, w)),
                    w("disc.column.p"): f"{b.p:.3f}" if b.p >= LEAST else f"< {LEAST}",
                    w("disc.column.again"): w.share(b.again),
                    w("table.parameter"): b.factor,
                }
                for b in f.box.bounds
            ]
        )
        over = w("disc.over.one" if len(d.factors) == 1 else "disc.over.two")
        values = {"question": asked(f.question, w), "outcome": outcome, "axis": _axis(d, f, w), "over": over}
        key = Picture(f"disc.box{worst}", _draw(d, f, ctx), _data(d, f), rows, values)
        pictures.append(_renamed(key, index))
        tables.append((w("disc.bounds"), rows, w("disc.bounds.how")))
    if f.leaves and f.accuracy >= HELD:
        leaves = pd.DataFrame(
            [
                {
                    w("disc.column.where"): w.list(bound_text(Bound(n, lo, hi, 0.0), w) for n, lo, hi in leaf.bounds)
                    or w("disc.everywhere"),
                    w(f"disc.column.fails{worst}"): w.share(leaf.share),
                    w("disc.column.cases"): leaf.cases,
                }
                for leaf in f.leaves
            ]
        )
        tables.append((w("disc.tree"), leaves, w("disc.tree.how", accuracy=w.share(f.accuracy))))
    elif f.leaves:
        texts.append(w("disc.tree.none", accuracy=w.share(f.accuracy)))
    else:
        texts.append(w("disc.no_tree"))
    title = "disc.section" if f.question.beaten is None else "disc.section.worst"
    return Section(f"q{index}", w(title, outcome=outcome.lower()), texts, pictures, tables)


def _axis(d: Discovery, f: Finding, w: Words) -> str:
    """What the caption says where the picture shows something that the box does not bound, or not all that it does."""
    bounds = len(f.box.bounds) if f.box is not None else 0
    if len(d.factors) == 1:
        return w("sentence.space") + w("disc.axis.one")
    key = "disc.axis.next" if bounds == 1 else "disc.axis.more" if bounds > SHOWN else ""
    return w("sentence.space") + w(key) if key else ""


def _renamed(p: Picture, index: int) -> Picture:
    """The picture of one of several questions, with files of its own."""
    return Picture(p.key, p.figure, p.data, p.twin, p.values, f"disc_box_{index}")


def _data(d: Discovery, f: Finding) -> pd.DataFrame:
    table, failed = d.cases(f.question)
    return table.assign(value=d.values(f.question), failed=failed).reset_index()


def _draw(d: Discovery, f: Finding, ctx: Context) -> Figure:
    """Cases over the two main factors with the box, and coverage against density along the peels."""
    w = ctx.words
    worst = ".worst" if f.question.beaten is not None else ""
    fig = canvas(ctx, wrap(w(f"disc.box{worst}", outcome=w.outcome(f.question.outcome)), 90), 5.2)
    left, right = fig.subplots(1, 2, width_ratios=[3, 2])
    _cases(left, d, f, ctx)
    assert f.box is not None
    right.plot(f.trajectory[:, 0], f.trajectory[:, 1], color=style.MUTED, linewidth=1.2, marker="o", markersize=3)
    right.plot([f.box.coverage], [f.box.density], marker="*", markersize=14, color=style.WORSE, linestyle="none")
    right.axhline(f.box.base, color=style.MUTED, linestyle=(0, (1, 1.2)), linewidth=1)
    right.set_xlim(-0.02, 1.05)
    right.set_ylim(0, 1.05)
    right.set_xlabel(wrap(w("disc.coverage"), 36))
    right.set_ylabel(wrap(w("disc.density"), 36))
    right.set_title(w("disc.trajectory"))
    handles = [
        Line2D([], [], marker="o", linestyle="none", color=style.WORSE, label=w(f"disc.fails{worst}")),
        Line2D([], [], marker="o", linestyle="none", markerfacecolor="white", color=style.BETTER, label=w(f"disc.holds{worst}")),
        Line2D([], [], marker="*", linestyle="none", color=style.WORSE, markersize=12, label=w("disc.chosen")),
    ]
    legend(fig, handles)
    return fig


def _cases(ax: Axes, d: Discovery, f: Finding, ctx: Context) -> None:
    assert f.box is not None
    table, failed = d.cases(f.question)
    one, *more = d.axes(f)
    x, y = table[one].to_numpy(dtype=float), (table[more[0]] if more else d.values(f.question)).to_numpy(dtype=float)
    ax.plot(x[~failed], y[~failed], "o", markersize=3.5, markerfacecolor="white", color=style.BETTER, linewidth=0)
    ax.plot(x[failed], y[failed], "o", markersize=4, color=style.WORSE, linewidth=0)
    found = {b.factor: (b.lo, b.hi) for b in f.box.bounds}
    edges = []
    for name, values in ((one, x), (more[0] if more else "", y)):
        margin = 0.03 * float(np.ptp(values))
        lo, hi = found.get(name, (-math.inf, math.inf))
        edges.append((values.min() - margin if math.isinf(lo) else lo, values.max() + margin if math.isinf(hi) else hi))
    (x0, x1), (y0, y1) = edges
    ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=style.WORSE, alpha=0.12, edgecolor=style.WORSE, linewidth=1.6))
    ax.set_xlabel(wrap(factor_name(one, ctx.words), 60))
    ax.set_ylabel(wrap(factor_name(more[0], ctx.words) if more else _measured(ax, f.question, ctx.words), 40))
    if not more:
        ax.axhline(edge(f.question), color=style.MUTED, linestyle=(0, (4, 2)), linewidth=1)


def _measured(ax: Axes, q: Question, w: Words) -> str:
    """What the vertical axis shows where only one parameter was drawn: the outcome, or its difference between the policies."""
    name = w.outcome(q.outcome) if q.against is None else w("disc.axis.difference", outcome=w.outcome(q.outcome), other=w.phrase(q.against))
    return w.aside(name, unit_axis(ax.yaxis, measure(q.outcome).unit, w))


def _robustness(d: Discovery, ctx: Context, w: Words) -> Section:
    t = d.robustness
    rows = [
        {
            w("table.outcome"): w.outcome(r["outcome"]),
            w("table.policy"): w.policy(r["policy"]),
            w("disc.mean"): w.number(r["mean"], r["unit"]),
            w("disc.maximin"): w.number(r["maximin"], r["unit"]),
            w("disc.regret"): w.number(r["regret"], r["unit"]),
            w("disc.regret90"): w.number(r["regret_90"], r["unit"]),
            w("disc.satisficing"): w.aside(w.share(r["satisficing"]), f"{w.share(r['satisficing_lo'])} – {w.share(r['satisficing_hi'])}"),
        }
        for r in t.to_dict("records")
    ]
    table = pd.DataFrame(rows)
    picture = Picture("disc.robust", _heat(t, ctx), t, table, {"other": _held_against(t, w)})
    return Section("robust", w("disc.section.robust"), (), [picture])


def _held_against(t: pd.DataFrame, w: Words) -> str:
    """What a policy must do as well as."""
    return w("disc.robust.free" if NO_CONTROL in set(t["policy"]) else "disc.robust.median")


def _heat(t: pd.DataFrame, ctx: Context) -> Figure:
    """Regret over its largest mean, by policy and outcome, with the share of draws that satisfice."""
    w = ctx.words
    policies, outcomes = list(pd.unique(t["policy"])), list(pd.unique(t["outcome"]))
    regret = t.pivot_table(index="policy", columns="outcome", values="regret").reindex(index=policies, columns=outcomes)
    satisfied = t.pivot_table(index="policy", columns="outcome", values="satisficing").reindex(index=policies, columns=outcomes)
    fig = canvas(ctx, w("disc.robust", other=_held_against(t, w)), 2.2 + 0.6 * len(policies), header=0.55)
    ax = fig.subplots()
    colours = style.one_sided(style.WORSE)
    scaled = (regret / regret.max().replace(0, 1)).to_numpy(dtype=float)
    ax.pcolormesh(scaled, cmap=colours, vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
    for (i, j), value in np.ndenumerate(regret.to_numpy(dtype=float)):
        colour = style.text_on(colours(scaled[i, j]))
        unit = measure(outcomes[j]).unit
        text = f"{w.number(value, unit)}\n{w('disc.cell', share=w.share(float(satisfied.iat[i, j])))}"
        ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=8.5, color=colour)
    names = [wrap(w.outcome(o), 13) + "\n" + w.aside("", w.column(measure(o).unit)) for o in outcomes]
    ax.set_xticks(np.arange(len(outcomes)) + 0.5, names, fontsize=8.5)
    ax.set_yticks(np.arange(len(policies)) + 0.5, [wrap(w.policy(p), 24) for p in policies])
    ax.xaxis.tick_top()
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return fig
