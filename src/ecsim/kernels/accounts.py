"""What rules block, revenue and profit, and what the challenger was denied."""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.world import CHALLENGER, Array, World

TINY = 1e-12


def recall_blocked(w: World) -> None:
    """What the permissions of last quarter keep from each supplier, at the orders as they now stand."""
    w.blocked[:] = blocked_sales(w)


def announce(w: World) -> None:
    """Markets mark down a supplier by the share of its sales that is newly blocked, and up by what is freed."""
    now, sales = blocked_sales(w), np.maximum(w.output + w.blocked, TINY)
    if not (now.any() or w.blocked.any()):
        w.lost_sales.fill(0.0)
        return
    w.market_value[:] *= np.exp(-w.params.accounts.announcement * (now - w.blocked) / sales)
    w.lost_sales[:] = now / sales


def blocked_sales(w: World) -> Array:
    """Orders of firms and final markets that rules keep from each supplier, USD bn a quarter, shape N."""
    e = w.economy
    blocked = np.zeros(e.n_firms)
    _blocked(
        *(w.supplier, w.ordered, w.weight, w.passing, w.barred, e.cell_start, e.cell_product, w.final_weight),
        *(w.final_demand, w.final_share, w.final_passing, w.closed, blocked),
    )
    return blocked


@kernel
def _blocked(
    supplier: Array,
    ordered: Array,
    weight: Array,
    passing: Array,
    barred: Array,
    cell_start: Array,
    cell_product: Array,
    final_weight: Array,
    final_demand: Array,
    final_share: Array,
    final_passing: Array,
    closed: Array,
    blocked: Array,
) -> None:
    for s in range(len(ordered)):
        for k in range(weight.shape[1]):
            refused = 1.0 - passing[s, k] - barred[s, k]
            if refused > 0.0:
                blocked[supplier[s, k]] += ordered[s] * weight[s, k] * refused
    for c in range(len(cell_product)):
        final = 0.0
        for m in range(final_share.shape[1]):
            refused = 1.0 - final_passing[c, m] - closed[c, m]
            if refused > 0.0:
                final += final_demand[cell_product[c], m] * final_share[c, m] * refused
        if final > 0.0:
            for f in range(cell_start[c], cell_start[c + 1]):
                blocked[f] += final * final_weight[f]


def revenue(w: World) -> None:
    """Revenue is output at price; profit is what inputs, R&D and compliance leave of it."""
    e = w.economy
    _revenue(w.layout.slot_start, w.output, w.price, w.rd, w.flow, w.input_price, w.revenue, w.profit)
    if w.compliance_cost.any():
        licensed = np.zeros(e.n_firms)
        _licensed(w.supplier, w.flow, w.delay, licensed)
        w.profit[:] -= w.compliance_cost[e.location] * licensed


@kernel
def _revenue(
    slot_start: Array, output: Array, price: Array, rd: Array, flow: Array, input_price: Array, revenue: Array, profit: Array
) -> None:
    for f in range(len(output)):
        spent = 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            came = 0.0
            for k in range(flow.shape[1]):
                came += flow[s, k]
            spent += came * input_price[s]
        revenue[f] = output[f] * price[f]
        profit[f] = revenue[f] - spent - rd[f]


@kernel
def _licensed(supplier: Array, flow: Array, delay: Array, licensed: Array) -> None:
    """Deliveries of each supplier that needed a licence."""
    for s in range(flow.shape[0]):
        for k in range(flow.shape[1]):
            if delay[s, k] > 0.0:
                licensed[supplier[s, k]] += flow[s, k]


def denial(w: World) -> None:
    """What the challenger's buyers were denied, and what was diverted, degraded or backfilled."""
    e = w.economy
    w.trade_effects.fill(0.0)
    w.denied_share.fill(0.0)
    if w.table is not None and w.table.denial.size:
        _denial(
            *(w.start.challenger_slots, e.owner, CHALLENGER, w.supplier, w.ordered, w.weight, w.anchor, w.flow),
            *(w.passing, w.barred, w.diverted, w.degraded, w.trade_effects, w.denied_share),
        )


@kernel
def _denial(
    mine: Array,
    owner: Array,
    challenger: int,
    supplier: Array,
    ordered: Array,
    weight: Array,
    anchor: Array,
    flow: Array,
    passing: Array,
    barred: Array,
    diverted: Array,
    degraded: Array,
    effects: Array,
    denied_share: Array,
) -> None:
    asked = 0.0
    for s in mine:
        asked += ordered[s]
        refused = 0.0
        for k in range(weight.shape[1]):
            refused += ordered[s] * weight[s, k] * max(1.0 - passing[s, k] - barred[s, k], 0.0)
            share = max(passing[s, k], TINY)
            effects[1] += flow[s, k] * diverted[s, k] / share
            effects[2] += flow[s, k] * degraded[s, k] / share
        effects[0] += refused
        if refused > TINY:
            for k in range(weight.shape[1]):
                if passing[s, k] + barred[s, k] > 1.0 - TINY and owner[supplier[s, k]] != challenger:
                    effects[3] += max(flow[s, k] - ordered[s] * anchor[s, k], 0.0)
    denied_share[0] = effects[0] / max(asked, TINY)
