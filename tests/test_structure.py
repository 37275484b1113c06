"""Structural sensitivity: findings under other production forms, measures of power, without adaptation or ceiling."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecsim
from ecsim.analysis.structure import FINDINGS, structure_table
from ecsim.cli import main
from ecsim.experiment.structures import AS_IS, POLICIES, STRUCTURES
from ecsim.experiment.studies import plan_study
from ecsim.mechanisms.production import input_limit
from ecsim.params import Production

RATIOS = st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3)


def limit(form: str, ratio: list[float], substitution: float = 0.5) -> float:
    critical, coef = np.array([1.0, 0.5, 0.0]), np.array([0.2, 0.2, 0.1])
    exponent = Production(substitution=substitution).ces_exponent
    return float(input_limit(form, np.array(ratio), critical, coef, np.array([0]), exponent)[0])


@given(RATIOS)
def test_forms_stand_in_order_of_how_much_inputs_replace_each_other(ratio: list[float]) -> None:
    assert limit("leontief", ratio) <= limit("ces", ratio) + 1e-9 <= limit("linear", ratio) + 2e-9
    assert limit("leontief", ratio) <= limit("partial", ratio)
    assert all(0 <= limit(form, ratio) <= 1 + 1e-12 for form in ("leontief", "ces", "linear", "partial"))


@given(RATIOS)
def test_little_substitution_comes_near_leontief_and_much_near_linear(ratio: list[float]) -> None:
    assert limit("ces", ratio, 0.02) == pytest.approx(limit("leontief", ratio), abs=0.06)
    assert limit("ces", ratio, 1e6) == pytest.approx(limit("linear", ratio), abs=1e-3)


@given(RATIOS)
def test_an_elasticity_of_one_is_cobb_douglas(ratio: list[float]) -> None:
    shares = np.array([0.4, 0.4, 0.2])
    assert limit("ces", ratio, 1.0) == pytest.approx(float(np.prod(np.array(ratio) ** shares)), rel=1e-5)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_an_elasticity_of_one_gives_the_run_of_its_neighbours(engine: str) -> None:
    words = ("production.form=ces", f"time.engine={engine}", "economy=small", "time.quarters=8")
    below, at, above = (ecsim.run("small_yard", *words, f"production.substitution={x}").outcomes for x in (0.999, 1.0, 1.001))
    moved = ecsim.run("small_yard", *words, "production.substitution=0.5").outcomes
    for name in ("unmet_need", "home_revenue", "challenger_revenue", "world_value"):
        wide = abs(above[name] - below[name])
        assert min(below[name], above[name]) - wide <= at[name] <= max(below[name], above[name]) + wide, name
        assert wide < 0.05 * max(abs(at[name]), abs(moved[name])), name


@pytest.mark.parametrize("form", ["partial", "leontief", "ces", "linear"])
def test_with_all_inputs_nothing_is_lost(form: str) -> None:
    assert limit(form, [1.0, 1.0, 1.0]) == pytest.approx(1.0)


def test_every_policy_runs_under_every_structure_on_the_same_draws() -> None:
    plan, _ = plan_study("structure", ["experiment.draws=2"])
    rows = pd.DataFrame([{**job.columns, "form": job.config.params.production.form} for job in plan.jobs()])
    assert len(plan.variants) == len(STRUCTURES) * len(POLICIES)
    assert rows.groupby(["structure", "arm"])["seed"].apply(tuple).nunique() == 1
    assert set(rows[rows["structure"] == "ces"]["form"]) == {"ces"}
    assert set(rows[rows["structure"] == AS_IS]["form"]) == {"partial"}


def test_findings_by_hand() -> None:
    value = {"none": 0.0, "small_yard": -1.0, "small_yard+allies": -0.5, "blanket": -4.0}
    rows = [
        {"structure": s, "arm": arm, "draw": d, "seed": d, **{f.outcome: sign * x for f in FINDINGS}}
        for s, sign in ((AS_IS, 1.0), ("leontief", -1.0))
        for arm, x in value.items()
        for d in range(8)
    ]
    table = structure_table(pd.DataFrame(rows)).set_index(["structure", "finding"])
    assert table.loc[(AS_IS, "cost"), "mean"] == pytest.approx(3.0)
    assert table.loc[(AS_IS, "cost"), "share"] == 1
    assert table.loc[("leontief", "cost"), "share"] == 0


@pytest.mark.slow
def test_the_command(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("time.quarters=8", "economy=small", "experiment.draws=2", "experiment.workers=1", "launcher=serial", "out=here", "--json")
    assert main(["structure", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["structure"] for row in told["structures"]} == set(STRUCTURES)
    assert "| structure |" in (tmp_path / "here" / "structure.md").read_text(encoding="utf-8")
    assert main(["structure", "policy=blanket"]) == 2
