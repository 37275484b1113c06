"""Tasks done by several threads: each call once, none before what it waits for, none after one that failed."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Lock, Thread, current_thread
from time import sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsim.kernels.tasks import Task, do_all


@given(st.integers(0, 3), st.integers(0, 40), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_calls_are_made_once_and_after_all_that_they_wait_for(helpers: int, many: int, luck: random.Random) -> None:
    made: list[int] = []
    lock = Lock()

    def call(place: int) -> None:
        with lock:
            made.append(place)

    after = [sorted(luck.sample(range(i), luck.randint(0, min(i, 3)))) for i in range(many)]
    tasks = [Task([partial(call, i)] * luck.randint(1, 4), after[i], luck.randint(0, 2)) for i in range(many)]
    with ThreadPoolExecutor(max(helpers, 1)) as others:
        do_all(tasks, others, helpers)
    assert sorted(made) == sorted(i for i, task in enumerate(tasks) for _ in task.calls)
    first = {place: made.index(place) for place in range(many)}
    last = {place: len(made) - 1 - made[::-1].index(place) for place in range(many)}
    assert all(last[before] < first[place] for place in range(many) for before in after[place])


def test_the_most_urgent_that_can_begin_is_first() -> None:
    made: list[str] = []
    tasks = [
        Task([partial(made.append, "idle")], urgency=2),
        Task([partial(made.append, "pieces")] * 2, urgency=1),
        Task([partial(made.append, "whole")], after=(1,), urgency=0),
    ]
    with ThreadPoolExecutor(1) as others:
        do_all(tasks, others, 0)
    assert made == ["pieces", "pieces", "whole", "idle"]


@pytest.mark.parametrize("helpers", [0, 1, 3])
def test_no_call_begins_after_one_that_failed(helpers: int) -> None:
    made: list[int] = []

    def fail() -> None:
        raise ZeroDivisionError

    tasks = [Task([fail]), Task([partial(made.append, i) for i in range(10**5)]), Task([partial(made.append, -1)], after=(0,))]
    with ThreadPoolExecutor(max(helpers, 1)) as others, pytest.raises(ZeroDivisionError):
        do_all(tasks, others, helpers)
    assert len(made) < 10**5 and -1 not in made


@pytest.mark.parametrize("failing", ["the caller's", "a helper's"])
def test_what_is_under_way_when_another_fails_brings_nothing_on(failing: str) -> None:
    """A task that ends after the failure makes nothing ready, and nobody waits for what failed."""
    made: list[str] = []
    begun, failed = Event(), Event()

    def work(name: str) -> None:
        mine = (current_thread() is runner) == (failing == "the caller's")
        if mine:
            begun.wait(5)
            failed.set()
            raise ZeroDivisionError
        begun.set()
        failed.wait(5)
        sleep(0.2)  # until the failure is known
        made.append(name)

    tasks = [Task([partial(work, "one")]), Task([partial(work, "other")])]
    tasks += [Task([partial(made.append, "after")], after=(i,)) for i in range(len(tasks))]

    def run() -> None:
        with ThreadPoolExecutor(1) as others:
            try:
                do_all(tasks, others, 1)
            except ZeroDivisionError:
                made.append("raised")

    runner = Thread(target=run, daemon=True)
    runner.start()
    runner.join(10)
    assert not runner.is_alive()
    assert sorted({*made} - {"one", "other"}) == ["raised"]
