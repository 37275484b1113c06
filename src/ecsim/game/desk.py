"""The desk: processes that compute turns, checks and previews, so that the server stays free to answer.

Each process builds the model of the game once and keeps the worlds it has played. All that is asked of it are pure
functions of plain values; a process that dies is replaced and its task done again.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import Any

import numpy as np

from ecsim.economy import Array
from ecsim.experiment.settings import ONE_THREAD
from ecsim.game.referee import Inputs, Referee, digest
from ecsim.game.setup import HORIZON, Setup

DRAWS = 24  # runs of a preview, with and without the moves
CHUNK = 6  # draws computed in one task
KEPT = 32  # paths kept of doing nothing

_REFEREE: dict[str, Referee] = {}


def _start(setup: dict[str, Any]) -> None:
    """Build the model in a new process."""
    _REFEREE["it"] = Referee(Setup.from_dict(setup))
    _REFEREE["it"].opening()


def _call(name: str, args: tuple[Any, ...]) -> Any:
    return getattr(_REFEREE["it"], name)(*args)


class Desk:
    """Computes for one game.

    Args:
        setup: of the game.
        workers: processes; 0 computes in the caller's; None is one for each core.
        draws: runs of a preview, with and without the moves.
    """

    def __init__(self, setup: Setup, workers: int | None = None, draws: int = DRAWS) -> None:
        self.setup = setup
        self.draws = draws
        self.workers = (os.cpu_count() or 1) if workers is None else workers
        self.waiting = 0
        self._lock = Lock()
        self._idle: OrderedDict[str, list[Future[Any]]] = OrderedDict()
        self._own = None if self.workers else Referee(setup)
        self._pool = self._make() if self.workers else None

    def _make(self) -> ProcessPoolExecutor:
        os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_start, initargs=(self.setup.to_dict(),))
        for _ in range(self.workers):
            pool.submit(_call, "opening", ())  # starts a process each, ahead of the first question
        return pool

    def ask(self, name: str, *args: Any) -> Future[Any]:
        """Put a question to the referee (a method of `Referee`)."""
        if self._own is not None:
            done: Future[Any] = Future()
            try:
                done.set_result(getattr(self._own, name)(*args))
            except Exception as error:
                done.set_exception(error)
            return done
        with self._lock:
            assert self._pool is not None
            try:
                future = self._pool.submit(_call, name, args)
            except BrokenProcessPool:
                self._pool = self._make()
                future = self._pool.submit(_call, name, args)
            self.waiting += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[Any]) -> None:
        with self._lock:
            self.waiting -= 1

    def answer(self, name: str, *args: Any) -> Any:
        """The referee's answer, waited for; asked once more if the process died."""
        try:
            return self.ask(name, *args).result()
        except BrokenProcessPool:
            return self.ask(name, *args).result()

    def idle(self, history: Sequence[Inputs], turn: Inputs) -> list[Future[Any]]:
        """Paths of doing nothing from here on, started once for all who ask."""
        nothing = {**turn, "moves": []}
        key = digest([list(history), nothing])
        with self._lock:
            known = self._idle.get(key)
        if known is not None and not any(f.done() and f.exception() for f in known):
            return known
        futures = self._paths(history, nothing)
        with self._lock:
            self._idle[key] = futures
            while len(self._idle) > KEPT:
                self._idle.popitem(last=False)
        return futures

    def preview(self, history: Sequence[Inputs], turn: Inputs) -> tuple[Array, Array]:
        """Paths without and with the moves of a turn, on common random numbers.

        Returns:
            Two arrays of shape (draws, quarters, indicators).
        """
        without, played = self.idle(history, turn), self._paths(history, turn)
        return np.concatenate([f.result() for f in without]), np.concatenate([f.result() for f in played])

    def _paths(self, history: Sequence[Inputs], turn: Inputs) -> list[Future[Any]]:
        return [
            self.ask("paths", list(history), dict(turn), list(range(i, min(i + CHUNK, self.draws))), HORIZON)
            for i in range(0, self.draws, CHUNK)
        ]

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
