"""A results folder: parts while a study runs, whole tables and a manifest when it ends.

While a study runs, every finished chunk is a part of its own under `parts/`, written to a temporary name and
renamed, the rows of `runs` last: a part that is there is whole. When the study ends, or is interrupted, parts are
joined in the order of the runs into the tables that results/README.md describes, each again by renaming. So a
folder never holds half a table, and the tables do not depend on the order in which runs finished.

Parts of long tables are Arrow files, which take a quarter of the time of Parquet to write and read again; who looks
at a study under way reads the parts of `runs`. Parts stay until the study is complete. A study that was interrupted
or killed goes on from them: see `prepare`.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import feather

from ecsim.errors import UserError, chinese
from ecsim.experiment import tracebacks
from ecsim.experiment.resume import check_same, how_to_resume
from ecsim.experiment.work import KEYS, ChunkResult

RUNS = "runs"
LONG_TABLES = tuple(KEYS)
MANIFEST = "manifest.json"
FAILURES = "failures.csv"
TRACEBACKS = "failures.txt"  # where in the program runs failed
PARTS = "parts"
WHY = "tracebacks"
ENDINGS = {RUNS: "parquet", WHY: "json"}  # of parts; of others arrow
COMPLETE, RUNNING = "complete", "running"
ROWS = 65_536  # of a group, so that who reads one series reads little else
LOOKED_UP = ("run", "name")
FIRST_COLUMNS = ("run", "policy", "replicate", "draw", "seed", "status", "reason", "wall_ms")


def prepare(folder: Path, entries: Mapping[str, Any] | None = None, beside: Collection[str] = ()) -> Path:
    """Make a folder for results and make sure that it can be written, before anything is computed.

    Args:
        folder: a new or empty folder; or one that holds the beginning of the same study, which is then continued.
        entries: of the manifest of the study to be run; without them nothing can be continued.
        beside: names that the folder may hold, such as an earlier stage of the same study.

    Raises:
        UserError: it cannot be made or written, holds something else, a finished study, or the beginning of another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        begun = read_manifest(folder)
        if begun is not None and entries is not None and begun.get("status") != COMPLETE:
            check_same(folder, begun, entries)
        elif begun is not None and entries is not None:
            raise UserError(
                f"out: '{folder}' holds a finished study; accepted: a new folder, an empty one, or one that was interrupted",
                chinese("finished", folder=folder),
            )
        elif any(path.name not in beside for path in folder.iterdir()):
            raise UserError(f"out: '{folder}' is not empty; accepted: a new folder, or an empty one", chinese("filled", folder=folder))
        probe = folder / f".{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        why = error.strerror or error
        twin = chinese("closed", folder=folder, why=why)
        raise UserError(f"out: cannot write to '{folder}' ({why}); accepted: a folder that you may write to", twin) from error
    return folder


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a results folder, None where there is none.

    Raises:
        UserError: it cannot be read as JSON.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON ({error}); accepted: the manifest as ecsim wrote it") from error


def no_runs(folder: Path) -> UserError:
    """Why a folder has no table of runs: a study is under way there or was killed, or there is none."""
    if (read_manifest(folder) or {}).get("status") == RUNNING:
        return UserError(
            f"{folder}: its study is under way, or was killed before its runs were joined; accepted: one that has ended "
            f"('{how_to_resume(folder)}' goes on with one that was killed)"
        )
    if folder.is_file():
        return UserError(f"{folder}: a file; accepted: the results folder of a study", chinese("a file", folder=folder))
    there = "" if folder.is_dir() else ", there is no such folder"
    twin = chinese("no runs" if folder.is_dir() else "no folder", folder=folder, runs=f"{RUNS}.parquet")
    return UserError(f"{folder}: no {RUNS}.parquet here{there}; accepted: the results folder of a study", twin)


def failures_of(folder: Path) -> str:
    """The files that say why runs of a study failed."""
    return ", ".join(str(folder / name) for name in (FAILURES, TRACEBACKS) if (folder / name).exists())


class Store:
    """Writes one results folder.

    Args:
        folder: a folder from `prepare`.
        manifest: what is known at the start.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self._parts = folder / PARTS
        with _told(self._parts):
            self._parts.mkdir(exist_ok=True)
        before = read_manifest(folder) or {}
        again = {key: before[key] for key in ("started",) if key in before} | ({"resumed": before.get("resumed", 0) + 1} if before else {})
        self.manifest = {**manifest, **again}
        self.note(status=RUNNING)

    def note(self, **entries: Any) -> None:
        """Add entries to the manifest."""
        self.manifest.update(entries)
        text = json.dumps(self.manifest, indent=1, ensure_ascii=False, sort_keys=False)
        _replace(self.folder / MANIFEST, lambda path: path.write_text(text + "\n", encoding="utf-8"))

    @cached_property
    def begun(self) -> frozenset[int]:
        """Numbers of the chunks that were there when the folder was opened."""
        return frozenset(self.chunks())

    def chunks(self) -> list[int]:
        """Numbers of the chunks that are stored, in order."""
        return sorted(int(path.stem.removeprefix(f"{RUNS}-")) for path in self._parts.glob(f"{RUNS}-*.parquet"))

    def add(self, chunk: ChunkResult) -> None:
        """Keep the results of a chunk."""
        for name, table in chunk.tables.items():
            _replace(self._part(name, chunk.index), partial(_write_arrow, table))
        if chunk.tracebacks:
            _replace(self._part(WHY, chunk.index), lambda path: path.write_text(json.dumps(chunk.tracebacks), encoding="utf-8"))
        names = dict.fromkeys(name for row in chunk.rows for name in row)
        columns = {name: pa.array([row.get(name) for row in chunk.rows], from_pandas=True) for name in names}  # a NaN is missing
        _replace(self._part(RUNS, chunk.index), partial(_write_parquet, pa.table(columns)))

    def finish(self, status: str, **entries: Any) -> int:
        """Join the parts and close the manifest; returns the number of runs.

        Args:
            status: "complete", "interrupted" or "stopped"; parts are kept unless it is complete.
            entries: further entries of the manifest.
        """
        runs = self._join_runs()
        for name in LONG_TABLES:
            self._join_long(name)
        failed = runs.filter(pc.not_equal(runs["status"], "ok")).to_pandas() if runs.num_rows else pd.DataFrame()
        if len(failed):
            _replace(self.folder / FAILURES, lambda path: failed.to_csv(path, index=False, quoting=csv.QUOTE_MINIMAL))
        if why := tracebacks.joined(json.loads(path.read_text(encoding="utf-8")) for path in self._part_files(WHY)):
            _replace(self.folder / TRACEBACKS, lambda path: path.write_text(why, encoding="utf-8"))
        self.note(status=status, runs=runs.num_rows, failed=len(failed), **entries)
        if status == COMPLETE:
            shutil.rmtree(self._parts)
        return int(runs.num_rows)

    def _part(self, name: str, index: int) -> Path:
        return self._parts / f"{name}-{index:06d}.{ENDINGS.get(name, 'arrow')}"

    def _part_files(self, name: str) -> list[Path]:
        """Parts of a table, of the chunks whose rows of `runs` are there."""
        return [path for number in self.chunks() if (path := self._part(name, number)).exists()]

    def _join_runs(self) -> pa.Table:
        parts = [pq.read_table(path).replace_schema_metadata() for path in self._part_files(RUNS)]
        if not parts:
            table = pa.table({name: pa.array([], pa.string()) for name in FIRST_COLUMNS})
        else:
            # a part in which all runs failed has no outcomes, and comes first or last by chance: order by the fullest
            fullest = max(parts, key=lambda part: part.num_columns).column_names
            joined = pa.concat_tables(parts, promote_options="permissive")
            names = [*fullest, *(c for c in joined.column_names if c not in fullest)]
            table = joined.select(names).sort_by("run")
            nulls = [i for i, field in enumerate(table.schema) if pa.types.is_null(field.type)]
            for i in nulls:
                table = table.set_column(i, names[i], table[names[i]].cast(pa.string()))
        _replace(self.folder / f"{RUNS}.parquet", partial(_write_parquet, table))
        return table

    def _join_long(self, name: str) -> None:
        """Join the parts of a long table, one after the other: it may be larger than memory."""
        files = self._part_files(name)
        if not files:
            return
        schema = feather.read_table(files[0]).schema

        def write(path: Path) -> None:
            with pq.ParquetWriter(path, schema, **_how(schema)) as writer:
                for file in files:
                    writer.write_table(feather.read_table(file).cast(schema), ROWS)

        _replace(self.folder / f"{name}.parquet", write)


def _how(schema: pa.Schema) -> dict[str, Any]:
    """How a table is written: texts as texts that every reader knows, each once; of numbers with a fraction few come twice.

    Least and greatest of a group stand in the file for the columns by which rows are looked up.
    """
    packed, looked_up = [f.name for f in schema if not pa.types.is_floating(f.type)], [f.name for f in schema if f.name in LOOKED_UP]
    return {"compression": "zstd", "use_dictionary": packed, "store_schema": False, "write_statistics": looked_up}


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, **_how(table.schema))


def _write_arrow(table: pa.Table, path: Path) -> None:
    feather.write_feather(table, str(path), compression="lz4")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn an error of the disk into one line for the user."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"out: '{path}' could not be written ({error.strerror or error}); runs that were finished are whole: "
            "make room, and run the same command again to go on"
        ) from error


def _replace(path: Path, write: Any) -> None:
    """Write a file under a temporary name, then put it in place in one step.

    Raises:
        UserError: the disk is full, or the folder went away.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{time.time_ns()}")
    with _told(path):
        try:
            write(temporary)
            os.replace(temporary, path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
