"""Which firm rows a listing means: companies by name, and further entities by count."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.errors import UserError, unknown
from ecsim.institutes import institutes
from ecsim.moves import Move
from ecsim.permission_table import listed_shares, mask_of
from ecsim.rules import RuleBook

MILITARY = 1 / 2  # from this share on, a firm counts as a military end user


def named_institutes(move: Move, where: str) -> set[str]:
    """Universities and institutes that a move names.

    Raises:
        UserError: one of the actor's own.
    """
    named = {name for name in move.entities if name in institutes()}
    for name in sorted(named):
        if institutes()[name].state == move.actor:
            raise UserError(f"{where}: entities: {move.actor} cannot list its own institute '{name}'; accepted: those of other states")
    return named


def named_rows(economy: Economy, move: Move, where: str) -> set[int]:
    """Rows of the companies that a move names, its institutes left out.

    Raises:
        UserError: an unknown company, or one of the actor's own.
    """
    rows: set[int] = set()
    for name in move.entities:
        if name in institutes():
            continue
        if name not in economy.company_rows:
            raise unknown(f"{where}: entities", "company", name, [*economy.company_rows, *institutes()])
        own = economy.company_rows[name]
        if all(economy.states[economy.owner[r]] == move.actor for r in own):
            raise UserError(f"{where}: entities: {move.actor} cannot list its own company '{name}'; accepted: companies of other states")
        rows.update(own)
    return rows


def counted_rows(economy: Economy, book: RuleBook, move: Move, taken: set[int]) -> dict[int, float]:
    """Synthetic rows of the move's products and destinations that hold the counted entities, and the share of each row's.

    The unnamed are neither the largest nor the smallest: of the entities not yet listed, in the order of the output of
    their rows, every k-th is taken, k being such that the count is met. A row that stands for many entities is so
    listed in part, one that stands for one is listed or not, and the listed share of output is that of entities
    whatever the size of the population. The same move on the same book always finds the same entities.

    Args:
        taken: rows that the move lists by name already.
    """
    return _picked(economy, move, *_left(economy, book, move, taken))


def counted_on(economy: Economy, book: RuleBook, key: str, move: Move) -> dict[int, float]:
    """Of the synthetic rows on a list, those that hold the counted entities which a move takes off, and the share of each row's.

    They are picked from those on the list as `counted_rows` picks them from those that are not.
    """
    rows = _candidates(economy, move.products, move.destinations, False)
    return _picked(economy, move, rows, np.rint(economy.entities[rows] * listed_shares(book, key, economy.n_firms)[rows]))


def _picked(economy: Economy, move: Move, rows: Array, left: Array) -> dict[int, float]:
    """Every k-th of the entities that are left in some rows, such that the count of a move is met; row -> share of its entities."""
    if not left.sum():
        return {}
    share = min(1.0, float(move.count or 0) / float(left.sum()))
    reached = np.floor(np.cumsum(left) * share + 1 / 2)
    picked = reached.copy()
    picked[1:] -= reached[:-1]
    found = picked > 0
    return dict(zip(rows[found].tolist(), (picked / economy.entities[rows])[found].tolist(), strict=True))


def countable(economy: Economy, book: RuleBook, move: Move) -> int:
    """How many further entities a move can still count: those of its products and destinations that are on no list of the actor."""
    known = replace(move, destinations=tuple(s for s in move.destinations if s in economy.state_index))
    taken = {r for name in move.entities for r in economy.company_rows.get(name, ())}
    return int(_left(economy, book, known, taken)[1].sum())


def _left(economy: Economy, book: RuleBook, move: Move, taken: set[int]) -> tuple[Array, Array]:
    """Rows from which a count is drawn, and the entities of each that are not listed yet."""
    rows = _candidates(economy, move.products, move.destinations, bool(move.military))
    if taken:
        rows = rows[~np.isin(rows, list(taken))]
    return rows, np.rint(economy.entities[rows] * (1.0 - _listed(economy, book, move.actor)[rows]))


def _listed(economy: Economy, book: RuleBook, actor: str) -> Array:
    """Share of each row's entities on any list of an actor, shape N."""
    on = np.zeros(economy.n_firms)
    for name in book.parties:
        if name.startswith(f"{actor}:"):
            on += listed_shares(book, name, economy.n_firms)
    return np.minimum(on, 1.0)


Whose = tuple[tuple[str, ...], tuple[str, ...], bool]
"""Products and destinations, and whether military users alone."""


@lru_cache(maxsize=4)
def _known_candidates(economy: Economy) -> dict[Whose, Array]:
    """Room for what `_candidates` finds in an economy."""
    return {}


def _candidates(economy: Economy, products: tuple[str, ...], destinations: tuple[str, ...], military: bool) -> Array:
    """Rows of synthetic firms owned and located at the destinations, in the products, the largest output first; not to be changed."""
    known, whose = _known_candidates(economy), (products, destinations, military)
    if whose not in known:
        known[whose] = _find_candidates(economy, *whose)
        known[whose].setflags(write=False)
    return known[whose]


def _find_candidates(economy: Economy, products: tuple[str, ...], destinations: tuple[str, ...], military: bool) -> Array:
    at = mask_of(economy.states, destinations)
    free: Array = at[economy.owner] & at[economy.location]
    if products:
        known = tuple(p for p in products if p in economy.product_index)
        free &= mask_of(economy.products, known)[economy.product]
    if military:
        free &= economy.military >= MILITARY
    free[economy.named_rows[0]] = False
    rows = np.flatnonzero(free)
    return rows[np.argsort(-economy.output0[rows], kind="stable")]
