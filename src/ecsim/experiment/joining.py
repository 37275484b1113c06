"""Who can join an alliance, and which of its settings are read, by how states come to join."""

from __future__ import annotations

from ecsim.config import RunConfig
from ecsim.data import load
from ecsim.strategies.settings import AllianceConfig

PRINCIPALS = ("incumbent", "challenger")  # roles of states that join nobody's rules
_OF_ALL = frozenset(("name", "mode", "members", "level", "hubs"))
_FORCED = _OF_ALL | {"lag", "lags", "leaves"}
_BY_SHARE = _FORCED | {"participation", "order"}


def read_by(alliance: AllianceConfig) -> frozenset[str]:
    """The keys of `alliance` that its mode reads."""
    if alliance.mode == "endogenous":
        return _OF_ALL
    if alliance.mode == "extent":
        return _BY_SHARE | {"marginal"}
    if alliance.mode == "intensity":
        return _BY_SHARE - {"order"} if alliance.members else _BY_SHARE
    return _FORCED if alliance.members else _BY_SHARE


def states_of(run: RunConfig) -> tuple[str, ...]:
    """States of a run's economy that can join: all but the incumbent and the challenger."""
    states = load(run.params.population.tables or None, run.params.population.domains).states
    return tuple(states.loc[~states["role"].isin(PRINCIPALS), "state"])
