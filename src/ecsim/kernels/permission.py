"""Content, items, and the permission of links and markets."""

from __future__ import annotations

import math

import numpy as np

from ecsim.kernels.jit import kernel
from ecsim.mechanisms.permission import direct_product_reach, leakage
from ecsim.permission_table import Table
from ecsim.world import CHALLENGER, Array, World

TINY = 1e-12
FOREIGN_PRODUCT, DE_MINIMIS = 1, 2  # as in the table


def content(w: World) -> None:
    """Content and tool origin pass one link down the chain each quarter."""
    e = w.economy
    _content(
        *(w.layout.slot_start, e.owner, e.location, e.coef, e.equips, w.supplier, w.weight, w.shed, w.content, w.tool_use),
    )


@kernel
def _content(
    slot_start: Array,
    owner: Array,
    location: Array,
    coef: Array,
    equips: Array,
    supplier: Array,
    weight: Array,
    shed: Array,
    content: Array,
    tool_use: Array,
) -> None:
    n, issuers = content.shape
    before, tools_before = content.copy(), tool_use.copy()
    inside, equipment, indirect = np.empty(issuers), np.empty(issuers), np.empty(issuers)
    for f in range(n):
        inside[:], equipment[:], indirect[:] = 0.0, 0.0, 0.0
        bought, own = 0.0, 0.0
        for s in range(slot_start[f], slot_start[f + 1]):
            bought += coef[s]
            if equips[s]:
                own += coef[s]
            for k in range(weight.shape[1]):
                x = coef[s] * weight[s, k]
                if x == 0.0:
                    continue
                seller = supplier[s, k]
                for i in range(issuers):
                    inside[i] += x * before[seller, i]
                    indirect[i] += x * tools_before[seller, i]
                    if equips[s]:
                        equipment[i] += x * (1.0 if owner[seller] == i else before[seller, i])
        added = max(0.0, 1.0 - bought)
        for i in range(issuers):
            keep = 1.0 - shed[f, i]
            made = added + inside[i] if location[f] == i else inside[i]
            tools = equipment[i] / own if own > TINY else indirect[i] / max(bought, TINY)
            content[f, i] = min(max(made * keep, 0.0), 1.0)
            tool_use[f, i] = min(max(tools * keep, 0.0), 1.0)


def items(w: World) -> None:
    """What is traded is an item: the supplier's best, or what the buyer's own level calls for, whichever is lower."""
    e = w.economy
    head = w.params.permission.need_head
    _items(e.slot_firm, e.product, e.slot_input, e.below, w.supplier, w.tech, w.tech_eff, w.frontier, w.item, head)


@kernel
def _items(
    slot_firm: Array,
    product: Array,
    slot_input: Array,
    below: Array,
    supplier: Array,
    tech: Array,
    tech_eff: Array,
    frontier: Array,
    item: Array,
    head: float,
) -> None:
    for s in range(len(slot_firm)):
        f = slot_firm[s]
        need = frontier[slot_input[s]] - below[s] - (frontier[product[f]] - tech[f]) + head
        for k in range(item.shape[1]):
            item[s, k] = min(tech_eff[supplier[s, k]], need)


def permit(w: World) -> None:
    """Each link passes what no rule blocks, what leaks, and what is sold degraded at the threshold; closed markets pass nothing."""
    e, p, table = w.economy, w.params.permission, w.table
    assert table is not None and w.classes is not None
    w.passing.fill(1.0)
    for x in (w.degraded, w.diverted, w.delay, w.barred):
        x.fill(0.0)
    w.final_passing[:] = 1.0 - w.closed
    closed = bool(w.closed.any())
    if not table.denial.size and not closed:
        return
    reach = np.stack([direct_product_reach(w, i) for i in range(w.content.shape[1])], axis=1)
    terms = (p.step_width, p.de_minimis_width, p.degraded_reach, p.degraded_share)
    test = _columns(table)
    sells_for = (e.location == CHALLENGER) * 1
    leak = leakage(w)
    _permit_links(
        *(e.cell, e.slot_firm, e.slot_input, e.location, w.classes.of_firm, sells_for, w.supplier, w.anchor, w.item, w.closed, closed),
        *(test, reach, w.content, leak, w.frontier, terms),
        *(w.passing, w.degraded, w.degraded_item, w.diverted, w.barred, w.delay),
    )
    if table.denial.size:
        _permit_markets(
            *(e.cell_start, e.cell_product, w.classes.of_market, sells_for, w.tech_eff, test, reach, w.content, leak, w.frontier, terms),
            w.final_passing,
        )


def _columns(table: Table) -> tuple[Array, ...]:
    """What a link is held against, as arrays."""
    return (table.pair, table.denial, table.delay, table.theta, table.sliding, table.way, table.issuer, table.level)


@kernel
def _permit_links(
    cell: Array,
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    class_of: Array,
    sells_for: Array,
    supplier: Array,
    anchor: Array,
    item: Array,
    closed: Array,
    any_closed: bool,
    test: tuple[Array, ...],
    reach: Array,
    content: Array,
    leak: Array,
    frontier: Array,
    terms: tuple[float, ...],
    passing: Array,
    degraded: Array,
    degraded_item: Array,
    diverted: Array,
    barred: Array,
    delay: Array,
) -> None:
    pair = test[0]
    columns = len(test[3])
    theta, hit = np.empty(columns), np.empty(columns)
    for s in range(len(slot_firm)):
        buyer = slot_firm[s]
        product = slot_input[s]
        for k in range(item.shape[1]):
            seller = supplier[s, k]
            row = pair[cell[seller], class_of[buyer]]
            if row >= 0 and anchor[s, k] > 0.0:
                through, low, level, leaked, wait = _judge(
                    row, seller, item[s, k], frontier[product], leak[product, sells_for[seller]], test, reach, content, terms, theta, hit
                )
                passing[s, k], degraded[s, k], degraded_item[s, k], diverted[s, k], delay[s, k] = through, low, level, leaked, wait
            if any_closed:
                kept_out = closed[cell[seller], location[buyer]]
                barred[s, k] = kept_out
                passing[s, k] *= 1.0 - kept_out
                degraded[s, k] *= 1.0 - kept_out
                diverted[s, k] *= 1.0 - kept_out


@kernel
def _permit_markets(
    cell_start: Array,
    cell_product: Array,
    class_of: Array,
    sells_for: Array,
    tech_eff: Array,
    test: tuple[Array, ...],
    reach: Array,
    content: Array,
    leak: Array,
    frontier: Array,
    terms: tuple[float, ...],
    final_passing: Array,
) -> None:
    pair = test[0]
    columns = len(test[3])
    theta, hit = np.empty(columns), np.empty(columns)
    for c in range(len(cell_product)):
        seller = cell_start[c]  # the largest firm stands for its cell
        product = cell_product[c]
        for m in range(len(class_of)):
            row = pair[c, class_of[m]]
            if row >= 0:
                through, _, _, _, _ = _judge(
                    row,
                    seller,
                    tech_eff[seller],
                    frontier[product],
                    leak[product, sells_for[seller]],
                    test,
                    reach,
                    content,
                    terms,
                    theta,
                    hit,
                )
                final_passing[c, m] *= through


@kernel
def _judge(
    row: int,
    seller: int,
    item: float,
    frontier: float,
    leak: float,
    test: tuple[Array, ...],
    reach: Array,
    content: Array,
    terms: tuple[float, ...],
    theta: Array,
    hit: Array,
) -> tuple[float, float, float, float, float]:
    """Share passing, share sold degraded, level of that, share diverted, and licence time, as `judge` has them.

    `theta` and `hit` are room to work in: thresholds in rising order, and what the column of each catches.
    """
    _, denial, delays, thresholds, sliding, way, issuer, level = test
    step_width, de_minimis_width, degraded_reach, degraded_share = terms
    wait = 0.0
    count = 0
    for j in range(len(thresholds)):
        if denial[row, j] == 0.0 and delays[row, j] == 0.0:
            continue
        at = thresholds[j] + frontier if sliding[j] else thresholds[j]
        caught = (1.0 + math.tanh((item - at) / step_width / 2.0)) / 2.0
        if way[j] == FOREIGN_PRODUCT:
            caught *= reach[seller, issuer[j]]
        elif way[j] == DE_MINIMIS:
            caught *= (1.0 + math.tanh((content[seller, issuer[j]] - level[j]) / de_minimis_width / 2.0)) / 2.0
        wait = max(wait, delays[row, j] * caught)
        i = count  # keep the columns that bite by threshold
        while i > 0 and theta[i - 1] > at:
            theta[i], hit[i] = theta[i - 1], hit[i - 1]
            i -= 1
        theta[i], hit[i] = at, denial[row, j] * caught
        count += 1
    blocked, degraded, worth = 0.0, 0.0, 0.0
    for i in range(count):
        if hit[i] > blocked:
            drop = max(item - theta[i], 0.0)
            sold = (hit[i] - blocked) * min(max(1.0 - drop / degraded_reach, 0.0), 1.0) * degraded_share * (1.0 - leak)
            if sold > 0.0:
                degraded += sold
                worth += sold * min(item, theta[i])
            blocked = hit[i]
    low = worth / degraded if degraded > TINY else item
    return 1.0 - blocked * (1.0 - leak) + degraded, degraded, low, blocked * leak, wait
