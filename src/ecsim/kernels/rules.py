"""The rule book compiled into the table of permission."""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import alone, kernel, part
from ecsim.mechanisms import permission
from ecsim.permission_table import DOMESTIC, FOREIGN_PRODUCT, TESTED, Cover, Entries, Members, Parts, Ways
from ecsim.world import Array, Economy, World

TINY = 1e-12


def compile_rules(w: World) -> None:
    """Rules in force become one table of permission; nothing is done while they stay as they are."""
    permission.compile_with(w, PARTS, listed_share)


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


def cover(c: Cover, out: Array) -> bool:
    """How far a rule covers each class's purchases of each product, 0..1, before its reach, into nil (P, B); whether at all."""
    return bool(_cover(*c, out))


@alone
def _cover(
    location: Array,
    owner: Array,
    served: Array,
    military: Array,
    on: Array,
    named: Array,
    owners: bool,
    home: int,
    exempt: Array,
    products: Array,
    civil: float,
    party: float,
    beside: Array,
    out: Array,
) -> bool:
    covers = False
    for b in range(len(location)):
        at = named[location[b]] or (owners and named[owner[b]])
        if not at or location[b] == home or exempt[owner[b]] or not served[b]:
            continue
        share = 1.0 if military[b] else civil
        for p in range(len(products)):
            if products[p]:
                out[p, b] = share * (on[b] * party + (1.0 - on[b]) * beside[p, location[b]])
                covers = covers or out[p, b] != 0.0
    return covers


def merge(m: Members, ways: int) -> tuple[Array, Array]:
    """Highest denial and licence time of the rules in each way, times how far each covers, (W, P, B)."""
    most, longest = np.zeros((ways, *m.share.shape[1:])), np.zeros((ways, *m.share.shape[1:]))
    _merge(m.way, m.rule, m.denial, m.delay, m.share, most, longest)
    return most, longest


@alone
def _merge(way: Array, rule: Array, denial: Array, delay: Array, share: Array, most: Array, longest: Array) -> None:
    for m in range(len(way)):
        w, r = way[m], rule[m]
        for p in range(share.shape[1]):
            for b in range(share.shape[2]):
                if share[r, p, b] > 0.0:
                    most[w, p, b] = max(most[w, p, b], denial[r] * share[r, p, b])
                    longest[w, p, b] = max(longest[w, p, b], delay[r] * share[r, p, b])


def fill(e: Economy, location: Array, ways: Ways, columns: int) -> Entries:
    """What the rules say of each pair of a cell and a class that they affect."""
    return Entries(*_fill(e.cell_product, e.cell_owner, location, ways.column, ways.reach, ways.denial, ways.delay))


@alone
def _fill(
    cell_product: Array, cell_owner: Array, location: Array, column: Array, reach: Array, denial: Array, delay: Array
) -> tuple[Array, Array, Array, Array, Array]:
    cells, classes = len(cell_product), len(location)
    acts, meets = _acting(denial, delay)
    made = np.bincount(cell_product, minlength=len(acts))
    room = int((made * acts.sum(axis=1)).sum()) * classes
    row, begins = np.full((cells, classes), -1), np.empty(cells * classes + 1, dtype=np.int64)
    columns, denied, waits = np.empty(room, dtype=np.int64), np.empty(room), np.empty(room)
    pairs, last = 0, 0
    for c in range(cells):
        p = cell_product[c]
        mine = np.flatnonzero(acts[p] & (reach[:, c] > 0.0))
        if len(mine) == 0:
            continue
        for b in range(classes):
            if not meets[p, b] or cell_owner[c] == location[b]:
                continue
            first = last
            for way in mine:
                refused, wait = reach[way, c] * denial[way, p, b], reach[way, c] * delay[way, p, b]
                if refused > 0.0 or wait > 0.0:
                    last = _enter(column[way], refused, wait, first, last, columns, denied, waits)
            if last > first:
                row[c, b], begins[pairs] = pairs, first
                pairs += 1
    begins[pairs] = last
    return row, begins[: pairs + 1].copy(), columns[:last].copy(), denied[:last].copy(), waits[:last].copy()


@kernel
def _acting(denial: Array, delay: Array) -> tuple[Array, Array]:
    """Whether a way does anything to a product, shape (P, W), and whether any does to a class's purchases of it, (P, B): most do to few."""
    ways, products, classes = denial.shape
    acts, meets = np.zeros((products, ways), dtype=np.bool_), np.zeros((products, classes), dtype=np.bool_)
    for way in range(ways):
        for p in range(products):
            for b in range(classes):
                if denial[way, p, b] > 0.0 or delay[way, p, b] > 0.0:
                    acts[p, way] = meets[p, b] = True
    return acts, meets


@part
def _enter(column: int, refused: float, wait: float, first: int, last: int, columns: Array, denied: Array, waits: Array) -> int:
    """Put an entry among those of its pair, by column, or raise the one of its column; returns where the entries now end."""
    at = last
    while at > first and columns[at - 1] >= column:
        at -= 1
    if at < last and columns[at] == column:
        denied[at], waits[at] = max(denied[at], refused), max(waits[at], wait)
        return last
    for i in range(last, at, -1):
        columns[i], denied[i], waits[i] = columns[i - 1], denied[i - 1], waits[i - 1]
    columns[at], denied[at], waits[at] = column, refused, wait
    return last + 1


def read_off(x: Entries, way: Array, issuer: Array) -> tuple[Array, Array]:
    """What of the entries is asked for by cell and class: `exposed` and `free` of `Table`."""
    exposed, free = np.zeros((len(x.pair), len(TESTED)), dtype=bool), np.ones(x.pair.shape[::-1])
    _read_off(x.pair, x.start, x.column, x.denial, way, issuer, exposed, free)
    return exposed, free


@alone
def _read_off(pair: Array, start: Array, column: Array, denial: Array, way: Array, issuer: Array, exposed: Array, free: Array) -> None:
    for c in range(pair.shape[0]):
        for b in range(pair.shape[1]):
            row = pair[c, b]
            if row < 0:
                continue
            known = 0.0
            for i in range(start[row], start[row + 1]):
                j = column[i]
                if way[j] == DOMESTIC:
                    known = max(known, denial[i])
                elif way[j] == FOREIGN_PRODUCT and issuer[j] >= 0 and denial[i] > 0.0:
                    exposed[c, issuer[j]] = True
            free[b, c] = 1.0 - known


PARTS = Parts(cover, merge, fill, read_off)
