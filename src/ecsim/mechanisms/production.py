"""Production with inventories: block by block, upstream first, so that a shortage reaches buyers in the same quarter."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.layout import Block
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.world import World

TINY = 1e-12


@mechanism(
    Phase.TRADE,
    reads="request ordered install final_request final_weight capacity yield_ delay critical stock transit wait supplier",
    writes="demand output fill flow received transit wait stock cover fresh unmet final_sales input_limit",
    source="Pichler et al. 2022; ARIO; model section 7.3",
)
def produce(w: World) -> None:
    """Suppliers make what is ordered, within capacity and inputs, and share it out pro rata; goods arrive and are used."""
    e = w.economy
    w.demand[:] = orders_received(w)
    for block in w.layout.blocks:
        _arrive(w, block)
        _make(w, block)
    _arrive_capital(w)
    came = np.minimum(1.0, w.flow.sum(axis=1) / np.maximum(w.ordered, TINY))
    w.unmet[:] = np.where(w.ordered > TINY, 1.0 - came, 0.0)
    made = np.add.reduceat(w.fill * w.final_weight, e.cell_start[:-1])
    w.final_sales[:] = w.final_request * made[:, None]


def orders_received(w: World) -> Array:
    """Orders that reach each firm, from firms and final markets, shape N."""
    e = w.economy
    final = w.final_request.sum(axis=1)[e.cell] * w.final_weight
    return final + np.bincount(w.supplier.ravel(), weights=w.request.ravel(), minlength=e.n_firms)


def _arrive(w: World, block: Block) -> None:
    """Goods reach the slots of a block; those under licence wait their time in transit."""
    s = block.slots
    current = ~w.economy.capital[s]
    flow = w.request[s] * w.fill[w.supplier[s]]
    w.flow[s] = np.where(current[:, None], flow, 0.0)
    _clear(w, s, current)


def _arrive_capital(w: World) -> None:
    """Capital goods reach their buyers after all production of the quarter; what is not installed is kept."""
    rows = w.start.capital_slots
    w.flow[rows] = w.request[rows] * w.fill[w.supplier[rows]]
    _clear(w, rows, np.ones(len(rows), dtype=bool))
    w.stock[rows] += w.received[rows]
    install = w.install[rows]
    w.cover[rows] = np.where(install > TINY, np.minimum(1.0, w.stock[rows] / np.maximum(install, TINY)), 1.0)
    w.stock[rows] -= np.minimum(w.stock[rows], install)


def _clear(w: World, rows: slice | Array, mask: Array) -> None:
    """Move goods through the licence queue: a first-order lag, so that nothing is lost and the mean wait is the delay.

    The wait of the queue is the mean over what waits in it; goods of a supplier without licences never enter it.
    """
    flow, delay = w.flow[rows], w.delay[rows]
    inflow = flow.sum(axis=1)
    held = flow * delay / (1.0 + delay)
    before, wait = w.transit[rows].copy(), w.wait[rows].copy()
    left = before * wait / (1.0 + wait)
    waiting = left + held.sum(axis=1)
    mean = np.where(waiting > TINY, (left * wait + (held * delay).sum(axis=1)) / np.maximum(waiting, TINY), wait)
    at_hand = w.stock[rows] + before + inflow
    fresh = inflow / np.maximum(np.maximum(at_hand, w.ordered[rows]), TINY)
    w.fresh[rows] = np.where(mask, fresh, w.fresh[rows])
    w.wait[rows] = np.where(mask, mean, wait)
    w.received[rows] = np.where(mask, before + inflow - waiting, w.received[rows])
    w.transit[rows] = np.where(mask, waiting, before)


def _make(w: World, block: Block) -> None:
    """Firms of a block produce: x = plan x min over inputs of [1 - psi (1 - stock over need)]."""
    e, f, s = w.economy, block.firms, block.slots
    current = ~e.capital[s]
    plan = np.minimum(w.capacity[f] * w.yield_[f], w.demand[f])
    limit = np.ones(len(plan))
    if len(block.buyers):
        buyer = e.slot_firm[s] - f.start
        w.stock[s] += np.where(current, w.received[s], 0.0)
        need = e.coef[s] * plan[buyer]
        ratio = np.where(current, np.minimum(1.0, w.stock[s] / np.maximum(need, TINY)), 1.0)
        w.cover[s] = np.where(current, ratio, w.cover[s])
        limit[block.buyers] = input_limit(
            w.params.production.form, ratio, w.critical[s] * current, e.coef[s] * current, block.starts, w.params.production.ces_exponent
        )
        used = np.minimum(w.stock[s], e.coef[s] * (plan * limit)[buyer])
        w.stock[s] -= np.where(current, used, 0.0)
    w.input_limit[f] = limit
    w.output[f] = plan * limit
    w.fill[f] = np.where(w.demand[f] > TINY, w.output[f] / np.maximum(w.demand[f], TINY), 1.0)


def input_limit(form: str, ratio: Array, critical: Array, coef: Array, starts: Array, exponent: float) -> Array:
    """Share of the plan that inputs allow, by firm.

    Args:
        form: "partial" (criticality as given), "leontief" (every input critical), "ces" (inputs replace each other
            with constant elasticity) or "linear" (in proportion to their cost).
        ratio: stock over need of each slot, at most 1, shape (m,).
        critical: psi, shape (m,); zero for capital inputs.
        coef: input per unit of output, shape (m,); zero for capital inputs.
        starts: first slot of each firm with slots, shape (n,).
        exponent: of "ces", 1 - 1 / elasticity; not 0.

    Returns:
        array of shape (n,), 0 to 1.

    Source: Pichler et al. 2022; Arrow, Chenery, Minhas and Solow 1961 (ces).
    """
    if form == "linear":
        total = np.add.reduceat(coef, starts)
        return np.where(total > TINY, np.add.reduceat(coef * ratio, starts) / np.maximum(total, TINY), 1.0)
    if form == "ces":
        total = np.maximum(np.add.reduceat(coef, starts), TINY)
        mean = np.add.reduceat(coef * np.maximum(ratio, TINY) ** exponent, starts) / total
        return np.asarray(np.where(mean > 0.0, np.maximum(mean, TINY), 1.0) ** (1.0 / exponent))
    psi = (coef > 0) * 1.0 if form == "leontief" else critical
    return np.minimum.reduceat(1.0 - psi * (1.0 - ratio), starts)
