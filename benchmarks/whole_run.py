"""Whole runs, timed: set-up and steps apart, where the time goes, and growth in time and memory with the number of firms.

    python benchmarks/whole_run.py                                  # the default run and its parts
    python benchmarks/whole_run.py --growth --sizes 1000 10000 100000 1000000

Each measurement runs in a process of its own (`one_run.py`), so that memory is that of this measurement alone.
README.md says what the columns mean.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure import Sample, exponent, machine, print_table

Numbers = dict[str, float]

CHILD = Path(__file__).with_name("one_run.py")


def measured(*words: str) -> Numbers:
    """One measurement, in a process of its own."""
    print(f"{' '.join(words)} …", file=sys.stderr)
    done = subprocess.run([sys.executable, str(CHILD), *words], check=True, stdout=subprocess.PIPE, text=True)
    numbers: Numbers = json.loads(done.stdout.splitlines()[-1])
    return numbers


def start() -> Numbers:
    """Milliseconds to start Python and import the model."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import ecsim.course"], check=True)
    return {"start Python and import": (time.perf_counter() - begun) * 1e3}


def samples(measure: Callable[[], Numbers], repetitions: int) -> dict[str, Sample]:
    """Each number of a measurement, repeated."""
    runs = [measure() for _ in range(repetitions)]
    return {name: Sample(tuple(run[name] for run in runs)) for name in runs[0]}


def print_default(policy: str, repetitions: int) -> None:
    """Parts of the default run, and its mechanisms."""
    print(f"Default run, policy {policy}: milliseconds, median (lowest to highest) of {repetitions} processes.\n")
    parts = samples(start, repetitions) | samples(partial(measured, "parts", policy), repetitions)
    print_table(["part", "ms"], [[name, x.text()] for name, x in parts.items()])
    print("\nWhere a step goes: milliseconds a quarter.\n")
    each = samples(partial(measured, "mechanisms", policy), repetitions)
    total = sum(x.median for x in each.values())
    ranked = sorted(each.items(), key=lambda kv: -kv[1].median)
    print_table(["mechanism", "ms", "share"], [[name, x.text(2), f"{100 * x.median / total:.1f}%"] for name, x in ranked])


def print_growth(sizes: list[int], repetitions: int, quarters: int) -> None:
    """Time and memory by size, and their exponents."""
    print(f"Growth: median (lowest to highest) of {repetitions} processes a size; {quarters} quarters timed, under controls.\n")
    runs = [samples(partial(measured, "growth", str(size), str(quarters)), repetitions) for size in sizes]
    head = ["firms", "links", "build s", "open s", "step ms", "by one thread", "MB after build", "MB after run"]
    names = ("build", "open", "step", "step alone", "memory of build", "memory")
    rows = [[f"{r['firms'].median:,.0f}", f"{r['links'].median:,.0f}", *(r[name].text() for name in names)] for r in runs]
    floor = min(r["floor"].median for r in runs)
    if len(sizes) > 1:
        firms = [r["firms"].median for r in runs]
        times = [f"{exponent(firms, [r[name].median for r in runs]):.2f}" for name in ("links", *names[:2])]
        times += ["", f"{exponent(firms, [r['step alone'].median for r in runs]):.2f}"]
        above = [f"{exponent(firms, [max(r[name].median - floor, 1.0) for r in runs]):.2f}" for name in names[4:]]
        rows.append(["exponent", *times, *above])
    print_table(head, rows)
    print(f"\nExponents are of the number of firms; those of memory leave out the {floor:.0f} MB of Python and its libraries.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--policy", default="small_yard", help="policy of the default run")
    parser.add_argument("--growth", action="store_true", help="measure growth with size instead of the default run")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000], help="firms asked of the population")
    parser.add_argument("--quarters", type=int, default=3, help="quarters timed at each size")
    parser.add_argument("--repetitions", type=int, default=3, help="processes a measurement")
    args = parser.parse_args()
    print(machine() + "\n")
    if args.growth:
        print_growth(args.sizes, args.repetitions, args.quarters)
    else:
        print_default(args.policy, args.repetitions)


if __name__ == "__main__":
    main()
