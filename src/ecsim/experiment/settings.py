"""What a user sets of a study: how many runs, of which policies, and where they are computed."""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.errors import UserError, unknown
from ecsim.params import REGISTRY

LAUNCHERS = ("processes", "serial")
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
"""Environment of a process that computes runs: processes use the cores, and sums do not depend on threads."""

MAX_SEEDS = 10_000  # a draw; see design.seed_of


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """How many runs.

    Attributes:
        draws: draws of the uncertain parameters; 0 for none: parameters as they are set.
        seeds: seeds of the random streams for each draw.
        workers: processes; None for one for each core.
        policies: labels of the policies compared; empty for the one that `policy` names.
        uncertain: names of the parameters drawn; empty for those that the registry calls uncertain.
        series: store time series, events and flows beside the outcomes.
        yearly: outcomes by year, such as imports:tools:JPN@2023 (`ecsim describe yearly`).
        heights: of a factorial: denial at which each package is run for the comparison at equal cost.
        participation: of a factorial: shares of supply whose makers join the alliance.
    """

    draws: int = 0
    seeds: int = 1
    workers: int | None = None
    policies: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    series: bool = True
    yearly: tuple[str, ...] = ()
    heights: tuple[float, ...] = ()
    participation: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _at_least("experiment.draws", self.draws, 0)
        _at_least("experiment.seeds", self.seeds, 1)
        if self.seeds > MAX_SEEDS:
            raise UserError(
                f"experiment.seeds: {self.seeds} is too many; accepted: up to {MAX_SEEDS} for each draw (raise experiment.draws)"
            )
        if self.workers is not None:
            _at_least("experiment.workers", self.workers, 1)
        for key in ("heights", "participation"):
            if not all(0 <= value <= 1 for value in getattr(self, key)):
                raise UserError(f"experiment.{key}: {list(getattr(self, key))} will not do; accepted: numbers from 0 to 1")
        for name in self.uncertain:
            if name not in REGISTRY:
                raise unknown("experiment.uncertain", "parameter", name, REGISTRY)
            if REGISTRY[name].lo is None:
                raise UserError(f"experiment.uncertain: {name} has no range to draw from; accepted: parameters that are numbers")
        if len(set(self.policies)) < len(self.policies):
            raise UserError(f"experiment.policies: a policy is named twice in {list(self.policies)}; accepted: each once")


@dataclass(frozen=True, kw_only=True)
class LauncherConfig:
    """Where runs are computed.

    Attributes:
        kind: processes (a pool on this machine) or serial (in this process).
    """

    kind: str = "processes"

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: unknown kind.
        """
        if self.kind not in LAUNCHERS:
            raise unknown("launcher.kind", "launcher", self.kind, LAUNCHERS)


def _at_least(key: str, value: int, lowest: int) -> None:
    if value < lowest:
        raise UserError(f"{key}: {value} will not do; accepted: a whole number from {lowest}")
