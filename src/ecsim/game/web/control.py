"""The facilitator's page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from nicegui import ui

from ecsim.game import telling
from ecsim.game.bots import MODEL, TEAM
from ecsim.game.branch import ASLEEP, LOCKED, OVER, RESTART, Branch, promised
from ecsim.game.indicators import INDICATORS
from ecsim.game.knowledge import model_value, series_for
from ecsim.game.passes import Principal
from ecsim.game.seats import OBSERVER, Seat
from ecsim.game.state import Room
from ecsim.game.web import parts, told
from ecsim.game.web.base import Message, Shown, first_charts, minutes
from ecsim.game.web.hub import Hub
from ecsim.game.web.injects import Injects
from ecsim.game.web.lines import Lines
from ecsim.game.web.parts import Tag, box, button, link, section
from ecsim.game.web.qr import qr
from ecsim.game.web.values import Values

USUAL = 15.0  # minutes of a turn, where the game has no clock of its own
AWAY = {RESTART: "control_restarted", ASLEEP: "control_asleep"}  # why a clock stands -> how it is told


class ControlPage(Shown):
    """Everything that control sees and does in one room.

    Args:
        hub: tells it what has changed.
        who: control.
        lang: language.
        room: which room.
        address: of this server, as other machines reach it.
    """

    def __init__(self, hub: Hub, who: Principal, lang: str, room: str, address: str) -> None:
        super().__init__(hub, lang, f"/control/{room}", who)
        self.who, self.name, self.address = who, room, address
        self.link: tuple[str, str] | None = None
        self.moves_at = self.branch.name, self.branch.turn
        # what is written stands when a part is drawn anew
        self.begun: dict[str, Any] = {
            "minutes": self.session.game.setup.minutes or USUAL,
            "title": "",
        }
        self.top(f"{self.say('control')} · {self.say('room', room=self.room.title)}", room=room)
        with box("div", "page two", id="main", tabindex="-1"):
            with box("div", "column"):
                with section(self.say("control_turn")):
                    self.part(self._turn_key_here, self._this_turn)
                    self.turn_said = Message(self)
                self.handed_in = section(self.say("control_moves"), name="handed-in")
                with self.handed_in:
                    self.part(self._moves_key, self._moves)
                    self.moves_said = Message(self)
                self.part(self._result_key, self._news)
                with section(self.say("control_truth")):
                    self.part(self._result_key, self._truth)
                    Values(self)
            with box("div", "column"):
                with section(self.say("control_seats"), name="seats"):
                    self.part(self._seats_key, self._seats)
                    self.seats_said = Message(self)
                Injects(self)
                Lines(self)
                with section(self.say("control_room")):
                    self.part(self._rooms_key, self._rooms)
                    self.rooms_said = Message(self)

    @property
    def room(self) -> Room:
        """The room."""
        return self.session.room(self.name)

    @property
    def branch(self) -> Branch:
        """The line of play that is on."""
        return self.session.branch(self.name)

    def tick(self) -> None:
        """The clock."""
        self.show_clock(self.name)

    async def do(self, message: Message, work: Callable[..., Any], *args: Any, home: str = "", said: str = "", **keywords: Any) -> Any:
        """Carry out a command, and say what became of it.

        Args:
            message: where that is said.
            work: what is done, with its arguments.
            home: where the keyboard goes if what it was on is gone after it.
            said: what is said where it was done; that it was, if nothing.
        """
        try:
            done = await asyncio.to_thread(work, *args, **keywords)
        except Exception as error:
            message.bad(error)
            return None
        self.changed()  # the button that was pressed is renewed before it can be pressed again
        message.good(said or self.say("done"))
        if home:
            self.focus(home, still=True)
        return done

    # keys

    def _turn_key_here(self) -> Hashable:
        b = self.branch
        return b.name, b.turn, b.phase, b.deadline, b.paused, self.session.working(b)

    def _moves_key(self) -> Hashable:
        b = self.branch
        sent = tuple((s, x.revision) for s, x in b.submissions.items())
        return (
            b.name,
            b.turn,
            b.phase,
            sent,
            tuple(sorted(b.struck)),
            repr(b.struck_promises),
            tuple((o.id, o.answer) for o in b.offers.values()),
            tuple(self.room.holders.items()),
            self._taken(),
        )

    def _result_key(self) -> Hashable:
        b = self.branch
        return b.name, b.turn, b.phase == OVER, sum(len(p.overrides) for p in b.played)

    def _seats_key(self) -> Hashable:
        return tuple(self.room.holders.items()), tuple(self.room.teams.items()), self._taken(), self.branch.phase, self.link

    def _taken(self) -> tuple[str, ...]:
        """Seats that somebody has."""
        game = self.session.game
        return tuple(s.id for s in game.setup.table if game.taken(self.name, s.id))

    def _rooms_key(self) -> Hashable:
        game = self.session.game
        return tuple((r.name, r.branch, game.branches[r.branch].turn) for r in game.rooms.values())

    # parts

    def _this_turn(self) -> None:
        b, session = self.branch, self.session
        working = session.working(b)
        with box("div", "row"):
            button(
                self.say("control_advance"),
                lambda: self._carry_out(session.advance),
                "main",
                name="advance",
                disabled=b.phase == OVER or working,
            )
            if b.phase == LOCKED:
                button(self.say("control_unlock"), lambda: self._carry_out(session.unlock), name="unlock", disabled=working)
            elif b.phase != OVER:
                button(self.say("control_lock"), lambda: self._carry_out(session.lock), name="lock")
            link(self.say("control_screen"), f"/screen/{self.name}")
            link(self.say("cards"), "/cards")
            link(self.say("control_report"), f"/report/{self.name}?lang={self.lang}")
            link(self.say("control_tables"), f"/report/{self.name}/tables.zip?lang={self.lang}")
        if b.phase not in (LOCKED, OVER):
            self._clock_row(b)

    async def _carry_out(self, work: Callable[..., Any], *args: Any, **keywords: Any) -> None:
        """A command on the turn."""
        await self.do(self.turn_said, work, self.who, self.name, *args, home="advance", **keywords)

    def _clock_row(self, b: Branch) -> None:
        clock = partial(self._carry_out, self.session.clock)
        with box("div", "row"):
            parts.text(
                self.say("control_clock"),
                f"{self.begun['minutes']:g}",
                lambda v: self.begun.update(minutes=_float(v)),
                name="minutes",
                kind="number",
                min=0,
                step="any",
            )
            button(self.say("control_clock_set"), lambda: clock(self.begun["minutes"]), name="clock")
            if b.deadline is not None:
                button(self.say("control_pause"), lambda: clock(pause=True), name="pause")
            if b.paused is not None:
                button(self.say("control_resume"), lambda: clock(resume=True), name="resume")
            button(self.say("control_clock_off"), lambda: clock(0.0))
        if b.paused is not None and b.paused_by in AWAY:
            Tag("p", self.say(AWAY[b.paused_by], minutes=minutes(b.paused)), "status warn", data_test="restarted")
        Tag("p", self.say("control_late"), "quiet")

    def _moves(self) -> None:
        b = self.branch
        if self.moves_at != (b.name, b.turn):  # what was said of a strike goes with its turn
            self.moves_at = b.name, b.turn
            self.moves_said.clear()
        self.handed_in.set_visibility(b.phase != OVER)
        if b.phase == OVER:
            return
        rules = telling.titles(self.session.game, b, self.lang)
        for seat in self.session.game.setup.table:
            sent = b.submissions.get(seat.id)
            state = told.handed_in(self, b, self.name, seat.id)
            Tag("h3", self.say("titled", title=seat.name(self.lang), text=state), data_test=f"in-{seat.id}")
            with box("ul", "moves"):
                for n, row in enumerate(sent.rows if sent else ()):
                    text, struck = told.row_text(self, row, rules), (seat.id, n) in b.struck
                    with box("li"):
                        self._move(text, text, struck=struck, seat=seat.id, index=n, row=row)
                for move in promised(b, seat.id):
                    text, struck = telling.move_text(self.session.game, move, self.lang, rules), (seat.id, move) in b.struck_promises
                    with box("li", data_test="promised"):
                        words = self.say("aside", text=text, aside=self.say("answer_yes"))
                        self._move(words, text, struck=struck, seat=seat.id, move=move)
            if sent and sent.intent:
                Tag("p", sent.intent, "quiet")
        for offer in b.offers.values():
            if offer.turn == b.turn:
                names = {"giver": self.seat_name(offer.giver), "taker": self.seat_name(offer.taker)}
                Tag(
                    "p",
                    self.say("aside", text=self.say("offer_line", **names, text=offer.text), aside=self.say(f"answer_{offer.answer}")),
                    "quiet tight",
                )
                for text in told.terms(self, b, offer, rules):
                    Tag("div", text, "quiet")

    def _move(self, words: str, text: str, *, struck: bool, **what: Any) -> None:
        with box("div"):
            Tag("div", words)
            if struck:
                Tag("div", self.say("control_struck"), "strong")
            elif (what["seat"], what.get("row")) in self.branch.struck_before:
                Tag("div", self.say("control_struck_before"), "quiet")
        self.strike(lambda: self.moves_said, text, struck=struck, name="strike", home="handed-in", **what)

    def strike(self, said: Callable[[], Message], text: str, *, struck: bool, name: str, home: str, **what: Any) -> None:
        """What strikes the move or event beside it; where it is struck, what puts it back."""
        b, mine = self.branch, (self.who, self.name)
        if b.phase in (LOCKED, OVER):
            return
        if struck:
            back, turn = self.say("control_unstrike"), b.turn
            put = lambda: self.do(said(), self.session.unstrike, *mine, turn, home=home, **what)  # noqa: E731
            button(back, put, "small", label=self.say("titled", title=back, text=text), name=f"un{name}")
        else:
            sure = self.say("control_strike_sure")
            take = lambda: self.do(said(), self.session.strike, *mine, home=home, **what)  # noqa: E731
            parts.asked(self.lang, self.say("control_strike"), sure, take, label=text, name=name)

    def _news(self) -> None:
        b = self.branch
        if not b.played:
            return
        every = series_for(self.session.game, b, None, everything=True)
        with section(self.say("briefing")):
            for played in reversed(b.played):
                Tag("h3", self.say("news", turn=played.turn))
                told.headlines(self, b, played, self.who, every)

    def _truth(self) -> None:
        every = series_for(self.session.game, self.branch, None, everything=True)
        by_id = {s.indicator.id: s for s in every}
        with box("div", "charts"):
            for name in ("gap_foundry", "gap_accelerators", *first_charts(None)[:4]):
                self.figure(by_id[name])
        with box("details"):
            Tag("summary", self.say("all_indicators"))
            self.all_numbers(every, self.branch)

    def _seats(self) -> None:
        open_now = self.branch.phase not in (LOCKED, OVER)
        give = lambda seat, holder: self.do(self.seats_said, self.session.hold, self.who, self.name, seat, holder, home="seats")  # noqa: E731
        self._fresh_link()
        for seat in self.session.game.setup.table:
            held = self.room.holders[seat.id]
            Tag(
                "h3",
                self.say("titled", title=seat.name(self.lang), text=told.held_by(self, self.name, seat.id)),
                data_test=f"held-{seat.id}",
            )
            with box("div", "row"):
                if open_now:
                    self._hold(give, seat, TEAM if held == MODEL else MODEL)
                fresh = lambda s=seat.id: self._link(s)  # noqa: E731
                button(
                    self.say("control_link"),
                    fresh,
                    "small",
                    label=self.say("titled", title=self.say("control_link"), text=seat.name(self.lang)),
                    name=f"link-{seat.id}",
                )
                shut = lambda s=seat.id: self._shut_out(s)  # noqa: E731
                name, sure = seat.name(self.lang), self.say("control_revoke_sure")
                parts.asked(self.lang, self.say("control_revoke"), sure, shut, label=name, name=f"revoke-{seat.id}")
                link(self.say("control_act_for"), f"/act/{self.name}/{seat.id}")
        with box("div", "row"):
            button(
                self.say("titled", title=self.say("control_link"), text=self.say("join_observer")),
                lambda: self._link(OBSERVER),
                "small",
            )

    def _hold(self, give: Callable[[str, str], Any], seat: Seat, holder: str) -> None:
        """What gives a seat to a team, or to the model: what the team has handed in would be withdrawn, so that it asks first."""
        name, button_name = seat.name(self.lang), f"hold-{seat.id}"
        if holder == TEAM:
            words = self.say("control_give_team")
            label = self.say("titled", title=words, text=name)
            button(words, lambda: give(seat.id, holder), "small", label=label, name=button_name)
        else:
            words, sure = self.say("control_give_model"), self.say("control_give_model_sure")
            parts.asked(self.lang, words, sure, lambda: give(seat.id, holder), label=name, name=button_name)

    async def _link(self, seat: str) -> None:
        secret = await self.do(self.seats_said, self.session.issue, self.who, self.name, seat, home="seats")
        if secret is None:
            return
        if seat != OBSERVER and self.room.holders[seat] == MODEL and self.branch.phase not in (LOCKED, OVER):
            await self.do(self.seats_said, self.session.hold, self.who, self.name, seat, TEAM)
        self.link = (seat, f"{self.address}/enter/{secret}")
        self.changed()

    async def _shut_out(self, seat: str) -> None:
        """Shut out whoever sits on a seat; a link to it that is shown is good no more."""
        if self.link is not None and self.link[0] == seat:
            self.link = None
        said = self.say("control_revoked", seat=self.seat_name(seat))
        await self.do(self.seats_said, self.session.revoke, self.who, self.name, seat, home="seats", said=said)

    def _fresh_link(self) -> None:
        """The link made last, for its seat to write down or to scan."""
        if self.link is None:
            return
        seat, address = self.link
        with box("div", "status"):
            Tag("div", self.seat_name(seat) or self.say("join_observer"), "strong")
            Tag("code", address, data_test="secret-link")
            ui.html(qr(address), sanitize=False).classes("qr")

    def _rooms(self) -> None:
        game = self.session.game
        for room in game.rooms.values():
            branch = game.branches[room.branch]
            with box("div", "row"):
                link(self.say("room", room=room.title), f"/control/{room.name}")
                Tag("span", self.say("turn", turn=min(branch.turn, game.setup.turns), turns=game.setup.turns))
        with box("div", "row"):
            parts.text(
                self.say("control_room_name"),
                self.begun["title"],
                lambda x: self.begun.update(title=x),
                name="room-title",
                most=60,
            )
            button(self.say("control_new_room"), self._new_room, name="new-room")
        self._side_by_side()
        Tag("p", self.say("screen_join", address=self.address))
        Tag("p", game.join_code, "code", data_test="code")

    async def _new_room(self) -> None:
        title, self.begun["title"] = self.begun["title"], ""
        if await self.do(self.rooms_said, self.session.add_room, self.who, title) is None:
            self.begun["title"] = title

    def _side_by_side(self) -> None:
        """The rooms' indicators at the end of the last turn that all of them have played."""
        game = self.session.game
        lines = {r.title: game.branches[r.branch] for r in game.rooms.values() if not r.solo}
        common = min(len(b.played) for b in lines.values())
        if len(lines) < 2 or not common:
            return
        head = [self.say("indicator"), self.say("unit"), *(self.say("room", room=title) for title in lines)]
        rows = [
            [i.name(self.lang), i.unit(self.lang), *(i.number(model_value(b, common, column), self.lang) for b in lines.values())]
            for column, i in enumerate(INDICATORS)
        ]
        with box("details"):
            Tag(
                "summary",
                self.say("titled", title=self.say("control_compare"), text=self.say("turn", turn=common, turns=game.setup.turns)),
                data_test="compare",
            )
            parts.table(self.say("control_compare"), head, rows)


def _float(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
