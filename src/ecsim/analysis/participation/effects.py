"""What delay costs, and how participation works together with height and extraterritorial reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecsim.analysis.measures import measure
from ecsim.analysis.participation.arrays import by_draw, intervals

DELAY = ["outcome", "unit", "delay", "change", "lo", "hi", "per_quarter", "per_quarter_lo", "per_quarter_hi", "draws"]
FENCE = ["outcome", "unit", "reach", "denial", "participation", "mean", "lo", "hi", "draws"]
INTERACTION = ["outcome", "unit", "term", "value", "lo", "hi", "draws"]


def delay_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """outcome, unit, delay (quarters), change, lo, hi (against joining at once, paired), per_quarter, per_quarter_lo, per_quarter_hi
    (least-squares slope over delays in each draw, then the mean over draws), draws."""
    parts = []
    for outcome, y in by_draw(runs[runs["part"] == "delay"], outcomes, "delay").items():
        if y.shape[1] < 2 or y.empty:
            continue
        x, values = y.columns.to_numpy(dtype=float), y.to_numpy()
        change, lo, hi = intervals(values - values[:, :1], f"delay|{outcome}")
        centred = x - x.mean()
        slope, slope_lo, slope_hi = intervals((values @ centred / (centred @ centred))[:, None], f"quarter|{outcome}")
        known = {"outcome": outcome, "unit": measure(outcome).unit, "delay": x, "change": change, "lo": lo, "hi": hi}
        steady = {"per_quarter": slope[0], "per_quarter_lo": slope_lo[0], "per_quarter_hi": slope_hi[0]}
        parts.append(pd.DataFrame(known | steady | {"draws": len(y)}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=DELAY)


def fence_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Means under each fence: outcome, unit, reach, denial, participation, mean, lo, hi, draws."""
    rows = runs[runs["part"] == "fence"]
    parts = []
    for outcome in outcomes:
        for reach, own in rows.groupby("reach", sort=False):
            y = own.pivot_table(index="draw", columns=["denial", "joined"], values=outcome).dropna()
            if y.empty:
                continue
            mean, lo, hi = intervals(y.to_numpy(), f"fence|{outcome}|{reach}")
            known = {"outcome": outcome, "unit": measure(outcome).unit, "reach": str(reach)}
            points = {"denial": y.columns.get_level_values(0), "participation": y.columns.get_level_values(1)}
            parts.append(pd.DataFrame(known | points | {"mean": mean, "lo": lo, "hi": hi, "draws": len(y)}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=FENCE)


def interaction_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """What everybody's joining adds under each fence, and how the fence changes it.

    outcome, unit, term, value, lo, hi, draws. Terms: "reach=denial" (effect of full participation under that fence), "reach"
    (effect with direct-product reach less that without, mean over heights: below zero the two are substitutes), "height"
    (effect at the highest fence less that at the lowest, mean over reach: above zero they are complements).
    """
    rows = runs[runs["part"] == "fence"]
    found = []
    for outcome in outcomes:
        y = rows.pivot_table(index="draw", columns=["reach", "denial", "joined"], values=outcome).dropna()
        if y.empty or not {"fdp", "domestic"} <= set(y.columns.get_level_values(0)):
            continue
        heights = sorted(set(y.columns.get_level_values(1)))
        effect = {
            (reach, height): (y[reach, height, 1.0] - y[reach, height, 0.0]).to_numpy()
            for reach in ("fdp", "domestic")
            for height in heights
        }
        terms = {f"{reach}={height:g}": values for (reach, height), values in effect.items()}
        terms["reach"] = np.mean([effect["fdp", h] - effect["domestic", h] for h in heights], axis=0)
        terms["height"] = np.mean([effect[r, heights[-1]] - effect[r, heights[0]] for r in ("fdp", "domestic")], axis=0)
        mean, lo, hi = intervals(np.column_stack(list(terms.values())), f"interaction|{outcome}")
        for i, term in enumerate(terms):
            numbers = {"value": mean[i], "lo": lo[i], "hi": hi[i], "draws": len(y)}
            found.append({"outcome": outcome, "unit": measure(outcome).unit, "term": term} | numbers)
    return pd.DataFrame(found, columns=INTERACTION)
