"""The government that chooses: each reason acts as declared, and stops when its weight is zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import ecsim
from choosing import ground, model, moves
from ecsim.economy import CHALLENGER, INCUMBENT
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies.administration import Administration
from ecsim.strategies.bargain import bargain, divided
from ecsim.strategies.choice import Option
from ecsim.strategies.docket import Agenda, Docket
from ecsim.strategies.government import Government
from ecsim.strategies.listing import prospects, undone
from ecsim.strategies.makers import targets
from ecsim.strategies.outlook import Observer, at_risk, needed_for, observe
from ecsim.strategies.replay import Replay
from ecsim.strategies.settings import PolicyConfig, quarter_of
from ecsim.strategies.trends import trends_of
from ecsim.strategies.yard import DENIAL, RELAX, RULES, TIGHTEN, covered, survey, worth

ENDOGENOUS = ("policy=endogenous", "alliance=endogenous")
P = Params().government


def everything() -> Any:
    """Products that rules without end uses cover: all."""
    return np.ones(ground()[0].n_products)


def world(*words: str, quarters: int = 6) -> Any:
    m = model("policy=none", *words)
    for _ in range(quarters):
        m.step()
    return m.world


def chosen(made: Any) -> list[Any]:
    """Moves that the government chose, without what documents brought about."""
    return [m for m in made if m.source == "policy endogenous"]


def kinds(made: Any) -> Counter[str]:
    return Counter(m.verb for m in chosen(made))


# what it sees


def test_trade_with_the_challenger_adds_up_by_place_and_by_owner() -> None:
    w = world()
    seen, e = observe(w), w.economy
    here = np.flatnonzero(e.location[e.slot_firm] == CHALLENGER)
    total = w.flow[here].sum() + w.final_sales[:, CHALLENGER].sum()
    assert seen.by_location.sum() == pytest.approx(total) == seen.by_owner.sum()
    assert seen.bought == pytest.approx(seen.by_owner.sum(axis=1))
    assert not seen.refused_by_owner.any() and seen.revenue.sum() == pytest.approx(w.revenue.sum())


def test_what_depends_on_a_product_grows_with_the_stages_below_it() -> None:
    e, _ = ground()
    i = e.product_index
    for fade in (0.2, 0.8):
        risk = at_risk(e, fade)
        assert np.all((risk >= 0) & (risk <= 1))
        assert risk[i["lithography"]] >= fade * needed_for(e)[i["lithography"], i["foundry_mature"]] * risk[i["foundry_mature"]] - 1e-9
    assert at_risk(e, 0.8)[i["lithography"]] > at_risk(e, 0.2)[i["lithography"]]
    assert at_risk(e, 0.5)[i["cloud_ai"]] == 0.0


def test_statistics_come_twice_a_year() -> None:
    m = model("policy=small_yard")
    observer, seen = Observer(), []
    for _ in range(6):
        seen.append(observer.look(m.world))
        m.step()
    assert [a is b for a, b in zip(seen, seen[1:], strict=False)] == [True, False, True, False, True]


# what it expects


def test_relaxing_is_the_mirror_of_tightening() -> None:
    w = world()
    seen, e = observe(w), w.economy
    none, adopted = np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states)
    yard = survey(w, seen, none, adopted, everything())
    r, i = RULES.index("country_rule"), e.product_index["deposition_etch"]
    held = none.copy()
    held[r, i] = yard.threshold[TIGHTEN, r, i]
    after = survey(w, seen, held, adopted, everything())
    assert after.change.denial[RELAX, r, i] == pytest.approx(-yard.change.denial[TIGHTEN, r, i])
    assert after.change.strictness[RELAX, r, i] == pytest.approx(-yard.change.strictness[TIGHTEN, r, i])
    assert after.change.rules[RELAX, r, i] == -yard.change.rules[TIGHTEN, r, i] == -1.0
    assert np.isnan(after.threshold[RELAX, r, i]) and after.change.valid[RELAX].sum() == 1


def test_expected_denial_is_worth_times_reach_times_the_share_above_the_threshold() -> None:
    w = world()
    seen, e = observe(w), w.economy
    yard = survey(w, seen, np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states), everything())
    r, i = RULES.index("country_rule"), e.product_index["eda_ip"]
    theta = yard.threshold[TIGHTEN, r, i]
    assert abs(theta - w.frontier[i] - P.advanced) <= P.grain / 2 and theta % P.grain == pytest.approx(0.0)
    above = 1.0 / (1.0 + np.exp(-(seen.item[i] - theta) / P.spread))
    home = seen.by_location[i, INCUMBENT] / seen.bought[i]
    assert yard.change.denial[TIGHTEN, r, i] == pytest.approx(worth(e, P.emerging, P.fade)[i] * float(DENIAL[r, 0]) * home * above)
    paid = seen.by_owner[i, INCUMBENT] / seen.revenue[INCUMBENT] * float(DENIAL[r, 0]) * above
    assert yard.change.revenue[TIGHTEN, r, i] == pytest.approx(paid)


def test_a_direct_product_rule_adds_nothing_where_adopters_cover_all() -> None:
    w = world()
    seen, e = observe(w), w.economy
    none = np.full((len(RULES), e.n_products), np.nan)
    for adopted, more in ((np.zeros(e.n_states), True), (np.ones(e.n_states), False)):
        denial = survey(w, seen, none, adopted, everything()).change.denial[TIGHTEN]
        gain = denial[RULES.index("ear_fdp")] - denial[RULES.index("country_rule")]
        assert bool(gain.max() > 0.05) is more


def test_an_end_use_narrows_what_a_rule_is_expected_to_bring_and_to_cost() -> None:
    w = world()
    seen, e = observe(w), w.economy
    r, i = RULES.index("country_rule"), e.product_index["lithography"]
    share = covered(e, {"lithography": ("foundry_advanced",), "elsewhere": ("hbm",)})
    assert 0 < share[i] < 1 and np.all(np.delete(share, i) == 1)
    none, adopted = np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states)
    wide, narrow = (survey(w, seen, none, adopted, x).change for x in (everything(), share))
    for name in ("denial", "revenue", "strictness"):
        whole, part = getattr(wide, name)[TIGHTEN], getattr(narrow, name)[TIGHTEN]
        assert part[r, i] == pytest.approx(share[i] * whole[r, i]) and np.array_equal(np.delete(part, i, 1), np.delete(whole, i, 1))


def test_what_is_available_elsewhere_is_not_put_under_a_first_rule() -> None:
    w = world()
    seen, e = observe(w), w.economy
    none, adopted = np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states)
    yard = survey(w, seen, none, adopted, everything())
    home = seen.by_location[:, INCUMBENT] / seen.bought
    direct = RULES.index("ear_fdp")
    assert np.array_equal(yard.change.valid[TIGHTEN, RULES.index("ccl")], home >= P.availability)
    assert 0 < yard.change.valid[TIGHTEN, direct].sum() < e.n_products
    # a direct-product test reaches further
    assert np.all(yard.change.valid[TIGHTEN, direct] >= yard.change.valid[TIGHTEN, RULES.index("ccl")])
    i = int(np.flatnonzero(~yard.change.valid[TIGHTEN, direct])[0])
    held = none.copy()
    held[direct, i] = yard.threshold[TIGHTEN, direct, i] + 0.5
    assert survey(w, seen, held, adopted, everything()).change.valid[TIGHTEN, direct, i]  # one in force may be tightened
    refused = replace(
        seen,
        by_location=0.1 * seen.by_location,
        refused_by_location=0.9 * seen.by_location,
        bought=0.1 * seen.bought,
    )
    after = survey(w, refused, none, adopted, everything())
    assert np.array_equal(after.change.valid[TIGHTEN], yard.change.valid[TIGHTEN])  # orders count, refused ones too


def test_a_rule_that_adds_nothing_to_another_is_none() -> None:
    w = world()
    seen, e = observe(w), w.economy
    none, adopted = np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states)
    i, weak, strong = e.product_index["deposition_etch"], RULES.index("ccl"), RULES.index("ear_fdp")
    assert survey(w, seen, none, adopted, everything()).change.valid[TIGHTEN, weak, i]
    held = none.copy()
    held[strong, i] = w.frontier[i] + P.next_frontier
    assert not survey(w, seen, held, adopted, everything()).change.valid[TIGHTEN, weak, i]


def test_what_rules_refuse_is_seen_with_final_buyers_and_without_what_the_challenger_keeps_out() -> None:
    made = [
        Move(quarter=1, actor="USA", verb="impose", tool="country_rule", denial=1.0),
        Move(quarter=1, actor="CHN", verb="measure", tool="market_access", size=0.3, destinations=("USA",)),
    ]
    m = model("policy=none", players=[Replay(made)])
    for _ in range(4):
        m.step()
    w, e = m.world, m.economy
    seen, here = observe(w), w.start.slots_in_challenger
    wanted = w.ordered[here][:, None] * w.weight[here]
    refused = wanted * np.maximum(1.0 - w.passing[here] - w.barred[here], 0.0)
    final = w.final_demand[e.cell_product, CHALLENGER] * w.final_share[:, CHALLENGER]
    lost = final * np.maximum(1.0 - w.final_passing[:, CHALLENGER] - w.closed[:, CHALLENGER], 0.0)
    assert w.barred[here].max() > 0 and lost.sum() > 0
    assert seen.refused_by_location.sum() == pytest.approx(refused.sum() + lost.sum())
    assert seen.refused_by_owner.sum() == pytest.approx(seen.refused_by_location.sum())
    # with refusals counted as sold, no order counts twice, though what one may not sell was sought from others
    counted = np.minimum(w.flow[here].sum(axis=1) + refused.sum(axis=1), w.ordered[here]).sum()
    by_product = np.bincount(e.cell_product, weights=w.final_sales[:, CHALLENGER] + lost, minlength=e.n_products)
    counted += np.minimum(by_product, w.final_demand[:, CHALLENGER]).sum()
    for x in (seen.ordered.by_location, seen.ordered.by_owner):
        assert x.sum() == pytest.approx(counted) and x.min() >= 0.0
    assert seen.bought.sum() + 0.97 * seen.refused_by_location.sum() > counted  # some was sought elsewhere, and found


def test_custom_already_lost_does_not_count() -> None:
    w = world()
    seen, e = observe(w), w.economy
    none, adopted = np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states)
    gone = replace(seen, by_owner=np.zeros_like(seen.by_owner))
    assert survey(w, seen, none, adopted, everything()).change.revenue[TIGHTEN].max() > 0
    assert survey(w, gone, none, adopted, everything()).change.revenue[TIGHTEN].max() == 0


def test_listing_a_company_is_expected_to_hurt_in_proportion_to_its_output() -> None:
    w = world()
    e, who = w.economy, targets(w.economy)
    assert "Huawei" in who.companies and "TSMC" not in who.companies
    seen = observe(w)
    yard = survey(w, seen, np.full((len(RULES), e.n_products), np.nan), np.zeros(e.n_states), everything())
    free = np.zeros(len(who.companies), dtype=bool)
    listing = prospects(w, seen, yard.home, worth(e, P.emerging, P.fade), free, np.zeros(e.n_products))
    delisting = undone(listing, free)
    big, small = who.companies.index("SMIC"), who.companies.index("Hua Hong")
    assert listing.denial[big] > listing.denial[small] > 0
    assert delisting.denial == pytest.approx(-listing.denial[: len(free)]) and not delisting.valid.any()


# the bargain


def test_the_bargain_moves_with_the_calendar() -> None:
    quiet, election = bargain(quarter_of("2019Q1", ""), P, 1.0), bargain(quarter_of("2024Q1", ""), P, 1.0)
    assert quiet.executive + quiet.legislature + quiet.lobby == pytest.approx(1.0)
    assert election.lobby < quiet.lobby and election.capacity == pytest.approx(np.exp(P.election) * quiet.capacity)
    assert [divided(quarter_of(q, "")) for q in ("2018Q1", "2019Q1", "2021Q1", "2023Q1", "2025Q1", "2030Q1")] == [0, 1, 0, 1, 0, 0.5]
    assert bargain(quarter_of("2021Q1", ""), P, 1.0).legislature > quiet.legislature


# what it does


def test_it_tightens_and_sometimes_relaxes_within_its_capacity() -> None:
    made = chosen(moves(*ENDOGENOUS, "policy.documents=false"))
    assert kinds(made)["impose"] > 3 and kinds(made)["list"] > 1
    by_quarter = Counter(m.quarter for m in made)
    assert max(by_quarter.values()) <= np.ceil((2 * P.capacity * np.exp(P.election) + 1) / 2)
    assert len(made) <= 40 * P.capacity * np.exp(P.election)
    undone = [kinds(moves(*ENDOGENOUS, f"seed={seed}")) for seed in range(1, 7)]
    assert sum(made["lift"] + made["delist"] + made["end_measure"] for made in undone) > 0


def test_a_rule_on_goods_is_drafted_before_it_binds_and_a_listing_is_not() -> None:
    none, slow = (chosen(moves(*ENDOGENOUS, f"government.draft={x}", f"government.redraft={x}")) for x in (0, 8))
    first = [min(m.quarter for m in made if m.verb == "impose" and m.products) for made in (none, slow)]
    soon = quarter_of("2018Q3", "") + 4  # an administration that learns drafts faster, at most twice as fast here
    assert first[0] < soon <= first[1]
    assert min(m.quarter for m in slow if m.verb == "list") == min(m.quarter for m in none if m.verb == "list") < soon


def test_an_administration_of_more_capacity_drafts_faster() -> None:
    first = {}
    for capacity in (1.0, 2.0):
        government = Government(PolicyConfig(kind="endogenous"), Observer(), lambda _, c=capacity: Administration(capacity=c))
        m = model("policy=endogenous", players=[government])
        m.run()
        first[capacity] = min(x.quarter for x, _ in m.moves if x.verb == "impose" and x.products)
    assert first[2.0] < first[1.0]


def test_a_draft_is_taken_up_once_and_set_against_the_frontier_of_the_day_it_binds() -> None:
    m = model(*ENDOGENOUS)
    frontier = m.run().record.tracks["frontier"]
    rules = [x for x in chosen(x for x, _ in m.moves) if x.verb == "impose" and x.products]
    assert len({x.rule for x in rules}) == len(rules) > 3
    for x in rules:
        off = x.threshold - frontier[x.quarter - 1, m.economy.product_index[x.products[0]]] - P.advanced
        assert abs(off) <= P.grain / 2 + 1e-9


def test_relaxing_a_rule_drops_a_change_of_it_that_is_under_way() -> None:
    w = world(quarters=1)
    docket = Docket.of(w, PolicyConfig(kind="endogenous"))
    r, i = 0, w.economy.product_index["lithography"]
    docket.theta[r, i] = -1.0
    agenda = Agenda([], np.stack([np.full_like(docket.theta, -3.0), np.full_like(docket.theta, np.nan)]))
    docket.draft(w, Option("tighten", RULES[r], i, 1.0), agenda, 1.0)
    assert docket.drafting[r, i] and docket.ready(w.quarter + 40) and not docket.ready(w.quarter)
    move = docket.carry_out(w, Option("relax", RULES[r], i, 1.0), agenda, "national security")
    assert move.verb == "lift" and not docket.ready(w.quarter + 40) and not docket.drafting.any() and np.isnan(docket.theta[r, i])


def test_a_capacity_of_less_makes_fewer_moves() -> None:
    assert len(moves(*ENDOGENOUS, "government.capacity=0.1")) < len(moves(*ENDOGENOUS))


def test_it_keeps_to_its_scope_and_start() -> None:
    made = chosen(moves("policy=endogenous", "policy.scope=[lithography,hbm]", "policy.start=2020Q1"))
    assert {p for m in made if m.verb in ("impose", "amend") and m.products for p in m.products} <= {"lithography", "hbm"}
    assert min(m.quarter for m in made) >= 8


@pytest.mark.slow
def test_most_rules_come_after_2021_and_most_allies_join_in_2022_or_2023() -> None:
    joined, early, late, lists = [], 0, 0, [0, 0]
    for seed in range(1, 13):
        run = ecsim.run("endogenous", "alliance=endogenous", "time.quarters=32", seed=seed)
        adoption = run.result.record.tracks["adoption"] > 0
        joined += [2018 + np.flatnonzero(x)[0] / 4 for x in adoption.T if x.any()]
        made = chosen(m for m, _ in run.result.moves)
        quarters = [m.quarter for m in made if m.verb == "impose" and m.products]
        early, late = early + sum(q < 16 for q in quarters), late + sum(q >= 16 for q in quarters)
        for half in (0, 1):
            lists[half] += sum(m.verb == "list" and m.quarter // 16 == half for m in made)
    assert 2022.0 <= np.median(joined) <= 2023.75 and np.mean(np.array(joined) < 2021) < 0.1
    assert late > 1.5 * early > 0
    assert lists[0] > 0.4 * sum(lists)  # lists need no drafting


# each reason set to zero stops its mechanism and breaks nothing else


def different(one: Any, other: Any) -> bool:
    return [m.to_dict() for m in one] != [m.to_dict() for m in other]


def test_without_path_dependence_the_inheritance_does_not_matter() -> None:
    none = [moves(*ENDOGENOUS, "government.path_dependence=0", f"government.inheritance={x}") for x in (0, 8)]
    some = [moves(*ENDOGENOUS, "government.path_dependence=1", f"government.inheritance={x}") for x in (0, 8)]
    assert not different(*none) and different(*some)
    assert kinds(none[0])["impose"] > 0


def test_what_was_done_is_seldom_undone() -> None:
    undone = {}
    for cost in (0, 4):
        made = chosen(moves(*ENDOGENOUS, f"government.reversal={cost}"))
        undone[cost] = sum(m.verb in ("delist", "lift") for m in made)
        assert kinds(made)["list"] > 10
    assert undone[0] > undone[4] == 0


def test_without_anxiety_security_does_not_count() -> None:
    calm = [moves(*ENDOGENOUS, "government.anxiety=0", f"government.security={x}") for x in (15, 120)]
    assert not different(*calm)
    anxious = moves(*ENDOGENOUS)  # its own acts: others make theirs
    assert len(chosen(calm[0])) < len(chosen(anxious)) and kinds(calm[0])["impose"] < kinds(anxious)["impose"]


def test_without_a_lobby_revenue_at_stake_does_not_count() -> None:
    free = [moves(*ENDOGENOUS, "government.lobby=0", f"government.revenue={x}") for x in (500, 4000)]
    assert not different(*free)
    heard = [moves(*ENDOGENOUS, f"government.revenue={x}") for x in (500, 4000)]
    assert different(*heard)


def test_without_voice_grounds_do_not_tire() -> None:
    silent = [moves(*ENDOGENOUS, "government.voice=0", f"government.fatigue={x}") for x in (0, 2)]
    loud = [moves(*ENDOGENOUS, "government.voice=2", f"government.fatigue={x}") for x in (0, 2)]
    assert not different(*silent) and different(*loud)


ALONE = ("policy=endogenous", "alliance=none", "response=none")


@pytest.mark.parametrize(
    ("off", "key", "values"),
    [
        ("government.retaliation=0", "power.dissatisfaction_base", (-3, 0)),
        ("government.legislature=0", "government.legislature_zeal", (1, 3)),
    ],
)
def test_without_its_weight_a_party_or_a_fear_does_not_count(off: str, key: str, values: tuple[float, float]) -> None:
    silent = [moves(*ALONE, off, f"{key}={x}") for x in values]
    heard = [moves(*ALONE, f"{key}={x}") for x in values]
    assert not different(*silent) and different(*heard)


def test_the_calendar_of_elections_can_be_switched_off() -> None:
    flat = replace(P, election=0.0, election_shift=0.0, divided=1.0)
    assert bargain(quarter_of("2019Q1", ""), flat, 1.0) == bargain(quarter_of("2024Q1", ""), flat, 1.0)


# the same run again


def test_forcing_the_path_of_adoption_reproduces_the_run_bit_for_bit() -> None:
    first = model(*ENDOGENOUS)
    result = first.run()
    adoption = [m for m, _ in first.moves if m.verb in ("adopt", "leave")]
    assert adoption
    again = model(*ENDOGENOUS)
    others = [m for m, _ in first.moves if m.rule.startswith("hub:")]
    forced = {"Allies": Replay(adoption), "Hubs": Replay(others)}
    replayed = model(*ENDOGENOUS, players=[forced.get(type(p).__name__, p) for p in again.players]).run()
    assert replayed.outcomes == pytest.approx(result.outcomes, rel=0, abs=0, nan_ok=True)
    for name, track in result.record.tracks.items():
        assert np.array_equal(track, replayed.record.tracks[name], equal_nan=True), name


def test_replaying_all_moves_reproduces_the_run_bit_for_bit() -> None:
    first = model(*ENDOGENOUS)
    result = first.run()
    replayed = model(*ENDOGENOUS, players=[Replay(m for m, _ in first.moves)]).run()
    for name, track in result.record.tracks.items():
        assert np.array_equal(track, replayed.record.tracks[name], equal_nan=True), name


# administration


def test_an_administration_of_more_capacity_and_precision_does_more() -> None:
    count = {}
    for name, admin in (("start", Administration()), ("strong", Administration(capacity=3.0, precision=1.5))):
        government = Government(PolicyConfig(kind="endogenous", start="2018Q1"), Observer(), lambda _, admin=admin: admin)
        m = model("policy=endogenous", players=[government])
        m.run()
        count[name] = len(m.moves)
    assert count["strong"] > 1.3 * count["start"]


# trends


def test_the_four_trends_are_read_off_the_moves() -> None:
    m = model(*ENDOGENOUS)
    tracks = m.run().record.tracks
    found = trends_of(m.moves, "USA", tracks["frontier"], tracks["adoption"], m.economy.products, m.economy.states)
    assert set(found) == {"grounds", "alliances", "domains", "next_frontier", "tailored"}
    assert found["domains"].late > found["domains"].early > 0 and found["domains"].emerging
    none = trends_of([], "USA", tracks["frontier"], tracks["adoption"] * 0, m.economy.products, m.economy.states)
    assert all(np.isnan(t.change) and not t.emerging for t in none.values())


def act(quarter: int, product: str, **values: Any) -> tuple[Move, str]:
    rule = f"r:{product}"
    return Move(quarter=quarter, actor="USA", verb="impose", tool=values.pop("tool", "ccl"), rule=rule, products=(product,), **values), rule


def test_a_trend_worked_by_hand() -> None:
    """Twelve quarters: one rule on memory, then one on wafers, deeper, direct-product, for human rights, while two states join."""
    frontier, adoption = np.zeros((12, 4)), np.zeros((12, 3))
    adoption[8:, 1:] = 0.6
    made = [act(0, "memory", threshold=-1.0), act(8, "wafers", threshold=-3.0, tool="ear_fdp", ground="human rights")]
    found = trends_of(made, "USA", frontier, adoption, ("memory", "wafers", "hbm", "eda_ip"), ("USA", "JPN", "NLD"))
    change = {name: t.change for name, t in found.items()}
    assert change == {"grounds": 1.0, "alliances": 2.0, "domains": 0.25, "next_frontier": -1.0, "tailored": 0.5}
    assert all(t.emerging for t in found.values())
    lifted = replace(made[0][0], quarter=8, verb="lift", tool="", products=(), threshold=None), "r:memory"
    own = Move(quarter=8, actor="NLD", verb="impose", tool="national_list", rule="own"), "own"
    back = trends_of([made[0], lifted, own], "USA", frontier, adoption * 0, ("memory", "wafers", "hbm", "eda_ip"), ("USA", "JPN", "NLD"))
    assert back["domains"].change == -0.25 and not back["domains"].emerging
    assert back["alliances"].change == 1.0


def late_less_early(*made: tuple[Move, str], quarters: int = 6) -> dict[str, float]:
    """The changes of the trends that moves make on a frontier that stands still, the first third of their time against the last."""
    frontier, adoption = np.zeros((quarters, 4)), np.zeros((quarters, 1))
    found = trends_of(made, "USA", frontier, adoption, ("memory", "wafers", "telecom_equipment", "electronics"), ("USA",))
    return {name: t.change for name, t in found.items()}


def later(quarter: int, verb: str, **values: Any) -> tuple[Move, str]:
    return Move(quarter=quarter, actor="USA", verb=verb, rule="r:memory", **values), "r:memory"


def test_a_rule_that_returns_counts_again() -> None:
    suspended = [act(0, "memory"), later(2, "suspend")]
    assert late_less_early(*suspended)["domains"] == -0.25
    assert late_less_early(*suspended, later(4, "resume"))["domains"] == 0.0
    amended = [*suspended, later(3, "amend", fdp=True, threshold=-2.0), later(4, "resume")]
    assert late_less_early(*amended)["tailored"] == 1.0
    assert late_less_early(*suspended, later(3, "lift"))["domains"] == -0.25


def test_rules_have_the_products_and_the_test_of_their_tool() -> None:
    arms = Move(quarter=4, actor="USA", verb="impose", tool="usml", rule="arms"), "arms"  # on telecoms and electronics
    assert late_less_early(act(0, "memory"), arms)["domains"] == 0.5
    for tool, own, direct in (
        ("ear_fdp", None, 0.5),
        ("global_licence", None, 0.5),
        ("ccl", None, 0.0),
        ("ccl", True, 0.5),
        ("ear_fdp", False, 0.0),
    ):
        assert late_less_early(act(0, "memory"), act(4, "wafers", tool=tool, fdp=own))["tailored"] == direct, tool
    tariff = act(4, "wafers", tool="s301")
    assert late_less_early(act(0, "memory"), tariff)["domains"] == 0.0  # a measure is no rule on goods
