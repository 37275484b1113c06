"""Classes of buyers: firms and final markets that no rule in force tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.errors import UserError
from ecsim.rules import RuleBook

MOSTLY = 1 / 2  # military share from which a firm is a military end user
MAX_LISTS = 48  # lists told apart; bits of a 64-bit integer, less what the key of a class needs


@dataclass(frozen=True, eq=False)
class Classes:
    """Classes of buyers: rows of (location, owner, end use, military, lists).

    Attributes:
        of_firm: class of each firm, shape N.
        of_market: class of the final market of each state, shape S.
        location, owner: state of each class, shape B.
        use: which of the end uses that rules name its members serve, one bit each, shape B.
        military: whether its members are military end users, shape B.
        listed: share of the members' legal entities on each list, shape (B, lists).
        names: list names by bit.
        uses: end uses by bit, as rules name them.
    """

    of_firm: Array
    of_market: Array
    location: Array
    owner: Array
    use: Array
    military: Array
    listed: Array
    names: tuple[str, ...]
    uses: tuple[tuple[str, ...], ...]


def classify(e: Economy, book: RuleBook, on: Array, names: tuple[str, ...]) -> Classes:
    """The classes of buyers present, from the share of each firm's legal entities on each list and the end uses that rules name.

    Buyers on no list first, as they differ in all else; then those on lists.
    """
    uses = end_uses(book)
    k = _kinds(e, uses)
    rows = np.flatnonzero(on.any(axis=0))
    kind = k.of[e.n_states + rows]
    shares = on[:, rows].T
    both = np.column_stack([kind, shares])
    _, first, member = np.unique(both.view(f"V{both.itemsize * both.shape[1]}").ravel(), return_index=True, return_inverse=True)
    of = k.of.copy()
    of[e.n_states + rows] = len(k.location) + member.ravel()
    seen = np.concatenate([np.arange(len(k.location)), kind[first]])
    listed = np.concatenate([np.zeros((len(k.location), len(names))), shares[first]])
    return Classes(of[e.n_states :], of[: e.n_states], k.location[seen], k.owner[seen], k.use[seen], k.military[seen], listed, names, uses)


@dataclass(frozen=True, eq=False)
class Kinds:
    """Buyers told apart by all but the lists they are on.

    Attributes:
        location, owner, use, military: as in `Classes`.
        of: kind of each buyer, final markets of the states first, shape S + N.
    """

    location: Array
    owner: Array
    use: Array
    military: Array
    of: Array


@lru_cache(maxsize=8)
def _kinds(e: Economy, uses: tuple[tuple[str, ...], ...]) -> Kinds:
    serves = np.zeros(e.n_products, dtype=np.int64)
    for bit, products in enumerate(uses):
        serves[[e.product_index[p] for p in products]] |= 1 << bit
    s = np.arange(e.n_states)
    final = np.zeros_like(s)
    location, owner = np.concatenate([s, e.location]), np.concatenate([s, e.owner])
    use = np.concatenate([final, serves[e.product]])
    military = np.concatenate([final, e.military >= MOSTLY]).astype(np.int64)
    key = (use * 2 + military) * e.n_states**2 + owner * e.n_states + location
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    return Kinds(location[first], owner[first], use[first], military[first] > 0, of.ravel())


def listed_shares(book: RuleBook, name: str, n_firms: int) -> Array:
    """Share of each row's legal entities that are on a list, shape N."""
    on = np.zeros(n_firms)
    on[np.fromiter(book.parties.get(name, ()), dtype=np.int64)] = 1.0
    for row, share in book.parts.get(name, {}).items():
        on[row] = share
    return on


def end_uses(book: RuleBook) -> tuple[tuple[str, ...], ...]:
    """The end uses that rules in force name, without repetition."""
    return tuple(sorted({rule.end_uses for rule in book.rules.values() if rule.end_uses}))


def list_bits(book: RuleBook, n_firms: int) -> tuple[Array, tuple[str, ...]]:
    """Bits of the lists that each firm is on, shape N, and the list names by bit."""
    names = tuple(sorted(name for name, rows in book.parties.items() if rows))
    if len(names) > MAX_LISTS:
        raise UserError(f"lists: {len(names)} in force; accepted: at most {MAX_LISTS}")
    bits = np.zeros(n_firms, dtype=np.int64)
    for i, name in enumerate(names):
        bits[np.fromiter(book.parties[name], dtype=np.int64)] |= 1 << i
    return bits, names
