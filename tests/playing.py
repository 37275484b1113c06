"""A small game to test with: two quarters to a turn, seats of the main table, computed in the test's own process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecsim.game.desk import Desk
from ecsim.game.passes import Principal
from ecsim.game.seats import Seat, seat_named
from ecsim.game.session import Session, create
from ecsim.game.setup import Setup

SETUP = Setup(turns=4, quarters=1, start="2022Q4")
CONTROL = Principal("", "control")
WASHINGTON, BEIJING, TOKYO = (Principal("A", s) for s in ("washington", "beijing", "tokyo"))
RULE: dict[str, Any] = {"actor": "USA", "verb": "impose", "tool": "country_rule", "products": ["lithography"], "denial": 0.9}
FUND: dict[str, Any] = {"actor": "CHN", "verb": "measure", "tool": "big_fund", "size": 7.0}
JOIN: dict[str, Any] = {"actor": "JPN", "verb": "adopt", "issuer": "USA", "level": 0.6}


def game(folder: Path, desk: Desk, seats: tuple[str, ...] = ("washington", "beijing", "tokyo")) -> Session:
    """A new game with teams on some seats."""
    create(folder / "game.ecsim", desk.setup, desk)
    session = Session(folder / "game.ecsim", desk=desk)
    for seat in seats:
        session.join(session.game.join_code, "A", seat, f"Team {seat}")
    return session


def seat(name: str) -> Seat:
    """A seat of the table."""
    return seat_named(SETUP.table, name)


def rows(*moves: dict[str, Any], shown: str = "public") -> list[dict[str, Any]]:
    """Rows of a submission."""
    return [{"move": m, "shown": shown} for m in moves]


def draft(session: Session, who: Principal, *moves: dict[str, Any]) -> None:
    """Put moves into the draft of the turn that is on."""
    for row in rows(*moves):
        session.add_row(who, session.branch(who.room).turn, row)


def hand_in(session: Session, who: Principal, *moves: dict[str, Any], shown: str = "public", intent: str = "") -> None:
    """Hand in moves for the turn that is on."""
    branch = session.branch(who.room)
    session.submit(who, branch.turn, branch.revisions.get(who.seat, 0), rows(*moves, shown=shown), intent)
