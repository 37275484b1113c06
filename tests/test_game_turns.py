"""What happens in a turn: handing in, purses, seats that change hands, offers, previews."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsim.game.branch import bound
from ecsim.game.costs import MOST, OPENING, Purse, after_turn, cost_of
from ecsim.game.desk import Desk
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.legal import MOST_ROWS, Refusal
from ecsim.game.log import Log
from ecsim.game.passes import Principal
from ecsim.game.session import Session
from ecsim.game.state import Game
from ecsim.game.strikes import spent_by
from playing import BEIJING, CONTROL, FUND, JOIN, RULE, TOKYO, WASHINGTON, draft, hand_in, rows

# submitting


def test_a_confirmed_move_is_on_disk(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    again = Game().take(Log(session.log.path).read())
    assert [r["move"]["tool"] for r in again.branches["A"].submissions["washington"].rows] == ["country_rule"]


def test_intent_and_aim_are_kept_with_the_draft_and_leave_its_moves_alone(session: Session) -> None:
    draft(session, WASHINGTON, RULE)
    session.save_words(WASHINGTON, 1, "slow them down", "rules")
    kept = Game().take(Log(session.log.path).read()).branches["A"].drafts["washington"]
    assert (len(kept["rows"]), kept["intent"], kept["aim"]) == (1, "slow them down", "rules")
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal) as refusal:
        session.save_words(WASHINGTON, 1, "typed in the turn before", "")
    assert refusal.value.key == "refused_late" and session.branch("A").drafts["washington"]["intent"] == "slow them down"


def test_rows_that_windows_add_and_remove_at_once_are_all_kept(session: Session) -> None:
    draft(session, WASHINGTON, RULE)
    first = session.branch("A").drafts["washington"]["rows"][0]
    shares = [0.3 + 0.05 * i for i in range(8)]
    work = [lambda d=d: draft(session, WASHINGTON, {**RULE, "denial": d}) for d in shares]
    work += [lambda: session.remove_row(WASHINGTON, 1, 0, first)] * 2
    threads = [threading.Thread(target=w) for w in work]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    kept = Game().take(Log(session.log.path).read()).branches["A"].drafts["washington"]["rows"]
    assert sorted(row["move"]["denial"] for row in kept) == shares


def test_a_draft_has_an_end(session: Session) -> None:
    draft(session, WASHINGTON, *[RULE] * MOST_ROWS)
    with pytest.raises(Refusal, match="Too many moves"):
        draft(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    for late in (lambda: session.add_row(WASHINGTON, 1, rows(RULE)[0]), lambda: session.remove_row(WASHINGTON, 1, 0, {})):
        with pytest.raises(Refusal, match="Too late"):
            late()


def test_a_draft_is_handed_in_as_its_window_shows_it_or_not_at_all(session: Session) -> None:
    draft(session, WASHINGTON, RULE)
    seen = list(session.branch("A").drafts["washington"]["rows"])
    draft(session, WASHINGTON, {**RULE, "denial": 0.5})
    with pytest.raises(Refusal, match="just changed the draft"):
        session.submit(WASHINGTON, 1, 0, seen, drafted=True)
    assert len(session.branch("A").drafts["washington"]["rows"]) == 2 and not session.branch("A").submissions
    session.submit(WASHINGTON, 1, 0, session.branch("A").drafts["washington"]["rows"], drafted=True)


def test_what_was_not_handed_in_stands_in_the_next_turn_words_without_moves_and_changes_too(session: Session) -> None:
    session.save_words(WASHINGTON, 1, "keep out of it", "cohesion")
    hand_in(session, BEIJING, FUND, intent="win time")
    draft(session, BEIJING, {**FUND, "size": 5.0})
    hand_in(session, TOKYO, JOIN, intent="wait")
    session.save_words(TOKYO, 1, "wait and see", "")
    session.advance(CONTROL, "A")
    left = session.branch("A").drafts
    words = {seat: (len(d["rows"]), d["intent"], d["aim"]) for seat, d in left.items()}
    assert words == {"washington": (0, "keep out of it", "cohesion"), "beijing": (1, "", ""), "tokyo": (0, "wait and see", "")}
    assert left["beijing"]["rows"][0]["move"]["size"] == 5.0 and all(d["left"] == 1 for d in left.values())


def test_the_same_move_once_more_stands_in_the_next_turn(session: Session) -> None:
    hand_in(session, BEIJING, FUND)
    draft(session, BEIJING, FUND)
    assert len(session.branch("A").drafts["beijing"]["rows"]) == 2
    session.advance(CONTROL, "A")
    (left,) = session.branch("A").drafts["beijing"]["rows"]
    assert left["move"]["size"] == FUND["size"]


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


def test_a_draft_that_was_not_handed_in_does_nothing_and_stands_in_the_next_turn(session: Session) -> None:
    setup = session.game.setup
    brief = {**RULE, "until": setup.quarter(1) + 4}
    draft(session, WASHINGTON, brief, {**RULE, "products": ["memory"]})
    session.save_words(WASHINGTON, 1, "to hold the line", "")
    draft(session, BEIJING, FUND)
    hand_in(session, BEIJING, FUND)
    purse = session.branch("A").purses["washington"]
    session.advance(CONTROL, "A")
    assert [m["seat"] for m in session.branch("A").played[-1].inputs["moves"]] == ["beijing"]
    drafts = session.branch("A").drafts
    assert set(drafts) == {"washington"} and drafts["washington"]["intent"] == "to hold the line" and drafts["washington"]["left"] == 1
    assert [row["move"]["products"] for row in drafts["washington"]["rows"]] == [["lithography"], ["memory"]]
    assert drafts["washington"]["rows"][0]["move"]["until"] == setup.quarter(2) + 4  # four quarters from the turn in which it is handed in
    assert session.branch("A").purses["washington"].political >= purse.political
    hand_in(session, WASHINGTON, *(row["move"] for row in drafts["washington"]["rows"][:1]))
    assert "left" not in session.branch("A").drafts["washington"]
    session.advance(CONTROL, "A")
    assert session.branch("A").drafts == {}


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


def test_a_listing_counts_no_more_than_there_are_and_pays_for_many(session: Session) -> None:
    listing = {"actor": "USA", "verb": "list", "tool": "entity_list", "destinations": ["CHN"]}
    names = session.game.opening["companies"]["CHN"][:4]
    usual = [cost_of({"move": {**listing, "count": n}}) for n in (1, 58, 131)]
    assert usual == [Purse(1, 2)] * 3 and cost_of({"move": {**listing, "entities": names}}) == Purse(1, 2)
    assert cost_of({"move": {**listing, "count": 400}}) == Purse(1, 4)
    for count in (800, 1_000_000_000):
        with pytest.raises(Refusal, match="Too dear"):
            hand_in(session, WASHINGTON, {**listing, "count": count})
    american = {"actor": "CHN", "verb": "list", "tool": "uel", "destinations": ["USA"]}
    with pytest.raises(Refusal, match="at most [0-9]+ further legal entities") as refusal:
        hand_in(session, BEIJING, {**american, "count": 100})
    most = int(refusal.value.text("zh").split("最多还可另加")[1].split("家")[0])
    with pytest.raises(Refusal, match=f"at most {most} further"):
        session.preview(BEIJING, rows({**american, "count": most + 1}))
    hand_in(session, BEIJING, {**american, "count": most})
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal, match="at most 0 further"):
        hand_in(session, BEIJING, {**american, "count": 1})


@pytest.mark.parametrize(
    ("who", "moves", "words"),
    [
        (BEIJING, [{"actor": "CHN", "verb": "list", "tool": "uel"}], "nobody is named"),
        (BEIJING, [{"actor": "CHN", "verb": "list", "tool": "uel", "count": -3, "destinations": ["USA"]}], "not possible"),
        (BEIJING, [{"actor": "CHN", "verb": "list", "tool": "uel", "entities": ["SMIC"]}], "at itself"),
        (WASHINGTON, [{"actor": "USA", "verb": "lift", "rule": "USA:huawei"}] * 2, "not in force any more"),
        (WASHINGTON, [{"actor": "USA", "verb": "suspend", "rule": "USA:huawei"}] * 2, "suspended already"),
        (WASHINGTON, [{"actor": "USA", "verb": "amend", "rule": "USA:huawei"}], "changes nothing"),
        (TOKYO, [{"actor": "JPN", "verb": "leave", "issuer": "USA"}], "has not adopted"),
    ],
)
def test_what_the_model_refuses_is_said_in_the_reader_s_language(session: Session, who: Principal, moves: list, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        hand_in(session, who, *moves)
    assert not re.search("[A-Za-z]", refusal.value.text("zh")) and not re.search("accepted|'|_|[A-Z]{3}", refusal.value.text("en"))


def test_a_wider_or_harder_rule_costs_no_less() -> None:
    soft = cost_of({"move": {**RULE, "denial": 0.3}})
    hard = cost_of({"move": RULE})
    everything = cost_of({"move": {**RULE, "products": []}})
    assert soft.political < hard.political < everything.political and everything.administrative > hard.administrative


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


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_an_accepted_offer_takes_the_place_of_the_same_move(session: Session, when: str) -> None:
    other = {**RULE, "products": ["memory"]}
    spent = cost_of({"move": RULE}).plus(cost_of({"move": other})).political
    if when == "before":
        hand_in(session, WASHINGTON, RULE, other)
    offer = session.offer(WASHINGTON, "tokyo", "", give=[RULE])
    if when == "between":
        draft(session, WASHINGTON, RULE, other)
    session.answer(TOKYO, offer.seq, "yes")
    branch = session.branch("A")
    if when != "before":
        hand_in(session, WASHINGTON, *(m["move"] for m in branch.drafts.get("washington", {"rows": rows(RULE, other)})["rows"]))
    assert [m["move"]["products"] for m in branch.drafts["washington"]["rows"]] == [["memory"]]
    made = [m for m in session.advance(CONTROL, "A").payload["moves"] if m["move"]["actor"] == "USA" and m["input"] is not None]
    assert sorted(m["move"]["products"] for m in made) == [["lithography"], ["memory"]]
    anxious = after_turn(Purse(0, 0), Purse(0, 0), 0, branch.played[0].result["indicators"][-1][INDICATORS.index(BY_ID["anxiety"])])
    assert branch.purses["washington"].political == min(MOST, OPENING.political - spent + anxious.political)


DEAR = {**RULE, "products": [], "fdp": True}  # a purse pays for one of them


def at_once(session: Session, monkeypatch: pytest.MonkeyPatch, *commands: Callable[[], object]) -> list[str]:
    """Commands given in the same instant: the model answers none of them before it has been asked by all. What became of each."""
    answer, together, asked, done = session.desk.answer, threading.Barrier(len(commands)), threading.local(), []

    def slow(*question: object) -> object:
        if not getattr(asked, "before", False):
            asked.before = True
            together.wait(30)
        return answer(*question)

    def give(command: Callable[[], object]) -> None:
        try:
            command()
            done.append("ok")
        except Refusal as refusal:
            done.append(refusal.key)

    monkeypatch.setattr(session.desk, "answer", slow)
    threads = [threading.Thread(target=give, args=(c,)) for c in commands]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return sorted(done)


@pytest.mark.parametrize("second", ["yes", "submit"])
def test_what_comes_in_the_same_instant_spends_no_more_than_there_is(
    session: Session, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    first = session.offer(WASHINGTON, "tokyo", "", give=[DEAR])
    other = {**DEAR, "denial": 0.95}
    if second == "yes":
        too = session.offer(WASHINGTON, "beijing", "", give=[other])
        rival: Callable[[], object] = lambda: session.answer(BEIJING, too.seq, "yes")  # noqa: E731
    else:
        rival = lambda: hand_in(session, WASHINGTON, other)  # noqa: E731
    done = at_once(session, monkeypatch, lambda: session.answer(TOKYO, first.seq, "yes"), rival)
    branch = session.branch("A")
    assert done == ["ok", "refused_cost"] and branch.purses["washington"].covers(spent_by(branch, "washington"))


def test_an_offer_that_is_answered_twice_at_once_has_one_answer(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    offer = session.offer(WASHINGTON, "tokyo", "", give=[RULE])
    answers = [lambda: session.answer(TOKYO, offer.seq, "yes"), lambda: session.answer(TOKYO, offer.seq, "yes")]
    assert at_once(session, monkeypatch, *answers) == ["ok", "refused_offer"]


def test_an_offer_that_stands_in_the_submission_is_not_charged_twice_when_it_is_answered(session: Session) -> None:
    hand_in(session, WASHINGTON, DEAR)
    offer = session.offer(WASHINGTON, "tokyo", "", give=[DEAR])
    session.answer(TOKYO, offer.seq, "yes")
    assert session.branch("A").submissions["washington"].rows == ()


def test_a_move_that_two_offers_name_is_made_and_charged_once(session: Session) -> None:
    for taker, who in (("tokyo", TOKYO), ("beijing", BEIJING)):
        offer = session.offer(WASHINGTON, taker, "", give=[DEAR])
        session.answer(who, offer.seq, "yes")  # twice would be more than there is
    branch = session.branch("A")
    assert bound(branch, "washington") == [offer.payload["give"][0]] and spent_by(branch, "washington") == cost_of({"move": DEAR})
    assert [m["seat"] for m in session.game.inputs(branch)["moves"]] == ["washington"]


def test_nobody_can_promise_what_is_anothers(session: Session) -> None:
    with pytest.raises(Refusal):
        session.offer(WASHINGTON, "tokyo", "", take=[FUND])
    late = session.offer(WASHINGTON, "tokyo", "x")
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal, match="answered"):
        session.answer(TOKYO, late.seq, "yes")


# previews


def test_a_preview_compares_with_doing_nothing_on_the_same_luck(session: Session, desk: Desk) -> None:
    without, played = session.preview(WASHINGTON, rows(RULE))
    assert without.shape == played.shape == (7, 8, len(INDICATORS))
    column = INDICATORS.index(BY_ID["denied"])
    assert (played[:, -1, column] > without[:, -1, column]).all()
    nothing, same = session.preview(WASHINGTON, [])
    assert (nothing == same).all() and (nothing == without).all()
    assert without[:, -1, column].std() > 0


def test_a_preview_is_computed_again_where_a_process_died(desk: Desk, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, died = desk.ask, []

    def dying(name: str, *args: Any) -> Future[Any]:
        if name == "paths" and len(died) < 2:  # as all that wait for a process do when it dies
            died.append(name)
            lost: Future[Any] = Future()
            lost.set_exception(BrokenProcessPool())
            return lost
        return ask(name, *args)

    monkeypatch.setattr(desk, "ask", dying)
    without, played = session.preview(WASHINGTON, rows({**RULE, "denial": 0.45}))
    assert len(died) == 2 and without.shape == played.shape and (without != played).any()


def test_a_preview_shows_what_the_seat_aims_at_and_what_moves_before_its_own_that_do_not() -> None:
    pytest.importorskip("nicegui")
    from ecsim.game.web.preview import chosen, share_moved

    own = ["a", "b", "c", "d"]
    assert chosen(own, "", {}) == (own, [])
    assert chosen(own, "", {"b": 0.1, "x": 0.2, "y": 0.3, "z": 0.1}) == (["b", "y", "x", "z"], ["a", "c", "d"])
    assert chosen(own, "d", {"x": 0.2}) == (["d", "x", "a", "b"], ["c"])
    assert chosen(own, "w", {name: 0.1 for name in own}) == (["w", "a", "b", "c"], [])
    before = np.full((24, 8), 10.0)
    after = before + np.linspace(0.0, 1.0, 8)
    assert share_moved(before, before) == 0.0 and share_moved(before, after) == pytest.approx(0.1)
    assert share_moved(after, before) == pytest.approx(1.0 / 11.0)
    assert share_moved(before * 1e-4, after * 1e-4) == 0.0  # it would be told as 0.000


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
