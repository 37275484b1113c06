"""The supply network: links of every input product, in balance with what suppliers make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.errors import UserError
from ecsim.synthesis.fit import KEEP, fit
from ecsim.synthesis.links import Companies, choose, choose_leading
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.rows import Rows
from ecsim.synthesis.slots import Slots
from ecsim.synthesis.ties import Ties

YEAR = 4  # quarters
PERCENT = 100.0


@dataclass(frozen=True, eq=False)
class Network:
    """Links and what they leave.

    Attributes:
        supplier, weight: shape (M, L).
        coef: input per unit of output of each slot, shape M; that of the recipes but for what notes say.
        sales: sales of each firm to other firms, USD bn a quarter, shape N.
        notes: what the builder had to change.
    """

    supplier: Array
    weight: Array
    coef: Array
    sales: Array
    notes: tuple[str, ...]


def make_network(rows: Rows, slots: Slots, ties: Ties, plan: Plan) -> Network:
    """Links of all slots.

    Raises:
        UserError: buyers use more of a product than is made of it.
    """
    supplier = np.full((len(slots.firm), plan.population.suppliers_per_slot), -1, dtype=np.int64)
    weight = np.zeros(supplier.shape)
    sales = np.zeros(len(rows.output))
    coef = slots.coef.copy()
    notes: list[str] = []
    orders = slots.coef * rows.output[slots.firm]
    for p, name in enumerate(plan.products):
        at = np.flatnonzero((slots.input == p) & (orders > 0))
        lo, hi = int(rows.product_start[p]), int(rows.product_start[p + 1])
        _enough(name, float(orders[at].sum()), float(rows.output[lo:hi].sum()), plan)
        idle = np.flatnonzero((slots.input == p) & (orders <= 0))
        supplier[idle, 0], weight[idle, 0] = lo, 1.0
        if not len(at):
            continue
        chosen, prior, open_to = _choose_all(rows, slots, ties, plan, p, at, orders[at])
        done = fit(chosen, prior, orders[at], rows.output[lo:hi], open_to, plan.streams, f"fit {name}")
        coef[at] *= done.kept
        short = float((orders[at] * (1.0 - done.kept)).sum() / orders[at].sum())
        if short > 0:
            notes.append(f"{name}: {PERCENT * short:.3f}% of orders left out, since no network was found in which all makers deliver")
        if done.replaced:
            moved = f"{done.replaced} of {done.supplier.size} supplier positions"
            notes.append(f"{name}: {moved} given to others, since the first choice was sold out")
        supplier[at] = np.where(done.supplier >= 0, done.supplier + lo, -1)
        weight[at] = done.weight
        sales[lo:hi] = done.sales
    known_first = np.argsort(supplier < 0, axis=1, kind="stable")
    known, shares = np.take_along_axis(supplier, known_first, axis=1), np.take_along_axis(weight, known_first, axis=1)
    return Network(known, shares, coef, sales, tuple(notes))


def _enough(name: str, used: float, made: float, plan: Plan) -> None:
    if used > made * (1.0 - 2 * KEEP):
        recipes, values = (plan.data.files[t].name for t in ("recipes", "product_values"))
        wanted = f"below its market of {YEAR * made:.4g} in {values}"
        raise UserError(f"{recipes}: {name}: buyers use {YEAR * used:.4g} USD bn a year; accepted: {wanted}")


def _choose_all(rows: Rows, slots: Slots, ties: Ties, plan: Plan, p: int, at: Array, orders: Array) -> tuple[Array, Array, Array]:
    """Suppliers of all slots of one input product, class of buyers by class of buyers: named companies first, large before small.

    Returns:
        suppliers and weights before balancing, each of shape (m, width); and how far each supplier sells to
        anybody, 0 to 1, shape (n,).
    """
    groups, width, streams = ties.groups, plan.population.suppliers_per_slot, plan.streams
    lo, hi = int(rows.product_start[p]), int(rows.product_start[p + 1])
    buyers, of_slot = np.unique(groups.of_row[slots.firm[at]], return_inverse=True)
    sellers, of_supplier = np.unique(groups.of_row[lo:hi], return_inverse=True)
    factor = ties.between(p, sellers, buyers)
    gap = _mean(slots.below[at] - rows.tech[slots.firm[at]], of_slot, len(buyers))
    chosen = np.empty((len(at), width), dtype=np.int64)
    prior = np.empty(chosen.shape)
    order = np.argsort(of_slot, kind="stable")
    bounds = np.searchsorted(of_slot[order], np.arange(len(buyers) + 1))
    named = groups.company[buyers] >= 0
    wants = np.bincount(of_slot, weights=orders, minlength=len(buyers))
    output, gap_of_supplier, parent, location = rows.output[lo:hi], -rows.tech[lo:hi], rows.parent[lo:hi], rows.location[lo:hi]
    left = output * (1.0 - KEEP)
    companies = Companies(parent)
    for k in np.lexsort((-wants, ~named)):
        mine = order[bounds[k] : bounds[k + 1]]
        usable = np.minimum(np.maximum(1.0 - (gap_of_supplier - gap[k]), plan.population.fit_least), 1.0)
        appeal = output * factor[of_supplier, k] * usable
        if named[k]:
            free = appeal * np.minimum(np.maximum(left / (wants[k] / width), plan.population.sold_out), 1.0)
            captive = (parent == groups.parent[buyers[k]]) & (groups.parent[buyers[k]] >= 0)
            domestic = location == groups.location[buyers[k]]
            u = streams.uniform(f"plants {p} {buyers[k]}", 0, width)
            who, share = choose_leading(appeal, free, companies, captive, domestic, width, u)
            taken = who[0] >= 0
            left[who[0][taken]] = np.maximum(left[who[0][taken]] - wants[k] * share[0][taken] / share.sum(), 0.0)
        else:
            who, share = choose(appeal, len(mine), width, streams, f"links {p} {buyers[k]}")
        chosen[mine], prior[mine] = who, share
    open_to = np.minimum(np.median(factor, axis=1), 1.0)[of_supplier]
    return chosen, prior, open_to


def _mean(x: Array, group: Array, n: int) -> Array:
    """Mean of each group."""
    return np.bincount(group, weights=x, minlength=n) / np.maximum(np.bincount(group, minlength=n), 1)
