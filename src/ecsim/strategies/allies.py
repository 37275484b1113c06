"""Allies decide for themselves whether to join the incumbent's controls, when and how far, and whether to stay (model section 7.7).

Each quarter in which a package stands, a state that has not decided does so with probability logistic(u). Then it
drafts its law; a group of states drafts only once all fellow members of its union have decided. A war of
aggression makes threat full and drafting immediate: the coalition on Russia, for comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.moves import Move
from ecsim.rules import Rule
from ecsim.strategies.accession import Package, inheritance, package, reasons, rules_offered
from ecsim.strategies.clubs import UNION, clubs
from ecsim.strategies.outlook import Observer, Outlook
from ecsim.strategies.settings import AllianceConfig
from ecsim.world import World

DECIDE, DRAFT, LEAVE, EMERGENCY = "accession.decide", "accession.draft", "accession.leave", "accession.emergency"
AGGRESSION = "aggression"
YEAR = 4
NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Decision:
    """A state's decision: to join, to raise its level or to leave, with the utility behind it."""

    quarter: int
    state: str
    kind: str
    utility: float


class Allies:
    """Allies that choose.

    Args:
        config: who may join (all allies, unless members are named) and at what level a law by list alone applies.
        observer: shared with other strategies of the run.
    """

    def __init__(self, config: AllianceConfig, observer: Observer) -> None:
        self.config = config
        self.observer = observer
        self.decisions: list[Decision] = []
        self._due: list[int] = []
        self._recent: Array = np.zeros(0)
        self._invited: list[bool] = []
        self._groups: frozenset[int] = frozenset()
        self._joined: list[int] = []
        self._answered: set[tuple[str, str]] = set()
        self._version = -1
        self._rules: list[Rule] = []
        self._package: Package | None = None
        self._weighed: tuple[tuple[Outlook, bytes, bytes], Array] | None = None

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Adoptions whose law is ready, changes of level, exits, and answers to a war of aggression."""
        e = world.economy
        if not self._due:
            self._due, self._joined = [NEVER] * e.n_states, [NEVER] * e.n_states
            self._recent = np.zeros(e.n_states)
            self._invited = self._may_join(e)
            self._groups = groups(e)
        wanted = self._wanted(world)
        adopted = levels(world)
        self._recent = self._recent * (1.0 - world.params.accession.decay) + (adopted > 0)
        moves = list(self._emergency(world))
        if wanted.empty and not adopted.any():
            self._due = [NEVER] * e.n_states  # nothing is left to join
            return moves
        utility, level = self._utility(world, wanted, adopted), adopted.tolist()
        if not wanted.empty:
            self._decide(world, utility, level)
        return [*moves, *self._law(world, utility, level), *self._stay(world, utility, level)]

    def _past(self, e: Economy) -> Array:
        """Stock of past adoption, shape (S,)."""
        return inheritance(e) + self._recent

    def _wanted(self, w: World) -> Package:
        """The package on the table, gathered anew when its rules have changed."""
        e = w.economy
        if w.book.version != self._version:
            self._version = w.book.version
            rules = rules_offered(w.book, e.states[INCUMBENT], e.states[CHALLENGER])
            if self._package is None or rules != self._rules:
                self._rules, self._package = rules, package(e, rules)
        assert self._package is not None
        return self._package

    def _utility(self, w: World, wanted: Package, adopted: Array) -> Array:
        """Utility of being in, weighed anew with new statistics, further products asked for, or other members."""
        seen = self.observer.look(w)
        known = (seen, wanted.products, adopted.tobytes())
        if self._weighed is None or self._weighed[0] != known:
            why = reasons(w, seen, wanted, adopted, self._past(w.economy))
            self._weighed = known, why.utility(w, float(w.anxiety[INCUMBENT]), float(w.dissatisfaction[CHALLENGER]))
        return self._weighed[1] + float(w.alignment[0])

    def _may_join(self, e: Economy) -> list[bool]:
        """Whether each state is asked to join."""
        if self.config.members:
            return [state in self.config.members for state in e.states]
        return [side == 1 for side in e.side.tolist()]

    def _decide(self, w: World, utility: Array, adopted: Sequence[float]) -> None:
        """States that decide this quarter start to draft."""
        e, p = w.economy, w.params.accession
        free = [i for i, asked in enumerate(self._invited) if asked and not adopted[i] and self._due[i] == NEVER]
        if not free:
            return
        willing = w.streams.uniform(DECIDE, w.quarter, e.n_states) < _logistic(utility)
        deciding = [i for i in free if willing[i]]
        if not deciding:
            return
        span = w.streams.uniform(DRAFT, w.quarter, e.n_states)
        longest = max(p.draft_max, p.draft_min)
        for i in deciding:
            self._due[i] = w.quarter + p.draft_min + int(span[i] * (longest - p.draft_min + 1))
            self.decisions.append(Decision(w.quarter, e.states[i], "join", float(utility[i])))

    def _law(self, w: World, utility: Array, adopted: Sequence[float]) -> Iterator[Move]:
        """Laws that are ready enter into force; a group's law waits for the slowest of its union."""
        for i in [i for i, due in enumerate(self._due) if due <= w.quarter and not adopted[i]]:
            if self._waits(w, i, adopted):
                continue
            self._due[i], self._joined[i] = NEVER, w.quarter
            yield self._adopt(w, i, self._level(w, float(utility[i])))

    def _waits(self, w: World, i: int, adopted: Sequence[float]) -> bool:
        """Whether a group of states still waits for members of its union that have not decided."""
        if i not in self._groups:
            return False
        e = w.economy
        fellows = [e.state_index[s] for s in clubs()[UNION].shares(e.states)]
        return any(adopted[j] == 0 and self._due[j] == NEVER for j in fellows if j != i)

    def _level(self, w: World, utility: float) -> float:
        """By list alone, or with end users where the reasons are strong."""
        p = w.params.accession
        return max(self.config.level, p.full_level) if utility > p.upgrade else self.config.level

    def _adopt(self, w: World, i: int, level: float) -> Move:
        e = w.economy
        return Move(quarter=w.quarter, actor=e.states[i], verb="adopt", issuer=e.states[INCUMBENT], level=level, source=self.config.name)

    def _stay(self, w: World, utility: Array, adopted: Sequence[float]) -> Iterator[Move]:
        """Members review their level once a year, and may leave when the reasons are gone; for others somebody else decides."""
        e, p = w.economy, w.params.accession
        inside = [i for i, level in enumerate(adopted) if level > 0 and self._invited[i]]
        if not inside:
            return
        leaving = w.streams.uniform(LEAVE, w.quarter, e.n_states) < _logistic(-utility - p.exit_cost)
        for i in inside:
            if leaving[i]:
                self.decisions.append(Decision(w.quarter, e.states[i], "leave", float(utility[i])))
                yield Move(quarter=w.quarter, actor=e.states[i], verb="leave", issuer=e.states[INCUMBENT], source=self.config.name)
                continue
            level = self._level(w, float(utility[i]))
            if level > adopted[i] and (w.quarter - self._joined[i]) % YEAR == 0:
                self.decisions.append(Decision(w.quarter, e.states[i], "raise", float(utility[i])))
                yield self._adopt(w, i, level)

    def _emergency(self, w: World) -> Iterator[Move]:
        """Against an aggressor other than the challenger, friends follow by their own law at once."""
        e = w.economy
        issuer, target = e.states[INCUMBENT], e.states[CHALLENGER]
        for rule in [r for r in w.book.rules.values() if r.issuer == issuer and r.ground == AGGRESSION]:
            if target in rule.destinations or not rule.destinations:
                continue
            friends = self._friends(w, rule.products)
            for i in friends:
                if (e.states[i], rule.id) in self._answered or e.states[i] in rule.destinations:
                    continue
                self._answered.add((e.states[i], rule.id))
                yield Move(
                    quarter=w.quarter,
                    actor=e.states[i],
                    verb="impose",
                    tool="align_sanctions",
                    rule=f"{self.config.name}:{rule.id}:{e.states[i]}",
                    products=rule.products,
                    destinations=rule.destinations,
                    ground=AGGRESSION,
                    source=self.config.name,
                )

    def _friends(self, w: World, products: tuple[str, ...]) -> Array:
        """States that follow at once: full threat, their supply against the world's, nothing at stake."""
        e, p = w.economy, w.params.accession
        covered = np.isin(e.product, [e.product_index[x] for x in products]) if products else np.ones(e.n_firms, dtype=bool)
        supply = np.bincount(e.location, weights=e.output0 * covered, minlength=e.n_states)
        utility = p.inclination + p.pressure * (e.side == 1) / 2.0 + p.threat * supply / supply.sum() + p.norms
        utility = utility + p.path_dependence * np.log1p(self._past(e))
        luck = w.streams.uniform(EMERGENCY, w.quarter, e.n_states)
        return np.flatnonzero(np.array(self._invited) & (luck < _logistic(utility)))


@lru_cache(maxsize=8)
def groups(e: Economy) -> frozenset[int]:
    """States that stand for several."""
    kinds = e.state_table.get("kind")
    return frozenset() if kinds is None else frozenset(np.flatnonzero(kinds.to_numpy() == "group").tolist())


def levels(w: World) -> Array:
    """Level at which each state applies the incumbent's rules, shape (S,)."""
    e = w.economy
    level = np.zeros(e.n_states)
    for (state, issuer), value in w.book.adoption.items():
        if issuer == e.states[INCUMBENT]:
            level[e.state_index[state]] = value
    return level


def _logistic(x: Array) -> Array:
    return (1.0 + np.tanh(x / 2.0)) / 2.0
