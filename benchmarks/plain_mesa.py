"""The firm step as a plain Mesa model: one agent a firm, attributes and loops, no arrays.

It does what phases PERMIT to INNOVATE of `ecsim.schedule.CONSEQUENCES` do, from the same opening position and with
the same random draws, so that its state equals that of the array model up to rounding. It serves two ends: a second
implementation of the firm step to test the first against, and the yardstick of `firm_step.py`.

Files: the quarter here, the firm in `plain_firm.py`, its inputs in `plain_slot.py`, final markets in `plain_market.py`,
rules and measures in `plain_policy.py`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import mesa
from plain_firm import Firm
from plain_market import Cell, Market, Offer, Public
from plain_policy import TINY, Policy, clip
from plain_slot import Link, Slot

from ecsim.rules import RuleBook
from ecsim.world import World

FIRM_STATE = (
    *("capacity", "building", "yield_", "output", "investment", "input_limit", "credit", "demand", "expected", "trend", "fill"),
    *("price", "tech", "tech_eff", "rd", "revenue", "final_weight"),
)


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
        self.product_leak: list[float] = e.product_leak.tolist()
        self.product_learning: list[float] = e.product_learning.tolist()
        self.product_growth0: list[float] = e.product_growth0.tolist()
        self.final_growth: list[float] = e.final_growth.tolist()
        self.upkeep: list[float] = world.start.upkeep.tolist()
        self.log_trend: list[list[float]] = world.start.log_trend.tolist()
        self.leader_offset: list[float] = world.start.leader_offset.tolist()
        self.frontier: list[float] = world.frontier.tolist()
        self.threat: list[list[float]] = world.threat.tolist()
        self.science: list[float] = world.science.tolist()
        self.talent: list[float] = world.talent.tolist()
        self.investment_openness: list[float] = world.investment_openness.tolist()
        self.publics = [Public(s, s) for s in range(len(self.states))]
        places = zip(e.cell_product.tolist(), e.cell_owner.tolist(), e.cell_location.tolist(), strict=True)
        self.cells = [Cell(self, i, *place) for i, place in enumerate(places)]
        self.cells_of = [[c for c in self.cells if c.product == p] for p in range(len(self.products))]
        self.firms = list(self._make_firms(world))
        self._make_slots(world)
        self.markets = list(self._make_markets(world))
        self.selling = [cell for cell in self.cells if cell.offers]
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
        columns["rd_share"] = e.rd_share.tolist()
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
                model=self,
                buyer=self.firms[buyer],
                row=row,
                product=int(e.slot_input[row]),
                coef=float(e.coef[row]),
                critical0=float(e.critical0[row]),
                capital=bool(e.capital[row]),
                equips=bool(e.equips[row]),
                embodies=bool(e.embodies[row]),
                redesign=bool(e.redesign[row]),
                stretch=float(w.start.stretch[row]),
                below=float(e.below[row]),
                positions=positions,
                stock=float(w.stock[row]),
                critical=float(w.critical[row]),
                embodied=float(w.embodied[row]),
                embodied_before=float(w.embodied_before[row]),
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
                yield Market(self, p, self.publics[s], final0[p][s], offers)

    def step(self) -> None:
        """One quarter of the firms: permit, trade and produce, adapt, innovate."""
        self.policy.refresh(self.book)
        self._draw()
        self.agents.do("admit")
        self.agents.do("trace_content")
        self.agents.do("adopt_content")
        self.agents.do("ask_permission")
        for market in self.markets:
            market.permit()

        for cell in self.selling:
            cell.take_stock()
        for market in self.markets:
            market.order()
        self.agents.do("take_final_orders")
        self.agents.do("place_orders")
        self.agents.do("produce")
        self.agents.do("receive_capital")
        for cell in self.selling:
            cell.sell()

        self._perceive_threat()
        if self.params.adaptation.enabled:
            self.supply_known = False
            self.agents.do("search")
            for cell in self.selling:
                cell.shift()
            for market in self.markets:
                market.shift()
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
            market.shock = m.demand_noise_memory * market.shock + m.demand_noise * noise[market.product][market.public.location]
        self.draws = self.streams.uniform("qualify", self.quarter, (3, self.n_slots)).tolist()
        self.shocks = self.streams.normal("progress", self.quarter, len(self.firms)).tolist()
        self.trend = [math.exp(x) for x in self.log_trend[min(self.quarter, len(self.log_trend) - 1)]]

    def _perceive_threat(self) -> None:
        """Buyers take what is refused of a product in their state as the measure of the threat to its supply."""
        a, n_states = self.params.adaptation, len(self.states)
        self.bought = [[0.0] * n_states for _ in self.products]
        self.refused = [[0.0] * n_states for _ in self.products]
        felt = [[0.0] * n_states for _ in self.products]
        self.agents.do("report_refusals")
        for p in range(len(self.products)):
            for s in range(n_states):
                felt[p][s] = a.threat_scale * self.refused[p][s] / max(self.bought[p][s], TINY)
        worst = self.policy.foresight * max(row[1] for row in felt)  # who sees controls coming fears for the whole chain
        for p in range(len(self.products)):
            for s in range(n_states):
                fear = max(felt[p][s], worst) if s == 1 else felt[p][s]
                self.threat[p][s] += a.threat_memory * (min(1.0, fear) - self.threat[p][s])

    def draw_supplier(self, slot: Slot, u: float) -> Firm | None:
        """A supplier by size, usable technology and permission: first a cell, then a firm of it by size."""
        if not self.supply_known:
            self.supply_known = True
            for cell in self.cells:
                cell.look()
        cells = self.cells_of[slot.product]
        offers = [c.size * slot.usable(c.gap) * self.policy.known_permission(c, slot.buyer) for c in cells]
        total = sum(offers)
        if total <= TINY:
            return None
        i, passed, target = 0, 0.0, u * total
        while i < len(cells) - 1 and passed + offers[i] <= target:
            passed += offers[i]
            i += 1
        return cells[i].draw(clip((target - passed) / max(offers[i], TINY), 0.0, 1.0 - TINY))

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
