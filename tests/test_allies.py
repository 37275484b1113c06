"""Allies, hubs and the challenger's components: who joins, when and why; what counsel does and costs."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import Any

import numpy as np
import pandas as pd
import pytest

from choosing import ground, model, moves
from ecsim.agents.alliance import Alliance
from ecsim.config import compose
from ecsim.economy import CHALLENGER
from ecsim.errors import UserError
from ecsim.model import ExportControlModel
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies.accession import Reasons, package, reasons, rules_offered
from ecsim.strategies.advice import ADVICE, parts, recommendations
from ecsim.strategies.allies import Allies
from ecsim.strategies.challenger import severity_of
from ecsim.strategies.clubs import clubs, fellows, inherited
from ecsim.strategies.counsel import Counsel
from ecsim.strategies.hubs import Hubs
from ecsim.strategies.outlook import Observer, Outlook, observe
from ecsim.strategies.replay import Replay
from ecsim.strategies.settings import AllianceConfig, ResponseConfig, quarter_of
from ecsim.tools import CATALOGUE, enact, vocabulary
from policy_world import STATES, small_economy, small_world

A = Params().accession
CHOOSE = AllianceConfig(name="t", mode="endogenous", level=0.6)


# a decision worked by hand


def hand_world() -> Any:
    """Two products are controlled. The challenger's foundries need tools; Japan and the Netherlands sell them."""
    e = small_economy()
    fab = next(r for r in range(e.n_firms) if e.products[e.product[r]] == "foundry_mature" and e.location[r] == CHALLENGER)
    table = pd.DataFrame(
        {"role": ["incumbent", "challenger"] + ["ally"] * 5 + ["third"], "exports_to_CHN_share": [8, 0, 20, 4, 25, 30, 7, 10]}
    )
    tools = [e.product_index["lithography"], e.product_index["deposition_etch"]]
    e = replace(
        e,
        state_table=table,
        slot_firm=np.array([fab, fab]),
        slot_input=np.array(tools),
        coef=np.array([0.1, 0.1]),
        critical0=np.array([1.0, 1.0]),
        embodies=np.array([0.0, 0.0]),
    )
    w = small_world(0, economy=e)
    w.frontier = np.zeros(e.n_products)
    enact(Move(quarter=0, actor="USA", verb="impose", tool="country_rule", products=("lithography",), denial=0.8), w)
    return w, tools


def hand_outlook(w: Any, tools: list[int]) -> Outlook:
    e = w.economy
    sold = np.zeros((e.n_products, e.n_states))
    lithography = {"USA": 0.0, "JPN": 1.0, "NLD": 3.0, "CHN": 1.0}
    etching = {"USA": 2.0, "JPN": 2.0}
    for row, sales in zip(tools, (lithography, etching), strict=True):
        for state, value in sales.items():
            sold[row, e.state_index[state]] = value
    zero = np.zeros(e.n_products)
    return Outlook(
        by_location=sold,
        by_owner=sold,
        refused_by_owner=np.zeros_like(sold),
        bought=sold.sum(axis=1),
        refused=zero,
        item=np.full(e.n_products, 9.0),  # far above any threshold
        reach=np.full(e.n_products, 0.5),
        revenue=np.full(e.n_states, 50.0),
        catch_up=zero,
    )


def test_an_accession_decision_worked_by_hand() -> None:
    w, tools = hand_world()
    e = w.economy
    adopted, past = np.zeros(e.n_states), np.zeros(e.n_states)
    adopted[e.state_index["NLD"]], past[e.state_index["JPN"]] = 0.5, 2.0
    why = reasons(w, hand_outlook(w, tools), package(e, rules_offered(w.book, "USA", "CHN")), adopted, past)
    japan = e.state_index["JPN"]
    # foundries: of 440 units made in the challenger in 11 products of 40, their own 34 (10 + 9 + 8 + 7) depend on each tool
    output = w.economy.output0[e.location == CHALLENGER].sum()
    risk = 34.0 * (10.0 / 34.0) / output  # one fab of four has the slots
    assert why.effect[japan] == pytest.approx(0.8 * (1.0 / 4.0) * risk / (2 * risk))  # a quarter of foreign lithography, one of two tools
    assert why.stake[japan] == pytest.approx(0.8 * 1.0 / 50.0)
    assert why.pressure[japan] == pytest.approx((1.0 + 0.0) / 2.0)  # protected, no direct-product rule
    # others' supply of lithography: the Netherlands alone, at level 0.5; they share a regime
    assert why.norm[japan] == pytest.approx(0.5)
    plants = 0.0
    assert why.exposure[japan] == pytest.approx(0.20 + plants)
    utility = A.inclination + A.threat * 0.3 * 0.1 + A.pressure * 0.5 + A.norms * 0.5
    utility += -A.stake * 0.016 - A.retaliation * 0.1 * 0.20 + A.path_dependence * log(3.0)
    assert why.utility(w, threat=0.3, anger=0.1)[japan] == pytest.approx(utility)


def test_a_direct_product_rule_takes_the_point_of_joining_and_adds_pressure() -> None:
    w, tools = hand_world()
    e = w.economy
    enact(Move(quarter=0, actor="USA", verb="impose", tool="ear_fdp", products=("lithography",), denial=0.8, spares=("NLD",)), w)
    zero = np.zeros(e.n_states)
    why = reasons(w, hand_outlook(w, tools), package(e, rules_offered(w.book, "USA", "CHN")), zero, zero)
    japan, holland = e.state_index["JPN"], e.state_index["NLD"]
    assert why.effect[japan] == pytest.approx(0.8 * 0.5 * 0.25 / 2.0)  # half of it is in reach already
    assert why.effect[holland] == pytest.approx(0.8 * 0.75 / 2.0)  # spared
    assert why.pressure[japan] == pytest.approx((1.0 + 0.8 * 0.5 / 0.8) / 2.0) and why.pressure[holland] == pytest.approx(0.5)


def test_lists_and_military_rules_ask_nothing_of_allies() -> None:
    w, _ = hand_world()
    enact(Move(quarter=0, actor="USA", verb="lift", rule=next(iter(w.book.rules))), w)
    enact(Move(quarter=0, actor="USA", verb="list", tool="entity_list", entities=("SMIC",)), w)
    enact(Move(quarter=0, actor="USA", verb="impose", tool="end_use_rule"), w)
    enact(Move(quarter=0, actor="USA", verb="impose", tool="ccl", destinations=("RUS",)), w)
    assert package(w.economy, rules_offered(w.book, "USA", "CHN")).empty


ZERO = {"threat": "effect", "pressure": "pressure", "norms": "norm", "stake": "stake", "retaliation": "exposure", "path_dependence": "past"}


@pytest.mark.parametrize(("weight", "reason"), ZERO.items())
def test_each_reason_stops_with_its_weight(weight: str, reason: str) -> None:
    zero = np.zeros(3)
    why = Reasons(**dict.fromkeys(("effect", "pressure", "norm", "stake", "exposure", "past"), zero))
    moved = replace(why, **{reason: np.array([0.0, 0.5, 1.0])})
    for value, same in ((0.0, True), (1.0, False)):
        w: Any = small_world()
        w.params = replace(w.params, accession=replace(A, **{weight: value}))
        assert (len(set(moved.utility(w, 0.3, 0.2))) == 1) is same


# who joins, and when


def joined(made: Any) -> dict[str, int]:
    first: dict[str, int] = {}
    for m in made:
        if m.verb == "adopt":
            first.setdefault(m.actor, m.quarter)
    return first


def test_japan_and_the_netherlands_join_after_october_2022_and_korea_does_not() -> None:
    when = joined(moves("policy=history", "alliance=endogenous"))
    trigger = quarter_of("2022Q4", "")
    assert when["JPN"] - trigger in (2, 3, 4) and when["NLD"] - trigger in (2, 3, 4, 5)
    assert "KOR" not in when
    assert not {m.actor for m in moves("policy=history", "alliance=endogenous") if m.tool == "national_list"}  # no script of allies


def test_none_joins_where_there_is_no_threat() -> None:
    assert (
        not {"JPN", "NLD"} & joined(moves("policy=history", "alliance=endogenous", "accession.threat=0", "accession.inclination=-5")).keys()
    )


@pytest.mark.parametrize("weight", ["norms", "pressure", "path_dependence", "stake", "retaliation"])
def test_a_weight_of_zero_breaks_nothing_else(weight: str) -> None:
    made = moves("policy=history", "alliance=endogenous", f"accession.{weight}=0")
    assert "JPN" in joined(made)


def test_friends_follow_against_an_aggressor_at_once() -> None:
    made = moves("policy=history", "alliance=endogenous")
    followed = {m.actor: m.quarter for m in made if m.tool == "align_sanctions" and m.actor != "USA"}
    rule = next(m.quarter for m in made if m.tool == "align_sanctions" and m.actor == "USA")
    assert {"JPN", "NLD", "DEU", "KOR", "GBR"} <= followed.keys()
    assert min(followed.values()) == rule and np.median(list(followed.values())) <= rule + 1
    assert joined(made)["JPN"] - quarter_of("2022Q4", "") > 1


def test_a_group_of_states_waits_for_the_slowest_of_its_union() -> None:
    m = model("policy=small_yard", "alliance=endogenous")
    allies = next(p for p in m.players if isinstance(p, Allies))
    for _ in range(4):
        m.step()
    e = m.economy
    union = [e.state_index[s] for s in ("NLD", "DEU", "FRA", "ITA")]
    adopted = np.zeros(e.n_states)
    adopted[union[:-1]] = 1.0
    group = e.state_index["EUR"]
    allies._due[:] = np.iinfo(np.int64).max
    assert allies._waits(m.world, group, adopted) and not allies._waits(m.world, union[0], adopted)
    adopted[union[-1]] = 1.0
    assert not allies._waits(m.world, group, adopted)


def test_reasons_gone_members_leave() -> None:
    made = moves("policy=small_yard", "alliance=endogenous", "accession.exit_cost=0", "accession.inclination=-6")
    assert any(m.verb == "leave" for m in made)


def test_a_member_with_strong_reasons_controls_end_users_too() -> None:
    made = moves("policy=small_yard", "alliance=endogenous", "accession.upgrade=2")
    levels = {m.actor: m.level for m in made if m.verb == "adopt"}
    assert levels["JPN"] == A.full_level and set(levels.values()) <= {0.6, A.full_level}


@pytest.mark.slow
def test_the_first_wave_comes_in_the_order_and_time_of_history() -> None:
    """Targets C9a to C9d, with one set of parameters: months from October 2022."""
    economy = None
    lags: dict[str, list[float]] = {s: [] for s in ("JPN", "NLD", "DEU", "KOR")}
    horizon = quarter_of("2025Q4", "")
    for seed in range(1, 25):
        m = ExportControlModel.from_config(
            compose(("policy=history", "alliance=endogenous", f"seed={seed}", "time.quarters=52")).run, economy=economy
        )
        economy = m.economy
        while not m.finished:
            m.step()
        when = joined(move for move, _ in m.moves)
        for state, found in lags.items():
            found.append(3.0 * (when[state] - quarter_of("2022Q4", "")) if state in when else float("nan"))
    mean = {s: float(np.nanmean(x)) if not np.isnan(x).all() else float("nan") for s, x in lags.items()}
    assert mean["JPN"] == pytest.approx(9.5, abs=3.0)
    assert mean["NLD"] == pytest.approx(10.8, abs=3.0)
    assert mean["DEU"] == pytest.approx(21.3, abs=6.0)
    assert mean["JPN"] <= mean["NLD"] < mean["DEU"]
    assert np.mean([not lag <= 3.0 * (horizon - quarter_of("2022Q4", "")) for lag in lags["KOR"]]) >= 0.9


# backfill


TOOLS = Move(quarter=2, actor="USA", verb="impose", tool="country_rule", products=("lithography", "deposition_etch"))


def sales(product: str, state: str, *made: Move) -> tuple[float, float]:
    """Sales of a state's plants to the challenger's buyers a year after all moves, and what is refused there."""
    m = model("policy=none", players=[Replay([TOOLS, *made])])
    for _ in range(20):
        m.step()
    e, seen = m.economy, observe(m.world)
    return float(seen.by_location[e.product_index[product], e.state_index[state]]), float(seen.refused[e.product_index[product]])


def adopt(state: str) -> Move:
    return Move(quarter=4, actor=state, verb="adopt", issuer="USA", level=1.0)


def test_a_dutch_exit_opens_the_gap_in_the_fence_again() -> None:
    inside, refused = sales("lithography", "NLD", adopt("NLD"))
    out, free = sales("lithography", "NLD", adopt("NLD"), Move(quarter=12, actor="NLD", verb="leave", issuer="USA"))
    assert out > 2 * inside and free < refused


def test_a_japanese_entry_ends_its_backfill() -> None:
    none = model("policy=none", players=[])
    for _ in range(20):
        none.step()
    e = none.economy
    before = float(observe(none.world).by_location[e.product_index["deposition_etch"], e.state_index["JPN"]])
    alone, gap = sales("deposition_etch", "JPN")
    joined_in, shut = sales("deposition_etch", "JPN", adopt("JPN"))
    assert alone > before  # Japan fills what American makers may not sell
    assert joined_in < before and shut > gap


# alliances as data


def test_alliances_have_rules_members_and_sources() -> None:
    known = clubs()
    assert {"wassenaar", "ttc", "chip4", "usjpnl", "quad", "next_g", "quantum_alliance", "echri", "gecc"} <= set(known)
    for club in known.values():
        assert club.name_zh and club.source and club.rule in ("consensus", "national", "talks")
        assert all(0 < share <= 1 for share in club.shares(vocabulary("state")).values())
    assert set(known["chip4"].members) == {"USA", "JPN", "KOR", "TWN"}
    assert known["cocom"].exists(0) is False and known["wassenaar"].exists(0) and not known["chip4"].exists(0)


def test_fellowship_is_shared_membership_in_the_year() -> None:
    e, _ = ground()
    japan, korea, taiwan, holland = (e.state_index[s] for s in ("JPN", "KOR", "TWN", "NLD"))
    before, after = np.array(fellows(e, 0)), np.array(fellows(e, quarter_of("2022Q1", "")))
    assert before[japan, korea] == 1 and before[japan, taiwan] == 0 and after[japan, taiwan] == 1
    assert np.array(fellows(e, quarter_of("2021Q1", "")))[taiwan, holland] == 0 and after[taiwan, holland] == 1  # the coalition of 2022
    past = dict(zip(e.states, inherited(e), strict=True))
    assert past["JPN"] == 2 and past["KOR"] == 1 and past["TWN"] == 0


# hubs


def test_hubs_enforce_once_they_are_named() -> None:
    hubs = Hubs(("SGP", "ARE", "XYZ"), Observer())
    named = Replay(
        [Move(quarter=4, actor="USA", verb="impose", tool="global_licence", products=("accelerators",), destinations=("ARE", "SGP"))]
    )
    counts = {}
    for pressure in (0.0, 9.0):
        m = model("policy=none", f"accession.hub_pressure={pressure}", players=[named, hubs])
        m.run()
        counts[pressure] = {move.actor for move, _ in m.moves if move.verb == "measure"}
    assert counts[0.0] == set() and counts[9.0] == {"ARE", "SGP"}
    assert m.world.detection[m.economy.state_index["ARE"]] > m.world.detection[m.economy.state_index["VNM"]]


# counsel


def test_every_recommendation_of_both_papers_is_a_component() -> None:
    rows = recommendations()
    assert {r["counsel"] for r in rows} >= {
        "S1-1a",
        "S1-1b",
        "S1-1c",
        "S1-1d",
        "S1-2",
        "S1-3a",
        "S1-3b",
        "S1-3c",
        "S2-1",
        "S2-2",
        "S2-4",
        "S2-5",
    }
    used = {c for r in rows for c in r["components"].split(";")}
    assert used == set(ADVICE)
    assert all(r["text_zh"] and r["text_en"] for r in rows)
    assert all(tool in CATALOGUE for a in ADVICE.values() for tool in a.tools)


def counselled(strength: float, *names: str, controls: bool = True) -> tuple[ExportControlModel, Counsel]:
    counsel = Counsel(ResponseConfig(name="t", components=dict.fromkeys(names, strength)), Observer())
    rule = Move(quarter=2, actor="USA", verb="impose", tool="country_rule", products=("lithography",))
    m = model("policy=none", players=[*([Replay([rule])] if controls else []), counsel])
    m.run()
    return m, counsel


@pytest.mark.parametrize("name", [a for a in ADVICE if ADVICE[a].tools])
def test_each_component_is_switched_by_its_strength_and_costed(name: str) -> None:
    off, none = counselled(0.0, name)
    half, some = counselled(0.5, name)
    full, most = counselled(1.0, name)
    mine = [[m for m, _ in x.moves if m.rule.startswith("counsel:")] for x in (off, half, full)]
    assert not mine[0] and len(mine[1]) >= sum(1 for _ in parts(ADVICE[name]))
    sizes = [{m.rule: m.size for m in x} for x in mine[1:]]
    assert all(sizes[1][rule] == pytest.approx(2 * sizes[0][rule]) for rule in sizes[0])
    assert none.spent == {} and most.spent.get(name, 0.0) == pytest.approx(2 * some.spent.get(name, 0.0), rel=0.1)
    pays = ADVICE[name].cost.value > 0 or any(e.channel in ("subsidy", "stockpile") for _, e in parts(ADVICE[name]))
    assert (most.spent.get(name, 0.0) > 0) is pays


def test_only_what_looks_ahead_comes_before_any_control() -> None:
    m, _ = counselled(1.0, *ADVICE, controls=False)
    assert {move.rule.split(":")[1] for move, _ in m.moves} == {"early_warning"}
    assert severity_of(m.world) == 0.0


def begun(*names: str) -> int:
    m, _ = counselled(1.0, *names)
    return min(move.quarter for move, _ in m.moves if move.rule.startswith("counsel:substitution"))


def test_coordination_and_early_warning_bring_answers_forward() -> None:
    p = Params().counsel
    plain = begun("substitution")
    assert plain == 2 + ADVICE["substitution"].delay.value
    assert begun("substitution", "coordination") == 2 + round(ADVICE["substitution"].delay.value * (1 - p.dispatch))
    assert begun("substitution", "early_warning") == plain - p.haste


def test_balance_shifts_relief_to_capability() -> None:
    m, counsel = counselled(1.0, "relief", "core_technology", "balance")
    last = {move.rule: move for move, _ in m.moves if move.rule.startswith("counsel:")}
    assert last["counsel:relief:subsidy_relief:subsidy"].verb == "end_measure"
    fund = CATALOGUE["big_fund"].makes[0].size.value  # type: ignore[union-attr]
    relief = CATALOGUE["subsidy_relief"].makes[0].size.value  # type: ignore[union-attr]
    assert m.world.book.measures["counsel:core_technology:big_fund:subsidy"].size == pytest.approx(fund + relief)
    assert set(counsel.spent) == {"relief", "core_technology"}


def test_partnerships_make_joining_cost_more() -> None:
    w, tools = hand_world()
    e, zero = w.economy, np.zeros(w.economy.n_states)
    wanted = package(e, rules_offered(w.book, "USA", "CHN"))
    before = reasons(w, hand_outlook(w, tools), wanted, zero, zero).stake
    enact(Move(quarter=0, actor="CHN", verb="measure", tool="partners", size=-0.03), w)
    after = reasons(w, hand_outlook(w, tools), wanted, zero, zero).stake
    assert after - before == pytest.approx(np.full(len(STATES), 0.03))


def test_an_unknown_component_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match=r"response\.components: unknown component 'core_tech'"):
        ResponseConfig(components={"core_tech": 1.0})
    with pytest.raises(UserError, match=r"response\.components\.talent: '2'"):
        ResponseConfig(components={"talent": 2})


def test_hazards_are_logistic() -> None:
    from ecsim.strategies.allies import _logistic

    assert _logistic(np.array([0.0, 2.0])) == pytest.approx([0.5, 1 / (1 + exp(-2.0))])


# alliances as agents


def test_alliances_are_agents_that_decide_by_their_rule() -> None:
    rule = Move(quarter=0, actor="USA", verb="impose", tool="country_rule", products=("lithography",))
    joins = [Move(quarter=20, actor=s, verb="adopt", issuer="USA", level=0.6) for s in ("JPN", "NLD")]
    m = model("policy=none", players=[Replay([rule, *joins])])
    assert {a.code for a in m.agents if isinstance(a, Alliance)} == set(m.alliances) == set(clubs())
    trio, wassenaar, chips = (m.alliances[name] for name in ("usjpnl", "wassenaar", "chip4"))
    assert not trio.exists and trio.controls == () and wassenaar.exists
    for _ in range(21):
        m.step()
    assert trio.exists and trio.followers == ("JPN", "NLD") and trio.levels == {"JPN": 0.6, "NLD": 0.6}
    assert trio.controls == ("JPN", "NLD") and trio.cohesion == pytest.approx(0.6)  # each by its own law
    assert wassenaar.rule == "consensus" and wassenaar.controls == () and "RUS" in wassenaar.holdouts  # a single one can block
    assert chips.rule == "talks" and chips.controls == () and chips.levels["JPN"] == 0.6  # makes no controls
    assert 0 < wassenaar.cohesion < trio.cohesion


def test_an_alliance_knows_who_left_and_what_its_members_backfill() -> None:
    both = [adopt("JPN"), adopt("NLD")]
    made = {"in": both, "out": [*both, Move(quarter=12, actor="NLD", verb="leave", issuer="USA")], "never": []}
    seen = {}
    for name, moved in made.items():
        m = model("policy=none", players=[Replay([TOOLS, *moved])])
        for _ in range(20):
            m.step()
        seen[name] = m.alliances["usjpnl"].left, m.alliances["usjpnl"].backfill
    assert [seen[x][0] for x in made] == [(), ("NLD",), ()]
    assert seen["in"][1] < seen["out"][1] and seen["in"][1] < seen["never"][1]
