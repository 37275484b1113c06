"""How the challenger answers: substitution funds, stocks and counter-controls, each a component with its own switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.institutes import institutes
from ecsim.moves import Move
from ecsim.rules import Rule
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


class Response:
    """Answers controls aimed at the challenger, from the first of them on.

    Args:
        config: the components and their strength.
    """

    def __init__(self, config: ResponseConfig) -> None:
        self.config = config
        self._since: int | None = None
        self._severity = 0.0
        self._height = 0.0
        self._read: tuple[int, float, tuple[str, ...]] = (-1, 0.0, ())

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Budget and stocks once a year; counter-controls after their delay."""
        if self._read[0] != world.book.version:
            self._read = (world.book.version, severity_of(world), controllers(world))
        severity = self._read[1]
        if self._since is None:
            if severity <= SLACK:
                return []
            self._since = quarter
        age = quarter - self._since
        moves: list[Move] = []
        if age >= self.config.subsidy_delay and (age - self.config.subsidy_delay) % YEAR == 0:
            moves += [*self._fund(world), *self._stock(world)]
        if self.config.counters:
            moves += self._counter(world, age, severity)
        self._severity = severity
        return moves

    def _fund(self, world: World) -> Iterator[Move]:
        """USD bn a year: budget share of GDP, in proportion to the greatest threat, over the threatened products.

        With several domains in the run, each has the part of the budget that it has of value added, so that a small
        chain cannot swallow what a large one was given.
        """
        path = world.economy.gdp_nominal[:, CHALLENGER]
        gdp = float(path[min(world.quarter, len(path) - 1)])
        budget = self.config.subsidy * world.params.innovation.subsidy_budget / PERCENT * gdp
        for fund, among, part in _funds(world.economy):
            threat = world.threat[among, CHALLENGER]
            focus = among[(threat > 0) & (threat >= self.config.focus * threat.max())]
            products = tuple(world.economy.products[i] for i in focus)
            yield from renew(world, fund, budget * float(threat.max()) * part, products)

    def _stock(self, world: World) -> Iterator[Move]:
        """Extra cover in proportion to the greatest threat, of the threatened products."""
        threat = world.threat[:, CHALLENGER]
        products = tuple(world.economy.products[i] for i in np.flatnonzero(threat > 0))
        yield from renew(world, STOCK, self.config.stockpile * float(threat.max()), products)

    def _counter(self, world: World, age: int, severity: float) -> Iterator[Move]:
        """Counter-controls at once at full height or, tit for tat, one step for each tightening or relaxation."""
        c = self.config
        step = c.counter_step or 1.0
        if age == c.counter_delay:
            self._height = step
        elif age > c.counter_delay and c.counter_step > 0:
            if severity > self._severity + SLACK:
                self._height = min(1.0, self._height + step)
            elif severity < self._severity - SLACK:
                self._height = max(0.0, self._height - step)
        if severity <= SLACK:
            self._height = 0.0
        targets = self._read[2]
        if age >= c.counter_delay:
            yield from self._counter_moves(world, min(1.0, self._height), targets)

    def _counter_moves(self, world: World, share: float, targets: tuple[str, ...]) -> Iterator[Move]:
        c, book = self.config, world.book
        known = tuple(p for p in c.counter_products if p in world.economy.product_index)
        actor, quarter = world.economy.states[CHALLENGER], world.quarter
        denial = share * c.counter_height
        rule = book.rules.get(COUNTER)
        if rule is None and known and denial > 0 and targets:
            yield Move(
                quarter=quarter,
                actor=actor,
                verb="impose",
                tool="minerals",
                rule=COUNTER,
                products=known,
                destinations=targets,
                denial=denial,
                source=f"response {c.name}",
            )
        elif rule is not None and (denial <= 0 or not targets):
            yield Move(quarter=quarter, actor=actor, verb="lift", rule=COUNTER, source=f"response {c.name}")
        elif rule is not None and (abs(rule.denial - denial) > SLACK or rule.destinations != targets):
            yield Move(
                quarter=quarter, actor=actor, verb="amend", rule=COUNTER, denial=denial, destinations=targets, source=f"response {c.name}"
            )
        incumbent = (world.economy.states[INCUMBENT],)
        yield from renew(world, MARKET, share * c.close_market, (), incumbent)


@lru_cache(maxsize=8)
def _funds(e: Economy) -> tuple[tuple[Component, Array, float], ...]:
    """The fund of each domain, its products, and its part of value added; one fund of everything where there is one domain."""
    if len(e.domains) < 2:
        return ((FUND, np.arange(e.n_products), 1.0),)
    added = np.bincount(e.product, weights=e.output0, minlength=e.n_products) * e.product_weight
    return tuple((replace(FUND, name=f"{FUND.name}:{d}"), among, float(added[among].sum() / added.sum())) for d, among in e.domains.items())


def controllers(world: World) -> tuple[str, ...]:
    """States whose rules, own or adopted, are aimed at the challenger, in the order of states."""
    e, book = world.economy, world.book
    aimed = {r.issuer for r in book.rules.values() if is_aimed(r, world)}
    aimed |= {state for (state, issuer), level in book.adoption.items() if issuer in aimed and level > 0}
    return tuple(s for s in e.states if s in aimed)


def is_aimed(rule: Rule, world: World) -> bool:
    """Whether a rule denies anything to the challenger's buyers or to parties on a list."""
    e = world.economy
    target = e.states[CHALLENGER]
    if rule.issuer == target or rule.denial <= 0:
        return False
    if rule.party_list:
        parties = world.book.parties.get(rule.party_list, set())
        if any(institutes()[name].state == target for name in world.book.institutes.get(rule.party_list, ())):
            return True
        return any(e.owner[row] == CHALLENGER for row in parties)
    return not rule.destinations or target in rule.destinations


def severity_of(world: World) -> float:
    """How much the rules aimed at the challenger deny, in products times denial, list rules counting with their parties."""
    e, book = world.economy, world.book
    total = 0.0
    for rule in book.rules.values():
        if not is_aimed(rule, world):
            continue
        reach = float(len(rule.products) or e.n_products)
        if rule.party_list:
            on = len(book.parties[rule.party_list]) + len(book.institutes.get(rule.party_list, ()))
            reach *= on / e.n_firms
        total += rule.denial * reach
    return total + sum(book.adoption.values()) * (total > 0)
