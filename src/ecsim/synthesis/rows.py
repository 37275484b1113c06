"""Firm rows from units: sizes, technology, legal entities, and the order in which rows stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.params import Population
from ecsim.streams import Streams
from ecsim.synthesis.concentration import leading_part
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.units import Unit

QUARTERS = 4
ANY = "*"  # in gaps.csv: all other states


@dataclass(frozen=True, eq=False)
class Rows:
    """Firm rows in their final order: product, owner, location, size.

    Attributes:
        product, owner, location, cell: indices, shape N.
        output: USD bn a quarter, shape N.
        parent, entities: shape N.
        military, tech, closing: shape N.
        rd: R&D over revenue, shape N.
        company: code of the company, -1 for unnamed firms, shape N.
        companies, parents: names by code.
        names: row -> company name, for named firms.
        cell_product, cell_owner, cell_location: shape C.
        cell_start: shape C+1.
        product_start: first row of each product, shape P+1.
    """

    product: Array
    owner: Array
    location: Array
    cell: Array
    output: Array
    parent: Array
    entities: Array
    military: Array
    tech: Array
    closing: Array
    rd: Array
    company: Array
    companies: tuple[str, ...]
    parents: tuple[str, ...]
    names: dict[int, str]
    cell_product: Array
    cell_owner: Array
    cell_location: Array
    cell_start: Array
    product_start: Array


def make_rows(units: list[Unit], counts: Array, plan: Plan) -> Rows:
    """Firm rows.

    Args:
        units: units of supply.
        counts: rows of each.
    """
    unit = np.repeat(np.arange(len(units)), counts)
    take = {name: np.array([getattr(u, name) for u in units])[unit] for name in ("product", "owner", "location", "share", "military")}
    lead = leading_part(units, plan)[np.array([u.product for u in units])]
    size = _sizes(unit, counts, plan.population, lead, plan.streams)
    output = take["share"] * plan.table["market"].to_numpy()[take["product"]] / QUARTERS * size
    gap, closing = _technology(units, unit, plan)
    order = np.lexsort((-output, take["location"], take["owner"], take["product"]))
    companies = tuple(dict.fromkeys(u.company for u in units if u.company))
    parents = tuple(dict.fromkeys(u.parent for u in units if u.company))
    company = np.array([companies.index(u.company) if u.company else -1 for u in units])[unit][order]
    parent = np.array([parents.index(u.parent) if u.company else -1 for u in units])[unit][order]
    unnamed = parent < 0
    parent[unnamed] = len(parents) + np.arange(unnamed.sum())
    cell_rows = np.stack([take["product"][order], take["owner"][order], take["location"][order]])
    new = np.r_[True, (np.diff(cell_rows, axis=1) != 0).any(axis=0)]
    starts = np.flatnonzero(new)
    return Rows(
        product=cell_rows[0],
        owner=cell_rows[1],
        location=cell_rows[2],
        cell=np.cumsum(new) - 1,
        output=output[order],
        parent=parent,
        entities=_entities(units, unit, counts, size)[order],
        military=take["military"][order],
        tech=-gap[order],
        closing=closing[order] / QUARTERS,
        rd=_rd(units, plan)[unit][order],
        company=company,
        companies=companies,
        parents=parents,
        names={int(i): companies[company[i]] for i in np.flatnonzero(company >= 0)},
        cell_product=cell_rows[0][starts],
        cell_owner=cell_rows[1][starts],
        cell_location=cell_rows[2][starts],
        cell_start=np.r_[starts, len(order)],
        product_start=np.searchsorted(cell_rows[0], np.arange(len(plan.products) + 1)),
    )


def _sizes(unit: Array, counts: Array, p: Population, lead: Array, streams: Streams) -> Array:
    """Share of each row in its unit: a few leaders hold a fixed part, the rest is Pareto with the given exponent.

    Without leaders the largest unnamed supplier would shrink as the population grows, until the real plants,
    whose size is given, found nobody large enough to buy from.

    Args:
        lead: part held by the leaders, by unit.
    """
    starts = np.r_[0, np.cumsum(counts)[:-1]]
    rank = np.arange(len(unit)) - starts[unit]
    draw = (1.0 - streams.uniform("population sizes", 0, len(unit))) ** (-1.0 / p.size_tail)
    leaders = np.array([p.lead_first, p.lead_second, 1.0 - p.lead_first - p.lead_second])
    led = (counts > len(leaders))[unit]
    leader = led & (rank < len(leaders))
    small = np.where(leader, 0.0, draw)
    size = np.where(led, 1.0 - lead[unit], 1.0) * small / np.add.reduceat(small, starts)[unit]
    size[leader] = lead[unit[leader]] * leaders[rank[leader]]
    return np.asarray(size)


def _technology(units: list[Unit], unit: Array, plan: Plan) -> tuple[Array, Array]:
    """Gap of each row in generations, and closing speed a year.

    A named firm has its own gap, or its state's; the gaps of unnamed firms behind their state's are the quantiles
    of an exponential distribution, the leading ones first.
    """
    known = {(r.product, r.state): (r.gap, r.closing) for r in plan.data.gaps.itertuples()}
    products, states = plan.products, plan.states
    pairs = [known.get((products[u.product], states[u.owner]), known[products[u.product], ANY]) for u in units]
    state_gap, closing = np.array(pairs).T
    own = np.array([u.gap for u in units])
    named = np.array([bool(u.company) for u in units])
    base = np.where(np.isnan(own), state_gap, own)
    counts = np.bincount(unit, minlength=len(units))
    rank = np.arange(len(unit)) - (np.cumsum(counts) - counts)[unit]
    trail = -np.log1p(-(2 * rank + 1) / (2 * counts[unit]))
    product = np.array([u.product for u in units])[unit]
    return base[unit] + np.where(named[unit], 0.0, trail * plan.table["spread"].to_numpy()[product]), closing[unit]


def _rd(units: list[Unit], plan: Plan) -> Array:
    """R&D over revenue of each unit: of its company where that is known, else of its product."""
    known = dict(zip(plan.data.company_rd["company"], plan.data.company_rd["rd"], strict=True))
    usual = plan.table["rd"].to_numpy()
    return np.array([known.get(u.company, usual[u.product]) for u in units])


def _entities(units: list[Unit], unit: Array, counts: Array, size: Array) -> Array:
    """Legal entities of each row: at least one, and about the unit's number in all."""
    number = np.array([u.entities for u in units])
    spare = np.maximum(number - counts, 0.0)
    return np.asarray(1 + np.round(spare[unit] * size).astype(np.int64))
