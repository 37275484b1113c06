"""Impulse responses: what each tool of the catalogue changes, in a world in which some controls stand already.

One tool is taken once, at its declared strength, and the run is held against the same run without it. The tools
declare in advance which indicators they move, and in which direction (`Tool.expects`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ecsim import population
from ecsim.course import Course, baseline_of
from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.mechanisms.permission import leakage
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.record import foreign_reach
from ecsim.strategies.accession import package, reasons, rules_offered
from ecsim.strategies.allies import levels
from ecsim.strategies.outlook import observe
from ecsim.strategies.replay import Replay
from ecsim.tools import CATALOGUE, INDICATORS, Tool
from ecsim.world import World

QUARTERS, TAKEN = 20, 4  # length of the run, and the quarter of the impulse
FIRMS = 200
TINY = 1e-12
ACTORS = {"incumbent": "USA", "challenger": "CHN", "ally": "JPN"}
AT_HUB = {"hub_enforcement": "SGP", "network_exclusion": "DEU"}  # who takes an ally's tool, where not Japan
PARTIES = {"USA": ("SMIC", "Beihang University"), "JPN": ("SMIC",), "CHN": ("Intel", "Micron")}  # whom each actor lists


def reference() -> list[Move]:
    """Controls that stand before the impulse, so that enforcement, administration and counter-measures have something to act on."""
    tools = ("lithography", "deposition_etch", "process_control")
    return [
        Move(quarter=1, actor="USA", verb="impose", tool="country_rule", rule="tools", products=tools, denial=0.5),
        Move(quarter=1, actor="USA", verb="impose", tool="country_rule", rule="chips", products=("accelerators",), denial=0.5),
        Move(quarter=1, actor="USA", verb="list", tool="entity_list", list_name="first", entities=("Huawei", "YMTC")),
        Move(quarter=2, actor="CHN", verb="impose", tool="minerals", rule="minerals", denial=0.2, destinations=("USA",)),
    ]


def impulse(tool: Tool) -> Move:
    """The tool taken once, as declared."""
    actor = AT_HUB.get(tool.id, ACTORS[tool.users[0]])
    if tool.listing:
        names = tuple(x for x in PARTIES[actor] if any(hasattr(m, "terms") for m in tool.makes) or " " not in x)
        return Move(quarter=TAKEN, actor=actor, verb="list", tool=tool.id, entities=names)
    return Move(quarter=TAKEN, actor=actor, verb="impose", tool=tool.id)


@dataclass(frozen=True, eq=False)
class Response:
    """What a tool changed.

    Attributes:
        tool: the tool.
        change: indicator -> difference by quarter from the impulse on, shape (T,).
        profile: differences of many quantities by quarter, for telling tools apart, shape (T, columns).
    """

    tool: Tool
    change: Mapping[str, Array]
    profile: Array

    def sign(self, indicator: str) -> int:
        """Direction in which an indicator moved on average; 0 where it did not move."""
        mean = float(self.change[indicator].mean())
        return int(np.sign(mean)) if abs(mean) > TINY else 0

    def as_declared(self) -> bool:
        """Whether every indicator that the tool declares moved as declared."""
        return all(self.sign(what[1:]) == (1 if what[0] == "+" else -1) for what in self.tool.expects)


class Bench:
    """One small world in which tools are tried.

    Args:
        seed: seed of the random streams.
    """

    def __init__(self, seed: int = 1) -> None:
        self.params = Params().with_values({"population.n_firms": FIRMS, "time.quarters": QUARTERS})
        self.economy: Economy = population.build(self.params)
        self.seed = seed
        self.baseline = baseline_of(self.params, seed, self.economy)
        self._without = self._run([])

    def response(self, tool: Tool) -> Response:
        """The response to one tool."""
        (seen, wide), (seen0, wide0) = self._run([impulse(tool)]), self._without
        change = {name: seen[name][TAKEN:] - seen0[name][TAKEN:] for name in seen}
        return Response(tool, change, (wide - wide0)[TAKEN:])

    def _run(self, moves: list[Move]) -> tuple[dict[str, Array], Array]:
        """Indicators by quarter, and a wide table of quantities relative to their size, (T, columns)."""
        course = Course(self.params, self.seed, [Replay([*reference(), *moves])], economy=self.economy, baseline=self.baseline)
        rows, wide = [], []
        while not course.finished:
            course.step()
            rows.append([READ[name](course.world) for name in INDICATORS])
            wide.append(_wide(course.world))
        table = np.array(rows)
        return {name: table[:, i] for i, name in enumerate(INDICATORS)}, np.array(wide)


def responses() -> dict[str, Response]:
    """The response to every tool that acts; each column of the profiles is relative to the largest response to any tool."""
    bench = Bench()
    found = {tool.id: bench.response(tool) for tool in CATALOGUE.values() if tool.makes}
    scale = np.max([np.abs(r.profile).max(axis=0) for r in found.values()], axis=0)
    return {name: replace(r, profile=(r.profile / np.maximum(scale, TINY)).ravel()) for name, r in found.items()}


def likeness(one: Response, other: Response) -> float:
    """Cosine of two profiles: 1 where the responses are proportional, -1 where they are opposite."""
    size = float(np.linalg.norm(one.profile) * np.linalg.norm(other.profile))
    return float(one.profile @ other.profile) / size if size > TINY else 0.0


def _by(w: World, x: Array, state: int) -> float:
    return float(x[w.economy.owner == state].sum())


def _sales(w: World, of: int, at: Array) -> float:
    """Sales of a state's firms to buyers in some states, USD bn a quarter."""
    e = w.economy
    links = w.flow * (e.owner[w.supplier] == of) * np.isin(e.location[e.slot_firm], at)[:, None]
    return float(links.sum() + w.final_sales[np.ix_(e.cell_owner == of, at)].sum())


def _refused_abroad(w: World) -> float:
    """Orders to the challenger's plants from elsewhere that rules refuse, USD bn a quarter."""
    e = w.economy
    from_it = (e.location[w.supplier] == CHALLENGER) & (e.location[e.slot_firm] != CHALLENGER)[:, None]
    refused = w.ordered[:, None] * w.weight * np.maximum(1.0 - w.passing - w.barred, 0.0)
    return float((refused * from_it).sum())


def _willing(w: World) -> float:
    """Mean utility of allies to join what the incumbent offers, without threat and anger, which move by themselves."""
    e = w.economy
    wanted = package(e, rules_offered(w.book, e.states[INCUMBENT], e.states[CHALLENGER]))
    why = reasons(w, observe(w), wanted, levels(w), np.zeros(e.n_states))
    return float((why.utility(w, 0.0, 0.0) + w.alignment[0])[e.side == 1].mean())


def _compliance(w: World) -> float:
    """What compliance costs the incumbent's firms beside that of the start, USD bn a quarter."""
    e = w.economy
    cost = (w.compliance_cost[e.location] * (e.owner == INCUMBENT))[w.supplier]
    return float((w.flow * w.licensed * cost).sum())


def _plants_there(w: World) -> float:
    """Capacity of the incumbent's firms in the challenger, with what is being built, USD bn a quarter."""
    e = w.economy
    return float((w.capacity + w.building)[(e.owner == INCUMBENT) & (e.location == CHALLENGER)].sum())


READ: dict[str, Callable[[World], float]] = {
    "denied": lambda w: float(w.trade_effects[0]),
    "diverted": lambda w: float(w.trade_effects[1]),
    "science": lambda w: float(w.science[CHALLENGER]),
    "science_home": lambda w: float(w.science[INCUMBENT]),
    "tech": lambda w: _by(w, w.tech, CHALLENGER),
    "rd": lambda w: _by(w, w.rd, CHALLENGER),
    "plants": lambda w: _by(w, w.investment * w.capacity, CHALLENGER),
    "stocks": lambda w: float(w.stock[w.start.slots_in_challenger].sum()),
    "stocks_home": lambda w: float(w.stock[w.economy.location[w.economy.slot_firm] == INCUMBENT].sum()),
    "threat": lambda w: float(w.threat[:, CHALLENGER].mean()),
    "waiting": lambda w: float(w.transit[w.start.slots_in_challenger].sum()),
    "sales_home": lambda w: _sales(w, CHALLENGER, np.array([INCUMBENT])),
    "sales_there": lambda w: _sales(w, INCUMBENT, np.array([CHALLENGER])),
    "sales_own": lambda w: _sales(w, CHALLENGER, np.array([CHALLENGER])),
    "sales_allied": lambda w: _sales(w, CHALLENGER, np.flatnonzero(w.economy.side == 1)),
    "refused_abroad": _refused_abroad,
    "slipped": lambda w: float(leakage(w)[:, 1].mean()),
    "rd_home": lambda w: _by(w, w.rd, INCUMBENT),
    "tech_home": lambda w: _by(w, w.tech, INCUMBENT),
    "compliance_home": _compliance,
    "willing": _willing,
    "reach": foreign_reach,
    "plants_there": _plants_there,
}


def _wide(w: World) -> Array:
    """Indicators, technology of the challenger by product, and output, R&D and prices by owner and product, each relative to its size."""
    e = w.economy
    key = e.owner * e.n_products + e.product
    n = e.n_states * e.n_products
    size = np.bincount(key, weights=e.output0, minlength=n)
    kept = size > TINY
    parts = [np.array([read(w) for read in READ.values()])]
    parts += [
        (np.bincount(key, weights=x * y, minlength=n)[kept] / size[kept])
        for x, y in ((w.output, 1.0), (w.price, e.output0), (w.rd, 1.0), (w.tech, e.output0))
    ]
    return np.concatenate(parts)
