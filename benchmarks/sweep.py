"""What a sweep costs beside the model: `ecsim sweep` against Hydra's own multirun, on jobs that do nothing.

    python benchmarks/sweep.py [--runs 4000] [--jobs 20]
    python benchmarks/sweep.py --model 10000 [--workers 2] [--series]

With --model, a real sweep of the default model, as a command of its own: wall time from its start to its end (loading, planning,
running, storing, joining), runs a second, and the share of the workers' time that was not spent in the model; with --series, series,
events and flows of each run are made and stored, as `ecsim compare` does. Only on a machine that is otherwise idle.

Without it, every engine gets the same grid over the same configuration. The job returns at once, so that what is measured is
composing, planning, handing out, and storing. CPU time of this process and its children; the machine may be busy with other things.

- ecsim, serial and with processes: `api.plan_study` on the swept words, the runner and the store, with a stand-in for the model.
- Hydra basic: `--multirun` of the same configuration with an empty task function.
- Hydra joblib: the same with hydra/launcher=joblib, where the plugin is installed (pip install hydra-joblib-launcher).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from empty_run import simulate

from ecsim.experiment import runner, store
from ecsim.experiment.settings import LauncherConfig
from ecsim.experiment.studies import plan_study

TASK = """
import hydra, sys
from ecsim import composing
from ecsim.places import conf_dir
composing.register()
hydra.main(version_base=composing.HYDRA_VERSION, config_path=str(conf_dir()), config_name="config")(lambda cfg: None)()
"""


def ecsim_sweep(runs: int, launcher: str, workers: int) -> float:
    """CPU milliseconds a run."""
    start = cpu()
    points = f"policy.height=range(0,{1 - 0.5 / (runs // 2)},{1.0 / (runs // 2)})"
    plan, _ = plan_study("sweep", ["policy=small_yard,blanket", points])
    with tempfile.TemporaryDirectory() as folder:
        runner.execute(plan, store.prepare(Path(folder) / "s"), simulate, workers=workers, launcher=LauncherConfig(kind=launcher))
    return 1000 * (cpu() - start) / len(plan)


def hydra_multirun(jobs: int, *words: str) -> float | None:
    """CPU milliseconds a job beyond the cost of starting Python and Hydra; None where the launcher is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "task.py"
        script.write_text(TASK)
        times = []
        for count in (1, jobs):
            heights = ",".join(f"{i / max(jobs, 1):.4f}" for i in range(count))
            start = cpu()
            done = subprocess.run(
                [sys.executable, str(script), "--multirun", f"++policy.height={heights}", f"hydra.sweep.dir={folder}/{count}", *words],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(p).resolve()) for p in sys.path if p)},
            )
            if done.returncode:
                return None
            times.append(cpu() - start)
    return 1000 * (times[1] - times[0]) / max(jobs - 1, 1)


def whole_sweep(runs: int, workers: int, series: bool) -> dict[str, object]:
    """One `ecsim sweep` of the default model, with series or without: wall time, rate, and the share of worker time outside the model."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "s"
        words = ["policy=small_yard,blanket", f"experiment.draws={runs // 2}", f"experiment.series={str(series).lower()}", "report=false"]
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "ecsim", "sweep", *words, f"experiment.workers={workers}", f"out={out}"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        wall = time.perf_counter() - start
        table = pd.read_parquet(out / "runs.parquet", columns=["status", "wall_ms"])
    model = float(table["wall_ms"].sum()) / 1000
    return {
        "runs": len(table),
        "series": series,
        "failed": int((table["status"] != "ok").sum()),
        "workers": workers,
        "wall s": round(wall, 1),
        "runs a second": round(len(table) / wall, 2),
        "ms a run in the model": round(1000 * model / len(table), 1),
        "outside the model": f"{1 - model / (wall * workers):.1%}",
    }


def cpu() -> float:
    """CPU seconds of this process and of those that it waited for."""
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4000, help="runs of ecsim")
    parser.add_argument("--jobs", type=int, default=20, help="jobs of Hydra's own launchers")
    parser.add_argument("--model", type=int, help="runs of a real sweep of the default model")
    parser.add_argument("--workers", type=int, default=2, help="processes of a real sweep")
    parser.add_argument("--series", action="store_true", help="store series, events and flows of a real sweep")
    args = parser.parse_args()
    if args.model:
        print(pd.DataFrame([whole_sweep(args.model, args.workers, args.series)]).to_string(index=False))
        return
    rows = []
    for name, count, measure in (
        ("ecsim, serial", args.runs, lambda: ecsim_sweep(args.runs, "serial", 1)),
        ("ecsim, 2 processes", args.runs, lambda: ecsim_sweep(args.runs, "processes", 2)),
        ("Hydra, basic launcher", args.jobs, lambda: hydra_multirun(args.jobs)),
        ("Hydra, joblib launcher", args.jobs, lambda: hydra_multirun(args.jobs, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")),
    ):
        start = time.perf_counter()
        found = measure()
        wall = time.perf_counter() - start
        rows.append(
            {"engine": name, "jobs": count, "CPU ms a job": "not installed" if found is None else f"{found:.2f}", "wall s": f"{wall:.1f}"}
        )
        print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)


if __name__ == "__main__":
    main()
