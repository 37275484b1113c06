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
from threading import Lock, Thread
from typing import Any

import numpy as np

from ecsim.cores import cores, one_thread
from ecsim.economy import Array
from ecsim.game.referee import Inputs, Referee, digest
from ecsim.game.setup import HORIZON, Setup

DRAWS = 24  # runs of a preview, with and without the moves
CHUNK = 6  # draws computed in one task
KEPT = 32  # paths kept of doing nothing
NICE = 5  # by which previews give way
QUICK = ("check", "resolve", "opening")  # what people wait for

_REFEREE: dict[str, Referee] = {}


def _start(setup: dict[str, Any], patient: bool) -> None:
    """Build the model in a new process; one that computes previews gives way to one that people wait for."""
    Thread(target=_follow, daemon=True).start()
    if patient and hasattr(os, "nice"):  # not everywhere
        os.nice(NICE)
    _REFEREE["it"] = Referee(Setup.from_dict(setup))
    _REFEREE["it"].opening()


def _follow() -> None:
    """End when the server is gone: after kill -9 nobody else tells its processes."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(0)


def _call(name: str, args: tuple[Any, ...]) -> Any:
    return getattr(_REFEREE["it"], name)(*args)


class Pool:
    """Processes with the model of a game, made anew when one dies.

    Args:
        setup: of the game.
        workers: processes.
        patient: whether they give way to others.
    """

    def __init__(self, setup: Setup, workers: int, *, patient: bool) -> None:
        self.setup, self.workers, self.patient = setup, workers, patient
        self._lock = Lock()
        self._pool = self._make()

    def _make(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_start, initargs=(self.setup.to_dict(), self.patient))
        with one_thread():
            for _ in range(self.workers):
                pool.submit(_call, "opening", ())  # starts a process each, ahead of the first question
        return pool

    def ask(self, name: str, args: tuple[Any, ...]) -> Future[Any]:
        """Put a question to the referee of any of the processes."""
        with self._lock, one_thread():  # a process may be started only now
            try:
                return self._pool.submit(_call, name, args)
            except BrokenProcessPool:
                self._pool = self._make()
                return self._pool.submit(_call, name, args)

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Desk:
    """Computes for one game: checks and turns in a process of their own, previews and re-runs in others.

    Args:
        setup: of the game.
        workers: processes for previews; 0 computes everything in the caller's; None is one for each core.
        draws: runs of a preview, with and without the moves.
    """

    def __init__(self, setup: Setup, workers: int | None = None, draws: int = DRAWS) -> None:
        self.setup = setup
        self.draws = draws
        self.workers = cores() if workers is None else workers
        self.waiting = 0
        self._lock = Lock()
        self._idle: OrderedDict[str, list[Future[Any]]] = OrderedDict()
        self._own = None if self.workers else Referee(setup)
        self._quick = Pool(setup, 1, patient=False) if self.workers else None
        self._patient = Pool(setup, self.workers, patient=True) if self.workers else None

    def ask(self, name: str, *args: Any) -> Future[Any]:
        """Put a question to the referee (a method of `Referee`)."""
        if self._quick is None or self._patient is None:
            return self._inline(name, args)
        future = (self._quick if name in QUICK else self._patient).ask(name, args)
        with self._lock:
            self.waiting += 1
        future.add_done_callback(self._done)
        return future

    def _inline(self, name: str, args: tuple[Any, ...]) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(getattr(self._own, name)(*args))
        except Exception as error:
            done.set_exception(error)
        return done

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
        try:
            return self._both(history, turn)
        except BrokenProcessPool:
            return self._both(history, turn)

    def _both(self, history: Sequence[Inputs], turn: Inputs) -> tuple[Array, Array]:
        without, played = self.idle(history, turn), self._paths(history, turn)
        return np.concatenate([f.result() for f in without]), np.concatenate([f.result() for f in played])

    def _paths(self, history: Sequence[Inputs], turn: Inputs) -> list[Future[Any]]:
        return [
            self.ask("paths", list(history), dict(turn), list(range(i, min(i + CHUNK, self.draws))), HORIZON)
            for i in range(0, self.draws, CHUNK)
        ]

    def close(self) -> None:
        """End the processes."""
        for pool in (self._quick, self._patient):
            if pool is not None:
                pool.close()
