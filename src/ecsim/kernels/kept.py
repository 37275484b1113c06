"""Which kernels are on disk, compiled, and saying that they are not. Loads no compiler."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from multiprocessing import parent_process
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = (  # what kernels are made of: themselves, and the modules from which they take constants and the order of parameters
    "kernels/*.py",
    "params/*.py",
    "documents/*.py",
    "permission_table/*.py",
    "mechanisms/base.py",
    "mechanisms/permission.py",
    "arguments.py",
    "economy.py",
    "world.py",
    "data/instruments.csv",
)
COMPILER = "jit"  # the file that joined functions are said to be of
JOINED = "joined_"
MODEL, MANY_FIRMS = "model", "many firms"  # what is said to be compiled
LINES = {  # language -> what is said
    "en": {
        "line": "compiling {what} for this machine, once; about a minute …",
        MODEL: "the model",
        MANY_FIRMS: "the model for many firms",
    },
    "zh": {"line": "正在为本机编译{what}，仅此一次，约需一分钟……", MODEL: "模型", MANY_FIRMS: "用于大量企业的模型"},
}
_lang: ContextVar[str] = ContextVar("lang", default="en")


@contextmanager
def said_in(lang: str) -> Iterator[None]:
    """Say what is said here in a language: that of the command line, which no run knows."""
    before = _lang.set(lang)
    try:
        yield
    finally:
        _lang.reset(before)


def announce_if_missing() -> None:
    """Say that the model is compiled, where no kernel of this source is kept: workers, who will compile it, do not say it."""
    if not is_kept():
        announce(MODEL)


@cache
def announce(what: str) -> None:
    """Say once that something is compiled, where it can be kept; workers do not say it again."""
    if (os.environ.get("NUMBA_CACHE_DIR") or os.access(HERE, os.W_OK)) and parent_process() is None:
        said = LINES[_lang.get()]
        print(f"ecsim: {said['line'].format(what=said[what])}", file=sys.stderr, flush=True)


def is_kept(name: str = "") -> bool:
    """Whether joined kernels of this source (the one of this name), compiled for this Python, are on disk."""
    version = f".py{sys.version_info[0]}{sys.version_info[1]}."
    return any(digest_of_sources() in path.name and version in path.name and name in path.name for path in _kept())


@cache
def sources() -> str:
    """`digest_of_sources`. What is kept on disk of another source is thrown away; where nothing is kept yet, that is said."""
    mine = digest_of_sources()
    for path in _kept():
        if mine not in path.name:
            with suppress(OSError):
                path.unlink()
    announce_if_missing()
    return mine


def digest(text: str) -> str:
    """A name for a text."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@cache
def digest_of_sources() -> str:
    """Digest of all that compiled kernels are made of."""
    return digest_of(HERE.parent)


def digest_of(package: Path) -> str:
    """The same of the package's source in another folder."""
    files = [path for form in SOURCES for path in sorted(package.glob(form))]
    return digest("".join(path.read_text(encoding="utf-8") for path in files))


def folder() -> Path:
    """Where compiled kernels are kept: in the place that numba is told, or beside their source."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    # as numba names the folder of a source within it
    return (
        Path(told) / f"{HERE.name}_{hashlib.sha1(str(HERE).encode(), usedforsecurity=False).hexdigest()}" if told else HERE / "__pycache__"
    )


def _kept() -> list[Path]:
    """Joined kernels on disk, of any source and any Python."""
    return list(folder().glob(f"{COMPILER}.{JOINED}*"))
