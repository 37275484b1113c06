"""Analysis of stored studies against known answers."""

from __future__ import annotations

import math
import re
import string
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsim.analysis import estimate
from ecsim.analysis.answer import answer
from ecsim.analysis.bands import bands
from ecsim.analysis.claims import FAILS, HOLDS, MIXED, NOT_TESTED, Arm, Claim, Condition, claims_table, verdict
from ecsim.analysis.compare import Comparison, compare, summary_table, summary_text, write_tables
from ecsim.analysis.drivers import drivers_table, rank_correlation
from ecsim.analysis.estimate import Estimate, draws_to_settle, holm, mean_interval, share_interval
from ecsim.analysis.factorial import factorial_effects
from ecsim.analysis.findings import findings
from ecsim.analysis.measures import HEADLINE, MEASURES
from ecsim.analysis.paired import better, differences, paired
from ecsim.analysis.study import load_study
from ecsim.analysis.text import en, zh
from ecsim.analysis.text.words import number, words_of
from ecsim.analysis.tradeoff import Family, at_cost, equal_cost, families_of, pareto_front, regret_table
from ecsim.analysis.variance import nested_variance, variance_shares
from ecsim.errors import UserError
from ecsim.outcomes import OUTCOMES
from synthetic import EFFECTS, expected_difference, make_runs, write_study

EN = words_of("en")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = write_study(tmp_path_factory.mktemp("study"), draws=24, seeds=1, designs=True, series=False)
    return compare(load_study(folder))


def runs_of(a: np.ndarray, b: np.ndarray, outcome: str = "gap_mean") -> pd.DataFrame:
    """A table of runs with two policies; arrays of shape draws x seeds."""
    draws, seeds = a.shape
    rows = [
        {"run": 0, "policy": p, "draw": d, "seed": 100 * d + s, "status": "ok", outcome: x[d, s]}
        for p, x in (("a", a), ("b", b))
        for d in range(draws)
        for s in range(seeds)
    ]
    return pd.DataFrame(rows).assign(run=range(len(rows)))


# --- estimates -------------------------------------------------------------------------------------------------


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    """Clusters with a strong common part: an interval that took seeds for independent would cover half as often."""
    g = np.random.default_rng(3)
    for draws, low in ((6, 0.89), (24, 0.88)):
        hits = 0
        trials = 200
        for t in range(trials):
            values = (2.0 + g.normal(size=(draws, 1)) + 0.1 * g.normal(size=(draws, 4))).ravel()
            e = mean_interval(values, np.repeat(np.arange(draws), 4), key=str(t))
            hits += e.lo <= 2.0 <= e.hi
        assert low <= hits / trials <= 0.985


def test_seeds_within_a_draw_do_not_narrow_the_interval() -> None:
    g = np.random.default_rng(1)
    by_draw = g.normal(size=30)
    once = mean_interval(by_draw, np.arange(30), key="x")
    many = mean_interval(np.repeat(by_draw, 50), np.repeat(np.arange(30), 50), key="x")
    assert (many.lo, many.hi, many.n) == pytest.approx((once.lo, once.hi, 30))


@pytest.mark.parametrize(
    ("values", "draws", "method", "note"),
    [
        ([1.5], [0], "none", estimate.NOTE_ONE),
        ([1.0, 2.0, 3.0], [0, 0, 0], "t", estimate.NOTE_SEEDS),
        ([2.0, 2.0, 2.0], [0, 1, 2], "constant", estimate.NOTE_CONSTANT),
        ([math.nan, math.nan], [0, 1], "none", estimate.NOTE_EMPTY),
        ([1.0, math.nan, 2.0], [0, 1, 2], "t", ""),
    ],
)
def test_poor_data_get_a_note_instead_of_a_false_interval(values: list[float], draws: list[int], method: str, note: str) -> None:
    e = mean_interval(np.array(values), np.array(draws))
    assert (e.method, e.note) == (method, note)
    assert e.has_interval == (method in {"t", "constant"})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_only_raises_and_keeps_the_order(p: list[float]) -> None:
    adjusted = holm(np.array(p))
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-15).all()


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, math.nan])) == pytest.approx([0.03, 0.06, 0.06, math.nan], nan_ok=True)


def test_draws_to_settle_by_hand() -> None:
    """Mean 1, standard deviation 2: (1.960 + 0.842)^2 * 4 = 31.4, so 32 draws, less 8 at hand."""
    values = np.array([-1.0, 3.0] * 4) * 1.0
    values = 1 + (values - values.mean()) / values.std(ddof=1) * 2
    assert draws_to_settle(values, np.arange(8)) == 32 - 8
    assert draws_to_settle(np.array([5.0, 5.1, 4.9]), np.arange(3)) == 0
    assert math.isinf(draws_to_settle(np.array([-1.0, 1.0]), np.arange(2)))


def test_a_share_of_all_or_none_is_not_certain() -> None:
    e = share_interval(np.ones(48), np.repeat(np.arange(24), 2))
    assert (e.value, e.hi) == (1.0, 1.0)
    assert e.lo == pytest.approx(1 - (3.8415 / (24 + 3.8415)), abs=1e-3)  # Wilson with n = 24 draws, not 48 runs


# --- paired ----------------------------------------------------------------------------------------------------


def test_the_paired_difference_finds_the_known_mean() -> None:
    runs = make_runs(draws=200, seeds=2)
    for outcome in ("unmet_need", "home_revenue", "leverage"):
        row = differences(runs, [outcome], [("small_yard", "blanket")]).iloc[0]
        e = EFFECTS[outcome]
        sd = math.sqrt(2 * e.cross**2 + 2 * (0.6 * e.seed) ** 2 / 2)
        assert float(row["difference"]) == pytest.approx(expected_difference(outcome, "small_yard", "blanket"), abs=4 * sd / math.sqrt(200))
        assert float(row["hi"]) - float(row["lo"]) == pytest.approx(2 * 1.96 * sd / math.sqrt(200), rel=0.2)


def test_pairing_removes_what_policies_share() -> None:
    """y = common + own, with variances 9 and 1: unpaired over paired variance is 2(9 + 1) / 2 = 10."""
    g = np.random.default_rng(5)
    common = 3 * g.normal(size=(4000, 1))
    runs = runs_of(common + g.normal(size=(4000, 1)), common + g.normal(size=(4000, 1)))
    row = differences(runs, ["gap_mean"], [("a", "b")]).iloc[0]
    assert float(row["variance_factor"]) == pytest.approx(10, rel=0.1)


def test_only_shared_replicates_are_paired() -> None:
    runs = runs_of(np.array([[1.0], [2.0], [30.0]]), np.array([[0.0], [0.0], [0.0]]))
    shared = paired(runs[~((runs["policy"] == "b") & (runs["draw"] == 2))], ["gap_mean"], "a", "b")
    assert shared.delta("gap_mean").tolist() == [1.0, 2.0]


def test_rounding_errors_are_no_difference() -> None:
    x = np.random.default_rng(2).normal(size=(12, 1)) + 5
    row = differences(runs_of(x * (1 + 1e-15), x), ["gap_mean"], [("a", "b")]).iloc[0]
    assert (row["difference"], row["verdict"]) == (0.0, "same")


def test_a_date_never_reached_is_later_than_any() -> None:
    runs = runs_of(np.array([[np.nan], [2030.0], [np.nan]]), np.array([[2030.0], [np.nan], [np.nan]]), "parity_year")
    assert better(paired(runs, ["parity_year"], "a", "b"), "parity_year", 1).tolist() == [1.0, 0.0, 0.0]
    assert "3 of 3 pairs have no value" in differences(runs, ["parity_year"], [("a", "b")])["note"].iloc[0]


def test_verdicts_are_graded() -> None:
    g = np.random.default_rng(0)
    none, noise = np.zeros((12, 1)), g.normal(size=(12, 1))
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    names = ["gap_mean", "gap_added", "gap_cloud", "locked_in", "unmet_need", "disruption"]
    shifts = [5.0, 0.8, 0.0, 0.0, 0.0, 0.0]
    runs = runs_of(none, none)
    for name, shift in zip(names, shifts, strict=True):
        runs[name] = np.concatenate([(noise + shift).ravel(), none.ravel()])
    found = differences(runs, names, [("a", "b")]).set_index("outcome")["verdict"]
    assert found["gap_mean"] == "clear"
    assert found["gap_added"] == "suggestive"
    assert found["gap_cloud"] == "none shown"


# --- variance --------------------------------------------------------------------------------------------------


def test_variance_shares_of_a_known_nested_normal() -> None:
    g = np.random.default_rng(7)
    draws = np.repeat(np.arange(3000), 3)
    values = 2 * np.repeat(g.normal(size=3000), 3) + 1.5 * g.normal(size=9000)
    between, within = nested_variance(values, draws)
    assert between == pytest.approx(4, rel=0.08)
    assert within == pytest.approx(2.25, rel=0.05)
    shares = variance_shares(values, draws)
    assert shares["parameters"] == pytest.approx(4 / 6.25, abs=0.02)
    assert float(shares["lo"]) < 4 / 6.25 < float(shares["hi"])


def test_pure_chance_is_not_taken_for_parameters() -> None:
    """Variance of draw means alone would put a share 1/k on parameters; the correction takes it off."""
    g = np.random.default_rng(8)
    between = [nested_variance(g.normal(size=40), np.repeat(np.arange(20), 2))[0] for _ in range(400)]
    assert abs(np.mean(between)) < 0.05


def test_unequal_seeds_are_allowed() -> None:
    g = np.random.default_rng(9)
    counts = g.integers(1, 5, 4000)
    draws = np.repeat(np.arange(4000), counts)
    values = np.repeat(g.normal(size=4000), counts) + g.normal(size=len(draws))
    assert nested_variance(values, draws) == pytest.approx((1, 1), rel=0.1)


@pytest.mark.parametrize(("draws", "seeds"), [(1, 5), (5, 1), (1, 1)])
def test_variance_says_when_the_design_cannot_tell(draws: int, seeds: int) -> None:
    shares = variance_shares(np.arange(draws * seeds, dtype=float), np.repeat(np.arange(draws), seeds))
    assert math.isnan(float(shares["parameters"]))
    assert "not told apart" in str(shares["note"])


@pytest.mark.parametrize(
    ("share", "low", "high", "begins"), [(0.9, 0.7, 1.0, "Uncertainty"), (0.1, 0.0, 0.4, "Chance"), (0.0, 0.0, 0.95, "Whether")]
)
def test_what_drives_the_spread_is_said_only_where_its_interval_settles_it(share: float, low: float, high: float, begins: str) -> None:
    c = compare_runs(make_runs(draws=24, seeds=2))
    told = replace(c, variance=c.variance.assign(parameters=share, lo=low, hi=high))
    assert next(f for f in findings(told, EN) if f.key == "variance").headline.startswith(begins)


# --- trade-off -------------------------------------------------------------------------------------------------


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


# --- factorial -------------------------------------------------------------------------------------------------


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


# --- claims ----------------------------------------------------------------------------------------------------


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


# --- study, findings, summary ----------------------------------------------------------------------------------


def test_design_points_stay_out_of_the_main_comparison(small: Comparison) -> None:
    assert small.policies == ("none", "small_yard", "blanket", "history")
    assert small.focal == ("small_yard", "blanket")
    assert len(small.study.policies) > 30


def test_findings_say_what_the_tables_say(small: Comparison) -> None:
    found = {f.key: f for f in findings(small, EN)}
    home = found["cost_home.small_yard.blanket"]
    row = small.row("home_revenue", "small_yard", "blanket")
    assert row is not None
    assert home.strength == "clear"
    assert "more revenue" in home.headline
    assert number(float(row["difference"]), "%", signed=True) in home.detail  # type: ignore[arg-type]
    assert "95% interval" in home.detail and "of 24 parameter draws" in home.detail
    assert "less than" in found["hinder.small_yard.blanket"].headline


def test_no_finding_where_the_interval_straddles_zero() -> None:
    runs = make_runs(draws=24, seeds=1)
    blanket = runs["policy"] == "blanket"
    yard = runs.loc[runs["policy"] == "small_yard", "gap_added"].to_numpy()
    runs.loc[blanket, "gap_added"] = yard + np.random.default_rng(1).permutation(np.linspace(-1, 1, 24))
    found = {f.key: f for f in findings(compare_runs(runs), EN)}["lock_in.small_yard.blanket"]
    assert found.strength == "none shown"
    assert "do not settle" in found.headline
    assert "more than" not in found.headline and "less than" not in found.headline


def compare_runs(runs: pd.DataFrame, folder: Path = Path()) -> Comparison:
    from ecsim.analysis.study import Study

    return compare(Study(folder / "nowhere", runs))


def test_one_replicate_is_told_as_one_run() -> None:
    c = compare_runs(make_runs(draws=1, seeds=1))
    assert not c.differences["lo"].notna().any()
    assert "what happened once" in answer(c, EN)
    assert all(f.strength in {"", "no interval"} for f in findings(c, EN))
    assert all("interval" not in f.detail or "no interval" in f.detail for f in findings(c, EN))
    assert "[" not in summary_text(c, EN).split("\n", 2)[2]


def test_one_policy_has_nothing_to_compare() -> None:
    c = compare_runs(make_runs(draws=2, seeds=1, policies=("small_yard",)))
    assert c.focal is None
    assert "nothing to compare" in answer(c, EN)
    assert list(summary_table(c, EN).columns) == ["Outcome", "Unit", "Better", "Small yard"]


def test_the_answer_calls_a_difference_what_its_verdict_calls_it() -> None:
    """What is suggestive is neither clear nor open, and what is the same in every replicate is no open question."""
    c = compare_runs(make_runs(draws=6, seeds=2))
    assert c.focal is not None
    d = c.differences
    own = (d["a"] == c.focal[0]) & (d["b"] == c.focal[1])
    told = {
        "unmet_need": ("suggestive", -1.0),
        "gap_added": ("suggestive", 1.0),
        "home_revenue": ("clear", 1.0),
        "ally_revenue": ("same", 0.0),
        "leverage": ("none shown", 1.0),
    }
    d = d[own & d["outcome"].isin(told)].assign(
        verdict=lambda x: [told[o][0] for o in x["outcome"]], difference=lambda x: [told[o][1] for o in x["outcome"]]
    )
    text = answer(replace(c, differences=d), EN).split(".")[0]
    assert text == (
        "Small yard does clearly better than blanket controls on cost at home; there are signs, no more, that it does better on the "
        "technology gap, and worse on hindering supply; cost to allies is the same under both; leverage kept is not settled by these runs"
    )
    only = answer(replace(c, differences=d[d["verdict"] == "suggestive"]), EN)
    assert only.startswith(
        "There are signs, no more, that small yard does better on the technology gap, and worse on hindering supply than"
    )


@pytest.mark.parametrize(("draws", "few"), [(4, True), (16, False)])
def test_few_draws_are_called_a_look_around(draws: int, few: bool, tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path, draws=draws, seeds=2, series=False))
    assert ("are few" in summary_text(compare(study), EN)) is few


def test_a_single_run_is_not_called_a_mean() -> None:
    text = summary_text(compare_runs(make_runs(draws=1, seeds=1)), EN)
    assert text.startswith("Outcomes by policy: one run each")
    assert "against the path without controls" in text


def test_without_an_interval_what_drives_the_spread_is_open() -> None:
    c = compare_runs(make_runs(draws=12, seeds=2))
    unknown = replace(c, variance=c.variance.assign(lo=math.nan, hi=math.nan))
    (found,) = (f for f in findings(unknown, EN) if f.key == "variance")
    assert "is open" in found.headline


def test_failed_runs_are_left_out_and_told(tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path, draws=6, seeds=2, fail=5, series=False))
    assert len(study.failed) == 5
    assert [n.key for n in study.notes] == ["study.failed", "study.unequal", "study.few"]
    c = compare(study)
    assert "5 of 48 runs failed" in summary_text(c, EN)
    assert (c.differences["pairs"] < 12).any() and c.differences["difference"].notna().all()


def test_an_outcome_without_values_does_no_harm() -> None:
    c = compare_runs(make_runs(draws=6, seeds=2).assign(gap_added=np.nan, home_rd=1.0))
    assert all(f.key != "lock_in.small_yard.blanket" for f in findings(c, EN))
    row = c.row("home_rd", "small_yard", "blanket")
    assert row is not None and row["verdict"] == "same"
    assert "nan" not in answer(c, EN) + summary_text(c, EN)


def test_the_summary_has_a_line_for_every_purpose_and_cost(small: Comparison) -> None:
    table = summary_table(small, EN)
    assert table["Outcome"].tolist() == [EN.outcome(o) for o in HEADLINE.values()]
    assert table["Verdict"].isin(["Clear", "Suggestive", "Not settled"]).all()


def test_the_same_study_gives_the_same_tables(small: Comparison, tmp_path: Path) -> None:
    made = make_runs(draws=20, seeds=1, policies=("none", "small_yard", "blanket"))
    one, two = (write_tables(compare_runs(runs), tmp_path / n) for runs, n in ((made, "one"), (made.sample(frac=1, random_state=1), "two")))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    assert {p.stem for p in write_tables(small, tmp_path)} == {
        "scorecard",
        "differences",
        "variance",
        "pareto",
        "regret",
        "equal_cost",
        "factorial",
        "claims",
        "drivers",
    }


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda f: None, "no runs.parquet here"),
        (lambda f: (f / "runs.parquet").write_text("no table"), "cannot be read as a Parquet table"),
        (lambda f: pd.DataFrame({"run": [0], "policy": ["a"], "draw": [0]}).to_parquet(f / "runs.parquet"), "column 'seed' is missing"),
        (
            lambda f: make_runs(1, 1).assign(status="failed", reason="stock below zero").to_parquet(f / "runs.parquet"),
            "no run succeeded (4 failed); first reason: stock below zero",
        ),
    ],
)
def test_a_bad_folder_is_refused_in_one_line(tmp_path: Path, make: object, says: str) -> None:
    make(tmp_path)  # type: ignore[operator]
    with pytest.raises(UserError) as error:
        load_study(tmp_path)
    assert says in str(error.value) and "\n" not in str(error.value)


# --- drivers ---------------------------------------------------------------------------------------------------


def test_the_parameter_that_drives_a_difference_is_found() -> None:
    g = np.random.default_rng(6)
    x, other = g.uniform(size=40), g.uniform(size=40)
    runs = runs_of((2 * x + 0.1 * g.normal(size=40))[:, None], np.zeros((40, 1)))
    runs["innovation.stretch"], runs["permission.leak_scale"] = np.tile(x, 2), np.tile(other, 2)
    t = drivers_table(runs, ["innovation.stretch", "permission.leak_scale"], ["gap_mean"], ("a", "b")).set_index("parameter")
    assert t.loc["innovation.stretch", "rho"] > 0.95
    assert t.loc["permission.leak_scale", "lo"] < 0 < t.loc["permission.leak_scale", "hi"]


def test_rank_correlation_covers_the_truth() -> None:
    """Independent samples: the interval holds zero about 95 times in 100."""
    g = np.random.default_rng(11)
    ends = np.array([rank_correlation(g.normal(size=20), g.normal(size=20))[1:] for _ in range(300)])
    assert 0.91 <= np.mean((ends[:, 0] < 0) & (ends[:, 1] > 0)) <= 0.985


def test_few_draws_have_no_drivers() -> None:
    assert compare_runs(make_runs(draws=11, seeds=1)).drivers.empty


# --- bands -----------------------------------------------------------------------------------------------------


def test_bands_hold_parameters_and_seeds_apart() -> None:
    """Draw means 0 … 100 and seeds at ±1 about them: the parameter band spans 5 to 95, the seed band ±√2 about the median."""
    rows = [
        {"policy": "p", "key": "", "quarter": 0, "draw": d, "seed": s, "value": d + (1 if s else -1)} for d in range(101) for s in range(2)
    ]
    b = bands(pd.DataFrame(rows).assign(run=0)).iloc[0]
    assert b[["median", "parameters_lo", "parameters_hi"]].tolist() == pytest.approx([50, 5, 95])
    assert b[["seeds_lo", "seeds_hi"]].tolist() == pytest.approx([50 - math.sqrt(2), 50 + math.sqrt(2)])


def test_bands_without_replicates_are_empty() -> None:
    b = bands(pd.DataFrame([{"policy": "p", "key": "", "quarter": 0, "draw": 0, "seed": 0, "value": 3.0}])).iloc[0]
    assert b["median"] == 3.0
    assert b[["parameters_lo", "seeds_lo"]].isna().all()


# --- words -----------------------------------------------------------------------------------------------------


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_exists_in_both_languages_with_the_same_gaps() -> None:
    assert set(en.TEXT) == set(zh.TEXT)
    allowed = {"A"}  # a name at the start of a sentence
    for key, text in en.TEXT.items():
        assert fields_of(zh.TEXT[key]) - allowed <= fields_of(text) | {"a", "b"}, key
    assert not [k for k, t in zh.TEXT.items() if re.search(r"[一-鿿]", t) and re.search(r"[一-鿿][,:;()]", t)]


def test_every_outcome_has_a_name_in_both_languages() -> None:
    assert set(MEASURES) == set(OUTCOMES)
    for name, outcome in OUTCOMES.items():
        key = f"outcome.{name.replace(f'_in_{outcome.domain}', '_in') if outcome.domain else name}"
        assert key in en.TEXT and key in zh.TEXT
        assert f"column.{outcome.unit}" in en.TEXT, outcome.unit
    assert all(h in OUTCOMES for h in HEADLINE.values())


@given(st.floats(-1e7, 1e7), st.sampled_from(["%", "generations", "ratio", "year", "USD bn", "0..1", "count", ""]))
@settings(max_examples=60)
def test_numbers_read_back(value: float, unit: str) -> None:
    text = number(value, unit)
    back = float(text.replace(",", "").replace("−", "-"))
    assert abs(back - value) <= max(0.5, 0.006 * abs(value))
    assert not (back == 0 and text.startswith("−"))
    assert number(math.nan, unit) == "–"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UserError, match="unknown language 'fr'; .*accepted: en, zh"):
        words_of("fr")


# --- many policies ---------------------------------------------------------------------------------------------


def test_many_policies_have_no_main_contrast_but_a_best_one() -> None:
    strength = {f"small_yard:participation={x}": ("small_yard", 0.5 + x) for x in (0, 1)} | {
        f"blanket:participation={x}": ("blanket", 0.5 + x) for x in (0, 1, 2)
    }
    c = compare_runs(make_runs(draws=4, seeds=1, policies=tuple(strength), strength=strength))
    assert c.focal is None
    assert "Of 5 policies" in answer(c, EN) and "Blanket, participation 2: hindering supply" in answer(c, EN)
    lines = summary_text(c, EN).splitlines()
    assert [line.split("  ")[0] for line in lines[4:9]] == [EN.policy(p) for p in strength]
    assert not [f for f in findings(c, EN) if f.strength]


def test_only_the_first_of_very_many_policies_are_compared(tmp_path: Path) -> None:
    strength = {f"blanket:height={x}": ("blanket", x / 10) for x in range(1, 13)}
    make_runs(draws=2, seeds=1, policies=tuple(strength), strength=strength).to_parquet(tmp_path / "runs.parquet")
    c = compare(load_study(tmp_path))
    assert len(c.policies) == 8
    assert "The first 8 of 12 policies are compared here" in summary_text(c, EN)
