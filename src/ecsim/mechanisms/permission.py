"""Permission of single links: what share of each order may be delivered, at what level, after what wait."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.mechanisms.base import Phase, follows_moves, mechanism
from ecsim.permission_table import (
    DE_MINIMIS,
    FOREIGN_PRODUCT,
    Classes,
    Enter,
    Table,
    classify,
    compile_table,
    end_uses,
    entries_of,
    foreign,
    list_bits,
    listed_shares,
)
from ecsim.world import CHALLENGER, INCUMBENT, World

TINY = 1e-12
KEPT, KEPT_UP_TO = 64, 20_000  # tables kept for the next runs, and firms of the largest economy of which they are

_known: dict[Hashable, tuple[tuple[Any, ...], tuple[Array, Classes, Table]]] = {}  # what was compiled, and into what
_lock = Lock()


@mechanism(
    Phase.PERMIT,
    reads="book lists over_compliance licence_time",
    writes="lists listed classes table",
    source="model section 7.2",
    rests=follows_moves,
)
def compile_rules(w: World) -> None:
    """Rules in force become one table of permission; nothing is done while they stay as they are."""
    compile_with(w, entries_of, listed_share)


def compile_with(w: World, enter: Enter, share: Callable[[Economy, Array], Array]) -> None:
    """Compile the rules in force if they changed, as an engine does it; runs of one process share what they compile alike."""
    issuers = (w.over_compliance.tobytes(), w.licence_time.tobytes())
    now = w.book.version_of_rules, w.params, issuers
    if w.compiled_at == now:
        return
    w.compiled_at = now
    e, book = w.economy, w.book
    bits, names = list_bits(book, e.n_firms)
    partly = tuple((name, tuple(book.parts[name].items())) for name in names if book.parts.get(name))
    in_force = (tuple(book.rules.values()), tuple(book.adoption.items()), names, bits.tobytes(), partly, issuers, w.params.permission)
    if in_force == w.compiled:
        return
    before, w.compiled = w.compiled, in_force
    heights = tuple((r.id, r.denial, r.threshold) for r in book.rules.values())  # these tell most books apart, at less cost than all terms
    key = (e, enter, heights, *in_force[1:])
    with _lock:
        of, known = _known.pop(key, ((), None))
    if known is None or of != in_force:
        on = np.array([listed_shares(book, name, e.n_firms) for name in names]).reshape(len(names), e.n_firms)
        same = w.classes is not None and (names, end_uses(book)) == (w.classes.names, w.classes.uses) and before[3:5] == in_force[3:5]
        classes = w.classes if same and w.classes else classify(e, book, on, names)
        table = compile_table(e, w.params, book, classes, share(e, on), w.over_compliance, w.licence_time, enter, w.table)
        known = (np.minimum(on.sum(axis=0), 1.0), classes, table)
    if e.n_firms <= KEPT_UP_TO:
        with _lock:
            _known[key] = in_force, known
            if len(_known) > KEPT:
                del _known[next(iter(_known))]
    w.lists[:] = bits
    w.listed[:], w.classes, w.table = known


def listed_share(e: Economy, on: Array) -> Array:
    """Share of the purchases of each product in each state that parties on each list make, shape (lists, P, S).

    Args:
        on: share of each firm's entities on each list, shape (lists, N).
    """
    value = e.coef * e.output0[e.slot_firm]
    key = e.slot_input * e.n_states + e.location[e.slot_firm]
    size = e.n_products * e.n_states
    total = np.bincount(key, weights=value, minlength=size)
    shares = [np.bincount(key, weights=value * part[e.slot_firm], minlength=size) / np.maximum(total, TINY) for part in on]
    return np.array(shares).reshape(len(on), e.n_products, e.n_states)


@mechanism(
    Phase.PERMIT,
    reads="supplier tech tech_eff frontier",
    writes="item",
    source="model section 7.2",
)
def items(w: World) -> None:
    """What is traded is an item: the supplier's best, or what the buyer's own level calls for, whichever is lower."""
    e = w.economy
    behind = w.frontier[e.product] - w.tech
    need = w.frontier[e.slot_input] - e.below - behind[e.slot_firm] + w.params.permission.need_head
    np.minimum(w.tech_eff[w.supplier], need[:, None], out=w.item)


@mechanism(
    Phase.PERMIT,
    reads="table classes item content tool_use detection slips frontier supplier anchor tech_eff closed",
    writes="touched passing degraded degraded_item diverted barred delay licensed sought final_touched final_passing",
    source="model section 7.2; EAR parts 734, 744",
)
def permit(w: World) -> None:
    """Each link passes what no rule blocks, what leaks, and what is sold degraded at the threshold; closed markets pass nothing."""
    assert w.table is not None and w.classes is not None
    _permit_links(w, w.table)
    _close_links(w)
    _permit_markets(w, w.table)


def _permit_links(w: World, table: Table) -> None:
    e = w.economy
    assert w.classes is not None
    w.passing.fill(1.0)
    for name in ("degraded", "diverted", "delay", "licensed", "sought", "touched"):
        getattr(w, name).fill(0.0)
    pair = table.pair[e.slot_input, w.classes.of_firm[e.slot_firm]]
    held = foreign(e.owner[w.supplier], e.location[e.slot_firm][:, None])
    slot, position = np.nonzero((pair >= 0)[:, None] & held & (w.anchor > 0))
    trades = Trades.of(table, pair[slot], w.supplier[slot, position], w.item[slot, position], e)
    slot, position = slot[trades.held], position[trades.held]
    w.touched[slot] = True
    verdict = judge(w, table, trades)
    w.diverted[slot, position] = verdict.diverted
    w.degraded[slot, position] = verdict.degraded
    w.degraded_item[slot, position] = verdict.degraded_item
    w.passing[slot, position] = verdict.passing
    w.delay[slot, position] = verdict.delay
    w.licensed[slot, position] = verdict.licensed


def _close_links(w: World) -> None:
    """A state that closes its market to another's goods stops its own buyers: refused, but not denied to them."""
    w.barred.fill(0.0)
    if w.closed.any():
        e = w.economy
        w.barred[:] = w.closed[e.cell[w.supplier], e.location[e.slot_firm][:, None]]
        w.touched |= w.barred.any(axis=1)
        for name in ("passing", "degraded", "diverted"):
            getattr(w, name)[:] *= 1.0 - w.barred


def _permit_markets(w: World, table: Table) -> None:
    """The same for final buyers, who are unlisted civilians and want the best of each cell; the rest of trade is closed markets."""
    e = w.economy
    assert w.classes is not None
    w.final_passing[:] = 1.0 - w.closed
    w.final_touched[:] = w.closed.any(axis=1)
    pair = table.pair[e.cell_product][:, w.classes.of_market]
    held = foreign(e.cell_owner[:, None], np.arange(e.n_states)[None, :])
    cell, market = np.nonzero((pair >= 0) & held)
    seller = e.cell_start[cell]  # the largest firm stands for its cell
    trades = Trades.of(table, pair[cell, market], seller, w.tech_eff[seller], e)
    w.final_touched[cell[trades.held]] = True
    w.final_passing[cell[trades.held], market[trades.held]] *= judge(w, table, trades).passing


@dataclass(frozen=True, eq=False)
class Trades:
    """Trades that some rule holds, k of them.

    Attributes:
        held: which of those looked up they are.
        denied, waits, licensed: denial, delay and share under licence by column, shape (k, J).
        seller: firm row of the supplier.
        item: technology of the item.
    """

    held: Array
    denied: Array
    waits: Array
    licensed: Array
    seller: Array
    item: Array

    @staticmethod
    def of(table: Table, pair: Array, seller: Array, item: Array, e: Economy) -> Trades:
        """Look up some trades by their pair of product and class."""
        denied, waits, licensed = table.says(pair, e.cell[seller])
        asked: Array = (denied > 0) | (waits > 0)
        held = np.flatnonzero(asked.any(axis=1))
        return Trades(held, denied[held], waits[held], licensed[held], seller[held], item[held])


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the rules let through of some trades, each of shape k.

    Attributes:
        passing: share that may be delivered, in whatever way.
        diverted: share that passes by leakage.
        degraded: share sold degraded.
        degraded_item: technology at which that share is sold, generations.
        delay: licence time times the share under licence, quarters.
        licensed: share under licence.
    """

    passing: Array
    diverted: Array
    degraded: Array
    degraded_item: Array
    delay: Array
    licensed: Array


def judge(w: World, table: Table, trades: Trades) -> Verdict:
    """Hold trades against the table.

    blocked = max over columns of denial x reach x logistic((item - theta) / width). Of what is blocked, a share
    leaks, and a share of the rest is sold degraded. What the column with the lowest threshold blocks can only be
    sold at that threshold; what the next adds, at its own; and so on: another rule never lets more through.
    """
    seller, item = trades.seller, trades.item
    product = w.economy.product[seller]
    p = w.params.permission
    theta = np.broadcast_to(table.theta, trades.denied.shape)
    if table.sliding.any():
        theta = theta + np.where(table.sliding, w.frontier[product][:, None], 0.0)
    hit = logistic((item[:, None] - theta) / p.step_width) * _reach(w, table, seller)
    strength = trades.denied * hit
    if table.sliding.any():
        order = np.argsort(theta, axis=1, kind="stable")
        strength, theta = np.take_along_axis(strength, order, axis=1), np.take_along_axis(theta, order, axis=1)
    layers = np.diff(np.maximum.accumulate(strength, axis=1), axis=1, prepend=0.0)
    blocked = strength.max(axis=1)
    leak = leakage(w)[product, (w.economy.location[seller] == CHALLENGER) * 1]
    drop = np.maximum(item[:, None] - theta, 0.0)
    taken = np.clip(1.0 - drop / p.degraded_reach, 0.0, 1.0) * p.degraded_share * (1.0 - leak)[:, None]  # nil where all is covered
    sold = layers * taken
    degraded = sold.sum(axis=1)
    level = np.where(sold > 0, np.minimum(item[:, None], theta), 0.0)
    at = np.where(degraded > TINY, (sold * level).sum(axis=1) / np.maximum(degraded, TINY), item)
    waits, licensed = ((x * hit).max(axis=1) for x in (trades.waits, trades.licensed))
    return Verdict(1.0 - blocked * (1.0 - leak) + degraded, blocked * leak, degraded, at, waits, licensed)


def _reach(w: World, table: Table, seller: Array) -> Array:
    """How far each column reaches each supplier, shape (k, J)."""
    p = w.params.permission
    reach = np.ones((len(seller), len(table.way)))
    for j in np.flatnonzero(table.way == FOREIGN_PRODUCT):
        reach[:, j] = direct_product_reach(w, table.issuer[j])[seller]
    for j in np.flatnonzero(table.way == DE_MINIMIS):
        reach[:, j] = logistic((w.content[seller, table.issuer[j]] - table.level[j]) / p.de_minimis_width)
    return reach


def direct_product_reach(w: World, issuer: int) -> Array:
    """Reach of an issuer's foreign-direct-product rules over each firm, shape N: fdp_max (1 - exp(-u / scale))."""
    p = w.params.permission
    return p.fdp_max * (1.0 - np.exp(-w.tool_use[:, issuer] / p.fdp_scale))


def leakage(w: World) -> Array:
    """Share of blocked trade that leaks, by product and whether goods of the challenger are withheld, shape (P, 2).

    Enforcement past the challenger's rules is its own, past all others the incumbent's.
    """
    p = w.params.permission
    slack = w.slips * (1.0 - w.detection) / (1.0 - p.detection)
    return np.clip(np.outer(w.economy.product_leak * p.leak_scale, slack[[INCUMBENT, CHALLENGER]]), 0.0, 1.0)


def logistic(x: Array | float) -> Array:
    """1 / (1 + exp(-x))."""
    return (1.0 + np.tanh(x / 2.0)) / 2.0


@mechanism(
    Phase.ADAPT, reads="passing barred diverted degraded threat weight expected foresight", writes="threat", source="model section 7.4"
)
def perceive_threat(w: World) -> None:
    """Buyers take what is refused of a product in their state as the measure of the threat; with foresight, of the whole chain."""
    e = w.economy
    value = e.coef * w.expected[e.slot_firm]
    refused = (w.weight * np.maximum(1.0 - w.passing - w.barred + w.diverted + w.degraded, 0.0)).sum(axis=1)
    key = e.slot_input * e.n_states + e.location[e.slot_firm]
    size = e.n_products * e.n_states
    seen = np.bincount(key, weights=value * refused, minlength=size) / np.maximum(np.bincount(key, weights=value, minlength=size), TINY)
    felt = seen.reshape(e.n_products, e.n_states) * w.params.adaptation.threat_scale
    if w.foresight[0]:
        felt[:, CHALLENGER] = np.maximum(felt[:, CHALLENGER], w.foresight[0] * felt[:, CHALLENGER].max())
    w.threat[:] += w.params.adaptation.threat_memory * (np.minimum(1.0, felt) - w.threat)
