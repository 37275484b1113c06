"""The figure of the long history: strictness by challenger, the main target, content and instruments; record and mechanism."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ecsim.analysis.text.words import Words, words_of
from ecsim.data.longrun import CHALLENGERS, CONTENTS
from ecsim.documents.instruments import CLASSES, CLASSES_EN
from ecsim.economy import Array
from ecsim.longrun.coding import YEARS
from ecsim.longrun.study import WINDOWS, Findings
from ecsim.report import style
from ecsim.report.languages import drawable, file_name

COLOURS = {
    "RUS": style.SIDE_COLOURS["third"],
    "CHN": style.SIDE_COLOURS["challenger"],
    "JPN": style.SIDE_COLOURS["ally"],
}  # as in all figures
SHADES = {"strategic_goods": "#cdd6df", "technology": "#7fa0c0", "emerging": "#1f4e79", "market": "#c9b36b"}
CLASS_COLOURS = ("#33567F", "#D9A441", "#7A9E7E", "#B7C4CF", "#C98C8C")
RECORD, MECHANISM = "#1a1a1a", "#009E73"
DIVIDE = 2017.5


def draw(found: Findings, folder: Path, words: Words | None = None) -> list[Path]:
    """Write long_history.png and .svg, or in Chinese long_history.zh.png and .zh.svg; returns them."""
    w = words or words_of("en")
    with style.styled():
        figure = _figure(found, drawable(w))
        folder.mkdir(parents=True, exist_ok=True)
        png, svg = (folder / file_name("long_history", ending, w) for ending in ("png", "svg"))
        figure.savefig(png, dpi=style.DPI, metadata={"Software": "ecsim"})
        figure.savefig(svg, metadata={"Date": None, "Creator": "ecsim"})
    return [png, svg]


def _figure(found: Findings, w: Words) -> Figure:
    figure = Figure(figsize=(style.WIDTH, 11.0), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(w("long.fig"), x=0.01, ha="left", fontweight="bold")
    axes = figure.subplots(6, 1, sharex=True, height_ratios=[3, 3, 2.2, 0.9, 0.9, 2.4])
    for c, ax in enumerate(axes[:3]):
        _strictness(ax, found, c, w)
    record, mechanism = w("long.fig.record"), w("long.fig.mechanism")
    _strip(axes[3], [found.record.target, _main_threat(found)], [COLOURS[c] for c in CHALLENGERS], (record, mechanism))
    axes[3].set_title(w("long.fig.target"))
    _strip(axes[4], [found.record.content], [SHADES[c] for c in CONTENTS], (record,))
    axes[4].set_title(w("long.fig.content"))
    _instruments(axes[5], found, w)
    axes[0].set_xlim(YEARS[0] - 0.5, YEARS[-1] + 0.5)
    _legend(figure, w)
    return figure


def _main_threat(found: Findings) -> Array:
    """Challenger with the greatest median threat in each year."""
    wide = found.years.pivot(index="year", columns="challenger", values="threat")[list(CHALLENGERS)]
    return np.asarray(wide.to_numpy().argmax(axis=1))


def _strictness(ax: Axes, found: Findings, c: int, w: Words) -> None:
    """Record with the band of codings; forecasts of the years that were not fitted, with 90% intervals."""
    record = found.record
    ax.fill_between(YEARS, record.lo[:, c], record.hi[:, c], color=style.GRID, linewidth=0)
    ax.plot(YEARS, record.strictness[:, c], color=RECORD, linewidth=2)
    for fitted, told in found.forecasts.items():
        new = ~WINDOWS[fitted]
        forecast = told["mechanism"]
        lo, hi = (x.reshape(len(YEARS), -1)[new, c] for x in forecast.interval())
        ax.fill_between(YEARS[new], lo.clip(0, 1), hi.clip(0, 1), color=MECHANISM, alpha=0.15, linewidth=0)
        ax.plot(YEARS[new], forecast.centre.reshape(len(YEARS), -1)[new, c], color=MECHANISM, linewidth=2)
        ratio = told["power ratio"].centre.reshape(len(YEARS), -1)[new, c]
        ax.plot(YEARS[new], ratio, color=style.MUTED, linewidth=1.2, linestyle=(0, (3, 2)))
    ax.axvline(DIVIDE, color=style.MUTED, linewidth=0.9)
    ax.set_ylim(0, 1)
    ax.set_ylabel(w("long.fig.strictness"))
    ax.set_title(w(f"long.fig.denial.{CHALLENGERS[c]}"))


def _strip(ax: Axes, rows: Sequence[Array], colours: Sequence[str], labels: Sequence[str]) -> None:
    """A row of coloured years for each of the given series."""
    for r, values in enumerate(rows):
        for k, colour in enumerate(colours):
            here = YEARS[values == k]
            if len(here):
                ax.bar(here, np.full(len(here), 0.8), width=1.0, bottom=len(rows) - 1 - r + 0.1, color=colour, linewidth=0)
    ax.set_yticks([len(rows) - 1 - r + 0.5 for r in range(len(rows))], labels)
    ax.set_ylim(0, len(rows))
    ax.grid(False)


def _instruments(ax: Axes, found: Findings, w: Words) -> None:
    ax.stackplot(YEARS, found.letters.classes.T, colors=CLASS_COLOURS, linewidth=0)
    ax.set_ylim(0, 1)
    ax.set_ylabel(w("long.fig.codes"))
    ax.set_title(w("long.fig.instruments"))
    ax.legend(
        handles=[Patch(color=k, label=w.said(f"part.{c}", CLASSES_EN[c])) for k, c in zip(CLASS_COLOURS, CLASSES, strict=True)],
        ncols=5,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
    )


def _legend(figure: Figure, w: Words) -> None:
    handles = [
        Line2D([], [], color=RECORD, linewidth=2, label=w("long.fig.legend.record")),
        Line2D([], [], color=MECHANISM, linewidth=2, label=w("long.fig.legend.mechanism")),
        Line2D([], [], color=style.MUTED, linewidth=1.2, linestyle=(0, (3, 2)), label=w("long.fig.legend.ratio")),
        *(Patch(color=COLOURS[c], label=w(f"long.fig.{c}")) for c in CHALLENGERS),
        *(Patch(color=SHADES[c], label=w(f"long.content.{c}")) for c in CONTENTS if c != "market"),
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=3)
