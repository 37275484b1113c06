"""The search: a design over the ranges, profiles on an emulator of it, and a bounded simplex over what the data pin down.

Residuals are distances from targets in tolerances. A tolerance is read as the half-width of a 90% interval, so that
the 90% profile interval of a parameter ends where the sum of squares, the other parameters at their best, has risen by
one [profile likelihood: Raue et al. 2009]. Parameters are taken out one at a time, the least determined first: as long
as the longest interval covers three quarters of its plausible range or more, that parameter keeps its prior median.
What is left is pinned down and fitted. A target that no point of the design brings within a tolerance tells nothing
about parameters: it is reported as missed and not fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import qmc

from ecsim.calibration.evaluate import Evaluator, rounded
from ecsim.economy import Array

RISE = 1.0  # of the loss at the ends of a 90% profile interval, tolerances being half-widths of 90% intervals
PINNED = 0.75  # of the range: a shorter interval counts as pinned down
WITHIN = 1.0  # tolerances: a target that no point comes as near to is out of reach
FAR = 4.0  # tolerances: beyond, residuals are emulated as this
GRID = 21  # points of a profile
DRAWS = 512  # points from which the least loss at each of them is sought
SHRINK = (0.1, 0.03, 0.01)  # of the unit cube: rounds of search around the best of them
RIDGE = 1e-3  # keeps the emulator determined where points are few
FIRST_STEP = 0.15  # of the simplex, on the unit cube
CLOSE = 5e-3  # of the unit cube, and of the loss: where the simplex stops
FIGURES = 3  # significant figures of what is published


@dataclass(frozen=True, eq=False)
class Emulator:
    """Quadratic surfaces through simulated residuals.

    Attributes:
        coefficients: shape (terms, targets).
        accuracy: share of variance explained at left-out points, by target; NaN where a target does not vary.
    """

    coefficients: Array
    accuracy: Array

    def residuals(self, unit: Array) -> Array:
        """Residuals at points of the unit cube, shape (n, targets)."""
        return np.asarray(terms(np.atleast_2d(unit)) @ self.coefficients)

    def loss(self, unit: Array) -> Array:
        """Sum of squares at points of the unit cube, shape n."""
        return np.asarray((self.residuals(unit) ** 2).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Found:
    """The result of a block.

    Attributes:
        values: free parameters, pinned ones fitted, others at their prior medians.
        pinned: those that the data pin down.
        trace: every point in order: stage, loss, free parameters.
        identifiability: one row a parameter: prior median, range, 90% profile interval, width over range, pinned, value.
        profiles: parameter, value, loss (emulated).
        accuracy: of the emulator, by target.
        fitted: whether each target was in reach, and so fitted.
    """

    values: dict[str, float]
    pinned: tuple[str, ...]
    trace: pd.DataFrame
    identifiability: pd.DataFrame
    profiles: pd.DataFrame
    accuracy: Array
    fitted: Array


def terms(unit: Array) -> Array:
    """One, the coordinates, their squares and products, shape (n, terms)."""
    n, k = unit.shape
    x = 2.0 * unit - 1.0
    products = [x[:, i] * x[:, j] for i in range(k) for j in range(i, k)]
    return np.column_stack([np.ones(n), x, *products])


def fit_emulator(unit: Array, residuals: Array) -> Emulator:
    """Ridge regression, with its accuracy by leaving out one point at a time."""
    design = terms(unit)
    inverse = np.linalg.inv(design.T @ design + RIDGE * np.eye(design.shape[1]))
    coefficients = inverse @ design.T @ residuals
    lever = np.einsum("ij,jk,ik->i", design, inverse, design)
    left_out = (residuals - design @ coefficients) / np.maximum(1.0 - lever, RIDGE)[:, None]
    spread = residuals.var(axis=0)
    accuracy = np.where(spread > 1e-9, 1.0 - (left_out**2).mean(axis=0) / np.maximum(spread, 1e-9), np.nan)
    return Emulator(coefficients, accuracy)


def least(emulator: Emulator, active: list[int], k: int, held: tuple[int, float] | None = None) -> tuple[Array, float]:
    """Point of least emulated loss and that loss: the active coordinates are free but for one held, the others at the middle."""
    rng = np.random.default_rng(k)
    free = [i for i in active if held is None or i != held[0]]
    unit = np.full((DRAWS, k), 1 / 2)
    unit[:, free] = rng.random((DRAWS, len(free)))
    if held is not None:
        unit[:, held[0]] = held[1]
    best = unit[np.argmin(emulator.loss(unit))]
    for size in SHRINK if free else ():
        near = np.tile(best, (DRAWS, 1))
        near[1:, free] = np.clip(near[1:, free] + size * rng.standard_normal((DRAWS - 1, len(free))), 0.0, 1.0)
        best = near[np.argmin(emulator.loss(near))]
    return best, float(emulator.loss(best)[0])


def profile(emulator: Emulator, i: int, active: list[int], k: int) -> tuple[Array, Array]:
    """Grid of a parameter on (0, 1), and the least emulated loss over the other active ones at each point of it."""
    grid = np.linspace(0.0, 1.0, GRID)
    return grid, np.array([least(emulator, active, k, (i, float(g)))[1] for g in grid])


def pin_down(emulator: Emulator, k: int) -> tuple[list[int], dict[int, tuple[Array, Array]]]:
    """Parameters that the data pin down, and each parameter's profile when it was judged for the last time."""
    active, curves = list(range(k)), {}
    while active:
        for i in active:
            curves[i] = profile(emulator, i, active, k)
        widths = [float(np.diff(interval(*curves[i]))[0]) for i in active]
        if max(widths) < PINNED:
            break
        del active[int(np.argmax(widths))]
    return active, curves


def interval(grid: Array, low: Array) -> tuple[float, float]:
    """Where the profile lies within `RISE` of its least, with straight lines between points of the grid."""
    inside = np.flatnonzero(low <= low.min() + RISE)
    lo, hi = float(grid[inside[0]]), float(grid[inside[-1]])
    cut = low.min() + RISE
    if inside[0] > 0:
        a, b = low[inside[0] - 1], low[inside[0]]
        lo -= float((grid[1] - grid[0]) * (cut - b) / (a - b))
    if inside[-1] < len(grid) - 1:
        a, b = low[inside[-1]], low[inside[-1] + 1]
        hi += float((grid[1] - grid[0]) * (cut - a) / (b - a))
    return lo, hi


def search(evaluator: Evaluator, points: int, steps: int, seed: int) -> Found:
    """Fit a block.

    Args:
        evaluator: simulates points and keeps them.
        points: of the design.
        steps: points that the simplex tries at most.
        seed: of the design.
    """
    k = len(evaluator.free)
    rows: list[dict[str, object]] = []
    reach: Array = np.array(True)

    def note(stage: str, values: dict[str, float]) -> float:
        loss = float((evaluator.residuals(values)[reach] ** 2).sum())
        rows.append({"stage": stage, "loss": loss, **values})
        return loss

    unit = qmc.Sobol(k, seed=seed).random(points)
    design = [evaluator.values(u) for u in unit]
    off = np.array([evaluator.residuals(values) for values in design])
    reach = np.abs(off).min(axis=0) <= WITHIN
    for values in design:
        note("design", values)
    emulator = fit_emulator(unit, np.clip(off, -FAR, FAR))
    fitted = Emulator(emulator.coefficients[:, reach], emulator.accuracy[reach])
    pinned, curves = pin_down(fitted, k)
    best = simplex(lambda u: note("simplex", evaluator.values(u)), least(fitted, pinned, k)[0], pinned, steps)
    values = rounded(evaluator.values(best), FIGURES)
    note("result", values)
    table, profiles = _identifiability(evaluator, pinned, curves, values)
    names = tuple(evaluator.free[i] for i in pinned)
    return Found(values, names, pd.DataFrame(rows), table, profiles, emulator.accuracy, reach)


def _identifiability(
    evaluator: Evaluator, pinned: list[int], curves: dict[int, tuple[Array, Array]], values: dict[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Interval of each parameter, and its profile, in its own unit."""
    lo, hi = evaluator.bounds.T
    rows, parts = [], []
    for i, name in enumerate(evaluator.free):
        left, right = interval(*curves[i])
        scale = hi[i] - lo[i]
        row: dict[str, object] = {"parameter": name, "prior_median": evaluator.medians[i], "range_lo": lo[i], "range_hi": hi[i]}
        row |= {"profile_lo": lo[i] + scale * left, "profile_hi": lo[i] + scale * right, "width_over_range": right - left}
        rows.append(row | {"pinned": i in pinned, "value": values[name]})
        parts.append(pd.DataFrame({"parameter": name, "value": lo[i] + scale * curves[i][0], "loss": curves[i][1]}))
    return pd.DataFrame(rows), pd.concat(parts, ignore_index=True)


def simplex(loss: Callable[[Array], float], start: Array, pinned: list[int], steps: int) -> Array:
    """Bounded Nelder-Mead over the pinned coordinates; the others stay where they are."""
    if not pinned:
        return start

    def placed(x: Array) -> Array:
        unit = start.copy()
        unit[pinned] = x
        return unit

    x = start[pinned]
    corners = [x] + [np.where(np.arange(len(x)) == i, x + FIRST_STEP * (1.0 if x[i] < 1 / 2 else -1.0), x) for i in range(len(x))]
    options = {"initial_simplex": np.array(corners), "maxfev": steps, "xatol": CLOSE, "fatol": CLOSE, "adaptive": True}
    return placed(minimize(lambda x: loss(placed(x)), x, method="Nelder-Mead", bounds=[(0.0, 1.0)] * len(x), options=options).x)
