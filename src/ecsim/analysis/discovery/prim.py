"""PRIM, the patient rule induction method (Friedman and Fisher 1999), as used for scenario discovery (Bryant and Lempert 2010).

A box starts as the whole space. Each step peels off the thin slice, at the low or high end of one parameter, whose removal leaves
the highest share of cases of interest; the peels make a trajectory from all cases at low density to few at high density. The box
shown is the one where density and coverage balance best, less bounds that do not earn their place. An end's quasi-p value says how
likely its gain is by chance. The least significant end is given up, and the box found anew without it, until all are significant:
where it is only widened there, ends that were cut around it stay where they served another box.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from ecsim.economy import Array
from ecsim.errors import UserError

PEEL = 0.05  # share of the cases of a box that a step removes
SMALLEST = 0.05  # share of all cases below which a box is not peeled
FEWEST = 40  # cases
SIGNIFICANT = 0.05
HALVES = 50  # samples of half the cases, to see which bounds come again
SEED = 1


@dataclass(frozen=True)
class Bound:
    """What a box asks of one factor.

    Attributes:
        factor: name.
        lo, hi: ends; infinite where the box has none.
        p: quasi-p value: chance of at least so dense a box if the end did not matter; of two ends, the larger.
        again: share of boxes from halves of the cases, drawn at random, that bound the factor on the same side; of two, the smaller.
    """

    factor: str
    lo: float
    hi: float
    p: float
    again: float = math.nan


@dataclass(frozen=True)
class Box:
    """A box and how well it does.

    Attributes:
        bounds: by importance.
        density: share of cases of interest inside.
        coverage: share of all cases of interest that are inside.
        mass: share of all cases that are inside.
        base: share of cases of interest overall.
    """

    bounds: tuple[Bound, ...]
    density: float
    coverage: float
    mass: float
    base: float


def find_box(names: Sequence[str], x: Array, hit: Array) -> tuple[Box, Array]:
    """The box of one round of PRIM, and its trajectory.

    Args:
        names: k factors.
        x: cases, shape (n, k).
        hit: which cases are of interest, shape n.

    Returns:
        The box, with how often halves of the cases give its bounds again (Bryant and Lempert 2010), and the trajectory,
        shape (steps, 3): coverage, density, mass.

    Raises:
        UserError: too few cases, or none or all of interest.
    """
    x, hit = np.asarray(x, dtype=float), np.asarray(hit, dtype=bool)
    if len(x) < FEWEST:
        raise UserError(f"discover: {len(x)} cases are too few; accepted: {FEWEST} draws or more (experiment.draws)")
    if not hit.any() or hit.all():
        raise UserError(f"discover: {'no case' if not hit.any() else 'every case'} is of interest; accepted: another outcome or threshold")
    found, told = _box_of(names, x, hit)
    luck = np.random.default_rng(SEED)
    halves = [luck.permutation(len(x))[: len(x) // 2] for _ in range(HALVES)]
    others = [_box_of(names, x[half], hit[half])[0].bounds for half in halves if hit[half].any() and not hit[half].all()]
    bounds = tuple(replace(b, again=_share(b, others)) for b in found.bounds)
    return replace(found, bounds=bounds), told


def _share(bound: Bound, others: Sequence[Sequence[Bound]]) -> float:
    """Share of boxes that bound the factor on the side on which the bound does; of two sides, the smaller."""
    if not others:
        return math.nan
    sides = [side for side in ("lo", "hi") if math.isfinite(getattr(bound, side))]
    of_factor = [[b for b in bounds if b.factor == bound.factor] for bounds in others]
    return min(float(np.mean([any(math.isfinite(getattr(b, side)) for b in own) for own in of_factor])) for side in sides)


def _box_of(names: Sequence[str], x: Array, hit: Array) -> tuple[Box, Array]:
    """The box that balances density and coverage with significant ends only, and the trajectory that it is from."""
    free = np.ones((2, x.shape[1]), dtype=bool)  # ends that may be cut
    limits = [np.array([np.full(x.shape[1], -np.inf), np.full(x.shape[1], np.inf)])]
    while True:
        while (step := _peel(x, hit, limits[-1], free)) is not None:
            limits.append(step)
        told = np.array([_told(x, hit, box) for box in limits])
        best = _drop(x, hit, limits[int(np.argmax(_balance(told)))])
        p = _quasi_p(x, hit, best)
        weakest = max(p, key=lambda end: p[end], default=None)
        if weakest is None or p[weakest] <= SIGNIFICANT:
            return _box(names, x, hit, best, p), told
        free[weakest] = False
        limits = [box for box in limits if not np.isfinite(box[weakest])]  # peels before the end was cut are the same without it


def _inside(x: Array, box: Array) -> Array:
    return ((x >= box[0]) & (x <= box[1])).all(axis=1)


def _peel(x: Array, hit: Array, box: Array, free: Array) -> Array | None:
    """The box after its best peel at a free end, None where it is small enough or nothing can be peeled."""
    inside = _inside(x, box)
    n, values = int(inside.sum()), x[inside]
    if n <= max(SMALLEST * len(x), 2):
        return None
    low, high = np.quantile(values, (PEEL, 1 - PEEL), axis=0)
    kept = np.stack([values > low, values < high])  # what is left after each peel, shape (2, n, k)
    left = kept.sum(axis=1)
    density = (kept & hit[inside][:, None]).sum(axis=1) / np.maximum(left, 1)
    density[~free | (left == 0) | (left == n)] = -1.0
    j, end = divmod(int(density.T.argmax()), 2)  # patient: the best peel is taken even where it loses some
    if density[end, j] < 0:
        return None
    peeled = box.copy()
    own = values[kept[end, :, j], j]
    peeled[end, j] = own.max() if end else own.min()
    return peeled


def _told(x: Array, hit: Array, box: Array) -> tuple[float, float, float]:
    inside = _inside(x, box)
    return float(hit[inside].sum() / hit.sum()), float(hit[inside].mean()), float(inside.mean())


def _balance(told: Array) -> Array:
    """Harmonic mean of coverage and density; zero of a box without a case of interest."""
    coverage, density = told[:, 0], told[:, 1]
    return np.divide(2 * coverage * density, coverage + density, out=np.zeros(len(told)), where=coverage > 0)


def _drop(x: Array, hit: Array, box: Array) -> Array:
    """Drop ends one by one while the balance does not fall."""
    while True:
        now = _balance(np.array([_told(x, hit, box)]))[0]
        choices = [(_balance(np.array([_told(x, hit, wider)]))[0], wider) for wider in _wider(box).values()]
        if not choices or max(c[0] for c in choices) < now:
            return box
        box = max(choices, key=lambda c: c[0])[1]


def _wider(box: Array) -> dict[tuple[int, int], Array]:
    """End of the box (0 low, 1 high; factor) -> the box without it."""
    found = {}
    for end, j in np.argwhere(np.isfinite(box)):
        wider = box.copy()
        wider[end, j] = np.inf if end else -np.inf
        found[int(end), int(j)] = wider
    return found


def _quasi_p(x: Array, hit: Array, box: Array) -> dict[tuple[int, int], float]:
    """End of the box -> chance of at least so many cases of interest inside, at the density of the box without that end."""
    inside = _inside(x, box)
    n, got = int(inside.sum()), int(hit[inside].sum())
    return {end: float(stats.binom.sf(got - 1, n, hit[_inside(x, wider)].mean())) for end, wider in _wider(box).items()}


def _box(names: Sequence[str], x: Array, hit: Array, box: Array, p: Mapping[tuple[int, int], float]) -> Box:
    coverage, density, mass = _told(x, hit, box)
    bounds = [
        Bound(names[j], float(box[0, j]), float(box[1, j]), max(p[end, j] for end in (0, 1) if (end, j) in p))
        for j in sorted({j for _, j in p})
    ]
    return Box(tuple(sorted(bounds, key=lambda b: b.p)), density, coverage, mass, float(hit.mean()))
