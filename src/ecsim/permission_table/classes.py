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


def classify(e: Economy, book: RuleBook, lists: Array, names: tuple[str, ...]) -> Classes:
    """The classes of buyers present, from the lists each firm is on and the end uses that rules name."""
    uses = end_uses(book)
    k = _kinds(e, uses)
    parts, shares = _distinct_shares(e, book, lists, names)
    parts = np.concatenate([np.zeros(e.n_states, dtype=np.int64), parts])
    key = parts * (k.place.max() + 1) + k.place
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    member = inverse.ravel()
    return Classes(
        member[e.n_states :],
        member[: e.n_states],
        k.location[first],
        k.owner[first],
        k.use[first],
        k.military[first] > 0,
        shares[parts[first]],
        names,
        uses,
    )


@dataclass(frozen=True, eq=False)
class Kinds:
    """What tells buyers apart beside the lists they are on, final markets of the states first, each of shape S + N.

    Attributes:
        location, owner, use, military: as in `Classes`.
        place: which of the combinations that occur each buyer has.
    """

    location: Array
    owner: Array
    use: Array
    military: Array
    place: Array


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
    place = np.unique((use * 2 + military) * e.n_states**2 + owner * e.n_states + location, return_inverse=True)[1].ravel()
    return Kinds(location, owner, use, military, place)


def _distinct_shares(e: Economy, book: RuleBook, lists: Array, names: tuple[str, ...]) -> tuple[Array, Array]:
    """The different ways of being listed: which of them each firm has, shape N, and the share on each list, (ways, lists).

    The first way is to be on no list.
    """
    partly = np.unique(np.array([row for name in names for row in book.parts.get(name, ())], dtype=np.int64))
    own = np.array([[book.listed(name, int(row)) for name in names] for row in partly]).reshape(len(partly), len(names))
    whole = lists.copy()
    whole[partly] = 0
    bits, of_firm = np.unique(np.append(whole, 0), return_inverse=True)
    of_firm = of_firm.ravel()[:-1]
    different, of_part = np.unique(own, axis=0, return_inverse=True) if len(partly) else (own, np.empty(0, dtype=np.int64))
    of_firm[partly] = len(bits) + of_part.ravel()
    on = (bits[:, None] >> np.arange(len(names))[None, :]) & 1
    return of_firm, np.concatenate([on * 1.0, different])


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
