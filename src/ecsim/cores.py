"""The cores of the machine, or the part of them that a container gives, and who uses them: processes, each with one thread."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

GROUPS = Path("/sys/fs/cgroup")  # where Linux shows a container its limits
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
"""Environment of a process that computes runs: processes use the cores, and sums do not depend on threads."""

_guard = Lock()
_open: list[None] = []  # one for each `one_thread` that has not ended
_added: set[str] = set()  # what they have put into the environment


@contextmanager
def one_thread() -> Iterator[None]:
    """Let processes started inside compute with one thread each; what the user has set stands. Several threads may use it at once."""
    with _guard:
        _open.append(None)
        _added.update(ONE_THREAD.keys() - os.environ.keys())
        os.environ.update({name: ONE_THREAD[name] for name in _added})
    try:
        yield
    finally:
        with _guard:
            _open.pop()
            if not _open:
                for name in _added:
                    os.environ.pop(name, None)
                _added.clear()


def cores() -> int:
    """Cores that this process may use, at least one: those it is bound to, and no more than the quota of its container rounded up."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = quota(GROUPS)
    return bound if math.isinf(allowed) else max(1, min(bound, math.ceil(allowed)))


def quota(groups: Path) -> float:
    """Processor time that control groups allow, in cores; infinite where they set no limit.

    Args:
        groups: folder of the groups, of version 2 (`cpu.max`) or of version 1 (`cpu/cpu.cfs_quota_us`).
    """
    return min(_share(groups / "cpu.max"), _share(groups / "cpu" / "cpu.cfs_quota_us", groups / "cpu" / "cpu.cfs_period_us"))


def _share(*files: Path) -> float:
    """Quota over period, from the words of some files."""
    try:
        allowed, period = (int(word) for file in files for word in file.read_text(encoding="utf-8").split())
    except (OSError, ValueError):  # no such files, or "max": no limit
        return math.inf
    return allowed / period if allowed > 0 < period else math.inf
