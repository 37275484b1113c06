"""A script: the dated moves of a scenario, played when they are due."""

from __future__ import annotations

from dataclasses import replace

from ecsim.strategies.replay import Replay
from ecsim.strategies.scenario import Scenario


class Script(Replay):
    """Plays a scenario.

    Args:
        scenario: as read.
    """

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario.moves)
        self.scenario = scenario

    def without_allies(self, *principals: str) -> Script:
        """The same script, with moves of these states only."""
        return Script(replace(self.scenario, moves=tuple(m for m in self.scenario.moves if m.actor in principals)))

    @property
    def actors(self) -> frozenset[str]:
        """States that act in it."""
        return frozenset(m.actor for m in self.scenario.moves)
