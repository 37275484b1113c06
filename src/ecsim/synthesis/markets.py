"""Final markets: what firms do not sell to firms, by state of the buyer, in exact balance with what is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.rows import Rows
from ecsim.synthesis.ties import Ties

ROUNDS = 500
CLOSE = 1e-13
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Markets:
    """Final sales.

    Attributes:
        demand: shape (P, S), USD bn a quarter.
        share: share of each cell in the market (product, state), shape (C, S).
        weight: share of each firm in its cell's final sales, shape N.
    """

    demand: Array
    share: Array
    weight: Array


def make_markets(rows: Rows, sales: Array, ties: Ties, plan: Plan) -> Markets:
    """Final markets of all products.

    Args:
        sales: sales of each firm to other firms, USD bn a quarter, shape N.
    """
    final = np.maximum(rows.output - sales, 0.0)
    starts = rows.cell_start[:-1]
    by_cell = np.add.reduceat(final, starts)
    wanted = plan.data.demand.pivot(index="product", columns="state", values="share")
    wanted = wanted.reindex(index=list(plan.products), columns=list(plan.states)).fillna(0.0).to_numpy()
    wanted = wanted / wanted.sum(axis=1, keepdims=True)
    demand = np.zeros(wanted.shape)
    share = np.zeros((len(starts), len(plan.states)))
    for p in range(len(plan.products)):
        cells = np.flatnonzero(rows.cell_product == p)
        pull = _pull(rows, ties, final, p, cells)
        table = _fit(by_cell[cells], by_cell[cells].sum() * wanted[p], pull)
        demand[p] = table.sum(axis=0)
        even = by_cell[cells] / by_cell[cells].sum()
        share[cells] = np.where(demand[p] > 0, table / np.where(demand[p] > 0, demand[p], 1.0), even[:, None])
    return Markets(demand, share, final / by_cell[rows.cell])


def _pull(rows: Rows, ties: Ties, final: Array, p: int, cells: Array) -> Array:
    """Mean factor of each cell's sellers in each market, shape (cells, S)."""
    lo, hi = int(rows.product_start[p]), int(rows.product_start[p + 1])
    sellers, of_row = np.unique(ties.groups.of_row[lo:hi], return_inverse=True)
    factor = ties.to_markets(p, sellers)
    size = np.bincount(of_row, weights=final[lo:hi], minlength=len(sellers))
    cell = np.zeros(len(sellers), dtype=np.int64)
    cell[of_row] = rows.cell[lo:hi] - cells[0]
    total = np.bincount(cell, weights=size, minlength=len(cells))
    sums = np.stack([np.bincount(cell, weights=size * factor[:, s], minlength=len(cells)) for s in range(factor.shape[1])], axis=1)
    return sums / total[:, None]


def _fit(rows: Array, columns: Array, pull: Array) -> Array:
    """Proportional fitting to both margins, ending with exact row sums."""
    table = rows[:, None] * np.maximum(pull, TINY) * columns[None, :]
    for _ in range(ROUNDS):
        have = table.sum(axis=0)
        table *= np.where(have > 0, columns / np.where(have > 0, have, 1.0), 0.0)
        have = table.sum(axis=1)
        table *= (rows / have)[:, None]
        if np.abs(table.sum(axis=0) - columns).max() <= CLOSE * columns.sum():
            break
    return np.asarray(table)
