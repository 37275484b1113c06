"""Tracks that a run records only when a yearly outcome asks for them: sales by cell, companies, levels by state."""

from __future__ import annotations

import numpy as np

from ecsim.economy import CHALLENGER, Array
from ecsim.mechanisms.accounts import leading_level
from ecsim.record import Track, by_company
from ecsim.world import World


def sold_to_challenger(w: World) -> Array:
    """Sales of each cell to firms and final buyers in the challenger, USD bn a quarter, shape C."""
    e, here = w.economy, w.start.slots_in_challenger
    cells = e.cell[w.supplier[here]]
    firms = np.bincount(cells.ravel(), weights=w.flow[here].ravel(), minlength=e.n_cells)
    return firms + w.final_sales[:, CHALLENGER]


def made_by_cell(w: World) -> Array:
    """Revenue of each cell, USD bn a quarter, shape C."""
    e = w.economy
    return np.bincount(e.cell, weights=w.revenue, minlength=e.n_cells)


def leading_levels(w: World) -> Array:
    """Technology of the best firm that each state owns in each product, generations, shape P x S, flat."""
    return np.stack([leading_level(w, state) for state in range(w.economy.n_states)], axis=1).ravel()


DETAIL: tuple[Track, ...] = (
    Track("cell_to_challenger", "cell", "USD bn/quarter", "sales of each cell to buyers in the challenger", sold_to_challenger),
    Track("cell_revenue", "cell", "USD bn/quarter", "revenue of each cell", made_by_cell),
    Track("company_output", "company", "USD bn/quarter", "output of real companies", lambda w: by_company(w, w.output)),
    Track("company_rd", "company", "USD bn/quarter", "R&D of real companies", lambda w: by_company(w, w.rd)),
    Track("level", "product_state", "generations", "technology of the leading firm by product and state", leading_levels),
)
