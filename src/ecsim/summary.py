"""What the command line shows when a study is done: for a person, and for a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecsim.analysis.grid import Grid, swept_keys
from ecsim.analysis.study import INTERRUPTED, load_study
from ecsim.analysis.text.columns import Rows, as_text
from ecsim.analysis.text.words import Words, words_of
from ecsim.api import Study

WARNED = ("study.single", "study.few", "study.structured")  # notes that end what a sweep shows


def as_words(study: Study, lang: str = "en") -> str:
    """Headline outcomes, and effects of the factors and claims where there are any; of a grid, every point."""
    words = load_study(study.folder).words(lang)
    if grid := _grid(study):
        return _points(grid, words)
    parts = [study.summary(lang)]
    if len(study.tables.factorial):
        parts.append(words("summary.effects") + "\n\n" + as_text(_effects(study, words)))
    tested = _claims(study, words)
    if tested:
        parts.append(words("summary.claims") + "\n\n" + as_text(tested))
        parts += [words(n.key, **n.values) for n in study.tables.study.notes if n.key == "study.few"]
    return "\n\n".join(parts)


def unfinished(folder: Path, lang: str = "en") -> list[str]:
    """That a study was interrupted, and how much of it there is; nothing of one that ran to its end."""
    words = words_of(lang)
    return [words(n.key, **n.values) for n in load_study(folder).notes if n.key in INTERRUPTED]


def where(study: Study, page: Path | None, lang: str = "en") -> str:
    """The paths of what was written."""
    w = words_of(lang)
    return "\n".join([w("told.results", path=study.folder), *([w("told.report", path=page)] if page else [])])


def as_json(study: Study, page: Path | None) -> dict[str, Any]:
    """Policy, or point of a grid -> outcome -> mean with its interval and unit, and where everything is."""
    grid = _grid(study)
    table = study.tables.scorecard if grid is None else grid.points.assign(policy=grid.points["point"], runs=grid.points["draws"])
    policies: dict[str, dict[str, Any]] = {}
    for row in table.to_dict("records"):
        policies.setdefault(row["policy"], {})[row["outcome"]] = {key: row[key] for key in ("mean", "lo", "hi", "unit", "runs")}
    return {
        "folder": str(study.folder),
        "report": str(page) if page else None,
        "runs": len(study.runs),
        "failed": int((study.runs["status"] != "ok").sum()),
        "policies": policies,
    }


def _grid(study: Study) -> Grid | None:
    """A sweep over a grid; None of any other study."""
    stored = load_study(study.folder) if study.command == "sweep" else None
    keys = swept_keys(stored) if stored else ()
    return Grid(stored, keys) if stored and keys else None


def _points(g: Grid, w: Words) -> str:
    """The answer of a grid, and the means of every point."""
    from ecsim.report.grid.report import SHOWN, answer, left_out, wide  # loads what draws, which a run without a report does not need

    table = wide(g, w)
    more = [w("grid.more", n=SHOWN, all=f"{len(table):,}")] if len(table) > SHOWN else []
    warned = [w(n.key, **n.values) for n in g.study.notes if n.key in WARNED]
    return "\n\n".join([*answer(g, w), as_text(table.head(SHOWN).to_dict("records")), *more, *left_out(g, w), *warned])


def _effects(study: Study, words: Words) -> Rows:
    """Main effects: a row an outcome, a column a factor."""
    table = study.tables.factorial
    mains = table[~table["term"].str.contains("×")]
    rows = []
    for outcome, part in mains.groupby("outcome", sort=False):
        unit = part["unit"].iloc[0]
        row = {
            words("summary.outcome"): words.outcome(str(outcome)),
            words("summary.unit"): words.unit(unit, difference=True) or words.column(unit),
        }
        for effect in part.to_dict("records"):
            text = words.number(effect["effect"], effect["unit"], signed=True)
            row[words(f"factor.{effect['term']}")] = f"{text} [{words.interval(effect['lo'], effect['hi'], effect['unit'])}]"
        rows.append(row)
    return rows


def _claims(study: Study, words: Words) -> Rows:
    """Claims that the runs could test."""
    return [
        {
            words("claims.column.claim"): words(f"claim.{c['claim']}"),
            words(
                "claims.column.holds"
            ): f"{words.share(c['share'])} [{words('interval', lo=words.share(c['lo']), hi=words.share(c['hi']))}]",
            words("claims.column.verdict"): words(f"verdict.{c['verdict']}").lower(),
        }
        for c in study.tables.claims.to_dict("records")
        if c["draws"]
    ]
