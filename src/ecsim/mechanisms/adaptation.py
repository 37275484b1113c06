"""Adaptation: purchases shift between known suppliers, new ones are qualified, firms design out and redesign."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.mechanisms.permission import direct_product_reach
from ecsim.mechanisms.prices import link_tariff
from ecsim.world import World

TINY = 1e-12


@mechanism(
    Phase.ADAPT,
    reads="passing degraded fill price item start_shortfall threat preferred supplier tariff",
    writes="weight anchor",
    source="model section 7.4",
)
def shift_purchases(w: World) -> None:
    """Shares follow an anchored logit of permission, delivery, technology, price and nearness; habits follow slowly."""
    a = w.params.adaptation
    if not a.enabled:
        return
    drawn = w.anchor * attraction(w)
    total = drawn.sum(axis=1, keepdims=True)
    wanted = np.where(total > TINY, drawn / np.maximum(total, TINY), w.weight)
    w.weight[:] += a.weight_speed * (wanted - w.weight)
    w.anchor[:] += a.anchor_speed * (w.weight - w.anchor)


def attraction(w: World) -> Array:
    """Attraction of the supplier on each link, 1 for one that is as it was at the start, shape (M, L)."""
    e, a = w.economy, w.params.adaptation
    offer = np.maximum(w.fill, a.pull_floor) ** a.pull_delivery * w.price**-a.pull_price
    pull = offer[w.supplier]
    if w.tariff.any():
        pull *= (1.0 + link_tariff(w)) ** -a.pull_price
    full = np.maximum(w.passing - w.degraded, a.pull_floor)
    if (full < 1.0).any():
        pull *= full**a.pull_permission
    best = w.item.max(axis=1, keepdims=True)
    short = np.minimum(w.item - best, 0.0) - w.start_shortfall
    pull *= np.exp(a.pull_technology * np.minimum(short, 0.0))
    if w.threat.any() or w.preferred.any():
        product, buyer = e.slot_input[:, None], e.location[e.slot_firm][:, None]
        home = e.location[w.supplier] == buyer
        pull *= np.exp(a.pull_home * w.threat[product, buyer] * home)
        pull *= np.where(home & (e.owner[w.supplier] == buyer), favour(w)[product, buyer], 1.0)
    return pull


def favour(w: World) -> Array:
    """Factor on the attraction of what a state's own firms make there, as if that much cheaper, by product and state, shape (P, S)."""
    a = w.params.adaptation
    return np.maximum(1.0 - w.preferred, a.pull_floor) ** -a.pull_price


@mechanism(
    Phase.ADAPT,
    reads="fill price tech_eff frontier final_passing final_tariff preferred",
    writes="final_share final_anchor final_weight",
    source="model section 7.4",
)
def shift_markets(w: World) -> None:
    """Final markets shift between cells, and within cells between firms, by permission, delivery, technology and price."""
    e, a, m = w.economy, w.params.adaptation, w.params.market
    if not a.enabled:
        return
    starts, firms = e.cell_start[:-1], np.diff(e.cell_start)
    lag = np.minimum(w.tech_eff - w.start.tech_eff - w.frontier[e.product], 0.0)
    pull = np.maximum(w.fill, a.pull_floor) ** a.pull_delivery * w.price**-a.pull_price * np.exp(a.pull_technology * lag)
    mean = np.add.reduceat(w.final_weight * pull, starts)
    has = np.add.reduceat(w.final_weight, starts) > TINY
    mean = np.where(has, mean, 1.0)
    within = e.final_weight * pull
    total = np.repeat(np.add.reduceat(within, starts), firms)
    w.final_weight[:] += m.share_speed * (np.where(total > TINY, within / np.maximum(total, TINY), w.final_weight) - w.final_weight)
    drawn = (
        w.final_anchor
        * mean[:, None]
        * np.maximum(w.final_passing, a.pull_floor) ** a.pull_permission
        * (1.0 + w.final_tariff) ** -a.pull_price
    )
    own = np.flatnonzero(e.cell_owner == e.cell_location)
    at = e.cell_location[own]
    drawn[own, at] *= favour(w)[e.cell_product[own], at]
    lo = w.layout.product_cells[:-1]
    sums = np.add.reduceat(drawn, lo, axis=0)[e.cell_product]
    wanted = np.where(sums > TINY, drawn / np.maximum(sums, TINY), w.final_share)
    w.final_share[:] += m.share_speed * (wanted - w.final_share)
    w.final_anchor[:] += a.anchor_speed * (w.final_share - w.final_anchor)


@mechanism(
    Phase.ADAPT,
    reads="shed tool_use table",
    writes="shed",
    source="Farrell and Newman; model section 7.4",
)
def design_out(w: World) -> None:
    """Foreign firms in reach of a direct-product rule design out the issuer's content and tools."""
    a, e = w.params.adaptation, w.economy
    if not a.enabled or w.table is None:
        return
    for i in np.flatnonzero(w.table.exposed.any(axis=0)):
        exposed = direct_product_reach(w, int(i)) * (e.owner != i) * w.table.exposed[e.cell, i]
        w.shed[:, i] += a.shed_speed * exposed * (1.0 - w.shed[:, i])


@mechanism(Phase.ADAPT, reads="unmet critical", writes="critical", source="model section 7.4; Pichler et al. 2022")
def redesign(w: World) -> None:
    """Where it can, redesign slowly lowers the criticality of an input that does not come."""
    a, e = w.params.adaptation, w.economy
    if not a.enabled:
        return
    short = np.where(w.unmet > a.unmet_trigger, w.unmet, 0.0)
    lower = np.maximum(e.critical0 * a.redesign_floor, w.critical * (1.0 - a.redesign_speed * short))
    w.critical[:] = np.where(e.redesign, lower, w.critical)
