"""Seats: who sits at the table, for which states they speak, and what they may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecsim.errors import unknown
from ecsim.tools import CATALOGUE, Tool

CONTROL, OBSERVER = "control", "observer"
INDUSTRY = "industry"
FIRMS = "firms"  # class of tools that only companies use
TABLES = ("main", "bloc", "each")


@dataclass(frozen=True)
class Seat:
    """A place at the table.

    Attributes:
        id: name in the log and in addresses.
        name_en, name_zh: display names.
        role: incumbent, challenger, ally or industry.
        states: states for which it moves; the first speaks where a move names none.
        colour: of its marks in charts, safe for colour-blind readers (Okabe and Ito 2008).
    """

    id: str
    name_en: str
    name_zh: str
    role: str
    states: tuple[str, ...]
    colour: str

    def name(self, lang: str) -> str:
        """Display name."""
        return self.name_zh if lang == "zh" else self.name_en


_ALLIES = ("JPN", "NLD", "KOR", "TWN", "DEU", "GBR")
_WASHINGTON = Seat("washington", "Washington", "华盛顿", "incumbent", ("USA",), "#0072B2")
_BEIJING = Seat("beijing", "Beijing", "北京", "challenger", ("CHN",), "#D55E00")
_INDUSTRY = Seat(INDUSTRY, "Industry", "产业界", INDUSTRY, ("USA", "CHN", *_ALLIES), "#CC79A7")
_TOKYO = Seat("tokyo", "Tokyo", "东京", "ally", ("JPN",), "#009E73")
_HAGUE = Seat("hague", "The Hague", "海牙", "ally", ("NLD",), "#E69F00")
_PARTNERS = Seat("partners", "Seoul, Taipei, Berlin, London", "首尔、台北、柏林、伦敦", "ally", ("KOR", "TWN", "DEU", "GBR"), "#56B4E9")
_SEOUL = Seat("seoul", "Seoul", "首尔", "ally", ("KOR",), "#56B4E9")
_TAIPEI = Seat("taipei", "Taipei", "台北", "ally", ("TWN",), "#F0E442")
_BLOC = Seat("allies", "Allied capitals", "盟友", "ally", _ALLIES, "#009E73")

_SETTINGS: Mapping[str, tuple[Seat, ...]] = {
    "main": (_WASHINGTON, _BEIJING, _TOKYO, _HAGUE, _PARTNERS, _INDUSTRY),
    "bloc": (_WASHINGTON, _BEIJING, _BLOC, _INDUSTRY),
    "each": (_WASHINGTON, _BEIJING, _TOKYO, _HAGUE, _SEOUL, _TAIPEI, _INDUSTRY),
}


def seats_of(table: str) -> tuple[Seat, ...]:
    """The seats of a table: main (six), bloc (the allies share one) or each (four allied capitals).

    Raises:
        UserError: no such table.
    """
    if table not in _SETTINGS:
        raise unknown("--seats", "table", table, _SETTINGS)
    return _SETTINGS[table]


def seat_named(seats: Iterable[Seat], seat_id: str) -> Seat:
    """The seat of that id.

    Raises:
        UserError: there is none.
    """
    found = {s.id: s for s in seats}
    if seat_id not in found:
        raise unknown("seat", "seat", seat_id, found)
    return found[seat_id]


def tools_of(seat: Seat) -> tuple[Tool, ...]:
    """Tools that a seat may use, in the order of the catalogue: companies have their own, states all others of their role."""
    if seat.role == INDUSTRY:
        return tuple(t for t in CATALOGUE.values() if t.cls == FIRMS)
    return tuple(t for t in CATALOGUE.values() if t.cls != FIRMS and seat.role in t.users)
