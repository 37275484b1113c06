"""A firm of the plain model: a Mesa agent with Python attributes.

Each method that the model calls is one stage of the quarter, called on every firm before the next stage begins, as
Mesa models with simultaneous decisions are written. What others must not see yet is left in `next_…`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa
from plain_policy import TINY, TRACED, clip
from plain_slot import Slot

if TYPE_CHECKING:
    from plain_market import Cell
    from plain_mesa import PlainModel


class Firm(mesa.Agent):
    """One firm."""

    model: PlainModel

    def __init__(self, model: PlainModel, row: int, cell: Cell, opening: dict[str, float]) -> None:
        super().__init__(model)
        self.row = row
        self.cell = cell
        self.product, self.owner, self.location = cell.product, cell.owner, cell.location
        self.military = opening["military"] >= 0.5
        self.lists: dict[str, float] = {}
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
        self.rd_share = opening["rd_share"]

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
            slot.admit()

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
        """Ask, input by input, for items that suit the firm's own level."""
        model = self.model
        ahead = model.params.permission.need_head - (model.frontier[self.product] - self.tech)
        for slot in self.slots:
            slot.ask_permission(ahead)

    # trade and produce

    def take_final_orders(self) -> None:
        """The firm's part of the final orders of its cell."""
        self.demand = self.cell.final_orders * self.final_weight

    def place_orders(self) -> None:
        """Order inputs, capital goods as the firm invests, and split each order among the suppliers that may deliver."""
        p = self.model.params.production
        self.investment = self.wanted_investment() * self.credit
        rate = self.investment / self.model.upkeep[self.product] * self.capacity / (1.0 + p.headroom)
        for slot in self.slots:
            slot.order(rate)
            slot.split()

    def wanted_investment(self) -> float:
        """Gross investment wanted, as a rate of capacity."""
        p = self.model.params.production
        build = self.model.product_build[self.product]
        keep = p.depreciation + self.trend
        pipeline = self.building - build * keep * self.capacity
        gap = self.expected * (1.0 + p.headroom) - (self.capacity + pipeline)
        rate = keep + gap / (max(self.capacity, TINY) * (build + p.investment_time))
        return clip(rate, 0.0, p.depreciation + p.expansion_max)

    def gap(self) -> float:
        """How far the firm is behind its frontier."""
        return self.model.frontier[self.product] - self.tech_eff

    def produce(self) -> None:
        """Take in goods, make what is ordered within capacity and inputs, use them up. Firms are called upstream first."""
        plan = min(self.capacity * self.yield_, self.demand)
        ratios = []
        for slot in self.current:
            slot.receive()
            slot.stock += slot.received
            slot.note_cover(slot.coef * plan)
            ratios.append(slot.cover)
        limit = self.limit(self.current, ratios)
        for slot in self.current:
            slot.stock -= min(slot.stock, slot.coef * (plan * limit))
        self.input_limit = limit
        self.output = plan * limit
        self.fill = self.output / self.demand if self.demand > TINY else 1.0

    def receive_capital(self) -> None:
        """Capital goods arrive after all production of the quarter; what is not installed is kept."""
        for slot in self.capital:
            slot.receive()
            slot.stock += slot.received
            slot.cover = min(1.0, slot.stock / slot.install) if slot.install > TINY else 1.0
            slot.stock -= min(slot.stock, slot.install)

    def limit(self, slots: list[Slot], ratios: list[float]) -> float:
        """Share of a plan that some inputs allow, given the share of the need of each that is there."""
        form = self.model.params.production.form
        if form == "linear":
            total = sum(slot.coef for slot in slots)
            return sum(slot.coef * r for slot, r in zip(slots, ratios, strict=True)) / total if total > TINY else 1.0
        allowed = 1.0
        for slot, ratio in zip(slots, ratios, strict=True):
            psi = float(slot.coef > 0) if form == "leontief" else slot.critical
            allowed = min(allowed, 1.0 - psi * (1.0 - ratio))
        return allowed

    # adapt

    def report_refusals(self) -> None:
        """Tell the buyers of one's state what was refused."""
        for slot in self.slots:
            slot.report_refusals()

    def search(self) -> None:
        """Look for new suppliers where need is unmet."""
        for slot in self.slots:
            slot.search()

    def adapt(self) -> None:
        """Shift purchases, design out, redesign, revise expectations, invest, and set next quarter's price."""
        if self.model.params.adaptation.enabled:
            for slot in self.slots:
                slot.shift_purchases()
                slot.ease()
            self.design_out()
        self.expect()
        self.invest()
        self.set_price()

    def design_out(self) -> None:
        """Where direct-product rules reach the firm, design out the issuer's content and tools."""
        policy, speed = self.model.policy, self.model.params.adaptation.shed_speed
        for i in TRACED:
            if i != self.owner and (self.cell.index, i) in policy.exposed:
                self.shed[i] += speed * policy.direct_product_reach(self, i) * (1.0 - self.shed[i])

    def expect(self) -> None:
        """Expected demand follows orders received, on top of the growth the firm has come to expect."""
        p, before = self.model.params.production, self.expected
        self.expected = (1.0 - p.expectation_memory) * before * math.exp(self.trend) + p.expectation_memory * self.demand
        seen = math.log(max(self.expected, TINY) / max(before, TINY))
        self.trend += p.trend_speed * (clip(seen, -p.depreciation, p.expansion_max) - self.trend)

    def invest(self) -> None:
        """Start what capital goods allow, finish what was begun, wear out the rest."""
        p = self.model.params.production
        started = self.investment * self.capacity * self.limit(self.capital, [slot.cover for slot in self.capital])
        finished = self.building / self.model.product_build[self.product]
        self.building += started - finished
        self.capacity += finished - p.depreciation * self.capacity

    def set_price(self) -> None:
        """Move the price towards unit cost times a mark-up for scarcity."""
        p = self.model.params.production
        cost = 1.0
        for slot in self.slots:
            slot.pay()
            cost += p.pass_through * slot.coef * (slot.input_price - 1.0)
        supply = self.capacity * self.yield_ / (1.0 + p.headroom) * self.input_limit
        scarcity = clip(self.demand / max(supply, TINY), p.scarcity_lo, p.scarcity_hi)
        self.next_price = self.price + p.price_speed * (cost * float(scarcity**p.price_markup) - self.price)

    # innovate

    def innovate(self) -> None:
        """Fund R&D, progress, take in what inputs embody, and meet the ceiling it sets; then close the books."""
        self.price = self.next_price
        self.research()
        self.progress()
        if self.model.params.innovation.ceiling:
            for slot in self.slots:
                slot.embody()
            self.meet_ceiling()
        else:
            self.tech_eff = self.tech
        self.revenue = self.output * self.price

    def research(self) -> None:
        """R&D follows revenue and subsidies."""
        p, model = self.model.params.innovation, self.model
        own = self.rd_share * self.revenue * self.credit
        grant = model.policy.measures.subsidy.get((self.owner, self.product), 0.0)
        if grant:
            grant = grant / 4.0 * self.output / max(model.subsidised_output[self.owner, self.product], TINY)
        self.rd += p.rd_speed * (own + p.subsidy_efficiency * min(grant, p.subsidy_absorbed * own) - self.rd)

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

    def meet_ceiling(self) -> None:
        """What can be made is the soft minimum of the level mastered and what inputs carry; stretching costs yield."""
        p = self.model.params.innovation
        ceiling = equipment = math.inf
        for slot in self.slots:
            if slot.embodies:
                level = slot.carries()
                equipment = min(equipment, level)
                ceiling = min(ceiling, level + slot.stretch)
        low, high = min(self.tech, ceiling), max(self.tech, ceiling)
        self.tech_eff = low - math.log1p(math.exp(-p.ceiling_sharpness * (high - low))) / p.ceiling_sharpness
        over = max(self.tech_eff - equipment, 0.0)
        self.yield_ = math.exp(-p.yield_penalty * max(over - self.start_over - p.yield_tolerance, 0.0))
