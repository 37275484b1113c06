"""Accounts: revenue and surplus, market value, the value of what is made, GDP, and what was denied."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.world import CHALLENGER, OUTSIDE, World

TINY = 1e-12
YEAR = 4.0  # quarters
QUARTERLY_PERCENT = 400.0  # percent a year in one a quarter


@mechanism(
    Phase.ACCOUNT,
    reads="output price flow input_price rd_own licensed supplier compliance_cost",
    writes="revenue surplus",
    source="model section 7.6",
)
def revenue(w: World) -> None:
    """Revenue is output at price; surplus is what inputs, R&D of the firms' own and compliance leave for wages, capital and profit."""
    e = w.economy
    w.revenue[:] = w.output * w.price
    spent = np.bincount(e.slot_firm, weights=w.flow.sum(axis=1) * w.input_price, minlength=e.n_firms)
    w.surplus[:] = w.revenue - spent - w.rd_own
    if w.compliance_cost.any():
        licensed = np.bincount(w.supplier.ravel(), weights=(w.flow * w.licensed).ravel(), minlength=e.n_firms)
        w.surplus[:] -= w.compliance_cost[e.location] * licensed


@mechanism(
    Phase.PERMIT,
    reads="weight ordered passing barred supplier final_demand final_share final_weight final_passing closed",
    writes="blocked",
    source="Crosignani et al. 2026",
)
def recall_blocked(w: World) -> None:
    """What the permissions of last quarter keep from each supplier, at the orders as they now stand."""
    w.blocked[:] = blocked_sales(w)


@mechanism(
    Phase.PERMIT,
    reads="blocked weight ordered passing barred supplier final_demand final_share final_weight final_passing closed output market_value",
    writes="market_value lost_sales",
    source="Crosignani et al. 2026",
)
def announce(w: World) -> None:
    """Markets mark down a supplier by the share of its sales that is newly blocked, and up by what is freed.

    Old and new permissions are held against the same orders, so that a customer who turns away later is no good news.
    """
    now, sales = blocked_sales(w), np.maximum(w.output + w.blocked, TINY)
    w.market_value[:] *= np.exp(-w.params.accounts.announcement * (now - w.blocked) / sales)
    w.lost_sales[:] = now / sales


def blocked_sales(w: World) -> Array:
    """Orders of firms and final markets that rules keep from each supplier, USD bn a quarter, shape N."""
    e = w.economy
    refused = w.ordered[:, None] * w.weight * np.maximum(1.0 - w.passing - w.barred, 0.0)
    final = w.final_demand[e.cell_product] * w.final_share * np.maximum(1.0 - w.final_passing - w.closed, 0.0)
    return np.bincount(w.supplier.ravel(), weights=refused.ravel(), minlength=e.n_firms) + final.sum(axis=1)[e.cell] * w.final_weight


@mechanism(
    Phase.ACCOUNT,
    reads="quarter output tech_eff frontier",
    writes="value value_owner value_location gdp gdp_baseline",
    source="model section 7.6",
)
def value(w: World) -> None:
    """Output is worth more the better its technology, measured against the frontier of the path without controls.

    GDP follows it in proportion, and never loses more than half (assumed): with a high spillover, a state that lives of the chain would
    otherwise come to nothing.
    """
    e, a = w.economy, w.params.accounts
    base = w.baseline.frontier[w.quarter] if w.baseline is not None else w.frontier
    w.value[:] = w.output * np.exp(a.value_exponent * (w.tech_eff - base[e.product]))
    weighted = w.value * e.product_weight[e.product]
    w.value_owner[:] = np.bincount(e.owner, weights=weighted, minlength=e.n_states)
    w.value_location[:] = np.bincount(e.location, weights=w.value, minlength=e.n_states)
    t = min(w.quarter, len(e.gdp_nominal) - 1)
    w.gdp_baseline[:] = e.gdp_nominal[t]
    w.gdp_baseline[CHALLENGER] *= np.exp(w.params.market.challenger_growth / QUARTERLY_PERCENT * w.quarter)
    change = w.value_location - w.baseline.value_location[w.quarter] if w.baseline is not None else 0.0
    w.gdp[:] = np.maximum(w.gdp_baseline + YEAR * a.gdp_spillover * a.value_added * change, w.gdp_baseline / 2.0)


@mechanism(
    Phase.TRADE,
    reads="table ordered unmet flow weight passing barred degraded diverted sought supplier",
    writes="denied_share trade_effects",
    source="model section 7.6",
)
def denial(w: World) -> None:
    """What the challenger's buyers were denied, and what was diverted, degraded or backfilled.

    Buyers turn away from who may not sell to them: under a ban that lasts little is refused, and much does not come. Denied of what a slot
    needs is the larger of the two.
    """
    e = w.economy
    mine = w.start.challenger_slots
    w.trade_effects.fill(0.0)
    w.denied_share.fill(0.0)
    if w.table is None or not w.table.denial.size:
        return
    wanted = w.ordered[mine][:, None] * w.weight[mine]
    refused = wanted * np.maximum(1.0 - w.passing[mine] - w.barred[mine], 0.0)
    own = own_sales(w, mine)
    denied = np.maximum(refused.sum(axis=1), w.ordered[mine] * w.unmet[mine])
    w.denied_share[0] = denied.sum() / max(float(w.ordered[mine].sum()), TINY)
    foreign = e.owner[w.supplier[mine]] != CHALLENGER
    w.trade_effects[:] = (
        refused.sum(),
        (own * w.diverted[mine]).sum(),
        (own * w.degraded[mine]).sum(),
        (backfill(w, mine) * foreign).sum(),
    )


def own_sales(w: World, slots: Array) -> Array:
    """Deliveries on each link over the share that may pass, USD bn a quarter, shape (slots, L).

    Without what is sought from the supplier because others may not sell: of that nothing leaks or is degraded.
    """
    return np.asarray(w.flow[slots] * (1.0 - w.sought[slots]) / np.maximum(w.passing[slots], TINY))


def backfill(w: World, slots: Array) -> Array:
    """What links outside the rules deliver above their share at the start, in slots of which rules refuse another link.

    USD bn a quarter, shape (slots, L). Against the start and not the habit of the quarter, which lasting diversion becomes.

    Args:
        slots: rows, shape k, or all of them.
    """
    refused = np.maximum(1.0 - w.passing[slots] - w.barred[slots], 0.0)
    hit = (refused > OUTSIDE).any(axis=1)
    extra = np.maximum(w.flow[slots] - w.ordered[slots][:, None] * start_share(w, slots), 0.0)
    return np.asarray(extra * (refused <= OUTSIDE) * hit[:, None])


def start_share(w: World, slots: Array) -> Array:
    """Share of the slot's orders that each of its suppliers of today had at the start, shape (slots, L)."""
    e = w.economy
    now, before, share = w.supplier[slots], e.supplier0[slots], e.weight0[slots]
    return np.asarray(sum(np.where(now == before[:, [j]], share[:, [j]], 0.0) for j in range(before.shape[1])))


@mechanism(
    Phase.ACCOUNT,
    reads="quarter tech_eff frontier",
    writes="gap_path",
    source="model section 7.5",
)
def measure_gaps(w: World) -> None:
    """Gap of the challenger's leading firm behind the frontier, by product."""
    w.gap_path[w.quarter] = np.maximum(w.frontier - leading_level(w, CHALLENGER), 0.0)


def leading_level(w: World, state: int) -> Array:
    """Technology of the best firm that a state owns in each product, generations, shape P; NaN where it has none."""
    e = w.economy
    best = np.maximum.reduceat(w.tech_eff, e.cell_start[:-1])
    level = np.full(e.n_products, -np.inf)
    own = e.cell_owner == state
    np.maximum.at(level, e.cell_product[own], best[own])
    return np.where(np.isfinite(level), level, np.nan)
