"""Governments, allies and the counsel to the challenger that choose."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import BY_HISTORY, CALIBRATED, MEDIAN, par


@dataclass(frozen=True, kw_only=True)
class Government:
    """How the incumbent's government chooses its controls (model section 7.7)."""

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
    noise: float = par(
        1.0, "1", "Scale of the Gumbel noise in the utility of a move.", lo=0.3, hi=2.0, least=0.01, source="normalisation of the logit"
    )
    most: int = par(12, "moves", "Moves of one agenda of two quarters at most.", lo=6, hi=24)
    draft: float = par(
        7.5,
        "quarters",
        "Time to draft a first rule on a product, by the administration of the start.",
        lo=2.0,
        hi=10.0,
        source="call for comment on emerging technology, 19 November 2018, to the first six on the list, October 2020 (Li et al. 2024): 22 months",
    )
    redraft: float = par(
        4.0,
        "quarters",
        "Time to draft a change of a rule in force, likewise.",
        lo=1.0,
        hi=6.0,
        source="7 October 2022 to 17 October 2023 to 2 December 2024: 12 and 13 months between versions of one rule (history scenario)",
    )
    near: float = par(0.25, "generations", "A threshold this near to where a rule leads is left as it is.", lo=0.1, hi=0.5)
    status_quo: float = par(
        -1.5, "1", "Utility of leaving things as they are, over that of an average move.", lo=-2.0, hi=3.0, source=BY_HISTORY
    )
    anxiety: float = par(1.0, "1", "How far anxiety weighs security against revenue (0: security never counts).", lo=0.0, hi=1.0, most=1.0)
    security: float = par(
        20.0, "per share of the challenger's chain", "Weight of expected denial under full anxiety.", lo=15.0, hi=120.0, source=BY_HISTORY
    )
    revenue: float = par(
        1500.0,
        "per share of home revenue",
        "Weight of home revenue at stake without anxiety, in the eyes of the lobby.",
        lo=500.0,
        hi=4000.0,
    )
    friction: float = par(
        400.0,
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
    reversal: float = par(
        2.0,
        "1",
        "Utility that undoing an act of its own costs.",
        lo=0.0,
        hi=4.0,
        source="assumption; the End-User Review Committee adds parties by majority and removes them by unanimous vote (EAR part 744, supplement 5)",
    )
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
        0.5,
        "1",
        "Weight of a stage of the chain in the stage before it, when governments judge what depends on a product.",
        lo=0.2,
        hi=0.8,
        most=1.0,
    )
    emerging: float = par(0.5, "1", "Weight of a product's own promise, by its R&D intensity, beside what depends on it.", lo=0.0, hi=1.0)
    availability: float = par(
        0.1,
        "1",
        "Share of the challenger's purchases that a first rule on a product must reach: what is available elsewhere is left alone.",
        lo=0.0,
        hi=0.3,
        source="assumption; foreign availability as a criterion: Export Administration Regulations, part 768",
    )
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
    grain: float = par(
        0.25, "generations", "Steps in which thresholds are set: rules name nodes and classes of products.", lo=0.1, hi=0.5, least=0.01
    )
    spread: float = par(0.6, "generations", "Spread of the items that buyers order, as governments see it.", lo=0.3, hi=1.2, least=0.05)
    listing: int = par(
        35,
        "entities",
        "Legal entities that one listing adds.",
        lo=5,
        hi=60,
        source="mean of the twenty listings of 2018 to 2025: 36 (history scenario)",
    )
    listed_before: float = par(
        173.0,
        "entities",
        "The challenger's parties on the incumbent's lists before 2018: outside the chain, counted and no more.",
        lo=155.0,
        hi=174.0,
        source="218 in 2018 (BIS data snapshot of July 2024, The Register) less the 45 added in that year (history scenario); "
        "less 63 and 44 by two other counts (xilu.com, ckhq.net)",
    )
    beside_trade: float = par(
        0.05,
        "share of the challenger's chain per unit",
        "Denial that a full measure beside trade (talent, investment, finance, tariff) is held to be worth.",
        lo=0.0,
        hi=0.2,
    )
    legislature: float = par(0.3, "1", "Weight of the legislature in the bargain.", lo=0.0, hi=0.6, most=0.7)
    lobby: float = par(0.3, "1", "Weight of the industry's lobby in the bargain.", lo=0.0, hi=0.6, most=0.7)
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
    election_shift: float = par(0.5, "1", "Fall of the lobby's weight in a presidential election year.", lo=0.0, hi=1.0, most=1.0)
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
    """How other states decide to join the incumbent's controls (model section 7.7). One set for all states."""

    inclination: float = par(-3.0, "1", "Utility of joining without any reason.", lo=-5.0, hi=-1.0, source=MEDIAN, uncertain=True)
    threat: float = par(
        1500.0,
        "per unit of anxiety and share of supply",
        "Weight of shared threat times what joining adds to denial.",
        lo=300.0,
        hi=1500.0,
        source=CALIBRATED + ": targets C9a to C9d",
    )
    pressure: float = par(
        2.0,
        "1",
        "Weight of pressure: dependence on the incumbent's protection, and sales in reach of its direct-product rules.",
        lo=0.0,
        hi=4.0,
        source=MEDIAN,
        uncertain=True,
    )
    norms: float = par(1.5, "1", "Weight of the share, by supply, of states already in.", lo=0.0, hi=3.0)
    fellowship: float = par(0.5, "1", "Weight of states that sit in no common alliance in that share.", lo=0.0, hi=1.0)
    stake: float = par(32.5, "per share of revenue", "Weight of own revenue at stake.", lo=5.0, hi=60.0, source=MEDIAN, uncertain=True)
    retaliation: float = par(
        192.0, "1", "Weight of expected retaliation times own exposure.", lo=40.0, hi=250.0, source=CALIBRATED + ": targets C9a to C9d"
    )
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
    draft_max: int = par(4, "quarters", "Longest time from decision to law.", lo=2, hi=8, source="assumption: 2 to 4 quarters")
    exit_cost: float = par(
        20.0,
        "1",
        "Utility that leaving costs: laws once made are seldom unmade.",
        lo=8.0,
        hi=24.0,
        source="assumption: exits as rare as CoCom suggests, which no member left from 1949 to 1994",
    )
    upgrade: float = par(5.0, "1", "Utility from which a member controls end users too, not only listed items.", lo=2.0, hi=8.0)
    full_level: float = par(0.9, "1", "Level of adoption with end users.", lo=0.7, hi=1.0, most=1.0)
    hub_pressure: float = par(3.0, "1", "Weight of the incumbent's pressure in a third state's choice to enforce.", lo=0.0, hi=6.0)
    hub_rent: float = par(
        100.0,
        "per share of GDP",
        "Weight of the goods relayed through it that a third state would give up.",
        lo=0.0,
        hi=300.0,
        source="assumption: a hundredth of GDP weighs one",
    )
    hub_retaliation: float = par(
        48.0,
        "1",
        "Weight of expected retaliation times own exposure in a third state's choice to enforce.",
        lo=0.0,
        hi=96.0,
        source="assumption: between nothing, as no counter-control on record is aimed at a hub, and half the weight for allies",
    )
    hub_habit: float = par(
        6.0,
        "1",
        "Utility that ending enforcement costs a hub.",
        lo=2.0,
        hi=12.0,
        source="assumption: laws once made are seldom unmade, yet a hub makes them more lightly than an ally",
    )
    hub_level: float = par(0.2, "1", "Share of leakage that a hub's enforcement catches, beside the incumbent's.", lo=0.05, hi=0.5)


@dataclass(frozen=True, kw_only=True)
class Counsel:
    """What the challenger's components do to time and money (model section 7.7)."""

    haste: int = par(2, "quarters", "Time by which early warning at full strength brings answers forward.", lo=0, hi=4)
    dispatch: float = par(
        0.5, "1", "Share of an answer's delay that coordination, or faster policy making, saves at full strength.", lo=0.1, hi=0.8, most=1.0
    )
    short: int = par(8, "quarters", "Time after the first control from which balance shifts relief to capability.", lo=4, hi=16)
    least_change: float = par(
        0.02,
        "1",
        "Relative change of a budget or a stock that is not worth a decision, and threat that is not worth either.",
        lo=0.0,
        hi=0.05,
    )
    carrying: float = par(0.08, "per year", "Cost of holding stock, as a share of its value.", lo=0.04, hi=0.2)
