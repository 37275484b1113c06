"""New suppliers: a slot with unmet need looks for one, qualifies it over some quarters, and gives it a first share."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.permission_table import DOMESTIC
from ecsim.world import World

TINY = 1e-12


@mechanism(
    Phase.PERMIT,
    reads="candidate ready anchor weight passing",
    writes="candidate ready supplier anchor weight start_shortfall",
    source="model section 10",
)
def admit(w: World) -> None:
    """Suppliers whose qualification is over take the place with the smallest habitual share, without orders at first."""
    busy = w.candidate >= 0
    if not busy.any():
        return
    w.ready[busy] -= 1
    rows = np.flatnonzero(busy & (w.ready <= 0))
    if not len(rows):
        return
    entry = w.params.adaptation.qualify_entry
    place = (w.anchor[rows] * np.maximum(w.passing[rows], entry)).argmin(axis=1)
    new = np.arange(w.anchor.shape[1])[None, :] == place[:, None]
    w.supplier[rows, place] = w.candidate[rows]
    w.start_shortfall[rows, place] = 0.0
    w.candidate[rows] = -1
    old = np.where(new, 0.0, w.anchor[rows])
    total = old.sum(axis=1, keepdims=True)
    w.anchor[rows] = np.where(new, np.where(total > TINY, entry, 1.0), (1.0 - entry) * old / np.maximum(total, TINY))
    kept = np.where(new, 0.0, w.weight[rows])
    total = kept.sum(axis=1, keepdims=True)
    w.weight[rows] = np.where(total > TINY, kept / np.maximum(total, TINY), new)


@mechanism(
    Phase.ADAPT,
    reads="quarter unmet passing degraded weight anchor table classes tech_eff frontier capacity candidate",
    writes="candidate ready",
    source="model section 10; Hungary network study",
)
def search(w: World) -> None:
    """Slots with unmet or refused need start to qualify a new supplier, with the hazard of their product."""
    e, a = w.economy, w.params.adaptation
    if not a.enabled:
        return
    draws = w.streams.uniform("qualify", w.quarter, (3, e.n_slots))
    refused = (w.weight * (1.0 - w.passing + w.degraded)).sum(axis=1)
    need = np.maximum(w.unmet, refused)
    hard = 1.0 - (1.0 - a.qualify_chokepoint) * e.product_choke[e.slot_input]
    start = (need > a.unmet_trigger) & (w.candidate < 0) & (draws[0] < a.qualify_hazard * hard) & (e.coef > 0)
    rows = np.flatnonzero(start)
    if not len(rows):
        return
    chosen = draw_suppliers(w, rows, draws[1, rows])
    known = (w.supplier[rows] == chosen[:, None]) & (w.anchor[rows] > 0)
    good = (chosen >= 0) & ~known.any(axis=1)
    rows, chosen = rows[good], chosen[good]
    span = a.qualify_max - a.qualify_min + 1
    w.candidate[rows] = chosen
    w.ready[rows] = a.qualify_min + np.minimum((draws[2, rows] * span).astype(int), span - 1)


def draw_suppliers(w: World, rows: Array, u: Array) -> Array:
    """A supplier for each slot, by size^1.08 x usable technology x permission; -1 where none would do.

    First a cell, by what its firms offer to the slot's class of buyer; then a firm of the cell, by size.

    Args:
        rows: slots, shape k.
        u: uniform draws, shape k; what is left of each after the choice of cell chooses the firm.
    """
    e, lay = w.economy, w.layout
    assert w.classes is not None and w.table is not None
    size = np.maximum(w.capacity, 0.0) ** w.params.adaptation.size_exponent
    running = np.concatenate([[0.0], np.cumsum(size)])
    cell_size = running[e.cell_start[1:]] - running[e.cell_start[:-1]]
    gap = w.frontier[e.product] - w.tech_eff
    cell_gap = np.minimum.reduceat(gap, e.cell_start[:-1])
    product, buyer = e.slot_input[rows], e.slot_firm[rows]
    chosen = np.full(len(rows), -1, dtype=np.int64)
    for p in np.unique(product):
        at = np.flatnonzero(product == p)
        lo, hi = lay.product_cells[p], lay.product_cells[p + 1]
        fit = np.clip(1.0 - (cell_gap[None, lo:hi] - gap[buyer[at]][:, None]), 0.0, 1.0)
        offer = cell_size[None, lo:hi] * fit * cell_permission(w, slice(lo, hi), w.classes.of_firm[buyer[at]])
        chosen[at] = _pick(offer, u[at], lo, running, e.cell_start)
    return chosen


def _pick(offer: Array, u: Array, lo: int, running: Array, cell_start: Array) -> Array:
    """A firm by cell, then by size within it."""
    heap = np.cumsum(offer, axis=1)
    total = heap[:, -1]
    target = u * total
    column = np.minimum((heap <= target[:, None]).sum(axis=1), offer.shape[1] - 1)
    rows = np.arange(len(u))
    width = np.maximum(offer[rows, column], TINY)
    rest = np.clip((target - (heap[rows, column] - offer[rows, column])) / width, 0.0, 1.0 - 1e-9)
    first, past = cell_start[lo + column], cell_start[lo + column + 1]
    mass = running[first] + rest * (running[past] - running[first])
    firm = np.clip(np.searchsorted(running, mass, side="right") - 1, first, past - 1)
    return np.where(total > TINY, firm, -1)


def cell_permission(w: World, cells: slice, classes: Array) -> Array:
    """Rough permission of some cells towards each class of buyer, for the choice of whom to qualify, shape (k, cells).

    Only domestic and adopted rules are known in advance; a direct-product rule shows when trade is tried.
    """
    assert w.table is not None
    pair = w.table.pair[cells][:, classes].T
    if not w.table.denial.size:
        return np.ones(pair.shape)
    domestic = np.where(w.table.way == DOMESTIC, w.table.denial, 0.0).max(axis=1)
    return np.where(pair >= 0, 1.0 - domestic[pair], 1.0)
