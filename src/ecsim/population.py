"""From cited tables to firms and links: real leading firms by name, the rest synthesised to match the shares.

The steps are in `ecsim.synthesis`: units of supply (merged where the population is too small), firm rows with
Pareto sizes, input slots, links by size, known trade and technology, fitted so that every supplier can deliver,
and final markets that take the rest. The economy starts in exact balance.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from ecsim.data import Tables, load
from ecsim.data.checks import inputs_by
from ecsim.economy import Array, Economy, check_shapes, sizes_of
from ecsim.params import Params, Population
from ecsim.streams import Streams
from ecsim.synthesis.markets import make_markets
from ecsim.synthesis.network import Network, make_network
from ecsim.synthesis.paths import demand_growth, quarterly, yearly
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.rows import Rows, make_rows
from ecsim.synthesis.slots import Slots, make_slots
from ecsim.synthesis.ties import Ties
from ecsim.synthesis.units import merge, row_counts, units_of

PERCENT, QUARTERS = 100.0, 4.0


def build(params: Params, data: Tables | None = None) -> Economy:
    """The economy that parameters and tables describe; the same object for the same arguments.

    Args:
        params: the population group, and of the others production.cover, production.headroom and
            permission.need_head, decide the result.
        data: tables; if None, those of `population.tables` and `population.domains`.

    Raises:
        UserError: tables that cannot be brought into balance.
    """
    p = params.population
    tables = data or load(p.tables or None, p.domains)
    return _build(p, params.production.cover, params.production.headroom, params.permission.need_head, tables)


@lru_cache(maxsize=4)
def _build(p: Population, cover: float, headroom: float, head: float, data: Tables) -> Economy:
    plan = Plan(data, p, Streams(p.seed))
    units, merged = merge(units_of(plan), plan)
    rows = make_rows(units, row_counts(units, plan), plan)
    slots = make_slots(rows, plan)
    ties = Ties(rows, plan)
    network = make_network(rows, slots, ties, plan)
    markets = make_markets(rows, network.sales, ties, plan)
    table, n = plan.table, len(plan.products)
    e = Economy(
        products=plan.products,
        states=plan.states,
        firm_names=rows.names,
        notes=(*merged, *network.notes),
        product_domains=tuple(table["domain"]),
        product_level=_levels(plan),
        product_growth0=np.log1p(table["growth"].to_numpy() / PERCENT) / QUARTERS,
        product_rd=table["rd"].to_numpy(),
        product_build=table["build"].to_numpy(),
        product_leak=table["leak"].to_numpy(),
        product_learning=table["learning"].to_numpy(),
        product_choke=_largest_state(rows, n, len(plan.states)),
        product_weight=1.0 - _cost_of_current_inputs(rows, slots, network.coef, n),
        cell_product=rows.cell_product,
        cell_owner=rows.cell_owner,
        cell_location=rows.cell_location,
        cell_start=rows.cell_start,
        cell=rows.cell,
        parent=rows.parent,
        entities=rows.entities,
        military=rows.military,
        capacity0=rows.output * (1.0 + headroom),
        output0=rows.output,
        tech0=rows.tech,
        closing0=rows.closing,
        rd_share=rows.rd,
        final_weight=markets.weight,
        slot_firm=slots.firm,
        slot_input=slots.input,
        coef=network.coef,
        critical0=slots.critical,
        capital=slots.capital,
        equips=slots.equips,
        embodies=slots.embodies,
        stretch=_feasible_stretch(rows, slots, network, head, p.stretch_margin),
        below=slots.below,
        redesign=slots.redesign,
        stock0=np.where(slots.capital, 0.0, cover * network.coef * rows.output[slots.firm]),
        supplier0=network.supplier,
        weight0=network.weight,
        final0=markets.demand,
        final_growth=demand_growth(data, p),
        final_share0=markets.share,
        gdp_nominal=quarterly(data, "gdp_nominal", p),
        gdp_ppp=quarterly(data, "gdp_ppp", p),
        gerd=quarterly(data, "gerd_ppp", p),
        military_spending=quarterly(data, "milex", p),
        cinc=yearly(data, "cinc"),
        state_table=_state_table(data),
    )
    check_shapes(e, sizes_of(e))
    return e


def _cost_of_current_inputs(rows: Rows, slots: Slots, coef: Array, n: int) -> Array:
    """Current inputs over output, by product, shape P."""
    spent = np.where(slots.capital, 0.0, coef * rows.output[slots.firm])
    cost = np.bincount(rows.product[slots.firm], weights=spent, minlength=n)
    return cost / np.bincount(rows.product, weights=rows.output, minlength=n)


def _state_table(data: Tables) -> pd.DataFrame:
    """One row a state: code, names, role, and one column for each variable of `state_values`."""
    wide = data.state_values.pivot(index="state", columns="variable", values="value")
    return data.states.merge(wide, how="left", left_on="state", right_index=True)


def _levels(plan: Plan) -> Array:
    """Tier of each product: one more than the highest among its current inputs, shape P."""
    recipes = plan.data.recipes
    current = recipes[(recipes["kind"] == "current") & (recipes["buyer"] == "")]
    level: dict[str, int] = {}
    for name, inputs in inputs_by(current, plan.products).items():
        level[name] = 1 + max((level[i] for i in inputs), default=0)
    return np.array([level[name] for name in plan.products])


def _largest_state(rows: Rows, n: int, states: int) -> Array:
    """Largest share of one owner state in the supply of each product, shape P."""
    value = np.bincount(rows.product * states + rows.owner, weights=rows.output, minlength=n * states).reshape(n, states)
    result: Array = value.max(axis=1) / value.sum(axis=1)
    return result


def _feasible_stretch(rows: Rows, slots: Slots, network: Network, head: float, margin: float) -> Array:
    """Stretch of each slot, at least what the start needs, shape M.

    The item that a supplier delivers is min(its level, what the buyer calls for). Where the mean item lies so
    far below the buyer's level that the recipe's stretch does not carry it, the slot gets the difference and
    a margin: the firm shows by existing that it can do it.
    """
    level = rows.tech[slots.firm]
    item = np.minimum(rows.tech[np.maximum(network.supplier, 0)], (level + head - slots.below)[:, None])
    needed = level - (network.weight * item).sum(axis=1) - slots.below + margin
    return np.asarray(np.where(slots.embodies, np.maximum(slots.stretch, needed), slots.stretch))
