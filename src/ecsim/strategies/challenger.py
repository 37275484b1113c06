"""How the challenger answers: substitution funds, stocks and counter-controls, each a component with its own switch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Economy
from ecsim.institutes import institutes
from ecsim.moves import Move
from ecsim.strategies.base import NEVER, Patient
from ecsim.strategies.measure import Component, renew
from ecsim.strategies.settings import ResponseConfig
from ecsim.world import World

YEAR = 4  # budgets are set once a year
COUNTER = "response:counter"
PERCENT = 100.0
SLACK = 1e-9


FUND = Component("response:fund", "new_whole_nation", "subsidy")
STOCK = Component("response:stock", "non_us_supply", "stockpile")
MARKET = Component("response:market", "market_access", "market_access")


@dataclass(frozen=True)
class Reading:
    """A rule book as the challenger reads it.

    Attributes:
        version: of the rules; readings are equal where all else is.
        severity: how much the rules aimed at it deny.
        controllers: states whose rules, own or adopted, are aimed at it.
        country: that of rules on goods for the country as a whole and of their adoption, without lists and rules on military use.
    """

    version: int = field(compare=False)
    severity: float
    controllers: tuple[str, ...]
    country: float

    @staticmethod
    def of(world: World) -> Reading:
        """What is in force now: products times denial of the rules aimed at the challenger, list rules counting with their parties."""
        e, book = world.economy, world.book
        target, total, country, issuers = e.states[CHALLENGER], 0.0, 0.0, set()
        for rule in book.rules.values():
            if rule.denial <= 0 or rule.issuer == target:
                continue
            reach = float(len(rule.products) or e.n_products)
            if rule.party_list:
                if not _lists_any(world, rule.party_list, target):
                    continue
                on = len(book.parties[rule.party_list]) + len(book.institutes.get(rule.party_list, ()))
                reach *= on / e.n_firms
            elif rule.destinations and target not in rule.destinations:
                continue
            country += rule.denial * reach * (not (rule.party_list or rule.military))
            total += rule.denial * reach
            issuers.add(rule.issuer)
        issuers |= {state for (state, issuer), level in book.adoption.items() if issuer in issuers and level > 0}
        joined = sum(book.adoption.values())
        return Reading(
            book.version_of_rules,
            total + joined * (total > 0),
            tuple(s for s in e.states if s in issuers),
            country + joined * (country > 0),
        )


class Response(Patient):
    """Answers controls aimed at the challenger, from the first of them on; with counter-controls, rules on the country while there are any.

    On the record, listings of 2018 to 2022 met no counter-control of materials, and the rules of October 2022 did.

    Args:
        config: the components and their strength.
    """

    def __init__(self, config: ResponseConfig) -> None:
        self.config = config
        self._since: int | None = None
        self._country_since: int | None = None
        self._severity = 0.0
        self._height = 0.0
        self._read = Reading(-1, 0.0, (), 0.0)

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Budget and stocks once a year; counter-controls after their delay."""
        self._read = self._reading(world)
        if self._since is None:
            if self._read.severity <= SLACK:
                return []
            self._since = quarter
        age = quarter - self._since
        moves: list[Move] = []
        if age >= self.config.subsidy_delay and (age - self.config.subsidy_delay) % YEAR == 0:
            moves += self._budget(world)
        if self.config.counters:
            moves += self._counter(world, quarter)
        return moves

    def idle_until(self, world: World, quarter: int) -> int:
        """The next budget, or the counter-controls if they come before; the next quarter where others changed what it answers."""
        now = self._reading(world)
        if now != self._read or (self.config.counters and any(self._stance(world, quarter))):
            return quarter + 1
        self._read = now
        if self._since is None:
            return NEVER
        first = self._since + self.config.subsidy_delay
        budget = first if quarter < first else quarter + YEAR - (quarter - first) % YEAR
        counter = NEVER if self._country_since is None else self._country_since + self.config.counter_delay
        return min(budget, counter) if counter > quarter else budget

    def _reading(self, world: World) -> Reading:
        """The rule book as it is now."""
        return self._read if self._read.version == world.book.version_of_rules else Reading.of(world)

    def _budget(self, world: World) -> Iterator[Move]:
        """USD bn a year: budget share of GDP, in proportion to the greatest threat, over the threatened products; and stocks of them.

        With several domains in the run, each has the part of the budget that it has of value added, so that a small
        chain cannot swallow what a large one was given.
        """
        products = world.economy.products
        threats: dict[int, float] = {}
        path = world.economy.gdp_nominal[:, CHALLENGER]
        gdp = float(path[min(world.quarter, len(path) - 1)])
        budget = self.config.subsidy * world.params.innovation.subsidy_budget / PERCENT * gdp
        for fund, among, part in _funds(world.economy):
            threat = felt(world, among)
            worst = max(threat.values(), default=0.0)
            threats |= threat
            focus = tuple(products[i] for i, x in threat.items() if x >= self.config.focus * worst)
            yield from renew(world, fund, budget * worst * part, focus)
        worst = max(threats.values(), default=0.0)
        yield from renew(world, STOCK, self.config.stockpile * worst, tuple(products[i] for i in sorted(threats)))

    def _counter(self, world: World, quarter: int) -> Iterator[Move]:
        """Counter-controls at once at full height or, tit for tat, one step for each tightening or relaxation of rules on the country."""
        c, severity = self.config, self._read.country
        step = c.counter_step or 1.0
        if severity <= SLACK:
            self._country_since, self._height = None, 0.0
        elif self._country_since is None:
            self._country_since = quarter
        age = -1 if self._country_since is None else quarter - self._country_since
        if age == c.counter_delay:
            self._height = step
        elif age > c.counter_delay and c.counter_step > 0:
            if severity > self._severity + SLACK:
                self._height = min(1.0, self._height + step)
            elif severity < self._severity - SLACK:
                self._height = max(0.0, self._height - step)
        self._severity = severity
        yield from self._stance(world, quarter)

    def _stance(self, world: World, quarter: int) -> Iterator[Move]:
        """What keeps counter-controls at their height, once their delay is over or where there is nothing to counter."""
        since = self._country_since
        if since is None or quarter - since >= self.config.counter_delay:
            yield from self._counter_moves(world, min(1.0, self._height), self._read.controllers)

    def _counter_moves(self, world: World, share: float, targets: tuple[str, ...]) -> Iterator[Move]:
        c, book = self.config, world.book
        known = tuple(p for p in c.counter_products if p in world.economy.product_index)
        actor, quarter = world.economy.states[CHALLENGER], world.quarter
        denial = share * c.counter_height
        rule = book.rules.get(COUNTER)
        if rule is None and known and denial > 0 and targets:
            yield Move.make(
                quarter,
                actor,
                "impose",
                tool="minerals",
                rule=COUNTER,
                products=known,
                destinations=targets,
                denial=denial,
                source=f"response {c.name}",
            )
        elif rule is not None and (denial <= 0 or not targets):
            yield Move.make(quarter, actor, "lift", rule=COUNTER, source=f"response {c.name}")
        elif rule is not None and (abs(rule.denial - denial) > SLACK or rule.destinations != targets):
            yield Move.make(quarter, actor, "amend", rule=COUNTER, denial=denial, destinations=targets, source=f"response {c.name}")
        incumbent = (world.economy.states[INCUMBENT],)
        yield from renew(world, MARKET, share * c.close_market, (), incumbent)


def felt(world: World, among: Sequence[int]) -> dict[int, float]:
    """Threat to the challenger's supply of those of some products that are threatened; of none where the worst is not worth a decision."""
    threat = world.threat[:, CHALLENGER].tolist()
    found = {i: threat[i] for i in among if threat[i] > 0.0}
    return found if max(found.values(), default=0.0) >= world.params.counsel.least_change else {}


@lru_cache(maxsize=8)
def _funds(e: Economy) -> tuple[tuple[Component, tuple[int, ...], float], ...]:
    """The fund of each domain, its products, and its part of value added; one fund of everything where there is one domain."""
    if len(e.domains) < 2:
        return ((FUND, tuple(range(e.n_products)), 1.0),)
    added = np.bincount(e.product, weights=e.output0, minlength=e.n_products) * e.product_weight
    return tuple(
        (replace(FUND, name=f"{FUND.name}:{d}"), tuple(among.tolist()), float(added[among].sum() / added.sum()))
        for d, among in e.domains.items()
    )


def controllers(world: World) -> tuple[str, ...]:
    """States whose rules, own or adopted, are aimed at the challenger, in the order of states."""
    return Reading.of(world).controllers


def severity_of(world: World) -> float:
    """How much the rules aimed at the challenger deny."""
    return Reading.of(world).severity


def _lists_any(world: World, name: str, state: str) -> bool:
    """Whether any party on a list is of a state."""
    e, book = world.economy, world.book
    if any(institutes()[body].state == state for body in book.institutes.get(name, ())):
        return True
    return not _rows_of(e, state).isdisjoint(book.parties.get(name, ()))


@lru_cache(maxsize=64)
def _rows_of(e: Economy, state: str) -> frozenset[int]:
    """Rows of the firms that are owned in a state."""
    return frozenset(np.flatnonzero(e.owner == e.state_index[state]).tolist())
