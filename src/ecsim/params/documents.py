"""Policy documents and their instruments."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import FITTED, POSTERIOR, par


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Policy documents and their instruments (model section 7.7): how many, from whom, about what."""

    metric: str = par(
        "gerd",
        "choice",
        "Measure of power behind anxiety about technology, which documents and the choice of controls answer.",
        choices=("composite", "nominal", "ppp", "gerd"),
        source="as fitted: export control is about technology; composite and nominal cannot meet W2, W3 and D1 (docs/documents.md)",
    )
    rate: float = par(
        4.538,
        "documents per quarter",
        "Documents a quarter at anxiety 0.5 outside presidential election years.",
        lo=2.0,
        hi=12.0,
        source=FITTED,
    )
    rate_anxiety: float = par(
        1.56, "log per unit of anxiety", "Effect of anxiety on the number of documents.", lo=0.1, hi=3.1, source=FITTED
    )
    rate_election: float = par(
        0.3465,
        "log",
        "Effect of a presidential election year on the number of documents (activity before a change of administration).",
        lo=0.1,
        hi=0.8,
        source=FITTED,
    )
    middle: float = par(0.5, "1", "Anxiety at which the levels of this group are stated.", lo=0.5, hi=0.5, source="definition")
    trend_years: float = par(
        5.0,
        "years",
        "Years whose mean change of the power ratio continues after the last figure, where no model runs.",
        lo=3,
        hi=10,
        least=1.0,
    )
    inertia: float = par(0.3, "1", "Weight of recent activity in the expected number of documents.", lo=0.0, hi=0.6, most=0.95)
    memory: float = par(0.25, "per quarter", "Speed at which recent activity is updated.", lo=0.1, hi=0.5)
    dispersion: float = par(
        8.0, "1", "Size parameter of the negative binomial (variance = mean + mean squared / dispersion).", lo=3.0, hi=30.0, least=0.1
    )
    congress: float = par(
        -0.7349, "log odds", "Congress against Commerce as issuer in the first session of a Congress.", lo=-2.0, hi=0.5, source=FITTED
    )
    congress_session: float = par(0.6, "log odds", "Added in the second session, when most laws of a Congress are enacted.", lo=0.0, hi=1.5)
    others: float = par(-1.697, "log odds", "Other issuers against Commerce.", lo=-2.5, hi=-1.0, source=FITTED)
    other_orders: float = par(
        0.5,
        "1",
        "Share of orders and memoranda among documents of other issuers; the rest are statements and guidance.",
        lo=0.2,
        hi=0.8,
        most=1.0,
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
        4.314,
        "clauses",
        "Mean number of coded clauses (instrument codes) of a document of the executive.",
        lo=2.0,
        hi=8.0,
        least=1.0,
        source=FITTED,
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
    goals: float = par(0.6922, "1", "Share of clauses beyond the first that state an objective.", lo=0.4, hi=1.0, most=1.0, source=FITTED)
    security: float = par(
        2.829, "log odds", "Security against development as objective, executive, at anxiety 0.5.", lo=0.0, hi=5.0, source=FITTED
    )
    security_anxiety: float = par(4.69, "log odds per unit of anxiety", "Effect of anxiety on it.", lo=0.8, hi=11.0, source=FITTED)
    security_congress: float = par(-1.5, "log odds", "Added in documents of Congress.", lo=-4.0, hi=0.0)
    security_house: float = par(
        -2.15,
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
        0.1,
        "share of sales",
        "Share of home sales refused by rules at which the industry's lobby presses in full.",
        lo=0.03,
        hi=0.3,
        least=0.005,
    )
    saturation: float = par(
        0.8225,
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
    cost_ban: float = par(0.3461, "1", "Cost of ban against licensing (utility).", lo=0.0, hi=0.7, source=FITTED)
    cost_monitoring: float = par(0.7093, "1", "Cost of monitoring against licensing (utility).", lo=0.3, hi=1.1, source=FITTED)
    cost_list_management: float = par(0.1712, "1", "Cost of list management against licensing (utility).", lo=-0.2, hi=0.5, source=FITTED)
    cost_funding: float = par(0.8891, "1", "Cost of funding against licensing (utility).", lo=0.3, hi=1.4, source=FITTED)
    cost_penalties: float = par(0.6313, "1", "Cost of penalties against licensing (utility).", lo=0.2, hi=1.1, source=FITTED)
    cost_rewards: float = par(3.426, "1", "Cost of rewards against licensing (utility).", lo=2.2, hi=4.6, source=FITTED)
    cost_agency_management: float = par(
        -3.102, "1", "Cost of agency management against licensing (utility).", lo=-3.4, hi=-2.8, source=FITTED
    )
    cost_information_support: float = par(
        -2.627, "1", "Cost of information support against licensing (utility).", lo=-3.0, hi=-2.3, source=FITTED
    )
    cost_talent: float = par(0.5509, "1", "Cost of talent against licensing (utility).", lo=0.1, hi=1.1, source=FITTED)
    cost_compliance_assistance: float = par(
        -1.949, "1", "Cost of compliance assistance against licensing (utility).", lo=-2.3, hi=-1.6, source=FITTED
    )
    cost_international_cooperation: float = par(
        -2.088, "1", "Cost of international cooperation against licensing (utility).", lo=-2.4, hi=-1.8, source=FITTED
    )
    cost_system_building: float = par(-1.737, "1", "Cost of system building against licensing (utility).", lo=-2.1, hi=-1.4, source=FITTED)
    cost_organisation: float = par(-0.2579, "1", "Cost of organisation against licensing (utility).", lo=-0.7, hi=0.1, source=FITTED)
    cost_standards: float = par(-0.902, "1", "Cost of standards against licensing (utility).", lo=-1.3, hi=-0.5, source=FITTED)
    cost_education: float = par(0.5034, "1", "Cost of education against licensing (utility).", lo=0.0, hi=1.0, source=FITTED)
    cost_public_participation: float = par(
        1.015, "1", "Cost of public participation against licensing (utility).", lo=0.4, hi=1.6, source=FITTED
    )
    cost_disclosure: float = par(0.9458, "1", "Cost of disclosure against licensing (utility).", lo=0.4, hi=1.5, source=FITTED)
    stock_scale: float = par(
        20.0,
        "codes",
        "Change of an instrument's stock at which its effect is half of its limit, where nothing was inherited.",
        lo=5.0,
        hi=60.0,
        least=1.0,
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
    precision: float = par(0.6, "1", "Share of what a rule hits that is meant, at the start.", lo=0.4, hi=0.85, least=0.01, most=0.99)
    compliance_cost: float = par(0.01, "share of controlled sales", "Cost of compliance to exporters at the start.", lo=0.002, hi=0.03)
    anticipation: float = par(0.2, "1", "Share of coming controls that firms see, at the start.", lo=0.05, hi=0.4, least=0.01)
