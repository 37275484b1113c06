"""How firms adapt."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import MEDIAN, par


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """Substitution of suppliers, stockpiling, shedding of content (model section 7.4)."""

    enabled: bool = par(True, "switch", "Firms adapt at all (off: shares, suppliers, designs and the wish for stocks are frozen).")
    weight_speed: float = par(
        0.3,
        "per quarter",
        "Speed at which purchases shift between known suppliers.",
        lo=0.1,
        hi=0.6,
        most=1.0,
        source="assumption; a link half-life of 13 months (Hungary network study) alone would be 0.15: purchases shift faster than links end",
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
        0.02,
        "1",
        "Least value of permission and delivery in the attraction, so that a supplier lost can be won back.",
        lo=0.005,
        hi=0.05,
        least=0.0001,
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
        0.225,
        "per quarter",
        "Speed at which perceived threat follows denial in the product and destination.",
        lo=0.05,
        hi=0.4,
        source=MEDIAN,
        uncertain=True,
    )
    threat_scale: float = par(2.0, "1", "Perceived threat per refused share of purchases (2: half refused is full threat).", lo=1.0, hi=4.0)
    stockpile: float = par(1.0, "quarters", "Extra cover that fully threatened buyers seek.", lo=0.0, hi=3.0)
    stockpile_capital: float = par(
        4.0,
        "quarters",
        "Equipment that fully threatened buyers seek ahead of its use, in quarters of what they install.",
        lo=0.0,
        hi=8.0,
        source="assumption: a year's purchases",
    )
    shed_speed: float = par(
        0.008,
        "per quarter",
        "Speed at which firms under a direct-product rule design out the issuer's content.",
        lo=0.0,
        hi=0.03,
        source="assumption; that leverage erodes: Farrell and Newman",
    )
    redesign_speed: float = par(0.02, "per quarter", "Speed at which redesign lowers the criticality of an unmet input.", lo=0.0, hi=0.06)
    redesign_floor: float = par(0.5, "1", "Lowest criticality reached by redesign, relative to the start.", lo=0.2, hi=1.0, most=1.0)
