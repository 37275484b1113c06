"""How concentrated unnamed supply is: what large buyers need must come from suppliers of some size."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.units import AT, Unit


def leading_part(units: list[Unit], plan: Plan) -> Array:
    """Share of unnamed supply held by a few leading unnamed firms in each cell, by product, shape P.

    Large buyers (named plants and leading unnamed firms) have few supplier positions each, so the many small
    suppliers of a product can sell only to small buyers and to final markets. Products are visited from the most
    downstream, so that the size of buyers is known before that of their suppliers.
    """
    n = len(plan.products)
    market = plan.table["market"].to_numpy()
    unnamed = np.zeros(n)
    for u in units:
        unnamed[u.product] += 0.0 if u.company else u.share
    lead = np.full(n, np.nan)
    uses = _uses(units, plan, market)
    for p in range(n - 1, -1, -1):
        if unnamed[p] == 0:
            lead[p] = 1.0
            continue
        large = sum(named + rest * (1.0 if np.isnan(lead[b]) else lead[b]) for b, named, rest in uses.get(p, []))
        room = plan.population.small_room * max(1.0 - large / market[p], 0.0)
        lead[p] = min(plan.population.lead_most, max(plan.population.lead_least, 1.0 - room / unnamed[p]))
    return lead


def _uses(units: list[Unit], plan: Plan, market: Array) -> dict[int, list[tuple[int, float, float]]]:
    """For each input: (buying product, use by named plants, use by unnamed firms) in USD bn a year."""
    index, states = plan.product_index, plan.states
    recipes = plan.data.recipes
    own = {(r.product, r.input, r.buyer): float(r.share) for r in recipes[recipes["buyer"] != ""].itertuples()}
    uses: dict[int, list[tuple[int, float, float]]] = {}
    for r in recipes[recipes["buyer"] == ""].itertuples():
        b = index[r.product]
        named = rest = 0.0
        for u in (u for u in units if u.product == b):
            whose = [w for w in (u.company, u.parent, states[u.owner], AT + states[u.location]) if w]
            share = next((own[r.product, r.input, w] for w in whose if (r.product, r.input, w) in own), float(r.share))
            amount = share * u.share * market[b]
            named, rest = (named + amount, rest) if u.company else (named, rest + amount)
        uses.setdefault(index[r.input], []).append((b, named, rest))
    return uses
