"""Values by draw and point, and intervals of many means at once. Draws are the independent units throughout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy

from ecsim.analysis.estimate import BCA_MIN, LEVEL, RESAMPLES, ROUNDING, generator, widened
from ecsim.economy import Array

TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
BAND = (0.05, 0.95)


def by_draw(rows: pd.DataFrame, outcomes: Sequence[str], key: str) -> dict[str, pd.DataFrame]:
    """Outcome -> its values by draw (rows) and point (columns, sorted), mean over seeds; draws that lack a point are left out."""
    means = rows.groupby(["draw", key])[list(outcomes)].mean()
    return {o: means[o].unstack(key).dropna(axis=1, how="all").sort_index(axis=1).dropna() for o in outcomes}


def resamples(draws: int, key: str) -> Array:
    """Weights of bootstrap resamples of draws, shape (B, D), rows sum to one. They depend on the key alone."""
    pick = generator(key).integers(0, draws, (RESAMPLES, draws))
    place = np.arange(RESAMPLES)[:, None] * draws + pick
    return np.bincount(place.ravel(), minlength=RESAMPLES * draws).reshape(RESAMPLES, draws) / draws


def intervals(values: Array, key: str) -> tuple[Array, Array, Array]:
    """Mean over draws with its interval: BCa, Student's t where draws are few, none for one draw.

    Args:
        values: shape (D, L), finite.
        key: names the resampling.

    Returns:
        (mean, lo, hi), each of shape L.
    """
    draws = len(values)
    mean = values.mean(axis=0)
    if draws < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    spread = values.std(axis=0, ddof=1)
    constant = spread <= ROUNDING * np.abs(values).max(axis=0, initial=0.0)
    if draws < BCA_MIN:
        half = float(scipy.stats.t.ppf(TAILS[1], draws - 1)) * spread / math.sqrt(draws)
        lo, hi = mean - half, mean + half
    else:
        lo, hi = bca(mean, values, resamples(draws, key) @ values)
    return mean, np.where(constant, mean, lo), np.where(constant, mean, hi)


def bca(mean: Array, values: Array, boot: Array) -> tuple[Array, Array]:
    """Bias-corrected and accelerated ends (Efron 1987) of means.

    Args:
        mean: shape L.
        values: shape (D, L).
        boot: means of the resamples, shape (B, L).
    """
    below = ((boot < mean).sum(axis=0) + 0.5 * (boot == mean).sum(axis=0)) / len(boot)
    z0 = scipy.special.ndtri(np.clip(below, 1e-6, 1 - 1e-6))
    centred = mean - values
    square = (centred**2).sum(axis=0)
    a = (centred**3).sum(axis=0) / np.where(square > 0, 6 * square**1.5, 1.0)
    ordered, columns, ends = np.sort(boot, axis=0), np.arange(boot.shape[1]), []
    for z in z0 + scipy.special.ndtri(TAILS)[:, None]:
        at = scipy.special.ndtr(z0 + z / (1 - a * z)) * (len(boot) - 1)  # the place of the quantile, between two resamples
        below = np.clip(at.astype(int), 0, len(boot) - 2)
        lo, hi = ordered[below, columns], ordered[below + 1, columns]
        ends.append(lo + (hi - lo) * (at - below))
    return ends[0], ends[1]


def percentile(cloud: Array, value: float, draws: int) -> tuple[float, float]:
    """Ends of the percentile interval of a cloud about a value, `widened` where draws are few; NaN when it is empty."""
    known = widened(cloud[np.isfinite(cloud)], value, draws)
    if not len(known):
        return math.nan, math.nan
    lo, hi = np.quantile(known, TAILS)
    return float(lo), float(hi)


def band(values: Array) -> tuple[Array, Array]:
    """5% and 95% quantile over draws: how far parameters move the value, shape L each."""
    if len(values) < 2:
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    lo, hi = np.quantile(values, BAND, axis=0)
    return lo, hi
