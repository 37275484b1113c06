"""An invented economy of about forty firms: cells of several firms, plants abroad, choice among suppliers.

Its numbers are drawn once from a fixed seed; nothing about it is meant to be like the world.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ecsim.economy import Economy, check_shapes, sizes_of

STATES = ("USA", "CHN", "JPN", "NLD", "VNM")
ROLES = ("incumbent", "challenger", "ally", "ally", "third")
PRODUCTS = ("mineral", "tool", "software", "wafer", "chip", "phone")
# product, input, coefficient, criticality, capital, equips, embodies, redesign
RECIPES = (
    (1, 0, 0.10, 0.5, False, False, False, True),
    (3, 0, 0.20, 1.0, False, False, False, False),
    (3, 1, 0.10, 1.0, True, True, True, False),
    (4, 1, 0.20, 1.0, True, True, True, False),
    (4, 2, 0.05, 0.5, False, True, True, True),
    (4, 3, 0.20, 1.0, False, False, False, False),
    (5, 1, 0.05, 0.0, True, False, False, False),
    (5, 4, 0.40, 1.0, False, False, True, True),
)
POSITIONS = 3


@cache
def town() -> Economy:
    """The economy, the same at every call."""
    rng = np.random.default_rng(7)
    pairs = [(0, 0), (1, 1), (2, 2), (3, 3), (0, 1), (2, 4), (1, 4)]
    cells = [(p, *pair) for p in range(len(PRODUCTS)) for pair in pairs if pair[0] < 2 or rng.random() < 0.6]
    cell = np.repeat(np.arange(len(cells)), rng.integers(1, 4, len(cells)))
    product, owner, location = np.array(cells).T.copy()  # each contiguous, as in the population
    n, made = len(cell), product[cell]
    output = rng.lognormal(1.0, 0.8, n)
    output = output[np.lexsort((-output, cell))]  # largest first in each cell
    level = np.where(owner[cell] == 1, -1.2, 0.0) - rng.uniform(0, 0.8, n)
    slots = [(f, *r[1:]) for f in range(n) for r in RECIPES if r[0] == made[f]]
    slot_firm, slot_input, coef, critical, capital, equips, embodies, redesign = (np.array(x) for x in zip(*slots, strict=True))
    supplier, weight = np.full((len(slots), POSITIONS), -1), np.zeros((len(slots), POSITIONS))
    for i, wanted in enumerate(slot_input):
        makers = np.flatnonzero(made == wanted)
        k = int(min(len(makers), rng.integers(1, POSITIONS + 1)))
        supplier[i, :k] = rng.choice(makers, k, replace=False)
        weight[i, :k] = rng.dirichlet(np.full(k, 2.0))
    final = np.zeros((len(PRODUCTS), len(STATES)))
    final[[2, 4, 5]] = rng.uniform(0.5, 6.0, (3, len(STATES)))
    share = rng.uniform(0.1, 1.0, (len(cells), len(STATES)))
    share /= np.array([share[product == p].sum(axis=0) for p in range(len(PRODUCTS))])[product]
    cell_sum = np.bincount(cell, weights=output)
    e = Economy(
        products=PRODUCTS,
        states=STATES,
        firm_names={},
        product_level=np.array([1, 2, 1, 2, 3, 4]),
        product_growth0=np.array([0.005, 0.02, 0.015, 0.012, 0.018, 0.008]),
        product_rd=np.array([0.02, 0.12, 0.2, 0.05, 0.1, 0.06]),
        product_build=np.array([6.0, 3.0, 2.0, 4.0, 8.0, 2.0]),
        product_leak=np.array([0.2, 0.02, 0.3, 0.1, 0.4, 0.2]),
        product_learning=np.array([0.0, 0.5, 0.2, 0.5, 1.0, 0.5]),
        product_choke=np.array([0.6, 0.9, 0.8, 0.5, 0.6, 0.4]),
        product_weight=np.full(6, 0.5),
        cell_product=product,
        cell_owner=owner,
        cell_location=location,
        cell_start=np.searchsorted(cell, np.arange(len(cells) + 1)),
        cell=cell,
        parent=np.arange(n),
        entities=np.ones(n),
        military=(rng.random(n) < 0.2) * 1.0,
        capacity0=output * 1.1,
        output0=output,
        tech0=level,
        rd_share=np.array([0.02, 0.12, 0.2, 0.05, 0.1, 0.06])[made],
        closing0=rng.uniform(0.0, 0.03, n),
        final_weight=output / cell_sum[cell],
        slot_firm=slot_firm,
        slot_input=slot_input,
        coef=coef,
        critical0=critical,
        capital=capital,
        equips=equips,
        embodies=embodies,
        stretch=rng.uniform(0.3, 1.5, len(slots)),
        below=rng.choice([0.0, 0.0, 0.5], len(slots)),
        redesign=redesign,
        stock0=np.where(capital, 0.0, 0.5 * coef * output[slot_firm]),
        supplier0=supplier,
        weight0=weight,
        final0=final,
        final_growth=np.array([0.0, 0.004, -0.002, 0.0, 0.006]),
        final_share0=share,
        gdp_nominal=np.tile([20000.0, 14000.0, 5000.0, 900.0, 300.0], (4, 1)),
        gdp_ppp=np.tile([20000.0, 23000.0, 5300.0, 1000.0, 900.0], (4, 1)),
        gerd=np.tile([606.0, 465.0, 173.0, 20.0, 3.0], (4, 1)),
        military_spending=np.tile([682.0, 232.0, 48.0, 11.0, 6.0], (4, 1)),
        cinc=np.tile([0.12, 0.226, 0.03, 0.01, 0.01], (4, 1)),
        state_table=pd.DataFrame({"state": STATES, "role": ROLES}),
    )
    check_shapes(e, sizes_of(e))
    return e
