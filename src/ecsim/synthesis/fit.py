"""Weights of links so that no supplier sells more than it makes: proportional fitting with upper limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.streams import Streams

KEEP = 2e-3  # least share of a supplier's output left for final markets
ROUNDS = 60  # of fitting between two searches for other suppliers
SEARCHES = 40
LEAST_FACTOR = 1e-200
TIGHT = 1e-3  # a supplier this near its limit counts as sold out
PART, SHARE, ABLE = 3.0, 4.0, 8  # a search moves a third of what is left, to those that can serve a fourth of a slot, eight at least
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Fit:
    """Fitted links of one input product.

    Attributes:
        supplier: shape (m, L), -1 for an empty position.
        weight: shape (m, L), rows sum to one.
        sales: sales of each supplier to buyers, shape (n,).
        kept: share of each slot's orders that its suppliers can deliver: one, unless no network was found, shape (m,).
        replaced: positions that were given to another supplier.
    """

    supplier: Array
    weight: Array
    sales: Array
    kept: Array
    replaced: int


def fit(supplier: Array, prior: Array, demand: Array, output: Array, open_to: Array, streams: Streams, purpose: str) -> Fit:
    """Weights closest to the prior (in relative entropy) for which every supplier can deliver.

    Where a slot's suppliers are all sold out, its weakest position goes to one that is not. If demand still does
    not fit (as with one position a slot), slots order less from suppliers that are sold out, and `kept` says so.

    Args:
        supplier: supplier number, shape (m, L), -1 for empty.
        prior: weight before balancing, shape (m, L).
        demand: orders of each slot, shape (m,).
        output: output of each supplier, shape (n,).
        open_to: how far each supplier sells to anybody, 0 to 1, shape (n,).
    """
    limit = output * (1.0 - KEEP)
    supplier = supplier.copy()
    prior = np.where(supplier >= 0, np.maximum(prior, TINY), 0.0)
    at = np.maximum(supplier, 0)
    factor = np.ones(len(output))
    replaced = 0
    weight, sales, over = _balance(at, prior, demand, limit, factor)
    for search in range(SEARCHES):
        if over <= 0:
            break
        slack = np.maximum(limit - sales, 0.0) * open_to
        rng = streams.at(f"{purpose} search {search}")
        replaced += _replace(supplier, prior, demand, limit, sales, slack, factor, rng)
        at = np.maximum(supplier, 0)
        weight, sales, over = _balance(at, prior, demand, limit, factor)
    kept = np.ones(len(demand))
    if over > 0:
        weight = weight * np.minimum(1.0, limit / np.maximum(sales, TINY))[at]
        kept = weight.sum(axis=1)
        weight /= kept[:, None]
        sales = np.bincount(at.ravel(), weights=(weight * (demand * kept)[:, None]).ravel(), minlength=len(output))
    return Fit(supplier, weight, sales, kept, replaced)


def _balance(at: Array, prior: Array, demand: Array, limit: Array, factor: Array) -> tuple[Array, Array, float]:
    """Rounds of fitting; `factor` is the supplier's multiplier, at most one, and is updated in place."""
    weight, sales = _shares(at, prior, demand, factor)
    over = _over(sales, limit)
    for _ in range(ROUNDS):
        if over <= 0:
            break
        factor[:] = np.minimum(1.0, factor * limit / np.maximum(sales, TINY))
        np.maximum(factor, LEAST_FACTOR, out=factor)
        weight, sales = _shares(at, prior, demand, factor)
        over = _over(sales, limit)
    return weight, sales, over


def _over(sales: Array, limit: Array) -> float:
    """Largest relative excess; half of what is kept back is allowed, so that fitting ends."""
    return float((sales / limit).max() - 1.0 - KEEP / 2) if len(limit) else 0.0


def _shares(at: Array, prior: Array, demand: Array, factor: Array) -> tuple[Array, Array]:
    weight = prior * factor[at]
    weight /= weight.sum(axis=1, keepdims=True)
    sales = np.bincount(at.ravel(), weights=(weight * demand[:, None]).ravel(), minlength=len(factor))
    return weight, sales


def _replace(
    supplier: Array, prior: Array, demand: Array, limit: Array, sales: Array, slack: Array, factor: Array, rng: np.random.Generator
) -> int:
    """Give a position of slots that only know sold-out suppliers to suppliers with goods left (in place)."""
    if slack.sum() <= 0:
        return 0
    tight = sales > limit * (1.0 - TIGHT)
    known = supplier >= 0
    stuck = np.flatnonzero((tight[np.maximum(supplier, 0)] | ~known).all(axis=1))
    if not len(stuck):
        stuck = np.flatnonzero(((sales > limit)[np.maximum(supplier, 0)] & known).any(axis=1))
    draw = rng.random((2, len(stuck)))
    # slots are met in random order until what they order exceeds a third of what is left
    order = np.argsort(draw[0], kind="stable")
    few = np.cumsum(demand[stuck[order]]) <= max(slack.sum() / PART, demand[stuck[order[:1]]].sum())
    stuck, u = stuck[order[few]], draw[1][order[few]]
    new = _with_goods_left(slack, demand[stuck], u)
    fresh = ~(supplier[stuck] == new[:, None]).any(axis=1)
    stuck, new = stuck[fresh], new[fresh]
    place = np.where(known[stuck], prior[stuck] * factor[np.maximum(supplier[stuck], 0)], -1.0).argmin(axis=1)
    supplier[stuck, place] = new
    prior[stuck, place] = prior[stuck].mean(axis=1)
    return len(stuck)


def _with_goods_left(slack: Array, demand: Array, u: Array) -> Array:
    """A supplier for each slot, drawn by what it has left among those that could serve a fair part of the slot."""
    ranked = np.argsort(-slack, kind="stable")
    running = np.cumsum(slack[ranked])
    able = np.searchsorted(-slack[ranked], -demand / SHARE, side="right")
    able = np.clip(np.maximum(able, ABLE), 1, len(ranked))
    return np.asarray(ranked[np.minimum(np.searchsorted(running, u * running[able - 1], side="right"), able - 1)])
