"""Where moves come from."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
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


NEVER = sys.maxsize  # a quarter that does not come


class Patient(ABC):
    """A strategy that knows when it moves next: quarters of which nobody has to be asked are played in one go.

    A strategy that is not is asked every quarter.
    """

    @abstractmethod
    def idle_until(self, world: World, quarter: int) -> int:
        """The first quarter after this one in which it may move, should nobody else; asked after all moves of this quarter."""
