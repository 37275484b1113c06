"""Moves: what they say, what they refuse, and that they survive a trip through plain values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecsim
from ecsim.errors import UserError
from ecsim.move_text import describe
from ecsim.moves import NEEDS, VERBS, Move, quarter_label
from ecsim.rules import CHANNELS
from ecsim.tools import sentences

NAMES = st.lists(st.sampled_from(("CHN", "JPN", "RUS")), max_size=2, unique=True).map(tuple)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "tool": st.just("entity_list"),
    "rule": st.just("r1"),
    "products": st.lists(st.sampled_from(("hbm", "memory")), max_size=2, unique=True).map(tuple),
    "destinations": NAMES,
    "end_uses": st.just(("accelerators",)),
    "exempt": NAMES,
    "spares": NAMES,
    "entities": st.just(("Huawei",)),
    "count": st.integers(1, 500),
    "parties": st.integers(1, 500),
    "list_name": st.sampled_from(("", "fn4")),
    "threshold": st.floats(-5, 5),
    "denial": st.floats(0, 1),
    "delay": st.floats(0, 4),
    "de_minimis": st.floats(0, 1),
    "level": st.floats(0.01, 1),
    "size": st.floats(-2, 100),
    "until": st.integers(73, 90),
    "issuer": st.just("CHN"),
    "origin": st.sampled_from(("", "DEU")),
    "channel": st.sampled_from(CHANNELS),
    "ground": st.sampled_from(("", "human rights")),
    **{k: st.booleans() for k in ("sliding", "fdp", "persons", "owners", "affiliates", "military", "adoptable")},
}


@st.composite
def moves(draw: st.DrawFn) -> Move:
    """Any move that the verbs allow."""
    verb = draw(st.sampled_from(sorted(VERBS)))
    keys = draw(st.sets(st.sampled_from(sorted(VERBS[verb])))) if VERBS[verb] else set()
    parties = {draw(st.sampled_from(("entities", "count")))} if verb in ("list", "delist") else set()
    keys |= set(NEEDS[verb]) | parties | ({"denial"} if verb == "amend" else set())
    values = {k: draw(VALUES[k]) for k in sorted(keys)}
    return Move(quarter=draw(st.integers(0, 72)), actor="USA", verb=verb, **values)


@given(moves())
def test_a_move_survives_a_trip_through_json(move: Move) -> None:
    assert Move.from_dict(json.loads(json.dumps(move.to_dict()))) == move


@given(moves(), st.sampled_from(("en", "zh")))
def test_every_move_reads_as_one_sentence_with_its_actor(move: Move, lang: str) -> None:
    text = describe(move, lang, {"USA": "美国" if lang == "zh" else "United States"})
    assert text.startswith("美国" if lang == "zh" else "United States")
    assert text.endswith("。" if lang == "zh" else ".")
    assert "{" not in text and "None" not in text


def test_a_sentence_names_who_what_and_how_hard() -> None:
    move = Move(quarter=5, actor="USA", verb="list", tool="entity_list", entities=("Huawei",), count=68, denial=0.33, fdp=True)
    assert (
        describe(move)
        == "USA lists Huawei and 68 further entities (entity_list); 33% of applications denied; with the foreign direct product rule."
    )
    assert describe(move, "zh") == "USA将Huawei、另68家实体列入entity_list；许可拒绝率33%；适用外国直接产品规则。"


def test_parties_taken_off_a_list_by_number_are_no_further_ones() -> None:
    move = Move(quarter=19, actor="USA", verb="delist", tool="uvl", count=26, destinations=("CHN",))
    assert describe(move) == "USA delists 26 entities in CHN (uvl)."
    assert describe(move, "zh") == "USA将26家CHN实体移出uvl。"
    named = replace(move, entities=("Huawei",), count=1)
    assert describe(named) == "USA delists Huawei and 1 further entity in CHN (uvl)."


def test_what_an_amendment_changes_is_said_of_the_rule_by_its_name() -> None:
    made = Move(quarter=5, actor="CHN", verb="measure", tool="new_whole_nation", rule="fund", size=20.0, products=("eda_ip", "lithography"))
    more = Move(quarter=9, actor="CHN", verb="amend", rule="fund", size=31.25, products=("eda_ip",))
    ended = Move(quarter=12, actor="CHN", verb="end_measure", rule="fund")
    told = [(made, "fund"), (more, "fund"), (ended, "fund")]
    assert sentences(told)[1:] == [
        "China adjusts the new-type whole-nation system for EDA and core IP; USD 31.2 bn a year.",
        "China ends the new-type whole-nation system for EDA and core IP.",
    ]
    assert sentences(told, "zh")[1] == "中国调整新型举国体制（EDA与IP核）；每年312亿美元。"
    assert sentences(told[2:]) == ["China ends fund."]


def test_a_text_of_its_own_stands_in_place_of_the_generated_one() -> None:
    move = Move(quarter=5, actor="USA", verb="event", text_en="A law is signed.", text_zh="法案签署。")
    assert (describe(move, "en"), describe(move, "zh")) == ("A law is signed.", "法案签署。")


def test_plain_values_leave_out_what_is_not_said() -> None:
    assert Move(quarter=5, actor="JPN", verb="leave", issuer="USA").to_dict() == {
        "quarter": 5,
        "actor": "JPN",
        "verb": "leave",
        "issuer": "USA",
    }


BASE = {"quarter": 4, "actor": "USA", "verb": "impose", "tool": "ccl"}
BAD = [
    ({"quarter": -1}, "quarter: '-1'"),
    ({"quarter": 1.5}, "quarter: '1.5'"),
    ({"quarter": True}, "quarter: 'True'"),
    ({"verb": "ban"}, "unknown verb 'ban'"),
    ({"denial": 1.2}, "denial: '1.2' will not do; accepted: a number from 0 to 1"),
    ({"denial": float("nan")}, "denial"),
    ({"denial": "high"}, "denial: 'high'"),
    ({"threshold": float("inf")}, "threshold"),
    ({"fdp": 1}, "fdp: '1' will not do; accepted: true, false"),
    ({"products": "hbm"}, "products: 'hbm' will not do; accepted: a list of names"),
    ({"products": ["hbm", 3]}, "products"),
    ({"count": 0}, "count"),
    ({"de_minimis": 25}, "de_minimis"),
    ({"destinations": ["USA"]}, "USA cannot act on itself"),
    ({"until": 4}, "until: 4 is not after the move"),
    ({"channel": "magic"}, "unknown channel 'magic'"),
    ({"level": 0.5}, "level: not an argument of 'impose'; accepted with: adopt"),
    ({"tool": ""}, "tool: missing"),
    ({"verb": "adopt", "tool": "", "issuer": "USA", "level": 1.0}, "cannot adopt its own rules"),
    ({"verb": "list", "tool": "entity_list"}, "'list' needs entities by name, or a count"),
    ({"verb": "amend", "tool": "", "rule": "r"}, "amend changes nothing"),
    ({"colour": "red"}, "unknown key 'colour'"),
    ({"trheshold": 1.0}, "did you mean 'threshold'"),
]


@pytest.mark.parametrize(("change", "says"), BAD)
def test_a_bad_move_is_refused_in_one_line(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as refusal:
        Move.from_dict(BASE | change, "log.json: row 3")
    text = str(refusal.value)
    assert text.startswith("log.json: row 3") and says in text and "\n" not in text


@pytest.mark.parametrize("key", ["quarter", "actor", "verb"])
def test_a_move_without_when_who_and_what_is_refused(key: str) -> None:
    with pytest.raises(UserError, match=f"{key}: missing"):
        Move.from_dict({k: v for k, v in BASE.items() if k != key})


def test_the_constructor_checks_like_the_reader() -> None:
    with pytest.raises(UserError, match="denial"):
        Move(quarter=0, actor="USA", verb="impose", tool="ccl", denial=2.0)


def test_quarters_count_from_2018() -> None:
    assert [quarter_label(q) for q in (0, 3, 4, 71)] == ["2018Q1", "2018Q4", "2019Q1", "2035Q4"]


@given(moves())
def test_a_move_made_is_the_move_constructed(move: Move) -> None:
    made = Move.make(**{k: v for k, v in vars(move).items() if v not in (None, "", ())})
    assert made == move and repr(made) == repr(move) and made.to_dict() == move.to_dict()
    with pytest.raises(UserError, match="will not do"):
        Move.make(move.quarter, move.actor, move.verb, denial=2.0)


@pytest.mark.parametrize(
    ("threshold", "en", "zh"),
    [
        (-0.8, "items from \u22120.8 generations (0: the level of the frontier of 2018)", "代际\u22120.8及以上物项（0为2018年的前沿水平）"),
        (-1e-17, "items from 0 generations (0: the level", "代际0及以上物项"),
        (-0.0, "items from 0 generations (0: the level", "代际0及以上物项"),
        (1.05, "items from +1.05 generations (0: the level", "代际+1.05及以上物项"),
    ],
)
def test_a_threshold_says_from_what_it_is_counted(threshold: float, en: str, zh: str) -> None:
    move = Move(quarter=2, actor="USA", verb="impose", tool="ear_fdp", products=("hbm",), destinations=("CHN",), threshold=threshold)
    assert en in describe(move, "en") and zh in describe(move, "zh")
    assert "-" not in describe(move, "en")
    assert "relative to the frontier" in describe(replace(move, sliding=True), "en")


def test_events_say_what_a_move_of_a_scenario_rests_on_and_nothing_of_what_the_model_decided() -> None:
    words = ("economy=small", "time.quarters=36")
    events = ecsim.run("history", *words).events
    scripted = events[events["evidence"] != ""]
    assert set(scripted["evidence"]) == {"read", "remembered", "assumption"}
    assert (scripted["source"] != "").mean() > 0.9
    assert set(events.loc[events["quarter"] > 32, "evidence"]) <= {"assumption", ""}  # the last act on record is in force since 2026Q1
    chosen = ecsim.run("endogenous", "alliance=endogenous", "economy=small", "time.quarters=16").events
    assert len(chosen) and (chosen[["evidence", "source"]] == "").all(axis=None)
