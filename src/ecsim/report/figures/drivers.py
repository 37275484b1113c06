"""Which drawn parameters the main difference goes with."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.compare import Comparison
from ecsim.analysis.paired import SETTLED
from ecsim.analysis.text.words import Words, number
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, factor_name, wrap

HEAD = 11  # letters of an outcome's name in a line
LABEL = 34  # letters of what a parameter is in a line
COLUMN = 0.88  # inches, in which the longest word of an outcome's name has room
LETTER = 0.075  # inches of a letter of a row's label
BAR = 1.2  # inches of the bar of colours and the margins


def table(c: Comparison) -> pd.DataFrame | None:
    """outcome, parameter, rho, lo, hi, p, p_holm, draws; parameters with the strongest correlation first."""
    t = c.drivers
    if t.empty:
        return None
    order = t.groupby("parameter")["rho"].apply(lambda r: r.abs().max())
    return t.assign(order=t["parameter"].map(order)).sort_values("order", ascending=False, kind="stable").drop(columns="order")


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A grid of correlations; those that survive adjustment for their number are bold."""
    w = ctx.words
    parameters, outcomes = list(pd.unique(t["parameter"])), list(pd.unique(t["outcome"]))
    grid = t.pivot_table(index="parameter", columns="outcome", values="rho").reindex(index=parameters, columns=outcomes)
    known = (t["p_holm"] < SETTLED).astype(float)
    sure = (
        t.assign(known=known).pivot_table(index="parameter", columns="outcome", values="known").reindex(index=parameters, columns=outcomes)
    )
    labels = [parameter_name(p, w) for p in parameters]
    width = max(style.WIDTH, _letters(labels) * LETTER + COLUMN * len(outcomes) + BAR)
    row = 0.3 + 0.08 * max(2, *(label.count("\n") + 1 for label in labels))
    fig = canvas(ctx, w("fig.drivers", **ctx.names()), 2.2 + row * len(parameters), header=0.55, width=width)
    ax = fig.subplots()
    colours = style.two_sided(style.LESS, style.PLUS)
    image = ax.pcolormesh(grid.to_numpy(dtype=float), cmap=colours, vmin=-1, vmax=1, edgecolors="white", linewidth=1.5)
    for (i, j), rho in np.ndenumerate(grid.to_numpy(dtype=float)):
        firm = sure.iat[i, j] == 1
        colour = "white" if abs(rho) > 0.75 else style.INK if firm else style.MUTED
        ax.text(
            j + 0.5,
            i + 0.5,
            number(rho, "0..1", signed=True),
            ha="center",
            va="center",
            color=colour,
            fontweight="bold" if firm else "normal",
        )
    ax.set_xticks(np.arange(len(outcomes)) + 0.5, [wrap(w.outcome(o), HEAD) for o in outcomes], fontsize=8)
    ax.set_yticks(np.arange(len(parameters)) + 0.5, labels)
    ax.xaxis.tick_top()
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    bar = fig.colorbar(image, ax=ax, shrink=0.8, aspect=max(16, 1.6 * len(parameters)), pad=0.02)
    bar.set_label(w("axis.rho"), fontsize=9)
    bar.outline.set_visible(False)
    return fig


def parameter_name(name: str, w: Words) -> str:
    """Dotted name of a parameter, and below it what it is, in the words of the figures of sensitivity."""
    told = factor_name(name, w)
    return name if told == name else f"{name}\n{wrap(told, LABEL)}"


def _letters(labels: list[str]) -> int:
    """Letters of the longest line of labels; a Chinese one is as wide as two of the others."""
    return max(sum(1 if ch.isascii() else 2 for ch in line) for label in labels for line in label.split("\n"))


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Correlations with intervals."""
    w = ctx.words
    return pd.DataFrame(
        {
            w("table.parameter"): t["parameter"].tolist(),
            w("table.outcome"): [w.outcome(o) for o in t["outcome"]],
            w("axis.rho"): [number(r, "0..1", signed=True) for r in t["rho"]],
            w("table.interval"): [w.interval(lo, hi, "0..1") for lo, hi in zip(t["lo"], t["hi"], strict=True)],
        }
    )


PLATE = Plate("drivers", table, draw, twin)
