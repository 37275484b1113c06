"""The supply-network map: who no longer sells what to whom, by which way it goes round, and who fills in.

An alluvial map for each policy: supplier state, product, buyer state; a ribbon's width is its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import NO_CONTROL
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, cap, in_order, legend, wrap

MEASURED = ("blocked", "degraded", "diverted", "backfilled")
COUNTERED = "countered"  # what the challenger itself refuses to sell abroad, which the outcome "denied" leaves out
KINDS = (MEASURED[0], COUNTERED, *MEASURED[1:])
QUARTERS_A_YEAR = 4
FLOW = "USD bn a year"
SHOWN = 26  # ribbons in a panel
SMALLEST = 0.05  # USD bn a year: what would be labelled 0.0 is not drawn
COLUMNS = ("from_state", "product", "to_state")
TITLE = 110  # letters of a panel's title in a line
GAP = 0.012  # between nodes, in units of the largest policy's total
LABEL = 0.05  # room that a label needs, in the same units
INCHES = 2.6  # height of one unit


def table(c: Comparison) -> pd.DataFrame | None:
    """policy, kind, from_state, product, to_state, value (USD bn a year, mean over runs), rank (within the policy), runs, total.

    The total is that of the kind under the policy, of all trade; the table holds the largest flows.
    """
    flows = c.study.flows()
    if flows.empty:
        return None
    flows = flows[flows["policy"].isin(c.policies)]
    runs = flows.groupby("policy")["run"].nunique()
    long = flows.melt(["policy", *COLUMNS], [k for k in MEASURED if k in flows], "kind", "value")
    long["kind"] = long["kind"].mask(_countered(long, c.study.manifest), COUNTERED)
    t = long.groupby(["policy", "kind", *COLUMNS])["value"].sum().reset_index()
    t["runs"] = t["policy"].map(runs)
    t["value"] *= QUARTERS_A_YEAR / t["runs"]
    t = t[(t["policy"] != NO_CONTROL) & (t["value"] > 0)]
    t["total"] = t.groupby(["policy", "kind"])["value"].transform("sum")
    if not (t["value"] >= SMALLEST).any():
        return None
    t = t.sort_values(["policy", "value", "from_state", "product", "to_state"], ascending=[True, False, True, True, True], kind="stable")
    t["rank"] = t.groupby("policy").cumcount() + 1
    return t[t["rank"] <= 200].reset_index(drop=True)


def _countered(flows: pd.DataFrame, manifest: Mapping[str, Any]) -> pd.Series:
    """Whether what is blocked would have left the challenger: its own refusals, as rules of others act on what comes from elsewhere."""
    challenger = {s: style.side_of(str(s), manifest) == "challenger" for s in {*flows["from_state"], *flows["to_state"]}}
    return (flows["kind"] == MEASURED[0]) & flows["from_state"].map(challenger) & ~flows["to_state"].map(challenger)


@dataclass
class _Node:
    """A block of a column: where it starts and how high it is, and how much of each side is used."""

    low: float
    height: float
    used_in: float = 0.0
    used_out: float = 0.0


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """One alluvial panel a policy, all on one scale."""

    w = ctx.words
    policies = in_order(ctx, t[t["value"] >= SMALLEST]["policy"])
    shown = t[(t["rank"] <= SHOWN) & (t["value"] >= SMALLEST)]
    largest = float(shown.groupby("policy")["value"].sum().max())
    panels = {p: [_stack(shown[shown["policy"] == p], column, largest) for column in COLUMNS] for p in policies}
    tops = [max(n.low + max(n.height, LABEL) for column in panels[p] for n in column.values()) + 0.04 for p in policies]
    fig = canvas(ctx, w("fig.network"), 1.3 + INCHES * sum(tops) + 0.35 * len(policies))
    axes = fig.subplots(len(policies), 1, squeeze=False, height_ratios=tops)[:, 0]
    for ax, policy, top in zip(axes, policies, tops, strict=True):
        rows = shown[shown["policy"] == policy]
        ax.set_ylim(top, 0)
        totals = t[t["policy"] == policy].groupby("kind")["total"].first().reindex(KINDS).dropna()
        parts = [f"{w.name('flow', k).lower()} {w.number(v, FLOW)}" for k, v in totals.items() if v >= SMALLEST]
        share = w.share(rows["value"].sum() / totals.sum())
        flows = w.aside(f"{w('list.comma').join(parts)} {w.column(FLOW)}", w("network.shown", share=share))
        ax.set_title(wrap(w.policy(policy) + w("list.colon") + flows, TITLE), fontsize=10.5)
        _panel(ax, rows, panels[policy], largest, ctx)
    kinds = [k for k in KINDS if k in set(shown["kind"])]
    legend(fig, [Patch(facecolor=style.FLOW_COLOURS[k], alpha=0.75, label=w.name("flow", k)) for k in kinds])
    return fig


def _panel(ax: Axes, rows: pd.DataFrame, nodes: list[dict[str, _Node]], largest: float, ctx: Context) -> None:
    ax.set_axis_off()
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlim(-0.42, 2.42)
    rows = rows.assign(kind_order=rows["kind"].map({k: i for i, k in enumerate(KINDS)}))
    for i in range(2):
        left, right = COLUMNS[i], COLUMNS[i + 1]
        grouped = rows.groupby([left, right, "kind", "kind_order"])["value"].sum().reset_index()
        grouped["y"] = [nodes[i][a].low + nodes[i + 1][b].low for a, b in zip(grouped[left], grouped[right], strict=True)]
        for r in grouped.sort_values(["kind_order", "y"], kind="stable").to_dict("records"):
            _ribbon(ax, i, nodes[i][r[left]], nodes[i + 1][r[right]], r["value"] / largest, style.FLOW_COLOURS[r["kind"]])
    for i, column in enumerate(nodes):
        _labels(ax, i, column, rows, ctx)


def _stack(rows: pd.DataFrame, column: str, largest: float) -> dict[str, _Node]:
    """Blocks of a column, the largest on top."""
    sizes = rows.groupby(column)["value"].sum().sort_values(ascending=False, kind="stable")
    nodes, y = {}, 0.0
    for name, size in sizes.items():
        height = size / largest
        slack = max(0.0, LABEL - height) / 2
        nodes[str(name)] = _Node(y + slack, height)
        y += height + 2 * slack + GAP
    return nodes


def _ribbon(ax: Axes, x: int, a: _Node, b: _Node, height: float, colour: str) -> None:
    """A band from the right side of one block to the left side of another."""

    x0, x1 = x + 0.03, x + 0.97
    mid = (x0 + x1) / 2
    y0, y1 = a.low + a.used_out, b.low + b.used_in
    a.used_out += height
    b.used_in += height
    points = [
        (x0, y0),
        (mid, y0),
        (mid, y1),
        (x1, y1),
        (x1, y1 + height),
        (mid, y1 + height),
        (mid, y0 + height),
        (x0, y0 + height),
        (x0, y0),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.62, linewidth=0.3, edgecolor="white"))


def _labels(ax: Axes, i: int, column: dict[str, _Node], rows: pd.DataFrame, ctx: Context) -> None:
    """Blocks and their names; states in the colour of their side."""

    sizes = rows.groupby(COLUMNS[i])["value"].sum()
    for name, node in column.items():
        state = COLUMNS[i] != "product"
        colour = style.SIDE_COLOURS[style.side_of(name, ctx.manifest)] if state else style.MUTED
        ax.add_patch(Rectangle((i - 0.03, node.low), 0.06, node.height, facecolor=colour, linewidth=0))
        middle = node.low + node.height / 2
        text = f"{cap(ctx.words.name('state' if state else 'product', name))} {ctx.words.number(float(sizes[name]), FLOW)}"
        place: dict[str, Any] = {"va": "center", "fontsize": 8.5}
        if i == 0:
            ax.text(i - 0.05, middle, text, ha="right", color=colour, fontweight="bold", **place)
        elif i == 1:
            ax.text(i + 0.05, middle, text, ha="left", bbox={"facecolor": "white", "alpha": 0.92, "linewidth": 0, "pad": 1}, **place)
        else:
            ax.text(i + 0.05, middle, text, ha="left", color=colour, fontweight="bold", **place)


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """The largest ribbons of each policy."""
    w = ctx.words
    rows = t[t["rank"] <= 12]
    return pd.DataFrame(
        {
            w("table.policy"): [w.policy(p) for p in rows["policy"]],
            w("network.kind"): [w.name("flow", k) for k in rows["kind"]],
            w("network.from"): [w.name("state", s) for s in rows["from_state"]],
            w("network.product"): [w.name("product", p) for p in rows["product"]],
            w("network.to"): [w.name("state", s) for s in rows["to_state"]],
            w.column(FLOW): [w.number(v, FLOW) for v in rows["value"]],
        }
    )


PLATE = Plate("network", table, draw, twin)
