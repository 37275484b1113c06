"""What analysis must know of an outcome: unit, purpose, which way is better for the controller, how NaN reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecsim.outcomes import IN, OUTCOMES

PURPOSES = ("hinder", "lock_in", "contain")
COSTS = ("cost_home", "cost_allies", "cost_world", "leverage", "dissatisfaction")
GROUPS = (*PURPOSES, *COSTS, "domains", "other")

# One outcome stands for each purpose and each cost where only one can be shown.
HEADLINE = {
    "hinder": "unmet_need",
    "lock_in": "gap_added",
    "contain": "power_ratio_change",
    "cost_home": "home_revenue",
    "cost_allies": "ally_revenue",
    "cost_world": "world_value",
    "leverage": "leverage",
    "dissatisfaction": "dissatisfaction",
}

# A missing value of these means "not within the horizon", that is, later than any date seen.
NEVER = frozenset(name for name in OUTCOMES if name.partition(IN)[0] == "parity_year")


@dataclass(frozen=True)
class Measure:
    """What analysis knows of an outcome.

    Attributes:
        name: name of the outcome.
        unit: unit as stored.
        purpose: one of `GROUPS`.
        better: +1 when more serves the controller, -1 when less does, 0 when neither.
        doc: what it is.
    """

    name: str
    unit: str
    purpose: str
    better: int
    doc: str = ""


MEASURES: dict[str, Measure] = {o.name: Measure(o.name, o.unit, o.purpose, o.better, o.doc) for o in OUTCOMES.values()}


def measure(name: str) -> Measure:
    """What is known of an outcome; an unknown one is neutral and without unit."""
    return MEASURES.get(name, Measure(name, "", "other", 0))


def comparable(name: str, values: np.ndarray) -> np.ndarray:
    """Values for "which is larger": a date that was never reached counts as later than any other."""
    values = np.asarray(values, dtype=float)
    return np.where(np.isnan(values), np.inf, values) if name in NEVER else values


def sort_outcomes(names: object) -> list[str]:
    """Outcomes by purpose, in the order of the registry; unknown ones last."""
    known = list(MEASURES)
    given = [str(n) for n in names]  # type: ignore[attr-defined]
    rank = {n: (GROUPS.index(MEASURES[n].purpose), known.index(n)) for n in known}
    return sorted(given, key=lambda n: rank.get(n, (len(GROUPS), 0)))
