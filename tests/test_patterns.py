"""Patterns that the model was not fitted to, beside the targets. `python tests/test_patterns.py` prints them as a table.

Facts: Diem et al. 2022 (few firms carry most of the systemic risk of a national network); Japan's exports of hydrogen
fluoride to Korea fell by 86% by value after July 2019 without a major setback of production; exports of gallium and
germanium about halved after August 2023 and their price about doubled; CSET 2021 (concentration of the chain);
Verspagen 1991 (catch-up where gaps are small, none where they are large).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from ecsim import population
from ecsim.economy import Economy
from ecsim.mechanisms.opening import open_world
from ecsim.model import ExportControlModel
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.schedule import CONSEQUENCES, PERCEPTION
from ecsim.strategies.replay import Replay
from ecsim.world import World

YEAR = 4
FIRMS = 80  # tried as the start of a shock: the larger half by output, and as many others
LOST = 4  # quarters without the firm


@cache
def economy() -> Economy:
    return population.build(Params())


def played(moves: Sequence[Move], quarters: int, **values: object) -> ExportControlModel:
    params = Params().with_values({"time.quarters": quarters, **{k.replace("__", "."): v for k, v in values.items()}})
    model = ExportControlModel(params, 1, [Replay(moves)] if moves else (), economy=economy())
    while not model.finished:
        model.step()
    return model


def shipped(w: World, product: str, origin: str, at: str | None) -> float:
    """Deliveries of a product from plants in a state to firms and markets in another, or in all others, USD bn a quarter."""
    e = w.economy
    p, o = e.product_index[product], e.state_index[origin]
    buyer = e.location[e.slot_firm]
    there = buyer == e.state_index[at] if at else buyer != o
    mine = (e.product[w.supplier] == p) & (e.location[w.supplier] == o) & there[:, None]
    cells = (e.cell_product == p) & (e.cell_location == o)
    markets = np.arange(e.n_states) == e.state_index[at] if at else np.arange(e.n_states) != o
    return float((w.flow * mine).sum() + w.final_sales[np.ix_(cells, markets)].sum())


def made(w: World, product: str, at: str) -> float:
    e = w.economy
    return float(w.output[(e.product == e.product_index[product]) & (e.location == e.state_index[at])].sum())


def price(w: World, product: str) -> float:
    e = w.economy
    mine = e.product == e.product_index[product]
    return float((w.price * e.output0)[mine].sum() / e.output0[mine].sum())


@cache
def growth() -> tuple[float, float]:
    """Growth of output a year, and its variation from year to year, after five years of equal growth without controls, per cent."""
    w = open_world(economy(), Params().with_values({"market.equal_growth": True}), 1)
    total = []
    for _ in range(60):
        for mechanism in PERCEPTION + CONSEQUENCES:
            mechanism(w)
        w.quarter += 1
        total.append(w.output.sum())
    yearly = np.diff(np.log(np.array(total).reshape(-1, YEAR).sum(axis=1)))[5:]
    return float(100 * yearly.mean()), float(100 * yearly.std())


@cache
def systemic_risk() -> np.ndarray:
    """Output of the others lost when a firm stops for a year, over world output of that year, for a sample of firms, largest first."""
    e = economy()
    rng = np.random.default_rng(1)
    order = np.argsort(-e.output0)
    sample = np.concatenate([order[: FIRMS // 2], rng.choice(order[FIRMS // 2 :], FIRMS // 2, replace=False)])
    whole = _lost_without(e, None)
    losses = []
    for firm in sample:
        others = np.arange(e.n_firms) != firm
        losses.append(float((whole[others] - _lost_without(e, int(firm))[others]).sum() / whole.sum()))
    return np.sort(np.maximum(losses, 0.0))[::-1]


def _lost_without(e: Economy, firm: int | None) -> np.ndarray:
    """Output of each firm over a year, with one of them standing still."""
    w = open_world(e, Params().with_values({"market.demand_noise": 0.0}), 1)
    total = np.zeros(e.n_firms)
    for _ in range(LOST):
        if firm is not None:
            w.capacity[firm] = 0.0
        for mechanism in PERCEPTION + CONSEQUENCES:
            mechanism(w)
        w.quarter += 1
        total += w.output
    return total


@cache
def korea() -> dict[str, float]:
    """Japan's licences on Korea from July 2019: change over a year against the same run without them, per cent."""
    move = Move(quarter=6, actor="JPN", verb="impose", tool="trade_quarrel", products=("materials",), destinations=("KOR",), denial=0.143)
    with_, without = (played(moves, 10).world for moves in ([move], []))
    return {
        "exports": 100 * (shipped(with_, "materials", "JPN", "KOR") / shipped(without, "materials", "JPN", "KOR") - 1),
        "memory": 100 * (made(with_, "memory", "KOR") / made(without, "memory", "KOR") - 1),
        "price": 100 * (price(with_, "memory") / price(without, "memory") - 1),
    }


@cache
def gallium() -> dict[str, float]:
    """China's licences on critical minerals at the strength of gallium and germanium: the same after a year, per cent."""
    move = Move(quarter=6, actor="CHN", verb="impose", tool="minerals", products=("critical_minerals",), destinations=FOREIGN, denial=0.6)
    with_, without = (played(moves, 11).world for moves in ([move], []))
    return {
        "exports": 100 * (shipped(with_, "critical_minerals", "CHN", None) / shipped(without, "critical_minerals", "CHN", None) - 1),
        "price": 100 * (price(with_, "critical_minerals") / price(without, "critical_minerals") - 1),
        "diverted": float(with_.diverted.max()),
    }


FOREIGN = ("USA", "JPN", "KOR", "TWN", "NLD", "DEU", "FRA", "GBR", "ITA", "EUR", "ROW")


@cache
def catch_up() -> tuple[float, float, int, int]:
    """Share of the challenger's gap closed in ten years without controls: where it is small, where it is large; and how many of each."""
    e = economy()
    tracks = played([], 41).recorder.tracks["gap"]
    first, last = tracks[0], tracks[40]
    small, large = (first > 0.3) & (first < 2.2), first > 3.0
    closed = (first - last) / np.maximum(first, 0.1)
    assert e.n_products == len(first)
    return float(closed[small].mean()), float(closed[large].mean()) if large.any() else float("nan"), int(small.sum()), int(large.sum())


def concentration(product: str, states: Sequence[str]) -> float:
    """Share of states, by owner, in the supply of a product at the start."""
    e = economy()
    mine = e.product == e.product_index[product]
    own = np.isin(e.owner, [e.state_index[s] for s in states])
    return float(e.output0[mine & own].sum() / e.output0[mine].sum())


def test_growth_without_controls_is_steady() -> None:
    mean, spread = growth()
    assert mean == pytest.approx(400 * np.log1p(Params().market.growth_long_run), abs=0.5)
    assert spread < 1.0


@pytest.mark.slow
def test_few_firms_carry_most_of_the_systemic_risk() -> None:
    risk = systemic_risk()
    assert risk[: FIRMS // 10].sum() > 0.4 * risk.sum()
    assert np.median(risk) < 0.2 * risk.max()
    assert risk.max() > 0.01


def test_japans_licences_cut_its_exports_and_not_koreas_production() -> None:
    x = korea()
    assert -20 < x["exports"] < -8  # 86% of a sixth of materials
    assert x["memory"] > x["exports"] / 3  # the fall is cushioned; in fact nearly all of it, see docs/validation.md


def test_licences_on_minerals_cut_exports_and_some_leak() -> None:
    """Exports fall by a third to two thirds. That the price doubled is missed: prices of the model follow cost and scarcity of makers."""
    x = gallium()
    assert -65 < x["exports"] < -25
    assert x["diverted"] > 0


@pytest.mark.parametrize(
    ("product", "states", "least"),
    [
        ("lithography", ("NLD", "JPN"), 0.9),
        ("deposition_etch", ("USA", "JPN", "NLD"), 0.85),
        ("eda_ip", ("USA", "GBR", "DEU"), 0.8),
        ("wafers", ("JPN", "TWN", "KOR", "DEU"), 0.85),
    ],
)
def test_supply_is_concentrated_as_in_cset(product, states, least) -> None:
    assert concentration(product, states) > least


def test_gaps_close_where_they_are_small_and_not_where_they_are_large() -> None:
    small, large, n_small, n_large = catch_up()
    assert n_small >= 3
    assert n_large >= 1
    assert small > 0.3
    assert large < 0.6 * small


def test_absorption_peaks_in_the_middle_and_fades() -> None:
    p = Params().innovation
    gap = np.linspace(0.0, 12.0, 400)
    speed = p.spillover * gap * np.exp(-gap / p.absorption_distance)
    assert gap[speed.argmax()] == pytest.approx(p.absorption_distance, abs=0.05)
    assert speed[-1] < 0.1 * speed.max()


def table() -> list[tuple[str, str, str]]:
    """Pattern, in the model, in fact."""
    mean, spread = growth()
    risk, k, g = systemic_risk(), korea(), gallium()
    small, large, n_small, n_large = catch_up()
    return [
        (
            "growth of output without controls, equal growth of demand",
            f"{mean:.2f}% a year, spread {spread:.2f} points",
            "declared long run 4.0%",
        ),
        (
            f"share of systemic risk in the riskiest tenth of {FIRMS} firms",
            f"{risk[: FIRMS // 10].sum() / risk.sum():.0%}; largest {risk.max():.1%}, median {np.median(risk):.2%} of output",
            "few firms carry most [ESRI]",
        ),
        (
            "Japan to Korea 2019: exports of materials",
            f"{k['exports']:.1f}%",
            "-14% (hydrogen fluoride -86%, a sixth of materials: assumption)",
        ),
        ("Korea's memory output", f"{k['memory']:+.2f}%", "no major setback"),
        ("China's licences on minerals: exports", f"{g['exports']:.0f}%", "about -50%"),
        ("price of minerals", f"{g['price']:+.0f}%", "about +100%"),
        (
            "gap closed in ten years, products with gaps of 0.3 to 2.2",
            f"{small:.0%} ({n_small} products)",
            "fast catch-up where gaps are small",
        ),
        ("the same, gaps above 3", f"{large:.0%} ({n_large} products)", "none where they are large"),
        (
            "tools of deposition and etch made by USA, JPN, NLD",
            f"{concentration('deposition_etch', ('USA', 'JPN', 'NLD')):.0%}",
            "above 85% (CSET)",
        ),
    ]


if __name__ == "__main__":
    print("| pattern | model | fact |\n| --- | --- | --- |")
    for row in table():
        print("| " + " | ".join(row) + " |")
