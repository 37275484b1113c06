"""The path of anxiety that drives the documents when no model runs: the model's own equations, fed with history.

The equations are those of `ecsim.mechanisms.power`. They start in 2010, so that 2018 begins warm.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from ecsim.documents.calendar import FIRST_YEAR
from ecsim.economy import Array
from ecsim.errors import unknown
from ecsim.mechanisms.power import METRICS, feel
from ecsim.params import Params
from ecsim.world import CHALLENGER, INCUMBENT, World

HISTORY_START = 2010
YEAR = 4  # quarters


@cache
def yearly_ratios() -> dict[str, dict[int, float]]:
    """Measure -> year -> China over the United States, as put in."""
    table: dict[str, dict[int, float]] = {}
    for row in _rows():
        table.setdefault(row["measure"], {})[int(row["year"])] = float(row["ratio"])
    return table


def source_of(measure: str, year: int) -> str:
    """Where a ratio comes from."""
    return next(row["source"] for row in _rows() if (row["measure"], int(row["year"])) == (measure, year))


def _rows() -> list[dict[str, str]]:
    text = resources.files("ecsim.data").joinpath("power_ratios.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def ratio_history(measure: str, params: Params, quarters: int) -> Array:
    """Quarterly power ratio from 2010Q1 to the given number of quarters after the end of 2017.

    Yearly figures stand at mid-year, with straight lines between them; after the last one its mean change
    over `documents.trend_years` continues (an assumption).

    Args:
        measure: one of `ecsim.mechanisms.power.METRICS`; the composite has R&D for technology.
        params: for the weights of the composite.
        quarters: quarters from 2018Q1 on.

    Raises:
        UserError: unknown measure.
    """
    if measure == "composite":
        p = params.power
        parts = {"nominal": p.weight_gdp, "gerd": p.weight_tech, "military": 1.0 - p.weight_gdp - p.weight_tech}
        logs = [weight * np.log(ratio_history(name, params, quarters)) for name, weight in parts.items()]
        return np.asarray(np.exp(np.sum(logs, axis=0)))
    if measure not in yearly_ratios():
        raise unknown("anxiety", "measure of power", measure, METRICS)
    series = yearly_ratios()[measure]
    last, years = max(series), params.documents.trend_years
    drift = (series[last] - np.interp(last - years, list(series), list(series.values()))) / years
    middle = HISTORY_START + (2 * np.arange(YEAR * (FIRST_YEAR - HISTORY_START) + quarters) + 1) / (2.0 * YEAR)
    inside = np.interp(middle, np.array(list(series)) + 1 / 2, list(series.values()))
    return np.asarray(inside + drift * np.maximum(middle - last - 1 / 2, 0.0))


def anxiety_path(params: Params, quarters: int, measure: str = "gerd") -> Array:
    """Anxiety of the incumbent by quarter from 2018Q1, shape (quarters,), by the equations of the model.

    Catch-up in controlled products has no yearly history and is left at zero here.
    """
    ratios = ratio_history(measure, params, quarters)
    path = np.tile(ratios[:, None], (1, len(METRICS)))
    world: Any = SimpleNamespace(
        params=params,
        quarter=0,
        ratio_path=path,
        gap_path=np.zeros((len(ratios), 1)),
        anxiety=np.full(2, params.documents.middle),
        unease=np.full(1, params.documents.middle),
        dissatisfaction=np.zeros(2),
        denied_share=np.zeros(1),
        conflict=np.zeros(1),
    )
    assert {INCUMBENT, CHALLENGER} == {0, 1}
    felt = np.empty(len(ratios))
    for world.quarter in range(len(ratios)):
        feel.run(cast(World, world))
        felt[world.quarter] = world.anxiety[INCUMBENT]
    return felt[-quarters:]
