"""Runs a plan and stores what comes out: the same tables whatever the number of workers, and however often it was stopped."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ecsim.cores import cores
from ecsim.experiment.executors import Pool, ProcessPool, open_executor
from ecsim.experiment.plan import Job, Plan, Shard
from ecsim.experiment.resume import held, how_to_resume
from ecsim.experiment.settings import LauncherConfig
from ecsim.experiment.store import COMPLETE, Store
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
        why: what stopped the study.
    """

    def __init__(self, folder: Path, done: int, why: str = "interrupted", whole: Path | None = None) -> None:
        """Say how to go on.

        Args:
            folder, done, why: see above.
            whole: folder of the study, where `folder` is that of one of its stages.
        """
        super().__init__(f"{why}; {done} finished runs are in {folder}; go on with: {how_to_resume(whole or folder)}")
        self.folder, self.done, self.why = folder, done, why


class Stopped(Interrupted):
    """A run failed, and the study was told to stop at the first that does."""


def execute(
    plan: Plan,
    folder: Path,
    simulate: Simulate,
    *,
    workers: int | None = None,
    launcher: LauncherConfig | None = None,
    manifest: dict[str, Any] | None = None,
    shard: Shard | None = None,
    fail_fast: bool = False,
    tick: Tick = lambda runs: None,
    found: Tick = lambda runs: None,
) -> bool:
    """Run a plan into a results folder, but for what the folder holds already.

    Args:
        plan: the runs.
        folder: a folder from `store.prepare`.
        simulate: runs one configuration; importable by name from other processes.
        workers: processes; None for one a core.
        launcher: where runs are computed.
        manifest: entries of the manifest.
        shard: compute this part of the plan only, and leave the joining to who runs the rest.
        fail_fast: stop at the first run that fails.
        tick: told of finished runs.
        found: told of runs that were there already.

    Returns:
        Whether the study is complete.

    Raises:
        Interrupted: Ctrl-C; the finished runs are stored, and the manifest says "interrupted".
        Stopped: a run failed under `fail_fast`; the same, and the manifest says "stopped".
        UserError: the disk is full or the folder went away; what was finished is kept.
    """
    with held(folder, shared=shard is not None):
        return _execute(plan, folder, simulate, workers, launcher or LauncherConfig(), manifest or {}, shard, fail_fast, tick, found)


def _execute(
    plan: Plan,
    folder: Path,
    simulate: Simulate,
    workers: int | None,
    launcher: LauncherConfig,
    manifest: dict[str, Any],
    shard: Shard | None,
    fail_fast: bool,
    tick: Tick,
    found: Tick,
) -> bool:
    start = time.monotonic()
    store = Store(folder, {**manifest, "planned": len(plan), "plan_hash": plan.plan_hash})
    count = min(workers or cores(), len(plan))
    status, why, ran, model_ms = COMPLETE, "", 0, 0.0
    try:
        with closing(results(plan, simulate, count, launcher, store.begun, shard, found)) as finished:
            for result in finished:
                with _uninterrupted():
                    store.add(result)
                tick(len(result.rows))
                ran, model_ms = ran + len(result.rows), model_ms + sum(row["wall_ms"] for row in result.rows)
                if fail_fast and (reason := next((row["reason"] for row in result.rows if row["status"] != "ok"), "")):
                    status, why = "stopped", f"stopped at the first run that failed ({reason})"
                    break
    except KeyboardInterrupt:
        status, why = "interrupted", "interrupted"
    if shard is not None and status == COMPLETE:
        return False
    with _uninterrupted():
        done = store.finish(status)
        store.note(workers=count, ran=ran, wall_s=round(time.monotonic() - start, 2), model_s=round(model_ms / 1000, 2))
    if status != COMPLETE:
        raise (Interrupted if status == "interrupted" else Stopped)(folder, done, why)
    return True


def results(
    plan: Plan,
    simulate: Simulate,
    workers: int,
    launcher: LauncherConfig,
    skip: Collection[int] = (),
    shard: Shard | None = None,
    found: Tick = lambda runs: None,
) -> Generator[ChunkResult, None, None]:
    """Results of the plan's chunks as they finish.

    A worker that dies takes its pool with it. The chunks that were under way are then tried once more, each in a
    process of its own, which tells the one that killed it from the others.

    Args:
        skip: numbers of chunks that are not computed, because they are there.
        shard: part of the plan that is computed.
        found: told of runs that are not computed because they are there.
    """
    chunks = _wanted(plan, skip, shard, found)
    first = next(chunks, None)
    if first is None:
        return
    chunks = _after(first, chunks)
    task = partial(run_chunk, simulate, plan.series)
    while lost := (yield from _drain(chunks, task, open_executor(launcher, workers))):
        for chunk in lost:
            if (yield from _drain(iter([chunk]), task, ProcessPool(1))):
                yield failed_chunk(*chunk, LOST)


def _wanted(plan: Plan, skip: Collection[int], shard: Shard | None, found: Tick) -> Iterator[Chunk]:
    for index, chunk in enumerate(plan.chunks()):
        if shard is not None and not shard.holds(index):
            continue
        if index in skip:
            found(len(chunk))
        else:
            yield index, chunk


def _after(first: Chunk, rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from rest


def _drain(chunks: Iterator[Chunk], task: Callable[..., ChunkResult], pool: Pool) -> Generator[ChunkResult, None, list[Chunk]]:
    """Compute chunks, with as many under way as the pool takes; return those that were lost with the pool."""
    under_way: dict[Future[ChunkResult], Chunk] = {}
    lost: list[Chunk] = []
    whole = False
    try:
        while not lost:
            for chunk in islice(chunks, max(0, pool.width - len(under_way))):
                under_way[pool.submit(task, *chunk)] = chunk
            if not under_way:
                break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                chunk = under_way.pop(future)
                error = future.exception()
                if error is not None and pool.broken_by(error):
                    lost.append(chunk)
                elif error is not None and pool.given_up_by(error):
                    yield failed_chunk(*chunk, LOST)
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
