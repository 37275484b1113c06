"""Files by which one process keeps others from what it works on.

The lock is the operating system's: it ends with the process, also after kill -9. Where there are no locks, nobody is kept out.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Lock:
    """A locked file.

    Attributes:
        path: where it is.
        file: open, and locked until it is closed.
        before: when it was last written before it was opened, in seconds since 1970; 0 if it was made.
    """

    path: Path
    file: IO[str]
    before: float

    def remove(self) -> None:
        """Remove the file, then let go of it: nothing is left behind."""
        with suppress(OSError):  # where open files cannot be removed
            self.path.unlink(missing_ok=True)
        self.file.close()


def lock(path: Path, *, shared: bool = False) -> Lock | None:
    """A file, made where there is none, and locked; None while another holds it.

    A holder removes its file when it ends. Who had opened that file before would lock what nobody else can find any more: such a file
    is passed over.

    Args:
        path: of the file.
        shared: others may share it.

    Raises:
        OSError: it cannot be written.
    """
    while True:
        before = _written(path)
        file = path.open("a")
        if not _locks(file, shared=shared):
            file.close()
            return None
        if _names(path, file):
            return Lock(path, file, before)
        file.close()


def is_locked(path: Path) -> bool:
    """Whether another holds a file; nothing is held or changed by asking."""
    if not path.is_file():
        return False
    with path.open() as file:
        return not _locks(file, shared=False)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _names(path: Path, file: IO[str]) -> bool:
    """Whether a path still leads to an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _locks(file: IO[str], *, shared: bool) -> bool:
    """Lock a file until it is closed or the process ends; whether that went well, or there are no locks here."""
    try:
        import fcntl  # noqa: PLC0415 (not everywhere)
    except ImportError:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks
    return True
