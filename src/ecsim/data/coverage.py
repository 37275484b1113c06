"""What the start rests on: facts, figures derived from facts, or assumptions."""

from __future__ import annotations

import pandas as pd

from ecsim.data.loader import Tables
from ecsim.data.schema import BASES, SCHEMAS

KEY = ["product", "owner", "location"]
QUESTIONS = {"who": "who", "where": "where", "both": "basis"}
RANK = {name: i for i, name in enumerate(BASES)}


def coverage(data: Tables) -> pd.DataFrame:
    """Share of each product's initial value of output that rests on facts or on figures derived from them.

    The value is asked for twice: who makes it (company or owner state), and where (location state). A named firm's
    output counts by its own row, the rest of a cell by the cell's; a market whose size is assumed counts as assumed.

    Returns:
        DataFrame with columns product, value (USD bn a year), fact, derived, assumption (fractions of value, by
        the weaker of the two answers), cited (fact + derived), cited_who, cited_where; the last row, product
        "all", is the whole chain.
    """
    market = data.product_values[data.product_values["attribute"] == "market"].set_index("product")
    parts = _parts(data)
    parts["value"] = parts["share"] * parts["product"].map(market["value"])
    size = parts["product"].map(market["basis"]).map(RANK)
    products = list(data.products["product"])
    tables = {}
    for question, column in QUESTIONS.items():
        worst = parts[column].map(RANK).combine(size, max).map(dict(enumerate(BASES)))
        split = parts.assign(worst=worst).pivot_table(index="product", columns="worst", values="value", aggfunc="sum", fill_value=0.0)
        split = split.reindex(index=products, columns=list(BASES), fill_value=0.0)
        split.loc["all"] = split.sum()
        tables[question] = split.div(split.sum(axis=1), axis=0)
    out = tables["both"].copy()
    value = parts.groupby("product")["value"].sum().reindex(products)
    out.insert(0, "value", [*value, value.sum()])
    for name, question in (("cited", "both"), ("cited_who", "who"), ("cited_where", "where")):
        out[name] = 1.0 - tables[question]["assumption"]
    return out.rename_axis("product").reset_index().rename_axis(columns=None)


def _parts(data: Tables) -> pd.DataFrame:
    """Named firms and what remains of their cells, each with share and bases."""
    columns = ["product", "share", *QUESTIONS.values()]
    named = data.firms.groupby(KEY)["share"].sum()
    cells = data.shares.set_index(KEY)
    rest = (cells["share"] - named.reindex(cells.index, fill_value=0.0)).clip(lower=0.0)
    others = cells.assign(share=rest).reset_index()
    return pd.concat([data.firms[columns], others[columns]], ignore_index=True)


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
