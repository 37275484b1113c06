"""Single numbers of a stream: the counter-based generator of `ecsim.streams`, worked out at one place of it.

It is Philox 4x64-10 (Salmon et al. 2011). A kernel that needs few of the numbers of a quarter makes those alone; they are the same
to the last bit.
"""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import part
from ecsim.world import Array

MULTIPLIERS = (np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157))
STEPS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B))  # of the keys from round to round
ROUNDS, NUMBERS = 10, 4  # numbers that one counter gives
HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
SPARE, UNIT = np.uint64(11), 1.0 / 9007199254740992.0  # bits that a fraction has no room for; 2^-53


@part
def uniform(stream: Array, quarter: int, place: int) -> float:
    """The number at a place of the stream of a quarter, in [0, 1).

    Args:
        stream: seed and number of the purpose, as `Streams.key` has them.
    """
    a, b, c, d = np.uint64(place // NUMBERS + 1), np.uint64(0), np.uint64(0), np.uint64(quarter)
    left, right = stream[0], stream[1]
    for _ in range(ROUNDS):
        first, second = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = _upper(MULTIPLIERS[1], c) ^ b ^ left, second, _upper(MULTIPLIERS[0], a) ^ d ^ right, first
        left, right = left + STEPS[0], right + STEPS[1]
    at = place % NUMBERS
    found = a if at == 0 else b if at == 1 else c if at == 2 else d
    return np.float64(found >> SPARE) * UNIT


@part
def _upper(x: np.uint64, y: np.uint64) -> np.uint64:
    """Upper half of the product of two numbers of 64 bits."""
    x1, x0, y1, y0 = x >> HALF, x & LOW, y >> HALF, y & LOW
    middle = x1 * y0 + (x0 * y0 >> HALF)
    return x1 * y1 + (middle >> HALF) + ((x0 * y1 + (middle & LOW)) >> HALF)
