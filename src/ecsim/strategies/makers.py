"""Who in the challenger makes and buys what: companies by name, unnamed entities by product, purchases by maker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, Array, Economy
from ecsim.strategies.outlook import made

TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Targets:
    """Who can be listed: companies of the challenger by name, then unnamed entities by product.

    Attributes:
        companies: names, in the order of their first rows.
        share: share of the challenger's makers of each product that each company is, by output, shape (companies, P).
        entities: unnamed legal entities that make each product, shape (P,).
        buys: share of the challenger's purchases of each input that makers of each product make, shape (P, P).
    """

    companies: tuple[str, ...]
    share: Array
    entities: Array
    buys: Array


@lru_cache(maxsize=8)
def targets(e: Economy) -> Targets:
    """Who can be listed in an economy."""
    here = e.location == CHALLENGER
    names = tuple(n for n, rows in e.company_rows.items() if all(e.owner[r] == CHALLENGER for r in rows))
    output = np.maximum(made(e), TINY)
    share = np.zeros((len(names), e.n_products))
    for i, name in enumerate(names):
        rows = [r for r in e.company_rows[name] if here[r]]
        np.add.at(share[i], e.product[rows], e.output0[rows])
    unnamed = (e.owner == CHALLENGER) & here
    unnamed[np.fromiter(e.firm_names, dtype=np.int64, count=len(e.firm_names))] = False
    mine = here[e.slot_firm]
    key = e.slot_input[mine] * e.n_products + e.product[e.slot_firm[mine]]
    bought = np.bincount(key, weights=(e.coef * e.output0[e.slot_firm])[mine], minlength=e.n_products**2)
    table = bought.reshape(e.n_products, e.n_products)
    return Targets(
        companies=names,
        share=share / output,
        entities=np.bincount(e.product, weights=e.entities * unnamed, minlength=e.n_products),
        buys=table / np.maximum(table.sum(axis=1, keepdims=True), TINY),
    )
