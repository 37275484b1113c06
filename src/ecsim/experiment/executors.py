"""Where chunks are computed: anything with the interface of `concurrent.futures.Executor`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Any, Protocol

from ecsim.cores import one_thread
from ecsim.experiment import work
from ecsim.experiment.settings import LauncherConfig

TASKS_A_WORKER = 2  # submitted at a time, so that no worker waits and memory holds some chunks, however long the study
LOADED_BEFORE_FORKING = ["ecsim.course", "ecsim.experiment.work"]


class Pool(Protocol):
    """What the runner needs of an executor beside `submit`."""

    @property
    def width(self) -> int:
        """Tasks under way at a time."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Compute a task."""

    def broken_by(self, error: BaseException) -> bool:
        """Whether an error means that the pool, and all tasks under way, are lost."""

    def given_up_by(self, error: BaseException) -> bool:
        """Whether an error means that a task killed its worker, and the pool lives on."""

    def shutdown(self) -> None:
        """Close, with nothing under way."""

    def stop(self) -> None:
        """Close, whatever is under way."""


class SerialExecutor(Executor):
    """Computes each task in this process, when it is submitted."""

    width = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Compute a task."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future

    def broken_by(self, error: BaseException) -> bool:
        """This process cannot outlive itself."""
        return False

    given_up_by = broken_by

    def stop(self) -> None:
        """Nothing is under way between two tasks."""


def open_executor(launcher: LauncherConfig, workers: int) -> Pool:
    """The executor that the configuration asks for.

    Raises:
        UserError: a cluster that cannot be reached.
    """
    if launcher.kind == "dask":
        from ecsim.experiment.cluster import DaskExecutor  # noqa: PLC0415 (loads Dask, an extra)

        return DaskExecutor(launcher, workers)
    if launcher.kind == "serial" or workers == 1:
        return SerialExecutor()
    return ProcessPool(workers)


class ProcessPool(ProcessPoolExecutor):
    """Processes that know nothing of the caller's script, ignore Ctrl-C (the caller stops them) and die with their caller.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int) -> None:
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload(LOADED_BEFORE_FORKING)
        self._stopping = context.Event()
        super().__init__(workers, mp_context=context, initializer=_start_worker, initargs=(self._stopping,))
        self.width = TASKS_A_WORKER * workers

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Compute a task in a process, which is started when it is needed."""
        try:
            with one_thread(), _without_main():
                return super().submit(fn, *args, **kwargs)
        except BrokenProcessPool as error:
            future: Future[Any] = Future()
            future.set_exception(error)
            return future

    def broken_by(self, error: BaseException) -> bool:
        """A process that dies takes the pool with it."""
        return isinstance(error, BrokenProcessPool)

    def given_up_by(self, error: BaseException) -> bool:
        """No task can kill its process and leave the pool."""
        return False

    def stop(self) -> None:
        """End the processes after the run that each is at; at once on a second Ctrl-C.

        A process killed while it sends a result would leave this one waiting for the rest of it.
        """
        self._stopping.set()
        try:
            self.shutdown(wait=True, cancel_futures=True)
        except KeyboardInterrupt:
            for process in list((self._processes or {}).values()):
                process.terminate()


def _start_worker(stopping: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work.stop_when(stopping.is_set)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the caller's script from new processes, which would run it again; it then needs no `if __name__ == "__main__"`."""
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {name: main.__dict__.pop(name) for name in ("__file__", "__spec__") if name in main.__dict__}
    main.__spec__ = None
    try:
        yield
    finally:
        main.__dict__.update(hidden)
