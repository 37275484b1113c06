"""Known trade: factors beside size in the choice of suppliers and markets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ecsim.economy import Array
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.rows import Rows

ANY = "*"


@dataclass(frozen=True, eq=False)
class Groups:
    """Firms that the table of ties cannot tell apart: each plant of a named company, and the unnamed firms of each cell.

    Attributes:
        of_row: group of each firm row, shape N.
        product, owner, location, company, parent: of each group, shape G; company -1 and parent -1 if unnamed.
    """

    of_row: Array
    product: Array
    owner: Array
    location: Array
    company: Array
    parent: Array


def group_rows(rows: Rows) -> Groups:
    """Groups of firms, in the order of rows."""
    named = rows.company >= 0
    code = np.where(named, len(rows.cell_product) + np.cumsum(named), rows.cell)
    _, first, of_row = np.unique(code, return_index=True, return_inverse=True)
    company = rows.company[first]
    return Groups(
        of_row=of_row.reshape(-1),
        product=rows.product[first],
        owner=rows.owner[first],
        location=rows.location[first],
        company=company,
        parent=np.where(company >= 0, rows.parent[first], -1),
    )


class Ties:
    """The table of ties over the groups of a population."""

    def __init__(self, rows: Rows, plan: Plan) -> None:
        self.groups = group_rows(rows)
        self._ties = list(plan.data.ties.itertuples(index=False))
        self._rows = rows
        self._products = plan.products
        self._states = plan.states

    def between(self, product: int, suppliers: Array, buyers: Array) -> Array:
        """Factor of each supplier group for each buyer group, shape (suppliers, buyers)."""
        factor = np.ones((len(suppliers), len(buyers)))
        for tie in self._of(product, "link"):
            sells = self._matches(tie.supplier, suppliers)[:, None] & self._related(tie.supplier, suppliers, buyers)
            buys = self._matches(tie.buyer, buyers)[None, :] & self._related(tie.buyer, suppliers, buyers)
            wanted = np.ones(len(buyers), dtype=bool)
            if tie.buyer_product != ANY:
                wanted = self.groups.product[buyers] == self._products.index(tie.buyer_product)
            factor *= np.where(sells & buys & wanted[None, :], tie.factor, 1.0)
        return factor

    def to_markets(self, product: int, suppliers: Array) -> Array:
        """Factor of each supplier group in the final market of each state, shape (suppliers, S)."""
        g, states = self.groups, np.arange(len(self._states))
        factor = np.ones((len(suppliers), len(states)))
        related = {"home": g.location[suppliers][:, None] == states[None, :], "kin": g.owner[suppliers][:, None] == states[None, :]}
        for tie in self._of(product, "market"):
            sells = related[tie.supplier] if tie.supplier in related else self._matches(tie.supplier, suppliers)[:, None]
            buys = (states == self._states.index(tie.buyer)) if tie.buyer in self._states else np.full(len(states), tie.buyer == ANY)
            factor *= np.where(sells & buys[None, :], tie.factor, 1.0)
        return factor

    def _of(self, product: int, channel: str) -> list[Any]:
        """Rows of the table for a product and channel."""
        return [t for t in self._ties if t.channel == channel and t.product in (ANY, self._products[product])]

    def _matches(self, who: str, groups: Array) -> Array:
        """Groups that a name means; a word of kinship means all."""
        g = self.groups
        if who in self._states:
            return np.asarray(g.owner[groups] == self._states.index(who))
        if who in self._rows.companies:
            return np.asarray(g.company[groups] == self._rows.companies.index(who))
        if who in self._rows.parents:
            return np.asarray(g.parent[groups] == self._rows.parents.index(who))
        return np.full(len(groups), who in (ANY, "home", "kin", "captive"))

    def _related(self, word: str, suppliers: Array, buyers: Array) -> Array:
        """Pairs that a word of kinship means; all pairs for another word."""
        g = self.groups
        if word == "home":
            return np.asarray(g.location[suppliers][:, None] == g.location[buyers][None, :])
        if word == "kin":
            return np.asarray(g.owner[suppliers][:, None] == g.owner[buyers][None, :])
        if word == "captive":
            return np.asarray((g.parent[suppliers][:, None] == g.parent[buyers][None, :]) & (g.parent[suppliers] >= 0)[:, None])
        return np.ones((len(suppliers), len(buyers)), dtype=bool)
