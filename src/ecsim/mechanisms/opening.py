"""The opening position of a run: a world in balance, with every memory set to what it would be in steady growth."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ecsim.baseline import Baseline
from ecsim.documents.anxiety import anxiety_path
from ecsim.economy import Economy, array_fields, sizes_of
from ecsim.layout import Layout
from ecsim.mechanisms.accounts import measure_gaps, value
from ecsim.mechanisms.content import content
from ecsim.mechanisms.demand import log_growth
from ecsim.mechanisms.innovation import absorption, ceiling_of, leaders, open_embodied, soft_minimum
from ecsim.mechanisms.permission import items, logistic
from ecsim.mechanisms.power import METRICS, power_shares
from ecsim.mechanisms.trend import log_trend
from ecsim.memory import Block, Kind
from ecsim.params import REFERENCE, Params
from ecsim.rules import RuleBook
from ecsim.streams import Streams
from ecsim.world import CHALLENGER, INCUMBENT, Start, World

CONTENT_ROUNDS = 25  # longer than any chain of recipes
FIXED_AXES = {"one": 1, "four": 4}
KEPT_UP_TO = 20_000  # firms: a larger opening position is not worth the memory of keeping it for the next run
CAPITAL_ROUNDS = 4  # levels pass through capital goods a few times before they settle


def open_world(e: Economy, p: Params, seed: int, baseline: Baseline | None = None) -> World:
    """The world at the start of the first quarter.

    Args:
        e: the economy, shared and not changed.
        p: parameters of the run.
        seed: seed of the run's random streams.
        baseline: path without controls of the same draw and seed; None for that path itself.
    """
    w = _copied(_at_rest_kept(e, p)) if e.n_firms <= KEPT_UP_TO else _at_rest(e, p).world
    w.streams, w.baseline = Streams(seed), baseline
    if baseline is not None:  # against which value is measured
        _open_minds(w)
    return w


class AtRest(NamedTuple):
    """What the opening positions of all seeds share: the world at rest, and the block of memory that its arrays are in."""

    world: World
    block: Block


def _at_rest(e: Economy, p: Params) -> AtRest:
    block = Block.of(_kinds(e, p))
    w = World(economy=e, layout=Layout.of(e), params=p, streams=Streams(0), book=RuleBook(), start=_start(e, p), **block.arrays())
    _open_firms(w)
    _open_network(w)
    _open_technology(w)
    measure_gaps.run(w)
    _open_minds(w)
    return AtRest(w, block)


_at_rest_kept = lru_cache(maxsize=2)(_at_rest)


def _copied(rest: AtRest) -> World:
    """Another world at the same opening position; what never changes is shared."""
    w, arrays = rest.world, rest.block.copied().arrays()
    return World(economy=w.economy, layout=w.layout, params=w.params, streams=w.streams, book=RuleBook(), start=w.start, **arrays)


def _open_minds(w: World) -> None:
    """Value and power at the start; anxiety as the years from 2010 left it; dissatisfaction at rest where nothing is denied."""
    value.run(w)
    p = w.params.power
    w.anxiety[INCUMBENT] = _anxiety_before(w.params, p.metric)
    w.unease[0] = _anxiety_before(w.params, w.params.documents.metric)
    ratio = power_shares(w)[METRICS.index(p.metric)]
    near = (ratio[CHALLENGER] / ratio[INCUMBENT] - p.parity_lo) / (1.0 - p.parity_lo)
    w.dissatisfaction[CHALLENGER] = logistic(p.dissatisfaction_base + p.dissatisfaction_parity * near)


@lru_cache(maxsize=256)
def _anxiety_before(p: Params, measure: str) -> float:
    return float(anxiety_path(p, 1, measure)[0])


def _start(e: Economy, p: Params) -> Start:
    trend = log_trend(e, p, p.time.quarters)
    growth, wear = trend[1] - trend[0], p.production.depreciation
    own = e.output0 * e.rd_share
    n = e.n_firms
    return Start(
        embodying=np.flatnonzero(e.embodies),
        capital_slots=np.flatnonzero(e.capital),
        challenger_slots=np.flatnonzero(e.owner[e.slot_firm] == CHALLENGER),
        slots_in_challenger=np.flatnonzero(e.location[e.slot_firm] == CHALLENGER),
        log_trend=trend,
        growth=growth,
        upkeep=np.maximum(wear + growth, wear / 2.0),  # half is assumed; only a product that declines faster than half its wear meets it
        final_growth=log_growth(e, p, np.arange(p.time.quarters + 1, dtype=float)),
        own_speed=np.empty(n),
        rd=own,
        stretch=e.stretch * p.innovation.stretch,
        tech_eff=np.empty(n),
        over=np.zeros(n),
        leader_offset=np.zeros(e.n_products),
    )


def _kinds(e: Economy, p: Params) -> dict[str, Kind]:
    """Type and declared shape of each array of a world."""
    sizes = {**sizes_of(e), "T": p.time.quarters, **FIXED_AXES}
    types = {"index": np.int64, "row": np.uint32, "bits": np.int64, "switch": bool}
    return {
        f.name: (types.get(f.metadata["unit"], float), tuple(sizes[axis] for axis in f.metadata["shape"].split(",")))
        for f in array_fields(World)
    }


def _open_firms(w: World) -> None:
    e, p = w.economy, w.params.production
    growth = w.start.growth[e.product]
    w.capacity[:] = e.output0 * (1.0 + p.headroom)
    w.building[:] = e.product_build[e.product] * np.maximum(p.depreciation + growth, 0.0) * w.capacity
    w.trend[:] = growth
    w.output[:] = w.demand[:] = w.revenue[:] = w.value[:] = e.output0
    w.expected[:] = e.output0
    w.rd[:] = w.rd_own[:] = w.start.rd
    for name in ("yield_", "fill", "price", "market_value", "input_limit", "credit"):
        getattr(w, name).fill(1.0)
    w.final_weight[:] = e.final_weight
    w.final_demand[:] = e.final0


def _open_network(w: World) -> None:
    e = w.economy
    w.supplier[:] = np.where(e.supplier0 < 0, np.maximum(e.supplier0[:, :1], 0), e.supplier0)
    w.weight[:] = w.anchor[:] = np.where(e.supplier0 < 0, 0.0, e.weight0)
    w.passing.fill(1.0)
    w.final_passing.fill(1.0)
    w.stock[:] = e.stock0
    w.ordered[:] = e.coef * e.output0[e.slot_firm]
    w.cover.fill(1.0)
    w.critical[:] = e.critical0
    w.input_price.fill(1.0)
    w.candidate.fill(-1)
    w.final_share[:] = w.final_anchor[:] = e.final_share0
    w.detection.fill(w.params.permission.detection)
    for name in ("talent", "investment_openness", "science", "over_compliance", "licence_time", "slips"):
        getattr(w, name).fill(1.0)
    trace = _content_by(w.params.time.engine)
    for _ in range(CONTENT_ROUNDS):
        trace(w)


def _content_by(engine: str) -> Callable[[World], None]:
    """One relaxation of content, as an engine computes it."""
    if engine == REFERENCE:
        return content.run
    from ecsim.kernels.table import KERNELS  # loads the compiler

    return KERNELS["content"]


def _open_technology(w: World) -> None:
    """Levels, embodied levels of plants that always bought as they do now, and calibrated speeds."""
    e, p = w.economy, w.params.innovation
    w.tech[:] = w.tech_eff[:] = e.tech0
    for _ in range(int(e.product_level.max()) + CAPITAL_ROUNDS if p.ceiling else 1):
        items.run(w)
        open_embodied(w)
        if p.ceiling:
            ceiling, equipment = ceiling_of(w)
            w.tech_eff[:] = soft_minimum(w.tech, ceiling, p.ceiling_sharpness)
            w.start.over[:] = np.maximum(w.tech_eff - equipment, 0.0)
    w.start_shortfall[:] = w.item - w.item.max(axis=1, keepdims=True)
    w.start.tech_eff[:] = w.tech_eff
    w.start.leader_offset[:] = leaders(w)
    speed = np.full(e.n_firms, p.frontier_speed)
    if p.catch_up:
        speed = np.maximum(speed + e.closing0 - absorption(w, np.maximum(-w.tech, 0.0)), 0.0)
    w.start.own_speed[:] = speed
