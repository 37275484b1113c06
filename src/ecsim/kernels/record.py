"""What is recorded at the end of a quarter, read in one pass; each track is stated by itself in `ecsim.record`."""

from __future__ import annotations

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.accounts import beyond_start
from ecsim.kernels.arrays import total, write
from ecsim.kernels.elementary import exps
from ecsim.kernels.jit import Run, kernel
from ecsim.world import CHALLENGER, INCUMBENT, OUTSIDE, Array, World

TINY = 1e-12
INCUMBENT_SIDE, CHALLENGER_SIDE = 0, 2
TRACK = "track_"


def add_flows(w: World, flows: Array, weight: float) -> None:
    """Add the trade of the quarter, times a weight, to flows of shape (kinds, P, S, S), as `flow_matrices` has it."""
    FLOWS(w, flows, weight)


@kernel
def note(
    track_power_ratio: Array,
    track_gap: Array,
    track_frontier: Array,
    track_tech: Array,
    track_unmet: Array,
    track_need: Array,
    track_self_sufficiency: Array,
    track_revenue: Array,
    track_rd: Array,
    track_surplus: Array,
    track_science: Array,
    track_market_value: Array,
    track_value_location: Array,
    track_revenue_side: Array,
    track_output_side: Array,
    track_value_share: Array,
    track_denied: Array,
    track_diverted: Array,
    track_degraded: Array,
    track_backfilled: Array,
    track_denied_share: Array,
    track_bilateral: Array,
    track_price_level: Array,
    track_anxiety: Array,
    track_unease: Array,
    track_dissatisfaction: Array,
    track_conflict_index: Array,
    track_reach: Array,
    track_made_in_challenger: Array,
    track_bought_in_challenger: Array,
    track_company_revenue: Array,
    track_company_value: Array,
    track_company_listed: Array,
    now: Array,
    ratio_path: Array,
    gap_path: Array,
    frontier: Array,
    science: Array,
    value_location: Array,
    value_owner: Array,
    trade_effects: Array,
    denied_share: Array,
    anxiety: Array,
    unease: Array,
    dissatisfaction: Array,
    conflict: Array,
    cell_start: Array,
    cell_product: Array,
    cell_owner: Array,
    cell_location: Array,
    product: Array,
    owner: Array,
    location: Array,
    side: Array,
    output0: Array,
    output: Array,
    revenue: Array,
    rd: Array,
    surplus: Array,
    market_value: Array,
    price: Array,
    tech_eff: Array,
    tool_use: Array,
    lists: Array,
    named_row: Array,
    named_company: Array,
    slot_firm: Array,
    slot_input: Array,
    links: Links,
    supplier: Array,
    ordered: Array,
    flow: Array,
    final_sales: Array,
    terms_permission: Terms,
) -> None:
    """Write the tracks that `NOTED` names, in a world that is recorded."""
    if len(track_gap) == 0:
        return
    t = now[0]
    write(track_power_ratio[t], ratio_path[t])
    write(track_gap[t], gap_path[t])
    write(track_frontier[t], frontier)
    write(track_science[t], science)
    write(track_value_location[t], value_location)
    write(track_value_share[t], value_owner / total(value_owner))
    track_denied[t, 0], track_diverted[t, 0], track_degraded[t, 0], track_backfilled[t, 0] = trade_effects
    track_denied_share[t], track_anxiety[t], track_unease[t] = denied_share[0], anxiety[0], unease[0]
    track_dissatisfaction[t], track_conflict_index[t] = dissatisfaction[CHALLENGER], conflict[0]

    of_states = (track_revenue[t], track_rd[t], track_surplus[t], track_market_value[t], np.empty(len(side)))
    for x in (*of_states, track_revenue_side[t], track_output_side[t], track_made_in_challenger[t]):
        x[:] = 0.0
    revenues, spending, left, values, made = of_states
    paid, weights, reached, foreign = 0.0, 0.0, 0.0, 0.0
    free = np.empty(len(output))  # of the direct-product test
    for f in range(len(output)):
        free[f] = -tool_use[f, INCUMBENT] / terms_permission.fdp_scale
    exps(free)
    for f in range(len(output)):
        o = owner[f]
        revenues[o] += revenue[f]
        spending[o] += rd[f]
        left[o] += surplus[f]
        values[o] += market_value[f] * output0[f]
        made[o] += output[f]
        if location[f] == CHALLENGER:
            track_made_in_challenger[t, product[f]] += output[f]
        paid += price[f] * output0[f]
        weights += output0[f]
        if o not in (INCUMBENT, CHALLENGER):
            reached += terms_permission.fdp_max * (1.0 - free[f]) * output0[f]
            foreign += output0[f]
    for o in range(len(side)):
        track_revenue_side[t, side[o]] += revenues[o]
        track_output_side[t, side[o]] += made[o]
    track_price_level[t], track_reach[t] = paid / weights, reached / max(foreign, TINY)

    for x in (track_company_revenue, track_company_value, track_company_listed):
        x[t] = 0.0
    for i in range(len(named_row)):
        f, company = named_row[i], named_company[i]
        track_company_revenue[t, company] += revenue[f]
        track_company_value[t, company] += market_value[f] * output0[f]
        track_company_listed[t, company] += 1.0 if lists[f] > 0 else 0.0

    track_tech[t] = np.nan
    for c in range(len(cell_product)):
        if cell_owner[c] == CHALLENGER:
            for f in range(cell_start[c], cell_start[c + 1]):
                if not track_tech[t, cell_product[c]] >= tech_eff[f]:
                    track_tech[t, cell_product[c]] = tech_eff[f]

    track_bilateral[t] = _trade(
        *(
            slot_firm,
            slot_input,
            owner,
            location,
            side,
            links,
            supplier,
            ordered,
            flow,
            cell_product,
            cell_owner,
            cell_location,
            final_sales,
        ),
        *(track_unmet[t], track_need[t], track_self_sufficiency[t], track_bought_in_challenger[t]),
    )


@kernel
def _trade(
    slot_firm: Array,
    slot_input: Array,
    owner: Array,
    location: Array,
    side: Array,
    links: Links,
    supplier: Array,
    ordered: Array,
    flow: Array,
    cell_product: Array,
    cell_owner: Array,
    cell_location: Array,
    final_sales: Array,
    unmet: Array,
    need: Array,
    home_made: Array,
    bought: Array,
) -> float:
    """Trade of the challenger by product, and with the incumbent both ways, which is returned."""
    unmet[:], need[:], home_made[:], bought[:] = 0.0, 0.0, 0.0, 0.0  # at first what came, and what was bought at home
    bilateral = 0.0
    for s in range(len(ordered)):
        f, p = slot_firm[s], slot_input[s]
        buyer = side[owner[f]]
        here = location[f] == CHALLENGER
        if not (here or owner[f] == CHALLENGER or buyer == INCUMBENT_SIDE):
            continue
        total = 0.0
        for k in range(len(links)):
            x, seller = flow[s, k], supplier[s, k]
            total += x
            if here and owner[seller] == CHALLENGER and location[seller] == CHALLENGER:
                home_made[p] += x
            at = side[owner[seller]]
            if (at == INCUMBENT_SIDE and buyer == CHALLENGER_SIDE) or (at == CHALLENGER_SIDE and buyer == INCUMBENT_SIDE):
                bilateral += x
        if here:
            bought[p] += total
        if owner[f] == CHALLENGER:
            need[p] += ordered[s]
            unmet[p] += min(total, ordered[s])
    for c in range(len(cell_product)):
        sales = final_sales[c, CHALLENGER]
        bought[cell_product[c]] += sales
        if cell_owner[c] == CHALLENGER and cell_location[c] == CHALLENGER:
            home_made[cell_product[c]] += sales
    for p in range(len(need)):
        unmet[p] = 1.0 - unmet[p] / need[p] if need[p] > TINY else 0.0
        home_made[p] = home_made[p] / bought[p] if bought[p] > TINY else 0.0
    return bilateral


@kernel
def _flows(
    flows: Array,
    share: float,
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    links: Links,
    supplier: Array,
    ordered: Array,
    weight: Array,
    supplier0: Array,
    weight0: Array,
    flow: Array,
    touched: Array,
    passing: Array,
    barred: Array,
    diverted: Array,
    degraded: Array,
    sought: Array,
) -> None:
    for s in range(len(ordered)):
        p, to = slot_input[s], location[slot_firm[s]]
        if not touched[s]:
            for k in range(len(links)):
                flows[0, p, location[supplier[s, k]], to] += share * flow[s, k]
            continue
        hit = False
        for k in range(len(links)):
            hit |= 1.0 - passing[s, k] - barred[s, k] > OUTSIDE
        for k in range(len(links)):
            start, own = location[supplier[s, k]], flow[s, k] * (1.0 - sought[s, k]) / max(passing[s, k], TINY)
            flows[0, p, start, to] += share * flow[s, k]
            flows[1, p, start, to] += share * ordered[s] * weight[s, k] * (1.0 - passing[s, k])
            flows[2, p, start, to] += share * own * diverted[s, k]
            flows[3, p, start, to] += share * own * degraded[s, k]
            if hit and 1.0 - passing[s, k] - barred[s, k] <= OUTSIDE and start != to:
                flows[4, p, start, to] += share * beyond_start(s, k, supplier, supplier0, weight0, ordered, flow)


FLOWS = Run(_flows)
NOTED = tuple(name.removeprefix(TRACK) for name in note.names if name.startswith(TRACK))
