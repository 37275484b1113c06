"""Rules compiled into one table that a link looks up by its cell of supply and its class of buyer.

A class of buyer is a (location, owner, end use, lists, military) combination. A column of the table is one kind of test:
a threshold with one way of reaching the supplier. Rules that share a column merge by maximum, so the table
stays small however long the rule book grows, tools commute, and overlapping rules do not conjure leakage away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ecsim.economy import CHALLENGER, Array, Economy
from ecsim.errors import UserError
from ecsim.params import Params
from ecsim.rules import NO_LIST, Rule, RuleBook

DOMESTIC, FOREIGN_PRODUCT, DE_MINIMIS = 0, 1, 2
TESTED = (0, 1)  # whose content and tools are traced: the incumbent's and the challenger's, in the order of states
EVERYTHING = -np.inf
MOSTLY = 1 / 2  # military share from which a firm is a military end user
MAX_LISTS = 48  # lists told apart; bits of a 64-bit integer, less what the key of a class needs

Column = tuple[int, int, float, float, bool]
"""A kind of test: way of reaching the supplier, issuer tested, content threshold, technology threshold, sliding."""


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


@dataclass(frozen=True, eq=False)
class Table:
    """Denial and delay by affected pair of (cell, class) and column.

    Attributes:
        pair: row of each (cell, class), -1 where no rule applies, shape (C, B).
        affects: classes to which any rule applies, shape B.
        way: how each column reaches a supplier, shape J.
        issuer: 0 incumbent, 1 challenger, -1 other, shape J: whose content or tools the column tests.
        level: content threshold of a de minimis column, shape J.
        theta: technology threshold of each column, -inf for everything, shape J.
        sliding: whether the threshold moves with the frontier, shape J.
        start: first entry of each pair, shape pairs + 1.
        column: column of each entry, in rising order within a pair, shape K.
        denial: of each entry, shape K.
        delay: licence time of the rules times the share under licence, of each entry, shape K.
        exposed: cells whose products each issuer's direct-product rules cover, shape (C, I).
        free: permission of each class towards each cell as far as it is known before trade is tried, which is by
            domestic and adopted rules, shape (B, C).
    """

    pair: Array
    affects: Array
    way: Array
    issuer: Array
    level: Array
    theta: Array
    sliding: Array
    start: Array
    column: Array
    denial: Array
    delay: Array
    exposed: Array
    free: Array

    def by_column(self, of: Array, pair: Array) -> Array:
        """What the entries of some pairs say, by column, shape (k, J)."""
        counts = self.start[pair + 1] - self.start[pair]
        trade = np.repeat(np.arange(len(pair)), counts)
        entry = np.arange(len(trade)) + np.repeat(self.start[pair] - (np.cumsum(counts) - counts), counts)
        out = np.zeros((len(pair), len(self.theta)))
        out[trade, self.column[entry]] = of[entry]
        return out


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


class Cover(NamedTuple):
    """Whom and what a rule covers before its reach is asked.

    Attributes:
        location, owner: state of each class of buyers, shape B.
        served: classes that serve an end use that the rule names, shape B.
        military: classes that count as military, all where the rule makes no difference, shape B.
        on: share of each class on the rule's list, one where it has none, shape B.
        named, exempt: states named as destinations and owners exempt, shape S.
        owners: whether owners count as destinations.
        home: state of the issuer.
        products: products covered, shape P.
        civil: how far it covers classes that are not military.
        party: how far it covers a party.
        beside: how far it covers others by over-compliance, shape (P, S).
    """

    location: Array
    owner: Array
    served: Array
    military: Array
    on: Array
    named: Array
    owners: bool
    home: int
    exempt: Array
    products: Array
    civil: float
    party: float
    beside: Array


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways in which rules reach suppliers, W in all; rules that reach alike share one.

    Attributes:
        column: column of the table, shape W.
        reach: how far they reach each cell, shape (W, C).
        denial, delay: highest denial and licence time of the rules, times how far each covers, shape (W, P, B).
    """

    column: Array
    reach: Array
    denial: Array
    delay: Array


@dataclass(frozen=True, eq=False)
class Entries:
    """What the rules say of the pairs that they affect: `pair`, `start`, `column`, `denial` and `delay` of `Table`."""

    pair: Array
    start: Array
    column: Array
    denial: Array
    delay: Array


Fill = Callable[[Economy, Array, Ways, int], Entries]
ReadOff = Callable[[Entries, Array, Array], tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Members:
    """Which rules fill which ways, M pairs of R rules and W ways.

    Attributes:
        way, rule: the pairs, shape M.
        denial, delay: denial and licence time of each rule, shape R.
        share: how far each rule covers each class's purchases of each product, shape (R, P, B).
    """

    way: Array
    rule: Array
    denial: Array
    delay: Array
    share: Array


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of the work that an engine does in its own way."""

    cover: Callable[[Cover, Array], bool]
    merge: Callable[[Members, int], tuple[Array, Array]]
    fill: Fill
    read_off: ReadOff


def compile_table(
    e: Economy,
    p: Params,
    book: RuleBook,
    classes: Classes,
    listed_share: Array,
    over_compliance: Array,
    licence_time: Array,
    parts: Parts,
) -> Table:
    """Compile the rule book.

    Args:
        listed_share: share of the purchases of each product in each state that listed firms make, by list,
            shape (lists, P, S): the base of over-compliance.
        over_compliance: factor on refusals beyond the law, by issuer, shape S.
        licence_time: factor on the time that licences take, by issuer, shape S.
        parts: `PARTS`, or what computes the same.
    """
    columns: dict[Column, int] = {}
    groups: dict[tuple[int, int], int] = {}  # rules of one column and reach share a way
    cells: list[Array] = []
    members: list[tuple[int, int]] = []
    reaches, nobody = Reaches(e, p, book), Nobody.of(e, len(classes.location))
    rules = [rule for rule in book.rules.values() if rule.denial > 0 or rule.delay > 0]
    homes = [e.state_index[rule.issuer] for rule in rules]
    share = np.zeros((len(rules), e.n_products, len(classes.location)))
    for i, (rule, home) in enumerate(zip(rules, homes, strict=True)):
        terms = _cover_terms(e, p, rule, classes, listed_share, book, float(over_compliance[home]), nobody)
        if not parts.cover(terms, share[i]):
            continue
        for key, reach in _ways(e, rule, reaches):
            group = (columns.setdefault(key, len(columns)), reach.number)
            if group not in groups:
                groups[group] = len(groups)
                cells.append(reach.cells)
            members.append((groups[group], i))
    keys = list(columns) or [(DOMESTIC, -1, 0.0, EVERYTHING, False)]
    order = np.argsort([key[3] for key in keys], kind="stable")  # by threshold, as permission adds them up
    place = np.argsort(order)
    pairs = np.array(members, dtype=np.int64).reshape(len(members), 2)
    heights = np.array([rule.denial for rule in rules], dtype=float)
    times = np.array([rule.delay * float(licence_time[home]) for rule, home in zip(rules, homes, strict=True)], dtype=float)
    most, longest = parts.merge(Members(pairs[:, 0], pairs[:, 1], heights, times, share), len(groups))
    column = place[np.array([column for column, _ in groups], dtype=np.int64)]
    ways = Ways(column, np.array(cells).reshape(len(cells), e.n_cells), most, longest)
    x = parts.fill(e, classes.location, ways, len(keys))
    way, issuer, level, theta, sliding = (np.array(of)[order] for of in zip(*keys, strict=True))
    exposed, free = parts.read_off(x, way, issuer)
    affects = np.asarray((x.pair >= 0).any(axis=0))
    return Table(x.pair, affects, way, issuer, level, theta, sliding.astype(bool), x.start, x.column, x.denial, x.delay, exposed, free)


def read_off(x: Entries, way: Array, issuer: Array) -> tuple[Array, Array]:
    """What of the entries is asked for by cell and class: `exposed` and `free` of `Table`."""
    pairs = len(x.start) - 1
    of = np.repeat(np.arange(pairs), np.diff(x.start))
    exposed = np.zeros((len(x.pair), len(TESTED)), dtype=bool)
    for i in TESTED:
        tested = (x.denial > 0) & (way == FOREIGN_PRODUCT)[x.column] & (issuer == i)[x.column]
        exposed[:, i] = np.isin(x.pair, of[tested]).any(axis=1)
    known = np.zeros(pairs + 1)
    np.maximum.at(known, of, np.where((way == DOMESTIC)[x.column], x.denial, 0.0))
    return exposed, np.where(x.pair >= 0, 1.0 - known[x.pair], 1.0).T.copy()


def merge(m: Members, ways: int) -> tuple[Array, Array]:
    """Highest denial and licence time of the rules in each way, times how far each covers, (W, P, B)."""
    most, longest = (np.zeros((ways, *m.share.shape[1:])) for _ in range(2))
    for way, rule in zip(m.way, m.rule, strict=True):
        most[way] = np.maximum(most[way], m.denial[rule] * m.share[rule])
        longest[way] = np.maximum(longest[way], m.delay[rule] * m.share[rule])
    return most, longest


def fill_table(e: Economy, location: Array, ways: Ways, columns: int) -> Entries:
    """What the rules say of each pair of a cell and a class that they affect.

    Args:
        location: state of each class of buyers.
    """
    abroad: Array = e.cell_owner[:, None] != location[None, :]  # a state's own firms do not enforce foreign rules against it
    denials = ways.reach[:, :, None] * ways.denial[:, e.cell_product] * abroad
    delays = ways.reach[:, :, None] * ways.delay[:, e.cell_product] * abroad
    affected = ((denials > 0) | (delays > 0)).any(axis=0)
    row: Array = np.where(affected, np.cumsum(affected.ravel()).reshape(affected.shape) - 1, -1)
    denied, waits = (np.zeros((int(affected.sum()), columns)) for _ in range(2))
    for column, denial, delay in zip(ways.column, denials, delays, strict=True):
        denied[:, column] = np.maximum(denied[:, column], denial[affected])
        waits[:, column] = np.maximum(waits[:, column], delay[affected])
    said = (denied > 0) | (waits > 0)
    start = np.concatenate([[0], np.cumsum(said.sum(axis=1))])
    return Entries(row, start, np.nonzero(said)[1], denied[said], waits[said])


def cover_of(c: Cover, out: Array) -> bool:
    """How far a rule covers each class's purchases of each product, 0..1, before its reach, into (P, B); whether at all."""
    at = c.named[c.location] | (c.named[c.owner] & c.owners)
    at = at & (c.location != c.home) & ~c.exempt[c.owner] & c.served
    share = at * np.where(c.military, 1.0, c.civil)
    out[:] = c.products[:, None] * share * (c.on * c.party + (1.0 - c.on) * c.beside[:, c.location])
    return bool(out.any())


PARTS = Parts(cover_of, merge, fill_table, read_off)


@dataclass(frozen=True, eq=False)
class Nobody:
    """Terms of a rule that makes no difference between buyers; shared, not to be changed.

    Attributes:
        everyone, whole: every class, and each in full, shape B.
        beside: none covered by over-compliance, shape (P, S).
    """

    everyone: Array
    whole: Array
    beside: Array

    @staticmethod
    def of(e: Economy, n_classes: int) -> Nobody:
        """The terms for so many classes."""
        return Nobody(np.ones(n_classes, dtype=bool), np.ones(n_classes), np.zeros((e.n_products, e.n_states)))


def _cover_terms(
    e: Economy, p: Params, rule: Rule, classes: Classes, listed_share: Array, book: RuleBook, factor: float, nobody: Nobody
) -> Cover:
    """What decides whom a rule covers; `factor` on over-compliance."""
    on, party, beside = nobody.whole, 1.0, nobody.beside
    if rule.party_list != NO_LIST:
        on, party, beside = _listing(p, rule, classes, listed_share, book, factor)
    return Cover(
        location=classes.location,
        owner=classes.owner,
        served=(classes.use >> classes.uses.index(rule.end_uses)) & 1 == 1 if rule.end_uses else nobody.everyone,
        military=classes.military if rule.military else nobody.everyone,
        on=on,
        named=_mask(e.states, rule.destinations or e.states),
        owners=rule.owners,
        home=e.state_index[rule.issuer],
        exempt=_mask(e.states, rule.exempt),
        products=_mask(e.products, rule.products or e.products),
        civil=p.permission.military_end_use,
        party=party,
        beside=beside,
    )


@lru_cache(maxsize=4096)
def _mask(everything: tuple[str, ...], named: tuple[str, ...]) -> Array:
    """True at the names. The same array is returned each time: it is not to be changed."""
    mask = np.zeros(len(everything), dtype=bool)
    mask[[everything.index(name) for name in named]] = True
    return mask


def _listing(p: Params, rule: Rule, classes: Classes, listed_share: Array, book: RuleBook, factor: float) -> tuple[Array, float, Array]:
    """Share of each class on the rule's list; how far it covers a party, and others by over-compliance, by product and state.

    What is listed moves in part to affiliates, unless they are covered.
    """
    if rule.party_list not in classes.names:
        return np.zeros(len(classes.location)), 0.0, np.zeros(listed_share.shape[1:])
    bit = classes.names.index(rule.party_list)
    tight = rule.affiliates or any(r.affiliates and not r.party_list and r.issuer == rule.issuer for r in book.rules.values())
    party = 1.0 if tight else 1.0 - p.permission.affiliate_evasion
    beside = np.minimum(1.0, factor * p.permission.over_compliance * listed_share[bit])
    return np.ascontiguousarray(classes.listed[:, bit]), party, beside


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
            spared = _mask(self._economy.states, (rule.issuer, *rule.spares))
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


def _ways(e: Economy, rule: Rule, reaches: Reaches) -> list[tuple[Column, Reach]]:
    """The columns that a rule fills, each with its reach; those that reach nothing are left out."""
    theta = EVERYTHING if rule.threshold is None else float(rule.threshold)
    tested = {0: 0, CHALLENGER: 1}.get(e.state_index[rule.issuer], -1)
    ways: list[tuple[Column, Reach | None]] = [((DOMESTIC, -1, 0.0, theta, rule.sliding), reaches.at_home(rule))]
    if rule.fdp and tested >= 0:
        ways.append(((FOREIGN_PRODUCT, tested, 0.0, theta, rule.sliding), reaches.abroad(rule)))
    if rule.de_minimis is not None and tested >= 0:
        ways.append(((DE_MINIMIS, tested, float(rule.de_minimis), theta, rule.sliding), reaches.abroad(rule)))
    return [(column, reach) for column, reach in ways if reach is not None]
