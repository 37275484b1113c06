"""New suppliers: search, qualification, admission; and what firms design out."""

from __future__ import annotations

import math

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.arrays import first_above
from ecsim.kernels.draws import uniform
from ecsim.kernels.elementary import exp, log
from ecsim.kernels.jit import kernel, part
from ecsim.permission_table import DOMESTIC
from ecsim.world import Array

TINY = 1e-12


@kernel
def admit(
    some_slots: range,
    candidate: Array,
    ready: Array,
    links: Links,
    supplier: Array,
    anchor: Array,
    weight: Array,
    passing: Array,
    start_shortfall: Array,
    terms_adaptation: Terms,
) -> None:
    """Suppliers whose qualification is over take the place with the smallest habitual share, without orders at first."""
    entry, width = terms_adaptation.qualify_entry, len(links)
    for s in some_slots:
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


@kernel
def known_for_size(some_firms: range, capacity: Array, scratch_running: Array, terms_adaptation: Terms) -> None:
    """How likely buyers hear of each firm, which stands one place up from its own."""
    if not terms_adaptation.enabled:
        return
    heard = scratch_running[1:]
    for f in some_firms:
        heard[f] = exp(terms_adaptation.size_exponent * log(capacity[f])) if capacity[f] > TINY else 0.0


@kernel
def hear_of(
    product: Array,
    cell_start: Array,
    frontier: Array,
    tech_eff: Array,
    scratch_running: Array,
    scratch_cell_gap: Array,
    terms_adaptation: Terms,
) -> None:
    """How likely buyers hear of each firm, added up over all before it; and how far the best of each cell is behind the frontier."""
    if not terms_adaptation.enabled:
        return
    scratch_running[0] = 0.0
    for f in range(len(product)):
        scratch_running[f + 1] += scratch_running[f]
    for c in range(len(scratch_cell_gap)):
        least = np.inf
        for f in range(cell_start[c], cell_start[c + 1]):
            least = min(least, frontier[product[f]] - tech_eff[f])
        scratch_cell_gap[c] = least


@kernel
def search(
    some_slots: range,
    now: Array,
    stream_qualify: Array,
    unmet: Array,
    links: Links,
    weight: Array,
    touched: Array,
    passing: Array,
    degraded: Array,
    coef: Array,
    slot_firm: Array,
    slot_input: Array,
    below: Array,
    product: Array,
    product_choke: Array,
    product_cells: Array,
    cell_start: Array,
    frontier: Array,
    tech_eff: Array,
    closed: Array,
    table_pair: Array,
    table_start: Array,
    table_column: Array,
    table_by: Array,
    table_denial: Array,
    table_reach: Array,
    table_way: Array,
    class_of_firm: Array,
    cell_owner: Array,
    location: Array,
    supplier: Array,
    anchor: Array,
    candidate: Array,
    ready: Array,
    scratch_running: Array,
    scratch_cell_gap: Array,
    terms_adaptation: Terms,
) -> None:
    """Slots with unmet or refused need start to qualify a new supplier, with the hazard of their product."""
    t = terms_adaptation
    if not t.enabled:
        return
    slots, width = len(weight), len(links)
    shortest, span = int(t.qualify_min), int(t.qualify_max - t.qualify_min) + 1
    offer = np.empty(len(scratch_cell_gap))
    for s in some_slots:
        refused = 0.0
        if touched[s]:
            for k in range(width):
                refused += weight[s, k] * (1.0 - passing[s, k] + degraded[s, k])
        if not (max(unmet[s], refused) > t.unmet_trigger and candidate[s] < 0 and coef[s] > 0.0):
            continue
        p = slot_input[s]
        if uniform(stream_qualify, now[0], s) >= t.qualify_hazard * (1.0 - (1.0 - t.qualify_chokepoint) * product_choke[p]):
            continue
        buyer = slot_firm[s]
        called = frontier[product[buyer]] - tech_eff[buyer] + below[s]
        first, past = product_cells[p], product_cells[p + 1]
        row, at = table_pair[p, class_of_firm[buyer]], location[buyer]
        total = 0.0
        for c in range(first, past):
            heard = scratch_running[cell_start[c + 1]] - scratch_running[cell_start[c]]
            kept = (
                _kept_from(row, c, table_start, table_column, table_by, table_denial, table_reach, table_way)
                if cell_owner[c] != at
                else 0.0
            )
            free = (1.0 - kept) * (1.0 - closed[c, at])
            offer[c] = heard * min(max(1.0 - (scratch_cell_gap[c] - called), 0.0), 1.0) * free
            total += offer[c]
        if total <= TINY:
            continue
        target, passed = uniform(stream_qualify, now[0], slots + s) * total, 0.0
        for c in range(first, past):
            if passed + offer[c] <= target:
                passed += offer[c]
                continue
            low, high = scratch_running[cell_start[c]], scratch_running[cell_start[c + 1]]
            mass = low + min(max((target - passed) / max(offer[c], TINY), 0.0), 1.0 - TINY) * (high - low)
            firm = first_above(scratch_running, mass) - 1
            firm = min(max(firm, cell_start[c]), cell_start[c + 1] - 1)
            known = False
            for k in range(width):
                known = known or (supplier[s, k] == firm and anchor[s, k] > 0.0)
            if not known:
                candidate[s] = firm
                ready[s] = shortest + min(int(uniform(stream_qualify, now[0], 2 * slots + s) * span), span - 1)
            break


@part
def _kept_from(row: int, cell: int, start: Array, column: Array, by: Array, denial: Array, reach: Array, way: Array) -> float:
    """What domestic and adopted rules refuse of a cell's goods, which is known before trade is tried."""
    refused = 0.0
    if row >= 0:
        for n in range(start[row], start[row + 1]):
            if way[column[n]] == DOMESTIC:
                refused = max(refused, reach[by[n], cell] * denial[n])
    return refused


@kernel
def design_out(
    some_firms: range,
    cell: Array,
    owner: Array,
    table_exposed: Array,
    tool_use: Array,
    shed: Array,
    terms_adaptation: Terms,
    terms_permission: Terms,
) -> None:
    """Foreign firms in reach of a direct-product rule design out the issuer's content and tools."""
    if not terms_adaptation.enabled:
        return
    for f in some_firms:
        for i in range(shed.shape[1]):
            if table_exposed[cell[f], i] and owner[f] != i:
                reach = terms_permission.fdp_max * (1.0 - exp(-tool_use[f, i] / terms_permission.fdp_scale))
                shed[f, i] += terms_adaptation.shed_speed * reach * (1.0 - shed[f, i])
