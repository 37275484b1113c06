"""The log of a game: one SQLite file, one table to which rows are only ever added.

An event is acknowledged once its transaction is on disk (WAL, synchronous FULL). A key makes a repeated command
harmless: the second one with the same key gets the first one's event.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecsim.errors import UserError
from ecsim.game.hold import Hold

APPLICATION_ID = 0x45435347  # "ECSG": marks the file as a game
FORMAT = 1

_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    branch TEXT NOT NULL,
    turn INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL
) STRICT;
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
"""


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        seq: position in the log, from 1.
        time: seconds since 1970, for people; no state is computed from it.
        branch: branch of play; "" for the whole game.
        turn: turn to which it belongs, from 1; 0 before play.
        actor: seat, "control" or "model".
        kind: what happened (`ecsim.game.state`).
        key: no two events share one.
        payload: plain values.
    """

    seq: int
    time: float
    branch: str
    turn: int
    actor: str
    kind: str
    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """An event about to be written."""

    branch: str
    turn: int
    actor: str
    kind: str
    key: str
    payload: Mapping[str, Any]


class Log:
    """The events of a game, in order.

    Args:
        path: file of the game.
        create: make the file; otherwise it must be there.

    Raises:
        UserError: the file is there already, is missing, cannot be written, or is no game.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if create and path.exists():
            raise UserError(f"{path}: is there already; accepted: the name of a new file")
        if not create and not path.is_file():
            raise UserError(f"{path}: no such game; accepted: a file made by 'ecsim game new'")
        self.path = path
        self._lock = threading.Lock()
        self._hold: Hold | None = None
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10.0)
        except sqlite3.OperationalError:
            raise UserError(f"{path}: cannot be written; accepted: a file in a folder that you may write to") from None
        try:
            self._open(create)
        except sqlite3.DatabaseError:
            self._db.close()
            raise UserError(f"{path}: not a game; accepted: a file made by 'ecsim game new'") from None

    def _open(self, create: bool) -> None:
        db = self._db
        if create:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.executescript(f"BEGIN; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT}; {_SCHEMA} COMMIT;")
            return
        if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise sqlite3.DatabaseError
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found != FORMAT:
            raise UserError(f"{self.path}: a game of format {found}; accepted: {FORMAT}, or the version of ecsim that made it")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")

    def hold(self) -> float:
        """Keep other processes from writing the game until the log is closed; whoever writes does so before the first event.

        Returns:
            When a process before this one was last known to be at work, in seconds since 1970.

        Raises:
            UserError: another process serves or writes it.
        """
        with self._lock:
            alive = self._held().alive
            last = self._db.execute("SELECT time FROM events ORDER BY seq DESC LIMIT 1").fetchone()
            return max(alive, last[0] if last else 0.0)

    def _held(self) -> Hold:
        if self._hold is None:
            self._hold = Hold(self.path)
        return self._hold

    def touch(self) -> None:
        """Say that whoever holds the game is alive."""
        if self._hold is not None:
            self._hold.touch()

    def append(self, entries: Iterable[Entry]) -> list[Event]:
        """Write entries in one transaction, and return their events once they are on disk.

        An entry whose key is known is not written again: the event that has the key is returned in its place.

        Raises:
            UserError: another process serves or writes the game.
        """
        events = []
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._held()
                events = [self._write(entry) for entry in entries]
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        return events

    def _write(self, entry: Entry) -> Event:
        text = json.dumps(entry.payload, ensure_ascii=False, sort_keys=True, allow_nan=False)
        row = (time.time(), entry.branch, entry.turn, entry.actor, entry.kind, entry.key, text)
        done = self._db.execute(
            "INSERT INTO events (time, branch, turn, actor, kind, key, payload) VALUES (?,?,?,?,?,?,?) ON CONFLICT (key) DO NOTHING", row
        )
        if done.rowcount:
            return _event((done.lastrowid, *row))
        return next(_events(self._db.execute("SELECT * FROM events WHERE key = ?", (entry.key,))))

    def read(self, after: int = 0) -> list[Event]:
        """Events after a position, in order."""
        with self._lock:
            return list(_events(self._db.execute("SELECT * FROM events WHERE seq > ? ORDER BY seq", (after,))))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
            if self._hold is not None:
                self._hold.release()
                self._hold = None


def _events(rows: Iterable[tuple[Any, ...]]) -> Iterator[Event]:
    for row in rows:
        yield _event(row)


def _event(row: Sequence[Any]) -> Event:
    seq, when, branch, turn, actor, kind, key, payload = row
    return Event(seq, when, branch, turn, actor, kind, key, json.loads(payload))
