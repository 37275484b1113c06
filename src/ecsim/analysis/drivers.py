"""Which uncertain parameter a difference between two policies goes with: rank correlations over parameter draws.

A correlation over draws that fill the ranges evenly is a screen, not a variance decomposition: it sees monotone
effects of one parameter at a time. Intervals by Fisher's z with the correction of Bonett and Wright 2000.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
import scipy

from ecsim.analysis.estimate import LEVEL, holm
from ecsim.analysis.paired import paired
from ecsim.economy import Array

FEWEST = 12  # draws


def drivers_table(runs: pd.DataFrame, parameters: Iterable[str], outcomes: Iterable[str], contrast: tuple[str, str]) -> pd.DataFrame:
    """Rank correlation of each drawn parameter with the paired difference: outcome, parameter, rho, lo, hi, p, p_holm, draws.

    p_holm is adjusted over the whole table. Empty with fewer than `FEWEST` draws. Parameters and differences that do not vary are left out.
    """
    names, labels = list(outcomes), list(parameters)
    shared = paired(runs, names, *contrast)
    values = runs.groupby("draw")[labels].first() if labels else pd.DataFrame()
    rows = []
    for outcome in names:
        delta = pd.Series(shared.delta(outcome)).groupby(shared.draws).mean().dropna()
        if len(delta) < FEWEST or np.ptp(delta.to_numpy()) == 0:
            continue
        for parameter in labels:
            x = pd.to_numeric(values[parameter], errors="coerce").reindex(delta.index).to_numpy(dtype=float)
            if np.isfinite(x).all() and np.ptp(x) > 0:
                rho, lo, hi = rank_correlation(x, delta.to_numpy())
                p = float(scipy.stats.spearmanr(x, delta.to_numpy()).pvalue)
                rows.append({"outcome": outcome, "parameter": parameter, "rho": rho, "lo": lo, "hi": hi, "p": p, "draws": len(delta)})
    table = pd.DataFrame(rows)
    return table.assign(p_holm=holm(table["p"].to_numpy())) if len(table) else table


def rank_correlation(x: Array, y: Array) -> tuple[float, float, float]:
    """Spearman's rho with its interval.

    Args:
        x, y: shape n, finite, n > 3.
    """
    rho = float(scipy.stats.spearmanr(x, y).statistic)
    width = float(scipy.stats.norm.ppf((1 + LEVEL) / 2)) * math.sqrt((1 + rho * rho / 2) / (len(x) - 3))
    z = math.atanh(min(max(rho, -1 + 1e-9), 1 - 1e-9))
    return rho, math.tanh(z - width), math.tanh(z + width)
