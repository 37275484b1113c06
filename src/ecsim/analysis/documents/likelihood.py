"""Is there path dependence? Bayesian synthetic likelihood of the yearly numbers, over all mechanisms at once.

At each point of a design over the prior the constants are solved, so that the published totals are met and say
nothing more; what is left is how well the yearly numbers fit. Their means and spreads over seeds are emulated by
cubic polynomials in the mechanisms, and the likelihood of the published numbers is Gaussian in logs and logits
(Wood 2010), times the emulated probability that a run shows the pattern W9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import qmc

from ecsim.analysis.documents.fit import MECHANISMS, TESTED, YEARLY, solve_constants, with_documents, yearly
from ecsim.analysis.documents.summary import Summary
from ecsim.analysis.documents.targets import patterns_by_run
from ecsim.documents.luck import Luck
from ecsim.economy import Array
from ecsim.params import Params

PRIOR = {  # uniform
    "rate_anxiety": (0.0, 4.0),
    "rate_election": (0.0, 0.8),
    "saturation": (0.0, 1.2),
    "security_anxiety": (0.0, 12.0),
    "security_house": (-4.0, 0.0),
    "path_dependence": (0.0, 1.2),
    "tilt": (0.0, 4.0),
}
NAMES = tuple(PRIOR)
POINTS = 256
DESIGN_SEEDS = range(5000, 5100)
DRAWS = 200_000
GRID = 13
STARTS = 500  # best draws from which profiles are climbed
STEPS = (0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.02, 0.01)  # of the climb, on the unit cube
TRIES = 400
DROP = 1.353  # fall of the log-likelihood at the ends of a 90% profile interval
COUNTS = ("W2", "W3", "D1")  # in logs; the other yearly numbers are percentages, in logits
MARGIN = 0.3  # percent: keeps logits finite

assert set(NAMES) == {*MECHANISMS, *TESTED}


@dataclass(frozen=True)
class Design:
    """Simulated statistics over the prior.

    Attributes:
        points: (n, 7) mechanisms, in the order of `NAMES`.
        mean, log_spread: (n, 7) of the yearly numbers over seeds, transformed.
        correlation: (7, 7) between them, mean over points.
        pattern: (n,) logit of the share of runs that show W9.
    """

    points: Array
    mean: Array
    log_spread: Array
    correlation: Array
    pattern: Array


def transform(key: str, value: Array) -> Array:
    """A yearly number on the scale on which it is taken as Gaussian."""
    if key in COUNTS:
        return np.asarray(np.log(np.maximum(value, 1.0)))
    inside = np.clip(value, MARGIN, 100.0 - MARGIN)
    return np.asarray(np.log(inside / (100.0 - inside)))


def observed() -> Array:
    """The published yearly numbers, transformed."""
    return np.array([float(transform(key, np.array(target))) for key, (target, _) in YEARLY.items()])


def design(params: Params, points: int = POINTS, seeds: Sequence[int] = DESIGN_SEEDS) -> Design:
    """Simulate the statistics at points spread over the prior (Sobol), the same seeds at each."""
    lo, hi = np.array(list(PRIOR.values())).T
    x = qmc.scale(qmc.Sobol(len(NAMES), seed=1).random(points), lo, hi)
    luck = Luck(seeds, keep=True)
    numbers, shows = [], []
    for row in x:
        _, s = solve_constants(with_documents(params, dict(zip(NAMES, row.tolist(), strict=True))), luck)
        numbers.append(_numbers(s))
        shows.append(float(np.all([held for _, held in patterns_by_run(s)["W9"]], axis=0).sum()))
    stacked = np.array(numbers)
    clean = np.nan_to_num(stacked - np.nanmean(stacked, axis=1, keepdims=True))
    share = (np.array(shows) + 0.5) / (len(seeds) + 1.0)
    return Design(
        points=x,
        mean=np.nanmean(stacked, axis=1),
        log_spread=np.log(np.nanstd(stacked, axis=1)),
        correlation=np.mean([np.corrcoef(c.T) for c in clean], axis=0),
        pattern=np.log(share / (1.0 - share)),
    )


def _numbers(s: Summary) -> Array:
    return np.stack([transform(key, values) for key, values in yearly(s).items()], axis=1)


@dataclass
class Emulator:
    """Cubic polynomials (no mixed third powers) for everything in a design.

    Args:
        design: simulated statistics.
        pattern: count the pattern W9 as evidence.
    """

    design: Design
    pattern: bool = True
    accuracy: Array = field(init=False)

    def __post_init__(self) -> None:
        """Fit, and measure the accuracy: R squared of left-out points, for the 7 means, the 7 spreads and W9."""
        d = self.design
        basis = _basis(unit(d.points))
        outputs = np.column_stack([d.mean, d.log_spread, d.pattern])
        self._weights = np.linalg.lstsq(basis, outputs, rcond=None)[0]
        leverage = np.einsum("ij,ji->i", basis, np.linalg.pinv(basis))
        left_out = (outputs - basis @ self._weights) / (1.0 - leverage)[:, None]
        self.accuracy = 1.0 - left_out.var(axis=0) / outputs.var(axis=0)
        self._precision = np.linalg.inv(d.correlation)

    def log_likelihood(self, u: Array) -> Array:
        """Of the published numbers at points of the unit cube, shape (m, 7) -> (m,)."""
        k = len(YEARLY)
        out = _basis(u) @ self._weights
        z = (observed() - out[:, :k]) * np.exp(-out[:, k : 2 * k])
        log_like = -0.5 * np.einsum("mi,ij,mj->m", z, self._precision, z) - out[:, k : 2 * k].sum(axis=1)
        return np.asarray(log_like - np.logaddexp(0.0, -out[:, -1]) * self.pattern)


def unit(x: Array) -> Array:
    """Mechanisms as points of the cube from -1 to 1."""
    lo, hi = np.array(list(PRIOR.values())).T
    return np.asarray(2.0 * (x - lo) / (hi - lo) - 1.0)


def _basis(u: Array) -> Array:
    n = u.shape[1]
    pairs = [u[:, i] * u[:, j] for i in range(n) for j in range(i, n)]
    return np.column_stack([np.ones(len(u)), u, *pairs, u**3])


@dataclass(frozen=True)
class Posterior:
    """What the published numbers say of each mechanism.

    Attributes:
        profiles: one row a parameter and grid value: parameter, value, profile (log-likelihood below its
            maximum), prior, posterior (densities).
        summary: one row a parameter: prior, posterior mean, median and 90% interval, 90% profile interval, and the
            Bayes factor for zero against the rest of the prior (Savage-Dickey).
        accuracy: of the emulator, R squared of left-out points, least over means.
    """

    profiles: pd.DataFrame
    summary: pd.DataFrame
    accuracy: float


def posterior(emulator: Emulator, draws: int = DRAWS) -> Posterior:
    """Posterior by importance sampling from the prior, and profiles by climbing from the best draws."""
    u = np.random.default_rng(1).uniform(-1.0, 1.0, (draws, len(NAMES)))
    log_like = emulator.log_likelihood(u)
    weight = np.exp(log_like - log_like.max())
    weight /= weight.sum()
    start = u[np.argsort(log_like)[-STARTS:]]
    best = max(_maximum(emulator, s) for s in start[-3:])
    profiles, rows = [], []
    for i, name in enumerate(NAMES):
        table = _profile(emulator, i, name, u[:, i], weight, start)
        table["profile"] -= max(best, table["profile"].max())
        profiles.append(table)
        rows.append(_describe(name, table, u[:, i], weight))
    return Posterior(pd.concat(profiles, ignore_index=True), pd.DataFrame(rows), float(emulator.accuracy[: len(YEARLY)].min()))


def _maximum(emulator: Emulator, start: Array, fixed: int | None = None) -> float:
    """Greatest log-likelihood from a start, one coordinate held: random steps, ever smaller, all of a size at once."""
    rng = np.random.default_rng(2)
    best, height = start, float(emulator.log_likelihood(start[None])[0])
    for size in STEPS:
        tried = np.clip(best + size * rng.standard_normal((TRIES, len(NAMES))), -1.0, 1.0)
        if fixed is not None:
            tried[:, fixed] = start[fixed]
        heights = emulator.log_likelihood(tried)
        if heights.max() > height:
            best, height = tried[heights.argmax()], float(heights.max())
    return height


def _profile(emulator: Emulator, i: int, name: str, u: Array, weight: Array, start: Array) -> pd.DataFrame:
    lo, hi = PRIOR[name]
    grid = np.linspace(-1.0, 1.0, GRID)
    edges = np.linspace(-1.0, 1.0, GRID)
    mass, _ = np.histogram(u, bins=edges, weights=weight)
    density = np.interp(grid, (edges[:-1] + edges[1:]) / 2.0, mass * (GRID - 1) / (hi - lo))
    heights = []
    for g in grid:
        near = start.copy()
        near[:, i] = g
        heights.append(_maximum(emulator, near[np.argmax(emulator.log_likelihood(near))], fixed=i))
    value = lo + (hi - lo) * (grid + 1.0) / 2.0
    return pd.DataFrame({"parameter": name, "value": value, "profile": heights, "prior": 1.0 / (hi - lo), "posterior": density})


def _describe(name: str, table: pd.DataFrame, u: Array, weight: Array) -> dict[str, object]:
    lo, hi = PRIOR[name]
    value = lo + (hi - lo) * (u + 1.0) / 2.0
    order = np.argsort(value)
    below = np.cumsum(weight[order])
    quantile = {q: float(value[order][np.searchsorted(below, q)]) for q in (0.05, 0.5, 0.95)}
    inside = table[table["profile"] >= -DROP]["value"]
    zero = table.iloc[0 if lo == 0.0 else -1]
    return {
        "parameter": name,
        "prior_lo": lo,
        "prior_hi": hi,
        "mean": float(weight @ value),
        "median": quantile[0.5],
        "lo": quantile[0.05],
        "hi": quantile[0.95],
        "profile_lo": float(inside.min()),
        "profile_hi": float(inside.max()),
        "bayes_factor_zero": float(zero["posterior"] / zero["prior"]),
    }
