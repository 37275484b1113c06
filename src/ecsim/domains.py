"""Readings by supply chain: the mean technology gap, and value added by owner, the stuff of the technology share of power.

They are read where a run has several domains; with one, the whole economy says the same.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.world import World

TINY = 1e-12
NOTHING = np.zeros(0)


def several(e: Economy) -> tuple[str, ...]:
    """Names of the domains where there are several; nothing where there is one."""
    return tuple(e.domains) if len(e.domains) > 1 else ()


@lru_cache(maxsize=8)
def _belongs(e: Economy) -> Array:
    """Whether a product belongs to a domain, shape (D, P)."""
    return np.array([np.isin(np.arange(e.n_products), products) for products in e.domains.values()]).reshape(-1, e.n_products) * 1.0


@lru_cache(maxsize=8)
def value_at_start(e: Economy) -> Array:
    """Value added of each product at the start, USD bn a quarter, shape P."""
    made: Array = np.bincount(e.product, weights=e.output0, minlength=e.n_products) * e.product_weight
    return made


def gap(w: World) -> Array:
    """Gap of the challenger's leading firms, mean over each domain's products by value added at the start, shape D.

    Products that the challenger does not make are left out.
    """
    if not several(w.economy):
        return NOTHING
    gaps = w.gap_path[w.quarter]
    weight = _belongs(w.economy) * np.where(np.isfinite(gaps), value_at_start(w.economy), 0.0)
    mean: Array = (weight * np.nan_to_num(gaps)).sum(axis=1) / np.maximum(weight.sum(axis=1), TINY)
    return mean


def value_added(w: World, owner: int) -> Array:
    """Value added of the firms that a state owns, by domain, USD bn a quarter, shape D."""
    e = w.economy
    by_product = np.bincount(e.product, weights=w.value * (e.owner == owner), minlength=e.n_products) * e.product_weight
    added: Array = _belongs(e) @ by_product
    return added


def incumbent_value(w: World) -> Array:
    """Value added of the incumbent's firms, by domain, shape D."""
    return value_added(w, INCUMBENT) if several(w.economy) else NOTHING


def value_ratio(w: World) -> Array:
    """Value added of the challenger's firms over that of the incumbent's, by domain, shape D."""
    if not several(w.economy):
        return NOTHING
    ratio: Array = value_added(w, CHALLENGER) / np.maximum(value_added(w, INCUMBENT), TINY)
    return ratio
