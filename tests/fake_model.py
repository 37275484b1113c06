"""A stand-in for the model with known results, which can fail, die or wait on demand. Importable by worker processes."""

from __future__ import annotations

import fcntl
import itertools
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ecsim import longform
from ecsim.config import RunConfig
from ecsim.experiment.design import replicates
from ecsim.experiment.plan import Plan, Variant
from ecsim.strategies.settings import PolicyConfig

began = itertools.count()  # runs of this process that took their time


@dataclass
class FakeResult:
    outcomes: dict[str, float]
    series: pd.DataFrame
    events: pd.DataFrame
    flows: pd.DataFrame
    baseline: object = field(default_factory=object)

    def stored(self, name: str) -> pa.Table:
        """A table as studies keep it."""
        return longform.of_frame(getattr(self, name))


def simulate(config: RunConfig, baseline: object) -> FakeResult:
    """Outcomes that depend on parameters, seed and policy, and nothing else."""
    effect = float(config.policy.listings)
    value = config.params.innovation.stretch + config.seed % 97 + effect
    series = pd.DataFrame({"quarter": [0, 1], "name": "gap", "key": "", "value": [value, 2 * value]})
    events = pd.DataFrame({"quarter": [0], "actor": "USA", "verb": "impose", "tool": "t", "rule": "r", "text_en": "a", "text_zh": "中"})
    flows = pd.DataFrame({"product": ["wafers"], "from_state": "JPN", "to_state": "CHN", "delivered": value, "blocked": 0.0})
    return FakeResult({"gap_mean": value, "gap_added": effect}, series, events, flows, baseline or object())


def count_baselines(config: RunConfig, baseline: object) -> FakeResult:
    """The outcome says whether a baseline was handed over."""
    result = simulate(config, baseline)
    result.outcomes["had_baseline"] = float(baseline is not None)
    return result


def fail_on_blanket(config: RunConfig, baseline: object) -> FakeResult:
    """Fails under one policy."""
    if config.label == "b":
        raise ValueError("stocks\nwent negative")
    return simulate(config, baseline)


def fail_for_many_reasons(config: RunConfig, baseline: object) -> FakeResult:
    """Fails in each run for a reason of its own, deep in a recursion of two functions."""

    def down(n: int) -> None:
        up(n + 1)

    def up(n: int) -> None:
        if n > 300:
            raise ValueError(f"seed {config.seed}")
        down(n)

    try:
        down(0)
    except ValueError as error:
        raise RuntimeError(f"seed {config.seed} will not do") from error
    return simulate(config, baseline)


def die_on_third(config: RunConfig, baseline: object) -> FakeResult:
    """Kills its process in one replicate."""
    if config.seed % 10_000 == 3:
        os._exit(9)
    return simulate(config, baseline)


def wait(config: RunConfig, baseline: object) -> FakeResult:
    """Takes its time, and says that it began; more of it after a few runs, so that the study outlasts whoever means to end it."""
    Path(os.environ["ECSIM_TEST_STARTED"]).touch()
    time.sleep(0.2 if next(began) < 3 else 2.0)
    return simulate(config, baseline)


def slow(config: RunConfig, baseline: object) -> FakeResult:
    """Takes a moment."""
    time.sleep(0.01)
    return simulate(config, baseline)


@dataclass
class SlowSeries(FakeResult):
    """Takes its time for the tables, and none for the run."""

    def __getattribute__(self, name: str) -> object:
        if name == "series":
            time.sleep(0.05)
        return super().__getattribute__(name)


def slow_series(config: RunConfig, baseline: object) -> FakeResult:
    """A run whose series take longer than the run."""
    fast = simulate(config, baseline)
    return SlowSeries(fast.outcomes, fast.series, fast.events, fast.flows)


def kill_worker_once(config: RunConfig, baseline: object) -> FakeResult:
    """Kills its process the first time that it meets one replicate."""
    flag = Path(os.environ["ECSIM_TEST_STARTED"])
    if config.seed % 10_000 == 3 and not flag.exists():
        flag.touch()
        os._exit(9)
    return slow(config, baseline)


def a_plan(policies: str = "ab", draws: int = 4, seeds: int = 2, *, series: bool = True) -> Plan:
    """A small study."""
    variants = [Variant(RunConfig(label=name, policy=PolicyConfig(name=name, listings=i)), {"order": i}) for i, name in enumerate(policies)]
    return Plan("test", variants, replicates(1, draws, seeds), series)


def alone(config: RunConfig, baseline: object) -> FakeResult:
    """Takes its time while no other process does the same: two at once take turns."""
    with Path(__file__).open() as file:  # any file will do; processes that are up already would not see a new one's name
        fcntl.flock(file, fcntl.LOCK_EX)
        time.sleep(0.03)
    return simulate(config, baseline)
