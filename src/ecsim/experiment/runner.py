"""Runs a plan and stores what comes out: the same tables whatever the number of workers."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ecsim.experiment.executors import ProcessPool, SerialExecutor, default_workers, open_executor
from ecsim.experiment.plan import Job, Plan
from ecsim.experiment.settings import LauncherConfig
from ecsim.experiment.store import Store
from ecsim.experiment.work import ChunkResult, Simulate, failed_chunk, run_chunk

LOST = "the worker process died (out of memory?)"

Chunk = tuple[int, list[Job]]

Tick = Callable[[int], None]
"""Called with a number of runs newly finished."""


class Interrupted(Exception):
    """Ctrl-C, after the finished runs were stored.

    Attributes:
        folder: where they are.
        done: how many.
    """

    def __init__(self, folder: Path, done: int) -> None:
        super().__init__(f"interrupted; {done} finished runs are in {folder}")
        self.folder, self.done = folder, done


def execute(
    plan: Plan,
    folder: Path,
    simulate: Simulate,
    *,
    workers: int | None = None,
    launcher: LauncherConfig | None = None,
    manifest: dict[str, Any] | None = None,
    tick: Tick = lambda runs: None,
) -> None:
    """Run a plan into a results folder.

    Args:
        plan: the runs.
        folder: an empty folder (`store.prepare`).
        simulate: runs one configuration; importable by name from other processes.
        workers: processes; None for one a core.
        launcher: where runs are computed.
        manifest: entries of the manifest.
        tick: told of finished runs.

    Raises:
        Interrupted: Ctrl-C; the finished runs are stored, and the manifest says "interrupted".
    """
    start = time.monotonic()
    store = Store(folder, {**(manifest or {}), "planned": len(plan), "plan_hash": plan.plan_hash})
    count = min(workers or default_workers(), len(plan))
    status = "complete"
    try:
        with closing(results(plan, simulate, count, launcher or LauncherConfig())) as finished:
            for result in finished:
                with _uninterrupted():
                    store.add(result)
                tick(len(result.rows))
    except KeyboardInterrupt:
        status = "interrupted"
    with _uninterrupted():
        done = store.finish(status, wall_s=round(time.monotonic() - start, 2), workers=count)
    if status == "interrupted":
        raise Interrupted(folder, done)


def results(plan: Plan, simulate: Simulate, workers: int, launcher: LauncherConfig) -> Generator[ChunkResult, None, None]:
    """Results of the plan's chunks as they finish.

    A worker that dies takes its pool with it. The chunks that were under way are then tried once more, each in a
    process of its own, which tells the one that killed it from the others.
    """
    chunks = enumerate(plan.chunks())
    task = partial(run_chunk, simulate, plan.series)
    while lost := (yield from _drain(chunks, task, open_executor(launcher, workers))):
        for chunk in lost:
            if (yield from _drain(iter([chunk]), task, ProcessPool(1))):
                yield failed_chunk(*chunk, LOST)


def _drain(
    chunks: Iterator[Chunk], task: Callable[..., ChunkResult], pool: ProcessPool | SerialExecutor
) -> Generator[ChunkResult, None, list[Chunk]]:
    """Compute chunks, with as many under way as the pool takes; return those that were lost with the pool."""
    under_way: dict[Future[ChunkResult], Chunk] = {}
    lost: list[Chunk] = []
    whole = False
    try:
        while not lost:
            for chunk in islice(chunks, pool.width - len(under_way)):
                under_way[pool.submit(task, *chunk)] = chunk
            if not under_way:
                break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                chunk = under_way.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append(chunk)
                else:
                    yield future.result()
        lost += under_way.values()
        whole = not lost
    finally:
        if whole:
            pool.shutdown()
        else:
            pool.stop()
    return lost


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off while files are written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
