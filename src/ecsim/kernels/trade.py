"""Orders, and production with inventories."""

from __future__ import annotations

import math

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.params import Production
from ecsim.world import Array, World

TINY = 1e-12
FORMS = {"partial": 0, "leontief": 1, "linear": 2, "ces": 2}
LEONTIEF, MEAN = 1, 2  # a mean of all inputs: linear, or of a power (ces)


def form_of(p: Production) -> tuple[int, float]:
    """Number of a production form, and the power of its mean."""
    return FORMS[p.form], 1.0 - 1.0 / p.substitution if p.form == "ces" else 1.0


def orders(w: World) -> None:
    """Firms order what they expect to use, or to install as they invest and have credit, and part of what their stocks lack."""
    e, p, a = w.economy, w.params.production, w.params.adaptation
    terms = (p.cover, p.order_time, p.order_time_scarce, p.scarce_cover, p.order_cap, p.headroom)
    build = (p.depreciation, p.investment_time, p.expansion_max)
    _orders(
        *(w.layout.slot_start, e.product, e.location, e.slot_input, e.coef, e.capital, e.product_build, w.start.growth),
        *(w.expected, w.stock, w.transit, w.threat, w.extra_cover, w.capacity, w.building, w.trend, w.credit),
        *(w.ordered, w.install, w.investment, a.stockpile, a.stockpile_capital, terms, build),
    )


@kernel
def _orders(
    slot_start: Array,
    product: Array,
    location: Array,
    slot_input: Array,
    coef: Array,
    capital: Array,
    product_build: Array,
    growth: Array,
    expected: Array,
    stock: Array,
    transit: Array,
    threat: Array,
    extra_cover: Array,
    capacity: Array,
    building: Array,
    trend: Array,
    credit: Array,
    ordered: Array,
    install: Array,
    investment: Array,
    stockpile: float,
    stockpile_capital: float,
    terms: tuple[float, ...],
    build_terms: tuple[float, ...],
) -> None:
    cover, order_time, order_time_scarce, scarce_cover, order_cap, headroom = terms
    depreciation, investment_time, expansion_max = build_terms
    for f in range(len(expected)):
        build = product_build[product[f]]
        keep = depreciation + trend[f]
        pipeline = building[f] - build * keep * capacity[f]
        gap = expected[f] * (1.0 + headroom) - (capacity[f] + pipeline)
        wanted = keep + gap / (max(capacity[f], TINY) * (build + investment_time))
        investment[f] = min(max(wanted, 0.0), depreciation + expansion_max) * credit[f]
        rate = investment[f] / (depreciation + growth[product[f]]) * capacity[f] / (1.0 + headroom)
        here = location[f]
        for s in range(slot_start[f], slot_start[f + 1]):
            felt, extra = threat[slot_input[s], here], extra_cover[slot_input[s], here]
            if capital[s]:
                need = install[s] = coef[s] * rate
                lack, time = (stockpile_capital * felt + extra) * need - stock[s], order_time
            else:
                need = coef[s] * expected[f]
                lack = (cover + (stockpile * felt + extra)) * need - stock[s] - transit[s]
                time = order_time_scarce if stock[s] < scarce_cover * need else order_time
            ordered[s] = min(max(need + lack / time, 0.0), order_cap * need)


def split(w: World) -> None:
    """Orders are split by weight and permission; what one may not sell is sought from the others by habit."""
    e = w.economy
    gap = w.frontier[e.product] - w.tech_eff
    _split(e.slot_firm, e.below, w.supplier, w.weight, w.passing, w.degraded, w.diverted, gap, w.ordered, w.request)


@kernel
def _split(
    slot_firm: Array,
    below: Array,
    supplier: Array,
    weight: Array,
    passing: Array,
    degraded: Array,
    diverted: Array,
    gap: Array,
    ordered: Array,
    request: Array,
) -> None:
    width = weight.shape[1]
    for s in range(len(ordered)):
        total = 0.0
        for k in range(width):
            others = 1.0 - weight[s, k]
            if others > TINY:
                total += weight[s, k] * (1.0 - passing[s, k]) / others
        own_gap = gap[slot_firm[s]] + below[s]
        for k in range(width):
            share = weight[s, k] * passing[s, k]
            if total > TINY and weight[s, k] > 0.0:
                others = 1.0 - weight[s, k]
                sought = weight[s, k] * (1.0 - passing[s, k]) / others if others > TINY else 0.0
                usable = min(max(1.0 - (gap[supplier[s, k]] - own_gap), 0.0), 1.0)
                share += weight[s, k] * usable * (passing[s, k] - degraded[s, k] - diverted[s, k]) * (total - sought)
            request[s, k] = ordered[s] * share


def produce(w: World) -> None:
    """Suppliers make what is ordered, within capacity and inputs, and share it out pro rata; goods arrive and are used."""
    e = w.economy
    _produce(
        *(w.layout.slot_start, e.cell, e.cell_start, e.capital, e.coef, w.supplier, w.request, w.delay, w.final_request, w.final_weight),
        *(w.capacity, w.yield_, w.critical, w.ordered, w.install, w.stock, w.transit, w.wait, w.received, w.flow, w.cover, w.fresh),
        *(w.unmet, w.demand, w.output, w.fill, w.input_limit, w.final_sales, *form_of(w.params.production)),
    )


@kernel
def _produce(
    slot_start: Array,
    cell: Array,
    cell_start: Array,
    capital: Array,
    coef: Array,
    supplier: Array,
    request: Array,
    delay: Array,
    final_request: Array,
    final_weight: Array,
    capacity: Array,
    yield_: Array,
    critical: Array,
    ordered: Array,
    install: Array,
    stock: Array,
    transit: Array,
    wait: Array,
    received: Array,
    flow: Array,
    cover: Array,
    fresh: Array,
    unmet: Array,
    demand: Array,
    output: Array,
    fill: Array,
    input_limit: Array,
    final_sales: Array,
    form: int,
    power: float,
) -> None:
    n, width = len(demand), request.shape[1]
    demand[:] = 0.0
    for s in range(len(ordered)):
        for k in range(width):
            if request[s, k] != 0.0:
                demand[supplier[s, k]] += request[s, k]
    for c in range(len(final_request)):
        asked = 0.0
        for m in range(final_request.shape[1]):
            asked += final_request[c, m]
        for f in range(cell_start[c], cell_start[c + 1]):
            demand[f] += asked * final_weight[f]

    for f in range(n):  # upstream first
        first, past = slot_start[f], slot_start[f + 1]
        plan = min(capacity[f] * yield_[f], demand[f])
        limit, covered, bought = 1.0, 0.0, 0.0
        for s in range(first, past):
            if capital[s]:
                continue
            _arrive(s, supplier, request, fill, delay, ordered, stock, transit, wait, received, flow, fresh, unmet)
            stock[s] += received[s]
            ratio = min(1.0, stock[s] / max(coef[s] * plan, TINY))
            cover[s] = ratio
            if form == MEAN:
                covered += coef[s] * (ratio if power == 1.0 else max(ratio, TINY) ** power)
                bought += coef[s]
            else:
                psi = (1.0 if coef[s] > 0.0 else 0.0) if form == LEONTIEF else critical[s]
                limit = min(limit, 1.0 - psi * (1.0 - ratio))
        if form == MEAN and bought > TINY:
            limit = (covered / bought) ** (1.0 / power)
        for s in range(first, past):
            if not capital[s]:
                stock[s] -= min(stock[s], coef[s] * (plan * limit))
        input_limit[f] = limit
        output[f] = plan * limit
        fill[f] = output[f] / demand[f] if demand[f] > TINY else 1.0

    for s in range(len(ordered)):
        if capital[s]:
            _arrive(s, supplier, request, fill, delay, ordered, stock, transit, wait, received, flow, fresh, unmet)
            stock[s] += received[s]
            cover[s] = min(1.0, stock[s] / install[s]) if install[s] > TINY else 1.0
            stock[s] -= min(stock[s], install[s])

    for c in range(len(final_request)):
        made = 0.0
        for f in range(cell_start[c], cell_start[c + 1]):
            made += fill[f] * final_weight[f]
        for m in range(final_request.shape[1]):
            final_sales[c, m] = final_request[c, m] * made


@kernel
def _arrive(
    s: int,
    supplier: Array,
    request: Array,
    fill: Array,
    delay: Array,
    ordered: Array,
    stock: Array,
    transit: Array,
    wait: Array,
    received: Array,
    flow: Array,
    fresh: Array,
    unmet: Array,
) -> None:
    """Goods reach a slot, those under licence by way of the queue."""
    left = transit[s] * wait[s] / (1.0 + wait[s])
    inflow, waiting, waits = 0.0, left, left * wait[s]
    for k in range(request.shape[1]):
        x = request[s, k]
        if x != 0.0:
            x *= fill[supplier[s, k]]
            inflow += x
            d = delay[s, k]
            if d > 0.0:
                waiting += x * d / (1.0 + d)
                waits += x * d / (1.0 + d) * d
        flow[s, k] = x
    before = transit[s]
    fresh[s] = inflow / max(stock[s] + before + inflow, ordered[s], TINY)
    received[s] = before + inflow - waiting
    transit[s] = waiting
    if waiting > TINY:
        wait[s] = waits / waiting
    unmet[s] = 1.0 - min(1.0, inflow / max(ordered[s], TINY)) if ordered[s] > TINY else 0.0


def final_orders(w: World) -> None:
    """Final markets order from the suppliers they may buy from; what one may not sell is sought from the others."""
    _final_orders(w.layout.product_cells, w.final_demand, w.final_share, w.final_passing, w.final_request)


@kernel
def _final_orders(product_cells: Array, final_demand: Array, final_share: Array, final_passing: Array, final_request: Array) -> None:
    for p in range(len(product_cells) - 1):
        for m in range(final_demand.shape[1]):
            total = 0.0
            for c in range(product_cells[p], product_cells[p + 1]):
                total += final_share[c, m] * final_passing[c, m]
            for c in range(product_cells[p], product_cells[p + 1]):
                allowed = final_share[c, m] * final_passing[c, m]
                moved = (1.0 - total) * allowed / total if total > TINY else 0.0
                final_request[c, m] = final_demand[p, m] * (allowed + moved * final_passing[c, m])


def final_demand(w: World) -> None:
    """Final markets grow, are shaken a little, and buy less of what is dear."""
    e, m = w.economy, w.params.market
    noise = w.streams.normal("final demand", w.quarter, (e.n_products, e.n_states))
    growth = w.start.final_growth[min(w.quarter, len(w.start.final_growth) - 1)]
    _final_demand(
        *(w.layout.product_cells, e.cell_start, e.final0, growth, noise, w.price, w.final_weight, w.final_share, w.final_tariff),
        *(w.demand_shock, w.final_demand, m.demand_noise_memory, m.demand_noise, m.price_elasticity),
    )


@kernel
def _final_demand(
    product_cells: Array,
    cell_start: Array,
    final0: Array,
    growth: Array,
    noise: Array,
    price: Array,
    final_weight: Array,
    final_share: Array,
    final_tariff: Array,
    demand_shock: Array,
    final_demand: Array,
    memory: float,
    size: float,
    elasticity: float,
) -> None:
    cell_price = np.empty(len(cell_start) - 1)
    for c in range(len(cell_price)):
        paid, sold = 0.0, 0.0
        for f in range(cell_start[c], cell_start[c + 1]):
            paid += price[f] * final_weight[f]
            sold += final_weight[f]
        cell_price[c] = paid + (1.0 - sold)
    for p in range(len(product_cells) - 1):
        for m in range(final0.shape[1]):
            paid, total = 0.0, 0.0
            for c in range(product_cells[p], product_cells[p + 1]):
                share = final_share[c, m]
                if share != 0.0:
                    paid += share * (cell_price[c] * (1.0 + final_tariff[c, m]))
                    total += share
            market_price = paid / total if total > TINY else 1.0
            demand_shock[p, m] = memory * demand_shock[p, m] + size * noise[p, m]
            final_demand[p, m] = final0[p, m] * math.exp(growth[p, m] + demand_shock[p, m]) * market_price**-elasticity
