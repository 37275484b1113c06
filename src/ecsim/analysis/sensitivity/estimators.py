"""Indices of one outcome over one design, guarded: SALib turns one NaN into indices of zero, without a warning.

Sources: Morris 1991, Campolongo et al. 2007 (mu*); Sobol 2001, Saltelli et al. 2010 (first order), Jansen 1999 (total
order); Pianosi and Wagener 2018 (PAWN). Factors are on the unit cube.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from ecsim.analysis.estimate import LEVEL, ROUNDING, Estimate, mean_interval, widening
from ecsim.economy import Array
from ecsim.errors import UserError
from ecsim.experiment.design import MORRIS_LEVELS, problem

RESAMPLES = 500
SEED = 1  # of the bootstrap, so that a rebuilt report has the same numbers
SLICES = 10  # of PAWN
FEWEST = 8  # base points of a convergence step
SPOILT = {
    "incomplete": "{n} of {points} points of the design are there; accepted: a complete design (ecsim resume)",
    "missing": "{n} of {points} points have no value; accepted: an outcome that every run has",
    "constant": "the same at every point; accepted: an outcome that varies",
}
ON_GRID = 1e-6  # by how much a step may miss that of the grid, on the unit cube


class Spoilt(UserError):
    """Values that would spoil indices.

    Attributes:
        reason: "incomplete", "missing" or "constant".
        of: how many points there are, or lack a value, and of how many.
    """

    def __init__(self, where: str, reason: str, there: int, points: int) -> None:
        self.reason, self.of = reason, {"n": there, "points": points}
        super().__init__(f"{where}: {SPOILT[reason].format(**self.of)}")


def check_values(y: Array, points: int, where: str) -> None:
    """Refuse what would spoil indices.

    Args:
        y: values at the points of a design, in its order.
        points: how many the design has.
        where: named in an error.

    Raises:
        Spoilt: points are missing, or values are not finite, or all are the same.
    """
    if len(y) != points:
        raise Spoilt(where, "incomplete", len(y), points)
    missing = int((~np.isfinite(y)).sum())
    if missing:
        raise Spoilt(where, "missing", missing, points)
    if _constant(y):
        raise Spoilt(where, "constant", points, points)


def _constant(y: Array) -> bool:
    """Whether values differ by rounding at most."""
    return float(np.ptp(y)) <= ROUNDING * float(np.abs(y).max(initial=0.0))


def lead(y: Array, k: int, first: int, other: int, key: str) -> Estimate:
    """By how much one factor's total variance exceeds another's, paired over the base points of a Saltelli design.

    Jansen's estimator is a mean over base points, and so is the difference of two: the interval is that of a mean.

    Args:
        y: shape N (k + 2), in the order of the design.
        k: number of factors.
        first, other: places of the factors.
        key: names the resampling.
    """
    blocks = np.asarray(y, dtype=float).reshape(-1, k + 2)
    effects = (blocks[:, [0]] - blocks[:, 1:-1]) ** 2 / 2
    return mean_interval(effects[:, first] - effects[:, other], np.arange(len(blocks)), key=key)


def sobol_indices(names: Sequence[str], y: Array, where: str) -> pd.DataFrame:
    """First and total order on a Saltelli design of N (k + 2) points: factor, s1, s1_lo, s1_hi, st, st_lo, st_hi, n.

    Intervals are the estimate and its bootstrap standard error times 1.96 (SALib), wider where base points are few (`widening`).
    Negative values and sums above one are what estimates of few points look like; they are left as they are.

    Args:
        names: k factors.
        y: shape N (k + 2), in the order of the design.
        where: named in an error.

    Raises:
        Spoilt: see `check_values`; or a length that is no whole number of blocks.
    """
    from SALib.analyze import sobol  # noqa: PLC0415 (SALib takes a second to load)

    y, k = np.asarray(y, dtype=float), len(names)
    blocks = len(y) // (k + 2)
    check_values(y, max(blocks, 1) * (k + 2), where)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = sobol.analyze(problem(k, names), y, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL, seed=SEED)
    s1, st = np.asarray(found["S1"]), np.asarray(found["ST"])
    c1, ct = (widening(blocks) * np.asarray(found[name]) for name in ("S1_conf", "ST_conf"))
    columns = {"factor": list(names), "s1": s1, "s1_lo": s1 - c1, "s1_hi": s1 + c1, "st": st, "st_lo": st - ct, "st_hi": st + ct}
    return pd.DataFrame({**columns, "n": blocks})


def convergence(names: Sequence[str], y: Array, where: str) -> pd.DataFrame:
    """Indices from the first base points of the design, doubling up to all: the table of `sobol_indices` at each n."""
    y, width = np.asarray(y, dtype=float), len(names) + 2
    total = len(y) // width
    steps = [n for n in (total >> i for i in range(8)) if n >= FEWEST] or [total]
    parts = []
    for n in sorted(steps):
        part = y[: n * width]
        if not _constant(part):
            parts.append(sobol_indices(names, part, where))
    return pd.concat(parts, ignore_index=True)


def morris_effects(names: Sequence[str], x: Array, y: Array, where: str) -> pd.DataFrame:
    """Elementary effects on trajectories: factor, mu, mu_lo, mu_hi, mu_star, mu_star_lo, mu_star_hi, sigma, n.

    Effects are per full range of the factor. The interval of mu is Student's t over trajectories. SALib divides by the step of its own
    grid; where a factor takes whole numbers only, the step that was made is another, and effects are per that.

    Args:
        names: k factors.
        x: points on the unit cube where they came to lie, shape (r (k + 1), k).
        y: values there.
        where: named in an error.

    Raises:
        Spoilt: see `check_values`.
    """
    from SALib.analyze import morris  # noqa: PLC0415

    x, y, k = np.asarray(x, dtype=float), np.asarray(y, dtype=float), len(names)
    check_values(y, len(x), where)
    found = morris.analyze(problem(k, names), x, y, num_levels=MORRIS_LEVELS, num_resamples=RESAMPLES, conf_level=LEVEL, seed=SEED)
    mu, sigma, n = np.asarray(found["mu"]), np.asarray(found["sigma"]), len(x) // (k + 1)
    star, conf = np.asarray(found["mu_star"], dtype=float), np.asarray(found["mu_star_conf"], dtype=float)
    for i in _off_grid(x, k):
        effects = _effects(x, y, k, i)
        mu[i], sigma[i], star[i] = effects.mean(), effects.std(ddof=min(n - 1, 1)), np.abs(effects).mean()
        picked = np.random.default_rng(SEED).choice(np.abs(effects), (RESAMPLES, n))
        conf[i] = float(stats.norm.ppf((1 + LEVEL) / 2)) * picked.mean(axis=1).std(ddof=1)
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * sigma / math.sqrt(n) if n > 1 else np.full(k, np.nan)
    columns = {"factor": list(names), "mu": mu, "mu_lo": mu - half, "mu_hi": mu + half, "mu_star": star}
    return pd.DataFrame({**columns, "mu_star_lo": star - conf, "mu_star_hi": star + conf, "sigma": sigma, "n": n})


def _off_grid(x: Array, k: int) -> list[int]:
    """Factors that made other steps than those of the grid."""
    grid = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1))
    made = np.abs(np.diff(x.reshape(-1, k + 1, k), axis=1)).max(axis=1)  # of each factor, in each trajectory
    return [i for i in range(k) if (np.abs(made[:, i] - grid) > ON_GRID).any()]


def _effects(x: Array, y: Array, k: int, i: int) -> Array:
    """Elementary effects of one factor: change of the value over the step made, by trajectory."""
    steps, changes = np.diff(x.reshape(-1, k + 1, k), axis=1)[:, :, i], np.diff(y.reshape(-1, k + 1), axis=1)
    at = np.abs(steps).argmax(axis=1)
    rows = np.arange(len(at))
    return np.asarray(changes[rows, at] / steps[rows, at])


def chance_effect(x: Array, y: Array) -> float:
    """The mu* that chance alone gives a factor without effect; 0 where there is one seed a point, so that it is not known.

    A seed's deviation from the mean over k seeds, over sqrt(k - 1), varies as chance does in that mean.

    Args:
        x: points on the unit cube where they came to lie, shape (r (k + 1), k).
        y: values there, shape (points, seeds); a column is one seed at all points.
    """
    seeds, k = y.shape[1], x.shape[1]
    if seeds < 2:
        return 0.0
    left = (y - y.mean(axis=1, keepdims=True)) / math.sqrt(seeds - 1)
    return float(np.mean([np.abs(_effects(x, column, k, i)).mean() for column in left.T for i in range(k)]))


def noise_shares(y: Array, *, common: bool) -> dict[str, float]:
    """How much of the variance is chance: in one run, and in the means over seeds from which indices are made.

    With seeds that all points share, points and seeds are crossed: what a seed shifts at all points alike moves no index, and
    what is left in the means is the interaction of point and seed (two-way layout without replication; Searle, Casella and
    McCulloch 1992). With seeds of their own, all that varies within a point is left.

    Args:
        y: values, shape (points, seeds), finite.
        common: whether a column is one seed at all points.

    Returns:
        total (variance of a run), seeds (share of it from seeds), left (share of the variance of the means that is chance).
    """
    n, k = y.shape
    if k < 2 or n < 2:
        return dict.fromkeys(("total", "seeds", "left"), math.nan)
    rows, columns, whole = y.mean(axis=1), y.mean(axis=0), y.mean()
    if common:
        left = float(((y - rows[:, None] - columns + whole) ** 2).sum()) / ((n - 1) * (k - 1))
        shared = max(float(columns.var(ddof=1)) - left / n, 0.0)
    else:
        left, shared = float(((y - rows[:, None]) ** 2).sum()) / (n * (k - 1)), 0.0
    means = float(rows.var(ddof=1))
    factors = max(means - left / k, 0.0)
    total = factors + left + shared
    if total <= ROUNDING * float(np.abs(y).max()) ** 2:
        return {"total": 0.0, "seeds": 0.0, "left": 0.0}
    return {"total": total, "seeds": (left + shared) / total, "left": min(left / k / means, 1.0)}


def pawn_indices(names: Sequence[str], x: Array, y: Array, where: str) -> pd.DataFrame:
    """PAWN, which compares whole distributions: factor, pawn (median over slices), pawn_max, dummy (that of a factor without effect).

    Args:
        names: k factors.
        x: independent points on the unit cube, shape (n, k).
        y: values there.
        where: named in an error.

    Raises:
        Spoilt: see `check_values`.
    """
    from SALib.analyze import pawn  # noqa: PLC0415

    x, y, k = np.asarray(x, dtype=float), np.asarray(y, dtype=float), len(names)
    check_values(y, len(x), where)
    dummy = np.random.default_rng(SEED).random((len(x), 1))
    found = pawn.analyze(problem(k + 1, [*names, "dummy"]), np.hstack([x, dummy]), y, S=SLICES, seed=SEED)
    median, largest = np.asarray(found["median"]), np.asarray(found["maximum"])
    return pd.DataFrame({"factor": list(names), "pawn": median[:k], "pawn_max": largest[:k], "dummy": median[k], "n": len(x)})
