"""Strategies as stories: given this configuration and this world, expect these moves."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import ecsim
from ecsim import api, strategies
from ecsim.config import RunConfig, choices
from ecsim.convert import build as as_dataclass
from ecsim.errors import UserError
from ecsim.moves import Move, quarter_label
from ecsim.outcomes import OUTCOMES
from ecsim.params import Params
from ecsim.places import conf_dir
from ecsim.strategies import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig
from ecsim.strategies.base import Strategy
from ecsim.strategies.calendar import Calendar
from ecsim.strategies.challenger import Response, controllers
from ecsim.strategies.coalition import Coalition, levels, supply
from ecsim.strategies.doctrine import Doctrine
from ecsim.strategies.scenario import load, quarter_at, scenario_names
from ecsim.strategies.settings import quarter_of
from ecsim.tools import enact
from policy_world import small_economy, small_world

ECONOMY = small_economy()
ORDER = ("JPN", "NLD", "DEU", "TWN", "KOR")
GROUPS = {"policy": PolicyConfig, "response": ResponseConfig, "alliance": AllianceConfig}
PRESETS = [(group, path.stem) for group in GROUPS for path in sorted((conf_dir() / group).glob("*.yaml"))]
HORIZON = 72


def preset(group: str, name: str) -> Any:
    values = yaml.safe_load((conf_dir() / group / f"{name}.yaml").read_text(encoding="utf-8"))
    return as_dataclass(GROUPS[group], values, f"{group}/{name}.yaml")


def world(quarter: int = 0, seed: int = 1) -> Any:
    w = small_world(quarter, seed, economy=ECONOMY)
    w.degraded = np.zeros((1, 1))
    return w


def play(w: Any, players: Any, until: int) -> list[Move]:
    """Let strategies play from the world's quarter up to and including another."""
    made = []
    players = players if isinstance(players, list) else [players]
    for quarter in range(w.quarter, until + 1):
        w.quarter = quarter
        for player in players:
            for move in player.moves(w, quarter):
                enact(move, w)
                made.append(move)
    return made


def settings(**parts: Any) -> Any:
    whole = {"policy": PolicyConfig(), "response": ResponseConfig(), "alliance": AllianceConfig(), "scenario": None}
    return SimpleNamespace(**(whole | parts))


# presets


@pytest.mark.parametrize(("group", "name"), PRESETS, ids=lambda x: x)
def test_every_preset_is_accepted_and_bears_its_name(group: str, name: str) -> None:
    assert preset(group, name).name == name


def precedents() -> list[dict[str, str]]:
    with resources.files("ecsim").joinpath("data", "precedents.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stated(config: Any, key: str) -> float:
    head, _, inside = key.partition(".")
    value = getattr(config, head)
    return float(value[inside] if inside else value)


@pytest.mark.parametrize("row", [r for r in precedents() if r["preset"] != "level"], ids=lambda r: f"{r['preset']}-{r['key']}")
def test_the_numbers_of_the_presets_are_those_of_the_table_of_precedents(row: dict[str, str]) -> None:
    group = next(g for g, name in PRESETS if name == row["preset"])
    assert stated(preset(group, row["preset"]), row["key"]) == pytest.approx(float(row["value"]))


@pytest.mark.parametrize("row", precedents(), ids=lambda r: f"{r['preset']}-{r['key']}")
def test_every_precedent_lies_in_its_range_and_says_what_it_is(row: dict[str, str]) -> None:
    assert float(row["lo"]) <= float(row["value"]) <= float(row["hi"])
    assert row["kind"] in ("fact", "derived", "assumption") and (row["source"] or row["kind"] == "assumption")


def test_thresholds_of_the_presets_follow_from_dated_levels() -> None:
    level = {r["key"]: float(r["value"]) for r in precedents() if r["preset"] == "level"}
    yard, blanket = preset("policy", "small_yard"), preset("policy", "blanket")
    assert yard.threshold == pytest.approx(level["node_16nm"] - level["frontier_oct_2022"], abs=0.05)
    assert yard.thresholds["accelerators"] == pytest.approx(level["a100"] - level["frontier_oct_2022"], abs=0.05)
    assert yard.thresholds["eda_ip"] == pytest.approx(level["node_gaafet"] - level["frontier_oct_2022"], abs=0.05)
    assert blanket.threshold == pytest.approx(level["node_45nm"] - level["frontier_aug_2018"], abs=0.05)


# doctrines


def test_none_never_moves() -> None:
    assert strategies.build(settings(), ECONOMY) == []


def test_an_alliance_and_a_response_without_controls_never_move() -> None:
    assert strategies.build(settings(alliance=preset("alliance", "forced"), response=preset("response", "default")), ECONOMY) == []


def test_the_small_yard_is_few_products_hard_and_far() -> None:
    w = world()
    play(w, Doctrine(preset("policy", "small_yard")), HORIZON)
    rules = [r for r in w.book.rules.values() if not r.party_list]
    assert {p for r in rules for p in r.products} == set(preset("policy", "small_yard").scope)
    assert all(r.denial == 0.95 and r.fdp and r.persons and r.destinations == ("CHN",) for r in rules)
    start = 0.1 * quarter_of("2018Q3", "")
    by_product = {p: r.threshold for r in rules for p in r.products}
    makers = {p: r.end_uses for r in rules for p in r.products}
    assert makers["foundry_advanced"] == makers["hbm"] == ("accelerators",) and makers["accelerators"] == ()
    assert makers["lithography"] == ("foundry_advanced", "memory", "hbm") and "lithography" in makers["tool_components"]
    assert by_product["hbm"] is None
    assert by_product["accelerators"] == pytest.approx(start - 1.0)
    assert by_product["lithography"] == by_product["foundry_advanced"] == pytest.approx(start - 2.9)


def test_the_blanket_is_every_product_low_and_near_with_many_listings() -> None:
    w = world()
    play(w, Doctrine(preset("policy", "blanket")), HORIZON)
    general = [r for r in w.book.rules.values() if not r.party_list and not r.military]
    assert len(general) == 1 and set(general[0].products) == set(ECONOMY.products)
    assert (general[0].denial, general[0].fdp, general[0].persons) == (0.301, False, False)
    assert [r.tool for r in w.book.rules.values() if r.military] == ["end_use_rule"]
    assert w.book.rules["doctrine:named"].fdp and not w.book.rules["doctrine:counted"].fdp
    assert w.book.parties["USA:named"] == {*ECONOMY.company_rows["Huawei"], *ECONOMY.company_rows["SMIC"]}


def test_listings_are_spread_over_the_phase_in_and_add_up() -> None:
    w = world()
    c = replace(PolicyConfig(), kind="doctrine", listings=40, listing_height=0.3, phase_in=4, start="2018Q2")
    counts = []
    player = Doctrine(c)
    for quarter in range(10):
        w.quarter = quarter
        play(w, player, quarter)
        rows = w.book.parties.get("USA:counted", set())
        counts.append(round(sum(ECONOMY.entities[r] * w.book.listed("USA:counted", r) for r in rows)))
    assert counts == [0, 10, 20, 30, 40, 40, 40, 40, 40, 40]


def test_a_sliding_threshold_is_relative_and_a_fixed_one_is_set_at_the_start() -> None:
    base = replace(PolicyConfig(), kind="doctrine", scope=("hbm",), height=1.0, threshold=-1.0, start="2020Q1")
    for sliding, level in ((True, -1.0), (False, -0.2)):
        w = world()
        play(w, Doctrine(replace(base, sliding=sliding)), 20)
        rule = w.book.rules["doctrine:1"]
        assert (rule.sliding, rule.start) == (sliding, 8) and rule.threshold == pytest.approx(level)


def test_a_review_lowers_a_threshold_only_while_goods_are_sold_just_below_it() -> None:
    c = replace(
        PolicyConfig(),
        kind="doctrine",
        scope=("hbm",),
        height=1.0,
        threshold=0.0,
        start="2018Q1",
        review=4,
        review_step=0.9,
        review_listings=2,
        listing_height=0.3,
    )
    slots = {"slot_firm": np.array([ECONOMY.company_rows["SMIC"][0]]), "slot_input": np.array([ECONOMY.product_index["hbm"]])}
    w = world()
    w.economy = replace(ECONOMY, **slots)
    player = Doctrine(c)
    play(w, player, 4)
    assert w.book.rules["doctrine:1"].threshold == 0.0
    assert sum(ECONOMY.entities[r] * w.book.listed("USA:counted", r) for r in w.book.parties["USA:counted"]) == pytest.approx(2)
    w.degraded[:] = 0.2
    w.quarter = 5
    play(w, player, 8)
    assert w.book.rules["doctrine:1"].threshold == pytest.approx(-0.9)


def test_measures_beside_the_control_of_trade() -> None:
    w = world()
    c = replace(PolicyConfig(), kind="doctrine", measures={"tariff": 0.16, "talent": 0.1, "subsidy": 8.0})
    play(w, Doctrine(c), 10)
    assert {(m.channel, m.size) for m in w.book.measures.values()} == {("tariff", 0.16), ("talent", 0.1), ("subsidy", 8.0)}


def test_an_unknown_company_of_a_doctrine_is_refused() -> None:
    c = replace(PolicyConfig(), kind="doctrine", companies=("Hauwei",), listing_height=0.3)
    with pytest.raises(UserError, match=r"policy\.companies: unknown company 'Hauwei'; did you mean 'Huawei'"):
        play(world(), Doctrine(c), 10)


BAD_SETTINGS = [
    (PolicyConfig, {"scope": ("acelerators",)}, "policy.scope: unknown product 'acelerators'; did you mean 'accelerators'"),
    (PolicyConfig, {"height": 1.2}, "policy.height: '1.2'"),
    (PolicyConfig, {"fdp": "yes"}, "policy.fdp: 'yes' is not a switch"),
    (PolicyConfig, {"kind": "blanket"}, "policy.kind: unknown kind"),
    (PolicyConfig, {"start": "2017Q4"}, "policy.start: '2017Q4' is not a quarter of the run"),
    (PolicyConfig, {"thresholds": {"hbm": "high"}}, "policy.thresholds.hbm"),
    (PolicyConfig, {"end_uses": {"hbm": ("acelerators",)}}, "policy.end_uses.hbm: unknown product 'acelerators'"),
    (PolicyConfig, {"end_uses": {"hmb": ("accelerators",)}}, "policy.end_uses: unknown product 'hmb'"),
    (PolicyConfig, {"spares": ("UK",)}, "policy.spares: unknown state 'UK'"),
    (PolicyConfig, {"measures": {"magic": 1.0}}, "unknown channel 'magic'"),
    (PolicyConfig, {"phase_in": 0}, "policy.phase_in"),
    (RunConfig, {"policy": PolicyConfig(destinations=("PRC",))}, "policy.destinations: unknown state 'PRC'; accepted: "),
    (RunConfig, {"alliance": AllianceConfig(lags={"NDL": 2})}, "alliance.lags: unknown state 'NDL'; did you mean 'NLD'"),
    (RunConfig, {"scenario": ScenarioConfig(actors=("JPM",))}, "scenario.actors: unknown state 'JPM'; did you mean 'JPN'"),
    (ResponseConfig, {"counter_products": ("rare_earths",)}, "response.counter_products: unknown product"),
    (ResponseConfig, {"stockpile": -1.0}, "response.stockpile"),
    (AllianceConfig, {"participation": 1.4}, "alliance.participation: '1.4'"),
    (AllianceConfig, {"mode": "breadth"}, "alliance.mode: unknown mode 'breadth'"),
    (AllianceConfig, {"members": "JPN"}, "alliance.members: 'JPN' is not a list"),
    (AllianceConfig, {"leaves": {"NLD": "soon"}}, "alliance.leaves.NLD: 'soon' is not a quarter"),
    (ScenarioConfig, {"actors": ("UK",)}, "scenario.actors: unknown state 'UK'"),
]


@pytest.mark.parametrize(("kind", "values", "says"), BAD_SETTINGS)
def test_bad_settings_are_refused_in_one_line_with_their_key(kind: Any, values: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as refusal:
        kind(**values)
    assert says in str(refusal.value) and "\n" not in str(refusal.value)


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


def test_tit_for_tat_answers_each_tightening_and_each_relaxation_by_a_step() -> None:
    w = controlled()
    config = ResponseConfig(name="t", counter_products=("critical_minerals",), counter_height=0.8, counter_delay=1, counter_step=0.25)
    player = Response(config)
    heights = []
    script = {4: ("impose", {"tool": "country_rule", "rule": "x", "products": ("hbm",)}), 5: ("lift", {"rule": "x"})}
    for quarter in range(2, 8):
        w.quarter = quarter
        if quarter in script:
            verb, values = script[quarter]
            enact(Move(quarter=quarter, actor="USA", verb=verb, **values), w)
        play(w, player, quarter)
        rule = w.book.rules.get("response:counter")
        heights.append(rule.denial if rule else 0.0)
    assert heights == pytest.approx([0.0, 0.2, 0.4, 0.2, 0.2, 0.2])


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


# scenarios


@pytest.fixture(scope="module")
def economy() -> Any:
    from ecsim import population

    return population.build(Params())


@pytest.fixture(scope="module")
def every_domain() -> Any:
    from ecsim import population

    return population.build(Params().with_values({"population.domains": ["all"]}))


def test_the_scenarios_that_were_asked_for_are_there() -> None:
    assert set(scenario_names()) >= {
        "history",
        "blanket_2018",
        "small_yard_2022",
        "three_country_coalition",
        "dutch_exit",
        "fdp_only",
        "rare_earth_retaliation",
        "licensing_tiers",
        "truce_2025",
        "japan_korea_2019",
    }
    assert set(choices("scenario")) == set(scenario_names())  # a file in scenarios/ is all that it takes


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_plays_to_the_end_on_the_economy_of_all_domains(name: str, every_domain: Any) -> None:
    scenario = load(ScenarioConfig(name=name))
    players = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig(name=name)), every_domain)
    assert all(isinstance(p, Strategy) for p in players)
    w = small_world(economy=every_domain)
    made = play(w, players, HORIZON - 1)
    assert {m.id for m in scenario.moves if m.quarter < HORIZON} <= {m.id for m in made}


def test_history_leaves_out_what_is_about_domains_that_are_not_in_the_run(economy: Any, every_domain: Any) -> None:
    def played(e: Any) -> list[str]:
        script = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig()), e)
        return [m.id for m in play(small_world(economy=e), script, HORIZON - 1) if m.id]

    chips, everything = played(economy), played(every_domain)
    left_out = {"E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E10-lift"}
    assert not left_out & set(chips)
    assert [i for i in everything if i not in left_out] == chips
    assert left_out <= set(everything)


@pytest.mark.parametrize("domain", ["nuclear", "emerging", "dual_use"])
def test_history_plays_on_any_domain_alone(domain: str) -> None:
    from ecsim import population

    e = population.build(Params().with_values({"population.domains": [domain]}))
    players = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig()), e)
    w = small_world(economy=e)
    made = play(w, players, HORIZON - 1)
    assert not {"U01", "U11", "U22", "C04"} & {m.id for m in made}
    assert any(m.id.startswith("E") for m in made)


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_tells_its_story_and_what_is_expected_of_it(name: str) -> None:
    scenario = load(ScenarioConfig(name=name))
    assert scenario.title["en"] and scenario.title["zh"] and scenario.narrative["en"] and scenario.narrative["zh"]
    assert scenario.sources and scenario.expect
    policies = {preset_name for group, preset_name in PRESETS if group == "policy"}
    for e in scenario.expect:
        assert e.outcome in OUTCOMES and e.against in policies | set(scenario_names()) - {name} and e.why
    assert all(m.text_en and m.text_zh for m in scenario.moves if "-" not in m.id)


TIMELINE = [f"U{i:02}" for i in range(1, 39)] + [f"A{i:02}" for i in range(1, 11)] + [f"C{i:02}" for i in range(1, 13)]


def test_history_has_all_sixty_dated_actions_with_their_evidence() -> None:
    history = load(ScenarioConfig())
    assert len(TIMELINE) == 60 and set(TIMELINE) <= set(history.evidence)
    assert all(m.source for m in history.moves if m.id in TIMELINE)
    assert {history.evidence[i] for i in TIMELINE} <= {"read", "remembered"}
    assert {m.actor for m in history.moves} == {"USA", "CHN", "JPN", "NLD", "DEU", "KOR", "TWN", "GBR"}


def test_the_script_adds_as_many_parties_as_its_sources_say(economy: Any) -> None:
    listings = [m for m in load(ScenarioConfig()).moves if m.verb == "list" and m.actor == "USA" and m.tool == "entity_list"]
    new = {y: sum(m.parties or 0 for m in listings if quarter_label(m.quarter).startswith(y) and m.id[0] != "E") for y in ("2018", "2019")}
    assert new == {"2018": 45, "2019": 69 + 5 + 46 + 28}
    assert all(m.parties for m in listings if m.id[0] != "E")
    tracks = ecsim.run("history", "time.quarters=12", "economy=small").result.record.tracks
    on_list = tracks["listed_entities"][:, 0]
    assert on_list[3] == pytest.approx(218) and on_list[11] == pytest.approx(479, rel=0.15)  # target C1


def test_the_continuation_of_history_is_declared_as_assumption_and_can_be_left_out() -> None:
    whole, dated = load(ScenarioConfig()), load(ScenarioConfig(continuation=False))
    added = {m.id for m in whole.moves} - {m.id for m in dated.moves}
    assert added and all(whole.evidence[i] == "assumption" for i in added)
    assert max(m.quarter for m in dated.moves) <= quarter_of("2026Q1", "")


def history_until(label: str, economy: Any, **config: Any) -> Any:
    w = small_world(economy=economy)
    players = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig(**config)), economy)
    play(w, players, quarter_of(label, ""))
    return w


def test_history_denies_zte_for_one_quarter(economy: Any) -> None:
    zte = set(economy.company_rows["ZTE"])
    assert history_until("2018Q2", economy).book.parties["USA:denial_order"] == zte
    assert "USA:denial_order" not in history_until("2018Q3", economy).book.parties


def test_history_widens_the_fence_and_then_lowers_it(economy: Any) -> None:
    assert "U22" not in history_until("2022Q3", economy).book.rules
    assert history_until("2022Q4", economy).book.rules["U22"].threshold == 0.95
    later = history_until("2023Q4", economy).book.rules["U22"]
    assert (later.threshold, later.owners, later.fdp) == (0.0, True, True)
    assert history_until("2026Q1", economy).book.rules["U22"].threshold == 2.5


def test_history_suspends_for_the_truce_and_the_continuation_renews_it(economy: Any) -> None:
    for continuation, suspended in ((True, {"U36", "C08", "C12"}), (False, set())):
        w = history_until("2027Q1", economy, continuation=continuation)
        assert set(w.book.suspended) == suspended
        assert ("U36" in w.book.rules) is not continuation


def test_what_if_an_act_had_not_been(economy: Any) -> None:
    assert "A03" in history_until("2024Q1", economy).book.rules
    assert "A03" not in history_until("2024Q1", economy, drop=("A03",)).book.rules
    assert {r.issuer for r in history_until("2024Q1", economy, actors=("USA",)).book.rules.values()} == {"USA"}
    with pytest.raises(UserError, match=r"scenario\.drop: unknown move 'A99'"):
        load(ScenarioConfig(drop=("A99",)))


def test_the_dutch_exit_is_the_coalition_until_it_is_not(economy: Any) -> None:
    assert history_until("2026Q4", economy, name="dutch_exit").book.adoption == {("JPN", "USA"): 0.6, ("NLD", "USA"): 0.6}
    assert history_until("2027Q1", economy, name="dutch_exit").book.adoption == {("JPN", "USA"): 0.6}


def test_a_script_in_which_the_challenger_acts_stands_in_for_its_counter_controls(economy: Any) -> None:
    scripted = settings(policy=PolicyConfig(kind="script"), response=preset("response", "default"))
    response = next(p for p in strategies.build(scripted, economy) if isinstance(p, Response))
    assert not response.config.counters and response.config.subsidy == 1.0
    yard = settings(
        policy=PolicyConfig(kind="script"), response=preset("response", "default"), scenario=ScenarioConfig(name="small_yard_2022")
    )
    assert next(p for p in strategies.build(yard, economy) if isinstance(p, Response)).config.counters


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2018-01-01", 0), ("2018-02-14", 0), ("2018-02-15", 1), ("2018-04-15", 1), ("2019-05-16", 5), ("2022-10-07", 19), ("2024-12-31", 28)],
)
def test_a_date_counts_from_its_quarter_if_it_falls_in_the_first_half(day: str, quarter: int) -> None:
    assert quarter_at(dt.date.fromisoformat(day)) == quarter


GOOD = """
title: {en: t, zh: 题}
narrative: {en: n, zh: 述}
date: 2020-01-01
sources: [s]
moves:
  - {id: M1, date: 2020-01-01, actor: USA, verb: impose, tool: ccl, products: [hbm], evidence: read}
expect: []
"""
BAD_FILES = [
    ("products: [hbm]", "products: [hbmm]", "moves[1] (M1): products: unknown product 'hbmm'; did you mean 'hbm'"),
    ("actor: USA", "actor: UK", "moves[1] (M1): actor: unknown state 'UK'"),
    ("tool: ccl", "tool: entity_lst", "moves[1] (M1): tool: unknown tool 'entity_lst'; did you mean 'entity_list'"),
    ("evidence: read", "evidence: hearsay", "moves[1] (M1): evidence: unknown evidence 'hearsay'"),
    ("date: 2020-01-01, actor", "date: 2017-01-01, actor", "moves[1] (M1): date: '2017-01-01' is not a date of the run"),
    ("date: 2020-01-01, actor", "date: 2020-13-01, actor", "month must be in 1..12; accepted: YAML in UTF-8, with dates such as"),
    ("date: 2020-01-01, actor", "date: someday, actor", "moves[1] (M1): date: 'someday'"),
    ("verb: impose", "verb: impose, denail: 0.5", "moves[1] (M1): unknown key 'denail'; did you mean 'denial'"),
    ("verb: impose", "verb: impose, denial: 5", "moves[1] (M1): denial: '5' will not do; accepted: a number from 0 to 1"),
    ("id: M1, ", "", "moves[1]: id: missing"),
    ("sources: [s]", "", "sources: missing"),
    ("sources: [s]", "sources: [s]\nmusic: loud", "unknown key 'music'"),
    ("title: {en: t, zh: 题}", "title: t", "title: needs a text in each language"),
    ("expect: []", "expect: [{outcome: x}]", "expect[1]: needs the keys"),
    ("expect: []", "base: nowhere\nexpect: []", "base: unknown scenario 'nowhere'"),
    ("expect: []", "base: history\ndrop: [Z9]\nexpect: []", "drop: unknown move 'Z9'"),
    ("moves:", "moves: [", "not YAML"),
]


@pytest.mark.parametrize(("old", "new", "says"), BAD_FILES)
def test_a_bad_scenario_file_is_refused_with_file_row_and_key(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in GOOD
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as refusal:
        load(ScenarioConfig(file=str(file)))
    text = str(refusal.value)
    assert text.startswith("mine.yaml") and says in text and "\n" not in text


def test_an_expectation_of_an_unknown_outcome_is_refused_before_anything_runs(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    wrong = "expect: [{outcome: gap_fundry, direction: higher, against: none, why: w}]"
    file.write_text(GOOD.replace("expect: []", wrong), encoding="utf-8")
    with pytest.raises(UserError, match=r"^mine\.yaml: expect\[1\]: outcome: unknown outcome 'gap_fundry'; did you mean 'gap_foundry'\?"):
        api.dry_run("run", ["scenario=history", f"scenario.file={file}", "economy=small"])


def test_an_expectation_against_an_unknown_run_is_refused_before_anything_runs(tmp_path: Path) -> None:
    def words(name: str, against: str) -> list[str]:
        row = f"expect: [{{outcome: gap_foundry, direction: higher, against: {against}, why: w}}]"
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("expect: []", row), encoding="utf-8")
        return ["scenario=history", f"scenario.file={tmp_path / name}.yaml", "economy=small"]

    says = r"^mine\.yaml: expect\[1\]: against: unknown policy or scenario 'small_yrd'; did you mean 'small_yard'\?; accepted: blanket, "
    wrong = words("mine", "small_yrd")
    with pytest.raises(UserError, match=says):
        api.dry_run("run", wrong)
    with pytest.raises(UserError, match=says):
        ecsim.build_model("history", *wrong)
    assert api.dry_run("run", words("other", "mine"))  # a file beside it is a scenario too, as for `base`


def test_companies_are_held_against_the_economy(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("verb: impose, tool: ccl", "verb: list, tool: entity_list, entities: [Hauwei]"), encoding="utf-8")
    with pytest.raises(UserError, match=r"mine\.yaml: M1: entities: unknown company 'Hauwei'; did you mean 'Huawei'"):
        strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig(file=str(file))), ECONOMY)


def test_a_user_can_build_on_a_shipped_scenario(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("sources: [s]", "sources: [s]\nbase: small_yard_2022\ndrop: [Y5]"), encoding="utf-8")
    mine = load(ScenarioConfig(file=str(file)))
    assert [m.id for m in mine.moves] == ["M1", "Y1", "Y2", "Y7", "Y8", "Y3", "Y4", "Y6"]


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UserError, match=r"nowhere\.yaml: cannot be read"):
        load(ScenarioConfig(file="nowhere.yaml"))
    with pytest.raises(UserError, match=r"scenario\.name: unknown scenario 'dutch'; did you mean 'dutch_exit'"):
        load(ScenarioConfig(name="dutch"))


def test_the_page_on_scenarios_holds_what_it_shows(tmp_path: Path, economy: Any) -> None:
    page = (Path(__file__).parents[1] / "docs" / "add-a-scenario.md").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(page.split("```yaml")[1].split("```")[0], encoding="utf-8")
    w = history_until("2026Q4", economy, file=str(file))
    assert w.book.adoption == {("NLD", "USA"): 0.6}
    assert list(w.book.suspended) == ["X1"] and "X1" in history_until("2027Q1", economy, file=str(file)).book.rules
