"""What is not done again comes to the same: quarters that are played in one go, and what is kept while the rules stay as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecsim import config, population, schedule, tools
from ecsim.course import Course
from ecsim.moves import Move
from ecsim.rules import Rule, RuleBook
from ecsim.strategies.base import NEVER, Patient
from ecsim.strategies.replay import Replay
from ecsim.tools import enact
from ecsim.world import World, state_fields

SMALL = ("population.n_firms=200",)
QUARTERS = 72
PLAYED: dict[str, tuple[str, ...]] = {
    "none": ("policy=none",),
    "small yard": ("policy=small_yard",),
    "reviewed": ("policy=small_yard", "policy.review=4", "policy.review_step=0.2", "policy.review_listings=5"),
    "blanket": ("policy=blanket", "response=tit_for_tat"),
    "late counter-controls": ("policy=small_yard", "response=counter", "response.counter_delay=7"),
    "no response": ("policy=small_yard", "response=none"),
    "allies": ("policy=small_yard", "alliance=forced", "alliance.participation=0.6", "alliance.leaves={JPN: 2027Q1}"),
    "hubs": ("policy=small_yard", "alliance=allies", "alliance.hubs=[ARE,SGP,VNM]"),
    "history": ("policy=history",),
    "all choose": ("policy=endogenous", "alliance=endogenous", "response=first_paper"),
    "several domains": ("policy=small_yard", "economy=three_domains"),
    "reference": ("policy=small_yard", "time.engine=reference", "time.quarters=24"),
}


def course(*words: str) -> Course:
    settings = config.compose([*SMALL, *words]).run
    return Course.from_config(settings, economy=population.build(settings.params))


def same(a: Course, b: Course) -> None:
    """Both ended in the same world, by the same moves, and recorded the same."""
    for f in state_fields():
        np.testing.assert_array_equal(getattr(a.world, f.name), getattr(b.world, f.name), err_msg=f.name)
    for name, track in a.recorder.tracks.items():
        np.testing.assert_array_equal(track, b.recorder.tracks[name], err_msg=name)
    assert a.moves == b.moves
    assert a.recorder.in_force == b.recorder.in_force
    assert a.result().outcomes == pytest.approx(b.result().outcomes, rel=0, abs=0, nan_ok=True)
    assert a.result().series.equals(b.result().series)
    assert a.result().flows.equals(b.result().flows)


@pytest.mark.parametrize("words", PLAYED.values(), ids=PLAYED.keys())
def test_a_run_played_out_is_the_run_quarter_by_quarter(words: tuple[str, ...]) -> None:
    at_once, one_by_one = course(*words), course(*words)
    at_once.play_out()
    while not one_by_one.finished:
        one_by_one.step()
    same(at_once, one_by_one)


def asked(played: Course) -> list[int]:
    """Quarters in which a player who has nothing to say was asked."""

    class Witness(Patient):
        def __init__(self) -> None:
            self.asked: list[int] = []

        def moves(self, world: World, quarter: int) -> list[Move]:
            self.asked.append(quarter)
            return []

        def idle_until(self, world: World, quarter: int) -> int:
            return NEVER

    witness = Witness()
    played.players = (*played.players, witness)
    played.play_out()
    return witness.asked


def test_few_quarters_begin_anew_where_little_is_decided() -> None:
    assert len(asked(course("policy=none"))) < QUARTERS / 4
    assert len(asked(course("policy=small_yard"))) < QUARTERS / 2
    assert asked(course("policy=small_yard", "time.engine=reference", "time.quarters=12")) == list(range(12))


def test_whoever_does_not_say_when_it_moves_is_asked_every_quarter() -> None:
    class Silent:
        def moves(self, world: World, quarter: int) -> list[Move]:
            return []

    played = course("policy=none")
    played.players = (Silent(),)
    assert asked(played) == list(range(QUARTERS))


@pytest.mark.parametrize("tool", ["design_out", "move_plants"])
def test_what_companies_decided_goes_on_in_every_quarter(tool: str) -> None:
    """Plants that move and content that is designed out change a little each quarter, without a move."""
    settings = config.compose([*SMALL, "policy=none"]).run
    economy = population.build(settings.params)
    made = Move.make(3, "USA", "measure", tool=tool)
    at_once, one_by_one = (Course(settings.params, 1, [Replay([made])], economy=economy) for _ in range(2))
    at_once.play_out()
    while not one_by_one.finished:
        one_by_one.step()
    same(at_once, one_by_one)
    assert not np.array_equal(at_once.recorder.tracks["revenue"], at_once.baseline.tracks["revenue"])


def law(book: RuleBook) -> str:
    """Everything in a rule book but measures in force."""
    parts = (book.rules, {i: p for i, p in book.suspended.items() if isinstance(p, Rule)}, book.parties, book.parts, book.outside)
    return repr((*parts, book.institutes, book.adoption))


@pytest.mark.parametrize("name", ["small yard", "allies", "hubs", "history", "all choose"])
def test_the_version_of_the_rules_is_raised_by_all_that_changes_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = 0

    def watched(move: Move, world: World) -> str | None:
        nonlocal kept
        book = world.book
        before, version = law(book), book.version_of_rules
        made = enact(move, world)
        if book.version_of_rules == version:
            assert law(book) == before, move
            kept += move.verb != "event"
        return made

    monkeypatch.setattr(tools, "enact", watched)
    course(*PLAYED[name]).play_out()
    assert kept > 0  # the budgets of the challenger, at least


@pytest.mark.parametrize("verb", ["list", "measure"])
def test_a_list_of_a_measure_is_a_change_of_the_rules(verb: str) -> None:
    w = course("policy=none").world
    enact(Move.make(0, "USA", verb, tool="sdn", entities=("SMIC",)), w)
    assert w.book.parties and not w.book.rules
    assert w.book.version_of_rules == 1


@pytest.mark.parametrize("place", ["perception", "first", "middle", "last"])
def test_a_mechanism_without_a_kernel_is_played_every_quarter(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    played, (perception, consequences) = [], schedule.quarter_of("compiled")
    extra = replace(consequences[0], name="extra", run=lambda w: played.append(w.quarter), rests=None)
    at = {"first": 0, "middle": len(consequences) // 2, "last": len(consequences)}.get(place)
    with_it = (*perception, extra), consequences
    if at is not None:
        with_it = perception, (*consequences[:at], extra, *consequences[at:])
    monkeypatch.setattr(schedule, "quarter_of", lambda _: with_it)
    schedule.played_by.cache_clear()
    try:
        made = course("policy=none", "time.quarters=6")
        made.play_out()
    finally:
        schedule.played_by.cache_clear()
    assert played == list(range(6))
    plain = course("policy=none", "time.quarters=6")
    plain.play_out()
    same(made, plain)


def test_counter_controls_that_another_lifts_come_back_in_the_next_quarter() -> None:
    words = ("policy=small_yard", "response=counter", "response.counter_delay=2")
    made = []
    for by_quarter in (False, True):
        played = course(*words)
        played.players = (*played.players, Replay([Move.make(17, "CHN", "lift", rule="response:counter")]))
        while by_quarter and not played.finished:
            played.step()
        played.play_out()
        made.append(played)
    same(*made)
    imposed = [move.quarter for move, _ in made[0].moves if move.verb == "impose" and move.actor == "CHN"]
    assert imposed[1:] == [18]
