"""A game in play: every command is checked, written to the log, and only then told to anybody."""

from __future__ import annotations

import time
from pathlib import Path

from ecsim.game.bots import MODEL
from ecsim.game.branch import ASLEEP, LOCKED, OVER, RESTART, Branch
from ecsim.game.control import Control
from ecsim.game.desk import Desk
from ecsim.game.legal import Refusal
from ecsim.game.log import Entry, Event, Log
from ecsim.game.passes import Principal, hash_of, new_code, new_secret
from ecsim.game.referee import Referee
from ecsim.game.seats import CONTROL
from ecsim.game.setup import Setup

AWAY = 10.0  # seconds without a look at the clocks after which the server was asleep: it looks once a second


def create(path: Path, setup: Setup, desk: Desk | None = None) -> tuple[str, str]:
    """Make a game: play its past, open its first room.

    Args:
        path: file to be made.
        setup: what is played.
        desk: what computes, where there is one already.

    Returns:
        The facilitator's secret and the join code.

    Raises:
        UserError: the file is there already, or the settings will not do.
    """
    opening = desk.answer("opening") if desk is not None else Referee(setup).opening()
    log = Log(path, create=True)
    secret, code = new_secret(), new_code()
    log.append(
        [
            Entry("", 0, CONTROL, "setup", "setup", {"setup": setup.to_dict(), "join_code": code}),
            Entry("", 0, MODEL, "opened", "opened", opening),
            Entry("", 0, CONTROL, "room", "room/A", {"room": "A", "title": "A", "solo": ""}),
            Entry(
                "", 0, CONTROL, "pass", f"pass/{hash_of(secret)}", {"hash": hash_of(secret), "room": "", "seat": CONTROL, "label": CONTROL}
            ),
        ]
    )
    log.close()
    return secret, code


class Session(Control):
    """All commands, and the turns: lock, work out, go on.

    Commands may come from any thread. Each returns once what it did is on disk.

    Attributes:
        seen: when the clocks were last looked at, in seconds since 1970.
    """

    def __init__(self, path: Path, desk: Desk | None = None, workers: int | None = None) -> None:
        super().__init__(path, desk, workers)
        self.seen = time.time()

    def facilitator(self) -> str:
        """A fresh secret of the facilitator, for whoever starts the server; older ones stay good."""
        return self._issue("", CONTROL, CONTROL)

    def lock(self, who: Principal, room: str) -> None:
        """Close the turn: nothing can be handed in or withdrawn any more. A clock that runs is held."""
        self._master(who, room)
        with self._lock:
            branch = self._open(room)
            key = f"lock/{branch.name}/{branch.turn}/{len(self.game.branches)}/{self.game.seq}"
            payload = {"inputs": self.game.inputs(branch), "left": _left(branch)}
            self._write(Entry(branch.name, branch.turn, who.seat, "lock", key, payload))

    def unlock(self, who: Principal, room: str) -> None:
        """Open a closed turn again, as long as the model has not begun. A clock that was held runs on with what it had left."""
        self._master(who, room)
        with self._lock:
            branch = self.branch(room)
            if branch.phase != LOCKED or branch.name in self._resolving:
                raise Refusal("refused_busy")
            payload = {"deadline": None if branch.left is None else time.time() + branch.left}
            self._write(Entry(branch.name, branch.turn, who.seat, "unlock", f"unlock/{new_secret()}", payload))

    def advance(self, who: Principal, room: str) -> Event:
        """Close the turn if it is open, and let the model work it out."""
        self._master(who, room)
        with self._lock:
            if self.branch(room).phase != LOCKED:
                self.lock(who, room)
        event = self.resolve(self.room(room).branch)
        self._restart(Principal("", CONTROL), room)
        return event

    def run_out(self, room: str) -> None:
        """The clock has run out: close the turn with what was handed in, and start the clock of the next."""
        who = Principal("", CONTROL)
        with self._lock:
            if room not in self.overdue():
                return
            self.lock(who, room)
        self.resolve(self.room(room).branch)
        self._restart(who, room)

    def _restart(self, who: Principal, room: str) -> None:
        """Start the clock of the next turn; nobody waits for one who plays alone."""
        minutes = self.game.setup.minutes
        if minutes > 0 and self.branch(room).phase != OVER and not self.room(room).solo:
            self.clock(who, room, minutes)

    def resolve(self, name: str) -> Event:
        """Work out a locked turn. The result is a function of what was locked: a second time gives the same.

        Raises:
            Refusal: it is not locked, or being worked out.
        """
        with self._lock:
            branch = self.game.branches[name]
            if branch.phase != LOCKED or name in self._resolving:
                raise Refusal("refused_busy")
            self._resolving.add(name)
            turn, history = branch.turn, [*branch.history, branch.locked_inputs]
        self._tell()
        try:
            result = self.desk.answer("resolve", history)
            event = self._write(Entry(name, turn, MODEL, "resolved", f"resolved/{name}/{turn}", result))
        finally:
            self._resolving.discard(name)
            self._tell()
        if self.desk.workers:
            self.warm()
        return event

    def recover(self) -> list[str]:
        """Stop the clocks that ran when the server fell, and work out again the turns that were locked. Returns their branches."""
        self.stop_clocks(self.alive, RESTART)
        self.seen = time.time()
        broken = [r.branch for r in self.game.rooms.values() if self.game.branches[r.branch].phase == LOCKED]
        for name in broken:
            self.resolve(name)
        return broken

    def look(self) -> None:
        """Say that the server is alive; where it has not been for a while, the clocks stop with what they had left then.

        A machine that slept, a process that was held and a wall clock that was set anew look alike from here, and are treated alike:
        nobody could play meanwhile.
        """
        now = time.time()
        if abs(now - self.seen) > AWAY:
            self.stop_clocks(self.seen, ASLEEP)
        self.seen = now
        self.log.touch()

    def overdue(self) -> list[str]:
        """Rooms whose clock has run out."""
        now = time.time()
        branches = {r.name: self.game.branches[r.branch] for r in self.game.rooms.values()}
        return [room for room, b in branches.items() if b.phase not in (LOCKED, OVER) and b.deadline is not None and b.deadline <= now]

    def close(self) -> None:
        """Stop the clocks, end the desk and close the file."""
        self.stop_clocks(time.time(), RESTART)
        self.desk.close()
        self.log.close()


def _left(branch: Branch) -> float | None:
    """Seconds that a running clock has left; None where none runs, or it has run out."""
    left = 0.0 if branch.deadline is None else branch.deadline - time.time()
    return left if left > 0.0 else None
