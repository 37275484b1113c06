"""Small things that numpy has, written out.

What numba has in place of numpy's own is a module that takes a fifth of a second to load (it brings SciPy's linear algebra), and is
loaded by every start that finds a kernel with a sum in it on disk. Writing one row over another by `[:] =` takes it seconds to compile,
for the words of an error that cannot come.
"""

from __future__ import annotations

from ecsim.kernels.jit import part
from ecsim.world import Array


@part
def total(x: Array) -> float:
    """Sum, in order."""
    found = 0.0
    for value in x.flat:
        found += value
    return found


@part
def write(row: Array, values: Array) -> None:
    """Write values over a row, which must be at least as long: nobody looks."""
    for i in range(len(values)):
        row[i] = values[i]


@part
def anywhere(x: Array) -> bool:
    """Whether any of a row is not nil; without an early end, so that it is done in strides."""
    found = 0
    for i in range(len(x)):
        found |= x[i] != 0.0
    return found != 0


@part
def first_above(running: Array, value: float) -> int:
    """Place of the first of rising values that is above another value; past the end where none is."""
    low, high = 0, len(running)
    while low < high:
        middle = (low + high) // 2
        if running[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low
