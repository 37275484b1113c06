"""Studies: replicates, plans, runner and store."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsim.cli import main
from ecsim.course import Course
from ecsim.course import simulate as model_simulate
from ecsim.errors import UserError
from ecsim.experiment import runner, store
from ecsim.experiment.design import replicates
from ecsim.experiment.settings import LauncherConfig
from ecsim.experiment.studies import plan_study
from ecsim.params import REGISTRY
from ecsim.world import World
from fake_model import a_plan, count_baselines, die_on_third, fail_for_many_reasons, fail_on_blanket, simulate

UNCERTAIN = [name for name, info in REGISTRY.items() if info.uncertain]


def stored(folder: Path, plan, model=simulate, **how) -> Path:
    """Run a study into a folder."""
    runner.execute(plan, store.prepare(folder), model, **how)
    return folder


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """All tables but for wall times."""
    found = {path.name: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    found["runs.parquet"] = found["runs.parquet"].drop(columns="wall_ms")
    return found


def assert_same(a: Path, b: Path) -> None:
    left, right = tables(a), tables(b)
    assert left.keys() == right.keys()
    for name, table in left.items():
        pd.testing.assert_frame_equal(table, right[name], check_exact=True)


# replicates


@given(st.integers(0, 1000), st.integers(1, 40), st.integers(1, 4))
def test_draws_lie_in_their_ranges_and_seeds_are_nested_in_draws(study_seed, draws, seeds):
    made = replicates(study_seed, draws, seeds)
    assert [r.index for r in made] == list(range(draws * seeds))
    assert len({r.seed for r in made}) == draws * seeds
    for r in made:
        assert list(r.values) == UNCERTAIN
        assert all(REGISTRY[k].lo <= v <= REGISTRY[k].hi for k, v in r.values.items())
        assert r.values == made[r.draw * seeds].values


@given(st.integers(1, 20), st.integers(1, 20))
def test_a_longer_study_begins_with_the_shorter_one(draws, more):
    short, long = replicates(7, draws, 2), replicates(7, draws + more, 2)
    assert long[: len(short)] == short


def test_a_parameter_that_the_user_set_is_not_drawn_and_leaves_the_others_as_they_were():
    chosen = UNCERTAIN[1]
    free, fixed = replicates(1, 8, 1), replicates(1, 8, 1, chosen=[chosen])
    for a, b in zip(free, fixed, strict=True):
        assert b.values == {k: v for k, v in a.values.items() if k != chosen}


def test_draws_fill_each_range_evenly():
    values = np.array([r.values[UNCERTAIN[0]] for r in replicates(3, 64, 1)])
    info = REGISTRY[UNCERTAIN[0]]
    counts, _ = np.histogram(values, bins=8, range=(info.lo, info.hi))
    assert counts.min() == counts.max() == 8


def test_seeds_of_runs_are_such_as_random_streams_take_whatever_the_seed_of_the_study():
    plan, _ = plan_study(
        "compare", ["seed=6766337668538551", "experiment.draws=4"]
    )  # those of its first draw end 1,024 before the last of all
    assert len({job.config.seed for job in plan.jobs()}) == len(plan.replicates)


def test_studies_of_another_seed_share_no_seed_of_a_run():
    assert not {r.seed for r in replicates(1, 50, 3)} & {r.seed for r in replicates(2, 50, 3)}


# plans


@given(st.integers(1, 20), st.integers(1, 12), st.integers(1, 3))
def test_chunks_hold_every_run_once_in_order(policies, draws, seeds):
    plan = a_plan("abcdefghijklmnopqrst"[:policies], draws, seeds)
    chunks = list(plan.chunks())
    assert [job.run for chunk in chunks for job in chunk] == list(range(len(plan)))
    assert max(map(len, chunks)) <= 32


def test_policies_meet_the_same_parameters_and_seed():
    jobs = list(a_plan("abc", 3, 2).jobs())
    for i in range(0, len(jobs), 3):
        trio = [(job.config.params, job.config.seed) for job in jobs[i : i + 3]]
        assert trio[0] == trio[1] == trio[2]
    assert len({job.config.seed for job in jobs}) == 6


# runner and store


def test_the_table_is_the_same_with_one_and_two_workers(tmp_path):
    plan = a_plan("abc", 16, 2)
    one, two = stored(tmp_path / "one", plan, workers=1), stored(tmp_path / "two", plan, workers=2)
    assert_same(one, two)
    runs = pd.read_parquet(one / "runs.parquet")
    assert list(runs["run"]) == list(range(96))
    assert list(runs.columns[:8]) == ["run", "policy", "replicate", "draw", "seed", "status", "reason", "wall_ms"]
    assert set(UNCERTAIN) <= set(runs.columns)
    expected = runs["innovation.stretch"] + runs["seed"] % 97 + runs["order"]
    np.testing.assert_allclose(runs["gap_mean"], expected)


def test_series_events_and_flows_belong_to_their_runs(tmp_path):
    folder = stored(tmp_path / "s", a_plan("ab", 2, 2))
    series, runs = pd.read_parquet(folder / "series.parquet"), pd.read_parquet(folder / "runs.parquet")
    assert list(series.columns) == ["run", "policy", "replicate", "draw", "quarter", "name", "key", "value"]
    first = series[series["quarter"] == 0].merge(runs, on=["run", "policy", "replicate", "draw"])
    assert len(first) == len(runs)
    assert (first["value"] == first["gap_mean"]).all()
    assert set(pd.read_parquet(folder / "events.parquet")["text_zh"]) == {"中"}
    assert len(pd.read_parquet(folder / "flows.parquet")) == len(runs)


def test_no_series_on_request(tmp_path):
    folder = stored(tmp_path / "s", a_plan(series=False))
    assert {path.name for path in folder.iterdir()} == {"runs.parquet", "manifest.json"}


def test_duckdb_reads_the_tables(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    folder = stored(tmp_path / "s", a_plan("ab", 2, 2))
    rows = duckdb.sql(f"select policy, avg(gap_added) from '{folder}/runs.parquet' group by policy order by policy").fetchall()
    assert rows == [("a", 0.0), ("b", 1.0)]


def test_the_baseline_of_a_replicate_is_made_once_and_shared(tmp_path):
    folder = stored(tmp_path / "s", a_plan("abc", 4, 2), count_baselines, workers=1)
    runs = pd.read_parquet(folder / "runs.parquet")
    assert (runs.groupby("replicate")["had_baseline"].sum() == 2).all()


def test_a_failed_run_is_a_row_with_its_reason(tmp_path):
    folder = stored(tmp_path / "s", a_plan("abc", 2, 2), fail_on_blanket)
    runs = pd.read_parquet(folder / "runs.parquet")
    bad = runs[runs["policy"] == "b"]
    assert set(bad["status"]) == {"failed"}
    assert set(bad["reason"]) == {"ValueError: stocks went negative"}
    assert bad["gap_mean"].isna().all()
    assert set(runs[runs["policy"] != "b"]["status"]) == {"ok"}
    assert len(pd.read_csv(folder / "failures.csv")) == 4
    assert json.loads((folder / "manifest.json").read_text())["failed"] == 4


@pytest.mark.parametrize("workers", [1, 2])
def test_where_the_first_run_of_each_reason_failed_is_kept(tmp_path, workers):
    folder = stored(tmp_path / "s", a_plan("abc", 8, 2), fail_on_blanket, workers=workers)
    told = (folder / "failures.txt").read_text(encoding="utf-8")
    assert told.count("Traceback (most recent call last)") == 1
    bad = pd.read_csv(folder / "failures.csv")
    assert told.startswith(f"run {bad['run'].min()}: ValueError: stocks went negative\n")
    assert 'File "fake_model.py"' in told and "in fail_on_blanket" in told and 'File "ecsim/experiment/work.py"' in told
    assert not re.search(r'File "(/|[A-Za-z]:)', told)


def test_what_is_kept_of_failures_is_bounded(tmp_path):
    folder = stored(tmp_path / "s", a_plan("ab", 16, 2), fail_for_many_reasons, workers=1)
    told = (folder / "failures.txt").read_text(encoding="utf-8")
    assert len(re.findall("^run [0-9]+: RuntimeError: seed", told, re.M)) == 20
    assert told.endswith("more reasons are in failures.csv alone.\n") and len(told) < 200_000
    assert "RuntimeError: seed" in told.splitlines()[-3]


def test_a_study_without_failures_has_no_file_of_them(tmp_path):
    folder = stored(tmp_path / "s", a_plan("ab", 2, 2))
    assert not list(folder.glob("failures.*"))


def test_the_command_line_names_both_files_of_failures(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ecsim.course.simulate", fail_on_blanket)
    assert main(["run", "policy.name=b", "time.quarters=4", "economy=small", "launcher=serial", "out=s"]) == 1
    err = capsys.readouterr().err
    assert err.endswith("no run succeeded; first reason: ValueError: stocks went negative; all are in s/failures.csv, s/failures.txt\n")


def test_a_worker_that_dies_costs_its_own_runs_only(tmp_path):
    plan = a_plan("a", 8, 5)
    folder = stored(tmp_path / "s", plan, die_on_third, workers=2)
    runs = pd.read_parquet(folder / "runs.parquet")
    lost = runs[runs["status"] == "failed"]
    assert list(runs["run"]) == list(range(40))
    assert set(lost["reason"]) == {runner.LOST}
    killers = runs["seed"] % 10_000 == 3
    assert killers[lost.index].any()
    assert set(runs[killers]["status"]) == {"failed"}
    chunk_of = {job.run: i for i, chunk in enumerate(plan.chunks()) for job in chunk}
    assert {chunk_of[run] for run in lost["run"]} == {chunk_of[run] for run in runs[killers]["run"]}


def test_progress_counts_every_run(tmp_path):
    seen: list[int] = []
    stored(tmp_path / "s", a_plan("ab", 8, 2), workers=2, tick=seen.append)
    assert sum(seen) == 32
    assert len(seen) > 4


def test_serial_launcher_runs_in_this_process(tmp_path):
    def local(config, baseline):  # could not be sent to another process
        return simulate(config, baseline)

    folder = stored(tmp_path / "s", a_plan(), local, workers=4, launcher=LauncherConfig(kind="serial"))
    assert (pd.read_parquet(folder / "runs.parquet")["status"] == "ok").all()


@pytest.mark.parametrize("make", [lambda p: p / "file" / "sub", lambda p: p / "file"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, make):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="out: cannot write to .*accepted: a folder that you may write to"):
        store.prepare(make(tmp_path))


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(UserError, match="not empty"):
        store.prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_disk_that_fails_is_one_line_and_spoils_no_finished_run(tmp_path, monkeypatch):
    real, written = os.replace, []

    def full_after_ten(source, target):
        written.append(target)
        if len(written) > 10:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full_after_ten)
    with pytest.raises(UserError, match="No space left on device"):
        stored(tmp_path / "s", a_plan("ab", 8, 2), workers=1)
    parts = list((tmp_path / "s" / "parts").iterdir())
    assert len(parts) == 9
    for path in parts:
        whole(path)


def whole(path: Path) -> pd.DataFrame:
    """A part, which can be read."""
    return pd.read_feather(path) if path.suffix == ".arrow" else pd.read_parquet(path)


def test_finished_runs_leave_no_world_behind():
    def alive() -> int:
        gc.collect()
        return sum(issubclass(type(thing), (Course, World)) for thing in gc.get_objects())  # a dead proxy has no other class to ask for

    plan, _ = plan_study("compare", ["economy=small", "time.quarters=2", "experiment.draws=1", "experiment.seeds=1"])
    jobs = list(plan.jobs())
    model_simulate(jobs[0].config, None)  # the opening position of an economy is kept for the next run
    before = alive()
    for job in jobs:
        model_simulate(job.config, None)
    assert alive() == before


SCRIPT = """
import sys
from pathlib import Path
from fake_model import a_plan, wait
from ecsim.experiment import runner, store
try:
    runner.execute(a_plan("ab", 40, 2), store.prepare(Path(sys.argv[1])), wait, workers=2)
except runner.Interrupted as stop:
    print(stop.done)
    sys.exit(130)
"""


def start_script(tmp_path: Path) -> tuple[subprocess.Popen, Path]:
    """A study in another process, which has no main guard, once its first run began."""
    script, started = tmp_path / "script.py", tmp_path / "started"
    script.write_text(SCRIPT)
    env = {**os.environ, "ECSIM_TEST_STARTED": str(started), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "out")], env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    return process, tmp_path / "out"


@pytest.mark.slow
def test_ctrl_c_keeps_the_finished_runs_and_says_interrupted(tmp_path):
    process, out = start_script(tmp_path)
    parts = out / "parts"
    while process.poll() is None and len(list(parts.glob("runs-*"))) < 2:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to every process of the group
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    runs = pd.read_parquet(out / "runs.parquet")
    assert len(runs) == int(printed) >= 2
    assert (runs["status"] == "ok").all()
    assert json.loads((out / "manifest.json").read_text())["status"] == "interrupted"
    assert sorted(path.name for path in out.iterdir()) == [
        "events.parquet",
        "flows.parquet",
        "manifest.json",
        "parts",  # from which the study can go on
        "runs.parquet",
        "series.parquet",
    ]
    assert set(pd.read_parquet(out / "series.parquet")["run"]) == set(runs["run"])


@pytest.mark.slow
def test_workers_die_with_a_study_that_is_killed(tmp_path):
    process, out = start_script(tmp_path)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _group_lives(process.pid):
        time.sleep(0.1)
    assert not _group_lives(process.pid)
    assert json.loads((out / "manifest.json").read_text())["status"] == "running"
    for path in (out / "parts").glob("[!.]*"):
        whole(path)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_runs_outside_the_main_thread(tmp_path):
    thread = threading.Thread(target=stored, args=(tmp_path / "s", a_plan()), kwargs={"workers": 1})
    thread.start()
    thread.join()
    assert json.loads((tmp_path / "s" / "manifest.json").read_text())["status"] == "complete"
