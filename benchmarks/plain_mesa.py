"""The firm step as a plain Mesa model: one agent a firm, attributes and loops, no arrays.

It does what phases PERMIT to INNOVATE of `ecsim.schedule.CONSEQUENCES` do, from the same opening position and with
the same random draws, so that its state equals that of the array model up to rounding. It serves two ends: a second
implementation of the firm step to test the first against, and the yardstick of `firm_step.py`.

Files: the model and its markets here, the firm in `plain_firm.py`, rules and measures in `plain_policy.py`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import mesa
from plain_firm import FLOOR, Firm, Link, Slot
from plain_policy import TINY, Policy, clip

from ecsim.rules import RuleBook
from ecsim.world import CHALLENGER, World

FIRM_STATE = (
    *("capacity", "building", "yield_", "output", "investment", "input_limit", "credit", "demand", "expected", "trend", "fill"),
    *("price", "tech", "tech_eff", "rd", "revenue", "final_weight"),
)


@dataclass(slots=True, eq=False)
class Cell:
    """The firms of one product, owner and location."""

    index: int
    product: int
    owner: int
    location: int
    firms: list[Firm] = field(default_factory=list)  # largest first
    offers: list[Offer] = field(default_factory=list)
    final_orders: float = 0.0
    size: float = 0.0  # of its firms, as they are drawn for new suppliers
    gap: float = 0.0  # of its best firm

    def mean_price(self) -> float:
        """Mean price of the cell's final sales."""
        weight = sum(f.final_weight for f in self.firms)
        return sum(f.price * f.final_weight for f in self.firms) + (1.0 - weight)


@dataclass(slots=True, eq=False)
class Offer:
    """What a cell sells to one final market."""

    cell: Cell
    share: float
    anchor: float
    passing: float = 1.0
    request: float = 0.0
    sales: float = 0.0


@dataclass(slots=True, eq=False)
class Market:
    """The final market of one product in one state."""

    product: int
    state: int
    final0: float
    offers: list[Offer]
    demand: float = 0.0
    shock: float = 0.0


@dataclass(slots=True, eq=False)
class Public:
    """The final buyers of a state: unlisted civilians."""

    location: int
    owner: int
    product: int = -1
    military: bool = False
    lists: frozenset[str] = frozenset()


class PlainModel(mesa.Model):
    """The firm step, agent by agent.

    Args:
        world: an opened world, of which the opening position and parameters are read; it is not changed.
        book: rules and measures in force; the caller may change it between steps.
    """

    def __init__(self, world: World, book: RuleBook) -> None:
        super().__init__(rng=world.streams.seed)
        e = world.economy
        self.params = world.params
        self.streams = world.streams
        self.book = book
        self.quarter = world.quarter
        self.n_slots = e.n_slots
        self.products, self.states = e.products, e.states
        self.product_index, self.state_index = e.product_index, e.state_index
        self.product_build: list[float] = e.product_build.tolist()
        self.product_choke: list[float] = e.product_choke.tolist()
        self.product_rd: list[float] = e.product_rd.tolist()
        self.product_leak: list[float] = e.product_leak.tolist()
        self.product_learning: list[float] = e.product_learning.tolist()
        self.product_growth0: list[float] = e.product_growth0.tolist()
        self.final_growth: list[float] = e.final_growth.tolist()
        self.growth: list[float] = world.start.growth.tolist()
        self.log_trend: list[list[float]] = world.start.log_trend.tolist()
        self.leader_offset: list[float] = world.start.leader_offset.tolist()
        self.frontier: list[float] = world.frontier.tolist()
        self.threat: list[list[float]] = world.threat.tolist()
        self.science: list[float] = world.science.tolist()
        self.talent: list[float] = world.talent.tolist()
        self.investment_openness: list[float] = world.investment_openness.tolist()
        self.publics = [Public(s, s) for s in range(len(self.states))]
        self.cells = [
            Cell(i, *c) for i, c in enumerate(zip(e.cell_product.tolist(), e.cell_owner.tolist(), e.cell_location.tolist(), strict=True))
        ]
        self.cells_of = [[c for c in self.cells if c.product == p] for p in range(len(self.products))]
        self.firms = list(self._make_firms(world))
        self._make_slots(world)
        self.markets = list(self._make_markets(world))
        self.policy = Policy(self)
        self.bought: list[list[float]] = []
        self.refused: list[list[float]] = []
        self.trend: list[float] = []
        self.subsidised_output: dict[tuple[int, int], float] = {}
        self.draws: list[list[float]] = []
        self.shocks: list[float] = []
        self.supply_known = False

    def _make_firms(self, w: World) -> Iterator[Firm]:
        e = w.economy
        columns = {name: getattr(w, name).tolist() for name in FIRM_STATE}
        columns |= {f"{name}{i}": getattr(w, name)[:, i].tolist() for name in ("content", "tool_use", "shed") for i in (0, 1)}
        columns |= {"military": e.military.tolist(), "output0": e.output0.tolist(), "final_weight0": e.final_weight.tolist()}
        columns |= {
            "start_tech": e.tech0.tolist(),
            "start_tech_eff": w.start.tech_eff.tolist(),
            "start_over": w.start.over.tolist(),
            "start_rd": w.start.rd.tolist(),
        }
        columns["own_speed"] = w.start.own_speed.tolist()
        for row, c in enumerate(e.cell.tolist()):
            firm = Firm(self, row, self.cells[c], {name: values[row] for name, values in columns.items()})
            self.cells[c].firms.append(firm)
            yield firm

    def _make_slots(self, w: World) -> None:
        e = w.economy
        positions = e.supplier0.shape[1]
        suppliers, weights, anchors, shortfalls = (x.tolist() for x in (e.supplier0, w.weight, w.anchor, w.start_shortfall))
        for row, buyer in enumerate(e.slot_firm.tolist()):
            known = zip(suppliers[row], weights[row], anchors[row], shortfalls[row], strict=True)
            slot = Slot(
                row=row,
                product=int(e.slot_input[row]),
                coef=float(e.coef[row]),
                critical0=float(e.critical0[row]),
                capital=bool(e.capital[row]),
                equips=bool(e.equips[row]),
                embodies=bool(e.embodies[row]),
                redesign=bool(e.redesign[row]),
                stretch=float(w.start.stretch[row]),
                positions=positions,
                stock=float(w.stock[row]),
                critical=float(w.critical[row]),
                embodied=float(w.embodied[row]),
                links=[Link(self.firms[s], weight, anchor, short) for s, weight, anchor, short in known if s >= 0],
            )
            self.firms[buyer].add_slot(slot)

    def _make_markets(self, w: World) -> Iterator[Market]:
        """Markets of the products that anyone buys as a final product."""
        final0 = w.economy.final0.tolist()
        for p, cells in enumerate(self.cells_of):
            if not any(final0[p]):
                continue
            for s in range(len(self.states)):
                offers = [Offer(c, float(w.final_share[c.index, s]), float(w.final_anchor[c.index, s])) for c in cells]
                for offer in offers:
                    offer.cell.offers.append(offer)
                yield Market(p, s, final0[p][s], offers)

    def step(self) -> None:
        """One quarter of the firms: permit, trade and produce, adapt, innovate."""
        self.policy.refresh(self.book)
        self._draw()
        self.agents.do("admit")
        self.agents.do("trace_content")
        self.agents.do("adopt_content")
        self.agents.do("ask_permission")
        self._permit_markets()

        self._order_final_goods()
        self.agents.do("take_final_orders")
        self.agents.do("place_orders")
        self.agents.do("produce")
        self.agents.do("receive_capital")
        self._sell_final_goods()

        self._perceive_threat()
        if self.params.adaptation.enabled:
            self.supply_known = False
            self.agents.do("search")
            self._shift_markets()
        self.agents.do("adapt")

        self._share_subsidies()
        self.agents.do("innovate")
        self._follow_talent()
        self._advance_frontier()
        self.quarter += 1

    def _draw(self) -> None:
        """The quarter's luck, from the streams that the array model uses."""
        noise = self.streams.normal("final demand", self.quarter, (len(self.products), len(self.states))).tolist()
        m = self.params.market
        for market in self.markets:
            market.shock = m.demand_noise_memory * market.shock + m.demand_noise * noise[market.product][market.state]
        self.draws = self.streams.uniform("qualify", self.quarter, (3, self.n_slots)).tolist()
        self.shocks = self.streams.normal("progress", self.quarter, len(self.firms)).tolist()
        self.trend = [math.exp(x) for x in self.log_trend[min(self.quarter, len(self.log_trend) - 1)]]

    # permit

    def _permit_markets(self) -> None:
        """Rules and closed markets, for final buyers; the largest firm stands for its cell."""
        closed = self.policy.measures.closed
        for market in self.markets:
            ruled = bool(self.policy.rules[market.product])
            for offer in market.offers:
                offer.passing = 1.0 - closed.get((market.product, offer.cell.owner, market.state), 0.0)
                if ruled:
                    seller = offer.cell.firms[0]
                    offer.passing *= self.policy.judge(seller, self.publics[market.state], seller.tech_eff, market.product).passing

    # trade and produce

    def _order_final_goods(self) -> None:
        """Final markets grow, are shaken, buy less of what is dear, and order from whom they may."""
        prices = [cell.mean_price() for cell in self.cells]
        for cell in self.cells:
            cell.final_orders = 0.0
        for market in self.markets:
            paid = total = allowed = 0.0
            for o in market.offers:
                paid += o.share * (prices[o.cell.index] * (1.0 + self._final_tariff(market, o)))
                total += o.share
                allowed += o.share * o.passing
            price = paid / total if total > TINY else 1.0
            market.demand = market.final0 * math.exp(self._log_growth(market) + market.shock) * price**-self.params.market.price_elasticity
            for o in market.offers:
                own = o.share * o.passing
                moved = (1.0 - allowed) * own / allowed if allowed > TINY else 0.0
                o.request = market.demand * (own + moved * o.passing)
                o.cell.final_orders += o.request

    def _log_growth(self, market: Market) -> float:
        """Log growth of final demand since the start: the product's own, fading to the long run, and the state's."""
        m = self.params.market
        faded = m.growth_fade * (1.0 - math.exp(-self.quarter / m.growth_fade))
        if m.equal_growth:
            return m.growth_long_run * self.quarter
        state = self.final_growth[market.state] + (m.challenger_growth / 400.0 if market.state == CHALLENGER else 0.0)
        product = self.product_growth0[market.product] * m.growth_scale - m.growth_long_run
        return m.growth_long_run * self.quarter + faded * (product + state)

    def _final_tariff(self, market: Market, offer: Offer) -> float:
        tariffs = self.policy.measures.tariff
        return tariffs.get((market.product, offer.cell.location, market.state), 0.0) if tariffs else 0.0

    def _sell_final_goods(self) -> None:
        for cell in self.cells:
            if cell.offers:
                made = sum(f.fill * f.final_weight for f in cell.firms)
                for o in cell.offers:
                    o.sales = o.request * made

    # adapt

    def _perceive_threat(self) -> None:
        """Buyers take what is refused of a product in their state as the measure of the threat to its supply."""
        a, n_states = self.params.adaptation, len(self.states)
        self.bought = [[0.0] * n_states for _ in self.products]
        self.refused = [[0.0] * n_states for _ in self.products]
        self.agents.do("report_refusals")
        for p in range(len(self.products)):
            for s in range(n_states):
                seen = self.refused[p][s] / max(self.bought[p][s], TINY)
                self.threat[p][s] += a.threat_memory * (min(1.0, seen * a.threat_scale) - self.threat[p][s])

    def draw_supplier(self, product: int, buyer: Firm, u: float) -> Firm | None:
        """A supplier by size, usable technology and permission: first a cell, then a firm of it by size."""
        if not self.supply_known:
            self._look_at_supply()
        cells, mine = self.cells_of[product], buyer.gap()
        offers = []
        for cell in cells:
            fit = clip(1.0 - (cell.gap - mine), 0.0, 1.0)
            offers.append(cell.size * fit * (1.0 - self.policy.domestic_denial(cell, buyer)))
        total = sum(offers)
        if total <= TINY:
            return None
        i, passed, target = 0, 0.0, u * total
        while i < len(cells) - 1 and passed + offers[i] <= target:
            passed += offers[i]
            i += 1
        cell = cells[i]
        rest = clip((target - passed) / max(offers[i], TINY), 0.0, 1.0 - TINY)
        mass, running = rest * cell.size, 0.0
        for firm in cell.firms:
            running += max(firm.capacity, 0.0) ** self.params.adaptation.size_exponent
            if running > mass:
                break
        return firm

    def _look_at_supply(self) -> None:
        """Size and gap of each cell, once in a quarter in which anyone looks for a supplier."""
        self.supply_known = True
        for cell in self.cells:
            cell.size = sum(max(f.capacity, 0.0) ** self.params.adaptation.size_exponent for f in cell.firms)
            cell.gap = min(f.gap() for f in cell.firms)

    def _shift_markets(self) -> None:
        """Final markets shift between cells, and within cells between firms, by permission, delivery, technology and price."""
        a, speed = self.params.adaptation, self.params.market.share_speed
        pulls = {cell.index: self._shift_within(cell) for cell in self.cells if cell.offers}
        for market in self.markets:
            drawn = []
            for o in market.offers:
                allowed = max(o.passing, FLOOR) ** a.pull_permission
                drawn.append(o.anchor * pulls[o.cell.index] * allowed * (1.0 + self._final_tariff(market, o)) ** -a.pull_price)
            total = sum(drawn)
            for o, pull in zip(market.offers, drawn, strict=True):
                wanted = pull / total if total > TINY else o.share
                o.share += speed * (wanted - o.share)
                o.anchor += a.anchor_speed * (o.share - o.anchor)

    def _shift_within(self, cell: Cell) -> float:
        """Shift the sales of a cell between its firms; returns the mean pull of the cell."""
        a, m = self.params.adaptation, self.params.market
        weight = mean = total = 0.0
        pulls = []
        for f in cell.firms:
            lag = min(f.tech_eff - f.start_tech_eff - self.frontier[f.product], 0.0)
            pull = max(f.fill, FLOOR) ** a.pull_delivery * f.price**-a.pull_price * math.exp(a.pull_technology * lag)
            pulls.append(pull)
            weight += f.final_weight
            mean += f.final_weight * pull
            total += f.final_weight0 * pull
        if total > TINY:
            for f, pull in zip(cell.firms, pulls, strict=True):
                f.final_weight += m.share_speed * (f.final_weight0 * pull / total - f.final_weight)
        return mean if weight > TINY else 1.0

    # innovate

    def _share_subsidies(self) -> None:
        self.subsidised_output = defaultdict(float)
        if self.policy.measures.subsidy:
            for f in self.firms:
                self.subsidised_output[f.owner, f.product] += f.output

    def _follow_talent(self) -> None:
        """The science stock follows talent and exchange with a long lag."""
        lag = self.params.innovation.science_lag
        self.science = [s + lag * (t - s) for s, t in zip(self.science, self.talent, strict=True)]

    def _advance_frontier(self) -> None:
        """The frontier of a product is the level of its leaders: their mean, by size and technology."""
        sharp = self.params.innovation.leader_weight
        for p, cells in enumerate(self.cells_of):
            firms = [f for cell in cells for f in cell.firms]
            top = max(f.tech_eff for f in firms)
            weights = [f.output0 * math.exp(sharp * (f.tech_eff - top)) for f in firms]
            level = sum(weight * f.tech_eff for weight, f in zip(weights, firms, strict=True)) / max(sum(weights), TINY)
            self.frontier[p] = level - self.leader_offset[p]
