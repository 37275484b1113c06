"""The report of `ecsim sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ecsim.analysis.measures import measure
from ecsim.analysis.sensitivity.estimators import FEWEST
from ecsim.analysis.sensitivity.study import MUCH, Sensitivity, load_sensitivity
from ecsim.analysis.study import INTERRUPTED, QUARTERS_A_YEAR, START_YEAR
from ecsim.analysis.text.words import PARTICIPATION, Words, number
from ecsim.errors import UserError
from ecsim.report import style
from ecsim.report.figures.base import Context, cap, factor_name
from ecsim.report.making import joining_order
from ecsim.report.page import Page, Picture, Section, context, counts, write_page
from ecsim.report.sensitivity import figures

TABLES = "analysis"
PART = 0.01  # of the variance, below which a factor is not said to account for part of it
WIDE = 0.2  # width of an interval beyond which an index is called unsettled


def write_sensitivity_report(folder: Path | str, lang: str = "en") -> Path:
    """Write figures, tables and the page of a stored study; returns its path.

    Raises:
        UserError: the folder holds no such study, an incomplete design, or cannot be written.
    """
    home = Path(folder)
    s = load_sensitivity(home)
    words = s.indices.study.words(lang)
    try:
        s.write(home / TABLES)
    except OSError as error:
        raise UserError(f"{home}: the report cannot be written ({error.strerror or error})") from error
    return write_page(home, "report", page(s, words), s.indices.study, words)


def page(s: Sensitivity, w: Words) -> Page:
    """The whole report as structures."""
    study = s.indices.study
    _, seeds, runs = study.replicates()
    sizes = {"seeds": seeds, "runs": runs}
    ctx = context(study, w, lambda x: x("sens.source", points=s.indices.points, **counts(x, **sizes)))
    quarters = int((study.manifest.get("config") or {}).get("time", {}).get("quarters", 0))
    policy = study.policies[0]
    with style.styled():
        sections = [_indices(s, ctx, w), *_screen(s, w), _trust(s, ctx, w)]
    notes = [w(n.key, **n.values) for n in study.notes if n.key in INTERRUPTED] + _left_out(s, w) + _passed_over(s, w)
    widest = max(_widest(s, o) for o in s.headline)
    if widest > WIDE:
        notes.insert(0, w("sens.wide", width=number(widest, "0..1")))
    screened = 0 if s.screen is None else len(s.screen.study.ok)
    return Page(
        title=w("sens.title", policy=w.phrase(policy)),
        kicker=w("sens.kicker", start=START_YEAR, end=START_YEAR + quarters // QUARTERS_A_YEAR - 1),
        answer=answer(s, w),
        notes=notes,
        sections=sections,
        made=w(
            "sens.made",
            k=len(s.indices.names),
            base=s.indices.points // (len(s.indices.names) + 2),
            screened=f"{screened:,}",
            points=s.indices.points,
            **counts(w, **sizes),
        ),
        limits=[
            *joining_order(study, _factors(s), w),
            *map(w, ("sens.limit.range", "sens.limit.uniform", "limit.model", "limit.parameters")),
        ],
    )


def answer(s: Sensitivity, w: Words) -> list[str]:
    """What decides each headline outcome, and what alliance participation does."""
    leads: dict[tuple[str, str], list[str]] = {}
    open_ = []
    for outcome in s.headline:
        own = s.sobol[s.sobol["outcome"] == outcome]
        first = own.loc[own["st"].idxmax()]
        name = w.outcome(outcome).lower()
        if first["st_lo"] > 0:
            rival = s.rival(outcome)
            item, told = ("sens.answer.rival", factor_name(rival, w)) if rival else ("sens.answer.outcome", "")
            said = "sens.answer.seems" if rival else "sens.answer"
            leads.setdefault((said, str(first["factor"])), []).append(w(item, outcome=name, st=_share(first, w), rival=told))
        else:
            open_.append(name)
    order = sorted(leads, key=lambda pair: pair[0])  # those that are told apart first
    sentences = [w(said, factor=cap(factor_name(f, w)), list=w.list(leads[said, f])) for said, f in order]
    sentences += [w("sens.answer.open", list=w.list(open_))] if open_ else []
    sentences.append(w("sens.answer.how"))
    return [w("sentence.space").join(sentences), *_participation(s, w), _noise(s, w)]


def _share(row: Any, w: Words) -> str:
    """A total index as a percentage with its interval, both kept within 0 and 100; an estimate beyond is told with what it is shown as."""
    st, lo, hi = (w.share(min(max(float(row[key]), 0.0), 1.0)) for key in ("st", "st_lo", "st_hi"))
    shown = w("sens.answer.beyond", st=st, raw=w.share(float(row["st"]))) if row["st"] > 1 else st
    return w("sens.answer.share", st=shown, i=w("interval", lo=lo, hi=hi))


def _left_out(s: Sensitivity, w: Words) -> list[str]:
    """Which outcomes have no indices, by reason."""
    reasons: dict[str, list[str]] = {}
    for outcome, error in s.left_out.items():
        reasons.setdefault(w(f"sens.left_out.{error.reason}", **error.of), []).append(w.outcome(outcome))
    return [w("sens.left_out", outcomes=w.list(names), reason=reason) for reason, names in reasons.items()]


def _passed_over(s: Sensitivity, w: Words) -> list[str]:
    """Which factors the indices leave out though the screen shows much of them."""
    items = [w.aside(factor_name(f, w), w.list(w.outcome(o).lower() for o in outcomes)) for f, outcomes in s.passed_over.items()]
    return [w("sens.passed_over", list=w("list.semicolon").join(items), much=w.share(MUCH))] if items else []


def _factors(s: Sensitivity) -> set[str]:
    """Everything that a number is given on: of the indices and of the screen."""
    return {*s.indices.names, *(s.screen.names if s.screen else ())}


def _participation(s: Sensitivity, w: Words) -> list[str]:
    """What the factor that matters most to this study's users accounts for, of every headline outcome."""
    own = s.sobol[(s.sobol["factor"] == PARTICIPATION) & s.sobol["outcome"].isin(s.headline)]
    t = own.sort_values("st", ascending=False, kind="stable")
    little = (t["st"] < PART) & ((t["st_lo"] > 0) | (t["st_hi"] < PART))
    part = (t["st"] >= PART) & (t["st_lo"] > 0)
    name, told = w.factor(PARTICIPATION), []
    for key, rows in (("", t[part]), (".little", t[little]), (".open", t[~part & ~little])):
        items = [w("sens.answer.outcome", outcome=w.outcome(r["outcome"]).lower(), st=_share(r, w)) for r in rows.to_dict("records")]
        values = {"name": cap(name) if key != ".open" else name, "list": w.list(items), "part": w.share(PART)}
        told += [w(f"sens.answer.participation{key}", **values)] if items else []
    return [w("sentence.space").join(told)] if told else []


def _noise(s: Sensitivity, w: Words) -> str:
    known = s.noise.dropna(subset=["seeds"]) if len(s.noise) else s.noise
    known = known[known["total"] > 0] if len(known) else known
    if not len(known):
        return w("sens.answer.noise.unknown")
    worst = known.loc[known["seeds"].idxmax()]
    told = {
        "share": w.share(float(worst["seeds"])),
        "left": w.share(float(worst["left"])),
        "seeds": w.count("seed", int(worst["replicates"])),
    }
    return w("sens.answer.noise", outcome=w.outcome(worst["outcome"]).lower(), **told)


def _indices(s: Sensitivity, ctx: Context, w: Words) -> Section:
    t = s.sobol[s.sobol["outcome"].isin(s.headline)]
    rows = [
        {
            w("table.outcome"): w.outcome(r["outcome"]),
            w("sens.column.factor"): factor_name(r["factor"], w),
            cap(w("sens.first")): w.aside(number(r["s1"], "0..1"), w.interval(r["s1_lo"], r["s1_hi"], "0..1")),
            cap(w("sens.total")): w.aside(number(r["st"], "0..1"), w.interval(r["st_lo"], r["st_hi"], "0..1")),
        }
        for r in t.to_dict("records")
    ]
    return Section("indices", w("sens.section.indices"), (), [Picture("sens.bars", figures.bars(s, ctx), t, pd.DataFrame(rows))])


def _screen(s: Sensitivity, w: Words) -> list[Section]:
    t = s.morris
    if s.screen is None or not len(t):
        return []
    _, seeds, runs = s.screen.study.replicates()
    points = s.screen.points
    ctx = context(s.screen.study, w, lambda x: x("sens.source", points=points, **counts(x, seeds=seeds, runs=runs)))
    rows = [
        {
            w("table.outcome"): w.outcome(r["outcome"]),
            w("sens.column.factor"): factor_name(r["factor"], w),
            "μ": _effect(number(r["mu"], signed=True), r["outcome"], w),
            "μ*": _effect(number(r["mu_star"]), r["outcome"], w),
            "σ": _effect(number(r["sigma"]), r["outcome"], w),
        }
        for r in t.to_dict("records")
    ]
    twin = pd.DataFrame(rows)
    pictures = [Picture("sens.tornado", figures.tornado(s, ctx), t, twin), Picture("sens.screen", figures.screen(s, ctx), t, twin)]
    return [Section("screen", w("sens.section.screen"), (), pictures)]


def _effect(written: str, outcome: str, w: Words) -> str:
    """An effect in the unit of its outcome."""
    return w.shown(measure(outcome).unit).text(written, grouped=True)


def _trust(s: Sensitivity, ctx: Context, w: Words) -> Section:
    """Convergence, share of noise, and PAWN beside the total order."""
    noise = pd.DataFrame(
        [
            {
                w("table.outcome"): w.outcome(r["outcome"]),
                w("sens.column.noise"): w.share(r["seeds"]),
                w("sens.column.left"): w.share(r["left"]),
                w("sens.column.widest"): number(_widest(s, r["outcome"]), "0..1"),
                w("sens.column.sum"): number(float(s.sobol.loc[s.sobol["outcome"] == r["outcome"], "s1"].sum()), "0..1"),
                w("sens.column.pawn"): number(_agreement(s, r["outcome"]), "0..1"),
                w("table.note"): w("sens.unsettled") if _widest(s, r["outcome"]) > WIDE else "",
            }
            for r in s.noise.to_dict("records")
        ]
    )
    pictures = [_converging(s, ctx, w)] if s.converging["n"].nunique() > 1 else []
    texts = [] if pictures else [w("sens.converging.none", least=2 * FEWEST)]
    return Section("trust", w("sens.section.trust"), texts, pictures, [(w("sens.trust"), noise, w("sens.trust.how"))])


def _converging(s: Sensitivity, ctx: Context, w: Words) -> Picture:
    """How indices settle as points are added."""
    t = s.converging
    wide = t.assign(text=[f"{a:.2f} ± {(b - a):.2f}" for a, b in zip(t["st"], t["st_hi"], strict=True)])
    twin = wide.pivot_table(index=["outcome", "factor"], columns="n", values="text", aggfunc="first", sort=False).reset_index()
    twin = twin.assign(outcome=[w.outcome(o) for o in twin["outcome"]], factor=[factor_name(f, w) for f in twin["factor"]])
    return Picture("sens.converging", figures.converging(s, ctx), t, twin.rename(columns=str))


def _widest(s: Sensitivity, outcome: str) -> float:
    t = s.sobol[s.sobol["outcome"] == outcome]
    return float((t["st_hi"] - t["st_lo"]).max())


def _agreement(s: Sensitivity, outcome: str) -> float:
    """Rank correlation of PAWN with the total order over factors."""
    if not len(s.pawn):
        return float("nan")
    both = s.pawn[s.pawn["outcome"] == outcome].merge(s.sobol[s.sobol["outcome"] == outcome], on="factor")
    if len(both) < 3 or np.ptp(both["pawn"]) == 0 or np.ptp(both["st"]) == 0:
        return float("nan")
    return float(stats.spearmanr(both["pawn"], both["st"]).statistic)


def summary(s: Sensitivity, w: Words) -> str:
    """What the command line shows."""
    widest = max(_widest(s, o) for o in s.headline)
    wide = [w("sens.wide", width=number(widest, "0..1"))] if widest > WIDE else []
    return "\n".join([*answer(s, w), *_passed_over(s, w), *wide])
