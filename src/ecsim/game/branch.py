"""A line of play: turns that are over, and the one that is on, with all that was handed in, offered and prepared for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecsim.game.costs import Purse

OPEN, LOCKED, OVER = "open", "locked", "over"
PUBLIC, DELAYED, PRIVATE, SECRET = SHOWN = ("public", "delayed", "private", "secret")
RESTART, ASLEEP = "restart", "asleep"  # why a clock stands: the server was down, or its machine asleep
DELAY = 2  # turns after which everybody learns of a delayed move


@dataclass(frozen=True)
class Submission:
    """What a seat handed in: rows (moves, words to governments, free text), the intent, the aim, and the revision it answered."""

    rows: tuple[Mapping[str, Any], ...]
    intent: str
    aim: str
    revision: int


@dataclass(frozen=True)
class Offer:
    """An offer between seats: text, moves that each side would make, and the answer ("", yes, no or withdrawn)."""

    id: int
    turn: int
    giver: str
    taker: str
    text: str
    give: tuple[Mapping[str, Any], ...]
    take: tuple[Mapping[str, Any], ...]
    answer: str = ""


@dataclass(frozen=True)
class Inject:
    """Something that control adds: a text in two languages, moves, and the turn in which it is due."""

    id: int
    turn: int
    text: Mapping[str, str]
    moves: tuple[Mapping[str, Any], ...]
    struck: bool = False


@dataclass(frozen=True)
class Played:
    """A turn that is over: what went to the model, and what came of it."""

    turn: int
    inputs: Mapping[str, Any]
    submissions: Mapping[str, Submission]
    injects: tuple[Inject, ...]
    result: Mapping[str, Any]
    purses: Mapping[str, Purse]
    overrides: tuple[Mapping[str, Any], ...] = ()
    struck: frozenset[tuple[str, int]] = frozenset()
    struck_promises: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass
class Branch:
    """A line of play: the turns played, and the one that is on."""

    name: str
    parent: str = ""
    title: str = ""
    played: list[Played] = field(default_factory=list)
    phase: str = OPEN
    drafts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    offers: dict[int, Offer] = field(default_factory=dict)
    injects: dict[int, Inject] = field(default_factory=dict)
    struck: set[tuple[str, int]] = field(default_factory=set)
    struck_promises: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    from_turn: int = 0  # turn of the parent that was reopened
    struck_before: tuple[
        tuple[str, Mapping[str, Any]], ...
    ] = ()  # seat and row that control struck when the reopened turn was played before
    withdrawn: frozenset[str] = frozenset()  # seats whose submission went when control gave them to the model
    locked_inputs: Mapping[str, Any] | None = None
    deadline: float | None = None
    paused: float | None = None
    paused_by: str = ""
    left: float | None = None  # seconds that a running clock had when the turn was locked
    purses: dict[str, Purse] = field(default_factory=dict)

    @property
    def turn(self) -> int:
        """The turn that is on, from 1."""
        return len(self.played) + 1

    @property
    def history(self) -> list[Mapping[str, Any]]:
        """Inputs of the turns played."""
        return [p.inputs for p in self.played]


def due(branch: Branch) -> tuple[Inject, ...]:
    """Injects of the turn that is on."""
    return tuple(i for i in branch.injects.values() if i.turn == branch.turn and not i.struck)


def promised(branch: Branch, seat: str) -> list[Mapping[str, Any]]:
    """Moves that offers accepted in this turn name for a seat, each once, however many of them name it."""
    agreed = [o for o in branch.offers.values() if o.answer == "yes" and o.turn == branch.turn]
    return distinct(m for o in agreed for m in (o.give if o.giver == seat else o.take if o.taker == seat else ()))


def bound(branch: Branch, seat: str) -> list[Mapping[str, Any]]:
    """Moves to which a seat is bound: those promised, without what control has struck."""
    return [m for m in promised(branch, seat) if (seat, m) not in branch.struck_promises]


def distinct(moves: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The moves, each once."""
    found: list[Mapping[str, Any]] = []
    for move in moves:
        if move not in found:
            found.append(move)
    return found


def beside(rows: Iterable[Mapping[str, Any]], moves: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows that stand beside moves that a seat has promised: each such move takes the place of the rows that say the same."""
    return [row for row in rows if row.get("move") not in moves]
