"""Index structures of an economy that the mechanisms share: where each product, block, firm and slot begins.

Firms are sorted by product and slots by firm, so that a product, or a block of products that do not supply
each other, is one slice. Production runs block by block, upstream first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array, Economy


@dataclass(frozen=True, eq=False)
class Block:
    """Products made at the same time: none supplies another with a current input.

    Attributes:
        firms: slice of firm rows.
        slots: slice of slots.
        buyers: rows, relative to the block, of firms that have slots (all but raw producers).
        starts: first slot of each of those, relative to the block's first slot.
    """

    firms: slice
    slots: slice
    buyers: Array
    starts: Array


@dataclass(frozen=True, eq=False)
class Layout:
    """Slices and indices of an economy.

    Attributes:
        product_firms: first firm row of each product, shape P+1.
        product_cells: first cell of each product, shape P+1.
        slot_start: first slot of each firm, shape N+1.
        blocks: production blocks, upstream first.
        buyers, starts: as in `Block`, for all firms at once.
    """

    product_firms: Array
    product_cells: Array
    slot_start: Array
    blocks: tuple[Block, ...]
    buyers: Array
    starts: Array

    @staticmethod
    def of(e: Economy) -> Layout:
        """The layout of an economy."""
        product_firms = np.searchsorted(e.product, np.arange(e.n_products + 1))
        product_cells = np.searchsorted(e.cell_product, np.arange(e.n_products + 1))
        slot_start = np.searchsorted(e.slot_firm, np.arange(e.n_firms + 1))
        blocks = tuple(_block(slot_start, product_firms, lo, hi) for lo, hi in _runs(e))
        buyers, starts = _segments(slot_start, 0, e.n_firms)
        return Layout(product_firms, product_cells, slot_start, blocks, buyers, starts)


def _runs(e: Economy) -> Iterator[tuple[int, int]]:
    """Maximal runs of consecutive products in which none supplies another, as (first, past the last).

    Raises:
        ValueError: a product that supplies itself or one before it, which no order of production could serve.
    """
    current = ~e.capital.astype(bool)
    supplies = np.zeros((e.n_products, e.n_products), dtype=bool)
    supplies[e.slot_input[current], e.product[e.slot_firm[current]]] = True
    if np.tril(supplies).any():
        raise ValueError("products are not in the order of the chain: one supplies itself or one before it with a current input")
    lo = 0
    for p in range(1, e.n_products):
        if supplies[lo:p, p].any():
            yield lo, p
            lo = p
    yield lo, e.n_products


def _block(slot_start: Array, product_firms: Array, lo: int, hi: int) -> Block:
    first, past = int(product_firms[lo]), int(product_firms[hi])
    buyers, starts = _segments(slot_start, first, past)
    return Block(slice(first, past), slice(int(slot_start[first]), int(slot_start[past])), buyers, starts)


def _segments(slot_start: Array, first: int, past: int) -> tuple[Array, Array]:
    """Firms with slots and where their slots begin, relative to the first firm and its first slot."""
    begins = slot_start[first:past]
    has = slot_start[first + 1 : past + 1] > begins
    return np.flatnonzero(has), (begins - slot_start[first])[has]
