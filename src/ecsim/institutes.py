"""Universities and institutes that can be listed [Li et al. 2024, sections 2.2.2 and 2.2.3]; data: institutes.csv.

They make no goods. A listing cuts what they may receive, and acts on the science stock, with its long lag.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple


class Institute(NamedTuple):
    """A university or institute: its state, and its share of that state's academic research."""

    state: str
    share: float


@cache
def institutes() -> dict[str, Institute]:
    """All of them by name."""
    with resources.files("ecsim").joinpath("data", "institutes.csv").open(encoding="utf-8") as file:
        return {row["institute"]: Institute(row["state"], float(row["share"])) for row in csv.DictReader(file)}


def institute(name: str) -> Institute:
    """The institute of that name.

    Raises:
        KeyError: there is none.
    """
    return institutes()[name]
