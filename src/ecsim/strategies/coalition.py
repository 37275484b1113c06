"""Forced participation of allies, in three senses: extent, intensity and coalition (model section 7.7)."""

from __future__ import annotations

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT
from ecsim.moves import Move
from ecsim.strategies.base import NEVER, Patient
from ecsim.strategies.settings import AllianceConfig, quarter_of
from ecsim.streams import Streams
from ecsim.world import World

STREAM = "coalition"
SLACK = 1e-12


class Coalition(Patient):
    """Members adopt the incumbent's rules after their lag, and leave when declared.

    Args:
        config: who, how far and when.
    """

    def __init__(self, config: AllianceConfig) -> None:
        self.config = config
        self.leaves = {state: quarter_of(label, f"alliance.leaves.{state}") for state, label in config.leaves.items()}
        self._since: int | None = None
        self._levels: dict[str, float] = {}

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Adoptions and exits due this quarter."""
        issuer = world.economy.states[INCUMBENT]
        if self._since is None:
            if not _anything_to_adopt(world):
                return []
            self._since = quarter
            self._levels = levels(world, self.config)
        moves = []
        for state, level in self._levels.items():
            joins = self._joins(state, self._since)
            leaves = self.leaves.get(state)
            if quarter == joins and level > 0 and (leaves is None or joins < leaves):
                moves.append(Move(quarter=quarter, actor=state, verb="adopt", issuer=issuer, level=level, source=self.config.name))
            elif quarter == leaves and (state, issuer) in world.book.adoption:
                moves.append(Move(quarter=quarter, actor=state, verb="leave", issuer=issuer, source=self.config.name))
        return moves

    def _joins(self, state: str, since: int) -> int:
        """When a member joins controls that are there since a quarter."""
        return since + self.config.lags.get(state, self.config.lag)

    def idle_until(self, world: World, quarter: int) -> int:
        """The next date on which a member joins or leaves; none before there are controls."""
        if self._since is None:
            return quarter + 1 if _anything_to_adopt(world) else NEVER
        dates = [self._joins(state, self._since) for state in self._levels] + list(self.leaves.values())
        return min((date for date in dates if date > quarter), default=NEVER)


def _anything_to_adopt(world: World) -> bool:
    """Whether the incumbent has rules that others can adopt."""
    issuer = world.economy.states[INCUMBENT]
    return any(r.issuer == issuer and r.adoptable for r in world.book.rules.values())


def candidates(world: World, config: AllianceConfig) -> tuple[str, ...]:
    """States that can join, in joining order; those that the economy lacks are passed over."""
    e = world.economy
    able = config.members or config.order
    ordered = [s for s in config.order if s in able] + [s for s in able if s not in config.order]
    return tuple(s for s in ordered if s in e.state_index and e.state_index[s] not in (INCUMBENT, CHALLENGER))


def supply(world: World, states: tuple[str, ...]) -> dict[str, float]:
    """Share of each state in the candidates' output at the start of the incumbent's controlled products."""
    e = world.economy
    rules = [r for r in world.book.rules.values() if r.issuer == e.states[INCUMBENT] and r.adoptable]
    everything = any(not r.products for r in rules)
    named = {p for r in rules for p in r.products}
    covered = [i for p, i in e.product_index.items() if everything or p in named]
    value = np.bincount(e.location, weights=e.output0 * np.isin(e.product, covered), minlength=e.n_states)
    total = sum(value[e.state_index[s]] for s in states)
    return {s: float(value[e.state_index[s]] / total) if total > 0 else 0.0 for s in states}


def levels(world: World, config: AllianceConfig) -> dict[str, float]:
    """Level at which each member joins under the configured sense of participation."""
    able = candidates(world, config)
    if config.mode == "intensity":
        return dict.fromkeys(able, config.participation * config.level)
    if config.mode == "extent":
        return {s: part * config.level for s, part in _by_extent(supply(world, able), config).items()}
    if config.members:
        return dict.fromkeys(able, config.level)
    size = round(config.participation * len(able))
    return {s: config.level for s in able if s in random_order(world.streams, able)[:size]}


def random_order(streams: Streams, states: tuple[str, ...]) -> tuple[str, ...]:
    """The order in which random coalitions of a run's seed grow: a larger one holds a smaller one."""
    return tuple(states[i] for i in np.argsort(streams.uniform(STREAM, 0, len(states)), kind="stable"))


def _by_extent(shares: dict[str, float], config: AllianceConfig) -> dict[str, float]:
    """Share of each state's supply that joins, in joining order."""
    left = config.participation
    joined: dict[str, float] = {}
    for state, share in shares.items():
        if left <= SLACK:
            break
        part = 1.0 if share <= left + SLACK else left / share
        if config.marginal == "whole":
            part = float(share <= left + SLACK or left / share >= 1.0 / 2.0)
        joined[state] = part
        left -= share
    return joined
