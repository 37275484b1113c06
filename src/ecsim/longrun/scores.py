"""Proper scores of probabilistic forecasts: CRPS, log score and coverage of intervals, for mixtures of normal forecasts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array

LEVEL = 0.9
_erf = np.vectorize(math.erf, otypes=[float])


@dataclass(frozen=True, eq=False)
class Forecast:
    """A mixture with equal weights of D normal forecasts of n values: mean and standard deviation, each (D, n)."""

    mean: Array
    sd: Array

    @property
    def centre(self) -> Array:
        """Mean of the mixture, (n,)."""
        return np.asarray(self.mean.mean(axis=0))

    def interval(self) -> tuple[Array, Array]:
        """5% and 95% of the mixture, by bisection, (n,) each."""
        return self._quantile((1.0 - LEVEL) / 2.0), self._quantile((1.0 + LEVEL) / 2.0)

    def _quantile(self, p: float) -> Array:
        lo, hi = (self.mean - 8.0 * self.sd).min(axis=0), (self.mean + 8.0 * self.sd).max(axis=0)
        for _ in range(50):
            middle = (lo + hi) / 2.0
            below = _cdf((middle - self.mean) / self.sd).mean(axis=0) < p
            lo, hi = np.where(below, middle, lo), np.where(below, hi, middle)
        return np.asarray((lo + hi) / 2.0)


def _cdf(z: Array) -> Array:
    return 0.5 * (1.0 + _erf(z / math.sqrt(2.0)))


def _absolute(mean: Array, sd: Array) -> Array:
    """Expected absolute value of a normal variable."""
    z = mean / sd
    return np.asarray(mean * (2.0 * _cdf(z) - 1.0) + 2.0 * sd * np.exp(-(z**2) / 2.0) / math.sqrt(2.0 * math.pi))


def crps(forecast: Forecast, seen: Array) -> Array:
    """Continuous ranked probability score of each value, lower is better, (n,). Closed form (Grimit et al. 2006).

    Args:
        seen: what came, (n,).
    """
    mean, sd = forecast.mean, forecast.sd
    first = _absolute(seen - mean, sd).mean(axis=0)
    second = np.mean(
        [_absolute(mean[i] - mean, np.sqrt(sd[i] ** 2 + sd**2)).mean(axis=0) for i in range(len(mean))],
        axis=0,
    )
    return np.asarray(first - second / 2.0)


def log_score(forecast: Forecast, seen: Array) -> Array:
    """Log density at what came, higher is better, (n,)."""
    z = (seen - forecast.mean) / forecast.sd
    parts = -0.5 * z**2 - np.log(forecast.sd * math.sqrt(2.0 * math.pi))
    top = parts.max(axis=0)
    return np.asarray(top + np.log(np.exp(parts - top).mean(axis=0)))


def coverage(forecast: Forecast, seen: Array) -> float:
    """Share of values in the 90% interval."""
    lo, hi = forecast.interval()
    return float(((seen >= lo) & (seen <= hi)).mean())


def block_interval(difference: Array, block: int = 8, samples: int = 2000, seed: int = 1) -> tuple[float, float]:
    """90% interval of a mean over years that hang together, by moving blocks (Kuensch 1989).

    Args:
        difference: one value a year, (n,).
        block: years drawn together.

    Returns:
        Lower and upper end; not a number where the years make less than three blocks.
    """
    n = len(difference)
    if n < 3 * block:
        return math.nan, math.nan
    rng = np.random.Generator(np.random.Philox(seed))
    starts = rng.integers(0, n - block + 1, size=(samples, -(-n // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(samples, -1)[:, :n]
    means = difference[drawn].mean(axis=1)
    return float(np.quantile(means, (1.0 - LEVEL) / 2.0)), float(np.quantile(means, (1.0 + LEVEL) / 2.0))
