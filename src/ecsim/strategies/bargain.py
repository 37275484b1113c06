"""Who decides at home: executive, legislature and the industry's lobby, with weights that move with the calendar [Wu 2026, section 5.2]."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from ecsim.documents.calendar import election_year, year_of
from ecsim.params import Government

UNKNOWN = 0.5  # chance that a government not yet elected is divided


@dataclass(frozen=True)
class Bargain:
    """What the bargain of a quarter comes to.

    Attributes:
        executive, legislature, lobby: weights, which sum to one.
        security: weight of security, relative to the executive's own.
        restraint: weight of friction, retaliation and voice, which only the executive minds.
        revenue: weight of home revenue at stake: the lobby's all, the executive's its own share.
        protection: weight of holding back rivals who catch up, which the lobby wants.
        capacity: factor on the moves that can be made.
    """

    executive: float
    legislature: float
    lobby: float
    security: float
    restraint: float
    revenue: float
    protection: float
    capacity: float


def bargain(quarter: int, p: Government, capacity: float) -> Bargain:
    """The bargain of a quarter.

    Args:
        capacity: factor of the administration on moves a quarter, beside the calendar's.
    """
    executive, legislature, lobby = weights(quarter, p)
    return Bargain(
        executive=executive,
        legislature=legislature,
        lobby=lobby,
        security=executive + p.legislature_zeal * legislature,
        restraint=executive,
        revenue=lobby,
        protection=lobby * p.lobby_protection,
        capacity=capacity * math.exp(p.election * election_year(quarter)),
    )


def weights(quarter: int, p: Government) -> tuple[float, float, float]:
    """Weights of executive, legislature and lobby."""
    return _weights(quarter, p.legislature, p.divided, p.lobby, p.election_shift)


@lru_cache(maxsize=1024)
def _weights(quarter: int, legislature: float, when_divided: float, lobby: float, election_shift: float) -> tuple[float, float, float]:
    legislature *= 1.0 - (1.0 - when_divided) * divided(quarter)
    lobby *= 1.0 - election_shift * election_year(quarter)
    executive = max(0.0, 1.0 - legislature - lobby)
    total = executive + legislature + lobby
    return executive / total, legislature / total, lobby / total


@cache
def _majorities() -> dict[int, tuple[str, str, str]]:
    """First year of a Congress -> party of the House, the Senate and the president."""
    with resources.files("ecsim").joinpath("data", "congresses.csv").open(encoding="utf-8") as file:
        return {int(row["first_year"]): (row["house"], row["senate"], row["president"]) for row in csv.DictReader(file)}


def divided(quarter: int) -> float:
    """1 while a chamber of Congress is not of the president's party, 0 while both are; one half for a Congress not yet elected."""
    year = year_of(quarter)
    parties = _majorities().get(year - (year + 1) % 2)
    return UNKNOWN if parties is None else float(len(set(parties)) > 1)
