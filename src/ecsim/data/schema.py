"""What each table must look like: columns, which are numbers, which identify a row, and what values are accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PRODUCT_ATTRIBUTES = ("market", "growth", "margin", "rd", "build", "leak", "learning", "count", "spread")
PATHS = ("gdp_nominal", "gdp_ppp", "gerd_ppp", "milex")
EXPORTS = "exports_to_CHN_share"  # the variable of state_values on which the model rests
GROUP = "group"  # kind of a state that stands for several
BASES = ("fact", "derived", "assumption")
ROLES = ("incumbent", "challenger", "ally", "third")
INF = float("inf")


@dataclass(frozen=True)
class Schema:
    """The shape of a table.

    Attributes:
        columns: columns it must have.
        numbers: those that hold numbers.
        optional: numbers that may be empty.
        key: columns that together identify a row.
        limits: number -> lowest and highest value accepted.
        choices: text column -> accepted values.
        may_be_empty: a chain may have no such rows.
        values: the numbers that basis, lo, hi and source speak of, with the columns of their ranges.
    """

    columns: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: tuple[tuple[str, str, str], ...] = ()
    may_be_empty: bool = False


SHARE = {"share": (0.0, 1.0)}
RANGE = ("lo", "hi")
CITED = ("basis", "flag", "source")
PARTS = ("who", "where")  # what a share rests on as to the owner, and as to the place
BASIS = {"basis": BASES}

SCHEMAS: dict[str, Schema] = {
    "products": Schema(("product", "name_en", "name_zh", "domain", "source"), key=("product",)),
    "product_values": Schema(
        ("product", "attribute", "value", "unit", *RANGE, *CITED),
        numbers=("value", *RANGE),
        optional=RANGE,
        key=("product", "attribute"),
        choices={**BASIS, "attribute": PRODUCT_ATTRIBUTES},
        values=(("value", *RANGE),),
    ),
    "recipes": Schema(
        ("product", "input", "buyer", "share", *RANGE, "kind", "criticality", "embodies", "stretch", "redesign", *CITED),
        numbers=("share", *RANGE, "criticality", "embodies", "stretch", "redesign"),
        optional=RANGE,
        key=("product", "input", "buyer"),
        limits={**SHARE, "criticality": (0.0, 1.0), "embodies": (0, 1), "stretch": (0.0, 10.0), "redesign": (0, 1)},
        choices={**BASIS, "kind": ("current", "capital", "knowledge")},
        values=(("share", *RANGE),),
    ),
    "needs": Schema(
        ("product", "input", "below", *RANGE, *CITED),
        numbers=("below", *RANGE),
        optional=RANGE,
        key=("product", "input"),
        limits={"below": (0.0, 20.0)},
        choices=BASIS,
        values=(("below", *RANGE),),
        may_be_empty=True,
    ),
    "shares": Schema(
        ("product", "owner", "location", "share", *RANGE, "entities", "military", *PARTS, *CITED),
        numbers=("share", *RANGE, "entities", "military"),
        optional=RANGE,
        key=("product", "owner", "location"),
        limits={**SHARE, "entities": (0, INF), "military": (0, 1)},
        choices={**BASIS, "who": BASES, "where": BASES},
        values=(("share", *RANGE),),
    ),
    "firms": Schema(
        ("product", "company", "parent", "owner", "location", "share", *RANGE, "entities", "military", "gap", *PARTS, *CITED),
        numbers=("share", *RANGE, "entities", "military", "gap"),
        optional=(*RANGE, "gap"),
        key=("product", "company", "location"),
        limits={**SHARE, "entities": (1, INF), "military": (0, 1), "gap": (0, 20)},
        choices={**BASIS, "who": BASES, "where": BASES},
        values=(("share", *RANGE),),
        may_be_empty=True,
    ),
    "company_rd": Schema(
        ("company", "rd", *RANGE, *CITED),
        numbers=("rd", *RANGE),
        optional=RANGE,
        key=("company",),
        limits={"rd": (0.0, 1.0)},
        choices=BASIS,
        values=(("rd", *RANGE),),
        may_be_empty=True,
    ),
    "gaps": Schema(
        ("product", "state", "gap", *RANGE, "closing", "closing_lo", "closing_hi", *CITED),
        numbers=("gap", *RANGE, "closing", "closing_lo", "closing_hi"),
        optional=(*RANGE, "closing_lo", "closing_hi"),
        key=("product", "state"),
        limits={"gap": (0, 20), "closing": (-0.5, 1.0)},
        choices=BASIS,
        values=(("gap", *RANGE), ("closing", "closing_lo", "closing_hi")),
    ),
    "demand": Schema(
        ("product", "state", "share", *RANGE, *CITED),
        numbers=("share", *RANGE),
        optional=RANGE,
        key=("product", "state"),
        limits=SHARE,
        choices=BASIS,
        values=(("share", *RANGE),),
    ),
    "ties": Schema(
        ("product", "supplier", "buyer", "buyer_product", "channel", "factor", *RANGE, *CITED),
        numbers=("factor", *RANGE),
        optional=RANGE,
        key=("product", "supplier", "buyer", "buyer_product", "channel"),
        limits={"factor": (0.0, 1e6)},
        choices={**BASIS, "channel": ("link", "market")},
        values=(("factor", *RANGE),),
        may_be_empty=True,
    ),
    "states": Schema(
        ("state", "name_en", "name_zh", "role", "kind", "source"),
        key=("state",),
        choices={"role": ROLES, "kind": ("state", GROUP)},
    ),
    "state_values": Schema(
        ("state", "variable", "value", "unit", "year", *RANGE, *CITED),
        numbers=("value", *RANGE),
        optional=RANGE,
        key=("state", "variable"),
        choices=BASIS,
        values=(("value", *RANGE),),
    ),
    "state_paths": Schema(
        ("state", "variable", "year", "value", "unit", *CITED),
        numbers=("year", "value"),
        key=("state", "variable", "year"),
        limits={"year": (1900, 2100), "value": (1e-9, INF)},
        choices={**BASIS, "variable": PATHS},
        values=(("value", "", ""),),
    ),
    "path_growth": Schema(
        ("state", "variable", "growth", *RANGE, *CITED),
        numbers=("growth", *RANGE),
        optional=RANGE,
        key=("state", "variable"),
        limits={"growth": (-10.0, 20.0)},
        choices={**BASIS, "variable": PATHS},
        values=(("growth", *RANGE),),
    ),
    "power_series": Schema(
        ("state", "variable", "year", "value", "unit", *CITED),
        numbers=("year", "value"),
        key=("state", "variable", "year"),
        choices=BASIS,
        values=(("value", "", ""),),
    ),
}
