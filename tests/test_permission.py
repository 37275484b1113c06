"""Permission of links: more control never lets more through, whatever the rule book."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny
from ecsim import api
from ecsim.mechanisms.content import content
from ecsim.mechanisms.measures import apply_measures
from ecsim.mechanisms.opening import open_world
from ecsim.mechanisms.orders import split
from ecsim.mechanisms.permission import compile_rules, items, permit
from ecsim.rules import Measure, Rule, RuleBook
from ecsim.schedule import CONSEQUENCES
from ecsim.world import World

rules = st.builds(
    Rule,
    id=st.uuids().map(str),
    tool=st.just("test"),
    issuer=st.sampled_from(["USA", "CHN"]),
    products=st.sets(st.sampled_from(["tool", "chip", "phone"])).map(lambda x: tuple(sorted(x))),
    destinations=st.sampled_from([("CHN",), ("JPN",), ("USA", "JPN"), ()]),
    party_list=st.sampled_from(["", "entity_list"]),
    military=st.booleans(),
    end_uses=st.sampled_from([(), ("phone",), ("chip",)]),
    threshold=st.one_of(st.none(), st.floats(-4, 1)),
    sliding=st.booleans(),
    denial=st.floats(0, 1),
    fdp=st.booleans(),
    de_minimis=st.sampled_from([None, 0.0, 0.1, 0.25]),
    persons=st.booleans(),
    owners=st.booleans(),
    affiliates=st.booleans(),
)
books = st.lists(rules, max_size=6)
adoptions = st.dictionaries(st.just(("JPN", "USA")), st.floats(0, 1))

PARAMS = tiny.quiet()
ECONOMY = tiny.economy(PARAMS)


def permitted(book: list[Rule], adoption: dict[tuple[str, str], float] | None = None) -> World:
    w = open_world(ECONOMY, PARAMS, seed=1)
    w.book = RuleBook(rules={r.id: r for r in book}, parties={"entity_list": {4}}, adoption=adoption or {}, version=1)
    for mechanism in (compile_rules, apply_measures, content, items, permit):
        mechanism(w)
    return w


def through(w: World) -> np.ndarray:
    """All that passes, whatever the way, and what passes in full and in law."""
    return np.stack([w.passing, w.passing - w.degraded - w.diverted])


@given(books, adoptions)
def test_shares_are_shares_and_parts_fit_the_whole(book: list[Rule], adoption: dict[tuple[str, str], float]) -> None:
    w = permitted(book, adoption)
    for name in ("passing", "degraded", "diverted", "final_passing"):
        x = getattr(w, name)
        assert (x >= 0).all() and (x <= 1).all(), name
    assert (through(w) >= -1e-12).all()


@given(books, rules)
def test_another_rule_never_opens_a_link(book: list[Rule], more: Rule) -> None:
    assert (through(permitted([*book, more])) <= through(permitted(book)) + 1e-12).all()


@given(books, st.integers(0, 5), st.floats(0, 1))
def test_more_denial_never_opens_a_link(book: list[Rule], which: int, extra: float) -> None:
    if not book:
        return
    i = which % len(book)
    harder = [replace(r, denial=r.denial + extra * (1 - r.denial)) if j == i else r for j, r in enumerate(book)]
    assert (through(permitted(harder)) <= through(permitted(book)) + 1e-12).all()


@given(books, st.floats(0, 1), st.floats(0, 1))
def test_more_adoption_never_opens_a_link(book: list[Rule], a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert (through(permitted(book, {("JPN", "USA"): high})) <= through(permitted(book, {("JPN", "USA"): low})) + 1e-12).all()


@given(books, st.sampled_from(["fdp", "persons", "owners", "affiliates"]))
def test_more_reach_never_opens_a_link(book: list[Rule], reach: str) -> None:
    wider = [replace(r, **{reach: True}) for r in book]
    assert (through(permitted(wider)) <= through(permitted(book)) + 1e-12).all()


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1), st.floats(-3, 0)), min_size=2, max_size=2),
    st.integers(0, 1),
    st.floats(0, 1),
)
def test_less_permission_on_a_link_never_delivers_more(links: list[tuple[float, float, float]], which: int, less: float) -> None:
    def requested(passing: list[float]) -> float:
        w = open_world(ECONOMY, PARAMS, seed=1)
        weight = np.array([x[0] for x in links])
        w.weight[3], w.ordered[:], w.passing[3] = weight / weight.sum(), 1.0, passing
        w.tech_eff[[1, 2]] = [x[2] for x in links]
        split(w)
        return float(w.request[3].sum())

    passing = [x[1] for x in links]
    lower = [x * less if i == which else x for i, x in enumerate(passing)]
    assert requested(lower) <= requested(passing) + 1e-12


@given(books, st.randoms())
def test_rules_commute(book: list[Rule], order: object) -> None:
    shuffled = list(book)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(permitted(book).passing, permitted(shuffled).passing)


def test_an_empty_book_passes_everything() -> None:
    w = permitted([])
    assert (w.passing == 1).all() and (w.final_passing == 1).all()


def test_a_listing_hits_the_party_and_its_bystanders_less() -> None:
    w = open_world(ECONOMY, PARAMS, seed=1)
    rule = Rule(id="r", tool="entity_list", issuer="USA", destinations=("CHN",), party_list="entity_list")
    w.book = RuleBook(rules={"r": rule}, parties={"entity_list": {4}}, version=1)
    for mechanism in (compile_rules, apply_measures, content, items, permit):
        mechanism(w)
    assert np.isclose(w.passing[3, 0], PARAMS.permission.affiliate_evasion)
    tight = replace(rule, affiliates=True)
    assert permitted([tight]).passing[3, 0] == 0.0


def test_an_end_use_rule_covers_only_those_who_make_that() -> None:
    rule = Rule(id="r", tool="t", issuer="USA", destinations=("CHN",), products=("chip",))
    assert permitted([replace(rule, end_uses=("phone",))]).passing[3, 0] == 0.0
    assert permitted([replace(rule, end_uses=("tool",))]).passing[3, 0] == 1.0


def test_a_tariff_makes_imports_dearer_and_a_closed_market_sends_buyers_home() -> None:
    w = open_world(ECONOMY, PARAMS, seed=1)
    w.book.measures["t"] = Measure(id="t", tool="s301", issuer="USA", channel="tariff", targets=("CHN",), size=0.25)
    w.book.measures["m"] = Measure(
        id="m", tool="procurement_ban", issuer="USA", channel="market_access", targets=("CHN",), products=("phone",), size=1.0
    )
    w.book.touch()
    apply_measures(w)
    assert (w.tariff[:, 1, 0] == 0.25).all() and w.tariff.sum() == 0.25 * 3
    assert w.closed[4, 0] == 1.0 and w.closed.sum() == 1.0
    assert not w.preferred.any()


def test_what_a_state_prefers_at_home_adds_up_and_closes_nothing() -> None:
    w = open_world(ECONOMY, PARAMS, seed=1)
    for name, products, size in (("all", (), 0.2), ("some", ("phone",), 0.5)):
        w.book.measures[name] = Measure(id=name, tool="substitution", issuer="CHN", channel="preference", products=products, size=size)
    w.book.touch()
    apply_measures(w)
    phone = ECONOMY.products.index("phone")
    assert w.preferred[phone, 1] == pytest.approx(0.6) and not w.closed.any()
    assert np.delete(w.preferred[:, 1], phone) == pytest.approx(0.2) and not np.delete(w.preferred, 1, axis=1).any()
    del w.book.measures["all"], w.book.measures["some"]
    w.book.touch()
    apply_measures(w)
    assert not w.preferred.any()


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_group_listed_in_part_is_refused_in_part(share: float) -> None:
    p = tiny.quiet(permission__affiliate_evasion=0.0, permission__over_compliance=0.0)
    w = open_world(tiny.economy(p), p, seed=1)
    w.book.parties["list"] = {4}
    w.book.parts["list"] = {} if share == 1.0 else {4: share}
    w.book.rules["r"] = Rule(id="r", tool="t", issuer="USA", destinations=("CHN",), party_list="list")
    w.book.touch()
    for mechanism in CONSEQUENCES:
        mechanism(w)
    assert w.passing[3, 0] == pytest.approx(1.0 - share)
    assert w.listed[4] == pytest.approx(share)


def test_what_is_compiled_and_applied_follows_the_parameters() -> None:
    model = api.build_model("blanket", "time.quarters=4")
    model.run()
    w = model.world
    before, watched = w.table, w.detection.copy()
    permission = replace(
        w.params.permission, over_compliance=w.params.permission.over_compliance / 2, detection=w.params.permission.detection / 2
    )
    w.params = replace(w.params, permission=permission)
    compile_rules(w)
    apply_measures(w)
    assert w.table is not before
    assert (w.detection < watched).any()
