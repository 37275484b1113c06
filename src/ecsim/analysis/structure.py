"""How the main findings fare under other structures of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ecsim.analysis.estimate import mean_interval, share_interval

YARD, ALLIES, BLANKET, NONE = "small_yard", "small_yard+allies", "blanket", "none"


@dataclass(frozen=True)
class Finding:
    """A finding of the main comparison: a weighted sum of one outcome over policies is above zero.

    Attributes:
        key: short name.
        text: the finding in words.
        outcome: outcome summed.
        weights: policy -> weight.
        unit: unit of the sum.
    """

    key: str
    text: str
    outcome: str
    weights: Mapping[str, float]
    unit: str


FINDINGS = (
    Finding("cost", "blanket controls cost home revenue more than the small yard", "home_revenue", {YARD: 1, BLANKET: -1}, "points of %"),
    Finding("narrows", "blanket controls, alone, narrow the challenger's mean gap", "gap_added", {BLANKET: -1}, "generations"),
    Finding("widens", "the small yard with allies widens it", "gap_added", {ALLIES: 1}, "generations"),
    Finding("allies", "allies add to the gap", "gap_added", {ALLIES: 1, YARD: -1}, "generations"),
    Finding("power", "blanket controls, alone, raise the challenger's power ratio", "power_ratio_change", {BLANKET: 1}, "ratio"),
    Finding("home", "blanket controls raise self-sufficiency in chips", "self_sufficiency", {BLANKET: 1, NONE: -1}, "points of %"),
)


def structure_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Every finding under every structure.

    Args:
        runs: successful runs with columns arm, structure, draw, seed and outcomes.

    Returns:
        structure, finding, outcome, unit, mean, lo, hi (95%, over draws), share (of replicates in which it holds),
        share_lo, share_hi, draws, pairs.
    """
    return pd.DataFrame([_row(name, rows, f) for name, rows in runs.groupby("structure", sort=False) for f in FINDINGS])


def _row(name: object, rows: pd.DataFrame, f: Finding) -> dict[str, object]:
    by_arm = rows.pivot_table(index=["draw", "seed"], columns="arm", values=f.outcome)
    values = sum(weight * by_arm[arm] for arm, weight in f.weights.items())
    assert isinstance(values, pd.Series)
    values = values.dropna()
    draws = values.index.get_level_values("draw").to_numpy()
    mean = mean_interval(values.to_numpy(), draws, key=f"{name}|{f.key}")
    share = share_interval((values > 0).to_numpy(dtype=float), draws)
    return {
        "structure": name,
        "finding": f.key,
        "outcome": f.outcome,
        "unit": f.unit,
        "mean": mean.value,
        "lo": mean.lo,
        "hi": mean.hi,
        "share": share.value,
        "share_lo": share.lo,
        "share_hi": share.hi,
        "draws": mean.n,
        "pairs": len(values),
    }
