"""Technology gap of the challenger by product, in the last year, under each policy; by supply chain where there are several."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecsim.analysis.bands import last_year, spread
from ecsim.analysis.compare import Comparison
from ecsim.analysis.text.words import number
from ecsim.data import load
from ecsim.report.figures.base import Context, Plate, canvas, cap, in_order, legend, one_or_many, policy_handles, zero_line

LINE = 0.29  # inches of a product, or of the name of a domain
Group = tuple[str, list[str]]  # a domain ("" for the only one) and its products


@cache
def _domains() -> dict[str, str]:
    """Domain of each product of the shipped tables, in their order."""
    products = load().products
    return dict(zip(products["product"], products["domain"], strict=True))


def table(c: Comparison) -> pd.DataFrame | None:
    """product, policy, mean, lo, hi, draws; domains in their order, products by falling gap under the first policy."""
    series = c.study.series("gap", c.policies)
    series = series[np.isfinite(series["value"])]
    if series.empty:
        return None
    t = spread(last_year(series), ["key", "policy"]).rename(columns={"key": "product"})
    base = t[t["policy"] == c.policies[0]].set_index("product")["mean"]
    order = list(dict.fromkeys(_domains().values()))
    place = [order.index(d) if (d := _domains().get(p)) else len(order) for p in t["product"]]
    return (
        t.assign(domain=place, order=t["product"].map(base))
        .sort_values(["domain", "order", "product"], ascending=[True, False, True], kind="stable")
        .drop(columns=["domain", "order"])
        .reset_index(drop=True)
    )


def text(t: pd.DataFrame) -> str:
    """Which caption applies."""
    return one_or_many("fig.gap", t)


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A row of dots for each product; with several domains, two columns of products under the names of their domains."""
    w = ctx.words
    columns = _columns(_groups(list(pd.unique(t["product"]))))
    lines = max(sum(_lines(g) for g in groups) for groups in columns)
    bars = w("source.range") if t["lo"].notna().any() else ""
    fig = canvas(ctx, w(text(t)), 1.9 + LINE * lines, note=bars)
    axes = fig.subplots(1, len(columns), squeeze=False, sharex=True)[0]
    for ax, groups in zip(axes, columns, strict=True):
        _panel(ax, groups, lines, t, ctx)
    legend(fig, policy_handles(ctx, in_order(ctx, t["policy"]), marker=True))
    return fig


def _groups(products: list[str]) -> list[Group]:
    """Products by domain, in the order given; one group without a name where there is one domain."""
    names = dict.fromkeys(_domains().get(p, "") for p in products)
    if len(names) < 2:
        return [("", products)]
    return [(d, [p for p in products if _domains().get(p, "") == d]) for d in names]


def _lines(group: Group) -> int:
    """Lines that a group takes, with its name."""
    return len(group[1]) + bool(group[0])


def _columns(groups: list[Group]) -> list[list[Group]]:
    """The groups in one column or, where there are several, in two of heights as near as can be."""
    if len(groups) == 1:
        return [groups]
    cuts = range(1, len(groups))
    best = min(cuts, key=lambda k: max(sum(map(_lines, groups[:k])), sum(map(_lines, groups[k:]))))
    return [groups[:best], groups[best:]]


def _panel(ax: Axes, groups: list[Group], lines: int, t: pd.DataFrame, ctx: Context) -> None:
    """One column of products."""
    place: dict[str, int] = {}
    line = 0
    for domain, products in groups:
        if domain:
            ax.text(
                -0.015, line + 0.1, ctx.words.domain(domain), transform=ax.get_yaxis_transform(), va="center", ha="right", fontweight="bold"
            )
            line += 1
        place |= {p: line + i for i, p in enumerate(products)}
        line += len(products)
    y = np.array(list(place.values()))
    for i in y[::2]:
        ax.axhspan(i - 0.5, i + 0.5, color="#f6f7f8", zorder=0)
    policies = in_order(ctx, t["policy"])
    step = min(0.18, 0.72 / max(1, len(policies)))
    for k, policy in enumerate(policies):
        rows = t[t["policy"] == policy].set_index("product").reindex(list(place))
        at = y + (k - (len(policies) - 1) / 2) * step
        ax.hlines(at, rows["lo"], rows["hi"], color=ctx.colour(policy), linewidth=1.3, alpha=0.55)
        ax.scatter(rows["mean"], at, color=ctx.colour(policy), marker=ctx.marker(policy), s=30, zorder=3)
    zero_line(ax, vertical=True)
    ax.set_yticks(y, [cap(ctx.words.name("product", p)) for p in place])
    ax.set_ylim(lines - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(ctx.words("axis.gap"))


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Products by policies: mean and range."""
    w = ctx.words
    t = t.assign(
        text=[
            w.aside(number(m, "generations"), w.interval(lo, hi, "generations")) if np.isfinite(lo) else number(m, "generations")
            for m, lo, hi in zip(t["mean"], t["lo"], t["hi"], strict=True)
        ]
    )
    wide = t.pivot_table(index="product", columns="policy", values="text", aggfunc="first", sort=False)[
        in_order(ctx, t["policy"])
    ].reset_index()
    wide["product"] = [w.name("product", p) for p in wide["product"]]
    return wide.rename(columns={"product": w("axis.gap")} | {p: w.policy(p) for p in ctx.policies})


PLATE = Plate("gap", table, draw, twin, text)
