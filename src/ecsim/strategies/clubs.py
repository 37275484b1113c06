"""Alliances and regimes of export control: who is in, and how each decides. Data: alliances.csv, alliance_members.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ecsim.documents.calendar import year_of
from ecsim.economy import Economy

RULES = ("consensus", "national", "talks")
GROUPED = "EUR"  # the state that stands for members of the European Union without a row of their own
UNION = "eu"
PREDECESSORS = ("cocom", "wassenaar")  # regimes whose members have long applied common lists
CHINA_CONTROLS = ("usjpnl", "iec_plurilateral")  # what accession produced: outcomes, never inputs


@dataclass(frozen=True)
class Club:
    """An alliance or regime.

    Attributes:
        id: name in data.
        name_en, name_zh: display names.
        year, end_year: when it existed; no end where it still does.
        rule: consensus (all must agree), national (each by its own law) or talks (makes no controls).
        domains: what it is about, or "all".
        lag_months: months from agreement to law on record, or None.
        members: ISO codes of its members, whether or not an economy has a row for them.
        union: ISO codes of the members of the European Union, for which a group stands where they have no row.
        source: where it comes from.
    """

    id: str
    name_en: str
    name_zh: str
    year: int
    end_year: int | None
    rule: str
    domains: tuple[str, ...]
    lag_months: float | None
    members: tuple[str, ...]
    union: tuple[str, ...]
    source: str

    def shares(self, states: Sequence[str]) -> dict[str, float]:
        """State of an economy -> 1 if it is in; for the group that stands for the rest of the Union, the share of them that are in."""
        shares = {code: 1.0 for code in self.members if code in states}
        rest = [code for code in self.union if code not in states]
        inside = [code for code in rest if code in self.members]
        return shares | ({GROUPED: len(inside) / len(rest)} if inside and GROUPED in states else {})

    def exists(self, quarter: int) -> bool:
        """Whether it exists in a quarter."""
        year = year_of(quarter)
        return self.year <= year and (self.end_year is None or year <= self.end_year)


@cache
def clubs() -> dict[str, Club]:
    """All alliances and regimes by id."""
    members: dict[str, list[str]] = {}
    for row in _rows("alliance_members.csv"):
        members.setdefault(row["alliance"], []).append(row["state"])
    return {
        row["alliance"]: Club(
            id=row["alliance"],
            name_en=row["name_en"],
            name_zh=row["name_zh"],
            year=int(row["year"]),
            end_year=int(row["end_year"]) if row["end_year"] else None,
            rule=row["rule"],
            domains=tuple(row["domains"].split(";")),
            lag_months=float(row["lag_months"]) if row["lag_months"] else None,
            members=tuple(members.get(row["alliance"], [])),
            union=tuple(members[UNION]),
            source=row["source"],
        )
        for row in _rows("alliances.csv")
    }


def fellows(e: Economy, quarter: int) -> list[list[float]]:
    """How far two states sit together in a club that exists and is no outcome of accession itself, S x S, 0 or up to 1."""
    table = [[0.0] * e.n_states for _ in range(e.n_states)]
    for club in clubs().values():
        if club.exists(quarter) and club.id not in CHINA_CONTROLS:
            inside = [(e.state_index[s], share) for s, share in club.shares(e.states).items()]
            for i, one in inside:
                for j, other in inside:
                    table[i][j] = max(table[i][j], one * other)
    return table


def inherited(e: Economy) -> list[float]:
    """Memberships of each state in the regimes of the past, S numbers."""
    past = [clubs()[c].shares(e.states) for c in PREDECESSORS]
    return [sum(shares.get(s, 0.0) for shares in past) for s in e.states]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with resources.files("ecsim").joinpath("data", name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)
