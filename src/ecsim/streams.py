"""Random numbers by name: one counter-based generator, keyed by (seed, purpose, quarter).

Every draw names its purpose, and is made at full length and masked afterwards. A new mechanism or another
policy therefore leaves all other draws untouched: strategies meet the same luck (common random numbers),
and a run is reproduced bit for bit from its seed.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import cache, cached_property
from typing import Any

import numpy as np

KEPT, KEPT_UP_TO = 512, 4096  # draws that are kept, of so many numbers at most: two draws a quarter make 144 in a run of the usual length
_drawn: OrderedDict[tuple[int, str, int, tuple[int, ...]], np.ndarray] = OrderedDict()  # the oldest first


@cache
def _purpose_key(purpose: str) -> int:
    """The purpose as a 64-bit number, the same in every process."""
    return int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "little")


class Streams:
    """Random numbers of one run.

    Args:
        seed: the run's seed, 0 <= seed < 2**64.
    """

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < 2**64:
            raise ValueError(f"seed: {seed} is out of range; accepted: 0 to 2**64 - 1")
        self.seed = int(seed)
        self._place: dict[str, list[int]] = {"counter": [], "key": []}

    @cached_property
    def _bits(self) -> np.random.Philox:
        return np.random.Philox(key=np.array([0, 0], dtype=np.uint64))

    @cached_property
    def _state(self) -> Any:
        return self._bits.state | {"state": self._place, "buffer": [0, 0, 0, 0]}  # read number by number: lists are the fastest

    @cached_property
    def _generator(self) -> np.random.Generator:
        return np.random.Generator(self._bits)

    def at(self, purpose: str, quarter: int = 0) -> np.random.Generator:
        """The generator at the start of stream (seed, purpose, quarter).

        The same object is re-keyed at each call (building one costs twelve microseconds): draw at once
        what you need, and do not keep it.
        """
        self._place["key"] = [self.seed, _purpose_key(purpose)]
        self._place["counter"] = [0, 0, 0, quarter]
        self._bits.state = self._state  # as at the start of a stream: nothing is in the buffer
        return self._generator

    def key(self, purpose: str) -> np.ndarray:
        """What names the streams of a purpose, to those who work out single numbers of them: seed and purpose, as two numbers."""
        return np.array([self.seed, _purpose_key(purpose)], dtype=np.uint64)

    def uniform(self, purpose: str, quarter: int, size: int | tuple[int, ...]) -> np.ndarray:
        """Uniform draws in [0, 1) of the given shape."""
        return self.at(purpose, quarter).random(size)

    def normal(self, purpose: str, quarter: int, size: int | tuple[int, ...]) -> np.ndarray:
        """Standard normal draws of the given shape."""
        return self.at(purpose, quarter).standard_normal(size)

    def fill_normal(self, purpose: str, quarter: int, out: np.ndarray) -> None:
        """Write standard normal draws over an array, those that `normal` returns.

        Where they are few they are kept: runs with one seed, which mostly follow each other, need not draw them again.
        """
        if out.size > KEPT_UP_TO:
            self.at(purpose, quarter).standard_normal(out=out)
            return
        name = self.seed, purpose, quarter, out.shape
        drawn = _drawn.get(name)
        if drawn is not None:
            out[...] = drawn
            return
        self.at(purpose, quarter).standard_normal(out=out)
        _drawn[name] = out.copy()
        if len(_drawn) > KEPT:
            _drawn.popitem(last=False)
