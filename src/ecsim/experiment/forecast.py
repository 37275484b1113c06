"""What a plan holds and how long it will take, from some of its runs, timed here on as many processes as it will have."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ecsim.config import Settings
from ecsim.cores import cores
from ecsim.experiment.executors import Pool, open_executor
from ecsim.experiment.plan import Job, Plan
from ecsim.experiment.settings import LauncherConfig
from ecsim.experiment.work import Simulate, run_chunk

LABELS = 6  # policies named
ENOUGH = 4.0  # seconds for which each worker is timed at most, where a run takes less
LINES: dict[str, dict[str, str]] = {  # language -> what is said
    "en": {
        "lines": """\
Runs      {n} = {labels} policies or points × {draws} draws × {seeds} seeds
Policies  {named}
Drawn     {drawn} (design {design})
Computed  by {workers} ({kind}), in chunks of about {chunk}
Time      about {time}: {ms} ms a run{series}{at_once}, timed here, and {start} s to start
          Not in it: joining the stored tables, and the summary, figures and report after the last run.
Nothing was written.""",
        "more": " … ({n} in all)",
        "nothing": "nothing: parameters as they are set",
        "series": " with its series",
        "at_once": " on {n} workers at once",
        "worker": "{n} worker",
        "workers": "{n} workers",
        "run": "{n} run",
        "runs": "{n} runs",
        "seconds": "{n} s",
        "minutes": "{n} minutes",
        "hours": "{n} hours",
    },
    "zh": {
        "lines": """\
运行  {n} 次 = {labels} 项政策或点 × {draws} 组参数 × {seeds} 个种子
政策  {named}
抽样  {drawn}（设计 {design}）
计算  {workers}（{kind}），每块约{chunk}
时间  约 {time}：每次运行{series} {ms} 毫秒{at_once}，在本机测得；启动 {start} 秒
      不含：合并所存的表，以及最后一次运行之后的摘要、图与报告。
未写入任何内容。""",
        "more": " ……（共 {n} 项）",
        "nothing": "无：参数取设定值",
        "series": "连同序列",
        "at_once": "（{n} 个进程同时运行）",
        "worker": "{n} 个进程",
        "workers": "{n} 个进程",
        "run": " {n} 次运行",
        "runs": " {n} 次运行",
        "seconds": "{n} 秒",
        "minutes": "{n} 分钟",
        "hours": "{n} 小时",
    },
}


def forecast(plan: Plan, settings: Settings, simulate: Simulate, lang: str = "en") -> str:
    """A few lines: runs, policies, draws and seeds, workers, expected time."""
    e, n, say = settings.experiment, len(plan), LINES[lang]
    workers = 1 if settings.launcher.kind == "serial" else min(e.workers or cores(), n)
    draws = len({r.draw for r in plan.replicates})
    labels = [v.config.label for v in plan.variants]
    start, per_run = _timed(plan, settings.launcher, simulate, workers)
    told = {
        "n": f"{n:,}",
        "labels": f"{len(labels):,}",
        "draws": f"{draws:,}",
        "seeds": len(plan.replicates) // draws,
        "named": ", ".join(labels[:LABELS]) + (say["more"].format(n=len(labels)) if len(labels) > LABELS else ""),
        "drawn": ", ".join(plan.replicates[0].values) or say["nothing"],
        "design": e.design,
        "workers": _several(workers, "worker", say),
        "kind": settings.launcher.kind,
        "chunk": _several(plan.chunk_size, "run", say),
        "time": _readable(start + n * per_run / workers, say),
        "ms": f"{1000 * per_run:.0f}",
        "series": say["series"] if plan.series else "",
        "at_once": "" if workers == 1 else say["at_once"].format(n=workers),
        "start": f"{start:.1f}",
    }
    return say["lines"].format(**told)


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


def _readable(seconds: float, say: Mapping[str, str]) -> str:
    if seconds < 120:
        return say["seconds"].format(n=f"{seconds:.0f}")
    if seconds < 7200:
        return say["minutes"].format(n=f"{seconds / 60:.0f}")
    return say["hours"].format(n=f"{seconds / 3600:.1f}")


def _several(n: int, thing: str, say: Mapping[str, str]) -> str:
    """So many of a thing."""
    return say[thing if n == 1 else f"{thing}s"].format(n=n)
