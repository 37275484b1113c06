"""How many cores are used: those of the machine, or what a container allows of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ecsim import cores as room


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
