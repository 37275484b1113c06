"""The self-contained HTML report of a stored study: everything inline, nothing from another host, printable."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from ecsim.analysis.answer import answer
from ecsim.analysis.compare import Comparison, compare, write_tables
from ecsim.analysis.findings import findings
from ecsim.analysis.study import START_YEAR, load_study
from ecsim.analysis.targets import INPUT, PASS
from ecsim.analysis.text.words import Words
from ecsim.errors import UserError
from ecsim.report import style
from ecsim.report.assumed import assumed
from ecsim.report.figures import Drawn, draw_figures
from ecsim.report.languages import figures_folder, file_name, warnings
from ecsim.report.making import made
from ecsim.report.sections import claims_rows, differences_view, key_view, limits, scorecard_view, twin_view

TABLES = "analysis"
DESIGNS = ("equal", "factorial")
IN_TABLE = ("scorecard",)  # shown as an HTML table, so that the picture would say it twice


def write_report(folder: Path | str, lang: str = "en", tables: Comparison | None = None) -> Path:
    """Write the report of a results folder: figures, analysis tables and the page.

    Args:
        folder: results folder with `runs.parquet` and what else the run stored.
        lang: "en" or "zh" (headings, labels and names; sentences are English where no translation exists).
        tables: the analysis of the folder, where it is there already.

    Returns:
        Path of the page: `report.html`, or `report.zh.html`.

    Raises:
        UserError: the folder holds no study, no run succeeded, or it cannot be written.
    """
    comparison = tables or compare(load_study(folder))
    words = comparison.study.words(lang)
    home = Path(folder)
    path = home / file_name("report", "html", words)
    try:
        write_tables(comparison, home / TABLES)
        drawn = draw_figures(comparison, words, home / figures_folder(words))
        part = path.with_suffix(".part")
        part.write_text(render(comparison, drawn, words), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise UserError(f"{home}: the report cannot be written ({error.strerror or error})") from error
    return path


def render(c: Comparison, drawn: list[Drawn], words: Words) -> str:
    """The page as text."""
    env = Environment(
        loader=PackageLoader("ecsim.report", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    plates = [_plate(d, words) for d in drawn if d.key not in IN_TABLE]
    page: dict[str, Any] = {
        "w": words,
        "lang": words.lang,
        "title": title(c, words),
        "kicker": words("report.kicker", start=START_YEAR, end=c.end_year),
        "answer": answer(c, words),
        "key": key_view(c, words),
        "notes": notes(c, words),
        "targets": targets(c, words),
        "findings": findings(c, words),
        "scorecard": scorecard_view(c, words),
        "figures": [p for p in plates if p["key"] not in DESIGNS],
        "designs": [p for p in plates if p["key"] in DESIGNS],
        "claims": claims_rows(c, words),
        "differences": differences_view(c, words),
        "made": made(c, words),
        "assumed": assumed(c, words),
        "limits": limits(c, words),
        "colours": {p: style.policy_colour(p, c.policies) for p in c.policies},
    }
    return env.get_template("report.html.j2").render(page)


def title(c: Comparison, words: Words) -> str:
    """What the report is about."""
    if c.focal is None and len(c.policies) > 1:
        return words("report.title.many", n=len(c.policies))
    a, b = c.focal or (c.policies[0], "")
    full = all(words.has(f"policy.long.{p}") for p in (a, b) if p)  # both or none, so that no policy seems to be two
    first = words.long(a) if full else words.policy(a)
    first = first[:1].upper() + first[1:]
    if b:
        return words("report.title", a=first, b=words.long(b) if full else words.policy(b))
    seeds = words.count("seed", c.study.replicates()[1])
    return words("report.title.seeds" if c.study.by_seed else "report.title.one", a=first, seeds=seeds)


def notes(c: Comparison, words: Words) -> list[str]:
    """What the reader must know of these runs and figures."""
    return [*(words(n.key, **n.values) for n in c.study.notes), *warnings(words)]


def targets(c: Comparison, words: Words) -> dict[str, str]:
    """How many targets these runs meet and the table that has them all, where they were held against targets; else nothing."""
    path = c.study.folder / "targets.csv"
    if not path.exists():
        return {}
    verdicts = pd.read_csv(path)["verdict"]
    told = words("report.targets", n=int((verdicts == PASS).sum()), all=int((verdicts != INPUT).sum()))
    return {"told": told, "file": file_name("targets", "md", words)}


def _plate(d: Drawn, words: Words) -> dict[str, Any]:
    """A figure for the template, its picture inline."""
    picture = base64.b64encode(d.svg.read_bytes()).decode("ascii")
    return {
        "key": d.key,
        "title": d.title,
        "caption": d.caption,
        "src": f"data:image/svg+xml;base64,{picture}",
        "twin": twin_view(d.twin, d.csv, words),
    }
