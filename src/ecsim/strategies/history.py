"""A script: the dated moves of a scenario, played when they are due."""

from __future__ import annotations

from collections import defaultdict

from ecsim.moves import Move
from ecsim.strategies.scenario import Scenario
from ecsim.world import World


class Script:
    """Plays a scenario.

    Args:
        scenario: as read.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._due: dict[int, list[Move]] = defaultdict(list)
        for move in scenario.moves:
            self._due[move.quarter].append(move)

    @property
    def actors(self) -> frozenset[str]:
        """States that act in it."""
        return frozenset(m.actor for m in self.scenario.moves)

    def moves(self, world: World, quarter: int) -> list[Move]:
        """The moves of the quarter, in order of their dates."""
        return self._due.get(quarter, [])
