"""Kernels and their rows shared out among threads, where firms are many.

Which thread takes which rows changes nothing: what a kernel with rows of its own choice does to one does not depend on what it does to the
others. Kernels that add up over rows stay whole, in the order of the rows. A kernel waits for those before it that may write what it is
given, or are given what it may write: what its mechanism declares, and scratch. Beside the others it may run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import partial
from typing import Any

import numpy as np

from ecsim.arguments import SCRATCH, draws_among
from ecsim.economy import Array
from ecsim.kernels.jit import UPSTREAM, is_rows, joined
from ecsim.kernels.kept import MANY_FIRMS, announce, is_kept
from ecsim.kernels.tasks import Call, Task, do_all
from ecsim.world import World

PIECES = 4  # of the rows for each thread, so that none waits long for the slowest


class Urgency(IntEnum):
    """What is done first: what one thread does alone begins as soon as it can, and draws are for who would be idle."""

    WHOLE = auto()
    PIECE = auto()
    DRAW = auto()


@dataclass(frozen=True, eq=False)
class Unit:
    """A kernel, compiled; the names of what it may write; and the places of the kernels before it that it waits for."""

    call: Any
    writes: frozenset[str]
    after: tuple[int, ...]


class Shared:
    """Kernels by several threads, as if one after the other.

    Args:
        kernels: each with the names of the fields that its mechanism writes.
        threads: how many.
    """

    def __init__(self, kernels: Sequence[tuple[Any, frozenset[str]]], threads: int) -> None:
        self.threads = threads
        self.units: list[Unit] = []
        for kernel, fields in kernels:
            names = frozenset(kernel.names)
            writes = names & (fields | SCRATCH.keys())
            after = tuple(i for i, before in enumerate(self.units) if writes & {*before.call.names} or before.writes & names)
            self.units.append(Unit(joined([kernel]), writes, after))
        if not all(is_kept(unit.call.__name__) for unit in self.units):
            announce(MANY_FIRMS)

    def __call__(self, w: World) -> None:
        """Run them."""
        with ThreadPoolExecutor(self.threads - 1) as others:
            do_all(list(self._tasks(w)), others, self.threads - 1)

    def _tasks(self, w: World) -> Iterator[Task]:
        """The kernels of this quarter as tasks, each after its draws; of rows in order, each block of products after its suppliers."""
        count = 0
        last: list[int] = []  # the place of the last task of each kernel
        drawn: tuple[int, ...] = ()  # that of the draws before, which come from the same generator
        for unit in self.units:
            names = unit.call.names
            given = w.arguments.given(w, names)
            after = [last[i] for i in unit.after]
            for name in draws_among(names):
                yield Task([partial(w.arguments.draw, w, name)], drawn, Urgency.DRAW)
                drawn = (count,)
                after.append(count)
                count += 1
            rows = next(filter(is_rows, names), None)
            if rows is None:
                steps = [Task([partial(unit.call, *given)], after, Urgency.WHOLE)]
            else:
                place = names.index(rows)
                blocks = [(b.firms.start, b.firms.stop) for b in w.layout.blocks] if rows.startswith(UPSTREAM) else [given[place]]
                calls = [self._calls(unit.call, given, place, *block) for block in blocks]
                steps = [Task(each, after if i == 0 else (count + i - 1,), Urgency.PIECE) for i, each in enumerate(calls)]
            yield from steps
            count += len(steps)
            last.append(count - 1)

    def _calls(self, call: Any, given: Sequence[Any], place: int, first: int, past: int) -> list[Call]:
        """A kernel called with a piece of its rows at a time."""
        cuts = np.linspace(first, past, self.threads * PIECES + 1).astype(np.uint32)
        pieces: list[Array] = [cuts[i : i + 2] for i in range(len(cuts) - 1) if cuts[i] < cuts[i + 1]]
        return [partial(call, *given[:place], piece, *given[place + 1 :]) for piece in pieces or [cuts[-2:]]]
