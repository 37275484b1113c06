"""All figures of a report, in order, and how to draw them from the tables of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecsim.analysis.compare import Comparison
from ecsim.analysis.text.words import Words
from ecsim.report import style
from ecsim.report.figures import (
    alliance,
    designs,
    domains,
    drivers,
    fans,
    gap,
    instruments,
    network,
    often,
    pareto,
    payers,
    power,
    regret,
    scorecard,
    variance,
)
from ecsim.report.figures.base import Plate, context_of, save
from ecsim.report.languages import drawable

PLATES: tuple[Plate, ...] = (
    scorecard.PLATE,
    often.PLATE,
    pareto.PLATE,
    power.PLATE,
    domains.PLATE,
    gap.PLATE,
    payers.PLATE,
    network.PLATE,
    instruments.PLATE,
    fans.PLATE,
    variance.PLATE,
    drivers.PLATE,
    regret.PLATE,
    alliance.PLATE,
    designs.EQUAL,
    designs.FACTORIAL,
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure that was drawn and stored.

    Attributes:
        key, title, caption: what it is.
        png, svg, csv: the files; the last holds the table that was drawn.
        twin: the same numbers arranged for reading.
    """

    key: str
    title: str
    caption: str
    png: Path
    svg: Path
    csv: Path
    twin: pd.DataFrame


def draw_figures(c: Comparison, words: Words, folder: Path) -> list[Drawn]:
    """Draw every figure for which the study has a table, as PNG and SVG with its table as CSV.

    Without a Chinese font, figures are labelled in English.

    Raises:
        OSError: the folder cannot be written.
    """
    drawn = []
    ctx, page = context_of(c, drawable(words)), context_of(c, words)
    for plate in PLATES:
        table = plate.table(c)
        if table is None or table.empty:
            continue
        with style.styled():
            png, svg = save(plate.draw(table, ctx), folder, plate.key)
        csv = folder / f"{plate.key}.csv"
        table.to_csv(csv, index=False, lineterminator="\n")
        text = plate.text_key(table)
        drawn.append(Drawn(plate.key, words(text, **page.names()), plate.caption(table, page), png, svg, csv, plate.twin(table, page)))
    return drawn
