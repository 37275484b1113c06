"""Progress of a long job: a bar with rate and time left on a terminal, plain lines elsewhere. Always on stderr."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from ecsim.errors import unknown

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

SECONDS_BETWEEN_LINES = 10.0
SECONDS_FOR_A_RATE = 5.0
LINES = {  # language -> what is said
    "en": {"done": "{done} of {total} {what}", "left": "{done}, {rate:.1f} a second, {left:.0f} s left", "bar": "left", "runs": "runs"},
    "zh": {"done": "{total} {what}中已完成 {done}", "left": "{done}，每秒 {rate:.1f}，还需 {left:.0f} 秒", "bar": "剩余", "runs": "次运行"},
}


def check_language(lang: str) -> None:
    """Refuse a language that no study speaks; loads no catalogue.

    Raises:
        UserError: the languages that there are.
    """
    if lang not in LINES:
        raise unknown("lang", "language", lang, LINES)


class Progress:
    """Counts units of work done. A context manager.

    Args:
        total: units of work in all.
        what: what they are, for example "runs".
        stream: where to show it.
        lang: language.
    """

    def __init__(self, total: int, what: str, stream: TextIO | None = None, lang: str = "en") -> None:
        self._lines = LINES[lang]
        self.total, self.what, self.done, self._found = total, self._lines.get(what, what), 0, 0
        self._stream = stream or sys.stderr
        self._start = self._last = time.monotonic()
        self._first: tuple[float, int] | None = None  # when the first units were done, and how many
        self._bar: Bar | None = None

    def __enter__(self) -> Progress:
        if self._stream.isatty():
            self._bar = _bar(self._stream, self._lines["bar"])
            self._task = self._bar.add_task(self.what, total=self.total, rate="")
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def skip(self, units: int) -> None:
        """Note that so many units were done before; they count as done, and not for the rate."""
        self._found += units
        self.done += units

    def advance(self, units: int) -> None:
        """Note that so many more units are done."""
        self.done += units
        now = time.monotonic()
        self._first = self._first or (now, self.done)
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, rate=f"{self._rate(now):.1f}/s")
        elif now - self._last >= SECONDS_BETWEEN_LINES or self.done >= self.total:
            self._last = now
            print(self._line(now), file=self._stream, flush=True)

    def _line(self, now: float) -> str:
        """How far it is, and how long it will take, once that can be told: until the first units are done much else is made ready."""
        done = self._lines["done"].format(done=self.done, total=self.total, what=self.what)
        if self._first == (now, self.done) and self.done < self.total:
            return done
        left = (self.total - self.done) / max(self._rate(now), 1e-9)
        return self._lines["left"].format(done=done, rate=self._rate(now), left=left)

    def _rate(self, now: float) -> float:
        """Units a second: since the first were done, where that is long enough ago to tell."""
        since, before = self._start, self._found
        if self._first is not None and now - self._first[0] >= SECONDS_FOR_A_RATE:
            since, before = self._first
        return (self.done - before) / max(now - since, 1e-9)


def _bar(stream: TextIO, left: str) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn(left),
        TimeRemainingColumn(),
    )
    return Bar(*columns, console=Console(file=stream))
