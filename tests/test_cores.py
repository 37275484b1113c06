"""How many cores are used: those of the machine, or what a container allows of them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecsim import cores as room
from ecsim.calibrating import run_calibration
from ecsim.errors import UserError
from ecsim.experiment.executors import ProcessPool
from ecsim.game.desk import Desk
from ecsim.staged import run_sensitivity
from playing import SETUP


@pytest.mark.parametrize(
    ("files", "share"),
    [
        ({}, math.inf),
        ({"cpu.max": "max 100000"}, math.inf),
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4.0),
        ({"cpu/cpu.cfs_quota_us": "400000\n"}, math.inf),
        ({"cpu.max": "what"}, math.inf),
    ],
)
def test_the_quota_of_a_container_is_read_from_its_control_groups(files: dict[str, str], share: float, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert room.quota(tmp_path) == share


@pytest.mark.parametrize(("text", "most"), [("50000 100000", 1), ("150000 100000", 2)])
def test_a_quota_is_rounded_up_and_no_more_than_the_machine_has(
    text: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlimited = room.cores()
    (tmp_path / "cpu.max").write_text(text, encoding="utf-8")
    monkeypatch.setattr(room, "GROUPS", tmp_path)
    assert room.cores() == min(unlimited, most)


def refused_sensitivity() -> None:
    with pytest.raises(UserError):
        run_sensitivity(["shard=1/2"], None, argv=[])


def refused_calibration() -> None:
    with pytest.raises(UserError):
        run_calibration(["calibrate.blocks=[nothing]"], None)


def desk_with_processes() -> None:
    Desk(SETUP, workers=1).close()


def processes() -> None:
    with closing_pool() as pool:
        assert pool.submit(os.getenv, "OMP_NUM_THREADS").result() == "1"


def in_another_and_in_turn() -> None:
    first, second = room.one_thread(), room.one_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert os.environ["OMP_NUM_THREADS"] == "1"  # the second is not over
    second.__exit__(None, None, None)


@contextmanager
def closing_pool() -> Iterator[ProcessPool]:
    pool = ProcessPool(1)
    try:
        yield pool
    finally:
        pool.shutdown()


@pytest.mark.parametrize("use", [refused_sensitivity, refused_calibration, desk_with_processes, processes, in_another_and_in_turn])
def test_the_environment_is_left_as_it_was(use: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in room.ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    before = dict(os.environ)
    use()
    assert dict(os.environ) == before
