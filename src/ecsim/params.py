"""The one registry of model parameters: default, unit, plausible range, source or "assumption", meaning.

Each group is a frozen dataclass whose fields are made by `par`. The configuration, the documentation, the
validation and the sensitivity analysis all read this file and nothing else. Sources are abbreviated as in
`docs/model.md`; "assumption" means that no source was found, and the range says how unsure we are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ecsim.errors import UserError, unknown

ASSUMPTION = "assumption"
FITTED = "fitted to W targets by `python -m ecsim.analysis.documents --fit`"
FITTED_WAVE = "fitted to targets C9a to C9d: when Japan, the Netherlands and Germany joined, and that Korea did not"
BY_HISTORY = (
    "assumption, set by hand so that products under rules and under direct-product rules, and the denied share, come near the history "
    "scenario at the end of 2025 (docs/governments.md)"
)
REFERENCE = "reference"  # the engine of array expressions
POSTERIOR = "assumption under test: posterior median by `python -m ecsim.analysis.documents`"


@dataclass(frozen=True)
class ParamInfo:
    """What the registry knows of one parameter.

    Attributes:
        name: dotted name, group first, for example "innovation.stretch".
        default: value used unless told otherwise.
        unit: unit, or "1" for a pure number.
        lo, hi: plausible range (None for a choice, a switch or a text).
        choices: accepted values of a choice.
        source: where the default comes from, or "assumption".
        doc: what it is.
        uncertain: drawn anew for each replicate of a comparison (one of the decisive unknowns).
    """

    name: str
    default: Any
    unit: str
    lo: float | None
    hi: float | None
    choices: tuple[str, ...]
    source: str
    doc: str
    uncertain: bool

    @property
    def is_assumption(self) -> bool:
        """Whether no source stands behind the default."""
        return self.source.startswith(ASSUMPTION)


@dataclass(frozen=True)
class Number:
    """A number declared where it is used, such as the strength that a tool has unless a move says otherwise.

    Attributes:
        value: in the unit of the field that it stands in.
        lo, hi: plausible range.
        source: where it comes from, or "assumption".
    """

    value: float
    lo: float
    hi: float
    source: str = "assumption"

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: the value lies outside its own range.
        """
        if not self.lo <= self.value <= self.hi:
            raise ValueError(f"{self.value} lies outside {self.lo} to {self.hi}")


def par(
    default: Any,
    unit: str,
    doc: str,
    *,
    lo: float | None = None,
    hi: float | None = None,
    choices: tuple[str, ...] = (),
    source: str = ASSUMPTION,
    uncertain: bool = False,
) -> Any:
    """A dataclass field that carries its entry in the registry."""
    meta = {"unit": unit, "doc": doc, "lo": lo, "hi": hi, "choices": choices, "source": source, "uncertain": uncertain}
    return field(default=default, metadata=meta)


@dataclass(frozen=True, kw_only=True)
class Time:
    """The calendar of a run."""

    start_year: int = par(
        2018, "year", "First year; the run begins in its first quarter.", lo=2018, hi=2018, source="vintage of the data tables"
    )
    quarters: int = par(72, "quarters", "Length of the run (72 = 2018 to 2035).", lo=1, hi=400, source="issue of the study")
    engine: str = par(
        "compiled",
        "choice",
        "How the quarter is computed: by compiled loops, or by the array expressions they are held against; equal to rounding.",
        choices=("compiled", REFERENCE),
        source="not part of the model",
    )


@dataclass(frozen=True, kw_only=True)
class Population:
    """The synthetic population of firms."""

    n_firms: int = par(400, "firms", "Number of firm rows; a row stands for one or more legal entities.", lo=200, hi=1_000_000)
    suppliers_per_slot: int = par(
        4,
        "suppliers",
        "Supplier positions of an input slot.",
        lo=1,
        hi=8,
        source="assumption: about 12 links a firm, as in national firm networks (Hungary network study)",
    )
    seed: int = par(2018, "1", "Seed of the synthetic part of the population; the same for all runs of a study.", lo=0, hi=2**32)
    size_tail: float = par(1.2, "1", "Pareto exponent of the sizes of synthetic firms within a cell.", lo=1.05, hi=2.0)
    count_exponent: float = par(
        0.7, "1", "Number of synthetic firms in a cell goes with its share of supply to this power.", lo=0.5, hi=1.0
    )
    lead_least: float = par(
        0.5, "1", "Least part of the unnamed supply of a cell that its three leading unnamed firms hold.", lo=0.3, hi=0.7
    )
    lead_most: float = par(0.95, "1", "Largest part of it that they hold.", lo=0.8, hi=0.99)
    lead_first: float = par(0.5, "1", "Part of what the three hold that the first holds.", lo=0.4, hi=0.6)
    lead_second: float = par(0.3, "1", "Part of what the three hold that the second holds; the third has the rest.", lo=0.2, hi=0.35)
    small_room: float = par(0.5, "1", "Part of what large buyers leave of a product that many small suppliers may fill.", lo=0.3, hi=0.7)
    fit_least: float = par(
        0.02, "1", "Appeal, at the start, of a supplier a generation or more further behind than the buyer's need.", lo=0.0, hi=0.1
    )
    sold_out: float = par(0.15, "1", "Appeal of a supplier that larger buyers have bought out, relative to a free one.", lo=0.05, hi=0.3)
    stretch_margin: float = par(0.3, "generations", "By how much stretch exceeds what a firm's start shows that it has.", lo=0.1, hi=0.6)
    growth_long_run: float = par(
        3.0, "% per year", "Growth of states' baseline paths to which declared growth fades after the last forecast.", lo=2.0, hi=4.0
    )
    growth_fade: float = par(10.0, "years", "Time scale of that fading.", lo=5.0, hi=20.0)
    domains: tuple[str, ...] = par(
        ("chips",),
        "names",
        "Supply chains in the run, as `domain` in the table of products; [all] for every one.",
        source="choice: the chip and AI chain, to which the targets of calibration refer",
    )
    tables: str = par("", "folder", "Folder with tables of your own; the shipped ones where it has none, or where this is empty.")


@dataclass(frozen=True, kw_only=True)
class Market:
    """Final demand and its growth."""

    growth_scale: float = par(1.0, "1", "Scale of the product growth rates of the product table.", lo=0.5, hi=1.5)
    equal_growth: bool = par(False, "switch", "Let all final demand grow at the long-run rate (for tests of the steady state).")
    growth_long_run: float = par(0.01, "per quarter", "Growth of final demand to which every product returns.", lo=0.0, hi=0.02)
    growth_fade: float = par(16.0, "quarters", "Time scale on which product growth returns to the long run.", lo=8.0, hi=40.0)
    challenger_growth: float = par(
        0.0,
        "percentage points per year",
        "Added to the challenger's baseline growth of output and demand.",
        lo=-2.0,
        hi=1.0,
        uncertain=True,
        source="assumption: range of the difference between the IMF WEO vintages of October 2018 and October 2025",
    )
    price_elasticity: float = par(0.8, "1", "Price elasticity of final demand (positive number).", lo=0.3, hi=1.5)
    share_speed: float = par(0.10, "per quarter", "Speed at which final markets shift between suppliers.", lo=0.03, hi=0.3)
    demand_noise: float = par(
        0.01, "1", "Standard deviation of the quarterly shock to final demand (log, by product and state).", lo=0.0, hi=0.05
    )
    demand_noise_memory: float = par(0.7, "1", "Autocorrelation of that shock.", lo=0.0, hi=0.95)


@dataclass(frozen=True, kw_only=True)
class Power:
    """National power, anxiety and dissatisfaction (model section 4)."""

    metric: str = par(
        "composite",
        "choice",
        "Measure of power that governments perceive.",
        choices=("composite", "nominal", "ppp", "gerd"),
        source="de Soysa, Oneal and Park 1997: results depend on the measure",
    )
    weight_gdp: float = par(0.5, "1", "Exponent of the world share of GDP in composite power.", lo=0.3, hi=0.7)
    weight_tech: float = par(0.3, "1", "Exponent of the world share of technology in composite power.", lo=0.1, hi=0.5)
    parity_lo: float = par(
        0.8, "ratio", "Lower edge of the parity zone.", lo=0.7, hi=0.9, source="Organski and Kugler 1980; Tammen et al. 2000"
    )
    parity_hi: float = par(
        1.2, "ratio", "Upper edge of the parity zone.", lo=1.1, hi=1.3, source="Organski and Kugler 1980; Tammen et al. 2000"
    )
    anxiety_speed: float = par(0.15, "per quarter", "Speed at which anxiety follows its drivers (mu).", lo=0.05, hi=0.4)
    anxiety_base: float = par(0.0, "1", "Anxiety logit at the lower edge of the parity zone (k0).", lo=-1.0, hi=1.0)
    anxiety_parity: float = par(1.0, "1", "Weight of the power ratio in anxiety (k rho).", lo=0.0, hi=2.0)
    anxiety_trend: float = par(10.0, "per unit of ratio", "Weight of the four-quarter change of the ratio (k delta).", lo=0.0, hi=30.0)
    anxiety_catchup: float = par(1.0, "per generation a year", "Weight of catch-up speed in threatened products (k tau).", lo=0.0, hi=3.0)
    dissatisfaction_speed: float = par(0.15, "per quarter", "Speed at which dissatisfaction follows its drivers (delta).", lo=0.05, hi=0.4)
    dissatisfaction_base: float = par(-1.5, "1", "Dissatisfaction logit without denial at the lower edge of parity (d0).", lo=-3.0, hi=0.0)
    dissatisfaction_denial: float = par(8.0, "1", "Weight of the denied share of input need (d1).", lo=2.0, hi=20.0)
    dissatisfaction_parity: float = par(0.5, "1", "Weight of the power ratio (d2).", lo=0.0, hi=2.0)
    conflict_width: float = par(0.3, "ratio", "Width of the conflict hazard around parity (omega).", lo=0.1, hi=0.6)
    conflict_exponent: float = par(
        1.0,
        "1",
        "Exponent of dissatisfaction in the conflict index (gamma).",
        lo=0.5,
        hi=2.0,
        source="assumption; dissatisfaction is necessary (Organski 1958)",
    )


@dataclass(frozen=True, kw_only=True)
class Permission:
    """From rules to permission of single links (model section 8)."""

    step_width: float = par(0.15, "generations", "Softness of a technology threshold.", lo=0.05, hi=0.4)
    need_head: float = par(0.3, "generations", "How far above its own level a buyer orders.", lo=0.0, hi=1.0)
    degraded_reach: float = par(2.0, "generations", "How far below its need a buyer still takes a degraded item.", lo=1.0, hi=3.0)
    degraded_share: float = par(
        0.4, "1", "Share of a blocked flow that is sold degraded at the threshold (A800, H800 and DUV tools exist).", lo=0.1, hi=0.7
    )
    fdp_max: float = par(
        0.95, "1", "Reach of a foreign-direct-product rule over a firm whose tools are all of the issuer's making.", lo=0.8, hi=1.0
    )
    fdp_scale: float = par(0.1, "1", "Share of the issuer's tools at which reach is two thirds of its maximum.", lo=0.03, hi=0.3)
    de_minimis_width: float = par(0.02, "1", "Softness of the de minimis test on content.", lo=0.005, hi=0.05)
    hub_passage: float = par(
        0.15, "1", "Share of goods diverted past the incumbent's rules that passes through one trading hub.", lo=0.05, hi=0.3
    )
    persons_reach: float = par(0.3, "1", "Reach of a US-persons rule over plants abroad owned in the issuing state.", lo=0.0, hi=0.8)
    leak_scale: float = par(1.0, "1", "Scale of the leakage of the product table.", lo=0.3, hi=1.7, uncertain=True)
    detection: float = par(0.3, "1", "Share of leakage that enforcement catches at the start.", lo=0.1, hi=0.7)
    over_compliance: float = par(
        0.12,
        "1",
        "Extra refusal of unlisted buyers at a destination where a rule denies all (times denial).",
        lo=0.0,
        hi=0.3,
        source="assumption; that it exists: Crosignani et al. 2026",
    )
    military_end_use: float = par(0.1, "1", "Share of sales to unlisted civil buyers caught by a military end-use rule.", lo=0.02, hi=0.3)
    affiliate_evasion: float = par(
        0.25, "1", "Share of trade with a listed party that moves to unlisted affiliates without an affiliates rule.", lo=0.05, hi=0.5
    )


@dataclass(frozen=True, kw_only=True)
class Production:
    """Production with inventories, orders and prices (model section 9)."""

    form: str = par(
        "partial",
        "choice",
        "Production form: inputs bind as far as they are critical, all bind, or they replace each other (ces, linear).",
        choices=("partial", "leontief", "ces", "linear"),
        source="Pichler et al. 2022",
    )
    substitution: float = par(
        0.5,
        "1",
        "Elasticity of substitution between inputs where the form is ces; not 1.",
        lo=0.1,
        hi=0.9,
        source="assumption; short-run elasticities between inputs lie well below one (Atalay 2017; Boehm, Flaaen and Pandalai-Nayar 2019)",
    )
    cover: float = par(
        0.5,
        "quarters",
        "Stock of an input that a firm wants to hold.",
        lo=0.15,
        hi=1.0,
        source="assumption between 40 days (2019, US Commerce RFI) and BoARIO's 90 days",
    )
    order_time: float = par(
        2.0, "quarters", "Time in which a gap in stock is ordered back (tau).", lo=1.5, hi=4.0, source="assumption; 1 never settles"
    )
    order_time_scarce: float = par(4.0, "quarters", "The same where stocks are nearly gone.", lo=2.0, hi=8.0)
    scarce_cover: float = par(0.1, "quarters", "Cover below which stocks count as nearly gone.", lo=0.02, hi=0.2)
    order_cap: float = par(1.5, "1", "Orders are at most this multiple of need.", lo=1.2, hi=2.0)
    expectation_memory: float = par(0.3, "1", "Weight of this quarter's demand in expected demand.", lo=0.1, hi=0.6)
    trend_speed: float = par(0.1, "per quarter", "Speed at which firms learn the growth of their demand.", lo=0.03, hi=0.3)
    investment_time: float = par(4.0, "quarters", "Time beyond the building time over which a gap in capacity is closed.", lo=2.0, hi=8.0)
    headroom: float = par(0.10, "1", "Spare capacity that firms want above expected demand.", lo=0.0, hi=0.25)
    depreciation: float = par(
        0.03,
        "per quarter",
        "Capacity lost each quarter without upkeep.",
        lo=0.015,
        hi=0.05,
        source="assumption; tool lives of 7 to 10 years",
    )
    expansion_max: float = par(0.08, "per quarter", "Fastest growth of capacity.", lo=0.04, hi=0.2)
    price_markup: float = par(0.25, "1", "Elasticity of price to scarcity (kappa of section 9).", lo=0.1, hi=0.5)
    price_speed: float = par(0.5, "per quarter", "Speed at which price follows cost and scarcity.", lo=0.2, hi=1.0)
    scarcity_lo: float = par(0.5, "1", "Lower clip of demand over supply in the price.", lo=0.3, hi=0.8)
    scarcity_hi: float = par(4.0, "1", "Upper clip of demand over supply in the price.", lo=2.0, hi=6.0)
    pass_through: float = par(1.0, "1", "Pass-through of a change of unit cost to price.", lo=0.5, hi=1.0)


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """Substitution of suppliers, stockpiling, shedding of content (model section 10)."""

    enabled: bool = par(True, "switch", "Firms adapt at all (off: the network is frozen).")
    weight_speed: float = par(
        0.3,
        "per quarter",
        "Speed at which purchases shift between known suppliers.",
        lo=0.1,
        hi=0.6,
        source="assumption; link half-life of 13 months (Hungary network study)",
    )
    anchor_speed: float = par(
        0.03,
        "per quarter",
        "Speed at which the habitual shares follow.",
        lo=0.005,
        hi=0.08,
        source="assumption; freely adapting anchors run away",
    )
    pull_permission: float = par(1.0, "1", "Weight of permission in the attraction of a supplier (log).", lo=0.3, hi=2.0)
    pull_delivery: float = par(0.5, "1", "Weight of the share delivered (log).", lo=0.1, hi=1.0)
    pull_technology: float = par(0.5, "per generation", "Weight of technology short of need.", lo=0.1, hi=1.0)
    pull_price: float = par(1.0, "1", "Weight of price (log, negative).", lo=0.3, hi=2.0)
    pull_home: float = par(1.0, "1", "Pull towards domestic suppliers under full threat (log).", lo=0.0, hi=2.0)
    pull_floor: float = par(
        0.02, "1", "Least value of permission and delivery in the attraction, so that a supplier lost can be won back.", lo=0.005, hi=0.05
    )
    qualify_hazard: float = par(
        0.15, "per quarter", "Hazard that a slot with unmet need starts to qualify a new supplier.", lo=0.05, hi=0.3
    )
    qualify_chokepoint: float = par(0.4, "1", "Factor on that hazard where the product has the highest chokepoint index.", lo=0.1, hi=1.0)
    qualify_min: int = par(2, "quarters", "Shortest qualification.", lo=1, hi=4)
    qualify_max: int = par(4, "quarters", "Longest qualification.", lo=2, hi=8)
    qualify_entry: float = par(0.1, "1", "Share of purchases at which a newly qualified supplier starts.", lo=0.02, hi=0.25)
    size_exponent: float = par(
        1.08,
        "1",
        "Exponent of size in the draw of a new supplier.",
        lo=0.9,
        hi=1.2,
        source="Hungary network study: preferential attachment exponent 1.08",
    )
    unmet_trigger: float = par(0.05, "1", "Unmet share of orders at which a slot starts to look for suppliers.", lo=0.01, hi=0.15)
    threat_memory: float = par(
        0.15, "per quarter", "Speed at which perceived threat follows denial in the product and destination.", lo=0.05, hi=0.4
    )
    threat_scale: float = par(2.0, "1", "Perceived threat per refused share of purchases (2: half refused is full threat).", lo=1.0, hi=4.0)
    stockpile: float = par(1.0, "quarters", "Extra cover that fully threatened buyers seek.", lo=0.0, hi=3.0)
    shed_speed: float = par(
        0.008,
        "per quarter",
        "Speed at which firms under a direct-product rule design out the issuer's content.",
        lo=0.0,
        hi=0.03,
        source="assumption; that leverage erodes: Farrell and Newman",
    )
    redesign_speed: float = par(0.02, "per quarter", "Speed at which redesign lowers the criticality of an unmet input.", lo=0.0, hi=0.06)
    redesign_floor: float = par(0.5, "1", "Lowest criticality reached by redesign, relative to the start.", lo=0.2, hi=1.0)


@dataclass(frozen=True, kw_only=True)
class Innovation:
    """Technology, catch-up and embodied ceilings (model section 11). One generation is 2.5 years of frontier."""

    frontier_speed: float = par(
        0.1,
        "generations per quarter",
        "Speed of the frontier at baseline R&D.",
        lo=0.07,
        hi=0.125,
        source="definition: a generation is 2.5 years",
    )
    rd_elasticity: float = par(
        0.3, "1", "Elasticity of own progress to R&D.", lo=0.1, hi=0.5, source="assumption in the range of Hall, Mairesse and Mohnen 2010"
    )
    rd_speed: float = par(0.25, "per quarter", "Speed at which R&D budgets follow revenue.", lo=0.1, hi=0.5)
    leader_weight: float = par(
        2.0, "per generation", "Weight of the best firms in the frontier.", lo=1.0, hi=4.0, source="model section 11: weights exp(-2 gap)"
    )
    rd_ratio_lo: float = par(0.2, "1", "Lower cap of R&D over its trend.", lo=0.1, hi=0.5)
    rd_ratio_hi: float = par(2.0, "1", "Upper cap of R&D over what its step takes.", lo=1.5, hi=4.0)
    catch_up_cost: float = par(
        0.7,
        "per generation",
        "Growth (log) of the R&D that a step takes, for each generation of gap closed since the start.",
        lo=0.2,
        hi=1.2,
        source="assumption; ideas get harder to find (Bloom et al. 2020, form)",
    )
    practice: float = par(
        0.7, "generations", "How far mastery can run ahead of what can be made; learning fades on this scale.", lo=0.3, hi=2.0
    )
    spillover: float = par(0.02, "per quarter", "Strength of absorption of knowledge from the frontier (phi).", lo=0.0, hi=0.05)
    absorption_distance: float = par(
        2.2,
        "generations",
        "Gap at which absolute catch-up is fastest.",
        lo=1.5,
        hi=3.0,
        source="Verspagen 1991; Benhabib and Spiegel 2005 (form); value an assumption",
    )
    catch_up: bool = par(True, "switch", "Technology spills over and initial closing speeds differ (off: all advance alike).")
    learning: float = par(
        0.01,
        "generations per quarter and log unit",
        "Learning by doing: progress per log of output above trend.",
        lo=0.0,
        hi=0.03,
        source="assumption; form of Irwin and Klenow 1994",
    )
    noise: float = par(0.01, "generations per quarter", "Standard deviation of the shock to progress.", lo=0.0, hi=0.03)
    ceiling: bool = par(True, "switch", "Technology is capped by what is embodied in inputs.")
    ceiling_sharpness: float = par(6.0, "per generation", "Sharpness of the soft minimum at the ceiling.", lo=2.0, hi=12.0)
    embodied_kappa: float = par(
        1.5,
        "per generation",
        "Weight of the best units among the inputs received (kappa; 0 is the mean, large is the best).",
        lo=0.0,
        hi=4.0,
        uncertain=True,
    )
    stretch: float = par(
        1.0, "1", "Scale of the stretch of the recipe table: how far skill carries above the equipment.", lo=0.4, hi=1.8, uncertain=True
    )
    volume: float = par(
        0.5,
        "generations per log unit",
        "Level lost where a current input comes short of need: a product line needs volume.",
        lo=0.0,
        hi=1.0,
        uncertain=True,
    )
    volume_floor: float = par(0.01, "1", "Share of need that comes below which the level falls no further.", lo=0.001, hi=0.05)
    vintage_speed: float = par(
        0.06,
        "per quarter",
        "Speed at which installed equipment renews the embodied level.",
        lo=0.03,
        hi=0.12,
        source="assumption; equipment lives of 4 to 8 years",
    )
    yield_penalty: float = par(
        0.5,
        "per generation",
        "Loss of usable output per generation stretched above the equipment, beyond the start.",
        lo=0.1,
        hi=1.0,
        source="assumption; SMIC 7 nm about 50% against 76% at the leader (CSIS)",
    )
    yield_tolerance: float = par(0.25, "generations", "Stretch beyond the start that costs no yield.", lo=0.0, hi=0.6)
    science_lag: float = par(
        0.03, "per quarter", "Speed at which the science stock follows talent, exchange and university research.", lo=0.01, hi=0.06
    )
    science_weight: float = par(0.5, "1", "Elasticity of absorption to the science stock.", lo=0.2, hi=1.0)
    institute_exposure: float = par(
        0.5, "1", "Share of an institute's exchange, samples and instruments that needs the lister's licences.", lo=0.2, hi=0.8
    )
    subsidy_budget: float = par(
        0.2,
        "% of GDP",
        "Yearly budget of the challenger for substitution over all threatened products.",
        lo=0.05,
        hi=0.6,
        source="assumption about the cited sums: Big Fund III 9.5 bn USD a year (CSIS), tax relief for chips and talent 18.4 in 2024 (STA), 0.15%",
    )
    subsidy_efficiency: float = par(0.25, "1", "Share of a subsidy that becomes effective R&D.", lo=0.1, hi=0.6)
    subsidy_absorbed: float = par(
        2.5,
        "1",
        "Most of a subsidy that a firm can put to use, over its own R&D.",
        lo=0.5,
        hi=6.0,
        uncertain=True,
        source="assumption about SMIC, which had public support above 40% of revenue in 2014-2018 (OECD 2019 via TechNode), 2.5 times an R&D of 16%",
    )


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Value, GDP, market value (model section 12)."""

    value_exponent: float = par(0.25, "per generation", "Value of a generation of technology (b).", lo=0.1, hi=0.4, uncertain=True)
    value_added: float = par(0.45, "1", "Value added in gross output of the chain.", lo=0.3, hi=0.6)
    gdp_spillover: float = par(
        2.0,
        "1",
        "Effect on GDP of a change in the chain's value added.",
        lo=1.0,
        hi=5.0,
        source="assumption; world cost of fragmentation 0.2-7% of GDP (IMF SDN 2023)",
    )
    announcement: float = par(
        2.4,
        "1",
        "Market value lost per unit of sales share newly blocked.",
        lo=0.5,
        hi=4.0,
        source="assumption, set so that suppliers lose about 2.5% when Huawei is listed (Crosignani et al. 2026, target C7a)",
    )


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Policy documents and their instruments (model section 5): how many, from whom, about what."""

    metric: str = par(
        "gerd",
        "choice",
        "Measure of power behind anxiety about technology, which documents and the choice of controls answer.",
        choices=("composite", "nominal", "ppp", "gerd"),
        source="as fitted: export control is about technology; composite and nominal cannot meet W2, W3 and D1 (docs/documents.md)",
    )
    rate: float = par(
        4.534,
        "documents per quarter",
        "Documents a quarter at anxiety 0.5 outside presidential election years.",
        lo=2.0,
        hi=12.0,
        source=FITTED,
    )
    rate_anxiety: float = par(
        1.573, "log per unit of anxiety", "Effect of anxiety on the number of documents.", lo=0.1, hi=3.1, source=FITTED
    )
    rate_election: float = par(
        0.345,
        "log",
        "Effect of a presidential election year on the number of documents (activity before a change of administration).",
        lo=0.1,
        hi=0.8,
        source=FITTED,
    )
    middle: float = par(0.5, "1", "Anxiety at which the levels of this group are stated.", lo=0.5, hi=0.5, source="definition")
    trend_years: float = par(
        5.0, "years", "Years whose mean change of the power ratio continues after the last figure, where no model runs.", lo=3, hi=10
    )
    inertia: float = par(0.3, "1", "Weight of recent activity in the expected number of documents.", lo=0.0, hi=0.6)
    memory: float = par(0.25, "per quarter", "Speed at which recent activity is updated.", lo=0.1, hi=0.5)
    dispersion: float = par(
        8.0, "1", "Size parameter of the negative binomial (variance = mean + mean squared / dispersion).", lo=3.0, hi=30.0
    )
    congress: float = par(
        -0.735, "log odds", "Congress against Commerce as issuer in the first session of a Congress.", lo=-2.0, hi=0.5, source=FITTED
    )
    congress_session: float = par(0.6, "log odds", "Added in the second session, when most laws of a Congress are enacted.", lo=0.0, hi=1.5)
    others: float = par(-1.696, "log odds", "Other issuers against Commerce.", lo=-2.5, hi=-1.0, source=FITTED)
    other_orders: float = par(
        0.5, "1", "Share of orders and memoranda among documents of other issuers; the rest are statements and guidance.", lo=0.2, hi=0.8
    )
    joint: float = par(
        0.02,
        "1",
        "Share of documents of the executive issued by several departments.",
        lo=0.0,
        hi=0.05,
        source="Wu 2026 section 4.1: 2 of 118",
    )
    clauses: float = par(
        4.315, "clauses", "Mean number of coded clauses (instrument codes) of a document of the executive.", lo=2.0, hi=8.0, source=FITTED
    )
    clauses_congress: float = par(
        2.0,
        "1",
        "The same for Congress, relative.",
        lo=1.3,
        hi=4.0,
        source="assumption; ECRA (document 3 of Wu 2026) carries at least 34, additions to the Entity List one or two",
    )
    clauses_tail: float = par(0.9, "1", "Standard deviation of the log number of clauses.", lo=0.6, hi=1.2)
    goals: float = par(0.692, "1", "Share of clauses beyond the first that state an objective.", lo=0.4, hi=1.0, source=FITTED)
    security: float = par(
        2.81, "log odds", "Security against development as objective, executive, at anxiety 0.5.", lo=0.0, hi=5.0, source=FITTED
    )
    security_anxiety: float = par(4.783, "log odds per unit of anxiety", "Effect of anxiety on it.", lo=0.8, hi=11.0, source=FITTED)
    security_congress: float = par(-1.5, "log odds", "Added in documents of Congress.", lo=-4.0, hi=0.0)
    security_house: float = par(
        -2.121,
        "log odds",
        "Added in documents of Congress while Democrats hold the House: laws on development.",
        lo=-3.7,
        hi=-0.2,
        source=FITTED,
    )
    theme: float = par(1.0, "log odds", "Standard deviation between documents of the log odds of security.", lo=0.3, hi=2.0)
    theme_tilt: float = par(
        0.4, "1", "How much a document about security prefers fast coercive instruments (per standard deviation of theme).", lo=0.0, hi=1.0
    )
    taste: float = par(
        1.0, "1", "Standard deviation between documents of the utility of an instrument: codes cluster by document.", lo=0.4, hi=1.6
    )
    tilt: float = par(
        0.6,
        "1 per unit of anxiety",
        "Pull of anxiety towards fast coercive instruments: authority against capacity building (e).",
        lo=0.0,
        hi=2.2,
        source=POSTERIOR,
    )
    tilt_system: float = par(0.5, "1", "The same against system instruments, relative to capacity building.", lo=0.0, hi=1.0)
    congress_build: float = par(0.6, "1", "Preference of Congress for capacity building and system instruments.", lo=0.0, hi=2.0)
    congress_fund: float = par(
        0.5, "1", "Preference of Congress, which holds the purse and writes penalties, for incentives.", lo=0.0, hi=1.5
    )
    others_speak: float = par(0.8, "1", "Preference of other issuers for hortatory instruments.", lo=0.0, hi=2.0)
    lobby_authority: float = par(
        -0.5, "1", "Effect of full pressure of the industry's lobby on the utility of authority instruments.", lo=-2.0, hi=0.0
    )
    lobby_incentive: float = par(0.5, "1", "Effect of full pressure of the industry's lobby on the utility of incentives.", lo=0.0, hi=2.0)
    path_dependence: float = par(
        0.3, "1", "Pull of an instrument's own stock: utility per log of one plus stock (beta).", lo=0.0, hi=1.0, source=POSTERIOR
    )
    lobby_scale: float = par(
        0.1, "share of sales", "Share of home sales refused by rules at which the industry's lobby presses in full.", lo=0.03, hi=0.3
    )
    saturation: float = par(
        0.823,
        "1",
        "Loss of appetite for capacity building and system instruments as their stock grows: utility per log of one plus stock.",
        lo=0.2,
        hi=1.2,
        source=FITTED,
    )
    decay: float = par(0.04, "per quarter", "Loss of an instrument's stock.", lo=0.01, hi=0.1)
    inheritance: float = par(
        60.0,
        "codes",
        "Stock inherited from the Cold War, over all instruments.",
        lo=15.0,
        hi=200.0,
        source="assumption; that it exists: Wu 2026 section 5.3",
    )
    cost_ban: float = par(0.346, "1", "Cost of ban against licensing (utility).", lo=0.0, hi=0.7, source=FITTED)
    cost_monitoring: float = par(0.71, "1", "Cost of monitoring against licensing (utility).", lo=0.3, hi=1.1, source=FITTED)
    cost_list_management: float = par(0.171, "1", "Cost of list management against licensing (utility).", lo=-0.2, hi=0.5, source=FITTED)
    cost_funding: float = par(0.888, "1", "Cost of funding against licensing (utility).", lo=0.3, hi=1.4, source=FITTED)
    cost_penalties: float = par(0.633, "1", "Cost of penalties against licensing (utility).", lo=0.2, hi=1.1, source=FITTED)
    cost_rewards: float = par(3.385, "1", "Cost of rewards against licensing (utility).", lo=2.2, hi=4.6, source=FITTED)
    cost_agency_management: float = par(
        -3.104, "1", "Cost of agency management against licensing (utility).", lo=-3.4, hi=-2.8, source=FITTED
    )
    cost_information_support: float = par(
        -2.628, "1", "Cost of information support against licensing (utility).", lo=-3.0, hi=-2.3, source=FITTED
    )
    cost_talent: float = par(0.562, "1", "Cost of talent against licensing (utility).", lo=0.1, hi=1.1, source=FITTED)
    cost_compliance_assistance: float = par(
        -1.95, "1", "Cost of compliance assistance against licensing (utility).", lo=-2.3, hi=-1.6, source=FITTED
    )
    cost_international_cooperation: float = par(
        -2.089, "1", "Cost of international cooperation against licensing (utility).", lo=-2.4, hi=-1.8, source=FITTED
    )
    cost_system_building: float = par(-1.738, "1", "Cost of system building against licensing (utility).", lo=-2.1, hi=-1.4, source=FITTED)
    cost_organisation: float = par(-0.255, "1", "Cost of organisation against licensing (utility).", lo=-0.7, hi=0.1, source=FITTED)
    cost_standards: float = par(-0.904, "1", "Cost of standards against licensing (utility).", lo=-1.3, hi=-0.5, source=FITTED)
    cost_education: float = par(0.503, "1", "Cost of education against licensing (utility).", lo=0.0, hi=1.0, source=FITTED)
    cost_public_participation: float = par(
        1.015, "1", "Cost of public participation against licensing (utility).", lo=0.4, hi=1.6, source=FITTED
    )
    cost_disclosure: float = par(0.945, "1", "Cost of disclosure against licensing (utility).", lo=0.4, hi=1.5, source=FITTED)
    stock_scale: float = par(
        20.0,
        "codes",
        "Change of an instrument's stock at which its effect is half of its limit, where nothing was inherited.",
        lo=5.0,
        hi=60.0,
    )
    lever_detection: float = par(
        0.7, "log", "Limit of the effect of monitoring, penalties, rewards and disclosure on detection.", lo=0.2, hi=1.2
    )
    lever_over_compliance: float = par(
        0.7, "log", "Limit of the effect of monitoring, penalties and rewards on over-compliance.", lo=0.2, hi=1.2
    )
    lever_delay: float = par(0.5, "log", "Limit of the effect of administration on the time that a licence takes.", lo=0.2, hi=1.0)
    lever_capacity: float = par(
        0.8, "log", "Limit of the effect of rule-making authority and administration on moves a quarter.", lo=0.3, hi=1.5
    )
    lever_precision: float = par(
        1.0, "log odds", "Limit of the effect of information and participation on targeting precision.", lo=0.3, hi=2.0
    )
    lever_leak: float = par(0.5, "log", "Limit of the effect of compliance assistance and education on accidental leakage.", lo=0.1, hi=1.0)
    lever_compliance_cost: float = par(
        0.5, "log", "Limit of the effect of compliance assistance and education on the cost of compliance.", lo=0.1, hi=1.0
    )
    lever_subsidy: float = par(
        20.0,
        "USD bn/year",
        "Limit of public money for the incumbent's chip research and plants.",
        lo=5.0,
        hi=40.0,
        source="assumption; the CHIPS and Science Act of 2022 appropriates 52.7 over five years",
    )
    lever_alignment: float = par(
        0.5, "1", "Limit of the effect of international cooperation and standards on an ally's utility of adopting.", lo=0.1, hi=1.5
    )
    lever_anticipation: float = par(
        1.0, "log odds", "Limit of the effect of disclosure on the share of controls that firms see coming.", lo=0.3, hi=2.0
    )
    precision: float = par(0.6, "1", "Share of what a rule hits that is meant, at the start.", lo=0.4, hi=0.85)
    compliance_cost: float = par(0.01, "share of controlled sales", "Cost of compliance to exporters at the start.", lo=0.002, hi=0.03)
    anticipation: float = par(0.2, "1", "Share of coming controls that firms see, at the start.", lo=0.05, hi=0.4)


@dataclass(frozen=True, kw_only=True)
class Government:
    """How the incumbent's government chooses its controls (model section 5)."""

    capacity: float = par(
        1.2,
        "moves per quarter",
        "Moves that the administration can make, outside presidential election years.",
        lo=0.5,
        hi=4.0,
        source="38 dated American acts in the 32 quarters of 2018 to 2025 (timeline of the history scenario)",
    )
    election: float = par(
        0.345, "log", "Effect of a presidential election year on that capacity.", lo=0.0, hi=0.8, source="as documents.rate_election"
    )
    noise: float = par(1.0, "1", "Scale of the Gumbel noise in the utility of a move.", lo=0.3, hi=2.0, source="normalisation of the logit")
    most: int = par(12, "moves", "Moves of one agenda of two quarters at most.", lo=6, hi=24)
    near: float = par(0.25, "generations", "A threshold this near to where a rule leads is left as it is.", lo=0.1, hi=0.5)
    status_quo: float = par(0.0, "1", "Utility of leaving things as they are, over that of an average move.", lo=-2.0, hi=3.0)
    anxiety: float = par(1.0, "1", "How far anxiety weighs security against revenue (0: security never counts).", lo=0.0, hi=1.0)
    security: float = par(
        30.0, "per share of the challenger's chain", "Weight of expected denial under full anxiety.", lo=15.0, hi=120.0, source=BY_HISTORY
    )
    revenue: float = par(
        1500.0,
        "per share of home revenue",
        "Weight of home revenue at stake without anxiety, in the eyes of the lobby.",
        lo=500.0,
        hi=4000.0,
    )
    friction: float = par(
        800.0,
        "per share of allied revenue",
        "Weight of allied sales that direct-product rules reach against the allies' will.",
        lo=200.0,
        hi=1600.0,
        source=BY_HISTORY,
    )
    retaliation: float = par(60.0, "1", "Weight of expected retaliation times own exposure.", lo=10.0, hi=200.0)
    voice: float = par(
        0.5,
        "1",
        "Pressure of the rising power's voice on the strictness of unilateral rules, at equal power.",
        lo=0.0,
        hi=2.0,
        source="assumption; that it tempers controls slightly: Wu 2026 section 5.4",
    )
    upkeep: float = par(0.3, "per rule", "Cost of one more rule to administer.", lo=0.0, hi=1.0)
    path_dependence: float = par(
        0.3,
        "1",
        "Pull of a tool's own stock: utility per log of one plus stock (beta).",
        lo=0.0,
        hi=1.0,
        source="assumption under test, as documents.path_dependence",
    )
    inheritance: float = par(
        2.0,
        "moves",
        "Stock of each trade tool inherited from the Cold War.",
        lo=0.0,
        hi=8.0,
        source="assumption; that it exists: Wu 2026 section 5.3",
    )
    decay: float = par(0.04, "per quarter", "Loss of a tool's stock.", lo=0.01, hi=0.1, source="assumption, as documents.decay")
    fade: float = par(
        0.5, "1", "Weight of a stage of the chain in the stage before it, when governments judge what depends on a product.", lo=0.2, hi=0.8
    )
    emerging: float = par(0.5, "1", "Weight of a product's own promise, by its R&D intensity, beside what depends on it.", lo=0.0, hi=1.0)
    advanced: float = par(
        -1.0,
        "generations",
        "Threshold of a first rule, relative to the frontier.",
        lo=-1.5,
        hi=-0.5,
        source="A100 class in October 2022 (table of precedents)",
    )
    next_frontier: float = par(
        -2.9,
        "generations",
        "Threshold once it is tightened: the technology next to the most advanced.",
        lo=-4.0,
        hi=-2.0,
        source="16/14 nm in October 2022 (table of precedents)",
    )
    grain: float = par(0.25, "generations", "Steps in which thresholds are set: rules name nodes and classes of products.", lo=0.1, hi=0.5)
    spread: float = par(0.6, "generations", "Spread of the items that buyers order, as governments see it.", lo=0.3, hi=1.2)
    listing: int = par(
        35,
        "entities",
        "Legal entities that one listing adds.",
        lo=5,
        hi=60,
        source="mean of the twenty listings of 2018 to 2025: 36 (history scenario)",
    )
    beside_trade: float = par(
        0.05,
        "share of the challenger's chain per unit",
        "Denial that a full measure beside trade (talent, investment, finance, tariff) is held to be worth.",
        lo=0.0,
        hi=0.2,
    )
    legislature: float = par(0.3, "1", "Weight of the legislature in the bargain.", lo=0.0, hi=0.6)
    lobby: float = par(0.3, "1", "Weight of the industry's lobby in the bargain.", lo=0.0, hi=0.6)
    legislature_zeal: float = par(
        1.5,
        "1",
        "Security in the eyes of the legislature, relative to the executive.",
        lo=1.0,
        hi=3.0,
        source="assumption; that it sets the strategic line: Wu 2026 section 5.2",
    )
    lobby_protection: float = par(
        40.0,
        "per share of home revenue and generation a year",
        "Weight that the lobby gives to holding back rivals who catch up.",
        lo=0.0,
        hi=200.0,
        source="assumption; that it wants both: Wu 2026 section 5.2",
    )
    election_shift: float = par(0.5, "1", "Fall of the lobby's weight in a presidential election year.", lo=0.0, hi=1.0)
    divided: float = par(0.5, "1", "Factor on the legislature's weight while its majorities are not the president's.", lo=0.2, hi=1.0)
    ground_habit: float = par(
        2.0,
        "1",
        "Preference for the grounds inherited from the Cold War: national security, military use.",
        lo=0.5,
        hi=4.0,
        source="assumption; that grounds have widened to human rights and foreign policy: Li et al. 2024 section 2.2.4",
    )
    fatigue: float = par(
        1.0,
        "1",
        "Loss of a stated ground's force by use, under the voice of the rising power: utility per log of one plus uses.",
        lo=0.0,
        hi=2.0,
    )


@dataclass(frozen=True, kw_only=True)
class Accession:
    """How other states decide to join the incumbent's controls (model section 6). One set for all states."""

    inclination: float = par(-2.8, "1", "Utility of joining without any reason.", lo=-5.0, hi=-1.0, source=FITTED_WAVE)
    threat: float = par(
        650.0,
        "per unit of anxiety and share of supply",
        "Weight of shared threat times what joining adds to denial.",
        lo=300.0,
        hi=1500.0,
        source=FITTED_WAVE,
    )
    pressure: float = par(
        2.0,
        "1",
        "Weight of pressure: dependence on the incumbent's protection, and sales in reach of its direct-product rules.",
        lo=0.0,
        hi=4.0,
    )
    norms: float = par(1.5, "1", "Weight of the share, by supply, of states already in.", lo=0.0, hi=3.0)
    fellowship: float = par(0.5, "1", "Weight of states that sit in no common alliance in that share.", lo=0.0, hi=1.0)
    stake: float = par(20.0, "per share of revenue", "Weight of own revenue at stake.", lo=5.0, hi=60.0)
    retaliation: float = par(120.0, "1", "Weight of expected retaliation times own exposure.", lo=40.0, hi=250.0, source=FITTED_WAVE)
    path_dependence: float = par(0.5, "1", "Pull of past adoption: utility per log of one plus its stock (beta).", lo=0.0, hi=1.0)
    decay: float = par(0.04, "per quarter", "Loss of the stock of recent membership; old memberships stay.", lo=0.01, hi=0.1)
    draft_min: int = par(
        2,
        "quarters",
        "Shortest time from decision to law.",
        lo=1,
        hi=4,
        source="5.9 and 7.2 months from agreement to law in 2023, Japan and the Netherlands (facts on allies)",
    )
    draft_max: int = par(4, "quarters", "Longest time from decision to law.", lo=2, hi=8, source="model section 6: 2 to 4 quarters")
    exit_cost: float = par(
        8.0, "1", "Utility that leaving costs: laws once made are seldom unmade.", lo=2.0, hi=10.0, source="assumption; no member has left"
    )
    upgrade: float = par(5.0, "1", "Utility from which a member controls end users too, not only listed items.", lo=2.0, hi=8.0)
    full_level: float = par(0.9, "1", "Level of adoption with end users.", lo=0.7, hi=1.0)
    hub_pressure: float = par(3.0, "1", "Weight of the incumbent's pressure in a third state's choice to enforce.", lo=0.0, hi=6.0)
    hub_rent: float = par(20.0, "per share of revenue", "Weight of the trade through it that a third state would give up.", lo=0.0, hi=60.0)
    hub_habit: float = par(2.0, "1", "Utility that ending enforcement costs a hub.", lo=0.0, hi=4.0)
    hub_level: float = par(0.2, "1", "Share of leakage that a hub's enforcement catches, beside the incumbent's.", lo=0.05, hi=0.5)


@dataclass(frozen=True, kw_only=True)
class Counsel:
    """What the challenger's components do to time and money (model section 7)."""

    haste: int = par(2, "quarters", "Time by which early warning at full strength brings answers forward.", lo=0, hi=4)
    dispatch: float = par(
        0.5, "1", "Share of an answer's delay that coordination, or faster policy making, saves at full strength.", lo=0.1, hi=0.8
    )
    short: int = par(8, "quarters", "Time after the first control from which balance shifts relief to capability.", lo=4, hi=16)
    least_change: float = par(0.02, "1", "Relative change of a budget or a stock that is not worth a decision.", lo=0.0, hi=0.05)
    carrying: float = par(0.08, "per year", "Cost of holding stock, as a share of its value.", lo=0.04, hi=0.2)


@dataclass(frozen=True, kw_only=True)
class Long:
    """The state layer run over 1949 to 2025, and the coding of the record it is held against (docs/long-history.md)."""

    products: int = par(
        22,
        "products",
        "Strategic products that can be controlled one by one.",
        lo=10,
        hi=60,
        source="assumption: as in the chip and AI chain of 2018",
    )
    dependence: float = par(
        5.0,
        "shares of the challenger's chain",
        "What hangs on supply from the incumbent and its allies, summed over strategic products.",
        lo=2.0,
        hi=8.0,
        source="assumption: the present chain of 2018 (5.2 by ecsim.strategies.outlook.at_risk) held for all challengers and years",
    )
    home_share: float = par(
        0.3,
        "1",
        "Share of the incumbent in that supply.",
        lo=0.2,
        hi=0.5,
        source="assumption: the present chain of 2018 (1.6 of 5.2) held for all challengers and years",
    )
    exposure: float = par(
        2.9,
        "1",
        "Revenue share that strategic industries earn from a challenger, relative to its share of all exports.",
        lo=1.5,
        hi=4.0,
        source="assumption: the present chain of 2018 (0.21 at an export share of 0.072) held for all challengers and years",
    )
    need: float = par(0.2, "1", "Share of a challenger's input need that is of strategic products from abroad.", lo=0.05, hi=0.4)
    allies: float = par(
        15.0,
        "states",
        "Allies that share the rest of the supply evenly.",
        lo=5.0,
        hi=30.0,
        source="assumption; CoCom had 17 members in the end",
    )
    allied_trade: float = par(
        2.0, "1", "Allies' exports to a challenger, as a share of theirs, relative to the incumbent's.", lo=1.0, hi=4.0
    )
    pressure: float = par(
        0.0,
        "log per unit of trade imbalance",
        "Effect of the trade imbalance on the weight of revenue at stake. Zero: as in the present model.",
        lo=0.0,
        hi=8.0,
        source="assumption under test: trade pressure of 1969 and 1988 (Li et al. 2024, section 1)",
    )
    relations: bool = par(
        True, "switch", "Threat counts by distance in the General Assembly, and not from an ally. Off: any rival is a threat."
    )
    gain: float = par(
        0.2, "1", "What an act of size 1 adds to the coded strictness of what it can still add, or takes of what is there.", lo=0.1, hi=0.3
    )
    start_soviet: float = par(
        0.2, "1", "Coded strictness towards the Soviet Union at the start of 1949 (licences since March 1948).", lo=0.0, hi=0.5
    )
    start_china: float = par(0.1, "1", "Coded strictness towards China at the start of 1949.", lo=0.0, hi=0.3)


@dataclass(frozen=True, kw_only=True)
class Params:
    """All parameters of the model, by group. Frozen: use `with_values` for another set."""

    time: Time = field(default_factory=Time)
    population: Population = field(default_factory=Population)
    market: Market = field(default_factory=Market)
    power: Power = field(default_factory=Power)
    permission: Permission = field(default_factory=Permission)
    production: Production = field(default_factory=Production)
    adaptation: Adaptation = field(default_factory=Adaptation)
    innovation: Innovation = field(default_factory=Innovation)
    accounts: Accounts = field(default_factory=Accounts)
    documents: Documents = field(default_factory=Documents)
    government: Government = field(default_factory=Government)
    accession: Accession = field(default_factory=Accession)
    counsel: Counsel = field(default_factory=Counsel)
    long: Long = field(default_factory=Long)

    def with_values(self, values: Mapping[str, Any], where: str = "parameters") -> Params:
        """A copy with the given values, each checked against the registry.

        Args:
            values: dotted name -> value.
            where: file or key named in an error.

        Raises:
            UserError: unknown name, wrong type, value outside its choices or sign.
        """
        by_group: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            info = REGISTRY.get(name)
            if info is None:
                raise unknown(where, "parameter", name, REGISTRY)
            group, key = name.split(".", 1)
            by_group.setdefault(group, {})[key] = check_value(info, value, where)
        changed = {g: replace(getattr(self, g), **kv) for g, kv in by_group.items()}
        return replace(self, **changed)

    def flat(self) -> dict[str, Any]:
        """All values by dotted name."""
        return {f"{g.name}.{f.name}": getattr(getattr(self, g.name), f.name) for g in fields(self) for f in fields(getattr(self, g.name))}


def check_value(info: ParamInfo, value: Any, where: str) -> Any:
    """The value in the parameter's own type.

    Raises:
        UserError: the value is not of the type, not among the choices, or not finite; or, for a number,
            far outside the plausible range (a number of the wrong sign or unit).
    """
    key = f"{where}: {info.name}"
    if isinstance(info.default, bool):
        if isinstance(value, bool):
            return value
        raise UserError(f"{key}: '{value}' is not a switch; accepted: true, false")
    if isinstance(info.default, tuple):
        names = (value,) if isinstance(value, str) else value
        if isinstance(names, (list, tuple)) and names and all(isinstance(x, str) for x in names) and len(set(names)) == len(names):
            return tuple(names)
        raise UserError(f"{key}: '{value}' is not a list of names; accepted: a list such as [{', '.join(info.default)}]")
    if isinstance(info.default, str):
        if value in info.choices or (not info.choices and isinstance(value, str)):
            return value
        raise unknown(key, "choice", value, info.choices)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise UserError(f"{key}: '{value}' is not a number; accepted: {_range_text(info)}")
    if isinstance(info.default, int) and value != int(value):
        raise UserError(f"{key}: {value} is not a whole number; accepted: {_range_text(info)}")
    if info.lo is not None and info.hi is not None:
        _check_range(info, float(value), key)
    return int(value) if isinstance(info.default, int) else float(value)


def _check_range(info: ParamInfo, value: float, key: str) -> None:
    """Refuse what lies outside the plausible range, widened by its width; counts and calendars are strict."""
    assert info.lo is not None and info.hi is not None
    width = 0.0 if isinstance(info.default, int) else info.hi - info.lo
    lowest = max(0.0, info.lo - width) if info.lo >= 0 else info.lo - width
    if not lowest <= value <= info.hi + width:
        raise UserError(
            f"{key}: {value:g} is out of range; accepted: {_range_text(info)} (plausible), at most {lowest:g} to {info.hi + width:g}"
        )


def _range_text(info: ParamInfo) -> str:
    unit = "" if info.unit == "1" else f" {info.unit}"
    return f"{info.lo:g} to {info.hi:g}{unit}" if info.lo is not None and info.hi is not None else info.unit


def _walk() -> Iterator[ParamInfo]:
    defaults = Params()
    for group in fields(Params):
        for f in fields(getattr(defaults, group.name)):
            m = f.metadata
            yield ParamInfo(
                f"{group.name}.{f.name}", f.default, m["unit"], m["lo"], m["hi"], m["choices"], m["source"], m["doc"], m["uncertain"]
            )


REGISTRY: dict[str, ParamInfo] = {info.name: info for info in _walk()}
