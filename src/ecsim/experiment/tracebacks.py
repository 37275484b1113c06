"""Where in the program a run failed: as Python tells it, without the folders of the machine that ran it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from traceback import TracebackException

LONGEST = 8_000  # characters of one
MOST = 20  # reasons that are told
LEFT_OUT = "[…]\n"


def told(error: BaseException) -> str:
    """The traceback of an error; of a long one the end, where it says what happened."""
    whole = TracebackException.from_exception(error)
    for part in _chain(whole):
        for frame in part.stack:
            _ = frame.line  # read before the file loses its folder
            frame.filename = _short(frame.filename)
    text = "".join(whole.format())
    return text if len(text) <= LONGEST else LEFT_OUT + text[-LONGEST:]


def joined(found: Iterable[Mapping[str, str]]) -> str:
    """One text of tracebacks by reason: the first of each reason, and of many reasons the first.

    Args:
        found: reason -> traceback, of one chunk after the other.
    """
    first: dict[str, str] = {}
    left_out = set()
    for chunk in found:
        for reason, text in chunk.items():
            if len(first) < MOST:
                first.setdefault(reason, text)
            elif reason not in first:
                left_out.add(reason)
    more = f"{len(left_out)} more reasons are in failures.csv alone.\n" if left_out else ""
    return "\n".join([*first.values(), *([more] if more else [])])


def _chain(whole: TracebackException) -> Iterator[TracebackException]:
    """An error, and those that it came of."""
    for cause in (whole.__cause__, whole.__context__):
        if cause is not None:
            yield from _chain(cause)
    yield whole


def _short(file: str) -> str:
    """A file as seen from the folder that Python imports it from, or its name alone."""
    path = Path(file)
    above = [folder for folder in map(Path, sys.path) if folder.is_absolute() and path.is_relative_to(folder)]
    nearest = max(above, key=lambda folder: len(folder.parts), default=path.parent)
    return path.relative_to(nearest).as_posix()
