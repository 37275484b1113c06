"""What a run with several supply chains comes to in each of them: gap, closing speed, parity, value made at home.

A domain's gap is the mean over its products by value added at the start. Parity in a domain is the challenger's value
added in it reaching the lower edge of the parity zone, relative to the incumbent's: the part of the technology share
of power that the domain contributes.
"""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.outcomes.base import TINY, YEAR, Trace


def _column(t: Trace, tracks: dict[str, Array], track: str, domain: str) -> Array:
    """A track of one domain by quarter."""
    return tracks[track][:, list(t.e.domains).index(domain)]


def gap(t: Trace, domain: str) -> float:
    """Mean gap of the domain in the last year."""
    return float(_column(t, t.tracks, "domain_gap", domain)[-YEAR:].mean())


def gap_added(t: Trace, domain: str) -> float:
    """The same less that of the path without controls."""
    return gap(t, domain) - float(_column(t, t.base, "domain_gap", domain)[-YEAR:].mean())


def closing_speed(t: Trace, domain: str) -> float:
    """Fall of the mean gap over the last five years, generations a year; none of a single quarter."""
    g = _column(t, t.tracks, "domain_gap", domain)
    span = min(5 * YEAR, len(g) - 1)
    return float((g[-1 - span] - g[-1]) / (span / YEAR)) if span else float("nan")


def parity_year(t: Trace, domain: str) -> float:
    """First year in which the challenger's value added in the domain reaches the parity zone; NaN if it does not."""
    hit = np.flatnonzero(_column(t, t.tracks, "domain_value_ratio", domain) >= t.p.power.parity_lo)
    return float(t.p.time.start_year + hit[0] / YEAR) if len(hit) else float("nan")


def home_value(t: Trace, domain: str) -> float:
    """Value added of the incumbent's firms in the domain over the run, against the path without controls, per cent."""
    with_controls, without = (_column(t, tracks, "domain_value_home", domain).sum() for tracks in (t.tracks, t.base))
    return float(100.0 * (with_controls / max(without, TINY) - 1.0))
