"""A decision to join on a world made by hand, and what is sold after a move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from choosing import model
from ecsim.economy import CHALLENGER
from ecsim.moves import Move
from ecsim.strategies.outlook import Outlook, observe
from ecsim.strategies.replay import Replay
from ecsim.tools import enact
from policy_world import small_economy, small_world


def hand_world() -> Any:
    """Two products are controlled. The challenger's foundries need tools; Japan and the Netherlands sell them."""
    e = small_economy()
    fab = next(r for r in range(e.n_firms) if e.products[e.product[r]] == "foundry_mature" and e.location[r] == CHALLENGER)
    table = pd.DataFrame(
        {"role": ["incumbent", "challenger"] + ["ally"] * 5 + ["third"], "exports_to_CHN_share": [8, 0, 20, 4, 25, 30, 7, 10]}
    )
    tools = [e.product_index["lithography"], e.product_index["deposition_etch"]]
    e = replace(
        e,
        state_table=table,
        slot_firm=np.array([fab, fab]),
        slot_input=np.array(tools),
        coef=np.array([0.1, 0.1]),
        critical0=np.array([1.0, 1.0]),
        embodies=np.array([0.0, 0.0]),
    )
    w = small_world(0, economy=e)
    w.frontier = np.zeros(e.n_products)
    enact(Move(quarter=0, actor="USA", verb="impose", tool="country_rule", products=("lithography",), denial=0.8), w)
    return w, tools


def hand_outlook(w: Any, tools: list[int]) -> Outlook:
    e = w.economy
    sold = np.zeros((e.n_products, e.n_states))
    lithography = {"USA": 0.0, "JPN": 1.0, "NLD": 3.0, "CHN": 1.0}
    etching = {"USA": 2.0, "JPN": 2.0}
    for row, sales in zip(tools, (lithography, etching), strict=True):
        for state, value in sales.items():
            sold[row, e.state_index[state]] = value
    zero = np.zeros(e.n_products)
    return Outlook(
        by_location=sold,
        by_owner=sold,
        refused_by_location=np.zeros_like(sold),
        refused_by_owner=np.zeros_like(sold),
        instead_by_location=np.zeros_like(sold),
        instead_by_owner=np.zeros_like(sold),
        bought=sold.sum(axis=1),
        item=np.full(e.n_products, 9.0),  # far above any threshold
        reach=np.full(e.n_products, 0.5),
        revenue=np.full(e.n_states, 50.0),
        catch_up=zero,
    )


TOOLS = Move(quarter=2, actor="USA", verb="impose", tool="country_rule", products=("lithography", "deposition_etch"))


def sales(product: str, state: str, *made: Move) -> tuple[float, float]:
    """Sales of a state's plants to the challenger's buyers a year after all moves, and what is refused there."""
    m = model("policy=none", players=[Replay([TOOLS, *made])])
    for _ in range(20):
        m.step()
    e, seen = m.economy, observe(m.world)
    i = e.product_index[product]
    return float(seen.by_location[i, e.state_index[state]]), float(seen.refused_by_location[i].sum())
