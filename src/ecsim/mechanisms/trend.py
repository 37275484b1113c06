"""The growth that every product would see without controls: final demand carried up the chain."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.mechanisms.demand import log_growth
from ecsim.params import Params


def input_matrix(e: Economy) -> Array:
    """Input of product i per unit of output of product p, current and capital in steady growth, shape (P, P)."""
    n = e.n_products
    buyer = e.product[e.slot_firm]
    value = np.bincount(e.slot_input * n + buyer, weights=e.coef * e.output0[e.slot_firm], minlength=n * n).reshape(n, n)
    output = np.bincount(e.product, weights=e.output0, minlength=n)
    return value / np.maximum(output, np.finfo(float).tiny)[None, :]


def log_trend(e: Economy, p: Params, quarters: int) -> Array:
    """Log of each product's output over its start, by quarter, shape (quarters + 1, P)."""
    t = np.arange(quarters + 1, dtype=float)
    final = (e.final0[None] * np.exp(log_growth(e, p, t))).sum(axis=2)
    total = np.linalg.solve(np.eye(e.n_products) - input_matrix(e), final.T).T
    return np.log(np.maximum(total, np.finfo(float).tiny) / np.maximum(total[0], np.finfo(float).tiny))
