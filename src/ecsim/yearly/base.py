"""What an outcome by year is, what it is computed from, and which products and states its keys mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecsim.economy import CHALLENGER, Array, Economy
from ecsim.moves import Move
from ecsim.outcomes import CHIPS, TOOLS, Trace
from ecsim.record import SIDES

GROUPS: Mapping[str, tuple[str, ...]] = {"tools": TOOLS, "chips": CHIPS}


@dataclass(frozen=True, eq=False)
class View:
    """What a yearly outcome is computed from.

    Attributes:
        trace: economy, parameters and tracks of the run and of its path without controls.
        moves: every move made, with the rule that it made or changed.
        span: quarters of the year.
    """

    trace: Trace
    moves: Sequence[tuple[Move, str]]
    span: slice

    @property
    def e(self) -> Economy:
        """The economy."""
        return self.trace.e

    def mean(self, track: str, *, base: bool = False) -> Array:
        """Mean of a track over the year, by column."""
        return np.asarray((self.trace.base if base else self.trace.tracks)[track][self.span].mean(axis=0))

    def cells(self, product: str, state: str, of: Array) -> Array:
        """Cells of a product and of states, by owner or location, as a mask."""
        return np.isin(self.e.cell_product, products_of(self.e, product)) & np.isin(of, states_of(self.e, state))


Compute = Callable[..., float]


@dataclass(frozen=True)
class YearOutcome:
    """A yearly outcome.

    Attributes:
        name, unit, doc: what it is.
        keys: kind of each key: product, state or company.
        compute: from a view and the keys to a number.
        tracks: tracks beyond the usual ones that it needs.
    """

    name: str
    keys: tuple[str, ...]
    unit: str
    doc: str
    compute: Compute
    tracks: tuple[str, ...] = ()


def products_of(e: Economy, name: str) -> list[int]:
    """Indices of a product, of a group of products, or of all."""
    names = e.products if name == "all" else GROUPS.get(name, (name,))
    return [e.product_index[p] for p in names if p in e.product_index]


def states_of(e: Economy, name: str) -> list[int]:
    """Indices of a state, of a side, of all foreign states (all but the challenger), or of all."""
    if name == "all":
        return list(range(e.n_states))
    if name == "foreign":
        return [i for i in range(e.n_states) if i != CHALLENGER]
    if name in SIDES:
        return [int(i) for i in np.flatnonzero(e.side == SIDES.index(name))]
    return [e.state_index[name]]
