"""The rule book compiled into the table of permission."""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import alone, kernel, part
from ecsim.mechanisms import permission
from ecsim.permission_table import ANY_USE, DOMESTIC, EVERYBODY, FOREIGN_PRODUCT, TESTED, Classes, Clauses, Columns, Entries, Ways
from ecsim.world import Array, Economy, World

TINY = 1e-12


def compile_rules(w: World) -> None:
    """Rules in force become one table of permission; nothing is done while they stay as they are."""
    permission.compile_with(w, entries_of, listed_share)


def listed_share(e: Economy, on: Array) -> Array:
    """Share of the purchases of each product in each state that parties on each list make, shape (lists, P, S)."""
    shares = np.zeros((len(on), e.n_products, e.n_states))
    _listed_share(e.slot_firm, e.slot_input, e.location, e.coef, e.output0, on, shares)
    return shares


@alone
def _listed_share(slot_firm: Array, slot_input: Array, location: Array, coef: Array, output0: Array, on: Array, shares: Array) -> None:
    total = np.zeros((shares.shape[1], shares.shape[2]))
    for s in range(len(slot_firm)):
        f = slot_firm[s]
        value = coef[s] * output0[f]
        total[slot_input[s], location[f]] += value
        for i in range(len(on)):
            if on[i, f] != 0.0:
                shares[i, slot_input[s], location[f]] += value * on[i, f]
    for i in range(len(on)):
        for p in range(total.shape[0]):
            for m in range(total.shape[1]):
                shares[i, p, m] /= max(total[p, m], TINY)


def entries_of(e: Economy, classes: Classes, clauses: Clauses, ways: Ways, columns: Columns) -> Entries:
    """What the rules say of each pair of a cell and a class that they affect."""
    c = clauses
    share = _share(
        *(classes.location, classes.owner, classes.use, classes.military),
        *(c.named, c.exempt, c.owners, c.home, c.use, c.military, c.civil),
    )
    found = _entries(
        *(e.cell_product, e.cell_owner, classes.location, classes.listed, c.products, share),
        *(c.on, c.party, c.beside, c.listed_share, c.denial, c.delay),
        *(ways.rule, ways.column, ways.by, ways.reach, columns.way, columns.issuer),
    )
    return Entries(*found)


@alone
def _share(
    location: Array,
    owner: Array,
    use: Array,
    military: Array,
    named: Array,
    exempt: Array,
    owners: Array,
    home: Array,
    end_use: Array,
    about_military: Array,
    civil: float,
) -> Array:
    """How far each rule covers each class by where it is, whose, and what for, (R, B)."""
    share = np.zeros((len(home), len(location)))
    for r in range(len(home)):
        for b in range(len(location)):
            at = named[r, location[b]] or (owners[r] and named[r, owner[b]])
            if not at or location[b] == home[r] or exempt[r, owner[b]]:
                continue
            if end_use[r] == ANY_USE or (use[b] >> end_use[r]) & 1 == 1:
                share[r, b] = civil if about_military[r] and not military[b] else 1.0
    return share


@alone
def _entries(
    cell_product: Array,
    cell_owner: Array,
    location: Array,
    listed: Array,
    products: Array,
    share: Array,
    on: Array,
    party: Array,
    beside: Array,
    listed_share: Array,
    denial: Array,
    delay: Array,
    rule: Array,
    column: Array,
    by: Array,
    reach: Array,
    way_of: Array,
    issuer_of: Array,
) -> tuple[Array, ...]:
    cells, classes = len(cell_product), len(location)
    row, affects, begins = (
        np.full((cells, classes), -1, dtype=np.int32),
        np.zeros(classes, dtype=np.bool_),
        np.empty(cells * classes + 1, dtype=np.int64),
    )
    exposed, free = np.zeros((cells, len(TESTED)), dtype=np.bool_), np.ones((classes, cells))
    columns, denied, waits = np.empty(cells, dtype=np.int64), np.empty(cells), np.empty(cells)
    cover, acts, meets = np.empty((len(share), classes)), np.zeros(len(share), dtype=np.bool_), np.zeros(classes, dtype=np.bool_)
    most, longest = np.empty((classes, len(rule))), np.empty((classes, len(rule)))  # of the rules that reach one product alike
    fills, how = np.empty(len(rule), dtype=np.int64), np.empty(len(rule), dtype=np.int64)  # their column, and how they reach
    mine, far = np.empty(len(rule), dtype=np.int64), np.empty(len(rule))  # those that reach a cell, and how far
    product, alike, pairs, last = -1, 0, 0, 0
    for c in range(cells):  # sorted by product
        if cell_product[c] != product:
            product = cell_product[c]
            _cover(product, location, listed, products, share, on, party, beside, listed_share, cover, acts, meets)
            alike = _merge(acts, meets, cover, denial, delay, rule, column, by, fills, how, most, longest)
        found = 0
        for g in range(alike):
            if reach[how[g], c] > 0.0:
                mine[found], far[found] = g, reach[how[g], c]
                found += 1
        if found == 0:
            continue
        if last + found * classes > len(columns):
            room = 2 * last + found * classes
            columns, denied, waits = _longer(columns, last, room), _longer(denied, last, room), _longer(waits, last, room)
        for b in range(classes):
            if not meets[b] or cell_owner[c] == location[b]:
                continue
            first, known = last, 0.0
            for i in range(found):
                j = fills[mine[i]]
                refused, wait = far[i] * most[b, mine[i]], far[i] * longest[b, mine[i]]
                if not (refused > 0.0 or wait > 0.0):
                    continue
                if last > first and columns[last - 1] == j:
                    denied[last - 1], waits[last - 1] = max(denied[last - 1], refused), max(waits[last - 1], wait)
                else:
                    columns[last], denied[last], waits[last] = j, refused, wait
                    last += 1
                if way_of[j] == DOMESTIC:
                    known = max(known, refused)
                elif way_of[j] == FOREIGN_PRODUCT and issuer_of[j] >= 0 and refused > 0.0:
                    exposed[c, issuer_of[j]] = True
            if last > first:
                row[c, b], affects[b], begins[pairs] = pairs, True, first
                pairs += 1
                free[b, c] = 1.0 - known
    begins[pairs] = last
    return row, affects, begins[: pairs + 1].copy(), columns[:last].copy(), denied[:last].copy(), waits[:last].copy(), exposed, free


@kernel
def _longer(x: Array, used: int, room: int) -> Array:
    longer = np.empty(room, dtype=x.dtype)
    longer[:used] = x[:used]
    return longer


@part
def _cover(
    p: int,
    location: Array,
    listed: Array,
    products: Array,
    share: Array,
    on: Array,
    party: Array,
    beside: Array,
    listed_share: Array,
    cover: Array,
    acts: Array,
    meets: Array,
) -> None:
    """How far each rule covers each class's purchases of a product; which rules cover any, and which classes are covered: most are not."""
    acts[:], meets[:] = False, False
    for r in range(len(acts)):
        if not products[r, p]:
            continue
        for b in range(len(meets)):
            covered = share[r, b]
            if covered > 0.0 and on[r] != EVERYBODY:
                party_share = listed[b, on[r]]
                others = min(1.0, beside[r] * listed_share[on[r], p, location[b]])
                covered *= party_share * party[r] + (1.0 - party_share) * others
            cover[r, b] = covered
            if covered > 0.0:
                acts[r] = meets[b] = True


@part
def _merge(
    acts: Array,
    meets: Array,
    cover: Array,
    denial: Array,
    delay: Array,
    rule: Array,
    column: Array,
    by: Array,
    fills: Array,
    how: Array,
    most: Array,
    longest: Array,
) -> int:
    """Highest denial and licence time of the rules that fill one column and reach alike, times how far each covers each class.

    Returns how many such groups act on the product; they are by rising column.
    """
    found = 0
    for way in range(len(rule)):
        r = rule[way]
        if not acts[r]:
            continue
        if found == 0 or fills[found - 1] != column[way] or how[found - 1] != by[way]:
            fills[found], how[found] = column[way], by[way]
            found += 1
            for b in range(len(meets)):
                most[b, found - 1], longest[b, found - 1] = 0.0, 0.0
        g = found - 1
        for b in range(len(meets)):
            if meets[b]:
                most[b, g], longest[b, g] = max(most[b, g], denial[r] * cover[r, b]), max(longest[b, g], delay[r] * cover[r, b])
    return found
