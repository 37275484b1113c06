"""Runs in which governments choose, on one small economy with one path without controls."""

from __future__ import annotations

from functools import cache
from typing import Any

from ecsim import population
from ecsim.baseline import Baseline
from ecsim.config import compose
from ecsim.course import baseline_of
from ecsim.economy import Economy
from ecsim.model import ExportControlModel

SMALL = ("economy=small",)
YEARS = "time.quarters=40"


@cache
def ground(quarters: str = YEARS) -> tuple[Economy, Baseline]:
    """The economy, and its path without controls."""
    params = compose((*SMALL, quarters)).run.params
    economy = population.build(params)
    return economy, baseline_of(params, 1, economy)


def model(*words: str, players: Any = None) -> ExportControlModel:
    """A model of the configuration, ten years long; other players than configured where given."""
    economy, baseline = ground()
    config = compose((*SMALL, YEARS, *words)).run
    if players is None:
        return ExportControlModel.from_config(config, economy=economy, baseline=baseline if config.seed == 1 else None)
    return ExportControlModel(config.params, config.seed, players, economy=economy, baseline=baseline)


@cache
def moves(*words: str) -> tuple[Any, ...]:
    """The moves of a run."""
    m = model(*words)
    m.run()
    return tuple(move for move, _ in m.moves)
