"""What a figure is: a table made from the study, a drawing made from that table alone, and a readable twin of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecsim.analysis.compare import Comparison
from ecsim.analysis.text.words import Words
from ecsim.report import style

HEADER = 0.86  # inches for title and legend
FOOTER = 0.34  # inches for the source note


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
    """

    key: str
    table: Callable[[Comparison], pd.DataFrame | None]
    draw: Callable[[pd.DataFrame, Context], Figure]
    twin: Callable[[pd.DataFrame, Context], pd.DataFrame]
    text: Callable[[pd.DataFrame], str] | None = None

    def text_key(self, table: pd.DataFrame) -> str:
        """Key of title and caption."""
        return self.text(table) if self.text else f"fig.{self.key}"


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
    fig.text(0.1 / width, 1 - 0.12 / height, title, ha="left", va="top", fontsize=14, fontweight="bold")
    source = ctx.source + (f"; {note}" if note else "")
    fig.text(0.1 / width, 0.09 / height, source, ha="left", va="bottom", fontsize=8.5, color=style.MUTED)
    engine: Any = fig.get_layout_engine()
    engine.set(rect=(0, FOOTER / height, 1, 1 - (header + FOOTER) / height), w_pad=0.08, h_pad=0.06)
    return fig


def legend(fig: Figure, handles: list[Any], labels: list[str] | None = None, *, columns: int = 8) -> None:
    """A legend in one line below the title."""
    width, height = fig.get_size_inches()
    names = labels or [h.get_label() for h in handles]
    fig.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(0.04 / width, 1 - 0.44 / height),
        ncols=columns,
        columnspacing=1.6,
        handlelength=2.0,
        handletextpad=0.5,
        borderaxespad=0.2,
    ).set_in_layout(False)


def policy_handles(ctx: Context, policies: list[str], *, marker: bool = False) -> list[Any]:
    """Legend entries of policies, as lines or as markers."""

    return [
        Line2D(
            [],
            [],
            color=ctx.colour(p),
            marker=ctx.marker(p) if marker else None,
            linestyle="none" if marker else style.policy_line(p),
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


def wrap(text: str, letters: int) -> str:
    """A text broken into lines: between words, or anywhere in a language that writes without spaces."""
    return "\n".join(textwrap.wrap(text, letters, break_long_words=not text.isascii())) or text


def zero_line(ax: Axes, *, vertical: bool = False) -> None:
    """A line at zero, above the grid."""
    (ax.axvline if vertical else ax.axhline)(0, color=style.MUTED, linewidth=0.9, zorder=1)


def save(fig: Figure, folder: Path, key: str) -> tuple[Path, Path]:
    """The figure as PNG and SVG, without dates, so that the same table gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    png, svg = folder / f"{key}.png", folder / f"{key}.svg"
    fig.savefig(png, dpi=style.DPI, metadata={"Software": "ecsim"})
    fig.set_layout_engine("none")  # the places found for the first file hold for the second
    fig.savefig(svg, metadata={"Date": None, "Creator": "ecsim"})
    return png, svg
