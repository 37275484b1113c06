"""Where moves come from."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ecsim.moves import Move
from ecsim.world import World


@runtime_checkable
class Strategy(Protocol):
    """Anything that plays: a script, a doctrine, a government that chooses, a person.

    A strategy may remember what it did, and reads the world, but changes it only by the moves that it returns.
    """

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Moves for this quarter, in order; called once a quarter, before its consequences."""
        ...
