"""Tasks of several calls, some of which wait for other tasks, done by several threads: each takes what can begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from heapq import heappop, heappush
from threading import Condition

Call = Callable[[], object]


@dataclass(frozen=True, eq=False)
class Task:
    """Calls that may be made at the same time.

    Attributes:
        calls: the calls, at least one.
        after: places, among all tasks, of those before it that must be done first.
        urgency: of the tasks that can begin, those of least urgency number are taken first, and of these the first.
    """

    calls: Sequence[Call]
    after: Sequence[int] = ()
    urgency: int = 0


def do_all(tasks: Sequence[Task], others: Executor, helpers: int) -> None:
    """Do all tasks, with so many helpers; after an error or Ctrl-C in a call, those under way end and no more begin."""
    desk = _Desk(tasks)
    try:
        helping = [others.submit(desk.work) for _ in range(helpers)]
        desk.work()
        for each in helping:
            each.result()
    except BaseException:
        desk.stop()
        raise


class _Desk:
    """Hands out calls, each once, when what they wait for is done."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        self._waits = [len(task.after) for task in tasks]
        self._begun, self._unfinished = [0] * len(tasks), [len(task.calls) for task in tasks]
        self._next: list[list[int]] = [[] for _ in tasks]
        for place, task in enumerate(tasks):
            for before in task.after:
                self._next[before].append(place)
        self._left = len(tasks)
        self._ready: list[tuple[int, int]] = []
        self._changed = Condition()
        for place, waits in enumerate(self._waits):
            if not waits:
                self._make_ready(place)

    def work(self) -> None:
        """Make calls until none is left."""
        try:
            while (taken := self._take()) is not None:
                place, call = taken
                call()
                self._finish(place)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Hand out no more."""
        with self._changed:
            self._left = 0
            self._changed.notify_all()

    def _take(self) -> tuple[int, Call] | None:
        """The next call and the place of its task, waited for if need be; None where none is left."""
        with self._changed:
            while self._left and not self._ready:
                self._changed.wait()
            if not self._left:
                return None
            place = self._ready[0][1]
            call = self._tasks[place].calls[self._begun[place]]
            self._begun[place] += 1
            if self._begun[place] == len(self._tasks[place].calls):
                heappop(self._ready)
            return place, call

    def _finish(self, place: int) -> None:
        """Note that a call of a task is made."""
        with self._changed:
            self._unfinished[place] -= 1
            if self._unfinished[place] or not self._left:
                return
            self._left -= 1
            for after in self._next[place]:
                self._waits[after] -= 1
                if not self._waits[after]:
                    self._make_ready(after)
            self._changed.notify_all()

    def _make_ready(self, place: int) -> None:
        heappush(self._ready, (self._tasks[place].urgency, place))
