"""Final demand: how much the markets of each state buy, and from whom."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.params import Params
from ecsim.world import CHALLENGER, World

TINY = 1e-12
QUARTERLY_PERCENT = 400.0  # percent a year in one a quarter


def log_growth(e: Economy, p: Params, t: Array) -> Array:
    """Log of final demand over its start, by quarter, product and state, without shocks and prices.

    Growth starts at the rates of product and state and returns to the long-run rate on the scale `growth_fade`;
    the challenger's drift of `challenger_growth` lasts, as it does in its GDP.

    Args:
        t: quarters, shape (T,).

    Returns:
        array of shape (T, P, S).
    """
    m = p.market
    start = np.full(e.n_products, m.growth_long_run) if m.equal_growth else e.product_growth0 * m.growth_scale
    state = np.zeros(e.n_states) if m.equal_growth else e.final_growth
    drift = np.zeros(e.n_states)
    drift[CHALLENGER] = 0.0 if m.equal_growth else m.challenger_growth / QUARTERLY_PERCENT
    faded = m.growth_fade * (1.0 - np.exp(-t / m.growth_fade))
    product = np.multiply.outer(t, np.full(e.n_products, m.growth_long_run)) + np.multiply.outer(faded, start - m.growth_long_run)
    return product[:, :, None] + (np.multiply.outer(faded, state) + np.multiply.outer(t, drift))[:, None, :]


@mechanism(
    Phase.TRADE,
    reads="quarter price final_share final_weight final_tariff demand_shock",
    writes="final_demand demand_shock",
    source="model section 7.3",
)
def final_demand(w: World) -> None:
    """Final markets grow, are shaken a little, and buy less of what is dear."""
    e, m = w.economy, w.params.market
    shape = (e.n_products, e.n_states)
    noise = w.streams.normal("final demand", w.quarter, shape)
    w.demand_shock[:] = m.demand_noise_memory * w.demand_shock + m.demand_noise * noise
    growth = w.start.final_growth[min(w.quarter, len(w.start.final_growth) - 1)]
    w.final_demand[:] = e.final0 * np.exp(growth + w.demand_shock) * market_price(w) ** -m.price_elasticity


def cell_price(w: World) -> Array:
    """Mean price of each cell's final sales, shape C."""
    e = w.economy
    return np.add.reduceat(w.price * w.final_weight, e.cell_start[:-1]) + (1.0 - np.add.reduceat(w.final_weight, e.cell_start[:-1]))


def market_price(w: World) -> Array:
    """Mean price that each final market pays, tariffs included, shape (P, S)."""
    lo = w.layout.product_cells[:-1]
    paid = np.add.reduceat(w.final_share * (cell_price(w)[:, None] * (1.0 + w.final_tariff)), lo, axis=0)
    total = np.add.reduceat(w.final_share, lo, axis=0)
    return np.where(total > TINY, paid / np.maximum(total, TINY), 1.0)


@mechanism(
    Phase.TRADE,
    reads="final_demand final_share final_passing",
    writes="final_request",
    source="model section 7.3",
)
def final_orders(w: World) -> None:
    """Final markets order from the suppliers they may buy from; what one may not sell is sought from the others.

    As firms do (`orders.split`): no permission enters twice, so that less permission of any cell never delivers more to the market.
    """
    e, lo = w.economy, w.layout.product_cells[:-1]
    others = 1.0 - w.final_share
    sought = np.where(others > TINY, w.final_share * (1.0 - w.final_passing) / np.maximum(others, TINY), 0.0)
    moved = np.add.reduceat(sought, lo, axis=0)[e.cell_product] - sought
    w.final_request[:] = w.final_demand[e.cell_product] * (w.final_share * w.final_passing * (1.0 + moved))
