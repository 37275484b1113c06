"""The path without controls of the same draw: what deviations are measured against."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecsim.economy import Array


@dataclass(frozen=True, eq=False)
class Baseline:
    """What a run without controls leaves behind for the runs with controls of the same parameters and seed.

    Attributes:
        frontier: technology frontier by quarter, shape (T, P), generations.
        value_location: value of output by state, shape (T, S), USD bn a quarter.
        flows: mean deliveries of the last quarters, shape (P, S, S): product, origin, destination.
        tracks: all recorded tracks of that run, name -> array with quarters first.
    """

    frontier: Array
    value_location: Array
    flows: Array
    tracks: dict[str, Array] = field(default_factory=dict)
