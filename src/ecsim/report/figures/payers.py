"""Who pays: revenue by side and by state against the path without controls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecsim.analysis.bands import spread
from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import NO_CONTROL
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, cap, in_order, legend, one_or_many, policy_handles, unit_axis, zero_line

SIDES = {"incumbent": "home_revenue", "ally": "ally_revenue", "challenger": "challenger_revenue", "third": "third_revenue"}
UNITS = {"side": "%", "state": "USD bn a year"}  # of the axes
STATES_SHOWN = 12
QUARTERS_A_YEAR = 4


def table(c: Comparison) -> pd.DataFrame | None:
    """kind ("side", "state"), key, policy, mean, lo, hi, draws, unit."""
    parts = []
    runs = c.study.core[c.study.core["policy"] != NO_CONTROL]
    for side, outcome in SIDES.items():
        if outcome in runs and len(runs):
            values = runs[["policy", "draw", "seed"]].assign(value=runs[outcome], key=side)
            parts.append(spread(values, ["key", "policy"]).assign(kind="side", unit="%"))
    states = _states(c)
    if states is not None:
        parts.append(states)
    return pd.concat(parts, ignore_index=True) if parts else None


def _states(c: Comparison) -> pd.DataFrame | None:
    """Mean yearly revenue less that without controls, for the states where it changes most."""
    series = c.study.series("revenue", c.policies)
    keys = ["policy", "draw", "seed", "key"]
    mean = series.groupby(keys)["value"].mean().mul(QUARTERS_A_YEAR).reset_index()
    base = mean[mean["policy"] == NO_CONTROL].drop(columns="policy").rename(columns={"value": "base"})
    rows = mean[mean["policy"] != NO_CONTROL].merge(base, on=["draw", "seed", "key"])
    if rows.empty:
        return None
    rows["value"] -= rows["base"]
    t = spread(rows, ["key", "policy"]).assign(kind="state", unit="USD bn")
    size = t.groupby("key")["mean"].apply(lambda x: x.abs().max()).nlargest(STATES_SHOWN)
    shown = t[t["key"].isin(size.index)]
    order = shown.groupby("key")["mean"].mean()
    return shown.assign(order=shown["key"].map(order)).sort_values(["order", "key"], kind="stable").drop(columns="order")


def text(t: pd.DataFrame) -> str:
    """Which title applies: without a run free of controls there are no states to show."""
    return one_or_many("fig.payers" if "state" in set(t["kind"]) else "fig.payers.side", t)


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """Sides on the left, states on the right; side colours mark the labels of states."""
    w = ctx.words
    policies = in_order(ctx, t["policy"])
    kinds = [k for k in ("side", "state") if k in set(t["kind"])]
    longest = max(t[t["kind"] == k]["key"].nunique() for k in kinds)
    fig = canvas(ctx, w(text(t)), max(4.2, 2.0 + 0.33 * longest), note=w("source.range") if t["lo"].notna().any() else "")
    axes = fig.subplots(1, len(kinds), squeeze=False, width_ratios=[1, 1.25][-len(kinds) :])[0]
    for ax, kind in zip(axes, kinds, strict=True):
        rows = t[t["kind"] == kind]
        keys = list(pd.unique(rows["key"]))
        step = min(0.2, 0.75 / max(1, len(policies)))
        for k, policy in enumerate(policies):
            own = rows[rows["policy"] == policy].set_index("key").reindex(keys)
            y = np.arange(len(keys)) + (k - (len(policies) - 1) / 2) * step
            ax.hlines(y, own["lo"], own["hi"], color=ctx.colour(policy), linewidth=1.6, alpha=0.6)
            ax.scatter(own["mean"], y, color=ctx.colour(policy), marker=ctx.marker(policy), s=36, zorder=3)
        zero_line(ax, vertical=True)
        names = [cap(w.name(kind, k)) for k in keys]
        ax.set_yticks(range(len(keys)), names)
        for label, key in zip(ax.get_yticklabels(), keys, strict=True):
            label.set_color(style.SIDE_COLOURS[key if kind == "side" else style.side_of(key, ctx.manifest)])
            label.set_fontweight("bold")
        for i in range(0, len(keys), 2):
            ax.axhspan(i - 0.5, i + 0.5, color="#f6f7f8", zorder=0)
        ax.set_ylim(len(keys) - 0.5, -0.5)
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(w("axis.revenue", unit=unit_axis(ax.xaxis, UNITS[kind], w)))
    legend(fig, policy_handles(ctx, policies, marker=True))
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Sides and states by policies."""
    w = ctx.words
    t = t.assign(
        name=[w.aside(w.name(k, key), w.unit(u)) for k, key, u in zip(t["kind"], t["key"], t["unit"], strict=True)],
        text=[
            w.aside(w.number(m, u, signed=True), w.interval(lo, hi, u)) if np.isfinite(lo) else w.number(m, u, signed=True)
            for m, lo, hi, u in zip(t["mean"], t["lo"], t["hi"], t["unit"], strict=True)
        ],
    )
    wide = t.pivot_table(index="name", columns="policy", values="text", aggfunc="first", sort=False)[
        in_order(ctx, t["policy"])
    ].reset_index()
    return wide.rename(columns={"name": w("legend.state")} | {p: w.policy(p) for p in ctx.policies})


PLATE = Plate("payers", table, draw, twin, text)
