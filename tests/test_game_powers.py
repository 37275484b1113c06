"""Who may do what, and who gets to know of it: powers of seats, passes, visibility."""

from __future__ import annotations

import re

import pytest

from ecsim.game.acts import acts_of
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.knowledge import book_for, news_of, series_for, truth
from ecsim.game.legal import Refusal, check_rows
from ecsim.game.log import Log
from ecsim.game.passes import Principal, hash_of
from ecsim.game.review.page import page_of
from ecsim.game.review.tables import review_of
from ecsim.game.seats import seats_of, tools_of
from ecsim.game.session import Session
from ecsim.game.state import Game
from ecsim.game.telling import move_text
from ecsim.tools import Control
from playing import BEIJING, CONTROL, FUND, JOIN, RULE, SETUP, TOKYO, WASHINGTON, hand_in, rows, seat

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
    with pytest.raises(Refusal, match="does not know 'No Such Company'"):
        hand_in(session, WASHINGTON, {"actor": "USA", "verb": "list", "tool": "entity_list", "entities": ["No Such Company"]})


def test_every_tool_of_every_seat_passes_its_own_form() -> None:
    for seat_ in seats_of("each"):
        assert tools_of(seat_)
        for tool in tools_of(seat_):
            kind = next(("impose" if isinstance(m, Control) else "measure" for m in tool.makes), "event")
            verb = "list" if tool.listing else kind
            more = {"list": {"entities": ["x"]}, "event": {"ground": "x"}}.get(verb, {})
            move = {"actor": seat_.states[0], "verb": verb, "tool": tool.id, **more}
            check_rows(seat_, [{"move": move}], [], 20)


CODE = re.compile(r"\b(?!ITA|USA PATRIOT)(?:USA|CHN|JPN|NLD|KOR|TWN|DEU|GBR|EUR|FRA|ITA|[a-z0-9]+_[a-z_]+|[A-Z]\d\d[a-z]?|[A-Z]{3}:\w+)\b")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_seat_can_do_is_told_in_names_and_whole_words(session: Session, lang: str) -> None:
    for seat_ in seats_of("each"):
        for act in acts_of(seat_, session.book(session.branch("A")), {"JPN": 0.6}, lang):
            said = f"{act.group} / {act.name} / {act.text}"
            assert not CODE.search(said) and "((" not in said and said.count("(") == said.count(")"), said


@pytest.mark.parametrize(
    ("who", "move", "named"),
    [
        (WASHINGTON, FUND | {"actor": "USA"}, "Big Fund"),
        (WASHINGTON, RULE | {"de_minimis": 0.0}, "made abroad"),
        (WASHINGTON, RULE | {"delay": 1e9}, "Quarters that a licence takes"),
        (BEIJING, {"actor": "CHN", "verb": "lift", "rule": "A01"}, "not one that the seat can change"),
    ],
)
def test_a_refusal_names_things_as_pages_do(session: Session, who: Principal, move: dict, named: str) -> None:
    with pytest.raises(Refusal, match=named) as refusal:
        hand_in(session, who, move)
    assert not any(CODE.search(refusal.value.text(lang)) for lang in ("en", "zh"))
    assert not re.search("[a-z]{4}", refusal.value.text("zh"))


def test_a_rule_without_a_title_is_never_told_by_its_id(session: Session) -> None:
    lift = {"actor": "USA", "verb": "lift", "rule": "USA:gone"}
    assert [move_text(session.game, lift, lang, {}) for lang in ("en", "zh")] == [
        "The United States lifts a rule of an earlier time.",
        "美国取消某项已失效的规则。",
    ]


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
        lambda: session.restore(BEIJING, "A", 1, "price"),
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
        lambda: session.add_row(inside, 1, rows(JOIN)[0]),
        lambda: session.remove_row(inside, 1, 0, rows(JOIN)[0]),
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


def test_a_seat_that_control_gave_out_by_a_link_is_taken_until_its_links_are_shut_out(session: Session) -> None:
    code = session.game.join_code
    session.issue(CONTROL, "A", "hague")
    with pytest.raises(Refusal, match="taken"):
        session.join(code, "A", "hague", "a stranger")
    session.revoke(CONTROL, "A", "hague")
    assert session.principal(session.join(code, "A", "hague", "the right ones")) == Principal("A", "hague")


def test_a_seat_that_is_shut_out_is_nobodys_and_free(session: Session) -> None:
    session.revoke(CONTROL, "A", "tokyo")
    assert "tokyo" not in session.room("A").teams and not session.game.taken("A", "tokyo")
    assert Game().take(Log(session.log.path).read()).rooms["A"].teams == session.room("A").teams
    session.join(session.game.join_code, "A", "tokyo", "again")
    assert session.room("A").teams["tokyo"] == "again"


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


def told_tools(session: Session, turn: int, who: Principal) -> set[str]:
    """Tools of moves of people of which somebody learns in the news of a turn."""
    branch = session.branch("A")
    return {n.move.get("tool", "") for n in news_of(session.game, branch, branch.played[turn - 1], who) if n.move and n.by_people}


INDUSTRY, HAGUE, LOOKER = (Principal("A", s) for s in ("industry", "hague", "observer"))
TARIFF = {"actor": "USA", "verb": "measure", "tool": "s301"}
TIES = {"actor": "CHN", "verb": "measure", "tool": "partners", "destinations": ["JPN"]}


def test_those_whom_a_quiet_move_hits_learn_of_it_and_nobody_else(session: Session) -> None:
    hand_in(session, WASHINGTON, TARIFF, {"actor": "USA", "verb": "measure", "tool": "visa_refusal"}, shown="private")
    hand_in(session, BEIJING, TIES, {"actor": "CHN", "verb": "measure", "tool": "standards"}, shown="private")
    session.advance(CONTROL, "A")
    both = {"s301", "visa_refusal"}
    assert told_tools(session, 1, BEIJING) == both | {"partners", "standards"}
    assert told_tools(session, 1, WASHINGTON) == both
    assert told_tools(session, 1, TOKYO) == {"partners", "standards"}  # named, and a capital that may join
    assert told_tools(session, 1, HAGUE) == {"standards"}
    assert told_tools(session, 1, INDUSTRY) == {"s301"}  # companies pay it
    assert told_tools(session, 1, LOOKER) == set()
    begun = [r["tool"] for r in book_for(session.game, session.branch("A"), BEIJING) if r["start"] == SETUP.first]
    assert {"s301", "visa_refusal"} <= set(begun)
    assert not any(r["tool"] in both for r in book_for(session.game, session.branch("A"), HAGUE) if r["start"] == SETUP.first)


def test_what_hits_nobody_cannot_be_told_to_those_whom_it_hits(session: Session) -> None:
    for key, move in (("refused_shown", FUND), ("refused_nobody", {**TIES, "destinations": []})):
        with pytest.raises(Refusal) as refusal:
            hand_in(session, BEIJING, move, shown="private")
        assert refusal.value.key == key


def test_an_announcement_says_something_and_to_whom(session: Session) -> None:
    said = {"actor": "USA", "verb": "event", "tool": "announcement", "ground": "We will talk, <b>if</b> asked."}
    for bad in ("", "x" * 281, 5):
        with pytest.raises(Refusal):
            hand_in(session, WASHINGTON, {**said, "ground": bad})
    hand_in(session, WASHINGTON, {**said, "destinations": ["JPN"]}, shown="private")
    hand_in(session, BEIJING, {**said, "actor": "CHN"})
    session.advance(CONTROL, "A")

    def words(who: Principal, lang: str) -> list[str]:
        branch = session.branch("A")
        every = news_of(session.game, branch, branch.played[0], who)
        return [move_text(session.game, n.move, lang) for n in every if n.move and n.move["verb"] == "event"]

    public, quiet = (
        "China announces “We will talk, <b>if</b> asked.”",
        "The United States announces to Japan: “We will talk, <b>if</b> asked.”",
    )
    assert words(TOKYO, "en") == [quiet, public] and words(HAGUE, "en") == [public]
    assert words(TOKYO, "zh") == ["美国对日本宣布：“We will talk, <b>if</b> asked.”", "中国宣布：“We will talk, <b>if</b> asked.”"]
    assert "We will talk, &lt;b&gt;if&lt;/b&gt; asked." in page_of(review_of(session.game, "A", session.desk))


def test_what_comes_out_later_is_news_of_that_turn(session: Session) -> None:
    hand_in(session, BEIJING, FUND, shown="delayed")
    for _ in range(4):
        session.advance(CONTROL, "A")
    assert [told_tools(session, turn, LOOKER) for turn in (2, 3, 4)] == [set(), {"big_fund"}, set()]
    branch = session.branch("A")
    (late,) = [n for n in news_of(session.game, branch, branch.played[2], TOKYO) if n.late]
    assert (late.turn, late.seat) == (1, "beijing")


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


def test_values_in_per_cent_differ_by_percentage_points() -> None:
    revenue, denied, conflict = (BY_ID[name] for name in ("revenue_usa", "denied", "conflict"))
    assert revenue.difference(-28.0, "en", sign=True) == "\N{MINUS SIGN}28 percentage points"
    assert revenue.difference(-28.0, "zh", sign=True) == "\N{MINUS SIGN}28个百分点"
    assert denied.difference(3.0, "en") == denied.said(3.0, "en") and conflict.difference(3.0, "zh") == conflict.said(3.0, "zh")


def test_a_move_that_changes_nothing_is_refused_before_it_costs_anything(session: Session) -> None:
    hand_in(session, TOKYO, JOIN)
    hand_in(session, WASHINGTON, RULE, {"actor": "USA", "verb": "list", "tool": "entity_list", "entities": ["CXMT"]})
    session.advance(CONTROL, "A")
    rule = next(r["id"] for r in session.book(session.branch("A")) if r["tool"] == "country_rule" and r["start"] == SETUP.first)
    amend = {"actor": "USA", "verb": "amend", "rule": rule}
    again = {"actor": "USA", "verb": "list", "tool": "entity_list", "entities": ["CXMT", "DJI"]}
    for who, move in ((TOKYO, JOIN), (WASHINGTON, {**amend, "denial": 0.9}), (WASHINGTON, again)):
        with pytest.raises(Refusal) as refusal:
            session.add_row(who, 2, {"move": move})
        assert refusal.value.key == "refused_same"
    for who, move in (
        (TOKYO, {**JOIN, "level": 0.7}),
        (WASHINGTON, {**amend, "denial": 0.8}),
        (WASHINGTON, {**again, "entities": ["CXMT", "YMTC"]}),
        (WASHINGTON, {**again, "count": 5, "destinations": ["CHN"]}),
    ):
        session.add_row(who, 2, {"move": move})


def test_the_list_of_acts_says_who_is_listed_and_how_far_a_state_has_joined(session: Session) -> None:
    every = acts_of(seat("washington"), session.book(session.branch("A")), {}, "en")
    listing = next(a for a in every if a.id == "list:entity_list")
    assert {"Huawei", "SMIC"} <= listing.listed and "CXMT" not in listing.listed
    for lang, said in (("en", "Now: Japan 60%."), ("zh", "现状：日本60%。")):
        assert next(a for a in acts_of(seat("tokyo"), [], {"JPN": 0.6}, lang) if a.id == "adopt:").text.endswith(said)
