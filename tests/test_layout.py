"""The order of production: blocks of products, upstream first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecsim import population
from ecsim.economy import Economy
from ecsim.layout import Layout
from ecsim.params import Params
from town import town


@pytest.mark.parametrize("economy", [town(), population.build(Params())], ids=["town", "shipped"])
def test_blocks_are_all_firms_in_order_and_none_supplies_another_of_its_block(economy: Economy) -> None:
    blocks = Layout.of(economy).blocks
    assert [b.firms.start for b in blocks] == [0, *(b.firms.stop for b in blocks[:-1])]
    assert blocks[-1].firms.stop == economy.n_firms
    block_of_product = np.searchsorted(
        [b.firms.stop for b in blocks], np.searchsorted(economy.product, range(economy.n_products)), side="right"
    )
    current = ~economy.capital.astype(bool)
    seller, buyer = economy.slot_input[current], economy.product[economy.slot_firm[current]]
    assert (block_of_product[seller] < block_of_product[buyer]).all()


def test_a_product_that_supplies_itself_is_refused() -> None:
    e = town()
    slot = int(np.flatnonzero(~e.capital.astype(bool))[0])
    inputs = e.slot_input.copy()
    inputs[slot] = e.product[e.slot_firm[slot]]
    with pytest.raises(ValueError, match="not in the order of the chain"):
        Layout.of(replace(e, slot_input=inputs))
