"""The table itself: denial and delay by cell of supply, class of buyer and column, compiled from the rule book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.params import Params
from ecsim.permission_table.classes import Classes
from ecsim.permission_table.clauses import Clauses, clauses_of, cover_of, effective
from ecsim.permission_table.reach import DOMESTIC, EVERYTHING, FOREIGN_PRODUCT, Column, Reaches, tests_of
from ecsim.rules import Rule, RuleBook

NO_COLUMN: Column = (DOMESTIC, -1, 0.0, EVERYTHING, False)  # of a table that says nothing
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
    """The ways in which rules reach suppliers, W in all, by rising column and by how they reach.

    Attributes:
        rule: whose way it is, shape W.
        column: column of the table that it fills, shape W.
        by: how it reaches, a row of `reach`, shape W.
        reach: how far that reaches each cell, shape (K, C).
    """

    rule: Array
    column: Array
    by: Array
    reach: Array


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of the table: `way`, `issuer`, `level`, `theta` and `sliding` of `Table`."""

    way: Array
    issuer: Array
    level: Array
    theta: Array
    sliding: Array


@dataclass(frozen=True, eq=False)
class Entries:
    """What the rules say of the pairs that they affect: these of `Table`."""

    pair: Array
    affects: Array
    start: Array
    column: Array
    denial: Array
    delay: Array
    exposed: Array
    free: Array


Enter = Callable[[Economy, Classes, Clauses, Ways, Columns], Entries]
"""How an engine works out the entries."""


def compile_table(
    e: Economy,
    p: Params,
    book: RuleBook,
    classes: Classes,
    listed_share: Array,
    over_compliance: Array,
    licence_time: Array,
    enter: Enter,
) -> Table:
    """Compile the rule book.

    Args:
        listed_share: share of the purchases of each product in each state that listed firms make, by list,
            shape (lists, P, S): the base of over-compliance.
        over_compliance: factor on refusals beyond the law, by issuer, shape S.
        licence_time: factor on the time that licences take, by issuer, shape S.
        enter: `entries_of`, or what computes the same.
    """
    rules = effective(book, classes)
    ways, columns = _ways(e, rules, Reaches(e, p, book))
    x = enter(e, classes, clauses_of(e, p, book, rules, classes, listed_share, over_compliance, licence_time), ways, columns)
    return Table(
        pair=x.pair,
        affects=x.affects,
        way=columns.way,
        issuer=columns.issuer,
        level=columns.level,
        theta=columns.theta,
        sliding=columns.sliding,
        start=x.start,
        column=x.column,
        denial=x.denial,
        delay=x.delay,
        exposed=x.exposed,
        free=x.free,
    )


def _ways(e: Economy, rules: Sequence[Rule], reaches: Reaches) -> tuple[Ways, Columns]:
    """The ways of some rules, and the columns that they fill, by rising threshold, as permission adds them up."""
    tests = [
        (column, i, reach)
        for i, rule in enumerate(rules)
        for column, bounds in tests_of(rule, e.state_index[rule.issuer])
        if (reach := reaches.within(bounds)) is not None
    ]
    columns = sorted(dict.fromkeys(column for column, _, _ in tests), key=lambda column: column[3])
    place = {column: j for j, column in enumerate(columns)}
    found = sorted((place[column], reach, i) for column, i, reach in tests)
    of = np.array(found, dtype=[(name, np.int64) for name in ("column", "by", "rule")])
    way, issuer, level, theta, sliding = (np.array(values) for values in zip(*(columns or [NO_COLUMN]), strict=True))
    ways = Ways(**{name: np.ascontiguousarray(of[name]) for name in of.dtype.names or ()}, reach=reaches.rows())
    return ways, Columns(way, issuer, level, theta, sliding)


def entries_of(e: Economy, classes: Classes, clauses: Clauses, ways: Ways, columns: Columns) -> Entries:
    """What the rules say of each pair of a cell and a class that they affect."""
    cover, by = cover_of(clauses, classes), ways.reach[ways.by]
    abroad: Array = e.cell_owner[:, None] != classes.location[None, :]  # a state's own firms do not enforce foreign rules against it
    denials, delays = (
        by[:, :, None] * (of[:, None, None] * cover)[ways.rule][:, e.cell_product] * abroad for of in (clauses.denial, clauses.delay)
    )
    affected = ((denials > 0) | (delays > 0)).any(axis=0)
    row: Array = np.where(affected, np.cumsum(affected.ravel()).reshape(affected.shape) - 1, -1)
    denied, waits = (np.zeros((int(affected.sum()), len(columns.way))) for _ in range(2))
    for column, refused, wait in zip(ways.column, denials, delays, strict=True):
        denied[:, column] = np.maximum(denied[:, column], refused[affected])
        waits[:, column] = np.maximum(waits[:, column], wait[affected])
    said = (denied > 0) | (waits > 0)
    start = np.concatenate([[0], np.cumsum(said.sum(axis=1))])
    exposed = np.zeros((e.n_cells, len(TESTED)), dtype=bool)
    for i in TESTED:
        tested = (denied[:, (columns.way == FOREIGN_PRODUCT) & (columns.issuer == i)] > 0).any(axis=1)
        exposed[:, i] = (np.append(tested, False)[row]).any(axis=1)
    known = np.append(denied[:, columns.way == DOMESTIC].max(axis=1, initial=0.0), 0.0)
    free = (1.0 - known[row]).T.copy()
    return Entries(row, affected.any(axis=0), start, np.nonzero(said)[1], denied[said], waits[said], exposed, free)
