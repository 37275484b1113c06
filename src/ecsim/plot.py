"""Line figures of the series of a single run, for notebooks."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ecsim.analysis.study import date_of
from ecsim.analysis.text.words import words_of
from ecsim.errors import unknown
from ecsim.record import TRACKS
from ecsim.report import style

COLUMNS = 2
PANEL = (5.2, 3.0)  # inches
TITLE = 60  # letters
MOST_LINES = 8  # a panel; of more keys, those that change most are drawn and named, the others stay grey


class Picture(Figure):
    """A figure that notebooks show without further ado."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()


def plot_series(series: pd.DataFrame, names: Sequence[str], title: str = "") -> Figure:
    """One panel for each series, one line for each of its keys.

    Args:
        series: long table with columns quarter, name, key, value.
        names: series to draw.
        title: title of the figure.

    Raises:
        UserError: unknown series.
    """
    known = list(series["name"].unique())
    for name in names:
        if name not in known:
            raise unknown("plot", "series", name, known)
    rows = math.ceil(len(names) / COLUMNS)
    with style.styled():
        figure = Picture(figsize=(PANEL[0] * min(COLUMNS, len(names)), PANEL[1] * rows), layout="constrained")
        for i, name in enumerate(names):
            _panel(figure.add_subplot(rows, min(COLUMNS, len(names)), i + 1), series[series["name"] == name], name)
        figure.suptitle(title)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, name: str) -> None:
    words = words_of("en")
    wide = rows.pivot_table(index="quarter", columns="key", values="value", dropna=False).dropna(axis=1, how="all")
    wide.index = [date_of(q) for q in wide.index]
    moved = (wide.max() - wide.min()).sort_values(ascending=False).index
    for key in moved[MOST_LINES:]:
        ax.plot(wide.index, wide[key], color=style.GRID, linewidth=0.8)
    for key, colour in zip(moved[:MOST_LINES], _colours(list(moved[:MOST_LINES])), strict=True):
        ax.plot(wide.index, wide[key], color=colour, label=words.name("key", key) if key else "")
    track = next(t for t in TRACKS if t.name == name)
    ax.set_title(textwrap.fill(track.doc[0].upper() + track.doc[1:], TITLE))
    ax.set_ylabel("share" if track.unit == "1" else track.unit)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(wide.columns) > 1:
        ax.legend(fontsize=7.5, ncols=2)


def _colours(keys: list[str]) -> list[str]:
    """Colours of the lines: those of the sides where the keys are sides."""
    palette = (*style.POLICY_COLOURS.values(), *style.MORE_COLOURS)
    return [style.SIDE_COLOURS.get(key, palette[i % len(palette)]) for i, key in enumerate(keys)]
