"""What a government may do and what each option is worth to it: `strategies.listing` and `choice` say the same in arrays.

Logarithms and products of matrices are left to the caller, so that both come to the same last bit.
"""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.kernels.jit import alone


@alone
def at_stake(needed: Array, home: Array, weight: Array, sold: Array, revenue: float, denial: float) -> tuple[Array, Array]:
    """What listing all makers of each product would deny, and the share of home revenue that it would cost, each (P,).

    A maker is stopped by the input that it most needs and that is most in reach.
    """
    inputs, products = needed.shape
    stake, paid = np.empty(products), np.empty(products)
    for p in range(products):
        most = -np.inf
        for i in range(inputs):
            most = max(most, needed[i, p] * home[i])
        stake[p], paid[p] = denial * most * weight[p], sold[p] / revenue * denial
    return stake, paid


@alone
def listings(
    harm: Array, cost: Array, stake: Array, paid: Array, share: Array, listed: Array, entities: Array, counted: Array, more: float
) -> tuple[Array, Array, Array]:
    """Listings, of companies and then of unnamed makers by product: whether each is there, what it denies and what it costs.

    `harm` and `cost` are those of companies; a listing takes `share` of the unnamed makers of a product, or `more` of their entities.
    """
    named, products = len(harm), len(stake)
    free = np.empty(named + products, dtype=np.bool_)
    denial, revenue = np.empty(named + products), np.empty(named + products)
    for i in range(named):
        free[i], denial[i], revenue[i] = not listed[i], harm[i], cost[i]
    for p in range(products):
        free[named + p] = entities[p] > 0 and counted[p] + more <= entities[p]
        denial[named + p], revenue[named + p] = share[p] * stake[p], share[p] * paid[p]
    return free, denial, revenue


@alone
def weigh(
    valid: Array,
    denial: Array,
    revenue: Array,
    friction: Array,
    strictness: Array,
    protection: Array,
    rules: Array,
    free: Array,
    harm: Array,
    cost: Array,
    scope: Array,
    drafting: Array,
    listed: Array,
    in_force: Array,
    habit: Array,
    beside: Array,
    worth: tuple[float, float, float, float, float, float],
) -> tuple[Array, Array]:
    """Whether each option is there, and its utility, in the order of `choice.KINDS`.

    Args:
        habit: of each tool: rules, list, measures.
        beside: utility of each measure beside trade, without habit.
        worth: of denial, home revenue, friction, strictness, protection and rules.
    """
    security, cost_at_home, apart, voice, shield, upkeep = worth
    tools, products = drafting.shape
    goods, lists, measures = tools * products, len(harm), len(beside)
    n = 2 * goods + lists + len(listed) + 2 * measures
    there, utility = np.empty(n, dtype=np.bool_), np.empty(n)
    for d in range(2):
        for r in range(tools):
            for p in range(products):
                at = (d * tools + r) * products + p
                there[at] = valid[d, r, p] and not drafting[r, p] and (d == 1 or scope[p])
                loss = cost_at_home * revenue[d, r, p] + apart * friction[d, r, p] + voice * strictness[d, r, p] + upkeep * rules[d, r, p]
                utility[at] = security * denial[d, r, p] + shield * protection[d, r, p] - loss + (habit[r] if d == 0 else -habit[r])
    at = 2 * goods
    for i in range(lists):
        there[at + i], utility[at + i] = free[i], security * harm[i] - cost_at_home * cost[i] + habit[tools]
    at += lists
    for i in range(len(listed)):  # delisting gives back what listing took
        there[at + i], utility[at + i] = listed[i], -(security * harm[i] - cost_at_home * cost[i]) - habit[tools]
    at += len(listed)
    for i in range(measures):
        taken = beside[i] + habit[tools + 1 + i]
        there[at + i], utility[at + i] = not in_force[i], taken
        there[at + measures + i], utility[at + measures + i] = in_force[i], -taken
    return there, utility
