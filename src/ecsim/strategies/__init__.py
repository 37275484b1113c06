"""Where moves come from: doctrines, coalitions, the challenger's answers, scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from ecsim.economy import CHALLENGER, INCUMBENT, Economy
from ecsim.strategies.administration import unchanged
from ecsim.strategies.allies import Allies
from ecsim.strategies.base import Strategy
from ecsim.strategies.calendar import Calendar
from ecsim.strategies.challenger import Response
from ecsim.strategies.coalition import Coalition
from ecsim.strategies.counsel import Counsel
from ecsim.strategies.doctrine import Doctrine
from ecsim.strategies.government import Government
from ecsim.strategies.history import Script
from ecsim.strategies.hubs import Hubs
from ecsim.strategies.outlook import Observer
from ecsim.strategies.scenario import load
from ecsim.strategies.secretariat import Secretariat
from ecsim.strategies.settings import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig, quarter_of

__all__ = ["AllianceConfig", "PolicyConfig", "ResponseConfig", "ScenarioConfig", "Strategy", "begins", "build"]


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
    response's; funds and stocks remain the response's. Where allies decide for themselves, the script's are left out.

    Raises:
        UserError: a scenario that cannot be read, or names what the economy does not have.
    """
    policy, response = settings.policy, settings.response
    players: list[Strategy] = []
    observer, secretariat = Observer(), Secretariat()
    if policy.documents and policy.kind != "none":
        players.append(secretariat)
    if policy.kind == "doctrine":
        players.append(Doctrine(policy))
    elif policy.kind == "endogenous":
        players.append(Government(policy, observer, secretariat.administration if policy.documents else unchanged))
    elif policy.kind == "script":
        script = Script(load(settings.scenario or ScenarioConfig()))
        script.scenario.check_against(economy)
        if settings.alliance.mode == "endogenous":
            script = script.without_allies(economy.states[INCUMBENT], economy.states[CHALLENGER])
        players.append(script)
        if economy.states[CHALLENGER] in script.actors:
            response = replace(response, counter_products=(), close_market=0.0)
    if players and settings.alliance.active:
        choose = settings.alliance.mode == "endogenous"
        players.append(Allies(settings.alliance, observer) if choose else Coalition(settings.alliance))
    if players and settings.alliance.hubs:
        players.append(Hubs(settings.alliance.hubs))
    if players and response.active:
        players.append(Response(response))
    if players and response.components:
        players.append(Counsel(response, observer))
    return [Calendar(), *players] if players else []


def begins(settings: Settings) -> int | None:
    """Quarter of the policy's first move at the earliest; None for a policy, or a script, without moves.

    Raises:
        UserError: a scenario that cannot be read.
    """
    policy = settings.policy
    if policy.kind == "script":
        return min((m.quarter for m in load(settings.scenario or ScenarioConfig()).moves), default=None)
    return None if policy.kind == "none" else quarter_of(policy.start, "policy.start")
