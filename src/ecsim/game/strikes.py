"""What control struck out of a turn, and what counts of the rest: a strike stays with what it struck, wherever that moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecsim.game.branch import Branch, beside, bound, distinct, promised
from ecsim.game.costs import Purse, total


def struck_of(branch: Branch, seat: str) -> set[int]:
    """Rows of a seat's submission that control struck, by position."""
    return {index for whose, index in branch.struck if whose == seat}


def followed(struck: Iterable[int], old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> set[int]:
    """Where struck rows stand once rows have changed: a row that stays is struck still, one that is gone takes its strike with it."""
    found: set[int] = set()
    for index in sorted(struck):
        alike = [n for n, row in enumerate(new) if row == old[index] and n not in found]
        if alike:
            found.add(index if index in alike else alike[0])
    return found


def struck_among(branch: Branch, seat: str, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Which of the rows that a seat hands in, or means to, control has struck already, by position."""
    sent = branch.submissions.get(seat)
    return followed(struck_of(branch, seat), sent.rows, rows) if sent else set()


def unstruck(branch: Branch, seat: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows without those that control has struck: those do nothing and cost nothing."""
    struck = struck_among(branch, seat, rows)
    return [row for n, row in enumerate(rows) if n not in struck]


def in_effect(branch: Branch, seat: str) -> list[Mapping[str, Any]]:
    """Rows of a seat's submission that count."""
    sent = branch.submissions.get(seat)
    return unstruck(branch, seat, sent.rows) if sent else []


def fresh(branch: Branch, seat: str, moves: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What a seat would do and pay for more, were it to promise these moves: not what it has promised already, or control has struck."""
    sent = branch.submissions.get(seat)
    out = [sent.rows[n].get("move") for n in struck_of(branch, seat)] if sent else []
    return [m for m in distinct(moves) if m not in promised(branch, seat) and m not in out]


def with_promises(branch: Branch, seat: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What a seat would do and pay for, were it to hand in these rows."""
    counting = unstruck(branch, seat, beside(rows, promised(branch, seat)))
    return [*counting, *({"move": m} for m in bound(branch, seat))]


def with_moves(branch: Branch, seat: str, moves: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What a seat would do and pay for, were it to promise these moves beside what it has handed in and promised."""
    rows = beside(in_effect(branch, seat), moves)
    return [*rows, *({"move": m} for m in (*bound(branch, seat), *fresh(branch, seat, moves)))]


def keep_strikes(branch: Branch, seat: str, rows: Iterable[int] = ()) -> None:
    """Have these rows of a seat struck, and no others."""
    branch.struck = {s for s in branch.struck if s[0] != seat} | {(seat, n) for n in rows}


def strike_promise(branch: Branch, seat: str, move: Mapping[str, Any]) -> None:
    """Free a seat of a move that it has promised."""
    if (seat, move) not in branch.struck_promises:
        branch.struck_promises = [*branch.struck_promises, (seat, move)]


def strike(branch: Branch, what: Mapping[str, Any]) -> None:
    """Take a prepared event, a promised move or a row of a submission out of the turn."""
    if "inject" in what:
        _mark(branch, what["inject"], struck=True)
    elif "move" in what:
        strike_promise(branch, what["seat"], what["move"])
    else:
        branch.struck = branch.struck | {(what["seat"], what["index"])}


def unstrike(branch: Branch, what: Mapping[str, Any]) -> None:
    """Put back what was struck."""
    if "inject" in what:
        _mark(branch, what["inject"], struck=False)
    elif "move" in what:
        branch.struck_promises = [s for s in branch.struck_promises if s != (what["seat"], what["move"])]
    else:
        branch.struck = branch.struck - {(what["seat"], what["index"])}


def _mark(branch: Branch, inject: int, *, struck: bool) -> None:
    branch.injects = branch.injects | {inject: replace(branch.injects[inject], struck=struck)}


def is_struck(branch: Branch, what: Mapping[str, Any]) -> bool:
    """Whether control has struck it."""
    if "inject" in what:
        return branch.injects[what["inject"]].struck
    if "move" in what:
        return (what["seat"], what["move"]) in branch.struck_promises
    return (what["seat"], what["index"]) in branch.struck


def counting(branch: Branch, seat: str) -> list[Mapping[str, Any]]:
    """All that a seat does and pays for in the turn that is on: its submission, and what it is bound to."""
    return [*in_effect(branch, seat), *({"move": m} for m in bound(branch, seat))]


def counting_with(branch: Branch, what: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All that a seat would do and pay for, were what was struck put back."""
    back = replace(branch)
    unstrike(back, what)
    return counting(back, what["seat"])


def spent_by(b: Branch, seat: str) -> Purse:
    """What a seat spends in the turn that is on."""
    return total(counting(b, seat))
