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
        *(ways.of_rule, ways.ways, ways.column, ways.reach, columns.way, columns.issuer),
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
    of_rule: Array,
    ways: Array,
    column: Array,
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
    most, longest = np.zeros((classes, len(column))), np.zeros((classes, len(column)))  # of the rules on one product
    acts, meets = np.zeros(len(column), dtype=np.bool_), np.zeros(classes, dtype=np.bool_)
    mine = np.empty(len(column), dtype=np.int64)
    product, pairs, last = -1, 0, 0
    for c in range(cells):  # sorted by product
        if cell_product[c] != product:
            product = cell_product[c]
            _merge(
                *(product, location, listed, products, share, on, party, beside, listed_share, denial, delay, of_rule, ways),
                *(most, longest, acts, meets),
            )
        found = 0
        for way in range(len(column)):
            if acts[way] and reach[way, c] > 0.0:
                mine[found] = way
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
            for way in mine[:found]:
                refused, wait = reach[way, c] * most[b, way], reach[way, c] * longest[b, way]
                if not (refused > 0.0 or wait > 0.0):
                    continue
                j = column[way]
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
def _merge(
    p: int,
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
    of_rule: Array,
    ways: Array,
    most: Array,
    longest: Array,
    acts: Array,
    meets: Array,
) -> None:
    """Highest denial and licence time of the rules on a product in each way, times how far each covers each class.

    Also which ways do anything, and to which classes: most do to few.
    """
    for way in range(len(acts)):
        if acts[way]:
            for b in range(len(meets)):
                most[b, way], longest[b, way] = 0.0, 0.0
    acts[:], meets[:] = False, False
    for r in range(len(share)):
        if not products[r, p]:
            continue
        for b in range(len(meets)):
            cover = share[r, b]
            if cover > 0.0 and on[r] != EVERYBODY:
                party_share = listed[b, on[r]]
                others = min(1.0, beside[r] * listed_share[on[r], p, location[b]])
                cover *= party_share * party[r] + (1.0 - party_share) * others
            if cover > 0.0:
                meets[b] = True
                for i in range(of_rule[r], of_rule[r + 1]):
                    way = ways[i]
                    acts[way] = True
                    most[b, way], longest[b, way] = max(most[b, way], denial[r] * cover), max(longest[b, way], delay[r] * cover)
