"""What a study is told and would never show: refused, or said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

import ecsim
from ecsim.cli import main
from ecsim.errors import UserError
from ecsim.experiment.studies import plan_study

SHORT = ("economy=small", "time.quarters=4")


@pytest.mark.parametrize(
    ("command", "words", "parts"),
    [
        (
            "run",
            ["policy=history", "policy.height=0.9", "policy.fdp=true"],
            ["policy.height: policy 'history' plays the moves of a scenario"],
        ),
        ("run", ["policy=none", "policy.height=0.9"], ["policy.height: policy 'none' sets no controls", "such as policy=small_yard"]),
        ("run", ["policy=endogenous", "policy.height=0.9"], ["policy 'endogenous' chooses its controls itself", "policy.scope"]),
        ("run", ["scenario=dutch_exit", "policy.thresholds.lithography=-1"], ["policy.thresholds.lithography: policy 'dutch_exit'"]),
        ("run", ["policy=small_yard", "scenario.continuation=false"], ["policy 'small_yard' plays no scenario"]),
        ("run", ["policy=small_yard", "policy.scope=[lithography,aero_engines]"], ["policy.scope: aero_engines", "[chips]", "domains"]),
        ("run", ["policy=small_yard", "policy.thresholds.aero_engines=-1"], ["policy.thresholds.aero_engines: aero_engines is not"]),
        ("compare", ["experiment.policies=[none,'history policy.height=0.9']"], ["policy.height: policy 'history'"]),
        ("compare", ["experiment.policies=[none,history]", "policy.height=0.9"], ["policy.height: policy 'none'"]),
        ("sweep", ["policy=history", "policy.height=0.1,0.5"], ["policy.height: policy 'history:"]),
        ("sweep", ["policy.scope=[lithography],[aero_engines]"], ["policy.scope: aero_engines"]),
        ("validate", ["policy.height=0.5"], ["policy.height: policy 'history'"]),
    ],
)
def test_a_key_that_nothing_reads_is_refused_in_one_line(command: str, words: list[str], parts: list[str]) -> None:
    with pytest.raises(UserError) as error:
        plan_study(command, words)
    told = str(error.value)
    assert "\n" not in told and "accepted:" in told
    for part in parts:
        assert part in told


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run", ["policy=endogenous", "policy.scope=[lithography]", "policy.start=2019Q1"]),
        ("run", ["policy=history", "policy.documents=true", "policy.name=mine"]),
        ("run", ["policy=small_yard", "policy.scope=[aero_engines]", "population.domains=[dual_use]"]),
        ("compare", ["policy.height=0.9"]),  # the packages read it, no controls and history do not
        ("compare", ["policy=none,small_yard", "alliance=none,allies"]),
        ("sweep", ["policy=none,small_yard,history", "policy.height=0.1,0.5"]),
        ("sweep", ["population.domains=[chips],[dual_use]", "policy.scope=[lithography],[aero_engines]"]),
        ("sweep", ["policy.height=interval(0.1,0.9)", "experiment.draws=4", "experiment.design=lhs"]),
        ("factorial", ["policy.start=2019Q1"]),
        ("claims", ["policy.start=2019Q1"]),
        ("alliance", ["policy.height=0.5"]),
    ],
)
def test_a_key_that_some_policy_reads_stays(command: str, words: list[str]) -> None:
    assert len(plan_study(command, [*words, "experiment.seeds=1"])[0])


def test_the_python_door_refuses_the_same() -> None:
    with pytest.raises(UserError, match=r"^policy\.height: policy 'history'"):
        ecsim.run("history", "policy.height=0.9", *SHORT)


def test_controls_that_never_begin_are_said_with_their_date_and_the_horizon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    late = ("policy.start=2030Q1", "experiment.policies=[none,small_yard,'blanket policy.start=2018Q2']", "experiment.draws=1")
    assert main(["compare", *SHORT, *late, "--dry-run"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "first move" in line]
    assert len(said) == 1
    assert all(part in said[0] for part in ("'small_yard'", "2030Q1", "2018Q4", "without controls"))


def test_a_script_whose_moves_are_all_later_is_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "{en: Late, zh: 迟}"
    row = "{id: late, date: 2030-01-01, actor: USA, verb: impose, tool: country_rule, products: [lithography], "
    row += "destinations: [CHN], denial: 1.0, evidence: assumption}"
    page = f"title: {text}\nnarrative: {text}\ndate: 2030-01-01\nsources: [a test]\nexpect: []\nmoves:\n  - {row}\n"
    (tmp_path / "late.yaml").write_text(page, encoding="utf-8")
    run = ecsim.run("history", f"scenario.file={tmp_path / 'late.yaml'}", *SHORT)
    assert run.events.empty
    err = capsys.readouterr().err
    assert "2030Q1" in err and "2018Q4" in err
    ecsim.run("small_yard", *SHORT)
    assert "first move" not in capsys.readouterr().err
