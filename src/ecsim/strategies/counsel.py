"""The challenger carries out what the papers advise, each recommendation at its strength, and keeps account of the cost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ecsim.moves import Move
from ecsim.rules import Measure
from ecsim.strategies.advice import ADVICE, PREFIX, Advice, parts
from ecsim.strategies.challenger import severity_of
from ecsim.strategies.measure import renew
from ecsim.strategies.outlook import Observer, Outlook
from ecsim.strategies.settings import ResponseConfig
from ecsim.tools import Effect
from ecsim.world import World

YEAR = 4
SLACK = 1e-9
SHORT_RUN = ("relief", "substitute_channels")  # what balance runs down
LONG_RUN = "core_technology"  # what it builds up
COSTING = ("subsidy", "stockpile")  # channels of measures that cost the public anything


class Counsel:
    """Carries out components at their strength.

    Args:
        config: its `components`.
        observer: shared with other strategies of the run.

    Attributes:
        spent: public cost of each component so far, USD bn.
    """

    def __init__(self, config: ResponseConfig, observer: Observer) -> None:
        self.config = config
        self.observer = observer
        self.spent: dict[str, float] = {}
        self._since: int | None = None
        self._taken = frozenset(part.name for name in config.components for part, _ in parts(ADVICE[name]))
        self._read = -1  # version of the rule book
        self._own: list[Measure] = []  # in force
        self._agreed: tuple[bool, list[Measure]] | None = None  # whether the short run was over, and measures, at a review that left all
        self._billed: Outlook | None = None
        self._bills: list[tuple[str, float]] = []

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Components that begin, change or end this quarter; the cost of those in force is booked."""
        if self._since is None and severity_of(world) > SLACK:
            self._since = quarter
        self._book(world)
        now = self._settled(world), self._own
        if self._taken <= world.book.measures.keys() and (quarter % YEAR or now == self._agreed):
            return []  # what is in force is reviewed once a year, unless all of it was found as it should be
        made = [move for name in self.config.components for move in self._carry_out(world, ADVICE[name])]
        self._agreed = None if made else now
        return made

    def strength(self, name: str) -> float:
        """Strength of a component, 0 to 1."""
        return float(self.config.components.get(name, 0.0))

    def delay(self, world: World, advice: Advice) -> int:
        """Quarters from the first control, less what coordination, efficiency and early warning save."""
        p = world.params.counsel
        quick = p.dispatch * max(self.strength("coordination"), self.strength("efficiency"))
        return max(0, round(advice.delay.value * (1.0 - quick) - p.haste * self.strength("early_warning")))

    def _carry_out(self, w: World, advice: Advice) -> Iterator[Move]:
        due = parts(advice)
        if w.quarter % YEAR:
            due = tuple((part, effect) for part, effect in due if part.name not in w.book.measures)
        ahead = advice.delay.value < 0
        if not due or (not ahead and (self._since is None or w.quarter - self._since < self.delay(w, advice))):
            return
        strength = self.strength(advice.id) * self._left(w, advice)
        for part, effect in due:
            size = strength * effect.size.value + self._shifted(w, advice, effect)
            yield from renew(w, part, size, effect.products)

    def _settled(self, w: World) -> bool:
        """Whether the time of short relief is over."""
        return self._since is not None and w.quarter - self._since >= w.params.counsel.short

    def _left(self, w: World, advice: Advice) -> float:
        """What balance leaves of short-run components once their time is over."""
        return 1.0 - self.strength("balance") if advice.id in SHORT_RUN and self._settled(w) else 1.0

    def _shifted(self, w: World, advice: Advice, effect: Effect) -> float:
        """USD bn a year of relief that balance has moved to capability, in its first tool."""
        if advice.id != LONG_RUN or effect is not next(e for _, e in parts(advice)) or not self._settled(w):
            return 0.0
        relief = sum(e.size.value for _, e in parts(ADVICE["relief"]) if e.channel == "subsidy")
        return relief * self.strength("relief") * self.strength("balance")

    def _book(self, w: World) -> None:
        """Book a quarter's cost of what is in force."""
        if self._read != w.book.version:
            self._read, before = w.book.version, self._own
            self._own = [m for m in w.book.measures.values() if m.id.startswith(PREFIX)]
            if self._own != before:
                self._billed = None
        if not self._own:
            return
        seen = self.observer.look(w)
        if self._billed is not seen:
            self._billed, self._bills = seen, list(self._costs(w, seen))
        for name, yearly in self._bills:
            self.spent[name] = self.spent.get(name, 0.0) + yearly / YEAR

    def _costs(self, w: World, seen: Outlook) -> Iterator[tuple[str, float]]:
        """Component and USD bn a year: of each measure in force that costs anything, and of the components themselves."""
        bought = float(seen.bought.sum())
        for measure in self._own:
            if measure.channel in COSTING:
                yield component_of(measure.id), cost_of(measure.channel, measure.size, bought, w.params.counsel.carrying)
        for name in dict.fromkeys([component_of(m.id) for m in self._own]):
            yield name, ADVICE[name].cost.value * self.strength(name)


@cache
def component_of(measure: str) -> str:
    """The component that a measure is part of."""
    return measure.removeprefix(PREFIX).split(":")[0]


def cost_of(channel: str, size: float, bought: float, carrying: float) -> float:
    """Public cost of a measure, USD bn a year: a subsidy costs itself, a stock what it takes to hold it.

    Args:
        bought: purchases of the challenger's buyers, USD bn a quarter.
        carrying: cost of holding stock, a year, as a share of its value.
    """
    if channel == "subsidy":
        return size
    return carrying * size * bought if channel == "stockpile" else 0.0
