"""The file beside a game that keeps others from writing it, and says when it was last served.

The time of the file is set once a second.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from ecsim.errors import UserError
from ecsim.locks import Lock, is_locked, lock

SUFFIX = ".lock"


class Hold:
    """A process at work on a game; there is one at a time.

    Args:
        path: file of the game.

    Attributes:
        alive: when the last process that did not end by itself was seen alive, in seconds since 1970; 0 if none was.

    Raises:
        UserError: another process is at work on it, or the file beside the game cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._lock = _taken(path)
        self.alive = self._lock.before
        self.touch()

    def touch(self) -> None:
        """Say that the process is alive."""
        now = time.time()
        os.utime(self._lock.file.fileno() if os.utime in os.supports_fd else self._lock.path, (now, now))

    def release(self) -> None:
        """The process ends by itself: nothing is left behind."""
        self._lock.remove()


def check_free(game: Path) -> None:
    """That no other process is at work on a game; nothing is held or changed by it.

    Raises:
        UserError: one is.
    """
    if is_locked(_beside(game)):
        raise _busy(game)


def _taken(game: Path) -> Lock:
    """The file beside a game, locked."""
    path = _beside(game)
    try:
        taken = lock(path)
    except OSError:
        raise UserError(f"{path}: cannot be written; accepted: a file in a folder that you may write to") from None
    if taken is None:
        raise _busy(game)
    return taken


def _beside(game: Path) -> Path:
    real = game.resolve()
    return real.with_name(real.name + SUFFIX)


def _busy(game: Path) -> UserError:
    return UserError(f"{game}: another process serves or writes this game; accepted: stop that one first, or another file")
