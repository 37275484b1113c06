"""Technology: R&D, spillovers, learning, the level embodied in inputs, the ceiling it sets, and the frontier."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.world import World

TINY = 1e-12
YEAR = 4.0  # quarters


@mechanism(Phase.INNOVATE, reads="revenue subsidy credit output", writes="rd rd_own", source="model section 7.5")
def research(w: World) -> None:
    """R&D is a share of revenue; subsidies add what becomes effective, shared by the state's firms in the product.

    A firm can put only so much public money to use beside what it spends itself: its people and plants are the limit.
    """
    e, p = w.economy, w.params.innovation
    own = e.rd_share * w.revenue * w.credit
    absorbed = np.minimum(subsidy_by_firm(w), p.subsidy_absorbed * own)
    w.rd[:] += p.rd_speed * (own + p.subsidy_efficiency * absorbed - w.rd)
    w.rd_own[:] += p.rd_speed * (own - w.rd_own)


def subsidy_by_firm(w: World) -> Array:
    """Subsidy of each firm, USD bn a quarter, shape N: by state of owner and product, shared by output."""
    e = w.economy
    if not w.subsidy.any():
        return np.zeros(e.n_firms)
    key = e.owner * e.n_products + e.product
    total = np.bincount(key, weights=w.output, minlength=e.n_states * e.n_products)
    return w.subsidy.ravel()[key] / YEAR * w.output / np.maximum(total[key], TINY)


@mechanism(
    Phase.INNOVATE,
    reads="quarter rd tech tech_eff frontier science investment_openness output",
    writes="tech",
    source="Benhabib and Spiegel 2005; Verspagen 1991; model section 7.5 (practice in the spirit of Irwin and Klenow 1994)",
)
def progress(w: World) -> None:
    """Own R&D, absorption of knowledge from the frontier, and learning by doing raise the level mastered.

    A step takes more R&D the more of the gap is closed, and mastery fades without the means to practise it.
    """
    e, p = w.economy, w.params.innovation
    trend = np.exp(w.start.log_trend[min(w.quarter, len(w.start.log_trend) - 1)])[e.product]
    behind = w.frontier[e.product] - w.tech
    closed = -e.tech0 - behind
    harder = np.exp(p.catch_up_cost * closed)
    ratio = np.clip(w.rd / np.maximum(w.start.rd * trend * harder, TINY), p.rd_ratio_lo, p.rd_ratio_hi)
    own = w.start.own_speed * ratio**p.rd_elasticity
    gap = np.maximum(behind, 0.0)
    above = np.log(np.maximum(w.output, TINY) / np.maximum(e.output0 * trend, TINY))
    learnt = p.learning * e.product_learning[e.product] * np.clip(above, -1.0, 1.0)
    noise = p.noise * w.streams.normal("progress", w.quarter, e.n_firms)
    practice = np.exp(-np.maximum((w.tech - w.tech_eff) - (e.tech0 - w.start.tech_eff), 0.0) / p.practice)
    w.tech[:] += practice * np.maximum(own + absorption(w, gap) + learnt + noise, 0.0)


def absorption(w: World, gap: Array) -> Array:
    """Absorption of frontier knowledge, generations a quarter, shape N: phi x openness x gap x exp(-gap / distance)."""
    e, p = w.economy, w.params.innovation
    if not p.catch_up:
        return np.zeros(e.n_firms)
    open_ = (w.science**p.science_weight * w.investment_openness)[e.owner]
    return p.spillover * open_ * gap * np.exp(-gap / p.absorption_distance)


@mechanism(Phase.INNOVATE, reads="talent science", writes="science", source="model section 7.5; first seed paper 2.2.3")
def science(w: World) -> None:
    """The science stock follows talent and exchange with a long lag."""
    w.science[:] += w.params.innovation.science_lag * (w.talent - w.science)


@mechanism(
    Phase.INNOVATE,
    reads="flow item degraded degraded_item passing sought cover fresh unmet embodied embodied_before",
    writes="embodied embodied_before",
    source="model section 7.5 (embodied technical change)",
)
def embody(w: World) -> None:
    """Each slot's embodied level moves to that of the goods received.

    Equipment renews it by vintages, as far as it is delivered. Current inputs renew it by the share that deliveries are
    of the goods at hand or ordered. So the less comes the less it moves, and where nothing comes it stays. What it was
    an age ago follows at the same pace.
    """
    e, p = w.economy, w.params.innovation
    if not p.ceiling:
        return
    rows = w.start.embodying
    total = w.flow[rows].sum(axis=1)
    level = received_level(w, rows, total)
    delivered = np.minimum(w.cover[rows], 1.0 - w.unmet[rows])
    pace = np.where(e.capital[rows], p.vintage_speed * delivered, w.fresh[rows])
    pace = np.where(total > TINY, pace, 0.0)
    w.embodied[rows] += pace * (level - w.embodied[rows])
    w.embodied_before[rows] += pace * (w.embodied[rows] - w.embodied_before[rows])


def renewal(w: World) -> Array:
    """Share of each slot's embodied level renewed in a steady quarter, shape M: by vintages, or by the turnover of stocks."""
    return np.where(w.economy.capital, w.params.innovation.vintage_speed, 1.0 / (1.0 + w.params.production.cover))


def carried_level(w: World) -> Array:
    """Level that what each slot embodies carries, shape M; a product line needs volume, so short current inputs carry less."""
    p = w.params.innovation
    volume = np.where(w.economy.capital, 0.0, p.volume * np.log(np.maximum(w.cover, p.volume_floor)))
    return newest(w) + w.economy.below + volume


def newest(w: World) -> Array:
    """Level of each slot's newest vintages, shape M: the mean over vintages and what it rose in an age (Brown's double smoothing).

    A buyer of goods that get better at a steady pace is at the level of what it buys; one whose supply stays at a
    threshold comes to that threshold and no further.
    """
    return 2.0 * w.embodied - w.embodied_before


def open_embodied(w: World) -> None:
    """Set the levels embodied in plants that always bought the newest in steady growth, at the end of the quarter before the first.

    A mean renewed at rate v trails goods that improve by g a quarter by g (1 - v) / v; the mean of that mean by twice as much.
    """
    speed = w.params.innovation.frontier_speed
    lag = speed * (1.0 / renewal(w) - 1.0)
    w.embodied[:] = habitual_level(w) - speed - lag
    w.embodied_before[:] = w.embodied - lag


def received_level(w: World, rows: Array, total: Array) -> Array:
    """Technology level of the goods received by some slots, degraded ones at their own level, shape of rows."""
    share = w.flow[rows] / np.maximum(total, TINY)[:, None]
    item, passing, degraded = w.item[rows], w.passing[rows], w.degraded[rows]
    low = np.where(passing > TINY, (1.0 - w.sought[rows]) * degraded / np.maximum(passing, TINY), 0.0)
    lower = np.where(low > 0, w.degraded_item[rows], item)
    return power_mean_level(share * (1.0 - low), item, share * low, lower, w.params.innovation.embodied_kappa)


def habitual_level(w: World) -> Array:
    """The same for goods bought by habitual shares and not degraded, shape M."""
    none = np.zeros_like(w.anchor)
    return power_mean_level(w.anchor, w.item, none, w.item, w.params.innovation.embodied_kappa)


def power_mean_level(share: Array, item: Array, low_share: Array, low_item: Array, kappa: float) -> Array:
    """(1/kappa) ln of the mean of exp(kappa tau) over two kinds of goods, each (M, L); the mean of tau where kappa is 0."""
    if kappa < TINY:
        return (share * item + low_share * low_item).sum(axis=1)
    top = item.max(axis=1)
    weight = share * np.exp(kappa * (item - top[:, None]))
    if low_share.any():
        weight += low_share * np.exp(kappa * (low_item - top[:, None]))
    return top + np.log(np.maximum(weight.sum(axis=1), TINY)) / kappa


@mechanism(
    Phase.INNOVATE,
    reads="tech embodied embodied_before cover",
    writes="tech_eff yield_",
    source="model section 7.5",
)
def ceilings(w: World) -> None:
    """What can be made is the soft minimum of the level mastered and what equipment and inputs carry; stretching costs yield."""
    p = w.params.innovation
    if not p.ceiling:
        w.tech_eff[:] = w.tech
        return
    ceiling, equipment = ceiling_of(w)
    w.tech_eff[:] = soft_minimum(w.tech, ceiling, p.ceiling_sharpness)
    over = np.maximum(w.tech_eff - equipment, 0.0)
    w.yield_[:] = np.exp(-p.yield_penalty * np.maximum(over - w.start.over - p.yield_tolerance, 0.0))


def ceiling_of(w: World) -> tuple[Array, Array]:
    """Ceiling of each firm and the level of its binding equipment, each of shape N; infinite without embodied inputs."""
    e = w.economy
    level = np.where(e.embodies, carried_level(w), np.inf)
    reach = np.where(e.embodies, level + w.start.stretch, np.inf)
    ceiling = np.full(e.n_firms, np.inf)
    equipment = np.full(e.n_firms, np.inf)
    if len(w.layout.buyers):
        ceiling[w.layout.buyers] = np.minimum.reduceat(reach, w.layout.starts)
        equipment[w.layout.buyers] = np.minimum.reduceat(level, w.layout.starts)
    return ceiling, equipment


def soft_minimum(a: Array, b: Array, sharpness: float) -> Array:
    """Smooth minimum of two arrays; b may be infinite."""
    low = np.minimum(a, b)
    high = np.maximum(a, b)
    return low - np.log1p(np.exp(-sharpness * (high - low))) / sharpness


@mechanism(Phase.INNOVATE, reads="tech_eff frontier", writes="frontier", source="model section 7.5")
def advance_frontier(w: World) -> None:
    """The frontier of a product is the level of its leaders."""
    w.frontier[:] = leaders(w) - w.start.leader_offset


def leaders(w: World) -> Array:
    """Mean technology of each product's firms, weighted by size and exp(leader_weight x level), shape P."""
    e, lo = w.economy, w.layout.product_firms[:-1]
    sharp = w.params.innovation.leader_weight
    top = np.maximum.reduceat(w.tech_eff, lo)
    weight = e.output0 * np.exp(sharp * (w.tech_eff - top[e.product]))
    return np.add.reduceat(weight * w.tech_eff, lo) / np.maximum(np.add.reduceat(weight, lo), TINY)
