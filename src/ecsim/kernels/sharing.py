"""Rows of kernels shared out among threads, where firms are many.

Which thread takes which rows changes nothing: what such a kernel does to a row does not depend on the rows beside it. Kernels that add up
over rows have none to share out, and are run by one thread in the order of the rows; so are those that are done before threads have begun.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

import numpy as np

from ecsim.kernels.jit import UPSTREAM, Run, is_rows
from ecsim.world import World

PIECES = 4  # of the rows for each thread, so that none waits long for the slowest


class Shared:
    """Kernels in their order by several threads: those with rows a piece at a time, what lies between them as one call."""

    def __init__(self, kernels: Sequence[Any], threads: int) -> None:
        self.threads = threads
        self.runs: list[Run] = []
        for with_rows, group in groupby(kernels, key=lambda k: any(map(is_rows, k.names))):
            together = list(group)
            self.runs += map(Run, together) if with_rows else [Run(*together)]

    def __call__(self, w: World) -> None:
        """Run them."""
        with ThreadPoolExecutor(self.threads - 1) as others:
            for run in self.runs:
                names = run.call.names
                rows = next(filter(is_rows, names), None)
                if rows is None:
                    run(w)
                    continue
                place, given = names.index(rows), w.arguments.of(w, names)
                for first, past in _rounds(w, rows, given[place]):
                    cuts = np.linspace(first, past, self.threads * PIECES + 1).astype(np.uint32)
                    calls = (_with(run.call, given, place, cuts[i : i + 2]) for i in range(len(cuts) - 1) if cuts[i] < cuts[i + 1])
                    _all_of(calls, others, self.threads - 1)


def _rounds(w: World, rows: str, whole: Any) -> list[tuple[int, int]]:
    """Rows that may be done at the same time: all, or where they are in order each block of products after those that supply it."""
    if rows.startswith(UPSTREAM):
        return [(b.firms.start, b.firms.stop) for b in w.layout.blocks]
    return [(int(whole[0]), int(whole[1]))]


def _with(call: Any, given: Sequence[Any], place: int, rows: Any) -> Callable[[], None]:
    return lambda: call(*given[:place], rows, *given[place + 1 :])


def _all_of(calls: Any, others: ThreadPoolExecutor, helpers: int) -> None:
    """Make all calls, each by whoever is free."""
    left = deque(calls)

    def some() -> None:
        while left:
            try:
                call = left.popleft()
            except IndexError:  # another was quicker
                return
            call()

    helping = [others.submit(some) for _ in range(helpers)]
    some()
    for each in helping:
        each.result()
