"""What a run with several supply chains comes to in each of them: gap, closing speed, parity, value made at home.

A domain's gap is the mean over its products by value added at the start. Parity in a domain is the challenger's share of
its value added reaching the lower edge of the parity zone, relative to the incumbent's: the part of the technology
share of power that the domain contributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecsim.economy import Array

if TYPE_CHECKING:
    from ecsim.outcomes import Trace

YEAR = 4  # quarters
TINY = 1e-12


def mean_gap(t: Trace, tracks: dict[str, Array], domain: str) -> Array:
    """Gap of a domain by quarter, generations; products that the challenger does not make are left out."""
    products = t.e.domains[domain]
    gaps = tracks["gap"][:, products]
    made = np.bincount(t.e.product, weights=t.e.output0, minlength=t.e.n_products) * t.e.product_weight
    weight = np.where(np.isfinite(gaps), made[products], 0.0)
    result: Array = (np.nan_to_num(gaps) * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), TINY)
    return result


def gap(t: Trace, domain: str) -> float:
    """Mean gap of the domain in the last year."""
    return float(mean_gap(t, t.tracks, domain)[-YEAR:].mean())


def gap_added(t: Trace, domain: str) -> float:
    """The same less that of the path without controls."""
    return gap(t, domain) - float(mean_gap(t, t.base, domain)[-YEAR:].mean())


def closing_speed(t: Trace, domain: str) -> float:
    """Fall of the mean gap over the last five years, generations a year."""
    g = mean_gap(t, t.tracks, domain)
    span = min(5 * YEAR, len(g) - 1)
    return float((g[-1 - span] - g[-1]) / (span / YEAR)) if span else 0.0


def parity_year(t: Trace, domain: str) -> float:
    """First year in which the challenger's value added in the domain reaches the parity zone; NaN if it does not."""
    products = t.e.domains[domain]
    challenger, incumbent = (t.tracks[f"value_{side}"][:, products].sum(axis=1) for side in ("challenger", "incumbent"))
    hit = np.flatnonzero(challenger >= t.p.power.parity_lo * incumbent)
    return float(t.p.time.start_year + hit[0] / YEAR) if len(hit) else float("nan")


def home_value(t: Trace, domain: str) -> float:
    """Value added of the incumbent's firms in the domain over the run, against the path without controls, per cent."""
    products = t.e.domains[domain]
    base = t.base["value_incumbent"][:, products].sum()
    return float(100.0 * (t.tracks["value_incumbent"][:, products].sum() / max(base, TINY) - 1.0))
