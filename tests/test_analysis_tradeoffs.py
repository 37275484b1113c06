"""Trade-offs, factorial effects and claims on constructed runs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparing import runs_of
from ecsim.analysis.claims import CLAIMS, FAILS, HOLDS, MIXED, NOT_TESTED, Arm, Claim, Condition, claims_table, select, verdict
from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import Estimate
from ecsim.analysis.factorial import factorial_effects
from ecsim.analysis.text import en, zh
from ecsim.analysis.text.words import words_of
from ecsim.analysis.tradeoff import Family, at_cost, equal_cost, families_of, pareto_front, regret_table
from ecsim.config import RunConfig
from ecsim.experiment.arms import ALL_ON
from ecsim.experiment.studies import plan_study
from ecsim.report.figures.base import Context
from ecsim.report.figures.designs import twin_equal
from ecsim.strategies.settings import AllianceConfig, PolicyConfig

# trade-off


def test_pareto_front_of_known_points() -> None:
    effect = np.array([0.0, 1.0, 2.0, 1.5, 2.0, np.nan, 0.0])
    cost = np.array([0.0, 1.0, 3.0, 3.5, 3.0, 0.0, 0.0])
    assert pareto_front(effect, cost).tolist() == [True, True, True, False, True, False, True]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=15))
def test_every_point_off_the_front_is_beaten_by_one_on_it(points: list[tuple[int, int]]) -> None:
    effect, cost = np.array(points, dtype=float).T
    front = pareto_front(effect, cost)
    assert front.any()
    for e, c in zip(effect[~front], cost[~front], strict=True):
        assert ((effect[front] >= e) & (cost[front] <= c) & ((effect[front] > e) | (cost[front] < c))).any()


def test_equal_cost_by_hand() -> None:
    """Cost 0, 2, 4 and effect 0, 1, 5: at cost 3 the effect is 3. Cost that falls again: the first crossing counts."""
    assert at_cost(np.array([0.0, 2, 4]), np.array([0.0, 1, 5]), 3.0) == pytest.approx([3.0])
    assert at_cost(np.array([0.0, 2, 1]), np.array([0.0, 4, 9]), 1.5) == pytest.approx([3.0])
    assert np.isnan(at_cost(np.array([0.0, 2]), np.array([0.0, 4]), 3.0)).all()


def test_equal_cost_of_known_families() -> None:
    """Effects 2 and 1 per unit of cost, in every draw: at cost 1 the difference is 1, and certain."""
    cost = np.tile(np.array([[0.0], [1], [2]]), (1, 12))
    families = [Family("small_yard", np.array([0.0, 0.5, 1]), cost, 2 * cost), Family("blanket", np.array([0.0, 0.5, 1]), cost, cost)]
    t = equal_cost(families, [1.0]).set_index("family")
    assert t.loc["small_yard − blanket", ["effect", "lo", "hi"]].tolist() == pytest.approx([1.0, 1.0, 1.0])
    missing = equal_cost(families, [5.0])
    assert missing["effect"].isna().all() and missing["note"].str.contains("0%").all()


def slopes(values: np.ndarray) -> list[Family]:
    """A family whose effect is cost times the slope of the draw, and one without effect."""
    cost = np.tile(np.array([[0.0], [1], [2]]), (1, len(values)))
    steps = np.array([0.0, 0.5, 1])
    return [Family("small_yard", steps, cost, cost * values), Family("blanket", steps, cost, 0 * cost)]


@pytest.mark.parametrize("draws", [3, 6, 12])
def test_an_interval_at_equal_cost_from_few_draws_holds_the_truth_as_often_as_it_says(draws: int) -> None:
    rng = np.random.default_rng(draws)
    held = []
    for _ in range(300):
        row = equal_cost(slopes(rng.normal(1, 1, draws)), [1.0]).set_index("family").loc["small_yard"]
        held.append(row["lo"] <= 1 <= row["hi"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_a_few_draws_of_one_sign_are_no_proof() -> None:
    """Two draws agree by chance as often as not."""
    row = equal_cost(slopes(np.array([0.9, 1.1])), [1.0]).set_index("family").loc["small_yard − blanket"]
    assert row["p"] == 0.5
    assert row["lo"] < 0.1 and row["hi"] > 1.9


def test_the_table_at_equal_cost_shows_two_digits_of_a_small_effect() -> None:
    t = equal_cost(slopes(np.random.default_rng(0).normal(0.004, 0.002, 24)), [1.0]).assign(outcome="gap_added")
    shown = twin_equal(t, Context(words_of("en"), ("small_yard", "blanket"), "", {}, None)).set_index("Policy")
    row = t.set_index("family").loc["small_yard"]
    assert shown.loc["Small yard", "Effect"] == f"{row['effect']:.4f} generations"
    assert shown.loc["Small yard", "95% interval"] == f"{row['lo']:.4f} to {row['hi']:.4f}"
    large = twin_equal(t.assign(effect=t["effect"] * 1000, lo=t["lo"] * 1000, hi=t["hi"] * 1000), Context(words_of("en"), (), "", {}, None))
    assert large["Effect"].iloc[0] == f"{1000 * row['effect']:.2f} generations"


def test_families_start_without_controls_and_share_draws(small: Comparison) -> None:
    families = families_of(small.study.ok, "gap_added")
    assert [f.name for f in families] == ["small_yard", "blanket"]
    for f in families:
        assert f.intensity.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]
        assert f.cost[0] == pytest.approx(0, abs=1e-9)


def test_regret_by_hand() -> None:
    a, b = np.array([[1.0], [4.0]]), np.array([[3.0], [2.0]])
    t = regret_table(runs_of(a, b), ["a", "b"], ["gap_mean"]).set_index("policy")
    assert t["regret"].to_dict() == {"a": 1.0, "b": 1.0}
    assert t["worst"].to_dict() == {"a": 2.0, "b": 2.0}
    assert t["relative"].to_dict() == {"a": 0.5, "b": 0.5}


# factorial


def factorial_runs(draws: int = 12) -> pd.DataFrame:
    """y = 10 + 3 scope + 1 height + 2 scope x height + draw, factors 0 or 1."""
    g = np.random.default_rng(4)
    rows = []
    for d in range(draws):
        common = g.normal()
        for scope in ("narrow", "wide"):
            for height in ("low", "high"):
                s, h = scope == "wide", height == "high"
                y = 10 + 3 * s + h + 2 * s * h + common
                rows.append(
                    {"run": len(rows), "policy": f"{scope}-{height}", "draw": d, "seed": d, "scope": scope, "height": height, "gap_mean": y}
                )
    return pd.DataFrame(rows)


def test_factorial_effects_by_hand() -> None:
    t = factorial_effects(factorial_runs(), ["gap_mean"]).set_index("term")["effect"]
    assert t.to_dict() == pytest.approx({"scope": 4.0, "height": 2.0, "scope × height": 2.0})


def test_a_missing_corner_drops_its_replicate_only() -> None:
    runs = factorial_runs()
    t = factorial_effects(runs[runs["run"] != 0], ["gap_mean"])
    assert t["dropped"].tolist() == [1, 1, 1]
    assert t["effect"].tolist() == pytest.approx([4.0, 2.0, 2.0])
    empty = factorial_effects(runs[runs["policy"] != "wide-high"], ["gap_mean"])
    assert empty["effect"].isna().all() and empty["note"].str.contains("corner").all()


# claims


def test_a_claim_is_judged_by_how_often_it_holds() -> None:
    claim = Claim(
        "c", {"a": Arm(("a",)), "b": Arm(("b",))}, (Condition("gap_mean", {"a": 1, "b": -1}), Condition("gap_mean", {"a": 1}, above=0.5))
    )
    ones, zeros = np.ones((20, 2)), np.zeros((20, 2))
    half = np.where(np.arange(20)[:, None] < 10, 1.0, 0.0) * ones
    found = [claims_table(runs_of(a, zeros), (claim,)).iloc[0] for a in (ones, zeros, half)]
    assert [f["verdict"] for f in found] == [HOLDS, FAILS, MIXED]
    assert [f["share"] for f in found] == [1.0, 0.0, 0.5]


def test_a_claim_that_something_can_be_needs_it_only_sometimes() -> None:
    quarter = Estimate(0.25, 0.12, 0.44, 24, "wilson")
    assert (verdict(quarter, can=True), verdict(quarter, can=False)) == (HOLDS, MIXED)
    assert verdict(Estimate(0.0, 0.0, 0.14, 24, "wilson"), can=True) == FAILS
    assert verdict(Estimate(0.0, 0.0, 0.66, 2, "wilson"), can=True) == MIXED  # two draws without it do not say never
    assert verdict(Estimate(1.0, math.nan, math.nan, 1, "none"), can=True) == NOT_TESTED


def test_claims_of_the_model_on_constructed_runs(small: Comparison) -> None:
    t = small.claims.set_index("claim")
    assert t.loc["fdp", "verdict"] == HOLDS  # built in: the rule adds less where allies have joined, and costs leverage
    assert t.loc["half_joined", "verdict"] == FAILS  # built in: participation only widens the gap
    assert t.loc["chips_only", ["verdict", "missing"]].tolist() == [NOT_TESTED, "chips"]
    assert all(en.TEXT[f"claim.{key}{part}"] for key in t.index for part in ("", ".test", ".needs"))


def corner_runs() -> pd.DataFrame:
    """A factorial in which the rule spends leverage and stands in for allies, but behind the small yard, where it does nothing."""
    rows = []
    for d, scope, height, reach, coalition in itertools.product(
        range(8), ("narrow", "wide"), ("low", "high"), ("domestic", "fdp"), ("alone", "allies")
    ):
        yard = (scope, height) == ("narrow", "high")
        need = {("domestic", "alone"): 0.0, ("fdp", "alone"): 8.0, ("domestic", "allies"): 4.0, ("fdp", "allies"): 5.0}[reach, coalition]
        labels = {"policy": f"{scope}-{height}-{reach}-{coalition}", "draw": d, "seed": d}
        factors = {"scope": scope, "height": height, "reach": reach, "coalition": coalition}
        rows.append(labels | factors | {"unmet_need": 0.0 if yard else need, "leverage": 0.5 if reach == "fdp" and not yard else 1.0})
    return pd.DataFrame(rows)


def test_a_claim_on_the_small_yard_is_put_to_its_own_corner_of_the_factorial() -> None:
    claim = next(c for c in CLAIMS if c.key == "fdp")
    runs = corner_runs()
    found = {name: set(select(runs, arm)["policy"]) for name, arm in claim.arms.items()}
    assert found == {
        "neither": {"narrow-high-domestic-alone"},
        "fdp": {"narrow-high-fdp-alone"},
        "allies": {"narrow-high-domestic-allies"},
        "both": {"narrow-high-fdp-allies"},
    }
    assert claims_table(runs, (claim,)).iloc[0][["verdict", "share"]].tolist() == [FAILS, 0.0]


def test_every_arm_of_a_claim_is_the_same_run_in_the_factorial_as_among_the_arms_of_claims() -> None:
    tables = {}
    for command in ("claims", "factorial"):
        plan, _ = plan_study(command, ["experiment.draws=1", "experiment.seeds=1"])
        rows = [{**v.columns, "policy": v.config.label, "config": v.config} for v in plan.variants]
        tables[command] = pd.DataFrame([row for row in rows if row.get("switch", ALL_ON) == ALL_ON])
    for claim in CLAIMS:
        for name, arm in claim.arms.items():
            ours, theirs = ([_plays(c) for c in select(t, arm)["config"]] for t in (tables["claims"], tables["factorial"]))
            assert len(ours) == 1 and theirs == ours, (claim.key, name)


def _plays(run: RunConfig) -> tuple[PolicyConfig, AllianceConfig | None]:
    """What a run plays: an alliance that nobody can join is none."""
    return run.policy, run.alliance if run.alliance.active else None


def test_the_claim_on_width_finds_the_blanket_package_of_a_comparison() -> None:
    plan, _ = plan_study("compare", ["experiment.draws=1"])
    runs = pd.DataFrame([{"policy": v.config.label} for v in plan.variants])
    width = next(c for c in CLAIMS if c.key == "width")
    assert set(select(runs, width.arms["wide"])["policy"]) == {"blanket"}
    for words in (en.TEXT, zh.TEXT):
        assert all("ecsim claims" in words[f"claim.{c.key}.needs"] for c in CLAIMS)
