"""Which firm rows a listing means: companies by name, and further entities by count."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.errors import UserError, unknown
from ecsim.institutes import institutes
from ecsim.moves import Move
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


def counted_rows(economy: Economy, book: RuleBook, move: Move, taken: set[int]) -> set[int]:
    """Unlisted synthetic rows of the move's products and destinations that stand for the counted entities.

    The unnamed are neither the largest nor the smallest, so every k-th row by output is taken, k being such that
    the count is met; the listed share of output is then that of entities, whatever the size of the population.
    The count is approached as nearly as whole rows allow. Where every row stands for more than twice the count,
    none is taken: the listing is too small to be seen. The same move on the same book always finds the same rows.

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
    count = float(move.count or 0)
    order = _representative(rows[np.argsort(-economy.output0[rows], kind="stable")], economy.entities, count)
    chosen = _fill(order, economy.entities[order].astype(float), count)
    short = count - float(economy.entities[chosen].sum())
    rest = np.setdiff1d(rows, chosen)
    if len(rest) and economy.entities[rest].min() < 2 * short:
        chosen = np.append(chosen, rest[np.argmin(economy.entities[rest])])
    return {int(r) for r in chosen}


def _representative(rows: Array, entities: Array, count: float) -> Array:
    """Rows in order of preference: first every k-th of those given, then the others, those of most entities first."""
    share = min(1.0, count / float(entities[rows].sum()))
    steps = np.floor(np.arange(len(rows) + 1) * share + 1 / 2)
    picked = np.diff(steps) > 0
    others = rows[~picked]
    return np.concatenate([rows[picked], others[np.argsort(-entities[others], kind="stable")]])


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
