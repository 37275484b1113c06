"""Estimates on constructed runs: intervals, paired differences, variance, drivers, bands."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparing import EN, but, constructed, runs_of
from ecsim.analysis import estimate
from ecsim.analysis.bands import bands
from ecsim.analysis.drivers import drivers_table, rank_correlation
from ecsim.analysis.estimate import draws_to_settle, holm, mean_interval, share_interval
from ecsim.analysis.findings import findings
from ecsim.analysis.paired import better, differences, paired
from ecsim.analysis.variance import nested_variance, variance_shares
from synthetic import EFFECTS, expected_difference, make_runs

# estimates


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


# paired


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


# variance


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
    c = constructed(24, 2)
    told = but(c, variance=c.variance.assign(parameters=share, lo=low, hi=high))
    assert next(f for f in findings(told, EN) if f.key == "variance").headline.startswith(begins)


# drivers


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
    assert constructed(11, 1).drivers.empty


# bands


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
