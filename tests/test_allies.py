"""Allies, hubs and the challenger's components: who joins, when and why; what counsel does and costs."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest

from choosing import ground, model, moves
from ecsim.agents.alliance import Alliance
from ecsim.config import compose
from ecsim.economy import CHALLENGER
from ecsim.model import ExportControlModel
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies.accession import Reasons, package, reasons, rules_offered
from ecsim.strategies.allies import Allies
from ecsim.strategies.clubs import clubs, fellows, inherited
from ecsim.strategies.hubs import Hubs, utility
from ecsim.strategies.outlook import observe
from ecsim.strategies.replay import Replay
from ecsim.strategies.settings import quarter_of
from ecsim.tools import enact, vocabulary
from joining import TOOLS, hand_outlook, hand_world, sales
from policy_world import small_world

A = Params().accession


# a decision worked by hand


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


def test_what_a_members_own_law_stops_is_still_its_reason_to_stay() -> None:
    w, tools = hand_world()
    e, open_trade = w.economy, hand_outlook(w, tools)
    japan = e.state_index["JPN"]
    sold, refused = open_trade.by_location.copy(), np.zeros_like(open_trade.by_location)
    refused[:, japan], sold[:, japan] = 0.75 * sold[:, japan], 0.25 * sold[:, japan]
    stopped = replace(
        open_trade, by_location=sold, by_owner=sold, refused_by_location=refused, refused_by_owner=refused, bought=sold.sum(axis=1)
    )
    wanted, zero = package(e, rules_offered(w.book, "USA", "CHN")), np.zeros(e.n_states)
    member = zero.copy()
    member[japan] = 1.0
    before, after = (reasons(w, seen, wanted, member, zero) for seen in (open_trade, stopped))
    for reason in ("effect", "stake", "norm", "pressure"):
        assert getattr(after, reason) == pytest.approx(getattr(before, reason)), reason
    outside = reasons(w, stopped, wanted, zero, zero)  # what others keep from sellers is not theirs to give up
    assert outside.effect[japan] < before.effect[japan] and outside.stake[japan] < before.stake[japan]


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
    allies._due = [np.iinfo(np.int64).max] * e.n_states
    assert allies._waits(m.world, group, adopted) and not allies._waits(m.world, union[0], adopted)
    adopted[union[-1]] = 1.0
    assert not allies._waits(m.world, group, adopted)


def test_reasons_gone_members_leave() -> None:
    made = moves("policy=small_yard", "alliance=endogenous", "accession.exit_cost=0", "accession.inclination=-6")
    assert any(m.verb == "leave" for m in made)


@pytest.mark.slow
def test_members_seldom_leave() -> None:
    entered, left = 0, 0
    for seed in range(1, 7):
        made = moves("policy=endogenous", "alliance=endogenous", f"seed={seed}")
        left += sum(m.verb == "leave" for m in made)
        entered += len(joined(made))
    assert entered > 40 and left <= 0.1 * entered


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
    hubs = Hubs(("SGP", "ARE", "XYZ"))
    named = Replay(
        [Move(quarter=4, actor="USA", verb="impose", tool="global_licence", products=("accelerators",), destinations=("ARE", "SGP"))]
    )
    counts = {}
    for pressure in (0.0, 9.0):
        m = model("policy=none", f"accession.hub_pressure={pressure}", "accession.inclination=-5", players=[named, hubs])
        m.run()
        counts[pressure] = {move.actor for move, _ in m.moves if move.verb == "measure"}
    assert counts[0.0] == set() and counts[9.0] == {"ARE", "SGP"}
    assert m.world.detection[m.economy.state_index["ARE"]] > m.world.detection[m.economy.state_index["VNM"]]


def test_hubs_weigh_what_they_relay_and_fear_by_a_weight_of_their_own() -> None:
    m = model("policy=none", players=[])
    w, at = m.world, [m.economy.state_index[s] for s in ("SGP", "MYS", "VNM", "ARE", "IND")]
    w.dissatisfaction[:] = 0.5

    def wish(relayed: float = 0.0, **values: float) -> np.ndarray:
        w.params = m.params.with_values({f"accession.{name}": x for name, x in values.items()})
        w.trade_effects[:2] = 100.0 * relayed, relayed  # the same pressure
        return utility(w)[at]

    assert (wish(hub_retaliation=96.0) < wish()).all() and (wish(hub_retaliation=0.0) > wish()).all()
    assert (wish(retaliation=40.0) == wish()).all()  # that of allies
    assert (wish(relayed=2.0, hub_rent=300.0) < wish(relayed=1.0, hub_rent=300.0)).all()
    assert wish(relayed=1.0, hub_rent=0.0) == pytest.approx(wish(relayed=2.0, hub_rent=0.0))


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
