"""Arrays in one block of memory: to copy them all is one copy of bytes, and each begins where a stride of the processor does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecsim.economy import Array

STRIDE = 64  # bytes that the widest processors take at a time
Kind = tuple[Any, tuple[int, ...]]
"""Type and shape of an array."""


@dataclass(frozen=True, eq=False)
class Block:
    """Named arrays in one block of memory.

    Attributes:
        kinds: of each array.
        memory: the bytes of all.
    """

    kinds: Mapping[str, Kind]
    memory: Array

    @staticmethod
    def of(kinds: Mapping[str, Kind]) -> Block:
        """Arrays of these kinds, of zeros."""
        memory = _room(sum(_size(*kind) for kind in kinds.values()))
        memory.fill(0)  # at once: steps of a million firms take longer where memory is taken piece by piece, when first written to
        return Block(kinds, memory)

    def copied(self) -> Block:
        """The same in another place."""
        memory = _room(len(self.memory))
        memory[:] = self.memory
        return Block(self.kinds, memory)

    def arrays(self) -> dict[str, Any]:
        """The arrays, by their names."""
        found, first = {}, 0
        for name, (kind, shape) in self.kinds.items():
            found[name] = np.ndarray(shape, kind, self.memory, first)
            first += _size(kind, shape)
        return found


def _size(kind: Any, shape: tuple[int, ...]) -> int:
    """Bytes of an array, up to where the next one begins."""
    return -(-math.prod(shape) * np.dtype(kind).itemsize // STRIDE) * STRIDE


def _room(size: int) -> Array:
    """So many bytes, of which the first is where a stride begins."""
    memory = np.empty(size + STRIDE, dtype=np.uint8)
    first = -memory.ctypes.data % STRIDE
    return memory[first : first + size]
