"""Third states through which goods pass choose whether to enforce the incumbent's rules [Li et al. 2024, section 3, on partners].

Once a year a hub takes up enforcement with probability logistic(u), and drops it with probability logistic(-u - habit):
u = c + wP (named by the incumbent's rules + share of denied trade that is diverted) - wC rent - wR anger exposure, with rent the goods
relayed through one hub over its GDP
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array
from ecsim.moves import Move
from ecsim.rules import RuleBook
from ecsim.strategies.accession import exposures
from ecsim.strategies.base import Patient
from ecsim.world import World

STREAM = "hubs"
YEAR = 4
TINY = 1e-12


class Hubs(Patient):
    """Third states that choose enforcement.

    Args:
        states: hubs; those that the economy lacks are passed over.
    """

    def __init__(self, states: tuple[str, ...]) -> None:
        self.states = states

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Enforcement taken up or dropped, in the first quarter of a year in which the incumbent controls anything."""
        issuer = world.economy.states[INCUMBENT]
        if quarter % YEAR or not any(r.issuer == issuer for r in world.book.rules.values()):
            return []
        return list(self._choose(world, utility(world)))

    def idle_until(self, world: World, quarter: int) -> int:
        """The first quarter of the next year."""
        return quarter + YEAR - quarter % YEAR

    def _choose(self, w: World, wish: Array) -> Iterator[Move]:
        e = w.economy
        luck = w.streams.uniform(STREAM, w.quarter, e.n_states)
        for state in self.states:
            i = e.state_index.get(state)
            if i is None or i in (INCUMBENT, CHALLENGER):
                continue
            rule = f"hub:{state}"
            if rule not in w.book.measures and luck[i] < _logistic(wish[i]):
                size = w.params.accession.hub_level
                yield Move(
                    quarter=w.quarter, actor=state, verb="measure", tool="hub_enforcement", rule=rule, channel="enforcement", size=size
                )
            elif rule in w.book.measures and luck[i] < _logistic(-wish[i] - w.params.accession.hub_habit):
                yield Move(quarter=w.quarter, actor=state, verb="end_measure", rule=rule)


def utility(w: World) -> Array:
    """Utility of enforcing, shape (S,)."""
    e, p = w.economy, w.params.accession
    denied, diverted = float(w.trade_effects[0]), float(w.trade_effects[1])
    gdp = e.gdp_nominal[min(w.quarter, len(e.gdp_nominal) - 1)] / YEAR
    rent = w.params.permission.hub_passage * diverted / np.maximum(gdp, TINY)
    pressed = named(w.book, e.states[INCUMBENT], e.states) + min(diverted / max(denied, TINY), 1.0)
    anger = float(w.dissatisfaction[CHALLENGER]) * exposures(e)
    return p.inclination + p.hub_pressure * pressed - p.hub_rent * rent - p.hub_retaliation * anger


def named(book: RuleBook, issuer: str, states: tuple[str, ...]) -> Array:
    """1 for each state that rules of the issuer name among their destinations, shape (S,)."""
    found = {s for r in book.rules.values() if r.issuer == issuer and r.denial > 0 for s in r.destinations}
    return np.array([float(s in found) for s in states])


def _logistic(x: float) -> float:
    return float((1.0 + np.tanh(x / 2.0)) / 2.0)
