"""Tells open pages that the game has changed, on the loop of the server, whatever thread changed it."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from ecsim.game.session import Session
from ecsim.game.web.guard import Bucket

log = logging.getLogger("ecsim.game")
WRONG = 10.0, 0.1  # wrong join codes from one address at once, and a second on
TICK = 1.0  # seconds between looks at the clocks
THREADS = 64  # commands that can wait at a time: one that hands in never stands behind those who wait for previews


class Page(Protocol):
    """Something that shows the game."""

    def told(self) -> None:
        """Draw again what has changed."""

    def tick(self) -> None:
        """A second has passed."""


class Hub:
    """Pages that are open, the clocks of the rooms, and who tried wrong codes.

    Args:
        session: the game.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.wrong = Bucket(*WRONG)
        self.pages: weakref.WeakSet[Page] = weakref.WeakSet()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending = False
        self._tasks: set[asyncio.Task[None]] = set()
        session.listen(self.poke)

    async def start(self) -> None:
        """Begin: finish what a fallen server left behind, then watch the clocks."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, "game"))
        await asyncio.to_thread(self.session.desk.answer, "opening")  # nobody waits for a process to start
        await asyncio.to_thread(self.session.recover)
        await asyncio.to_thread(self.session.warm)
        self._keep(self._watch())

    def poke(self) -> None:
        """Something changed; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._soon)

    def _soon(self) -> None:
        if not self._pending and self._loop is not None:
            self._pending = True
            self._loop.call_later(0.02, self._tell)

    def _tell(self) -> None:
        self._pending = False
        for page in list(self.pages):
            _try(page.told, "a page could not be drawn")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            _try(self._look, "the clocks could not be looked at")

    def _look(self) -> None:
        """Look at the clocks; whatever fails, they are looked at again."""
        _try(self.session.look, "clocks could not be stopped")
        for page in list(self.pages):
            _try(page.tick, "a clock could not be drawn")
        for room in self.session.overdue():
            self._keep(self._close_turn(room))

    async def _close_turn(self, room: str) -> None:
        try:
            await asyncio.to_thread(self.session.run_out, room)
        except Exception:
            log.exception("a turn could not be closed by the clock")

    def _keep(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _try(work: Callable[[], None], otherwise: str) -> None:
    """Do something for one page, whose failure is nobody else's."""
    try:
        work()
    except Exception:
        log.exception(otherwise)
