"""Measures beside the control of trade become the arrays that other mechanisms read: tariffs, openness, subsidies …"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ecsim.economy import Array
from ecsim.institutes import institute
from ecsim.mechanisms.base import Phase, follows_moves, mechanism
from ecsim.permission_table import listed_shares, mask_of
from ecsim.rules import NO_LIST, Measure
from ecsim.world import CHALLENGER, INCUMBENT, World

InForce = tuple[list[Measure], Any]
"""The measures of a channel, and what else decides what they come to."""


@mechanism(
    Phase.PERMIT,
    reads="book",
    writes="tariff taxed final_tariff closed preferred talent investment_openness credit subsidy detection extra_cover over_compliance "
    "licence_time slips compliance_cost foresight alignment",
    source="model sections 7.2 and 7.7; first seed paper table 1",
    rests=follows_moves,
)
def apply_measures(w: World) -> None:
    """Treatment limits cut talent, investment limits capital and knowledge, finance limits credit, tariffs raise prices."""
    if w.measured_at == (w.book.version, w.params):
        return
    w.measured_at = w.book.version, w.params
    before, w.measured = w.measured, _in_force(w)
    for channel, now in w.measured.items():
        if now != before.get(channel):
            _apply(w, channel, now[0])


def _in_force(w: World) -> dict[str, InForce]:
    """All that decides what the measures of each channel come to."""
    book = w.book
    measures: dict[str, list[Measure]] = {channel: [] for channel in APPLY}
    for measure in book.measures.values():
        measures[measure.channel].append(measure)
    lists = {m.party_list for m in measures["finance"] if m.party_list != NO_LIST}
    listed = [(name, frozenset(book.parties.get(name, ())), dict(book.parts.get(name, {}))) for name in sorted(lists)]
    institutes = [(frozenset(book.institutes[r.party_list]), r.denial) for r in book.rules.values() if r.party_list in book.institutes]
    beside = {"finance": listed, "enforcement": w.params.permission, "talent": (w.params.innovation, institutes)}
    return {channel: (some, beside.get(channel)) for channel, some in measures.items()}


def _apply(w: World, channel: str, measures: list[Measure]) -> None:
    """Set what a channel acts on anew."""
    if channel in AT_REST:
        name, rest = AT_REST[channel]
        getattr(w, name).fill(rest)
    if channel == "enforcement":
        w.detection.fill(w.params.permission.detection)
    for measure in measures:
        APPLY[channel](w, measure)
    if channel == "talent":
        _institutes(w)
    if channel == "tariff":
        w.taxed[:] = w.tariff.any(axis=1)
        w.final_tariff[:] = w.tariff[w.economy.cell_product, w.economy.cell_location]


def _targets(w: World, m: Measure) -> Array:
    """Positions of the states acted on."""
    return positions_of(w.economy.states, m.targets)


def _products(w: World, m: Measure) -> Array:
    """Positions of the products covered."""
    return positions_of(w.economy.products, m.products or w.economy.products)


@lru_cache(maxsize=4096)
def positions_of(everything: tuple[str, ...], named: tuple[str, ...]) -> Array:
    """Positions of the names. The same array is returned each time: it is not to be changed."""
    return np.array([everything.index(name) for name in named], dtype=np.int64)


def _tariff(w: World, m: Measure) -> None:
    w.tariff[_products(w, m)[:, None], _targets(w, m), w.economy.state_index[m.issuer]] += m.size


def _market_access(w: World, m: Measure) -> None:
    e = w.economy
    cells = mask_of(e.products, m.products or e.products)[e.cell_product] & mask_of(e.states, m.targets)[e.cell_owner]
    home = e.state_index[m.issuer]
    w.closed[cells, home] = 1.0 - (1.0 - w.closed[cells, home]) * (1.0 - m.size)


def _preference(w: World, m: Measure) -> None:
    at = _products(w, m), w.economy.state_index[m.issuer]
    w.preferred[at] = 1.0 - (1.0 - w.preferred[at]) * (1.0 - m.size)


def _talent(w: World, m: Measure) -> None:
    w.talent[_targets(w, m)] *= 1.0 - m.size


def _investment(w: World, m: Measure) -> None:
    w.investment_openness[_targets(w, m)] *= 1.0 - m.size


def _finance(w: World, m: Measure) -> None:
    e = w.economy
    hit = 1.0 * (mask_of(e.states, m.targets)[e.owner] & mask_of(e.products, m.products or e.products)[e.product])
    if m.party_list != NO_LIST:
        hit *= listed_shares(w.book, m.party_list, e.n_firms)
    w.credit[:] *= 1.0 - m.size * hit


def _subsidy(w: World, m: Measure) -> None:
    products = _products(w, m)
    w.subsidy[w.economy.state_index[m.issuer], products] += m.size / len(products)


def _enforcement(w: World, m: Measure) -> None:
    """A third state catches what passes through it of the goods diverted past the incumbent's rules."""
    home = w.economy.state_index[m.issuer]
    w.detection[home] = 1.0 - (1.0 - w.detection[home]) * (1.0 - m.size)
    if home not in (INCUMBENT, CHALLENGER):
        caught = w.params.permission.hub_passage * m.size
        w.detection[INCUMBENT] = 1.0 - (1.0 - w.detection[INCUMBENT]) * (1.0 - caught)


def _stockpile(w: World, m: Measure) -> None:
    w.extra_cover[_products(w, m), w.economy.state_index[m.issuer]] += m.size


def _over_compliance(w: World, m: Measure) -> None:
    """Sellers who fear penalties refuse more than they must; buyers in the challenger who show compliance are refused less."""
    home = w.economy.state_index[m.issuer]
    w.over_compliance[slice(None) if home == CHALLENGER else home] *= 1.0 + m.size


def _licence_time(w: World, m: Measure) -> None:
    w.licence_time[w.economy.state_index[m.issuer]] *= 1.0 + m.size


def _slips(w: World, m: Measure) -> None:
    w.slips[w.economy.state_index[m.issuer]] *= 1.0 + m.size


def _compliance_cost(w: World, m: Measure) -> None:
    w.compliance_cost[w.economy.state_index[m.issuer]] += m.size


def _foresight(w: World, m: Measure) -> None:
    w.foresight[0] = 1.0 - (1.0 - w.foresight[0]) * (1.0 - m.size)


def _alignment(w: World, m: Measure) -> None:
    w.alignment[0] += m.size


def _elsewhere(w: World, m: Measure) -> None:
    """Carried out by a mechanism of its own (companies.py)."""


def _institutes(w: World) -> None:
    """Universities and institutes on a list lose what licences deny of exchange, samples and instruments: science, with its lag."""
    e, exposure = w.economy, w.params.innovation.institute_exposure
    for rule in w.book.rules.values():
        for name in w.book.institutes.get(rule.party_list, ()):
            state, share = institute(name)
            if state in e.state_index:
                w.talent[e.state_index[state]] *= 1.0 - exposure * share * rule.denial


AT_REST: dict[str, tuple[str, float]] = {  # channel -> the array that it acts on, and what that is without measures
    "tariff": ("tariff", 0.0),
    "market_access": ("closed", 0.0),
    "preference": ("preferred", 0.0),
    "talent": ("talent", 1.0),
    "investment": ("investment_openness", 1.0),
    "finance": ("credit", 1.0),
    "subsidy": ("subsidy", 0.0),
    "stockpile": ("extra_cover", 0.0),
    "over_compliance": ("over_compliance", 1.0),
    "licence_time": ("licence_time", 1.0),
    "slips": ("slips", 1.0),
    "compliance_cost": ("compliance_cost", 0.0),
    "foresight": ("foresight", 0.0),
    "alignment": ("alignment", 0.0),
}
APPLY: dict[str, Callable[[World, Measure], None]] = {
    "tariff": _tariff,
    "market_access": _market_access,
    "preference": _preference,
    "talent": _talent,
    "investment": _investment,
    "finance": _finance,
    "subsidy": _subsidy,
    "enforcement": _enforcement,
    "stockpile": _stockpile,
    "over_compliance": _over_compliance,
    "licence_time": _licence_time,
    "slips": _slips,
    "compliance_cost": _compliance_cost,
    "foresight": _foresight,
    "alignment": _alignment,
    "shedding": _elsewhere,
    "relocation": _elsewhere,
}
