"""Trade by product, origin and destination: the matrices behind the supply-network map."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ecsim import longform
from ecsim.economy import Array, Economy
from ecsim.mechanisms.accounts import backfill, own_sales
from ecsim.world import World

KINDS = ("delivered", "blocked", "diverted", "degraded", "backfilled")
YEAR = 4
LAST_QUARTERS = YEAR
TINY = 1e-12


def flow_matrices(w: World) -> Array:
    """Trade between firms this quarter, USD bn, shape (kinds, P, S, S): origin by location, then destination."""
    e = w.economy
    every = np.arange(e.n_slots)
    own = own_sales(w, every)
    wanted = w.ordered[:, None] * w.weight
    refused = wanted * (1.0 - w.passing)
    foreign = e.location[w.supplier] != e.location[e.slot_firm][:, None]
    values = (
        w.flow,
        refused,
        own * w.diverted,
        own * w.degraded,
        backfill(w, every) * foreign,
    )
    s = e.n_states
    key = (e.slot_input[:, None] * s + e.location[w.supplier]) * s + e.location[e.slot_firm][:, None]
    size = e.n_products * s * s
    return np.stack([np.bincount(key.ravel(), weights=v.ravel(), minlength=size) for v in values]).reshape(len(KINDS), e.n_products, s, s)


def add_flows(w: World, flows: Array, weight: float) -> None:
    """Add the trade of the quarter, times a weight, to flows of the same shape."""
    flows += flow_matrices(w) * weight


def flow_table(e: Economy, flows: Array, base: Array) -> pa.Table:
    """Flow matrices as a table, one row for each trade that exists in either path.

    Args:
        flows: shape (kinds, P, S, S), mean of the last quarters.
        base: deliveries on the path without controls, shape (P, S, S).
    """
    p, i, j = np.nonzero((flows.sum(axis=0) > TINY) | (base > TINY))
    names = {"product": longform.coded(p, e.products), "from_state": longform.coded(i, e.states), "to_state": longform.coded(j, e.states)}
    values = {kind: flows[k, p, i, j] for k, kind in enumerate(KINDS)}
    return pa.table({**names, **values, "baseline": base[p, i, j]})
