"""What rules block, revenue and surplus, the worth of output, gaps, and what the challenger was denied."""

from __future__ import annotations

import math

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.arrays import anywhere
from ecsim.kernels.elementary import exps
from ecsim.kernels.jit import kernel, part
from ecsim.world import CHALLENGER, OUTSIDE, Array

TINY = 1e-12
YEAR = 4.0  # quarters
QUARTERLY_PERCENT = 400.0  # percent a year in one a quarter


@kernel
def recall_blocked(
    links: Links,
    touched: Array,
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
    final_touched: Array,
    final_passing: Array,
    closed: Array,
    blocked: Array,
) -> None:
    """What the permissions of last quarter keep from each supplier, at the orders as they now stand."""
    _blocked_sales(
        *(links, touched, supplier, ordered, weight, passing, barred, cell_start, cell_product),
        *(final_weight, final_demand, final_share, final_touched, final_passing, closed, blocked),
    )


@kernel
def announce(
    links: Links,
    touched: Array,
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
    final_touched: Array,
    final_passing: Array,
    closed: Array,
    output: Array,
    blocked: Array,
    market_value: Array,
    lost_sales: Array,
    terms_accounts: Terms,
) -> None:
    """Markets mark down a supplier by the share of its sales that is newly blocked, and up by what is freed."""
    now = np.empty(len(output))
    _blocked_sales(
        *(links, touched, supplier, ordered, weight, passing, barred, cell_start, cell_product),
        *(final_weight, final_demand, final_share, final_touched, final_passing, closed, now),
    )
    for f in range(len(output)):
        sales = max(output[f] + blocked[f], TINY)
        if now[f] != blocked[f]:
            market_value[f] *= math.exp(-terms_accounts.announcement * (now[f] - blocked[f]) / sales)
        lost_sales[f] = now[f] / sales


@kernel
def _blocked_sales(
    links: Links,
    touched: Array,
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
    final_touched: Array,
    final_passing: Array,
    closed: Array,
    blocked: Array,
) -> None:
    """Orders of firms and final markets that rules keep from each supplier, USD bn a quarter, shape N."""
    blocked[:] = 0.0
    for s in range(len(ordered) if anywhere(touched) else 0):
        if not touched[s]:
            continue
        for k in range(len(links)):
            if passing[s, k] < 1.0:
                refused = 1.0 - passing[s, k] - barred[s, k]
                if refused > 0.0:
                    blocked[supplier[s, k]] += ordered[s] * weight[s, k] * refused
    for c in range(len(cell_product)):
        if not final_touched[c]:
            continue
        final = 0.0
        for m in range(final_share.shape[1]):
            if final_passing[c, m] < 1.0:
                refused = 1.0 - final_passing[c, m] - closed[c, m]
                if refused > 0.0:
                    final += final_demand[cell_product[c], m] * final_share[c, m] * refused
        if final > 0.0:
            for f in range(cell_start[c], cell_start[c + 1]):
                blocked[f] += final * final_weight[f]


@kernel
def revenue(
    some_firms: range,
    slot_start: Array,
    output: Array,
    price: Array,
    rd_own: Array,
    links: Links,
    flow: Array,
    input_price: Array,
    revenue: Array,
    surplus: Array,
) -> None:
    """Revenue is output at price; surplus is what inputs, R&D of the firms' own and compliance leave for wages, capital and profit."""
    for f in some_firms:
        spent = 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            came = 0.0
            for k in range(len(links)):
                came += flow[s, k]
            spent += came * input_price[s]
        revenue[f] = output[f] * price[f]
        surplus[f] = revenue[f] - spent - rd_own[f]


@kernel
def comply(
    location: Array, links: Links, supplier: Array, flow: Array, touched: Array, licensed: Array, compliance_cost: Array, surplus: Array
) -> None:
    """Compliance costs suppliers a part of what they sell under licence."""
    if not anywhere(compliance_cost):
        return
    for s in range(flow.shape[0]):
        if not touched[s]:
            continue
        for k in range(len(links)):
            if licensed[s, k] > 0.0:
                seller = supplier[s, k]
                surplus[seller] -= compliance_cost[location[seller]] * flow[s, k] * licensed[s, k]


@kernel
def worth(
    some_firms: range,
    now: Array,
    product: Array,
    output: Array,
    tech_eff: Array,
    frontier: Array,
    base_frontier: Array,
    value: Array,
    terms_accounts: Terms,
) -> None:
    """Output of each firm at the worth of its technology."""
    against = base_frontier[now[0]] if len(base_frontier) else frontier
    for f in some_firms:
        value[f] = terms_accounts.value_exponent * (tech_eff[f] - against[product[f]])
    exps(value[some_firms.start : some_firms.stop])
    for f in some_firms:
        value[f] *= output[f]


@kernel
def value(
    now: Array,
    product: Array,
    owner: Array,
    location: Array,
    product_weight: Array,
    gdp_nominal: Array,
    base_value_location: Array,
    value: Array,
    value_owner: Array,
    value_location: Array,
    gdp_baseline: Array,
    gdp: Array,
    terms_accounts: Terms,
    terms_market: Terms,
) -> None:
    """Output is worth more the better its technology, measured against the frontier of the path without controls."""
    t, a = now[0], terms_accounts
    value_owner[:], value_location[:] = 0.0, 0.0
    for f in range(len(value)):  # which `worth` worked out before
        value_owner[owner[f]] += value[f] * product_weight[product[f]]
        value_location[location[f]] += value[f]
    for m in range(len(gdp)):
        gdp_baseline[m] = gdp_nominal[min(t, len(gdp_nominal) - 1), m]
        if m == CHALLENGER:
            gdp_baseline[m] *= math.exp(terms_market.challenger_growth / QUARTERLY_PERCENT * t)
        change = value_location[m] - base_value_location[t, m] if len(base_value_location) else 0.0
        gdp[m] = max(gdp_baseline[m] + YEAR * a.gdp_spillover * a.value_added * change, gdp_baseline[m] / 2.0)


@kernel
def denial(
    start_challenger_slots: Array,
    table_denial: Array,
    owner: Array,
    links: Links,
    supplier: Array,
    ordered: Array,
    unmet: Array,
    weight: Array,
    supplier0: Array,
    weight0: Array,
    flow: Array,
    passing: Array,
    barred: Array,
    diverted: Array,
    degraded: Array,
    sought: Array,
    trade_effects: Array,
    denied_share: Array,
) -> None:
    """What the challenger's buyers were denied, and what was diverted, degraded or backfilled."""
    trade_effects[:] = 0.0
    denied_share[0] = 0.0
    if table_denial.size == 0:
        return
    asked, denied = 0.0, 0.0
    for s in start_challenger_slots:
        asked += ordered[s]
        refused, hit = 0.0, False
        for k in range(len(links)):
            kept = max(1.0 - passing[s, k] - barred[s, k], 0.0)
            refused += ordered[s] * weight[s, k] * kept
            hit |= kept > OUTSIDE
            if diverted[s, k] > 0.0 or degraded[s, k] > 0.0:
                own = flow[s, k] * (1.0 - sought[s, k]) / max(passing[s, k], TINY)
                trade_effects[1] += own * diverted[s, k]
                trade_effects[2] += own * degraded[s, k]
        trade_effects[0] += refused
        denied += max(refused, ordered[s] * unmet[s])
        if hit:
            for k in range(len(links)):
                if 1.0 - passing[s, k] - barred[s, k] <= OUTSIDE and owner[supplier[s, k]] != CHALLENGER:
                    trade_effects[3] += beyond_start(s, k, supplier, supplier0, weight0, ordered, flow)
    denied_share[0] = denied / max(asked, TINY)


@part
def beyond_start(s: int, k: int, supplier: Array, supplier0: Array, weight0: Array, ordered: Array, flow: Array) -> float:
    """What a link delivers above its supplier's share of the slot's orders at the start."""
    share = 0.0
    for j in range(supplier0.shape[1]):
        if supplier0[s, j] == supplier[s, k]:
            share += weight0[s, j]
    return max(flow[s, k] - ordered[s] * share, 0.0)


@kernel
def measure_gaps(
    now: Array, cell_start: Array, cell_product: Array, cell_owner: Array, tech_eff: Array, frontier: Array, gap_path: Array
) -> None:
    """Gap of the challenger's leading firm behind the frontier, by product."""
    gaps = gap_path[now[0]]
    gaps[:] = np.nan
    for c in range(len(cell_product)):
        if cell_owner[c] == CHALLENGER:
            for f in range(cell_start[c], cell_start[c + 1]):
                gap = max(frontier[cell_product[c]] - tech_eff[f], 0.0)
                if not gaps[cell_product[c]] <= gap:
                    gaps[cell_product[c]] = gap
