"""The report of `ecsim sweep` over a grid: every point, in place of a comparison of a few policies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import snap
from ecsim.analysis.grid import BASE, Grid, load_grid
from ecsim.analysis.measures import measure
from ecsim.analysis.study import INTERRUPTED, NO_CONTROL, QUARTERS_A_YEAR, START_YEAR
from ecsim.analysis.text.words import Words
from ecsim.errors import UserError
from ecsim.experiment.variants import of_file
from ecsim.report import style
from ecsim.report.figures.base import Context, cap, factor_name
from ecsim.report.grid import figures
from ecsim.report.making import joining_order
from ecsim.report.page import Page, Picture, Section, context, counts, some, write_page

TABLES = "analysis"
NOTED = (*INTERRUPTED, "study.failed", "study.single", "study.few", "study.structured")  # what a reader must know first
SHOWN = 60  # points of a table
PICTURES = 3  # numbers that have a figure
TOLD = ("gap_added", "unmet_need", "power_ratio_change", "home_revenue")


def write_grid_report(folder: Path | str, lang: str = "en") -> Path:
    """Write figures, tables and the page of a stored sweep; returns its path.

    Raises:
        UserError: the folder holds no sweep over a grid, or cannot be written.
    """
    home = Path(folder)
    g = load_grid(home)
    words = g.study.words(lang)
    try:
        g.write(home / TABLES)
    except OSError as error:
        raise UserError(f"{home}: the report cannot be written ({error.strerror or error})") from error
    return write_page(home, "report", page(g, words), g.study, words)


def page(g: Grid, w: Words) -> Page:
    """The whole report as structures."""
    draws, seeds, _ = g.study.replicates()
    sizes = {"draws": draws, "seeds": seeds if draws > 1 else g.runs["seed"].nunique(), "runs": len(g.runs)}
    ctx = context(g.study, w, lambda x: x("grid.source", **counts(x, **sizes)))
    quarters = int((g.study.manifest.get("config") or {}).get("time", {}).get("quarters", 0))
    with style.styled():
        pictures = [_response(g, key, i, ctx, w) for i, key in enumerate(g.numeric[:PICTURES])]
        if not pictures:
            pictures = [Picture("grid.points", figures.by_point(g, ctx), g.points, wide(g, w, intervals=True))]
    left = left_out(g, w)
    notes = [w(n.key, **n.values) for n in g.study.notes if n.key in NOTED] + left
    table = wide(g, w)
    more = [w("grid.more", n=SHOWN, all=f"{len(table):,}")] if len(table) > SHOWN else []
    made = [w("grid.made", points=f"{len(table):,}", failed=len(g.study.failed), **counts(w, **sizes))]
    limits = ["grid.limit", "limit.model", "limit.forecast", "limit.cost"]
    if g.points["lo"].notna().any():  # parameters were drawn
        made.append(w("grid.made.intervals"))
        limits.append("limit.parameters")
    sections = [
        Section("response", w("grid.section.response"), [w("key.how.units")], pictures, [_shares(g, w)] if len(g.shares) else []),
        Section("points", w("grid.section.points"), (), (), [(w(_means(g)), table.head(SHOWN), w("sentence.space").join([*more, *left]))]),
    ]
    return Page(
        title=w("grid.title", list=w.list(_names(g, w))),
        kicker=w("grid.kicker", start=START_YEAR, end=START_YEAR + quarters // QUARTERS_A_YEAR - 1),
        answer=answer(g, w),
        notes=notes,
        sections=sections,
        made=w("sentence.space").join(made),
        limits=[*joining_order(g.study, g.keys, w), *map(w, limits)],
    )


def left_out(g: Grid, w: Words) -> list[str]:
    """Which replicates and points the numbers are not of."""
    told = []
    for left, outcomes in g.partial.items():
        names = w("grid.partial.all") if len(outcomes) == len(g.outcomes) else w.list(w.outcome(o).lower() for o in outcomes)
        key = "grid.partial" if left < g.replicates else "grid.partial.none"
        told.append(w(key, n=left, all=g.replicates, list=names))
    told += [w("grid.step", list=_together(k, g, w)) for k, others in g.in_step.items() if others]
    told += [w("grid.empty", n=len(g.empty), all=g.planned, list=some(g.empty, len(g.empty), w))] if g.empty else []
    told += [w("grid.unreached", n=g.missing, all=g.planned, list=some(g.unreached, g.missing, w))] if g.missing else []
    return told


def _means(g: Grid) -> str:
    """Whether means are over draws, over seeds, or of one run."""
    return "key.caption.means.seeds" if g.study.by_seed else "key.caption.one" if g.replicates == 1 else "key.caption.means"


def answer(g: Grid, w: Words) -> list[str]:
    """What was swept, which point does best on what, and which key moves it."""
    points = g.points["point"].nunique() if len(g.points) else 0
    key = "grid.answer.swept.part" if points < g.planned else "grid.answer.swept"
    told = [w(key, points=f"{points:,}", all=f"{g.planned:,}", list=cap(w("list.semicolon").join(_ranges(g, w))))]
    best = []
    for outcome in (o for o in TOLD if o in g.outcomes):
        own = g.points[(g.points["outcome"] == outcome) & (g.points["base"] != NO_CONTROL)].dropna(subset=["mean"])
        if len({w.amount(mean, unit) for mean, unit in zip(own["mean"], own["unit"], strict=True)}) < 2:
            continue  # nothing that is shown tells the points apart
        row = own.loc[(own["mean"] * (measure(outcome).better or 1)).idxmax()]
        amount = w.amount(row["mean"], row["unit"], signed=True)
        point = _best(g, w, own, row)
        best.append(w("grid.answer.best.one", outcome=w.outcome(outcome).lower(), point=point, v=amount))
    told += [w("grid.answer.best", list=w("list.semicolon").join(best))] if best else []
    moved: dict[str, list[str]] = {}
    for outcome in TOLD:
        own = g.shares[g.shares["outcome"] == outcome]
        if len(own):
            row = own.loc[own["share"].idxmax()]
            moved.setdefault(row["key"], []).append(w.aside(w.outcome(outcome).lower(), w.share(row["share"])))
    items = [w("grid.answer.moves.one", name=_key(key, w), list=w.list(names)) for key, names in moved.items()]
    told += [w("grid.answer.moves.none")] if points < g.planned and len(_names(g, w)) > 1 else []
    return [*told, *([w("grid.answer.moves", list=cap(w("list.semicolon").join(items)))] if items else [])]


def _best(g: Grid, w: Words, own: pd.DataFrame, row: pd.Series) -> str:
    """The best point, and how many others are not told apart from it or, without intervals, are alike."""
    near = g.near(row["outcome"], row["point"], list(own["point"]))
    alike = int((snap(own["mean"].to_numpy() - row["mean"], row["mean"]) == 0).sum()) - 1
    if near and near > alike:
        return w("grid.answer.best.near", point=w.policy(row["point"]), n=near)
    return w("grid.answer.best.tied", point=w.policy(row["point"]), n=alike) if alike else w.policy(row["point"])


def _names(g: Grid, w: Words) -> list[str]:
    return [_together(k, g, w) for k in g.named] + [factor_name(k, w) for k in g.numeric]


def _together(key: str, g: Grid, w: Words) -> str:
    """A key with those that came in step with it."""
    return w.list(_key(k, w) for k in (key, *g.in_step[key]))


def _ranges(g: Grid, w: Words) -> list[str]:
    """What was swept, with its values."""
    told = []
    for key in (k for first, others in g.in_step.items() for k in (first, *others)):
        values = [w.policy(v) if key == BASE else w.name("policy", of_file(key, str(v))) for v in pd.unique(g.runs[key])]
        told.append(w("grid.values", name=_key(key, w), list=w("list.comma").join(values)))
    for key in g.numeric:
        values = g.runs[key]
        ends = w("grid.range", lo=f"{values.min():g}", hi=f"{values.max():g}", n=values.nunique()).replace("-", "−")
        told.append(w("grid.values", name=factor_name(key, w), list=ends))
    return told


def _key(key: str, w: Words) -> str:
    return w(f"grid.key.{key}") if w.has(f"grid.key.{key}") else factor_name(key, w)


def _response(g: Grid, key: str, index: int, ctx: Context, w: Words) -> Picture:
    by = figures.grouping(g, key)
    t = g.over(key, by)
    twin = t.assign(
        curve=[figures.curve_name(str(c), w) for c in t["curve"]],
        text=[_text(r["mean"], r["lo"], r["hi"], r["unit"], w) for r in t.to_dict("records")],
        x=[f"{x:g}" for x in t[key]],
    ).pivot_table(index=["curve", "x"], columns="outcome", values="text", aggfunc="first", sort=False)
    named = twin.reset_index().rename(columns={"curve": w("table.policy"), "x": cap(factor_name(key, w))} | _columns(g, w))
    others = [k for k in ("line", *g.numeric) if k != key and k not in by and g.runs[k].nunique() > 1]
    mean = [w("grid.mean", list=w.list(_key(k, w) for k in others))] if others else []
    values = {"name": factor_name(key, w), "mean": "".join(w("sentence.space") + text for text in [*mean, *left_out(g, w)])}
    return Picture("grid.response", figures.response(g, key, ctx), t, named, values, f"grid_response_{index}")


def _columns(g: Grid, w: Words) -> dict[str, str]:
    return {o: w.aside(w.outcome(o), w.column(measure(o).unit)) for o in g.outcomes}


def wide(g: Grid, w: Words, *, intervals: bool = False) -> pd.DataFrame:
    """One row a point, one column a headline outcome."""
    t = g.points
    if not len(t):
        return pd.DataFrame()
    texts = [_text(r["mean"], r["lo"] if intervals else np.nan, r["hi"], r["unit"], w) for r in t.to_dict("records")]
    wide = t.assign(text=texts).pivot_table(index="point", columns="outcome", values="text", aggfunc="first", sort=False).reset_index()
    named = wide.assign(point=[w.policy(p) for p in wide["point"]])[["point", *g.outcomes]]
    return named.rename(columns={"point": w("grid.point")} | _columns(g, w))


def _text(mean: float, lo: float, hi: float, unit: str, w: Words) -> str:
    return w.number(mean, unit) + (f" ({w.interval(lo, hi, unit)})" if np.isfinite(lo) and lo != hi else "")


def _shares(g: Grid, w: Words) -> tuple[str, pd.DataFrame, str]:
    """Which swept key moves which outcome."""
    rows = []
    for outcome, own in g.shares.groupby("outcome", sort=False):
        row = {w("table.outcome"): w.outcome(str(outcome))}
        row |= {cap(_key(r["key"], w)): w.share(r["share"]) for r in own.to_dict("records")}
        rows.append(row | {w("grid.together"): w.share(max(0.0, 1 - float(own["share"].sum())))})
    return w("grid.shares"), pd.DataFrame(rows), w("grid.shares.how")
