"""PRIM, the patient rule induction method (Friedman and Fisher 1999), as used for scenario discovery (Bryant and Lempert 2010).

A box starts as the whole space. Each step peels off the thin slice, at the low or high end of one parameter, whose removal leaves
the highest share of cases of interest; the peels make a trajectory from all cases at low density to few at high density. The box
shown is the one where density and coverage balance best. Bounds that do not earn their place are dropped, and a bound's
quasi-p value says how likely its gain is by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    """One end of a box.

    Attributes:
        factor: name.
        lo, hi: ends; infinite where the box has none.
        p: quasi-p value: chance of at least so dense a box if the bound did not matter.
        again: share of boxes from halves of the cases, drawn at random, that bound the factor on the same side.
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
    """Share of boxes that bound the factor on a side on which the bound does."""
    if not others:
        return math.nan
    low, high = math.isfinite(bound.lo), math.isfinite(bound.hi)
    same = [
        any(b.factor == bound.factor and ((low and math.isfinite(b.lo)) or (high and math.isfinite(b.hi))) for b in bounds)
        for bounds in others
    ]
    return float(np.mean(same))


def _box_of(names: Sequence[str], x: Array, hit: Array) -> tuple[Box, Array]:
    """The box that balances density and coverage, and the trajectory."""
    limits = [np.array([np.full(x.shape[1], -np.inf), np.full(x.shape[1], np.inf)])]
    while (step := _peel(x, hit, limits[-1])) is not None:
        limits.append(step)
    told = np.array([_told(x, hit, box) for box in limits])
    best = limits[int(np.argmax(_balance(told)))]
    best = _drop(x, hit, best)
    found = _box(names, x, hit, best)
    while found.bounds and found.bounds[-1].p > SIGNIFICANT:  # the weakest bound could be chance: it goes
        best[:, list(names).index(found.bounds[-1].factor)] = (-np.inf, np.inf)
        found = _box(names, x, hit, best)
    return found, told


def _inside(x: Array, box: Array) -> Array:
    return ((x >= box[0]) & (x <= box[1])).all(axis=1)


def _peel(x: Array, hit: Array, box: Array) -> Array | None:
    """The box after its best peel, None where it is small enough or nothing can be peeled."""
    inside = _inside(x, box)
    n = int(inside.sum())
    if n <= max(SMALLEST * len(x), 2):
        return None
    best, best_density = None, -1.0  # patient: the best peel is taken even where it loses some
    for j in range(x.shape[1]):
        values = x[inside, j]
        for end, share in ((0, PEEL), (1, 1 - PEEL)):
            cut = np.quantile(values, share)
            keep = values > cut if end == 0 else values < cut
            if not keep.any() or keep.all():
                continue
            density = hit[inside][keep].mean()
            if density > best_density:
                kept = values[keep]
                best = box.copy()
                best[end, j] = kept.min() if end == 0 else kept.max()
                best_density = density
    return best


def _told(x: Array, hit: Array, box: Array) -> tuple[float, float, float]:
    inside = _inside(x, box)
    return float(hit[inside].sum() / hit.sum()), float(hit[inside].mean()), float(inside.mean())


def _balance(told: Array) -> Array:
    """Harmonic mean of coverage and density."""
    return np.asarray(2 * told[:, 0] * told[:, 1] / (told[:, 0] + told[:, 1]))


def _drop(x: Array, hit: Array, box: Array) -> Array:
    """Drop bounds one by one while the balance does not fall."""
    while True:
        now = _balance(np.array([_told(x, hit, box)]))[0]
        choices = []
        for end, j in np.argwhere(np.isfinite(box)):
            wider = box.copy()
            wider[end, j] = -np.inf if end == 0 else np.inf
            choices.append((_balance(np.array([_told(x, hit, wider)]))[0], wider))
        if not choices or max(c[0] for c in choices) < now:
            return box
        box = max(choices, key=lambda c: c[0])[1]


def _box(names: Sequence[str], x: Array, hit: Array, box: Array) -> Box:
    coverage, density, mass = _told(x, hit, box)
    inside = _inside(x, box)
    bounds = []
    for j in np.flatnonzero(np.isfinite(box).any(axis=0)):
        wider = box.copy()
        wider[:, j] = (-np.inf, np.inf)
        without = _inside(x, wider)
        p = float(stats.binom.sf(hit[inside].sum() - 1, inside.sum(), hit[without].mean()))
        bounds.append(Bound(names[int(j)], float(box[0, j]), float(box[1, j]), p))
    return Box(tuple(sorted(bounds, key=lambda b: b.p)), density, coverage, mass, float(hit.mean()))
