"""The fixed part of the simulation: who exists, what is made from what, and where everything starts.

An `Economy` is built once from data and parameters and shared by all runs of a study; a `World` (world.py) is
the moving part, and starts from a copy of the economy's starting values. Axes are written as

    N firms     sorted by product (upstream first), then cell, then size; rows never move within a run
    M slots     one for each input of each firm, sorted by firm
    L           supplier positions of a slot, so that links are an M x L array
    C cells     (product, owner state, location state) with at least one firm, sorted by product
    P products  sorted so that the suppliers of current inputs come before their buyers
    S states    the incumbent first, the challenger second

Quantities are in USD bn a quarter at 2018 prices; technology is in generations, the frontier of each product
in 2018 being zero; shares are fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray

INCUMBENT = 0
CHALLENGER = 1
SIDE_OF_ROLE = {"incumbent": 0, "ally": 1, "challenger": 2, "third": 3}


def arr(shape: str, unit: str, doc: str) -> Any:
    """A dataclass field for an array, with its axes, unit and meaning."""
    return field(metadata={"shape": shape, "unit": unit, "doc": doc})


def array_fields(cls: type) -> Iterator[Field[Any]]:
    """The declared arrays of a class."""
    return (f for f in fields(cls) if "shape" in f.metadata)


@dataclass(frozen=True, kw_only=True, eq=False)
class Economy:
    """Names, indices and starting values. Arrays are declared with axes, unit and meaning."""

    # names
    products: tuple[str, ...]
    states: tuple[str, ...]
    firm_names: dict[int, str]  # row -> name, for real firms; synthetic ones are named by `firm_name`
    notes: tuple[str, ...] = ()  # what the builder merged, dropped or rescaled
    product_domains: tuple[str, ...] = ()  # supply chain of each product; empty where the maker of the economy gave none

    # products
    product_level: Array = arr("P", "1", "tier: 1 + highest tier among current (not capital) inputs")
    product_growth0: Array = arr("P", "per quarter", "growth of final demand in 2018")
    product_rd: Array = arr("P", "1", "R&D over revenue")
    product_build: Array = arr("P", "quarters", "time to build capacity")
    product_leak: Array = arr("P", "1", "share of blocked trade that leaks without enforcement")
    product_learning: Array = arr("P", "1", "weight of learning by doing (0..1)")
    product_choke: Array = arr("P", "1", "chokepoint index: largest share of one state in supply")
    product_weight: Array = arr("P", "1", "weight in the technology share of power: value added of the product")

    # cells
    cell_product: Array = arr("C", "index", "product")
    cell_owner: Array = arr("C", "index", "owner state")
    cell_location: Array = arr("C", "index", "location state")
    cell_start: Array = arr("C+1", "index", "first firm row of each cell")

    # firms
    cell: Array = arr("N", "index", "cell")
    parent: Array = arr("N", "index", "company; rows of one company in several products or places share it")
    entities: Array = arr("N", "count", "legal entities that the row stands for")
    military: Array = arr("N", "1", "military end user (0..1)")
    capacity0: Array = arr("N", "USD bn/quarter", "capacity")
    output0: Array = arr("N", "USD bn/quarter", "output")
    tech0: Array = arr("N", "generations", "technology level")
    rd_share: Array = arr("N", "1", "R&D over revenue, of the company or of its product")
    closing0: Array = arr("N", "generations/quarter", "speed of own level above the frontier's in 2018")
    final_weight: Array = arr("N", "1", "share of the final sales of its cell (sums to 1 in each cell with final sales)")

    # slots
    slot_firm: Array = arr("M", "index", "buying firm")
    slot_input: Array = arr("M", "index", "product bought")
    coef: Array = arr("M", "1", "input per unit of output (current) or per unit of output in steady growth (capital)")
    critical0: Array = arr("M", "1", "criticality psi: 1 critical, 0.5 important, 0 not binding")
    capital: Array = arr("M", "switch", "capital input: binds upkeep and expansion, not today's output")
    equips: Array = arr("M", "switch", "tools or software used to make the product (capital or knowledge), which direct-product rules test")
    embodies: Array = arr("M", "switch", "the input's technology caps that of the buyer")
    stretch: Array = arr("M", "generations", "how far above the embodied level skill carries")
    below: Array = arr(
        "M", "generations", "how far below its frontier the level of the input lies that a buyer at its own frontier calls for"
    )
    redesign: Array = arr("M", "switch", "redesign can lower criticality")
    stock0: Array = arr("M", "USD bn", "stock held")

    # links
    supplier0: Array = arr("M,L", "index", "supplying firm, -1 for an empty position")
    weight0: Array = arr("M,L", "1", "share of the slot's orders (rows sum to 1)")

    # final markets
    final0: Array = arr("P,S", "USD bn/quarter", "final demand by product and state of the buyer")
    final_growth: Array = arr("S", "per quarter", "growth of the state's demand above the product's")
    final_share0: Array = arr("C,S", "1", "share of each cell in the final market (product, state); sums to 1 over the cells of a product")

    # states: paths by quarter; T rows reach beyond any horizon in use, the last row repeats
    gdp_nominal: Array = arr("T,S", "USD bn/year", "nominal GDP, baseline")
    gdp_ppp: Array = arr("T,S", "intl USD bn/year", "GDP at purchasing power parity, baseline")
    gerd: Array = arr("T,S", "intl USD bn/year", "R&D expenditure, baseline")
    military_spending: Array = arr("T,S", "USD bn/year", "military expenditure, baseline")
    cinc: Array = arr("T,S", "1", "COW composite index, for display; NaN where unknown")
    state_table: pd.DataFrame = field(default_factory=pd.DataFrame)  # one row a state: names, memberships, ideal points …

    @property
    def n_firms(self) -> int:
        """Number of firm rows."""
        return len(self.cell)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.cell_product)

    @property
    def n_products(self) -> int:
        """Number of products."""
        return len(self.products)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return len(self.states)

    @property
    def n_slots(self) -> int:
        """Number of input slots."""
        return len(self.slot_firm)

    @cached_property
    def product(self) -> Array:
        """Product of each firm, shape N."""
        return self.cell_product[self.cell]

    @cached_property
    def owner(self) -> Array:
        """Owner state of each firm, shape N."""
        return self.cell_owner[self.cell]

    @cached_property
    def location(self) -> Array:
        """Location state of each firm, shape N."""
        return self.cell_location[self.cell]

    @cached_property
    def side(self) -> Array:
        """Side of each state, shape S: 0 incumbent, 1 ally, 2 challenger, 3 third party."""
        return np.array([SIDE_OF_ROLE[role] for role in self.state_table["role"]])

    @cached_property
    def product_index(self) -> dict[str, int]:
        """Product name -> index."""
        return {name: i for i, name in enumerate(self.products)}

    @cached_property
    def domains(self) -> dict[str, Array]:
        """Supply chain -> indices of its products, in the order of their first products."""
        names = np.array(self.product_domains, dtype=object)
        return {str(d): np.flatnonzero(names == d) for d in dict.fromkeys(self.product_domains)}

    @cached_property
    def state_index(self) -> dict[str, int]:
        """State code -> index."""
        return {name: i for i, name in enumerate(self.states)}

    @cached_property
    def company_rows(self) -> dict[str, list[int]]:
        """Name of a real company -> its firm rows."""
        rows: dict[str, list[int]] = {}
        for row, name in self.firm_names.items():
            rows.setdefault(name, []).append(row)
        return rows

    @cached_property
    def companies(self) -> tuple[str, ...]:
        """Names of the real companies, in the order of their first rows."""
        return tuple(self.company_rows)

    @cached_property
    def named_rows(self) -> tuple[Array, Array]:
        """Rows of real companies, and the company of each, both of shape R."""
        pairs = [(row, i) for i, rows in enumerate(self.company_rows.values()) for row in rows]
        rows, company = np.array(pairs, dtype=np.int64).reshape(-1, 2).T.copy()  # contiguous each, however many
        return rows, company

    def firm_name(self, row: int) -> str:
        """Name of a firm row."""
        c = self.cell[row]
        made = f"{self.states[self.cell_location[c]]} {self.products[self.cell_product[c]]} {row - self.cell_start[c] + 1}"
        return self.firm_names.get(row, made)


def check_shapes(thing: Economy, sizes: dict[str, int]) -> None:
    """Hold every declared array against its declared axes.

    Raises:
        ValueError: an array of another shape, or with a NaN where none may be.
    """
    for f in array_fields(type(thing)):
        value = getattr(thing, f.name)
        axes = f.metadata["shape"].split(",")
        want = tuple(_axis(a, sizes, value.shape, i) for i, a in enumerate(axes))
        if value.shape != want:
            raise ValueError(f"{f.name}: shape {value.shape}, declared {f.metadata['shape']} = {want}")
        if f.name != "cinc" and value.dtype.kind == "f" and not np.isfinite(value).all():
            raise ValueError(f"{f.name}: not finite")


def _axis(name: str, sizes: dict[str, int], shape: tuple[int, ...], i: int) -> int:
    if name == "T":
        return shape[i]
    base, _, plus = name.partition("+")
    return sizes[base] + int(plus or 0)


def sizes_of(e: Economy) -> dict[str, int]:
    """Length of each axis."""
    return {"N": e.n_firms, "M": e.n_slots, "L": e.supplier0.shape[1], "I": 2, "C": e.n_cells, "P": e.n_products, "S": e.n_states}
