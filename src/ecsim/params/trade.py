"""Permission of links, and production with inventories."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import MEDIAN, par

LEAST_EXPONENT = 1e-7  # of ces: its mean is then that of Cobb-Douglas to five digits, and rounding takes nine


@dataclass(frozen=True, kw_only=True)
class Permission:
    """From rules to permission of single links (model section 7.2)."""

    step_width: float = par(0.15, "generations", "Softness of a technology threshold.", lo=0.05, hi=0.4, least=0.01)
    need_head: float = par(0.3, "generations", "How far above its own level a buyer orders.", lo=0.0, hi=1.0)
    degraded_reach: float = par(
        2.0, "generations", "How far below its need a buyer still takes a degraded item.", lo=1.0, hi=3.0, least=0.1
    )
    degraded_share: float = par(
        0.7,
        "1",
        "Share of a blocked flow that is sold degraded at the threshold, where that is near enough to the need.",
        lo=0.3,
        hi=1.0,
        most=1.0,
        source="assumption; A800 and H800 took the place of what was barred, and ASML's sales to China grew after EUV was withheld in 2019 (remembered)",
    )
    fdp_max: float = par(
        0.95,
        "1",
        "Reach of a foreign-direct-product rule over a firm whose tools are all of the issuer's making.",
        lo=0.8,
        hi=1.0,
        most=1.0,
    )
    fdp_scale: float = par(
        0.1,
        "1",
        "Share of the issuer's tools at which reach is two thirds of its maximum.",
        lo=0.03,
        hi=0.17,
        least=0.002,
        source=MEDIAN + "; by law any use of listed tools is enough",
        uncertain=True,
    )
    de_minimis_width: float = par(0.02, "1", "Softness of the de minimis test on content.", lo=0.005, hi=0.05, least=0.001)
    hub_passage: float = par(
        0.15, "1", "Share of goods diverted past the incumbent's rules that passes through one trading hub.", lo=0.05, hi=0.3
    )
    persons_reach: float = par(
        0.3, "1", "Reach of a US-persons rule over plants abroad owned in the issuing state.", lo=0.0, hi=0.8, most=1.0
    )
    leak_scale: float = par(1.0, "1", "Scale of the leakage of the product table.", lo=0.3, hi=1.7, uncertain=True, source=MEDIAN)
    detection: float = par(
        0.3,
        "1",
        "Share of leakage that enforcement catches at the start; what leaks then is put in, so it acts only beside measures that change enforcement.",
        lo=0.1,
        hi=0.7,
        most=0.95,
    )
    over_compliance: float = par(
        0.15,
        "1",
        "Extra refusal of unlisted buyers of a product in a state where listed parties buy all of it; in proportion where they buy less (times denial).",
        lo=0.0,
        hi=0.3,
        source=MEDIAN + "; that it exists: Crosignani et al. 2026",
        uncertain=True,
    )
    military_end_use: float = par(0.1, "1", "Share of sales to unlisted civil buyers caught by a military end-use rule.", lo=0.02, hi=0.3)
    affiliate_evasion: float = par(
        0.25, "1", "Share of trade with a listed party that moves to unlisted affiliates without an affiliates rule.", lo=0.05, hi=0.5
    )


@dataclass(frozen=True, kw_only=True)
class Production:
    """Production with inventories, orders and prices (model section 7.3)."""

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
        "Elasticity of substitution between inputs where the form is ces (1: Cobb-Douglas).",
        lo=0.1,
        hi=0.9,
        least=0.05,
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
        2.0,
        "quarters",
        "Time in which a gap in stock is ordered back (tau).",
        lo=1.5,
        hi=4.0,
        least=1.0,
        source="assumption; 1 never settles",
    )
    order_time_scarce: float = par(4.0, "quarters", "The same where stocks are nearly gone.", lo=2.0, hi=8.0, least=1.0)
    scarce_cover: float = par(0.1, "quarters", "Cover below which stocks count as nearly gone.", lo=0.02, hi=0.2)
    order_cap: float = par(1.5, "1", "Orders are at most this multiple of need.", lo=1.2, hi=2.0, least=1.0)
    expectation_memory: float = par(0.3, "1", "Weight of this quarter's demand in expected demand.", lo=0.1, hi=0.6, most=1.0)
    trend_speed: float = par(0.1, "per quarter", "Speed at which firms learn the growth of their demand.", lo=0.03, hi=0.3)
    investment_time: float = par(4.0, "quarters", "Time beyond the building time over which a gap in capacity is closed.", lo=2.0, hi=8.0)
    headroom: float = par(0.10, "1", "Spare capacity that firms want above expected demand.", lo=0.0, hi=0.25)
    depreciation: float = par(
        0.03,
        "per quarter",
        "Capacity lost each quarter without upkeep.",
        lo=0.015,
        hi=0.05,
        least=0.005,
        source="assumption; tool lives of 7 to 10 years",
    )
    expansion_max: float = par(0.08, "per quarter", "Fastest growth of capacity.", lo=0.04, hi=0.2)
    relocation_loss: float = par(0.2, "1", "Share of a plant's capacity that is lost when it moves to another state.", lo=0.05, hi=0.4)
    price_markup: float = par(
        0.3, "1", "Elasticity of price to scarcity (kappa of model section 7.3).", lo=0.1, hi=0.5, source=MEDIAN, uncertain=True
    )
    price_speed: float = par(0.5, "per quarter", "Speed at which price follows cost and scarcity.", lo=0.2, hi=1.0, most=1.0)
    scarcity_lo: float = par(0.5, "1", "Lower clip of demand over supply in the price.", lo=0.3, hi=0.8, least=0.01, most=1.0)
    scarcity_hi: float = par(4.0, "1", "Upper clip of demand over supply in the price.", lo=2.0, hi=6.0, least=1.0)
    pass_through: float = par(1.0, "1", "Pass-through of a change of unit cost to price.", lo=0.5, hi=1.0)

    @property
    def ces_exponent(self) -> float:
        """Exponent of the form ces, 1 - 1 / substitution; kept away from zero, at which its mean tends to Cobb-Douglas and cannot be computed."""
        exponent = 1.0 - 1.0 / self.substitution
        return exponent if abs(exponent) > LEAST_EXPONENT else LEAST_EXPONENT
