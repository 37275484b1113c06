"""Claims with a mechanism off, targets of the record, and the commands that show them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecsim
from ecsim import api
from ecsim.analysis.claims import CLAIMS, FAILS, HOLDS, Arm, Claim, Condition, select
from ecsim.analysis.switches import decisive_condition, responsible, switch_table
from ecsim.analysis.targets import HISTORY, INPUT, MISS, NO_VALUE, PASS, read_targets, verdict, verdict_table
from ecsim.cli import main
from ecsim.errors import UserError
from ecsim.experiment.arms import ALL_ON, SWITCHES
from ecsim.experiment.studies import plan_study
from ecsim.verdicts import _target_rows, conclude_claims, conclude_structure, document_table, input_rows, with_entries

SOURCE = str(Path(ecsim.__file__).parents[1])
SHORT = ("time.quarters=4", "economy=small", "experiment.draws=2", "experiment.seeds=1", "experiment.workers=1")
HEADER = "id,quantity,period,target,tolerance,unit,kind,source,role,outcome"
DRAWS = 8

HOME = Claim("home", {"a": Arm(("a",)), "none": Arm(("none",))}, (Condition("home_revenue", {"a": 1, "none": -1}),))


def runs_of(effects: dict[str, float], noise: float = 0.1) -> pd.DataFrame:
    """Runs in which arm a adds an effect to home revenue, one for each switch."""
    rng = np.random.default_rng(1)
    luck = noise * rng.standard_normal(DRAWS)
    rows = [
        {
            "arm": arm,
            "switch": switch,
            "policy": f"{arm}/{switch}",
            "draw": d,
            "seed": d,
            "home_revenue": 5.0 * d + (arm == "a") * (x + luck[d]),
        }
        for switch, x in effects.items()
        for arm in ("none", "a")
        for d in range(DRAWS)
    ]
    return pd.DataFrame(rows)


def call(*words: str, cwd: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `ecsim …` in a process of its own."""
    env = {**os.environ, "PYTHONPATH": SOURCE}
    done = subprocess.run(
        [sys.executable, "-m", "ecsim", *words], cwd=cwd, env=env, text=True, capture_output=True, timeout=300, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_the_mechanism_whose_absence_moves_the_share_is_responsible() -> None:
    table = switch_table(runs_of({ALL_ON: 1.0, "ceiling": -1.0, "learning": 0.9}), (HOME,))
    assert table.set_index("switch")["verdict"].to_dict() == {ALL_ON: HOLDS, "ceiling": FAILS, "learning": HOLDS}
    (row,) = responsible(table).to_dict("records")
    assert (row["switch"], row["moved"], row["verdict_off"], row["turned_by"]) == ("ceiling", "share", FAILS, "ceiling")
    assert row["share_off"] == 0
    assert row["p"] < 0.05
    assert table.set_index("switch").loc["ceiling", "change"] == -1


def test_where_no_share_moves_the_margin_tells() -> None:
    (row,) = responsible(switch_table(runs_of({ALL_ON: 1.0, "ceiling": 3.0, "learning": 0.9}), (HOME,))).to_dict("records")
    assert (row["switch"], row["moved"], row["turned_by"]) == ("ceiling", "margin", "")
    assert row["margin_off"] - row["margin"] == pytest.approx(2.0)


def test_where_nothing_moves_nothing_is_responsible() -> None:
    (row,) = responsible(switch_table(runs_of({ALL_ON: 1.0, "ceiling": 1.0}), (HOME,))).to_dict("records")
    assert (row["switch"], row["moved"], row["turned_by"]) == ("", "", "")


def test_a_change_in_few_draws_is_within_chance() -> None:
    runs = runs_of({ALL_ON: 1.0, "ceiling": 1.0})
    runs.loc[(runs["arm"] == "a") & (runs["switch"] == "ceiling") & (runs["draw"] == 0), "home_revenue"] -= 9
    (row,) = responsible(switch_table(runs, (HOME,))).to_dict("records")
    assert row["share_off"] == pytest.approx(1 - 1 / DRAWS)
    assert row["p"] > 0.05


def test_a_claim_hangs_on_the_condition_that_holds_least_often() -> None:
    claim = Claim("two", HOME.arms, (*HOME.conditions, Condition("home_revenue", {"a": 1, "none": -1}, above=2.0)))
    runs = runs_of({ALL_ON: 1.0}).assign(policy=lambda t: t["arm"])
    assert decisive_condition(claim, runs) == 1


def test_the_plan_has_every_arm_that_a_claim_needs_and_only_the_switch_differs() -> None:
    plan, _ = plan_study("claims", ["experiment.draws=2"])
    labels = pd.DataFrame([{"policy": v.config.label, **v.columns} for v in plan.variants])
    on = labels[labels["switch"] == ALL_ON]
    for claim in CLAIMS:
        for name, arm in claim.arms.items():
            assert len(select(on, arm)) == 1, (claim.key, name)
    assert set(labels["switch"]) == {ALL_ON, *SWITCHES}
    rows = {(job.columns["arm"], job.columns["switch"], job.columns["draw"]): job for job in plan.jobs()}
    plain, leak = rows["chips_only", ALL_ON, 1], rows["chips_only", "leakage", 1]
    assert leak.config.params.permission.leak_scale == leak.columns["permission.leak_scale"] == 0
    assert plain.config.params.permission.leak_scale == plain.columns["permission.leak_scale"] > 0
    assert leak.config.params.innovation.stretch == plain.config.params.innovation.stretch
    assert leak.config.policy == plain.config.policy
    assert leak.config.seed == plain.config.seed
    assert rows["small_yard+fdp", ALL_ON, 0].config.policy.spares
    assert not rows["small_yard+fdp", "spares", 0].config.policy.spares
    assert not set(plain.config.policy.scope) & {"lithography", "deposition_etch", "process_control", "other_tools", "tool_components"}


@given(st.floats(-50, 50), st.floats(0, 20), st.floats(0, 20), st.floats(-50, 50), st.floats(0, 20))
def test_a_target_passes_when_near_and_inside_and_only_then(
    mean: float, below: float, above: float, target: float, tolerance: float
) -> None:
    lo, hi = mean - below, mean + above
    said, misses = verdict(mean, lo, hi, target, tolerance)
    assert (said == PASS) == (abs(mean - target) <= tolerance and lo <= target <= hi)
    assert (said == MISS) == bool(misses)


def test_targets_by_hand() -> None:
    runs = pd.DataFrame(
        {"supplier_return": [-3.0, -2.0], "supplier_revenue": [0.0, 0.1], "huawei_2020": [-20.0, 30.0], "huawei_2021": [np.nan] * 2}
        | {"made_at_home_2018": [15.0, 15.2], "made_at_home_2021": [16.0, 18.0]}
        | {"listed_entities@2018": [210.0, 226.0], "listed_entities@2020": [100.0, 120.0]}
        | {"adoption_lag:JPN@2022Q4": [9.0, 12.0], "adoption_lag:NLD@2022Q4": [15.0, 18.0], "adoption_lag:DEU@2022Q4": [np.nan, 21.0]}
        | {"adopted:KOR@2025": [0.0, 0.0]}
    )
    table = verdict_table(runs, read_targets()).set_index("outcome")
    assert table["verdict"].to_dict() == {
        "listed_entities@2018": INPUT,
        "listed_entities@2020": MISS,
        "adoption_lag:JPN@2022Q4": PASS,
        "adoption_lag:NLD@2022Q4": MISS,
        "adoption_lag:DEU@2022Q4": MISS,
        "adopted:KOR@2025": PASS,
        "supplier_return": PASS,
        "supplier_revenue": MISS,
        "huawei_2020": PASS,
        "huawei_2021": NO_VALUE,
        "made_at_home_2018": MISS,
        "made_at_home_2021": PASS,
    }
    assert table.loc["supplier_revenue", "misses"] == "mean, interval"
    assert table.loc["made_at_home_2018", "misses"] == "interval"
    assert table.loc["made_at_home_2018", "period"] == "2018"
    assert table.loc["supplier_return", "lo"] == pytest.approx(-2.95)


def test_the_shipped_targets_all_find_their_outcome() -> None:
    targets = read_targets()
    assert {t.id for t in targets.judged} == {"C1", "C7a", "C7b", "C8a", "C8b", "C9a", "C9b", "C9c", "C9d", "C10"}
    assert targets.others > 0
    assert targets.policies == ("history", "history alliance=endogenous")
    assert not any("facts.md" in t.source for t in targets.judged)


def test_each_target_is_judged_on_its_own_runs(tmp_path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"{HEADER},policy\nX,q,p,1,0.1,generations,k,s,check,gap_mean,\nY,q,p,none,,generations,k,s,check,gap_mean,none\n")
    targets = read_targets(file)
    runs = pd.DataFrame({"run": range(4), "policy": ["history", "none"] * 2, "gap_mean": [0.95, np.nan, 1.05, np.nan]})
    assert list(verdict_table(with_entries(runs, targets), targets)["verdict"]) == [PASS, PASS]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("X,q,p,1,1,generations,k,s,check,gap_fundry", "row 2: outcome: unknown outcome 'gap_fundry'; did you mean 'gap_foundry'?"),
        ("X,q,p,high,1,generations,k,s,check,gap_foundry", "row 2: target: 'high' is not a number; accepted: a number"),
        (
            "X,q,p,1,1,USD bn,k,s,check,imports:tools@2023",
            "row 2: outcome: 'imports:tools@2023' has 1 keys; accepted: imports:PRODUCT:STATE@YEAR",
        ),
        ("X,q,p,1,1,%,k,s,check,imprts:tools:JPN@2023", "row 2: outcome: unknown outcome by year 'imprts'; did you mean 'imports'?"),
        ("X,q,p,1,1,%,k,s,check,imports@soon", "row 2: outcome: 'imports@soon' is no outcome by year; accepted: NAME:KEY@YEAR"),
        ("X,q,p,1 -> 2,1,generations,k,s,check,gap_foundry", "row 2: target: '1 -> 2' has 2 numbers; accepted: 1, one for each outcome"),
        ("X,q,p,1,,generations,k,s,check,gap_foundry", "row 2: tolerance: '' is not a number; accepted: a number from 0"),
        ("X,q,p,1,-1,generations,k,s,check,gap_foundry", "row 2: tolerance: '-1' will not do; accepted: a number from 0"),
        (",q,p,1,1,generations,k,s,check,gap_foundry", "row 2: id: empty; accepted: a name"),
        ("X,q,p,1,1,generations,k,s,check,gap_foundry\nX,q,p,1,1,generations,k,s,check,gap_mean", "row 3: id: 'X' stands twice"),
        (
            "X,q,p,1,1,USD bn,k,s,check,imports:tools:NL@2023",
            "row 2: outcome: imports:tools:NL@2023: unknown state 'NL'; did you mean 'NLD'?",
        ),
        (
            "X,q,p,1,1,generations,k,s,check,gap_mean\nY,q,p,1,1,boolean,k,s,check,adopted:JPN@2009",
            "row 3: outcome: adopted:JPN@2009: 2009 is not in the run",
        ),
        ("X,q,p,1,1,generations,k,s,check,gap_mean,x,y", "row 2: 12 fields; accepted: 10, as in the heading"),
        (
            "X,q,p,1,1,generations,k,s,chek,gap_mean",
            "row 2: role: unknown role 'chek'; did you mean 'check'?; accepted: calibration, check, input",
        ),
        (
            "X,q,p,1 -> 2,1,generations,k,s,input -> check -> check,gap_mean -> gap_foundry",
            "row 2: role: 'input -> check -> check' has 3 roles; accepted: one, or 2, one for each outcome",
        ),
        ("X,q,p,1,1,precent,k,s,check,gap_mean", "row 2: unit: unknown unit 'precent'; did you mean 'percent'?; accepted: %, 0 or 1, "),
        (
            "X,q,p,1,1,percent,k,s,check,gap_mean",
            "mine.csv: row 2: unit: 'percent' is not the unit of gap_mean; accepted: generations\n",
        ),
        (
            "X,q,p,1 -> 2,1,%,k,s,check,home_revenue -> home_share:tools:USA@2024\nY,q,p,1,1,%,k,s,check,imports:tools:JPN@2023/2022",
            "mine.csv: row 3: unit: '%' is not the unit of imports:tools:JPN@2023/2022; accepted: ratio\n",
        ),
        (
            "X,q,p,1 -> 2,1,count,k,s,check,listed_entities@2018 -> adopted:KOR@2025",
            "mine.csv: row 2: unit: 'count' is not the unit of adopted:KOR@2025; accepted: 0 or 1, boolean, share of runs\n",
        ),
        ("X,q,p,1,1,%,k,s,check,", "outcome: no row names one; accepted: names listed by 'ecsim describe outcomes'"),
    ],
)
def test_a_bad_row_is_refused_before_anything_is_run(tmp_path, monkeypatch, capsys, line, text) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(f"{HEADER}\n{line}\n")
    assert main(["validate", "targets=mine.csv"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ecsim: mine.csv: ")
    assert err.count("\n") == 1
    assert text in err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


def test_a_file_without_the_column_or_no_file_is_refused(tmp_path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("id,quantity\nX,q\n")
    with pytest.raises(UserError, match="column 'period' is missing; accepted: id, quantity"):
        read_targets(file)
    with pytest.raises(UserError, match="cannot be read"):
        read_targets(tmp_path / "none.csv")


def test_a_number_that_is_put_in_is_not_judged_beside_one_that_checks() -> None:
    shipped = read_targets()
    runs = pd.DataFrame([{t.outcome: t.value for t in shipped.judged if t.policy == HISTORY}] * 4)
    told = verdict_table(runs, replace(shipped, judged=tuple(t for t in shipped.judged if t.policy == HISTORY)))
    entities = told[told["id"] == "C1"].set_index("outcome")[["role", "verdict"]]
    assert entities.loc["listed_entities@2018"].tolist() == [INPUT, INPUT]  # 218 less the 45 of that year is government.listed_before
    assert entities.loc["listed_entities@2020"].tolist() == ["check", PASS]


def test_the_page_shows_the_inputs_that_are_put_in_beside_those_cited() -> None:
    page = (Path(__file__).parents[1] / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = input_rows()
    assert all("| " + " | ".join(str(cell) for cell in row.values()) + " |" in page for row in rows)
    off = [(row["target"], row["period"]) for row in rows if row["is"] != "within"]
    assert off == [("C2b", "2010")]  # 0.837 is cited, 0.746 put in


def test_a_tolerance_may_be_a_share_of_the_target(tmp_path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"{HEADER}\nX,q,p,-40,15%,generations,k,s,check,gap_foundry\n")
    (target,) = read_targets(file).judged
    assert target.tolerance == pytest.approx(6.0)


def test_a_date_is_shown_as_a_year() -> None:
    row = {"id": "X", "quantity": "q", "period": "p", "mean": 2023.5, "lo": 2023.25, "hi": 2023.75, "target": 2023.5, "tolerance": 0.5}
    row |= {"unit": "year", "verdict": PASS, "misses": "", "role": "check", "source": "s", "runs": 4}
    (shown,) = _target_rows(pd.DataFrame([{**row, "of": 4}]))
    assert (shown["value [90% interval]"], shown["target ± tolerance"]) == ("2023.50 [2023.25 to 2023.75]", "2023.50 ± 0.50")
    (some,) = _target_rows(pd.DataFrame([{**row, "of": 6}]))
    assert some["value [90% interval]"] == "2023.50 [2023.25 to 2023.75] in 4 of 6 runs"


def test_targets_on_documents_say_of_when_they_are() -> None:
    table = document_table()
    told = dict(zip(table["id"], table["period"], strict=True))
    assert (told["W7"], told["W8"], told["D1"]) == ("2018", "2025", "2018Q1-2023Q3") and all(told.values())


@pytest.mark.slow
def test_claims_as_a_user_meets_it(tmp_path) -> None:
    code, out, err = call("claims", *SHORT, "out=here", cwd=tmp_path)
    assert code == 0, err
    assert "Width without height builds the challenger's industry." in out
    assert "equation responsible" in out
    assert out.rstrip().endswith("Report:  here/claims.md")
    runs = pd.read_parquet(tmp_path / "here" / "runs.parquet")
    arms = runs.groupby("switch")["arm"].nunique()
    assert set(arms.index) == {ALL_ON, *SWITCHES}
    assert arms.nunique() == 1
    assert runs.groupby(["arm", "switch"])["run"].count().eq(2).all()
    assert (runs["status"] == "ok").all()
    assert list(pd.read_csv(tmp_path / "here" / "claims.csv")["claim"]) == [c.key for c in CLAIMS]
    assert len(pd.read_csv(tmp_path / "here" / "switches.csv")) == len(CLAIMS) * (1 + len(SWITCHES))
    assert "| claim |" in (tmp_path / "here" / "claims.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_validate_as_a_user_meets_it(tmp_path) -> None:
    (tmp_path / "mine.csv").write_text(
        f"{HEADER}\nX,supply,2018,15.3,1.5,percent,k,somewhere,check,made_at_home_2018\nY,q,p,1,1,%,k,s,check,\n"
    )
    code, out, err = call("validate", *SHORT, "targets=mine.csv", "out=here", "--json", cwd=tmp_path)
    assert code == 0, err
    told = json.loads(out)
    assert told["others"] == 1
    (row,) = told["targets"]
    assert (row["id"], row["runs"], row["source"]) == ("X", 2, "somewhere")
    assert row["verdict"] in (PASS, MISS)
    assert row["lo"] <= row["mean"] <= row["hi"]
    assert pd.read_csv(tmp_path / "here" / "targets.csv")["mean"].iloc[0] == pytest.approx(row["mean"])
    assert set(pd.read_parquet(tmp_path / "here" / "runs.parquet")["policy"]) == {"history"}


@pytest.mark.parametrize("word", ["policy=blanket", "alliance=allies"])
def test_claims_bring_their_own_arms(word, capsys) -> None:
    assert main(["claims", word]) == 2
    assert "each arm brings its own policy and alliance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "conclude"), [("structure", conclude_structure), pytest.param("claims", conclude_claims, marks=pytest.mark.slow)]
)
def test_verdicts_of_few_draws_say_that_they_are_few(command: str, conclude: Any, tmp_path: Path) -> None:
    study = api.study(command, [*SHORT, f"out='{tmp_path / 'here'}'"], progress=False)
    told = "2 parameter draws are few"
    assert told in conclude(study).text
    assert told in (study.folder / f"{command}.md").read_text(encoding="utf-8")
