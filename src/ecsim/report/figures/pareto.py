"""Effect against revenue cost at home, with the Pareto front."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import mean_interval
from ecsim.analysis.measures import measure
from ecsim.analysis.text.words import number
from ecsim.analysis.tradeoff import COST, EFFECTS, cost_of, effect_of, pareto_front
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, effect_axis, in_order, legend, policy_handles

MEAN = -1  # draw number of the row that holds the mean


def table(c: Comparison) -> pd.DataFrame | None:
    """outcome, policy, draw (-1 for the mean), effect, cost, effect_lo, effect_hi, cost_lo, cost_hi, front.

    Effect is turned so that more serves the controlling side; cost is the loss of home revenue in per cent.
    """
    runs = c.study.core
    if COST not in runs or len(c.policies) < 2:
        return None
    rows = []
    for outcome in (e for e in EFFECTS if e in runs):
        points = pd.DataFrame({"policy": runs["policy"], "draw": runs["draw"], "effect": effect_of(runs, outcome), "cost": cost_of(runs)})
        for policy, own in points.groupby("policy", sort=False):
            e, k = (
                mean_interval(own[x].to_numpy(), own["draw"].to_numpy(), key=f"pareto|{outcome}|{policy}|{x}") for x in ("effect", "cost")
            )
            rows.append(
                {
                    "outcome": outcome,
                    "policy": policy,
                    "draw": MEAN,
                    "effect": e.value,
                    "cost": k.value,
                    "effect_lo": e.lo,
                    "effect_hi": e.hi,
                    "cost_lo": k.lo,
                    "cost_hi": k.hi,
                }
            )
            by_draw = own.groupby("draw")[["effect", "cost"]].mean().reset_index()
            if len(by_draw) > 1:
                rows += [{"outcome": outcome, "policy": policy, **r} for r in by_draw.to_dict("records")]
    t = pd.DataFrame(rows)
    t["front"] = False
    for outcome in pd.unique(t["outcome"]):
        means = (t["outcome"] == outcome) & (t["draw"] == MEAN)
        t.loc[means, "front"] = pareto_front(t.loc[means, "effect"].to_numpy(), t.loc[means, "cost"].to_numpy())
    return t


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """One panel an effect."""

    w = ctx.words
    outcomes = list(pd.unique(t["outcome"]))
    policies = in_order(ctx, t["policy"])
    fig = canvas(ctx, w("fig.pareto"), 4.6, note=w("source.interval") if t["effect_lo"].notna().any() else "")
    axes = fig.subplots(1, len(outcomes), squeeze=False)[0]
    for ax, outcome in zip(axes, outcomes, strict=True):
        rows = t[t["outcome"] == outcome]
        _cloud(ax, rows, ctx, policies)
        _front(ax, rows[rows["front"]])
        ax.set_title(w.outcome(outcome))
        ax.set_ylabel(effect_axis(ax, outcome, w))
        ax.annotate(w("arrow.better"), (0.03, 0.97), xycoords="axes fraction", ha="left", va="top", fontsize=9, color=style.MUTED)
    axes[len(axes) // 2].set_xlabel(w("axis.cost"))
    front = Line2D([], [], color=style.INK, linewidth=1, linestyle=(0, (4, 2)), label=w("legend.front"))
    legend(fig, [*policy_handles(ctx, policies, marker=True), front])
    return fig


def _cloud(ax: Axes, rows: pd.DataFrame, ctx: Context, policies: list[str]) -> None:
    for policy in policies:
        own = rows[rows["policy"] == policy]
        colour = ctx.colour(policy)
        draws, mean = own[own["draw"] != MEAN], own[own["draw"] == MEAN]
        ax.scatter(draws["cost"], draws["effect"], s=9, color=colour, alpha=0.28, linewidth=0)
        ax.hlines(mean["effect"], mean["cost_lo"], mean["cost_hi"], color=colour, linewidth=1.8)
        ax.vlines(mean["cost"], mean["effect_lo"], mean["effect_hi"], color=colour, linewidth=1.8)
        ax.scatter(mean["cost"], mean["effect"], s=62, color=colour, marker=ctx.marker(policy), edgecolor="white", linewidth=0.8, zorder=4)


def _front(ax: Axes, front: pd.DataFrame) -> None:
    """The staircase through the policies that no other beats."""
    points = front.sort_values("cost")
    if len(points) > 1:
        ax.step(points["cost"], points["effect"], where="post", color=style.INK, linewidth=1, linestyle=(0, (4, 2)), zorder=2)


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Means and intervals."""
    w = ctx.words
    rows = t[t["draw"] == MEAN]
    units = [measure(o).unit for o in rows["outcome"]]
    turn = np.array([measure(o).better or 1 for o in rows["outcome"]])
    return pd.DataFrame(
        {
            w("table.outcome"): [w.outcome(o) for o in rows["outcome"]],
            w("table.policy"): [w.policy(p) for p in rows["policy"]],
            w("table.effect"): [w.amount(v, u) for v, u in zip(rows["effect"] * turn, units, strict=True)],
            w("table.cost"): [
                f"{number(v, '%')}% ({w.interval(lo, hi, '%')})"
                for v, lo, hi in zip(rows["cost"], rows["cost_lo"], rows["cost_hi"], strict=True)
            ],
            w("legend.front"): [w("yes") if f else w("no") for f in rows["front"]],
        }
    )


PLATE = Plate("pareto", table, draw, twin)
