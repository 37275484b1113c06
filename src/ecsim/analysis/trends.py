"""Do the four trends of control emerge over seeds? Each arm's change, with an interval over seeds, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import LEVEL, holm, mean_interval, p_value
from ecsim.strategies.trends import TRENDS, Trend

EMERGES, REVERSES, OPEN, UNSEEN = "emerges", "moves the other way", "not told from chance", "nothing to see"
PREFIX = "trend_"


def trend_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a trend, arm and year of the end: mean change, its 95% interval, share as the paper says, verdict.

    Intervals are those of all studies (`ecsim.analysis.estimate`). A verdict needs the interval on one side of zero, and p adjusted
    for the trends that are told of one arm and year (Holm) below 5%.

    Args:
        runs: runs of the study, with the column `arm` and one column a trend (`trend_NAME@YEAR`).

    Returns:
        Columns trend, arm, year, runs, change, lo, hi, p, share, unit, quantity, p_holm, verdict.
    """
    rows = []
    for name, t in TRENDS.items():
        columns = [c for c in runs.columns if c.startswith(f"{PREFIX}{name}@")]
        for (arm, part), column in product(runs.groupby("arm", sort=False), columns):
            rows.append({"trend": name, "arm": arm, "year": column.partition("@")[2], **_told(part, column, t)})
    table = pd.DataFrame(rows)
    table["p_holm"] = table.groupby(["arm", "year"])["p"].transform(lambda p: holm(p.to_numpy()))
    table["verdict"] = [_verdict(row) for row in table.to_dict("records")]
    return table


def _told(runs: pd.DataFrame, column: str, t: Trend) -> dict[str, Any]:
    """What the runs of an arm tell of a trend."""
    seen = runs[runs[column].notna()]
    x = seen[column].to_numpy(dtype=float)
    draws = seen["draw"].to_numpy() if "draw" in seen else np.zeros(len(x))  # of one draw, runs are the units
    e = mean_interval(x, draws, key=f"{column} {len(x)}")
    share = float((t.sign * x > 0).mean()) if len(x) else np.nan
    return {
        "runs": len(x),
        "change": e.value,
        "lo": e.lo,
        "hi": e.hi,
        "p": p_value(x, draws),
        "share": share,
        "unit": t.unit,
        "quantity": t.doc,
    }


def _verdict(t: Mapping[str, Any]) -> str:
    """What the interval and the p adjusted for the number of trends tell together."""
    if isnan(t["change"]):
        return UNSEEN
    if not t["p_holm"] < 1 - LEVEL or t["lo"] <= 0 <= t["hi"]:  # also of one run, which has neither
        return OPEN
    return EMERGES if TRENDS[t["trend"]].sign * t["change"] > 0 else REVERSES
