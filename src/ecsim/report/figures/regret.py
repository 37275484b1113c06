"""Regret of each policy: how far it falls short of the best in the same replicate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.compare import Comparison
from ecsim.analysis.measures import measure
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, in_order, wrap

FEWEST = 3  # policies
HEADS = 62  # letters of all heads beside each other
LINE = 0.16  # inches of a line of a head


def table(c: Comparison) -> pd.DataFrame | None:
    """policy, outcome, unit, regret, worst, relative."""
    return c.regret if len(c.regret) and c.regret["policy"].nunique() >= FEWEST else None


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """Policies by outcomes; dark is far from the best."""
    w = ctx.words
    policies, outcomes = in_order(ctx, t["policy"]), list(pd.unique(t["outcome"]))
    grid = t.pivot_table(index="outcome", columns="policy", values="relative").reindex(index=outcomes, columns=policies)
    text = (
        t.assign(cell=[w.number(r, u) for r, u in zip(t["regret"], t["unit"], strict=True)])
        .pivot(index="outcome", columns="policy", values="cell")
        .reindex(index=outcomes, columns=policies)
    )
    heads = [wrap(w.policy(p), HEADS // len(policies)) for p in policies]
    more = max(head.count("\n") for head in heads)
    fig = canvas(ctx, w("fig.regret"), 1.9 + 0.42 * len(outcomes) + LINE * more, header=0.55)
    ax = fig.subplots()
    colours = style.one_sided(style.WORSE)
    image = ax.pcolormesh(grid.to_numpy(), cmap=colours, vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
    for (i, j), value in np.ndenumerate(grid.to_numpy()):
        ax.text(j + 0.5, i + 0.5, text.iat[i, j], ha="center", va="center", fontsize=9, color=style.text_on(colours(value)))
    ax.set_xticks(np.arange(len(policies)) + 0.5, heads, fontweight="bold")
    ax.set_yticks(np.arange(len(outcomes)) + 0.5, [w.aside(w.outcome(o), w.column(measure(o).unit)) for o in outcomes])
    ax.xaxis.tick_top()
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    bar = fig.colorbar(image, ax=ax, shrink=0.8, aspect=16, pad=0.02)
    bar.set_label(w("axis.regret"), fontsize=8.5)
    bar.outline.set_visible(False)
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Mean and worst regret in units."""
    w = ctx.words
    return pd.DataFrame(
        {
            w("table.outcome"): [w.outcome(o) for o in t["outcome"]],
            w("table.policy"): [w.policy(p) for p in t["policy"]],
            w("regret.mean"): [w.amount(v, u) for v, u in zip(t["regret"], t["unit"], strict=True)],
            w("regret.worst"): [w.amount(v, u) for v, u in zip(t["worst"], t["unit"], strict=True)],
            w("regret.relative"): [w.number(v, "0..1") for v in t["relative"]],
        }
    )


PLATE = Plate("regret", table, draw, twin)
