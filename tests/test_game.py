"""The rules of play: log, commands, visibility, branches and replay, told as stories."""

from __future__ import annotations

import csv
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ecsim.game
from ecsim.errors import UserError
from ecsim.game.acts import explain
from ecsim.game.charts import Line, chart, legend, nice
from ecsim.game.costs import MOST, OPENING, Purse, after_turn, cost_of
from ecsim.game.desk import Desk
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.knowledge import book_for, news_of, series_for, truth
from ecsim.game.legal import Refusal, check_rows
from ecsim.game.log import Entry, Log
from ecsim.game.passes import Principal, hash_of
from ecsim.game.referee import Referee
from ecsim.game.review import page_of, review_of, write
from ecsim.game.review.reruns import as_played, effects_of, without_seat
from ecsim.game.seats import seat_named, seats_of, tools_of
from ecsim.game.session import Session, create
from ecsim.game.setup import Setup
from ecsim.game.state import Game
from ecsim.game.words import TEXTS
from ecsim.tools import CATALOGUE, Control
from playing import BEIJING, CONTROL, FUND, JOIN, RULE, SETUP, TOKYO, WASHINGTON, game, hand_in, rows


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk(SETUP, workers=0, draws=7)
    yield desk
    desk.close()


@pytest.fixture
def session(tmp_path: Path, desk: Desk) -> Iterator[Session]:
    made = game(tmp_path, desk)
    yield made
    made.log.close()


def seat(name: str):
    return seat_named(SETUP.table, name)


# the log


def test_an_entry_with_a_known_key_is_not_written_twice(tmp_path: Path) -> None:
    log = Log(tmp_path / "g", create=True)
    entry = Entry("A", 1, "tokyo", "draft", "k", {"x": 1})
    first, second = log.append([entry]), log.append([entry, Entry("A", 1, "tokyo", "draft", "k2", {})])
    assert second[0] == first[0] and [e.key for e in log.read()] == ["k", "k2"]


def test_events_can_be_neither_changed_nor_removed(tmp_path: Path) -> None:
    log = Log(tmp_path / "g", create=True)
    log.append([Entry("A", 1, "tokyo", "draft", "k", {})])
    db = sqlite3.connect(tmp_path / "g")
    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "g", create=True)
    with pytest.raises(ValueError, match="JSON"):
        log.append([Entry("A", 1, "t", "draft", "a", {}), Entry("A", 1, "t", "draft", "b", {"x": float("nan")})])
    assert log.read() == []


def test_other_files_are_no_games(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, and long enough to be looked at as one " * 20)
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE t (x)")
    for name in ("text", "other", "missing"):
        with pytest.raises(UserError, match="game"):
            Log(tmp_path / name)
    with pytest.raises(UserError, match="there already"):
        Log(tmp_path / "text", create=True)


# setup


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"scenario": "histroy"}, "did you mean 'history'"),
        ({"start": "2017Q4"}, "--start"),
        ({"start": "2050Q1"}, "--start: '2050Q1' is after the model's horizon; accepted: a quarter from 2018Q1 to 2035Q4"),
        ({"start": "2043Q1", "overrides": ("time.quarters=100",)}, "from 2018Q1 to 2042Q4"),
        ({"turns": 0}, "--turns"),
        ({"seats": "mian"}, "did you mean 'main'"),
        ({"overrides": ("policy=blanket",)}, "the seats play this"),
    ],
)
def test_bad_settings_name_the_option(values: dict, names: str) -> None:
    with pytest.raises(UserError, match=names):
        Setup(**values)


def test_the_horizon_covers_the_last_preview() -> None:
    assert Setup(start="2030Q1", turns=10, quarters=2).config().params.time.quarters >= 48 + 20 + 8


def test_a_longer_horizon_lets_play_begin_later() -> None:
    assert Setup(start="2035Q4").first == 71
    assert Setup(start="2042Q4", overrides=("time.quarters=100",)).first == 99


def test_setups_survive_the_log() -> None:
    setup = Setup(scenario="open", overrides=("innovation.stretch=1.2",), minutes=5.0)
    assert Setup.from_dict(setup.to_dict()) == setup
    assert setup.config().params.innovation.stretch == 1.2


# submitting


def test_a_confirmed_move_is_on_disk(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    again = Game().take(Log(session.log.path).read())
    assert [r["move"]["tool"] for r in again.branches["A"].submissions["washington"].rows] == ["country_rule"]


def test_a_double_click_is_one_submission(session: Session) -> None:
    first = session.submit(WASHINGTON, 1, 0, rows(RULE))
    assert session.submit(WASHINGTON, 1, 0, rows(RULE)) == first
    assert session.branch("A").revisions["washington"] == 1


def test_two_windows_of_a_seat_do_not_overwrite_each_other(session: Session) -> None:
    session.submit(WASHINGTON, 1, 0, rows(RULE))
    with pytest.raises(Refusal) as refusal:
        session.submit(WASHINGTON, 1, 0, rows({**RULE, "denial": 0.5}))
    assert refusal.value.key == "refused_stale"
    session.submit(WASHINGTON, 1, 1, rows({**RULE, "denial": 0.5}))
    assert session.branch("A").submissions["washington"].rows[0]["move"]["denial"] == 0.5


def test_many_at_once_leave_one_submission(session: Session) -> None:
    done: list[str] = []

    def click(denial: float) -> None:
        try:
            session.submit(WASHINGTON, 1, 0, rows({**RULE, "denial": denial}))
            done.append("ok")
        except Refusal as refusal:
            done.append(refusal.key)

    threads = [threading.Thread(target=click, args=(0.5 + 0.05 * i,)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(done) == ["ok", *["refused_stale"] * 5]
    assert sum(e.kind == "submit" for e in session.log.read()) == 1


def test_withdraw_and_hand_in_again(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.withdraw(WASHINGTON, 1, 1)
    session.withdraw(WASHINGTON, 1, 1)
    assert "washington" not in session.branch("A").submissions and session.branch("A").revisions["washington"] == 2
    with pytest.raises(Refusal, match="Another window"):
        session.submit(WASHINGTON, 1, 1, rows(RULE))
    hand_in(session, WASHINGTON, RULE)


def test_a_laptop_that_slept_is_told_that_it_is_late(session: Session) -> None:
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal) as refusal:
        session.submit(WASHINGTON, 1, 0, rows(RULE))
    assert refusal.value.key == "refused_late" and "2" in refusal.value.text("zh")


def test_a_locked_turn_takes_nothing(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.lock(CONTROL, "A")
    for attempt in (lambda: session.submit(WASHINGTON, 1, 1, rows()), lambda: session.withdraw(WASHINGTON, 1, 1)):
        with pytest.raises(Refusal, match="locked"):
            attempt()
    session.unlock(CONTROL, "A")
    session.withdraw(WASHINGTON, 1, 1)


def test_costs_are_held_against_the_purse(session: Session) -> None:
    dear = [{**RULE, "products": [p], "fdp": True} for p in ("lithography", "memory", "hbm")]
    with pytest.raises(Refusal) as refusal:
        hand_in(session, WASHINGTON, *dear)
    assert refusal.value.key == "refused_cost"
    hand_in(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    assert session.branch("A").purses["washington"] < Purse(MOST, 0) and session.branch("A").purses["tokyo"].political > OPENING.political


@given(political=st.integers(0, MOST), spent=st.integers(0, 20), lobbied=st.integers(-9, 9), feeling=st.floats(0, 1))
def test_purses_stay_within_bounds(political: int, spent: int, lobbied: int, feeling: float) -> None:
    purse = after_turn(Purse(political, 0), Purse(spent, 3), lobbied, feeling)
    assert 0 <= purse.political <= MOST and purse.administrative == OPENING.administrative


def test_a_wider_or_harder_rule_costs_no_less() -> None:
    soft = cost_of({"move": {**RULE, "denial": 0.3}})
    hard = cost_of({"move": RULE})
    everything = cost_of({"move": {**RULE, "products": []}})
    assert soft.political < hard.political < everything.political and everything.administrative > hard.administrative


# what a seat may not do


@pytest.mark.parametrize(
    ("who", "row"),
    [
        ("washington", {"move": FUND}),  # another's state
        ("washington", {"move": {**FUND, "actor": "USA"}}),  # another's tool
        ("washington", {"move": {**JOIN, "actor": "USA"}}),
        ("beijing", {"move": {"actor": "CHN", "verb": "lift", "rule": "A01"}}),  # another's rule
        ("washington", {"move": {**RULE, "denial": 1.5}}),
        ("washington", {"move": {**RULE, "delay": 1e9}}),  # a ban by waiting, at the price of none
        ("washington", {"move": {**RULE, "de_minimis": 0.0}}),  # not a term of this tool
        ("washington", {"move": {**RULE, "quarter": 3}}),
        ("washington", {"move": {**RULE, "text_en": "<script>"}}),
        ("washington", {"move": RULE, "shown": "secret"}),  # rules are published
        ("washington", {"lobby": {"seat": "beijing", "points": 1}}),  # industry's
        ("washington", {"move": RULE, "free": "x"}),
        ("washington", {}),
        ("washington", "impose"),
        ("washington", {"move": {**RULE, "until": 3}}),
        ("washington", {"move": {"actor": "USA", "verb": "event", "products": ["lithography"] * 30}}),
        ("washington", {"move": {"actor": "USA", "verb": "impose", "tool": "nonsense"}}),
        ("washington", {"free": "x" * 10_000}),
    ],
)
def test_powers_of_seats(session: Session, who: str, row: object) -> None:
    before = len(session.log.read())
    with pytest.raises(Refusal):
        session.submit(Principal("A", who), 1, 0, [row])
    assert len(session.log.read()) == before


def test_an_amendment_stays_within_the_law_too(session: Session) -> None:
    hand_in(session, BEIJING, FUND)
    rule = next(m["rule"] for m in session.advance(CONTROL, "A").payload["moves"] if m["move"]["actor"] == "CHN")
    with pytest.raises(Refusal, match="the law allows"):
        hand_in(session, BEIJING, {"actor": "CHN", "verb": "amend", "rule": rule, "size": 1000.0})
    hand_in(session, BEIJING, {"actor": "CHN", "verb": "amend", "rule": rule, "size": 8.0})


def test_the_door_has_the_last_word(session: Session) -> None:
    with pytest.raises(Refusal, match="accepted"):
        hand_in(session, WASHINGTON, {"actor": "USA", "verb": "list", "tool": "entity_list", "entities": ["No Such Company"]})


def test_every_tool_of_every_seat_passes_its_own_form() -> None:
    for seat_ in seats_of("each"):
        assert tools_of(seat_)
        for tool in tools_of(seat_):
            kind = next(("impose" if isinstance(m, Control) else "measure" for m in tool.makes), "event")
            verb = "list" if tool.listing else kind
            move = {"actor": seat_.states[0], "verb": verb, "tool": tool.id} | ({"entities": ["x"]} if verb == "list" else {})
            check_rows(seat_, [{"move": move}], [], 20)


def test_others_may_not_command(session: Session) -> None:
    observer = Principal("A", "observer")
    for attempt in (
        lambda: session.submit(observer, 1, 0, []),
        lambda: session.submit(TOKYO, 1, 0, rows(RULE), seat="washington"),
        lambda: session.submit(Principal("A", "tokyo"), 1, 0, rows(JOIN), room="B"),
        lambda: session.advance(WASHINGTON, "A"),
        lambda: session.lock(observer, "A"),
        lambda: session.inject(BEIJING, "A", 1, "x", "x"),
        lambda: session.override(BEIJING, "A", 1, "price", 1.0, ""),
        lambda: session.hold(TOKYO, "A", "beijing", "model"),
        lambda: session.issue(TOKYO, "A", "beijing"),
        lambda: session.revoke(TOKYO, "A", "beijing"),
        lambda: session.fork(TOKYO, "A", 1),
        lambda: session.clock(TOKYO, "A", 5),
        lambda: session.what_if(TOKYO, "A", 1, [JOIN]),
        lambda: session.preview(observer, []),
        lambda: session.add_room(TOKYO, "x"),
    ):
        with pytest.raises(Refusal):
            attempt()


def test_control_plays_for_a_team_without_a_device(session: Session) -> None:
    session.submit(CONTROL, 1, 0, rows(JOIN), room="A", seat="tokyo")
    assert session.branch("A").submissions["tokyo"].rows[0]["move"]["verb"] == "adopt"


# passes


def test_passes_are_long_hashed_and_revocable(session: Session) -> None:
    secret = session.issue(CONTROL, "A", "tokyo")
    assert len(secret) >= 27  # 160 bits in base 64
    assert secret not in session.log.path.read_bytes().decode("latin1") and hash_of(secret) in session.game.passes
    assert session.principal(secret) == TOKYO
    session.revoke(CONTROL, "A", "tokyo")
    assert session.principal(secret) is None
    fresh = session.issue(CONTROL, "A", "tokyo")
    assert session.principal(fresh) == TOKYO and session.principal("guess") is None


def test_who_is_shut_out_can_do_nothing_more_in_a_page_that_is_open(session: Session) -> None:
    inside = session.principal(session.issue(CONTROL, "A", "tokyo"))
    chief = session.principal(session.facilitator())
    assert inside is not None and chief is not None and session.admitted(inside)
    session.revoke(CONTROL, "A", "tokyo")
    session.revoke(CONTROL, "", "control")
    assert not session.admitted(inside)
    for command in (
        lambda: session.submit(inside, 1, 0, rows(JOIN)),
        lambda: session.save_draft(inside, rows(JOIN)),
        lambda: session.preview(inside, rows(JOIN)),
        lambda: session.advance(chief, "A"),
        lambda: session.issue(chief, "A", "beijing"),
    ):
        with pytest.raises(Refusal, match="Not allowed"):
            command()


def test_a_seat_is_taken_once(session: Session) -> None:
    code = session.game.join_code
    with pytest.raises(Refusal, match="taken"):
        session.join(code, "A", "tokyo", "again")
    for without in (lambda: session.join("WRONG1", "A", "hague", "x"), lambda: session.play_alone("", "hague", "x")):
        with pytest.raises(Refusal, match="The join code is missing or wrong"):
            without()
    assert session.principal(session.join(code.lower(), "A", "observer", "")) == Principal("A", "observer")


# seats that change hands


def test_an_empty_seat_is_played_by_the_model_and_can_change_hands(session: Session) -> None:
    for seat_ in ("washington", "beijing", "tokyo"):
        session.hold(CONTROL, "A", seat_, "model")
    with pytest.raises(Refusal, match="model"):
        hand_in(session, WASHINGTON, RULE)
    by_model = [m for _ in range(3) for m in session.advance(CONTROL, "A").payload["moves"]]
    assert {m["move"]["actor"] for m in by_model} >= {"CHN", "CAN"} and all(m["input"] is None for m in by_model)
    session.hold(CONTROL, "A", "washington", "team")
    session.hold(CONTROL, "A", "beijing", "team")
    hand_in(session, WASHINGTON, RULE)
    made = session.advance(CONTROL, "A").payload["moves"]
    assert [m["move"].get("tool") for m in made if m["move"]["actor"] in ("USA", "CHN")] == ["country_rule"]


def test_the_model_leaves_the_decisions_of_teams_alone(session: Session) -> None:
    """Allies without a team review their own membership, never that of a capital in which people sit."""
    hand_in(session, TOKYO, {**JOIN, "level": 0.1})
    made = [m for _ in range(4) for m in session.advance(CONTROL, "A").payload["moves"]]
    assert {m["move"]["actor"] for m in made if m["input"] is None and m["move"]["verb"] in ("adopt", "leave")} <= {
        "FRA",
        "ITA",
        "EUR",
        "ISR",
        "CAN",
        "AUS",
        "NLD",
        "KOR",
        "TWN",
        "DEU",
        "GBR",
    }
    assert ["JPN", "USA", 0.1] in session.branch("A").played[-1].result["book"]["adoption"]


# visibility


def test_quiet_moves_are_known_to_those_who_may(session: Session) -> None:
    hand_in(session, BEIJING, FUND, shown="secret")
    hand_in(session, WASHINGTON, RULE, {"actor": "USA", "verb": "measure", "tool": "visa_refusal"})
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    branch = session.branch("A")

    def told(who: Principal) -> set[str]:
        return {
            n.move["tool"] for n in news_of(session.game, branch, branch.played[0], who) if n.move and n.seat in ("washington", "beijing")
        }

    assert told(BEIJING) == {"big_fund", "country_rule", "visa_refusal"} == told(CONTROL)
    assert told(WASHINGTON) == told(TOKYO) == told(Principal("A", "observer")) == {"country_rule", "visa_refusal"}
    assert any(r["tool"] == "big_fund" and r["start"] == SETUP.first for r in book_for(session.game, branch, BEIJING))
    assert not any(r["tool"] == "big_fund" and r["start"] == SETUP.first for r in book_for(session.game, branch, TOKYO))


def test_delayed_moves_come_out_later(session: Session) -> None:
    hand_in(session, BEIJING, FUND, shown="delayed")
    known = []
    for _ in range(4):
        session.advance(CONTROL, "A")
        branch = session.branch("A")
        known.append(any(n.move and n.move.get("tool") == "big_fund" for n in news_of(session.game, branch, branch.played[0], TOKYO)))
    assert known == [False, False, True, True]


def test_estimates_miss_by_their_error_and_stay_the_same(session: Session) -> None:
    session.advance(CONTROL, "A")
    branch = session.branch("A")
    _, values, _ = truth(session.game, branch)
    for series in series_for(session.game, branch, seat("washington")):
        column = INDICATORS.index(series.indicator)
        for value, row, error in zip(series.values, values, series.error, strict=True):
            if series.kind == "exact":
                assert value == row[column]
            elif series.kind == "estimate":
                assert error > 0 and value != row[column] and abs(value - row[column]) < 5 * error
    assert series_for(session.game, branch, seat("washington")) == series_for(session.game, branch, seat("washington"))
    known = {s.indicator.id: s for s in series_for(session.game, branch, seat("tokyo"))}
    assert known["revenue_jpn"].kind == "exact" and known["revenue_usa"].kind == "late" and known["gap_foundry"].kind == "estimate"
    assert known["revenue_usa"].values[-1] is None and known["revenue_usa"].values[-3] is not None
    published = series_for(session.game, branch, None)
    assert all(s.kind != "estimate" for s in published) and "gap_foundry" not in {s.indicator.id for s in published}


# offers


def test_an_accepted_offer_binds_both(session: Session) -> None:
    offer = session.offer(WASHINGTON, "tokyo", "Join us, and we spare your plants.", give=[RULE], take=[JOIN])
    with pytest.raises(Refusal):
        session.answer(BEIJING, offer.seq, "yes")
    session.answer(TOKYO, offer.seq, "yes")
    with pytest.raises(Refusal, match="answered"):
        session.answer(TOKYO, offer.seq, "no")
    made = session.advance(CONTROL, "A").payload["moves"]
    assert {(m["move"]["actor"], m["move"]["verb"]) for m in made if m["input"] is not None} == {("USA", "impose"), ("JPN", "adopt")}
    assert ["JPN", "USA", 0.6] in session.branch("A").played[0].result["book"]["adoption"]


def test_nobody_can_promise_what_is_anothers(session: Session) -> None:
    with pytest.raises(Refusal):
        session.offer(WASHINGTON, "tokyo", "", take=[FUND])
    late = session.offer(WASHINGTON, "tokyo", "x")
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal, match="answered"):
        session.answer(TOKYO, late.seq, "yes")


# control


def test_injects_are_due_in_their_turn_and_overrides_are_marked(session: Session) -> None:
    session.inject(CONTROL, "A", 2, "Fire at a plant", "工厂火灾", [{"actor": "CHN", "verb": "impose", "tool": "minerals"}])
    assert session.advance(CONTROL, "A").payload["refused"] == []
    made = session.advance(CONTROL, "A").payload["moves"]
    assert any(m["move"].get("tool") == "minerals" and m["input"] == 0 for m in made)
    session.override(CONTROL, "A", 2, "price", 12.5, "the model has no weather")
    branch = session.branch("A")
    price = next(s for s in series_for(session.game, branch, seat("tokyo")) if s.indicator.id == "price")
    assert price.values[-1] == 12.5 and price.changed == {price.quarters[-1]}
    assert branch.played[1].result["indicators"][-1][INDICATORS.index(BY_ID["price"])] != 12.5
    assert [n.text["en"] for n in news_of(session.game, branch, branch.played[1], TOKYO) if n.text] == ["Fire at a plant"]


def test_a_struck_row_does_not_reach_the_model(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.strike(CONTROL, "A", seat="washington", index=0)
    assert not any(m["input"] is not None for m in session.advance(CONTROL, "A").payload["moves"])


def test_the_clock_runs_out_stops_and_runs_on(session: Session) -> None:
    session.clock(CONTROL, "A", 10)
    assert session.overdue() == []
    session.clock(CONTROL, "A", pause=True)
    branch = session.branch("A")
    assert branch.deadline is None and 590 < branch.paused <= 600
    session.clock(CONTROL, "A", resume=True)
    assert branch.paused is None and branch.deadline > time.time() + 590
    session.clock(CONTROL, "A", 1e-9)
    time.sleep(0.01)
    assert session.overdue() == ["A"]


# branches and replay


def play(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    hand_in(session, BEIJING, FUND)
    session.advance(CONTROL, "A")
    hand_in(session, TOKYO, JOIN)
    session.advance(CONTROL, "A")


def test_a_game_replays_to_the_same_hashes(session: Session) -> None:
    play(session)
    branch = session.branch("A")
    fresh = Referee(Game().take(session.log.read()).setup)
    assert fresh.opening()["hash"] == session.game.opening["hash"]
    for turn, played in enumerate(branch.played, 1):
        assert fresh.resolve(branch.history[:turn]) == dict(played.result)


def test_a_past_turn_reopens_as_a_branch(session: Session) -> None:
    play(session)
    first = session.branch("A")
    name = session.fork(CONTROL, "A", 2, "What if Tokyo had not")
    branch = session.branch("A")
    assert name == branch.name == "A.2" and branch.turn == 2 and branch.played[0] is first.played[0]
    session.advance(CONTROL, "A")
    assert branch.played[1].result["hash"] != first.played[1].result["hash"]
    session.fork(CONTROL, "A", 2, parent="A")
    hand_in(session, TOKYO, JOIN)
    session.advance(CONTROL, "A")
    assert session.branch("A").played[1].result["hash"] == first.played[1].result["hash"]
    session.switch(CONTROL, "A", "A")
    assert session.branch("A") is session.game.branches["A"]
    again = Game().take(session.log.read())
    assert again.branches == session.game.branches


def test_what_if_agrees_with_the_branch_that_plays_it(session: Session) -> None:
    play(session)
    as_played, otherwise = session.what_if(CONTROL, "A", 1, [JOIN])
    assert as_played.shape == otherwise.shape == (2, len(INDICATORS))
    column = INDICATORS.index(BY_ID["cohesion"])
    assert as_played[0, column] < otherwise[0, column]
    assert as_played[-1, column] == pytest.approx(session.branch("A").played[-1].result["indicators"][-1][column])


def test_what_was_handed_in_does_not_count_once_the_model_plays(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.hold(CONTROL, "A", "washington", "model")
    made = session.advance(CONTROL, "A").payload["moves"]
    assert all(m["input"] is None for m in made)


def test_rooms_are_apart_and_alike(session: Session) -> None:
    room = session.add_room(CONTROL, "second")
    session.hold(CONTROL, room, "washington", "team")
    session.submit(CONTROL, 1, 0, rows(RULE), room=room, seat="washington")
    hand_in(session, WASHINGTON, RULE)
    for seat_ in ("beijing", "tokyo"):
        session.hold(CONTROL, room, seat_, "team")
    one, two = session.advance(CONTROL, "A"), session.advance(CONTROL, room)
    assert one.payload["hash"] == two.payload["hash"]
    assert session.branch("A").turn == 2 and session.branch(room) is not session.branch("A")


def test_who_plays_alone_moves_the_room_on(session: Session) -> None:
    secret = session.play_alone(session.game.join_code, "beijing", "me")
    me = session.principal(secret)
    assert me is not None and session.room(me.room).solo == "beijing"
    hand_in(session, me, FUND)
    assert session.advance(me, me.room).turn == 1
    with pytest.raises(Refusal):
        session.advance(me, "A")


def test_the_game_ends(session: Session) -> None:
    for _ in range(SETUP.turns):
        session.advance(CONTROL, "A")
    with pytest.raises(Refusal, match="over"):
        session.submit(WASHINGTON, 5, 0, [])


# previews


def test_a_preview_compares_with_doing_nothing_on_the_same_luck(session: Session, desk: Desk) -> None:
    without, played = session.preview(WASHINGTON, rows(RULE))
    assert without.shape == played.shape == (7, 8, len(INDICATORS))
    column = INDICATORS.index(BY_ID["denied"])
    assert (played[:, -1, column] > without[:, -1, column]).all()
    nothing, same = session.preview(WASHINGTON, [])
    assert (nothing == same).all() and (nothing == without).all()
    assert without[:, -1, column].std() > 0


def test_a_seat_has_two_previews_at_a_time_and_a_dozen_offers_a_turn(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    go, inside = threading.Event(), threading.Semaphore(0)

    def slow(*_: object) -> str:
        inside.release()
        go.wait(30)
        return "done"

    monkeypatch.setattr(session.desk, "preview", slow)
    first = [threading.Thread(target=session.preview, args=(WASHINGTON, rows(RULE))) for _ in range(2)]
    for t in first:
        t.start()
    assert inside.acquire(timeout=30) and inside.acquire(timeout=30)
    with pytest.raises(Refusal, match="Too many"):
        session.preview(WASHINGTON, rows(RULE))
    go.set()
    for t in first:
        t.join()
    assert session.preview(WASHINGTON, rows(RULE)) == "done"
    for n in range(12):
        session.offer(WASHINGTON, "tokyo", f"offer {n}")
    with pytest.raises(Refusal, match="12 offers"):
        session.offer(WASHINGTON, "tokyo", "one more")


# a server that dies


CHILD = """
import sys
from pathlib import Path
from ecsim.game.log import Entry, Log
log = Log(Path(sys.argv[1]))
n = 0
while True:
    n += 1
    log.append([Entry("A", 1, "tokyo", "draft", f"{sys.argv[2]}/{n}", {"n": n})])
    print(f"{sys.argv[2]}/{n}", flush=True)
"""


def test_kill_9_loses_no_confirmed_event(tmp_path: Path) -> None:
    Log(tmp_path / "g", create=True).close()
    confirmed: list[str] = []
    for run in range(4):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path / "g"), str(run)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(15 + 7 * run):
            confirmed.append(child.stdout.readline().strip())
        os.kill(child.pid, signal.SIGKILL)
        confirmed += child.stdout.read().split()
        child.wait()
    kept = [e.key for e in Log(tmp_path / "g").read()]
    assert len(kept) == len(set(kept)) and set(confirmed) <= set(kept)


def test_a_turn_that_was_locked_when_the_server_fell_is_worked_out(session: Session, desk: Desk, tmp_path: Path) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.lock(CONTROL, "A")
    session.log.close()
    again = Session(session.log.path, desk=desk)
    assert again.recover() == ["A"] and again.branch("A").turn == 2
    assert any(m["input"] == 0 for m in again.branch("A").played[0].result["moves"])
    again.log.close()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 200))
def test_folding_in_pieces_is_folding_at_once(split: int) -> None:
    events = _EVENTS
    whole, parts = Game().take(events), Game().take(events[:split]).take(events[max(0, split - 3) :])
    assert whole == parts


_EVENTS: list = []


@pytest.fixture(scope="module", autouse=True)
def _events(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> None:
    session = game(tmp_path_factory.mktemp("events"), desk)
    play(session)
    session.fork(CONTROL, "A", 2)
    _EVENTS.extend(session.log.read())
    session.log.close()


# the report


def test_the_report_tells_what_a_move_did_and_escapes_what_people_wrote(session: Session, desk: Desk, tmp_path: Path) -> None:
    session.submit(WASHINGTON, 1, 0, rows(RULE), "=HYPERLINK('x') <script>alert(1)</script>", "rules")
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    session.override(CONTROL, "A", 2, "price", 9.0, "why")
    page = write(session.game, "A", desk, tmp_path / "out", "zh")
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text and "复盘报告" in text and "http://" not in text.replace("http://www.w3.org", "")
    (row,) = list(csv.DictReader((tmp_path / "out" / "intents.csv").open(encoding="utf-8-sig")))
    assert row["intent"].startswith("'=") and float(row["change"]) == 1.0 and row["all_lucks_agree"] == "True"
    tables = {p.stem for p in (tmp_path / "out").glob("*.csv")}
    assert tables == {"timeline", "indicators", "effects", "baselines", "who_paid", "instruments", "intents", "overrides"}
    shown = [r for r in csv.DictReader((tmp_path / "out" / "overrides.csv").open(encoding="utf-8-sig"))]
    assert shown[0]["shown"] == "9.0" and float(shown[0]["model"]) != 9.0


def test_the_effect_of_a_turn_is_the_game_with_less_the_game_without(session: Session, desk: Desk) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    branch = session.branch("A")
    (effect,) = effects_of(branch, desk)
    column = INDICATORS.index(BY_ID["denied"])
    bare = [without_seat(branch.history[0], "washington"), branch.history[1]]
    expected = as_played(branch)[-1, column] - desk.answer("ending", [], bare, 0)[-1, column]
    assert effect.seat == "washington" and effect.change[0, column] == pytest.approx(expected, abs=1e-6)


def test_a_report_of_nothing_says_so(session: Session, desk: Desk) -> None:
    assert "No turn has been played" in page_of(review_of(session.game, "A", desk))


# words


def test_texts_that_pages_ask_for_are_there() -> None:
    folder = Path(ecsim.game.__file__).parent
    asked = {
        key
        for path in folder.rglob("*.py")
        for key in re.findall(r'(?:say|[^a-z]t)\((?:lang, |self\.lang, |"en", )?"([a-z_]+)"', path.read_text())
    }
    asked -= {"en"}
    assert len(asked) > 150 and asked <= set(TEXTS), asked - set(TEXTS)
    for tool in CATALOGUE.values():
        for lang in ("en", "zh"):
            assert explain(tool, lang) or tool.cls == "record"


def test_charts_escape_and_survive_gaps() -> None:
    line = Line("<b>", (1, 2, 3, 4), (1.0, None, float("nan"), 2.0), (0.5, None, None, 1.0), (1.5, None, None, 3.0))
    svg = chart('"<x>', "&", [line], since=2, since_text="<i>")
    assert "<x>" not in svg and "<i>" not in svg and "&lt;" in svg and "nan" not in svg
    assert "<svg" in chart("t", "u", [Line("a", (), ())]) and "&lt;b&gt;" in legend([line])


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_axes_span_their_values(low: float, width: float) -> None:
    ticks = nice(low, low + width)
    assert 2 <= len(ticks) <= 8 and ticks[0] <= low + 1e-6 * abs(low) + 1e-9 and ticks[-1] >= low + width - 1e-6 * abs(low + width) - 1e-9


def test_both_languages_have_every_text_with_the_same_gaps() -> None:
    import string

    for key, (en, zh) in TEXTS.items():
        assert en and zh, key
        gaps = [{name for _, name, _, _ in string.Formatter().parse(t) if name} for t in (en, zh)]
        assert gaps[0] == gaps[1], key


def test_creating_twice_does_not_overwrite(tmp_path: Path, desk: Desk) -> None:
    session = game(tmp_path, desk)
    session.log.close()
    with pytest.raises(UserError, match="there already"):
        create(session.log.path, SETUP, desk)
