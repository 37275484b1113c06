"""Rules compiled into one table that a link looks up by its product, its class of buyer, and its cell of supply.

A class of buyer is a (location, owner, end use, lists, military) combination. A column of the table is one kind of test:
a threshold with one way of reaching the supplier. Rules that share a column merge by maximum, so the table
stays small however long the rule book grows, tools commute, and overlapping rules do not conjure leakage away.
"""

from __future__ import annotations

from ecsim.permission_table.classes import Classes, classify, end_uses, list_bits, listed_shares
from ecsim.permission_table.clauses import ANY_USE, EVERYBODY, Clauses
from ecsim.permission_table.reach import DE_MINIMIS, DOMESTIC, FOREIGN_PRODUCT, mask_of, masks_of
from ecsim.permission_table.table import TESTED, Enter, Entries, Table, Ways, compile_table, entries_of, foreign, free

__all__ = [
    "ANY_USE",
    "DE_MINIMIS",
    "DOMESTIC",
    "EVERYBODY",
    "FOREIGN_PRODUCT",
    "TESTED",
    "Classes",
    "Clauses",
    "Enter",
    "Entries",
    "Table",
    "Ways",
    "classify",
    "compile_table",
    "end_uses",
    "entries_of",
    "foreign",
    "free",
    "list_bits",
    "listed_shares",
    "mask_of",
    "masks_of",
]
