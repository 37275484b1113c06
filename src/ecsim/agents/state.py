"""A state as a Mesa agent: what it is and sees. Its decisions are moves of the strategies that play it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from ecsim.model import ExportControlModel


class State(mesa.Agent):
    """One state."""

    model: ExportControlModel

    def __init__(self, model: ExportControlModel, index: int) -> None:
        super().__init__(model)
        self.index = index

    @property
    def code(self) -> str:
        """Three-letter code."""
        return self.model.economy.states[self.index]

    @property
    def role(self) -> str:
        """Incumbent, challenger, ally or third."""
        return str(self.model.economy.state_table["role"].iloc[self.index])

    @property
    def gdp(self) -> float:
        """Nominal GDP with the effect of the chain, USD bn a year."""
        return float(self.model.world.gdp[self.index])

    @property
    def power(self) -> float:
        """World share of power in the chosen measure."""
        return float(self.model.world.power[self.index])

    @property
    def anxiety(self) -> float:
        """Anxiety, 0..1; only the incumbent's moves."""
        return float(self.model.world.anxiety[self.index])

    @property
    def dissatisfaction(self) -> float:
        """Dissatisfaction, 0..1; only the challenger's moves."""
        return float(self.model.world.dissatisfaction[self.index])

    @property
    def adoption(self) -> float:
        """Level at which it applies the incumbent's rules, 0..1."""
        return self.model.world.book.adoption.get((self.code, self.model.economy.states[0]), 0.0)

    def __repr__(self) -> str:
        return f"<State {self.code} ({self.role})>"
