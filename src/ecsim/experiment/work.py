"""What a worker does with a chunk of runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ecsim import longform
from ecsim.config import RunConfig
from ecsim.experiment import tracebacks
from ecsim.experiment.plan import Job

Simulate = Callable[[RunConfig, Any], Any]
"""(configuration, baseline or None) -> result with outcomes, the baseline that was used, and the long tables, by `stored` (Arrow)."""

KEYS = {"series": ("run", "policy", "replicate", "draw"), "events": ("run", "policy", "replicate"), "flows": ("run", "policy", "replicate")}


@dataclass
class ChunkResult:
    """The results of a chunk.

    Attributes:
        index: number of the chunk.
        rows: one dict a run for the table of runs.
        tables: name -> long table of all runs of the chunk, texts as dictionaries (small to send).
        tracebacks: reason -> where in the program the first run failed that failed for it.
    """

    index: int
    rows: list[dict[str, Any]]
    tables: dict[str, pa.Table] = field(default_factory=dict)
    tracebacks: dict[str, str] = field(default_factory=dict)


BY_NAME = frozenset({"series"})  # tables whose rows stand by their name within a chunk
_stopped: list[Callable[[], bool]] = []


def stop_when(stopped: Callable[[], bool]) -> None:
    """Let this worker process give up between two runs."""
    _stopped[:] = [stopped]


def run_chunk(simulate: Simulate, series: bool, index: int, jobs: Sequence[Job]) -> ChunkResult:
    """Run jobs one after the other. A run that fails is a row with its reason, and does not stop the others.

    A worker that is told to stop returns what it has, which nobody stores.

    Args:
        simulate: runs one configuration.
        series: collect series, events and flows.
        index: number of the chunk.
        jobs: runs.
    """
    baselines: dict[Any, Any] = {}
    parts: dict[str, list[pa.Table]] = {name: [] for name in KEYS} if series else {}
    rows: list[dict[str, Any]] = []
    why: dict[str, str] = {}
    for job in jobs:
        if any(stopped() for stopped in _stopped):
            break
        start = time.perf_counter()
        same = (job.config.params, job.config.seed)
        try:
            result = simulate(job.config, baselines.get(same))
        except Exception as error:  # a failed run is data: the study goes on
            reason = _reason(error)
            rows.append(_row(job, "failed", reason, start))
            if reason not in why:
                why[reason] = f"run {job.columns['run']}: {reason}\n{tracebacks.told(error)}"
            continue
        baselines = {same: result.baseline}  # the next runs share it, or have no use for it
        rows.append(_row(job, "ok", "", start) | result.outcomes)
        for name, collected in parts.items():
            collected.append(longform.with_keys(result.stored(name), {k: job.columns[k] for k in KEYS[name]}))
    tables = {name: longform.joined(found) for name, found in parts.items() if found}
    for name in BY_NAME & tables.keys():
        tables[name] = longform.by_text(tables[name], "name")
    return ChunkResult(index, rows, tables, why)


def failed_chunk(index: int, jobs: Sequence[Job], reason: str) -> ChunkResult:
    """Rows for a chunk that could not be computed at all."""
    return ChunkResult(index, [_row(job, "failed", reason, time.perf_counter()) for job in jobs])


def _row(job: Job, status: str, reason: str, start: float) -> dict[str, Any]:
    wall = round(1000 * (time.perf_counter() - start), 3)
    keys = ("run", "policy", "replicate", "draw", "seed")
    rest = {k: v for k, v in job.columns.items() if k not in keys}
    return {**{k: job.columns[k] for k in keys}, "status": status, "reason": reason, "wall_ms": wall, **rest}


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
