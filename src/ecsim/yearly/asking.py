"""Outcomes by year as they are asked for: names read, held against economy and horizon, and computed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecsim.detail import DETAIL
from ecsim.economy import Economy
from ecsim.errors import UserError, unknown
from ecsim.moves import Move
from ecsim.outcomes import YEAR, Trace
from ecsim.record import SIDES, Track
from ecsim.yearly.base import GROUPS, View, YearOutcome
from ecsim.yearly.table import YEARLY

TINY = 1e-12
FORM = "NAME:KEY@YEAR, such as imports:tools:JPN@2023, or NAME:KEY@YEAR/YEAR for the ratio of two years"
_SHAPE = re.compile(r"(?P<name>[a-z_]+)(?P<keys>(:[^:@]+)*)@(?P<year>\d{4}(Q[1-4])?)(/(?P<over>\d{4}(Q[1-4])?))?")
_TRACKS = {t.name: t for t in DETAIL}


@dataclass(frozen=True)
class Wanted:
    """A yearly outcome as asked for.

    Attributes:
        text: as written.
        outcome: which.
        keys: its keys.
        period: the year or quarter, as written.
        over: the period that it is divided by, or None.
    """

    text: str
    outcome: YearOutcome
    keys: tuple[str, ...]
    period: str
    over: str | None


class NotThere(UserError):
    """A product, state, company or year that the economy or the horizon does not have.

    Attributes:
        outcome: as written.
        why: what is wrong with it, and what is accepted.
    """

    def __init__(self, where: str, outcome: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.outcome, self.why = outcome, why


def parse(text: str, where: str) -> Wanted:
    """A yearly outcome from its name.

    Args:
        text: as in the heading of this file.
        where: file and row, or key, named in an error.

    Raises:
        UserError: it is not of that form, or no such outcome, or another number of keys.
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise UserError(f"{where}: '{text}' is no outcome by year; accepted: {FORM}")
    if found["name"] not in YEARLY:
        raise unknown(where, "outcome by year", found["name"], YEARLY)
    outcome, keys = YEARLY[found["name"]], tuple(found["keys"].split(":")[1:])
    if len(keys) != len(outcome.keys):
        form = ":".join((outcome.name, *(k.upper() for k in outcome.keys)))
        raise UserError(f"{where}: '{text}' has {len(keys)} keys; accepted: {form}@YEAR")
    return Wanted(text, outcome, keys, found["year"], found["over"])


def check(wanted: Iterable[str], e: Economy, first: int, last: int, where: str) -> None:
    """Hold keys and years against an economy and a horizon.

    Raises:
        NotThere: a product, state, company or year that is not there.
    """
    products = {*e.products, *GROUPS, "all"}
    accepted = {"product": products, "state": {*e.states, *SIDES, "foreign", "all"}, "company": set(e.companies)}
    for text in wanted:
        w = parse(text, where)
        for kind, key in zip(w.outcome.keys, w.keys, strict=True):
            single = (
                w.outcome.name == "gap"
                and kind == "product"
                or w.outcome.name in ("adopted", "adoption_year", "adoption_lag", "reversal_lag")
            )
            names = accepted[kind] - ({*GROUPS, *SIDES, "foreign", "all"} if single else set())
            if key not in names:
                raise NotThere(where, text, str(unknown(text, kind, key, names)))
        for period in filter(None, (w.period, w.over)):
            if not first <= _year_of(period) <= last:
                raise NotThere(where, text, f"{text}: {period} is not in the run; accepted: {first} to {last}")


def tracks_for(wanted: Iterable[str]) -> tuple[Track, ...]:
    """Tracks beyond the usual ones that these outcomes need."""
    names = {track for text in wanted for track in parse(text, "yearly").outcome.tracks}
    return tuple(t for name, t in _TRACKS.items() if name in names)


def compute(wanted: Iterable[str], trace: Trace, moves: Sequence[tuple[Move, str]]) -> dict[str, float]:
    """The outcomes asked for, by name; NaN where a year is beyond the run."""
    return {text: _value(parse(text, "yearly"), trace, moves) for text in wanted}


def _year_of(period: str) -> int:
    """Year of a period, "2022" or "2022Q4"."""
    return int(period.partition("Q")[0])


def span_of(period: str, start_year: int) -> slice:
    """Quarters of a year ("2022") or of a quarter of it ("2022Q4")."""
    _, _, quarter = period.partition("Q")
    first = (_year_of(period) - start_year) * YEAR + (int(quarter) - 1 if quarter else 0)
    return slice(first, first + (1 if quarter else YEAR))


def _value(w: Wanted, trace: Trace, moves: Sequence[tuple[Move, str]]) -> float:
    def at(period: str) -> float:
        span = span_of(period, trace.p.time.start_year)
        if span.start < 0 or span.stop > len(trace.tracks["gap"]):
            return math.nan
        return w.outcome.compute(View(trace, moves, span), *w.keys)

    if w.over is None:
        return at(w.period)
    below = at(w.over)
    return at(w.period) / below if abs(below) > TINY else math.nan
