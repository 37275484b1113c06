"""The model as Mesa knows it: a run whose states, alliances and firms are agents, to step through by hand and to look into."""

from __future__ import annotations

from collections.abc import Sequence

import mesa

from ecsim.agents.alliance import Alliance
from ecsim.agents.firm import Firm
from ecsim.agents.state import State
from ecsim.baseline import Baseline
from ecsim.course import Course
from ecsim.economy import Economy
from ecsim.params import Params
from ecsim.strategies.base import Strategy
from ecsim.strategies.clubs import clubs


class ExportControlModel(Course, mesa.Model):
    """One run of the simulation, as a Mesa model.

    `step()` plays a quarter, `run()` plays the rest and returns the result. `agents` holds states and alliances; firms are
    rows of arrays and become agents when asked for (`firm(row)`, `firms_named("ASML")`).

    Args: those of `ecsim.course.Course`.
    """

    def __init__(
        self,
        params: Params | None = None,
        seed: int = 1,
        players: Sequence[Strategy] = (),
        *,
        label: str = "none",
        economy: Economy | None = None,
        baseline: Baseline | None = None,
        yearly: Sequence[str] = (),
    ) -> None:
        mesa.Model.__init__(self, rng=seed)
        Course.__init__(self, params, seed, players, label=label, economy=economy, baseline=baseline, yearly=yearly)
        self._firms: dict[int, Firm] = {}
        self.states = [State(self, i) for i in range(self.economy.n_states)]
        self.alliances = {name: Alliance(self, club) for name, club in clubs().items()}

    def play_out(self) -> None:
        """Play the rest quarter by quarter, which Mesa counts."""
        while not self.finished:
            self.step()

    def firm(self, row: int) -> Firm:
        """The firm of a row, as an agent."""
        if row not in self._firms:
            self._firms[row] = Firm(self, row)
        return self._firms[row]

    def firms_named(self, company: str) -> list[Firm]:
        """The rows of a real company, as agents."""
        return [self.firm(row) for row in self.economy.company_rows[company]]
