"""Whether a results folder holds the beginning of a study, so that it can be continued; and who works in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecsim.errors import UserError
from ecsim.locks import lock

LOCK = ".lock"
SHOWN = 3  # differences named in an error


def how_to_resume(folder: Path) -> str:
    """The command that goes on with a study, as a shell takes it."""
    return f"ecsim resume {shlex.quote(str(folder))}"


def check_same(folder: Path, begun: Mapping[str, Any], entries: Mapping[str, Any]) -> None:
    """Hold the manifest of a begun study against that of the study to be run.

    Raises:
        UserError: another program, other libraries, or another plan; the folder is left as it is.
    """
    where = f"out: '{folder}' holds the beginning of"
    elsewhere = "accepted: a new folder"
    if begun.get("code_hash") != entries.get("code_hash"):
        commit = (begun.get("git") or {}).get("commit", "")[:12]
        hint = f", or the program of commit {commit}" if commit else ", or the program as it was"
        raise UserError(f"{where} a study by another version of the program; {elsewhere}{hint}")
    old, new = begun.get("versions") or {}, entries.get("versions") or {}
    changed = [f"{name} {old.get(name)} → {new.get(name)}" for name in new if old.get(name) != new.get(name)]
    if changed:
        raise UserError(f"{where} a study with other libraries ({', '.join(changed[:SHOWN])}); {elsewhere}, or the libraries as they were")
    if begun.get("plan_hash") != entries.get("plan_hash"):
        differ = differences(begun.get("config") or {}, entries.get("config") or {})
        differ += differences(begun.get("files") or {}, entries.get("files") or {})
        told = f" ({'; '.join(differ[:SHOWN])}{' …' if len(differ) > SHOWN else ''})" if differ else ""
        raise UserError(f"{where} another study{told}; {elsewhere}, or the configuration as it was")


def differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Keys whose values differ, as "key: old → new"; where a study is computed and written does not count."""
    found = []
    for key in dict.fromkeys([*old, *new]):
        name = f"{prefix}{key}"
        if name in ("out", "shard", "report", "launcher", "experiment.workers", "experiment.fail_fast"):
            continue
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found += differences(a, b, f"{name}.")
        elif a != b:
            found.append(f"{name}: {a} → {b}")
    return found


@contextmanager
def held(folder: Path, *, shared: bool) -> Iterator[None]:
    """Keep others from working in a folder; shards of one study share it.

    Raises:
        UserError: somebody else is at work there.
    """
    taken = lock(folder / LOCK, shared=shared)
    if taken is None:
        raise UserError(f"out: another process is at work in '{folder}'; accepted: wait for it, or a new folder")
    try:
        yield
    finally:
        if shared:
            taken.file.close()
        else:
            taken.remove()
