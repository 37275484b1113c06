"""What control does in a turn: injects, strikes, values that are shown, the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ecsim.game.branch import bound
from ecsim.game.costs import MOST, OPENING, Purse, after_turn
from ecsim.game.desk import Desk
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.knowledge import Series, news_of, series_for
from ecsim.game.legal import Refusal
from ecsim.game.log import Log
from ecsim.game.passes import Principal
from ecsim.game.review import page_of, review_of
from ecsim.game.review.tables import timeline
from ecsim.game.session import Session
from ecsim.game.state import Game
from ecsim.game.strikes import spent_by
from playing import BEIJING, CONTROL, JOIN, RULE, TOKYO, WASHINGTON, hand_in, rows, seat


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


def test_an_event_in_one_language_is_told_in_both_and_nothing_is_empty(session: Session) -> None:
    session.inject(CONTROL, "A", 1, "", "工厂火灾")
    for attempt in (
        lambda: session.inject(CONTROL, "A", 1, " ", ""),
        lambda: session.offer(WASHINGTON, "tokyo", ""),
        lambda: session.add_row(WASHINGTON, 1, {"free": " "}),
    ):
        with pytest.raises(Refusal, match="nothing in it"):
            attempt()
    session.advance(CONTROL, "A")
    branch = session.branch("A")
    assert [n.text["en"] for n in news_of(session.game, branch, branch.played[0], TOKYO) if n.text] == ["工厂火灾"]


def meanwhile(session: Session, monkeypatch: pytest.MonkeyPatch, done: Callable[[], Any]) -> None:
    """Have something done while the model says what is lawful."""
    lawful = session._lawful

    def slowly(*args: Any) -> None:
        lawful(*args)
        done()

    monkeypatch.setattr(session, "_lawful", slowly)


def test_an_event_is_refused_where_its_turn_ended_while_the_model_looked_at_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(session, monkeypatch, lambda: session.advance(CONTROL, "A"))
    with pytest.raises(Refusal, match="Play is in turn 2"):
        session.inject(CONTROL, "A", 1, "Fire", "", [RULE])
    assert not session.branch("A").injects


def test_a_seat_given_to_the_model_while_it_looks_at_its_moves_hands_in_none(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(session, monkeypatch, lambda: session.hold(CONTROL, "A", "washington", "model"))
    with pytest.raises(Refusal, match="A model plays this seat"):
        hand_in(session, WASHINGTON, RULE)
    assert not session.branch("A").submissions


def test_a_clock_has_an_end(session: Session) -> None:
    for minutes in (1e12, float("inf"), float("nan")):
        with pytest.raises(Refusal, match="at most 1440 minutes"):
            session.clock(CONTROL, "A", minutes)
    assert session.branch("A").deadline is None


def test_a_value_that_is_shown_is_never_empty_and_can_be_taken_back(session: Session) -> None:
    session.advance(CONTROL, "A")
    branch = session.branch("A")

    def price(viewer: str) -> Series:
        every = series_for(session.game, branch, None if viewer == "control" else seat(viewer), everything=viewer == "control")
        return next(s for s in every if s.indicator.id == "price")

    own = price("control")
    for empty in (None, float("nan"), 1e9, -100.5):  # a price cannot fall by more than all of it
        with pytest.raises(Refusal, match="Enter the value") as refusal:
            session.override(CONTROL, "A", 1, "price", empty, "")
        assert "请填写" in refusal.value.text("zh")
    assert price("tokyo").values == own.values
    session.override(CONTROL, "A", 1, "price", 12.5, "the model has no weather")
    assert price("tokyo").values[-1] == 12.5 and price("tokyo").changed
    assert price("control").values == own.values and not price("control").changed
    assert price("control").others == {own.quarters[-1]: 12.5}
    session.restore(CONTROL, "A", 1, "price")
    assert price("tokyo").values == own.values and not price("tokyo").changed and price("control") == own
    with pytest.raises(Refusal, match="no such thing"):
        session.restore(CONTROL, "A", 1, "price")
    assert "taken back" in page_of(review_of(session.game, "A", session.desk))
    assert Game().take(Log(session.log.path).read()).branches["A"].played[0].overrides == branch.played[0].overrides


def test_a_value_that_is_set_is_marked_where_and_when_it_is_seen(session: Session) -> None:
    def marked(viewer: str) -> bool:
        every = series_for(session.game, session.branch("A"), None if viewer == "wall" else seat(viewer))
        return bool(next(s for s in every if s.indicator.id == "revenue_usa").changed)

    session.advance(CONTROL, "A")
    session.override(CONTROL, "A", 1, "revenue_usa", -40.0, "an accident")
    seen = [(marked("washington"), marked("wall"))]
    for _ in range(2):
        session.advance(CONTROL, "A")
        seen.append((marked("washington"), marked("wall")))
    assert seen == [(True, False), (True, False), (True, True)]


@pytest.mark.parametrize(
    ("indicator", "value", "en", "zh"),
    [
        ("revenue_usa", -140.0, "from \N{MINUS SIGN}100% against no controls to", "\N{MINUS SIGN}100%（相对无管制）至"),
        ("conflict", -1.0, "from 0 to 1,000,000", "0至1,000,000"),
        ("cohesion", 101.0, "from 0% of allied output to 100% of allied output", "0%（占盟友产出）至100%（占盟友产出）"),
    ],
)
def test_a_value_that_a_unit_cannot_have_is_not_set(session: Session, indicator: str, value: float, en: str, zh: str) -> None:
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal) as refusal:
        session.override(CONTROL, "A", 1, indicator, value, "")
    assert en in refusal.value.text("en") and zh in refusal.value.text("zh")


def test_a_struck_row_does_not_reach_the_model(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.strike(CONTROL, "A", seat="washington", index=0)
    assert not any(m["input"] is not None for m in session.advance(CONTROL, "A").payload["moves"])


def test_a_strike_stays_with_its_row_and_goes_with_it(session: Session) -> None:
    other, third = {**RULE, "products": ["memory"]}, {**RULE, "products": ["hbm"]}
    hand_in(session, WASHINGTON, RULE, other)
    session.strike(CONTROL, "A", seat="washington", index=1)
    branch = session.branch("A")
    hand_in(session, WASHINGTON, other, RULE)
    assert branch.struck == {("washington", 0)}
    hand_in(session, WASHINGTON, third, other)
    assert branch.struck == {("washington", 1)}
    assert [m["move"]["products"] for m in session.game.inputs(branch)["moves"]] == [["hbm"]]
    hand_in(session, WASHINGTON, third)
    assert branch.struck == set()


def test_a_struck_row_costs_nothing(session: Session) -> None:
    untouched = after_turn(OPENING, Purse(0, 0), 0, 0.0).political
    hand_in(session, TOKYO, JOIN)
    session.strike(CONTROL, "A", seat="tokyo", index=0)
    dear = [{**JOIN, "level": 0.1 * n} for n in range(1, 5)]
    with pytest.raises(Refusal, match="Too dear"):
        hand_in(session, TOKYO, *dear, {**JOIN, "level": 0.5})
    hand_in(session, TOKYO, *dear, JOIN)  # four at two points each, and the struck one
    hand_in(session, TOKYO, JOIN)
    session.advance(CONTROL, "A")
    assert session.branch("A").purses["tokyo"].political == untouched


def test_control_strikes_a_move_that_an_offer_binds_to(session: Session, desk: Desk) -> None:
    offer = session.offer(WASHINGTON, "tokyo", "", give=[RULE], take=[JOIN])
    with pytest.raises(Refusal, match="no such thing"):
        session.strike(CONTROL, "A", seat="washington", move=RULE)
    session.answer(TOKYO, offer.seq, "yes")
    branch, (promise,) = session.branch("A"), offer.payload["give"]
    session.strike(CONTROL, "A", seat="washington", move=promise)
    session.strike(CONTROL, "A", seat="washington", move=promise)
    assert bound(branch, "washington") == [] and spent_by(branch, "washington") == Purse(0, 0)
    hand_in(session, WASHINGTON, RULE)  # what is struck cannot be handed in beside it
    assert branch.submissions["washington"].rows == ()
    again = session.offer(WASHINGTON, "beijing", "", give=[RULE])
    session.answer(BEIJING, again.seq, "yes")
    assert [m["seat"] for m in session.game.inputs(branch)["moves"]] == ["tokyo"]
    assert Game().take(session.log.read()).branches["A"] == branch
    session.advance(CONTROL, "A")
    assert branch.struck_promises == []
    told = [r for r in timeline(review_of(session.game, "A", desk)) if r[2] == "washington"]
    assert [(r[3], *r[6:]) for r in told] == [("move", 0, 0, "struck")]


def test_a_strike_goes_over_to_the_offer_that_takes_the_place_of_its_row(session: Session) -> None:
    other = {**RULE, "products": ["memory"]}
    hand_in(session, WASHINGTON, other, RULE)
    session.strike(CONTROL, "A", seat="washington", index=1)
    offer = session.offer(WASHINGTON, "tokyo", "", give=[RULE])
    session.answer(TOKYO, offer.seq, "yes")
    branch = session.branch("A")
    assert branch.struck == set() and bound(branch, "washington") == []
    assert [m["move"]["products"] for m in session.game.inputs(branch)["moves"]] == [["memory"]]


@pytest.mark.parametrize("target", ["CHN", "industry", "berlin", "", None, ["tokyo"]])
def test_only_governments_at_the_table_can_be_lobbied(session: Session, target: object) -> None:
    session.hold(CONTROL, "A", "industry", "team")
    with pytest.raises(Refusal, match="sits at this table") as refusal:
        session.submit(Principal("A", "industry"), 1, 0, [{"lobby": {"seat": target, "points": 1}}])
    assert "Tokyo" in refusal.value.text("en") and "东京" in refusal.value.text("zh") and "Industry" not in refusal.value.text("en")


def test_a_strike_is_undone_on_record_and_what_it_took_out_counts_and_costs_again(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    offer = session.offer(WASHINGTON, "tokyo", "", take=[JOIN])
    session.answer(TOKYO, offer.seq, "yes")
    event = session.inject(CONTROL, "A", 1, "Fire", "", [{"actor": "CHN", "verb": "impose", "tool": "minerals"}])
    branch, promise = session.branch("A"), offer.payload["take"][0]
    before, spent = session.game.inputs(branch), [spent_by(branch, s) for s in ("washington", "tokyo")]
    struck: list[dict[str, Any]] = [{"seat": "washington", "index": 0}, {"seat": "tokyo", "move": promise}, {"inject": event.seq}]
    for what in struck:
        session.strike(CONTROL, "A", **what)
    assert session.game.inputs(branch)["moves"] == [] and spent_by(branch, "washington") == spent_by(branch, "tokyo") == Purse(0, 0)
    for what in struck:
        session.unstrike(CONTROL, "A", 1, **what)
        with pytest.raises(Refusal, match="no such thing"):  # it is not struck any more
            session.unstrike(CONTROL, "A", 1, **what)
    assert session.game.inputs(branch) == before and [spent_by(branch, s) for s in ("washington", "tokyo")] == spent
    log = session.log.read()
    assert [(e.kind, e.actor, dict(e.payload)) for e in log if "strike" in e.kind] == [
        (kind, "control", what) for kind in ("strike", "unstrike") for what in struck
    ]
    assert Game().take(log).branches["A"] == branch


def test_a_strike_is_not_undone_where_the_turn_is_over_the_team_has_moved_on_or_cannot_pay(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    late = session.inject(CONTROL, "A", 1, "Fire", "")
    later = session.inject(CONTROL, "A", 3, "Flood", "")
    branch = session.branch("A")
    for what in ({"seat": "washington", "index": 0}, {"inject": late.seq}, {"inject": later.seq}):
        session.strike(CONTROL, "A", **what)
    seen = branch.submissions["washington"].rows[0]
    with pytest.raises(Refusal, match="Not allowed"):
        session.unstrike(WASHINGTON, "A", 1, seat="washington", index=0)
    dear = [{"actor": "USA", "verb": "impose", "tool": "country_rule", "products": [p]} for p in ("memory", "hbm")]
    hand_in(session, WASHINGTON, *dear, RULE)
    with pytest.raises(Refusal, match="other moves"):
        session.unstrike(CONTROL, "A", 1, seat="washington", index=0, row=seen)
    with pytest.raises(Refusal, match="Too dear") as refusal:
        session.unstrike(CONTROL, "A", 1, seat="washington", index=2, row=seen)
    assert "资源不足" in refusal.value.text("zh") and branch.struck == {("washington", 2)}
    session.lock(CONTROL, "A")
    with pytest.raises(Refusal, match="locked"):
        session.unstrike(CONTROL, "A", 1, inject=late.seq)
    session.advance(CONTROL, "A")
    for what in ({"seat": "washington", "index": 2}, {"inject": late.seq}):
        with pytest.raises(Refusal, match="Too late: turn 1 is closed"):
            session.unstrike(CONTROL, "A", 1, **what)
    with pytest.raises(Refusal, match="Too late: turn 1 is closed"):
        session.unstrike(CONTROL, "A", 2, inject=late.seq)
    session.unstrike(CONTROL, "A", 2, inject=later.seq)
    for _ in range(2):
        session.advance(CONTROL, "A")
    assert [[i.text["en"] for i in p.injects] for p in branch.played] == [[], [], ["Flood"]]


def test_struck_lobbying_moves_no_income(session: Session) -> None:
    session.hold(CONTROL, "A", "industry", "team")
    industry = Principal("A", "industry")
    for _ in range(2):
        session.submit(industry, session.branch("A").turn, 0, [{"lobby": {"seat": "tokyo", "points": -2}}])
        if session.branch("A").turn == 2:
            session.strike(CONTROL, "A", seat="industry", index=0)
        session.advance(CONTROL, "A")
    first, second = (p.purses for p in session.branch("A").played)
    assert first["tokyo"].political == OPENING.political + 1 and second["tokyo"].political == first["tokyo"].political + 3
    assert second["industry"].political == min(MOST, first["industry"].political + 3)


def test_a_preview_takes_in_what_an_accepted_offer_binds_to(session: Session) -> None:
    without, as_drafted = session.preview(WASHINGTON, rows(RULE))
    offer = session.offer(WASHINGTON, "tokyo", "", give=[RULE])
    session.answer(TOKYO, offer.seq, "yes")
    for draft in ([], rows(RULE)):
        nothing, promised = session.preview(WASHINGTON, draft)
        assert (nothing == without).all() and (promised == as_drafted).all()
    assert (session.preview(TOKYO, [])[1] == without).all()


def test_a_preview_leaves_out_what_control_struck(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.strike(CONTROL, "A", seat="washington", index=0)
    without, played = session.preview(WASHINGTON, rows(RULE))
    assert (without == played).all()


def test_a_seat_that_changes_hands_takes_no_strike_along(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.strike(CONTROL, "A", seat="washington", index=0)
    for holder in ("model", "team"):
        session.hold(CONTROL, "A", "washington", holder)
    hand_in(session, WASHINGTON, RULE)
    assert [m["seat"] for m in session.game.inputs(session.branch("A"))["moves"]] == ["washington"]


def test_what_control_saw_is_struck_or_nothing(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    seen = session.branch("A").submissions["washington"].rows[0]
    hand_in(session, WASHINGTON, {**RULE, "products": ["memory"]})
    with pytest.raises(Refusal, match="other moves"):
        session.strike(CONTROL, "A", seat="washington", index=0, row=seen)
    session.strike(CONTROL, "A", seat="washington", index=0, row=session.branch("A").submissions["washington"].rows[0])
    assert session.branch("A").struck == {("washington", 0)}


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


def test_a_clock_is_held_while_a_turn_is_locked(session: Session) -> None:
    branch = session.branch("A")
    session.clock(CONTROL, "A", 10)
    session.lock(CONTROL, "A")
    assert branch.deadline is None and 590 < branch.left <= 600 and session.overdue() == []
    session.unlock(CONTROL, "A")
    assert branch.left is None and 590 < branch.deadline - time.time() <= 600
    session.clock(CONTROL, "A", pause=True)
    session.lock(CONTROL, "A")
    session.unlock(CONTROL, "A")
    assert branch.deadline is None and 590 < branch.paused <= 600
    assert Game().take(session.log.read()).branches["A"] == branch
    session.advance(CONTROL, "A")
    assert (branch.turn, branch.deadline, branch.paused, branch.left) == (2, None, None, None)


def test_a_locked_turn_is_told_from_one_that_is_worked_out(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    branch, answer = session.branch("A"), session.desk.answer
    seen: list[bool] = []
    session.listen(lambda: seen.append(session.working(branch)))
    session.lock(CONTROL, "A")
    assert seen == [False]
    monkeypatch.setattr(session.desk, "answer", lambda *a: (seen.append(session.working(branch)), answer(*a))[1])
    session.advance(CONTROL, "A")
    assert seen[1:3] == [True, True] and not seen[-1]


def test_what_pages_are_reading_is_not_changed_under_them(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    offer = session.offer(WASHINGTON, "tokyo", "", give=[RULE], take=[JOIN])
    session.answer(TOKYO, offer.seq, "yes")
    session.strike(CONTROL, "A", seat="washington", move=offer.payload["give"][0])
    session.inject(CONTROL, "A", 2, "Fire at a plant", "", [])
    session.hold(CONTROL, "A", "beijing", "model")
    session.advance(CONTROL, "A")
    session.override(CONTROL, "A", 1, "price", 12.5, "weather")
    session.add_row(WASHINGTON, 2, {"move": RULE})
    session.add_room(CONTROL, "Second")
    session.fork(CONTROL, "A", 1, "again")
    session.revoke(CONTROL, "A", "tokyo")
    game, kinds = Game(), set()
    for event in session.log.read():
        held = [game, *game.rooms.values(), *game.branches.values()]
        parts = [part for whole in held for part in vars(whole).values() if isinstance(part, dict | list | set)]
        before = [part.copy() for part in parts]
        game.take([event])
        assert parts == before, event.kind
        kinds.add(event.kind)
    assert {
        "room",
        "pass",
        "team",
        "holder",
        "draft",
        "submit",
        "offer",
        "answer",
        "inject",
        "strike",
        "resolved",
        "override",
        "branch",
    } <= kinds
