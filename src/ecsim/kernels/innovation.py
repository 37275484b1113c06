"""R&D, progress, the levels that inputs embody, the ceilings they set, and the frontier."""

from __future__ import annotations

import math

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.arrays import anywhere, write
from ecsim.kernels.elementary import exp, exps, log, logs
from ecsim.kernels.jit import kernel
from ecsim.world import Array

TINY = 1e-12
YEAR = 4.0  # quarters
CHUNK = 256  # slots worked on at a time


@kernel
def research(
    product: Array,
    owner: Array,
    rd_share: Array,
    revenue: Array,
    credit: Array,
    subsidy: Array,
    output: Array,
    rd: Array,
    rd_own: Array,
    terms_innovation: Terms,
) -> None:
    """R&D is a share of revenue; subsidies add what becomes effective, shared by the state's firms in the product."""
    t = terms_innovation
    made = np.zeros_like(subsidy)
    given = anywhere(subsidy.ravel())
    if given:
        for f in range(len(rd)):
            made[owner[f], product[f]] += output[f]
    for f in range(len(rd)):
        p, o = product[f], owner[f]
        own = rd_share[f] * revenue[f] * credit[f]
        granted = subsidy[o, p] / YEAR * output[f] / max(made[o, p], TINY) if given else 0.0
        rd[f] += t.rd_speed * (own + t.subsidy_efficiency * min(granted, t.subsidy_absorbed * own) - rd[f])
        rd_own[f] += t.rd_speed * (own - rd_own[f])


@kernel
def progress(
    some_firms: range,
    now: Array,
    product: Array,
    owner: Array,
    tech0: Array,
    output0: Array,
    product_learning: Array,
    start_log_trend: Array,
    start_rd: Array,
    start_own_speed: Array,
    start_tech_eff: Array,
    shock_progress: Array,
    science: Array,
    investment_openness: Array,
    frontier: Array,
    rd: Array,
    output: Array,
    tech_eff: Array,
    tech: Array,
    terms_innovation: Terms,
) -> None:
    """Own R&D, absorption of knowledge from the frontier, and learning by doing raise the level mastered."""
    t = terms_innovation
    growth = np.exp(start_log_trend[min(now[0], len(start_log_trend) - 1)])
    openness = science**t.science_weight * investment_openness
    spillover = t.spillover if t.catch_up else 0.0
    first, n = some_firms.start, len(some_firms)
    gap, harder, ratio, above, practice = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for f in some_firms:
        i = f - first
        behind = frontier[product[f]] - tech[f]
        gap[i] = max(behind, 0.0)
        harder[i] = t.catch_up_cost * (-tech0[f] - behind)
        practice[i] = max((tech[f] - tech_eff[f]) - (tech0[f] - start_tech_eff[f]), 0.0)
    exps(harder)
    for f in some_firms:
        i = f - first
        as_expected = growth[product[f]]
        ratio[i] = min(max(rd[f] / max(start_rd[f] * as_expected * harder[i], TINY), t.rd_ratio_lo), t.rd_ratio_hi)
        above[i] = max(output[f], TINY) / max(output0[f] * as_expected, TINY)
    logs(above)
    for i in range(n):
        own = exp(t.rd_elasticity * log(ratio[i]))
        absorbed = gap[i] * exp(-gap[i] / t.absorption_distance)
        ratio[i], gap[i], practice[i] = own, absorbed, exp(-practice[i] / t.practice)
    for f in some_firms:
        i = f - first
        step = start_own_speed[f] * ratio[i] + spillover * openness[owner[f]] * gap[i]
        step += t.learning * product_learning[product[f]] * min(max(above[i], -1.0), 1.0) + t.noise * shock_progress[f]
        tech[f] += practice[i] * max(step, 0.0)


@kernel
def science(talent: Array, science: Array, terms_innovation: Terms) -> None:
    """The science stock follows talent and exchange with a long lag."""
    for m in range(len(science)):
        science[m] += terms_innovation.science_lag * (talent[m] - science[m])


@kernel
def embody(
    some_embodying: range,
    start_embodying: Array,
    capital: Array,
    links: Links,
    flow: Array,
    item: Array,
    touched: Array,
    passing: Array,
    sought: Array,
    degraded: Array,
    degraded_item: Array,
    cover: Array,
    fresh: Array,
    unmet: Array,
    embodied: Array,
    embodied_before: Array,
    terms_innovation: Terms,
) -> None:
    """Each slot's embodied level moves to that of the goods received."""
    kappa = terms_innovation.embodied_kappa
    if not terms_innovation.ceiling:
        return
    width = len(links)
    tops, levels, worth, came = np.empty(CHUNK), np.empty(CHUNK), np.empty((CHUNK, width)), np.empty(CHUNK, dtype=np.bool_)
    begin, end = int(np.int64(some_embodying.start)), int(np.int64(some_embodying.stop))
    for first in range(begin, end, CHUNK):
        slots = start_embodying[first : min(first + CHUNK, end)]
        for i, s in enumerate(slots):
            top = item[s, 0]
            for k in range(1, width):
                top = max(top, item[s, k])
            for k in range(width):
                worth[i, k] = kappa * (item[s, k] - top) if kappa >= TINY else item[s, k]
            tops[i] = top
        if kappa >= TINY:
            exps(worth.ravel()[: len(slots) * width])
        for i, s in enumerate(slots):
            total, level = 0.0, 0.0
            for k in range(width):
                total += flow[s, k]
            came[i] = total > TINY
            one = 1.0 / total if came[i] else 0.0
            for k in range(width):
                share = flow[s, k] * one
                low = (1.0 - sought[s, k]) * degraded[s, k] / passing[s, k] if touched[s] and passing[s, k] > TINY else 0.0
                level += share * (1.0 - low) * worth[i, k]
                if low > 0.0:
                    level += share * low * (degraded_item[s, k] if kappa < TINY else math.exp(kappa * (degraded_item[s, k] - tops[i])))
            levels[i] = max(level, TINY) if kappa >= TINY else level
        if kappa >= TINY:
            logs(levels[: len(slots)])
        for i, s in enumerate(slots):
            if not came[i]:
                continue
            level = tops[i] + levels[i] / kappa if kappa >= TINY else levels[i]
            pace = terms_innovation.vintage_speed * min(cover[s], 1.0 - unmet[s]) if capital[s] else fresh[s]
            embodied[s] += pace * (level - embodied[s])
            embodied_before[s] += pace * (embodied[s] - embodied_before[s])


@kernel
def ceilings(
    some_firms: range,
    slot_start: Array,
    embodies: Array,
    capital: Array,
    below: Array,
    start_stretch: Array,
    start_over: Array,
    embodied: Array,
    embodied_before: Array,
    cover: Array,
    tech: Array,
    tech_eff: Array,
    yield_: Array,
    terms_innovation: Terms,
) -> None:
    """What can be made is the soft minimum of the level mastered and what equipment and inputs carry; stretching costs yield."""
    t = terms_innovation
    first, past = some_firms.start, some_firms.stop
    if not t.ceiling:
        write(tech_eff[first:past], tech[first:past])
        return
    limit, carried = np.empty(past - first), np.empty(past - first)
    for f in some_firms:
        ceiling, equipment = math.inf, math.inf
        for s in range(slot_start[f], slot_start[f + 1]):
            if embodies[s]:
                level = 2.0 * embodied[s] - embodied_before[s] + below[s]
                if not capital[s] and cover[s] < 1.0:
                    level += t.volume * math.log(max(cover[s], t.volume_floor))
                equipment = min(equipment, level)
                ceiling = min(ceiling, level + start_stretch[s])
        limit[f - first], carried[f - first] = ceiling, equipment
    for f in some_firms:
        i = f - first
        apart = abs(limit[i] - tech[f])
        tech_eff[f] = min(tech[f], limit[i]) - log(1.0 + exp(-t.ceiling_sharpness * apart)) / t.ceiling_sharpness
        over = max(tech_eff[f] - carried[i], 0.0) - start_over[f] - t.yield_tolerance
        yield_[f] = exp(-t.yield_penalty * max(over, 0.0))


@kernel
def advance_frontier(
    product_firms: Array, output0: Array, start_leader_offset: Array, tech_eff: Array, frontier: Array, terms_innovation: Terms
) -> None:
    """The frontier of a product is the level of its leaders."""
    weight = np.empty(len(tech_eff))
    for p in range(len(frontier)):
        first, past = product_firms[p], product_firms[p + 1]
        top = tech_eff[first]
        for f in range(first + 1, past):
            top = max(top, tech_eff[f])
        for f in range(first, past):
            weight[f] = terms_innovation.leader_weight * (tech_eff[f] - top)
    exps(weight)
    for p in range(len(frontier)):
        level, total = 0.0, 0.0
        for f in range(product_firms[p], product_firms[p + 1]):
            level += output0[f] * weight[f] * tech_eff[f]
            total += output0[f] * weight[f]
        frontier[p] = level / max(total, TINY) - start_leader_offset[p]
