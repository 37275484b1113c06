"""Exponential and logarithm by arithmetic alone, for loops that take many: such loops run in strides, which calls of a library do not.

Both come within two units in the last place. A single one between other work takes longer than the library's; here stand those of loops
that are nothing but arithmetic.
"""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import part
from ecsim.world import Array

PER_OCTAVE = 1.4426950408889634  # 1 / ln 2
OCTAVE, OCTAVE_REST = 6.93147180369123816e-01, 1.90821492927058770e-10  # ln 2 in two parts, the first exact times any exponent
WHOLE = 6755399441055744.0  # 1.5 x 2^52: added to a number it leaves the nearest whole one in the last bits
LOWEST, HIGHEST = -708.0, 709.0  # what a double can hold the exponential of
ROOT = 1.4142135623730951  # of 2
POWERS = (1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880, 1 / 3628800, 1 / 39916800, 1 / 479001600, 1 / 6227020800)
ODD = (1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15, 1 / 17, 1 / 19, 1 / 21)
BITS, BIAS = 52, 1023  # of a double: bits of the fraction, and what its exponent is above
FRACTION, ONE = (1 << BITS) - 1, BIAS << BITS


@part
def exp(x: float) -> float:
    """e to the power x; below -708 as good as nil, above 709 as at 709."""
    x = min(max(x, LOWEST), HIGHEST)
    shifted = x * PER_OCTAVE + WHOLE
    whole = shifted - WHOLE
    r = (x - whole * OCTAVE) - whole * OCTAVE_REST  # at most ln 2 / 2
    r2 = r * r
    r4 = r2 * r2
    c = POWERS
    low = (1.0 + r) + r2 * (c[0] + r * c[1])
    middle = (c[2] + r * c[3]) + r2 * (c[4] + r * c[5])
    high = (c[6] + r * c[7]) + r2 * (c[8] + r * c[9]) + r4 * (c[10] + r * c[11])
    power = np.int64((np.float64(shifted).view(np.int64) + BIAS) << BITS).view(np.float64)
    return (low + r4 * (middle + r4 * high)) * power


@part
def log(x: float) -> float:
    """Natural logarithm of a number above nil (from 3e-308) that is finite; of others it is none."""
    bits = np.float64(x).view(np.int64)
    fraction = np.int64((bits & FRACTION) | ONE).view(np.float64)  # 1 to 2
    upper = fraction > ROOT
    m = fraction / 2 if upper else fraction
    exponent = np.int64((bits >> BITS) + np.float64(WHOLE).view(np.int64)).view(np.float64) - (WHOLE + BIAS)
    octaves = exponent + 1.0 if upper else exponent
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    c = ODD
    low = (c[0] + z * c[1]) + z2 * (c[2] + z * c[3])
    high = (c[4] + z * c[5]) + z2 * (c[6] + z * c[7]) + z4 * (c[8] + z * c[9])
    found = octaves * OCTAVE + (2.0 * s + (2.0 * s * z * (low + z4 * high) + octaves * OCTAVE_REST))
    return found if 0.0 < x < np.inf else np.nan


@part
def exps(x: Array) -> None:
    """The exponentials of a row of numbers, in their place: a loop of its own runs in strides whatever stands around it."""
    for i in range(len(x)):
        x[i] = exp(x[i])


@part
def logs(x: Array) -> None:
    """The logarithms of a row of positive numbers, in their place."""
    for i in range(len(x)):
        x[i] = log(x[i])
