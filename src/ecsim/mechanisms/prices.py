"""Prices: unit cost and scarcity, so that fragmentation has a price."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.world import World

TINY = 1e-12


@mechanism(
    Phase.ADAPT,
    reads="flow price supplier tariff demand capacity yield_ input_limit",
    writes="price input_price",
    source="model section 7.3",
)
def prices(w: World) -> None:
    """Price follows unit cost, relative to the start, times a scarcity mark-up."""
    e, p = w.economy, w.params.production
    paid = w.price[w.supplier] * (1.0 + link_tariff(w))
    total = w.flow.sum(axis=1)
    w.input_price[:] = np.where(total > TINY, (w.flow * paid).sum(axis=1) / np.maximum(total, TINY), w.input_price)
    cost = 1.0 + p.pass_through * np.bincount(e.slot_firm, weights=e.coef * (w.input_price - 1.0), minlength=e.n_firms)
    w.price[:] += p.price_speed * (cost * scarcity(w) ** p.price_markup - w.price)


def scarcity(w: World) -> Array:
    """Demand over what can be made with normal spare capacity, clipped, shape N."""
    p = w.params.production
    supply = w.capacity * w.yield_ / (1.0 + p.headroom) * w.input_limit
    return np.clip(w.demand / np.maximum(supply, TINY), p.scarcity_lo, p.scarcity_hi)


def link_tariff(w: World) -> Array:
    """Tariff on each link, shape (M, L); the scalar 0 where there is none."""
    if not w.tariff.any():
        return np.zeros(())
    e = w.economy
    buyer = e.location[e.slot_firm][:, None]
    return w.tariff[e.slot_input[:, None], e.location[w.supplier], buyer]
