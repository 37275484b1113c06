"""New suppliers: search, qualification, admission; and what firms design out."""

from __future__ import annotations

import math

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.mechanisms.qualification import DRAWS
from ecsim.world import Array, World

TINY = 1e-12


def admit(w: World) -> None:
    """Suppliers whose qualification is over take the place with the smallest habitual share, without orders at first."""
    _admit(w.candidate, w.ready, w.supplier, w.anchor, w.weight, w.passing, w.start_shortfall, w.params.adaptation.qualify_entry)


@kernel
def _admit(
    candidate: Array, ready: Array, supplier: Array, anchor: Array, weight: Array, passing: Array, start_shortfall: Array, entry: float
) -> None:
    width = weight.shape[1]
    for s in range(len(candidate)):
        if candidate[s] < 0:
            continue
        ready[s] -= 1
        if ready[s] > 0:
            continue
        place, least = 0, math.inf
        for k in range(width):
            matters = anchor[s, k] * max(passing[s, k], entry)
            if matters < least:
                place, least = k, matters
        supplier[s, place] = candidate[s]
        start_shortfall[s, place] = 0.0
        candidate[s] = -1
        anchors, weights = 0.0, 0.0
        for k in range(width):
            if k != place:
                anchors += anchor[s, k]
                weights += weight[s, k]
        for k in range(width):
            if k == place:
                anchor[s, k] = entry if anchors > TINY else 1.0
                weight[s, k] = 0.0 if weights > TINY else 1.0
            else:
                anchor[s, k] = (1.0 - entry) * anchor[s, k] / max(anchors, TINY)
                weight[s, k] = weight[s, k] / weights if weights > TINY else 0.0


def search(w: World) -> None:
    """Slots with unmet or refused need start to qualify a new supplier, with the hazard of their product."""
    e, a = w.economy, w.params.adaptation
    if not a.enabled:
        return
    short = np.empty(e.n_slots, dtype=np.bool_)
    if not _short(w.unmet, w.weight, w.passing, w.degraded, w.candidate, e.coef, a.unmet_trigger, short):
        return
    assert w.table is not None and w.classes is not None
    free = w.table.free * (1.0 - w.closed[:, w.classes.location]).T if w.closed.any() else w.table.free
    size = np.maximum(w.capacity, 0.0) ** a.size_exponent
    _search(
        *(
            short,
            w.streams.uniform("qualify", w.quarter, (DRAWS, e.n_slots)),
            e.slot_firm,
            e.slot_input,
            e.below,
            e.product,
            e.product_choke,
        ),
        *(w.layout.product_cells, e.cell_start, np.concatenate([[0.0], np.cumsum(size)]), w.frontier, w.tech_eff, free, w.classes.of_firm),
        *(w.supplier, w.anchor, w.candidate, w.ready, (a.qualify_hazard, a.qualify_chokepoint), (a.qualify_min, a.qualify_max)),
    )


@kernel
def _short(
    unmet: Array, weight: Array, passing: Array, degraded: Array, candidate: Array, coef: Array, trigger: float, short: Array
) -> bool:
    """Mark the slots whose need is unmet or refused and that look for nobody yet; whether there is any."""
    found = False
    for s in range(len(unmet)):
        short[s] = False
        if candidate[s] >= 0 or coef[s] <= 0.0:
            continue
        refused = 0.0
        for k in range(weight.shape[1]):
            refused += weight[s, k] * (1.0 - passing[s, k] + degraded[s, k])
        if max(unmet[s], refused) > trigger:
            short[s] = True
            found = True
    return found


@kernel
def _search(
    short: Array,
    draws: Array,
    slot_firm: Array,
    slot_input: Array,
    below: Array,
    product: Array,
    product_choke: Array,
    product_cells: Array,
    cell_start: Array,
    running: Array,
    frontier: Array,
    tech_eff: Array,
    free: Array,
    class_of: Array,
    supplier: Array,
    anchor: Array,
    candidate: Array,
    ready: Array,
    hazards: tuple[float, float],
    spans: tuple[int, int],
) -> None:
    hazard, chokepoint = hazards
    shortest, longest = spans
    span = longest - shortest + 1
    cell_gap = np.full(len(cell_start) - 1, np.inf)
    for c in range(len(cell_gap)):
        for f in range(cell_start[c], cell_start[c + 1]):
            cell_gap[c] = min(cell_gap[c], frontier[product[f]] - tech_eff[f])
    for s in range(len(short)):
        if not short[s] or draws[0, s] >= hazard * (1.0 - (1.0 - chokepoint) * product_choke[slot_input[s]]):
            continue
        buyer, p = slot_firm[s], slot_input[s]
        called = frontier[product[buyer]] - tech_eff[buyer] + below[s]
        first, past = product_cells[p], product_cells[p + 1]
        total = 0.0
        for c in range(first, past):
            size = running[cell_start[c + 1]] - running[cell_start[c]]
            total += size * min(max(1.0 - (cell_gap[c] - called), 0.0), 1.0) * free[class_of[buyer], c]
        if total <= TINY:
            continue
        target, passed = draws[1, s] * total, 0.0
        for c in range(first, past):
            low, high = running[cell_start[c]], running[cell_start[c + 1]]
            offer = (high - low) * min(max(1.0 - (cell_gap[c] - called), 0.0), 1.0) * free[class_of[buyer], c]
            if passed + offer <= target:
                passed += offer
                continue
            mass = low + min(max((target - passed) / max(offer, TINY), 0.0), 1.0 - TINY) * (high - low)
            firm = np.searchsorted(running, mass, side="right") - 1
            firm = min(max(firm, cell_start[c]), cell_start[c + 1] - 1)
            known = False
            for k in range(supplier.shape[1]):
                known = known or (supplier[s, k] == firm and anchor[s, k] > 0.0)
            if not known:
                candidate[s] = firm
                ready[s] = shortest + min(int(draws[2, s] * span), span - 1)
            break


def design_out(w: World) -> None:
    """Foreign firms in reach of a direct-product rule design out the issuer's content and tools."""
    a, p = w.params.adaptation, w.params.permission
    if a.enabled and w.table is not None and w.table.exposed.any():
        _design_out(w.economy.cell, w.economy.owner, w.table.exposed, w.tool_use, w.shed, a.shed_speed, p.fdp_max, p.fdp_scale)


@kernel
def _design_out(
    cell: Array, owner: Array, exposed: Array, tool_use: Array, shed: Array, speed: float, fdp_max: float, fdp_scale: float
) -> None:
    for f in range(len(cell)):
        for i in range(shed.shape[1]):
            if exposed[cell[f], i] and owner[f] != i:
                reach = fdp_max * (1.0 - math.exp(-tool_use[f, i] / fdp_scale))
                shed[f, i] += speed * reach * (1.0 - shed[f, i])
