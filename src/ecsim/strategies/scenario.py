"""Scenario files: dated moves with their evidence, a story in two languages, and what is expected of it.

A move is in force from the quarter in which its date falls if it falls in the first half of that quarter,
otherwise from the next; `in_force` gives the date where it differs from the date of the act.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ecsim.data import company_names
from ecsim.economy import Economy
from ecsim.errors import UserError, unknown
from ecsim.institutes import institutes
from ecsim.moves import Move
from ecsim.places import scenarios_dir
from ecsim.strategies.settings import FIRST_YEAR, OWN, YEAR, ScenarioConfig
from ecsim.tools import CATALOGUE, vocabulary

MONTHS = 3
EVIDENCE = ("read", "remembered", "assumption")
DIRECTIONS = ("higher", "lower", "same")
TOP_KEYS = {"title", "narrative", "date", "sources", "base", "drop", "moves", "continuation", "expect"}
NEEDED = ("title", "narrative", "date", "sources", "expect")
ROW_KEYS = {f.name for f in fields(Move)} - {"quarter"} | {"date", "in_force", "evidence", "reversed"}
REVERSAL_KEYS = {"date", "verb", "until", "source", "text_en", "text_zh"}
EXPECT_KEYS = {"outcome", "against", "direction", "why"}
_STATE = re.compile(r"[A-Z]{3}")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")


@dataclass(frozen=True)
class Expectation:
    """What a scenario is expected to show: outcome, direction and against what."""

    outcome: str
    direction: str
    against: str
    why: str


@dataclass(frozen=True)
class Scenario:
    """A scenario as read.

    Attributes:
        name: name of its file.
        title, narrative: texts by language, "en" and "zh".
        date: date of the precedent.
        sources: where it comes from.
        moves: in order of time.
        evidence: id of a move -> read, remembered or assumption.
        expect: what is expected of it.
        files: its file, and those that it builds on.
    """

    name: str
    title: Mapping[str, str]
    narrative: Mapping[str, str]
    date: str
    sources: tuple[str, ...]
    moves: tuple[Move, ...]
    evidence: Mapping[str, str]
    expect: tuple[Expectation, ...]
    files: tuple[Path, ...] = ()

    def check_against(self, economy: Economy) -> None:
        """Hold the names in the moves against an economy; companies may also be those of supply chains that it leaves out.

        Raises:
            UserError: a state or company that neither the economy nor the shipped data have; file, move and key.
        """
        for move in self.moves:
            where = f"{self.name}.yaml: {move.id}"
            for key in ("destinations", "exempt", "spares"):
                for state in getattr(move, key):
                    if state not in economy.state_index:
                        raise unknown(f"{where}: {key}", "state", state, economy.states)
            for key in ("actor", "issuer"):
                if (name := getattr(move, key)) and name not in economy.state_index:
                    raise unknown(f"{where}: {key}", "state", name, economy.states)
            for name in move.entities:
                if name not in economy.company_rows and name not in institutes() and name not in company_names():
                    raise unknown(f"{where}: entities", "company", name, [*economy.company_rows, *institutes()])


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    return tuple(sorted(path.stem for path in scenarios_dir().glob("*.yaml")))


def load(config: ScenarioConfig) -> Scenario:
    """The scenario that is configured.

    Raises:
        UserError: no such file, or the first thing wrong in it: file, row, key and what is accepted.
    """
    path = Path(config.file) if config.file else _path_of(config.name, "scenario.name")
    whole = _read(str(path), config.continuation)
    known = {m.id for m in whole.moves}
    for name in config.drop:
        if name not in known:
            raise unknown("scenario.drop", "move", name, known)
    kept = tuple(m for m in whole.moves if m.id not in config.drop and (not config.actors or m.actor in config.actors))
    return replace(whole, moves=kept)


def _path_of(name: str, where: str) -> Path:
    if name not in scenario_names():
        raise unknown(where, "scenario", name, scenario_names())
    return scenarios_dir() / f"{name}.yaml"


def own_files(config: ScenarioConfig) -> tuple[Path, ...]:
    """Files of the user's that a scenario is read from: its own, and those that it builds on."""
    return tuple(file for file in load(config).files if file.parent != scenarios_dir())


def _read(path: str, continuation: bool, above: tuple[str, ...] = ()) -> Scenario:
    """A scenario, read again when its file or any beside it has changed: one may build on another. `above`: those that build on it."""
    if path in above:
        circle = " → ".join(Path(p).name for p in (*above, path))
        raise UserError(f"{Path(above[-1]).name}: base: goes round in a circle: {circle}; accepted: a scenario that does not build on it")
    stamps = tuple(_stamp(folder) for folder in dict.fromkeys((Path(path).parent, scenarios_dir())))
    return _read_once(path, continuation, above, stamps)


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((file.name, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.yaml")) if file.is_file())


@lru_cache(maxsize=64)
def _read_once(path: str, continuation: bool, above: tuple[str, ...], stamps: tuple[tuple[tuple[str, int], ...], ...]) -> Scenario:
    file = Path(path)
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}; accepted: a scenario file, such as scenarios/history.yaml") from None
    except yaml.YAMLError as error:
        raise UserError(f"{file.name}: not YAML: {' '.join(str(error).split())}") from None
    except ValueError as error:  # a date that no calendar has, or letters that are no UTF-8
        raise UserError(f"{file.name}: cannot be read: {error}; accepted: YAML in UTF-8, with dates such as 2025-01-02") from None
    return _scenario(data, file, continuation, (*above, path))


def _scenario(data: Any, file: Path, continuation: bool, here: tuple[str, ...]) -> Scenario:
    where = file.name
    if not isinstance(data, dict):
        raise UserError(f"{where}: not a scenario; accepted keys: {', '.join(sorted(TOP_KEYS))}")
    _known(data, TOP_KEYS, where)
    for key in NEEDED:
        if key not in data:
            raise UserError(f"{where}: {key}: missing; needed: {', '.join(NEEDED)}")
    rows = list(_rows(data.get("moves", []), f"{where}: moves"))
    if continuation:
        rows += _rows(data.get("continuation", []), f"{where}: continuation")
    evidence = {move.id: kind for _, move, kind in rows}
    if "base" in data:
        path = str(_base_path(data["base"], file))
        base, whole = _read(path, continuation, here), _read(path, True, here)
        dropped = _texts(data.get("drop", []), f"{where}: drop")
        for name in dropped:
            if name not in whole.evidence:
                raise unknown(f"{where}: drop", "move", name, whole.evidence)
        evidence = {i: e for i, e in base.evidence.items() if i not in dropped} | evidence
        inherited = [m for m in base.moves if m.id not in dropped]
        below = base.files
    else:
        inherited, below = [], ()
    ordered = sorted([*((m.quarter, "", m) for m in inherited), *((m.quarter, day, m) for day, m, _ in rows)], key=lambda x: x[:2])
    return Scenario(
        name=file.stem,
        title=_bilingual(data["title"], f"{where}: title"),
        narrative=_bilingual(data["narrative"], f"{where}: narrative"),
        date=_date(data["date"], f"{where}: date").isoformat(),
        sources=_texts(data["sources"], f"{where}: sources"),
        moves=tuple(m for _, _, m in ordered),
        evidence=evidence,
        expect=tuple(_expectations(data["expect"], f"{where}: expect")),
        files=(file, *below),
    )


def _base_path(name: Any, file: Path) -> Path:
    beside = file.with_name(f"{name}.yaml")
    return beside if beside.is_file() and beside != file else _path_of(str(name), f"{file.name}: base")


def _rows(rows: Any, where: str) -> Iterator[tuple[str, Move, str]]:
    """Date, move and evidence of each row; a reversal is a move of its own."""
    if not isinstance(rows, list):
        raise UserError(f"{where}: not a list; accepted: a list of moves")
    for number, row in enumerate(rows, 1):
        at = f"{where}[{number}]"
        if not isinstance(row, dict):
            raise UserError(f"{at}: not a move; accepted keys: {', '.join(sorted(ROW_KEYS))}")
        at += f" ({row['id']})" if "id" in row else ""
        yield from _row(row, at)


def _row(row: dict[str, Any], at: str) -> Iterator[tuple[str, Move, str]]:
    _known(row, ROW_KEYS, at)
    for key in ("id", "date", "actor", "verb", "evidence"):
        if key not in row:
            raise UserError(f"{at}: {key}: missing; needed: id, date, actor, verb, evidence")
    if row["evidence"] not in EVIDENCE:
        raise unknown(f"{at}: evidence", "evidence", row["evidence"], EVIDENCE)
    act = _date(row["date"], f"{at}: date")
    day = _date(row["in_force"], f"{at}: in_force") if "in_force" in row else act
    values = {k: v for k, v in row.items() if k not in {"date", "in_force", "evidence", "reversed"}}
    if "until" in values:
        values["until"] = quarter_at(_date(values["until"], f"{at}: until"))
    if values["verb"] in ("impose", "measure"):
        values.setdefault("rule", row["id"])
    move = Move.from_dict({"quarter": quarter_at(day), **values}, at)
    _check_names(move, at)
    yield day.isoformat(), move, row["evidence"]
    if "reversed" in row:
        yield _reversal(row["reversed"], move, day, at, row["evidence"])


def _reversal(values: Any, move: Move, since: dt.date, at: str, evidence: str) -> tuple[str, Move, str]:
    """What takes back a move that is in force since a day."""
    at += ": reversed"
    if not isinstance(values, dict):
        raise UserError(f"{at}: not a reversal; accepted keys: {', '.join(sorted(REVERSAL_KEYS))}")
    _known(values, REVERSAL_KEYS, at)
    for key in ("date", "verb"):
        if key not in values:
            raise UserError(f"{at}: {key}: missing; needed: date, verb")
    day = _date(values["date"], f"{at}: date")
    if day < since:
        raise UserError(f"{at}: date: {day} is before the move, which is in force from {since}; accepted: that day or a later one")
    plain = {k: v for k, v in values.items() if k != "date"}
    if "until" in plain:
        plain["until"] = quarter_at(_date(plain["until"], f"{at}: until"))
    plain |= {"quarter": quarter_at(day), "actor": move.actor, "rule": move.rule, "id": f"{move.id}-{values['verb']}"}
    if not move.rule:
        raise UserError(f"{at}: {move.id} has no rule to reverse; accepted: moves with a rule")
    return day.isoformat(), Move.from_dict(plain, at), evidence


def _check_names(move: Move, at: str) -> None:
    """States, products and tools, as far as the package knows them."""
    for key in ("actor", "issuer", "destinations", "exempt", "spares"):
        given = getattr(move, key)
        for name in (given,) if isinstance(given, str) else given:
            if name and name not in vocabulary("state") and not _STATE.fullmatch(name):  # one of three capitals may be the economy's own
                raise unknown(f"{at}: {key}", "state", name, vocabulary("state"))
    for key in ("products", "end_uses"):
        for name in getattr(move, key):
            if not name.startswith(OWN) and name not in vocabulary("product"):
                raise unknown(f"{at}: {key}", "product", name, vocabulary("product"))
    if move.tool and move.tool not in CATALOGUE:
        raise unknown(f"{at}: tool", "tool", move.tool, CATALOGUE)


def quarter_at(day: dt.date) -> int:
    """Quarter from which an act of that day is in force: its own if it falls in the first half, else the next."""
    index = (day.month - 1) // MONTHS
    begin = dt.date(day.year, index * MONTHS + 1, 1)
    end = dt.date(day.year + (index + 1) // YEAR, (index + 1) % YEAR * MONTHS + 1, 1)
    late = 2 * (day - begin).days >= (end - begin).days
    return (day.year - FIRST_YEAR) * YEAR + index + late


def _date(value: Any, where: str) -> dt.date:
    """A date, or the first day of a quarter given as 2018Q1."""
    if isinstance(value, dt.datetime):
        value = value.date()
    match = _QUARTER.fullmatch(value) if isinstance(value, str) else None
    if match:
        value = dt.date(int(match[1]), (int(match[2]) - 1) * MONTHS + 1, 1)
    if not isinstance(value, dt.date) or value.year < FIRST_YEAR:
        raise UserError(f"{where}: '{value}' is not a date of the run; accepted: 2018-01-01 and later, written 2018-01-31 or 2018Q1")
    return value


def _known(data: Mapping[str, Any], accepted: set[str], where: str) -> None:
    for key in data:
        if key not in accepted:
            raise unknown(where, "key", key, accepted)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise UserError(f"{where}: '{value}' will not do; accepted: a list of texts")
    return tuple(value)


def _bilingual(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != {"en", "zh"} or not all(isinstance(x, str) and x for x in value.values()):
        raise UserError(f"{where}: needs a text in each language; accepted keys: en, zh")
    return {k: " ".join(v.split()) for k, v in value.items()}


def _expectations(rows: Any, where: str) -> Iterator[Expectation]:
    if not isinstance(rows, list):
        raise UserError(f"{where}: not a list; accepted: a list of expectations")
    for number, row in enumerate(rows, 1):
        at = f"{where}[{number}]"
        if not isinstance(row, dict) or set(row) != EXPECT_KEYS:
            raise UserError(f"{at}: needs the keys: {', '.join(sorted(EXPECT_KEYS))}")
        if row["direction"] not in DIRECTIONS:
            raise unknown(f"{at}: direction", "direction", row["direction"], DIRECTIONS)
        yield Expectation(row["outcome"], row["direction"], row["against"], row["why"])
