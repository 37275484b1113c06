"""What companies decide by themselves, beside the law: to design out an issuer's content, to move plants.

Nothing happens here unless a move of the toolkit has said so (`ecsim.tools.firms_plants`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.mechanisms.content import ISSUERS
from ecsim.rules import Measure
from ecsim.world import World

TINY = 1e-12
YEAR = 4.0  # quarters
SHEDDING, RELOCATION = CHANNELS = ("shedding", "relocation")  # of measures


def nothing_decided(w: World) -> bool:
    """Whether companies have decided nothing that goes on quarter by quarter."""
    return not any(m.channel in CHANNELS for m in w.book.measures.values())


@mechanism(Phase.DECIDE, reads="book shed", writes="shed", source="model section 7.4; Farrell and Newman", rests=nothing_decided)
def shed_by_choice(w: World) -> None:
    """Companies that have decided so design out an issuer's content and tools, whether a rule reaches them or not."""
    e = w.economy
    for m in _decided(w, SHEDDING):
        mine = (e.owner == e.state_index[m.issuer]) & _of(e, m)
        for issuer in ISSUERS:
            if e.states[issuer] in m.targets:
                w.shed[mine, issuer] += m.size * (1.0 - w.shed[mine, issuer])


@mechanism(
    Phase.DECIDE,
    reads="book capacity building expected final_share final_anchor weight anchor supplier",
    writes="capacity building expected final_share final_anchor weight anchor",
    source="model section 7.3; CSET (building times)",
    rests=nothing_decided,
)
def move_plants(w: World) -> None:
    """Companies that have decided so close plants in one state and build them in another; customers who know both follow."""
    for m in _decided(w, RELOCATION):
        share = 1.0 - (1.0 - m.size) ** (1.0 / YEAR)
        for left, taken in routes(w.economy, m.issuer, m.origin, m.targets, m.products):
            _move(w, left, taken, share)


def _decided(w: World, channel: str) -> Iterator[Measure]:
    return (m for m in w.book.measures.values() if m.channel == channel)


def _of(e: Economy, m: Measure) -> Array:
    """Firms whose product a measure covers, shape N."""
    if not m.products:
        return np.ones(e.n_firms, dtype=bool)
    return np.isin(e.product, [e.product_index[p] for p in m.products if p in e.product_index])


def routes(e: Economy, owner: str, origin: str, targets: tuple[str, ...], products: tuple[str, ...] = ()) -> list[tuple[int, int]]:
    """Pairs of cells, left and built up, between which plants of a state's companies can move.

    Args:
        e: the economy.
        owner: state whose companies move.
        origin: state that plants leave.
        targets: state to which they go.
        products: covered; empty for all.
    """
    cells = {
        (e.products[e.cell_product[c]], e.states[e.cell_location[c]]): c for c in range(e.n_cells) if e.states[e.cell_owner[c]] == owner
    }
    pairs = []
    for product in products or e.products:
        for target in targets:
            left, taken = cells.get((product, origin)), cells.get((product, target))
            if left is not None and taken is not None and left != taken:
                pairs.append((left, taken))
    return pairs


def _move(w: World, left: int, taken: int, share: float) -> None:
    """Move a share of a cell's capacity and customers to another cell of the same companies."""
    e = w.economy
    old, new = (slice(e.cell_start[c], e.cell_start[c + 1]) for c in (left, taken))
    size = w.capacity[new] + w.building[new]
    part = size / size.sum() if size.sum() > TINY else np.full(len(size), 1.0 / len(size))
    kept = 1.0 - w.params.production.relocation_loss
    w.building[new] += kept * share * w.capacity[old].sum() * part
    w.expected[new] += share * w.expected[old].sum() * part
    for x in (w.capacity, w.expected):
        x[old] *= 1.0 - share
    for x in (w.final_share, w.final_anchor):
        x[taken] += share * x[left]
        x[left] *= 1.0 - share
    sells, could = ((w.supplier >= s.start) & (w.supplier < s.stop) for s in (old, new))
    rows = np.flatnonzero(sells.any(axis=1) & could.any(axis=1))
    if len(rows):
        among = could[rows] / could[rows].sum(axis=1, keepdims=True)
        for x in (w.weight, w.anchor):
            moved = share * x[rows] * sells[rows]
            x[rows] += moved.sum(axis=1, keepdims=True) * among - moved
