"""The readings behind the outcomes: gaps, power, revenue, leverage, suppliers of a listed customer, chips made at home."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ecsim.economy import CHALLENGER, Array
from ecsim.outcomes.base import TINY, YEAR, Trace
from ecsim.record import METRICS, SIDES


def last(x: Array, quarters: int = YEAR) -> Array:
    """Mean over the last quarters."""
    return x[-quarters:].mean(axis=0)


def against_base(t: Trace, track: str, keys: list[int]) -> float:
    """Cumulated track over some columns, in per cent of the path without controls."""
    base = t.base[track][:, keys].sum()
    return float(100.0 * (t.tracks[track][:, keys].sum() / max(base, TINY) - 1.0))


def side(name: str) -> list[int]:
    """The column of a side."""
    return [SIDES.index(name)]


def states(t: Trace, name: str) -> list[int]:
    """The columns of the states of a side."""
    return [int(i) for i in np.flatnonzero(t.e.side == SIDES.index(name))]


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
        return float(last(t.tracks["gap"])[t.e.product_index[product]])

    return compute


def mean_gap(t: Trace, tracks: dict[str, Array]) -> float:
    """Mean gap over products in the last year, weighted by value added at the start."""
    g = last(tracks["gap"])
    known = np.isfinite(g)
    weight = np.bincount(t.e.product, weights=t.e.output0, minlength=t.e.n_products) * t.e.product_weight
    return float((g * weight)[known].sum() / weight[known].sum())


def closing_speed(t: Trace) -> float:
    """Fall of the gap over the last five years, mean over products, each counting alike; generations a year; none of a single quarter."""
    span = min(5 * YEAR, len(t.tracks["gap"]) - 1)
    if not span:
        return float("nan")
    g = np.nanmean(t.tracks["gap"], axis=1)
    return float((g[-1 - span] - g[-1]) / (span / YEAR))


def locked_in(t: Trace) -> float:
    """Share of products with a gap at the start whose gap does not close over the last five years."""
    g = t.tracks["gap"]
    span = min(5 * YEAR, len(g) - 1)
    behind = g[0] > 0.5
    return float((g[-1] >= g[-1 - span] - 0.02)[behind].mean()) if behind.any() else 0.0


def ratio(t: Trace, tracks: dict[str, Array]) -> Array:
    """Power ratio in the chosen measure, by quarter."""
    return tracks["power_ratio"][:, METRICS.index(t.p.power.metric)]


def parity_year(t: Trace) -> float:
    """First year in which the power ratio reaches the lower edge of the parity zone; NaN if it does not."""
    hit = np.flatnonzero(ratio(t, t.tracks) >= t.p.power.parity_lo)
    return float(t.p.time.start_year + hit[0] / YEAR) if len(hit) else float("nan")


def leverage(t: Trace) -> float:
    """Reach of direct-product rules in the last year relative to the start."""
    x = t.tracks["reach"][:, 0]
    return float(last(x) / max(x[0], TINY))


def self_sufficiency(products: tuple[str, ...]) -> Callable[[Trace], float]:
    """Self-sufficiency of the challenger in some products, weighted by its need at the start, in the last year."""

    def compute(t: Trace) -> float:
        i = [t.e.product_index[p] for p in products if p in t.e.product_index]
        weight = t.base["need"][0][i] + t.e.final0[i, CHALLENGER]
        return float(100.0 * (last(t.tracks["self_sufficiency"])[i] * weight).sum() / max(weight.sum(), TINY)) if i else float("nan")

    return compute


def cohesion(t: Trace) -> float:
    """Mean adoption by allies in the last year, weighted by their output."""
    allies = states(t, "ally")
    weight = np.bincount(t.e.owner, weights=t.e.output0, minlength=t.e.n_states)[allies]
    return float((last(t.tracks["adoption"])[allies] * weight).sum() / max(weight.sum(), TINY))


def total(track: str) -> Callable[[Trace], float]:
    """Sum of a track over the run."""
    return lambda t: float(t.tracks[track].sum())


def at_end(track: str) -> Callable[[Trace], float]:
    """Mean of a track of one column over the last year."""
    return lambda t: float(last(t.tracks[track])[0])


def _affected(t: Trace, company: str) -> tuple[int, Array]:
    """Quarter in which a company was first listed (0 if never); real companies of the incumbent that lost market value in it, a mask."""
    column = t.e.companies.index(company) if company in t.e.companies else -1
    quarters = np.flatnonzero(t.tracks["company_listed"][:, column]) if column >= 0 else np.array([])
    if not len(quarters) or quarters[0] == 0:
        return 0, np.zeros(len(t.e.companies), dtype=bool)
    quarter = int(quarters[0])
    rows, owned = t.e.named_rows
    home = np.bincount(owned, weights=t.e.owner[rows] == 0, minlength=len(t.e.companies)) > 0
    before, after = t.tracks["company_value"][quarter - 1], t.tracks["company_value"][quarter]
    return quarter, home & (after < before * (1 - 1e-4))


def supplier_return(company: str) -> Callable[[Trace], float]:
    """Mean change of market value of the incumbent's suppliers in the quarter in which their customer is listed, in % [C7a]."""

    def compute(t: Trace) -> float:
        quarter, hit = _affected(t, company)
        value = t.tracks["company_value"]
        return float(100.0 * (value[quarter] / value[quarter - 1] - 1.0)[hit].mean()) if hit.any() else float("nan")

    return compute


def supplier_revenue(company: str) -> Callable[[Trace], float]:
    """Mean revenue of those suppliers four quarters after, against the path without controls, in % [C7b]."""

    def compute(t: Trace) -> float:
        quarter, hit = _affected(t, company)
        after = quarter + YEAR
        if not hit.any() or after >= len(t.tracks["company_revenue"]):
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
