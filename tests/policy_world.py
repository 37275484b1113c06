"""A small world for tests of moves, tools and strategies: every product, eight states, a few named firms."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from ecsim.economy import Economy, array_fields
from ecsim.params import Params
from ecsim.rules import RuleBook
from ecsim.streams import Streams
from ecsim.tools import vocabulary

STATES = ("USA", "CHN", "JPN", "NLD", "KOR", "TWN", "DEU", "RUS")
NAMED = {"Huawei": ("telecom_equipment", "handsets"), "SMIC": ("foundry_advanced",), "YMTC": ("memory",), "Micron": ("memory",)}
OWNER = {"Micron": "USA"}
SYNTHETIC = 4  # synthetic firms of each product in each state
ENTITIES = (5, 2, 1, 1)
SHARE = {"JPN": 3.0, "NLD": 5.0, "KOR": 1.0, "TWN": 1.0}


def small_economy() -> Economy:
    """Firms of each product in each state: the named first, then synthetic ones of falling size."""
    products = vocabulary("product")
    rows: list[dict[str, Any]] = []
    for p, product in enumerate(products):
        for s, state in enumerate(STATES):
            for name, makes in NAMED.items():
                if product in makes and OWNER.get(name, "CHN") == state:
                    rows.append({"product": p, "state": s, "name": name, "entities": 3, "size": 50.0, "military": 0.0})
            for k in range(SYNTHETIC):
                size = (10.0 - k) * SHARE.get(state, 1.0)
                rows.append({"product": p, "state": s, "name": "", "entities": ENTITIES[k], "size": size, "military": float(k == 2)})
    n, n_cells = len(rows), len(products) * len(STATES)
    lengths = {"N": n, "P": len(products), "S": len(STATES), "C": n_cells, "C+1": n_cells + 1, "T": 80}
    values: dict[str, Any] = {f.name: np.zeros([lengths.get(a, 1) for a in f.metadata["shape"].split(",")]) for f in array_fields(Economy)}
    cell = np.array([r["product"] * len(STATES) + r["state"] for r in rows])
    both = np.tile(np.arange(len(STATES)), len(products))
    values |= {
        "cell": cell,
        "cell_product": np.repeat(np.arange(len(products)), len(STATES)),
        "cell_owner": both,
        "cell_location": both,
        "cell_start": np.searchsorted(cell, np.arange(n_cells + 1)),
        "entities": np.array([r["entities"] for r in rows]),
        "military": np.array([r["military"] for r in rows]),
        "output0": np.array([r["size"] for r in rows]),
        "gdp_nominal": np.full((80, len(STATES)), 10_000.0),
    }
    names = {i: r["name"] for i, r in enumerate(rows) if r["name"]}
    return Economy(products=products, states=STATES, firm_names=names, **values)


def small_world(quarter: int = 0, seed: int = 1, economy: Economy | None = None) -> Any:
    """What tools and strategies read of a world."""
    e = economy or small_economy()
    return SimpleNamespace(
        economy=e,
        params=Params(),
        streams=Streams(seed),
        book=RuleBook(),
        quarter=quarter,
        threat=np.zeros((e.n_products, e.n_states)),
        frontier=np.full(e.n_products, 0.1 * quarter),
        tech_eff=np.zeros(e.n_firms),
    )
