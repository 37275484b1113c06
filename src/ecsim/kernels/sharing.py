"""Rows of kernels shared out among threads, where firms are many.

Which thread takes which rows changes nothing: what a kernel with rows of its own choice does to one does not depend on what it does to the
others. Kernels that add up over rows stay whole, in the order of the rows; so do short ones, which two threads do not do sooner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from ecsim.kernels.jit import UPSTREAM, Run, announce, is_kept, is_rows
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
        if not all(is_kept(run.call.__name__) for run in self.runs):
            announce("the model for many firms")

    def __call__(self, w: World) -> None:
        """Run them."""
        with ThreadPoolExecutor(self.threads - 1) as others:
            for run in self.runs:
                if any(map(is_rows, run.call.names)):
                    self._share(run, w, others)
                else:
                    run(w)

    def _share(self, run: Run, w: World, others: ThreadPoolExecutor) -> None:
        """Run a kernel a piece of its rows at a time. Of rows in order, each block of products waits for those that supply it."""
        names = run.call.names
        (rows,) = filter(is_rows, names)
        place, given = names.index(rows), w.arguments.of(w, names)
        blocks = [(b.firms.start, b.firms.stop) for b in w.layout.blocks] if rows.startswith(UPSTREAM) else [given[place]]
        for first, past in blocks:
            cuts = np.linspace(first, past, self.threads * PIECES + 1).astype(np.uint32)
            pieces = (cuts[i : i + 2] for i in range(len(cuts) - 1) if cuts[i] < cuts[i + 1])
            all_of([partial(run.call, *given[:place], piece, *given[place + 1 :]) for piece in pieces], others, self.threads - 1)


def all_of(calls: Iterable[Callable[[], object]], others: ThreadPoolExecutor, helpers: int) -> None:
    """Make all calls, each by whoever is free; after an error or Ctrl-C in one, those under way end and no more begin."""
    left = deque(calls)

    def work() -> None:
        try:
            while True:
                try:
                    call = left.popleft()
                except IndexError:
                    return
                call()
        finally:
            left.clear()

    helping = [others.submit(work) for _ in range(helpers)]
    work()
    for each in helping:
        each.result()
