"""Technology gap of the challenger by product, in the last year, under each policy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.bands import last_year, spread
from ecsim.analysis.compare import Comparison
from ecsim.analysis.text.words import number
from ecsim.report.figures.base import Context, Plate, canvas, cap, in_order, legend, policy_handles, zero_line


def table(c: Comparison) -> pd.DataFrame | None:
    """product, policy, mean, lo, hi, draws; products by falling gap under the first policy."""
    series = c.study.series("gap", c.policies)
    series = series[np.isfinite(series["value"])]
    if series.empty:
        return None
    t = spread(last_year(series), ["key", "policy"]).rename(columns={"key": "product"})
    base = t[t["policy"] == c.policies[0]].set_index("product")["mean"]
    return (
        t.assign(order=t["product"].map(base))
        .sort_values(["order", "product"], ascending=[False, True], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A row of dots for each product."""
    w = ctx.words
    products = list(pd.unique(t["product"]))
    policies = in_order(ctx, t["policy"])
    bars = w("source.range") if t["lo"].notna().any() else ""
    fig = canvas(ctx, w("fig.gap"), 1.9 + 0.29 * len(products), note=bars)
    ax = fig.subplots()
    for i in range(0, len(products), 2):
        ax.axhspan(i - 0.5, i + 0.5, color="#f6f7f8", zorder=0)
    step = min(0.18, 0.72 / max(1, len(policies)))
    for k, policy in enumerate(policies):
        rows = t[t["policy"] == policy].set_index("product").reindex(products)
        y = np.arange(len(products)) + (k - (len(policies) - 1) / 2) * step
        ax.hlines(y, rows["lo"], rows["hi"], color=ctx.colour(policy), linewidth=1.3, alpha=0.55)
        ax.scatter(rows["mean"], y, color=ctx.colour(policy), marker=ctx.marker(policy), s=30, zorder=3)
    zero_line(ax, vertical=True)
    ax.set_yticks(range(len(products)), [cap(w.name("product", p)) for p in products])
    ax.set_ylim(len(products) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(w("axis.gap"))
    legend(fig, policy_handles(ctx, policies, marker=True))
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Products by policies: mean and range."""
    w = ctx.words
    t = t.assign(
        text=[
            f"{number(m, 'generations')} ({w.interval(lo, hi, 'generations')})" if np.isfinite(lo) else number(m, "generations")
            for m, lo, hi in zip(t["mean"], t["lo"], t["hi"], strict=True)
        ]
    )
    wide = t.pivot_table(index="product", columns="policy", values="text", aggfunc="first", sort=False)[
        in_order(ctx, t["policy"])
    ].reset_index()
    wide["product"] = [w.name("product", p) for p in wide["product"]]
    return wide.rename(columns={"product": w("axis.gap")} | {p: w.policy(p) for p in ctx.policies})


PLATE = Plate("gap", table, draw, twin)
