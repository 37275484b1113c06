"""Reading the tables: shipped ones, or a user's own folder with shipped ones for the files it lacks."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ecsim.data.checks import check_companies, check_links_between, check_table
from ecsim.data.schema import SCHEMAS, Schema
from ecsim.errors import UserError, unknown

SHIPPED = Path(__file__).parent / "tables"
TABLES = tuple(SCHEMAS)
ALL = "all"  # stands for every domain


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """All tables, checked. Each is a DataFrame with the columns of `ecsim.data.schema`; none is ever changed.

    Attributes:
        products: product, names, domain; one column more for each attribute of product_values.
        product_values: one row a number (market, growth, margin, rd, build, leak, learning, count, spread).
        recipes: inputs of each product as shares of the buyer's output.
        needs: how far below its frontier the level of an input lies that a product calls for, where it does.
        shares: world supply by product, owner state and location state.
        firms: named companies, one row a company, product and location.
        company_rd: R&D over revenue of named companies; others have the share of their product.
        gaps: technology gap and closing speed by product and owner state.
        demand: final demand of each product by state.
        ties: known trade, as factors beside size.
        states, state_values, state_paths, path_growth, power_series: states and their series.
        files: table name -> file it was read from.
    """

    products: pd.DataFrame
    product_values: pd.DataFrame
    recipes: pd.DataFrame
    needs: pd.DataFrame
    shares: pd.DataFrame
    firms: pd.DataFrame
    company_rd: pd.DataFrame
    gaps: pd.DataFrame
    demand: pd.DataFrame
    ties: pd.DataFrame
    states: pd.DataFrame
    state_values: pd.DataFrame
    state_paths: pd.DataFrame
    path_growth: pd.DataFrame
    power_series: pd.DataFrame
    files: dict[str, Path]


def load(folder: str | Path | None = None, domains: tuple[str, ...] = ()) -> Tables:
    """The tables, checked.

    Args:
        folder: a folder with any of the files in `TABLES` (name.csv); files that it lacks are the shipped ones.
        domains: supply chains to keep; empty, or "all" among them, for every one.

    Raises:
        UserError: a file, row, key or value that cannot be used, named in one line.
    """
    wanted = () if ALL in domains else tuple(sorted(domains))
    if folder is None:
        return _shipped(wanted)
    path = Path(folder)
    return _own(path, wanted, _stamp(path))


@lru_cache(maxsize=4)
def _own(folder: Path, domains: tuple[str, ...], stamp: tuple[tuple[str, int], ...]) -> Tables:
    """A user's tables, read again when a file has changed."""
    return _read(folder, domains)


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((p.name, p.stat().st_mtime_ns) for p in sorted(folder.glob("*.csv")))


@lru_cache(maxsize=8)
def _shipped(domains: tuple[str, ...]) -> Tables:
    return _read(None, domains)


def company_names() -> frozenset[str]:
    """Companies of the shipped tables, in whatever supply chain."""
    return frozenset(_shipped(()).firms["company"])


def states_of(folder: str | Path | None = None) -> tuple[str, ...]:
    """States of the shipped tables, or of a user's folder, which need not be complete.

    Raises:
        UserError: as `load`.
    """
    file = _file(Path(folder) if folder else None, "states")
    return tuple(read_csv(file, SCHEMAS["states"])["state"])


def own_files(folder: str | Path) -> tuple[Path, ...]:
    """The tables of a user's folder that stand in for shipped ones."""
    return tuple(file for name in TABLES if (file := _file(Path(folder), name)).parent == Path(folder))


def _read(folder: Path | None, domains: tuple[str, ...]) -> Tables:
    files = {name: _file(folder, name) for name in TABLES}
    raw = {name: read_csv(files[name], SCHEMAS[name]) for name in TABLES}
    for name, table in raw.items():
        check_table(table, SCHEMAS[name], files[name].name)
    if files["company_rd"].parent == files["firms"].parent:  # shipped shares of R&D may meet a user's own companies
        check_companies(raw["company_rd"], raw["firms"], files["company_rd"].name)
    raw = _of_domains(raw, domains, files["products"].name)
    check_links_between(raw, {name: path.name for name, path in files.items()})
    raw["products"] = _widen(raw["products"], raw["product_values"])
    return Tables(**raw, files=files)


def _file(folder: Path | None, name: str) -> Path:
    if folder is None:
        return SHIPPED / f"{name}.csv"
    if not folder.is_dir():
        raise UserError(
            f"population.tables: '{folder}' is not a folder; accepted: a folder with any of {', '.join(f'{t}.csv' for t in TABLES)}"
        )
    odd = sorted(p.stem for p in folder.glob("*.csv") if p.stem not in TABLES)
    if odd:
        raise unknown(str(folder), "table", odd[0], TABLES)
    own = folder / f"{name}.csv"
    return own if own.exists() else SHIPPED / f"{name}.csv"


def read_csv(path: Path, schema: Schema, where: str = "") -> pd.DataFrame:
    """A table as its schema has it: text, with numbers where it wants them.

    Args:
        where: name of the file in an error; by default without its folder.

    Raises:
        UserError: not a CSV table, a missing column, text in place of a number.
    """
    where = where or path.name
    table = read_text(path, where)
    missing = [c for c in schema.columns if c not in table.columns]
    if missing:
        raise UserError(f"{where}: column '{missing[0]}' is missing; accepted: {', '.join(schema.columns)}")
    for column in schema.numbers:
        table[column] = _numbers(table[column], column, where, column in schema.optional)
    return table


def read_text(path: Path, where: str) -> pd.DataFrame:
    """A CSV table as text, an empty field as "".

    Args:
        where: name of the file in an error.

    Raises:
        UserError: not a CSV table; a row with more fields than the heading.
    """
    try:  # text as objects: in tables as small as these it is found faster than text of Arrow's
        table = pd.read_csv(path, dtype=object, keep_default_na=False, encoding="utf-8-sig")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = next(line for line in csv.reader(lines) if line)
    except (OSError, UnicodeDecodeError, csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"{where}: cannot be read ({' '.join(str(why).split())}); accepted: a CSV table in UTF-8") from error
    named, more = len(first), table.shape[1] - len(first) + table.index.nlevels * (not isinstance(table.index, pd.RangeIndex))
    if more:  # pandas takes the first fields for names of rows
        raise UserError(f"{where}: row 2: {named + more} fields; accepted: {named}, as in the heading")
    return table


def _numbers(text: pd.Series, column: str, where: str, optional: bool) -> pd.Series:
    """Text as numbers; an empty field is NaN where the column is optional."""
    bare = np.array([x.strip() if isinstance(x, str) else "nan" for x in text], dtype=object)  # a row may end too early
    empty = bare == ""
    values = pd.to_numeric(np.where(empty, "nan", bare), errors="coerce").astype(float)
    bad = ~np.isfinite(values) & ~(empty & optional)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise UserError(f"{where}: row {row + 2}: {column}: '{text.iloc[row]}' is not a number; accepted: a finite number")
    return pd.Series(values, index=text.index, name=column)


def _of_domains(raw: dict[str, pd.DataFrame], domains: tuple[str, ...], where: str) -> dict[str, pd.DataFrame]:
    """The tables cut to the products of some domains."""
    if not domains:
        return raw
    known = set(raw["products"]["domain"])
    for domain in domains:
        if domain not in known:
            raise unknown(where, "domain", domain, known)
    products = raw["products"]
    keep = set(products.loc[products["domain"].isin(domains), "product"]) | {"*"}
    cut = {name: t[t["product"].isin(keep)].reset_index(drop=True) if "product" in t.columns else t for name, t in raw.items()}
    for name in ("recipes", "needs"):
        cut[name] = cut[name][cut[name]["input"].isin(keep)].reset_index(drop=True)
    return cut


def _widen(products: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The product table with one column for each attribute."""
    wide = values.pivot(index="product", columns="attribute", values="value")
    return products.join(wide, on="product")
