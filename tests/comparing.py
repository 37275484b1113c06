"""Comparisons of constructed runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from ecsim.analysis.compare import Comparison, compare
from ecsim.analysis.text.words import words_of
from synthetic import make_runs

EN = words_of("en")


def runs_of(a: np.ndarray, b: np.ndarray, outcome: str = "gap_mean") -> pd.DataFrame:
    """A table of runs with two policies; arrays of shape draws x seeds."""
    draws, seeds = a.shape
    rows = [
        {"run": 0, "policy": p, "draw": d, "seed": 100 * d + s, "status": "ok", outcome: x[d, s]}
        for p, x in (("a", a), ("b", b))
        for d in range(draws)
        for s in range(seeds)
    ]
    return pd.DataFrame(rows).assign(run=range(len(rows)))


def compare_runs(runs: pd.DataFrame, folder: Path = Path()) -> Comparison:
    from ecsim.analysis.study import Study

    return compare(Study(folder / "nowhere", runs))


@cache
def constructed(draws: int, seeds: int) -> Comparison:
    """The constructed study of so many draws and seeds, compared."""
    return compare_runs(make_runs(draws=draws, seeds=seeds))


def but(c: Comparison, **tables: pd.DataFrame) -> Comparison:
    """The same comparison with other tables."""
    other = Comparison(c.study)
    vars(other).update(tables)
    return other
