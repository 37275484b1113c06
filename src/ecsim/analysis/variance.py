"""Where the spread of an outcome comes from: uncertain parameters or chance.

Runs are nested: D draws of the parameters, each with k seeds. By the law of total variance,
Var(y) = Var(E[y | draw]) + E[Var(y | draw)]. The variance of the draw means holds a share 1/k of the variance
within draws, which is taken off (the classical estimator of a one-way random-effects layout; Searle, Casella
and McCulloch 1992).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import LEVEL, generator
from ecsim.analysis.paired import paired

RESAMPLES = 999


def nested_variance(values: np.ndarray, draws: np.ndarray) -> tuple[float, float]:
    """Variance from parameters and variance from seeds, unbiased; the first may be negative by chance.

    Args:
        values: shape n, finite.
        draws: shape n.

    Returns:
        (between draws, within draws); NaN for what the design cannot tell.
    """
    _, index = np.unique(np.asarray(draws), return_inverse=True)
    values = np.asarray(values, dtype=float)
    counts = np.bincount(index).astype(float)
    total, groups = counts.sum(), len(counts)
    means = np.bincount(index, weights=values) / counts
    within_ss = float(((values - means[index]) ** 2).sum())
    within = within_ss / (total - groups) if total > groups else math.nan
    if groups < 2:
        return math.nan, within
    between_ms = float((counts * (means - values.mean()) ** 2).sum()) / (groups - 1)
    size = (total - (counts**2).sum() / total) / (groups - 1)
    return (between_ms - within) / size, within


def variance_shares(values: np.ndarray, draws: np.ndarray, *, key: str = "") -> dict[str, Any]:
    """Shares of the variance that come from parameters and from seeds, with an interval (draws resampled).

    Returns:
        total (variance), parameters and seeds (shares, the first clipped to 0..1), lo and hi of the share of
        parameters, draws, runs, and a note.
    """
    values, draws = np.asarray(values, dtype=float), np.asarray(draws)
    keep = np.isfinite(values)
    values, draws = values[keep], draws[keep]
    row: dict[str, Any] = {"total": math.nan, "parameters": math.nan, "seeds": math.nan, "lo": math.nan, "hi": math.nan}
    row |= {"draws": float(len(np.unique(draws))), "runs": float(len(values)), "note": ""}
    between, within = nested_variance(values, draws) if len(values) else (math.nan, math.nan)
    if not (math.isfinite(between) and math.isfinite(within)):
        row["note"] = "needs two draws or more, and two seeds in a draw: not told apart"
        return row
    clipped = max(between, 0.0)
    total = clipped + within
    if total <= 1e-24 * max(1.0, float(np.abs(values).max()) ** 2):
        row |= {"total": 0.0, "note": "the same in every replicate"}
        return row
    lo, hi = _interval(values, draws, key)
    return row | {"total": total, "parameters": clipped / total, "seeds": within / total, "lo": lo, "hi": hi}


def variance_table(
    runs: pd.DataFrame, outcomes: Iterable[str], policies: Iterable[str], contrast: tuple[str, str] | None = None
) -> pd.DataFrame:
    """Shares for each outcome under each policy and, if given, for the paired difference of a contrast ("a − b")."""
    rows = []
    for outcome in outcomes:
        for policy in policies:
            chosen = runs[runs["policy"] == policy]
            shares = variance_shares(chosen[outcome].to_numpy(), chosen["draw"].to_numpy(), key=f"{outcome}|{policy}")
            rows.append({"outcome": outcome, "policy": policy} | shares)
        if contrast is not None:
            shared = paired(runs, [outcome], *contrast)
            shares = variance_shares(shared.delta(outcome), shared.draws, key=f"{outcome}|{contrast}")
            rows.append({"outcome": outcome, "policy": f"{contrast[0]} − {contrast[1]}"} | shares)
    return pd.DataFrame(rows)


def _interval(values: np.ndarray, draws: np.ndarray, key: str) -> tuple[float, float]:
    """Percentile interval of the share of parameters, from sums by draw so that a resample costs nothing."""
    _, index = np.unique(draws, return_inverse=True)
    counts = np.bincount(index).astype(float)
    groups = len(counts)
    if groups < 5:
        return math.nan, math.nan
    means = np.bincount(index, weights=values) / counts
    within_ss = np.bincount(index, weights=(values - means[index]) ** 2)
    pick = generator(key).integers(0, groups, (RESAMPLES, groups))
    n, m, w = counts[pick], means[pick], within_ss[pick].sum(axis=1)
    total = n.sum(axis=1)
    within = w / np.maximum(total - groups, 1)
    grand = (n * m).sum(axis=1) / total
    between_ms = (n * (m - grand[:, None]) ** 2).sum(axis=1) / (groups - 1)
    size = (total - (n**2).sum(axis=1) / total) / (groups - 1)
    between = np.maximum((between_ms - within) / size, 0.0)
    whole = between + within
    share = np.where(whole > 0, between / np.where(whole > 0, whole, 1), np.nan)
    lo, hi = np.nanquantile(share, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(lo), float(hi)
