"""Bands of time series: quantiles over parameter draws and over seeds, kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

BAND = (0.05, 0.95)


def bands(series: pd.DataFrame) -> pd.DataFrame:
    """Median and two bands of a series at each quarter, by policy and key.

    The parameter band holds the quantiles of the draw means (mean over the seeds of a draw). The seed band is
    the median plus the quantiles of the deviations of runs from their draw's mean, stretched by
    sqrt(k / (k - 1)) for the k seeds that the mean was taken from; NaN when no draw has two seeds.

    Args:
        series: rows of `Study.series`.

    Returns:
        policy, key, quarter, median, parameters_lo, parameters_hi, seeds_lo, seeds_hi, runs.
    """
    if series.empty:
        return pd.DataFrame(
            columns=["policy", "key", "quarter", "median", "parameters_lo", "parameters_hi", "seeds_lo", "seeds_hi", "runs"]
        )
    groups = ["policy", "key", "quarter"]
    by_draw = series.groupby([*groups, "draw"], sort=False)["value"].agg(["mean", "count"]).reset_index()
    over = by_draw.groupby(groups, sort=False)["mean"]
    table = pd.DataFrame({"median": over.median(), "parameters_lo": over.quantile(BAND[0]), "parameters_hi": over.quantile(BAND[1])})
    one_draw = over.count() < 2
    table.loc[one_draw, ["parameters_lo", "parameters_hi"]] = np.nan
    runs = series.merge(by_draw, on=[*groups, "draw"])
    stretch = np.sqrt(runs["count"] / (runs["count"] - 1).where(runs["count"] > 1))
    runs["deviation"] = (runs["value"] - runs["mean"]) * stretch
    spread = runs.groupby(groups, sort=False)["deviation"]
    table["seeds_lo"] = table["median"] + spread.quantile(BAND[0])
    table["seeds_hi"] = table["median"] + spread.quantile(BAND[1])
    table["runs"] = runs.groupby(groups, sort=False)["value"].count()
    return table.reset_index()


def paired_series(series: pd.DataFrame, base: str) -> pd.DataFrame:
    """A series less that of a base policy in the same replicate; the base itself and unpaired runs are left out."""
    keys = ["draw", "seed", "key", "quarter"]
    origin = series[series["policy"] == base].groupby(keys)["value"].mean().rename("base").reset_index()
    rows = series[series["policy"] != base].merge(origin, on=keys, how="inner")
    rows["value"] = rows["value"] - rows["base"]
    return rows.drop(columns="base")


def last_year(series: pd.DataFrame) -> pd.DataFrame:
    """Mean over the last four quarters of each run and key: run, policy, draw, seed, key, value."""
    if series.empty:
        return series.drop(columns="quarter")
    recent = series[series["quarter"] > series["quarter"].max() - 4]
    return recent.groupby(["run", "policy", "draw", "seed", "key"], sort=False)["value"].mean().reset_index()


def spread(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean over draws with the 5% and 95% quantiles of the draw means: `by` columns, mean, lo, hi, draws. Of one draw, over its seeds."""
    over = "draw" if table["draw"].nunique() > 1 else "seed"
    unit = table.groupby([*by, over], sort=False)["value"].mean().groupby(by, sort=False)
    out = pd.DataFrame({"mean": unit.mean(), "lo": unit.quantile(BAND[0]), "hi": unit.quantile(BAND[1]), "draws": unit.count()})
    out.loc[out["draws"] < 2, ["lo", "hi"]] = np.nan
    return out.reset_index()
