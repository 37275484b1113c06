"""Long tables as studies keep them: the same rows as the tables of their runs, and little to read of one series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsim import config, longform
from ecsim.course import RunResult, simulate
from ecsim.experiment.plan import Job
from ecsim.experiment.store import ROWS, Store
from ecsim.experiment.work import KEYS, ChunkResult, run_chunk

RUN = config.compose(["policy=history", "economy=small", "time.quarters=12"]).run
DOCUMENTS = config.compose(["policy=endogenous", "policy.documents=true", "economy=small", "time.quarters=6"]).run
FREE = config.compose(["policy=none", "economy=small", "time.quarters=4"]).run

rows = st.lists(st.tuples(st.sampled_from(["gap", "税", ""]), st.integers(-5, 5), st.floats(allow_nan=False)), min_size=1)


@given(st.lists(rows, min_size=1, max_size=4))
def test_joined_tables_hold_the_rows_of_each_below_its_keys(parts: list[list[tuple[str, int, float]]]) -> None:
    frames = [pd.DataFrame(part, columns=["name", "quarter", "value"]) for part in parts]
    tables = [longform.with_keys(longform.of_frame(f), {"run": i, "policy": f"p{i}"}) for i, f in enumerate(frames)]
    joined = longform.joined(tables)
    wanted = pd.concat([f.assign(run=i, policy=f"p{i}") for i, f in enumerate(frames)], ignore_index=True)[joined.column_names]
    pd.testing.assert_frame_equal(longform.plain(joined).to_pandas(), wanted, check_dtype=False)
    in_order = longform.plain(longform.by_text(joined, "name")).to_pandas()
    pd.testing.assert_frame_equal(in_order, wanted.sort_values("name", kind="stable", ignore_index=True), check_dtype=False)


@pytest.mark.parametrize("run", [RUN, DOCUMENTS, FREE], ids=["history", "documents", "none"])
def test_a_chunk_holds_what_its_runs_say(run: config.RunConfig) -> None:
    results: dict[int, RunResult] = {}

    def kept(settings: config.RunConfig, baseline: object) -> RunResult:
        results[settings.seed] = simulate(settings)
        return results[settings.seed]

    jobs = [
        Job(i, replace(run, seed=seed), {"run": i, "policy": run.label, "replicate": i, "draw": i, "seed": seed})
        for i, seed in enumerate((3, 8))
    ]
    tables = run_chunk(kept, True, 0, jobs).tables
    for name, keys in KEYS.items():
        frames = [getattr(results[job.config.seed], name).assign(**{k: job.columns[k] for k in keys}) for job in jobs]
        wanted = pd.concat(frames, ignore_index=True)
        found = longform.plain(tables[name]).to_pandas()
        assert list(found) == [*keys, *(c for c in wanted if c not in keys)]
        if name == "series":
            assert found["name"].is_monotonic_increasing
            order = ["run", "name", "key", "quarter"]
            found, wanted = found.sort_values(order, ignore_index=True), wanted.sort_values(order, ignore_index=True)
        pd.testing.assert_frame_equal(found, wanted[list(found)], check_dtype=False)


def test_one_series_is_read_without_the_others(tmp_path: Path) -> None:
    names, each = [f"series {i:02}" for i in range(40)], 10_000
    frame = pd.DataFrame({"run": 0, "name": [n for n in names for _ in range(each)], "value": 1.0})
    store = Store(tmp_path, {})
    for index in range(2):
        store.add(ChunkResult(index, [{"run": index, "status": "ok"}], {"series": longform.of_frame(frame)}))
    store.finish("complete")
    file = pq.ParquetFile(tmp_path / "series.parquet").metadata
    at = file.schema.names.index("name")
    groups = [file.row_group(i).column(at).statistics for i in range(file.num_row_groups)]
    read = sum(file.row_group(i).num_rows for i, g in enumerate(groups) if g.min <= names[20] <= g.max)
    assert file.num_rows == 2 * len(names) * each and 2 * each <= read <= 4 * ROWS
