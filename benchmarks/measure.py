"""Small things that the benchmarks share: medians with their spread, tables, memory, the machine in one line."""

from __future__ import annotations

import os
import platform
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

TRIES = 5


@dataclass(frozen=True)
class Sample:
    """Repeated measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median."""
        return median(self.values)

    def text(self, digits: int = 3) -> str:
        """Median, with the lowest and highest."""
        middle, lowest, highest = (
            f"{x:,.0f}" if x >= 10**digits else f"{x:.{digits}g}" for x in (self.median, min(self.values), max(self.values))
        )
        return f"{middle} ({lowest} to {highest})"


def peak_memory() -> float:
    """Highest resident memory of this process so far, MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage has includes the process that this one was started from
        return next(int(line.split()[1]) / 1e3 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3  # bytes there, kilobytes elsewhere


def children_time() -> float:
    """Processor seconds of the processes that this one started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def on_quietest_core() -> Iterator[None]:
    """Stay on one core: that on which a little work takes least time now, where cores are shared with others' machines.

    Where a process cannot choose its cores, it stays where it is.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    spent = {}
    for core in sorted(allowed):
        os.sched_setaffinity(0, {core})
        spent[core] = min(_time_of_little_work() for _ in range(TRIES))
    try:
        os.sched_setaffinity(0, {min(spent, key=spent.__getitem__)})
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _time_of_little_work() -> float:
    """Seconds that some passes over a million numbers take."""
    x = np.ones(10**6)
    start = perf_counter()
    for _ in range(TRIES):
        np.cumsum(x, out=x)
        x /= x[-1]
    return perf_counter() - start


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Exponent b of values = a x sizes^b, by least squares on logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def machine() -> str:
    """What the numbers were measured on, without a name."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{versions}, {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in columns, numbers to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))))
