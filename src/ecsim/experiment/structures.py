"""The main comparison under other structures of the model: which findings rest on a modelling choice.

Every structure has every policy on the same draws and seeds, and each is measured against the path without controls
under the same structure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecsim.experiment.arms import Switch
from ecsim.experiment.plan import Variant
from ecsim.experiment.variants import Compose, distinct, policies

AS_IS = "as it is"
POLICIES = ("none", "small_yard", "small_yard alliance=allies", "blanket")

STRUCTURES: Mapping[str, Switch] = {
    AS_IS: Switch("partially binding inputs, composite power, adaptation and ceiling on"),
    "leontief": Switch("every input is critical", {"production.form": "leontief"}),
    "ces": Switch("inputs replace each other with constant elasticity", {"production.form": "ces"}),
    "linear": Switch("inputs replace each other in proportion to cost", {"production.form": "linear"}),
    "power: nominal": Switch("power is nominal GDP", {"power.metric": "nominal"}),
    "power: ppp": Switch("power is GDP at purchasing power", {"power.metric": "ppp"}),
    "power: gerd": Switch("power is R&D expenditure", {"power.metric": "gerd"}),
    "no adaptation": Switch("firms keep their suppliers, stocks and designs", {"adaptation.enabled": False}),
    "no ceiling": Switch("technology is not capped by what is embodied in inputs", {"innovation.ceiling": False}),
}


def design(compose: Compose) -> list[Variant]:
    """Every policy under every structure; policies of a structure stand together, because they share a baseline."""
    runs = [v.config for v in policies(compose, POLICIES, set())]
    made = []
    for name, structure in STRUCTURES.items():
        for run in runs:
            changed = replace(structure.apply(run), label=run.label if name == AS_IS else f"{run.label}/{name}")
            made.append(Variant(changed, {"arm": run.label, "structure": name}, structure.params))
    return distinct(made, "structure")
