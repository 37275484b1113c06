"""Moves played again: a recorded path of adoption, a log, a scripted history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ecsim.moves import Move
from ecsim.strategies.base import NEVER, Patient
from ecsim.world import World


class Replay(Patient):
    """Plays given moves in their quarters.

    Args:
        moves: in order of time; those of a quarter are played in the order given.
    """

    def __init__(self, moves: Iterable[Move]) -> None:
        self._due: dict[int, list[Move]] = defaultdict(list)
        for move in moves:
            self._due[move.quarter].append(move)

    def moves(self, world: World, quarter: int) -> list[Move]:
        """The moves of the quarter."""
        return self._due.get(quarter, [])

    def idle_until(self, world: World, quarter: int) -> int:
        """The next quarter of which there are moves."""
        return min((due for due in self._due if due > quarter), default=NEVER)
