"""A declared doctrine: how wide the yard, how high the fence, how far it reaches, and how it adapts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecsim.data import company_names
from ecsim.economy import CHALLENGER, INCUMBENT
from ecsim.errors import unknown
from ecsim.moves import Move
from ecsim.strategies.base import NEVER, Patient
from ecsim.strategies.settings import PolicyConfig, quarter_of
from ecsim.world import World

RULE = "doctrine"
NAMED = "named"  # list of the companies listed by name
BY_COUNT = "counted"  # list of the further entities
SLACK = 1e-9


@dataclass(frozen=True)
class Clause:
    """Part of a doctrine that makes one rule.

    Attributes:
        products: products controlled.
        level: technology from which they are, relative to the frontier at the start; None for every item.
        end_uses: what the buyers covered make; empty for every buyer.
    """

    products: tuple[str, ...]
    level: float | None
    end_uses: tuple[str, ...]


class Doctrine(Patient):
    """Emits the moves that a `PolicyConfig` declares.

    Args:
        config: the doctrine.
    """

    def __init__(self, config: PolicyConfig) -> None:
        self.config = config
        self.start = quarter_of(config.start, "policy.start")
        self._reviews = 0

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Rules at the start, listings over the phase-in, reviews after it."""
        c = self.config
        moves: list[Move] = []
        if quarter == self.start:
            moves += [*self._controls(world), *self._list_named(world), *self._military(world), *self._measures(world)]
        if self.start <= quarter < self.start + c.phase_in:
            moves += self._list_up_to(world, c.listings * (quarter - self.start + 1) // c.phase_in)
        if c.review and quarter > self.start and (quarter - self.start) % c.review == 0:
            moves += self._review(world)
        return moves

    def idle_until(self, world: World, quarter: int) -> int:
        """The start, each quarter of the phase-in, and the reviews."""
        age, c = quarter - self.start, self.config
        if age < 0:
            return self.start
        if age < c.phase_in:
            return quarter + 1
        return quarter + c.review - age % c.review if c.review else NEVER

    def clauses(self, world: World) -> list[Clause]:
        """Products by threshold and end use."""
        c = self.config
        groups: dict[tuple[float | None, tuple[str, ...]], list[str]] = {}
        for product in c.scope or world.economy.products:
            if product in world.economy.product_index:
                groups.setdefault((c.thresholds.get(product, c.threshold), c.end_uses.get(product, ())), []).append(product)
        return [Clause(tuple(products), level, end_uses) for (level, end_uses), products in groups.items()]

    def _level(self, world: World, relative: float | None) -> float | None:
        """A threshold as a rule has it: a generation is, by definition, a fixed time of frontier."""
        if relative is None or self.config.sliding:
            return relative
        return relative + world.params.innovation.frontier_speed * self.start

    def _controls(self, world: World) -> Iterator[Move]:
        c = self.config
        if c.height <= 0:
            return
        for number, clause in enumerate(self.clauses(world), 1):
            yield Move.make(
                world.quarter,
                _incumbent(world),
                "impose",
                tool="country_rule",
                rule=f"{RULE}:{number}",
                products=clause.products,
                end_uses=clause.end_uses,
                destinations=c.destinations,
                threshold=self._level(world, clause.level),
                sliding=c.sliding and clause.level is not None,
                denial=c.height,
                delay=c.delay,
                fdp=c.fdp,
                de_minimis=c.de_minimis,
                spares=_present(world, c.spares),
                persons=c.persons,
                owners=c.owners,
                affiliates=c.affiliates,
                exempt=_present(world, c.exempt),
                ground=c.ground,
                source=f"policy {c.name}",
            )

    def _list_named(self, world: World) -> Iterator[Move]:
        c = self.config
        for name in c.companies:
            if name not in world.economy.company_rows and name not in company_names():
                raise unknown("policy.companies", "company", name, world.economy.company_rows)
        present = tuple(name for name in c.companies if name in world.economy.company_rows)
        if present and c.listing_height > 0:
            yield self._listing(world, NAMED, fdp=c.listing_fdp, entities=present)

    def _list_up_to(self, world: World, total: int) -> Iterator[Move]:
        """Further entities, so that as many as wanted are on the list: what did not fit before is made up for."""
        c = self.config
        if c.listing_products and not any(p in world.economy.product_index for p in c.listing_products):
            return
        name = f"{_incumbent(world)}:{BY_COUNT}"
        on = (world.economy.entities[row] * world.book.listed(name, row) for row in world.book.parties.get(name, ()))
        count = total - round(sum(on))
        if count > 0 and c.listing_height > 0:
            yield self._listing(world, BY_COUNT, count=count, destinations=c.destinations, products=c.listing_products)

    def _listing(
        self,
        world: World,
        name: str,
        *,
        fdp: bool | None = None,
        entities: tuple[str, ...] = (),
        count: int | None = None,
        destinations: tuple[str, ...] = (),
        products: tuple[str, ...] = (),
    ) -> Move:
        """A listing; the first one on a list sets its terms."""
        c = self.config
        rule = f"{RULE}:{name}"
        first = rule not in world.book.rules
        return Move.make(
            world.quarter,
            _incumbent(world),
            "list",
            tool="entity_list",
            rule=rule if first else "",
            list_name=name,
            entities=entities,
            count=count,
            destinations=destinations,
            products=products,
            denial=c.listing_height if first else None,
            delay=c.delay if first else None,
            fdp=fdp if first else None,
            affiliates=c.affiliates if first else None,
            source=f"policy {c.name}",
        )

    def _military(self, world: World) -> Iterator[Move]:
        c = self.config
        if c.military and c.height > 0:
            yield Move.make(
                world.quarter,
                _incumbent(world),
                "impose",
                tool="end_use_rule",
                rule=f"{RULE}:military",
                destinations=c.destinations,
                denial=c.listing_height,
                delay=c.delay,
                source=f"policy {c.name}",
            )

    def _measures(self, world: World) -> Iterator[Move]:
        for channel, size in self.config.measures.items():
            yield Move.make(
                world.quarter,
                _incumbent(world),
                "measure",
                tool=MEASURE_TOOLS[channel],
                rule=f"{RULE}:{channel}",
                channel=channel,
                size=size,
                source=f"policy {self.config.name}",
            )

    def _review(self, world: World) -> Iterator[Move]:
        """Thresholds that the challenger has left behind it are lowered, and further parties listed."""
        c = self.config
        self._reviews += 1
        for number, clause in enumerate(self.clauses(world), 1):
            rule = world.book.rules.get(f"{RULE}:{number}")
            if rule is None or rule.threshold is None or clause.level is None or c.review_step <= 0:
                continue
            if _is_evaded(world, clause.products):
                yield Move.make(
                    world.quarter,
                    _incumbent(world),
                    "amend",
                    rule=rule.id,
                    threshold=rule.threshold - c.review_step,
                    source=f"policy {c.name}, review {self._reviews}",
                )
        yield from self._list_up_to(world, c.listings + self._reviews * c.review_listings)


MEASURE_TOOLS = {
    "tariff": "s301",
    "talent": "study_visit_limits",
    "investment": "cfius",
    "finance": "patriot_311",
    "market_access": "procurement_ban",
    "subsidy": "chips_act",
    "enforcement": "long_arm",
}


def _is_evaded(world: World, products: tuple[str, ...]) -> bool:
    """Whether goods are sold to the challenger just below the threshold of these products."""
    e = world.economy
    wanted = [e.product_index[p] for p in products]
    slots = (e.location[e.slot_firm] == CHALLENGER) & (e.slot_input[:, None] == wanted).any(axis=1)
    return bool((world.degraded[slots] > SLACK).any())


def _present(world: World, states: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the states that the economy has."""
    return tuple(s for s in states if s in world.economy.state_index)


def _incumbent(world: World) -> str:
    return world.economy.states[INCUMBENT]
