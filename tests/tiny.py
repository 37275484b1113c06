"""A five-firm economy small enough to work by hand.

row 0  tool   USA     makes the capital good of both chip makers
row 1  chip   USA     60% of the chips of the phone maker in CHN, and the home market
row 2  chip   JPN     40% of the chips of the phone maker in CHN, and those of the phone maker in USA
row 3  phone  USA
row 4  phone  CHN
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecsim.economy import Economy, check_shapes, sizes_of
from ecsim.params import Params

USA, CHN, JPN = 0, 1, 2
TOOL, CHIP, PHONE = 0, 1, 2

QUIET = {
    "market.equal_growth": True,
    "market.growth_long_run": 0.0,
    "market.demand_noise": 0.0,
    "innovation.noise": 0.0,
    "production.headroom": 0.1,
}


def quiet(**more: object) -> Params:
    """Parameters without growth and noise, so that numbers can be worked by hand. Names with __ for the dot."""
    return Params().with_values({**QUIET, **{k.replace("__", "."): v for k, v in more.items()}})


def economy(params: Params | None = None) -> Economy:
    """The economy, in exact balance.

    Chips: phone makers use 0.5 of chips per unit of output. Phones sell 8 (CHN) and 4 (USA) to their home
    markets. So chips: 4 to CHN (2.4 from USA, 1.6 from JPN) and 2 to USA (from JPN); the American chip maker
    sells 1.6 more to the American market: outputs 4 and 3.6. Tools: 0.25 per unit of chip output: 1 and 0.9.
    """
    p = params or quiet()
    cover = p.production.cover
    output = np.array([1.9, 4.0, 3.6, 4.0, 8.0])
    slot_firm = np.array([1, 2, 3, 4])
    coef = np.array([0.25, 0.25, 0.5, 0.5])
    capital = np.array([True, True, False, False])
    states = pd.DataFrame({"state": ["USA", "CHN", "JPN"], "role": ["incumbent", "challenger", "ally"]})
    e = Economy(
        products=("tool", "chip", "phone"),
        states=("USA", "CHN", "JPN"),
        firm_names={0: "Toolworks", 1: "Chip America", 2: "Chip Japan", 3: "Phone America", 4: "Phone China"},
        product_level=np.array([1, 1, 2]),
        product_growth0=np.zeros(3),
        product_rd=np.array([0.1, 0.1, 0.05]),
        product_build=np.full(3, 4.0),
        product_leak=np.zeros(3),
        product_learning=np.zeros(3),
        product_choke=np.array([1.0, 0.53, 0.67]),
        product_weight=np.array([1.0, 0.75, 0.5]),
        cell_product=np.array([TOOL, CHIP, CHIP, PHONE, PHONE]),
        cell_owner=np.array([USA, USA, JPN, USA, CHN]),
        cell_location=np.array([USA, USA, JPN, USA, CHN]),
        cell_start=np.arange(6),
        cell=np.arange(5),
        parent=np.arange(5),
        entities=np.ones(5),
        military=np.zeros(5),
        capacity0=output * (1 + p.production.headroom),
        output0=output,
        tech0=np.array([0.0, 0.0, 0.0, 0.0, -1.0]),
        rd_share=np.array([0.1, 0.1, 0.1, 0.05, 0.05]),
        closing0=np.zeros(5),
        final_weight=np.array([0.0, 1.0, 0.0, 1.0, 1.0]),
        slot_firm=slot_firm,
        slot_input=np.array([TOOL, TOOL, CHIP, CHIP]),
        coef=coef,
        critical0=np.ones(4),
        capital=capital,
        equips=capital,
        embodies=np.ones(4, dtype=bool),
        stretch=np.full(4, 1.0),
        below=np.zeros(4),
        redesign=np.zeros(4, dtype=bool),
        stock0=np.where(capital, 0.0, cover * coef * output[slot_firm]),
        supplier0=np.array([[0, -1], [0, -1], [2, -1], [1, 2]]),
        weight0=np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.6, 0.4]]),
        final0=np.array([[0.0, 0.0, 0.0], [1.6, 0.0, 0.0], [4.0, 8.0, 0.0]]),
        final_growth=np.zeros(3),
        final_share0=np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]),
        gdp_nominal=np.tile([20000.0, 14000.0, 5000.0], (4, 1)),
        gdp_ppp=np.tile([20000.0, 23000.0, 5300.0], (4, 1)),
        gerd=np.tile([606.0, 465.0, 173.0], (4, 1)),
        military_spending=np.tile([682.0, 232.0, 48.0], (4, 1)),
        cinc=np.tile([0.12, 0.226, 0.03], (4, 1)),
        state_table=states,
    )
    check_shapes(e, sizes_of(e))
    return e
