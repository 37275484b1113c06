"""What a plan holds and how long it will take, from a few of its runs, timed here."""

from __future__ import annotations

import time

from ecsim.config import Settings
from ecsim.cores import cores
from ecsim.experiment.plan import Plan
from ecsim.experiment.work import Simulate, run_chunk

LABELS = 6  # policies named
PROBES = 3  # chunks that runs are taken from
PROBE = 4  # runs of a chunk


def forecast(plan: Plan, settings: Settings, simulate: Simulate) -> str:
    """A few lines: runs, policies, draws and seeds, workers, expected time.

    The first run of all is left out of the timing: it pays for the building of the population, which workers do once each.
    """
    e, n = settings.experiment, len(plan)
    workers = 1 if settings.launcher.kind == "serial" else min(e.workers or cores(), n)
    draws = len({r.draw for r in plan.replicates})
    labels = [v.config.label for v in plan.variants]
    more = f" … ({len(labels)} in all)" if len(labels) > LABELS else ""
    varied = ", ".join(plan.replicates[0].values) or "nothing: parameters as they are set"
    per_run = _milliseconds(plan, simulate)
    seconds = n * per_run / 1000 / workers
    return "\n".join(
        [
            f"Runs      {n:,} = {len(labels):,} policies or points × {draws:,} draws × {len(plan.replicates) // draws} seeds",
            f"Policies  {', '.join(labels[:LABELS])}{more}",
            f"Drawn     {varied} (design {e.design})",
            f"Computed  by {_several(workers, 'worker')} ({settings.launcher.kind}), in chunks of about {_several(plan.chunk_size, 'run')}",
            f"Time      about {_readable(seconds)}: {per_run:.0f} ms a run, timed here on one core",
            "Nothing was written.",
        ]
    )


def _milliseconds(plan: Plan, simulate: Simulate) -> float:
    """Mean wall time of a run, over the first runs of some chunks from all over the plan."""
    chunks = list(plan.chunks())
    run_chunk(simulate, False, 0, chunks[0][:1])
    times = []
    for i in sorted({0, len(chunks) // 2, len(chunks) - 1})[:PROBES]:
        jobs = chunks[i][:PROBE]
        start = time.perf_counter()
        run_chunk(simulate, False, 0, jobs)
        times.append((time.perf_counter() - start) / len(jobs))
    return 1000 * sum(times) / len(times)


def _readable(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def _several(n: int, thing: str) -> str:
    """So many of a thing."""
    return f"{n} {thing}{'' if n == 1 else 's'}"
