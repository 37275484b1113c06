"""The command line as a user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pytest

import ecsim
from ecsim.cli import main
from ecsim.composing import choices

SOURCE = str(Path(ecsim.__file__).parents[1])
SHORT = ("time.quarters=6", "economy=small", "report=false")
SMALL_STUDY = (*SHORT, "experiment.draws=2", "experiment.seeds=2")
TABLES = ("runs", "series", "events", "flows")
TOPICS = ("parameters", "products", "tools", "instruments", "outcomes", "schedule", "strategies", "policy", "scenarios", "data")
HEAVY = ("numpy", "pandas", "scipy", "mesa", "hydra", "omegaconf", "matplotlib", "pyarrow", "networkx", "rich")


def start(*words: str, cwd: Path, **how) -> subprocess.Popen:
    """`ecsim …` in a folder."""
    env = {**os.environ, "PYTHONPATH": SOURCE, "COLUMNS": "100"}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **how}
    return subprocess.Popen([sys.executable, "-m", "ecsim", *words], cwd=cwd, env=env, text=True, **streams)


def call(*words: str, cwd: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `ecsim …`."""
    process = start(*words, cwd=cwd)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def heavy_modules(code: str, among: Collection[str] = HEAVY) -> set[str]:
    """Heavy libraries that are loaded after some code."""
    code = f"import sys\nsys.argv = ['ecsim']\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": SOURCE}
    )
    return set(among) & set(done.stdout.split())


def test_importing_and_helping_load_nothing_heavy():
    assert not heavy_modules("import ecsim")
    assert not heavy_modules("from ecsim.cli import main; main(['--help'])")
    assert not heavy_modules("from ecsim.cli import main; main(['nonsense'])")
    assert heavy_modules("import ecsim; ecsim.run")  # so that the above means something


@pytest.mark.slow
def test_a_run_loads_neither_mesa_nor_what_draws_nor_what_only_a_compiler_needs(tmp_path):
    call("run", *SHORT, "out=compiled", cwd=tmp_path)  # the compiler, where it has not done its work yet, loads more
    words = ["run", *SHORT, f"out='{tmp_path / 'r'}'"]
    left_out = ("mesa", "networkx", "matplotlib", "jinja2", "scipy.linalg", "scipy.stats", "numba.np.linalg")
    assert not heavy_modules(f"from ecsim.cli import main; main({words!r})", left_out)
    choosing = ["run", "policy=endogenous", "alliance=endogenous", *SHORT]
    call(*choosing, "out=chosen", cwd=tmp_path)
    assert not heavy_modules(f"from ecsim.cli import main; main({[*choosing, f'out={tmp_path}/c']!r})", left_out)
    assert "mesa" in heavy_modules("import ecsim; ecsim.build_model('none', 'economy=small')", left_out)


def test_help_names_every_command(tmp_path):
    code, out, _ = call("--help", cwd=tmp_path)
    assert code == 0
    for word in ("run", "compare", "factorial", "sweep", "report", "describe", "130"):
        assert word in out
    assert call(cwd=tmp_path)[:2] == (0, out)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["comprae"], "unknown command 'comprae'; did you mean 'compare'?"),
        ([""], "unknown command ''; accepted: run, "),
        (["policy=blankt"], "policy: unknown choice 'blankt'; did you mean 'blanket'?"),
        (["run", "policy.heigth=1"], "did you mean 'policy.height'?"),
        (["run", "time.quarters=soon"], "time.quarters: 'soon' is not a number"),
        (["run", "--jsno"], "unknown option '--jsno'; accepted: --json"),
        (["compare", "experiment.policies=[none,nothing]"], "unknown choice 'nothing'"),
        (["run", "out=/dev/null/x"], "out: cannot write to '/dev/null/x'"),
        (["report", "nowhere"], "nowhere: no runs.parquet here"),
        (["report", __file__], "test_cli.py: a file; accepted: the results folder of a study"),
        (["discover", __file__], "test_cli.py: a file; accepted: the results folder of a study"),
        (["report", __file__, "lang=zh"], "test_cli.py：这是文件；可用：研究的结果文件夹"),
        (["run", "policy.height=95%"], "policy.height: '95%' will not do; accepted: a number from 0 to 1"),
        (["run", "policy.de_minimis=x"], "policy.de_minimis: 'x' will not do; accepted: a number from 0 to 1"),
        (["run", "policy.listings=1.5"], "policy.listings: '1.5' will not do; accepted: a whole number from 0"),
        (["run", "policy.delay=-1"], "policy.delay: '-1.0' will not do; accepted: a number from 0\n"),
        (["sweep", "alliance.participation=0.5,half"], "alliance.participation: 'half' will not do; accepted: a number from 0 to 1"),
        (["report", "nowhere", "zh"], "report: 'zh' is one word too many; accepted: a results folder, and lang=zh"),
        (["report"], "report: Missing argument 'folder'; see 'ecsim report --help'"),
        (["describe", "tools", "lang=zh", "more"], "describe: Got unexpected extra argument(s) (more); see 'ecsim describe --help'"),
        (["game", "serve", "--port", "high"], "game serve: Invalid value for '--port'"),
        (["long", "draws=2", "out=/dev/null/x"], "out: cannot write to '/dev/null/x'"),
        (["describe", "toolz"], "did you mean 'tools'?"),
        (["run", "--config-dir", "nowhere"], "--config-dir: no folder 'nowhere'"),
    ],
)
def test_bad_input_is_one_line_and_code_2_and_leaves_nothing(tmp_path, monkeypatch, capsys, words, text):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ecsim: ")
    assert err.count("\n") == 1
    assert text in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "policy=blankt"], "policy：没有“blankt”这个选项（是否指“blanket”？）；可用：blanket, custom, "),
        (["run", "policy.heigth=1"], "设定：没有“policy.heigth”这个键（是否指“policy.height”？）；可用：policy."),
        (["run", "stretch=1"], "设定：没有“stretch”这个键；是否指“innovation.stretch”？"),
        (["run", "time.quarters=0"], "配置：time.quarters：0 超出范围；可用：1 至 400 quarters"),
        (["sweep", "innovation.stretch=1,9"], "扫描：innovation.stretch：9 超出范围；可用：0.4 至 1.8（合理范围），最宽 0 至 3.2"),
        (["run", "time.quarters=soon"], "配置：time.quarters：“soon”不是数；可用：1 至 400 quarters"),
        (["run", "time.quarters=1.5"], "配置：time.quarters：1.5 不是整数；可用：1 至 400 quarters"),
        (["run", "policy=blanket", "policy=none"], "policy：设了两次，“blanket”和“none”；可用：其中之一"),
        (["run", "out=full"], "out：“full”不是空的；可用：新的或空的文件夹"),
        (["run", "out=/dev/null/x"], "out：无法写入“/dev/null/x”（"),
        (["report", "nowhere"], "nowhere：没有这个文件夹；可用：研究的结果文件夹"),
        (["report", "full"], "full：此处没有 runs.parquet；可用：研究的结果文件夹"),
        (["comprae"], "没有“comprae”这个命令（是否指“compare”？）；可用：run, compare, "),
        (["sweep", "seed"], "“seed”不是设定；可用：键=值，如 policy=blanket"),
    ],
)
@pytest.mark.parametrize("asked", [["lang=zh"], ["--lang", "zh"], ["--lang=zh"]])
def test_the_usual_slips_are_told_in_chinese_to_who_asked_for_it(words, told, asked, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    assert main([*words, *asked]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"ecsim: {told}") and err.count("\n") == 1


def test_an_error_without_a_chinese_twin_is_told_in_english(capsys):
    assert main(["run", "--jsno", "lang=zh"]) == 2
    assert capsys.readouterr().err.startswith("ecsim: unknown option '--jsno'")


def test_a_file_of_configuration_that_is_no_yaml_is_named(tmp_path, capsys):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "mine.yaml").write_text("kind: [", encoding="utf-8")
    assert main(["run", "policy=mine", "--config-dir", str(tmp_path), "--dry-run"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "not YAML" in err and "mine.yaml" in err and "line 1" in err


def test_a_policy_in_a_file_of_targets_is_checked_with_its_row(tmp_path, capsys):
    columns = "id,quantity,period,target,tolerance,unit,kind,source,role,outcome,policy"
    row = ",revenue,2020,1,1,percent,level,me,check,home_revenue,"
    mine = tmp_path / "mine.csv"
    mine.write_text("\n".join([columns, "A" + row + "blanket", "B" + row + "blankt alliance=allies"]) + "\n", encoding="utf-8")
    assert main(["validate", f"targets={mine}", "--dry-run"]) == 2
    assert "mine.csv: row 3: policy: unknown choice 'blankt'; did you mean 'blanket'?" in capsys.readouterr().err


def test_bad_input_in_a_process_of_its_own(tmp_path):
    code, out, err = call("policy=blankt", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err == "ecsim: policy: unknown choice 'blankt'; did you mean 'blanket'?; accepted: " + ", ".join(choices("policy")) + "\n"


def test_a_run_ends_with_a_table_and_a_folder_that_tells_where_it_comes_from(tmp_path):
    code, out, err = call("policy=blanket", *SHORT, "out=here", "seed=5", cwd=tmp_path)
    assert code == 0
    assert "Home revenue" in out
    assert out.rstrip().endswith("Results: here")
    assert "\x1b" not in out + err
    assert "\r" not in out + err
    assert "1 of 1 runs" in err
    assert {p.name for p in (tmp_path / "here").iterdir()} == {
        "runs.parquet",
        "series.parquet",
        "events.parquet",
        "flows.parquet",
        "manifest.json",
    }

    manifest = json.loads((tmp_path / "here" / "manifest.json").read_text())
    assert manifest["command"][:3] == ["ecsim", "policy=blanket", SHORT[0]]
    assert manifest["status"] == "complete"
    assert manifest["seeds"] == [5]
    assert manifest["config"]["time"]["quarters"] == 6
    assert manifest["policies"]["blanket"]["kind"] == "doctrine"
    assert manifest["versions"]["ecsim"] == ecsim.__version__
    assert len(manifest["model_hash"]) == len(manifest["code_hash"]) == 16
    assert manifest["sides"]["CHN"] == "challenger"


@pytest.mark.slow
def test_json_is_all_that_stands_on_stdout(tmp_path):
    code, out, _ = call(
        "compare", *SHORT, "experiment.draws=2", "experiment.seeds=1", "experiment.policies=[none,blanket]", "--json", cwd=tmp_path
    )
    assert code == 0
    told = json.loads(out)
    assert told["runs"] == 4
    assert set(told["policies"]) == {"none", "blanket"}
    assert told["policies"]["blanket"]["home_revenue"]["unit"] == "%"
    assert (tmp_path / told["folder"] / "runs.parquet").exists()


def test_a_reader_that_stops_reading_is_no_error(tmp_path):
    process = start("describe", "parameters", cwd=tmp_path)
    assert process.stdout.readline().startswith("parameter")
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""


@pytest.mark.slow
def test_hydras_own_habits_work(tmp_path):
    code, out, _ = call("policy=blanket", "innovation.stretch=1.25", "--cfg", "job", cwd=tmp_path)
    assert code == 0
    assert "stretch: 1.25" in out
    assert "name: blanket" in out
    assert call("policy=blankt", "--cfg", "job", cwd=tmp_path)[0] == 2
    code, out, _ = call("policy=none,blanket", *SHORT, "--multirun", "out=grid", cwd=tmp_path)
    assert code == 0
    assert list(pd.read_parquet(tmp_path / "grid" / "runs.parquet")["policy"]) == ["none", "blanket"]
    assert {p.name for p in tmp_path.iterdir()} == {"grid"}


@pytest.mark.slow
def test_same_seed_same_run_in_another_process_and_with_another_number_of_workers(tmp_path):
    words = ("compare", *SMALL_STUDY)
    for workers in (1, 2):
        assert call(*words, f"experiment.workers={workers}", f"out=w{workers}", cwd=tmp_path)[0] == 0
    for name in TABLES:
        one, two = (pd.read_parquet(tmp_path / f"w{w}" / f"{name}.parquet").drop(columns="wall_ms", errors="ignore") for w in (1, 2))
        pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_code_130(tmp_path):
    words = ("compare", "time.quarters=24", "economy=small", "experiment.draws=5000", "report=false", "out=here")
    process = start(*words, cwd=tmp_path, start_new_session=True)
    parts = tmp_path / "here" / "parts"
    deadline = time.monotonic() + 120
    while process.poll() is None and not list(parts.glob("runs-*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    runs = pd.read_parquet(tmp_path / "here" / "runs.parquet")
    assert err.splitlines()[-1] == f"ecsim: interrupted; {len(runs)} finished runs are in here; go on with: ecsim resume here"
    assert json.loads((tmp_path / "here" / "manifest.json").read_text())["status"] == "interrupted"
    assert parts.exists()


def test_a_terminal_sees_a_bar(tmp_path):
    ours, theirs = pty.openpty()
    process = start("run", *SHORT, cwd=tmp_path, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"1/1" in shown
    assert "1/1" not in out


@pytest.mark.parametrize(
    "topic", ["parameters", "products", "tools", "instruments", "outcomes", "schedule", "strategies", "policy", "scenarios", "data"]
)
def test_every_topic_is_a_table(topic, capsys):
    assert main(["describe", topic]) == 0
    table = capsys.readouterr().out.splitlines()
    assert set(table[1]) <= {"-", " "}
    assert main(["describe", topic, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(table) - 2 > 2
    assert all(all(str(cell).strip() != "" for cell in list(row.values())[:2]) for row in rows)


@pytest.mark.parametrize(
    ("slip", "parts"),
    [
        (lambda: ecsim.compare(["none", "small_yard"]), ["['none', 'small_yard'] is not a text", "policies=["]),
        (lambda: ecsim.compare(policies="none"), ["policies: 'none' will not do", "a list of names"]),
        (lambda: ecsim.compare(policies=[]), ["policies: [] will not do"]),
        (lambda: ecsim.run("small_yard", {"time.quarters": 4}), ["{'time.quarters': 4} is not a text"]),
        (lambda: ecsim.run("policy=blanket"), ["'policy=blanket' is an override", "ecsim.run('blanket'"]),
        (lambda: ecsim.build_model("small_yard", 4), ["4 is not a text"]),
    ],
)
def test_slips_at_the_python_door_are_one_line(slip, parts):
    with pytest.raises(ecsim.UserError, match="accepted") as error:
        slip()
    assert "\n" not in str(error.value) and all(part in str(error.value) for part in parts)


def test_the_python_door(tmp_path):
    run = ecsim.run("blanket", "time.quarters=6", "economy=small", seed=3)
    again = ecsim.run("blanket", "time.quarters=6", "economy=small", seed=3)
    pd.testing.assert_series_equal(pd.Series(run.outcomes), pd.Series(again.outcomes), check_exact=True)
    assert run.series["quarter"].max() == 5
    assert len(run.plot().axes) == 4
    with pytest.raises(ecsim.UserError, match="unknown series 'gpa'; did you mean 'gap'"):
        run.plot("gpa")
    study = ecsim.compare(
        "time.quarters=6",
        "economy=small",
        "experiment.draws=2",
        "experiment.seeds=2",
        policies=["none", "blanket alliance=allies"],
        out=tmp_path / "s",
        progress=False,
    )
    assert set(study.runs["policy"]) == {"none", "blanket+allies"}
    assert "Home revenue" in ecsim.load(tmp_path / "s").summary()
    with pytest.raises(ecsim.UserError, match="no runs.parquet"):
        ecsim.load(tmp_path)


def test_mesas_habits_work():
    model = ecsim.build_model("blanket", "time.quarters=4", "economy=small", seed=3)
    model.step()
    assert model.quarter == 1
    assert len(model.agents) >= 14
