"""Studies that are stopped, killed, continued and shared out give the same tables as one that never was."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ecsim import api
from ecsim.cli import main
from ecsim.config import compose
from ecsim.errors import UserError
from ecsim.experiment import runner, store
from ecsim.experiment.forecast import forecast
from ecsim.experiment.plan import Shard
from ecsim.experiment.resume import held
from ecsim.experiment.settings import LauncherConfig
from ecsim.game.hold import Hold
from ecsim.grammar import overridden, quoted
from fake_model import a_plan, alone, fail_on_blanket, simulate, slow_series
from test_experiment import assert_same, stored

ENTRIES = {"code_hash": "c", "versions": {"numpy": "2"}, "config": {"seed": 1}}

SCRIPT = """
import sys
from pathlib import Path
from fake_model import a_plan, slow
from ecsim.experiment import runner, store
plan = a_plan("ab", 40, 3)
entries = {"code_hash": "c", "versions": {"numpy": "2"}, "config": {"seed": 1}, "plan_hash": plan.plan_hash}
runner.execute(plan, store.prepare(Path(sys.argv[1]), entries), slow, workers=int(sys.argv[2]), manifest=entries)
"""


def entries(plan, **other):
    return {**ENTRIES, "plan_hash": plan.plan_hash, **other}


def start(tmp_path: Path, out: Path, workers: int, **how) -> subprocess.Popen:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen([sys.executable, str(script), str(out), str(workers)], env=env, start_new_session=True, **how)


def parts(out: Path) -> int:
    return len(list((out / "parts").glob("runs-*.parquet")))


@pytest.mark.slow
def test_killed_again_and_again_with_other_workers_the_table_is_the_same(tmp_path):
    whole = stored(tmp_path / "whole", a_plan("ab", 40, 3), workers=1)
    out = tmp_path / "killed"
    for workers, seen in ((2, 3), (1, 9), (3, 15)):
        process = start(tmp_path, out, workers)
        deadline = time.monotonic() + 60
        while process.poll() is None and parts(out) < seen and time.monotonic() < deadline:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert parts(out) >= seen
        assert not (out / "runs.parquet").exists()
    assert start(tmp_path, out, 2).wait(timeout=60) == 0
    assert_same(whole, out)
    manifest = store.read_manifest(out)
    assert manifest["status"] == "complete"
    assert manifest["resumed"] == 3
    assert {path.name for path in out.iterdir()} == {path.name for path in whole.iterdir()}


def test_what_is_there_is_not_computed_again(tmp_path):
    plan = a_plan("ab", 16, 2)
    whole = stored(tmp_path / "whole", plan, workers=1)
    folder = store.prepare(tmp_path / "s", entries(plan))
    seen = []

    def stop(runs: int) -> None:
        seen.append(runs)
        if len(seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(runner.Interrupted, match="go on with: ecsim resume"):
        runner.execute(plan, folder, simulate, workers=1, manifest=entries(plan), tick=stop)
    found, ticked = [], []
    store.prepare(folder, entries(plan))
    runner.execute(plan, folder, simulate, workers=2, manifest=entries(plan), tick=ticked.append, found=found.append)
    assert sum(found) == sum(seen)
    assert sum(found) + sum(ticked) == len(plan)
    assert_same(whole, folder)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"code_hash": "d"}, "by another version of the program; accepted: a new folder, or the program as it was"),
        ({"versions": {"numpy": "3"}}, r"other libraries \(numpy 2 → 3\)"),
        ({"plan_hash": "x", "config": {"seed": 2}}, r"another study \(seed: 1 → 2\); accepted: a new folder"),
    ],
)
def test_another_program_or_plan_is_refused_and_nothing_is_lost(tmp_path, changed, match):
    plan = a_plan()
    folder = store.prepare(tmp_path / "s", entries(plan))
    with pytest.raises(runner.Stopped):
        runner.execute(plan, folder, fail_on_blanket, workers=1, manifest=entries(plan), fail_fast=True)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UserError, match=match):
        store.prepare(folder, entries(plan) | changed)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_finished_study_is_not_run_again(tmp_path):
    plan = a_plan()
    stored(tmp_path / "s", plan, manifest=entries(plan))
    with pytest.raises(UserError, match="holds a finished study"):
        store.prepare(tmp_path / "s", entries(plan))


def test_fail_fast_stops_and_tells_the_reason(tmp_path):
    with pytest.raises(runner.Stopped, match="stopped at the first run that failed .ValueError: stocks went negative"):
        stored(tmp_path / "s", a_plan("ab", 40, 2), fail_on_blanket, workers=1, fail_fast=True)
    runs = pd.read_parquet(tmp_path / "s" / "runs.parquet")
    assert 0 < len(runs) < 160
    assert (runs["status"] == "failed").any()


def test_shards_then_resume_give_the_whole_table(tmp_path):
    plan = a_plan("abc", 16, 2)
    whole = stored(tmp_path / "whole", plan, workers=1)
    out = tmp_path / "out"
    for number in (3, 1):
        folder = store.prepare(out, entries(plan))
        assert not runner.execute(plan, folder, simulate, workers=1, manifest=entries(plan), shard=Shard(number, 3))
    assert not (out / "runs.parquet").exists()
    runner.execute(plan, store.prepare(out, entries(plan)), simulate, workers=1, manifest=entries(plan))
    assert_same(whole, out)


@pytest.mark.parametrize("text", ["0/4", "5/4", "a/4", "3"])
def test_a_shard_that_is_none_is_refused(text):
    with pytest.raises(UserError, match="accepted: part and number of parts, such as 3/16"):
        Shard.read(text)


def test_two_at_work_in_one_folder_is_refused(tmp_path):
    plan, folder = a_plan(), store.prepare(tmp_path / "s")

    def second(runs: int) -> None:
        with pytest.raises(UserError, match="another process is at work"):
            runner.execute(plan, folder, simulate, workers=1)

    runner.execute(plan, folder, simulate, workers=1, tick=second)


@contextmanager
def a_game(folder: Path):
    """At work on a game in a folder."""
    hold = Hold(folder / "game.jsonl")
    try:
        yield
    finally:
        hold.release()


@pytest.mark.parametrize("at_work", [lambda folder: held(folder, shared=False), a_game], ids=["study", "game"])
def test_who_opened_the_file_of_one_that_ended_does_not_keep_it_to_himself(tmp_path, monkeypatch, at_work):
    """The first ends between the moment in which the second opens the file and that in which it locks it; then comes a third."""
    first = at_work(tmp_path)
    first.__enter__()
    real = fcntl.flock

    def later(file, how):
        monkeypatch.setattr(fcntl, "flock", real)
        first.__exit__(None, None, None)
        return real(file, how)

    monkeypatch.setattr(fcntl, "flock", later)
    with at_work(tmp_path), pytest.raises(UserError, match="another process"), at_work(tmp_path):
        pass
    with at_work(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_shards_share_a_folder_and_keep_others_out(tmp_path):
    refused = pytest.raises(UserError, match="another process is at work")
    with held(tmp_path, shared=True), held(tmp_path, shared=True), refused, held(tmp_path, shared=False):
        pass


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_the_study_goes_on_when_there_is_room(tmp_path):
    """The operating system refuses to make a file larger than a part of a few runs needs."""
    out = tmp_path / "out"

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    process = start(tmp_path, out, 1, preexec_fn=small_disk, stderr=subprocess.PIPE, text=True)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "could not be written" in err and "run the same command again to go on" in err
    assert not list(out.rglob(".*parquet*"))
    assert start(tmp_path, out, 1).wait(timeout=60) == 0
    assert_same(stored(tmp_path / "whole", a_plan("ab", 40, 3), workers=1), out)


def test_the_command_line_goes_on_where_it_was_stopped(tmp_path):
    words = ["policy=none,blanket", "time.quarters=2", "economy=small", "experiment.seeds=8", "launcher=serial"]
    whole = api.study("sweep", [*words, f"out={tmp_path / 'whole'}"], progress=False)
    out = tmp_path / "out"
    api.study("sweep", [*words, f"out={out}", "shard=1/2"], progress=False)
    assert not (out / "runs.parquet").exists()
    with pytest.raises(UserError, match=r"was killed before its runs were joined; accepted: .*'ecsim resume "):
        api.load(out)
    with pytest.raises(UserError, match=r"another study .*time.quarters: 2 → 3"):
        api.study("sweep", [*overridden(words, ["time.quarters=3"]), f"out={out}"], progress=False)
    again = api.resume(out, "experiment.workers=1", progress=False)
    assert_same(whole.folder, again.folder)
    with pytest.raises(UserError, match="holds a finished study"):
        api.resume(out)
    with pytest.raises(UserError, match="no study was begun here"):
        api.resume(tmp_path)


@pytest.mark.parametrize("name", ["o'b", "it\\'s", "a b=c, [d] {e} #f", 'say "no"', "${policy.name}", "end\\", "研究 一"])
def test_a_folder_of_any_name_is_written_resumed_and_named_as_a_shell_takes_it(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    words = ["time.quarters=4", "economy=small", "launcher=serial", "report=false"]
    policies = ["none", "small_yard policy.scope=['lithography']"]
    made = api.compare(*words, "experiment.draws=0", "experiment.seeds=1", policies=policies, out=name, progress=False)
    assert made.folder == Path(name) and [path.name for path in tmp_path.iterdir()] == [name]
    assert list(made.runs["policy"]) == ["none", "small_yard:scope=[lithography]"]
    other = f"other {name}"
    api.study("sweep", ["policy=none,blanket", "experiment.seeds=4", *words, f"out={quoted(other)}", "shard=1/2"], progress=False)
    with pytest.raises(UserError) as error:
        api.load(other)
    _, command, told = re.search(r"'(ecsim (resume) (.*))' goes on with one", str(error.value)).groups()
    assert main([command, *shlex.split(told)]) == 0
    assert capsys.readouterr().out.endswith(f"Results: {other}\n")
    assert len(api.load(other).runs) == 8


@pytest.mark.parametrize(
    ("entry", "says"),
    [("small_yard policy.name=o'b", "has a quote that is not closed; accepted: "), ("", "an entry is empty; accepted: ")],
)
def test_a_policy_of_a_list_that_cannot_be_read_is_refused(entry, says):
    with pytest.raises(UserError, match=f"^experiment.policies: .*{says}"):
        api.compare(policies=["none", entry])


def test_a_dry_run_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = api.dry_run("sweep", ["policy=none,blanket", "time.quarters=2", "economy=small", "experiment.draws=4"])
    assert "Runs      8 = 2 policies or points × 4 draws × 1 seeds" in told
    assert "ms a run" in told
    assert not list(tmp_path.iterdir())


def told_ms(plan, workers, simulated) -> float:
    settings = compose([f"experiment.workers={workers}"])
    told = forecast(plan, settings, simulated)
    assert "Not in it: joining the stored tables" in told
    return float(re.search(r"(\d+) ms a run", told)[1])


def test_a_forecast_counts_the_series_where_they_are_stored():
    assert told_ms(a_plan("ab", 4, 1), 1, slow_series) >= 50  # its series take as long, and the run takes nothing


def test_a_forecast_counts_what_workers_take_from_each_other():
    plan = replace(a_plan("ab", 8, 1), series=False)
    assert told_ms(plan, 2, alone) >= 55  # 30 ms a run where one worker has the machine to itself


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_runs(tmp_path):
    import tracemalloc

    plan = a_plan("ab", 150, 2)
    tracemalloc.start()
    stored(tmp_path / "s", replace(plan, replicates=plan.replicates[:60], series=False), workers=1)
    first = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    stored(tmp_path / "t", replace(plan, series=False), workers=1)
    second = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert second < first + 3_000 * 480  # some bytes a run for its row, and no model


# clusters


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_table_even_when_a_worker_is_killed(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    from fake_model import kill_worker_once

    monkeypatch.setenv("ECSIM_TEST_STARTED", str(tmp_path / "killed"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    plan = a_plan("abc", 16, 4)
    whole = stored(tmp_path / "whole", plan, workers=1)
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as cluster:
        launcher = LauncherConfig(kind="dask", address=cluster.scheduler_address)
        folder = stored(tmp_path / "dask", plan, kill_worker_once, launcher=launcher)
    assert (tmp_path / "killed").exists()
    assert_same(whole, folder)


def test_an_address_where_nobody_answers_is_one_line(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("ecsim.experiment.cluster.PATIENCE", 1)
    with pytest.raises(UserError, match="launcher.address: no Dask cluster with workers at 'tcp://127.0.0.1:9'"):
        stored(tmp_path / "s", a_plan(), launcher=LauncherConfig(kind="dask", address="tcp://127.0.0.1:9"))
    with pytest.raises(UserError, match="launcher.address: of no use to launcher 'serial'"):
        LauncherConfig(kind="serial", address="tcp://127.0.0.1:9")
