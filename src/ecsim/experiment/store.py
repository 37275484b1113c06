"""A results folder: parts while a study runs, whole tables and a manifest when it ends.

While a study runs, every finished chunk is a part of its own under `parts/`, written to a temporary name and
renamed, the rows of `runs` last: a part that is there is whole. When the study ends, or is interrupted, parts are
joined in the order of the runs into the tables that results/README.md describes, each again by renaming, and
removed. So a folder never holds half a table, and the tables do not depend on the order in which runs finished.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecsim.errors import UserError
from ecsim.experiment.work import KEYS, ChunkResult

RUNS = "runs"
LONG_TABLES = tuple(KEYS)
MANIFEST = "manifest.json"
FAILURES = "failures.csv"
PARTS = "parts"
FIRST_COLUMNS = ("run", "policy", "replicate", "draw", "seed", "status", "reason", "wall_ms")


def prepare(folder: Path) -> Path:
    """Make a folder for results and make sure that it can be written, before anything is computed.

    Raises:
        UserError: it cannot be made or written, or holds something already.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UserError(f"out: '{folder}' is not empty; accepted: a new folder, or an empty one")
        probe = folder / f".{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UserError(f"out: cannot write to '{folder}' ({error.strerror or error}); accepted: a folder that you may write to") from error
    return folder


class Store:
    """Writes one results folder.

    Args:
        folder: an empty folder (`prepare`).
        manifest: what is known at the start.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = dict(manifest)
        self._parts = folder / PARTS
        self._parts.mkdir()
        self.note(status="running")

    def note(self, **entries: Any) -> None:
        """Add entries to the manifest."""
        self.manifest.update(entries)
        text = json.dumps(self.manifest, indent=1, ensure_ascii=False, sort_keys=False)
        _replace(self.folder / MANIFEST, lambda path: path.write_text(text + "\n", encoding="utf-8"))

    def add(self, chunk: ChunkResult) -> None:
        """Keep the results of a chunk."""
        for name, table in chunk.tables.items():
            self._write_part(name, chunk.index, _plain_texts(table))
        self._write_part(RUNS, chunk.index, pa.Table.from_pandas(pd.DataFrame(chunk.rows), preserve_index=False))

    def finish(self, status: str, **entries: Any) -> int:
        """Join the parts and close the manifest; returns the number of runs.

        Args:
            status: "complete" or "interrupted".
            entries: further entries of the manifest.
        """
        runs = self._join_runs()
        for name in LONG_TABLES:
            self._join_long(name)
        failed = runs[runs["status"] != "ok"] if len(runs) else runs
        if len(failed):
            _replace(self.folder / FAILURES, lambda path: failed.to_csv(path, index=False, quoting=csv.QUOTE_MINIMAL))
        self.note(status=status, runs=len(runs), failed=len(failed), **entries)
        shutil.rmtree(self._parts)
        return len(runs)

    def _write_part(self, name: str, index: int, table: pa.Table) -> None:
        _replace(self._parts / f"{name}-{index:06d}.parquet", lambda path: pq.write_table(table, path, compression="zstd"))

    def _part_files(self, name: str) -> list[Path]:
        """Parts of a table, of the chunks whose rows of `runs` are there."""
        whole = sorted(path.stem.removeprefix(RUNS) for path in self._parts.glob(f"{RUNS}-*.parquet"))
        return [path for number in whole if (path := self._parts / f"{name}{number}.parquet").exists()]

    def _join_runs(self) -> pd.DataFrame:
        parts = [pd.read_parquet(path) for path in self._part_files(RUNS)]
        if not parts:
            return pd.DataFrame(columns=list(FIRST_COLUMNS))
        columns = list(dict.fromkeys(c for part in parts for c in part.columns))
        # a part in which all runs failed has no outcomes, and comes first or last by chance: order by the fullest
        fullest = max(parts, key=lambda part: len(part.columns))
        ordered = [*fullest.columns, *(c for c in columns if c not in fullest.columns)]
        runs = pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True).reindex(columns=ordered)
        runs = runs.astype({"reason": "str"}) if runs["reason"].isna().all() else runs
        _replace(self.folder / f"{RUNS}.parquet", lambda path: runs.to_parquet(path, index=False, compression="zstd"))
        return runs

    def _join_long(self, name: str) -> None:
        files = self._part_files(name)
        if not files:
            return
        schema = pq.read_schema(files[0])

        def write(path: Path) -> None:
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                for file in files:
                    writer.write_table(pq.read_table(file).cast(schema))

        _replace(self.folder / f"{name}.parquet", write)


def _plain_texts(table: pa.Table) -> pa.Table:
    """Dictionaries as texts, which every reader understands; Parquet packs them all the same."""
    fields = [pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def _replace(path: Path, write: Any) -> None:
    """Write a file under a temporary name, then put it in place in one step.

    Raises:
        UserError: the disk is full, or the folder went away.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"out: '{path}' could not be written ({error.strerror or error}); runs that were finished are whole") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
