"""New suppliers: a slot with unmet need looks for one, qualifies it over some quarters, and gives it a first share."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.permission_table import free
from ecsim.world import World

TINY = 1e-12
DRAWS = 3  # to start, of whom, how long
CHUNK = 4_000_000  # elements of the largest temporary array


@mechanism(
    Phase.PERMIT,
    reads="candidate ready anchor weight passing",
    writes="candidate ready supplier anchor weight start_shortfall",
    source="model section 7.4",
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
    reads="quarter unmet passing degraded weight anchor supplier table classes closed tech_eff frontier capacity candidate",
    writes="candidate ready",
    source="model section 7.4; Hungary network study",
)
def search(w: World) -> None:
    """Slots with unmet or refused need start to qualify a new supplier, with the hazard of their product."""
    e, a = w.economy, w.params.adaptation
    if not a.enabled:
        return
    draws = w.streams.uniform("qualify", w.quarter, (DRAWS, e.n_slots))
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
    """A supplier for each slot, by size^size_exponent x usable technology x permission; -1 where none would do.

    First a cell, by what its firms offer to the slot's class of buyer; then a firm of the cell, by size.

    Args:
        rows: slots, shape k.
        u: uniform draws, shape k; what is left of each after the choice of cell chooses the firm.
    """
    e = w.economy
    size = np.maximum(w.capacity, 0.0) ** w.params.adaptation.size_exponent
    running = np.concatenate([[0.0], np.cumsum(size)])
    cell_size = running[e.cell_start[1:]] - running[e.cell_start[:-1]]
    gap = w.frontier[e.product] - w.tech_eff
    cell_gap = np.minimum.reduceat(gap, e.cell_start[:-1])
    assert w.table is not None and w.classes is not None
    open_to = free(e, w.classes, w.table) * (1.0 - w.closed[:, w.classes.location]).T
    chosen = []
    for part in np.array_split(np.arange(len(rows)), 1 + len(rows) * e.n_cells // CHUNK):
        slot, buyer = rows[part], e.slot_firm[rows[part]]
        fit = np.clip(1.0 - (cell_gap[None, :] - (gap[buyer] + e.below[slot])[:, None]), 0.0, 1.0)
        makes = e.cell_product[None, :] == e.slot_input[slot][:, None]
        offer = makes * cell_size * fit * open_to[w.classes.of_firm[buyer]]
        chosen.append(_pick(offer, u[part], running, e.cell_start))
    return np.concatenate(chosen)


def _pick(offer: Array, u: Array, running: Array, cell_start: Array) -> Array:
    """A cell by what it offers, then a firm by its size within it, shape k; -1 where nothing is offered.

    Args:
        offer: shape (k, C).
        u: uniform draws, shape k.
        running: running sum of the sizes of all firms, shape N+1.
    """
    heap = np.cumsum(offer, axis=1)
    total = heap[:, -1]
    target = u * total
    cell = np.minimum((heap <= target[:, None]).sum(axis=1), offer.shape[1] - 1)
    rows = np.arange(len(u))
    width = np.maximum(offer[rows, cell], TINY)
    rest = np.clip((target - (heap[rows, cell] - offer[rows, cell])) / width, 0.0, 1.0 - TINY)
    first, past = cell_start[cell], cell_start[cell + 1]
    mass = running[first] + rest * (running[past] - running[first])
    firm = np.clip(np.searchsorted(running, mass, side="right") - 1, first, past - 1)
    return np.where(total > TINY, firm, -1)
