"""The CSET/ETO tables as a user downloads them: inputs, stages, providers, provision, sequence.

Both published schemas are read: that of 2021 to 2022, with shares in per cent signs and a mark for negligible shares,
and the newer one with shares as numbers, a year and a source. Of several years the latest of each pair counts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecsim.errors import UserError, unknown

NAMES = ("inputs", "stages", "providers", "provision", "sequence")
COLUMNS = {
    "inputs": ("input_name", "input_id", "type", "stage_id", "market_share_chart_global_market_size_info"),
    "stages": ("stage_id", "stage_name", "market_share_chart_global_market_size_info"),
    "providers": ("provider_name", "provider_id", "provider_type", "country"),
    "provision": ("provider_id", "provided_id", "share_provided"),
    "sequence": ("input_id", "goes_into_id", "is_type_of_id"),
}
KEYS = {"inputs": "input_id", "stages": "stage_id", "providers": "provider_id"}
TYPES = ("process", "tool_resource", "material_resource", "design_resource", "ultimate_output")
PROVIDERS = ("country", "organization")
SIZE = re.compile(r"\$\s*([\d.,]+)\s*(billion|million)", re.IGNORECASE)
BILLION = {"billion": 1.0, "million": 1e-3}


@dataclass(frozen=True, eq=False)
class EtoTables:
    """The tables, checked.

    Attributes:
        inputs: id, name, type, stage, size (USD bn, NaN where not given).
        stages: id, name, size.
        providers: id, name, type, country.
        provision: provider, provided, share (0..1, NaN where not given), negligible; one row a pair.
        sequence: input, into, type_of.
        notes: what was set aside in reading.
    """

    inputs: pd.DataFrame
    stages: pd.DataFrame
    providers: pd.DataFrame
    provision: pd.DataFrame
    sequence: pd.DataFrame
    notes: tuple[str, ...]


def read(folder: Path) -> EtoTables:
    """The tables of a folder: NAME.csv or eto_NAME.csv.

    Raises:
        UserError: a file, column, row or value that cannot be used, in one line.
    """
    if not folder.is_dir():
        raise UserError(f"import eto: no folder '{folder}'; accepted: a folder with {', '.join(f'{n}.csv' for n in NAMES)}")
    raw = {name: _read(folder, name) for name in NAMES}
    files = {name: path.name for name, (path, _) in raw.items()}
    t = {name: table for name, (_, table) in raw.items()}
    t["providers"] = _without_aliases(t["providers"])
    for name, key in KEYS.items():
        _unique(t[name], key, files[name])
    _one_of(t["inputs"], "type", TYPES, files["inputs"])
    _one_of(t["providers"], "provider_type", PROVIDERS, files["providers"])
    _one_of(t["inputs"], "stage_id", ["", *t["stages"]["stage_id"]], files["inputs"])
    inputs = list(t["inputs"]["input_id"])
    _one_of(t["provision"], "provider_id", t["providers"]["provider_id"], files["provision"])
    _one_of(t["provision"], "provided_id", [*inputs, *t["stages"]["stage_id"]], files["provision"])
    for column in ("input_id", "goes_into_id", "is_type_of_id"):
        _one_of(t["sequence"], column, inputs if column == "input_id" else ["", *inputs], files["sequence"])
    provision, notes = _provision(t["provision"], files["provision"])
    return EtoTables(
        inputs=_sized(t["inputs"]).rename(columns={"input_id": "id", "input_name": "name", "stage_id": "stage"}),
        stages=_sized(t["stages"]).rename(columns={"stage_id": "id", "stage_name": "name"}),
        providers=t["providers"].rename(columns={"provider_id": "id", "provider_name": "name", "provider_type": "type"}),
        provision=provision,
        sequence=t["sequence"].rename(columns={"input_id": "input", "goes_into_id": "into", "is_type_of_id": "type_of"}),
        notes=notes,
    )


def _read(folder: Path, name: str) -> tuple[Path, pd.DataFrame]:
    found = [path for path in (folder / f"{name}.csv", folder / f"eto_{name}.csv") if path.exists()]
    if not found:
        raise UserError(f"{folder}: no {name}.csv; accepted: {', '.join(f'{n}.csv' for n in NAMES)}, each with or without 'eto_' before it")
    path = found[0]
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(f"{path.name}: cannot be read ({' '.join(str(error).split())}); accepted: a CSV table in UTF-8") from error
    for column in COLUMNS[name]:
        if column not in table:
            raise UserError(f"{path.name}: column '{column}' is missing; accepted: {', '.join(COLUMNS[name])}")
    if table.empty:
        raise UserError(f"{path.name}: no rows; accepted: at least one")
    return path, table


def _without_aliases(table: pd.DataFrame) -> pd.DataFrame:
    """One row a provider: the newer schema has one for each of its aliases."""
    return table.drop_duplicates(list(COLUMNS["providers"]))


def _unique(table: pd.DataFrame, key: str, where: str) -> None:
    for number, value in zip(table.index + 2, table[key], strict=True):
        if not value.strip():
            raise UserError(f"{where}: row {number}: {key}: empty; accepted: an id of its own for each row")
    again = table[key].duplicated()
    if again.any():
        row = int(again.to_numpy().argmax())
        raise UserError(
            f"{where}: row {table.index[row] + 2}: {key}: '{table[key].iloc[row]}' stands twice; accepted: an id of its own for each row"
        )


def _one_of(table: pd.DataFrame, column: str, accepted: object, where: str) -> None:
    names = list(accepted)  # type: ignore[call-overload]
    known = set(names)
    for number, value in zip(table.index + 2, table[column], strict=True):
        if value not in known:
            raise unknown(f"{where}: row {number}: {column}", "id" if column.endswith("_id") else column, value, [n for n in names if n])


def _sized(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(size=[size_of(text) for text in table["market_share_chart_global_market_size_info"]])


def size_of(text: str) -> float:
    """USD bn in a text such as "$780 million (2019)"; NaN where there is none."""
    found = SIZE.search(text)
    return float(found[1].replace(",", "")) * BILLION[found[2].lower()] if found else math.nan


def _provision(table: pd.DataFrame, where: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row a provider and what it provides, with the latest share."""
    rows = []
    for number, row in enumerate(table.to_dict("records"), start=2):
        share = _share(row["share_provided"], f"{where}: row {number}: share_provided")
        year = row.get("year", "").strip()
        if year and not year.isdigit():
            raise UserError(f"{where}: row {number}: year: '{year}' is not a year; accepted: four digits, or nothing")
        rows.append(
            {
                "provider": row["provider_id"],
                "provided": row["provided_id"],
                "share": share,
                "negligible": bool(row.get("negligible_market_share", "").strip()),
                "year": int(year or 0),
            }
        )
    long = pd.DataFrame(rows)
    latest = long.sort_values(["year", "share"], kind="stable", na_position="first").drop_duplicates(["provider", "provided"], keep="last")
    older = len(long) - len(latest)
    notes = (f"{older} rows of {where} repeat a pair of provider and input; the latest year counts",) if older else ()
    return latest.sort_index().drop(columns="year").reset_index(drop=True), notes


def _share(text: str, where: str) -> float:
    """A share as a fraction: "61%" and "61" are the same; NaN where empty."""
    plain = text.strip().removesuffix("%").strip()
    if not plain:
        return math.nan
    accepted = "a number from 0 to 100, with or without %"
    try:
        value = float(plain)
    except ValueError:
        raise UserError(f"{where}: '{text}' is not a number; accepted: {accepted}") from None
    if not 0.0 <= value <= 100.0:
        raise UserError(f"{where}: '{text}' is out of range; accepted: {accepted}")
    return value / 100.0
