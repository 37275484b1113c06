"""The plain per-agent Mesa model and the array model do the same firm step: equal states, quarter after quarter.

Two implementations of one design, written in different styles, that agree to rounding under any rule book: what
they share is the reading of the design, not its code.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import tiny
from ecsim import population
from ecsim.economy import Economy
from ecsim.mechanisms.opening import open_world
from ecsim.params import Params
from ecsim.rules import CHANNELS, Measure, Rule, RuleBook
from ecsim.schedule import CONSEQUENCES
from ecsim.world import World
from town import PRODUCTS, STATES, town

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import controls  # noqa: E402
from compare import apart, differences  # noqa: E402
from plain_mesa import PlainModel  # noqa: E402

CLOSE = 1e-9
Change = Callable[[RuleBook, int], None]


def run_both(e: Economy, p: Params, change: Change, quarters: int, seed: int = 5) -> dict[str, float]:
    """Play both models side by side, `change` altering the rule book before each quarter; the largest difference of each array."""
    w = open_world(e, p, seed)
    plain = PlainModel(w, w.book)
    worst: dict[str, float] = {}
    for quarter in range(quarters):
        change(w.book, quarter)
        plain.step()
        step(w)
        for name, x in differences(plain, w).items():
            worst[name] = max(worst.get(name, 0.0), x)
    return worst


def step(w: World) -> None:
    for mechanism in CONSEQUENCES:
        mechanism(w)
    w.quarter += 1


def assert_equal(worst: dict[str, float]) -> None:
    apart_by = {name: x for name, x in worst.items() if x > CLOSE}
    assert not apart_by, apart_by


def impose(book: RuleBook, *things: Rule | Measure) -> None:
    for x in things:
        kept: Any = book.rules if isinstance(x, Rule) else book.measures
        kept[x.id] = x
    book.touch()


def escalation(chip: str, listed: set[int]) -> Change:
    """Thresholds first, then a direct-product rule with an adopter, lists and measures, affiliates, an end use, then a retreat."""

    def change(book: RuleBook, quarter: int) -> None:
        if quarter == 1:
            impose(
                book, Rule(id="a", tool="t", issuer="USA", destinations=("CHN",), products=(chip,), threshold=-0.5, denial=0.9, delay=1.0)
            )
            impose(book, Measure(id="tariff", tool="t", issuer="USA", channel="tariff", targets=("CHN",), size=0.25))
        if quarter == 4:
            book.adoption["JPN", "USA"] = 0.7
            book.parties["entity_list"] = listed
            impose(book, Rule(id="b", tool="t", issuer="USA", destinations=("CHN",), fdp=True, threshold=-1.0, sliding=True, denial=0.8))
            impose(book, Rule(id="c", tool="t", issuer="USA", destinations=("CHN",), party_list="entity_list", de_minimis=0.25, delay=2.0))
            impose(book, Rule(id="d", tool="t", issuer="CHN", destinations=("USA",), denial=0.4, adoptable=False))
        if quarter == 7:
            for channel in ("talent", "investment", "finance", "market_access", "enforcement"):
                impose(book, Measure(id=channel, tool="t", issuer="USA", channel=channel, targets=("CHN",), size=0.3))
            impose(book, Measure(id="subsidy", tool="t", issuer="CHN", channel="subsidy", size=5.0))
            impose(book, Measure(id="stockpile", tool="t", issuer="CHN", channel="stockpile", products=(chip,), size=0.5))
        if quarter == 10:
            mild = {"tool": "t", "issuer": "USA", "destinations": ("CHN",), "products": (chip,), "denial": 0.5}
            impose(book, Rule(id="e", military=True, persons=True, owners=True, affiliates=True, exempt=("JPN",), **mild))
        if quarter == 12:
            tools = {"tool": "t", "issuer": "USA", "destinations": ("CHN",), "end_uses": (chip,), "spares": ("JPN",)}
            impose(book, Rule(id="f", fdp=True, persons=True, denial=0.7, **tools))
        if quarter == 14:
            del book.rules["b"], book.measures["tariff"]
            book.touch()

    return change


@pytest.mark.parametrize("form", ["partial", "leontief", "linear"])
def test_both_models_agree_on_five_firms(form: str) -> None:
    p = tiny.quiet(production__form=form, adaptation__qualify_hazard=0.3, market__demand_noise=0.02, innovation__noise=0.01)
    assert_equal(run_both(tiny.economy(p), p, escalation("chip", {4}), quarters=20))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"innovation.embodied_kappa": 0.0},
        {"innovation.ceiling": False},
        {"adaptation.enabled": False},
        {"innovation.catch_up": False, "market.equal_growth": True},
    ],
)
def test_both_models_agree_on_a_town_through_escalation_and_retreat(values: dict[str, Any]) -> None:
    p = Params().with_values({"market.challenger_growth": -0.5, "adaptation.qualify_hazard": 0.3} | values)
    makers = set(np.flatnonzero((town().owner == 1) & (town().product >= 4)).tolist()[::2])
    assert_equal(run_both(town(), p, escalation("chip", makers), quarters=20))


def rule(id: str, **terms: Any) -> Rule:
    return Rule(**{"id": id, "tool": "t", "issuer": "USA", "destinations": ("CHN",)} | terms)


NO_LEAK = Measure(id="guard", tool="t", issuer="USA", channel="enforcement", size=1.0)
CLAUSES: dict[str, dict[int, tuple[Rule | Measure, ...]]] = {
    "a list with affiliates beside one without": {1: (rule("a", party_list="one", affiliates=True), rule("b", party_list="two"))},
    "affiliates of another issuer": {
        1: (rule("a", party_list="one"), rule("b", issuer="CHN", destinations=("USA",), affiliates=True, denial=0.0)),
    },
    "affiliates without a list of their own": {1: (rule("a", party_list="one"), rule("b", affiliates=True, denial=0.0))},
    "licences that are never denied": {1: (rule("a", products=("chip",), denial=0.0, delay=2.0),)},
    "licences by a direct-product rule": {1: (rule("a", products=("chip",), denial=0.0, delay=2.0, fdp=True),)},
    "a ban while goods wait": {1: (rule("a", denial=0.0, delay=2.0),), 3: (rule("b"), NO_LEAK)},
    "hardly anything comes": {1: (Measure(id="m", tool="t", issuer="CHN", channel="market_access", targets=STATES, size=0.985),)},
    "a threshold under another": {1: (rule("a", threshold=-0.4), rule("b", threshold=-1.2, denial=0.5), rule("c", denial=0.1))},
    "a threshold that slides past another": {1: (rule("a", threshold=0.1), rule("b", threshold=-0.2, sliding=True, denial=0.6))},
    "not for allies to adopt": {1: (rule("a", adoptable=False, denial=0.7),)},
    "plants of exempt owners": {1: (rule("a", exempt=("USA",), denial=0.7),)},
    "a preference for what is made at home": {
        1: (
            Measure(id="m", tool="t", issuer="CHN", channel="preference", products=("chip", "phone"), size=0.4),
            Measure(id="n", tool="t", issuer="CHN", channel="preference", size=0.1),
        ),
        4: (Measure(id="o", tool="t", issuer="CHN", channel="preference", size=1.0),),
    },
    "a closed market": {1: (Measure(id="m", tool="t", issuer="CHN", channel="market_access", targets=("USA",), size=1.0),)},
}


@pytest.mark.parametrize("stages", CLAUSES.values(), ids=CLAUSES)
def test_both_models_agree_on_single_clauses(stages: dict[int, tuple[Rule | Measure, ...]]) -> None:
    buyers = np.flatnonzero(town().location == 1)

    def change(book: RuleBook, quarter: int) -> None:
        if quarter == 1:
            book.parts["two"] = dict.fromkeys(buyers[1::4].tolist(), 0.4)
            book.parties |= {"one": set(buyers[::2].tolist()), "two": set(buyers[1::2].tolist())}
            book.adoption["JPN", "USA"] = 0.6
        if quarter in stages:
            impose(book, *stages[quarter])

    assert_equal(run_both(town(), Params().with_values({"adaptation.qualify_hazard": 0.4}), change, quarters=8))


@pytest.mark.slow
def test_both_models_agree_on_the_shipped_population() -> None:
    p = Params().with_values({"population.n_firms": 200})
    e = population.build(p)
    listed = set(np.flatnonzero(e.owner == 1)[::3].tolist())
    assert_equal(run_both(e, p, escalation("foundry_advanced", listed), quarters=20))


@pytest.mark.slow
def test_both_models_agree_under_the_controls_of_the_benchmark() -> None:
    p = Params().with_values({"population.n_firms": 200})
    e = population.build(p)
    assert_equal(run_both(e, p, lambda book, quarter: controls.impose(book, e) if quarter == 1 else None, quarters=16))


def test_the_town_is_busy_enough_to_tell_two_models_apart() -> None:
    w = open_world(town(), Params(), 5)
    first = w.supplier.copy()
    change = escalation("chip", set(np.flatnonzero(town().owner == 1).tolist()[::3]))
    degraded = diverted = False
    for quarter in range(20):
        change(w.book, quarter)
        step(w)
        degraded |= bool((w.degraded > 0.05).any())
        diverted |= bool((w.diverted > 0.05).any())
    assert degraded and diverted
    assert (w.supplier != first).any() and (w.shed > 0).any() and (w.critical < town().critical0).any() and (w.yield_ < 1).any()


rules = st.builds(
    Rule,
    id=st.uuids().map(str),
    tool=st.just("test"),
    issuer=st.sampled_from(["USA", "CHN", "JPN"]),
    products=st.sets(st.sampled_from(PRODUCTS)).map(lambda x: tuple(sorted(x))),
    destinations=st.sampled_from([("CHN",), ("CHN", "VNM"), ("USA", "JPN"), ()]),
    party_list=st.sampled_from(["", "", "entity_list", "nobody"]),
    military=st.booleans(),
    threshold=st.one_of(st.none(), st.floats(-3, 1)),
    sliding=st.booleans(),
    denial=st.one_of(st.just(0.0), st.floats(0.05, 1)),
    delay=st.sampled_from([0.0, 0.5, 2.0]),
    fdp=st.booleans(),
    de_minimis=st.sampled_from([None, 0.0, 0.1, 0.25]),
    persons=st.booleans(),
    owners=st.booleans(),
    affiliates=st.booleans(),
    exempt=st.sampled_from([(), ("USA",), ("JPN", "NLD")]),
    adoptable=st.booleans(),
    end_uses=st.sampled_from([(), (), ("chip", "phone")]),
    spares=st.sampled_from([(), ("JPN",)]),
)
measures = st.builds(
    Measure,
    id=st.uuids().map(str),
    tool=st.just("test"),
    issuer=st.sampled_from(["USA", "CHN"]),
    channel=st.sampled_from(CHANNELS),
    targets=st.sampled_from([("CHN",), ("USA", "JPN"), ()]),
    products=st.sets(st.sampled_from(PRODUCTS)).map(lambda x: tuple(sorted(x))),
    party_list=st.sampled_from(["", "entity_list"]),
    size=st.floats(0.05, 1),
)


@pytest.mark.slow
@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])  # shrinking a difference takes minutes
@given(st.lists(st.one_of(rules, measures), min_size=1, max_size=6), st.floats(0, 1))
def test_both_models_agree_under_any_rule_book(book: list[Rule | Measure], adoption: float) -> None:
    def change(now: RuleBook, quarter: int) -> None:
        if quarter == 1:
            now.parties["entity_list"] = {3, 11, 20}
            now.adoption["JPN", "USA"] = now.adoption["NLD", "USA"] = adoption
            impose(now, *book)

    assert_equal(run_both(town(), Params(), change, quarters=12))


def test_a_difference_is_seen() -> None:
    """The comparison itself can fail: a slip in one agent of the plain model shows in the arrays it touches."""
    w = open_world(town(), Params(), 5)
    plain = PlainModel(w, w.book)
    plain.firms[-1].expected *= 1.0 + 1e-6
    plain.step()
    step(w)
    wrong = {name for name, x in differences(plain, w).items() if x > CLOSE}
    assert {"expected", "ordered", "demand"} <= wrong
    assert apart(np.array([1.0, np.nan]), np.array([1.0, 0.0])) == np.inf


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "parts small_yard",
        "mechanisms small_yard time.engine=reference time.quarters=8",
        "growth 300 1",
        "sweep policy=none time.quarters=4",
    ],
)
def test_every_measurement_of_a_run_gives_times(words: str) -> None:
    done = subprocess.run([sys.executable, str(BENCHMARKS / "one_run.py"), *words.split()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found
    assert min(found.values()) >= 0
