"""The table itself: denial and delay by product, class of buyer and column, and how far they reach each cell of supply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.params import Params
from ecsim.permission_table.classes import Classes
from ecsim.permission_table.clauses import Clauses, clauses_of, cover_of, effective
from ecsim.permission_table.reach import DOMESTIC, EVERYTHING, FOREIGN_PRODUCT, Bounds, Column, reaches_of, tests_of
from ecsim.rules import Rule, RuleBook

NO_COLUMN: Column = (DOMESTIC, -1, 0.0, EVERYTHING, False)  # of a table that says nothing
TESTED = (0, 1)  # whose content and tools are traced: the incumbent's and the challenger's, in the order of states


@dataclass(frozen=True, eq=False)
class Table:
    """Denial and delay by affected pair of (product, class), column, and cell of the supplier.

    An entry says what rules of one column that reach suppliers alike ask; how far that counts is up to the supplier's cell.

    Attributes:
        pair: row of each (product, class), -1 where no rule covers it, whether or not it reaches any cell, shape (P, B).
        affects: classes to which any rule applies, shape B.
        way: how each column reaches a supplier, shape J.
        issuer: 0 incumbent, 1 challenger, -1 other, shape J: whose content or tools the column tests.
        level: content threshold of a de minimis column, shape J.
        theta: technology threshold of each column, -inf for everything, shape J.
        sliding: whether the threshold moves with the frontier, shape J.
        start: first entry of each pair, shape pairs + 1.
        column: column of each entry, in rising order within a pair, shape M.
        by: how each entry reaches suppliers, a row of `reach`, shape M.
        denial: of each entry, shape M.
        delay: licence time of the rules times the share under licence, of each entry, shape M.
        licensed: that share, of each entry, shape M.
        reach: how far each way of reaching reaches each cell, shape (K, C).
        exposed: cells whose products each issuer's direct-product rules cover, shape (C, I).
        ways: the ways of the rules that it is compiled from.
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
    by: Array
    denial: Array
    delay: Array
    licensed: Array
    reach: Array
    exposed: Array
    ways: Ways

    def says(self, pair: Array, cell: Array) -> tuple[Array, Array, Array]:
        """Denial, delay and share under licence of some trades, each given by its pair and the supplier's cell, by column, shape (k, J)."""
        counts = self.start[pair + 1] - self.start[pair]
        trade = np.repeat(np.arange(len(pair)), counts)
        entry = np.arange(len(trade)) + np.repeat(self.start[pair] - (np.cumsum(counts) - counts), counts)
        far = self.reach[self.by[entry], cell[trade]]
        denied, waits, licensed = (np.zeros((len(pair), len(self.theta))) for _ in ("denial", "delay", "licensed"))
        for said, of_entry in ((denied, self.denial), (waits, self.delay), (licensed, self.licensed)):
            np.maximum.at(said, (trade, self.column[entry]), far * of_entry[entry])
        return denied, waits, licensed


def foreign(owner: Array, location: Array) -> Array:
    """Whether a rule may hold a supplier to a buyer in some place: a state's own firms do not enforce foreign rules against it."""
    return owner != location


def free(e: Economy, classes: Classes, table: Table) -> Array:
    """Permission of each class towards each cell as far as it is known before trade is tried, which is by domestic and adopted rules,
    shape (B, C)."""
    pair = table.pair[e.cell_product].T
    of, cell = np.nonzero((pair >= 0) & foreign(e.cell_owner[None, :], classes.location[:, None]))
    denied, _, _ = table.says(pair[of, cell], cell)
    out = np.ones(pair.shape)
    out[of, cell] = 1.0 - denied[:, table.way == DOMESTIC].max(axis=1, initial=0.0)
    return out


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of the table: `way`, `issuer`, `level`, `theta` and `sliding` of `Table`."""

    way: Array
    issuer: Array
    level: Array
    theta: Array
    sliding: Array


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways in which rules reach suppliers, W in all, by rising column and by how they reach.

    Attributes:
        rules: the rules, R in all.
        columns: the columns that they fill, by rising threshold, as permission adds them up.
        bounds: what bounds each way of reaching, K in all.
        rule: whose way it is, shape W.
        column: column of the table that it fills, shape W.
        by: how it reaches, one of `bounds`, shape W.
    """

    rules: tuple[Rule, ...]
    columns: Columns
    bounds: tuple[Bounds, ...]
    rule: Array
    column: Array
    by: Array


@dataclass(frozen=True, eq=False)
class Entries:
    """What the rules say of the pairs that they affect: these of `Table`."""

    pair: Array
    affects: Array
    start: Array
    column: Array
    by: Array
    denial: Array
    delay: Array
    licensed: Array
    exposed: Array


Enter = Callable[[Economy, Classes, Clauses, Ways, Array], Entries]
"""How an engine works out the entries, given how far each way of reaching reaches each cell."""


def compile_table(
    e: Economy,
    p: Params,
    book: RuleBook,
    classes: Classes,
    listed_share: Array,
    over_compliance: Array,
    licence_time: Array,
    enter: Enter,
    before: Table | None,
) -> Table:
    """Compile the rule book.

    Args:
        listed_share: share of the purchases of each product in each state that listed firms make, by list,
            shape (lists, P, S): the base of over-compliance.
        over_compliance: factor on refusals beyond the law, by issuer, shape S.
        licence_time: factor on the time that licences take, by issuer, shape S.
        enter: `entries_of`, or what computes the same.
        before: an earlier table of the same economy. Often the rules are as they were, and lists or adoption changed.
    """
    rules = tuple(effective(book, classes))
    ways = before.ways if before is not None and before.ways.rules == rules else _ways(e, rules)
    reach = reaches_of(e, p, book, ways.bounds)
    x = enter(e, classes, clauses_of(e, p, book, rules, classes, listed_share, over_compliance, licence_time), ways, reach)
    return Table(ways=ways, reach=reach, **vars(ways.columns), **vars(x))


def _ways(e: Economy, rules: tuple[Rule, ...]) -> Ways:
    tests = [(column, within, i) for i, rule in enumerate(rules) for column, within in tests_of(rule, e.state_index[rule.issuer])]
    columns = sorted(dict.fromkeys(column for column, _, _ in tests), key=lambda column: column[3]) or [NO_COLUMN]  # by threshold
    bounds = tuple(dict.fromkeys(within for _, within, _ in tests))
    place, number = {x: i for i, x in enumerate(columns)}, {x: i for i, x in enumerate(bounds)}
    found = sorted((place[column], number[within], i) for column, within, i in tests)
    column, by, rule = (np.array(x, dtype=np.int64) for x in (zip(*found, strict=True) if found else ((), (), ())))
    return Ways(rules, Columns(*map(np.array, zip(*columns, strict=True))), bounds, rule, column, by)


def entries_of(e: Economy, classes: Classes, clauses: Clauses, ways: Ways, reach: Array) -> Entries:
    """What the rules say of each pair of a product and a class that they affect."""
    cover, columns = cover_of(clauses, classes), ways.columns
    alike = np.flatnonzero(np.append(True, (np.diff(ways.column) != 0) | (np.diff(ways.by) != 0))[: len(ways.rule)])
    column, by = ways.column[alike], ways.by[alike]
    denials, delays, licences = (
        np.maximum.reduceat((clause[:, None, None] * cover)[ways.rule], alike) if len(alike) else np.zeros((0, *cover.shape[1:]))
        for clause in (clauses.denial, clauses.delay, clauses.delay > 0)
    )
    said: Array = np.moveaxis((denials > 0) | (delays > 0), 0, -1)
    affected = said.any(axis=-1)
    pair: Array = np.where(affected, np.cumsum(affected.ravel()).reshape(affected.shape) - 1, -1)
    start = np.concatenate([[0], np.cumsum(said[affected].sum(axis=-1))])
    product, of, group = np.nonzero(said)
    denial, delay, licensed = (x[group, product, of] for x in (denials, delays, licences))
    exposed = np.zeros((e.n_cells, len(TESTED)), dtype=bool)
    for i in TESTED:
        for n in np.flatnonzero((columns.way == FOREIGN_PRODUCT)[column[group]] & (columns.issuer[column[group]] == i) & (denial > 0)):
            held = (e.cell_product == product[n]) & foreign(e.cell_owner, classes.location[of[n]])
            exposed[:, i] |= held & (reach[by[group[n]]] > 0)
    return Entries(pair, np.any(affected, axis=0), start, column[group], by[group], denial, delay, licensed, exposed)
