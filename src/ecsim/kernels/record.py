"""Recorded tracks that take a pass over inputs or links."""

from __future__ import annotations

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.world import CHALLENGER, Array, World

TINY = 1e-12
INCUMBENT_SIDE, CHALLENGER_SIDE = 0, 2


def trade_tracks(w: World) -> dict[str, Array | float]:
    """The tracks unmet, need, self_sufficiency, bought_in_challenger and bilateral, as `ecsim.record` reads them."""
    e = w.economy
    n = e.n_products
    came, need, own, bought = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    bilateral = _trade(
        *(e.slot_firm, e.slot_input, e.owner, e.location, e.side, CHALLENGER, w.supplier, w.ordered, w.flow),
        *(e.cell_product, e.cell_owner, e.cell_location, w.final_sales),
        *(came, need, own, bought),
    )
    unmet = np.where(need > TINY, 1.0 - came / np.maximum(need, TINY), 0.0)
    home_made = np.where(bought > TINY, own / np.maximum(bought, TINY), 0.0)
    return {"unmet": unmet, "need": need, "self_sufficiency": home_made, "bought_in_challenger": bought, "bilateral": bilateral}


@kernel
def _trade(
    slot_firm: Array,
    slot_input: Array,
    owner: Array,
    location: Array,
    side: Array,
    challenger: int,
    supplier: Array,
    ordered: Array,
    flow: Array,
    cell_product: Array,
    cell_owner: Array,
    cell_location: Array,
    final_sales: Array,
    came: Array,
    need: Array,
    own: Array,
    bought: Array,
) -> float:
    bilateral = 0.0
    for s in range(len(ordered)):
        f, p = slot_firm[s], slot_input[s]
        buyer = side[owner[f]]
        here = location[f] == challenger
        if not (here or owner[f] == challenger or buyer == INCUMBENT_SIDE):
            continue
        total = 0.0
        for k in range(flow.shape[1]):
            x = flow[s, k]
            if x == 0.0:
                continue
            total += x
            seller = supplier[s, k]
            if here and owner[seller] == challenger and location[seller] == challenger:
                own[p] += x
            at = side[owner[seller]]
            if (at == INCUMBENT_SIDE and buyer == CHALLENGER_SIDE) or (at == CHALLENGER_SIDE and buyer == INCUMBENT_SIDE):
                bilateral += x
        if here:
            bought[p] += total
        if owner[f] == challenger:
            need[p] += ordered[s]
            came[p] += min(total, ordered[s])
    for c in range(len(cell_product)):
        sales = final_sales[c, challenger]
        bought[cell_product[c]] += sales
        if cell_owner[c] == challenger and cell_location[c] == challenger:
            own[cell_product[c]] += sales
    return bilateral
