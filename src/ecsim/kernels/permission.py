"""Content, items, and the permission of links and markets."""

from __future__ import annotations

import math

import numpy as np

from ecsim.arguments import Links, Terms
from ecsim.kernels.arrays import anywhere, write
from ecsim.kernels.elementary import exps
from ecsim.kernels.jit import kernel, part
from ecsim.permission_table import DE_MINIMIS, FOREIGN_PRODUCT
from ecsim.world import CHALLENGER, INCUMBENT, Array

TINY = 1e-12
CERTAIN = 37.0  # above it a logistic is one to the last bit


@kernel
def keep_content(some_firms: range, content: Array, tool_use: Array, scratch_content: Array, scratch_tool_use: Array) -> None:
    """Content and tool origin as they were, which is what buyers get."""
    first, past = some_firms.start, some_firms.stop
    write(scratch_content[first:past].ravel(), content[first:past].ravel())
    write(scratch_tool_use[first:past].ravel(), tool_use[first:past].ravel())


@kernel
def content(
    some_firms: range,
    slot_start: Array,
    owner: Array,
    location: Array,
    coef: Array,
    equips: Array,
    links: Links,
    supplier: Array,
    weight: Array,
    shed: Array,
    content: Array,
    tool_use: Array,
    scratch_content: Array,
    scratch_tool_use: Array,
) -> None:
    """Content and tool origin pass one link down the chain each quarter."""
    width = len(links)
    for f in some_firms:
        first, past = slot_start[f], slot_start[f + 1]
        bought, own = 0.0, 0.0
        for s in range(first, past):
            bought += coef[s]
            own += coef[s] if equips[s] else 0.0
        inside, used = (0.0, 0.0), (0.0, 0.0)  # of the incumbent and the challenger: content of inputs, and what it made of the tools
        for s in range(first, past):
            of_slot, tools = (0.0, 0.0), (0.0, 0.0)
            for k in range(width):
                of_slot = _add(of_slot, weight[s, k], scratch_content[supplier[s, k]])
            if equips[s]:
                for k in range(width):
                    seller, share = supplier[s, k], weight[s, k]
                    maker = owner[seller]
                    tools = (
                        tools[0] + share * (1.0 if maker == INCUMBENT else scratch_content[seller, 0]),
                        tools[1] + share * (1.0 if maker == CHALLENGER else scratch_content[seller, 1]),
                    )
            elif own <= TINY:
                for k in range(width):
                    tools = _add(tools, weight[s, k], scratch_tool_use[supplier[s, k]])
            inside = (inside[0] + coef[s] * of_slot[0], inside[1] + coef[s] * of_slot[1])
            used = (used[0] + coef[s] * tools[0], used[1] + coef[s] * tools[1])
        base = own if own > TINY else max(bought, TINY)
        for i, state in enumerate((INCUMBENT, CHALLENGER)):
            keep = 1.0 - shed[f, i]
            made = max(0.0, 1.0 - bought) + inside[i] if location[f] == state else inside[i]
            content[f, i] = min(max(made * keep, 0.0), 1.0)
            tool_use[f, i] = min(max(used[i] / base * keep, 0.0), 1.0)


@part
def _add(sums: tuple[float, float], share: float, of_each: Array) -> tuple[float, float]:
    """Sums of both issuers, with a share of a supplier's."""
    return sums[0] + share * of_each[0], sums[1] + share * of_each[1]


@kernel
def items(
    some_slots: range,
    slot_firm: Array,
    product: Array,
    slot_input: Array,
    below: Array,
    links: Links,
    supplier: Array,
    tech: Array,
    tech_eff: Array,
    frontier: Array,
    item: Array,
    terms_permission: Terms,
) -> None:
    """What is traded is an item: the supplier's best, or what the buyer's own level calls for, whichever is lower."""
    for s in some_slots:
        f = slot_firm[s]
        need = frontier[slot_input[s]] - below[s] - (frontier[product[f]] - tech[f]) + terms_permission.need_head
        for k in range(len(links)):
            item[s, k] = min(tech_eff[supplier[s, k]], need)


@kernel
def reach_directly(
    some_firms: range, table_theta: Array, table_way: Array, tool_use: Array, scratch_direct: Array, terms_permission: Terms
) -> None:
    """How far direct-product rules of each issuer reach what each firm makes; nothing where there is no such rule."""
    asked = False
    for j in range(len(table_theta)):
        asked |= table_way[j] == FOREIGN_PRODUCT
    if not asked:
        return
    direct, used = scratch_direct[some_firms.start : some_firms.stop].ravel(), tool_use[some_firms.start : some_firms.stop].ravel()
    for i in range(len(direct)):
        direct[i] = -used[i] / terms_permission.fdp_scale
    exps(direct)
    for i in range(len(direct)):
        direct[i] = terms_permission.fdp_max * (1.0 - direct[i])


@kernel
def permit_markets(
    cell_start: Array,
    cell_owner: Array,
    product_cells: Array,
    location: Array,
    product_leak: Array,
    class_of_market: Array,
    table_pair: Array,
    table_affects: Array,
    table_start: Array,
    table_column: Array,
    table_by: Array,
    table_denial: Array,
    table_delay: Array,
    table_licensed: Array,
    table_reach: Array,
    table_theta: Array,
    table_sliding: Array,
    table_way: Array,
    table_issuer: Array,
    table_level: Array,
    tech_eff: Array,
    frontier: Array,
    content: Array,
    detection: Array,
    slips: Array,
    closed: Array,
    final_touched: Array,
    final_passing: Array,
    scratch_direct: Array,
    scratch_leak: Array,
    terms_permission: Terms,
) -> None:
    """Sales of each cell to each final market pass what no rule blocks and what leaks; the cell's largest firm stands for it."""
    t = terms_permission
    entries = (table_start, table_column, table_by, table_denial, table_delay, table_licensed, table_reach)
    columns = (table_theta, table_sliding, table_way, table_issuer, table_level)
    theta, hit = np.empty(len(table_theta)), np.empty(len(table_theta))
    for i, state in enumerate((INCUMBENT, CHALLENGER)):  # past the incumbent's rules, past the challenger's
        slack = slips[state] * (1.0 - detection[state]) / (1.0 - t.detection)
        for p in range(len(frontier)):
            scratch_leak[p, i] = min(max(product_leak[p] * t.leak_scale * slack, 0.0), 1.0)
    shut = anywhere(closed.ravel())
    for c in range(len(final_touched)):
        if shut or final_touched[c]:
            final_touched[c] = shut and anywhere(closed[c])
            for m in range(len(class_of_market)):
                final_passing[c, m] = 1.0 - closed[c, m]
    for m in range(len(class_of_market)):
        if not table_affects[class_of_market[m]]:
            continue
        for p in range(len(frontier)):
            row = table_pair[p, class_of_market[m]]
            if row < 0:
                continue
            for c in range(product_cells[p], product_cells[p + 1]):
                if cell_owner[c] != m:
                    seller = cell_start[c]
                    held, passes, _, _, _, _, _ = _judge(
                        row, seller, c, tech_eff[seller], frontier[p], scratch_leak[p, int(location[seller] == CHALLENGER)],
                        content, scratch_direct, entries, columns, t, theta, hit,
                    )  # fmt: skip
                    final_passing[c, m] *= passes
                    final_touched[c] |= held


@kernel
def permit(
    some_slots: range,
    cell: Array,
    slot_firm: Array,
    slot_input: Array,
    location: Array,
    owner: Array,
    class_of_firm: Array,
    table_pair: Array,
    table_start: Array,
    table_column: Array,
    table_by: Array,
    table_denial: Array,
    table_delay: Array,
    table_licensed: Array,
    table_reach: Array,
    table_theta: Array,
    table_sliding: Array,
    table_way: Array,
    table_issuer: Array,
    table_level: Array,
    links: Links,
    supplier: Array,
    anchor: Array,
    item: Array,
    frontier: Array,
    content: Array,
    closed: Array,
    touched: Array,
    passing: Array,
    degraded: Array,
    degraded_item: Array,
    diverted: Array,
    barred: Array,
    delay: Array,
    licensed: Array,
    sought: Array,
    scratch_direct: Array,
    scratch_leak: Array,
    terms_permission: Terms,
) -> None:
    """Each link passes what no rule blocks, what leaks, and what is sold degraded at the threshold; closed markets pass nothing."""
    t = terms_permission
    entries = (table_start, table_column, table_by, table_denial, table_delay, table_licensed, table_reach)
    columns = (table_theta, table_sliding, table_way, table_issuer, table_level)
    theta, hit = np.empty(len(table_theta)), np.empty(len(table_theta))
    shut = anywhere(closed.ravel())
    if not (shut or len(table_column) or anywhere(touched[some_slots.start : some_slots.stop])):
        return
    asked, count = np.empty(len(some_slots), dtype=np.uint32), 0  # slots that a rule is about, or was: most are not
    for s in some_slots:
        asked[count] = s
        count += touched[s] | shut | (table_pair[slot_input[s], class_of_firm[slot_firm[s]]] >= 0)
    for s in asked[:count]:
        buyer, product = slot_firm[s], slot_input[s]
        if touched[s]:
            touched[s] = False
            for k in range(len(links)):
                passing[s, k], degraded[s, k], diverted[s, k], barred[s, k] = 1.0, 0.0, 0.0, 0.0
                delay[s, k], licensed[s, k], sought[s, k] = 0.0, 0.0, 0.0
        row = table_pair[product, class_of_firm[buyer]]
        for k in range(len(links)):
            seller = supplier[s, k]
            if row >= 0 and anchor[s, k] > 0.0 and owner[seller] != location[buyer]:
                held, passes, low, level, leaks, wait, under = _judge(
                    row, seller, cell[seller], item[s, k], frontier[product], scratch_leak[product, int(location[seller] == CHALLENGER)],
                    content, scratch_direct, entries, columns, t, theta, hit,
                )  # fmt: skip
                if held:
                    touched[s] = True
                    passing[s, k], degraded[s, k], degraded_item[s, k], diverted[s, k] = passes, low, level, leaks
                    delay[s, k], licensed[s, k] = wait, under
            if shut:
                barred[s, k] = closed[cell[seller], location[buyer]]
                touched[s] |= barred[s, k] != 0.0
                passing[s, k] *= 1.0 - barred[s, k]
                degraded[s, k] *= 1.0 - barred[s, k]
                diverted[s, k] *= 1.0 - barred[s, k]


@part
def _judge(
    row: int,
    seller: int,
    cell: int,
    item: float,
    frontier: float,
    leak: float,
    content: Array,
    direct: Array,
    entries: tuple[Array, ...],
    columns: tuple[Array, ...],
    t: Terms,
    theta: Array,
    hit: Array,
) -> tuple[bool, float, float, float, float, float, float]:
    """Whether any rule holds; share passing, share sold degraded, level of that, share diverted, licence time and share under licence.

    These are as `judge` has them.

    `theta` and `hit` are room to work in: thresholds in rising order, and what the column of each catches.
    """
    start, column, by, denials, delays, licences, reach = entries
    thresholds, sliding, way, issuer, level = columns
    wait, under, count = 0.0, 0.0, 0
    n, past = start[row], start[row + 1]
    while n < past:
        j, denied, waits, licensed = column[n], 0.0, 0.0, 0.0
        while n < past and column[n] == j:  # the furthest of those that fill one column
            far = reach[by[n], cell]
            denied, waits, licensed = max(denied, far * denials[n]), max(waits, far * delays[n]), max(licensed, far * licences[n])
            n += 1
        if not (denied > 0.0 or waits > 0.0):
            continue
        at = thresholds[j] + frontier if sliding[j] else thresholds[j]
        caught = _logistic((item - at) / t.step_width)
        if way[j] == FOREIGN_PRODUCT:
            caught *= direct[seller, issuer[j]]
        elif way[j] == DE_MINIMIS:
            caught *= _logistic((content[seller, issuer[j]] - level[j]) / t.de_minimis_width)
        wait, under = max(wait, waits * caught), max(under, licensed * caught)
        i = count  # keep the columns that bite by threshold
        while i > 0 and theta[i - 1] > at:
            theta[i], hit[i] = theta[i - 1], hit[i - 1]
            i -= 1
        theta[i], hit[i] = at, denied * caught
        count += 1
    blocked, degraded, worth = 0.0, 0.0, 0.0
    for i in range(count):
        if hit[i] > blocked:
            drop = max(item - theta[i], 0.0)
            sold = (hit[i] - blocked) * min(max(1.0 - drop / t.degraded_reach, 0.0), 1.0) * t.degraded_share * (1.0 - leak)
            if sold > 0.0:
                degraded += sold
                worth += sold * min(item, theta[i])
            blocked = hit[i]
    level_of = worth / degraded if degraded > TINY else item
    return count > 0, 1.0 - blocked * (1.0 - leak) + degraded, degraded, level_of, blocked * leak, wait, under


@part
def _logistic(x: float) -> float:
    """1 / (1 + exp(-x)); most rules hold whatever the technology, at a threshold that is infinitely low."""
    return 1.0 if x > CERTAIN else 1.0 / (1.0 + math.exp(-x))
