"""What a long job says of itself while it runs."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ecsim
from ecsim import progress
from ecsim.progress import Progress

TOP = Path(ecsim.__file__).parents[2]


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def said(clock: Clock, total: int, done: list[tuple[float, int]], found: int = 0) -> list[str]:
    """Lines of a job whose units are done at these seconds."""
    stream = io.StringIO()
    with Progress(total, "runs", stream) as shown:
        if found:
            shown.skip(found)
        for seconds, units in done:
            clock.now = 100.0 + seconds
            shown.advance(units)
    return stream.getvalue().splitlines()


def test_the_first_units_after_a_long_start_forecast_nothing(clock):
    assert said(clock, 320, [(60.0, 10), (70.0, 50)]) == ["10 of 320 runs", "60 of 320 runs, 5.0 a second, 52 s left"]


def test_what_readied_the_first_units_does_not_count_for_the_rate(clock):
    assert said(clock, 100, [(55.0, 5), (60.0, 5), (65.0, 5), (75.0, 10)])[-1] == "25 of 100 runs, 1.0 a second, 75 s left"


def test_without_a_long_start_the_rate_is_of_all(clock):
    assert said(clock, 40, [(i + 1.0, 1) for i in range(12)])[0] == "10 of 40 runs, 1.0 a second, 30 s left"


def test_a_job_done_at_once_says_so_with_its_rate(clock):
    assert said(clock, 4, [(2.0, 4)]) == ["4 of 4 runs, 2.0 a second, 0 s left"]


def test_what_was_found_is_not_counted_as_fast(clock):
    lines = said(clock, 1000, [(1.0, 1), (11.0, 10)], found=900)
    assert lines == ["911 of 1000 runs, 1.0 a second, 89 s left"]


def test_progress_is_told_in_chinese(clock):
    stream = io.StringIO()
    with Progress(40, "runs", stream, "zh") as shown:
        for i in range(2):
            clock.now = 101.0 + 10 * i
            shown.advance(10)
    assert stream.getvalue().splitlines() == ["40 次运行中已完成 20，每秒 1.0，还需 20 秒"]


@pytest.fixture
def never_compiled(tmp_path: Path) -> Iterator[Path]:
    """The program as it comes, with nothing compiled."""
    home = tmp_path / "home"
    for part in ("src", "conf", "scenarios"):
        shutil.copytree(TOP / part, home / part, ignore=shutil.ignore_patterns("__pycache__"))
    return home


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("compare", "experiment.workers=2"), "ecsim: compiling the model for this machine, once"),
        (("calibrate", "calibrate.workers=2"), "ecsim: compiling the model for this machine, once"),
        (("run",), "ecsim: compiling the model for this machine, once"),
        (("run", "lang=zh"), "ecsim: 正在为本机编译模型，仅此一次，约需一分钟……\n"),
    ],
)
def test_a_study_says_before_its_processes_compile_that_they_will(never_compiled, tmp_path, command, told):
    env = os.environ | {"PYTHONPATH": str(never_compiled / "src"), "PYTHONUTF8": "1"}
    words = [sys.executable, "-m", "ecsim", *command, f"out='{tmp_path / 'results'}'"]
    begun = subprocess.Popen(words, env=env, cwd=never_compiled, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert begun.stderr is not None
        assert begun.stderr.readline().startswith(told)
    finally:
        os.killpg(begun.pid, signal.SIGKILL)
        begun.communicate()
