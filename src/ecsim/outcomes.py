"""Named outcomes of a run: one number each, with unit, purpose and the direction that serves the controlling side.

Purposes follow the first seed paper (section 2.1): hinder the supply chain, lock in at the low end, contain the
rise; against costs at home, to allies and to the world, in leverage and in dissatisfaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ecsim import domains
from ecsim import outcomes_by_domain as by_domain
from ecsim.economy import CHALLENGER, Array, Economy
from ecsim.params import Params
from ecsim.record import METRICS, SIDES
from ecsim.tools import vocabulary

TINY = 1e-12
YEAR = 4  # quarters


@dataclass(frozen=True, eq=False)
class Trace:
    """What outcomes are computed from.

    Attributes:
        e, p: economy and parameters of the run.
        tracks: recorded tracks of the run.
        base: those of the path without controls of the same draw and seed.
        first: first quarter with a rule in force, or None.
    """

    e: Economy
    p: Params
    tracks: dict[str, Array]
    base: dict[str, Array]
    first: int | None


@dataclass(frozen=True)
class Outcome:
    """A named outcome.

    Attributes:
        name, unit, doc: what it is.
        purpose: the heading of the scorecard that it belongs to.
        better: +1 if more serves the controlling side, -1 if less does, 0 if neither.
        compute: from a trace to a number.
        domain: the supply chain that it is about; empty for all of them.
    """

    name: str
    unit: str
    doc: str
    purpose: str
    better: int
    compute: Callable[[Trace], float]
    domain: str = ""


def _last(x: Array, quarters: int = YEAR) -> Array:
    return x[-quarters:].mean(axis=0)


def _against_base(t: Trace, track: str, keys: list[int]) -> float:
    """Cumulated track over some columns, in per cent of the path without controls."""
    base = t.base[track][:, keys].sum()
    return float(100.0 * (t.tracks[track][:, keys].sum() / max(base, TINY) - 1.0))


def _side(name: str) -> list[int]:
    return [SIDES.index(name)]


def _states(t: Trace, side: str) -> list[int]:
    return [int(i) for i in np.flatnonzero(t.e.side == SIDES.index(side))]


def _under_control(t: Trace, x: Array) -> Array:
    """The part of a track from the first rule on; the whole of it where there is none."""
    return x[t.first or 0 :]


def unmet_need(t: Trace) -> float:
    """Need of the challenger that did not come, by value."""
    need = _under_control(t, t.tracks["need"])
    unmet = _under_control(t, t.tracks["unmet"])
    return float(100.0 * (need * unmet).sum() / max(need.sum(), TINY))


def gap(product: str) -> Callable[[Trace], float]:
    """Gap in a product in the last year."""

    def compute(t: Trace) -> float:
        if product not in t.e.product_index:
            return float("nan")
        return float(_last(t.tracks["gap"])[t.e.product_index[product]])

    return compute


def _mean_gap(t: Trace, tracks: dict[str, Array]) -> float:
    g = _last(tracks["gap"])
    known = np.isfinite(g)
    weight = np.bincount(t.e.product, weights=t.e.output0, minlength=t.e.n_products) * t.e.product_weight
    return float((g * weight)[known].sum() / weight[known].sum())


def closing_speed(t: Trace) -> float:
    """Fall of the mean gap over the last five years."""
    span = min(5 * YEAR, len(t.tracks["gap"]) - 1)
    g = np.nanmean(t.tracks["gap"], axis=1)
    return float((g[-1 - span] - g[-1]) / (span / YEAR))


def locked_in(t: Trace) -> float:
    """Share of products with a gap at the start whose gap does not close over the last five years."""
    g = t.tracks["gap"]
    span = min(5 * YEAR, len(g) - 1)
    behind = g[0] > 0.5
    return float((g[-1] >= g[-1 - span] - 0.02)[behind].mean()) if behind.any() else 0.0


def _ratio(t: Trace, tracks: dict[str, Array]) -> Array:
    return tracks["power_ratio"][:, METRICS.index(t.p.power.metric)]


def parity_year(t: Trace) -> float:
    """First year in which the power ratio reaches the lower edge of the parity zone; NaN if it does not."""
    hit = np.flatnonzero(_ratio(t, t.tracks) >= t.p.power.parity_lo)
    return float(t.p.time.start_year + hit[0] / YEAR) if len(hit) else float("nan")


def leverage(t: Trace) -> float:
    """Reach of direct-product rules in the last year relative to the start."""
    x = t.tracks["reach"][:, 0]
    return float(_last(x) / max(x[0], TINY))


def self_sufficiency(products: tuple[str, ...]) -> Callable[[Trace], float]:
    """Self-sufficiency of the challenger in some products, weighted by its need at the start, in the last year."""

    def compute(t: Trace) -> float:
        i = [t.e.product_index[p] for p in products if p in t.e.product_index]
        weight = t.base["need"][0][i] + t.e.final0[i, CHALLENGER]
        return float(100.0 * (_last(t.tracks["self_sufficiency"])[i] * weight).sum() / max(weight.sum(), TINY)) if i else float("nan")

    return compute


def cohesion(t: Trace) -> float:
    """Mean adoption by allies in the last year, weighted by their output."""
    allies = _states(t, "ally")
    weight = np.bincount(t.e.owner, weights=t.e.output0, minlength=t.e.n_states)[allies]
    return float((_last(t.tracks["adoption"])[allies] * weight).sum() / max(weight.sum(), TINY))


def _sum(track: str) -> Callable[[Trace], float]:
    return lambda t: float(t.tracks[track].sum())


def _end(track: str) -> Callable[[Trace], float]:
    return lambda t: float(_last(t.tracks[track])[0])


def _listing(t: Trace, company: str) -> tuple[int, int]:
    """Column of a company and the quarter in which it was first listed.

    Raises:
        LookupError: it is not there or was never listed.
    """
    column = t.e.companies.index(company) if company in t.e.companies else -1
    quarters = np.flatnonzero(t.tracks["company_listed"][:, column]) if column >= 0 else np.array([])
    if not len(quarters):
        raise LookupError(company)
    return column, int(quarters[0])


def _affected(t: Trace, quarter: int) -> Array:
    """Real companies of the incumbent whose market value an announcement moved in a quarter, as a mask."""
    rows, company = t.e.named_rows
    home = np.bincount(company, weights=t.e.owner[rows] == 0, minlength=len(t.e.companies)) > 0
    before, after = t.tracks["company_value"][quarter - 1], t.tracks["company_value"][quarter]
    return home & (after < before * (1 - 1e-4))


def supplier_return(company: str) -> Callable[[Trace], float]:
    """Mean change of market value of the incumbent's suppliers in the quarter in which their customer is listed [C7a]."""

    def compute(t: Trace) -> float:
        try:
            _, quarter = _listing(t, company)
        except LookupError:
            return float("nan")
        hit = _affected(t, quarter) if quarter else np.zeros(1, dtype=bool)
        value = t.tracks["company_value"]
        return float(100.0 * (value[quarter] / value[quarter - 1] - 1.0)[hit].mean()) if hit.any() else float("nan")

    return compute


def supplier_revenue(company: str) -> Callable[[Trace], float]:
    """Mean revenue of those suppliers four quarters after, against the path without controls [C7b]."""

    def compute(t: Trace) -> float:
        try:
            _, quarter = _listing(t, company)
        except LookupError:
            return float("nan")
        after = quarter + YEAR
        if quarter == 0 or after >= len(t.tracks["company_revenue"]) or not (hit := _affected(t, quarter)).any():
            return float("nan")
        ratio = t.tracks["company_revenue"][after] / np.maximum(t.base["company_revenue"][after], TINY)
        return float(100.0 * (ratio[hit].mean() - 1.0))

    return compute


def company_growth(company: str, year: int) -> Callable[[Trace], float]:
    """Revenue of a company in a calendar year over the year before [C8]."""

    def compute(t: Trace) -> float:
        first = (year - t.p.time.start_year) * YEAR
        x = t.tracks["company_revenue"]
        if company not in t.e.companies or first < YEAR or first + YEAR > len(x):
            return float("nan")
        column = t.e.companies.index(company)
        return float(100.0 * (x[first : first + YEAR, column].sum() / max(x[first - YEAR : first, column].sum(), TINY) - 1.0))

    return compute


def made_at_home(year: int) -> Callable[[Trace], float]:
    """Chips made in the challenger over its chip market in a year [C10]: memory and wafers, foundries at their own sales."""

    def compute(t: Trace) -> float:
        span = slice((year - t.p.time.start_year) * YEAR, (year - t.p.time.start_year + 1) * YEAR)
        need = ("memory", "hbm", "foundry_advanced", "foundry_mature", "logic_design")
        if span.stop > len(t.tracks["gap"]) or any(p not in t.e.product_index for p in need):
            return float("nan")
        i = t.e.product_index
        made, bought = t.tracks["made_in_challenger"][span].sum(axis=0), t.tracks["bought_in_challenger"][span].sum(axis=0)
        chips = made[i["memory"]] + made[i["hbm"]] + made[i["foundry_advanced"]] + made[i["foundry_mature"]]
        return float(100.0 * chips / max(bought[i["memory"]] + bought[i["hbm"]] + bought[i["logic_design"]], TINY))

    return compute


CHIPS = ("foundry_advanced", "foundry_mature", "memory", "hbm", "logic_design", "assembly_test")
TOOLS = ("lithography", "deposition_etch", "process_control", "other_tools")

_ALL = (
    Outcome(
        "unmet_need", "%", "Need of the challenger's firms for inputs that did not come, since the first control.", "hinder", 1, unmet_need
    ),
    Outcome(
        "disruption",
        "%",
        "Output lost by the challenger's firms against the path without controls.",
        "hinder",
        1,
        lambda t: -_against_base(t, "output_side", _side("challenger")),
    ),
    Outcome(
        "gap_foundry", "generations", "Gap of the challenger's leading advanced foundry, last year.", "lock_in", 1, gap("foundry_advanced")
    ),
    Outcome("gap_lithography", "generations", "Gap in lithography, last year.", "lock_in", 1, gap("lithography")),
    Outcome("gap_accelerators", "generations", "Gap in AI accelerators, last year.", "lock_in", 1, gap("accelerators")),
    Outcome("gap_cloud", "generations", "Gap in cloud and AI services, last year.", "lock_in", 1, gap("cloud_ai")),
    Outcome("gap_mean", "generations", "Mean gap over products by value added, last year.", "lock_in", 1, lambda t: _mean_gap(t, t.tracks)),
    Outcome(
        "gap_added",
        "generations",
        "Mean gap less that of the path without controls.",
        "lock_in",
        1,
        lambda t: _mean_gap(t, t.tracks) - _mean_gap(t, t.base),
    ),
    Outcome("closing_speed", "generations/year", "Speed at which the mean gap closes, last five years.", "lock_in", -1, closing_speed),
    Outcome("locked_in", "share of products", "Products with a gap whose gap does not close.", "lock_in", 1, locked_in),
    Outcome(
        "power_ratio",
        "ratio",
        "Challenger over incumbent in the chosen measure of power, last year.",
        "contain",
        -1,
        lambda t: float(_last(_ratio(t, t.tracks))),
    ),
    Outcome(
        "power_ratio_change",
        "ratio",
        "Power ratio less that of the path without controls.",
        "contain",
        -1,
        lambda t: float(_last(_ratio(t, t.tracks)) - _last(_ratio(t, t.base))),
    ),
    Outcome("parity_year", "year", "Year in which the power ratio enters the parity zone.", "contain", 1, parity_year),
    Outcome(
        "home_revenue",
        "%",
        "Revenue of the incumbent's firms against the path without controls.",
        "cost_home",
        1,
        lambda t: _against_base(t, "revenue_side", _side("incumbent")),
    ),
    Outcome(
        "home_rd",
        "%",
        "R&D of the incumbent's firms against the path without controls.",
        "cost_home",
        1,
        lambda t: _against_base(t, "rd", _states(t, "incumbent")),
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
        lambda t: _against_base(t, "revenue_side", _side("ally")),
    ),
    Outcome(
        "ally_rd",
        "%",
        "R&D of allied firms against the path without controls.",
        "cost_allies",
        1,
        lambda t: _against_base(t, "rd", _states(t, "ally")),
    ),
    Outcome(
        "world_value",
        "%",
        "Value of the world's output against the path without controls.",
        "cost_world",
        1,
        lambda t: _against_base(t, "value_location", list(range(t.e.n_states))),
    ),
    Outcome(
        "price_level",
        "%",
        "Mean price over that of the path without controls, whole run.",
        "cost_world",
        -1,
        lambda t: _against_base(t, "price_level", [0]),
    ),
    Outcome(
        "challenger_revenue",
        "%",
        "Revenue of the challenger's firms against the path without controls.",
        "hinder",
        -1,
        lambda t: _against_base(t, "revenue_side", _side("challenger")),
    ),
    Outcome(
        "third_revenue",
        "%",
        "Revenue of third parties' firms against the path without controls.",
        "other",
        0,
        lambda t: _against_base(t, "revenue_side", _side("third")),
    ),
    Outcome("leverage", "ratio", "Foreign supply in reach of direct-product rules, last year over the start.", "leverage", 1, leverage),
    Outcome("dissatisfaction", "0..1", "Dissatisfaction of the challenger, last year.", "dissatisfaction", -1, _end("dissatisfaction")),
    Outcome(
        "conflict_index", "relative", "Conflict index, last year; not a probability of war.", "dissatisfaction", -1, _end("conflict_index")
    ),
    Outcome("denied", "USD bn", "Orders of the challenger's firms that rules refused, whole run.", "other", 0, _sum("denied")),
    Outcome("diverted", "USD bn", "Deliveries by leakage, whole run.", "other", 0, _sum("diverted")),
    Outcome("degraded", "USD bn", "Deliveries at the threshold, whole run.", "other", 0, _sum("degraded")),
    Outcome("backfilled", "USD bn", "Extra deliveries by suppliers outside the rules, whole run.", "other", 0, _sum("backfilled")),
    Outcome(
        "self_sufficiency",
        "%",
        "Chips bought in the challenger that its own firms made there, last year.",
        "other",
        0,
        self_sufficiency(CHIPS),
    ),
    Outcome(
        "self_sufficiency_tools",
        "%",
        "Chip tools bought in the challenger that its own firms made there, last year.",
        "other",
        0,
        self_sufficiency(TOOLS),
    ),
    Outcome(
        "decoupling",
        "%",
        "Fall of trade between incumbent and challenger in the chain, last year against the path without controls.",
        "other",
        0,
        lambda t: float(100.0 * (1.0 - _last(t.tracks["bilateral"])[0] / max(_last(t.base["bilateral"])[0], TINY))),
    ),
    Outcome("cohesion", "0..1", "Adoption of the incumbent's rules by allies, by their output, last year.", "other", 0, cohesion),
    Outcome("anxiety", "0..1", "Anxiety of the incumbent, last year.", "other", 0, _end("anxiety")),
    Outcome(
        "supplier_return",
        "%",
        "Market value of the incumbent's suppliers when Huawei is listed [target C7a].",
        "other",
        0,
        supplier_return("Huawei"),
    ),
    Outcome(
        "supplier_revenue",
        "%",
        "Their revenue four quarters later, against the path without controls [C7b].",
        "other",
        0,
        supplier_revenue("Huawei"),
    ),
    Outcome("huawei_2020", "%", "Huawei's revenue in 2020 over 2019 [C8a].", "other", 0, company_growth("Huawei", 2020)),
    Outcome("huawei_2021", "%", "Huawei's revenue in 2021 over 2020 [C8b].", "other", 0, company_growth("Huawei", 2021)),
    Outcome("made_at_home_2018", "%", "Chips made in the challenger over its chip market, 2018 [C10].", "other", 0, made_at_home(2018)),
    Outcome("made_at_home_2021", "%", "The same, 2021 [C10].", "other", 0, made_at_home(2021)),
    Outcome(
        "listed_entities", "count", "Legal entities on a list at the end.", "other", 0, lambda t: float(t.tracks["listed_entities"][-1, 0])
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
