"""The rule book compiled into the table of permission."""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.mechanisms import permission
from ecsim.permission_table import DOMESTIC, FOREIGN_PRODUCT, TESTED, Cover, Members, Parts, Ways
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


@kernel
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


@kernel
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


@kernel
def _merge(way: Array, rule: Array, denial: Array, delay: Array, share: Array, most: Array, longest: Array) -> None:
    for m in range(len(way)):
        w, r = way[m], rule[m]
        for p in range(share.shape[1]):
            for b in range(share.shape[2]):
                if share[r, p, b] > 0.0:
                    most[w, p, b] = max(most[w, p, b], denial[r] * share[r, p, b])
                    longest[w, p, b] = max(longest[w, p, b], delay[r] * share[r, p, b])


def fill(e: Economy, location: Array, ways: Ways, columns: int) -> tuple[Array, Array, Array]:
    """Rows of the pairs that rules affect, (C, B), and what each denies and makes wait in each column, (pairs, columns)."""
    row = np.full((e.n_cells, len(location)), -1)
    acts = _acting(ways.denial, ways.delay)
    pairs = _mark(e.cell_product, e.cell_owner, location, ways.reach, ways.denial, ways.delay, acts, row)
    denied, waits = np.zeros((pairs, columns)), np.zeros((pairs, columns))
    _fill(e.cell_product, e.cell_owner, location, ways.column, ways.reach, ways.denial, ways.delay, acts, row, denied, waits)
    return row, denied, waits


@kernel
def _acting(denial: Array, delay: Array) -> Array:
    """Whether a way does anything to a product, shape (W, P): most rules name few products."""
    acts = np.zeros(denial.shape[:2], dtype=np.bool_)
    for way in range(denial.shape[0]):
        for p in range(denial.shape[1]):
            for b in range(denial.shape[2]):
                if denial[way, p, b] > 0.0 or delay[way, p, b] > 0.0:
                    acts[way, p] = True
                    break
    return acts


@kernel
def _mark(
    cell_product: Array, cell_owner: Array, location: Array, reach: Array, denial: Array, delay: Array, acts: Array, row: Array
) -> int:
    """Number the pairs that any rule affects."""
    for way in range(len(reach)):
        for c in range(len(cell_product)):
            p = cell_product[c]
            if acts[way, p] and reach[way, c] > 0.0:
                for b in range(len(location)):
                    if (denial[way, p, b] > 0.0 or delay[way, p, b] > 0.0) and cell_owner[c] != location[b]:
                        row[c, b] = 0
    pairs = 0
    for c in range(row.shape[0]):
        for b in range(row.shape[1]):
            if row[c, b] == 0:
                row[c, b] = pairs
                pairs += 1
    return pairs


@kernel
def _fill(
    cell_product: Array,
    cell_owner: Array,
    location: Array,
    column: Array,
    reach: Array,
    denial: Array,
    delay: Array,
    acts: Array,
    row: Array,
    denied: Array,
    waits: Array,
) -> None:
    for way in range(len(reach)):
        j = column[way]
        for c in range(len(cell_product)):
            p = cell_product[c]
            if acts[way, p] and reach[way, c] > 0.0:
                for b in range(len(location)):
                    i = row[c, b]
                    if i >= 0 and cell_owner[c] != location[b]:
                        denied[i, j] = max(denied[i, j], reach[way, c] * denial[way, p, b])
                        waits[i, j] = max(waits[i, j], reach[way, c] * delay[way, p, b])


def read_off(pair: Array, denied: Array, way: Array, issuer: Array) -> tuple[Array, Array]:
    """What of a filled table is asked for by cell and class: `exposed` and `free` of `Table`."""
    exposed, free = np.zeros((len(pair), len(TESTED)), dtype=bool), np.ones(pair.shape[::-1])
    _read_off(pair, denied, way, issuer, exposed, free)
    return exposed, free


@kernel
def _read_off(pair: Array, denied: Array, way: Array, issuer: Array, exposed: Array, free: Array) -> None:
    domestic = np.flatnonzero(way == DOMESTIC)
    tests = np.flatnonzero((way == FOREIGN_PRODUCT) & (issuer >= 0))
    for c in range(pair.shape[0]):
        for b in range(pair.shape[1]):
            i = pair[c, b]
            if i < 0:
                continue
            known = 0.0
            for j in domestic:
                known = max(known, denied[i, j])
            free[b, c] = 1.0 - known
            for j in tests:
                if denied[i, j] > 0.0:
                    exposed[c, issuer[j]] = True


PARTS = Parts(cover, merge, fill, read_off)
