"""What an outcome is, and what it is computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecsim.economy import Array, Economy
from ecsim.params import Params

TINY = 1e-12
YEAR = 4  # quarters


@dataclass(frozen=True, eq=False)
class Trace:
    """What outcomes are computed from.

    Attributes:
        e, p: economy and parameters of the run.
        tracks: recorded tracks of the run.
        base: those of the path without controls of the same draw and seed.
        first: first quarter with a rule in force, or None.
    """

    e: Economy
    p: Params
    tracks: dict[str, Array]
    base: dict[str, Array]
    first: int | None


@dataclass(frozen=True)
class Outcome:
    """A named outcome.

    Attributes:
        name, unit, doc: what it is.
        purpose: the heading of the scorecard that it belongs to.
        better: +1 if more serves the controlling side, -1 if less does, 0 if neither.
        compute: from a trace to a number.
        domain: the supply chain that it is about; empty for all of them.
    """

    name: str
    unit: str
    doc: str
    purpose: str
    better: int
    compute: Callable[[Trace], float]
    domain: str = ""
