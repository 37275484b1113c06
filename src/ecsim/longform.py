"""Long tables as studies keep them: Arrow, in which each text stands once and rows point to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ecsim.economy import Array

TEXTS = pa.dictionary(pa.int32(), pa.string())


def coded(codes: Array, texts: Sequence[str]) -> pa.DictionaryArray:
    """A column of n texts, each by its place among some: codes of shape n, whole numbers from 0."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))


def texts(column: Sequence[str]) -> pa.DictionaryArray:
    """A column of texts, each once."""
    return pa.array(column, pa.string()).dictionary_encode()


def of_frame(frame: pd.DataFrame) -> pa.Table:
    """A frame, its texts by dictionary; a column of nothing is one of texts."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    for i, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_null(field.type):
            table = table.set_column(i, field.name, table[i].cast(pa.string()).dictionary_encode().cast(TEXTS))
    return table


def with_keys(table: pa.Table, keys: Mapping[str, Any]) -> pa.Table:
    """The table behind columns that have one value each."""
    columns = {name: _repeated(value, table.num_rows) for name, value in keys.items()}
    rest = {name: table[name] for name in table.column_names if name not in keys}
    return pa.table(columns | rest)


def _repeated(value: Any, n: int) -> pa.Array:
    if isinstance(value, str):
        return coded(np.zeros(n, dtype=np.int32), [value])
    return pa.repeat(pa.scalar(value), n)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of the same columns one below the other, each text once."""
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def by_text(table: pa.Table, name: str) -> pa.Table:
    """The rows in the order of a column of texts, and as they were within each: who wants one text reads only its part."""
    column = table[name].combine_chunks()
    rank = np.argsort(np.argsort(column.dictionary.to_numpy(zero_copy_only=False), kind="stable"), kind="stable")
    return table.take(np.argsort(rank[column.indices], kind="stable"))


def plain(table: pa.Table) -> pa.Table:
    """Dictionaries as texts."""
    fields = [pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))
