"""The economy without controls: steady, conserving, reproducible; and back in balance after a shock."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from ecsim import population
from ecsim.economy import Economy
from ecsim.mechanisms.opening import open_world
from ecsim.mechanisms.production import produce
from ecsim.params import Params
from ecsim.rules import Rule
from ecsim.schedule import CONSEQUENCES, PERCEPTION
from ecsim.world import World, state_fields

QUARTER = PERCEPTION + CONSEQUENCES


@pytest.fixture(scope="module")
def economy() -> Economy:
    return population.build(Params())


def quarter(w: World) -> None:
    for mechanism in QUARTER:
        mechanism(w)
        if mechanism is produce:
            assert_conservation(w)
    w.quarter += 1


def blocked_world(e: Economy, seed: int = 1, **values: object) -> World:
    w = open_world(e, Params().with_values({k.replace("__", "."): v for k, v in values.items()}), seed)
    w.book.rules["r"] = Rule(id="r", tool="t", issuer="USA", destinations=("CHN",), denial=0.8, fdp=True, delay=1.0, threshold=-3.0)
    w.book.touch()
    return w


@pytest.mark.parametrize("seed", range(20))
def test_72_quarters_without_controls_are_steady(economy: Economy, seed: int) -> None:
    w = open_world(economy, Params(), seed)
    for _ in range(72):
        quarter(w)
        assert w.stock.min() >= 0 and w.transit.min() >= 0
    for f in state_fields():
        x = getattr(w, f.name)
        assert np.isfinite(x).all() or f.name == "gap_path", f.name
    assert 0.9 < w.price.mean() < 1.1
    filled = (w.fill * w.demand).sum() / w.demand.sum()
    assert filled > 0.97


def assert_conservation(w: World) -> None:
    """What suppliers ship is what buyers receive or have in transit; nobody ships more than was made."""
    e = w.economy
    shipped = np.bincount(w.supplier.ravel(), weights=w.flow.ravel(), minlength=e.n_firms)
    sold = shipped + w.final_request.sum(axis=1)[e.cell] * w.final_weight * w.fill
    np.testing.assert_allclose(sold, w.output, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(w.final_sales.sum(), (w.final_request.sum(axis=1)[e.cell] * w.final_weight * w.fill).sum(), rtol=1e-9)


def test_stocks_account_for_every_good_under_controls(economy: Economy) -> None:
    w = blocked_world(economy)
    e = economy
    current = ~e.capital
    for _ in range(12):
        stock, transit = w.stock.copy(), w.transit.copy()
        quarter(w)
        np.testing.assert_allclose(transit + w.flow.sum(axis=1), w.transit + w.received, rtol=1e-9, atol=1e-12)
        used = (stock + w.received - w.stock)[current]
        wanted = (e.coef * w.output[e.slot_firm])[current]
        assert (used <= wanted * (1 + 1e-9) + 1e-12).all() and (used >= -1e-12).all()


def test_cell_shares_hold_without_catch_up_at_equal_growth(economy: Economy) -> None:
    w = open_world(economy, Params().with_values({"market.equal_growth": True, "innovation.catch_up": False}), seed=2)
    e = economy
    for _ in range(72):
        quarter(w)

    def share(x: np.ndarray) -> np.ndarray:
        cell = np.bincount(e.cell, weights=x, minlength=e.n_cells)
        return cell / np.bincount(e.cell_product, weights=cell, minlength=e.n_products)[e.cell_product]

    assert np.abs(share(w.output) - share(e.output0)).max() < 0.05


def test_orders_stay_calm_after_a_shock_of_two_quarters(economy: Economy) -> None:
    """Half of all trade in mature chips with the challenger stops for two quarters: no bullwhip."""
    calm, shaken = (open_world(economy, Params(), seed=4) for _ in range(2))
    rule = Rule(id="r", tool="t", issuer="TWN", destinations=("CHN",), products=("foundry_mature",), denial=1.0)
    worst = 0.0
    for t in range(40):
        if t == 4:
            shaken.book.rules["r"] = rule
            shaken.book.touch()
        if t == 6:
            del shaken.book.rules["r"]
            shaken.book.touch()
        quarter(calm)
        quarter(shaken)
        current = ~economy.capital & (calm.ordered > 1e-6)
        worst = max(worst, float((shaken.ordered / np.maximum(calm.ordered, 1e-12))[current].max()))
    assert worst <= 1.5
    total = [np.bincount(economy.slot_input, weights=w.ordered, minlength=economy.n_products) for w in (calm, shaken)]
    np.testing.assert_allclose(total[1], total[0], rtol=0.01)


@pytest.mark.slow
def test_another_process_gives_the_same_bits(economy: Economy) -> None:
    code = (
        "import hashlib,numpy as np\n"
        "from ecsim import population\nfrom ecsim.params import Params\n"
        "from ecsim.mechanisms.opening import open_world\nfrom ecsim.schedule import CONSEQUENCES, PERCEPTION\n"
        "w = open_world(population.build(Params()), Params(), 5)\n"
        "for t in range(8):\n"
        "    for m in PERCEPTION + CONSEQUENCES: m(w)\n"
        "    w.quarter += 1\n"
        "print(hashlib.sha256(w.output.tobytes() + w.tech.tobytes()).hexdigest())\n"
    )
    prints = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(prints) == 1


def test_an_unrelated_random_stream_changes_nothing(economy: Economy) -> None:
    plain, with_stream = (open_world(economy, Params(), seed=6) for _ in range(2))
    for _ in range(8):
        with_stream.streams.normal("another mechanism", with_stream.quarter, 1000)
        quarter(plain)
        quarter(with_stream)
    np.testing.assert_array_equal(plain.output, with_stream.output)
    np.testing.assert_array_equal(plain.tech, with_stream.tech)


def test_a_rule_that_denies_nothing_is_no_rule(economy: Economy) -> None:
    plain, empty = (open_world(economy, Params(), seed=7) for _ in range(2))
    empty.book.rules["r"] = Rule(id="r", tool="t", issuer="USA", destinations=("CHN",), denial=0.0, fdp=True)
    empty.book.touch()
    for _ in range(8):
        quarter(plain)
        quarter(empty)
    np.testing.assert_array_equal(plain.output, empty.output)
    np.testing.assert_array_equal(plain.tech, empty.tech)
