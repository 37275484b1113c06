"""The layer over draws of what is uncertain: parameters of the state layer, and assumptions in the series, within their ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ecsim.longrun.inputs import Inputs, inputs
from ecsim.longrun.layer import Layer, Path
from ecsim.longrun.letters import Letters
from ecsim.mechanisms.power import METRICS
from ecsim.params import REGISTRY, Params

GROUPS = ("power", "government", "accession", "long")
KEPT = (  # under test, of the coding of the record, or of a choice that the layer does not make: of single rules, of undoing
    *("long.pressure", "long.gain", "long.start_soviet", "long.start_china"),
    *("government.availability", "government.reversal", "accession.hub_retaliation"),
)
Drawn = tuple[Params, dict[int, float]]  # parameters, and values of assumptions in the series by row
MEASURES = ("composite", "ppp", "gerd", "cinc")


def draws(params: Params, series: pd.DataFrame, n: int, seed: int = 1) -> list[Drawn]:
    """Parameters and series of each draw; the first is the default in everything. What differs from its default stays as it is.

    Args:
        params: as the user set them.
        n: number of draws.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    names = [
        i.name
        for i in REGISTRY.values()
        if i.name.split(".")[0] in GROUPS
        and isinstance(i.default, float)
        and i.lo is not None
        and i.name not in KEPT
        and params.flat()[i.name] == i.default
    ]
    loose = series.index[(series["basis"] == "assumption") & series["lo"].notna()]
    made: list[Drawn] = [(params, {})]
    for _ in range(n - 1):
        values = {name: float(rng.uniform(REGISTRY[name].lo or 0.0, REGISTRY[name].hi or 0.0)) for name in names}
        numbers = rng.uniform(series.loc[loose, "lo"], series.loc[loose, "hi"])
        made.append((params.with_values(values), dict(zip(loose, numbers, strict=True))))
    return made


def measured(given: Inputs, measure: str) -> Inputs:
    """The inputs with one measure of power in the place of all; the composite leaves them as they are."""
    if measure == "composite":
        return given
    ratio = given.cinc if measure == "cinc" else given.ratio[:, METRICS.index(measure)]
    return replace(given, ratio=np.repeat(ratio[:, None, :], given.ratio.shape[1], axis=1))


def paths(
    made: list[Drawn],
    series: pd.DataFrame,
    *,
    beta: bool = True,
    measure: str = "composite",
    pressure: float = 0.0,
) -> list[Path]:
    """The path of each draw.

    Args:
        beta: False sets path dependence to zero.
        measure: of power, in place of that of the parameters ("composite" leaves it).
        pressure: effect of the trade imbalance on the weight of revenue, in place of the parameter where above zero.
    """
    found = []
    for params, values in made:
        p = params.with_values({"long.pressure": pressure}) if pressure else params
        found.append(Layer(measured(inputs(series, p, values), measure), p, beta=beta).run())
    return found


def coupled(params: Params, series: pd.DataFrame, seed: int = 1) -> tuple[Path, Letters]:
    """The path at given parameters with the administration that its own documents build up, and those documents."""
    given = inputs(series, params)
    bare = Layer(given, params)
    first = bare.run()
    threat = np.array([bare.threat(q, first.anxiety[q]).max() for q in range(len(first.anxiety))])
    letters = Letters(threat, params, seed)
    return Layer(given, params, letters.capacity).run(), letters
