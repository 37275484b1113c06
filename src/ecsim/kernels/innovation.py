"""Progress, the levels that inputs embody, and the ceilings they set."""

from __future__ import annotations

import math

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.world import Array, World

TINY = 1e-12


def progress(w: World) -> None:
    """Own R&D, absorption of knowledge from the frontier, and learning by doing raise the level mastered."""
    e, p = w.economy, w.params.innovation
    growth = np.exp(w.start.log_trend[min(w.quarter, len(w.start.log_trend) - 1)])
    open_ = w.science**p.science_weight * w.investment_openness if p.catch_up else np.zeros(e.n_states)
    noise = w.streams.normal("progress", w.quarter, e.n_firms)
    _progress(
        *(e.product, e.owner, growth, w.frontier, e.tech0, e.output0, e.product_learning, open_, noise, w.start.rd, w.start.own_speed),
        *(w.start.tech_eff, w.rd, w.output, w.tech_eff, w.tech),
        (
            p.catch_up_cost,
            p.rd_ratio_lo,
            p.rd_ratio_hi,
            p.rd_elasticity,
            p.learning,
            p.noise,
            p.practice,
            p.spillover,
            p.absorption_distance,
        ),
    )


@kernel
def _progress(
    product: Array,
    owner: Array,
    growth: Array,
    frontier: Array,
    tech0: Array,
    output0: Array,
    product_learning: Array,
    open_: Array,
    noise: Array,
    start_rd: Array,
    own_speed: Array,
    start_tech_eff: Array,
    rd: Array,
    output: Array,
    tech_eff: Array,
    tech: Array,
    terms: tuple[float, ...],
) -> None:
    catch_up_cost, ratio_lo, ratio_hi, elasticity, learning, noise_size, practice_scale, spillover, distance = terms
    for f in range(len(tech)):
        p = product[f]
        behind = frontier[p] - tech[f]
        harder = math.exp(catch_up_cost * (-tech0[f] - behind))
        ratio = min(max(rd[f] / max(start_rd[f] * growth[p] * harder, TINY), ratio_lo), ratio_hi)
        step = own_speed[f] * ratio**elasticity
        gap = max(behind, 0.0)
        if gap > 0.0:
            step += spillover * open_[owner[f]] * gap * math.exp(-gap / distance)
        above = math.log(max(output[f], TINY) / max(output0[f] * growth[p], TINY))
        step += learning * product_learning[p] * min(max(above, -1.0), 1.0) + noise_size * noise[f]
        ahead = (tech[f] - tech_eff[f]) - (tech0[f] - start_tech_eff[f])
        practice = math.exp(-ahead / practice_scale) if ahead > 0.0 else 1.0
        tech[f] += practice * max(step, 0.0)


def embody(w: World) -> None:
    """Each slot's embodied level moves to that of the goods received."""
    e, p = w.economy, w.params.innovation
    if p.ceiling:
        _embody(
            *(w.start.embodying, e.capital, w.flow, w.item, w.passing, w.degraded, w.degraded_item, w.cover, w.fresh, w.unmet, w.embodied),
            *(w.embodied_before, p.vintage_speed, p.embodied_kappa),
        )


@kernel
def _embody(
    embodying: Array,
    capital: Array,
    flow: Array,
    item: Array,
    passing: Array,
    degraded: Array,
    degraded_item: Array,
    cover: Array,
    fresh: Array,
    unmet: Array,
    embodied: Array,
    embodied_before: Array,
    vintage_speed: float,
    kappa: float,
) -> None:
    width = flow.shape[1]
    for s in embodying:
        total, top = 0.0, item[s, 0]
        for k in range(width):
            total += flow[s, k]
            top = max(top, item[s, k])
        if total <= TINY:
            continue
        level = 0.0
        for k in range(width):
            share = flow[s, k] / total
            if share == 0.0:
                continue
            low = degraded[s, k] / passing[s, k] if passing[s, k] > TINY else 0.0
            if kappa < TINY:
                level += share * (1.0 - low) * item[s, k]
            else:
                level += share * (1.0 - low) * (1.0 if item[s, k] == top else math.exp(kappa * (item[s, k] - top)))
            if low > 0.0:
                level += share * low * (degraded_item[s, k] if kappa < TINY else math.exp(kappa * (degraded_item[s, k] - top)))
        if kappa >= TINY:
            level = top + math.log(max(level, TINY)) / kappa
        pace = vintage_speed * min(cover[s], 1.0 - unmet[s]) if capital[s] else fresh[s]
        embodied[s] += pace * (level - embodied[s])
        embodied_before[s] += pace * (embodied[s] - embodied_before[s])


def ceilings(w: World) -> None:
    """What can be made is the soft minimum of the level mastered and what equipment and inputs carry; stretching costs yield."""
    e, p = w.economy, w.params.innovation
    if not p.ceiling:
        w.tech_eff[:] = w.tech
        return
    _ceilings(
        *(w.layout.slot_start, e.embodies, e.capital, e.below, w.start.stretch, w.start.over, w.embodied, w.embodied_before, w.cover),
        *(w.tech, w.tech_eff, w.yield_, p.volume, p.volume_floor, p.ceiling_sharpness, p.yield_penalty, p.yield_tolerance),
    )


@kernel
def _ceilings(
    slot_start: Array,
    embodies: Array,
    capital: Array,
    below: Array,
    stretch: Array,
    start_over: Array,
    embodied: Array,
    embodied_before: Array,
    cover: Array,
    tech: Array,
    tech_eff: Array,
    yield_: Array,
    volume: float,
    volume_floor: float,
    sharpness: float,
    yield_penalty: float,
    yield_tolerance: float,
) -> None:
    for f in range(len(tech)):
        ceiling, equipment = math.inf, math.inf
        for s in range(slot_start[f], slot_start[f + 1]):
            if embodies[s]:
                level = 2.0 * embodied[s] - embodied_before[s] + below[s]
                if not capital[s] and cover[s] < 1.0:
                    level += volume * math.log(max(cover[s], volume_floor))
                equipment = min(equipment, level)
                ceiling = min(ceiling, level + stretch[s])
        low, high = min(tech[f], ceiling), max(tech[f], ceiling)
        made = low - math.log1p(math.exp(-sharpness * (high - low))) / sharpness
        tech_eff[f] = made
        over = max(made - equipment, 0.0) - start_over[f] - yield_tolerance
        yield_[f] = math.exp(-yield_penalty * over) if over > 0.0 else 1.0
