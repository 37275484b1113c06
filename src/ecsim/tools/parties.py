"""Which firm rows a listing means: companies by name, and further entities by count."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.errors import UserError, unknown
from ecsim.moves import Move
from ecsim.rules import RuleBook

MILITARY = 0.5  # from this share on, a firm counts as a military end user


def named_rows(economy: Economy, move: Move, where: str) -> set[int]:
    """Rows of the companies that a move names.

    Raises:
        UserError: an unknown company, or one of the actor's own.
    """
    rows: set[int] = set()
    for name in move.entities:
        if name not in economy.company_rows:
            raise unknown(f"{where}: entities", "company", name, economy.company_rows)
        own = economy.company_rows[name]
        if all(economy.states[economy.owner[r]] == move.actor for r in own):
            raise UserError(f"{where}: entities: {move.actor} cannot list its own company '{name}'; accepted: companies of other states")
        rows.update(own)
    return rows


def counted_rows(economy: Economy, book: RuleBook, move: Move, taken: set[int]) -> set[int]:
    """The largest unlisted synthetic rows of the move's products and destinations, until the count is met.

    Rows are taken by output at the start, each as long as the legal entities it stands for fit into what is
    left of the count. One more, that of fewest entities, is taken where this comes nearer to the count; where
    every row stands for more than twice the count, none is, and the listing is too small to be seen in a
    population of this size. The same move on the same book always finds the same rows.

    Args:
        taken: rows that the move lists by name already.
    """
    free = _candidates(economy, move)
    listed = set().union(*(rows for name, rows in book.parties.items() if name.startswith(f"{move.actor}:")), taken)
    if listed:
        free[np.fromiter(listed, dtype=np.int64)] = False
    rows = np.flatnonzero(free)
    if not len(rows):
        return set()
    rows = rows[np.argsort(-economy.output0[rows], kind="stable")]
    chosen = _fill(rows, economy.entities[rows].astype(float), float(move.count or 0))
    short = float(move.count or 0) - float(economy.entities[chosen].sum())
    rest = np.setdiff1d(rows, chosen)
    if len(rest) and economy.entities[rest].min() < 2 * short:
        chosen = np.append(chosen, rest[np.argmin(economy.entities[rest])])
    return {int(r) for r in chosen}


def _candidates(economy: Economy, move: Move) -> Array:
    """Synthetic firms owned and located at the destinations, in the products, shape N."""
    at = [economy.state_index[s] for s in move.destinations]
    free = np.isin(economy.owner, at) & np.isin(economy.location, at)
    if move.products:
        free &= np.isin(economy.product, [economy.product_index[p] for p in move.products if p in economy.product_index])
    if move.military:
        free &= economy.military >= MILITARY
    free[np.fromiter(economy.firm_names, dtype=np.int64, count=len(economy.firm_names))] = False
    return free


def _fill(rows: Array, entities: Array, count: float) -> Array:
    """Rows in order, each as long as it fits into what is left of the count."""
    chosen = []
    while len(rows) and count > 0:
        fits = entities <= count
        rows, entities = rows[fits], entities[fits]
        within = np.cumsum(entities) <= count
        chosen.append(rows[within])
        count -= float(entities[within].sum())
        rows, entities = rows[~within], entities[~within]
    return np.concatenate(chosen) if chosen else rows[:0]
