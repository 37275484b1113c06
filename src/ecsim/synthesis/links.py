"""Who buys from whom: each slot takes a few suppliers, by size, known trade and fit of technology."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.streams import Streams

HEAD = 24  # suppliers that every buyer of a class considers; of the others it meets a few
CHUNK = 4_000_000  # elements of the largest array in use
TINY = 1e-300


def choose(appeal: Array, slots: int, width: int, streams: Streams, purpose: str) -> tuple[Array, Array]:
    """Suppliers of the slots of one class of unnamed buyers, without replacement.

    Args:
        appeal: chance of each supplier, any scale, shape (n,).
        slots: number of slots of the class.
        width: positions of a slot.
        streams, purpose: random numbers.

    Returns:
        supplier numbers, shape (slots, width), -1 for an empty position; and the weight each would have before
        balancing, appeal over the chance of being chosen, so that purchases follow appeal on average.
    """
    n = len(appeal)
    if n <= width:
        chosen = np.full((slots, width), -1, dtype=np.int64)
        chosen[:, :n] = np.arange(n)
        return chosen, np.where(chosen >= 0, appeal[np.maximum(chosen, 0)], 0.0)
    chance = appeal / appeal.sum()
    head = np.argpartition(-appeal, min(HEAD, n - 1))[: min(HEAD, n)]
    chosen = _draw(chance, head, slots, width, streams, purpose)
    inclusion = 1.0 - (1.0 - np.minimum(chance, 1.0)) ** width
    weight = np.where(chosen >= 0, (chance / np.maximum(inclusion, TINY))[np.maximum(chosen, 0)], 0.0)
    return chosen, weight


class Companies:
    """Who owns the suppliers of a product.

    Args:
        company: company of each supplier, shape (n,).

    Attributes:
        of_plant: number of each supplier's company among them, shape (n,).
    """

    def __init__(self, company: Array) -> None:
        names, self.of_plant = np.unique(company, return_inverse=True)
        self._by_company = np.argsort(self.of_plant, kind="stable")
        self._begins = np.searchsorted(self.of_plant[self._by_company], np.arange(len(names) + 1))

    def plants(self, k: int) -> Array:
        """Suppliers that a company owns, in order."""
        return self._by_company[self._begins[k] : self._begins[k + 1]]


def choose_leading(
    appeal: Array, free: Array, companies: Companies, captive: Array, domestic: Array, width: int, u: Array
) -> tuple[Array, Array]:
    """Suppliers of a named buyer: its own plants, then the leading companies, one plant each, and a domestic one if there is any.

    Args:
        appeal: appeal of each supplier, shape (n,).
        free: the same, less where a supplier has little left for a buyer of this size; decides who is chosen.
        companies: who owns the suppliers.
        captive: plants of the buyer's own company, shape (n,).
        domestic: suppliers in the buyer's state, shape (n,).
        width: positions.
        u: a uniform draw for each position, which chooses among the plants of a company.

    Returns:
        supplier numbers and weights before balancing, each of shape (1, width); -1 for an empty position.
    """
    own = np.flatnonzero(captive & (appeal > 0))
    own = own[np.argsort(-appeal[own], kind="stable")][:width]
    who, weight = list(own), list(appeal[own])
    code = companies.of_plant
    total = np.bincount(code, weights=np.where(captive, 0.0, free))
    whole = np.bincount(code, weights=appeal)
    at_home = np.bincount(code, weights=np.where(domestic, free, 0.0))
    leading = [k for k in np.argsort(-total, kind="stable")[: width - len(who)] if total[k] > 0]
    if leading and not domestic[who].any() and at_home.max() > 0 and not at_home[leading].any():
        leading[-1] = int(at_home.argmax())
    for position, k in enumerate(leading):
        plants = companies.plants(int(k))
        plants = plants[~captive[plants]]
        if len(plants) > 1:
            mass = np.cumsum(free[plants])
            plants = plants[min(int(np.searchsorted(mass, u[position] * mass[-1], side="right")), len(plants) - 1) :]
        who.append(plants[0])
        weight.append(whole[k])
    chosen, prior = np.full((1, width), -1, dtype=np.int64), np.zeros((1, width))
    chosen[0, : len(who)], prior[0, : len(who)] = who, weight
    return chosen, prior


def _draw(chance: Array, head: Array, slots: int, width: int, streams: Streams, purpose: str) -> Array:
    """Gumbel top-k over the head and a few draws from the tail."""
    outside = np.ones(len(chance), dtype=bool)
    outside[head] = False
    tail = np.flatnonzero(outside)
    mass = float(chance[tail].sum()) if len(tail) else 0.0
    running = np.cumsum(chance[tail]) if mass > 0 else np.zeros(0)
    meets = width if mass > 0 else 0
    out = np.empty((slots, width), dtype=np.int64)
    step = max(1, CHUNK // (len(head) + meets))
    for part, lo in enumerate(range(0, slots, step)):
        hi = min(slots, lo + step)
        rng = streams.at(f"{purpose} {part}")
        key = np.empty((hi - lo, len(head) + meets))
        who = np.empty(key.shape, dtype=np.int64)
        key[:, : len(head)] = np.log(np.maximum(chance[head], TINY)) + rng.gumbel(size=(hi - lo, len(head)))
        who[:, : len(head)] = head
        if meets:
            at = np.searchsorted(running, rng.random((hi - lo, meets)) * running[-1], side="right")
            who[:, len(head) :] = tail[np.minimum(at, len(tail) - 1)]
            key[:, len(head) :] = np.log(mass / meets) + rng.gumbel(size=(hi - lo, meets))
        best = np.argpartition(-key, width - 1, axis=1)[:, :width]
        out[lo:hi] = _without_repeats(np.take_along_axis(who, best, axis=1))
    return out


def _without_repeats(chosen: Array) -> Array:
    """Later positions that repeat an earlier one become empty."""
    for j in range(1, chosen.shape[1]):
        seen = (chosen[:, :j] == chosen[:, j : j + 1]).any(axis=1)
        chosen[seen, j] = -1
    return chosen
