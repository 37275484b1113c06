"""What a user sets of a study: how many runs, of which policies, and where they are computed."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.errors import UserError, unknown

LAUNCHERS = ("processes", "serial", "dask")
DESIGNS = ("sobol", "lhs", "morris", "saltelli")
MAX_SEEDS = 10_000  # a draw; see design.seed_of


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """How many runs.

    Attributes:
        draws: draws of the uncertain parameters; 0 for none: parameters as they are set.
        seeds: seeds of the random streams for each draw.
        workers: processes; None for one for each core.
        policies: labels of the policies compared; empty for the one that `policy` names.
        uncertain: what is drawn: parameters, shares such as alliance.participation, or patterns such as innovation.*, or "decisive" for
            the parameters that the registry calls uncertain; empty for the same.
        design: how they are drawn: sobol (a sequence), lhs (Latin hypercube), morris (draws are trajectories) or
            saltelli (draws are base points, a power of two).
        common_seeds: all draws share their seeds; None for yes under morris and saltelli only.
        screen: of a sensitivity study: trajectories of the Morris screen before it; 0 for none.
        keep: of a sensitivity study: how many factors go on from the screen.
        fail_fast: stop at the first run that fails.
        series: store time series, events and flows beside the outcomes.
        yearly: outcomes by year, such as imports:tools:JPN@2023 (`ecsim describe yearly`).
        heights: of a factorial: denial at which each package is run for the comparison at equal cost.
        participation: of a factorial and a study of the alliance: shares of supply whose makers join.
        delays: of a study of the alliance: quarters from the first control to everybody's adoption.
    """

    draws: int = 0
    seeds: int = 1
    workers: int | None = None
    policies: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    design: str = "sobol"
    common_seeds: bool | None = None
    screen: int = 0
    keep: int = 8
    fail_fast: bool = False
    series: bool = True
    yearly: tuple[str, ...] = ()
    heights: tuple[float, ...] = ()
    participation: tuple[float, ...] = ()
    delays: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _at_least("experiment.draws", self.draws, 0)
        _at_least("experiment.seeds", self.seeds, 1)
        _at_least("experiment.screen", self.screen, 0)
        _at_least("experiment.keep", self.keep, 1)
        if self.seeds > MAX_SEEDS:
            raise UserError(
                f"experiment.seeds: {self.seeds} is too many; accepted: up to {MAX_SEEDS} for each draw (raise experiment.draws)"
            )
        if self.workers is not None:
            _at_least("experiment.workers", self.workers, 1)
        for key in ("heights", "participation"):
            if not all(0 <= value <= 1 for value in getattr(self, key)):
                raise UserError(f"experiment.{key}: {list(getattr(self, key))} will not do; accepted: numbers from 0 to 1")
        if self.design not in DESIGNS:
            raise unknown("experiment.design", "design", self.design, DESIGNS)
        if any(lag < 0 for lag in self.delays):
            raise UserError(f"experiment.delays: {list(self.delays)} will not do; accepted: quarters, 0 or more")
        if len(set(self.policies)) < len(self.policies):
            raise UserError(f"experiment.policies: a policy is named twice in {list(self.policies)}; accepted: each once")


@dataclass(frozen=True, kw_only=True)
class CalibrateConfig:
    """How `ecsim calibrate` searches.

    Attributes:
        blocks: what is fitted, in this order: chain, wave, documents.
        seeds: runs at each point, the same random numbers at every one.
        points: points spread over the ranges of the free parameters.
        steps: points tried at most by the search that follows.
        workers: processes; None for one for each core.
        name: name of the parameter set that is written.
    """

    blocks: tuple[str, ...] = ("chain", "wave", "documents")
    seeds: int = 4
    points: int = 64
    steps: int = 40
    workers: int | None = None
    name: str = "calibrated"

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _at_least("calibrate.seeds", self.seeds, 1)
        _at_least("calibrate.points", self.points, 2)
        _at_least("calibrate.steps", self.steps, 1)
        if self.points & (self.points - 1):
            raise UserError(f"calibrate.points: {self.points} will not do; accepted: a power of two")
        if self.workers is not None:
            _at_least("calibrate.workers", self.workers, 1)
        if not self.name.isidentifier():
            raise UserError(f"calibrate.name: '{self.name}' will not do; accepted: letters, digits and _")


@dataclass(frozen=True, kw_only=True)
class LauncherConfig:
    """Where runs are computed.

    Attributes:
        kind: processes (a pool on this machine), serial (in this process) or dask (the workers of a Dask cluster).
        address: of a Dask scheduler, such as tcp://10.0.0.5:8786; None for a cluster on this machine.
        retries: how often a chunk is tried again when the Dask worker that has it dies.
    """

    kind: str = "processes"
    address: str | None = None
    retries: int = 3

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: unknown kind.
        """
        if self.kind not in LAUNCHERS:
            raise unknown("launcher.kind", "launcher", self.kind, LAUNCHERS)
        _at_least("launcher.retries", self.retries, 0)
        if self.address is not None and self.kind != "dask":
            raise UserError(f"launcher.address: of no use to launcher '{self.kind}'; accepted with: launcher=dask")


def _at_least(key: str, value: int, lowest: int) -> None:
    if value < lowest:
        raise UserError(f"{key}: {value} will not do; accepted: a whole number from {lowest}")
