"""Orders for inputs: how much each firm needs, and which suppliers it may ask."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.world import World

TINY = 1e-12


def wanted_cover(w: World) -> Array:
    """Stock that each slot wants to hold, in quarters of need, shape M. Threatened buyers want more, of equipment too."""
    e, a = w.economy, w.params.adaptation
    here = e.location[e.slot_firm]
    felt = w.threat[e.slot_input, here] if a.enabled else np.zeros(e.n_slots)
    more = np.where(e.capital, a.stockpile_capital, a.stockpile) * felt + w.extra_cover[e.slot_input, here]
    return np.where(e.capital, 0.0, w.params.production.cover) + more


def need_current(w: World) -> Array:
    """Need of each slot for today's production at expected demand, shape M."""
    e = w.economy
    return e.coef * w.expected[e.slot_firm]


def wanted_investment(w: World) -> Array:
    """Gross investment that each firm wants, as a rate of its capacity, shape N.

    Upkeep and trend growth, plus the gap between wanted and existing capacity spread over the building time
    and `investment_time`; in steady growth the gap is zero.
    """
    e, p = w.economy, w.params.production
    build = e.product_build[e.product]
    keep = p.depreciation + w.trend
    pipeline = w.building - build * keep * w.capacity
    gap = w.expected * (1.0 + p.headroom) - (w.capacity + pipeline)
    rate = keep + gap / (np.maximum(w.capacity, TINY) * (build + p.investment_time))
    return np.clip(rate, 0.0, p.depreciation + p.expansion_max)


@mechanism(
    Phase.TRADE,
    reads="expected stock transit threat extra_cover capacity building trend credit",
    writes="ordered investment install",
    source="ARIO; model section 7.3",
)
def orders(w: World) -> None:
    """Firms order what they expect to use, or to install as they invest and have credit, and part of what their stocks lack."""
    e, p = w.economy, w.params.production
    w.investment[:] = wanted_investment(w) * w.credit
    rate = w.investment / w.start.upkeep[e.product] * w.capacity / (1.0 + p.headroom)
    w.install[:] = np.where(e.capital, e.coef * rate[e.slot_firm], 0.0)
    need = np.where(e.capital, w.install, need_current(w))
    gap = wanted_cover(w) * need - w.stock - np.where(e.capital, 0.0, w.transit)
    scarce = ~e.capital & (w.stock < p.scarce_cover * need)
    time = np.where(scarce, p.order_time_scarce, p.order_time)
    w.ordered[:] = np.clip(need + gap / time, 0.0, p.order_cap * need)


def usable(w: World) -> Array:
    """How far each supplier's technology serves the buyer's, 0..1, shape (M, L).

    One where the supplier is no further behind its frontier than what the buyer calls for; nil a generation below.
    """
    e = w.economy
    gap = w.frontier[e.product] - w.tech_eff
    return np.clip(1.0 - (gap[w.supplier] - (gap[e.slot_firm] + e.below)[:, None]), 0.0, 1.0)


@mechanism(
    Phase.TRADE,
    reads="ordered weight passing degraded diverted supplier tech_eff frontier",
    writes="request sought",
    source="model section 7.3",
)
def split(w: World) -> None:
    """Orders are split by weight and permission; what one may not sell is sought from the others by habit.

    The others take it as far as they are usable and may deliver freely. No permission enters twice, so that less
    permission on any link never delivers more to the slot.
    """
    refused = w.weight * (1.0 - w.passing)
    if not (refused > TINY).any():
        w.request[:] = w.ordered[:, None] * w.weight
        w.sought.fill(0.0)
        return
    others = 1.0 - w.weight
    sought = np.where(others > TINY, refused / np.maximum(others, TINY), 0.0)
    moved = w.weight * usable(w) * (w.passing - w.degraded - w.diverted) * (sought.sum(axis=1, keepdims=True) - sought)
    asked = w.weight * w.passing + moved
    w.request[:] = w.ordered[:, None] * asked
    w.sought[:] = moved / np.maximum(asked, TINY)
