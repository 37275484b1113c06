"""What a figure is: a table made from the study, a drawing made from that table alone, and a readable twin of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import ScalarFormatter
from matplotlib.transforms import ScaledTranslation

from ecsim.analysis.compare import Comparison
from ecsim.analysis.measures import measure
from ecsim.analysis.text.parameters_zh import UNITS
from ecsim.analysis.text.words import MINUS, Words
from ecsim.params import REGISTRY
from ecsim.report import style
from ecsim.shown import Shown

HEADER = 0.86  # inches for title and legend
FOOTER = 0.34  # inches for the source note
HANDLE = 0.62  # inches of a legend entry beside its text
LETTER = 0.072  # inches of a letter of the legend
LINE = 0.22  # inches of a line of the legend


@dataclass(frozen=True)
class Context:
    """What every drawing needs beside its table.

    Attributes:
        words: wording.
        policies: labels in order of display.
        source: source note with the number of runs.
        manifest: for the sides of states.
        focal: the main contrast.
    """

    words: Words
    policies: tuple[str, ...]
    source: str
    manifest: Mapping[str, Any]
    focal: tuple[str, str] | None

    def colour(self, policy: str) -> str:
        """Colour of a policy."""
        return style.policy_colour(policy, self.policies)

    def marker(self, policy: str) -> str:
        """Marker of a policy."""
        return style.policy_marker(policy, self.policies)

    def line(self, policy: str) -> Any:
        """Line style of a policy."""
        return style.policy_line(policy, self.policies)

    def names(self) -> dict[str, str]:
        """Names of the main contrast, for texts with {a} and {b}."""
        a, b = self.focal or ("", "")
        return {"a": self.words.phrase(a), "b": self.words.phrase(b)}


@dataclass(frozen=True)
class Plate:
    """A kind of figure.

    Attributes:
        key: names files and texts ("fig.<key>", "fig.<key>.caption").
        table: the numbers drawn, tidy; None when the study has none.
        draw: from that table to a figure.
        twin: the same numbers arranged for reading.
        text: key of title and caption where it depends on the table.
        more: what the caption says beside that, in view of the table.
    """

    key: str
    table: Callable[[Comparison], pd.DataFrame | None]
    draw: Callable[[pd.DataFrame, Context], Figure]
    twin: Callable[[pd.DataFrame, Context], pd.DataFrame]
    text: Callable[[pd.DataFrame], str] | None = None
    more: Callable[[pd.DataFrame, Context], str] | None = None

    def text_key(self, table: pd.DataFrame) -> str:
        """Key of title and caption."""
        return self.text(table) if self.text else f"fig.{self.key}"

    def caption(self, table: pd.DataFrame, ctx: Context) -> str:
        """The text below the figure."""
        w = ctx.words
        told = [w(f"{self.text_key(table)}.caption", **ctx.names()), self.more(table, ctx) if self.more else ""]
        return w("sentence.space").join(filter(None, told))


def one_or_many(key: str, t: pd.DataFrame) -> str:
    """Title and caption of a figure with bars over runs, or without, where each policy has one run."""
    return key if t["lo"].notna().any() else f"{key}.one"


def context_of(c: Comparison, words: Words) -> Context:
    """The context of a comparison."""
    draws, seeds, runs = c.study.replicates(c.policies)
    source = (
        words("source.one")
        if runs == 1
        else words("source", runs=words.count("run", runs), draws=words.count("draw", draws), seeds=words.count("seed", seeds))
    )
    return Context(words, c.policies, source, c.study.manifest, c.focal)


def canvas(ctx: Context, title: str, height: float, *, note: str = "", header: float = HEADER, width: float = style.WIDTH) -> Figure:
    """An empty figure with title and source note; axes added later keep clear of both.

    Args:
        title: what the figure shows.
        height: inches.
        note: what bands or bars are, put after the source.
        header: inches kept for title and legend.
    """

    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    top, bottom = (fig.transFigure + ScaledTranslation(0.1, up, fig.dpi_scale_trans) for up in (-0.12, 0.09))
    fig.text(0, 1, title, ha="left", va="top", fontsize=14, fontweight="bold", transform=top)
    source = ctx.source + (ctx.words("list.semicolon") + note if note else "")
    fig.text(0, 0, source, ha="left", va="bottom", fontsize=8.5, color=style.MUTED, transform=bottom)
    _keep_clear(fig, header)
    return fig


def _keep_clear(fig: Figure, header: float) -> None:
    """Keep axes out of the inches for title, legend and source note."""
    height = fig.get_figheight()
    engine: Any = fig.get_layout_engine()
    engine.set(rect=(0, FOOTER / height, 1, 1 - (header + FOOTER) / height), w_pad=0.08, h_pad=0.06)


def legend(fig: Figure, handles: list[Any], *, header: float = HEADER) -> None:
    """A legend below the title, in as many lines as it needs; the figure grows by those beyond the first.

    Args:
        header: inches kept so far for title and legend.
    """
    width = fig.get_figwidth() - 0.2
    sizes = [HANDLE + _inches(str(h.get_label())) for h in handles]
    columns = len(handles) if sum(sizes) <= width else max(1, int(width // max(sizes)))
    extra = LINE * (-(-len(handles) // columns) - 1)
    if extra:
        fig.set_figheight(fig.get_figheight() + extra)
        _keep_clear(fig, header + extra)
    box = fig.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 1),
        bbox_transform=fig.transFigure + ScaledTranslation(0.04, -0.44, fig.dpi_scale_trans),
        ncols=columns,
        columnspacing=1.6,
        handlelength=2.0,
        handletextpad=0.5,
        borderaxespad=0.2,
    )
    box.set_in_layout(False)


def _inches(text: str) -> float:
    """About the width of a text in the legend's size."""
    return sum(LETTER if ch.isascii() else 2 * LETTER for ch in text)


def policy_handles(ctx: Context, policies: list[str], *, marker: bool = False) -> list[Any]:
    """Legend entries of policies, as lines or as markers."""

    return [
        Line2D(
            [],
            [],
            color=ctx.colour(p),
            marker=ctx.marker(p) if marker else None,
            linestyle="none" if marker else ctx.line(p),
            linewidth=2,
            markersize=7,
            label=ctx.words.policy(p),
        )
        for p in policies
    ]


def in_order(ctx: Context, labels: Any) -> list[str]:
    """Policies in order of display."""
    given = [str(x) for x in pd.unique(pd.Series(labels))]
    return [p for p in ctx.policies if p in given] + [p for p in given if p not in ctx.policies]


def cap(text: str) -> str:
    """A label with a capital first letter."""
    return text[:1].upper() + text[1:]


def factor_name(name: str, w: Words) -> str:
    """A factor in words: that of the catalogue, else the meaning of the parameter, else its key."""
    if w.has(f"factor.{name}"):
        return w.factor(name)
    info = REGISTRY.get(name)
    first = info.doc.split(":")[0].split(";")[0].rstrip(".") if info else name
    return first[:1].lower() + first[1:] if len(first) <= 60 else name


def factor_unit(unit: str, w: Words) -> str:
    """Unit of a factor in words."""
    return UNITS.get(unit, w.shown(unit).name) if w.lang == "zh" else unit


def wrap(text: str, letters: int) -> str:
    """A text broken into lines: between words, or anywhere in a language that writes without spaces, in lines of one length."""
    wide = sum(not ch.isascii() for ch in text)
    if 2 * wide <= len(text):
        return "\n".join(textwrap.wrap(text, letters, break_long_words=False)) or text
    lines = -(-(len(text) + wide) // letters)  # a Chinese letter is as wide as two of the others
    return "\n".join(textwrap.wrap(text, -(-len(text) // lines)))


class _Ticks(ScalarFormatter):
    """Ticks as a language shows their unit; turned, with the other sign."""

    def __init__(self, shown: Shown, *, turned: bool = False) -> None:
        super().__init__(useOffset=False if shown.places else None)  # what all ticks share would stand at the end of the axis as it is kept
        self.shown, self.turned = shown, turned

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Text of a tick."""
        text = self.shown.text(super().__call__(x, pos))
        if not self.turned:
            return text
        if not text.strip("0." + MINUS):
            return text.removeprefix(MINUS)
        return text.removeprefix(MINUS) if text.startswith(MINUS) else MINUS + text


def unit_axis(axis: Axis, unit: str, w: Words, difference: bool = False) -> str:
    """What names an axis of numbers or differences that are drawn as they are kept; its ticks are written in the unit that it names."""
    shown = w.shown(unit)
    if shown.places:
        axis.set_major_formatter(_Ticks(shown))
    return w.column(unit, difference)


def effect_axis(ax: Axes, outcome: str, w: Words) -> str:
    """Label of an axis on which up serves the controlling side; ticks show the outcome's own values, as the tables do."""
    m = measure(outcome)
    if m.better >= 0:
        return unit_axis(ax.yaxis, m.unit, w)
    ax.yaxis.set_major_formatter(_Ticks(w.shown(m.unit), turned=True))
    return w.column(m.unit) + w("axis.turned")


def zero_line(ax: Axes, *, vertical: bool = False) -> None:
    """A line at zero, above the grid."""
    (ax.axvline if vertical else ax.axhline)(0, color=style.MUTED, linewidth=0.9, zorder=1)


def save(fig: Figure, folder: Path, key: str) -> tuple[Path, Path]:
    """The figure as PNG and SVG, without dates, so that the same table gives the same bytes.

    Places are found once, for both, and each file is one drawing: `savefig` would draw twice for each, in case places move.
    """
    folder.mkdir(parents=True, exist_ok=True)
    png, svg = folder / f"{key}.png", folder / f"{key}.svg"
    dpi, engine = fig.get_dpi(), fig.get_layout_engine()
    fig.set_dpi(style.DPI)
    if engine is not None:
        engine.execute(fig)
        fig.set_layout_engine("none")
    agg: Any = FigureCanvasAgg(fig)
    agg.print_png(png, metadata={"Software": "ecsim"})
    fig.set_dpi(dpi)
    vector: Any = FigureCanvasSVG(fig)
    vector.print_svg(svg, metadata={"Date": None, "Creator": "ecsim"})
    fig.set_canvas(agg)  # a figure stays as it was, whichever file was written last
    fig.set_dpi(dpi)
    return png, svg
