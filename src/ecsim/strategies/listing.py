"""What a government expects of listing companies by name, or further entities that make a product."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecsim.economy import INCUMBENT, Array, Economy
from ecsim.params import REFERENCE
from ecsim.strategies.makers import targets
from ecsim.strategies.outlook import Outlook, made, needed_for
from ecsim.strategies.yard import Change, strength_of
from ecsim.world import World

TOOL = "entity_list"
DENIAL = strength_of(TOOL)[0]
TINY = 1e-12


@lru_cache(maxsize=8)
def _made(e: Economy) -> Array:
    """Share of each product in the output of plants in the challenger at the start, shape (P,)."""
    return made(e) / max(float(made(e).sum()), TINY)


@lru_cache(maxsize=8)
def _share(e: Economy, listing: float) -> Array:
    """Share of the unnamed entities that make each product that one listing takes, shape (P,)."""
    return np.minimum(1.0, listing / np.maximum(targets(e).entities, TINY))


def prospects(w: World, seen: Outlook, home: Array, value: Array, listed: Array, counted: Array) -> Change:
    """What listing (companies, then products) would bring; delisting a company gives back what listing it took.

    Args:
        home: share of the challenger's purchases in reach at home or of adopters, by product, (P,).
        value: worth of each product, (P,).
        listed: whether each company is on the list, (companies,).
        counted: unnamed entities listed by product, (P,).
    """
    how = prospects_by_arrays if w.params.time.engine == REFERENCE else _prospects_compiled
    return how(w, seen, home, value, listed, counted)


def undone(listing: Change, listed: Array) -> Change:
    """What delisting companies would bring."""
    m = len(listed)
    return Change(listed, -listing.denial[:m], -listing.revenue[:m])


def prospects_by_arrays(w: World, seen: Outlook, home: Array, value: Array, listed: Array, counted: Array) -> Change:
    """The same, as array expressions."""
    e, who = w.economy, targets(w.economy)
    n = float(w.params.government.listing)
    # a maker is stopped by the input that it most needs and that is most in reach
    stopped = DENIAL * (needed_for(e) * home[:, None]).max(axis=0)
    custom = who.buys.T @ seen.by_owner[:, INCUMBENT] / max(float(seen.revenue[INCUMBENT]), TINY)
    share = _share(e, n)
    free = np.concatenate([~listed, (who.entities > 0) & (counted + n <= who.entities)])
    at_stake, paid = stopped * (_made(e) + value), custom * DENIAL
    harm = np.concatenate([who.share @ at_stake, share * at_stake])
    cost = np.concatenate([who.share @ paid, share * paid])
    return Change(free, harm, cost)


def _prospects_compiled(w: World, seen: Outlook, home: Array, value: Array, listed: Array, counted: Array) -> Change:
    from ecsim.kernels import options  # loads the compiler, which takes its time

    e, who = w.economy, targets(w.economy)
    n, sold = float(w.params.government.listing), who.buys.T @ seen.by_owner[:, INCUMBENT]
    at_stake, paid = options.at_stake(needed_for(e), home, _made(e) + value, sold, max(float(seen.revenue[INCUMBENT]), TINY), DENIAL)
    harm, cost = who.share @ at_stake, who.share @ paid
    return Change(*options.listings(harm, cost, at_stake, paid, _share(e, n), listed, who.entities, counted, n))
