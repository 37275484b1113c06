"""What is refused: one line that names file, row, key and what is accepted."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ecsim.data.schema import EXPORTS, GROUP, PATHS, PRODUCT_ATTRIBUTES, Schema
from ecsim.errors import UserError, unknown

BASE_YEAR = 2018
TOLERANCE = 1e-3  # by which shares may miss one before they are normalised
ANY = "*"
KINSHIP = ("home", "kin", "captive")  # words of ties.csv for suppliers defined by the buyer


def check_table(table: pd.DataFrame, schema: Schema, where: str) -> None:
    """Hold one table against its schema.

    Raises:
        UserError: a duplicate row, a value out of range, an unknown word, a number without source or basis.
    """
    if table.empty and schema.may_be_empty:
        return
    if table.empty:
        raise UserError(f"{where}: no rows; accepted: at least one row of {', '.join(schema.columns)}")
    _no_duplicates(table, schema.key, where)
    for column, (lowest, highest) in schema.limits.items():
        x = table[column].to_numpy()
        _refuse(table, (x < lowest) | (x > highest), where, column, f"{lowest:g} to {highest:g}")
    for column, accepted in schema.choices.items():
        bad = np.flatnonzero(~table[column].isin(accepted))
        if len(bad):
            raise unknown(f"{where}: row {bad[0] + 2}", column, table[column].iloc[bad[0]], accepted)
    if "source" in schema.columns:
        _refuse(table, table["source"].str.strip() == "", where, "source", "where the number comes from, or 'assumption'")
    for value, lo, hi in schema.values:
        if lo:
            _range_holds(table, value, lo, hi, where)


def _no_duplicates(table: pd.DataFrame, key: tuple[str, ...], where: str) -> None:
    again = np.flatnonzero(table.duplicated(list(key)))
    if len(again):
        row = table.iloc[again[0]]
        what = ", ".join(str(row[k]) for k in key)
        raise UserError(f"{where}: row {again[0] + 2}: {what} occurs twice; accepted: one row for each {', '.join(key)}")


def _range_holds(table: pd.DataFrame, value: str, lo: str, hi: str, where: str) -> None:
    """An assumption has a range, and the value lies in it."""
    x, lowest, highest = (table[column].to_numpy() for column in (value, lo, hi))
    without = (table["basis"].to_numpy() == "assumption") & (np.isnan(lowest) | np.isnan(highest))
    _refuse(table, without, where, lo, "lo and hi for an assumption")
    outside = (x < lowest - 1e-9) | (x > highest + 1e-9)
    _refuse(table, outside, where, value, f"a value between {lo} and {hi}")


def _refuse(table: pd.DataFrame, bad: pd.Series | np.ndarray, where: str, column: str, accepted: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        raise UserError(f"{where}: row {rows[0] + 2}: {column}: '{table[column].iloc[rows[0]]}'; accepted: {accepted}")


def check_links_between(t: dict[str, pd.DataFrame], files: dict[str, str]) -> None:
    """Hold the tables against each other.

    Args:
        t: table name -> table.
        files: table name -> file name, for messages.

    Raises:
        UserError: unknown product, state or company; shares that do not sum to one; a recipe that runs in a
            circle; inputs that cost more than the output.
    """
    _check_names(t["states"], files["states"])
    products, states = list(t["products"]["product"]), list(t["states"]["state"])
    companies = set(t["firms"]["company"]) | set(t["firms"]["parent"])
    for name in ("product_values", "recipes", "needs", "shares", "firms", "gaps", "demand"):
        _known(t[name], "product", products, files[name], "product")
    _known(t["ties"], "product", [*products, ANY], files["ties"], "product")
    _known(t["ties"], "buyer_product", [*products, ANY], files["ties"], "product")
    _known(t["recipes"], "input", products, files["recipes"], "product")
    _known(t["needs"], "input", products, files["needs"], "product")
    _known(t["recipes"], "buyer", ["", *states, *(f"@{s}" for s in states), *companies], files["recipes"], "company, state or @location")
    _known(t["ties"], "supplier", [*KINSHIP, ANY, *states, *companies], files["ties"], "company or state")
    _known(t["ties"], "buyer", [*KINSHIP, ANY, *states, *companies], files["ties"], "company or state")
    for name, column in (("shares", "owner"), ("shares", "location"), ("firms", "owner"), ("firms", "location"), ("demand", "state")):
        _known(t[name], column, states, files[name], "state")
    for name in ("state_values", "state_paths", "path_growth"):
        _known(t[name], "state", states, files[name], "state")
    _known(t["gaps"], "state", [*states, ANY], files["gaps"], "state")
    _check_states(t, files)
    _check_products(t, files, products)
    _check_firms(t, files)
    _check_recipes(t, files, products)


def check_companies(table: pd.DataFrame, firms: pd.DataFrame, where: str) -> None:
    """Every company of a table is one of the named firms.

    Raises:
        UserError: it is not.
    """
    _known(table, "company", dict.fromkeys(firms["company"]), where, "company")


def _known(table: pd.DataFrame, column: str, accepted: Iterable[str], where: str, what: str) -> None:
    names = list(accepted)
    bad = np.flatnonzero(~table[column].isin(names))
    if len(bad):
        raise unknown(f"{where}: row {bad[0] + 2}: {column}", what, table[column].iloc[bad[0]], [n for n in names if n])


def _check_names(states: pd.DataFrame, where: str) -> None:
    """Every state has a code and a name in both languages."""
    _refuse(states, ~states["state"].str.fullmatch(r"[A-Z]{3}", na=False), where, "state", "an ISO code of three capital letters")
    for name in ("name_en", "name_zh"):
        _refuse(states, states[name].str.strip() == "", where, name, "a name in each language")


def _check_states(t: dict[str, pd.DataFrame], files: dict[str, str]) -> None:
    """Every state has a role, paths with their growth, exports to the challenger, and buys something."""
    states = t["states"]
    roles = list(states["role"])
    for i, role in enumerate(("incumbent", "challenger")):
        if roles.count(role) != 1 or roles[i] != role:
            wanted = "the incumbent in the first row and the challenger in the second, one of each"
            raise UserError(f"{files['states']}: row {i + 2}: role: '{roles[i]}'; accepted: {wanted}")
    codes = [str(code) for code in states["state"]]
    paths, growth, values = t["state_paths"], t["path_growth"], t["state_values"]
    start = paths[paths["year"] == BASE_YEAR]
    every = f"a value for every state of {files['states']}"
    _has(start, codes, PATHS, files["state_paths"], f", {BASE_YEAR}", every)
    _has(growth, codes, PATHS, files["path_growth"], "", every)
    trading = [str(code) for code in states.loc[states["role"].isin(("ally", "third")) & (states["kind"] != GROUP), "state"]]
    _has(values, trading, (EXPORTS,), files["state_values"], "", "a value for every ally and third state that is no group")
    buys = set(t["demand"].loc[t["demand"]["share"] > 0, "state"])
    for code in codes:
        if code not in buys:
            raise UserError(
                f"{files['demand']}: {code}: no row; accepted: a share of at least one product for every state of {files['states']}"
            )


def _has(table: pd.DataFrame, states: list[str], variables: Iterable[str], where: str, when: str, accepted: str) -> None:
    have = set(zip(table["state"], table["variable"], strict=True))
    for state in states:
        for variable in variables:
            if (state, variable) not in have:
                raise UserError(f"{where}: {state}, {variable}{when}: missing; accepted: {accepted}")


def _check_products(t: dict[str, pd.DataFrame], files: dict[str, str], products: list[str]) -> None:
    have = set(zip(t["product_values"]["product"], t["product_values"]["attribute"], strict=True))
    others = set(t["gaps"]["product"][t["gaps"]["state"] == ANY])
    for product in products:
        for attribute in PRODUCT_ATTRIBUTES:
            if (product, attribute) not in have:
                wanted = f"one row for each of {', '.join(PRODUCT_ATTRIBUTES)}"
                raise UserError(f"{files['product_values']}: {product}, {attribute}: missing; accepted: {wanted}")
        if product not in others:
            raise UserError(f"{files['gaps']}: {product}: no row for all other states; accepted: a row with state '{ANY}'")
    market = t["product_values"][t["product_values"]["attribute"] == "market"]
    _refuse(market, market["value"] <= 0, files["product_values"], "value", "a market above zero")
    for name in ("shares", "demand"):
        total = t[name].groupby("product")["share"].sum()
        for product in products:
            s = float(total.get(product, 0.0))
            if abs(s - 1.0) > TOLERANCE:
                raise UserError(f"{files[name]}: {product}: shares sum to {s:.4f}; accepted: 1 within {TOLERANCE:g}")


def _check_firms(t: dict[str, pd.DataFrame], files: dict[str, str]) -> None:
    """Named firms fit into the cell of their owner and location."""
    key = ["product", "owner", "location"]
    named = t["firms"].groupby(key)["share"].sum()
    cells = dict(zip(zip(*(t["shares"][k] for k in key), strict=True), t["shares"]["share"], strict=True))
    for where, share in named.items():
        cell = float(cells.get(where, 0.0))
        if share > cell + TOLERANCE * max(cell, 0.01):
            wanted = f"at most {cell:.5f}, the cell's share in {files['shares']}"
            raise UserError(f"{files['firms']}: {', '.join(where)}: named firms hold {share:.5f} of supply; accepted: {wanted}")


def _check_recipes(t: dict[str, pd.DataFrame], files: dict[str, str], products: list[str]) -> None:
    recipes = t["recipes"]
    allowed = recipes["criticality"].isin((0.0, 0.5, 1.0))
    _refuse(recipes, ~allowed, files["recipes"], "criticality", "1 (critical), 0.5 (important) or 0 (not binding)")
    override = recipes[recipes["buyer"] != ""]
    base = set(zip(recipes["product"][recipes["buyer"] == ""], recipes["input"][recipes["buyer"] == ""], strict=True))
    for row in override.itertuples():
        if (row.product, row.input) not in base:
            what = f"{row.input} is no input of {row.product} in general"
            raise UserError(f"{files['recipes']}: row {row.Index + 2}: {what}; accepted: a row without buyer beside it")
    for row in t["needs"].itertuples():
        if (row.product, row.input) not in base:
            what = f"{row.input} is no input of {row.product}"
            raise UserError(f"{files['needs']}: row {row.Index + 2}: {what}; accepted: a pair of {files['recipes']}")
    general = recipes[recipes["buyer"] == ""]
    total = general.groupby("product")["share"].sum()
    if (total >= 1.0).any():
        product = str(total.idxmax())
        raise UserError(f"{files['recipes']}: {product}: inputs cost {total.max():.3f} of output; accepted: below 1")
    upstream_first(general, products, files["recipes"])


def upstream_first(recipes: pd.DataFrame, products: list[str], where: str) -> list[str]:
    """Products with suppliers of current inputs before their buyers, otherwise in the given order.

    Raises:
        UserError: the current inputs run in a circle, which is named.
    """
    current = recipes[recipes["kind"] == "current"]
    inputs = inputs_by(current, products)
    done: list[str] = []
    for product in products:
        _visit(product, inputs, done, [], where)
    return done


def inputs_by(recipes: pd.DataFrame, products: Iterable[str]) -> dict[str, list[str]]:
    """Product -> its inputs in these rows of recipes, in their order."""
    inputs: dict[str, list[str]] = {product: [] for product in products}
    for product, item in zip(recipes["product"], recipes["input"], strict=True):
        inputs[product].append(item)
    return inputs


def _visit(product: str, inputs: dict[str, list[str]], done: list[str], path: list[str], where: str) -> None:
    if product in done:
        return
    if product in path:
        circle = [*path[path.index(product) :], product]
        raise UserError(f"{where}: recipes run in a circle: {' <- '.join(circle)}; accepted: current inputs without a circle")
    for name in inputs[product]:
        _visit(name, inputs, done, [*path, product], where)
    done.append(product)
