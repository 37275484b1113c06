"""Presets and doctrines as stories: given this configuration and this world, expect these moves."""

from __future__ import annotations

import csv
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np
import pytest

from ecsim import strategies
from ecsim.config import RunConfig
from ecsim.errors import UserError
from ecsim.strategies import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig
from ecsim.strategies.doctrine import Doctrine
from ecsim.strategies.settings import quarter_of
from players import ECONOMY, HORIZON, PRESETS, play, preset, settings, world

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
    (PolicyConfig, {"height": None}, "policy.height: 'None'"),
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
