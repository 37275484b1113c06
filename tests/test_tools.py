"""The toolkit: given these moves, expect those rules, listings and measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsim.data import load
from ecsim.errors import UserError
from ecsim.move_text import strength
from ecsim.moves import Move
from ecsim.rules import CHANNELS
from ecsim.strategies.scenario import load as scenario
from ecsim.strategies.settings import ScenarioConfig
from ecsim.tools import CATALOGUE, Control, Effect, display_names, enact, instrument_classes, sentence, vocabulary
from ecsim.tools.base import role
from ecsim.tools.spoken import SPOKEN
from policy_world import STATES
from using import ECONOMY, book_of, play, world

ACTOR = {"incumbent": "USA", "challenger": "CHN", "ally": "JPN"}
TABLE_ONE = {"1", "2", "3", "4", "5", "6a", "6b", *(str(i) for i in range(7, 20))}
TEXT_LISTS = {f"L{i}" for i in range(1, 9)}
AFTER = {f"X{i}" for i in range(1, 7)}
CHALLENGER_TOOLS = {
    "uel",
    "ecl",
    "dual_use_regs",
    "afsl",
    "blocking",
    "tech_catalogue",
    "minerals",
    "tariff_retaliation",
    "market_access",
    "big_fund",
    "tax",
    "mic2025",
    "whole_nation",
    "new_whole_nation",
    "bri_parks",
    "standards",
    "non_us_supply",
    "substitution",
    "talent",
    "early_warning",
    "compliance",
    "subsidy_relief",
}


# the catalogue


def test_every_row_of_the_papers_table_and_the_challengers_tools_are_in_the_catalogue() -> None:
    rows = [t.row for t in CATALOGUE.values() if t.row]
    assert sorted(rows) == sorted(TABLE_ONE | TEXT_LISTS | AFTER)
    assert set(CATALOGUE) >= CHALLENGER_TOOLS
    assert {t.cls for t in CATALOGUE.values() if t.row} == {"treatment", "trade", "finance", "investment"}


@pytest.mark.parametrize("tool", CATALOGUE.values(), ids=lambda t: t.id)
def test_every_tool_declares_itself_in_two_languages_with_source_and_instruments(tool: Any) -> None:
    assert tool.name_en and tool.name_zh and tool.name_en != tool.name_zh
    assert any("\u4e00" <= c <= "\u9fff" for c in tool.name_zh)
    assert tool.source and tool.agency and tool.layers and tool.users and tool.grounds
    assert tool.instruments and set(tool.instruments) <= set(instrument_classes())


def test_the_catalogue_uses_each_of_the_18_instruments() -> None:
    assert len(instrument_classes()) == 18
    assert {i for t in CATALOGUE.values() for i in t.instruments} == set(instrument_classes())


@pytest.mark.parametrize("tool", [t for t in CATALOGUE.values() if t.cls != "record"], ids=lambda t: t.id)
def test_every_tool_but_records_acts_through_a_rule_or_a_measure(tool: Any) -> None:
    w = world()
    actor = ACTOR[tool.users[0]]
    parties = {"count": 3, "destinations": ("CHN",) if actor != "CHN" else ("USA",)} if tool.listing else {}
    made = play(w, actor, "list" if tool.listing else "impose", tool=tool.id, **parties)
    parts = [*w.book.rules.values(), *w.book.measures.values()]
    assert made in {p.id for p in parts}
    assert len(parts) == len(tool.makes) == sum(isinstance(m, Control) for m in tool.makes) + sum(isinstance(m, Effect) for m in tool.makes)
    assert all(p.issuer == actor and p.tool == tool.id for p in parts)
    assert all(m.channel in CHANNELS for m in w.book.measures.values())
    assert all(actor not in r.destinations for r in w.book.rules.values())


@pytest.mark.parametrize("tool", CATALOGUE.values(), ids=lambda t: t.id)
def test_no_actor_uses_the_tools_of_another_role(tool: Any) -> None:
    for actor in STATES[:3]:
        if role(ECONOMY, actor) not in tool.users:
            with pytest.raises(UserError, match=f"{actor} may not use '{tool.id}'"):
                play(world(), actor, "impose", tool=tool.id)


def test_records_are_events_and_nothing_else() -> None:
    w = world()
    assert play(w, "USA", "event", tool="statute", text_en="A law.") is None
    assert book_of(w) == ({}, {}, {}, {})
    with pytest.raises(UserError, match="only goes on record"):
        play(w, "USA", "impose", tool="statute")


# rules


def test_a_move_overrides_the_terms_of_its_tool_and_keeps_the_rest() -> None:
    w = world()
    rule_id = play(w, "USA", "impose", tool="country_rule", products=("hbm",), threshold=0.5, denial=0.7)
    rule = w.book.rules[rule_id]
    assert (rule.products, rule.threshold, rule.denial, rule.destinations) == (("hbm",), 0.5, 0.7, ("CHN",))
    assert rule.delay == CATALOGUE["country_rule"].makes[0].terms["delay"].value
    assert w.book.version == 1


def test_an_end_use_is_part_of_the_rule_as_far_as_the_economy_has_such_makers() -> None:
    w = world()
    rule_id = play(w, "USA", "impose", tool="country_rule", products=("lithography",), end_uses=("foundry_advanced", "memory"))
    assert w.book.rules[rule_id].end_uses == ("foundry_advanced", "memory")
    play(w, "USA", "amend", rule=rule_id, end_uses=("memory",))
    assert w.book.rules[rule_id].end_uses == ("memory",)
    gone = tuple(p for p in ECONOMY.products if p != "memory")
    w.economy = replace(ECONOMY, products=gone)
    play(w, "USA", "amend", rule=rule_id, end_uses=("memory", "hbm"))
    assert w.book.rules[rule_id].end_uses == ("hbm",)
    assert play(w, "USA", "impose", tool="country_rule", end_uses=("memory",)) is None


def test_a_counter_control_is_worldwide_unless_destinations_are_named() -> None:
    w = world()
    assert w.book.rules[play(w, "CHN", "impose", tool="minerals")].destinations == ()
    assert w.book.rules[play(w, "CHN", "impose", tool="minerals", destinations=("JPN",))].destinations == ("JPN",)


def test_two_rules_of_one_tool_in_one_quarter_both_stand() -> None:
    w = world()
    first = play(w, "USA", "impose", tool="ccl", products=("hbm",))
    second = play(w, "USA", "impose", tool="ccl", products=("memory",))
    assert first != second and len(w.book.rules) == 2


def test_amending_changes_what_is_named_and_nothing_else() -> None:
    w = world()
    play(w, "USA", "impose", tool="country_rule", rule="r", threshold=0.9, products=("accelerators",))
    before = w.book.rules["r"]
    play(w, "USA", "amend", rule="r", threshold=0.0, owners=True)
    after = w.book.rules["r"]
    assert (after.threshold, after.owners) == (0.0, True)
    assert (after.denial, after.products, after.start) == (before.denial, before.products, before.start)


def test_suspending_takes_a_rule_out_of_force_and_resuming_brings_it_back() -> None:
    w = world()
    play(w, "USA", "impose", tool="ear_fdp", rule="r")
    rule = w.book.rules["r"]
    play(w, "USA", "suspend", rule="r", until=4)
    assert w.book.rules == {} and w.book.due == {"r": 4}
    with pytest.raises(UserError, match="suspended already"):
        play(w, "USA", "suspend", rule="r")
    play(w, "USA", "amend", rule="r", denial=0.5)
    play(w, "USA", "resume", rule="r")
    assert w.book.rules["r"].denial == 0.5 and w.book.rules["r"].products == rule.products
    assert w.book.due == {} and w.book.suspended == {}
    with pytest.raises(UserError, match="not suspended"):
        play(w, "USA", "resume", rule="r")


def test_a_tool_with_several_parts_is_lifted_whole() -> None:
    w = world()
    play(w, "USA", "impose", tool="us_persons", rule="p", products=("lithography",))
    assert w.book.rules["p"].persons and w.book.measures["p/talent"].channel == "talent"
    play(w, "USA", "lift", rule="p")
    assert book_of(w) == ({}, {}, {}, {})


def test_a_measure_by_channel_makes_that_part_only_at_the_size_of_the_move() -> None:
    w = world()
    made = play(w, "CHN", "measure", tool="new_whole_nation", rule="f", channel="subsidy", size=80.0, products=("lithography", "memory"))
    assert made == "f" and list(w.book.measures) == ["f"]
    fund = w.book.measures["f"]
    assert (fund.channel, fund.size, fund.products, fund.targets) == ("subsidy", 80.0, ("lithography", "memory"), ())
    with pytest.raises(UserError, match="unknown channel of 'new_whole_nation' 'tariff'"):
        play(w, "CHN", "measure", tool="new_whole_nation", channel="tariff")
    with pytest.raises(UserError, match="makes rules"):
        play(w, "USA", "measure", tool="ccl")


def test_a_rule_can_cover_the_parties_of_a_list_that_another_keeps() -> None:
    w = world()
    play(w, "USA", "list", tool="entity_list", list_name="huawei", entities=("Huawei",))
    made = play(w, "USA", "impose", tool="ear_fdp", list_name="huawei", products=("foundry_advanced",))
    assert w.book.rules[made].party_list == "USA:huawei" and w.book.rules[made].fdp
    assert w.book.rules[made].destinations == ()


# alliances


def test_adopting_and_leaving() -> None:
    w = world()
    play(w, "JPN", "adopt", issuer="USA", level=0.6)
    assert w.book.adoption == {("JPN", "USA"): 0.6}
    play(w, "JPN", "leave", issuer="USA")
    assert w.book.adoption == {}


# refusals


REFUSED = [
    ("USA", "impose", {"tool": "entitylist"}, "unknown tool 'entitylist'; did you mean 'entity_list'"),
    ("USA", "impose", {"tool": "ccl", "products": ("chips",)}, "unknown product 'chips'"),
    ("USA", "impose", {"tool": "ccl", "end_uses": ("chips",)}, "end_uses: unknown product 'chips'"),
    ("USA", "impose", {"tool": "ccl", "destinations": ("PRC",)}, "unknown state 'PRC'"),
    ("UK", "impose", {"tool": "ccl"}, "unknown state 'UK'"),
    ("USA", "list", {"tool": "entity_list", "entities": ("Hauwei",)}, "unknown company 'Hauwei'; did you mean 'Huawei'"),
    ("USA", "list", {"tool": "entity_list", "entities": ("Micron",)}, "USA cannot list its own company 'Micron'"),
    ("USA", "list", {"tool": "ccl", "entities": ("Huawei",)}, "'ccl' keeps no list"),
    ("USA", "list", {"tool": "sdn", "entities": ("Beihang University",)}, "'sdn' acts on firms"),
    ("CHN", "list", {"tool": "uel", "entities": ("Beihang University",)}, "CHN cannot list its own institute"),
    ("USA", "delist", {"tool": "entity_list", "entities": ("Beihang University",)}, "not all of Beihang University are on"),
    ("USA", "list", {"tool": "entity_list", "count": 3}, "destinations: missing"),
    ("CHN", "impose", {"tool": "entity_list"}, "CHN may not use 'entity_list'; accepted: incumbent"),
    ("JPN", "impose", {"tool": "minerals"}, "JPN may not use 'minerals'"),
    ("CHN", "adopt", {"issuer": "USA", "level": 1.0}, "CHN may not adopt"),
    ("JPN", "adopt", {"issuer": "CHN", "level": 1.0}, "rules of CHN cannot be adopted"),
    ("JPN", "leave", {"issuer": "USA"}, "JPN has not adopted the rules of USA"),
    ("USA", "lift", {"rule": "r9"}, "unknown rule 'r9'; accepted: r1"),
    ("CHN", "lift", {"rule": "r1"}, "'r1' is of USA; accepted: rules of CHN"),
    ("USA", "impose", {"tool": "ccl", "rule": "r1"}, "'r1' is in force or suspended already"),
]


@pytest.mark.parametrize(("actor", "verb", "values", "says"), REFUSED)
def test_what_may_not_be_done_is_refused_in_one_line_and_leaves_no_trace(actor: str, verb: str, values: dict[str, Any], says: str) -> None:
    w = world()
    play(w, "USA", "impose", tool="ccl", rule="r1")
    version, before = w.book.version, repr(book_of(w))
    with pytest.raises(UserError) as refusal:
        play(w, actor, verb, **values)
    assert says in str(refusal.value) and "\n" not in str(refusal.value) and "2018Q1" in str(refusal.value)
    assert (w.book.version, repr(book_of(w))) == (version, before)


@pytest.mark.parametrize(("quarter", "says"), [(2, "in the past"), (4, "in the future")])
def test_moves_are_made_in_their_quarter(quarter: int, says: str) -> None:
    with pytest.raises(UserError, match=says):
        enact(Move(quarter=quarter, actor="USA", verb="impose", tool="ccl"), world(3))


# tools commute


ONCE = st.sampled_from(
    [
        ("USA", "impose", {"tool": "country_rule", "products": ("hbm",), "rule": "a"}),
        ("USA", "impose", {"tool": "us_persons", "products": ("lithography",), "rule": "b"}),
        ("USA", "list", {"tool": "entity_list", "entities": ("Huawei",)}),
        ("USA", "list", {"tool": "entity_list", "count": 8, "destinations": ("CHN",), "products": ("electronics",)}),
        ("USA", "list", {"tool": "uvl", "count": 3, "destinations": ("CHN",), "products": ("servers",)}),
        ("USA", "impose", {"tool": "s301", "rule": "c"}),
        ("JPN", "impose", {"tool": "national_list", "products": ("other_tools",), "rule": "d"}),
        ("JPN", "adopt", {"issuer": "USA", "level": 0.5}),
        ("CHN", "impose", {"tool": "minerals", "rule": "e"}),
        ("CHN", "measure", {"tool": "big_fund", "rule": "f"}),
    ]
)


@given(st.lists(ONCE, unique_by=repr), st.randoms(use_true_random=False))
def test_the_order_of_moves_in_a_quarter_does_not_matter(acts: list[tuple[str, str, dict[str, Any]]], chance: Any) -> None:
    one, other = world(), world()
    shuffled = list(acts)
    chance.shuffle(shuffled)
    for actor, verb, values in acts:
        play(one, actor, verb, **values)
    for actor, verb, values in shuffled:
        play(other, actor, verb, **values)
    assert book_of(one) == book_of(other)


# texts


def test_sentences_use_the_names_of_the_catalogue_in_both_languages() -> None:
    move = Move(quarter=0, actor="USA", verb="impose", tool="ear_fdp", products=("hbm",), destinations=("CHN",), denial=0.95)
    assert sentence(move) == (
        "The United States imposes the foreign direct product rule for high-bandwidth memory towards China; 95% of applications denied."
    )
    assert sentence(move, "zh") == "美国对中国实施《出口管理条例》外国直接产品规则（高带宽存储）；许可拒绝率95%。"


@pytest.mark.parametrize(
    ("actor", "verb", "values", "en", "zh"),
    [
        (
            "USA",
            "list",
            {"tool": "entity_list", "count": 35, "destinations": ("CHN",), "products": ("handsets",)},
            "The United States lists 35 further entities in China that make handsets (Entity List).",
            "美国将另35家中国实体（手机）列入实体清单。",
        ),
        (
            "USA",
            "list",
            {"tool": "entity_list", "entities": ("Megvii", "Beihang University"), "count": 1},
            "The United States lists Megvii, Beihang University and 1 further entity (Entity List).",
            "美国将旷视、北京航空航天大学、另1家实体列入实体清单。",
        ),
        (
            "USA",
            "delist",
            {"tool": "entity_list", "entities": ("ZTE",)},
            "The United States delists ZTE (Entity List).",
            "美国将中兴移出实体清单。",
        ),
        (
            "USA",
            "impose",
            {"tool": "cfius"},
            "The United States imposes review of foreign investment (CFIUS).",
            "美国实施外国投资审查（CFIUS）。",
        ),
        ("NLD", "leave", {"issuer": "USA"}, "The Netherlands leaves the rules of the United States.", "荷兰退出美国的规则。"),
        (
            "CHN",
            "impose",
            {"tool": "minerals", "products": ("critical_minerals",), "destinations": ("USA", "GBR", "JPN")},
            "China imposes export licences on critical minerals towards the United States, the United Kingdom and Japan.",
            "中国对美国、英国、日本实施关键矿产出口许可。",
        ),
        (
            "CHN",
            "measure",
            {"tool": "big_fund"},
            "China uses the National Integrated Circuit Fund (Big Fund).",
            "中国实施国家集成电路产业投资基金。",
        ),
    ],
)
def test_sentences_read_as_sentences(actor: str, verb: str, values: dict[str, Any], en: str, zh: str) -> None:
    move = Move(quarter=0, actor=actor, verb=verb, **values)
    assert (sentence(move), sentence(move, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("tool", "channel", "size", "en", "zh"),
    [
        ("talent", "talent", -0.05, "recruitment of talent and returnees; exchange of people raised by 5%.", "人才计划；人员交流扩大5%。"),
        (
            "standards",
            "alignment",
            -0.1,
            "work on international standards; allies' will to join lowered by 0.1.",
            "国际标准；盟友加入意愿降低0.1。",
        ),
        (
            "early_warning",
            "foresight",
            0.2,
            "early warning and policy tracking; 20% of coming controls foreseen.",
            "技术贸易安全风险预警；预见后续管制20%。",
        ),
        (
            "compliance",
            "over_compliance",
            -0.1,
            "compliance systems of firms; refusals beyond the law cut by 10%.",
            "企业合规；超出法律要求的拒绝减少10%。",
        ),
        ("tariff_retaliation", "tariff", 0.139, "retaliatory tariffs; duty 13.9%.", "对美加征关税；关税13.9%。"),
        (
            "substitution",
            "preference",
            0.2,
            "domestic substitution (buy local, first-set insurance); goods made at home held to be 20% cheaper.",
            "国产替代；本国产品享20%价格优惠。",
        ),
    ],
)
def test_the_size_of_a_measure_says_what_it_is_a_size_of(tool: str, channel: str, size: float, en: str, zh: str) -> None:
    move = Move(quarter=0, actor="CHN", verb="measure", tool=tool, channel=channel, size=size)
    assert (sentence(move), sentence(move, "zh")) == (f"China uses {en}", f"中国实施{zh}")


def test_the_size_of_no_measure_is_a_bare_strength() -> None:
    for maker in [m for tool in CATALOGUE.values() for m in tool.makes if isinstance(m, Effect)]:
        for size in (maker.size.lo, maker.size.value, maker.size.hi):
            for lang, bare in (("en", "strength"), ("zh", "力度")):
                said = strength(maker.channel, size, lang)
                assert bare not in said and "\N{MINUS SIGN}" not in said


@pytest.mark.parametrize(
    ("tool", "zh"),
    [
        ("sdn", "美国将中芯国际列入特别指定国民清单。"),
        ("denial_order", "美国依拒绝令将中芯国际列名。"),
        ("sectoral_sanctions", "美国依行业及全面制裁将中芯国际列名。"),
    ],
)
def test_parties_are_put_on_lists_and_named_under_what_is_none(tool: str, zh: str) -> None:
    move = Move(quarter=0, actor="USA", verb="list", tool=tool, entities=("SMIC",))
    assert sentence(move, "zh") == zh
    taken_off = sentence(replace(move, verb="delist"), "zh")
    assert taken_off == zh.replace("列入", "移出").replace("列名", "除名")


def test_what_is_called_otherwise_in_sentences_is_known() -> None:
    for lang in ("en", "zh"):
        assert set(SPOKEN[lang]) <= set(display_names(lang))


def test_the_companies_that_have_a_chinese_name_are_companies_of_the_data() -> None:
    known = set(load().firms["company"])
    assert set(vocabulary("company")) <= known
    listed = {x for move in scenario(ScenarioConfig()).moves for x in move.entities if move.actor == "USA"}
    assert not [x for x in listed if display_names("zh").get(x, x) == x]


def test_every_product_and_state_has_a_name_in_both_languages() -> None:
    tables = load()
    assert set(vocabulary("product")) == set(tables.products["product"]) and set(vocabulary("state")) == set(tables.states["state"])
    for lang in ("en", "zh"):
        assert all(display_names(lang)[x] for kind in ("product", "state") for x in vocabulary(kind))


def test_the_page_on_tools_holds_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[1] / "docs" / "add-a-tool.md").read_text(encoding="utf-8")
    shown: dict[str, Any] = {}
    exec(page.split("```python")[1].split("```")[0], shown)
    monkeypatch.setitem(CATALOGUE, "cloud_rule", shown["CLOUD_RULE"])
    w = world()
    play(w, "USA", "impose", tool="cloud_rule", rule="c")
    assert w.book.rules["c"].products == ("cloud_ai",) and w.book.measures["c/enforcement"].size == 0.02
