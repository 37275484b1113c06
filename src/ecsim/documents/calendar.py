"""Public facts of the American calendar that the process knows: election years, sessions and majorities of Congress."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

FIRST_YEAR = 2018
YEAR = 4  # quarters
TERM = 4  # years of a president
UNKNOWN = 0.5  # majority of a House not yet elected


@cache
def _houses() -> dict[int, str]:
    """First year of a Congress -> party that holds the House."""
    text = resources.files("ecsim.data").joinpath("congresses.csv").read_text(encoding="utf-8")
    return {int(row["first_year"]): row["house"] for row in csv.DictReader(text.splitlines())}


def year_of(quarter: int) -> int:
    """Calendar year of a quarter (0 is the first of 2018)."""
    return FIRST_YEAR + quarter // YEAR


def election_year(quarter: int) -> bool:
    """Whether a president is elected this year."""
    return year_of(quarter) % TERM == 0


def second_session(quarter: int) -> bool:
    """Whether Congress sits in its second session (even years)."""
    return year_of(quarter) % 2 == 0


def democratic_house(quarter: int) -> float:
    """1 while Democrats hold the House, 0 while Republicans do, one half while nobody knows."""
    year = year_of(quarter)
    party = _houses().get(year - (year + 1) % 2)
    return UNKNOWN if party is None else float(party == "D")
