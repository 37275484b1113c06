"""Who buys from whom: each slot takes a few suppliers, by size, known trade and fit of technology."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.streams import Streams

HEAD = 24  # suppliers that every buyer of a class considers; of the others it meets a few
CHUNK = 4_000_000  # elements of the largest array in use
TINY = 1e-300


def choose(appeal: Array, slots: int, width: int, streams: Streams, purpose: str, leading: bool) -> tuple[Array, Array]:
    """Suppliers of the slots of one class of buyers, without replacement.

    Args:
        appeal: chance of each supplier, any scale, shape (n,).
        slots: number of slots of the class.
        width: positions of a slot.
        streams, purpose: random numbers.
        leading: take the leading suppliers, without luck (for named companies).

    Returns:
        supplier numbers, shape (slots, width), -1 for an empty position; and the weight each would have before
        balancing, appeal over the chance of being chosen, so that purchases follow appeal on average.
    """
    n = len(appeal)
    if n <= width or leading:
        top = np.argsort(-appeal, kind="stable")[: min(n, width)]
        chosen = np.full((slots, width), -1, dtype=np.int64)
        chosen[:, : len(top)] = top
        return chosen, np.where(chosen >= 0, appeal[np.maximum(chosen, 0)], 0.0)
    chance = appeal / appeal.sum()
    head = np.argpartition(-appeal, min(HEAD, n - 1))[: min(HEAD, n)]
    chosen = _draw(chance, head, slots, width, streams, purpose)
    inclusion = 1.0 - (1.0 - np.minimum(chance, 1.0)) ** width
    weight = np.where(chosen >= 0, (chance / np.maximum(inclusion, TINY))[np.maximum(chosen, 0)], 0.0)
    return chosen, weight


def _draw(chance: Array, head: Array, slots: int, width: int, streams: Streams, purpose: str) -> Array:
    """Gumbel top-k over the head and a few draws from the tail."""
    tail = np.setdiff1d(np.arange(len(chance)), head, assume_unique=True)
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


def reserve(chosen: Array, weight: Array, appeal: Array, domestic: Array) -> None:
    """Give the last position to the leading domestic supplier, where a slot holds none (in place)."""
    own = np.where(domestic, appeal, 0.0)
    best = int(own.argmax())
    if own[best] <= 0:
        return
    lacks = ~domestic[np.maximum(chosen, 0)].any(axis=1)
    chosen[lacks, -1] = best
    weight[lacks, -1] = appeal[best]
