"""What the start rests on: facts, figures derived from facts, or assumptions."""

from __future__ import annotations

import pandas as pd

from ecsim.data.loader import Tables
from ecsim.data.schema import SCHEMAS

KEY = ["product", "owner", "location"]


def coverage(data: Tables) -> pd.DataFrame:
    """Share of each product's initial value of output that rests on facts, on derived figures and on assumptions.

    A named firm's output counts by the worse basis of its share and of the market's size; the rest of a cell by
    that of the cell's share.

    Returns:
        DataFrame with columns product, value (USD bn a year), fact, derived, assumption (fractions of value),
        cited (fact + derived); the last row, product "all", is the whole chain.
    """
    market = data.product_values[data.product_values["attribute"] == "market"].set_index("product")
    parts = _parts(data)
    order = {"fact": 0, "derived": 1, "assumption": 2}
    worst = parts["basis"].map(order).combine(parts["product"].map(market["basis"]).map(order), max)
    parts["basis"] = worst.map({v: k for k, v in order.items()})
    parts["value"] = parts["share"] * parts["product"].map(market["value"])
    table = parts.pivot_table(index="product", columns="basis", values="value", aggfunc="sum", fill_value=0.0)
    table = table.reindex(index=list(data.products["product"]), columns=list(order), fill_value=0.0)
    table.loc["all"] = table.sum()
    value = table.sum(axis=1)
    out = table.div(value, axis=0)
    out.insert(0, "value", value)
    out["cited"] = out["fact"] + out["derived"]
    return out.rename_axis("product").reset_index().rename_axis(columns=None)


def _parts(data: Tables) -> pd.DataFrame:
    """Named firms and what remains of their cells, each with share and basis."""
    named = data.firms.groupby(KEY)["share"].sum()
    cells = data.shares.set_index(KEY)
    rest = (cells["share"] - named.reindex(cells.index, fill_value=0.0)).clip(lower=0.0)
    others = pd.DataFrame({"share": rest, "basis": cells["basis"]}).reset_index()
    return pd.concat([data.firms[["product", "share", "basis"]], others[["product", "share", "basis"]]], ignore_index=True)


def numbers(data: Tables) -> pd.DataFrame:
    """Every number of every table with what it rests on.

    Returns:
        DataFrame with columns table, key (what identifies the row), name (column), value, lo, hi, basis, flag, source.
    """
    pieces = []
    for name, schema in SCHEMAS.items():
        table = getattr(data, name)
        for value, lo, hi in schema.values:
            key = table[list(schema.key)].astype(str).agg(", ".join, axis=1)
            piece = pd.DataFrame({"table": name, "key": key, "name": value, "value": table[value]})
            piece["lo"] = table[lo] if lo else float("nan")
            piece["hi"] = table[hi] if hi else float("nan")
            pieces.append(piece.join(table[["basis", "flag", "source"]]))
    return pd.concat(pieces, ignore_index=True)
