"""What control may do: rooms and seats, the clock, injects, overrides, branches."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypedDict, Unpack

import numpy as np

from ecsim.economy import Array
from ecsim.game.bots import MODEL, TEAM
from ecsim.game.branch import Branch, promised
from ecsim.game.indicators import BARE, BY_ID, INDICATORS
from ecsim.game.knowledge import set_values
from ecsim.game.legal import Refusal, check_text
from ecsim.game.log import Entry, Event
from ecsim.game.passes import Principal, hash_of, new_secret, same
from ecsim.game.referee import clean
from ecsim.game.seats import CONTROL, OBSERVER, seat_named
from ecsim.game.setup import MOST_MINUTES
from ecsim.game.strikes import counting_with, is_struck
from ecsim.game.teams import Teams

NAME = 60  # characters of a name
WALL = 120  # characters of a title on the wall
ROOMS = 100  # of a game, those played alone among them
MOST_VALUE = 1e6  # size of a value that control sets


class Struck(TypedDict, total=False):
    """What control strikes, or puts back: an event, a row of a submission, or a promise.

    Attributes:
        seat, index: whose row, and where it stands.
        inject: the prepared event, where one is meant.
        row: the row as it was shown; refused where another stands there by now.
        move: the move that the seat has promised, where one is meant.
    """

    seat: str
    index: int
    inject: int
    row: Mapping[str, Any] | None
    move: Mapping[str, Any] | None


class Control(Teams):
    """Commands of the facilitator, and entry to the rooms."""

    def add_room(self, who: Principal, title: str, solo: str = "") -> str:
        """Open a further room on the same scenario and seed."""
        self._control(who)
        return self.open_room(title, solo)

    def open_room(self, title: str, solo: str = "") -> str:
        """Open a room; one played alone needs no control."""
        if solo:
            seat_named(self.game.setup.table, solo)
        with self._lock:
            if len(self.game.rooms) >= ROOMS:
                raise Refusal("refused_rooms", most=ROOMS)
            name = _room_name(len(self.game.rooms))
            self._write(
                Entry("", 0, CONTROL, "room", f"room/{name}", {"room": name, "title": check_text(title, NAME) or name, "solo": solo})
            )
        return name

    def issue(self, who: Principal, room: str, seat: str, label: str = "") -> str:
        """Make a secret link of a seat; older ones stay until they are revoked."""
        self._control(who)
        return self._issue(room, seat, label)

    def _issue(self, room: str, seat: str, label: str) -> str:
        if seat not in (CONTROL, OBSERVER):
            self.room(room)
            seat_named(self.game.setup.table, seat)
        secret = new_secret()
        payload = {"hash": hash_of(secret), "room": room, "seat": seat, "label": check_text(label, NAME)}
        self._write(Entry("", 0, CONTROL, "pass", f"pass/{payload['hash']}", payload))
        return secret

    def revoke(self, who: Principal, room: str, seat: str) -> None:
        """Shut out everybody who sits on a seat: it is free again, and a new link or the join code lets the right ones in."""
        self._control(who)
        self._write(Entry("", 0, CONTROL, "revoke", f"revoke/{new_secret()}", {"room": room, "seat": seat}))

    def join(self, code: str, room: str, seat: str, name: str) -> str:
        """Take a free seat, or a place to look on, with the join code.

        Returns:
            The secret of the seat.

        Raises:
            Refusal: a wrong code, or the seat is taken.
        """
        if not same(code, self.game.join_code):
            raise Refusal("refused_code")
        place = self.room(room)
        if seat == OBSERVER:
            return self._issue(room, seat, name)
        mine = seat_named(self.game.setup.table, seat)
        with self._lock:
            if place.solo or self.game.taken(room, seat):
                raise Refusal("refused_seat")
            title = check_text(name, NAME) or mine.name_en
            self._write(
                Entry("", 0, seat, "team", f"team/{new_secret()}", {"room": room, "seat": seat, "name": title}),
                Entry("", 0, seat, "holder", f"holder/{new_secret()}", {"room": room, "seat": seat, "holder": TEAM}),
            )
        return self._issue(room, seat, title)

    def play_alone(self, code: str, seat: str, name: str) -> str:
        """A room of one's own, to learn in: the model plays all other seats.

        Returns:
            The secret of the seat.
        """
        if not same(code, self.game.join_code):
            raise Refusal("refused_code")
        room = self.open_room(name, seat)
        self._write(Entry("", 0, seat, "team", f"team/{new_secret()}", {"room": room, "seat": seat, "name": check_text(name, NAME)}))
        return self._issue(room, seat, name)

    def hold(self, who: Principal, room: str, seat: str, holder: str) -> None:
        """Give a seat to a team or to the model."""
        self._control(who)
        seat_named(self.game.setup.table, seat)
        if holder not in (TEAM, MODEL):
            raise Refusal("refused_unknown")
        self._open(room)
        self._write(
            Entry("", 0, CONTROL, "holder", f"holder/{new_secret()}", {"room": self.room(room).name, "seat": seat, "holder": holder})
        )

    def inject(self, who: Principal, room: str, turn: int, text_en: str, text_zh: str, moves: Sequence[Mapping[str, Any]] = ()) -> Event:
        """Prepare an event for a turn: a text for all, in one language at least, and moves of any state."""
        self._control(who)
        branch = self._open(room)
        if not branch.turn <= turn <= self.game.setup.turns:
            raise Refusal("refused_late", turn=turn, now=branch.turn)
        made = [{k: v for k, v in m.items() if k != "quarter"} for m in moves]
        if turn == branch.turn:
            self._lawful(branch, CONTROL, made)
        english, chinese = check_text(text_en), check_text(text_zh)
        if not (english or chinese or made):
            raise Refusal("refused_empty")
        text = {"en": english or chinese, "zh": chinese or english}
        payload = {"turn": turn, "text": text, "moves": made}
        with self._lock:  # the model took its time to say what is lawful: the turn may be over
            branch = self._open(room)
            if turn < branch.turn:
                raise Refusal("refused_late", turn=turn, now=branch.turn)
            return self._write(Entry(branch.name, branch.turn, CONTROL, "inject", f"inject/{new_secret()}", payload))

    def strike(self, who: Principal, room: str, **what: Unpack[Struck]) -> None:
        """Take a prepared inject, a row of a submission, or a move that an accepted offer binds to, out of the turn; on record.

        What the other side of an offer promised stands.

        Raises:
            Refusal: there is no such thing, or another row stands there by now.
        """
        self._control(who)
        with self._lock:
            branch = self._open(room)
            self._write(Entry(branch.name, branch.turn, CONTROL, "strike", f"strike/{new_secret()}", _named(branch, what)))

    def unstrike(self, who: Principal, room: str, turn: int, **what: Unpack[Struck]) -> None:
        """Put back what was struck, while the turn in which that was done is on: it counts and costs again. On record too.

        Args:
            who: control.
            room: room.
            turn: in which it was struck; an event that comes later can be put back until then.
            what: see `Struck`.

        Raises:
            Refusal: it is not struck, the turn is over, or the seat has spent on other things what it would cost.
        """
        self._control(who)

        def wanted(branch: Branch) -> dict[str, list[Mapping[str, Any]]]:
            named = _named(branch, what)
            if not is_struck(branch, named):
                raise Refusal("refused_unknown")
            return {named["seat"]: counting_with(branch, named)} if "seat" in named else {}

        branch = self._open(room, turn)
        if "inject" in (named := _named(branch, what)):
            self._in_time(branch, named["inject"])
        with self._allowed(room, turn, wanted) as branch:
            self._write(Entry(branch.name, turn, CONTROL, "unstrike", f"unstrike/{new_secret()}", _named(branch, what)))

    def _in_time(self, branch: Branch, inject: int) -> None:
        """Refuse an event whose turn is over, or whose moves the law forbids in the turn that is on."""
        prepared = branch.injects[inject]
        if prepared.turn < branch.turn:
            raise Refusal("refused_late", turn=prepared.turn, now=branch.turn)
        if prepared.turn == branch.turn:
            self._lawful(branch, CONTROL, prepared.moves)

    def override(self, who: Principal, room: str, turn: int, indicator: str, value: float | None, why: str) -> Event:
        """Show another value of an indicator than the model gave; the model's stays in the log and the world.

        Raises:
            Refusal: no such turn or indicator, or no value: an empty field is not a zero.
        """
        self._control(who)
        branch = self.branch(room)
        if not 1 <= turn <= len(branch.played) or indicator not in BY_ID:
            raise Refusal("refused_unknown")
        low, high = (min(max(bound, -MOST_VALUE), MOST_VALUE) for bound in BY_ID[indicator].bounds)
        if value is None or not low <= value <= high:
            raise Refusal("refused_value", lo=partial(_bound, indicator, low), hi=partial(_bound, indicator, high))
        return self._show(branch, turn, indicator, float(value), why)

    def restore(self, who: Principal, room: str, turn: int, indicator: str) -> None:
        """Take back a value that is shown: the model's own is shown again. What was shown stays on record."""
        self._control(who)
        branch = self.branch(room)
        if (turn, indicator) not in set_values(branch):
            raise Refusal("refused_unknown")
        self._show(branch, turn, indicator, None, "")

    def _show(self, branch: Branch, turn: int, indicator: str, value: float | None, why: str) -> Event:
        payload = {"turn": turn, "indicator": indicator, "value": value, "why": check_text(why)}
        return self._write(Entry(branch.name, branch.turn, CONTROL, "override", f"override/{new_secret()}", payload))

    def clock(self, who: Principal, room: str, minutes: float | None = None, *, pause: bool = False, resume: bool = False) -> None:
        """Set the deadline of the turn (0 for none), stop the clock or let it run on."""
        self._control(who)
        if minutes is not None and not minutes <= MOST_MINUTES:
            raise Refusal("refused_minutes", most=MOST_MINUTES)
        with self._lock:
            branch = self._open(room)
            deadline, paused = branch.deadline, branch.paused
            if minutes is not None:
                deadline, paused = (time.time() + 60.0 * minutes if minutes > 0 else None), None
            if pause and deadline is not None and paused is None:
                paused, deadline = max(0.0, deadline - time.time()), None
            if resume and paused is not None:
                deadline, paused = time.time() + paused, None
            payload = {"deadline": deadline, "paused": paused}
            self._write(Entry(branch.name, branch.turn, CONTROL, "clock", f"clock/{new_secret()}", payload))

    def stop_clocks(self, when: float, why: str = "") -> None:
        """Stop every clock that runs, with what it had left at a time; the facilitator lets it run on.

        Args:
            when: seconds since 1970.
            why: RESTART or ASLEEP where the server was away, which control's page tells.
        """
        with self._lock:
            for branch in self.game.branches.values():
                self._stop_clock(branch, when, why)

    def _stop_clock(self, branch: Branch, when: float, why: str = "") -> None:
        if branch.deadline is not None:
            payload = {"deadline": None, "paused": max(0.0, branch.deadline - when), "why": why}
            self._write(Entry(branch.name, branch.turn, CONTROL, "clock", f"clock/{new_secret()}", payload))

    def fork(self, who: Principal, room: str, from_turn: int, title: str = "", parent: str = "", *, switch: bool = True) -> str:
        """Reopen a past turn as a branch; play in the room goes on there, and the older line stays as it is, its clock stopped."""
        self._master(who, room)
        old = self.game.branches.get(parent or self.room(room).branch)
        if old is None or old.name.split(".")[0] != room or not 1 <= from_turn <= old.turn:
            raise Refusal("refused_unknown")
        with self._lock:
            if switch:
                self._stop_clock(self.branch(room), time.time())
            number = sum(name.startswith(f"{room}.") for name in self.game.branches) + 2
            name = f"{room}.{number}"
            payload = {"branch": name, "parent": old.name, "from_turn": from_turn, "title": check_text(title, NAME), "switch": switch}
            self._write(Entry(room, from_turn, who.seat, "branch", f"branch/{name}", payload))
        return name

    def switch(self, who: Principal, room: str, branch: str) -> None:
        """Go on with another line of play of the room; the clock of the one that is left stops."""
        self._control(who)
        if branch not in self.game.branches or branch.split(".", maxsplit=1)[0] != room:
            raise Refusal("refused_unknown")
        with self._lock:
            if branch != self.room(room).branch:
                self._stop_clock(self.branch(room), time.time())
            self._write(Entry(branch, 0, CONTROL, "switch", f"switch/{new_secret()}", {}))

    def show_what_if(self, who: Principal, room: str, turn: int, otherwise: Array, title: str = "") -> None:
        """Show on the wall what the turns since would have been: what is published of it, under a title, and no list of moves.

        Raises:
            Refusal: no such turn, or a title that is too long.
        """
        self._control(who)
        branch = self.branch(room)
        if not 1 <= turn <= len(branch.played):
            raise Refusal("refused_unknown")
        payload = {"branch": branch.name, "turn": turn, "title": check_text(title, WALL), "otherwise": _for_the_wall(otherwise)}
        self._write(Entry(branch.name, branch.turn, CONTROL, "wall", f"wall/{new_secret()}", payload))

    def clear_wall(self, who: Principal, room: str) -> None:
        """Take a what-if off the wall."""
        self._control(who)
        branch = self.branch(room)
        self._write(Entry(branch.name, branch.turn, CONTROL, "wall", f"wall/{new_secret()}", {}))

    def what_if(
        self, who: Principal, room: str, turn: int, moves: Sequence[Mapping[str, Any]], drop: Sequence[int] = ()
    ) -> tuple[Array, Array]:
        """What the turns played since would have shown with further moves in a turn, or without some.

        Args:
            who: control.
            room: room.
            turn: in which things would have been otherwise.
            moves: of any state, added.
            drop: positions among the inputs of that turn that are left out.

        Returns:
            Indicators from that turn to the present as played and as they would have been, (quarters, indicators).
        """
        self._control(who)
        branch = self.branch(room)
        if not 1 <= turn <= len(branch.played):
            raise Refusal("refused_unknown")
        history = branch.history
        before, after = history[: turn - 1], history[turn - 1 :]
        kept = [m for i, m in enumerate(after[0]["moves"]) if i not in drop]
        changed = {**after[0], "moves": [*kept, *({"seat": CONTROL, "move": dict(m)} for m in moves)]}
        refused = self.desk.answer("check", before, {**changed, "moves": changed["moves"][len(kept) :]})
        if refused:
            raise Refusal("refused_law", index=refused[0]["index"] + 1, reason=refused[0]["reason"])
        self._write(
            Entry(branch.name, turn, CONTROL, "note", f"note/{new_secret()}", {"what_if": [dict(m) for m in moves], "drop": list(drop)})
        )
        asked = [self.desk.ask("ending", before, turns, 0) for turns in (after, [changed, *after[1:]])]
        return asked[0].result(), asked[1].result()


def _for_the_wall(otherwise: Array) -> list[list[float | None]]:
    """A path of all indicators with those alone that are published: what the wall shows says no more than it does otherwise."""
    hidden = [n for n, i in enumerate(INDICATORS) if i.lag is None]
    shown = np.array(otherwise, dtype=float)
    shown[:, hidden] = np.nan
    return clean(shown)


def _named(branch: Branch, what: Struck) -> dict[str, Any]:
    """What is struck or put back, as it goes to the log.

    Raises:
        Refusal: there is no such thing, or another row stands there by now.
    """
    seat, index, move, row = what.get("seat", ""), what.get("index", -1), what.get("move"), what.get("row")
    sent = branch.submissions.get(seat)
    if what.get("inject") in branch.injects:
        return {"inject": what["inject"]}
    if move is not None and move in promised(branch, seat):
        return {"seat": seat, "move": dict(move)}
    if move is None and sent is not None and row is not None and row not in sent.rows[index : index + 1]:
        raise Refusal("refused_amended")
    if move is None and sent is not None and 0 <= index < len(sent.rows):
        return {"seat": seat, "index": index}
    raise Refusal("refused_unknown")


def _bound(indicator: str, value: float, lang: str) -> str:
    """An end of the range of an indicator, with its unit."""
    i, shown = BY_ID[indicator], BY_ID[indicator].shown(lang)
    number, unit = shown.text(f"{value:,.0f}".replace("-", "\N{MINUS SIGN}"), grouped=True), i.unit(lang)
    if i.unit_en in BARE:
        return number
    return f"{number}{unit}" if lang == "zh" or unit.startswith("%") else f"{number} {unit}"


def _room_name(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
