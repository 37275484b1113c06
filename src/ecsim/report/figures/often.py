"""How often the first policy of the main contrast does better than the second, outcome by outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.compare import Comparison
from ecsim.analysis.measures import COSTS, PURPOSES
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas


def table(c: Comparison) -> pd.DataFrame | None:
    """outcome, purpose, a, b, p_better, lo, hi, draws; only outcomes with a direction, not the same in every replicate."""
    if c.focal is None or c.differences.empty:
        return None
    a, b = c.focal
    d = c.differences[(c.differences["a"] == a) & (c.differences["b"] == b) & c.differences["purpose"].isin([*PURPOSES, *COSTS])]
    d = d[d["p_better_lo"].notna() & d["difference"].notna() & (d["verdict"] != "same")]
    if d.empty:
        return None
    return (
        d[["outcome", "purpose", "a", "b", "p_better", "p_better_lo", "p_better_hi", "draws"]]
        .rename(columns={"p_better_lo": "lo", "p_better_hi": "hi"})
        .reset_index(drop=True)
    )


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A dot with its interval for each outcome, grouped by purpose."""
    w, names = ctx.words, ctx.names()
    a, b = ctx.focal or ("", "")
    groups = list(pd.unique(t["purpose"]))
    fig = canvas(ctx, w("fig.often", **names), 2.0 + 0.27 * (len(t) + len(groups)), note=w("source.share"), header=0.55)
    ax = fig.subplots()
    y = 0
    ticks: list[int] = []
    labels: list[str] = []
    heads: list[int] = []
    for purpose in groups:
        ticks.append(y)
        labels.append(w(f"purpose.{purpose}"))
        heads.append(y)
        y += 1
        for r in t[t["purpose"] == purpose].to_dict("records"):
            colour = ctx.colour(a) if r["lo"] > 0.5 else ctx.colour(b) if r["hi"] < 0.5 else style.MUTED
            ax.hlines(y, r["lo"], r["hi"], color=colour, linewidth=2)
            ax.scatter(r["p_better"], y, color=colour, s=44, zorder=3)
            ticks.append(y)
            labels.append(w.outcome(r["outcome"]))
            y += 1
    ax.axvline(0.5, color=style.INK, linewidth=0.9, linestyle=(0, (3, 2)))
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(y - 0.4, -0.7)
    ax.set_xticks(np.linspace(0, 1, 5), [w.share(x) for x in np.linspace(0, 1, 5)])
    ax.set_yticks(ticks, labels)
    for tick, label in zip(ticks, ax.get_yticklabels(), strict=True):
        label.set_fontweight("bold" if tick in heads else "normal")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(w("axis.probability", **names))
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Shares and intervals."""
    w = ctx.words
    return pd.DataFrame(
        {
            w("table.purpose"): [w(f"purpose.{p}") for p in t["purpose"]],
            w("table.outcome"): [w.outcome(o) for o in t["outcome"]],
            w("table.better"): [w.share(p) for p in t["p_better"]],
            w("table.interval"): [w("interval", lo=w.share(lo), hi=w.share(hi)) for lo, hi in zip(t["lo"], t["hi"], strict=True)],
        }
    )


PLATE = Plate("often", table, draw, twin)
