"""What a government expects of listing companies by name, or further entities that make a product."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecsim.economy import INCUMBENT, Array, Economy
from ecsim.strategies.makers import targets
from ecsim.strategies.outlook import Outlook, made, needed_for
from ecsim.strategies.yard import Change, strength_of
from ecsim.world import World

TOOL = "entity_list"
TINY = 1e-12


@lru_cache(maxsize=8)
def _made(e: Economy) -> Array:
    """Share of each product in the output of plants in the challenger at the start, shape (P,)."""
    return made(e) / max(float(made(e).sum()), TINY)


@lru_cache(maxsize=8)
def _share(e: Economy, listing: float) -> Array:
    """Share of the unnamed entities that make each product that one listing takes, shape (P,)."""
    return np.minimum(1.0, listing / np.maximum(targets(e).entities, TINY))


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
    custom = who.buys.T @ seen.by_owner[:, INCUMBENT] / max(float(seen.revenue[INCUMBENT]), TINY)
    output, share = _made(e), _share(e, n)
    free = np.concatenate([~listed, (who.entities > 0) & (counted + n <= who.entities)])
    at_stake, paid = stopped * (output + value), custom * denial
    harm = np.concatenate([who.share @ at_stake, share * at_stake])
    cost = np.concatenate([who.share @ paid, share * paid])
    m = len(listed)
    return Change(free, harm, cost), Change(listed, -harm[:m], -cost[:m])
