"""Sellers and final markets of the plain model: cells of firms, what they offer, and who buys it in the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plain_policy import FLOOR, TINY

from ecsim.world import CHALLENGER

if TYPE_CHECKING:
    from plain_firm import Firm
    from plain_mesa import PlainModel


@dataclass(slots=True, eq=False)
class Cell:
    """The firms of one product, owner and location."""

    model: PlainModel
    index: int
    product: int
    owner: int
    location: int
    firms: list[Firm] = field(default_factory=list)  # largest first
    offers: list[Offer] = field(default_factory=list)
    final_orders: float = 0.0
    price: float = 1.0  # of its final sales, mean
    pull: float = 1.0  # on final buyers, mean
    size: float = 0.0  # of its firms, as they are drawn for new suppliers
    gap: float = 0.0  # of its best firm

    def take_stock(self) -> None:
        """Set the mean price of final sales, and clear the book of final orders."""
        weight = sum(f.final_weight for f in self.firms)
        self.price = sum(f.price * f.final_weight for f in self.firms) + (1.0 - weight)
        self.final_orders = 0.0

    def sell(self) -> None:
        """Final sales, as far as the firms could make what was ordered."""
        made = sum(f.fill * f.final_weight for f in self.firms)
        for offer in self.offers:
            offer.sales = offer.request * made

    def shift(self) -> None:
        """Shift final sales between the firms of the cell, by delivery, price and technology."""
        a, m = self.model.params.adaptation, self.model.params.market
        weight = mean = total = 0.0
        pulls = []
        for f in self.firms:
            lag = min(f.tech_eff - f.start_tech_eff - self.model.frontier[self.product], 0.0)
            pull = max(f.fill, FLOOR) ** a.pull_delivery * f.price**-a.pull_price * math.exp(a.pull_technology * lag)
            pulls.append(pull)
            weight += f.final_weight
            mean += f.final_weight * pull
            total += f.final_weight0 * pull
        if total > TINY:
            for f, pull in zip(self.firms, pulls, strict=True):
                f.final_weight += m.share_speed * (f.final_weight0 * pull / total - f.final_weight)
        self.pull = mean if weight > TINY else 1.0

    def look(self) -> None:
        """Set size and gap, for those who look for a supplier."""
        self.size = sum(max(f.capacity, 0.0) ** self.model.params.adaptation.size_exponent for f in self.firms)
        self.gap = min(f.gap() for f in self.firms)

    def draw(self, part: float) -> Firm:
        """The firm at a part, 0 to 1, of the cell's size."""
        mass, running = part * self.size, 0.0
        for firm in self.firms:
            running += max(firm.capacity, 0.0) ** self.model.params.adaptation.size_exponent
            if running > mass:
                break
        return firm


@dataclass(slots=True, eq=False)
class Offer:
    """What a cell sells to one final market."""

    cell: Cell
    share: float
    anchor: float
    passing: float = 1.0
    request: float = 0.0
    sales: float = 0.0

    def sought(self) -> float:
        """What this cell may not sell, over the habitual share of the others."""
        others = 1.0 - self.share
        return self.share * (1.0 - self.passing) / others if others > TINY else 0.0


@dataclass(slots=True, eq=False)
class Public:
    """The final buyers of a state: unlisted civilians."""

    location: int
    owner: int
    product: int = -1
    military: bool = False
    lists: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Market:
    """The final market of one product in one state."""

    model: PlainModel
    product: int
    public: Public
    final0: float
    offers: list[Offer]
    demand: float = 0.0
    shock: float = 0.0

    def permit(self) -> None:
        """What rules and closed markets let each cell sell; the largest firm stands for its cell."""
        policy = self.model.policy
        ruled = bool(policy.rules[self.product])
        for offer in self.offers:
            offer.passing = 1.0 - policy.measures.closed.get((self.product, offer.cell.owner, self.public.location), 0.0)
            if ruled:
                seller = offer.cell.firms[0]
                offer.passing *= policy.judge(seller, self.public, seller.tech_eff, self.product).passing

    def order(self) -> None:
        """Grow, be shaken, buy less of what is dear, and order from whom one may."""
        paid = total = sought = 0.0
        for o in self.offers:
            paid += o.share * (o.cell.price * (1.0 + self.tariff(o)))
            total += o.share
            sought += o.sought()
        price = paid / total if total > TINY else 1.0
        self.demand = self.final0 * math.exp(self.log_growth() + self.shock) * price**-self.model.params.market.price_elasticity
        for o in self.offers:
            o.request = self.demand * o.share * o.passing * (1.0 + sought - o.sought())
            o.cell.final_orders += o.request

    def log_growth(self) -> float:
        """Log growth of demand since the start: the product's and the state's own, fading to the long run, and a lasting drift."""
        m, t = self.model.params.market, self.model.quarter
        if m.equal_growth:
            return m.growth_long_run * t
        faded = m.growth_fade * (1.0 - math.exp(-t / m.growth_fade))
        product = self.model.product_growth0[self.product] * m.growth_scale - m.growth_long_run
        drift = m.challenger_growth / 400.0 if self.public.location == CHALLENGER else 0.0
        return (m.growth_long_run + drift) * t + faded * (product + self.model.final_growth[self.public.location])

    def tariff(self, offer: Offer) -> float:
        """Tariff on an offer."""
        tariffs = self.model.policy.measures.tariff
        return tariffs.get((self.product, offer.cell.location, self.public.location), 0.0) if tariffs else 0.0

    def shift(self) -> None:
        """Shift between cells, by their pull, permission and tariffs."""
        a, speed = self.model.params.adaptation, self.model.params.market.share_speed
        drawn = []
        for o in self.offers:
            allowed = max(o.passing, FLOOR) ** a.pull_permission
            price = 1.0 + self.tariff(o)
            if o.cell.owner == o.cell.location == self.public.location:
                price *= self.model.policy.seems_to_cost(self.product, o.cell.location)
            drawn.append(o.anchor * o.cell.pull * allowed * price**-a.pull_price)
        total = sum(drawn)
        for o, pull in zip(self.offers, drawn, strict=True):
            wanted = pull / total if total > TINY else o.share
            o.share += speed * (wanted - o.share)
            o.anchor += a.anchor_speed * (o.share - o.anchor)
