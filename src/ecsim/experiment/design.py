"""The replicates of a study: draws of the uncertain parameters, and seeds within each draw.

All policies of a study share the replicates (common random numbers), so that differences between policies are
paired. Seeds are nested in draws, so that variance from parameters and from chance can be told apart. Draws are
a scrambled Sobol sequence (Owen 1998), which fills the ranges evenly and can be continued: the first draws of a
longer study are those of a shorter one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from ecsim.experiment.settings import MAX_SEEDS
from ecsim.params import REGISTRY

SEEDS_A_STUDY = 1_000_000 * MAX_SEEDS


@dataclass(frozen=True)
class Replicate:
    """One draw and one seed.

    Attributes:
        index: 0, 1, … over draws and their seeds.
        draw: index of the draw.
        seed: seed of the run's random streams.
        values: parameters drawn, dotted name -> value.
    """

    index: int
    draw: int
    seed: int
    values: dict[str, float | int]


def replicates(study_seed: int, draws: int, seeds: int, wanted: Sequence[str] = (), chosen: Collection[str] = ()) -> list[Replicate]:
    """The replicates of a study.

    Args:
        study_seed: seed of the study.
        draws: number of draws; 0 leaves all parameters as they are set.
        seeds: number of seeds in a draw.
        wanted: parameters to draw; empty for those that the registry calls uncertain.
        chosen: parameters that the user set: they are not drawn unless wanted by name. The others are drawn as
            they would be otherwise.
    """
    names = list(wanted) or [name for name, info in REGISTRY.items() if info.uncertain]
    kept = [i for i, name in enumerate(names) if wanted or name not in chosen]
    table = draw_parameters(study_seed, draws, names)
    values = [{names[i]: _in_range(names[i], row[i]) for i in kept} for row in table] or [{}]
    return [Replicate(d * seeds + s, d, seed_of(study_seed, d, s), values[d]) for d in range(max(draws, 1)) for s in range(seeds)]


def draw_parameters(study_seed: int, draws: int, names: Sequence[str]) -> np.ndarray:
    """Draws in the unit cube, shape (draws, parameters)."""
    if not draws or not names:
        return np.zeros((draws, len(names)))
    sobol = qmc.Sobol(len(names), scramble=True, rng=np.random.default_rng(study_seed))
    return np.asarray(sobol.random_base2((draws - 1).bit_length())[:draws])


def seed_of(study_seed: int, draw: int, seed: int) -> int:
    """Seed of a run: readable, and another for every draw and seed of every study."""
    return study_seed * SEEDS_A_STUDY % 2**63 + draw * MAX_SEEDS + seed


def _in_range(name: str, u: float) -> float | int:
    """The value of a parameter at a point of (0, 1), uniform over its plausible range."""
    info = REGISTRY[name]
    assert info.lo is not None and info.hi is not None
    value = info.lo + (info.hi - info.lo) * float(u)
    return round(value) if isinstance(info.default, int) else value
