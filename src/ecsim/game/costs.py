"""What a move costs the seat that makes it: political capital and administrative capacity.

These are rules of play, set so that a team can do two or three things a turn and not everything at once; they are
assumptions, and no result of the model depends on them but through what teams then choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ecsim.tools import CATALOGUE


class Purse(NamedTuple):
    """Points of political capital and of administrative capacity."""

    political: int
    administrative: int

    def plus(self, other: Purse) -> Purse:
        """The sum."""
        return Purse(self.political + other.political, self.administrative + other.administrative)

    def covers(self, other: Purse) -> bool:
        """Whether a cost can be met."""
        return self.political >= other.political and self.administrative >= other.administrative


OPENING = Purse(8, 6)
INCOME = 3  # political capital a turn, before what anxiety or dissatisfaction adds
FEELING = 3  # points that full anxiety (Washington) or full dissatisfaction (Beijing) adds
MOST = 12  # political capital that can be saved
LOBBY = 2  # points of a government's income that industry can move in a turn, either way

_VERBS: Mapping[str, Purse] = {
    "impose": Purse(2, 2),
    "list": Purse(1, 1),
    "measure": Purse(1, 1),
    "amend": Purse(1, 1),
    "lift": Purse(1, 1),
    "suspend": Purse(1, 1),
    "resume": Purse(1, 1),
    "end_measure": Purse(1, 0),
    "delist": Purse(1, 1),
    "adopt": Purse(2, 1),
    "leave": Purse(2, 0),
    "event": Purse(0, 0),
}
_TOOLS: Mapping[str, Purse] = {"move_plants": Purse(2, 2), "design_out": Purse(1, 2)}  # what takes companies years
_HARD = 0.9  # share of applications denied from which a rule costs one point more
_BREADTH = 4  # products that one point of administration covers
_NAMES = 4  # companies that one point of administration covers
_ENTITIES = 150  # further legal entities that one point covers: more than any single act of 2018 to 2025 listed (131)


def cost_of(row: Mapping[str, Any]) -> Purse:
    """Cost of one row of a submission: a move, a word to a government (lobby) or free text."""
    if "lobby" in row:
        return Purse(abs(int(row["lobby"]["points"])), 0)
    if "move" not in row:
        return Purse(0, 0)
    move = row["move"]
    cost = _TOOLS.get(move.get("tool", ""), _VERBS[move["verb"]])
    makes = CATALOGUE[move["tool"]].makes if move.get("tool") in CATALOGUE else ()
    terms = {k: getattr(v, "value", v) for m in makes for k, v in getattr(m, "terms", {}).items()}
    if move["verb"] == "impose":
        hard = (move.get("denial") if move.get("denial") is not None else terms.get("denial", 0.0)) >= _HARD
        abroad = move["fdp"] if move.get("fdp") is not None else terms.get("fdp", False)
        products = move.get("products") or terms.get("products") or ()
        wide = -(-len(products) // _BREADTH) - 1 if products else 2
        cost = cost.plus(Purse(int(hard) + int(bool(abroad)) + (0 if products else 1), max(wide, 0)))
    if move["verb"] == "list":
        cost = cost.plus(Purse(0, len(move.get("entities", ())) // _NAMES))
    if move["verb"] != "event":
        cost = cost.plus(Purse(0, -(-(move.get("count") or 0) // _ENTITIES)))
    return cost


def total(rows: Any) -> Purse:
    """Cost of a whole submission."""
    cost = Purse(0, 0)
    for row in rows:
        cost = cost.plus(cost_of(row))
    return cost


def after_turn(purse: Purse, spent: Purse, lobbied: int, feeling: float) -> Purse:
    """Points at the start of the next turn: what is left and the income, administration anew.

    Args:
        purse: points before.
        spent: cost of what was done.
        lobbied: points that industry gave or took.
        feeling: anxiety or dissatisfaction, 0 to 1; 0 for others.
    """
    income = INCOME + round(FEELING * feeling) + max(-LOBBY, min(LOBBY, lobbied))
    return Purse(max(0, min(MOST, purse.political - spent.political + income)), OPENING.administrative)
