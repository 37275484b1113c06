"""The units of outcomes, those by year among them, and the difference in each that is too small to count."""

from __future__ import annotations

from collections.abc import Mapping

# Assumption, all of them: about the last digit that tables print, well below what policies differ by. One event more or one
# product of the chain counts; of a date, a year; of a price index or a share, half a percent.
MARGIN: Mapping[str, float] = {
    "%": 0.05,
    "generations": 0.05,
    "generations/year": 0.005,
    "ratio": 0.005,
    "0..1": 0.005,
    "1": 0.005,
    "relative": 0.005,
    "share of products": 0.005,
    "USD bn": 1.0,
    "count": 0.5,
    "0 or 1": 0.5,
    "year": 0.5,
    "months": 1.5,
}
