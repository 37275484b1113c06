"""The rule book compiled into the table of permission."""

from __future__ import annotations

import numpy as np

from ecsim.kernels.arrays import write
from ecsim.kernels.jit import alone, kernel, part
from ecsim.mechanisms import permission
from ecsim.permission_table import ANY_USE, EVERYBODY, FOREIGN_PRODUCT, TESTED, Classes, Clauses, Entries, Ways
from ecsim.world import Array, Economy, World

TINY = 1e-12
NOWHERE, SEVERAL = -1, -2  # in place of the number of a state


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


def entries_of(e: Economy, classes: Classes, clauses: Clauses, ways: Ways, reach: Array) -> Entries:
    """What the rules say of each pair of a product and a class that they affect."""
    c = clauses
    share = _share(
        *(classes.location, classes.owner, classes.use, classes.military),
        *(c.named, c.exempt, c.owners, c.home, c.use, c.military, c.civil),
    )
    found = _entries(
        *(e.cell_product, e.cell_owner, classes.location, classes.listed, c.products, share),
        *(c.on, c.party, c.beside, c.listed_share, c.denial, c.delay),
        *(ways.rule, ways.column, ways.by, reach, ways.columns.way, ways.columns.issuer),
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
    """The parts of `Entries`, in their order."""
    goods, classes, ways, cells = products.shape[1], len(location), len(rule), len(cell_product)
    pair, affects, begins = (
        np.full((goods, classes), -1, dtype=np.int32),
        np.zeros(classes, dtype=np.bool_),
        np.zeros(goods * classes + 1, dtype=np.int64),
    )
    exposed = np.zeros((cells, len(TESTED)), dtype=np.bool_)
    columns, how = np.empty(cells, dtype=np.int64), np.empty(cells, dtype=np.int64)
    denied, waits, licensed = np.empty(cells), np.empty(cells), np.empty(cells)
    cover, acts, meets = np.empty((len(share), classes)), np.zeros(len(share), dtype=np.bool_), np.zeros(classes, dtype=np.bool_)
    whom, count = _covered(share)
    refused, wait, under = (
        np.empty((ways, classes)),
        np.empty((ways, classes)),
        np.empty((ways, classes)),
    )  # of the rules that reach one product alike
    fills, reaches = np.empty(ways, dtype=np.int64), np.empty(ways, dtype=np.int64)  # their column, and how they reach
    pairs, last, past = 0, 0, 0
    for p in range(goods):
        first = past
        while past < cells and cell_product[past] == p:
            past += 1
        _cover(p, whom, count, location, listed, products, share, on, party, beside, listed_share, cover, acts, meets)
        alike = _merge(whom, count, acts, cover, denial, delay, rule, column, by, fills, reaches, refused, wait, under)
        if last + alike * classes > len(columns):
            room = 2 * last + alike * classes
            columns, how = _longer(columns, last, room), _longer(how, last, room)
            denied, waits, licensed = _longer(denied, last, room), _longer(waits, last, room), _longer(licensed, last, room)
        for b in range(classes):
            if not meets[b]:
                continue
            before = last
            for g in range(alike):
                if refused[g, b] > 0.0 or wait[g, b] > 0.0:
                    columns[last], how[last] = fills[g], reaches[g]
                    denied[last], waits[last], licensed[last] = refused[g, b], wait[g, b], under[g, b]
                    last += 1
            if last > before:
                pair[p, b], affects[b] = pairs, True
                pairs += 1
                begins[pairs] = last
        for g in range(alike):
            i = issuer_of[fills[g]]
            if way_of[fills[g]] == FOREIGN_PRODUCT and i >= 0:
                held = _where(meets, refused[g], location)
                for c in range(first, past):
                    exposed[c, i] |= reach[reaches[g], c] > 0.0 and held != NOWHERE and held != cell_owner[c]
    return (
        pair,
        affects,
        begins[: pairs + 1].copy(),
        columns[:last].copy(),
        how[:last].copy(),
        denied[:last].copy(),
        waits[:last].copy(),
        licensed[:last].copy(),
        exposed,
    )


@kernel
def _longer(x: Array, used: int, room: int) -> Array:
    longer = np.empty(room, dtype=x.dtype)
    write(longer, x[:used])
    return longer


@part
def _where(meets: Array, refused: Array, location: Array) -> int:
    """The state in which all classes are that are refused anything; or `NOWHERE`, or `SEVERAL`."""
    at = NOWHERE
    for b in range(len(meets)):
        if meets[b] and refused[b] > 0.0:
            at = location[b] if at in (NOWHERE, location[b]) else SEVERAL
    return at


@kernel
def _covered(share: Array) -> tuple[Array, Array]:
    """The classes that each rule covers for some product, (R, B), and how many they are."""
    whom, count = np.empty(share.shape, dtype=np.int64), np.zeros(len(share), dtype=np.int64)
    for r in range(share.shape[0]):
        for b in range(share.shape[1]):
            if share[r, b] > 0.0:
                whom[r, count[r]] = b
                count[r] += 1
    return whom, count


@part
def _cover(
    p: int,
    whom: Array,
    count: Array,
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
        for i in range(count[r]):
            b = whom[r, i]
            covered = share[r, b]
            if on[r] != EVERYBODY:
                party_share = listed[b, on[r]]
                others = min(1.0, beside[r] * listed_share[on[r], p, location[b]])
                covered *= party_share * party[r] + (1.0 - party_share) * others
            cover[r, b] = covered
            if covered > 0.0:
                acts[r] = meets[b] = True


@part
def _merge(
    whom: Array,
    count: Array,
    acts: Array,
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
    under: Array,
) -> int:
    """Highest denial, licence time and share under licence of rules of one column that reach alike, times how far each covers each class.

    Returns how many such groups act on the product; they are by rising column.
    """
    found = 0
    for way in range(len(rule)):
        r = rule[way]
        if not acts[r]:
            continue
        if found == 0 or fills[found - 1] != column[way] or how[found - 1] != by[way]:
            fills[found], how[found] = column[way], by[way]
            most[found], longest[found], under[found] = 0.0, 0.0, 0.0
            found += 1
        g = found - 1
        for i in range(count[r]):
            b = whom[r, i]
            most[g, b], longest[g, b] = max(most[g, b], denial[r] * cover[r, b]), max(longest[g, b], delay[r] * cover[r, b])
            if delay[r] > 0.0:
                under[g, b] = max(under[g, b], cover[r, b])
    return found
