"""Outcomes by year, asked for by name: NAME:KEY:KEY@YEAR, or @YEAR/YEAR for the ratio of two years.

For example `imports:tools:JPN@2023/2022` is what the challenger imports of chip tools from Japan, 2023 over 2022. They
cost nothing unless they are named in `experiment.yearly` or in a file of targets. A quarter (2022Q4) may stand for a
year; flows are then at a yearly rate, and dates and lags count from that quarter on. A product may be a product of the
chain, a group (tools, chips) or all; a state a code, a side (incumbent, ally, third, foreign) or all.
"""

from __future__ import annotations

from ecsim.yearly.asking import NotThere, check, compute, parse, tracks_for
from ecsim.yearly.table import YEARLY

__all__ = ["YEARLY", "NotThere", "check", "compute", "parse", "tracks_for"]
