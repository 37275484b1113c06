"""The file beside a game that keeps others from writing it, and says when it was last served.

The lock is the operating system's: it ends with the process, also after kill -9. The time of the file is set once a second.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from ecsim.errors import UserError

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
        self.path = _beside(path)
        self.alive = 0.0
        self._file = self._taken(path)
        self.touch()

    def _taken(self, game: Path) -> IO[str]:
        """The file beside the game, locked; one that its holder has just removed is passed over."""
        while True:
            self.alive = self.path.stat().st_mtime if self.path.exists() else 0.0
            try:
                file = self.path.open("a")
            except OSError:
                raise UserError(f"{self.path}: cannot be written; accepted: a file in a folder that you may write to") from None
            if not _lock(file):
                file.close()
                raise _busy(game)
            if self._names(file):
                return file
            file.close()

    def _names(self, file: IO[str]) -> bool:
        """Whether the path still leads to an open file."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def touch(self) -> None:
        """Say that the process is alive."""
        now = time.time()
        os.utime(self._file.fileno() if os.utime in os.supports_fd else self.path, (now, now))

    def release(self) -> None:
        """The process ends by itself: nothing is left behind."""
        with suppress(OSError):  # where open files cannot be removed
            self.path.unlink(missing_ok=True)
        self._file.close()


def check_free(game: Path) -> None:
    """That no other process is at work on a game; nothing is held or changed by it.

    Raises:
        UserError: one is.
    """
    path = _beside(game)
    if path.is_file():
        with path.open() as file:
            if not _lock(file):
                raise _busy(game)


def _beside(game: Path) -> Path:
    real = game.resolve()
    return real.with_name(real.name + SUFFIX)


def _busy(game: Path) -> UserError:
    return UserError(f"{game}: another process serves or writes this game; accepted: stop that one first, or another file")


def _lock(file: IO[str]) -> bool:
    """Lock a file until it is closed or the process ends; whether that went well, or there are no locks here."""
    try:
        import fcntl  # noqa: PLC0415 (not everywhere)
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks
    return True
