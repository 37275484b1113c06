"""The tables of the study: parameters against published numbers, instruments against objectives, yearly series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecsim.analysis.documents.fit import CONSTANTS, MECHANISMS, TESTED, YEARLY
from ecsim.analysis.documents.summary import YEARS, Summary
from ecsim.analysis.documents.targets import INTERVAL
from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, instruments
from ecsim.economy import Array

STATEMENTS_W9 = 2 * (len(YEARS) - 1) + 2  # largest, and above 30%, in each of seven years; 2018; the trend
TOTALS = {"W1": 1, "W4": 1, "W5": N_INSTRUMENTS - 1, "W6": 0, "W10": 1, "W13": 1, "W14": 2}  # W6 follows from W5
BANDS = (5.0, 25.0, 50.0, 75.0, 95.0)


def ledger() -> pd.DataFrame:
    """Free parameters against independent published moments, by block.

    Columns: block, parameters, numbers, statements, what they are.
    """
    rows = [
        ("constants", len(CONSTANTS), sum(TOTALS.values()), 0, "one constant a published total: exactly identified, tests nothing"),
        ("mechanisms", len(MECHANISMS), len(YEARLY), STATEMENTS_W9, "fitted to yearly numbers (W2 W3 W7 W8 W11 W12 D1) and W9"),
        ("hypotheses", len(TESTED), 0, 0, "path dependence and the pull of anxiety: set to the posterior median, not fitted"),
        ("checks", 0, 4, 6, "W15 to W20, D2, D3: not used"),
    ]
    return pd.DataFrame(rows, columns=["block", "parameters", "numbers", "statements", "note"])


def ledger_text() -> str:
    """The count of parameters and moments in words."""
    mechanisms = len(MECHANISMS) + len(TESTED)
    totals, yearly = sum(TOTALS.values()), len(YEARLY)

    def against(moments: int) -> str:
        return f"{'at most' if 2 * mechanisms <= moments else 'more than'} half of {moments}"

    return (
        f"{len(CONSTANTS)} constants answer {totals} independent published totals one to one: matched by construction.\n"
        f"{len(MECHANISMS)} fitted mechanisms and {len(TESTED)} tested hypotheses, {mechanisms} parameters, stand against {yearly} yearly "
        f"numbers and {STATEMENTS_W9} statements: {against(yearly + STATEMENTS_W9)} moments; {against(yearly)} where numbers alone count.\n"
        f"In all {len(CONSTANTS) + mechanisms} parameters against {totals + yearly} numbers and {STATEMENTS_W9} statements."
    )


def framework(s: Summary) -> pd.DataFrame:
    """The two-dimensional table: objectives stated by clauses of each class of instrument, mean over runs.

    Columns: class, security, development (counts with 90% intervals), security_share (percent).
    """
    rows = []
    for n, name in enumerate((*CLASSES, "all")):
        counts = s.table[:, n] if n < len(CLASSES) else s.table.sum(axis=1)
        row: dict[str, object] = {"class": name}
        for k, goal in enumerate(("security", "development")):
            lo, hi = np.percentile(counts[:, k], INTERVAL)
            row |= {goal: counts[:, k].mean(), f"{goal}_lo": lo, f"{goal}_hi": hi}
        row["security_share"] = 100.0 * counts[:, 0].mean() / counts.sum(axis=1).mean()
        rows.append(row)
    return pd.DataFrame(rows)


def yearly_series(s: Summary) -> pd.DataFrame:
    """Series of the paper's figures 2, 6 and 7. Columns: figure, series, year, mean, p5, p25, p50, p75, p95."""
    series: list[tuple[str, str, Array]] = [("2", "documents", s.by_year)]
    series += [("6", c, s.class_shares[..., n]) for n, c in enumerate(CLASSES)]
    series += [("7", goal, s.goals[..., n]) for n, goal in enumerate(("security", "development"))]
    series += [("7", "security share", s.security), ("7", "development share", 100.0 - s.security)]
    rows = []
    for figure, name, values in series:
        bands = np.nanpercentile(values, BANDS, axis=0)
        for y, year in enumerate(YEARS):
            quantiles = {f"p{int(b)}": bands[k, y] for k, b in enumerate(BANDS)}
            rows.append({"figure": figure, "series": name, "year": year, "mean": np.nanmean(values[:, y]), **quantiles})
    return pd.DataFrame(rows)


def catalogue() -> pd.DataFrame:
    """The 18 instruments: class, names in English and Chinese, count, and what each acts on."""
    return pd.DataFrame(
        {
            "class": i.cls,
            "class_zh": i.class_zh,
            "instrument": i.id,
            "name_en": i.name_en,
            "name_zh": i.name_zh,
            "count": i.count,
            "acts_on": ", ".join(f"{lever} {weight:g}" for lever, weight in i.effects.items()),
        }
        for i in instruments()
    )


def as_text(table: pd.DataFrame, decimals: int = 1) -> str:
    """A table in fixed width for a terminal."""
    return str(table.to_string(index=False, float_format=lambda x: f"{x:.{decimals}f}", na_rep=""))
