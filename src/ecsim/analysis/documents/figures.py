"""Figures of the study: the paper's figures 2, 6 and 7 with the model's fan beside the published numbers, and the profile of beta."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ecsim.documents.instruments import CLASSES, CLASSES_EN

# Okabe and Ito: told apart with the common kinds of colour blindness.
COLOURS = {"authority": "#0072B2", "incentive": "#E69F00", "capacity": "#D55E00", "system": "#009E73", "hortatory": "#CC79A7"}
INK, MUTED, GRID, MODEL = "#1a1a1a", "#5c6670", "#dfe3e7", "#0072B2"
PUBLISHED = {  # numbers that the paper states of its figures
    "documents": {2020: 26.0, 2024: 34.0},
    "capacity": {2018: 43.0, 2025: 20.0},
    "security share": {2020: 60.0, 2025: 95.0},
    "development share": {2020: 39.0, 2025: 5.0},
}
NAMES = {
    "rate_anxiety": "anxiety on number",
    "rate_election": "election year on number",
    "saturation": "saturation of building",
    "security_anxiety": "anxiety on security",
    "security_house": "Democratic House on security",
    "path_dependence": "path dependence β",
    "tilt": "anxiety's pull to coercion",
}


def draw_all(series: pd.DataFrame, profiles: pd.DataFrame, folder: Path, runs: int) -> list[Path]:
    """All figures as PNG and SVG; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with _styled():
        for name, fig in (
            ("documents_by_year", documents_by_year(series, runs)),
            ("classes_by_year", classes_by_year(series, runs)),
            ("objectives_by_year", objectives_by_year(series, runs)),
            ("hypotheses", hypotheses(profiles)),
        ):
            for kind, meta in (("png", {"Software": "ecsim"}), ("svg", {"Date": None, "Creator": "ecsim"})):
                made.append(folder / f"{name}.{kind}")
                fig.savefig(made[-1], dpi=180, metadata=meta)
    return made


def documents_by_year(series: pd.DataFrame, runs: int) -> Figure:
    """Figure 2 of the paper: documents a year."""
    fig, (ax,) = _canvas(1, "Policy documents a year", runs)
    _fan(ax, series[series["series"] == "documents"], MODEL, "model, mean")
    _points(ax, "documents", "published (184 documents)")
    ax.set_ylabel("documents")
    ax.set_ylim(0)
    ax.legend(loc="upper left")
    return fig


def classes_by_year(series: pd.DataFrame, runs: int) -> Figure:
    """Figure 6 of the paper: share of each class in the year's codes, with linear trends."""
    fig, axes = _canvas(len(CLASSES), "Classes of instruments, share of the year's codes", runs)
    for ax, name in zip(axes, CLASSES, strict=True):
        rows = series[(series["figure"] == "6") & (series["series"] == name)]
        _fan(ax, rows, COLOURS[name], "model, mean")
        slope, level = np.polyfit(rows["year"], rows["mean"], 1)
        ax.plot(rows["year"], level + slope * rows["year"], color=INK, linewidth=1, linestyle=(0, (4, 2)), label="linear trend")
        _points(ax, name, "published")
        if name == "authority":
            ax.axhline(30, color=MUTED, linewidth=0.9, linestyle=":", label="published: above 30% from 2019")
        ax.set_title(f"{CLASSES_EN[name]} ({slope:+.1f} points a year)")
        ax.set_ylim(0, 75)
        ax.legend(loc="upper right", fontsize=7.5)
    axes[0].set_ylabel("percent of codes")
    return fig


def objectives_by_year(series: pd.DataFrame, runs: int) -> Figure:
    """Figure 7 of the paper: objectives by year, counts and shares."""
    fig, (left, right) = _canvas(2, "Objectives by year", runs)
    colours = {"security": COLOURS["authority"], "development": COLOURS["incentive"]}
    for goal, colour in colours.items():
        _fan(left, series[(series["figure"] == "7") & (series["series"] == goal)], colour, f"{goal}, mean")
        share = f"{goal} share"
        _fan(right, series[(series["figure"] == "7") & (series["series"] == share)], colour, f"{goal}, mean")
        _points(right, share, f"published, {goal}")
    left.set_title("codes")
    left.set_ylabel("codes")
    right.set_title("share of the year's codes")
    right.set_ylabel("percent")
    for ax in (left, right):
        ax.set_ylim(0)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, fontsize=8)
    return fig


def hypotheses(profiles: pd.DataFrame) -> Figure:
    """Prior, posterior and profile of each mechanism; zero is the left or right edge."""
    names = list(dict.fromkeys(profiles["parameter"]))
    fig, axes = _canvas(len(names), "Synthetic likelihood of the yearly numbers: prior, posterior and profile", 0, width=2.1)
    for ax, name in zip(axes, names, strict=True):
        rows = profiles[profiles["parameter"] == name]
        ax.plot(rows["value"], rows["posterior"] / rows["prior"], color=MODEL, linewidth=2, label="posterior / prior")
        ax.axhline(1.0, color=MUTED, linewidth=1, linestyle=":", label="prior")
        ax.plot(
            rows["value"], np.exp(rows["profile"]), color=COLOURS["capacity"], linewidth=1.5, linestyle="--", label="profile likelihood"
        )
        ax.axvline(0.0, color=INK, linewidth=0.8)
        ax.set_title(NAMES[name], fontsize=8)
        ax.set_ylim(0)
    axes[0].legend(loc="upper right", fontsize=6.5)
    axes[0].set_ylabel("relative to prior, or to the maximum")
    return fig


def _canvas(columns: int, title: str, runs: int, width: float = 3.4) -> tuple[Figure, list[Axes]]:
    size = max(7.0, width * columns)
    fig = Figure(figsize=(size, 4.2), layout="constrained")
    FigureCanvasAgg(fig)
    note = f"  (bands: 50% and 90% of {runs} runs)" if runs else ""
    fig.suptitle(title + note, x=0.01, ha="left", fontsize=12, fontweight="bold")
    axes = fig.subplots(1, columns, squeeze=False)[0]
    return fig, list(axes)


def _fan(ax: Axes, rows: pd.DataFrame, colour: str, label: str) -> None:
    ax.fill_between(rows["year"], rows["p5"], rows["p95"], color=colour, alpha=0.15, linewidth=0)
    ax.fill_between(rows["year"], rows["p25"], rows["p75"], color=colour, alpha=0.25, linewidth=0)
    ax.plot(rows["year"], rows["mean"], color=colour, linewidth=1.9, label=label)


def _points(ax: Axes, name: str, label: str) -> None:
    numbers = PUBLISHED.get(name, {})
    if numbers:
        ax.plot(
            list(numbers),
            list(numbers.values()),
            linestyle="none",
            marker="D",
            markersize=7,
            color=INK,
            markerfacecolor="white",
            label=label,
        )


@contextmanager
def _styled() -> Iterator[None]:
    settings: dict[Any, Any] = {
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.edgecolor": MUTED,
        "grid.color": GRID,
        "legend.frameon": False,
        "svg.hashsalt": "ecsim",
    }
    with mpl.rc_context(settings):
        yield
