"""The replicates of a study: points of a design over its factors, and seeds at each point.

All policies of a study share the replicates (common random numbers), so that differences between policies are
paired. Seeds are nested in points ("draws"), so that variance from parameters and from chance can be told apart.

Designs: `sobol` is a scrambled Sobol sequence (Owen 1998), which fills the ranges evenly and can be continued, so
that the first draws of a longer study are those of a shorter one; `lhs` a Latin hypercube (McKay et al. 1979);
`morris` trajectories (Morris 1991) and `saltelli` the matrices A, B and AB of Saltelli et al. 2010, both by SALib.
Under the last two, indices compare points with each other, so that all points share their seeds by default.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecsim.errors import UserError
from ecsim.experiment.factors import Factor, factors_of, uncertain, values_at
from ecsim.experiment.settings import MAX_SEEDS, ExperimentConfig

SEEDS_A_STUDY = 1_000_000 * MAX_SEEDS
MOST_SEEDS = 2**63  # that random streams take
MORRIS_LEVELS = 4  # of the grid on which trajectories walk (Campolongo et al. 2007)
STRUCTURED = ("morris", "saltelli")


@dataclass(frozen=True)
class Replicate:
    """One draw and one seed.

    Attributes:
        index: 0, 1, … over draws and their seeds.
        draw: index of the draw.
        seed: seed of the run's random streams.
        values: factors drawn, dotted name -> value.
    """

    index: int
    draw: int
    seed: int
    values: dict[str, float | int]


def replicates(
    study_seed: int, draws: int, seeds: int, wanted: Sequence[str] = (), chosen: Collection[str] = (), idle: Collection[str] = ()
) -> list[Replicate]:
    """The replicates of a study on a Sobol sequence.

    Args:
        study_seed: seed of the study.
        draws: number of draws; 0 leaves all parameters as they are set.
        seeds: number of seeds in a draw.
        wanted: parameters to draw; empty for those that the registry calls uncertain.
        chosen: parameters that the user set: they are not drawn unless wanted by name. The others are drawn as
            they would be otherwise.
        idle: parameters that cannot act: they are not drawn either.
    """
    factors = factors_of(wanted or uncertain())
    kept = [i for i, f in enumerate(factors) if (wanted or f.name not in chosen) and f.name not in idle]
    unit = unit_points("sobol", len(factors), draws, study_seed)[:, kept]
    return _nested(study_seed, values_at([factors[i] for i in kept], unit), seeds, common=False)


def designed(study_seed: int, e: ExperimentConfig, factors: Sequence[Factor]) -> list[Replicate]:
    """The replicates of a study on the design that its settings name.

    Args:
        study_seed: seed of the study.
        e: design, draws and seeds.
        factors: what varies.
    """
    unit = unit_points(e.design, len(factors), e.draws, study_seed)
    common = e.common_seeds if e.common_seeds is not None else e.design in STRUCTURED
    return _nested(study_seed, values_at(factors, unit), e.seeds, common=common)


def unit_points(design: str, k: int, draws: int, study_seed: int) -> np.ndarray:
    """Points of a design in the unit cube, shape (points, k).

    Args:
        design: sobol, lhs, morris or saltelli.
        k: number of factors.
        draws: points; trajectories of k + 1 points under morris; base points under saltelli, of k + 2 points each.
        study_seed: seed of the study.
    """
    if not draws or not k:
        return np.zeros((draws, k))
    from scipy.stats import qmc  # noqa: PLC0415 (a second of loading, which a single run need not wait for)

    rng = np.random.default_rng(study_seed)
    if design == "lhs":
        return np.asarray(qmc.LatinHypercube(k, rng=rng).random(draws))
    if design == "morris":
        from SALib.sample import morris  # noqa: PLC0415 (SALib takes a second to load)

        return np.asarray(morris.sample(problem(k), draws, num_levels=MORRIS_LEVELS, seed=study_seed % 2**32))
    if design == "saltelli":
        return _saltelli(k, draws, study_seed)
    sobol = qmc.Sobol(k, scramble=True, rng=rng)
    return np.asarray(sobol.random_base2((draws - 1).bit_length())[:draws])


def check_base_points(draws: int) -> None:
    """Refuse a number of base points that a Saltelli design cannot have.

    Raises:
        UserError: no power of two.
    """
    if draws < 1 or draws & (draws - 1):
        raise UserError(
            f"experiment.draws: {draws} will not do; accepted: base points of the Sobol design (saltelli), a power of two such as 64"
        )


def _saltelli(k: int, draws: int, study_seed: int) -> np.ndarray:
    """Blocks of k + 2 points: a row of A, it with each column of B in turn, a row of B."""
    check_base_points(draws)
    from SALib.sample import sobol  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(sobol.sample(problem(k), draws, calc_second_order=False, scramble=True, seed=study_seed % 2**32))


def problem(k: int, names: Sequence[str] = ()) -> dict[str, Any]:
    """SALib's description of k factors on the unit cube."""
    return {"num_vars": k, "names": list(names) or [f"x{i}" for i in range(k)], "bounds": [[0.0, 1.0]] * k}


def seed_of(study_seed: int, draw: int, seed: int) -> int:
    """Seed of a run: readable, and another for every draw and seed of a study.

    Two studies share none while they have a million draws or fewer, and seeds below 2**63 / SEEDS_A_STUDY (922 million); beyond, seeds
    begin anew, and may meet.
    """
    return (study_seed * SEEDS_A_STUDY + draw * MAX_SEEDS + seed) % MOST_SEEDS


def _nested(study_seed: int, values: list[dict[str, float | int]], seeds: int, *, common: bool) -> list[Replicate]:
    """Seeds within points; the same at every point where they are common."""
    points: list[dict[str, float | int]] = values or [{}]
    return [
        Replicate(d * seeds + s, d, seed_of(study_seed, 0 if common else d, s), point)
        for d, point in enumerate(points)
        for s in range(seeds)
    ]
