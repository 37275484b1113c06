"""The counsel of both papers: components switched by their strength, costed, and what each changes."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

import ecsim
from choosing import model
from ecsim.errors import UserError
from ecsim.mechanisms.measures import apply_measures
from ecsim.model import ExportControlModel
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies.accession import package, reasons, rules_offered
from ecsim.strategies.advice import ADVICE, parts, recommendations
from ecsim.strategies.challenger import severity_of
from ecsim.strategies.counsel import Counsel
from ecsim.strategies.outlook import Observer
from ecsim.strategies.replay import Replay
from ecsim.strategies.settings import ResponseConfig
from ecsim.tools import CATALOGUE, enact
from joining import hand_outlook, hand_world
from policy_world import STATES


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


def test_buying_at_home_turns_buyers_to_makers_at_home_and_not_to_partners() -> None:
    words = ("response=none", "time.quarters=48")
    before, after = (ecsim.run("history", *words, *more) for more in ((), ("response.components.substitution=1.0",)))
    gain = {name: after.outcomes[name] - before.outcomes[name] for name in ("self_sufficiency_tools", "self_sufficiency", "ally_revenue")}
    assert gain["self_sufficiency_tools"] > 1.0 and gain["self_sufficiency"] > 1.0 and gain["ally_revenue"] < 0.0
    assert after.outcomes["unmet_need"] > before.outcomes["unmet_need"]  # fewer makers are asked for more


def test_balance_shifts_relief_to_capability() -> None:
    m, counsel = counselled(1.0, "relief", "core_technology", "balance")
    last = {move.rule: move for move, _ in m.moves if move.rule.startswith("counsel:")}
    assert last["counsel:relief:subsidy_relief:subsidy"].verb == "end_measure"
    fund = CATALOGUE["big_fund"].makes[0].size.value  # type: ignore[union-attr]
    relief = CATALOGUE["subsidy_relief"].makes[0].size.value  # type: ignore[union-attr]
    assert m.world.book.measures["counsel:core_technology:big_fund:subsidy"].size == pytest.approx(fund + relief)
    assert set(counsel.spent) == {"relief", "core_technology"}


def test_the_law_against_sanctions_is_in_force_and_hits_whom_it_lists() -> None:
    m, _ = counselled(1.0, "legal_counter")
    w = m.world
    law = w.book.measures["counsel:legal_counter:afsl:finance"]
    american = w.economy.owner == w.economy.state_index["USA"]
    others = CATALOGUE["blocking"].makes[0].size.value  # type: ignore[union-attr]
    assert law.size == CATALOGUE["afsl"].makes[0].size.value  # type: ignore[union-attr]
    assert not w.book.parties[law.party_list] and w.credit[american] == pytest.approx(1.0 - others)
    enact(Move(quarter=w.quarter, actor="CHN", verb="list", tool="afsl", entities=("Nvidia",)), w)
    apply_measures(w)
    listed = w.book.parties[law.party_list]
    assert listed and w.credit[list(listed)] == pytest.approx((1.0 - others) * (1.0 - law.size))


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
