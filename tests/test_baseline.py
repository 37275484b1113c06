"""Frozen headline outcomes: a change that moves numbers is seen, and told in the changelog.

If this fails and the change is meant: mark it **numbers** in CHANGELOG.md and run `./dev python tests/test_baseline.py`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import ecsim

FROZEN = Path(__file__).parent / "baseline.json"
POLICIES = {"none": (), "small_yard": (), "small_yard+allies": ("alliance=allies",), "blanket": (), "history": ()}
HEADLINE = (
    "unmet_need",
    "gap_mean",
    "gap_added",
    "power_ratio",
    "home_revenue",
    "home_rd",
    "ally_revenue",
    "leverage",
    "self_sufficiency",
    "diverted",
)
CLOSE = 1e-6


def outcomes(label: str) -> dict[str, float | None]:
    """Headline outcomes of a policy at seed 1; None for what has no value."""
    found = ecsim.run(label.partition("+")[0], *POLICIES[label], seed=1).outcomes
    return {name: float(f"{found[name]:.10g}") if math.isfinite(found[name]) else None for name in HEADLINE}


@pytest.mark.parametrize("label", POLICIES)
def test_headline_outcomes_are_those_frozen(label: str) -> None:
    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))[label]
    assert outcomes(label) == pytest.approx(frozen, rel=CLOSE, abs=CLOSE), __doc__


def test_the_changelog_flags_numerical_changes() -> None:
    assert "**numbers**" in (FROZEN.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")


if __name__ == "__main__":
    FROZEN.write_text(json.dumps({label: outcomes(label) for label in POLICIES}, indent=1) + "\n", encoding="utf-8")
