"""What a seat may know: public, private, delayed and secret moves; indicators known exactly, late, or as estimates.

An estimate is the true value with an error that belongs to the seat, the indicator and the quarter: the same whoever
looks and however often, half of it lasting (a bias of the service) and half of it new each quarter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from ecsim.game.branch import DELAY, DELAYED, PRIVATE, PUBLIC, Branch, Played
from ecsim.game.costs import LOBBY
from ecsim.game.hits import is_hit
from ecsim.game.indicators import INDICATORS, Indicator
from ecsim.game.passes import Principal
from ecsim.game.seats import CONTROL, INDUSTRY, Seat
from ecsim.game.state import Game
from ecsim.streams import Streams

EXACT, ESTIMATE, LATE = "exact", "estimate", "late"
FLOOR = 0.05  # least error of a relative estimate, in the unit of the indicator
Z90 = 1.645  # half the width of a band that holds nine in ten


@dataclass(frozen=True)
class Series:
    """An indicator as a seat sees it.

    Attributes:
        indicator: which.
        kind: exact, estimate or late.
        quarters: index of each quarter.
        values: value, None where it is not known (yet).
        error: standard error in the unit of the indicator, by quarter; 0 where exact.
        changed: quarters whose value control has set.
        others: quarter -> what control shows in place of the value, where the series is the model's own.
    """

    indicator: Indicator
    kind: str
    quarters: tuple[int, ...]
    values: tuple[float | None, ...]
    error: tuple[float, ...]
    changed: frozenset[int]
    others: Mapping[int, float] = field(default_factory=dict)


def series_for(game: Game, branch: Branch, viewer: Seat | None, *, everything: bool = False) -> list[Series]:
    """All indicators as a viewer sees them.

    Args:
        game: state.
        branch: line of play.
        viewer: seat; None for an observer, who sees what is published, with its delay, and no estimates.
        everything: the model's own values, for control.
    """
    if everything:
        return list(_own(game, branch))
    quarters, rows, changed = truth(game, branch)
    now = game.setup.quarter(branch.turn)
    out = []
    for column, indicator in enumerate(INDICATORS):
        raw = [row[column] for row in rows]
        mine = frozenset(q for q, i in changed if i == indicator.id)
        if knows(viewer, indicator):
            out.append(Series(indicator, EXACT, tuple(quarters), tuple(raw), (0.0,) * len(raw), mine))
        elif indicator.lag is not None:
            seen = tuple(v if q < now - indicator.lag else None for q, v in zip(quarters, raw, strict=True))
            mine = frozenset(q for q in mine if q < now - indicator.lag)  # what nobody sees yet is no news
            out.append(Series(indicator, LATE if indicator.lag else EXACT, tuple(quarters), seen, (0.0,) * len(raw), mine))
        elif viewer is not None:
            out.append(_estimate(game.setup.seed, viewer, indicator, quarters, raw, mine))
    return out


def _own(game: Game, branch: Branch) -> Iterator[Series]:
    """All indicators as the model has them, with what control shows in their place."""
    quarters, rows = modelled(game, branch)
    instead = {(game.setup.quarter(turn + 1) - 1, i): value for (turn, i), value in set_values(branch).items()}
    for column, indicator in enumerate(INDICATORS):
        others = {q: value for (q, i), value in instead.items() if i == indicator.id}
        values = tuple(row[column] for row in rows)
        yield Series(indicator, EXACT, tuple(quarters), values, (0.0,) * len(values), frozenset(), others)


def modelled(game: Game, branch: Branch) -> tuple[list[int], list[list[float | None]]]:
    """Quarters, and indicators by quarter as the model has them."""
    rows = [list(r) for r in (*game.opening["indicators"], *(r for p in branch.played for r in p.result["indicators"]))]
    return list(range(game.opening["first"], game.opening["first"] + len(rows))), rows


def model_value(branch: Branch, turn: int, column: int) -> float | None:
    """An indicator at the end of a turn of a line of play, as the model had it."""
    value = branch.played[turn - 1].result["indicators"][-1][column]
    return None if value is None else float(value)


def set_values(branch: Branch) -> dict[tuple[int, str], float]:
    """Turn and indicator -> the value that control shows at its end; one that was taken back is the model's again."""
    found: dict[tuple[int, str], float] = {}
    for played in branch.played:
        for o in played.overrides:
            found.pop((played.turn, o["indicator"]), None)
            if o["value"] is not None:
                found[played.turn, o["indicator"]] = o["value"]
    return found


def truth(game: Game, branch: Branch) -> tuple[list[int], list[list[float | None]], set[tuple[int, str]]]:
    """Quarters, indicators by quarter with control's overrides, and which values those are."""
    quarters, rows = modelled(game, branch)
    column = {i.id: n for n, i in enumerate(INDICATORS)}
    changed = set()
    for (turn, indicator), value in set_values(branch).items():
        quarter = game.setup.quarter(turn + 1) - 1
        rows[quarter - quarters[0]][column[indicator]] = value
        changed.add((quarter, indicator))
    return quarters, rows, changed


def knows(viewer: Seat | None, indicator: Indicator) -> bool:
    """Whether a seat knows an indicator exactly and at once."""
    return viewer is not None and (
        viewer.role in indicator.knows or any(s in indicator.knows for s in viewer.states if viewer.role == "ally")
    )


def _estimate(
    seed: int, viewer: Seat, indicator: Indicator, quarters: Sequence[int], raw: Sequence[float | None], changed: frozenset[int]
) -> Series:
    values: list[float | None] = []
    errors = []
    for q, v in zip(quarters, raw, strict=True):
        if v is None:
            values.append(None)
            errors.append(0.0)
            continue
        spread = error_of(indicator, v)
        low, high = indicator.bounds
        values.append(min(max(v + spread * miss(seed, viewer.id, indicator.id, q), low), high))
        errors.append(spread)
    return Series(indicator, ESTIMATE, tuple(quarters), tuple(values), tuple(errors), changed)


def error_of(indicator: Indicator, value: float) -> float:
    """Standard error of an estimate of a value."""
    return indicator.error if indicator.absolute else max(FLOOR, indicator.error * abs(value))


@lru_cache(maxsize=65536)
def miss(seed: int, seat: str, indicator: str, quarter: int) -> float:
    """By how many standard errors a seat's estimate misses."""
    streams = Streams(seed)
    lasting = float(streams.normal(f"game.bias.{seat}.{indicator}", 0, 1)[0])
    fresh = float(streams.normal(f"game.estimate.{seat}.{indicator}", quarter, 1)[0])
    return (lasting + fresh) / float(np.sqrt(2.0))


def sees_move(game: Game, shown: str, mover: str, move: Mapping[str, Any], turn: int, now: int, viewer: Principal) -> bool:
    """Whether a viewer may know of a move that was made.

    Args:
        game: state.
        shown: public, delayed, private or secret.
        mover: seat that made it.
        move: the move.
        turn: in which it was made.
        now: the turn that is on.
        viewer: who looks.
    """
    if viewer.is_control or shown == PUBLIC or viewer.seat == mover:
        return True
    if shown == DELAYED:
        return now - turn > DELAY
    if shown == PRIVATE:
        return is_hit(viewer.seat, move, game.setup.table, game.opening["book"]["principals"])
    return False


@dataclass(frozen=True)
class News:
    """A move or event that a viewer learns of: turn, who, move (or text), how it was shown, whether people made it.

    `late`: it was made in that turn, but kept back, and comes out in the turn of which the news are.
    """

    turn: int
    seat: str
    move: Mapping[str, Any] | None
    text: Mapping[str, str] | None
    shown: str
    by_people: bool = False
    refused: str = ""
    late: bool = False


def news_of(game: Game, branch: Branch, played: Played, viewer: Principal) -> Iterator[News]:
    """What a viewer learns of a turn that is over, in the order in which it was done."""
    for inject in played.injects:
        if inject.text.get("en"):
            yield News(played.turn, CONTROL, None, inject.text, PUBLIC)
    yield from _come_out(branch, played.turn)
    rows = played.inputs["moves"]
    for made in played.result["moves"]:
        row = rows[made["input"]] if made["input"] is not None else None
        mover, shown = (row["seat"], row["shown"]) if row else (_seat_of(game, made["move"]["actor"]), PUBLIC)
        if sees_move(game, shown, mover, made["move"], played.turn, branch.turn, viewer):
            yield News(played.turn, mover, made["move"], None, shown, row is not None)
    for bad in played.result["refused"]:
        row = rows[bad["index"]] if bad["index"] is not None else None
        if row and (viewer.is_control or viewer.seat == row["seat"]):
            yield News(played.turn, row["seat"], row["move"], None, row["shown"], True, bad["reason"])


def _come_out(branch: Branch, turn: int) -> Iterator[News]:
    """Moves of an earlier turn that were kept back until the end of this one."""
    for played in branch.played[max(0, turn - DELAY - 1) : max(0, turn - DELAY)]:
        rows = played.inputs["moves"]
        for made in played.result["moves"]:
            if made["input"] is not None and rows[made["input"]]["shown"] == DELAYED:
                yield News(played.turn, rows[made["input"]]["seat"], made["move"], None, DELAYED, True, late=True)


def lobbied(played: Played, seat: str) -> int:
    """Points of political capital that industry gave a government by lobbying in a turn, or took where negative."""
    sent = played.submissions.get(INDUSTRY)
    words = [row["lobby"] for n, row in enumerate(sent.rows) if "lobby" in row and (INDUSTRY, n) not in played.struck] if sent else []
    return max(-LOBBY, min(LOBBY, sum(int(word["points"]) for word in words if word["seat"] == seat)))


def _seat_of(game: Game, state: str) -> str:
    return next((s.id for s in game.setup.table if state in s.states), "")


def book_for(game: Game, branch: Branch, viewer: Principal) -> list[Mapping[str, Any]]:
    """Rules and measures in force, as far as a viewer may know them."""
    book = (branch.played[-1].result if branch.played else game.opening)["book"]
    hidden: set[str] = set()
    for played in branch.played:
        rows = played.inputs["moves"]
        for made in played.result["moves"]:
            if made["input"] is None or not made["rule"]:
                continue
            row = rows[made["input"]]
            if not sees_move(game, row["shown"], row["seat"], made["move"], played.turn, branch.turn, viewer):
                hidden.add(made["rule"])
    return [r for r in book["rows"] if r["id"].split("/")[0] not in hidden]


def offers_for(branch: Branch, viewer: Principal) -> list[Any]:
    """Offers of the turn that is on in which a viewer has a part."""
    return [o for o in branch.offers.values() if o.turn == branch.turn and (viewer.is_control or viewer.seat in (o.giver, o.taker))]


def adoption_of(game: Game, branch: Branch) -> list[tuple[str, str, float]]:
    """Who has adopted whose rules, and how far: state, issuer, level."""
    book = (branch.played[-1].result if branch.played else game.opening)["book"]
    return [(a[0], a[1], float(a[2])) for a in book["adoption"]]
