"""Yearly series as the state layer reads them, by quarter: power ratios, relations, trade and its imbalance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecsim.data.longrun import CHALLENGERS, FIRST_YEAR, LAST_YEAR
from ecsim.economy import Array
from ecsim.errors import UserError
from ecsim.mechanisms.power import METRICS
from ecsim.params import Params

QUARTERS = 4 * (LAST_YEAR - FIRST_YEAR + 1)
BEFORE_2018 = 4 * (2018 - FIRST_YEAR)  # quarters from the start to the first of the present model
YARDSTICK = 2018  # the distance of China in this year counts as full hostility: the present model knows no other


@dataclass(frozen=True, eq=False)
class Inputs:
    """What is given from outside. Q quarters, C challengers.

    Attributes:
        ratio: power ratio by measure in the order of `METRICS`, (Q, 4, C); nominal GDP is not known and stands at PPP.
        cinc: Composite Index of National Capability over the incumbent's, (Q, C).
        hostility: distance in the General Assembly over that of China in 2018, 0 for an ally, (Q, C).
        exports: share of the incumbent's goods exports that a challenger buys, (Q, C).
        imbalance: imports less exports of the incumbent over their sum, goods, (Q,).
        ally: whether a challenger has a defence pact with the incumbent, (Q, C).
    """

    ratio: Array
    cinc: Array
    hostility: Array
    exports: Array
    imbalance: Array
    ally: Array


def inputs(series: pd.DataFrame, params: Params, values: Mapping[int, float] | None = None) -> Inputs:
    """The series by quarter: yearly figures at mid-year, straight lines between them, the ends held.

    Args:
        series: as `ecsim.data.longrun.load_series` gives it.
        params: for the weights of the composite.
        values: row of the series -> another value, to draw assumptions within their ranges.

    Raises:
        UserError: a measure of power that has no long series.
    """
    for key in (params.power.metric, params.documents.metric):
        if key == "nominal":
            raise UserError(f"power.metric: '{key}' has no series before 2010; accepted: {', '.join(m for m in METRICS if m != 'nominal')}")
    table = series if values is None else series.assign(value=pd.Series(values).reindex(series.index).fillna(series["value"]))
    known = {key: (part["year"].to_numpy(float) + 0.5, part["value"].to_numpy(float)) for key, part in table.groupby(["state", "variable"])}
    when = FIRST_YEAR + (np.arange(QUARTERS) + 0.5) / 4.0

    def by_state(variable: str) -> Array:
        return np.stack([np.interp(when, *known[state, variable]) for state in CHALLENGERS], axis=1)

    gdp, military = by_state("gdp"), np.maximum(by_state("milex"), 1e-4)
    research = gdp * by_state("rd") / np.interp(when, *known["USA", "rd"])[:, None]
    p = params.power
    composite = gdp**p.weight_gdp * research**p.weight_tech * military ** (1.0 - p.weight_gdp - p.weight_tech)
    by_metric = {"composite": composite, "nominal": gdp, "ppp": gdp, "gerd": research}
    distance, ally = by_state("distance"), by_state("ally")
    full = np.interp(YARDSTICK + 0.5, *known["CHN", "distance"])
    return Inputs(
        ratio=np.stack([by_metric[m] for m in METRICS], axis=1),
        cinc=by_state("cinc"),
        hostility=np.maximum(distance, 0.0) / full * (1.0 - ally),
        exports=np.maximum(by_state("exports"), 0.0),
        imbalance=np.interp(when, *known["USA", "imbalance"]),
        ally=ally,
    )
