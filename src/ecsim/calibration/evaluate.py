"""Points of parameter space, simulated on common random numbers and kept on disk, so that a killed search goes on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ecsim.analysis.targets import Target
from ecsim.config import RunConfig, digest
from ecsim.course import simulate
from ecsim.economy import Array
from ecsim.params import REGISTRY

CACHE = "evaluations.jsonl"
DIGITS = 6  # significant ones, to which parameters are rounded before they are simulated


def rounded(values: Mapping[str, float], digits: int = DIGITS) -> dict[str, float]:
    """Values rounded to significant digits, so that what is stored is what was simulated."""
    return {name: float(f"{value:.{digits}g}") for name, value in values.items()}


def outcomes_of(config: RunConfig, names: Sequence[str]) -> list[float]:
    """Some outcomes of one run."""
    found = simulate(config).outcomes
    return [float(found[name]) for name in names]


@dataclass(eq=False)
class Evaluator:
    """Simulates a block at points of parameter space.

    Attributes:
        block: name of the block.
        run: configuration of its runs, but for parameters and seed.
        free: names of the free parameters.
        targets: what is scored.
        seeds: seeds of the runs at each point, the same at every one.
        folder: where evaluations are kept.
        pool: processes, or None for this one.
        tick: told the number of runs done.
    """

    block: str
    run: RunConfig
    free: tuple[str, ...]
    targets: tuple[Target, ...]
    seeds: tuple[int, ...]
    folder: Path
    pool: Executor | None
    tick: Callable[[int], None]

    def __post_init__(self) -> None:
        """Read what an earlier search left."""
        names = tuple(dict.fromkeys(t.outcome for t in self.targets))
        self._names = names
        yearly = tuple(name for name in names if "@" in name)
        self._run = replace(self.run, yearly=yearly)
        self._known: dict[str, list[list[float]]] = {}
        self._met: set[str] = set()
        path = self.folder / CACHE
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                row = _row(line)
                if row is not None and row["block"] == self.block:
                    self._known[row["key"]] = [[math.nan if x is None else x for x in run] for run in row["outcomes"]]

    @property
    def bounds(self) -> Array:
        """Lowest and highest value of each free parameter, shape (k, 2)."""
        infos = [REGISTRY[name] for name in self.free]
        return np.array([[i.lo, i.hi] for i in infos], dtype=float)

    @property
    def medians(self) -> Array:
        """Prior median of each free parameter: the middle of its plausible range, shape (k,)."""
        return np.asarray(self.bounds.mean(axis=1))

    def values(self, unit: Array) -> dict[str, float]:
        """Parameters at a point of the unit cube."""
        lo, hi = self.bounds.T
        x = lo + (hi - lo) * np.clip(unit, 0.0, 1.0)
        return rounded(dict(zip(self.free, x.tolist(), strict=True)))

    def outcomes(self, values: Mapping[str, float]) -> Array:
        """Outcomes at a point, one row a seed, one column a target; NaN where a run has none."""
        key = digest([self._run.model_hash, sorted(values.items()), list(self.seeds), list(self._names)])
        if key not in self._known:
            self._known[key] = self._simulate(values)
            self._keep(key, values)
        elif key not in self._met:
            self.tick(len(self.seeds))  # done by an earlier search
        self._met.add(key)
        table = np.array(self._known[key], dtype=float)
        return np.asarray(table[:, [self._names.index(t.outcome) for t in self.targets]])

    def residuals(self, values: Mapping[str, float]) -> Array:
        """Distance of the mean over seeds from each target, in tolerances; a missing value counts as four."""
        return residuals(self.outcomes(values), self.targets)

    def loss(self, values: Mapping[str, float]) -> float:
        """Sum of squared distances."""
        return float((self.residuals(values) ** 2).sum())

    def _simulate(self, values: Mapping[str, float]) -> list[list[float]]:
        params = self._run.params.with_values(values, self.block)
        configs = [replace(self._run, params=params, seed=seed) for seed in self.seeds]
        made = []
        for row in (self.pool.map if self.pool else map)(outcomes_of, configs, [self._names] * len(configs)):
            made.append(row)
            self.tick(1)
        return made

    def _keep(self, key: str, values: Mapping[str, float]) -> None:
        outcomes = [[x if math.isfinite(x) else None for x in run] for run in self._known[key]]
        with (self.folder / CACHE).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"block": self.block, "key": key, "values": dict(values), "outcomes": outcomes}) + "\n")


MISSING = 4.0  # tolerances that a target without a value counts


def residuals(outcomes: Array, targets: Sequence[Target]) -> Array:
    """As `Evaluator.residuals`, from a table of outcomes."""
    known = np.isfinite(outcomes)
    mean = np.where(known.any(axis=0), np.nansum(outcomes, axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    off = (mean - np.array([t.value for t in targets])) / np.array([t.tolerance for t in targets])
    return np.asarray(np.where(np.isfinite(off), off, MISSING))


def _row(line: str) -> dict[str, Any] | None:
    """A stored evaluation; None for a line that a kill cut short."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None
