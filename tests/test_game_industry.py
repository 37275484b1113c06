"""What industry decides beside the law: moving plants and designing out content, by hand on a world, and in a game."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecsim import population
from ecsim.economy import CHALLENGER, INCUMBENT, Economy
from ecsim.errors import UserError
from ecsim.game.acts import acts_of, row_of
from ecsim.game.costs import Purse, cost_of
from ecsim.game.desk import Desk
from ecsim.game.legal import Refusal, check_rows
from ecsim.game.passes import Principal
from ecsim.game.seats import INDUSTRY, seat_named, seats_of
from ecsim.game.telling import move_text
from ecsim.mechanisms.companies import move_plants, routes, shed_by_choice
from ecsim.mechanisms.opening import open_world
from ecsim.move_text import strength
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.tools import enact
from ecsim.tools.firms_plants import plants_of
from ecsim.world import World
from playing import SETUP, game, hand_in

INDUSTRY_SEAT = seat_named(seats_of("main"), INDUSTRY)
WHO = Principal("A", INDUSTRY)
PARAMS = Params().with_values({"population.n_firms": 200})


@pytest.fixture(scope="module")
def economy() -> Economy:
    return population.build(PARAMS)


@pytest.fixture
def world(economy: Economy) -> World:
    return open_world(economy, PARAMS, seed=1)


def decide(w: World, actor: str, tool: str, **values: Any) -> None:
    enact(Move(quarter=w.quarter, actor=actor, verb="measure", tool=tool, **values), w)


def a_way(e: Economy, owner: str = "USA") -> tuple[str, str, str]:
    """A product, the state left and the state built up, neither of them home."""
    ways = plants_of(e)[owner]
    return next((p[0], left, to) for left in ways for to, p in ways[left].items() if owner not in (left, to))


# plants


def test_plants_move_with_their_customers_and_lose_what_is_declared(world: World) -> None:
    w, e = world, world.economy
    product, left, to = a_way(e)
    decide(w, "USA", "move_plants", origin=left, destinations=(to,), products=(product,), size=0.2)
    ((old, new),) = routes(e, "USA", left, (to,), (product,))
    rows = {c: slice(e.cell_start[c], e.cell_start[c + 1]) for c in (old, new)}
    names = ("capacity", "building", "expected", "final_share", "final_anchor", "weight", "anchor")
    before = {name: getattr(w, name).copy() for name in names}
    move_plants.run(w)
    share = 1.0 - 0.8**0.25
    moved = before["capacity"][rows[old]] * share
    assert w.capacity[rows[old]] == pytest.approx(before["capacity"][rows[old]] - moved)
    assert w.building[rows[new]].sum() == pytest.approx(before["building"][rows[new]].sum() + 0.8 * moved.sum())
    assert w.capacity[rows[new]] == pytest.approx(before["capacity"][rows[new]])  # nothing is made there before it is built
    assert w.expected.sum() == pytest.approx(before["expected"].sum())
    assert w.final_share.sum(axis=0) == pytest.approx(before["final_share"].sum(axis=0))
    assert w.final_share[old] == pytest.approx((1 - share) * before["final_share"][old])
    assert w.weight.sum(axis=1) == pytest.approx(before["weight"].sum(axis=1))
    others = np.ones(e.n_firms, dtype=bool)
    others[rows[old]] = others[rows[new]] = False
    assert np.array_equal(w.capacity[others], before["capacity"][others])


def test_buyers_who_know_both_plants_follow(world: World) -> None:
    w, e = world, world.economy
    product, left, to = a_way(e)
    ((old, new),) = routes(e, "USA", left, (to,), (product,))
    w.supplier[0, :2] = e.cell_start[old], e.cell_start[new]
    w.weight[0, :2] = 0.3, 0.1
    decide(w, "USA", "move_plants", origin=left, destinations=(to,), products=(product,), size=0.3)
    move_plants.run(w)
    share = 0.3 * (1.0 - 0.7**0.25)
    assert w.weight[0, :2] == pytest.approx((0.3 - share, 0.1 + share))


def test_plants_come_home_from_the_rival_unless_told_otherwise(world: World) -> None:
    decide(world, "USA", "move_plants")
    (measure,) = world.book.measures.values()
    assert (measure.origin, measure.targets, measure.channel) == ("CHN", ("USA",), "relocation")


def test_plants_cannot_go_where_nothing_is_made(world: World) -> None:
    product, left, _ = a_way(world.economy)
    with pytest.raises(UserError, match=rf"cannot move {product} from {left} to RUS.*accepted: .*{product} from") as error:
        decide(world, "USA", "move_plants", origin=left, destinations=("RUS",), products=(product,))
    assert not world.book.measures and "\n" not in str(error.value)


def test_nothing_moves_without_a_decision(world: World) -> None:
    before = {name: getattr(world, name).copy() for name in ("capacity", "building", "expected", "final_share", "weight", "shed")}
    shed_by_choice.run(world)
    move_plants.run(world)
    assert all(np.array_equal(x, getattr(world, name)) for name, x in before.items())


# content


def test_companies_design_out_their_own_share_and_nobody_elses(world: World) -> None:
    w, e = world, world.economy
    decide(w, "JPN", "design_out", size=0.05, products=("materials",))
    for _ in range(2):
        shed_by_choice.run(w)
    mine = (e.owner == e.state_index["JPN"]) & (e.product == e.product_index["materials"])
    assert mine.any() and w.shed[mine, INCUMBENT] == pytest.approx(1 - 0.95**2)
    assert not w.shed[~mine].any() and not w.shed[:, CHALLENGER].any()


def test_american_companies_design_out_chinese_content(world: World) -> None:
    decide(world, "USA", "design_out")
    assert next(iter(world.book.measures.values())).targets == ("CHN",)
    with pytest.raises(UserError, match="content of KOR is not traced; accepted: USA, CHN"):
        decide(world, "JPN", "design_out", destinations=("KOR",))


# in a game


def act(name: str) -> Any:
    return next(a for a in acts_of(INDUSTRY_SEAT, [], {}, "en") if a.id == f"measure:{name}")


def test_the_form_makes_moves_that_the_law_takes(economy: Economy) -> None:
    product, left, to = a_way(economy)
    values = {"state": "USA", "origin": left, "destination": to, "products": {product}, "size": 0.1, "until": "4", "shown": "secret"}
    row = row_of(act("move_plants"), values, INDUSTRY_SEAT, 19, "USA")
    assert row["move"] == {
        "actor": "USA",
        "verb": "measure",
        "tool": "move_plants",
        "origin": left,
        "destinations": [to],
        "products": [product],
        "size": 0.1,
        "until": 23,
    }
    assert check_rows(INDUSTRY_SEAT, [row], [], 19)
    home = row_of(act("move_plants"), {**values, "destination": "USA"}, INDUSTRY_SEAT, 19, "USA")["move"]
    assert home["origin"] == left and "destinations" not in home
    assert cost_of(row) == Purse(2, 2)


@pytest.mark.parametrize(
    ("move", "bounds"),
    [
        ({"tool": "move_plants", "size": 0.9}, "0 to"),
        ({"tool": "design_out", "size": -0.1}, "0 to"),
        ({"tool": "lax_compliance", "size": -0.9}, "−0.3 to 0"),
    ],
)
def test_strengths_stay_within_what_is_plausible(move: dict, bounds: str) -> None:
    with pytest.raises(Refusal, match=f"the law allows {bounds}"):
        check_rows(INDUSTRY_SEAT, [{"move": {"actor": "USA", "verb": "measure", **move}}], [], 19)


def test_governments_move_no_plants() -> None:
    with pytest.raises(Refusal, match="may not use"):
        check_rows(
            seat_named(seats_of("main"), "washington"), [{"move": {"actor": "USA", "verb": "measure", "tool": "move_plants"}}], [], 19
        )


def test_industry_moves_plants_in_a_game(tmp_path: Path) -> None:
    session = game(tmp_path, Desk(SETUP, workers=0, draws=2), seats=(INDUSTRY,))
    ways = session.game.opening["plants"]["USA"]["CHN"]
    to, products = next((s, p) for s, p in ways.items() if s != "USA")
    moved = {"actor": "USA", "verb": "measure", "tool": "move_plants", "origin": "CHN", "destinations": [to], "products": products[:1]}
    shed = {"actor": "JPN", "verb": "measure", "tool": "design_out", "size": 0.05}
    hand_in(session, WHO, moved, shed, shown="secret")
    session.advance(Principal("", "control"), "A")
    result = session.branch("A").played[0].result
    assert not result["refused"] and {r["tool"] for r in result["book"]["rows"]} >= {"move_plants", "design_out"}
    text = move_text(session.game, {**moved, "size": 0.1}, "en")
    assert text.startswith("The United States: Companies move plants") and "from China to" in text and "10% of capacity a year" in text


def test_sizes_have_units() -> None:
    assert strength("subsidy", 7.0, "en") == "USD 7 bn a year" and strength("subsidy", 7.0, "zh") == "每年70亿美元"
    assert strength("stockpile", 0.5, "en") == "0.5 more quarters of stock" and strength("tariff", 0.25, "en") == "duty 25%"
