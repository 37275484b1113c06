"""Means and shares with intervals, where parameter draws are the independent units and seeds are nested in them.

An interval here says how well the runs at hand pin down a number *of the model*. It says nothing on how well
the model matches the world. Sources: Efron 1987 (BCa); Wilson 1927; Korn and Graubard 1998 (effective sample
size of a clustered proportion); Holm 1979.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy

LEVEL = 0.95
BCA_MIN = 20  # below this many draws a bootstrap interval is too narrow, and Student's t is used
RESAMPLES = 1999  # Efron and Tibshirani 1993 ask for 1000 or more
RESAMPLED_CELLS = 4_000_000  # bound on resamples x draws, for large studies
POWER = 0.8
ROUNDING = 1e-12  # relative size below which a difference is rounding error

NOTE_ONE = "one replicate: no interval"
NOTE_SEEDS = "one parameter draw: the interval covers chance (seeds) only"
NOTE_CONSTANT = "the same in every replicate"
NOTE_EMPTY = "no value"


@dataclass(frozen=True)
class Estimate:
    """A mean or a share with its interval.

    Attributes:
        value: point estimate, NaN without data.
        lo, hi: ends of the interval at `LEVEL`, NaN when none can be given.
        n: independent units behind it (draws; seeds when there is one draw).
        method: "bca", "t", "wilson", "constant" or "none".
        note: what the reader must know of it, empty when nothing.
    """

    value: float
    lo: float
    hi: float
    n: int
    method: str
    note: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether an interval could be given."""
        return math.isfinite(self.lo) and math.isfinite(self.hi)

    @property
    def sign(self) -> int:
        """+1 or -1 when the interval lies on one side of zero, else 0."""
        if not self.has_interval:
            return 0
        return 1 if self.lo > 0 else -1 if self.hi < 0 else 0


NOTHING = Estimate(math.nan, math.nan, math.nan, 0, "none", NOTE_EMPTY)


def units(values: np.ndarray, draws: np.ndarray) -> tuple[np.ndarray, str]:
    """Independent units: means by draw (each draw counts alike); the single values when there is one draw.

    Args:
        values: shape n, finite.
        draws: shape n, label of the draw.

    Returns:
        The units, shape D (or n), and a note.
    """
    _, index = np.unique(draws, return_inverse=True)
    counts = np.bincount(index)
    if len(counts) == 1:
        return values, NOTE_SEEDS if len(values) > 1 else NOTE_ONE
    return np.bincount(index, weights=values) / counts, ""


def mean_interval(values: np.ndarray, draws: np.ndarray, *, key: str = "") -> Estimate:
    """Mean over draws with its interval; draws are resampled as clusters (BCa), Student's t when they are few.

    Args:
        values: shape n; values that are not finite are left out.
        draws: shape n, label of the draw of each value.
        key: names the resampling, so that the result does not depend on what was computed before.
    """
    values, draws = np.asarray(values, dtype=float), np.asarray(draws)
    keep = np.isfinite(values)
    values, draws = values[keep], draws[keep]
    if not len(values):
        return NOTHING
    unit, note = units(values, draws)
    mean, n = float(unit.mean()), len(unit)
    if n == 1:
        return Estimate(mean, math.nan, math.nan, n, "none", note or NOTE_ONE)
    scale = float(np.abs(unit).max())
    if float(np.ptp(unit)) <= ROUNDING * scale:
        return Estimate(mean, mean, mean, n, "constant", NOTE_CONSTANT)
    if n < BCA_MIN:
        half = float(scipy.stats.t.ppf((1 + LEVEL) / 2, n - 1)) * float(unit.std(ddof=1)) / math.sqrt(n)
        return Estimate(mean, mean - half, mean + half, n, "t", note)
    lo, hi = _bca(unit, key)
    return Estimate(mean, lo, hi, n, "bca", note)


def _bca(unit: np.ndarray, key: str) -> tuple[float, float]:
    resamples = int(np.clip(RESAMPLED_CELLS // len(unit), 499, RESAMPLES))
    result = scipy.stats.bootstrap(
        (unit,), np.mean, n_resamples=resamples, confidence_level=LEVEL, method="BCa", vectorized=True, batch=500, rng=generator(key)
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def widened(cloud: np.ndarray, value: float, draws: int) -> np.ndarray:
    """A cloud of resamples, about the value, as wide as Student's t would have it where draws are few.

    Resampling takes the spread of n draws for that of all, which is too little by n - 1 over n, and normal tails for those of t: with
    two draws an interval from resamples is one ninth of what it should be, and no resample tells zero from what both draws lie beyond.
    """
    if not math.isfinite(value):
        return cloud
    return np.asarray(value + widening(draws) * (cloud - value))


def widening(draws: int) -> float:
    """The factor of `widened`; 1 where draws are many, and where there is one, of which no factor makes an interval."""
    if not 2 <= draws < BCA_MIN:
        return 1.0
    tail = (1 + LEVEL) / 2
    return float(scipy.stats.t.ppf(tail, draws - 1) / scipy.stats.norm.ppf(tail) * math.sqrt(draws / (draws - 1)))


def generator(key: str) -> np.random.Generator:
    """A generator that depends on the key alone, so that a rebuilt report has the same numbers."""
    return np.random.default_rng(np.frombuffer(key.encode() or b"ecsim", dtype=np.uint8).tolist())


def share_interval(hits: np.ndarray, draws: np.ndarray) -> Estimate:
    """Share of replicates in which something holds, each draw counting alike, with a Wilson interval.

    The sample size of the interval is the effective one: p(1-p) over the variance of the mean between draws,
    between the number of draws and the number of replicates. With all or none it is the number of draws.

    Args:
        hits: shape n, 0 or 1 (or a share); NaN is left out.
        draws: shape n.
    """
    hits, draws = np.asarray(hits, dtype=float), np.asarray(draws)
    keep = np.isfinite(hits)
    hits, draws = hits[keep], draws[keep]
    if not len(hits):
        return NOTHING
    unit, note = units(hits, draws)
    p, n = float(unit.mean()), len(unit)
    if n == 1:
        return Estimate(p, math.nan, math.nan, n, "none", note or NOTE_ONE)
    between = float(unit.var(ddof=1)) / n
    effective = p * (1 - p) / between if between > 0 and 0 < p < 1 else n
    lo, hi = wilson(p, float(np.clip(effective, n, max(n, len(hits)))))
    return Estimate(p, lo, hi, n, "wilson", note)


def wilson(p: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share p seen in n independent trials."""
    z = float(scipy.stats.norm.ppf((1 + LEVEL) / 2))
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (max(0.0, centre - half) if p > 0 else 0.0), (min(1.0, centre + half) if p < 1 else 1.0)


def snap(difference: np.ndarray, scale: np.ndarray | float) -> np.ndarray:
    """A difference of nearly equal numbers without its rounding error: zero where it is below 1e-12 of their size."""
    return np.where(np.abs(difference) <= ROUNDING * np.abs(scale), 0.0, difference)


def p_value(values: np.ndarray, draws: np.ndarray) -> float:
    """Two-sided p of "the mean is zero", Student's t over the independent units; NaN when there are fewer than two."""
    values, draws = np.asarray(values, dtype=float), np.asarray(draws)
    keep = np.isfinite(values)
    if keep.sum() < 2:
        return math.nan
    unit, _ = units(values[keep], draws[keep])
    if len(unit) < 2:
        return math.nan
    spread = float(unit.std(ddof=1))
    if spread <= ROUNDING * float(np.abs(unit).max(initial=0.0)):
        return 1.0 if float(np.abs(unit).max()) == 0 else 0.0
    return float(2 * scipy.stats.t.sf(abs(float(unit.mean())) / (spread / math.sqrt(len(unit))), len(unit) - 1))


def holm(p: np.ndarray) -> np.ndarray:
    """p values adjusted for the number of comparisons (Holm's step-down method); NaN stays NaN and does not count.

    Args:
        p: shape n.
    """
    p = np.asarray(p, dtype=float)
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * (len(order) - np.arange(len(order)))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else []
    return adjusted


def draws_to_settle(values: np.ndarray, draws: np.ndarray) -> float:
    """How many more draws would settle the sign of the mean, if the mean and spread seen so far are right.

    Draws needed for a two-sided test at 5% with power 80%: ((z.975 + z.80) s / m)^2, less those at hand.
    Zero when they suffice; infinite when the mean is zero; NaN when no spread can be estimated.
    """
    values, draws = np.asarray(values, dtype=float), np.asarray(draws)
    keep = np.isfinite(values)
    if keep.sum() < 2:
        return math.nan
    unit, _ = units(values[keep], draws[keep])
    mean, spread = float(unit.mean()), float(unit.std(ddof=1))
    if spread == 0:
        return 0.0
    if mean == 0:
        return math.inf
    z = float(scipy.stats.norm.ppf((1 + LEVEL) / 2) + scipy.stats.norm.ppf(POWER))
    return float(max(0, math.ceil((z * spread / mean) ** 2) - len(unit)))
