"""The calendar, the population of firms, and final demand."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.params.declare import REFERENCE, par


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
        0.5, "1", "Least part of the unnamed supply of a cell that its three leading unnamed firms hold.", lo=0.3, hi=0.7, most=1.0
    )
    lead_most: float = par(0.95, "1", "Largest part of it that they hold.", lo=0.8, hi=0.99, most=1.0)
    lead_first: float = par(0.5, "1", "Part of what the three hold that the first holds.", lo=0.4, hi=0.6, most=0.65)
    lead_second: float = par(
        0.3, "1", "Part of what the three hold that the second holds; the third has the rest.", lo=0.2, hi=0.35, most=0.35
    )
    small_room: float = par(
        0.5, "1", "Part of what large buyers leave of a product that many small suppliers may fill.", lo=0.3, hi=0.7, most=1.0
    )
    fit_least: float = par(
        0.02, "1", "Appeal, at the start, of a supplier a generation or more further behind than the buyer's need.", lo=0.0, hi=0.1
    )
    sold_out: float = par(0.15, "1", "Appeal of a supplier that larger buyers have bought out, relative to a free one.", lo=0.05, hi=0.3)
    stretch_margin: float = par(0.3, "generations", "By how much stretch exceeds what a firm's start shows that it has.", lo=0.1, hi=0.6)
    growth_long_run: float = par(
        3.0, "% per year", "Growth of states' baseline paths to which declared growth fades after the last forecast.", lo=2.0, hi=4.0
    )
    growth_fade: float = par(10.0, "years", "Time scale of that fading.", lo=5.0, hi=20.0, least=1.0)
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
    growth_fade: float = par(16.0, "quarters", "Time scale on which product growth returns to the long run.", lo=8.0, hi=40.0, least=1.0)
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
    demand_noise_memory: float = par(0.7, "1", "Autocorrelation of that shock.", lo=0.0, hi=0.95, most=0.99)
