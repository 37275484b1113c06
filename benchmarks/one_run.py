"""One measurement of `whole_run.py`, in a process of its own: prints its numbers as one line of JSON.

python benchmarks/one_run.py parts small_yard
python benchmarks/one_run.py mechanisms small_yard
python benchmarks/one_run.py growth 1000 3
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from controls import impose
from measure import peak_memory

import ecsim.course
from ecsim import config, population
from ecsim.course import Course, baseline_of
from ecsim.mechanisms.base import Mechanism
from ecsim.params import Params
from ecsim.schedule import quarter_of
from ecsim.world import World

Numbers = dict[str, float]
SEEDS = 12


class Timed:
    """A mechanism that adds up its own time."""

    def __init__(self, mechanism: Mechanism) -> None:
        self.mechanism = mechanism
        self.name = f"{mechanism.phase.name.lower()}: {mechanism.name}"
        self.spent = 0.0

    def __call__(self, world: World) -> None:
        """Run it."""
        begun = time.perf_counter()
        self.mechanism(world)
        self.spent += time.perf_counter() - begun


class Clock:
    """Laps, in milliseconds."""

    def __init__(self) -> None:
        self.last = time.perf_counter()

    def lap(self) -> float:
        """Since the last lap."""
        before, self.last = self.last, time.perf_counter()
        return (self.last - before) * 1e3


def parts(policy: str) -> Numbers:
    """Milliseconds of the parts of one run as `ecsim run` makes it, the path without controls included."""
    clock, out = Clock(), {}
    settings = config.compose([f"policy={policy}"]).run
    out["configure"] = clock.lap()
    economy = population.build(settings.params)
    out["build the population"] = clock.lap()
    baseline = baseline_of(settings.params, settings.seed, economy)
    out["path without controls"] = clock.lap()
    model = Course.from_config(settings, economy=economy, baseline=baseline)
    out["open"] = clock.lap()
    model.play_out()
    out[f"all {model.quarter} steps"] = total = clock.lap()
    out["one step"] = total / model.quarter
    clock.lap()
    model.result()
    out["outcomes and tables"] = clock.lap()
    return out


def mechanisms(policy: str, *words: str) -> Numbers:
    """Milliseconds a quarter of each mechanism in such a run; the rest of the step under one name."""
    settings = config.compose([f"policy={policy}", *words]).run
    model = Course.from_config(settings)
    quarter = quarter_of(model.params.time.engine)
    for part in quarter:  # once, so that loading the kernels is not counted
        for mechanism in part:
            mechanism(model.world)
    model = Course.from_config(settings)
    perception, consequences = ([Timed(m) for m in part] for part in quarter)
    vars(ecsim.course).update(played_by=lambda *_: (perception, consequences))  # the lists that a step goes through
    clock = Clock()
    while not model.finished:
        model.step()
    total = clock.lap()
    out = {t.name: t.spent * 1e3 for t in perception + consequences}
    out["decide and record"] = total - sum(out.values())
    return {name: ms / model.quarter for name, ms in out.items()}


def sweep(*words: str) -> Numbers:
    """Processor milliseconds of a run in a sweep of seeds: opening, steps, and the whole with the path without controls."""
    settings = config.compose(list(words)).run
    spent: dict[str, list[float]] = {"open": [], "steps": [], "whole": []}
    for seed in range(1, SEEDS + 1):
        run = replace(settings, seed=seed)
        begun = time.process_time()
        baseline = baseline_of(run.params, seed, population.build(run.params))
        then = time.process_time()
        model = Course.from_config(run, baseline=baseline)
        opened = time.process_time()
        model.play_out()
        played = time.process_time()
        model.result()
        for name, seconds in (("open", opened - then), ("steps", played - opened), ("whole", time.process_time() - begun)):
            spent[name].append(seconds * 1e3)
    return {name: median(values[1:]) for name, values in spent.items()}


def growth(size: str, quarters: str) -> Numbers:
    """Time and memory of one size under the benchmark's controls: seconds of set-up, milliseconds of a step (median), MB.

    Steps come as a run has them, by several threads where firms are many, and by one thread alone.
    """
    params = Params().with_values({"population.n_firms": int(size)}, "--sizes")
    out = {"floor": peak_memory()}
    clock = Clock()
    economy = population.build(params)
    out["build"] = clock.lap() / 1e3
    out["memory of build"] = peak_memory()
    out["firms"], out["links"] = float(economy.n_firms), float((economy.supplier0 >= 0).sum())
    clock.lap()
    model = Course(params, economy=economy)
    out["open"] = clock.lap() / 1e3
    impose(model.world.book, economy)
    model.step()
    for name, threads in (("step", model.threads), ("step alone", 1)):
        model.threads = threads
        model.step()
        clock.lap()
        spent = []
        for _ in range(int(quarters)):
            model.step()
            spent.append(clock.lap())
        out[name] = median(spent)
    out["memory"] = peak_memory()
    return out


MEASUREMENTS: dict[str, Callable[..., Numbers]] = {"sweep": sweep, "parts": parts, "mechanisms": mechanisms, "growth": growth}

if __name__ == "__main__":
    print(json.dumps(MEASUREMENTS[sys.argv[1]](*sys.argv[2:])))
