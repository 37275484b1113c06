"""The report of `ecsim alliance`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.measures import measure
from ecsim.analysis.participation.curves import FITS, SENSES, SHARP
from ecsim.analysis.participation.study import Participation, load_participation
from ecsim.analysis.study import INTERRUPTED, QUARTERS_A_YEAR, START_YEAR
from ecsim.analysis.text.columns import beside
from ecsim.analysis.text.words import Words
from ecsim.errors import UserError
from ecsim.report import style
from ecsim.report.figures.base import Context, cap, factor_name
from ecsim.report.languages import warnings
from ecsim.report.page import Page, Picture, Section, context, counts, some, write_page
from ecsim.report.participation import figures
from ecsim.report.participation.answer import GAP, HOME, answer, precise

TABLES = "analysis"
FEW = ("study.single", "study.few")  # notes on too few draws, which end what the command line shows
TERMS = ("reach", "height")  # how the fence changes what allies add


def write_alliance_report(folder: Path | str, lang: str = "en") -> Path:
    """Write figures, tables and the page of a stored study; returns its path.

    Raises:
        UserError: the folder holds no such study, or cannot be written.
    """
    home = Path(folder)
    p = load_participation(home)
    words = p.study.words(lang)
    try:
        p.write(home / TABLES)
    except OSError as error:
        raise UserError(f"{home}: the report cannot be written ({error.strerror or error})") from error
    return write_page(home, "report", page(p, words), p.study, words)


def page(p: Participation, w: Words) -> Page:
    """The whole report as structures."""
    draws, seeds, _ = p.study.replicates((f"{p.policy}:nobody",))
    sizes, points = {"draws": draws, "seeds": seeds, "runs": len(p.runs)}, p.runs["policy"].nunique()
    ctx = context(p.study, w, lambda x: x("part.source", **counts(x, **sizes)))
    quarters = int((p.study.manifest.get("config") or {}).get("time", {}).get("quarters", 0))
    order = w("list.comma").join(w.name("state", m) for m in p.members)
    with style.styled():
        sections = [_response(p, ctx, w, order), _even(p, ctx, w), _members(p, ctx, w), _delay(p, ctx, w), _fence(p, ctx, w)]
    notes = [w(n.key, **n.values) for n in p.study.notes if n.key in (*INTERRUPTED, "study.failed", *FEW)]
    notes += left_out(p, w) + warnings(w)
    return Page(
        title=w("part.title", policy=w.phrase(p.policy)),
        kicker=w("part.kicker", start=START_YEAR, end=START_YEAR + quarters // QUARTERS_A_YEAR - 1),
        answer=answer(p, w),
        notes=notes,
        sections=[s for s in sections if s is not None],
        made=w("sentence.space").join([w("part.made", points=points, failed=len(p.study.failed), **counts(w, **sizes)), *_idle(p, w)]),
        limits=[
            w("part.limit.order", order=order),
            w("part.limit.forced"),
            w("part.limit.one", last=w(f"part.marginal.{p.marginal}")),
            *map(w, ("limit.model", "limit.forecast", "limit.cost", "limit.parameters")),
        ],
    )


def left_out(p: Participation, w: Words) -> list[str]:
    """Which draws and points the numbers are not of."""
    draws = p.study.runs["draw"].nunique()
    part = {key: w(f"part.of.{key}") for key in p.used}
    told = []
    if less := [w("part.used.one", n=n, part=part[key]) for key, n in p.used.items() if 0 < n < draws]:
        told.append(w("part.used", all=w.count("draw", draws), list=w.list(less)))
    if none := [part[key] for key, n in p.used.items() if not n]:
        told.append(w("part.used.none", list=w.list(none)))
    if p.empty:
        told.append(w("grid.empty", n=len(p.empty), all=len(p.empty) + p.runs["policy"].nunique(), list=some(p.empty, len(p.empty), w)))
    return told


def _idle(p: Participation, w: Words) -> list[str]:
    """A sentence on parameters that were not drawn because nothing in the study reads them."""
    names = (p.study.manifest.get("study") or {}).get("idle") or []
    return [w("part.idle", list=w.list(w.aside(factor_name(name, w), name) for name in names))] if names else []


def _response(p: Participation, ctx: Context, w: Words, order: str) -> Section:
    t = p.response[p.response["outcome"].isin(p.headline)]
    shown = t.assign(sense=[w(f"part.short.{s}") for s in t["sense"]], participation=[f"{x:.2f}" for x in t["participation"]])
    twin = figures.twin(shown, ctx, ["sense", "participation"]).rename(
        columns={"sense": w("part.column.sense"), "participation": w("part.axis")}
    )
    picture = Picture(
        "part.response", figures.response(p, ctx), t, twin, {"order": order, "last": w(f"part.marginal.{p.marginal}"), "sharp": SHARP}
    )
    tables = [(w("part.thresholds"), _threshold_rows(p, w), w("part.thresholds.how", sharp=SHARP, fits=FITS))] if len(p.thresholds) else []
    tables += [(w("part.joining"), _joining_rows(p, w), w(f"part.joining.how.{p.marginal}"))] if len(p.joining) else []
    return Section("response", w("part.section.response"), [w("key.how.units")], [picture], tables)


def _threshold_rows(p: Participation, w: Words) -> pd.DataFrame:
    """One row an outcome, one column a sense."""
    t = p.thresholds[p.thresholds["outcome"].isin(p.headline)]
    rows = []
    for outcome, own in t.groupby("outcome", sort=False):
        row = {w("table.outcome"): w.outcome(str(outcome))}
        for r in own.to_dict("records"):
            row[cap(w(f"part.short.{r['sense']}"))] = _verdict(r, w)
        rows.append(row)
    return pd.DataFrame(rows).fillna("–")


def _verdict(row: dict[str, Any], w: Words) -> str:
    """What is said of a curve's shape, with the place of its bend or of its largest step."""
    told = w(f"part.verdict.{row['verdict']}")
    if row["verdict"] in figures.PLACED:
        return f"{told} {row['threshold']:.2f} [{row['lo']:.2f}, {row['hi']:.2f}]"
    if figures.stepped(pd.DataFrame([row])).all():
        return w(f"part.placed.{row['verdict']}", a=f"{row['step_from']:.2f}", b=f"{row['step_to']:.2f}")
    return told


def _joining_rows(p: Participation, w: Words) -> pd.DataFrame:
    """Who joins where by extent, one row a member."""
    t = p.joining
    return pd.DataFrame(
        {
            w("part.column.member"): [w.name("state", m) for m in t["member"]],
            w("part.column.share"): [f"{x:.3f}" for x in t["share"]],
            w("part.column.joins"): [f"{a:.3f} – {b:.3f}" for a, b in zip(t["joins_from"], t["joins_to"], strict=True)],
        }
    )


def _even(p: Participation, ctx: Context, w: Words) -> Section | None:
    t = p.break_even
    if not len(t):
        return None
    rows = [
        {
            w("table.outcome"): w.outcome(r["outcome"]),
            w("part.column.sense"): w(f"part.short.{r['sense']}"),
            w("part.column.against"): w(f"part.against.{r['against']}"),
            w("part.column.even"): "–" if np.isnan(r["participation"]) else f"{r['participation']:.2f} [{r['lo']:.2f}, {r['hi']:.2f}]",
            w("part.column.verdict"): w.aside(w(f"part.verdict.{r['verdict']}"), w(f"part.beyond.{r['beyond']}"))
            if r["beyond"]
            else w(f"part.verdict.{r['verdict']}"),
        }
        for r in t.to_dict("records")
    ]
    values = {"policy": w.phrase(p.policy)}
    return Section("even", w("part.section.even"), (), [Picture("part.even", figures.break_even(p, ctx), t, pd.DataFrame(rows), values)])


def _members(p: Participation, ctx: Context, w: Words) -> Section | None:
    t = p.by_member
    if not len(t):
        return None
    outcomes = [o for o in (GAP, HOME) if o in p.headline] or list(p.headline[:2])
    method = str(t[t["kind"] == "shapley"]["method"].iloc[0])
    named = t.assign(member=[w.name("state", m) for m in t["member"]], kind=[w(f"part.kind.{k}") for k in t["kind"]])
    columns = {"member": w("part.column.member"), "kind": w("part.column.kind")}
    first = figures.twin(named[named["outcome"].isin(outcomes)], ctx, ["member", "kind"], "value").rename(columns=columns)
    whole = named[t["kind"] == "shapley"]
    second = figures.twin(whole, ctx, ["member"], "value").rename(columns=columns)
    values = {"method": w(f"part.method.{method}")}
    return Section(
        "members",
        w("part.section.members"),
        (),
        [
            Picture("part.members", figures.members(p, ctx, outcomes), t[t["outcome"].isin(outcomes)], first, values),
            Picture("part.contributions", figures.contributions(p, ctx), t[t["kind"] == "shapley"], second),
        ],
    )


def _delay(p: Participation, ctx: Context, w: Words) -> Section | None:
    t = p.delay[p.delay["outcome"].isin(p.headline)] if len(p.delay) else p.delay
    if not len(t):
        return None
    twin = figures.twin(t.assign(delay=t["delay"].astype(int)), ctx, ["delay"], "change").rename(columns={"delay": w("part.column.delay")})
    steady = t.groupby("outcome", sort=False).first().reset_index()
    told = [
        precise(r["per_quarter"], r["per_quarter_lo"], r["per_quarter_hi"], r["unit"], w, signed=True) for r in steady.to_dict("records")
    ]
    rows = pd.DataFrame(
        {
            w("table.outcome"): [w.outcome(o) for o in steady["outcome"]],
            w("part.column.quarter"): [v for v, _ in told],
            w("table.interval"): [i for _, i in told],
        }
    )
    picture = Picture("part.delay", figures.delay(p, ctx), t, twin)
    return Section("delay", w("part.section.delay"), (), [picture], [(w("part.quarter"), rows, w("part.quarter.how"))])


def _fence(p: Participation, ctx: Context, w: Words) -> Section | None:
    t = p.interaction
    if not len(t):
        return None
    named = t.assign(term=[_term(str(term), w) for term in t["term"]])
    twin = figures.twin(named, ctx, ["term"], "value").rename(columns={"term": w("part.column.fence")})
    picture = Picture("part.fence", figures.fence(p, ctx), t, twin)
    rows = []
    for outcome, own in t[t["term"].isin(TERMS)].groupby("outcome", sort=False):
        row = {w("table.outcome"): w.outcome(str(outcome))}
        for r in own.to_dict("records"):
            v, i = precise(r["value"], r["lo"], r["hi"], r["unit"], w, signed=True)
            row[cap(w(f"part.term.{r['term']}"))] = f"{v} [{i}]"
        rows.append(row)
    table = (w("part.interaction"), pd.DataFrame(rows), w("part.interaction.how"))
    return Section("fence", w("part.section.fence"), (), [picture], [table])


def _term(term: str, w: Words) -> str:
    reach, _, height = term.partition("=")
    return w(f"part.reach.{reach}") + w("list.part") + height if height else w(f"part.term.{term}")


def summary(p: Participation, w: Words) -> str:
    """What the command line shows: the response at a few levels, and the answer."""
    lines = [*answer(p, w), ""]
    for outcome in [o for o in (GAP, HOME, "ally_revenue", "unmet_need") if o in p.headline]:
        for sense in SENSES:
            t = p.response[(p.response["outcome"] == outcome) & (p.response["sense"] == sense)]
            if len(t):
                levels = np.unique(np.linspace(0, len(t) - 1, 5).round().astype(int))
                shown = "  ".join(
                    w("list.colon").join(
                        [f"{t['participation'].iloc[i]:.2f}", w.number(t["mean"].iloc[i], measure(outcome).unit, signed=True)]
                    )
                    for i in levels
                )
                named = w.aside(w.outcome(outcome), w.column(measure(outcome).unit))
                lines.append(beside(named + w("list.part") + w(f"part.short.{sense}"), shown))
    warned = [w(n.key, **n.values) for n in p.study.notes if n.key in FEW]
    told = [*left_out(p, w), *warned]
    return "\n".join([*lines, *(["", *told] if told else [])])
