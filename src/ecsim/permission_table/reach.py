"""How rules reach suppliers: at home, by those who adopted them, and abroad by tests of foreign-made goods."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.params import Params
from ecsim.rules import Rule, RuleBook

DOMESTIC, FOREIGN_PRODUCT, DE_MINIMIS = 0, 1, 2
EVERYTHING = -np.inf

Column = tuple[int, int, float, float, bool]
"""A kind of test: way of reaching the supplier, issuer tested, content threshold, technology threshold, sliding."""

Bounds = tuple[str, bool, bool, tuple[str, ...] | None]
"""What sets how far a way reaches: issuer, US-persons rules, adoptable, and, abroad, supplier states spared."""


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


def reaches_of(e: Economy, p: Params, book: RuleBook, bounds: tuple[Bounds, ...]) -> Array:
    """How far rules reach each cell of supply within some bounds, shape (K, C)."""
    cells = [_at_home(e, p, book, *of[:3]) if of[3] is None else _abroad(e, of[0], of[3]) for of in bounds]
    return np.array(cells).reshape(len(cells), e.n_cells)


def _at_home(e: Economy, p: Params, book: RuleBook, issuer: str, persons: bool, adoptable: bool) -> Array:
    """By the issuer's own law and that of adopters."""
    home = e.state_index[issuer]
    reach = (e.cell_location == home) * 1.0
    if persons:
        reach = np.maximum(reach, (e.cell_owner == home) * p.permission.persons_reach)
    if adoptable:
        level = np.zeros(e.n_states)
        for (state, of), value in book.adoption.items():
            if of == issuer:
                level[e.state_index[state]] = value
        reach = np.maximum(reach, level[e.cell_location])
    return reach


def _abroad(e: Economy, issuer: str, spares: tuple[str, ...]) -> Array:
    """By tests of foreign-made goods."""
    return ~mask_of(e.states, (issuer, *spares))[e.cell_location] * 1.0


def tests_of(rule: Rule, home: int) -> tuple[tuple[Column, Bounds], ...]:
    """The columns that a rule of the state `home` fills, each with what bounds its reach."""
    theta = EVERYTHING if rule.threshold is None else float(rule.threshold)
    tested = {INCUMBENT: 0, CHALLENGER: 1}.get(home, -1)
    bounds: Bounds = (rule.issuer, False, False, rule.spares)
    tests: list[tuple[Column, Bounds]] = [((DOMESTIC, -1, 0.0, theta, rule.sliding), (rule.issuer, rule.persons, rule.adoptable, None))]
    if rule.fdp and tested >= 0:
        tests.append(((FOREIGN_PRODUCT, tested, 0.0, theta, rule.sliding), bounds))
    if rule.de_minimis is not None and tested >= 0:
        tests.append(((DE_MINIMIS, tested, float(rule.de_minimis), theta, rule.sliding), bounds))
    return tuple(tests)
