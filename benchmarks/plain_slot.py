"""An input of a firm of the plain model, and the links to its suppliers.

What concerns one input alone is a method of its `Slot`; what concerns the firm is in `plain_firm.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plain_policy import FLOOR, TINY, clip

if TYPE_CHECKING:
    from plain_firm import Firm
    from plain_mesa import PlainModel


@dataclass(slots=True, eq=False)
class Link:
    """A known supplier of a slot."""

    supplier: Firm
    weight: float = 0.0
    anchor: float = 0.0
    start_shortfall: float = 0.0
    item: float = 0.0
    passing: float = 1.0
    degraded: float = 0.0
    degraded_item: float = 0.0
    diverted: float = 0.0
    barred: float = 0.0
    delay: float = 0.0
    request: float = 0.0
    sought: float = 0.0
    flow: float = 0.0

    def bar(self, share: float) -> None:
        """The buyer's own state keeps out a share."""
        self.barred = share
        self.passing *= 1.0 - share
        self.degraded *= 1.0 - share
        self.diverted *= 1.0 - share


@dataclass(slots=True, eq=False)
class Slot:
    """An input of a firm."""

    model: PlainModel
    buyer: Firm
    row: int
    product: int
    coef: float
    critical0: float
    capital: bool
    equips: bool
    embodies: bool
    redesign: bool
    stretch: float
    below: float
    positions: int
    stock: float
    critical: float
    embodied: float
    embodied_before: float
    links: list[Link]
    transit: float = 0.0
    wait: float = 0.0
    ordered: float = 0.0
    install: float = 0.0
    received: float = 0.0
    unmet: float = 0.0
    cover: float = 1.0
    fresh: float = 0.0
    input_price: float = 1.0
    candidate: Firm | None = None
    ready: int = 0

    # permit

    def admit(self) -> None:
        """A supplier whose qualification is over takes an empty position, or that of the supplier who matters least."""
        if self.candidate is None:
            return
        self.ready -= 1
        if self.ready > 0:
            return
        entry = self.model.params.adaptation.qualify_entry
        new, self.candidate = Link(self.candidate), None
        if len(self.links) < self.positions:
            self.links.append(new)
        else:
            matters = [link.anchor * max(link.passing, entry) for link in self.links]
            self.links[matters.index(min(matters))] = new
        anchors = sum(link.anchor for link in self.links)
        weights = sum(link.weight for link in self.links)
        for link in self.links:
            link.anchor *= (1.0 - entry) / max(anchors, TINY)
            link.weight = link.weight / weights if weights > TINY else 0.0
        new.anchor = entry if anchors > TINY else 1.0
        new.weight = 0.0 if weights > TINY else 1.0  # without orders at first, unless there is nobody else

    def ask_permission(self, ahead: float) -> None:
        """For each supplier: the item to be traded, and what rules and closed markets let through."""
        policy, closed = self.model.policy, self.model.policy.measures.closed
        ruled = bool(policy.rules[self.product])
        need = self.model.frontier[self.product] - self.below + ahead
        for link in self.links:
            link.item = min(link.supplier.tech_eff, need)
            if ruled:
                v = policy.judge(link.supplier, self.buyer, link.item, self.product)
                link.passing, link.degraded, link.degraded_item = v.passing, v.degraded, v.degraded_item
                link.diverted, link.delay = v.diverted, v.delay
            else:
                link.passing, link.degraded, link.diverted, link.delay = 1.0, 0.0, 0.0, 0.0
            link.barred = 0.0
            if closed:
                link.bar(closed.get((self.product, link.supplier.owner, self.buyer.location), 0.0))

    # trade and produce

    def order(self, rate: float) -> None:
        """Order what the firm expects to use up, or to install, and part of what the stock lacks."""
        p, a = self.model.params.production, self.model.params.adaptation
        here = self.buyer.location
        threat = self.model.threat[self.product][here] if a.enabled else 0.0
        extra = self.model.policy.measures.extra_cover.get((self.product, here), 0.0)
        if self.capital:
            need = self.install = self.coef * rate
            gap = (a.stockpile_capital * threat + extra) * need - self.stock
            time = p.order_time
        else:
            need = self.coef * self.buyer.expected
            gap = (p.cover + a.stockpile * threat + extra) * need - self.stock - self.transit
            time = p.order_time_scarce if self.stock < p.scarce_cover * need else p.order_time
        self.ordered = clip(need + gap / time, 0.0, p.order_cap * need)

    def split(self) -> None:
        """Split the order by weight and permission; what one link may not deliver is sought from the others by habit."""
        sought = []
        for link in self.links:
            others = 1.0 - link.weight
            sought.append(link.weight * (1.0 - link.passing) / others if others > TINY else 0.0)
        total = sum(sought)
        for link, own in zip(self.links, sought, strict=True):
            free = link.passing - link.degraded - link.diverted
            moved = link.weight * free * self.usable(link.supplier.gap()) * (total - own)
            asked = link.weight * link.passing + moved
            link.request, link.sought = self.ordered * asked, moved / max(asked, TINY)
            link.supplier.demand += link.request

    def usable(self, gap: float) -> float:
        """How far a supplier serves by its gap to the frontier: wholly up to what is called for, not at all a generation below."""
        return clip(1.0 - (gap - (self.buyer.gap() + self.below)), 0.0, 1.0)

    def receive(self) -> None:
        """Goods arrive; those under licence first wait their time, together with what waits already."""
        inflow = 0.0
        waiting = self.transit * self.wait / (1.0 + self.wait)
        waits = waiting * self.wait
        for link in self.links:
            link.flow = link.request * link.supplier.fill
            inflow += link.flow
            waiting += link.flow * link.delay / (1.0 + link.delay)
            waits += link.flow * link.delay**2 / (1.0 + link.delay)
        self.fresh = inflow / max(self.stock + self.transit + inflow, self.ordered, TINY)
        self.received = self.transit + inflow - waiting
        self.transit = waiting
        if waiting > TINY:
            self.wait = waits / waiting
        self.unmet = 1.0 - min(1.0, inflow / self.ordered) if self.ordered > TINY else 0.0

    def note_cover(self, need: float) -> None:
        """Note how far what is at hand covers a need, at most 1."""
        self.cover = min(1.0, self.stock / max(need, TINY))

    # adapt

    def report_refusals(self) -> None:
        """Tell the buyers of one's state what others refused; what the state itself keeps out is no threat."""
        value = self.coef * self.buyer.expected
        refused = 0.0
        for link in self.links:
            let_in = 1.0 - link.barred
            refused += link.weight * max(let_in - (link.passing - link.diverted - link.degraded), 0.0)
        self.model.bought[self.product][self.buyer.location] += value
        self.model.refused[self.product][self.buyer.location] += value * refused

    def search(self) -> None:
        """Where need is unmet or refused, start to qualify a new supplier."""
        model, a = self.model, self.model.params.adaptation
        refused = sum(link.weight * (1.0 - link.passing + link.degraded) for link in self.links)
        if self.candidate is not None or self.coef <= 0 or max(self.unmet, refused) <= a.unmet_trigger:
            return
        hard = 1.0 - (1.0 - a.qualify_chokepoint) * model.product_choke[self.product]
        if model.draws[0][self.row] >= a.qualify_hazard * hard:
            return
        chosen = model.draw_supplier(self, model.draws[1][self.row])
        if chosen is not None and all(link.supplier is not chosen for link in self.links):
            span = a.qualify_max - a.qualify_min + 1
            self.candidate = chosen
            self.ready = a.qualify_min + min(int(model.draws[2][self.row] * span), span - 1)

    def shift_purchases(self) -> None:
        """Shares follow an anchored logit of the attraction of suppliers; habits follow slowly."""
        a = self.model.params.adaptation
        best = max(link.item for link in self.links)
        threat = self.model.threat[self.product][self.buyer.location]
        drawn = [link.anchor * self.attraction(link, best, threat) for link in self.links]
        total = sum(drawn)
        for link, pull in zip(self.links, drawn, strict=True):
            wanted = pull / total if total > TINY else link.weight
            link.weight += a.weight_speed * (wanted - link.weight)
            link.anchor += a.anchor_speed * (link.weight - link.anchor)

    def attraction(self, link: Link, best: float, threat: float) -> float:
        """Attraction of a supplier, 1 for one that is as it was at the start."""
        a, s = self.model.params.adaptation, link.supplier
        pull: float = max(link.passing - link.degraded, FLOOR) ** a.pull_permission * max(s.fill, FLOOR) ** a.pull_delivery
        pull *= self.price_from(s) ** -a.pull_price
        short = min(link.item - best, 0.0) - link.start_shortfall
        if short < 0.0:
            pull *= math.exp(a.pull_technology * short)
        if s.location == self.buyer.location:
            pull *= math.exp(a.pull_home * threat)
            if s.owner == self.buyer.location:
                pull *= self.model.policy.seems_to_cost(self.product, s.owner) ** -a.pull_price
        return pull

    def price_from(self, supplier: Firm) -> float:
        """A supplier's price, tariff included."""
        tariffs = self.model.policy.measures.tariff
        if not tariffs:
            return supplier.price
        return supplier.price * (1.0 + tariffs.get((self.product, supplier.location, self.buyer.location), 0.0))

    def ease(self) -> None:
        """Where it can be done, redesign slowly lowers the criticality of an input that does not come."""
        a = self.model.params.adaptation
        if self.redesign:
            short = self.unmet if self.unmet > a.unmet_trigger else 0.0
            self.critical = max(self.critical0 * a.redesign_floor, self.critical * (1.0 - a.redesign_speed * short))

    def pay(self) -> None:
        """Note the mean price of what came."""
        total = sum(link.flow for link in self.links)
        if total > TINY:
            self.input_price = sum(link.flow * self.price_from(link.supplier) for link in self.links) / total

    # innovate

    def embody(self) -> None:
        """The embodied level moves to that of the goods received: by vintages for capital, else by the share of new goods."""
        p = self.model.params.innovation
        total = sum(link.flow for link in self.links)
        if total <= TINY or not self.embodies:
            return
        level = self.received_level(total, p.embodied_kappa)
        pace = p.vintage_speed * min(self.cover, 1.0 - self.unmet) if self.capital else self.fresh
        self.embodied += pace * (level - self.embodied)
        self.embodied_before += pace * (self.embodied - self.embodied_before)

    def carries(self) -> float:
        """Level that what was received lets the buyer reach without stretching; current inputs carry less where volume lacks."""
        p = self.model.params.innovation
        level = 2.0 * self.embodied - self.embodied_before + self.below
        return level if self.capital else level + p.volume * math.log(max(self.cover, p.volume_floor))

    def received_level(self, total: float, kappa: float) -> float:
        """Technology of the goods received: (1/kappa) ln of the mean of exp(kappa x level), degraded ones at their own level."""
        top = max(link.item for link in self.links)
        level = 0.0
        for link in self.links:
            share = link.flow / total
            low = (1.0 - link.sought) * link.degraded / link.passing if link.passing > TINY else 0.0
            if kappa < TINY:
                level += share * ((1.0 - low) * link.item + low * link.degraded_item)
            else:
                level += share * (1.0 - low) * math.exp(kappa * (link.item - top))
                if low > 0.0:
                    level += share * low * math.exp(kappa * (link.degraded_item - top))
        return level if kappa < TINY else top + math.log(max(level, TINY)) / kappa
