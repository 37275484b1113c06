"""National power, anxiety and dissatisfaction."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.errors import UserError
from ecsim.params.declare import par

ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Power:
    """National power, anxiety and dissatisfaction (model section 7.1)."""

    metric: str = par(
        "composite",
        "choice",
        "Measure of power that governments perceive.",
        choices=("composite", "nominal", "ppp", "gerd"),
        source="de Soysa, Oneal and Park 1997: results depend on the measure",
    )
    weight_gdp: float = par(0.5, "1", "Exponent of the world share of GDP in composite power.", lo=0.3, hi=0.6, most=0.7)
    weight_tech: float = par(0.3, "1", "Exponent of the world share of technology in composite power.", lo=0.1, hi=0.4, most=0.5)
    parity_lo: float = par(
        0.8, "ratio", "Lower edge of the parity zone.", lo=0.7, hi=0.9, most=0.95, source="Organski and Kugler 1980; Tammen et al. 2000"
    )
    parity_hi: float = par(
        1.2,
        "ratio",
        "Upper edge of the parity zone; shown in figures, nothing else depends on it.",
        lo=1.1,
        hi=1.3,
        source="Organski and Kugler 1980; Tammen et al. 2000",
    )
    anxiety_speed: float = par(0.15, "per quarter", "Speed at which anxiety follows its drivers (mu).", lo=0.05, hi=0.4)
    anxiety_base: float = par(0.0, "1", "Anxiety logit at the lower edge of the parity zone (k0).", lo=-1.0, hi=1.0)
    anxiety_parity: float = par(1.0, "1", "Weight of the power ratio in anxiety (k rho).", lo=0.0, hi=2.0)
    anxiety_trend: float = par(10.0, "per unit of ratio", "Weight of the four-quarter change of the ratio (k delta).", lo=0.0, hi=30.0)
    anxiety_catchup: float = par(
        1.0,
        "per generation",
        "Weight of what leading firms closed of their gaps in three quarters, mean over products (k tau).",
        lo=0.0,
        hi=3.0,
    )
    dissatisfaction_speed: float = par(0.15, "per quarter", "Speed at which dissatisfaction follows its drivers (delta).", lo=0.05, hi=0.4)
    dissatisfaction_base: float = par(-1.5, "1", "Dissatisfaction logit without denial at the lower edge of parity (d0).", lo=-3.0, hi=0.0)
    dissatisfaction_denial: float = par(5.0, "1", "Weight of the denied share of input need (d1).", lo=2.0, hi=20.0)
    dissatisfaction_parity: float = par(0.5, "1", "Weight of the power ratio (d2).", lo=0.0, hi=2.0)
    conflict_width: float = par(0.3, "ratio", "Width of the conflict hazard around parity (omega).", lo=0.1, hi=0.6, least=0.02)
    conflict_exponent: float = par(
        1.0,
        "1",
        "Exponent of dissatisfaction in the conflict index (gamma).",
        lo=0.5,
        hi=2.0,
        source="assumption; dissatisfaction is necessary (Organski 1958)",
    )

    def __post_init__(self) -> None:
        """Hold the exponents together: what they leave is that of military power, which counts for something or for nothing.

        Raises:
            UserError: they leave less than nothing.
        """
        if self.weight_gdp + self.weight_tech > 1.0 + ROUNDING:
            raise UserError(
                f"power.weight_gdp, power.weight_tech: {self.weight_gdp:g} and {self.weight_tech:g} leave nothing for military power; "
                "accepted: at most 1 together"
            )
