"""The scorecard as a heat table: the three purposes, then the costs, then the domains where there are several."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ecsim.analysis.compare import Comparison
from ecsim.analysis.measures import COSTS, PURPOSES
from ecsim.analysis.study import NO_CONTROL
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, in_order, wrap

ROWS = (*PURPOSES, *COSTS, "domains")  # purposes that have a place in the table
MARK = {1: "▲", -1: "▼", 0: "·"}
ROW = 0.3  # inches
LETTER = 0.092  # inches of a letter of a head


def table(c: Comparison) -> pd.DataFrame | None:
    """The scorecard with `shade`: -1 (worst on the row) to +1 (best), against no controls, or the mean of the policies."""
    t = c.scorecard[c.scorecard["purpose"].isin(ROWS)]
    t = t[t.groupby("outcome")["mean"].transform(lambda x: x.notna().any())]
    return t.assign(shade=_shade(t)).reset_index(drop=True) if len(t) else None


def _shade(t: pd.DataFrame) -> pd.Series:
    base = t[t["policy"] == NO_CONTROL].set_index("outcome")["mean"]
    centre = t["outcome"].map(base if len(base) else t.groupby("outcome")["mean"].mean())
    turned = (t["mean"] - centre) * t["better"]
    size = turned.abs().groupby(t["outcome"]).transform("max")
    return (turned / size.where(size > 0)).fillna(0.0)


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """Rows by purpose, columns by policy; coloured by whether they are better or worse for the controlling side."""

    w = ctx.words
    policies = in_order(ctx, t["policy"])
    lines: list[tuple[str, str]] = []
    for purpose in (p for p in ROWS if p in set(t["purpose"])):
        lines.append(("head", purpose))
        lines += [("row", o) for o in pd.unique(t[t["purpose"] == purpose]["outcome"])]
    width = 1.0
    left = max(3.1, 0.72 * len(policies))  # room for names and units
    letters = int(style.WIDTH / (left + len(policies)) / LETTER)
    heads = [wrap(w.policy(p), letters) for p in policies]
    tall = max(h.count("\n") + 1 for h in heads) * 0.62  # rows of the table that the heads take
    fig = canvas(ctx, w("fig.scorecard"), 1.3 + ROW * (len(lines) + tall), header=0.5)
    ax = fig.subplots()
    ax.set_axis_off()
    ax.set_xlim(0, left + width * len(policies))
    ax.set_ylim(len(lines), -tall)
    colours = style.two_sided(style.WORSE, style.BETTER)
    for j, policy in enumerate(policies):
        ax.text(
            left + width * (j + 0.5),
            0,
            heads[j],
            ha="center",
            va="bottom",
            fontweight="bold",
            color=ctx.colour(policy),
            fontsize=10.5,
        )
    cells = t.set_index(["outcome", "policy"])
    for i, (kind, name) in enumerate(lines):
        if kind == "head":
            ax.text(0.02, i + 0.58, w(f"purpose.{name}"), va="center", fontweight="bold", fontsize=10.5)
            ax.axhline(i + 0.98, color=style.MUTED, linewidth=0.8, xmin=0)
            continue
        first = cells.loc[(name, policies[0])]
        ax.text(0.1, i + 0.5, f"{w.outcome(name)}", va="center", fontsize=9.5)
        ax.text(
            left - 0.12,
            i + 0.5,
            f"{w.column(first['unit'])}  {MARK[int(first['better'])]}",
            va="center",
            ha="right",
            fontsize=8.5,
            color=style.MUTED,
        )
        for j, policy in enumerate(policies):
            if (name, policy) in cells.index:
                cell = cells.loc[(name, policy)]
                text = w.number(float(cell["mean"]), str(cell["unit"]))
                _cell(ax, left + width * j, i, width, text, colours(0.5 + 0.5 * float(cell["shade"])))
    return fig


def _cell(ax: Axes, x: float, y: int, width: float, text: str, colour: tuple[float, ...]) -> None:

    ax.add_patch(Rectangle((x + 0.02, y + 0.04), width - 0.04, 0.92, facecolor=colour, linewidth=0))
    ax.text(
        x + width / 2,
        y + 0.5,
        text,
        ha="center",
        va="center",
        fontsize=9.5,
        color=style.text_on(colour),
    )


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Means with intervals, outcomes by policies."""
    w = ctx.words
    t = t.assign(
        text=[
            w.aside(w.number(m, u), w.interval(lo, hi, u)) if np.isfinite(lo) and lo != hi else w.number(m, u)
            for m, lo, hi, u in zip(t["mean"], t["lo"], t["hi"], t["unit"], strict=True)
        ]
    )
    wide = t.pivot_table(index=["purpose", "outcome", "unit"], columns="policy", values="text", aggfunc="first", sort=False)[
        in_order(ctx, t["policy"])
    ].reset_index()
    wide["purpose"] = [w(f"purpose.{p}") for p in wide["purpose"]]
    wide["outcome"] = [w.outcome(o) for o in wide["outcome"]]
    wide["unit"] = [w.column(u) for u in wide["unit"]]
    return wide.rename(
        columns={"purpose": w("table.purpose"), "outcome": w("table.outcome"), "unit": w("table.unit")}
        | {p: w.policy(p) for p in ctx.policies}
    )


PLATE = Plate("scorecard", table, draw, twin)
