"""Threat, shares of purchases and markets, redesign, expectations, investment, prices."""

from __future__ import annotations

import math

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.arrays import anywhere
from ecsim.kernels.elementary import exp, exps, log, logs
from ecsim.kernels.jit import kernel, part
from ecsim.world import CHALLENGER, Array

TINY = 1e-12
CHUNK = 256  # slots worked on at a time
LEONTIEF, CES, LINEAR = 1, 2, 3  # places among the choices of production.form


@kernel
def perceive_threat(
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    coef: Array,
    expected: Array,
    links: Links,
    weight: Array,
    touched: Array,
    passing: Array,
    barred: Array,
    diverted: Array,
    degraded: Array,
    foresight: Array,
    threat: Array,
    terms_adaptation: Terms,
) -> None:
    """Buyers take what is refused of a product in their state as the measure of the threat; with foresight, of the whole chain."""
    t = terms_adaptation
    felt, bought = np.zeros_like(threat), np.zeros_like(threat)
    for s in range(len(slot_firm) if anywhere(touched) else 0):
        f = slot_firm[s]
        value = coef[s] * expected[f]
        bought[slot_input[s], location[f]] += value
        if not touched[s]:
            continue
        refused = 0.0
        for k in range(len(links)):
            refused += weight[s, k] * max(1.0 - passing[s, k] - barred[s, k] + diverted[s, k] + degraded[s, k], 0.0)
        felt[slot_input[s], location[f]] += value * refused
    worst = 0.0
    for p in range(felt.shape[0]):
        for m in range(felt.shape[1]):
            felt[p, m] = felt[p, m] / max(bought[p, m], TINY) * t.threat_scale
        worst = max(worst, felt[p, CHALLENGER])
    for p in range(felt.shape[0]):
        felt[p, CHALLENGER] = max(felt[p, CHALLENGER], foresight[0] * worst)
        for m in range(felt.shape[1]):
            threat[p, m] += t.threat_memory * (min(1.0, felt[p, m]) - threat[p, m])


@kernel
def offers(some_firms: range, fill: Array, price: Array, scratch_offer: Array, terms_adaptation: Terms) -> None:
    """What draws buyers to each supplier, whoever they are: its deliveries and its price."""
    t = terms_adaptation
    if not t.enabled:
        return
    for f in some_firms:
        scratch_offer[f] = exp(t.pull_delivery * log(max(fill[f], t.pull_floor)) - t.pull_price * log(price[f]))


@kernel
def shift_purchases(
    some_slots: range,
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    owner: Array,
    links: Links,
    supplier: Array,
    anchor: Array,
    weight: Array,
    touched: Array,
    passing: Array,
    degraded: Array,
    item: Array,
    start_shortfall: Array,
    scratch_offer: Array,
    tariff: Array,
    taxed: Array,
    threat: Array,
    preferred: Array,
    terms_adaptation: Terms,
) -> None:
    """Shares follow an anchored logit of permission, delivery, technology, price and nearness; habits follow slowly."""
    t = terms_adaptation
    if not t.enabled:
        return
    tariffs, homewards = anywhere(taxed.ravel()), anywhere(threat.ravel()) or anywhere(preferred.ravel())
    width = len(links)
    drawn, allowed, ruled = np.empty((CHUNK, width)), np.empty((CHUNK, width)), np.empty(CHUNK, dtype=np.uint32)
    begin, end = int(np.int64(some_slots.start)), int(np.int64(some_slots.stop))
    for first in range(begin, end, CHUNK):  # few enough to stay at hand, and many exponentials at a time
        past = min(first + CHUNK, end)
        for s in range(first, past):
            best = item[s, 0]
            for k in range(1, width):
                best = max(best, item[s, k])
            for k in range(width):
                drawn[s - first, k] = best
        pull, begun, ended = drawn.ravel(), first * width, past * width  # flat loops over links run in longer strides
        offered, missed = item.ravel()[begun:ended], start_shortfall.ravel()[begun:ended]
        for i in range(len(offered)):
            pull[i] = t.pull_technology * min(min(offered[i] - pull[i], 0.0) - missed[i], 0.0)
        count = 0
        for s in range(first, past):
            ruled[count] = s
            count += touched[s]
        for i in range(count):
            for k in range(width):
                allowed[i, k] = max(passing[ruled[i], k] - degraded[ruled[i], k], t.pull_floor)
        logs(allowed.ravel()[: count * width])
        for i in range(count):
            for k in range(width):
                drawn[ruled[i] - first, k] += t.pull_permission * allowed[i, k]
        if tariffs:
            for s in range(first, past):
                product, here = slot_input[s], location[slot_firm[s]]
                if not taxed[product, here]:
                    continue
                for k in range(width):
                    rate = tariff[product, location[supplier[s, k]], here]
                    if rate != 0.0:
                        drawn[s - first, k] -= t.pull_price * math.log(1.0 + rate)
        if homewards:
            for s in range(first, past):
                product, here = slot_input[s], location[slot_firm[s]]
                fear, favour = t.pull_home * threat[product, here], 0.0
                if preferred[product, here] != 0.0:
                    favour = -t.pull_price * math.log(max(1.0 - preferred[product, here], t.pull_floor))
                if fear != 0.0 or favour != 0.0:
                    for k in range(width):
                        if location[supplier[s, k]] == here:
                            drawn[s - first, k] += fear + (favour if owner[supplier[s, k]] == here else 0.0)
        exps(pull[: len(offered)])
        for s in range(first, past):
            total = 0.0
            for k in range(width):
                drawn[s - first, k] *= anchor[s, k] * scratch_offer[supplier[s, k]]
                total += drawn[s - first, k]
            one = 1.0 / total if total > TINY else 0.0
            for k in range(width):
                drawn[s - first, k] = drawn[s - first, k] * one if total > TINY else weight[s, k]
        share, habit = weight.ravel()[begun:ended], anchor.ravel()[begun:ended]
        for i in range(len(share)):
            share[i] += t.weight_speed * (pull[i] - share[i])
            habit[i] += t.anchor_speed * (share[i] - habit[i])


@kernel
def attract(
    some_firms: range,
    product: Array,
    fill: Array,
    price: Array,
    tech_eff: Array,
    start_tech_eff: Array,
    frontier: Array,
    scratch_pull: Array,
    terms_adaptation: Terms,
) -> None:
    """What draws final markets to each firm: its deliveries, its price and its technology."""
    t = terms_adaptation
    if not t.enabled:
        return
    for f in some_firms:
        scratch_pull[f] = t.pull_delivery * log(max(fill[f], t.pull_floor)) - t.pull_price * log(price[f])
    for f in some_firms:
        scratch_pull[f] += t.pull_technology * min(tech_eff[f] - start_tech_eff[f] - frontier[product[f]], 0.0)
    exps(scratch_pull[some_firms.start : some_firms.stop])


@kernel
def shift_markets(
    product_cells: Array,
    cell_start: Array,
    cell_location: Array,
    cell_owner: Array,
    final_weight0: Array,
    final_weight: Array,
    final_share: Array,
    final_anchor: Array,
    final_touched: Array,
    final_passing: Array,
    final_tariff: Array,
    taxed: Array,
    preferred: Array,
    scratch_pull: Array,
    terms_adaptation: Terms,
    terms_market: Terms,
) -> None:
    """Final markets shift between cells, and within cells between firms, by permission, delivery, technology and price."""
    t, speed = terms_adaptation, terms_market.share_speed
    if not t.enabled:
        return
    markets = final_share.shape[1]
    drawn, total, share_of = np.empty(final_share.shape), np.empty(markets), np.empty(markets)
    tariffs = anywhere(taxed.ravel())
    for p in range(len(product_cells) - 1):
        first, past = product_cells[p], product_cells[p + 1]
        total[:] = 0.0
        for c in range(first, past):
            begin, end = cell_start[c], cell_start[c + 1]
            mean = _shift_within(begin, end, final_weight0, final_weight, scratch_pull, speed)
            for m in range(markets):
                drawn[c, m] = final_anchor[c, m] * mean
            if final_touched[c] or (tariffs and anywhere(final_tariff[c])):
                for m in range(markets):
                    if final_passing[c, m] != 1.0 or final_tariff[c, m] != 0.0:
                        passed = t.pull_permission * math.log(max(final_passing[c, m], t.pull_floor))
                        drawn[c, m] *= math.exp(passed - t.pull_price * math.log(1.0 + final_tariff[c, m]))
            home = cell_location[c]
            if preferred[p, home] != 0.0 and cell_owner[c] == home:
                drawn[c, home] *= math.exp(-t.pull_price * math.log(max(1.0 - preferred[p, home], t.pull_floor)))
            for m in range(markets):
                total[m] += drawn[c, m]
        for m in range(markets):
            share_of[m] = 1.0 / total[m] if total[m] > TINY else 0.0
        for c in range(first, past):
            for m in range(markets):
                drawn[c, m] = drawn[c, m] * share_of[m] if total[m] > TINY else final_share[c, m]
    wanted, share, habit = drawn.ravel(), final_share.ravel(), final_anchor.ravel()
    for i in range(len(share)):
        share[i] += speed * (wanted[i] - share[i])
        habit[i] += t.anchor_speed * (share[i] - habit[i])


@part
def _shift_within(first: int, past: int, final_weight0: Array, final_weight: Array, pull: Array, speed: float) -> float:
    """Sales of a cell shift between its firms; returns the mean attraction of the cell before they do."""
    offered, has, total = 0.0, 0.0, 0.0
    for f in range(first, past):
        offered += final_weight[f] * pull[f]
        has += final_weight[f]
        total += final_weight0[f] * pull[f]
    for f in range(first, past):
        if total > TINY:
            final_weight[f] += speed * (final_weight0[f] * pull[f] / total - final_weight[f])
    return offered if has > TINY else 1.0


@kernel
def redesign(some_slots: range, redesign: Array, critical0: Array, unmet: Array, critical: Array, terms_adaptation: Terms) -> None:
    """Where it can, redesign slowly lowers the criticality of an input that does not come."""
    t = terms_adaptation
    if not t.enabled:
        return
    for s in some_slots:
        if redesign[s]:
            short = unmet[s] if unmet[s] > t.unmet_trigger else 0.0
            critical[s] = max(critical0[s] * t.redesign_floor, critical[s] * (1.0 - t.redesign_speed * short))


@kernel
def expect(some_firms: range, demand: Array, expected: Array, trend: Array, terms_production: Terms) -> None:
    """Expected demand follows orders received, on top of the growth that the firm has come to expect."""
    t = terms_production
    memory = t.expectation_memory
    for f in some_firms:
        before = expected[f]
        now = (1.0 - memory) * before * exp(trend[f]) + memory * demand[f]
        expected[f] = now
        seen = log(max(now, TINY) / max(before, TINY))
        trend[f] += t.trend_speed * (min(max(seen, -t.depreciation), t.expansion_max) - trend[f])


@kernel
def invest(
    some_firms: range,
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
    terms_production: Terms,
) -> None:
    """Capital goods at hand allow investment; building takes time; the rest of capacity wears out."""
    form = terms_production.form
    power = terms_production.ces_exponent if form == CES else 1.0
    for f in some_firms:
        allowed, covered, bought = 1.0, 0.0, 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            if not capital[s]:
                continue
            if form in (CES, LINEAR):
                covered += coef[s] * (cover[s] if power == 1.0 else max(cover[s], TINY) ** power)
                bought += coef[s]
            else:
                psi = (1.0 if coef[s] > 0.0 else 0.0) if form == LEONTIEF else critical[s]
                allowed = min(allowed, 1.0 - psi * (1.0 - cover[s]))
        if bought > TINY:
            allowed = (covered / bought) ** (1.0 / power)
        started = investment[f] * capacity[f] * allowed
        finished = building[f] / product_build[product[f]]
        building[f] += started - finished
        capacity[f] += finished - terms_production.depreciation * capacity[f]


@kernel
def unit_costs(
    some_firms: range,
    slot_start: Array,
    location: Array,
    slot_input: Array,
    coef: Array,
    links: Links,
    supplier: Array,
    flow: Array,
    tariff: Array,
    taxed: Array,
    price: Array,
    input_price: Array,
    scratch_cost: Array,
) -> None:
    """Unit cost is what inputs cost above the start, those that came at the prices paid, tariffs included."""
    tariffs = anywhere(taxed.ravel())
    for f in some_firms:
        dearer = 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            total, spent, dutiable = 0.0, 0.0, tariffs and taxed[slot_input[s], location[f]]
            for k in range(len(links)):
                x, seller = flow[s, k], supplier[s, k]
                paid = price[seller]
                if dutiable:
                    paid *= 1.0 + tariff[slot_input[s], location[seller], location[f]]
                total += x
                spent += x * paid
            if total > TINY:
                input_price[s] = spent / total
            dearer += coef[s] * (input_price[s] - 1.0)
        scratch_cost[f] = dearer


@kernel
def prices(
    some_firms: range,
    demand: Array,
    capacity: Array,
    yield_: Array,
    input_limit: Array,
    scratch_cost: Array,
    price: Array,
    terms_production: Terms,
) -> None:
    """Price follows unit cost, relative to the start, times a scarcity mark-up."""
    t = terms_production
    for f in some_firms:
        supply = capacity[f] * yield_[f] / (1.0 + t.headroom) * input_limit[f]
        scarce = min(max(demand[f] / max(supply, TINY), t.scarcity_lo), t.scarcity_hi)
        price[f] += t.price_speed * ((1.0 + t.pass_through * scratch_cost[f]) * exp(t.price_markup * log(scarce)) - price[f])
