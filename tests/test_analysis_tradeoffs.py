"""Trade-offs, factorial effects and claims on constructed runs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparing import runs_of
from ecsim.analysis.claims import FAILS, HOLDS, MIXED, NOT_TESTED, Arm, Claim, Condition, claims_table, verdict
from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import Estimate
from ecsim.analysis.factorial import factorial_effects
from ecsim.analysis.text import en
from ecsim.analysis.tradeoff import Family, at_cost, equal_cost, families_of, pareto_front, regret_table

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
    assert verdict(Estimate(1.0, math.nan, math.nan, 1, "none"), can=True) == NOT_TESTED


def test_claims_of_the_model_on_constructed_runs(small: Comparison) -> None:
    t = small.claims.set_index("claim")
    assert t.loc["fdp", "verdict"] == HOLDS  # built in: the rule adds less where allies have joined, and costs leverage
    assert t.loc["half_joined", "verdict"] == FAILS  # built in: participation only widens the gap
    assert t.loc["chips_only", ["verdict", "missing"]].tolist() == [NOT_TESTED, "chips"]
    assert all(en.TEXT[f"claim.{key}{part}"] for key in t.index for part in ("", ".test", ".needs"))
