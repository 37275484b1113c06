"""A stand-in for the model that takes no time, importable by worker processes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ecsim.outcomes import OUTCOMES


def simulate(config: Any, baseline: Any) -> SimpleNamespace:
    """A run that takes no time: every outcome is there."""
    return SimpleNamespace(outcomes=dict.fromkeys(OUTCOMES, float(config.seed)), baseline=baseline)
