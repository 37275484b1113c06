"""Calibration: what is pinned down is found, what is not keeps its prior median, and a killed search goes on."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import ecsim
from ecsim.analysis.targets import read_targets
from ecsim.analysis.text.words import words_of
from ecsim.calibrating import conclude, reproduced
from ecsim.calibration import run as calibration
from ecsim.calibration.blocks import BLOCKS, CALIBRATION
from ecsim.calibration.evaluate import Evaluator, rounded
from ecsim.calibration.search import fit_emulator, interval, search
from ecsim.cli import main
from ecsim.config import compose
from ecsim.data.loader import SHIPPED
from ecsim.errors import UserError
from ecsim.params import REGISTRY, Params
from ecsim.report import style
from test_chinese import in_chinese

TINY = (
    *("calibrate.blocks=[chain]", "calibrate.seeds=1", "calibrate.points=4", "calibrate.steps=2", "calibrate.workers=1"),
    *("economy=small", "seed=3"),
)


def fake(residuals: Any, k: int) -> Any:
    """An evaluator of a known function on the unit cube."""
    free = tuple(f"p{i}" for i in range(k))
    return SimpleNamespace(
        free=free,
        bounds=np.array([[0.0, 1.0]] * k),
        medians=np.full(k, 0.5),
        values=lambda u: rounded(dict(zip(free, np.clip(u, 0, 1).tolist(), strict=True))),
        residuals=lambda values: np.asarray(residuals(np.array(list(values.values())))),
    )


def test_a_pinned_parameter_is_found_and_the_others_keep_their_medians() -> None:
    found = search(fake(lambda x: [5 * (x[0] - 0.3), 0.1 * x[1]], 3), points=32, steps=60, seed=1)
    assert found.pinned == ("p0",)
    assert found.values["p0"] == pytest.approx(0.3, abs=0.01)
    assert found.values["p1"] == found.values["p2"] == 0.5
    row = found.identifiability.set_index("parameter").loc["p0"]
    assert row["profile_lo"] == pytest.approx(0.3 - 1 / 5, abs=0.02)
    assert row["profile_hi"] == pytest.approx(0.3 + 1 / 5, abs=0.02)
    assert found.accuracy[0] > 0.99


def test_of_two_parameters_that_only_matter_together_one_keeps_its_median() -> None:
    found = search(fake(lambda x: [8 * (x[0] + x[1] - 0.8)], 2), points=32, steps=60, seed=1)
    assert len(found.pinned) == 1
    assert sorted(found.values.values()) == [pytest.approx(0.3, abs=0.01), 0.5]


def test_a_target_out_of_reach_does_not_pull_parameters() -> None:
    found = search(fake(lambda x: [8 * (x[0] - 0.3), 20 + 5 * x[0]], 1), points=32, steps=60, seed=1)
    assert list(found.fitted) == [True, False]
    assert found.values["p0"] == pytest.approx(0.3, abs=0.01)


def test_the_emulator_says_when_it_is_poor() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((64, 2))
    smooth, rough = 3 * x[:, 0] ** 2, rng.standard_normal(64)
    accuracy = fit_emulator(x, np.column_stack([smooth, rough, np.ones(64)])).accuracy
    assert accuracy[0] > 0.99
    assert accuracy[1] < 0.3
    assert np.isnan(accuracy[2])


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["policy.height=0.9"], ["policy.height: policy 'history' plays the moves of a scenario", "policy.documents"]),
        (["policy=endogenous"], ["policy: each block of a calibration brings its own policy"]),
        (["calibrate.blocks=[documents]", "policy.scope=[lithography]"], ["policy.scope: each block"]),
    ],
)
def test_a_policy_key_that_no_block_reads_is_refused_before_a_folder_is_made(tmp_path, words: list[str], parts: list[str]) -> None:
    with pytest.raises(UserError) as error:
        calibration.calibrate([*TINY, f"out={tmp_path / 'c'}", *words])
    told = str(error.value)
    assert "\n" not in told and "accepted:" in told and not (tmp_path / "c").exists()
    for part in parts:
        assert part in told


def test_an_interval_ends_where_the_profile_rises_by_one() -> None:
    grid = np.linspace(0, 1, 21)
    lo, hi = interval(grid, (10 * (grid - 0.5)) ** 2)
    assert (lo, hi) == (pytest.approx(0.4, abs=0.01), pytest.approx(0.6, abs=0.01))


@pytest.mark.slow
def test_a_killed_calibration_goes_on_and_ends_as_one_never_killed(tmp_path) -> None:
    whole = calibration.calibrate([*TINY, f"out={tmp_path / 'whole'}"])
    seen = 0

    def kill(runs: int) -> None:
        nonlocal seen
        seen += runs
        if seen == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibration.calibrate([*TINY, f"out={tmp_path / 'killed'}"], advance=kill)
    path = tmp_path / "killed" / "evaluations.jsonl"
    kept = path.read_text().splitlines()
    assert len(kept) == 2
    path.write_text("\n".join(kept) + '\n{"block": "cha')  # the kill cut a line short
    again = calibration.calibrate([*TINY, f"out={tmp_path / 'killed'}"])
    assert again.values == whole.values
    for name in ("trace", "loss", "identifiability", "profiles"):
        assert (tmp_path / "killed" / f"{name}.csv").read_bytes() == (tmp_path / "whole" / f"{name}.csv").read_bytes()


@pytest.mark.slow
def test_calibrate_as_a_user_meets_it(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", *TINY, "calibrate.name=mine", "out=here", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["values"]) == set(BLOCKS["chain"].free)
    assert told["params"] == "here/params/mine.yaml"
    by_file = compose([f"params={told['params']}"]).run.params
    by_name = compose(["params=mine"], config_dir=tmp_path / "here").run.params
    assert by_file == by_name == Params().with_values(told["values"])
    assert compose(["permission.fdp_scale=0.2", f"params={told['params']}"]).run.params.permission.fdp_scale == 0.2
    assert (tmp_path / "here" / "figures" / "profiles.png").stat().st_size > 10_000
    assert main(["calibrate", *TINY, "calibrate.name=other", "out=here"]) == 2
    assert "holds a calibration of other settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["calibrate.blocks=[chan]"], "calibrate.blocks: unknown block 'chan'; did you mean 'chain'?"),
        (["calibrate.points=5"], "calibrate.points: 5 will not do; accepted: a power of two"),
        (["calibrate.seeds=0"], "calibrate.seeds: 0 will not do"),
        (["shard=1/2"], "shard: a calibration cannot be shared out; accepted: nothing"),
        (["params=none.yaml"], "params: 'none.yaml' cannot be read"),
        (["params=nobody"], "params: unknown choice 'nobody'"),
        (["--fast"], "unknown option '--fast'"),
        (["lang=fr"], "lang: unknown language 'fr'; accepted: en, zh"),
        (["lang=zh", "lang=en"], "lang：设了两次，“zh”和“en”"),
    ],
)
def test_a_slip_is_named_before_anything_is_written(words, told, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", *words]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_only_calibration_targets_are_scored_and_every_one_is() -> None:
    scored = {t.outcome for block in BLOCKS.values() for t in block.targets}
    assert scored == {t.outcome for t in read_targets().judged if t.role == CALIBRATION}


@pytest.mark.parametrize("name", ["my, tables", "it's [mine]=1", "${a} #b: c", "表 格"])
def test_a_set_may_hold_any_text(tmp_path, monkeypatch, name) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    shutil.copy(SHIPPED / "firms.csv", tmp_path / name)
    written = {"population": {"tables": name, "domains": ["chips"], "n_firms": 300}, "innovation": {"stretch": 1e-1 + 0.9}}
    (tmp_path / "set, of mine.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
    p = compose(["params='set, of mine.yaml'", "population.n_firms=200"]).run.params
    assert (p.population.tables, p.population.domains, p.population.n_firms, p.innovation.stretch) == (name, ("chips",), 200, 1.0)
    (tmp_path / name / "firms.csv").unlink()
    (tmp_path / name).rmdir()
    with pytest.raises(ecsim.UserError, match=r"^population\.tables: '" + re.escape(name) + "' is not a folder"):
        ecsim.run("none", "params='set, of mine.yaml'")


def test_a_set_that_is_none_is_refused(tmp_path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("innovation: 3\n")
    with pytest.raises(ecsim.errors.UserError, match="is no parameter set"):
        compose([f"params={file}"])
    file.write_text("innovation: {strech: 1.0}\n")
    with pytest.raises(ecsim.errors.UserError, match=r"unknown parameter 'innovation.strech'"):
        compose([f"params={file}"])
    file.write_text("innovation: {stretch: '1, 2'}\n")
    with pytest.raises(ecsim.errors.UserError, match=r"odd\.yaml: innovation\.stretch: '1, 2' is not a number; accepted: 0\.4 to 1\.8"):
        compose([f"params={file}"])


def test_reproduced_means_within_a_twentieth_of_the_range() -> None:
    info = REGISTRY["permission.fdp_scale"]
    assert info.lo is not None and info.hi is not None
    assert reproduced(info.name, info.default + 0.049 * (info.hi - info.lo))
    assert not reproduced(info.name, info.default + 0.051 * (info.hi - info.lo))


def test_what_the_targets_do_not_pin_down_keeps_the_middle_of_its_range_and_is_drawn() -> None:
    drawn = [REGISTRY[name] for block in BLOCKS.values() for name in block.free if REGISTRY[name].uncertain]
    assert drawn
    for info in drawn:
        assert info.lo is not None and info.hi is not None
        assert info.default == pytest.approx((info.lo + info.hi) / 2), info.name


@pytest.mark.slow
def test_the_shipped_chain_is_a_minimum_in_what_is_pinned_down(tmp_path) -> None:
    """The default parameters are the result: a step of a tenth of the range in any fitted parameter fits no better."""
    block = BLOCKS["chain"]
    run = compose(["policy=history", f"time.quarters={block.quarters}"]).run
    evaluator = Evaluator("chain", run, block.free, block.targets, (10_000, 10_001, 10_002, 10_003), tmp_path, None, lambda runs: None)
    shipped = {name: float(REGISTRY[name].default) for name in block.free}
    least = evaluator.loss(shipped)
    for name in block.free:
        info = REGISTRY[name]
        if info.uncertain:
            continue
        assert info.lo is not None and info.hi is not None
        for step in (-0.1, 0.1):
            moved = shipped | {name: float(np.clip(shipped[name] + step * (info.hi - info.lo), info.lo, info.hi))}
            assert evaluator.loss(moved) > least - 0.1


def test_calibrate_speaks_chinese(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", *TINY, "calibrate.name=mine", "out=here", "lang=zh"]) == 0
    shown = capsys.readouterr().out
    keys = "|".join(re.escape(name) for name in (*BLOCKS["chain"].free, "here/params/mine.yaml", "params="))
    assert in_chinese(re.sub(keys, "", shown).replace("here", ""))
    assert "销售受阻的市值损失（accounts.announcement）" in shown and "新兴大国境内芯片产量占其市场，2018年" in shown
    assert not style.has_cjk() or (tmp_path / "here" / "figures-zh" / "profiles.png").stat().st_size > 10_000
    assert main(["calibrate", *TINY, "calibrate.name=mine", "out=here", "--lang", "zh", "--json"]) == 0, "goes on in the same folder"
    assert json.loads(capsys.readouterr().out)["params"] == "here/params/mine.yaml"


def test_targets_on_documents_are_named_in_chinese() -> None:
    frame = pd.DataFrame(
        {"block": ["documents"], "target": ["W5"], "outcome": ["licensing"], "record": [14.3], "model": [14.0], "tolerance": [1.0]}
    ).assign(off=-0.3, loss=0.09, fitted=True)
    found = calibration.Calibration(Path("x"), Path("x/p.yaml"), {}, frame, frame.assign(parameter="", pinned=True).iloc[:0], frame)
    assert "18种政策工具各自的份额：准入机制" in conclude(found, words_of("zh")).text
    assert "licensing" in conclude(found).text and "Loss (sum of squared distances" in conclude(found).text
