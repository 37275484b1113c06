"""The arms of the report on the four trends: governments that choose, with habit and with anxiety off in turn, and history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ecsim.experiment.plan import Variant
from ecsim.experiment.variants import Compose, distinct

NO_HABIT: Mapping[str, Any] = {
    "government.path_dependence": 0.0,
    "accession.path_dependence": 0.0,
    "documents.path_dependence": 0.0,
}
NO_ANXIETY: Mapping[str, Any] = {
    "government.anxiety": 0.0,
    "accession.threat": 0.0,
    "documents.rate_anxiety": 0.0,
    "documents.tilt": 0.0,
    "documents.security_anxiety": 0.0,
}
ARMS: Mapping[str, Mapping[str, Any]] = {
    "all on": {},
    "no path dependence": NO_HABIT,
    "no anxiety": NO_ANXIETY,
    "neither": {**NO_HABIT, **NO_ANXIETY},
}
HISTORY = "history"


def design(compose: Compose) -> list[Variant]:
    """Governments and allies that choose, in each arm; beside them the record of history, with its allies as they acted."""
    chosen = compose(["policy=endogenous", "alliance=endogenous"]).run
    made = [Variant(replace(chosen, params=chosen.params.with_values(off, arm), label=arm), {"arm": arm}, off) for arm, off in ARMS.items()]
    made.append(Variant(replace(compose(["policy=history", "alliance=none"]).run, label=HISTORY), {"arm": HISTORY}))
    return distinct(made, "trends")
