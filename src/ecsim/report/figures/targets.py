"""Targets at a glance: how far the model is from each figure of the record, in units of its tolerance."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ecsim.analysis.targets import INPUT, MISS, PASS
from ecsim.analysis.text.words import Words
from ecsim.report import style
from ecsim.report.figures.base import save

LIMIT = 6.0  # tolerances shown; what lies beyond is put at the edge
COLOURS = {PASS: style.BETTER, MISS: style.WORSE}
MARKS = {PASS: "o", MISS: "D"}
NEAR = "interval"  # misses of a target whose mean is within tolerance
KINDS = ((PASS, ""), (MISS, NEAR), (MISS, "mean"))  # verdict, misses
NAME = 46  # letters of a quantity, of which a Chinese one takes two


def draw_targets(table: pd.DataFrame, folder: Path, size: str, w: Words) -> Path:
    """Draw the verdict table as PNG and SVG; returns the PNG.

    Args:
        table: as `ecsim.analysis.targets.verdict_table` gives it.
        folder: where the files go.
        size: draws and seeds, in words.
        w: wording, in which the table names what it shows.
    """
    shown = table[np.isfinite(table["target"]) & np.isfinite(table["mean"]) & (table["verdict"] != INPUT)].reset_index(drop=True)
    with style.styled():
        fig = Figure(figsize=(style.WIDTH, 2.3 + 0.42 * max(len(shown), 1)), layout="constrained")
        FigureCanvasAgg(fig)
        fig.suptitle(w("targets.fig"), x=0.01, ha="left", fontsize=14, fontweight="bold")
        ax = fig.subplots()
        ax.axvspan(-1, 1, color=style.BAND, zorder=0)
        ax.axvline(0, color=style.MUTED, linewidth=0.9)
        for i, t in enumerate(shown.to_dict("records")):
            width = t["tolerance"] or np.inf
            mean, lo, hi = (float(np.clip((t[k] - t["target"]) / width, -LIMIT, LIMIT)) for k in ("mean", "lo", "hi"))
            colour = COLOURS.get(t["verdict"], style.MUTED)
            ax.plot([lo, hi], [i, i], color=colour, linewidth=2.2, solid_capstyle="butt")
            ax.plot(mean, i, MARKS.get(t["verdict"], "o"), color=colour, markerfacecolor=_inside(t["verdict"], t["misses"]), markersize=7)
        ax.set_yticks(range(len(shown)), [_label(t, w) for t in shown.to_dict("records")])
        ax.set_ylim(len(shown) - 0.5, -0.5)
        ax.set_xlim(-LIMIT - 0.3, LIMIT + 0.3)
        ax.set_xlabel(w("targets.fig.axis", limit=f"{LIMIT:g}", size=size))
        handles: list[Any] = [
            Line2D([], [], color=COLOURS[v], marker=MARKS[v], markerfacecolor=_inside(v, misses), linewidth=2.2, label=_kind(v, misses, w))
            for v, misses in KINDS
        ]
        handles.append(Patch(facecolor=style.BAND, edgecolor=style.GRID, label=w("targets.fig.near")))
        fig.legend(handles=handles, loc="outside lower left", ncols=2, frameon=False)
        png, _ = save(fig, folder, "targets")
    return png


def _inside(verdict: str, misses: str) -> str:
    """Filling of a mark: none where only the interval misses the record."""
    return style.PAPER if misses == NEAR else COLOURS.get(verdict, style.MUTED)


def _kind(verdict: str, misses: str, w: Words) -> str:
    """A verdict in the legend."""
    return w(f"targets.fig.{misses or verdict}")


def _label(t: dict[str, object], w: Words) -> str:
    return f"{t['id']}  {_short(str(t['quantity']).partition(' (')[0])}{w('list.part')}{t['period']}"


def _short(quantity: str) -> str:
    """A name that leaves room for the drawing; one without spaces between words is cut anywhere."""
    if quantity.isascii() or len(quantity.split()) > 1:
        return textwrap.shorten(quantity, NAME, placeholder=" …")
    return quantity if 2 * len(quantity) <= NAME else quantity[: NAME // 2 - 1] + "…"
