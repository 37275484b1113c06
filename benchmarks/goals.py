"""The goals of speed, each with what is measured now: one command, one table.

    python benchmarks/goals.py
    python benchmarks/goals.py --largest 100000      # on a smaller machine

Times are of the processor, so that a busy machine does not show, but for the quarter that threads share; each is the median of several, the
lowest and highest in brackets. Firm steps that are compared with each other stay on one core, the quietest when they begin.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from functools import partial
from tempfile import TemporaryDirectory

from firm_step import measure
from measure import Sample, children_time, exponent, machine, on_quietest_core, print_table
from whole_run import measured, samples

from ecsim import population
from ecsim.params import Params
from ecsim.schedule import threads_for

MIDDLE = 10_000
QUARTERS = 7  # of the largest population, of which the median counts
MINUTES_A_MS = 10_000 / 2 / 60_000  # minutes of 10,000 runs on two cores for each millisecond of a run
STARTS = {
    "import ecsim": ("-c", "import ecsim"),
    "ecsim --help": ("-m", "ecsim", "--help"),
    "first result": ("-m", "ecsim", "run", "report=false"),
}
Row = tuple[str, float, Sample, str]


def runs(repetitions: int) -> list[Row]:
    """Goals of the default run; its sweep is of new seeds, each with its own path without controls."""
    rows: list[Row] = []
    for name, goal, words in (
        ("default run, declared doctrine", 15.0, ("policy=small_yard",)),
        ("default run, endogenous policy", 25.0, ("policy=endogenous", "alliance=endogenous", "response=first_paper")),
    ):
        found = samples(partial(measured, "sweep", *words), repetitions)
        rows.append((f"{name}: steps after set-up", goal, found["steps"], "ms"))
        if len(words) == 1:
            minutes = Sample(tuple(x * MINUTES_A_MS for x in found["whole"].values))
            rows.append(("set-up of a run in a sweep", 10.0, found["open"], "ms"))
            rows.append(("10,000 default runs on two cores, each with its path without controls", 3.0, minutes, "minutes"))
    return rows


def sizes(largest: int, repetitions: int) -> list[Row]:
    """Goals of the firm step at many firms, and of a whole quarter at the most."""
    steps = {}
    with on_quietest_core():
        for size in (MIDDLE, largest):
            e, p = population.build(Params().with_values({"population.n_firms": size}, "--largest")), Params()
            steps[size] = [measure(e, p, 2, plainly=size == MIDDLE) for _ in range(repetitions + 1)][1:]
    mesa = Sample(tuple(-t.plain / t.compiled for t in steps[MIDDLE]))
    products = Sample(tuple(t.compiled / t.product for t in steps[largest]))
    growth = exponent([MIDDLE, largest], [Sample(tuple(t.compiled for t in steps[size])).median for size in (MIDDLE, largest)])
    whole = samples(partial(measured, "growth", str(largest), str(QUARTERS)), 1)
    return [
        (f"plain Mesa over the firm step at {MIDDLE:,} firms", -100.0, mesa, "times"),
        (f"firm step at {largest:,} firms", 8.0, products, "sparse products"),
        (f"growth of the firm step from {MIDDLE:,} to {largest:,} firms", 1.05, Sample((growth,)), "exponent"),
        (
            f"a quarter at {largest:,} firms, {threads_for(largest)} threads, by the clock",
            0.8,
            Sample(tuple(x / 1e3 for x in whole["step"].values)),
            "s",
        ),
        (f"memory at {largest:,} firms", 5.0, Sample(tuple(x / 1e3 for x in whole["memory"].values)), "GB"),
    ]


def starts(repetitions: int) -> list[Row]:
    """Goals of starting, with what was compiled before on disk: kernels, and Python's bytecode, as every start but the first finds them."""
    rows: list[Row] = []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for (name, words), goal in zip(STARTS.items(), (0.3, 0.3, 3.0), strict=True):
        spent = []
        for _ in range(repetitions + 1):
            before = children_time()
            with TemporaryDirectory() as folder:  # in which results are left
                subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment, cwd=folder)
            spent.append(children_time() - before)
        rows.append((name, goal, Sample(tuple(spent[1:])), "s"))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="firms of the largest population")
    parser.add_argument("--repetitions", type=int, default=3, help="measurements of each")
    args = parser.parse_args()
    print(machine() + "\n")
    table = []
    for name, goal, found, unit in (*runs(args.repetitions), *starts(args.repetitions), *sizes(args.largest, args.repetitions)):
        met = found.median <= goal
        shown = found if goal > 0 else Sample(tuple(-x for x in found.values))  # more is better: both are negative
        goal_text = f"{'at most' if goal > 0 else 'at least'} {abs(goal):g}"
        table.append([name, goal_text, shown.text(), unit, f"{found.median / goal:.2f}", "met" if met else "MISSED"])
    print_table(["goal", "bound", "found", "unit", "found / bound", "verdict"], table)


if __name__ == "__main__":
    main()
