"""Input slots: what each firm buys, from the recipes of its product and, where a company or state has its own, from those."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecsim.economy import Array
from ecsim.synthesis.plan import Plan
from ecsim.synthesis.rows import Rows
from ecsim.synthesis.units import AT


@dataclass(frozen=True, eq=False)
class Slots:
    """Input slots, sorted by firm.

    Attributes:
        firm, input: indices, shape M.
        coef, critical, stretch: shape M.
        below: how far below its frontier the need of the slot lies, shape M.
        capital, equips, embodies, redesign: switches, shape M.
    """

    firm: Array
    input: Array
    coef: Array
    critical: Array
    stretch: Array
    below: Array
    capital: Array
    equips: Array
    embodies: Array
    redesign: Array


def make_slots(rows: Rows, plan: Plan) -> Slots:
    """The slots of all firms, product by product."""
    pieces: list[dict[str, Array]] = []
    for p, name in enumerate(plan.products):
        lo, hi = int(rows.product_start[p]), int(rows.product_start[p + 1])
        recipe = plan.data.recipes[plan.data.recipes["product"] == name]
        general = recipe[recipe["buyer"] == ""]
        if len(general) and hi > lo:
            pieces.append(_product_slots(rows, lo, hi, general, recipe[recipe["buyer"] != ""], plan))
    joined = {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]} if pieces else _none()
    return Slots(**joined)


def _none() -> dict[str, Array]:
    kinds = {"firm": np.int64, "input": np.int64, "coef": float, "critical": float, "stretch": float, "below": float}
    return {f: np.zeros(0, dtype=kinds.get(f, bool)) for f in Slots.__dataclass_fields__}


def _product_slots(rows: Rows, lo: int, hi: int, general: pd.DataFrame, own: pd.DataFrame, plan: Plan) -> dict[str, Array]:
    n, r = hi - lo, len(general)
    share = np.tile(general["share"].to_numpy(), (n, 1))
    critical = np.tile(general["criticality"].to_numpy(), (n, 1))
    stretch = np.tile(general["stretch"].to_numpy(), (n, 1))
    column = {name: i for i, name in enumerate(general["input"])}
    # locations first, then owner states, so that a company's own recipe has the last word
    rank = np.select([own["buyer"].str.startswith(AT), own["buyer"].isin(plan.states)], [0, 1], 2)
    order = np.argsort(rank, kind="stable")
    for who, item, *values in zip(*(own[c].to_numpy()[order] for c in ("buyer", "input", "share", "criticality", "stretch")), strict=True):
        buys = _is(rows, lo, hi, who, plan.state_index)
        i = column[item]
        share[buys, i], critical[buys, i], stretch[buys, i] = values
    kind = general["kind"].to_numpy()
    below = [plan.below.get((product, item), 0.0) for product, item in zip(general["product"], general["input"], strict=True)]
    embodies, redesign = general["embodies"].to_numpy() > 0, general["redesign"].to_numpy() > 0
    return {
        "firm": np.repeat(np.arange(lo, hi), r),
        "input": np.tile(np.array([plan.product_index[x] for x in general["input"]]), n),
        "coef": share.ravel(),
        "critical": critical.ravel(),
        "stretch": stretch.ravel(),
        "below": np.tile(np.array(below), n),
        "capital": np.tile(kind != "current", n),
        "equips": np.tile(kind != "current", n),
        "embodies": np.tile(embodies, n),
        "redesign": np.tile(redesign, n),
    }


def _is(rows: Rows, lo: int, hi: int, who: str, states: dict[str, int]) -> Array:
    """Which rows of a product a company, an owner state, or a location (@ and a state) means."""
    if who.startswith(AT):
        return np.asarray(rows.location[lo:hi] == states[who[1:]])
    if who in states:
        return np.asarray(rows.owner[lo:hi] == states[who])
    if who in rows.companies:
        return np.asarray(rows.company[lo:hi] == rows.companies.index(who))
    return np.asarray((rows.company[lo:hi] >= 0) & (rows.parent[lo:hi] == rows.parents.index(who)))
