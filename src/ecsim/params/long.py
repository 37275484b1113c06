"""The long history."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import par


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
        least=0.1,
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
    need: float = par(
        0.32, "1", "Share of a challenger's input need that is of strategic products from abroad.", lo=0.05, hi=0.4, least=0.01
    )
    allies: float = par(
        15.0,
        "states",
        "Allies that share the rest of the supply evenly.",
        lo=5.0,
        hi=30.0,
        least=1.0,
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
        most=8.0,
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
