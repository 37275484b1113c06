"""Where the spread of headline outcomes comes from: parameters or seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ecsim.analysis.compare import Comparison
from ecsim.analysis.text.words import MINUS
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, legend, wrap

TITLES = 72  # letters of the titles of all panels side by side


def table(c: Comparison) -> pd.DataFrame | None:
    """outcome, policy, parameters, seeds, lo, hi, draws, runs: for the main contrast's two policies and their difference."""
    t = c.variance
    if t.empty:
        return None
    wanted = [*(c.focal or c.policies[:1])]
    if c.focal:
        wanted.append(f" {MINUS} ".join(c.focal))
    t = t[t["policy"].isin(wanted) & t["parameters"].notna()]
    return t[["outcome", "policy", "parameters", "seeds", "lo", "hi", "draws", "runs"]].reset_index(drop=True) if len(t) else None


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """Stacked bars, one panel for each policy and one for the difference."""

    w = ctx.words
    outcomes = list(pd.unique(t["outcome"]))
    policies = list(pd.unique(t["policy"]))
    fig = canvas(ctx, w("fig.variance"), 2.2 + 0.33 * len(outcomes), note=w("source.variance") if t["lo"].notna().any() else "")
    axes = fig.subplots(1, len(policies), sharey=True, squeeze=False)[0]
    y = np.arange(len(outcomes))
    for ax, policy in zip(axes, policies, strict=True):
        own = t[t["policy"] == policy].set_index("outcome").reindex(outcomes)
        ax.barh(y, 100 * own["parameters"], color=style.PARAMETERS, height=0.68)
        ax.barh(y, 100 * own["seeds"], left=100 * own["parameters"], color=style.SEEDS, height=0.68)
        ax.hlines(y, 100 * own["lo"], 100 * own["hi"], color=style.INK, linewidth=1.1)
        ax.set_title(wrap(w.policy(policy), TITLES // len(policies)))
        ax.set_xlim(0, 100)
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
    axes[0].set_yticks(y, [w.outcome(o) for o in outcomes])
    axes[0].set_ylim(len(outcomes) - 0.4, -0.6)
    axes[len(axes) // 2].set_xlabel(w("axis.variance"))
    legend(
        fig, [Patch(facecolor=style.PARAMETERS, label=w("variance.parameters")), Patch(facecolor=style.SEEDS, label=w("variance.seeds"))]
    )
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Shares with intervals."""
    w = ctx.words
    return pd.DataFrame(
        {
            w("table.outcome"): [w.outcome(o) for o in t["outcome"]],
            w("table.policy"): [w.policy(p) for p in t["policy"]],
            w("variance.parameters"): [w.share(v) for v in t["parameters"]],
            w("table.interval"): [w("interval", lo=w.share(lo), hi=w.share(hi)) for lo, hi in zip(t["lo"], t["hi"], strict=True)],
            w("variance.seeds"): [w.share(v) for v in t["seeds"]],
        }
    )


PLATE = Plate("variance", table, draw, twin)
