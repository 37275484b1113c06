"""What governments see of the economy when they decide: trade with the challenger by product, from statistics twice a year.

Everything is a sum by product and state; no decision looks at single firms or links.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.params import REFERENCE
from ecsim.world import World

YEAR = 4
HALF_YEAR = 2
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Outlook:
    """A quarter as governments see it. P products, S states; values in USD bn a quarter.

    Attributes:
        by_location: sales to the challenger's buyers by product and state of the seller's plant, (P, S).
        by_owner: the same by state of the seller's owner, (P, S).
        refused_by_location: orders of the challenger's buyers that others' rules keep from sellers, by the state of the plant, (P, S).
        refused_by_owner: the same by the state of the seller's owner, (P, S).
        instead_by_location: of the sales, those sought from a seller because another one may not sell, by the state of the plant, (P, S).
        instead_by_owner: the same by the state of the seller's owner, (P, S).
        bought: what the challenger's buyers buy of each product, (P,).
        item: technology of what they order, mean, generations, (P,).
        reach: share of sellers abroad, by sales, that the incumbent's direct-product test reaches, by product, (P,).
        revenue: revenue by owner, (S,).
        catch_up: gap closed by the challenger's leading firm over a year, generations, (P,).
    """

    by_location: Array
    by_owner: Array
    refused_by_location: Array
    refused_by_owner: Array
    instead_by_location: Array
    instead_by_owner: Array
    bought: Array
    item: Array
    reach: Array
    revenue: Array
    catch_up: Array

    @cached_property
    def ordered(self) -> Outlook:
        """The same with what rules refuse counted as sold."""
        return self.with_refused(np.ones(len(self.revenue)))

    def with_refused(self, of: Array) -> Outlook:
        """The same with what rules keep from sellers of some states counted as sold, since a law does not make its own object vanish.

        What others sold in its place is taken from them, so that no order counts twice: of what stands in for all
        that is refused of a product, the part that these states have in it.

        Args:
            of: 1 for these states, (S,).
        """
        by_location = _given_back(self.by_location, self.refused_by_location, self.instead_by_location, of)
        by_owner = _given_back(self.by_owner, self.refused_by_owner, self.instead_by_owner, of)
        return replace(self, by_location=by_location, by_owner=by_owner, bought=by_location.sum(axis=1))


def _given_back(sold: Array, refused: Array, instead: Array, of: Array) -> Array:
    """Sales with what some states may not sell, and without what others sold in its place, shape (P, S)."""
    back = refused * of
    part = back.sum(axis=1) / np.maximum(refused.sum(axis=1), TINY)
    return sold + back - part[:, None] * instead


def in_place(sold: Array, refused: Array, ordered: Array, buyer: Array) -> Array:
    """Of what sellers deliver, what they do because others may not, in the shape of `sold`.

    Sales and refusals of a buyer exceed its order by what was sought elsewhere and found. That falls on its sellers
    by their sales and by what the others are refused, as orders are split.

    Args:
        sold, refused: by seller.
        ordered: by buyer.
        buyer: of each seller.
    """
    got, kept = (np.bincount(buyer, weights=x, minlength=len(ordered)) for x in (sold, refused))
    excess = np.maximum(got + kept - ordered, 0.0)
    asked = sold * (kept[buyer] - refused)
    total = np.bincount(buyer, weights=asked, minlength=len(ordered))
    return np.minimum(sold, (excess / np.maximum(total, TINY))[buyer] * asked)


@dataclass
class Observer:
    """Looks at the world twice a year, however many governments ask."""

    _period: int = -1
    _seen: Outlook | None = field(default=None, repr=False)

    def look(self, w: World) -> Outlook:
        """The last statistics: of the quarter before this one, or of the one before that."""
        if self._seen is None or self._period != w.quarter // HALF_YEAR:
            self._period, self._seen = w.quarter // HALF_YEAR, observe(w)
        return self._seen


class Trade(NamedTuple):
    """What firms order and get, and what else is sold to the challenger: in the last quarter or, before anything was traded, at the start.

    Attributes:
        ordered: by slot, (M,).
        flow, passing, barred, item: by slot and link, (M, L).
        final, final_lost, final_instead: sales to final buyers in the challenger, their orders that others' rules refuse, and sales
            in place of these, by cell, (C,).
        revenue: by firm, (N,).
    """

    ordered: Array
    flow: Array
    passing: Array
    barred: Array
    item: Array
    final: Array
    final_lost: Array
    final_instead: Array
    revenue: Array

    @staticmethod
    def of(w: World) -> Trade:
        """The last there was."""
        e = w.economy
        if w.quarter:
            final = w.final_demand[e.cell_product, CHALLENGER] * w.final_share[:, CHALLENGER]
            lost = final * np.maximum(1.0 - w.final_passing[:, CHALLENGER] - w.closed[:, CHALLENGER], 0.0)
            sold = w.final_sales[:, CHALLENGER].copy()
            instead = in_place(sold, lost, w.final_demand[:, CHALLENGER], e.cell_product)
            return Trade(w.ordered, w.flow, w.passing, w.barred, w.item, sold, lost, instead, w.revenue)
        ordered = e.coef * e.output0[e.slot_firm]
        item = np.minimum(w.tech_eff[w.supplier], w.frontier[e.slot_input][:, None])
        final = e.final_share0[:, CHALLENGER] * e.final0[e.cell_product, CHALLENGER]
        free, none, nothing = np.ones_like(w.weight), np.zeros_like(w.weight), np.zeros_like(final)
        return Trade(ordered, ordered[:, None] * w.weight, free, none, item, final, nothing, nothing, e.output0)


def observe(w: World) -> Outlook:
    """Sum trade with the challenger by product and state.

    Before anything has been traded, orders at the start stand for trade.
    """
    e, t = w.economy, Trade.of(w)
    sums = sums_by_arrays if w.params.time.engine == REFERENCE else _sums_compiled
    by_location, by_owner, lost_by_location, lost_by_owner, instead_by_location, instead_by_owner, reach, ordered, worth = sums(w, t)
    total = np.maximum(ordered, TINY)
    now = max(w.quarter - 1, 0)
    closed = w.gap_path[max(now - YEAR, 0)] - w.gap_path[now]
    return Outlook(
        by_location=by_location,
        by_owner=by_owner,
        refused_by_location=lost_by_location,
        refused_by_owner=lost_by_owner,
        instead_by_location=instead_by_location,
        instead_by_owner=instead_by_owner,
        bought=by_location.sum(axis=1),
        item=np.where(worth != 0.0, worth / total, w.frontier),
        reach=reach,
        revenue=np.bincount(e.owner, weights=t.revenue, minlength=e.n_states),
        catch_up=np.where(np.isfinite(closed), closed, 0.0),
    )


Sums = tuple[Array, ...]
"""Sales by product and location, and by product and owner; orders lost and sales in their place likewise, each (P, S); reach of the
direct-product test, orders, and orders times the technology of their items, by product, each (P,)."""


def sums_by_arrays(w: World, t: Trade) -> Sums:
    """Sums of what the challenger buys, as array expressions."""
    e, keys, here = w.economy, _keys(w.economy), w.start.slots_in_challenger
    ordered = t.ordered.take(here)
    wanted = ordered[:, None] * w.weight.take(here, axis=0)
    refused = wanted * np.maximum(1.0 - t.passing.take(here, axis=0) - t.barred.take(here, axis=0), 0.0)
    flow, buyer = t.flow.take(here, axis=0), np.repeat(np.arange(len(here)), refused.shape[1])
    moved = in_place(flow.ravel(), refused.ravel(), ordered, buyer)
    cell = e.cell.take(w.supplier.take(here, axis=0)).ravel()
    sold, lost, instead = (
        np.bincount(cell, weights=by_link.ravel(), minlength=e.n_cells) + final
        for by_link, final in ((flow, t.final), (refused, t.final_lost), (moved, t.final_instead))
    )
    worth = (wanted * t.item.take(here, axis=0)).sum(axis=1)
    total, level = (np.bincount(e.slot_input.take(here), weights=x, minlength=e.n_products) for x in (ordered, worth))
    tables = (_table(e, key, by_cell) for by_cell in (sold, lost, instead) for key in (keys.location, keys.owner))
    return *tables, _reach(w, keys, sold), total, level


def _sums_compiled(w: World, t: Trade) -> Sums:
    from ecsim.kernels import governments  # loads the compiler, which takes its time

    e, p, here = w.economy, w.params.permission, w.start.slots_in_challenger
    total, worth = np.zeros((2, e.n_products))
    by_cell = governments.trade(
        *(here, e.slot_input, e.cell, w.supplier, w.weight, t.ordered, t.flow, t.passing, t.barred, t.item),
        *(t.final, t.final_lost, t.final_instead, total, worth),
    )
    untested = np.exp(-w.tool_use[:, INCUMBENT].take(_keys(e).firm) / p.fdp_scale)
    cells = e.cell_product, e.cell_location, e.cell_owner
    tables, reach = governments.by_state(*by_cell, *cells, untested, p.fdp_max, e.n_states, e.n_products)
    return *tables, reach, total, worth


@dataclass(frozen=True, eq=False)
class Keys:
    """Indices by cell: of (product, location) and (product, owner) in a table, of the largest firm, and where it is abroad."""

    location: Array
    owner: Array
    firm: Array
    abroad: Array


@lru_cache(maxsize=8)
def _keys(e: Economy) -> Keys:
    row = e.cell_product * e.n_states
    abroad = (e.cell_location != INCUMBENT) & (e.cell_location != CHALLENGER)
    return Keys(row + e.cell_location, row + e.cell_owner, e.cell_start[:-1], abroad * 1.0)


def _table(e: Economy, key: Array, by_cell: Array) -> Array:
    """Sum over cells by product and state, shape (P, S)."""
    return np.bincount(key, weights=by_cell, minlength=e.n_products * e.n_states).reshape(e.n_products, e.n_states)


def _reach(w: World, keys: Keys, sold: Array) -> Array:
    """Mean reach of the direct-product test over sellers abroad, by what they sell, shape P; the largest firm stands for its cell."""
    e, p = w.economy, w.params.permission
    reach = p.fdp_max * (1.0 - np.exp(-w.tool_use[:, INCUMBENT].take(keys.firm) / p.fdp_scale))
    abroad = sold * keys.abroad
    total = np.bincount(e.cell_product, weights=abroad, minlength=e.n_products)
    return np.bincount(e.cell_product, weights=abroad * reach, minlength=e.n_products) / np.maximum(total, TINY)


@lru_cache(maxsize=8)
def needed_for(e: Economy) -> Array:
    """How far the challenger's makers of each product need each input, shape (P inputs, P products), 0..1.

    The criticality of the input, or one half where it only embodies technology, weighted by output at the start.
    """
    here = e.location[e.slot_firm] == CHALLENGER
    maker = e.product[e.slot_firm[here]]
    need = np.maximum(e.critical0[here], e.embodies[here] / 2.0)
    key = e.slot_input[here] * e.n_products + maker
    value = np.bincount(key, weights=need * e.output0[e.slot_firm[here]], minlength=e.n_products**2).reshape(e.n_products, e.n_products)
    return value / np.maximum(made(e), TINY)[None, :]


@lru_cache(maxsize=8)
def made(e: Economy) -> Array:
    """Output of plants in the challenger at the start by product, shape P."""
    return np.bincount(e.product, weights=e.output0 * (e.location == CHALLENGER), minlength=e.n_products)


@lru_cache(maxsize=8)
def at_risk(e: Economy, fade: float) -> Array:
    """Share of the challenger's chain that depends on each product, directly or further down, shape P, 0..1.

    What is made with it counts by its need, each further stage by `fade` of that before, along the strongest path.
    """
    need = needed_for(e)
    felt = need
    for _ in range(int(e.product_level.max())):
        felt = np.maximum(felt, fade * (need[:, :, None] * felt[None, :, :]).max(axis=1))
    output = made(e)
    return np.minimum(1.0, felt) @ output / max(float(output.sum()), TINY)
