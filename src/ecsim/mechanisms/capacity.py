"""Capacity: expectations, investment within the capital goods received, building time, upkeep."""

from __future__ import annotations

import numpy as np

from ecsim.mechanisms.base import Phase, mechanism
from ecsim.mechanisms.production import TINY, input_limit
from ecsim.world import World


@mechanism(Phase.ADAPT, reads="demand expected trend", writes="expected trend", source="model section 7.3")
def expect(w: World) -> None:
    """Expected demand follows orders received, on top of the growth that the firm has come to expect."""
    p = w.params.production
    before = w.expected.copy()
    w.expected[:] = (1.0 - p.expectation_memory) * before * np.exp(w.trend) + p.expectation_memory * w.demand
    seen = np.log(np.maximum(w.expected, TINY) / np.maximum(before, TINY))
    w.trend[:] += p.trend_speed * (np.clip(seen, -p.depreciation, p.expansion_max) - w.trend)


@mechanism(
    Phase.ADAPT,
    reads="investment capacity building cover critical",
    writes="capacity building",
    source="model section 7.3; CSET (building times)",
)
def invest(w: World) -> None:
    """Capital goods at hand allow investment; building takes time; the rest of capacity wears out."""
    e, p = w.economy, w.params.production
    ratio = np.where(e.capital, w.cover, 1.0)
    allowed = np.ones(e.n_firms)
    if len(w.layout.buyers):
        allowed[w.layout.buyers] = input_limit(p.form, ratio, w.critical * e.capital, e.coef * e.capital, w.layout.starts, p.ces_exponent)
    started = w.investment * w.capacity * allowed
    finished = w.building / e.product_build[e.product]
    w.building[:] += started - finished
    w.capacity[:] += finished - p.depreciation * w.capacity
