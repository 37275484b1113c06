"""A firm of the plain model: a Mesa agent with Python attributes, input slots and links to its suppliers.

Each method is one stage of the quarter, called on every firm before the next stage begins, as Mesa models with
simultaneous decisions are written. A method whose result others must not see yet leaves it in `next_…`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
from plain_policy import TINY, TRACED, clip

if TYPE_CHECKING:
    from plain_mesa import Cell, PlainModel

FLOOR = 0.02  # an attraction is never less than this, so that a supplier lost can be won back


@dataclass(slots=True, eq=False)
class Link:
    """A known supplier of a slot."""

    supplier: Firm
    weight: float
    anchor: float
    start_shortfall: float = 0.0
    item: float = 0.0
    passing: float = 1.0
    degraded: float = 0.0
    degraded_item: float = 0.0
    diverted: float = 0.0
    barred: float = 0.0
    delay: float = 0.0
    request: float = 0.0
    flow: float = 0.0


@dataclass(slots=True, eq=False)
class Slot:
    """An input of a firm."""

    row: int
    product: int
    coef: float
    critical0: float
    capital: bool
    equips: bool
    embodies: bool
    redesign: bool
    stretch: float
    positions: int
    stock: float
    critical: float
    embodied: float
    links: list[Link]
    transit: float = 0.0
    ordered: float = 0.0
    received: float = 0.0
    unmet: float = 0.0
    input_price: float = 1.0
    candidate: Firm | None = None
    ready: int = 0

    def refused(self) -> float:
        """Share of orders that rules refuse or degrade."""
        return sum(link.weight * (1.0 - link.passing + link.degraded) for link in self.links)

    def least(self, entry: float) -> int:
        """Position of the supplier who matters least, by habit and permission."""
        return min(range(len(self.links)), key=lambda i: self.links[i].anchor * max(self.links[i].passing, entry))

    def shortage(self) -> float:
        """Share of orders that did not come."""
        came = sum(link.flow for link in self.links)
        return 1.0 - min(1.0, came / max(self.ordered, TINY))

    def delivered(self) -> float:
        """Share of orders received, the licence queue included, at most 1."""
        return min(1.0, self.received / max(self.ordered, TINY))


class Firm(mesa.Agent):
    """One firm."""

    model: PlainModel

    def __init__(self, model: PlainModel, row: int, cell: Cell, opening: dict[str, float]) -> None:
        super().__init__(model)
        self.row = row
        self.cell = cell
        self.product, self.owner, self.location = cell.product, cell.owner, cell.location
        self.military = opening["military"] >= 0.5
        self.lists: frozenset[str] = frozenset()
        self.slots: list[Slot] = []
        self.current: list[Slot] = []  # inputs used up in production
        self.capital: list[Slot] = []  # inputs for upkeep and expansion
        self.bought = self.equipped = 0.0  # inputs, and tools among them, per unit of output

        self.output0 = opening["output0"]
        self.final_weight0 = opening["final_weight0"]
        self.start_tech = opening["start_tech"]
        self.start_tech_eff = opening["start_tech_eff"]
        self.start_over = opening["start_over"]
        self.start_rd = opening["start_rd"]
        self.own_speed = opening["own_speed"]

        self.capacity = opening["capacity"]
        self.building = opening["building"]
        self.yield_ = opening["yield_"]
        self.output = opening["output"]
        self.investment = opening["investment"]
        self.input_limit = opening["input_limit"]
        self.credit = opening["credit"]
        self.demand = opening["demand"]
        self.expected = opening["expected"]
        self.trend = opening["trend"]
        self.fill = opening["fill"]
        self.price = self.next_price = opening["price"]
        self.tech = opening["tech"]
        self.tech_eff = opening["tech_eff"]
        self.rd = opening["rd"]
        self.revenue = opening["revenue"]
        self.final_weight = opening["final_weight"]
        self.content = [opening["content0"], opening["content1"]]
        self.tool_use = [opening["tool_use0"], opening["tool_use1"]]
        self.shed = [opening["shed0"], opening["shed1"]]
        self.next_content = list(self.content)
        self.next_tool_use = list(self.tool_use)

    def add_slot(self, slot: Slot) -> None:
        """Give the firm an input."""
        self.slots.append(slot)
        (self.capital if slot.capital else self.current).append(slot)
        self.bought += slot.coef
        self.equipped += slot.coef * slot.equips

    # permit

    def admit(self) -> None:
        """Suppliers whose qualification is over take their place."""
        for slot in self.slots:
            if slot.candidate is not None:
                slot.ready -= 1
                if slot.ready <= 0:
                    self.welcome(slot, slot.candidate)
                    slot.candidate = None

    def welcome(self, slot: Slot, chosen: Firm) -> None:
        """Give a new supplier an empty position, or that of the supplier who matters least; it starts without orders."""
        entry = self.model.params.adaptation.qualify_entry
        if len(slot.links) == slot.positions:
            slot.links[slot.least(entry)] = new = Link(chosen, 0.0, 0.0)
        else:
            slot.links.append(new := Link(chosen, 0.0, 0.0))
        anchors = sum(link.anchor for link in slot.links)
        weights = sum(link.weight for link in slot.links)
        for link in slot.links:
            link.anchor *= (1.0 - entry) / max(anchors, TINY)
            link.weight /= max(weights, TINY)
        new.anchor = entry if anchors > TINY else 1.0
        if weights <= TINY:
            new.weight = 1.0

    def trace_content(self) -> None:
        """Content and tools of each traced issuer, from those of the suppliers."""
        added = max(0.0, 1.0 - self.bought)
        for i in TRACED:
            content = added if self.location == i else 0.0
            direct = indirect = 0.0
            for slot in self.slots:
                inside = tools = origin = 0.0
                for link in slot.links:
                    s, weight = link.supplier, link.weight
                    inside += weight * s.content[i]
                    tools += weight * s.tool_use[i]
                    if slot.equips:
                        origin += weight * (max(1.0, s.content[i]) if s.owner == i else s.content[i])
                content += slot.coef * inside
                indirect += slot.coef * tools
                direct += slot.coef * origin
            use = direct / self.equipped if self.equipped > TINY else indirect / max(self.bought, TINY)
            keep = 1.0 - self.shed[i]
            self.next_content[i] = clip(content * keep, 0.0, 1.0)
            self.next_tool_use[i] = clip(use * keep, 0.0, 1.0)

    def adopt_content(self) -> None:
        """Show what was traced."""
        self.content = list(self.next_content)
        self.tool_use = list(self.next_tool_use)

    def ask_permission(self) -> None:
        """For each supplier: the item to be traded, and what the rules let through."""
        model = self.model
        behind = model.frontier[self.product] - self.tech
        for slot in self.slots:
            need = model.frontier[slot.product] - behind + model.params.permission.need_head
            ruled = bool(model.policy.rules[slot.product])
            for link in slot.links:
                link.item = min(link.supplier.tech_eff, need)
                if ruled:
                    v = model.policy.judge(link.supplier, self, link.item, slot.product)
                    link.passing, link.degraded, link.degraded_item = v.passing, v.degraded, v.degraded_item
                    link.diverted, link.delay = v.diverted, v.delay
                else:
                    link.passing, link.degraded, link.diverted, link.delay = 1.0, 0.0, 0.0, 0.0
                self.meet_closure(link, slot)

    def meet_closure(self, link: Link, slot: Slot) -> None:
        """Where the firm's own state closes its market to a supplier's, less passes."""
        closed = self.model.policy.measures.closed
        link.barred = closed.get((slot.product, link.supplier.owner, self.location), 0.0) if closed else 0.0
        if link.barred:
            link.passing *= 1.0 - link.barred
            link.degraded *= 1.0 - link.barred
            link.diverted *= 1.0 - link.barred

    # trade and produce

    def take_final_orders(self) -> None:
        """The firm's part of the final orders of its cell."""
        self.demand = self.cell.final_orders * self.final_weight

    def place_orders(self) -> None:
        """Order inputs, and split each order among the suppliers that may deliver."""
        p, adaptation = self.model.params.production, self.model.params.adaptation
        self.investment = self.wanted_investment()
        rate = self.investment / (p.depreciation + self.model.growth[self.product]) * self.capacity / (1.0 + p.headroom)
        for slot in self.slots:
            if slot.capital:
                slot.ordered = slot.coef * rate
            else:
                need = slot.coef * self.expected
                extra = self.model.policy.measures.extra_cover.get((slot.product, self.location), 0.0)
                cover = p.cover + adaptation.stockpile * self.model.threat[slot.product][self.location] + extra
                gap = cover * need - slot.stock - slot.transit
                time = p.order_time_scarce if slot.stock < p.scarce_cover * need else p.order_time
                slot.ordered = clip(need + gap / time, 0.0, p.order_cap * need)
            self.split(slot)

    def wanted_investment(self) -> float:
        """Gross investment wanted, as a rate of capacity."""
        p = self.model.params.production
        build = self.model.product_build[self.product]
        keep = p.depreciation + self.trend
        pipeline = self.building - build * keep * self.capacity
        gap = self.expected * (1.0 + p.headroom) - (self.capacity + pipeline)
        rate = keep + gap / (max(self.capacity, TINY) * (build + p.investment_time))
        return clip(rate, 0.0, p.depreciation + p.expansion_max)

    def split(self, slot: Slot) -> None:
        """Split an order by weight and permission; what is refused moves to usable suppliers that may deliver freely."""
        lost = sum(link.weight * (1.0 - link.passing) for link in slot.links)
        if lost <= TINY:
            for link in slot.links:
                link.request = slot.ordered * link.weight
                link.supplier.demand += link.request
            return
        mine = self.gap()
        free = [
            link.weight * (link.passing - link.degraded - link.diverted) * clip(1.0 - (link.supplier.gap() - mine), 0.0, 1.0)
            for link in slot.links
        ]
        total = sum(free)
        for link, share in zip(slot.links, free, strict=True):
            moved = lost * share / total if total > TINY else 0.0
            link.request = slot.ordered * (link.weight + moved) * link.passing
            link.supplier.demand += link.request

    def gap(self) -> float:
        """How far the firm is behind its frontier."""
        return self.model.frontier[self.product] - self.tech_eff

    def produce(self) -> None:
        """Take in goods, make what is ordered within capacity and inputs, use them up. Firms are called upstream first."""
        plan = min(self.capacity * self.yield_, self.demand)
        ratios = []
        for slot in self.current:
            self.receive(slot)
            slot.stock += slot.received
            ratios.append(min(1.0, slot.stock / max(slot.coef * plan, TINY)))
        limit = self.limit(self.current, ratios)
        for slot in self.current:
            slot.stock -= min(slot.stock, slot.coef * (plan * limit))
        self.input_limit = limit
        self.output = plan * limit
        self.fill = self.output / self.demand if self.demand > TINY else 1.0

    def receive(self, slot: Slot) -> None:
        """Goods arrive; those under licence wait their time in transit."""
        inflow = waits = 0.0
        for link in slot.links:
            link.flow = link.request * link.supplier.fill
            inflow += link.flow
            waits += link.flow * link.delay
        waiting = slot.transit + inflow
        slot.received = waiting / (1.0 + waits / max(inflow, TINY))
        slot.transit = waiting - slot.received
        slot.unmet = slot.shortage()

    def receive_capital(self) -> None:
        """Capital goods arrive after all production of the quarter."""
        for slot in self.capital:
            self.receive(slot)

    def limit(self, slots: list[Slot], ratios: list[float]) -> float:
        """Share of a plan that some inputs allow, given the share of the need of each that is there."""
        form = self.model.params.production.form
        if form == "linear":
            total = sum(slot.coef for slot in slots)
            return sum(slot.coef * r for slot, r in zip(slots, ratios, strict=True)) / total if total > TINY else 1.0
        allowed = 1.0
        for slot, ratio in zip(slots, ratios, strict=True):
            psi = (1.0 if slot.coef > 0 else 0.0) if form == "leontief" else slot.critical
            allowed = min(allowed, 1.0 - psi * (1.0 - ratio))
        return allowed

    # adapt

    def report_refusals(self) -> None:
        """Tell the buyers of one's state what was refused."""
        for slot in self.slots:
            value = slot.coef * self.expected
            refused = sum(link.weight * (1.0 - link.passing + link.diverted + link.degraded) for link in slot.links)
            self.model.bought[slot.product][self.location] += value
            self.model.refused[slot.product][self.location] += value * refused

    def search(self) -> None:
        """Where need is unmet or refused, start to qualify a new supplier."""
        model, a = self.model, self.model.params.adaptation
        for slot in self.slots:
            if slot.candidate is not None or slot.coef <= 0 or max(slot.unmet, slot.refused()) <= a.unmet_trigger:
                continue
            hard = 1.0 - (1.0 - a.qualify_chokepoint) * model.product_choke[slot.product]
            if model.draws[0][slot.row] >= a.qualify_hazard * hard:
                continue
            chosen = model.draw_supplier(slot.product, self, model.draws[1][slot.row])
            if chosen is not None and all(link.supplier is not chosen for link in slot.links):
                span = a.qualify_max - a.qualify_min + 1
                slot.candidate = chosen
                slot.ready = a.qualify_min + min(int(model.draws[2][slot.row] * span), span - 1)

    def adapt(self) -> None:
        """Shift purchases, design out, redesign, revise expectations, invest, and set next quarter's price."""
        if self.model.params.adaptation.enabled:
            for slot in self.slots:
                self.shift_purchases(slot)
            self.design_out()
            self.redesign()
        self.expect()
        self.invest()
        self.set_price()

    def shift_purchases(self, slot: Slot) -> None:
        """Shares follow an anchored logit of the attraction of suppliers; habits follow slowly."""
        a = self.model.params.adaptation
        best = max(link.item for link in slot.links)
        threat = self.model.threat[slot.product][self.location]
        drawn = [link.anchor * self.attraction(link, slot, best, threat) for link in slot.links]
        total = sum(drawn)
        for link, pull in zip(slot.links, drawn, strict=True):
            wanted = pull / total if total > TINY else link.weight
            link.weight += a.weight_speed * (wanted - link.weight)
            link.anchor += a.anchor_speed * (link.weight - link.anchor)

    def attraction(self, link: Link, slot: Slot, best: float, threat: float) -> float:
        """Attraction of a supplier, 1 for one that is as it was at the start."""
        a, s = self.model.params.adaptation, link.supplier
        price = s.price * (1.0 + self.tariff(s, slot.product))
        pull = max(link.passing - link.degraded, FLOOR) ** a.pull_permission * max(s.fill, FLOOR) ** a.pull_delivery * price**-a.pull_price
        short = min(link.item - best, 0.0) - link.start_shortfall
        if short < 0.0:
            pull *= math.exp(a.pull_technology * short)
        if threat and s.location == self.location:
            pull *= math.exp(a.pull_home * threat)
        return pull

    def tariff(self, supplier: Firm, product: int) -> float:
        """Tariff on goods from a supplier."""
        tariffs = self.model.policy.measures.tariff
        return tariffs.get((product, supplier.location, self.location), 0.0) if tariffs else 0.0

    def design_out(self) -> None:
        """Where direct-product rules reach the firm, design out the issuer's content and tools."""
        policy, speed = self.model.policy, self.model.params.adaptation.shed_speed
        for i in TRACED:
            if i != self.owner and (self.cell.index, i) in policy.exposed:
                self.shed[i] += speed * policy.direct_product_reach(self, i) * (1.0 - self.shed[i])

    def redesign(self) -> None:
        """Where it can be done, slowly lower the criticality of an input that does not come."""
        a = self.model.params.adaptation
        for slot in self.slots:
            if slot.redesign:
                short = slot.unmet if slot.unmet > a.unmet_trigger else 0.0
                slot.critical = max(slot.critical0 * a.redesign_floor, slot.critical * (1.0 - a.redesign_speed * short))

    def expect(self) -> None:
        """Expected demand follows orders received, on top of the growth the firm has come to expect."""
        p, before = self.model.params.production, self.expected
        self.expected = (1.0 - p.expectation_memory) * before * math.exp(self.trend) + p.expectation_memory * self.demand
        seen = math.log(max(self.expected, TINY) / max(before, TINY))
        self.trend += p.trend_speed * (clip(seen, -p.depreciation, p.expansion_max) - self.trend)

    def invest(self) -> None:
        """Start what capital goods allow, finish what was begun, wear out the rest."""
        p = self.model.params.production
        started = self.investment * self.capacity * self.limit(self.capital, [slot.delivered() for slot in self.capital])
        finished = self.building / self.model.product_build[self.product]
        self.building += started - finished
        self.capacity += finished - p.depreciation * self.capacity

    def set_price(self) -> None:
        """Move the price towards unit cost times a mark-up for scarcity."""
        p = self.model.params.production
        cost = 1.0
        for slot in self.slots:
            total = sum(link.flow for link in slot.links)
            if total > TINY:
                paid = sum(link.flow * link.supplier.price * (1.0 + self.tariff(link.supplier, slot.product)) for link in slot.links)
                slot.input_price = paid / total
            cost += p.pass_through * slot.coef * (slot.input_price - 1.0)
        supply = self.capacity * self.yield_ / (1.0 + p.headroom) * self.input_limit
        scarcity = clip(self.demand / max(supply, TINY), p.scarcity_lo, p.scarcity_hi)
        self.next_price = self.price + p.price_speed * (cost * scarcity**p.price_markup - self.price)

    # innovate

    def innovate(self) -> None:
        """Fund R&D, progress, take in what inputs embody, and meet the ceiling it sets; then close the books."""
        self.price = self.next_price
        self.research()
        self.progress()
        if self.model.params.innovation.ceiling:
            for slot in self.slots:
                self.embody(slot)
            self.meet_ceiling()
        else:
            self.tech_eff = self.tech
        self.revenue = self.output * self.price

    def research(self) -> None:
        """R&D follows revenue and subsidies."""
        p, model = self.model.params.innovation, self.model
        own = model.product_rd[self.product] * self.revenue * self.credit
        grant = model.policy.measures.subsidy.get((self.owner, self.product), 0.0)
        if grant:
            grant = grant / 4.0 * self.output / max(model.subsidised_output[self.owner, self.product], TINY)
        self.rd += p.rd_speed * (own + p.subsidy_efficiency * grant - self.rd)

    def progress(self) -> None:
        """Own R&D, absorption of knowledge from the frontier, and learning by doing raise the level mastered."""
        p, model = self.model.params.innovation, self.model
        trend = model.trend[self.product]
        behind = model.frontier[self.product] - self.tech
        harder = math.exp(p.catch_up_cost * (-self.start_tech - behind))  # a step takes more R&D the more of the gap is closed
        ratio = clip(self.rd / max(self.start_rd * trend * harder, TINY), p.rd_ratio_lo, p.rd_ratio_hi)
        step = self.own_speed * ratio**p.rd_elasticity
        gap = max(behind, 0.0)
        if p.catch_up:
            openness = model.science[self.owner] ** p.science_weight * model.investment_openness[self.owner]
            step += p.spillover * openness * gap * math.exp(-gap / p.absorption_distance)
        above = math.log(max(self.output, TINY) / max(self.output0 * trend, TINY))
        step += p.learning * model.product_learning[self.product] * clip(above, -1.0, 1.0)
        step += p.noise * model.shocks[self.row]
        ahead = (self.tech - self.tech_eff) - (self.start_tech - self.start_tech_eff)
        self.tech += math.exp(-max(ahead, 0.0) / p.practice) * max(step, 0.0)  # mastery fades without the means to practise it

    def embody(self, slot: Slot) -> None:
        """The slot's embodied level moves to that of the goods received: at once, or by vintages for capital."""
        total = sum(link.flow for link in slot.links)
        if total <= TINY or not slot.embodies:
            return
        kappa = self.model.params.innovation.embodied_kappa
        top = max(link.item for link in slot.links)
        level = 0.0
        for link in slot.links:
            share = link.flow / total
            low = link.degraded / max(link.passing, TINY) if link.passing > TINY else 0.0
            if kappa < TINY:
                level += share * ((1.0 - low) * link.item + low * link.degraded_item)
            else:
                level += share * (1.0 - low) * math.exp(kappa * (link.item - top))
                if low > 0.0:
                    level += share * low * math.exp(kappa * (link.degraded_item - top))
        if kappa >= TINY:
            level = top + math.log(max(level, TINY)) / kappa
        slot.embodied += self.renewal(slot) * slot.delivered() * (level - slot.embodied)

    def renewal(self, slot: Slot) -> float:
        """Share of the embodied level renewed in a quarter."""
        return self.model.params.innovation.vintage_speed if slot.capital else 1.0

    def meet_ceiling(self) -> None:
        """What can be made is the soft minimum of the level mastered and what inputs carry; stretching costs yield."""
        p = self.model.params.innovation
        ceiling = equipment = math.inf
        for slot in self.slots:
            if slot.embodies:
                level = slot.embodied + p.frontier_speed / self.renewal(slot)
                equipment = min(equipment, level)
                ceiling = min(ceiling, level + slot.stretch)
        low, high = min(self.tech, ceiling), max(self.tech, ceiling)
        self.tech_eff = low - math.log1p(math.exp(-p.ceiling_sharpness * (high - low))) / p.ceiling_sharpness
        over = max(self.tech_eff - equipment, 0.0)
        self.yield_ = math.exp(-p.yield_penalty * max(over - self.start_over - p.yield_tolerance, 0.0))
