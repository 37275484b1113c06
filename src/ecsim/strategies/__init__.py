"""Where moves come from: doctrines, coalitions, the challenger's answers, scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from ecsim.economy import CHALLENGER, Economy
from ecsim.strategies.base import Strategy
from ecsim.strategies.calendar import Calendar
from ecsim.strategies.challenger import Response
from ecsim.strategies.coalition import Coalition
from ecsim.strategies.doctrine import Doctrine
from ecsim.strategies.history import Script
from ecsim.strategies.scenario import load
from ecsim.strategies.settings import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig

__all__ = ["AllianceConfig", "PolicyConfig", "ResponseConfig", "ScenarioConfig", "Strategy", "build"]


class Settings(Protocol):
    """The part of a run's configuration that says who plays."""

    @property
    def policy(self) -> PolicyConfig:
        """The incumbent."""

    @property
    def response(self) -> ResponseConfig:
        """The challenger."""

    @property
    def alliance(self) -> AllianceConfig:
        """The allies."""

    @property
    def scenario(self) -> ScenarioConfig | None:
        """The script."""


def build(settings: Settings, economy: Economy) -> list[Strategy]:
    """The players of a run, in the order in which they move: calendar, incumbent, allies, challenger.

    Where a script plays, the counter-controls of its challenger, if it has any, stand in place of the
    response's; funds and stocks remain the response's.

    Raises:
        UserError: a scenario that cannot be read, or names what the economy does not have.
    """
    policy, response = settings.policy, settings.response
    players: list[Strategy] = []
    if policy.kind == "doctrine":
        players.append(Doctrine(policy))
    elif policy.kind == "script":
        script = Script(load(settings.scenario or ScenarioConfig()))
        script.scenario.check_against(economy)
        players.append(script)
        if economy.states[CHALLENGER] in script.actors:
            response = replace(response, counter_products=(), close_market=0.0)
    if players and settings.alliance.active:
        players.append(Coalition(settings.alliance))
    if players and response.active:
        players.append(Response(response))
    return [Calendar(), *players] if players else []
