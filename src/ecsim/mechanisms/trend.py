"""The growth that every product would see without controls: final demand carried up the chain."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.mechanisms.demand import log_growth
from ecsim.params import Params

ROUNDS = 6  # growth and the investment that it calls for settle within a few rounds
TINY = 1e-12


def input_matrices(e: Economy) -> tuple[Array, Array]:
    """Input of product i per unit of output of product p, current and capital (in steady growth), each of shape (P, P)."""
    n = e.n_products
    key = e.slot_input * n + e.product[e.slot_firm]
    value = e.coef * e.output0[e.slot_firm]
    output = np.maximum(np.bincount(e.product, weights=e.output0, minlength=n), TINY)
    current, capital = (np.bincount(key, weights=value * kind, minlength=n * n).reshape(n, n) / output for kind in (~e.capital, e.capital))
    return current, capital


def log_trend(e: Economy, p: Params, quarters: int) -> Array:
    """Log of each product's output over its start, by quarter, shape (quarters + 1, P).

    Capital goods are bought for upkeep and growth, so their sales fall relative to their buyers' as growth fades.
    """
    t = np.arange(quarters + 1, dtype=float)
    final = (e.final0[None] * np.exp(log_growth(e, p, t))).sum(axis=2)
    current, capital = input_matrices(e)
    wear = p.production.depreciation
    pace = np.ones((quarters + 1, e.n_products))
    trend = np.zeros_like(pace)
    for _ in range(ROUNDS):
        need = np.eye(e.n_products) - current - capital * pace[:, None, :]
        total = np.linalg.solve(need, final[:, :, None])[:, :, 0]
        trend = np.log(np.maximum(total, TINY) / np.maximum(total[0], TINY))
        growth = np.gradient(trend, axis=0) if quarters else np.zeros_like(trend)
        pace = np.maximum(wear + growth, 0.0) / np.maximum(wear + growth[0], TINY)
    return trend
