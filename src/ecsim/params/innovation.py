"""Technology, and what is counted."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import CALIBRATED, par


@dataclass(frozen=True, kw_only=True)
class Innovation:
    """Technology, catch-up and embodied ceilings (model section 7.5). One generation is 2.5 years of frontier."""

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
        2.0, "per generation", "Weight of the best firms in the frontier.", lo=1.0, hi=4.0, source="assumption: weights exp(-2 gap)"
    )
    rd_ratio_lo: float = par(0.2, "1", "Lower cap of R&D over its trend.", lo=0.1, hi=0.5, least=0.001)
    rd_ratio_hi: float = par(2.0, "1", "Upper cap of R&D over what its step takes.", lo=1.5, hi=4.0, least=1.0)
    catch_up_cost: float = par(
        0.7,
        "per generation",
        "Growth (log) of the R&D that a step takes, for each generation of gap closed since the start.",
        lo=0.2,
        hi=1.2,
        source="assumption; ideas get harder to find (Bloom et al. 2020, form)",
    )
    practice: float = par(
        0.7, "generations", "How far mastery can run ahead of what can be made; learning fades on this scale.", lo=0.3, hi=2.0, least=0.05
    )
    spillover: float = par(0.02, "per quarter", "Strength of absorption of knowledge from the frontier (phi).", lo=0.0, hi=0.05)
    absorption_distance: float = par(
        2.2,
        "generations",
        "Gap at which absolute catch-up is fastest.",
        lo=1.5,
        hi=3.0,
        least=0.1,
        source="Verspagen 1991; Benhabib and Spiegel 2005 (form); value an assumption",
    )
    catch_up: bool = par(True, "switch", "Technology spills over and initial closing speeds differ (off: all advance alike).")
    learning: float = par(
        0.01,
        "generations per quarter and log unit",
        "Progress by practice: what output above its trend adds to the speed of progress, per log.",
        lo=0.0,
        hi=0.03,
        source="assumption, in the spirit of learning by doing; in Irwin and Klenow 1994 cost falls with cumulative output, "
        "here current output above trend speeds progress",
    )
    noise: float = par(0.01, "generations per quarter", "Standard deviation of the shock to progress.", lo=0.0, hi=0.03)
    ceiling: bool = par(True, "switch", "Technology is capped by what is embodied in inputs.")
    ceiling_sharpness: float = par(6.0, "per generation", "Sharpness of the soft minimum at the ceiling.", lo=2.0, hi=12.0, least=0.5)
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
    volume_floor: float = par(
        0.01, "1", "Share of need that comes below which the level falls no further.", lo=0.001, hi=0.05, least=0.0001
    )
    vintage_speed: float = par(
        0.06,
        "per quarter",
        "Speed at which installed equipment renews the embodied level.",
        lo=0.03,
        hi=0.12,
        least=0.005,
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
        0.5, "1", "Share of an institute's exchange, samples and instruments that needs the lister's licences.", lo=0.2, hi=0.8, most=1.0
    )
    subsidy_budget: float = par(
        0.2,
        "% of GDP",
        "Yearly budget of the challenger for substitution over all threatened products.",
        lo=0.05,
        hi=0.6,
        source="assumption about the cited sums: Big Fund III 47.5 bn USD (CSIS) over five years, tax relief for chips and talent 18.4 in 2024 (STA), 0.15%",
    )
    subsidy_efficiency: float = par(0.25, "1", "Share of a subsidy that becomes effective R&D.", lo=0.1, hi=0.6, most=1.0)
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
    """Value, GDP, market value (model section 7.6)."""

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
        2.78,
        "1",
        "Market value lost per unit of sales share newly blocked.",
        lo=0.5,
        hi=4.0,
        least=0.01,
        source=CALIBRATED + ": target C7a (Crosignani et al. 2026)",
    )
