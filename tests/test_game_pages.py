"""Pages as they are drawn, without a browser: the application asked in the test's own process, a room for each test."""

from __future__ import annotations

import asyncio
import re
import time
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ecsim.game.desk import Desk
from ecsim.game.indicators import INDICATORS
from ecsim.game.legal import Refusal
from ecsim.game.log import Log
from ecsim.game.passes import Principal
from ecsim.game.session import Session
from ecsim.game.state import Game
from playing import CONTROL, JOIN, RULE, game, hand_in

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> Iterator[Session]:
    made = game(tmp_path_factory.mktemp("pages"), desk)
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(played: Session) -> Iterator[TestClient]:
    pytest.importorskip("nicegui")
    from ecsim.game.web.server import make_app

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client will rest on another library one day
        from starlette.testclient import TestClient
    with TestClient(make_app(played, "http://localhost"), base_url="http://localhost") as made:
        yield made


@pytest.fixture
def room(played: Session) -> str:
    """A further room with teams on some seats."""
    name = played.add_room(CONTROL, "")
    for seat in ("washington", "tokyo"):
        played.hold(CONTROL, name, seat, "team")
    return name


@pytest.fixture
def shown(played: Session, client: TestClient, room: str) -> Callable[[str], str]:
    """The page of a seat of the room, or of control."""

    def page(seat: str) -> str:
        secret = played.facilitator() if seat == "control" else played.issue(CONTROL, room, seat)
        client.get(f"/enter/{secret}", follow_redirects=False)
        return client.get(f"/control/{room}" if seat == "control" else f"/play/{room}/{seat}").text

    return page


def test_a_team_sees_which_of_its_rows_control_struck(played: Session, room: str, shown: Callable[[str], str]) -> None:
    hand_in(played, Principal(room, "washington"), RULE)
    assert "Control struck this" not in (page := shown("washington")) and "Moves: 1" in page
    played.strike(CONTROL, room, seat="washington", index=0)
    assert "Control struck this" in (page := shown("washington")) and "Moves: 0" in page and "Put it back" in shown("control")
    played.lock(CONTROL, room)
    assert "struck by control" in shown("control") and "Put it back" not in shown("control")
    played.unlock(CONTROL, room)
    played.unstrike(CONTROL, room, 1, seat="washington", index=0)
    assert "Control struck this" not in shown("washington") and "struck by control" not in shown("control")


def test_both_sides_and_control_see_which_promise_is_struck(played: Session, room: str, shown: Callable[[str], str]) -> None:
    offer = played.offer(Principal(room, "washington"), "tokyo", "", give=[RULE])
    played.answer(Principal(room, "tokyo"), offer.seq, "yes")
    assert "struck by control" not in shown("control") and "counts all the same" in shown("washington")
    played.strike(CONTROL, room, seat="washington", move=offer.payload["give"][0])
    assert "struck by control" in shown("control") and "Control struck this" in shown("washington")
    assert "struck by control" in shown("tokyo") and "counts all the same" not in shown("washington")


def test_control_sees_the_terms_of_an_offer_before_it_is_answered(played: Session, room: str, shown: Callable[[str], str]) -> None:
    played.offer(Principal(room, "washington"), "tokyo", "", take=[JOIN])
    assert "Tokyo would: Japan adopts" in shown("control")


def test_a_new_intent_is_a_change_since_it_was_handed_in(played: Session, room: str, shown: Callable[[str], str]) -> None:
    who = Principal(room, "washington")
    hand_in(played, who, RULE, intent="slow them down")
    assert "Handed in and saved" in shown("washington")
    played.save_words(who, 1, "win time", "rules")
    page = shown("washington")
    assert "Changed since" in page and "win time" in page and "Handed in and saved" not in page


def test_of_words_saved_while_others_are_being_saved_the_last_stay(
    played: Session, client: TestClient, room: str, shown: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecsim.game.web.seat import SeatPage

    pages: list[SeatPage] = []
    begun, save = SeatPage.__init__, played.save_words

    def caught(page: SeatPage, *args: Any) -> None:
        begun(page, *args)
        pages.append(page)

    def slow(who: Principal, turn: int, intent: str, aim: str, **where: str) -> None:
        time.sleep(0.5 if intent == "keep" else 0.0)  # its thread is held up
        save(who, turn, intent, aim, **where)

    async def typed() -> None:
        async with asyncio.TaskGroup() as both:
            for text in ("keep", "keep out"):
                both.create_task(pages[0]._left(text))
                await asyncio.sleep(0.1)

    monkeypatch.setattr(SeatPage, "__init__", caught)
    monkeypatch.setattr(played, "save_words", slow)
    shown("washington")
    client.portal.call(typed)
    assert played.branch(room).drafts["washington"]["intent"] == "keep out" and "keep out" in shown("washington")


def test_control_is_told_why_a_clock_stands(played: Session, room: str, shown: Callable[[str], str]) -> None:
    for why, words in (("restart", "was started again"), ("asleep", "was asleep")):
        played.clock(CONTROL, room, 10)
        assert words not in shown("control")
        played.stop_clocks(time.time(), why)
        assert words in shown("control") and "clock stopped at" in shown("washington")


def test_a_locked_turn_does_not_say_that_the_model_works(played: Session, room: str, shown: Callable[[str], str]) -> None:
    played.clock(CONTROL, room, 10)
    played.lock(CONTROL, room)
    for seat in ("washington", "control"):
        page = shown(seat)
        assert "\u00b7 locked" in page and "the model works" not in page and "clock stopped at" in page
    played.unlock(CONTROL, room)
    assert "clock stopped at" not in shown("control")


def test_what_would_be_refused_while_the_model_works_cannot_be_pressed(played: Session, room: str, shown: Callable[[str], str]) -> None:
    def dead() -> list[bool]:
        page = shown("control")
        buttons = [re.search(rf'\{{[^{{}}]*"data-test":"{name}"[^{{}}]*\}}', page) for name in ("advance", "unlock")]
        return ["disabled" in found[0] for found in buttons if found]

    played.lock(CONTROL, room)
    assert dead() == [False, False]
    played._resolving.add(room)
    try:
        assert dead() == [True, True]
    finally:
        played._resolving.discard(room)


def test_what_is_empty_once_the_game_is_over_is_not_shown(played: Session, room: str, shown: Callable[[str], str]) -> None:
    def cards(seat: str) -> int:
        return len(re.findall(r'"tag":"section"[^{}]*"class":\[[^]]*"hidden"', shown(seat)))

    assert cards("washington") == cards("control") == 0
    played.lock(CONTROL, room)
    assert cards("washington") == 1  # the preview
    for _ in range(played.game.setup.turns):
        played.advance(CONTROL, room)
    assert cards("washington") == 2 and cards("control") == 2  # preview and offers; what is handed in, and events


def test_an_offer_to_a_seat_of_the_model_is_said_to_get_no_answer(played: Session, room: str, shown: Callable[[str], str]) -> None:
    words = "Beijing (played by the model, which answers no offer)"
    assert words in shown("washington")
    played.hold(CONTROL, room, "beijing", "team")
    assert words not in shown("washington")


def test_a_page_that_fails_stops_no_clock() -> None:
    pytest.importorskip("nicegui")
    from ecsim.game.web.hub import Hub

    looked: list[str] = []

    class Broken:
        def tick(self) -> None:
            looked.append("page")
            raise RuntimeError

    session = SimpleNamespace(listen=lambda _: None, look=lambda: 1 / 0, overdue=lambda: looked.append("clocks") or [])
    hub, page = Hub(session), Broken()
    hub.pages.add(page)
    hub._look()
    assert looked == ["page", "clocks"]


def test_a_page_that_fails_says_so_and_tells_nothing_of_its_inside(
    played: Session, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("what nobody is told")

    monkeypatch.setattr("ecsim.game.web.server.Cards", broken)
    monkeypatch.setattr(played, "principal", broken)
    quiet = type(client)(client.app, base_url="http://localhost", raise_server_exceptions=False)
    quiet.portal = client.portal  # one loop: that of the application
    for path in ("/cards", "/enter/x"):
        page = quiet.get(path, headers={"accept": "text/html", "accept-language": "zh-CN"})
        assert page.status_code == 500 and "操作失败" in page.text and "nobody" not in page.text and 'href="/"' in page.text


def test_the_change_of_what_is_published_late_is_that_over_its_last_turn(
    played: Session, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecsim.game.knowledge import series_for
    from ecsim.game.web import base

    drawn: list[list[list[str]]] = []
    monkeypatch.setattr(base, "table", lambda _title, _head, rows: drawn.append(rows))
    played.advance(CONTROL, room)
    late = next(s for s in series_for(played.game, played.branch(room), None) if s.indicator.id == "revenue_usa")
    known = [v for v in late.values if v is not None]
    page = SimpleNamespace(session=played, lang="en", say=lambda key: key, how=lambda _: "")
    base.Shown.all_numbers(page, [late], played.branch(room))  # type: ignore[arg-type]
    assert known[-1] != known[-2] and drawn[0][0][3] == late.indicator.number(known[-1] - known[-2], "en", sign=True)


def test_a_seat_of_the_model_says_that_alone_and_what_became_of_what_was_handed_in(
    played: Session, room: str, shown: Callable[[str], str]
) -> None:
    who = Principal(room, "washington")
    hand_in(played, who, RULE)
    played.hold(CONTROL, room, "washington", "model")
    page = shown("washington")
    assert "The model plays this seat" in page and "was withdrawn; its draft is kept" in page and "Not handed in" not in page
    played.hold(CONTROL, room, "washington", "team")
    page = shown("washington")
    assert "what you had handed in was withdrawn" in page and "The model plays" not in page
    hand_in(played, who, RULE)
    assert "was withdrawn" not in shown("washington")


def test_control_is_told_who_plays_a_seat_and_never_to_ask_itself(
    played: Session, room: str, client: TestClient, shown: Callable[[str], str]
) -> None:
    played.join(played.game.join_code, room, "hague", "Team Hague")
    played.hold(CONTROL, room, "hague", "model")
    page = shown("control")
    assert "The Hague: model (Team Hague)" in page and "The Hague: Team Hague" not in page
    acting = client.get(f"/act/{room}/hague").text
    assert "give it to a team first" in acting and "Ask the facilitator" not in acting
    played.hold(CONTROL, room, "hague", "team")
    assert "The Hague: Team Hague" in shown("control")
    played.revoke(CONTROL, room, "hague")
    page = shown("control")
    assert "The Hague: nobody" in page and "Team Hague" not in page


def test_a_locked_turn_is_explained_to_teams(played: Session, room: str, shown: Callable[[str], str]) -> None:
    hand_in(played, Principal(room, "washington"), RULE)
    played.add_row(Principal(room, "tokyo"), 1, {"move": JOIN})
    played.lock(CONTROL, room)
    assert "The turn is locked: what you handed in counts (moves: 1)" in shown("washington")
    page = shown("tokyo")
    assert "The turn is locked and you have handed nothing in" in page and "Not handed in yet" not in page
    played.unlock(CONTROL, room)
    assert "Not handed in yet" in shown("tokyo")


def test_what_is_in_force_says_against_whom(played: Session, room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecsim.game.web import told
    from ecsim.game.words import say
    from ecsim.tools import display_names

    drawn: list[list[list[str]]] = []
    monkeypatch.setattr(told, "table", lambda _title, head, rows: drawn.append([head, *rows]))
    monkeypatch.setattr(told, "Tag", lambda *_: None)
    who = Principal(room, "washington")
    rule = next(r["id"] for r in played.book(played.branch(room)) if r["tool"] == "ccl" and r["destinations"])
    moves = [{"actor": "USA", "verb": "measure", "tool": tool} for tool in ("s301", "research_funding")]
    hand_in(played, who, *moves, {"actor": "USA", "verb": "suspend", "rule": rule})
    played.advance(CONTROL, room)
    for lang in ("en", "zh"):
        page = SimpleNamespace(session=played, lang=lang, say=lambda key, lang=lang, **values: say(lang, key, **values))
        told.rules_table(page, played.branch(room), who)  # type: ignore[arg-type]
    head, *english = drawn[0]
    names = display_names("en")
    begun = [next(row[2] for row in english if row[1].startswith(names[tool])) for tool in ("s301", "research_funding")]
    assert head[2] == "Against" and begun == ["China", "nobody: at home"]
    assert [row[2] for row in english if row[3].startswith("suspended")] == ["China"]
    assert {"China, Russia", "those listed"} <= {row[2] for row in english}
    assert {"中国", "中国、俄罗斯", "清单所列者", "无（国内）"} <= {row[2] for row in drawn[1]}


def test_the_rules_of_the_budgets_stand_on_pages_and_cards_and_lobbying_is_told_to_whom_it_reached(
    played: Session, room: str, client: TestClient, shown: Callable[[str], str]
) -> None:
    rules = "Every turn brings 3 points of political capital."
    assert (
        rules in shown("washington")
        and "Anxiety at home brings up to 3 more" in shown("washington")
        and "Anxiety" not in shown("tokyo").split(rules)[1][:300]
    )
    cards = client.get("/cards").text
    assert cards.count(rules) == len(played.game.setup.table) and "Dissatisfaction at home brings up to 3 more" in cards
    industry = Principal(room, "industry")
    played.hold(CONTROL, room, "industry", "team")
    words = [{"lobby": {"seat": seat, "points": points}} for seat, points in (("washington", 2), ("washington", 1), ("tokyo", -1))]
    played.submit(industry, 1, 0, words)
    played.advance(CONTROL, room)
    gave, took = "lobbying gave Washington 2 of", "lobbying cost Tokyo 1 of"
    assert gave in shown("washington") and took not in shown("washington") and took in shown("tokyo") and gave not in shown("tokyo")
    assert gave in shown("control") and took in shown("control")


@pytest.mark.slow
def test_a_turn_that_is_reopened_and_another_line_are_told_to_teams_and_on_the_wall(
    played: Session, room: str, client: TestClient, shown: Callable[[str], str]
) -> None:
    who = Principal(room, "washington")
    hand_in(played, who, RULE)
    played.strike(CONTROL, room, seat="washington", index=0)
    played.advance(CONTROL, room)
    assert "Line of play" not in shown("washington")
    played.fork(CONTROL, room, 1, "trial")
    page, wall = shown("washington"), client.get(f"/screen/{room}").text
    told = f"Control has reopened turn 1 as a new line of play, {room}.2 trial."
    assert told in page and told in wall and "No clock runs now." in page and "Your draft is what you handed in then" in page
    assert "Your draft" not in wall and f"open · Line of play {room}.2 trial" in page
    assert "Control struck this when the turn was played before" in page
    played.clock(CONTROL, room, 5.0)
    hand_in(played, who, RULE)
    assert "No clock runs now." not in shown("washington") and "struck when the turn was played before" in shown("control")
    played.switch(CONTROL, room, room)
    page = shown("washington")
    assert f"Control has gone on with another line of play, {room}, in turn 2." in page and "has reopened" not in page
    played.switch(CONTROL, room, f"{room}.2")
    assert "The clock stands." in shown("washington")
    played.advance(CONTROL, room)
    assert "has reopened" not in shown("washington") and "gone on with" not in shown("washington") and "struck when" not in shown("control")


def test_a_what_if_on_the_wall_shows_what_is_published_under_a_title_and_no_moves(
    played: Session, room: str, client: TestClient, shown: Callable[[str], str]
) -> None:
    who = Principal(room, "washington")
    hand_in(played, who, {"actor": "USA", "verb": "measure", "tool": "s301"}, shown="secret")
    for _ in range(3):
        played.advance(CONTROL, room)
    _, otherwise = played.what_if(CONTROL, room, 1, [], [0])
    quiet = "(Who learns of it: nobody)"
    assert quiet in shown("control")
    with pytest.raises(Refusal, match="Not allowed"):
        played.show_what_if(who, room, 1, otherwise, "x")
    played.show_what_if(CONTROL, room, 1, otherwise, "had Tokyo <i>joined</i>")
    assert played.room(room).wall == Game().take(Log(played.log.path).read()).rooms[room].wall
    rows = played.room(room).wall["otherwise"]
    assert all(row[n] is None for row in rows for n, i in enumerate(INDICATORS) if i.lag is None)
    wall = client.get(f"/screen/{room}").text
    assert "What if, from turn 1: had Tokyo" in wall and "<i>joined" not in wall and "otherwise" in wall and quiet not in wall
    assert "On the wall now: What if, from turn 1: had Tokyo" in shown("control")
    played.clear_wall(CONTROL, room)
    assert "What if, from turn 1" not in client.get(f"/screen/{room}").text and "On the wall now" not in shown("control")
