"""Do the four trends of control emerge over seeds? Each arm's change, with an interval over seeds, and a verdict."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from ecsim.strategies.trends import TRENDS

DRAWS, SEED = 2000, 1
LEVEL = (2.5, 97.5)
EMERGES, REVERSES, OPEN, UNSEEN = "emerges", "moves the other way", "not told from chance", "nothing to see"
ENOUGH = 2  # runs, for an interval
PREFIX = "trend_"


def trend_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a trend, arm and year of the end: mean change, its 95% interval (bootstrap over runs), share as the paper says, verdict.

    Args:
        runs: runs of the study, with the column `arm` and one column a trend (`trend_NAME@YEAR`).

    Returns:
        Columns trend, arm, year, runs, change, lo, hi, share, verdict, unit, quantity.
    """
    rows = []
    for name, t in TRENDS.items():
        columns = [c for c in runs.columns if c.startswith(f"{PREFIX}{name}@")]
        for (arm, part), column in product(runs.groupby("arm", sort=False), columns):
            x = part[column].dropna().to_numpy(dtype=float)
            lo, hi = _interval(x)
            rows.append(
                {
                    "trend": name,
                    "arm": arm,
                    "year": column.partition("@")[2],
                    "runs": len(x),
                    "change": float(x.mean()) if len(x) else np.nan,
                    "lo": lo,
                    "hi": hi,
                    "share": float((t.sign * x > 0).mean()) if len(x) else np.nan,
                    "verdict": _verdict(t.sign * np.array([lo, hi]), len(x)),
                    "unit": t.unit,
                    "quantity": t.doc,
                }
            )
    return pd.DataFrame(rows)


def _interval(x: np.ndarray) -> tuple[float, float]:
    """Bootstrap interval of the mean; the value itself where all runs agree, none where there is one run."""
    if len(x) < ENOUGH:
        return float("nan"), float("nan")
    luck = np.random.default_rng(SEED).integers(0, len(x), (DRAWS, len(x)))
    lo, hi = np.percentile(x[luck].mean(axis=1), LEVEL)
    return float(lo), float(hi)


def _verdict(signed: np.ndarray, runs: int) -> str:
    if not runs:
        return UNSEEN
    if runs < ENOUGH:
        return OPEN
    return EMERGES if signed.min() > 0 else REVERSES if signed.max() < 0 else OPEN
