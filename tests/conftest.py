"""Shared by all tests: the settings of hypothesis, and what several files of a room are given."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a script; the processes that tests start would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ecsim", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("ecsim")


def pytest_configure(config: pytest.Config) -> None:
    """Where several processes are about to run tests, they find the model compiled."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput") and not config.option.collectonly:
        from compiling import compile_once

        compile_once()


@pytest.fixture(scope="module")
def desk() -> Iterator[Any]:
    """Where a small game is computed: in the test's own process."""
    from ecsim.game.desk import Desk
    from playing import SETUP

    made = Desk(SETUP, workers=0, draws=7)
    yield made
    made.close()


@pytest.fixture
def session(tmp_path: Path, desk: Any) -> Iterator[Any]:
    """A new game with teams on some seats."""
    from playing import game

    made = game(tmp_path, desk)
    yield made
    made.log.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A comparison of a constructed study with designs."""
    from ecsim.analysis.compare import compare
    from ecsim.analysis.study import load_study
    from synthetic import write_study

    return compare(load_study(write_study(tmp_path_factory.mktemp("study"), draws=24, seeds=1, designs=True, series=False)))
