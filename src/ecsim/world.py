"""The moving part of the simulation: everything that changes within a run, as named arrays.

Axes, units and sorting are those of `ecsim.economy`; I is the pair of issuers whose content is traced, the
incumbent and the challenger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, dataclass, field
from typing import Any

from ecsim.arguments import Arguments
from ecsim.baseline import Baseline
from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy, arr, array_fields, check_shapes, sizes_of
from ecsim.layout import Layout
from ecsim.params import Params
from ecsim.permission_table import Classes, Table
from ecsim.rules import RuleBook
from ecsim.streams import Streams

__all__ = ["CHALLENGER", "INCUMBENT", "OUTSIDE", "Array", "Economy", "World", "check_shapes", "sizes_of", "state_fields"]

OUTSIDE = 0.01  # assumption: a link of which rules refuse no more is outside them: soft tests refuse every link in reach a little


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """What a run remembers of its start, to measure change against."""

    embodying: Array = arr("E", "index", "slots whose input caps the buyer's technology")
    capital_slots: Array = arr("K", "index", "slots of capital inputs")
    slots_in_challenger: Array = arr("G", "index", "slots of firms located in the challenger")
    challenger_slots: Array = arr("H", "index", "slots of firms that the challenger owns")
    log_trend: Array = arr("T,P", "1", "log of each product's output over its start on the path of final demand alone")
    growth: Array = arr("P", "per quarter", "growth of each product's output at the start")
    upkeep: Array = arr("P", "per quarter", "investment at the start, of which the coefficients of capital goods are")
    final_growth: Array = arr("T,P,S", "1", "log of final demand over its start, without shocks and prices")
    own_speed: Array = arr("N", "generations/quarter", "progress by own R&D at its trend (nu)")
    rd: Array = arr("N", "USD bn/quarter", "R&D spending at the start")
    stretch: Array = arr("M", "generations", "how far above the embodied level skill carries, in this draw")
    tech_eff: Array = arr("N", "generations", "technology that could be made at the start")
    over: Array = arr("N", "generations", "stretch above equipment at the start, which costs no yield")
    leader_offset: Array = arr("P", "generations", "mean leader below the frontier at the start")


@dataclass(kw_only=True, eq=False)
class World:
    """The moving part of one run. Mechanisms read and write these arrays in place."""

    economy: Economy
    layout: Layout
    params: Params
    streams: Streams
    book: RuleBook
    start: Start
    baseline: Baseline | None = None
    quarter: int = 0
    at_once: int = 1  # quarters that are played in one go, by an engine that can
    classes: Classes | None = None  # classes of buyers, from the lists in force
    table: Table | None = None  # rules in force, compiled
    compiled: tuple[Any, ...] = ()  # what the table was compiled from
    compiled_at: tuple[Any, ...] | None = None  # version of the rules, and what else it follows, when it was compiled
    measured_at: tuple[int, Params] | None = None  # and when measures were applied
    measured: dict[str, Any] = field(default_factory=dict)  # what the measures of each channel were applied of
    arguments: Arguments = field(default_factory=Arguments)  # of compiled mechanisms
    tracks: dict[str, Array] = field(
        default_factory=dict
    )  # what is recorded of the run, name -> array with quarters first; nothing where nobody does

    # firms
    capacity: Array = arr("N", "USD bn/quarter", "capacity at full yield")
    building: Array = arr("N", "USD bn/quarter", "capacity under construction")
    yield_: Array = arr("N", "1", "usable share of capacity relative to the start")
    output: Array = arr("N", "USD bn/quarter", "output")
    investment: Array = arr("N", "per quarter", "gross investment wanted, as a rate of capacity")
    input_limit: Array = arr("N", "1", "share of the plan that inputs allowed")
    credit: Array = arr("N", "1", "access to credit and settlement, 1 at the start")
    lost_sales: Array = arr("N", "1", "share of sales that rules block")
    blocked: Array = arr("N", "USD bn/quarter", "orders that rules kept from the firm before the permissions of this quarter")
    value: Array = arr("N", "USD bn/quarter", "output at the worth of its technology")
    demand: Array = arr("N", "USD bn/quarter", "orders received")
    expected: Array = arr("N", "USD bn/quarter", "expected demand")
    trend: Array = arr("N", "per quarter", "growth that the firm expects of its demand")
    fill: Array = arr("N", "1", "share of orders received that was delivered")
    price: Array = arr("N", "1", "price, 1 at the start")
    tech: Array = arr("N", "generations", "technology mastered")
    tech_eff: Array = arr("N", "generations", "technology that can be made with the equipment at hand")
    rd: Array = arr("N", "USD bn/quarter", "R&D spending, own and effective subsidy")
    rd_own: Array = arr("N", "USD bn/quarter", "of this, what the firm pays itself")
    revenue: Array = arr("N", "USD bn/quarter", "revenue")
    surplus: Array = arr("N", "USD bn/quarter", "value added less R&D of its own: what is left for wages, capital and profit")
    market_value: Array = arr("N", "1", "market value relative to a path without announcements")
    content: Array = arr("N,I", "1", "content of a unit of output that originates in each issuer state (incumbent, challenger)")
    tool_use: Array = arr("N,I", "1", "share of the production tools and software in use that each issuer's industry made")
    shed: Array = arr("N,I", "1", "share of each issuer's content and tools designed out")
    lists: Array = arr("N", "bits", "lists that the firm is on, one bit for each list")
    listed: Array = arr("N", "1", "share of its legal entities on any list")

    # slots
    stock: Array = arr("M", "USD bn", "stock of the input")
    transit: Array = arr("M", "USD bn", "goods that wait for a licence")
    wait: Array = arr("M", "quarters", "mean wait for a licence")
    ordered: Array = arr("M", "USD bn/quarter", "orders placed")
    install: Array = arr("M", "USD bn/quarter", "capital goods to be installed, nil for current inputs")
    received: Array = arr("M", "USD bn/quarter", "goods received")
    unmet: Array = arr("M", "1", "share of orders not delivered")
    cover: Array = arr("M", "1", "share of need at hand: stock and arrivals over what the plan uses, or what is to be installed")
    fresh: Array = arr("M", "1", "deliveries over the goods at hand and on their way, or over orders where those are more")
    critical: Array = arr("M", "1", "criticality psi")
    embodied: Array = arr("M", "generations", "technology embodied in what was received (mean over vintages)")
    embodied_before: Array = arr("M", "generations", "that mean as it was an age ago (smoothed once more)")
    input_price: Array = arr("M", "1", "mean price of what was received")
    touched: Array = arr("M", "switch", "whether a rule or a closed market touches a link of the slot; without, all its links are free")
    candidate: Array = arr("M", "index", "supplier in qualification, -1 for none")
    ready: Array = arr("M", "quarters", "quarters until it is qualified")

    # links
    supplier: Array = arr("M,L", "row", "supplying firm; any firm, without weight, at an empty position")
    weight: Array = arr("M,L", "1", "share of the slot's orders before permission")
    anchor: Array = arr("M,L", "1", "habitual share")
    start_shortfall: Array = arr("M,L", "generations", "item below the best of the slot at the start")
    item: Array = arr("M,L", "generations", "technology of the item that the buyer wants and the supplier can make")
    passing: Array = arr("M,L", "1", "share of an order on this link that may be delivered, in whatever way")
    degraded: Array = arr("M,L", "1", "share delivered at the threshold, below the level wanted")
    degraded_item: Array = arr("M,L", "generations", "technology at which that share is delivered")
    diverted: Array = arr("M,L", "1", "share that passes only by leakage")
    barred: Array = arr("M,L", "1", "share that the buyer's own state keeps out")
    delay: Array = arr("M,L", "quarters", "licence time, times the share under licence")
    licensed: Array = arr("M,L", "1", "share of an order on this link that is under licence")
    request: Array = arr("M,L", "USD bn/quarter", "orders that reach the supplier")
    sought: Array = arr("M,L", "1", "share of them that comes to this supplier because others may not sell")
    flow: Array = arr("M,L", "USD bn/quarter", "deliveries")

    # final markets
    final_weight: Array = arr("N", "1", "share of the final sales of its cell")
    final_demand: Array = arr("P,S", "USD bn/quarter", "final demand at base prices")
    final_share: Array = arr("C,S", "1", "share of each cell in the final market")
    final_anchor: Array = arr("C,S", "1", "habitual share of each cell")
    final_tariff: Array = arr("C,S", "1", "tariff of each market on the cell's goods")
    closed: Array = arr("C,S", "1", "share of each market closed to the cell")
    preferred: Array = arr("P,S", "share of price", "by how much buyers in the state hold goods of its own firms made there to be cheaper")
    final_touched: Array = arr("C", "switch", "whether a rule or a closed market touches final sales of the cell; without, all are free")
    final_passing: Array = arr("C,S", "1", "share of a final order that may be delivered")
    final_request: Array = arr("C,S", "USD bn/quarter", "final orders that reach the cell")
    final_sales: Array = arr("C,S", "USD bn/quarter", "final sales")
    demand_shock: Array = arr("P,S", "1", "log shock to final demand")

    # products and states
    frontier: Array = arr("P", "generations", "technology of the leader")
    threat: Array = arr("P,S", "1", "perceived threat to supply of the product to buyers in the state")
    power: Array = arr("S", "1", "power in the chosen metric, world share")
    anxiety: Array = arr("S", "1", "anxiety, of the incumbent")
    dissatisfaction: Array = arr("S", "1", "dissatisfaction, of the challenger")
    talent: Array = arr("S", "1", "openness to talent and exchange, 1 at the start")
    investment_openness: Array = arr("S", "1", "openness to capital and knowledge from abroad, 1 at the start")
    subsidy: Array = arr("S,P", "USD bn/year", "subsidy of each state to its firms in the product")
    extra_cover: Array = arr("P,S", "quarters", "extra cover that a state's stockpiling policy asks of its buyers")
    tariff: Array = arr("P,S,S", "1", "tariff by product, origin and destination")
    taxed: Array = arr("P,S", "switch", "whether there is a tariff on the product at the destination, from whatever origin")
    value_owner: Array = arr("S", "USD bn/quarter", "value added by owner, at the worth of its technology")
    value_location: Array = arr("S", "USD bn/quarter", "value of output by location")
    gdp_baseline: Array = arr("S", "USD bn/year", "nominal GDP without the effect of the chain")
    science: Array = arr("S", "1", "science stock relative to its baseline path")
    gdp: Array = arr("S", "USD bn/year", "nominal GDP with the effect of the chain")
    conflict: Array = arr("one", "1", "conflict index: relative, not a probability")
    denied_share: Array = arr("one", "1", "share of the challenger's input need that rules keep from it: refused, or not come")
    trade_effects: Array = arr("four", "USD bn/quarter", "trade with the challenger: denied, diverted, degraded, backfilled")
    ratio_path: Array = arr("T,four", "1", "challenger over incumbent by quarter and measure (composite, nominal, ppp, gerd)")
    gap_path: Array = arr("T,P", "generations", "gap of the challenger's leading firm by quarter")
    detection: Array = arr("S", "1", "share of leakage past each state's rules that is caught")
    over_compliance: Array = arr("S", "1", "factor on refusals beyond the law of each state, 1 at the start")
    licence_time: Array = arr("S", "1", "factor on the time that each state's licences take, 1 at the start")
    slips: Array = arr("S", "1", "factor on accidental leakage past each state's rules, 1 at the start")
    compliance_cost: Array = arr("S", "1", "share of sales under licence that compliance costs exporters of each state")
    foresight: Array = arr("one", "1", "share of coming controls that buyers in the challenger see")
    alignment: Array = arr("one", "1", "added to the utility of joining the incumbent's controls")
    unease: Array = arr("one", "1", "anxiety of the incumbent about technology")


def state_fields() -> Iterator[Field[Any]]:
    """The declared arrays of the world."""
    return array_fields(World)
