"""An alliance or regime as a Mesa agent: who is in, how it decides, and how far its members hold together on the incumbent's controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT
from ecsim.mechanisms.accounts import backfill
from ecsim.strategies.allies import levels
from ecsim.strategies.clubs import Club

if TYPE_CHECKING:
    from ecsim.model import ExportControlModel

TINY = 1e-12
CONSENSUS, NATIONAL = "consensus", "national"


class Alliance(mesa.Agent):
    """One alliance. Its members decide by the reasons of `ecsim.strategies.accession`; it decides by its own rule from what they do."""

    model: ExportControlModel

    def __init__(self, model: ExportControlModel, club: Club) -> None:
        super().__init__(model)
        self.club = club

    @property
    def code(self) -> str:
        """Name in data, for example "wassenaar"."""
        return self.club.id

    @property
    def rule(self) -> str:
        """How it decides: consensus (all or nothing), national (each by its own law) or talks (makes no controls)."""
        return self.club.rule

    @property
    def domains(self) -> tuple[str, ...]:
        """What it is about, or "all"."""
        return self.club.domains

    @property
    def lag(self) -> float | None:
        """Months from agreement to law on record; None where none is known."""
        return self.club.lag_months

    @property
    def exists(self) -> bool:
        """Whether it exists in this quarter."""
        return self.club.exists(self.model.world.quarter)

    @property
    def members(self) -> tuple[str, ...]:
        """Members that the economy has, the leader and the challenger among them where they are in."""
        return tuple(self.club.shares(self.model.economy.states))

    @property
    def followers(self) -> tuple[str, ...]:
        """Members whom the incumbent asks to follow."""
        states = self.model.economy.states
        return tuple(s for s in self.members if s not in (states[INCUMBENT], states[CHALLENGER]))

    @property
    def levels(self) -> dict[str, float]:
        """Level at which each follower applies the incumbent's rules, 0..1."""
        level, index = levels(self.model.world), self.model.economy.state_index
        return {s: float(level[index[s]]) for s in self.followers}

    @property
    def holdouts(self) -> tuple[str, ...]:
        """Followers that apply nothing: under consensus each of them blocks."""
        return tuple(s for s, level in self.levels.items() if level == 0)

    @property
    def controls(self) -> tuple[str, ...]:
        """States that control as members of it by its rule: all or none under consensus, those who wish by national law."""
        joined = tuple(s for s in self.followers if s not in self.holdouts)
        if not self.exists or self.rule not in (CONSENSUS, NATIONAL):
            return ()
        return joined if self.rule == NATIONAL or not self.holdouts else ()

    @property
    def cohesion(self) -> float:
        """Mean level of its followers, by output at the start, 0..1."""
        e, level = self.model.economy, self.levels
        share = self.club.shares(e.states)
        output = np.bincount(e.location, weights=e.output0, minlength=e.n_states)
        weight = np.array([output[e.state_index[s]] * share[s] for s in level])
        return float(weight @ np.array(list(level.values())) / max(float(weight.sum()), TINY)) if level else 0.0

    @property
    def left(self) -> tuple[str, ...]:
        """Followers that joined the incumbent's controls and are out again."""
        moves = [m for m, _ in self.model.moves]
        return tuple(s for s in self.holdouts if any(m.verb == "leave" and m.actor == s for m in moves))

    @property
    def backfill(self) -> float:
        """Deliveries of its followers' firms to the challenger above their start share, where rules refuse others; USD bn a quarter."""
        w, e = self.model.world, self.model.economy
        mine = w.start.challenger_slots
        seller = e.owner[w.supplier[mine]]
        inside = np.isin(seller, [e.state_index[s] for s in self.followers])
        return float((backfill(w, mine) * inside).sum())

    def __repr__(self) -> str:
        return f"<Alliance {self.code}: {len(self.members)} members, {self.rule}>"
