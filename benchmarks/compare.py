"""How far the plain model and the array model are apart, array by array."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from plain_mesa import FIRM_STATE, PlainModel
from plain_slot import Link, Slot

from ecsim.world import Array, World

FIRM = tuple(name for name in FIRM_STATE if name not in ("revenue", "final_weight"))
TRACED = ("content", "tool_use", "shed")
SLOT = (
    *("stock", "transit", "wait", "ordered", "install", "received", "cover", "fresh", "unmet", "critical", "embodied", "embodied_before"),
    "input_price",
)
LINK = ("weight", "anchor", "item", "passing", "degraded", "diverted", "barred", "delay", "request", "sought", "flow")
SMALL = 1e-4  # magnitudes below this share of the largest in their array are judged against that share
LEAST = 1e-6  # or against this: shares that are nil but for rounding (1 - x) have no magnitude of their own


def differences(plain: PlainModel, w: World) -> dict[str, float]:
    """Largest relative difference of each array between the two models.

    A difference is taken relative to the entry of the array model, or to 1e-4 of the largest entry of its array
    where the entry is smaller than that (and to no less than 1e-6).

    Discrete choices (who supplies whom, which firm is in qualification) give
    0 where equal and infinity where not.
    """
    return {name: apart(np.asarray(mine, dtype=float), theirs) for name, mine, theirs in _pairs(plain, w)}


def apart(mine: Array, theirs: Array) -> float:
    """Largest relative difference of two arrays of one shape."""
    if mine.shape != theirs.shape or not np.isfinite(mine).all():
        return float("inf")
    if not mine.size:
        return 0.0
    scale = np.maximum(np.abs(theirs), max(SMALL * float(np.abs(theirs).max()), LEAST))
    return float((np.abs(mine - theirs) / scale).max())


def _pairs(plain: PlainModel, w: World) -> Iterator[tuple[str, object, Array]]:
    """(name, values of the plain model, values of the array model) for all state of the firm step."""
    for name in FIRM:
        yield name, [getattr(f, name) for f in plain.firms], getattr(w, name)
    sells = np.array([bool(f.cell.offers) for f in plain.firms])
    yield "final_weight", [f.final_weight for f in plain.firms if f.cell.offers], w.final_weight[sells]
    yield "revenue", [f.revenue for f in plain.firms], w.output * w.price
    for name in TRACED:
        yield name, [getattr(f, name) for f in plain.firms], getattr(w, name)
    slots = sorted((slot for f in plain.firms for slot in f.slots), key=lambda slot: slot.row)
    for name in SLOT:
        yield name, [getattr(slot, name) for slot in slots], getattr(w, name)
    yield "candidate", _exact([-1 if s.candidate is None else s.candidate.row for s in slots], w.candidate), w.candidate * 0.0
    busy = w.candidate >= 0
    yield "ready", _exact([s.ready for s in slots if s.candidate is not None], w.ready[busy]), w.ready[busy] * 0.0
    yield from _links(slots, w)
    yield from _markets(plain, w)
    yield "frontier", plain.frontier, w.frontier
    yield "threat", plain.threat, w.threat
    yield "science", plain.science, w.science


def _exact(mine: list[int], theirs: Array) -> Array:
    """Zero where equal, infinite where not."""
    if len(mine) != len(theirs):
        return np.full(1, np.inf)
    return np.where(np.array(mine, dtype=int) == theirs, 0.0, np.inf)


def _links(slots: list[Slot], w: World) -> Iterator[tuple[str, object, Array]]:
    """Links by position; positions that are empty carry no weight in the array model."""
    taken = np.zeros(w.weight.shape, dtype=bool)
    for slot in slots:
        taken[slot.row, : len(slot.links)] = True
    links: list[Link] = [link for slot in slots for link in slot.links]
    yield "supplier", _exact([link.supplier.row for link in links], w.supplier[taken]), w.supplier[taken] * 0.0
    yield "empty positions", w.weight[~taken] + w.anchor[~taken] + w.flow[~taken], np.zeros(int((~taken).sum()))
    for name in LINK:
        yield name, [getattr(link, name) for link in links], getattr(w, name)[taken]
    used = w.degraded[taken] > 0
    yield "degraded_item", [link.degraded_item for link, use in zip(links, used, strict=True) if use], w.degraded_item[taken][used]


def _markets(plain: PlainModel, w: World) -> Iterator[tuple[str, object, Array]]:
    """Final markets, of the products that have any."""
    product = np.array([m.product for m in plain.markets], dtype=int)
    state = np.array([m.public.location for m in plain.markets], dtype=int)
    yield "final_demand", [m.demand for m in plain.markets], w.final_demand[product, state]
    yield "demand_shock", [m.shock for m in plain.markets], w.demand_shock[product, state]
    cell = np.array([o.cell.index for m in plain.markets for o in m.offers], dtype=int)
    market = np.array([m.public.location for m in plain.markets for _ in m.offers], dtype=int)
    for theirs, mine in (
        ("share", "final_share"),
        ("anchor", "final_anchor"),
        ("passing", "final_passing"),
        ("request", "final_request"),
        ("sales", "final_sales"),
    ):
        yield mine, [getattr(o, theirs) for m in plain.markets for o in m.offers], getattr(w, mine)[cell, market]
