"""The file beside a game that says when the game was last served: its time is set once a second."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO

from ecsim.errors import UserError

SUFFIX = ".lock"


class Hold:
    """A process at work on a game.

    Args:
        path: file of the game.

    Attributes:
        alive: when the last process that did not end by itself was seen alive, in seconds since 1970; 0 if none was.

    Raises:
        UserError: the file beside the game cannot be written.
    """

    def __init__(self, path: Path) -> None:
        real = path.resolve()
        self.path = real.with_name(real.name + SUFFIX)
        self.alive = self.path.stat().st_mtime if self.path.exists() else 0.0
        try:
            self._file: IO[str] = self.path.open("a")
        except OSError:
            raise UserError(f"{self.path}: cannot be written; accepted: a file in a folder that you may write to") from None
        self.touch()

    def touch(self) -> None:
        """Say that the process is alive."""
        now = time.time()
        os.utime(self._file.fileno() if os.utime in os.supports_fd else self.path, (now, now))

    def release(self) -> None:
        """The process ends by itself: nothing is left behind."""
        self.path.unlink(missing_ok=True)
        self._file.close()
