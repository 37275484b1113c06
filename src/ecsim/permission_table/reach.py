"""How rules reach suppliers: at home, by those who adopted them, and abroad by tests of foreign-made goods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, Array, Economy
from ecsim.params import Params
from ecsim.rules import Rule, RuleBook

DOMESTIC, FOREIGN_PRODUCT, DE_MINIMIS = 0, 1, 2
EVERYTHING = -np.inf

Column = tuple[int, int, float, float, bool]
"""A kind of test: way of reaching the supplier, issuer tested, content threshold, technology threshold, sliding."""


@lru_cache(maxsize=4096)
def mask_of(everything: tuple[str, ...], named: tuple[str, ...]) -> Array:
    """True at the names. The same array is returned each time: it is not to be changed."""
    mask = np.zeros(len(everything), dtype=bool)
    mask[[everything.index(name) for name in named]] = True
    return mask


@lru_cache(maxsize=256)
def masks_of(everything: tuple[str, ...], named: tuple[tuple[str, ...], ...]) -> Array:
    """The same for several sets of names, one a row; not to be changed either."""
    return np.array([mask_of(everything, names) for names in named], dtype=bool).reshape(len(named), len(everything))


@dataclass(frozen=True, eq=False)
class Reach:
    """How far a way reaches each cell of supply, shape C, and a number that equal reaches share."""

    cells: Array
    number: int


class Reaches:
    """Reaches of the rules in a book, each computed once however many rules share it.

    Args:
        e: the economy.
        p: parameters.
        book: whose adoption counts.
    """

    def __init__(self, e: Economy, p: Params, book: RuleBook) -> None:
        self._economy, self._params, self._book = e, p, book
        self._known: dict[tuple[object, ...], Reach | None] = {}
        self._numbers: dict[bytes, int] = {}

    def at_home(self, rule: Rule) -> Reach | None:
        """By the issuer's own law and that of adopters; None where it reaches nothing."""
        key = (rule.issuer, rule.persons, rule.adoptable)
        if key not in self._known:
            self._known[key] = self._numbered(self._at_home(rule))
        return self._known[key]

    def abroad(self, rule: Rule) -> Reach | None:
        """By tests of foreign-made goods; None where it reaches nothing."""
        key = (rule.issuer, rule.spares)
        if key not in self._known:
            spared = mask_of(self._economy.states, (rule.issuer, *rule.spares))
            self._known[key] = self._numbered(~spared[self._economy.cell_location] * 1.0)
        return self._known[key]

    def _at_home(self, rule: Rule) -> Array:
        e = self._economy
        home = e.state_index[rule.issuer]
        reach = (e.cell_location == home) * 1.0
        if rule.persons:
            reach = np.maximum(reach, (e.cell_owner == home) * self._params.permission.persons_reach)
        if rule.adoptable:
            level = np.zeros(e.n_states)
            for (state, issuer), value in self._book.adoption.items():
                if issuer == rule.issuer:
                    level[e.state_index[state]] = value
            reach = np.maximum(reach, level[e.cell_location])
        return reach

    def _numbered(self, cells: Array) -> Reach | None:
        return Reach(cells, self._numbers.setdefault(cells.tobytes(), len(self._numbers))) if cells.any() else None


def ways_of(e: Economy, rule: Rule, reaches: Reaches) -> list[tuple[Column, Reach]]:
    """The columns that a rule fills, each with its reach; those that reach nothing are left out."""
    theta = EVERYTHING if rule.threshold is None else float(rule.threshold)
    tested = {0: 0, CHALLENGER: 1}.get(e.state_index[rule.issuer], -1)
    ways: list[tuple[Column, Reach | None]] = [((DOMESTIC, -1, 0.0, theta, rule.sliding), reaches.at_home(rule))]
    if rule.fdp and tested >= 0:
        ways.append(((FOREIGN_PRODUCT, tested, 0.0, theta, rule.sliding), reaches.abroad(rule)))
    if rule.de_minimis is not None and tested >= 0:
        ways.append(((DE_MINIMIS, tested, float(rule.de_minimis), theta, rule.sliding), reaches.abroad(rule)))
    return [(column, reach) for column, reach in ways if reach is not None]
