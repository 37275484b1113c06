"""From predictors to forecasts: a straight line fitted on one window, and the naive rivals of the mechanism."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ecsim.economy import Array
from ecsim.longrun.scores import Forecast

LEAST_SD = 0.03  # of a forecast: what the coding itself cannot tell apart


def line(predictors: list[Array], seen: Array, window: Array) -> Forecast:
    """A line common to all challengers for each draw of a predictor: strictness = a + b predictor, by least squares.

    Args:
        predictors: one a draw, each (Y, C).
        seen: record, (Y, C).
        window: years fitted, (Y,) of booleans.

    Returns:
        Forecasts of all years and challengers, (D, Y x C); the spread counts that the line itself is estimated.
    """
    inside = np.repeat(window, seen.shape[1])
    made = [_least_squares(np.stack([np.ones(seen.size), x.ravel()], axis=1), seen.ravel(), inside) for x in predictors]
    return Forecast(np.array([m for m, _ in made]), np.array([s for _, s in made]))


def constant(seen: Array, window: Array) -> Forecast:
    """Each challenger's mean of the window."""
    return _by_challenger(seen, window, lambda year: np.ones((len(year), 1)))


def trend(seen: Array, window: Array) -> Forecast:
    """Each challenger's straight line over the years of the window."""
    return _by_challenger(seen, window, lambda year: np.stack([np.ones(len(year)), year - year.mean()], axis=1))


def path_dependence(seen: Array, window: Array) -> Forecast:
    """Next year as this year drawn towards a mean, one rule for all, fitted in the window and carried on from its edge.

    Years before the window are told backwards, by the same rule fitted to the years in reverse.
    """
    after = _carry(seen, window)
    before = _carry(seen[::-1], window[::-1])
    first = int(np.flatnonzero(window)[0])
    mean, sd = after[0].copy(), after[1].copy()
    mean[:first], sd[:first] = before[0][::-1][:first], before[1][::-1][:first]
    return Forecast(np.clip(mean, 0.0, 1.0).reshape(1, -1), np.maximum(sd, LEAST_SD).reshape(1, -1))


def _carry(seen: Array, window: Array) -> tuple[Array, Array]:
    """Mean and spread from the window on; in the window, one step ahead."""
    here = np.flatnonzero(window)
    x, y = seen[here[:-1]].ravel(), seen[here[1:]].ravel()
    design = np.stack([np.ones(len(x)), x], axis=1)
    a, b = np.linalg.lstsq(design, y, rcond=None)[0]
    b = float(np.clip(b, 0.0, 1.0))
    a = float((y - b * x).mean())
    noise = float((y - a - b * x).std())
    mean, sd = np.zeros(seen.shape), np.full(seen.shape, noise)
    mean[0] = seen[here[0]]
    for t in range(1, len(seen)):
        known = window[t - 1]
        mean[t] = a + b * (seen[t - 1] if known else mean[t - 1])
        sd[t] = noise if known else np.sqrt(noise**2 + (b * sd[t - 1]) ** 2)
    return mean, sd


def _by_challenger(seen: Array, window: Array, design: Callable[[Array], Array]) -> Forecast:
    year = np.arange(len(seen), dtype=float)
    x = design(year)
    made = [_least_squares(x, seen[:, c], window) for c in range(seen.shape[1])]
    return Forecast(np.stack([m for m, _ in made], axis=1).reshape(1, -1), np.stack([s for _, s in made], axis=1).reshape(1, -1))


def _least_squares(design: Array, seen: Array, inside: Array) -> tuple[Array, Array]:
    """Mean, kept between 0 and 1, and predictive spread of each row."""
    x, y = design[inside], seen[inside]
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ coefficients
    variance = float(rest @ rest) / max(len(y) - x.shape[1], 1)
    inverse = np.linalg.pinv(x.T @ x)
    spread = np.sqrt(variance * (1.0 + np.einsum("ij,jk,ik->i", design, inverse, design)))
    return np.clip(design @ coefficients, 0.0, 1.0), np.maximum(spread, LEAST_SD)
