"""What a plan holds and how long it will take, from some of its runs, timed here on as many processes as it will have."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ecsim.config import Settings
from ecsim.cores import cores
from ecsim.experiment.executors import Pool, open_executor
from ecsim.experiment.plan import Job, Plan
from ecsim.experiment.settings import LauncherConfig
from ecsim.experiment.work import Simulate, run_chunk

LABELS = 6  # policies named
ENOUGH = 4.0  # seconds for which each worker is timed at most, where a run takes less


def forecast(plan: Plan, settings: Settings, simulate: Simulate) -> str:
    """A few lines: runs, policies, draws and seeds, workers, expected time."""
    e, n = settings.experiment, len(plan)
    workers = 1 if settings.launcher.kind == "serial" else min(e.workers or cores(), n)
    draws = len({r.draw for r in plan.replicates})
    labels = [v.config.label for v in plan.variants]
    more = f" … ({len(labels)} in all)" if len(labels) > LABELS else ""
    varied = ", ".join(plan.replicates[0].values) or "nothing: parameters as they are set"
    start, per_run = _timed(plan, settings.launcher, simulate, workers)
    series = " with its series" if plan.series else ""
    at_once = "" if workers == 1 else f" on {workers} workers at once"
    return "\n".join(
        [
            f"Runs      {n:,} = {len(labels):,} policies or points × {draws:,} draws × {len(plan.replicates) // draws} seeds",
            f"Policies  {', '.join(labels[:LABELS])}{more}",
            f"Drawn     {varied} (design {e.design})",
            f"Computed  by {_several(workers, 'worker')} ({settings.launcher.kind}), in chunks of about {_several(plan.chunk_size, 'run')}",
            f"Time      about {_readable(start + n * per_run / workers)}: {1000 * per_run:.0f} ms a run{series}{at_once}, timed here, "
            f"and {start:.1f} s to start",
            "          Not in it: joining the stored tables, and the summary, figures and report after the last run.",
            "Nothing was written.",
        ]
    )


def _timed(plan: Plan, launcher: LauncherConfig, simulate: Simulate, workers: int) -> tuple[float, float]:
    """Seconds until the workers have each done a first run, and seconds of a run thereafter, all at work and sending what they find.

    Workers pay for the building of the population once each; they share memory and cores, and take longer than one alone would. What is
    compiled once on a machine is compiled before, and counts for neither. A Dask cluster is taken to be like this machine.
    """
    chunks = _spread(list(plan.chunks()), workers)
    run_chunk(simulate, False, 0, chunks[0][:1])
    here = LauncherConfig() if launcher.kind == "dask" else launcher
    pool = open_executor(here, workers)
    try:
        start = _round(pool, simulate, plan.series, [chunk[:1] for chunk in chunks])
        once = _round(pool, simulate, plan.series, [chunk[:1] for chunk in chunks])
        many = max(1, int(ENOUGH / max(once, 1e-3)))
        jobs = [chunk[:many] for chunk in chunks]
        wall = _round(pool, simulate, plan.series, jobs)
    finally:
        pool.stop()
    return max(start - once, 0.0), wall * workers / sum(map(len, jobs))


def _spread(chunks: Sequence[list[Job]], wanted: int) -> list[list[Job]]:
    """So many chunks from all over the plan; some more than once where it has fewer."""
    return [chunks[i * len(chunks) // wanted] for i in range(wanted)]


def _round(pool: Pool, simulate: Simulate, series: bool, given: Sequence[Sequence[Job]]) -> float:
    """Seconds in which the workers do some runs each."""
    begun = time.perf_counter()
    for future in [pool.submit(run_chunk, simulate, series, i, jobs) for i, jobs in enumerate(given)]:
        future.result()
    return time.perf_counter() - begun


def _readable(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def _several(n: int, thing: str) -> str:
    """So many of a thing."""
    return f"{n} {thing}{'' if n == 1 else 's'}"
