"""A report of sections with figures and tables: what the studies beside the comparison write."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from ecsim.analysis.study import Study
from ecsim.analysis.text.words import Words
from ecsim.errors import UserError
from ecsim.report import style
from ecsim.report.figures.base import Context, save
from ecsim.report.languages import drawable, figures_folder, file_name
from ecsim.report.making import facts, parameters
from ecsim.report.sections import twin_view

NAMED = 5  # points without a run that are named


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure to be drawn.

    Attributes:
        key: names files and texts ("<key>", "<key>.caption").
        figure: the drawing.
        data: the numbers drawn, for the CSV file.
        twin: the same, arranged for reading.
        values: what fills the texts in.
        file: name of the files where it is not the key.
    """

    key: str
    figure: Figure
    data: pd.DataFrame
    twin: pd.DataFrame
    values: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """A section of a page.

    Attributes:
        key: names the anchor.
        title: heading.
        texts: paragraphs.
        pictures: figures.
        tables: (caption, table of texts, how to read it).
    """

    key: str
    title: str
    texts: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[tuple[str, pd.DataFrame, str]] = ()


@dataclass(frozen=True, eq=False)
class Page:
    """A report.

    Attributes:
        title, kicker: heading, and the line above it.
        answer: paragraphs of the answer.
        notes: what the reader must know first.
        sections: the rest, in order.
        made: how the runs were made.
        limits: what must not be read into the numbers.
    """

    title: str
    kicker: str
    answer: Sequence[str]
    notes: Sequence[str]
    sections: Sequence[Section]
    made: str
    limits: Sequence[str]


def context(study: Study, words: Words, source: Callable[[Words], str]) -> Context:
    """What every drawing needs; figures are labelled in English, with their source, where Chinese cannot be drawn.

    Args:
        source: the source note in the words that it is given.
    """
    drawn = drawable(words)
    return Context(drawn, study.policies, source(drawn), study.manifest, None)


def counts(w: Words, **numbers: int) -> dict[str, str]:
    """Numbers of runs, draws and seeds in words: "runs=24" as "24 runs"."""
    return {things: w.count(things.removesuffix("s"), n) for things, n in numbers.items()}


def some(points: Sequence[str], n: int, w: Words) -> str:
    """The first of n points, behind a colon; nothing where none is known by name."""
    named = w("list.semicolon").join(w.policy(p) for p in points[:NAMED]) + (w("grid.others") if n > NAMED else "")
    return w("list.colon") + named if points else ""


def write_page(folder: Path, name: str, page: Page, study: Study, words: Words) -> Path:
    """Write figures, their tables and the page; returns its path.

    Raises:
        UserError: the folder cannot be written.
    """
    path = folder / file_name(name, "html", words)
    env = Environment(
        loader=PackageLoader("ecsim.report", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    try:
        sections = [_section(s, folder, words) for s in page.sections]
        shown = {"page": {**vars(page), "sections": sections}, "w": words, "lang": words.lang}
        text = env.get_template("page.html.j2").render(
            shown | {"parameters": parameters(study, words), "facts": facts(study.manifest, words)}
        )
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise UserError(f"{folder}: the report cannot be written ({error.strerror or error})") from error
    return path


def _section(s: Section, folder: Path, words: Words) -> dict[str, Any]:
    tables = [
        {"caption": caption, "columns": list(t.columns), "rows": t.astype(str).to_numpy().tolist(), "how": how}
        for caption, t, how in s.tables
    ]
    plates = [_plate(p, folder, words) for p in s.pictures]
    return {"key": s.key, "title": s.title, "texts": s.texts, "plates": plates, "tables": tables}


def _plate(p: Picture, folder: Path, words: Words) -> dict[str, Any]:
    name = p.file or p.key.replace(".", "_")
    home = folder / figures_folder(words)
    with style.styled():
        _, svg = save(p.figure, home, name)
    csv = home / f"{name}.csv"
    p.data.to_csv(csv, index=False, lineterminator="\n")
    picture = base64.b64encode(svg.read_bytes()).decode("ascii")
    return {
        "key": name,
        "title": words(p.key, **p.values),
        "caption": words(f"{p.key}.caption", **p.values),
        "src": f"data:image/svg+xml;base64,{picture}",
        "twin": twin_view(p.twin, csv, words),
    }
