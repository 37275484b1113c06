"""Listings: parties by name and by count, in part, for the military, and set free again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsim.errors import UserError
from ecsim.record import listed_entities, listed_outside
from policy_world import small_economy, small_world
from using import ECONOMY, book_of, play, world


def test_listing_a_company_takes_all_its_rows_everywhere() -> None:
    w = world()
    rule_id = play(w, "USA", "list", tool="entity_list", entities=("Huawei",))
    assert w.book.parties["USA:entity_list"] == set(ECONOMY.company_rows["Huawei"]) and len(ECONOMY.company_rows["Huawei"]) == 2
    rule = w.book.rules[rule_id]
    assert (rule.party_list, rule.destinations, rule.products, rule.denial) == ("USA:entity_list", (), (), 0.33)


def listed(w: Any, **values: Any) -> list[int]:
    before = set().union(*w.book.parties.values()) if w.book.parties else set()
    play(w, "USA", "list", tool="entity_list", **values)
    return sorted(set().union(*w.book.parties.values()) - before)


def entities_listed(w: Any) -> dict[float, float]:
    """Legal entities on the list, by output of their row."""
    name = "USA:entity_list"
    return {float(ECONOMY.output0[r]): float(ECONOMY.entities[r] * w.book.listed(name, r)) for r in w.book.parties[name]}


def test_a_count_takes_every_kth_entity_by_size_of_its_firm() -> None:
    w = world()
    china = {"destinations": ("CHN",), "products": ("electronics",)}  # four firms of sizes 10, 9, 8, 7 and 5, 2, 1, 1 entities
    play(w, "USA", "list", tool="entity_list", count=2, **china)
    assert entities_listed(w) == pytest.approx({10.0: 1.0, 9.0: 1.0})  # of nine entities the third and the seventh
    play(w, "USA", "list", tool="entity_list", count=7, **china)
    assert entities_listed(w) == pytest.approx({10.0: 5.0, 9.0: 2.0, 8.0: 1.0, 7.0: 1.0})
    assert not w.book.parts["USA:entity_list"]
    assert listed(w, count=7, **china) == []


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_listed_share_of_output_is_that_of_entities(share: float) -> None:
    economy = small_economy()
    economy.entities[:] = 1
    w = small_world(economy=economy)
    pool = [r for r in range(economy.n_firms) if economy.owner[r] == 1 and r not in economy.firm_names]
    economy.output0[pool] = np.linspace(1.0, 20.0, len(pool)) ** 2
    play(w, "USA", "list", tool="entity_list", count=round(share * len(pool)), destinations=("CHN",))
    rows = list(w.book.parties["USA:entity_list"])
    assert len(rows) == round(share * len(pool))
    assert economy.output0[rows].sum() / economy.output0[pool].sum() == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("count", [1, 10, 43, 100])
def test_groups_of_many_entities_are_listed_in_part(count: int) -> None:
    economy = small_economy()
    economy.entities[:] += 10 * (economy.entities + 1)  # groups of 65, 32, 21 and 21
    w = small_world(economy=economy)
    play(w, "USA", "list", tool="entity_list", count=count, destinations=("CHN",), products=("electronics",))
    assert sum(economy.entities[r] * w.book.listed("USA:entity_list", r) for r in w.book.parties["USA:entity_list"]) == pytest.approx(count)


def test_military_counts_come_from_military_end_users() -> None:
    rows = listed(world(), count=3, destinations=("CHN",), products=("electronics", "servers"), military=True)
    assert rows and all(ECONOMY.military[r] >= 0.5 for r in rows)


@given(st.integers(1, 60))
def test_a_count_is_met_as_far_as_it_goes_and_never_exceeded(count: int) -> None:
    w = world()
    play(w, "USA", "list", tool="entity_list", count=count, destinations=("CHN",), products=("electronics", "servers", "handsets"))
    on = sum(ECONOMY.entities[r] * w.book.listed("USA:entity_list", r) for r in w.book.parties["USA:entity_list"])
    assert on == pytest.approx(min(count, 27))


def test_delisting_and_lifting_free_the_parties() -> None:
    w = world()
    rule_id = play(w, "USA", "list", tool="entity_list", entities=("Huawei", "SMIC"))
    play(w, "USA", "delist", tool="entity_list", entities=("Huawei",))
    assert w.book.parties["USA:entity_list"] == set(ECONOMY.company_rows["SMIC"])
    with pytest.raises(UserError, match="not all of Huawei are on"):
        play(w, "USA", "delist", tool="entity_list", entities=("Huawei",))
    play(w, "USA", "lift", rule=rule_id)
    assert book_of(w) == ({}, {}, {}, {})


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_count_is_taken_off_a_list_as_it_was_put_on(on: int, off: int) -> None:
    w, china = world(), {"destinations": ("CHN",), "products": ("electronics", "servers", "handsets")}
    play(w, "USA", "list", tool="uvl", entities=("Huawei",))
    play(w, "USA", "list", tool="uvl", count=on, **china)
    on = min(on, 27)
    outside = listed_outside(w)
    rule = play(w, "USA", "delist", tool="uvl", count=off, parties=off, **china)
    left = {r: w.book.listed("USA:uvl", r) for r in w.book.parties["USA:uvl"]}
    assert all(0.0 < share <= 1.0 for share in left.values()) and rule in w.book.rules
    assert all(left.pop(r) == 1.0 for r in ECONOMY.company_rows["Huawei"])  # who is named stays
    assert sum(ECONOMY.entities[r] * share for r, share in left.items()) == pytest.approx(max(0, on - off))
    assert listed_outside(w) == pytest.approx(outside - max(0, off - on))
    assert set(w.book.parts["USA:uvl"]) <= set(left)


def test_a_count_off_a_list_needs_a_list_and_the_states() -> None:
    w = world()
    with pytest.raises(UserError, match="nobody is on 'USA:uvl'"):
        play(w, "USA", "delist", tool="uvl", count=2, destinations=("CHN",))
    play(w, "USA", "list", tool="uvl", count=2, destinations=("CHN",))
    with pytest.raises(UserError, match="a count needs the states"):
        play(w, "USA", "delist", tool="uvl", count=2)
    with pytest.raises(UserError, match="'delist' needs entities by name, or a count"):
        play(w, "USA", "delist", tool="uvl")


def test_only_lists_of_the_incumbent_count_as_its_lists() -> None:
    w = world()
    before = listed_entities(w)
    play(w, "CHN", "list", tool="uel", entities=("Micron",), parties=15)
    assert listed_entities(w) == before
    play(w, "USA", "list", tool="entity_list", entities=("Huawei",), parties=69)
    assert listed_entities(w) == pytest.approx(before + 69)
    play(w, "USA", "list", tool="uvl", entities=("Huawei",))
    assert listed_entities(w) == pytest.approx(before + 69)  # one that stands on two lists counts once


def test_a_listing_counts_as_many_parties_as_its_source_says_and_those_outside_the_chain_change_nothing_else() -> None:
    w, plain = world(), world()
    before = listed_outside(w)
    assert before == w.params.government.listed_before > 0
    acts: tuple[tuple[str, dict[str, Any], int], ...] = (
        ("list", {"entities": ("Huawei",)}, 69),  # of whom two rows of the model stand for some
        ("list", {"entities": ("Huawei",)}, 46),  # further affiliates: no row is added
        ("list", {"count": 60, "destinations": ("CHN",), "products": ("electronics",)}, 60),  # the model has nine
        ("delist", {"entities": ("Huawei",)}, -100),
    )
    for verb, values, parties in acts:
        play(w, "USA", verb, tool="entity_list", parties=abs(parties), **values)
        keeper = play(plain, "USA", verb, tool="entity_list", **values)
        before += parties
        inside = sum(ECONOMY.entities[r] * w.book.listed("USA:entity_list", r) for r in w.book.parties["USA:entity_list"])
        assert inside + listed_outside(w) == pytest.approx(before)
        assert (w.book.parties, w.book.parts, w.book.rules) == (plain.book.parties, plain.book.parts, plain.book.rules)
    play(w, "USA", "lift", rule=str(keeper))
    assert listed_outside(w) == w.params.government.listed_before


def test_later_listings_keep_the_terms_of_the_list() -> None:
    w = world()
    rule_id = play(w, "USA", "list", tool="entity_list", entities=("Huawei",), denial=0.9)
    play(w, "USA", "list", tool="entity_list", entities=("SMIC",))
    assert len(w.book.rules) == 1 and w.book.rules[rule_id].denial == 0.9
    with pytest.raises(UserError, match="the list has its terms"):
        play(w, "USA", "list", tool="entity_list", entities=("YMTC",), denial=0.1)


def test_universities_and_institutes_are_listed_beside_companies() -> None:
    w = world()
    play(w, "USA", "list", tool="entity_list", entities=("Huawei", "Beihang University"))
    assert w.book.institutes == {"USA:entity_list": {"Beihang University"}}
    assert w.book.parties["USA:entity_list"] == set(ECONOMY.company_rows["Huawei"])
    rule = play(w, "USA", "delist", tool="entity_list", entities=("Beihang University",))
    assert w.book.institutes == {"USA:entity_list": set()} and rule in w.book.rules
    play(w, "USA", "list", tool="entity_list", entities=("Harbin Engineering University",))
    play(w, "USA", "lift", rule=rule)
    assert w.book.institutes == {} and book_of(w) == ({}, {}, {}, {})
