"""The contract of every mechanism: it names real fields, writes only what it declares, and the schedule is sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, ClassVar

import numpy as np
import pytest

import tiny
from choosing import model
from ecsim.mechanisms.base import Mechanism, check_schedule
from ecsim.mechanisms.measures import apply_measures
from ecsim.mechanisms.opening import open_world
from ecsim.rules import Measure, Rule
from ecsim.schedule import CONSEQUENCES, PERCEPTION, describe
from ecsim.world import World, state_fields

QUARTER = PERCEPTION + CONSEQUENCES
ARRAYS = {f.name for f in state_fields()}
FIELDS = {f.name for f in fields(World)}
MOVING = ARRAYS | {"quarter", "book", "classes", "table"}


def busy_world() -> World:
    """A world in the middle of trouble, so that every mechanism has something to do."""
    p = tiny.quiet(adaptation__qualify_hazard=0.3)
    w = open_world(tiny.economy(p), p, seed=3)
    w.book.parties["entity_list"] = {4}
    w.book.rules["a"] = Rule(
        id="a", tool="t", issuer="USA", destinations=("CHN",), products=("chip",), threshold=-0.5, denial=0.9, delay=1.0, fdp=True
    )
    w.book.rules["b"] = Rule(id="b", tool="t", issuer="USA", destinations=("CHN",), party_list="entity_list")
    for channel in ("tariff", "talent", "investment", "finance", "market_access", "enforcement"):
        w.book.measures[channel] = Measure(id=channel, tool="t", issuer="USA", channel=channel, targets=("CHN",), size=0.2)
    for channel, size in (("subsidy", 5.0), ("stockpile", 0.5)):
        w.book.measures[channel] = Measure(id=channel, tool="t", issuer="CHN", channel=channel, size=size)
    w.book.measures["home"] = Measure(id="home", tool="t", issuer="CHN", channel="preference", size=0.2)
    w.book.touch()
    for _ in range(5):
        for m in QUARTER:
            m(w)
        w.quarter += 1
    return w


def worlds() -> Iterator[World]:
    """Worlds in which each mechanism, between them, does all that it can: one worked by hand, and two moments of a history."""
    yield busy_world()
    m = model("policy=history", "response=first_paper")
    for quarter in (12, 28):
        while m.world.quarter < quarter:
            m.step()
        book = m.world.book
        book.rules["sliding"] = Rule(id="sliding", tool="t", issuer="USA", destinations=("CHN",), threshold=-1.0, sliding=True)
        for measure in (
            Measure(id="shed", tool="t", issuer="USA", channel="shedding", targets=("CHN",), size=0.1),
            Measure(id="moved", tool="t", issuer="USA", origin="CHN", channel="relocation", targets=("USA", "JPN", "EUO"), size=0.1),
            Measure(id="costly", tool="t", issuer="USA", channel="compliance_cost", size=0.01),
        ):
            book.measures[measure.id] = measure
        book.touch()
        yield m.world


class Watched(World):
    """A world that remembers which of its fields were asked for."""

    asked: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        if name in MOVING:
            Watched.asked.add(name)
        return super().__getattribute__(name)


def arrays(w: World) -> dict[str, np.ndarray]:
    return {name: getattr(w, name).copy() for name in ARRAYS}


@pytest.mark.parametrize("mechanism", QUARTER, ids=lambda m: m.name)
def test_it_names_fields_that_exist(mechanism: Mechanism) -> None:
    assert mechanism.reads <= FIELDS, mechanism.reads - FIELDS
    assert mechanism.writes <= FIELDS, mechanism.writes - FIELDS
    assert mechanism.doc.endswith((".", ";")) and mechanism.source


def test_each_writes_only_what_it_declares() -> None:
    w = busy_world()
    for mechanism in QUARTER:
        before = arrays(w)
        mechanism(w)
        changed = {name for name, x in arrays(w).items() if not np.array_equal(x, before[name], equal_nan=True)}
        assert changed <= mechanism.writes, (mechanism.name, changed - mechanism.writes)


def test_each_reads_what_it_declares_and_no_more() -> None:
    """What it writes is asked for too, for arrays are written in place."""
    asked: dict[str, set[str]] = {m.name: set() for m in QUARTER}
    for w in worlds():
        w.measured, w.measured_at, w.compiled, w.compiled_at = {}, None, (), None  # so that nothing is known from before
        w.__class__ = Watched
        for mechanism in QUARTER:
            Watched.asked.clear()
            mechanism(w)
            asked[mechanism.name] |= Watched.asked
        w.__class__ = World
    for m in QUARTER:
        assert asked[m.name] == (m.reads | m.writes) & MOVING, m.name


def test_two_writers_in_a_phase_are_refused() -> None:
    twin = replace(QUARTER[-1], name="twin")
    with pytest.raises(ValueError, match="two writers"):
        check_schedule((*QUARTER, twin))


def test_a_schedule_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="stands after"):
        check_schedule(tuple(reversed(QUARTER)))


def test_the_quarter_reads_like_a_table_of_contents() -> None:
    rows = describe()
    assert [r[0] for r in rows].index("DECIDE") == len(PERCEPTION)
    assert len(rows) == len(QUARTER) + 1
    assert all(doc for _, _, doc, _ in rows)


def rd_under(size: float) -> np.ndarray:
    """R&D of all firms after one quarter of a subsidy, by a quarter in which R&D follows at once."""
    p = tiny.quiet(innovation__rd_speed=0.5, innovation__subsidy_absorbed=2.0, innovation__subsidy_efficiency=0.25)
    w = open_world(tiny.economy(p), p, seed=3)
    w.book.measures["s"] = Measure(id="s", tool="t", issuer="CHN", channel="subsidy", size=size)
    w.book.touch()
    for m in QUARTER:
        m(w)
    return np.asarray(w.rd.copy())


def test_firms_absorb_subsidies_in_proportion_to_their_own_rd() -> None:
    none, some, much, more = (rd_under(size) for size in (1e-12, 0.01, 1e3, 1e6))
    assert (some >= none).all() and (some > none).any()
    assert np.array_equal(much, more)
    helped = much > none * (1.0 + 1e-9)
    assert helped.any()
    np.testing.assert_allclose(much[helped] / none[helped], 1.0 + 0.5 * 2.0 * 0.25, rtol=0.05)


def test_what_is_kept_while_nothing_changes_it_is_what_would_be_worked_out_anew() -> None:
    m = model("policy=endogenous", "alliance=endogenous", "response=first_paper")
    channels, counted = set(), 0
    while not m.finished:
        m.step()
        w, book = m.world, m.world.book
        kept = {name: getattr(w, name).copy() for name in apply_measures.writes}
        w.measured, w.measured_at = {}, None
        apply_measures(w)
        for name, array in kept.items():
            np.testing.assert_array_equal(getattr(w, name), array, err_msg=name)
        channels |= {measure.channel for measure in book.measures.values()}
        for key, inside in book.inside.items():
            assert inside == pytest.approx(sum(w.economy.entities[row] * book.listed(key, row) for row in book.parties[key]))
            counted += 1
    assert len(channels) > 8 and counted > 8
