"""What a study may vary: every registered parameter that has a range, and the shares that policies and alliances set."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecsim.config import RunConfig
from ecsim.errors import UserError, unknown
from ecsim.experiment.joining import read_by
from ecsim.params import REGISTRY

SHARES = {
    "alliance.participation": "how far the alliance is joined, in the sense that alliance.mode names",
    "alliance.level": "how fully a member applies the rules",
    "policy.height": "share of applications denied",
    "policy.listing_height": "share denied to listed companies",
}
"""Keys of policy and alliance that are shares, 0 to 1 by definition, and so can be drawn like parameters."""


DECISIVE = "decisive"  # stands for the parameters that the registry calls uncertain


ACTS: Mapping[str, Callable[[RunConfig], bool]] = {
    "accession": lambda run: run.alliance.mode == "endogenous" or bool(run.alliance.hubs),  # allies or hubs that decide
    "alliance.participation": lambda run: run.policy.kind != "none" and "participation" in read_by(run.alliance),
    "policy.height": lambda run: run.policy.kind == "doctrine",
    "policy.listing_height": lambda run: run.policy.kind == "doctrine",
}
"""Group of parameters, or key of a share -> whether anything in a run reads it; what is not named is always read."""


@dataclass(frozen=True)
class Factor:
    """Something that a study varies.

    Attributes:
        name: dotted key.
        lo, hi: ends of its range.
        whole: only whole numbers.
    """

    name: str
    lo: float
    hi: float
    whole: bool = False

    def at(self, u: float) -> float | int:
        """The value at a point of [0, 1], uniform over the range; of whole numbers, each takes an equal part of [0, 1]."""
        if self.whole:
            return min(math.floor(self.lo + (self.hi - self.lo + 1) * float(u)), int(self.hi))
        return self.lo + (self.hi - self.lo) * float(u)


def uncertain() -> list[str]:
    """The decisive unknowns, by the registry."""
    return [name for name, info in REGISTRY.items() if info.uncertain]


def idle(runs: Iterable[RunConfig]) -> frozenset[str]:
    """Parameters that cannot act in any of some runs, because who would read them does not play."""
    given = list(runs)
    silent = {group for group, acts in ACTS.items() if not any(map(acts, given))}
    return frozenset(name for name in (*REGISTRY, *SHARES) if name in silent or name.partition(".")[0] in silent)


def factors_of(
    wanted: Sequence[str] = (), intervals: Mapping[str, tuple[float, float]] | None = None, chosen: Collection[str] = ()
) -> list[Factor]:
    """The factors of a study.

    Args:
        wanted: keys or patterns ("innovation.*"); empty for those that the registry calls uncertain, unless there are intervals.
        intervals: keys with ranges of the user's own.
        chosen: parameters that the user set: they are not varied unless wanted by name.

    Raises:
        UserError: an unknown key, or one without a range.
    """
    own = dict(intervals or {})
    names = list(dict.fromkeys([*_named(wanted, chosen), *own] if wanted or own else uncertain()))
    kept = names if wanted or own else [name for name in names if name not in chosen]
    return [_factor(name, own.get(name)) for name in kept]


def _named(wanted: Iterable[str], chosen: Collection[str]) -> list[str]:
    """Keys that the patterns match; a plain key stands for itself."""
    known = {name for name, info in REGISTRY.items() if info.lo is not None and info.lo != info.hi} | set(SHARES)
    found = []
    for pattern in wanted:
        if pattern == DECISIVE:
            found += [name for name in uncertain() if name not in chosen]
        elif any(c in pattern for c in "*?["):
            matched = [name for name in (*REGISTRY, *SHARES) if name in known and fnmatch.fnmatchcase(name, pattern)]
            if not matched:
                raise UserError(f"experiment.uncertain: nothing with a range matches '{pattern}'; accepted: such as 'innovation.*'")
            found += matched
        else:
            found.append(pattern)
    return found


def _factor(name: str, ends: tuple[float, float] | None) -> Factor:
    info = REGISTRY.get(name)
    if info is None:
        if ends is not None:
            return Factor(name, *ends)
        if name not in SHARES:
            raise unknown("experiment.uncertain", "parameter", name, [*REGISTRY, *SHARES])
        return Factor(name, 0.0, 1.0)
    if isinstance(info.default, bool) or not isinstance(info.default, int | float) or info.lo is None or info.hi is None:
        raise UserError(f"experiment.uncertain: {name} has no range to draw from; accepted: parameters that are numbers")
    lo, hi = ends or (info.lo, info.hi)
    return Factor(name, float(lo), float(hi), isinstance(info.default, int))


def values_at(factors: Sequence[Factor], unit: np.ndarray) -> list[dict[str, float | int]]:
    """Values at points of the unit cube.

    Args:
        factors: k of them.
        unit: shape (n, k).
    """
    return [{f.name: f.at(u) for f, u in zip(factors, row, strict=True)} for row in unit]
