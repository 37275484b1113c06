"""What every step of the synthesis needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ecsim.data import Tables
from ecsim.data.checks import upstream_first
from ecsim.params import Population
from ecsim.streams import Streams


@dataclass(frozen=True, eq=False)
class Plan:
    """Tables, size and random streams of a population.

    Attributes:
        data: the tables.
        population: size of the population.
        streams: its random streams.
    """

    data: Tables
    population: Population
    streams: Streams

    @cached_property
    def products(self) -> tuple[str, ...]:
        """Products, suppliers of current inputs before their buyers."""
        general = self.data.recipes[self.data.recipes["buyer"] == ""]
        return tuple(upstream_first(general, list(self.data.products["product"]), self.data.files["recipes"].name))

    @cached_property
    def states(self) -> tuple[str, ...]:
        """States, in the order of their table."""
        return tuple(self.data.states["state"])

    @cached_property
    def table(self) -> pd.DataFrame:
        """Attributes of the products, in order."""
        return self.data.products.set_index("product").loc[list(self.products)]

    @cached_property
    def below(self) -> dict[tuple[str, str], float]:
        """(product, input) -> generations by which the need lies below the input's frontier; absent for none."""
        return {(r.product, r.input): float(r.below) for r in self.data.needs.itertuples()}

    @cached_property
    def product_index(self) -> dict[str, int]:
        """Product -> index."""
        return {name: i for i, name in enumerate(self.products)}

    @cached_property
    def state_index(self) -> dict[str, int]:
        """State -> index."""
        return {name: i for i, name in enumerate(self.states)}
