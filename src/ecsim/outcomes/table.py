"""The outcomes by name, each with unit, meaning, purpose and the direction that serves the controlling side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ecsim import domains
from ecsim.outcomes import by_domain, readings
from ecsim.outcomes.base import TINY, Outcome, Trace
from ecsim.tools import vocabulary

CHIPS = ("foundry_advanced", "foundry_mature", "memory", "hbm", "logic_design", "assembly_test")
TOOLS = ("lithography", "deposition_etch", "process_control", "other_tools")

_ALL = (
    Outcome(
        "unmet_need",
        "%",
        "Need of the challenger's firms for inputs that did not come, since the first control.",
        "hinder",
        1,
        readings.unmet_need,
    ),
    Outcome(
        "disruption",
        "%",
        "Output lost by the challenger's firms against the path without controls.",
        "hinder",
        1,
        lambda t: -readings.against_base(t, "output_side", readings.side("challenger")),
    ),
    Outcome(
        "gap_foundry",
        "generations",
        "Gap of the challenger's leading advanced foundry, last year.",
        "lock_in",
        1,
        readings.gap("foundry_advanced"),
    ),
    Outcome("gap_lithography", "generations", "Gap in lithography, last year.", "lock_in", 1, readings.gap("lithography")),
    Outcome("gap_accelerators", "generations", "Gap in AI accelerators, last year.", "lock_in", 1, readings.gap("accelerators")),
    Outcome("gap_cloud", "generations", "Gap in cloud and AI services, last year.", "lock_in", 1, readings.gap("cloud_ai")),
    Outcome(
        "gap_mean",
        "generations",
        "Mean gap over products by value added, last year.",
        "lock_in",
        1,
        lambda t: readings.mean_gap(t, t.tracks),
    ),
    Outcome(
        "gap_added",
        "generations",
        "Mean gap less that of the path without controls.",
        "lock_in",
        1,
        lambda t: readings.mean_gap(t, t.tracks) - readings.mean_gap(t, t.base),
    ),
    Outcome(
        "closing_speed",
        "generations/year",
        "Speed at which gaps close, last five years, mean over products, each counting alike.",
        "lock_in",
        -1,
        readings.closing_speed,
    ),
    Outcome("locked_in", "share of products", "Products with a gap whose gap does not close.", "lock_in", 1, readings.locked_in),
    Outcome(
        "power_ratio",
        "ratio",
        "Challenger over incumbent in the chosen measure of power, last year.",
        "contain",
        -1,
        lambda t: float(readings.last(readings.ratio(t, t.tracks))),
    ),
    Outcome(
        "power_ratio_change",
        "ratio",
        "Power ratio less that of the path without controls.",
        "contain",
        -1,
        lambda t: float(readings.last(readings.ratio(t, t.tracks)) - readings.last(readings.ratio(t, t.base))),
    ),
    Outcome("parity_year", "year", "Year in which the power ratio enters the parity zone.", "contain", 1, readings.parity_year),
    Outcome(
        "home_revenue",
        "%",
        "Revenue of the incumbent's firms against the path without controls.",
        "cost_home",
        1,
        lambda t: readings.against_base(t, "revenue_side", readings.side("incumbent")),
    ),
    Outcome(
        "home_rd",
        "%",
        "R&D of the incumbent's firms, public money that takes effect included, against the path without controls.",
        "cost_home",
        1,
        lambda t: readings.against_base(t, "rd", readings.states(t, "incumbent")),
    ),
    Outcome(
        "home_market_value",
        "%",
        "Market value of the incumbent's firms after all announcements.",
        "cost_home",
        1,
        lambda t: float(100.0 * (t.tracks["market_value"][-1, 0] / max(t.base["market_value"][-1, 0], TINY) - 1.0)),
    ),
    Outcome(
        "ally_revenue",
        "%",
        "Revenue of allied firms against the path without controls.",
        "cost_allies",
        1,
        lambda t: readings.against_base(t, "revenue_side", readings.side("ally")),
    ),
    Outcome(
        "ally_rd",
        "%",
        "R&D of allied firms, likewise.",
        "cost_allies",
        1,
        lambda t: readings.against_base(t, "rd", readings.states(t, "ally")),
    ),
    Outcome(
        "world_value",
        "%",
        "Value of the world's output against the path without controls.",
        "cost_world",
        1,
        lambda t: readings.against_base(t, "value_location", list(range(t.e.n_states))),
    ),
    Outcome(
        "price_level",
        "%",
        "Mean price over that of the path without controls, whole run.",
        "cost_world",
        -1,
        lambda t: readings.against_base(t, "price_level", [0]),
    ),
    Outcome(
        "challenger_revenue",
        "%",
        "Revenue of the challenger's firms against the path without controls.",
        "hinder",
        -1,
        lambda t: readings.against_base(t, "revenue_side", readings.side("challenger")),
    ),
    Outcome(
        "third_revenue",
        "%",
        "Revenue of third parties' firms against the path without controls.",
        "other",
        0,
        lambda t: readings.against_base(t, "revenue_side", readings.side("third")),
    ),
    Outcome(
        "leverage", "ratio", "Foreign supply in reach of direct-product rules, last year over the start.", "leverage", 1, readings.leverage
    ),
    Outcome(
        "dissatisfaction",
        "0..1",
        "Dissatisfaction of the challenger, last year.",
        "dissatisfaction",
        -1,
        readings.at_end("dissatisfaction"),
    ),
    Outcome(
        "conflict_index",
        "relative",
        "Conflict index, last year; not a probability of war.",
        "dissatisfaction",
        -1,
        readings.at_end("conflict_index"),
    ),
    Outcome("denied", "USD bn", "Orders of the challenger's firms that rules refused, whole run.", "other", 0, readings.total("denied")),
    Outcome("diverted", "USD bn", "Deliveries by leakage, whole run.", "other", 0, readings.total("diverted")),
    Outcome("degraded", "USD bn", "Deliveries at the threshold, whole run.", "other", 0, readings.total("degraded")),
    Outcome(
        "backfilled", "USD bn", "Extra deliveries by suppliers outside the rules, whole run.", "other", 0, readings.total("backfilled")
    ),
    Outcome(
        "self_sufficiency",
        "%",
        "Chips bought in the challenger that its own firms made there, last year.",
        "other",
        0,
        readings.self_sufficiency(CHIPS),
    ),
    Outcome(
        "self_sufficiency_tools",
        "%",
        "Chip tools bought in the challenger that its own firms made there, last year.",
        "other",
        0,
        readings.self_sufficiency(TOOLS),
    ),
    Outcome(
        "decoupling",
        "%",
        "Fall of trade between incumbent and challenger in the chain, last year against the path without controls.",
        "other",
        0,
        lambda t: float(100.0 * (1.0 - readings.last(t.tracks["bilateral"])[0] / max(readings.last(t.base["bilateral"])[0], TINY))),
    ),
    Outcome("cohesion", "0..1", "Adoption of the incumbent's rules by allies, by their output, last year.", "other", 0, readings.cohesion),
    Outcome("anxiety", "0..1", "Anxiety of the incumbent, last year.", "other", 0, readings.at_end("anxiety")),
    Outcome(
        "supplier_return",
        "%",
        "Market value of the incumbent's suppliers when Huawei is listed [target C7a].",
        "other",
        0,
        readings.supplier_return("Huawei"),
    ),
    Outcome(
        "supplier_revenue",
        "%",
        "Their revenue four quarters later, against the path without controls [C7b].",
        "other",
        0,
        readings.supplier_revenue("Huawei"),
    ),
    Outcome("huawei_2020", "%", "Huawei's revenue in 2020 over 2019 [C8a].", "other", 0, readings.company_growth("Huawei", 2020)),
    Outcome("huawei_2021", "%", "Huawei's revenue in 2021 over 2020 [C8b].", "other", 0, readings.company_growth("Huawei", 2021)),
    Outcome(
        "made_at_home_2018", "%", "Chips made in the challenger over its chip market, 2018 [C10].", "other", 0, readings.made_at_home(2018)
    ),
    Outcome("made_at_home_2021", "%", "The same, 2021 [C10].", "other", 0, readings.made_at_home(2021)),
    Outcome(
        "listed_entities",
        "count",
        "Legal entities on lists of the incumbent at the end.",
        "other",
        0,
        lambda t: float(t.tracks["listed_entities"][-1, 0]),
    ),
)

IN = "_in_"  # between what is measured and the domain, in the name of an outcome by domain


def _by_domain(domain: str) -> Iterator[Outcome]:
    """The outcomes of one supply chain."""
    for name, unit, better, measure, doc in (
        ("gap", "generations", 1, by_domain.gap, "Mean gap over the domain's products by value added, last year."),
        ("gap_added", "generations", 1, by_domain.gap_added, "The domain's mean gap less that of the path without controls."),
        ("closing_speed", "generations/year", -1, by_domain.closing_speed, "Speed at which the domain's gap closes, last five years."),
        ("parity_year", "year", 1, by_domain.parity_year, "Year in which value added in the domain enters the parity zone."),
        ("home_value", "%", 1, by_domain.home_value, "Value added by the incumbent in the domain, against no controls."),
    ):
        yield Outcome(f"{name}{IN}{domain}", unit, doc, "domains", better, partial(measure, domain=domain), domain)


OUTCOMES: dict[str, Outcome] = {o.name: o for o in (*_ALL, *(o for d in vocabulary("domain") for o in _by_domain(d)))}


def compute(trace: Trace) -> dict[str, float]:
    """All outcomes of a run; those by domain only where there are several."""
    several = domains.several(trace.e)
    return {name: o.compute(trace) for name, o in OUTCOMES.items() if not o.domain or o.domain in several}
