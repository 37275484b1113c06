"""A script: the dated moves of a scenario, played when they are due."""

from __future__ import annotations

from dataclasses import replace

from ecsim.economy import Economy
from ecsim.institutes import institutes
from ecsim.moves import Move
from ecsim.strategies.replay import Replay
from ecsim.strategies.scenario import Scenario
from ecsim.world import World

STARTS = ("impose", "measure", "list", "event")  # verbs that need nothing to be there before them


class Script(Replay):
    """Plays a scenario.

    A move that is only about products or companies of supply chains that are not in the run is left out, and so is
    what later becomes of the rule that it would have made.

    Args:
        scenario: as read.
    """

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario.moves)
        self.scenario = scenario
        self._left_out: set[str] = set()

    def moves(self, world: World, quarter: int) -> list[Move]:
        """The moves of the quarter that concern the run."""
        played = []
        for move in super().moves(world, quarter):
            there = within(move, world.economy)
            if there is not None and (move.verb in STARTS or move.rule not in self._left_out):
                played.append(there)
            elif move.rule:
                self._left_out.add(move.rule)
        return played

    def without_allies(self, *principals: str) -> Script:
        """The same script, with moves of these states only."""
        return Script(replace(self.scenario, moves=tuple(m for m in self.scenario.moves if m.actor in principals)))

    @property
    def actors(self) -> frozenset[str]:
        """States that act in it."""
        return frozenset(m.actor for m in self.scenario.moves)


def within(move: Move, economy: Economy) -> Move | None:
    """The move with the parties that are there; None where it names products or parties, and none of them is.

    Universities and institutes are there whatever the supply chains.
    """
    if move.products and not any(p in economy.product_index for p in move.products):
        return None
    present = tuple(name for name in move.entities if name in economy.company_rows or name in institutes())
    if len(present) == len(move.entities):
        return move
    return replace(move, entities=present) if present or (move.count and move.products) else None
