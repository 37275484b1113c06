"""What a study is told and would never show: refused, or said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

import ecsim
from ecsim.cli import main
from ecsim.errors import UserError
from ecsim.experiment.studies import plan_study
from ecsim.grammar import overridden

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
        ("run", ["alliance=allies", "alliance.participation=0.9"], ["alliance 'allies' names who joins", "alliance.members", "=forced"]),
        ("run", ["alliance=endogenous", "alliance.order=[JPN]"], ["alliance 'endogenous' lets allies decide", "alliance.level"]),
        ("run", ["policy=none", "alliance=forced", "alliance.level=0.5"], ["alliance.level: policy 'none' sets no controls to join"]),
        ("sweep", ["alliance=allies", "alliance.participation=0,0.5,1"], ["alliance.participation: alliance 'allies' names who joins"]),
        ("sweep", ["alliance=forced", "alliance.mode=intensity", "alliance.marginal=part,whole"], ["has all members join alike"]),
        ("alliance", ["alliance=allies"], ["alliance: 'alliance' runs every sense", "alliance.members"]),
        ("alliance", ["alliance.mode=intensity"], ["alliance.mode: 'alliance' runs every sense"]),
        ("alliance", ["alliance.participation=0.3"], ["alliance.participation: 'alliance' runs every sense"]),
        ("alliance", ["alliance.members=[CHN,JPN,NLD]"], ["alliance.members: CHN cannot join", "accepted: JPN"]),
        ("run", ["alliance=endogenous", "alliance.members=[USA,JPN]"], ["alliance.members: USA cannot join"]),
        ("run", ["alliance=allies", "alliance.lags.CHN=3"], ["alliance.lags.CHN: CHN cannot join"]),
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
        ("alliance", ["alliance=forced", "alliance.members=[JPN,NLD,DEU]", "alliance.lag=2"]),
        ("run", ["alliance=none", "alliance.participation=0.5"]),
        ("run", ["alliance=allies", "alliance.members=[JPN]", "alliance.lags={JPN: 2}", "alliance.leaves.JPN=2019Q4"]),
        ("run", ["alliance=endogenous", "alliance.hubs=[SGP]"]),
        ("run", ["policy=history", "alliance=endogenous", "alliance.level=0.5"]),
        ("sweep", ["alliance=none,forced,allies", "alliance.participation=0,0.5"]),
        ("sweep", ["alliance=forced", "alliance.mode=extent,coalition", "alliance.members=[JPN],[JPN,NLD]", "alliance.participation=0,1"]),
        ("factorial", ["alliance.level=0.5"]),
    ],
)
def test_a_key_that_some_policy_reads_stays(command: str, words: list[str]) -> None:
    assert len(plan_study(command, [*words, "experiment.seeds=1"])[0])


def test_the_python_door_refuses_the_same() -> None:
    with pytest.raises(UserError, match=r"^policy\.height: policy 'history'"):
        ecsim.run("history", "policy.height=0.9", *SHORT)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        (
            "experiment.draws=16",
            r"^experiment\.draws: belongs to studies.*; accepted: ecsim\.compare\('experiment\.draws=16', policies=\['blanket'\]\)",
        ),
        ("experiment.uncertain=[nonsense]", "^experiment.uncertain: belongs to studies"),
        ("experiment=quick", "^experiment: belongs to studies"),
        ("out=foo", "^out: belongs to studies"),
        ("report=false", "^report: belongs to studies"),
        ("shard=1/2", "^shard: belongs to studies"),
        ("launcher=dask", "^launcher: belongs to studies"),
        ("++launcher.kind=serial", "^launcher.kind: belongs to studies"),
        ("calibrate.seeds=2", "^calibrate.seeds: belongs to calibrations.*accepted: 'ecsim calibrate calibrate.seeds=2'"),
        ("policy.scope=[x_nothing]", "^policy blanket: unknown product 'x_nothing'"),
        ("scenario.continuation=false", "^scenario.continuation: policy 'blanket' plays no scenario"),
        ("scenario=dutch_exit", "^scenario: policy 'blanket' plays no scenario"),
    ],
)
@pytest.mark.parametrize("door", [ecsim.run, ecsim.build_model])
def test_a_single_run_refuses_what_it_would_leave_aside(door, word: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as error:
        door("blanket", word, *SHORT)
    assert "\n" not in str(error.value) and "accepted: " in str(error.value)


def test_a_scenario_that_no_policy_of_a_comparison_plays_is_refused() -> None:
    with pytest.raises(UserError, match=r"^scenario\.continuation: policy 'none' plays no scenario"):
        plan_study("compare", ["policies=[none,blanket]", "scenario.continuation=false"])
    assert len(plan_study("compare", ["policies=[none,history]", "scenario.continuation=false"])[0])


def test_controls_that_never_begin_are_said_with_their_date_and_the_horizon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    policies = "experiment.policies=[none,small_yard,'blanket policy.start=2018Q2']"
    assert main(["compare", "economy=small", "time.quarters=2", policies, "experiment.draws=1", "--dry-run"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "first move" in line]
    assert len(said) == 1
    assert all(part in said[0] for part in ("'small_yard'", "2018Q3", "2018Q2", "without controls"))


@pytest.mark.parametrize(
    ("command", "words", "says"),
    [
        (
            "run",
            ["policy.start=2040Q1"],
            r"policy\.start: 2040Q1 is after the last quarter of the run; accepted: up to 2018Q4, or .*=89 or more",
        ),
        ("run", ["policy=endogenous", "policy.start=2019Q1"], r"policy\.start: 2019Q1 is after .*up to 2018Q4"),
        ("run", ["policy.review=2"], r"policy\.review: the first review, 2019Q1, is after .*up to 2018Q4"),
        ("run", ["alliance=allies", "alliance.leaves={JPN: 2018Q4, NLD: 2019Q1}"], r"alliance\.leaves\.NLD: 2019Q1 is after"),
        ("run", ["alliance=allies", "+alliance.leaves.NLD=2019Q1"], r"alliance\.leaves\.NLD: 2019Q1 is after"),
        ("compare", ["policies=[none,'blanket policy.start=2020Q1']"], r"policy\.start: 2020Q1 is after"),
        ("compare", ["policy.start=2020Q1"], r"policy\.start: 2020Q1 is after"),
        ("sweep", ["policy.start=2018Q4,2020Q1"], r"policy\.start: 2020Q1 is after"),
    ],
)
def test_a_date_after_the_end_of_all_runs_is_refused_in_one_line(command: str, words: list[str], says: str) -> None:
    with pytest.raises(UserError, match=f"^{says}"):
        plan_study(command, [*words, *SHORT])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run", ["time.quarters=8", "policy.start=2019Q4"]),
        ("run", ["time.quarters=2"]),  # the policy's own date
        ("sweep", ["time.quarters=4,8", "policy.start=2019Q4"]),
        ("sweep", ["time.quarters=interval(4,24)", "policy.start=2022Q1", "experiment.draws=4"]),
    ],
)
def test_a_date_within_a_run_stays(command: str, words: list[str]) -> None:
    assert len(plan_study(command, ["economy=small", *words])[0])


def test_a_date_after_the_end_is_refused_from_python_too() -> None:
    with pytest.raises(UserError, match=r"^policy\.start: 2040Q1 is after the last quarter of the run"):
        ecsim.run("small_yard", "policy.start=2040Q1", *SHORT)


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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "policy=blanket", "policy=small_yard"], "policy: set twice, to 'blanket' and to 'small_yard'"),
        (["run", "policy=blanket", "policy=small_yard", "--cfg", "job"], "policy: set twice, to 'blanket' and to 'small_yard'"),
        (["run", "policy.height=0.5", "seed=1", "+policy.height=0.6"], "policy.height: set twice, to '0.5' and to '0.6'"),
        (["compare", "alliance=none,allies", "alliance=allies"], "alliance: set twice, to 'none,allies' and to 'allies'"),
        (["compare", "policies=[none]", "experiment.policies=[blanket]"], "experiment.policies: set twice, to '[none]' and to '[blanket]'"),
        (["compare", "policies=['small_yard policy.height=1 policy.height=0.6']"], "policy.height: set twice, to '1' and to '0.6'"),
        (["sweep", "policy.height=0.5,0.6", "policy.height=0.5,0.7"], "policy.height: set twice, to '0.5,0.6' and to '0.5,0.7'"),
        (["factorial", "seed=1", "seed=2"], "seed: set twice, to '1' and to '2'"),
        (["sensitivity", "response=default", "response=none"], "response: set twice, to 'default' and to 'none'"),
        (["calibrate", "calibrate.seeds=2", "calibrate.seeds=3"], "calibrate.seeds: set twice, to '2' and to '3'"),
        (["validate", "targets=a.csv", "targets=b.csv"], "targets: set twice, to 'a.csv' and to 'b.csv'"),
        (["long", "draws=2", "draws=3"], "draws: set twice, to '2' and to '3'"),
        (["run", "lang=en", "lang=fr"], "lang: set twice, to 'en' and to 'fr'"),
    ],
)
def test_a_key_that_is_set_twice_is_refused_with_both_values(words, told, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert capsys.readouterr().err == f"ecsim: {told}; accepted: one of them\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [["policy=blanket", "policy=blanket"], ["policy='blanket'", "policy=blanket", "seed=1", "seed=1"]])
def test_the_same_value_twice_may_pass(words: list[str]) -> None:
    plan, _ = plan_study("run", words)
    assert [v.config.label for v in plan.variants] == ["blanket"]


def test_a_word_for_one_entry_of_a_comparison_stands_over_that_for_all() -> None:
    plan, _ = plan_study("compare", ["policy.height=0.5", "policies=[blanket,'small_yard policy.height=0.7']"])
    assert [v.config.policy.height for v in plan.variants] == [0.5, 0.7]


def test_from_python_too() -> None:
    with pytest.raises(UserError, match=r"^policy: set twice, to 'small_yard' and to 'blanket'"):
        ecsim.run("small_yard", "policy=blanket", *SHORT)


def test_a_word_of_resume_stands_over_that_of_the_study() -> None:
    assert overridden(["experiment.workers=2", "policy=blanket"], ["experiment.workers=8"]) == ["policy=blanket", "experiment.workers=8"]
