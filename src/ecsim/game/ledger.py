"""The log and the state of a game together: checks that all commands share, and the one way to write."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecsim.errors import UserError
from ecsim.game.branch import LOCKED, OVER, Branch
from ecsim.game.costs import total
from ecsim.game.desk import Desk
from ecsim.game.legal import Refusal, check_rows
from ecsim.game.log import Entry, Event, Log
from ecsim.game.passes import Principal, hash_of
from ecsim.game.seats import Seat, seat_named
from ecsim.game.state import Game, Room

Wanted = Callable[[Branch], Mapping[str, Sequence[Mapping[str, Any]]]]  # what a command would have seats do, by seat


class Ledger:
    """One log, the state that it says, and who may see it change.

    Commands may come from any thread. Each returns once what it did is on disk.

    Args:
        path: file of the game.
        desk: what computes; made from the game's setup when not given.
        workers: processes of that desk.

    Raises:
        UserError: no such game, or another process serves or writes it.

    Attributes:
        alive: when the game was last known to be served or written before this, in seconds since 1970.
    """

    def __init__(self, path: Path, desk: Desk | None = None, workers: int | None = None) -> None:
        self.log = Log(path)
        try:
            self.alive = self.log.hold()
        except UserError:
            self.log.close()
            raise
        self.game = Game().take(self.log.read())
        self.desk = desk if desk is not None else Desk(self.game.setup, workers)
        self.version = 0
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._resolving: set[str] = set()
        self._busy: Counter[str] = Counter()

    def principal(self, secret: str) -> Principal | None:
        """Whom a secret lets in; None for nobody."""
        key = hash_of(secret)
        found = self.game.passes.get(key)
        return Principal(found.room, found.seat, key) if found else None

    def admitted(self, who: Principal) -> bool:
        """Whether the secret by which somebody came in is still good."""
        return not who.key or who.key in self.game.passes

    def _control(self, who: Principal) -> None:
        if not who.is_control or not self.admitted(who):
            raise Refusal("refused_right")

    def room(self, name: str) -> Room:
        """A room by name.

        Raises:
            Refusal: there is none.
        """
        if name not in self.game.rooms:
            raise Refusal("refused_unknown")
        return self.game.rooms[name]

    def branch(self, room: str) -> Branch:
        """The line of play that is on in a room."""
        return self.game.branches[self.room(room).branch]

    def working(self, branch: Branch) -> bool:
        """Whether the model works out the turn that is on; one that is merely locked can be opened again."""
        return branch.phase == LOCKED and branch.name in self._resolving

    def book(self, branch: Branch, turn: int | None = None) -> Sequence[Mapping[str, Any]]:
        """Rules and measures in force at the start of a turn: of the one that is on, where none is named or it is still to come."""
        return self._standing(branch, turn)["rows"]

    def adopted(self, branch: Branch, turn: int | None = None) -> dict[str, float]:
        """States that apply the incumbent's rules at the start of a turn, and how fully; the turn as in `book`."""
        return {state: float(level) for state, _, level in self._standing(branch, turn)["adoption"]}

    def _standing(self, branch: Branch, turn: int | None) -> Mapping[str, Any]:
        played = branch.played[: None if turn is None else turn - 1]
        return (played[-1].result if played else self.game.opening)["book"]

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called after every change; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @contextmanager
    def _one_of(self, what: str, most: int) -> Iterator[None]:
        """Work of which only so much may go on at a time."""
        with self._lock:
            if self._busy[what] >= most:
                raise Refusal("refused_many")
            self._busy[what] += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy[what] -= 1

    def _seat(self, who: Principal, room: str, seat: str) -> tuple[str, Seat]:
        """The room and seat for which a command counts: one's own, or any where control acts."""
        if not self.admitted(who):
            raise Refusal("refused_right")
        if who.is_control:
            return self.room(room).name, seat_named(self.game.setup.table, seat)
        if who.is_observer or (room and room != who.room) or (seat and seat != who.seat):
            raise Refusal("refused_right")
        return who.room, seat_named(self.game.setup.table, who.seat)

    def _master(self, who: Principal, room: str) -> None:
        """Control, or the one who plays alone, may move the room on."""
        if not self.admitted(who) or not who.is_control and not (who.room == room and self.room(room).solo == who.seat):
            raise Refusal("refused_right")

    def _open(self, room: str, turn: int | None = None) -> Branch:
        branch = self.branch(room)
        if branch.phase == OVER:
            raise Refusal("refused_over")
        if turn is not None and turn != branch.turn:
            raise Refusal("refused_late", turn=turn, now=branch.turn)
        if branch.phase == LOCKED:
            raise Refusal("refused_locked")
        return branch

    def _rows(self, branch: Branch, seat: Seat, rows: Any) -> list[dict[str, Any]]:
        """Rows of a seat's submission, as they go to the log."""
        setup = self.game.setup
        return check_rows(seat, rows, self.book(branch), setup.quarter(branch.turn), setup.table, self.adopted(branch))

    @contextmanager
    def _allowed(self, room: str, turn: int, wanted: Wanted) -> Iterator[Branch]:
        """The line of play, kept as it is while a command is written that has seats do what is wanted.

        The model takes its time to say what is lawful, and others go on meanwhile: where that changes what is wanted, all is checked anew.

        Args:
            room, turn: where play must be, and open.
            wanted: seat -> all that it would do in the turn with the command, from the line of play.

        Raises:
            Refusal: somebody cannot pay it, the law forbids it, or play has moved on.
        """
        while True:
            with self._lock:
                branch = self._open(room, turn)
                rows = wanted(branch)
            for seat, mine in rows.items():
                self._affordable(branch, seat, mine)
                self._lawful(branch, seat, [r["move"] for r in mine if "move" in r])
            with self._lock:
                if self._open(room, turn) is branch and wanted(branch) == rows:
                    yield branch
                    return

    def _affordable(self, branch: Branch, seat: str, rows: Sequence[Mapping[str, Any]]) -> None:
        cost, purse = total(rows), branch.purses[seat]
        if not purse.covers(cost):
            raise Refusal("refused_cost", **cost._asdict(), has_political=purse.political, has_administrative=purse.administrative)

    def _lawful(self, branch: Branch, seat: str, moves: Sequence[Mapping[str, Any]]) -> None:
        if not moves:
            return
        turn = {"turn": branch.turn, "holders": {}, "moves": [{"seat": seat, "move": dict(m)} for m in moves]}
        refused = self.desk.answer("check", branch.history, turn)
        if refused:
            raise Refusal("refused_law", index=refused[0]["index"] + 1, reason=refused[0]["reason"])

    def _write(self, *entries: Entry) -> Event:
        with self._lock:
            events = self.log.append(entries)
            self.game.take(events)
            self.version += 1
        self._tell()
        return events[-1]

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()
