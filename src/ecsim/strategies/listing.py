"""What a government expects of listing companies by name, or further entities that make a product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.strategies.outlook import Outlook, made, needed_for
from ecsim.strategies.yard import Change, strength_of
from ecsim.world import World

TOOL = "entity_list"
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


def prospects(w: World, seen: Outlook, home: Array, value: Array, listed: Array, counted: Array) -> tuple[Change, Change]:
    """What listing (companies, then products) and delisting (companies) would bring.

    Args:
        home: share of the challenger's purchases in reach at home or of adopters, by product, (P,).
        value: worth of each product, (P,).
        listed: whether each company is on the list, (companies,).
        counted: unnamed entities listed by product, (P,).
    """
    e, who = w.economy, targets(w.economy)
    denial = strength_of(TOOL)[0]
    n = float(w.params.government.listing)
    # a maker is stopped by the input that it most needs and that is most in reach
    stopped = denial * (needed_for(e) * home[:, None]).max(axis=0)
    output = made(e) / max(float(made(e).sum()), TINY)
    custom = who.buys.T @ seen.by_owner[:, INCUMBENT] / max(float(seen.revenue[INCUMBENT]), TINY)
    share = np.minimum(1.0, n / np.maximum(who.entities, TINY))
    free = np.concatenate([~listed, (who.entities > 0) & (counted + n <= who.entities)])
    at_stake, paid = stopped * (output + value), custom * denial
    harm = np.concatenate([who.share @ at_stake, share * at_stake])
    cost = np.concatenate([who.share @ paid, share * paid])
    m = len(listed)
    return Change(free, harm, cost), Change(listed, -harm[:m], -cost[:m])
