"""Baseline paths of states: yearly series as quarters, carried on by declared growth."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecsim.data import Tables
from ecsim.economy import Array
from ecsim.params import Population

FIRST, LAST = 2018, 2050
YEAR = 4  # quarters
MIDDLE = 1.5  # a year's value stands in the middle of its four quarters
PERCENT = 100.0
KNOWN_TO = 2024  # last year of the data


@lru_cache(maxsize=16)
def quarterly(data: Tables, variable: str, p: Population) -> Array:
    """A variable of `state_paths` by quarter from 2018Q1 to 2050Q4, shape (T, S).

    Between years log-linear; after the last value of a state it grows by `path_growth`, fading to
    `population.growth_long_run`.
    """
    growth = data.path_growth[data.path_growth["variable"] == variable].set_index("state")["growth"]
    table = data.state_paths[data.state_paths["variable"] == variable].sort_values("year")
    of, years, values = (table[c].to_numpy() for c in ("state", "year", "value"))
    result = np.stack([_one(years[of == s], values[of == s], float(growth[s]), p) for s in data.states["state"]], axis=1)
    result.setflags(write=False)  # shared by all economies of the same tables
    return result


def _one(known: Array, values: Array, growth: float, p: Population) -> Array:
    years = np.arange(FIRST, LAST + 1, dtype=float)
    last = float(known[-1])
    log = np.interp(years, known, np.log(values))
    beyond = np.maximum(years - last, 0.0)
    long_run, fade = p.growth_long_run, p.growth_fade
    rate = long_run * beyond + (growth - long_run) * fade * (1.0 - np.exp(-beyond / fade))
    log += rate / PERCENT
    quarters = np.arange(YEAR * len(years))
    at = YEAR * (years - FIRST) + MIDDLE
    inner = np.interp(quarters, at, log)
    first, final = (log[1] - log[0]) / YEAR, (log[-1] - log[-2]) / YEAR
    inner += np.where(quarters < at[0], (quarters - at[0]) * first, 0.0) + np.where(quarters > at[-1], (quarters - at[-1]) * final, 0.0)
    return np.asarray(np.exp(inner))


def yearly(data: Tables, variable: str) -> Array:
    """A variable of `power_series` by quarter, the same in the four quarters of a year, NaN where unknown, shape (T, S)."""
    table = data.power_series[data.power_series["variable"] == variable]
    wide = table.pivot(index="year", columns="state", values="value")
    wide = wide.reindex(index=range(FIRST, LAST + 1), columns=list(data.states["state"]))
    return np.repeat(wide.to_numpy(dtype=float), YEAR, axis=0)


def demand_growth(data: Tables, p: Population, until: int = KNOWN_TO) -> Array:
    """Growth of each state's demand above the world's, per quarter, shape S: that of real GDP (at purchasing power) 2018 to `until`."""
    path = quarterly(data, "gdp_ppp", p)
    span = YEAR * (until - FIRST)
    world = np.log(path[span].sum() / path[0].sum())
    result: Array = (np.log(path[span] / path[0]) - world) / span
    return result
