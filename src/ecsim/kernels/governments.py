"""What governments see and weigh, by product and state: `strategies.outlook`, `yard` and `accession` say the same in arrays.

Tangents and exponentials, products of matrices and sums along rows are left to the caller, so that both come to the same last bit.
"""

from __future__ import annotations

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array
from ecsim.kernels.jit import alone

TINY = 1e-12
CASES = len(("as it is", "tightened", "relaxed"))
SUMMED = len(("sold", "lost", "instead"))
CONSEQUENCES = len(("denial", "revenue", "friction", "strictness", "protection", "rules"))  # as in `Change`


@alone
def trade(
    here: Array,
    slot_input: Array,
    cell: Array,
    supplier: Array,
    weight: Array,
    ordered: Array,
    flow: Array,
    passing: Array,
    barred: Array,
    item: Array,
    final: Array,
    final_lost: Array,
    final_instead: Array,
    total: Array,
    worth: Array,
) -> tuple[Array, Array, Array]:
    """Sales to the challenger's buyers, orders that others' rules keep from sellers, and sales in place of these, by cell.

    `total` takes up orders by product, `worth` orders times technology.
    """
    links = supplier.shape[1]
    sold, lost, instead = np.zeros(len(final)), np.zeros(len(final)), np.zeros(len(final))
    refused = np.empty(links)
    for s in here:
        total[slot_input[s]] += ordered[s]
        asked, got, kept = 0.0, 0.0, 0.0
        for k in range(links):
            c = cell[supplier[s, k]]
            wanted = ordered[s] * weight[s, k]
            refused[k] = wanted * max(1.0 - passing[s, k] - barred[s, k], 0.0)
            sold[c] += flow[s, k]
            lost[c] += refused[k]
            asked += wanted * item[s, k]
            got += flow[s, k]
            kept += refused[k]
        worth[slot_input[s]] += asked
        excess = got + kept - ordered[s]
        if kept > 0.0 and excess > 0.0:
            sought = 0.0
            for k in range(links):
                sought += flow[s, k] * (kept - refused[k])
            each = excess / max(sought, TINY)
            for k in range(links):
                instead[cell[supplier[s, k]]] += min(flow[s, k], each * (flow[s, k] * (kept - refused[k])))
    return sold + final, lost + final_lost, instead + final_instead


@alone
def by_state(
    sold: Array,
    lost: Array,
    instead: Array,
    product: Array,
    location: Array,
    owner: Array,
    untested: Array,
    fdp_max: float,
    states: int,
    products: int,
) -> tuple[Array, Array]:
    """Sales by product and place, and by product and owner, orders lost and sales in their place likewise, (6, P, S).

    Then the mean reach of the direct-product test, (P,).
    """
    tables = np.zeros((2 * SUMMED, products, states))
    abroad, reached = np.zeros(products), np.zeros(products)
    for c in range(len(product)):
        p = product[c]
        for i, value in enumerate((sold[c], lost[c], instead[c])):
            tables[2 * i, p, location[c]] += value
            tables[2 * i + 1, p, owner[c]] += value
        if location[c] not in (INCUMBENT, CHALLENGER):
            abroad[p] += sold[c]
            reached[p] += sold[c] * (fdp_max * (1.0 - untested[c]))
    for p in range(products):
        reached[p] /= max(abroad[p], TINY)
    return tables, reached


@alone
def above(theta: Array, first: Array, deep: Array, item: Array, near: float, width: float) -> tuple[Array, Array]:
    """Thresholds of each rule as it is, tightened and relaxed, and how far items lie above them, in widths, (3, R, P)."""
    levels, height = np.empty((CASES, *theta.shape)), np.empty((CASES, *theta.shape))
    for r in range(theta.shape[0]):
        for p in range(theta.shape[1]):
            held = not np.isnan(theta[r, p])
            levels[0, r, p] = theta[r, p] if held else np.inf
            levels[1, r, p] = deep[p] if held else first[p]
            levels[2, r, p] = first[p] if held and theta[r, p] < first[p] - near else np.inf
            for i in range(CASES):
                height[i, r, p] = (item[p] - levels[i, r, p]) / width
    return levels, height


@alone
def changes(
    theta: Array,
    levels: Array,
    bite: Array,
    denial: Array,
    direct: Array,
    near: float,
    by_location: Array,
    joined: Array,
    outside: Array,
    bought: Array,
    reach: Array,
    sold: Array,
    lost: Array,
    within: Array,
    worth: Array,
    rivalry: Array,
    revenue: float,
    allied_revenue: float,
) -> tuple[Array, Array, Array, Array]:
    """What tightening and relaxing each rule would bring: `valid`, the six consequences of `Change`, `threshold` and `home` of `Yard`."""
    rules, products = theta.shape
    valid, of = np.empty((2, rules, products), dtype=np.bool_), np.empty((CONSEQUENCES, 2, rules, products))
    threshold, home = np.empty((2, rules, products)), np.empty(products)
    share, cover = np.empty((CASES, rules)), np.empty((CASES, rules))
    for p in range(products):
        buys = max(bought[p], TINY)
        home[p] = (by_location[p, INCUMBENT] + joined[p]) / buys
        allied = outside[p] * reach[p]
        abroad = outside[p] / max(joined[p] + outside[p], TINY)
        for i in range(CASES):
            for r in range(rules):
                share[i, r] = denial[r] * (1.0 + bite[i, r, p]) / 2.0
                cover[i, r] = share[i, r] * (home[p] + direct[r] * (allied / buys))
        for r in range(rules):
            other_cover, other_share = -np.inf, -np.inf
            for q in range(rules):
                if q != r:
                    other_cover, other_share = max(other_cover, cover[0, q]), max(other_share, share[0, q])
            held = not np.isnan(theta[r, p])
            keeps = held and levels[2, r, p] != np.inf
            valid[0, r, p], valid[1, r, p] = not held or theta[r, p] > levels[1, r, p] + near, held
            threshold[0, r, p], threshold[1, r, p] = levels[1, r, p], levels[2, r, p] if keeps else np.nan
            denied, strict = max(other_cover, cover[0, r]), max(other_share, share[0, r])
            for i in range(2):
                step = max(other_share, share[i + 1, r]) - strict
                # of what is still sold a tightening takes its share; of what is refused a relaxation gives its share back
                custom = sold[p] / max(1.0 - strict, TINY) if step > 0 else lost[p] / max(strict, TINY)
                change = (max(other_cover, cover[i + 1, r]) - denied) * within[p]
                sharper = (share[i + 1, r] - share[0, r]) * within[p]
                of[0, i, r, p] = worth[p] * change
                of[1, i, r, p] = custom * step * within[p] / revenue
                of[2, i, r, p] = direct[r] * (allied / allied_revenue) * sharper
                of[3, i, r, p] = abroad * sharper
                of[4, i, r, p] = rivalry[p] * change
            of[5, 0, r, p] = 0.0 if held else 1.0
            of[5, 1, r, p] = -1.0 if held and not keeps else -0.0
    return valid, of, threshold, home


@alone
def excess(threshold: Array, sliding: Array, frontier: Array, item: Array, spread: float) -> Array:
    """How far what is ordered lies above each rule's threshold, in half spreads, (R, P)."""
    height = np.empty((len(threshold), len(item)))
    for r in range(len(threshold)):
        for p in range(len(item)):
            height[r, p] = (item[p] - (threshold[r] + sliding[r] * frontier[p])) / spread / 2.0
    return height


@alone
def stakes(
    denial: Array, bite: Array, direct: Array, by_location: Array, by_owner: Array, bought: Array, reach: Array, risk: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """What joining a package would newly deny, weighed by risk, and the share of own supply in reach of it already, each (S,).

    Then custom given up, (S,), and the challenger's supply by product and state, as shares, (P, S), with the weight of each product, (P,).
    """
    products, states = by_location.shape
    effect, in_reach, supply, given_up = np.zeros(states), np.zeros(states), np.zeros(states), np.zeros(states)
    share, weight = np.empty((products, states)), np.empty(products)
    strength, asking = np.empty(len(denial)), np.empty(len(denial), dtype=np.int64)
    for p in range(products):
        asked, n = 0.0, 0
        for r in range(len(denial)):
            strength[r] = denial[r, p] * (1.0 + bite[r, p]) / 2.0
            if strength[r] > 0.0:  # most rules name few products
                asking[n] = r
                n += 1
                asked = max(asked, strength[r])
        weight[p] = risk[p] * asked
        abroad = max(bought[p] - by_location[p, CHALLENGER], TINY)
        for s in range(states):
            most = 0.0
            for r in asking[:n]:
                most = max(most, strength[r] * direct[r, s])
            reached = most * reach[p]
            left = max(asked - reached, 0.0)
            share[p, s] = by_location[p, s] / abroad
            effect[s] += risk[p] * left * share[p, s]
            in_reach[s] += by_location[p, s] * reached
            supply[s] += by_location[p, s] * asked
            given_up[s] += left * by_owner[p, s]
    for s in range(states):
        in_reach[s] /= max(supply[s], TINY)
    return effect, in_reach, given_up, share, weight
