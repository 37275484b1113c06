"""The table itself: denial and delay by cell of supply, class of buyer and column, compiled from the rule book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.params import Params
from ecsim.permission_table.classes import Classes
from ecsim.permission_table.cover import Cover, Nobody, cover_of, cover_terms
from ecsim.permission_table.reach import DOMESTIC, EVERYTHING, FOREIGN_PRODUCT, Column, Reaches, ways_of
from ecsim.rules import RuleBook

TESTED = (0, 1)  # whose content and tools are traced: the incumbent's and the challenger's, in the order of states


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
        terms = cover_terms(e, p, rule, classes, listed_share, book, float(over_compliance[home]), nobody)
        if not parts.cover(terms, share[i]):
            continue
        for key, reach in ways_of(e, rule, reaches):
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


PARTS = Parts(cover_of, merge, fill_table, read_off)
