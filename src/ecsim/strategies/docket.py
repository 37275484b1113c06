"""A government's docket: rules, lists and measures of its own in force, and how an option taken becomes a move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array
from ecsim.mechanisms.power import power_ratio
from ecsim.moves import Move
from ecsim.strategies.choice import MEASURES, Option, Standing
from ecsim.strategies.listing import TOOL as LIST
from ecsim.strategies.makers import targets
from ecsim.strategies.settings import PolicyConfig
from ecsim.strategies.yard import RELAX, RULES, TIGHTEN, covered, thresholds
from ecsim.world import World

GROUNDS = ("national security", "military end use", "foreign policy", "human rights")
TRADITIONAL = np.array([1.0, 1.0, 0.0, 0.0])  # grounds inherited from the Cold War [Li et al. 2024, section 2.2.4]


@dataclass
class Agenda:
    """What is left to do: options by utility, and the thresholds that they lead to (2, tools, products)."""

    options: list[Option]
    threshold: Array

    def now(self, fresh: bool) -> int:
        """How many are due this quarter: half of a fresh agenda, rounded up, then the rest."""
        return (len(self.options) + 1) // 2 if fresh else len(self.options)


@dataclass(frozen=True)
class Draft:
    """A rule on goods in the making: when it is ready, what it is, whether it is a first rule or tightens one in force."""

    due: int
    option: Option
    fresh: bool


@dataclass(eq=False)
class Docket(Standing):
    """What a government has done so far, and how an option becomes a move.

    Attributes:
        theta: threshold of each of its rules, in force or in draft, NaN where it has none, (tools, products).
        drafts: rules in the making, in the order in which they were taken up.
        counted: unnamed entities on it, by product.
        grounds: uses of each ground.
        end_uses: product -> what its buyers must make to be covered by a rule on it.
        within: share of the challenger's purchases of each product by makers of its end uses, (products,).
        exempt: owner states whose plants in the challenger are spared.
    """

    theta: Array
    drafts: list[Draft]
    counted: Array
    grounds: Array
    end_uses: Mapping[str, tuple[str, ...]]
    within: Array
    exempt: tuple[str, ...]

    @staticmethod
    def of(w: World, config: PolicyConfig) -> Docket:
        """The start: no rules, the trade tools inherited."""
        e = w.economy
        names = config.scope or e.products
        inherited = np.zeros(len(RULES) + 1 + len(MEASURES))
        inherited[[RULES.index("ccl"), len(RULES)]] = w.params.government.inheritance
        return Docket(
            scope=np.isin(np.array(e.products), names),
            drafting=np.zeros((len(RULES), e.n_products), dtype=bool),
            theta=np.full((len(RULES), e.n_products), np.nan),
            drafts=[],
            listed=np.zeros(len(targets(e).companies), dtype=bool),
            counted=np.zeros(e.n_products),
            measures=np.zeros(len(MEASURES), dtype=bool),
            stock=inherited,
            grounds=np.zeros(len(GROUNDS)),
            end_uses=config.end_uses,
            within=covered(e, config.end_uses),
            exempt=tuple(s for s in config.exempt if s in e.state_index),
        )

    def ground(self, w: World, noise: Array) -> str:
        """A ground by habit and noise; what is said often loses force with those who listen to the rising power."""
        p = w.params.government
        utility = p.ground_habit * TRADITIONAL - p.fatigue * p.voice * power_ratio(w) * np.log1p(self.grounds)
        return GROUNDS[int((utility - noise).argmax())]

    def draft(self, w: World, option: Option, agenda: Agenda, capacity: float) -> None:
        """Take a rule up. A first one takes longer than a change of one in force, both less under an administration of more capacity.

        Args:
            capacity: of the administration, against that of the start.
        """
        p, at = w.params.government, (RULES.index(option.tool), option.about)
        fresh = bool(np.isnan(self.theta[at]))
        self.theta[at], self.drafting[at] = agenda.threshold[TIGHTEN][at], True
        self.drafts.append(Draft(w.quarter + round((p.draft if fresh else p.redraft) / capacity), option, fresh))

    def ready(self, quarter: int) -> list[Option]:
        """Rules whose draft is finished."""
        return [d.option for d in self.drafts if d.due <= quarter]

    def carry_out(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        """The move of an option, remembered."""
        act = {
            "tighten": self._tighten,
            "relax": self._relax,
            "list": self._list,
            "delist": self._delist,
            "take": self._take,
            "end": self._end,
        }[option.kind]
        if option.kind in ("tighten", "list", "take"):
            self.grounds[GROUNDS.index(ground)] += 1.0
            self.stock[(*RULES, LIST, *MEASURES).index(option.tool)] += 1.0
        return act(w, option, agenda, ground)

    def _tighten(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        r, i = RULES.index(option.tool), option.about
        draft = next(d for d in self.drafts if d.option is option)
        self.drafts.remove(draft)
        first, deep = thresholds(w.params.government, w.frontier[i])  # as of the day on which it takes effect
        threshold = float(first if draft.fresh else deep)
        self.theta[r, i], self.drafting[r, i] = threshold, False
        rule = _rule(w, option)
        if not draft.fresh:
            return _move(w, verb="amend", rule=rule, threshold=threshold, ground=ground)
        name = w.economy.products[i]
        makes = tuple(x for x in self.end_uses.get(name, ()) if x in w.economy.product_index)
        return _move(
            w,
            verb="impose",
            tool=option.tool,
            rule=rule,
            products=(name,),
            threshold=threshold,
            end_uses=makes,
            exempt=self.exempt,
            ground=ground,
        )

    def _relax(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        r, i = RULES.index(option.tool), option.about
        self.drafts = [d for d in self.drafts if (d.option.tool, d.option.about) != (option.tool, i)]  # a change under way is dropped
        self.theta[r, i], self.drafting[r, i] = agenda.threshold[RELAX, r, i], False
        if np.isnan(self.theta[r, i]):
            return _move(w, verb="lift", rule=_rule(w, option))
        return _move(w, verb="amend", rule=_rule(w, option), threshold=float(self.theta[r, i]))

    def _list(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        who, count = targets(w.economy), int(w.params.government.listing)
        if option.about < len(who.companies):
            self.listed[option.about] = True
            return _move(w, verb="list", tool=LIST, entities=(who.companies[option.about],), parties=count, ground=ground)
        i = option.about - len(who.companies)
        self.counted[i] += w.params.government.listing
        rival = (w.economy.states[CHALLENGER],)
        goods = (w.economy.products[i],)
        return _move(w, verb="list", tool=LIST, count=count, parties=count, destinations=rival, products=goods, ground=ground)

    def _delist(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        self.listed[option.about] = False
        company = targets(w.economy).companies[option.about]
        return _move(w, verb="delist", tool=LIST, entities=(company,), parties=int(w.params.government.listing))

    def _take(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        self.measures[option.about] = True
        return _move(w, verb="impose", tool=option.tool, rule=_measure(option), ground=ground)

    def _end(self, w: World, option: Option, agenda: Agenda, ground: str) -> Move:
        self.measures[option.about] = False
        return _move(w, verb="lift", rule=_measure(option))


def _rule(w: World, option: Option) -> str:
    return f"choice:{option.tool}:{w.economy.products[option.about]}"


def _measure(option: Option) -> str:
    return f"choice:{option.tool}"


def _move(w: World, **values: Any) -> Move:
    return Move.make(w.quarter, w.economy.states[INCUMBENT], source="policy endogenous", **values)
