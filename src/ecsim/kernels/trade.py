"""Demand, orders, and production with inventories."""

from __future__ import annotations

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.arrays import anywhere
from ecsim.kernels.elementary import exps, logs
from ecsim.kernels.jit import kernel, part
from ecsim.world import Array

TINY = 1e-12
LEONTIEF, CES, LINEAR = 1, 2, 3  # places among the choices of production.form


@kernel
def final_demand(
    now: Array,
    product_cells: Array,
    cell_start: Array,
    final0: Array,
    start_final_growth: Array,
    shock_demand: Array,
    price: Array,
    final_weight: Array,
    final_share: Array,
    final_tariff: Array,
    taxed: Array,
    demand_shock: Array,
    final_demand: Array,
    terms_market: Terms,
) -> None:
    """Final markets grow, are shaken a little, and buy less of what is dear."""
    t = terms_market
    growth = start_final_growth[min(now[0], len(start_final_growth) - 1)]
    markets, tariffs = final0.shape[1], anywhere(taxed.ravel())
    paid, total = np.zeros(final0.shape), np.empty(markets)
    for p in range(len(product_cells) - 1):
        total[:] = 0.0
        for c in range(product_cells[p], product_cells[p + 1]):
            spent, sold = 0.0, 0.0
            for f in range(cell_start[c], cell_start[c + 1]):
                spent += price[f] * final_weight[f]
                sold += final_weight[f]
            cell_price = spent + (1.0 - sold)
            for m in range(markets):
                paid[p, m] += final_share[c, m] * (cell_price * (1.0 + final_tariff[c, m]) if tariffs else cell_price)
                total[m] += final_share[c, m]
        for m in range(markets):
            paid[p, m] = paid[p, m] / total[m] if total[m] > TINY else 1.0
    logs(paid.ravel())
    for p in range(len(paid)):
        for m in range(markets):
            demand_shock[p, m] = t.demand_noise_memory * demand_shock[p, m] + t.demand_noise * shock_demand[p, m]
            paid[p, m] = growth[p, m] + demand_shock[p, m] - t.price_elasticity * paid[p, m]
    exps(paid.ravel())
    for p in range(len(paid)):
        for m in range(markets):
            final_demand[p, m] = final0[p, m] * paid[p, m]


@kernel
def final_orders(
    product_cells: Array, final_demand: Array, final_share: Array, final_touched: Array, final_passing: Array, final_request: Array
) -> None:
    """Final markets order from the suppliers they may buy from; what one may not sell is sought from the others."""
    markets = final_demand.shape[1]
    sought = np.empty(markets)
    for p in range(len(product_cells) - 1):
        first, past = product_cells[p], product_cells[p + 1]
        sought[:] = 0.0
        for c in range(first, past):
            if not final_touched[c]:
                continue
            for m in range(markets):
                final_request[c, m] = _sought(final_share[c, m], final_passing[c, m])
                sought[m] += final_request[c, m]
        for c in range(first, past):
            if not final_touched[c]:
                for m in range(markets):
                    final_request[c, m] = final_demand[p, m] * (final_share[c, m] * (1.0 + sought[m]))
                continue
            for m in range(markets):
                moved = sought[m] - final_request[c, m]
                final_request[c, m] = final_demand[p, m] * (final_share[c, m] * final_passing[c, m] * (1.0 + moved))


@part
def _sought(share: float, passing: float) -> float:
    """What one supplier may not sell, over the habitual share of the others."""
    others = 1.0 - share
    return share * (1.0 - passing) / others if others > TINY else 0.0


@kernel
def orders(
    some_firms: range,
    slot_start: Array,
    product: Array,
    location: Array,
    slot_input: Array,
    coef: Array,
    capital: Array,
    product_build: Array,
    start_upkeep: Array,
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
    terms_production: Terms,
    terms_adaptation: Terms,
) -> None:
    """Firms order what they expect to use, or to install as they invest and have credit, and part of what their stocks lack."""
    t, a = terms_production, terms_adaptation
    for f in some_firms:
        build = product_build[product[f]]
        keep = t.depreciation + trend[f]
        pipeline = building[f] - build * keep * capacity[f]
        gap = expected[f] * (1.0 + t.headroom) - (capacity[f] + pipeline)
        wanted = keep + gap / (max(capacity[f], TINY) * (build + t.investment_time))
        investment[f] = min(max(wanted, 0.0), t.depreciation + t.expansion_max) * credit[f]
        rate = investment[f] / start_upkeep[product[f]] * capacity[f] / (1.0 + t.headroom)
        here = location[f]
        for s in range(slot_start[f], slot_start[f + 1]):
            felt = threat[slot_input[s], here] if a.enabled else 0.0
            extra = extra_cover[slot_input[s], here]
            if capital[s]:
                need = install[s] = coef[s] * rate
                lack, time = (a.stockpile_capital * felt + extra) * need - stock[s], t.order_time
            else:
                need = coef[s] * expected[f]
                lack = (t.cover + (a.stockpile * felt + extra)) * need - stock[s] - transit[s]
                time = t.order_time_scarce if stock[s] < t.scarce_cover * need else t.order_time
            ordered[s] = min(max(need + lack / time, 0.0), t.order_cap * need)


@kernel
def split(
    some_slots: range,
    slot_firm: Array,
    product: Array,
    below: Array,
    links: Links,
    supplier: Array,
    weight: Array,
    touched: Array,
    passing: Array,
    degraded: Array,
    diverted: Array,
    tech_eff: Array,
    frontier: Array,
    ordered: Array,
    request: Array,
    sought: Array,
) -> None:
    """Orders are split by weight and permission; what one may not sell is sought from the others by habit."""
    width = len(links)
    for s in some_slots:
        if not touched[s]:
            for k in range(width):
                request[s, k] = ordered[s] * weight[s, k]
            continue
        total = 0.0
        for k in range(width):
            if passing[s, k] < 1.0:
                others = 1.0 - weight[s, k]
                if others > TINY:
                    total += weight[s, k] * (1.0 - passing[s, k]) / others
        if total <= TINY:
            for k in range(width):
                request[s, k] = ordered[s] * (weight[s, k] * passing[s, k])
                sought[s, k] = 0.0
            continue
        buyer = slot_firm[s]
        own_gap = frontier[product[buyer]] - tech_eff[buyer] + below[s]
        for k in range(width):
            moved = 0.0
            if weight[s, k] > 0.0:
                others = 1.0 - weight[s, k]
                from_it = weight[s, k] * (1.0 - passing[s, k]) / others if others > TINY else 0.0
                seller = supplier[s, k]
                usable = min(max(1.0 - (frontier[product[seller]] - tech_eff[seller] - own_gap), 0.0), 1.0)
                moved = weight[s, k] * usable * (passing[s, k] - degraded[s, k] - diverted[s, k]) * (total - from_it)
            asked = weight[s, k] * passing[s, k] + moved
            request[s, k], sought[s, k] = ordered[s] * asked, moved / max(asked, TINY)


@kernel
def take_orders(
    cell_start: Array, links: Links, supplier: Array, request: Array, final_request: Array, final_weight: Array, demand: Array
) -> None:
    """Suppliers receive what firms and final markets order."""
    demand[:] = 0.0
    for s in range(len(request)):
        for k in range(len(links)):
            demand[supplier[s, k]] += request[s, k]
    for c in range(len(final_request)):
        asked = 0.0
        for m in range(final_request.shape[1]):
            asked += final_request[c, m]
        for f in range(cell_start[c], cell_start[c + 1]):
            demand[f] += asked * final_weight[f]


@kernel
def produce(
    upstream_firms: range,
    slot_start: Array,
    capital: Array,
    coef: Array,
    links: Links,
    supplier: Array,
    request: Array,
    touched: Array,
    delay: Array,
    capacity: Array,
    yield_: Array,
    critical: Array,
    ordered: Array,
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
    terms_production: Terms,
) -> None:
    """Suppliers make what is ordered, within capacity and inputs, and share it out pro rata; goods arrive and are used."""
    form = terms_production.form
    power = terms_production.ces_exponent if form == CES else 1.0
    for f in upstream_firms:
        first, past = slot_start[f], slot_start[f + 1]
        plan = min(capacity[f] * yield_[f], demand[f])
        limit, covered, bought = 1.0, 0.0, 0.0
        for s in range(first, past):
            if capital[s]:
                continue
            _arrive(s, links, supplier, request, fill, touched, delay, ordered, stock, transit, wait, received, flow, fresh, unmet)
            stock[s] += received[s]
            ratio = min(1.0, stock[s] / max(coef[s] * plan, TINY))
            cover[s] = ratio
            if form in (CES, LINEAR):
                covered += coef[s] * (ratio if power == 1.0 else max(ratio, TINY) ** power)
                bought += coef[s]
            else:
                psi = (1.0 if coef[s] > 0.0 else 0.0) if form == LEONTIEF else critical[s]
                limit = min(limit, 1.0 - psi * (1.0 - ratio))
        if bought > TINY:
            limit = (covered / bought) ** (1.0 / power)
        for s in range(first, past):
            if not capital[s]:
                stock[s] -= min(stock[s], coef[s] * (plan * limit))
        input_limit[f] = limit
        output[f] = plan * limit
        fill[f] = output[f] / demand[f] if demand[f] > TINY else 1.0


@kernel
def equip(
    some_slots: range,
    capital: Array,
    links: Links,
    supplier: Array,
    request: Array,
    fill: Array,
    touched: Array,
    delay: Array,
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
) -> None:
    """Capital goods arrive when all is made, and are installed."""
    for s in some_slots:
        if capital[s]:
            _arrive(s, links, supplier, request, fill, touched, delay, ordered, stock, transit, wait, received, flow, fresh, unmet)
            stock[s] += received[s]
            cover[s] = min(1.0, stock[s] / install[s]) if install[s] > TINY else 1.0
            stock[s] -= min(stock[s], install[s])


@kernel
def sell(cell_start: Array, fill: Array, final_weight: Array, final_request: Array, final_sales: Array) -> None:
    """Final markets get what is made of their orders."""
    for c in range(len(final_request)):
        made = 0.0
        for f in range(cell_start[c], cell_start[c + 1]):
            made += fill[f] * final_weight[f]
        for m in range(final_request.shape[1]):
            final_sales[c, m] = final_request[c, m] * made


@part
def _arrive(
    s: int,
    links: Links,
    supplier: Array,
    request: Array,
    fill: Array,
    touched: Array,
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
    inflow, held, waits = 0.0, 0.0, 0.0
    for k in range(len(links)):
        x = request[s, k] * fill[supplier[s, k]]
        flow[s, k] = x
        inflow += x
        if touched[s] and delay[s, k] > 0.0:
            d = delay[s, k]
            held += x * d / (1.0 + d)
            waits += x * d / (1.0 + d) * d
    before = transit[s]
    waiting = held
    if before > 0.0:
        left = before * wait[s] / (1.0 + wait[s])
        waiting += left
        waits += left * wait[s]
    fresh[s] = inflow / max(stock[s] + before + inflow, ordered[s], TINY)
    received[s] = before + inflow - waiting
    transit[s] = waiting
    if waiting > TINY:
        wait[s] = waits / waiting
    unmet[s] = 1.0 - min(1.0, inflow / max(ordered[s], TINY)) if ordered[s] > TINY else 0.0
