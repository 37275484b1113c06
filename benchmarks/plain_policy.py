"""Rules and measures as the firms of the plain model meet them: one trade at a time, rule by rule.

Nothing is compiled into a table. Each trade asks each rule on its product whether it covers this seller and this
buyer, how far it reaches, and how much it blocks. What depends only on the rule book (names into indices, tariffs,
openness) is worked out anew when the book changes, as any careful modeller would do.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ecsim.rules import NO_LIST, Measure, Rule, RuleBook

if TYPE_CHECKING:
    from plain_market import Cell
    from plain_mesa import PlainModel

TINY = 1e-12
FLOOR = 0.02  # an attraction is never less than this, so that a supplier lost can be won back
TRACED = (0, 1)  # issuers whose content and tools rules can test: incumbent and challenger


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), safe for large x."""
    return 0.5 * (1.0 + math.tanh(0.5 * x))


def clip(x: float, lo: float, hi: float) -> float:
    """x held between two bounds."""
    return lo if x < lo else min(x, hi)


class Buyer(Protocol):
    """Whoever buys, as a rule sees it: a firm, or the final market of a state."""

    location: int
    owner: int
    product: int  # what it makes; -1 for final buyers
    military: bool
    lists: dict[str, float]  # list -> share of its legal entities that are on it


class Seller(Protocol):
    """Whoever sells, as a rule sees it."""

    cell: Cell
    content: list[float]
    tool_use: list[float]


@dataclass(slots=True, eq=False)
class ActiveRule:
    """A rule in force, with names turned into indices."""

    rule: Rule
    issuer: int
    products: frozenset[int]
    destinations: frozenset[int]
    end_uses: frozenset[int]
    exempt: frozenset[int]
    spares: frozenset[int]
    adoption: dict[int, float]
    theta: float
    fdp: bool  # tests foreign-made items by the tools that made them
    de_minimis: float | None  # tests them by content
    empty_list: bool  # names a list that nobody is on
    party_cover: float  # how far it covers a party on its list
    bystander_cover: dict[tuple[int, int], float]  # (product, state) -> how far it also hits others, by over-compliance
    civil_cover: float  # how far a military rule hits civilians
    delay: float  # licence time, quarters

    def covers(self, seller: Cell, buyer: Buyer) -> float:
        """How far the rule covers this trade before its reach is asked, 0 to 1."""
        rule = self.rule
        if self.destinations and buyer.location not in self.destinations and not (rule.owners and buyer.owner in self.destinations):
            return 0.0
        if buyer.location == self.issuer or buyer.owner in self.exempt or self.empty_list:
            return 0.0
        if self.end_uses and buyer.product not in self.end_uses:
            return 0.0
        if seller.owner == buyer.location:  # a state's own firms do not enforce foreign rules against it
            return 0.0
        cover = 1.0
        if rule.military and not buyer.military:
            cover = self.civil_cover
        if rule.party_list != NO_LIST:
            on = buyer.lists.get(rule.party_list, 0.0)
            cover *= on * self.party_cover + (1.0 - on) * self.bystander_cover.get((seller.product, buyer.location), 0.0)
        return cover

    def home_reach(self, seller: Cell, persons_reach: float) -> float:
        """Reach by jurisdiction: over plants in the issuing state, its plants abroad, and by adoption."""
        reach = 1.0 if seller.location == self.issuer else 0.0
        if self.rule.persons and seller.owner == self.issuer:
            reach = max(reach, persons_reach)
        return max(reach, self.adoption.get(seller.location, 0.0))

    def tests(self, seller: Cell) -> bool:
        """Whether what a seller makes is foreign-made in the eyes of the rule, and not spared its tests."""
        return seller.location != self.issuer and seller.location not in self.spares

    def reach(self, seller: Seller, policy: Policy) -> float:
        """How far the rule reaches a seller, 0 to 1, by whichever way reaches furthest."""
        p = policy.model.params.permission
        furthest = self.home_reach(seller.cell, p.persons_reach)
        if self.tests(seller.cell):
            if self.fdp:
                furthest = max(furthest, policy.direct_product_reach(seller, self.issuer))
            if self.de_minimis is not None:
                furthest = max(furthest, logistic((seller.content[self.issuer] - self.de_minimis) / p.de_minimis_width))
        return furthest


@dataclass(slots=True, eq=False)
class Verdict:
    """What the rules make of one trade: shares of the order, and the licence wait in quarters."""

    passing: float = 1.0
    degraded: float = 0.0
    degraded_item: float = 0.0
    diverted: float = 0.0
    delay: float = 0.0


@dataclass(slots=True, eq=False)
class Measures:
    """What the measures in force add up to."""

    tariff: dict[tuple[int, int, int], float] = field(default_factory=lambda: defaultdict(float))  # (product, origin, destination)
    subsidy: dict[tuple[int, int], float] = field(default_factory=lambda: defaultdict(float))  # (state, product), USD bn a year
    extra_cover: dict[tuple[int, int], float] = field(default_factory=lambda: defaultdict(float))  # (product, state), quarters
    closed: dict[tuple[int, int, int], float] = field(default_factory=lambda: defaultdict(float))  # (product, owner, market)
    preferred: dict[tuple[int, int], float] = field(default_factory=lambda: defaultdict(float))  # (product, state), share of price


class Policy:
    """Everything in force, ready to be asked about single trades."""

    def __init__(self, model: PlainModel) -> None:
        self.model = model
        self.version = -1
        self.rules: dict[int, list[ActiveRule]] = {}
        self.exposed: set[tuple[int, int]] = set()  # (cell, issuer) that direct-product rules cover
        self.measures = Measures()
        self.leak = [(0.0, 0.0)] * len(model.products)  # past rules of others, and past the challenger's
        self.over_compliance = [1.0] * len(model.states)
        self.licence_time = [1.0] * len(model.states)
        self.foresight = 0.0

    def refresh(self, book: RuleBook) -> None:
        """Take in the rule book, where it changed."""
        if book.version == self.version:
            return
        self.version = book.version
        for firm in self.model.firms:
            on = [name for name, rows in book.parties.items() if firm.row in rows]
            firm.lists = {name: book.parts.get(name, {}).get(firm.row, 1.0) for name in on}
        self._apply_measures(book)
        active = [self._activate(rule, book) for rule in book.rules.values()]
        self.rules = {p: [r for r in active if p in r.products] for p in range(len(self.model.products))}
        self._note_exposed()

    def _activate(self, rule: Rule, book: RuleBook) -> ActiveRule:
        model, p = self.model, self.model.params.permission
        states, issuer = model.state_index, model.state_index[rule.issuer]
        listed = rule.party_list != NO_LIST
        widened = any(r.affiliates and r.party_list == NO_LIST and r.issuer == rule.issuer for r in book.rules.values())
        shares = self._listed_share(rule.party_list) if listed else {}
        return ActiveRule(
            rule=rule,
            issuer=issuer,
            products=frozenset(model.product_index[x] for x in rule.products or model.products),
            destinations=frozenset(states[s] for s in rule.destinations),
            end_uses=frozenset(model.product_index[x] for x in rule.end_uses),
            exempt=frozenset(states[s] for s in rule.exempt),
            spares=frozenset(states[s] for s in rule.spares),
            adoption={states[s]: level for (s, of), level in book.adoption.items() if of == rule.issuer} if rule.adoptable else {},
            theta=-math.inf if rule.threshold is None else rule.threshold,
            fdp=rule.fdp and issuer in TRACED,
            de_minimis=rule.de_minimis if issuer in TRACED else None,
            empty_list=listed and not book.parties.get(rule.party_list),
            party_cover=1.0 if rule.affiliates or widened else 1.0 - p.affiliate_evasion,
            bystander_cover={key: min(1.0, self.over_compliance[issuer] * p.over_compliance * share) for key, share in shares.items()},
            civil_cover=p.military_end_use,
            delay=rule.delay * self.licence_time[issuer],
        )

    def _listed_share(self, name: str) -> dict[tuple[int, int], float]:
        """Share of the purchases of each product in each state that parties on a list make."""
        total: dict[tuple[int, int], float] = defaultdict(float)
        listed: dict[tuple[int, int], float] = defaultdict(float)
        for firm in self.model.firms:
            for slot in firm.slots:
                value = slot.coef * firm.output0
                total[slot.product, firm.location] += value
                listed[slot.product, firm.location] += value * firm.lists.get(name, 0.0)
        return {key: value / max(total[key], TINY) for key, value in listed.items()}

    def _note_exposed(self) -> None:
        """Note whose sales direct-product rules cover towards any kind of buyer."""
        self.exposed = set()
        if not any(r.fdp for rules in self.rules.values() for r in rules):
            return
        everyone: list[Buyer] = [*self.model.firms, *self.model.publics]
        buyers = {(b.location, b.owner, b.product, b.military, *b.lists.items()): b for b in everyone}.values()
        for cell in self.model.cells:
            for r in self.rules[cell.product]:
                if r.fdp and r.tests(cell) and any(r.rule.denial * r.covers(cell, b) > 0 for b in buyers):
                    self.exposed.add((cell.index, r.issuer))

    def _apply_measures(self, book: RuleBook) -> None:
        """Tariffs, openness, subsidies and the rest, from the measures in force."""
        model, p = self.model, self.model.params.permission
        self.measures = Measures()
        model.talent = [1.0] * len(model.states)
        model.investment_openness = [1.0] * len(model.states)
        for firm in model.firms:
            firm.credit = 1.0
        self.over_compliance, self.licence_time, slips = ([1.0] * len(model.states) for _ in range(3))
        self.foresight = 0.0
        missed = [1.0 - p.detection] * len(model.states)  # what of leakage past each state's rules is not caught
        factors = {"over_compliance": self.over_compliance, "licence_time": self.licence_time, "slips": slips}
        for m in book.measures.values():
            home = model.state_index[m.issuer]
            if m.channel == "enforcement":
                missed[home] *= 1.0 - m.size
                if home not in TRACED:  # a hub catches what passes through it
                    missed[0] *= 1.0 - p.hub_passage * m.size
            elif m.channel in factors:
                everywhere = m.channel == "over_compliance" and home == 1
                for state in range(len(model.states)) if everywhere else (home,):
                    factors[m.channel][state] *= 1.0 + m.size
            elif m.channel == "foresight":
                self.foresight = 1.0 - (1.0 - self.foresight) * (1.0 - m.size)
            elif m.channel in ("talent", "investment"):
                self._close(m)
            elif m.channel == "finance":
                self._cut_credit(m)
            else:
                self._apply(m)
        slack = [slips[i] * missed[i] / (1.0 - p.detection) for i in TRACED]
        self.leak = [(clip(x * p.leak_scale * slack[0], 0.0, 1.0), clip(x * p.leak_scale * slack[1], 0.0, 1.0)) for x in model.product_leak]

    def _close(self, m: Measure) -> None:
        """Limits on talent or on capital and knowledge."""
        openness = self.model.talent if m.channel == "talent" else self.model.investment_openness
        for state in m.targets:
            openness[self.model.state_index[state]] *= 1.0 - m.size

    def _cut_credit(self, m: Measure) -> None:
        """Limits on finance and settlement."""
        targets = {self.model.state_index[s] for s in m.targets}
        products = {self.model.product_index[x] for x in m.products or self.model.products}
        for firm in self.model.firms:
            if firm.owner in targets and firm.product in products and (m.party_list == NO_LIST or m.party_list in firm.lists):
                firm.credit *= 1.0 - m.size * (1.0 if m.party_list == NO_LIST else firm.lists[m.party_list])

    def _apply(self, m: Measure) -> None:
        """Subsidies, stockpiling, tariffs and closed markets, product by product."""
        model, now = self.model, self.measures
        home = model.state_index[m.issuer]
        targets = [model.state_index[s] for s in m.targets]
        products = [model.product_index[x] for x in m.products or model.products]
        for p in products:
            if m.channel == "subsidy":
                now.subsidy[home, p] += m.size / len(products)
            elif m.channel == "stockpile":
                now.extra_cover[p, home] += m.size
            elif m.channel == "preference":
                now.preferred[p, home] = 1.0 - (1.0 - now.preferred[p, home]) * (1.0 - m.size)
            for t in targets:
                if m.channel == "tariff":
                    now.tariff[p, t, home] += m.size
                elif m.channel == "market_access":
                    now.closed[p, t, home] = 1.0 - (1.0 - now.closed[p, t, home]) * (1.0 - m.size)

    def seems_to_cost(self, product: int, state: int) -> float:
        """Share of its price at which buyers in a state reckon what its own firms make there."""
        return max(1.0 - self.measures.preferred.get((product, state), 0.0), FLOOR)

    def direct_product_reach(self, seller: Seller, issuer: int) -> float:
        """Reach of an issuer's direct-product rules over a firm, by the share of its tools that the issuer's industry made."""
        p = self.model.params.permission
        return p.fdp_max * (1.0 - math.exp(-seller.tool_use[issuer] / p.fdp_scale))

    def judge(self, seller: Seller, buyer: Buyer, item: float, product: int) -> Verdict:
        """What of an order may be delivered: the strictest rule blocks, some of it leaks, and some of the rest is sold degraded."""
        p = self.model.params.permission
        delay = 0.0
        blocks: list[tuple[float, float]] = []  # by each rule: its threshold, the share that it blocks
        for r in self.rules[product]:
            cover = r.covers(seller.cell, buyer)
            if cover > 0.0:
                threshold = r.theta + (self.model.frontier[product] if r.rule.sliding else 0.0)
                licensed = cover * r.reach(seller, self) * logistic((item - threshold) / p.step_width)
                blocks.append((threshold, r.rule.denial * licensed))
                delay = max(delay, r.delay * licensed)
        blocked = max((share for _, share in blocks), default=0.0)
        leak = self.leak[product][seller.cell.location == 1]
        diverted = blocked * leak
        degraded, level = self._sell_degraded(item, blocks, 1.0 - leak)
        return Verdict(1.0 - blocked + diverted + degraded, degraded, level, diverted, delay)

    def _sell_degraded(self, item: float, blocks: list[tuple[float, float]], kept: float) -> tuple[float, float]:
        """Share of an order that is sold degraded, and the mean level at which it is.

        A share that several rules block can be sold only as the lowest of their thresholds allows.
        """
        p = self.model.params.permission
        below = sold = worth = 0.0  # `below`: what rules with a lower threshold already block
        for threshold, share in sorted(blocks):
            level = min(item, threshold)
            likeness = 1.0 - (item - level) / p.degraded_reach
            if share > below and likeness > 0.0:
                part = (share - below) * kept * p.degraded_share * likeness
                sold += part
                worth += part * level
            below = max(below, share)
        return sold, worth / sold if sold > TINY else item

    def known_permission(self, seller: Cell, buyer: Buyer) -> float:
        """What a buyer who looks for a supplier knows it may have: home and adopted rules, whatever the item, and its own market's."""
        persons_reach = self.model.params.permission.persons_reach
        worst = 0.0
        for r in self.rules[seller.product]:
            worst = max(worst, r.rule.denial * r.home_reach(seller, persons_reach) * r.covers(seller, buyer))
        return (1.0 - worst) * (1.0 - self.measures.closed.get((seller.product, seller.owner, buyer.location), 0.0))
