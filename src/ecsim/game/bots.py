"""Empty seats: the model's own strategies play for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ecsim.game.seats import Seat
from ecsim.game.setup import Setup
from ecsim.moves import quarter_label
from ecsim.strategies.allies import Allies
from ecsim.strategies.base import Strategy
from ecsim.strategies.calendar import Calendar
from ecsim.strategies.challenger import Response
from ecsim.strategies.counsel import Counsel
from ecsim.strategies.government import Government
from ecsim.strategies.hubs import Hubs
from ecsim.strategies.outlook import Observer

MODEL, TEAM = "model", "team"
WORDS = ("policy=endogenous", "alliance=endogenous", "response=first_paper")  # how an empty seat is played


class Bots:
    """The strategies that play for empty seats, kept from turn to turn.

    A seat that is given up starts afresh: its strategy knows the world as it finds it, not what others did before.

    Args:
        setup: of the game.
        allies: states that can join, with a seat or without.
    """

    def __init__(self, setup: Setup, allies: tuple[str, ...]) -> None:
        self.setup = setup
        self.allies = allies
        self.config = setup.config(*WORDS)
        self.observer = Observer()
        self._calendar = Calendar()
        self._hubs = Hubs(self.config.alliance.hubs)
        self._held: dict[str, Any] = {}
        self._parts: dict[str, tuple[Strategy, ...]] = {}

    def seated(self, holders: Mapping[str, str], quarter: int) -> list[Strategy]:
        """Players of a turn: the calendar first, then governments, allies, trading hubs and the challenger."""
        seats = [s for s in self.setup.table if holders.get(s.id, MODEL) == MODEL]
        self._renew("incumbent", self._states(seats, "incumbent"), quarter)
        self._renew("ally", self._allies(seats), quarter)
        self._renew("challenger", self._states(seats, "challenger"), quarter)
        return [self._calendar, *self._parts["incumbent"], *self._parts["ally"], self._hubs, *self._parts["challenger"]]

    def _states(self, seats: list[Seat], role: str) -> tuple[str, ...]:
        return tuple(s for seat in seats if seat.role == role for s in seat.states)

    def _allies(self, seats: list[Seat]) -> tuple[str, ...]:
        """Allies without a team: those of empty seats, and those without a seat at this table."""
        seated = {s for seat in self.setup.table if seat.role == "ally" for s in seat.states}
        rest = tuple(s for s in self.allies if s not in seated)
        return (*self._states(seats, "ally"), *rest)

    def _renew(self, role: str, states: tuple[str, ...], quarter: int) -> None:
        if self._held.get(role) == states:
            return
        self._held[role] = states
        self._parts[role] = self._made(role, states, quarter) if states else ()

    def _made(self, role: str, states: tuple[str, ...], quarter: int) -> tuple[Strategy, ...]:
        c = self.config
        if role == "incumbent":
            return (Government(replace(c.policy, start=quarter_label(quarter)), self.observer),)
        if role == "ally":
            return (Allies(replace(c.alliance, members=states), self.observer),)
        return (Response(c.response), Counsel(c.response, self.observer))
