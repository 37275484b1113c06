"""Threat, search, shares of purchases and markets, redesign, expectations, investment, prices."""

from __future__ import annotations

import math

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.kernels.trade import LEONTIEF, MEAN, form_of
from ecsim.world import CHALLENGER, Array, World

TINY = 1e-12


def perceive_threat(w: World) -> None:
    """Buyers take what is refused of a product in their state as the measure of the threat; with foresight, of the whole chain."""
    e, a = w.economy, w.params.adaptation
    felt = np.zeros_like(w.threat)
    _perceive_threat(
        *(e.slot_firm, e.slot_input, e.location, e.coef, w.expected, w.weight, w.passing, w.barred, w.diverted, w.degraded),
        *(felt, a.threat_scale),
    )
    if w.foresight[0]:
        felt[:, CHALLENGER] = np.maximum(felt[:, CHALLENGER], w.foresight[0] * felt[:, CHALLENGER].max())
    w.threat[:] += a.threat_memory * (np.minimum(1.0, felt) - w.threat)


@kernel
def _perceive_threat(
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    coef: Array,
    expected: Array,
    weight: Array,
    passing: Array,
    barred: Array,
    diverted: Array,
    degraded: Array,
    felt: Array,
    scale: float,
) -> None:
    bought = np.zeros_like(felt)
    for s in range(len(slot_firm)):
        f = slot_firm[s]
        value = coef[s] * expected[f]
        refused = 0.0
        for k in range(weight.shape[1]):
            if passing[s, k] < 1.0:
                refused += weight[s, k] * max(1.0 - passing[s, k] - barred[s, k] + diverted[s, k] + degraded[s, k], 0.0)
        bought[slot_input[s], location[f]] += value
        felt[slot_input[s], location[f]] += value * refused
    for p in range(felt.shape[0]):
        for m in range(felt.shape[1]):
            felt[p, m] = felt[p, m] / max(bought[p, m], TINY) * scale


def shift_purchases(w: World) -> None:
    """Shares follow an anchored logit of permission, delivery, technology, price and nearness; habits follow slowly."""
    e, a = w.economy, w.params.adaptation
    if not a.enabled:
        return
    offer = np.maximum(w.fill, a.pull_floor) ** a.pull_delivery * w.price**-a.pull_price
    _shift_purchases(
        *(e.slot_firm, e.slot_input, e.location, w.supplier, w.anchor, w.weight, w.passing, w.degraded, w.item, w.start_shortfall),
        *(offer, w.tariff, bool(w.tariff.any()), w.threat, bool(w.threat.any())),
        (a.pull_price, a.pull_permission, a.pull_technology, a.pull_home, a.weight_speed, a.anchor_speed, a.pull_floor),
    )


@kernel
def _shift_purchases(
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    supplier: Array,
    anchor: Array,
    weight: Array,
    passing: Array,
    degraded: Array,
    item: Array,
    start_shortfall: Array,
    offer: Array,
    tariff: Array,
    any_tariff: bool,
    threat: Array,
    any_threat: bool,
    terms: tuple[float, ...],
) -> None:
    pull_price, pull_permission, pull_technology, pull_home, weight_speed, anchor_speed, floor = terms
    width = weight.shape[1]
    drawn = np.empty(width)
    for s in range(len(slot_firm)):
        here, product = location[slot_firm[s]], slot_input[s]
        best = item[s, 0]
        for k in range(1, width):
            best = max(best, item[s, k])
        fear = math.exp(pull_home * threat[product, here]) if any_threat else 1.0
        total = 0.0
        for k in range(width):
            drawn[k] = 0.0
            if anchor[s, k] == 0.0:
                continue
            seller = supplier[s, k]
            pull = offer[seller]
            if any_tariff:
                rate = tariff[product, location[seller], here]
                if rate != 0.0:
                    pull *= (1.0 + rate) ** -pull_price
            full = max(passing[s, k] - degraded[s, k], floor)
            if full != 1.0:
                pull *= full**pull_permission
            short = min(item[s, k] - best, 0.0) - start_shortfall[s, k]
            if short < 0.0:
                pull *= math.exp(pull_technology * short)
            if any_threat and location[seller] == here:
                pull *= fear
            drawn[k] = anchor[s, k] * pull
            total += drawn[k]
        for k in range(width):
            wanted = drawn[k] / total if total > TINY else weight[s, k]
            weight[s, k] += weight_speed * (wanted - weight[s, k])
            anchor[s, k] += anchor_speed * (weight[s, k] - anchor[s, k])


def shift_markets(w: World) -> None:
    """Final markets shift between cells, and within cells between firms, by permission, delivery, technology and price."""
    e, a = w.economy, w.params.adaptation
    if not a.enabled:
        return
    _shift_markets(
        *(w.layout.product_cells, e.cell_start, e.product, e.final_weight, w.fill, w.price, w.tech_eff, w.start.tech_eff, w.frontier),
        *(w.final_weight, w.final_share, w.final_anchor, w.final_passing, w.final_tariff),
        *((a.pull_delivery, a.pull_price, a.pull_technology, a.pull_permission, a.pull_floor), w.params.market.share_speed, a.anchor_speed),
    )


@kernel
def _shift_markets(
    product_cells: Array,
    cell_start: Array,
    product: Array,
    final_weight0: Array,
    fill: Array,
    price: Array,
    tech_eff: Array,
    start_tech_eff: Array,
    frontier: Array,
    final_weight: Array,
    final_share: Array,
    final_anchor: Array,
    final_passing: Array,
    final_tariff: Array,
    pulls: tuple[float, ...],
    share_speed: float,
    anchor_speed: float,
) -> None:
    pull_delivery, pull_price, pull_technology, pull_permission, floor = pulls
    cells = len(cell_start) - 1
    mean = np.empty(cells)
    pull = np.empty(len(fill))
    for c in range(cells):
        first, past = cell_start[c], cell_start[c + 1]
        offered, has, total = 0.0, 0.0, 0.0
        for f in range(first, past):
            pull[f] = max(fill[f], floor) ** pull_delivery * price[f] ** -pull_price
            lag = tech_eff[f] - start_tech_eff[f] - frontier[product[f]]
            if lag < 0.0:
                pull[f] *= math.exp(pull_technology * lag)
            offered += final_weight[f] * pull[f]
            has += final_weight[f]
            total += final_weight0[f] * pull[f]
        mean[c] = offered if has > TINY else 1.0
        for f in range(first, past):
            if total > TINY:
                final_weight[f] += share_speed * (final_weight0[f] * pull[f] / total - final_weight[f])
    markets = final_share.shape[1]
    drawn = np.empty(cells)
    for p in range(len(product_cells) - 1):
        first, past = product_cells[p], product_cells[p + 1]
        for m in range(markets):
            total = 0.0
            for c in range(first, past):
                drawn[c] = final_anchor[c, m] * mean[c]
                if drawn[c] != 0.0:
                    passed = max(final_passing[c, m], floor)
                    if passed != 1.0:
                        drawn[c] *= passed**pull_permission
                    if final_tariff[c, m] != 0.0:
                        drawn[c] *= (1.0 + final_tariff[c, m]) ** -pull_price
                total += drawn[c]
            for c in range(first, past):
                if total > TINY:
                    final_share[c, m] += share_speed * (drawn[c] / total - final_share[c, m])
                final_anchor[c, m] += anchor_speed * (final_share[c, m] - final_anchor[c, m])


def redesign(w: World) -> None:
    """Where it can, redesign slowly lowers the criticality of an input that does not come."""
    e, a = w.economy, w.params.adaptation
    if a.enabled:
        _redesign(e.redesign, e.critical0, w.unmet, w.critical, a.unmet_trigger, a.redesign_floor, a.redesign_speed)


@kernel
def _redesign(can: Array, critical0: Array, unmet: Array, critical: Array, trigger: float, floor: float, speed: float) -> None:
    for s in range(len(unmet)):
        if can[s]:
            short = unmet[s] if unmet[s] > trigger else 0.0
            critical[s] = max(critical0[s] * floor, critical[s] * (1.0 - speed * short))


def expect(w: World) -> None:
    """Expected demand follows orders received, on top of the growth that the firm has come to expect."""
    p = w.params.production
    _expect(w.demand, w.expected, w.trend, p.expectation_memory, p.trend_speed, -p.depreciation, p.expansion_max)


@kernel
def _expect(demand: Array, expected: Array, trend: Array, memory: float, speed: float, lowest: float, highest: float) -> None:
    for f in range(len(demand)):
        before = expected[f]
        now = (1.0 - memory) * before * math.exp(trend[f]) + memory * demand[f]
        expected[f] = now
        seen = math.log(max(now, TINY) / max(before, TINY))
        trend[f] += speed * (min(max(seen, lowest), highest) - trend[f])


def invest(w: World) -> None:
    """Capital goods at hand allow investment; building takes time; the rest of capacity wears out."""
    e, p = w.economy, w.params.production
    _invest(
        *(w.layout.slot_start, e.product, e.product_build, e.capital, e.coef, w.critical, w.cover, w.investment, w.building, w.capacity),
        *(p.depreciation, *form_of(p)),
    )


@kernel
def _invest(
    slot_start: Array,
    product: Array,
    product_build: Array,
    capital: Array,
    coef: Array,
    critical: Array,
    cover: Array,
    investment: Array,
    building: Array,
    capacity: Array,
    depreciation: float,
    form: int,
    power: float,
) -> None:
    for f in range(len(capacity)):
        allowed, covered, bought = 1.0, 0.0, 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            if not capital[s]:
                continue
            if form == MEAN:
                covered += coef[s] * (cover[s] if power == 1.0 else max(cover[s], TINY) ** power)
                bought += coef[s]
            else:
                psi = (1.0 if coef[s] > 0.0 else 0.0) if form == LEONTIEF else critical[s]
                allowed = min(allowed, 1.0 - psi * (1.0 - cover[s]))
        if form == MEAN and bought > TINY:
            allowed = (covered / bought) ** (1.0 / power)
        started = investment[f] * capacity[f] * allowed
        finished = building[f] / product_build[product[f]]
        building[f] += started - finished
        capacity[f] += finished - depreciation * capacity[f]


def prices(w: World) -> None:
    """Price follows unit cost, relative to the start, times a scarcity mark-up."""
    e, p = w.economy, w.params.production
    _prices(
        *(w.layout.slot_start, e.location, e.slot_input, e.coef, w.supplier, w.flow, w.tariff, bool(w.tariff.any())),
        *(w.demand, w.capacity, w.yield_, w.input_limit, w.input_price, w.price),
        (p.headroom, p.pass_through, p.price_speed, p.price_markup, p.scarcity_lo, p.scarcity_hi),
    )


@kernel
def _prices(
    slot_start: Array,
    location: Array,
    slot_input: Array,
    coef: Array,
    supplier: Array,
    flow: Array,
    tariff: Array,
    any_tariff: bool,
    demand: Array,
    capacity: Array,
    yield_: Array,
    input_limit: Array,
    input_price: Array,
    price: Array,
    terms: tuple[float, ...],
) -> None:
    headroom, pass_through, speed, markup, lowest, highest = terms
    before = price.copy()
    for f in range(len(price)):
        cost = 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            total, spent = 0.0, 0.0
            for k in range(flow.shape[1]):
                x = flow[s, k]
                if x != 0.0:
                    seller = supplier[s, k]
                    paid = before[seller]
                    if any_tariff:
                        paid *= 1.0 + tariff[slot_input[s], location[seller], location[f]]
                    total += x
                    spent += x * paid
            if total > TINY:
                input_price[s] = spent / total
            cost += coef[s] * (input_price[s] - 1.0)
        supply = capacity[f] * yield_[f] / (1.0 + headroom) * input_limit[f]
        scarce = min(max(demand[f] / max(supply, TINY), lowest), highest)
        price[f] += speed * ((1.0 + pass_through * cost) * scarce**markup - before[f])
