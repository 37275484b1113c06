"""Coalitions, the challenger's response and what falls due, as stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies import AllianceConfig, PolicyConfig, ResponseConfig
from ecsim.strategies.calendar import Calendar
from ecsim.strategies.challenger import Response, controllers
from ecsim.strategies.coalition import Coalition, levels, supply
from ecsim.strategies.doctrine import Doctrine
from ecsim.tools import enact
from players import ECONOMY, play, preset, world

ORDER = ("JPN", "NLD", "DEU", "TWN", "KOR")


# coalitions


def controlled(products: tuple[str, ...] = ("lithography",)) -> Any:
    w = world(2)
    enact(Move(quarter=2, actor="USA", verb="impose", tool="country_rule", products=products), w)
    return w


def forced(**values: Any) -> AllianceConfig:
    return AllianceConfig(name="t", **({"mode": "extent", "order": ORDER} | values))


def test_extent_counts_the_value_of_supply_in_the_controlled_products() -> None:
    shares = supply(controlled(), ORDER)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["NLD"] == pytest.approx(5 / 11) and shares["JPN"] == pytest.approx(3 / 11)


@given(st.floats(0, 1), st.permutations(ORDER))
def test_by_extent_members_join_in_order_until_their_share_is_met(participation: float, order: list[str]) -> None:
    w = controlled()
    joined = levels(w, forced(participation=participation, order=tuple(order)))
    shares = supply(w, tuple(order))
    assert sum(shares[s] * level for s, level in joined.items()) == pytest.approx(participation, abs=1e-9)
    assert list(joined) == order[: len(joined)]
    assert all(level == 1.0 for level in list(joined.values())[:-1])


@given(st.floats(0, 1))
def test_a_whole_coalition_by_extent_is_the_nearest_one(participation: float) -> None:
    w = controlled()
    joined = levels(w, forced(participation=participation, marginal="whole"))
    reached = np.cumsum([0.0, *supply(w, ORDER).values()])
    got = sum(supply(w, ORDER)[s] * level for s, level in joined.items())
    assert abs(got - participation) == pytest.approx(np.abs(reached - participation).min(), abs=1e-9)


def test_by_intensity_all_join_at_one_level() -> None:
    assert levels(controlled(), forced(mode="intensity", participation=0.4)) == dict.fromkeys(ORDER, 0.4)


def test_a_given_coalition_joins_at_its_level_in_joining_order() -> None:
    assert levels(controlled(), forced(mode="coalition", members=("NLD", "JPN"), level=0.6)) == {"JPN": 0.6, "NLD": 0.6}


def test_a_random_coalition_has_the_declared_size_and_depends_on_the_seed_alone() -> None:
    config = forced(mode="coalition", participation=0.4)
    drawn = []
    for seed in range(1, 30):
        one, again = world(2, seed), world(2, seed)
        for w in (one, again):
            enact(Move(quarter=2, actor="USA", verb="impose", tool="country_rule"), w)
        assert levels(one, config) == levels(again, config)
        assert len(levels(one, config)) == 2
        drawn.append(frozenset(levels(one, config)))
    assert len(set(drawn)) > 3


def test_members_join_after_their_lag_and_leave_when_declared() -> None:
    w = world()
    enact(Move(quarter=0, actor="USA", verb="event", text_en="Nothing yet."), w)
    config = AllianceConfig(name="t", members=("JPN", "NLD", "DEU"), lag=3, lags={"DEU": 7}, leaves={"NLD": "2020Q1", "DEU": "2019Q1"})
    doctrine = Doctrine(replace(PolicyConfig(), kind="doctrine", scope=("hbm",), height=1.0, start="2018Q3"))
    made = [m for m in play(w, [doctrine, Coalition(config)], 20) if m.verb in ("adopt", "leave")]
    assert [(m.quarter, m.actor, m.verb) for m in made] == [(5, "JPN", "adopt"), (5, "NLD", "adopt"), (8, "NLD", "leave")]
    assert w.book.adoption == {("JPN", "USA"): 1.0}


def test_states_that_the_economy_lacks_are_passed_over() -> None:
    assert levels(controlled(), forced(mode="intensity", participation=1.0, order=("GBR", "JPN", "CHN", "USA"))) == {"JPN": 1.0}


# the challenger's response


def threatened(w: Any, **threat: float) -> None:
    for product, level in threat.items():
        w.threat[ECONOMY.product_index[product], 1] = level


def test_the_fund_is_the_budget_share_of_gdp_times_the_threat_over_the_threatened_products() -> None:
    w = controlled()
    threatened(w, lithography=0.5, hbm=0.4, handsets=0.05)
    play(w, Response(ResponseConfig(name="t", subsidy=1.0, focus=0.25)), 2)
    fund = w.book.measures["response:fund"]
    assert fund.size == pytest.approx(Params().innovation.subsidy_budget / 100 * 10_000.0 * 0.5)
    assert fund.products == ("lithography", "hbm")


def test_funds_are_set_once_a_year_and_end_with_the_threat() -> None:
    w = controlled()
    player = Response(ResponseConfig(name="t", subsidy=1.0, subsidy_delay=2))
    threatened(w, lithography=0.5)
    assert play(w, player, 3) == []
    first = play(w, player, 4)
    assert [(m.quarter, m.verb) for m in first] == [(4, "measure")]
    threatened(w, lithography=0.8)
    w.quarter = 5
    assert [(m.quarter, m.verb) for m in play(w, player, 9)] == [(8, "amend")]
    threatened(w, lithography=0.0)
    w.quarter = 10
    assert [(m.quarter, m.verb) for m in play(w, player, 12)] == [(12, "end_measure")]


def test_without_controls_on_it_the_challenger_does_nothing() -> None:
    w = world()
    enact(Move(quarter=0, actor="USA", verb="impose", tool="country_rule", destinations=("RUS",)), w)
    threatened(w, lithography=0.5)
    assert play(w, Response(preset("response", "default")), 30) == []


def test_counter_controls_come_after_their_delay_and_hit_those_who_control() -> None:
    w = controlled()
    enact(Move(quarter=2, actor="JPN", verb="adopt", issuer="USA", level=0.5), w)
    config = ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.5, counter_delay=3)
    made = play(w, Response(config), 10)
    assert [(m.quarter, m.verb) for m in made] == [(5, "impose")]
    rule = w.book.rules["response:counter"]
    assert (rule.issuer, rule.products, rule.destinations, rule.denial) == ("CHN", ("critical_minerals",), ("USA", "JPN"), 0.5)


def test_listings_alone_meet_no_counter_control_and_the_first_rule_on_the_country_starts_the_clock() -> None:
    w = world()
    enact(Move(quarter=0, actor="USA", verb="list", tool="entity_list", entities=("SMIC",)), w)
    player = Response(ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.5, counter_delay=3))
    assert play(w, player, 9) == []
    w.quarter = 10
    enact(Move(quarter=10, actor="USA", verb="impose", tool="country_rule", products=("hbm",)), w)
    assert [(m.quarter, m.verb) for m in play(w, player, 15)] == [(13, "impose")]


def countered(w: Any, player: Response, script: Any, quarters: range) -> list[float]:
    """Height of the counter-control in each quarter, while the incumbent plays a script: quarter -> verb and its values."""
    heights = []
    for quarter in quarters:
        w.quarter = quarter
        if quarter in script:
            verb, values = script[quarter]
            enact(Move(quarter=quarter, actor="USA", verb=verb, **values), w)
        play(w, player, quarter)
        rule = w.book.rules.get("response:counter")
        heights.append(rule.denial if rule else 0.0)
    return heights


@pytest.mark.parametrize(
    ("script", "heights"),
    [
        ({1: ("lift", {"rule": "x"})}, [0.0] * 8),  # gone before the answer: the list that stays meets none
        ({5: ("lift", {"rule": "x"})}, [0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0]),  # gone after it: so is the answer
        ({1: ("lift", {"rule": "x"}), 2: ("impose", {"tool": "country_rule", "rule": "x", "products": ("hbm",)})}, [0.0] * 5 + [0.5] * 3),
    ],
)
def test_counter_controls_follow_rules_on_the_country_while_a_list_stays(script: Any, heights: list[float]) -> None:
    w = world()
    enact(Move(quarter=0, actor="USA", verb="list", tool="entity_list", entities=("SMIC",)), w)
    enact(Move(quarter=0, actor="USA", verb="impose", tool="country_rule", rule="x", products=("hbm",)), w)
    player = Response(ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.5, counter_delay=3))
    assert countered(w, player, script, range(8)) == heights


def test_tit_for_tat_does_not_step_for_a_listing() -> None:
    w = controlled()
    config = ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.8, counter_delay=1, counter_step=0.25)
    player = Response(config)
    play(w, player, 3)
    w.quarter = 4
    enact(Move(quarter=4, actor="USA", verb="list", tool="entity_list", entities=("SMIC",)), w)
    play(w, player, 6)
    assert w.book.rules["response:counter"].denial == pytest.approx(0.2)


def test_a_threat_that_is_not_worth_a_decision_brings_neither_fund_nor_stock() -> None:
    w = controlled()
    player = Response(ResponseConfig(name="t", subsidy=1.0, stockpile=0.5))
    threatened(w, lithography=0.01)
    assert play(w, player, 2) == []
    threatened(w, lithography=0.05)
    w.quarter = 6
    assert {m.rule for m in play(w, player, 6)} == {"response:fund", "response:stock"}


def test_tit_for_tat_answers_each_tightening_and_each_relaxation_by_a_step() -> None:
    w = controlled()
    config = ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.8, counter_delay=1, counter_step=0.25)
    player = Response(config)
    script = {4: ("impose", {"tool": "country_rule", "rule": "x", "products": ("hbm",)}), 5: ("lift", {"rule": "x"})}
    assert countered(w, player, script, range(2, 8)) == pytest.approx([0.0, 0.2, 0.4, 0.2, 0.2, 0.2])


def test_counter_controls_end_with_the_controls() -> None:
    w = controlled()
    config = ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.5, close_market=0.1)
    player = Response(config)
    play(w, player, 2)
    assert "response:counter" in w.book.rules and "response:market" in w.book.measures
    w.quarter = 3
    enact(Move(quarter=3, actor="USA", verb="lift", rule=next(r for r in w.book.rules if r.startswith("USA"))), w)
    play(w, player, 3)
    assert w.book.rules == {} and w.book.measures == {}


def test_a_list_aims_at_the_challenger_only_through_its_parties() -> None:
    w = world()
    enact(Move(quarter=0, actor="USA", verb="list", tool="entity_list", count=9, destinations=("RUS",)), w)
    assert controllers(w) == ()
    enact(Move(quarter=0, actor="USA", verb="list", tool="entity_list", entities=("SMIC",)), w)
    assert controllers(w) == ("USA",)


# what falls due


def test_the_calendar_lifts_what_lapses_and_returns_what_was_suspended() -> None:
    w = world()
    enact(Move(quarter=0, actor="USA", verb="impose", tool="us_persons", rule="sunset", until=3), w)
    enact(Move(quarter=0, actor="USA", verb="impose", tool="ccl", rule="truce"), w)
    enact(Move(quarter=0, actor="USA", verb="suspend", rule="truce", until=5), w)
    made = play(w, Calendar(), 8)
    assert [(m.quarter, m.verb, m.rule) for m in made] == [(3, "lift", "sunset"), (5, "resume", "truce")]
    assert list(w.book.rules) == ["truce"] and w.book.measures == {} and w.book.due == {}
