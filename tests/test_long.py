"""The long history: coding of the record, the state layer, rivals, scores, and the command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsim import cli
from ecsim.data.longrun import CHALLENGERS, load_acts, load_series
from ecsim.errors import UserError
from ecsim.longrun import coding, ensemble, rivals, scores, study
from ecsim.longrun.coding import YEARS
from ecsim.longrun.command import run_long
from ecsim.longrun.inputs import QUARTERS, inputs
from ecsim.longrun.layer import Layer, yearly
from ecsim.params import Params

RUS, CHN, JPN = range(3)
DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def acts():
    return load_acts()


@pytest.fixture(scope="module")
def series():
    return load_series()


@pytest.fixture(scope="module")
def path(series):
    return Layer(inputs(series, Params()), Params()).run()


def at(year: int) -> int:
    return int(year - YEARS[0])


def test_the_coded_record_keeps_the_order_of_the_first_paper(acts):
    soviet = coding.record(acts, Params().long).strictness[:, RUS]
    assert soviet[at(1953)] > soviet[at(1970)] > soviet[at(1992)]
    assert soviet[at(1981)] > soviet[at(1979)]
    assert soviet[at(1989)] < soviet[at(1987)]
    china = coding.record(acts, Params().long).strictness[:, CHN]
    assert china[at(1985)] < china[at(1970)]
    assert china[at(2025)] == china.max()


def test_the_target_moves_from_the_soviet_union_to_china(acts):
    seen = coding.record(acts, Params().long)
    assert seen.target[at(1980)] == RUS
    assert (seen.target[at(1995) :] == CHN).all()
    assert (seen.strictness[:, JPN] == 0).all()
    assert seen.beside[at(1988), JPN] > 0.5


def test_the_band_of_codings_holds_the_best_one_or_nearly(acts):
    seen = coding.record(acts, Params().long)
    assert ((seen.strictness >= seen.lo - 0.1) & (seen.strictness <= seen.hi + 0.1)).all()
    assert (seen.hi >= seen.lo).all()


@given(
    rows=st.lists(st.tuples(st.integers(1949, 2025), st.sampled_from(("tighten", "loosen", "shift")), st.floats(0, 3)), max_size=12),
    gain=st.floats(0.05, 1.0),
    start=st.floats(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_strictness_stays_between_nothing_and_everything(rows, gain, start):
    table = pd.DataFrame(rows, columns=["year", "direction", "size"]).assign(channel="export", targets="CHN;OTHER")
    level = coding.index(table, "export", table["size"].to_numpy(float), gain, np.full(3, start))
    assert ((level >= 0) & (level <= 1)).all()
    assert (level[:, [RUS, JPN]] == start).all()
    changed = np.diff(np.concatenate([[start], level[:, CHN]]))
    for y, year in enumerate(YEARS):
        directions = {d for when, d, _ in rows if when == year}
        if "loosen" not in directions:
            assert changed[y] >= 0
        if "tighten" not in directions:
            assert changed[y] <= 0


def test_the_layer_stays_in_bounds_and_is_the_same_each_time(series, path):
    assert len(path.strictness) == QUARTERS
    for values in (path.strictness, path.beside, path.anxiety, path.dissatisfaction, path.coalition):
        assert ((values >= 0) & (values <= 1)).all()
    again = Layer(inputs(series, Params()), Params()).run()
    assert np.array_equal(again.strictness, path.strictness)


def test_an_allied_rival_is_not_denied_what_an_enemy_is(series, path):
    japan = yearly(path.strictness)[:, JPN]
    assert japan.max() < 0.05
    given_ = inputs(series, Params())
    no_pact = replace(given_, ally=np.zeros_like(given_.ally), hostility=given_.hostility + np.array([0.0, 0.0, 1.5]))
    assert yearly(Layer(no_pact, Params()).run().strictness)[:, JPN].sum() > japan.sum()


def test_a_nearer_rival_alarms_and_a_farther_one_is_controlled_less(series, path):
    given_ = inputs(series, Params())
    ratio = given_.ratio.copy()
    ratio[:, :, CHN] *= 0.3
    weak = Layer(replace(given_, ratio=ratio), Params()).run()
    assert weak.anxiety[-1, CHN] < path.anxiety[-1, CHN]
    assert weak.strictness[-1, CHN] < path.strictness[-1, CHN]
    assert np.array_equal(weak.anxiety[:, RUS], path.anxiety[:, RUS])


def test_trade_at_stake_holds_control_back(series, path):
    given_ = inputs(series, Params())
    free = Layer(replace(given_, exports=np.zeros_like(given_.exports)), Params()).run()
    assert free.strictness[-1, CHN] > path.strictness[-1, CHN]
    pressed = Params().with_values({"long.pressure": 6.0})
    assert Layer(given_, pressed).run().strictness[-1, CHN] < path.strictness[-1, CHN]


def test_path_dependence_holds_up_what_was_built(series, path):
    bare = Layer(inputs(series, Params()), Params(), beta=False).run()
    assert bare.strictness[-1, RUS] < path.strictness[-1, RUS]
    assert bare.coalition[at(1990) * 4, RUS] < path.coalition[at(1990) * 4, RUS]


def test_nothing_moves_without_an_administration(series):
    still = Layer(inputs(series, Params()), Params(), capacity=np.zeros(QUARTERS)).run()
    p = Params().long
    assert still.strictness[-1] == pytest.approx([p.start_soviet, p.start_china, 0.0])


def test_series_stand_at_mid_year_and_one_measure_has_no_long_series(series):
    given_ = inputs(series, Params())
    rows = series[(series["state"] == "RUS") & (series["variable"] == "gdp")].set_index("year")["value"]
    quarter = 4 * at(1975) + 2
    assert given_.ratio[quarter - 1 : quarter + 1, 2, RUS].mean() == pytest.approx(rows[1975.0], rel=0.01)
    assert (given_.hostility[:, JPN] == 0).all()
    with pytest.raises(UserError, match=r"nominal.*accepted: composite, ppp, gerd"):
        inputs(series, Params().with_values({"power.metric": "nominal"}))


def test_draws_stay_in_their_ranges_and_leave_alone_what_the_user_set(series):
    params = Params().with_values({"government.noise": 0.5})
    made = ensemble.draws(params, series, 5)
    assert made[0] == (params, {})
    assert all(p.government.noise == 0.5 for p, _ in made)
    assert len({p.power.anxiety_parity for p, _ in made}) == 5
    for _, values in made[1:]:
        for row, value in values.items():
            assert series.at[row, "lo"] <= value <= series.at[row, "hi"]


@given(mean=st.floats(-1, 1), sd=st.floats(0.05, 1), other=st.floats(-1, 1), seen=st.floats(-2, 2))
@settings(max_examples=25, deadline=None)
def test_crps_is_the_integral_it_stands_for(mean, sd, other, seen):
    forecast = scores.Forecast(np.array([[mean], [other]]), np.full((2, 1), sd))
    x = np.linspace(-9, 9, 20001)
    below = scores._cdf((x[None, :] - forecast.mean) / forecast.sd).mean(axis=0)
    integral = ((below - (x >= seen)) ** 2).sum() * (x[1] - x[0])
    assert scores.crps(forecast, np.array([seen]))[0] == pytest.approx(integral, abs=2e-3)


def test_scores_reward_the_truth_and_intervals_cover():
    rng = np.random.default_rng(1)
    came = rng.normal(0.0, 1.0, 4000)
    honest = scores.Forecast(np.zeros((1, 4000)), np.ones((1, 4000)))
    for bad in (
        scores.Forecast(honest.mean + 0.7, honest.sd),
        scores.Forecast(honest.mean, honest.sd * 3),
        scores.Forecast(honest.mean, honest.sd / 3),
    ):
        assert scores.crps(honest, came).mean() < scores.crps(bad, came).mean()
        assert scores.log_score(honest, came).mean() > scores.log_score(bad, came).mean()
    assert scores.coverage(honest, came) == pytest.approx(0.9, abs=0.02)


def test_the_interval_over_blocks_is_wider_where_years_hang_together():
    rng = np.random.default_rng(2)
    free = rng.normal(size=64)
    bound = np.repeat(rng.normal(size=8), 8)
    for difference in (free, bound):
        lo, hi = scores.block_interval(difference)
        assert lo <= difference.mean() <= hi
    width = [np.subtract(*scores.block_interval(x / x.std())[::-1]) for x in (free, bound)]
    assert width[1] > width[0]
    assert np.isnan(scores.block_interval(free[:8])).all()


def test_rivals_find_what_they_are_made_for():
    years, window = np.arange(len(YEARS), dtype=float), YEARS >= 2018
    flat = np.tile([0.2, 0.6, 0.0], (len(YEARS), 1))
    assert rivals.constant(flat, window).mean[0] == pytest.approx(flat.ravel())
    slope = np.clip(np.stack([0.004 * years, 0.1 + 0.002 * years, 0.0 * years], axis=1), 0, 1)
    assert rivals.trend(slope, window).mean[0] == pytest.approx(slope.ravel(), abs=1e-9)
    predictor = np.stack([years / 100, years / 200, years / 300], axis=1)
    assert rivals.line([predictor], 0.1 + 0.5 * predictor, window).mean[0] == pytest.approx((0.1 + 0.5 * predictor).ravel(), abs=1e-9)


def test_path_dependence_alone_forgets_nothing_that_it_has_not_seen():
    level = np.linspace(0.9, 0.1, len(YEARS))[:, None] * np.ones((1, 3))
    window = YEARS < 1990
    told = rivals.path_dependence(level, window)
    changed = level.copy()
    changed[~window] = 0.5
    assert rivals.path_dependence(changed, window).mean[0] == pytest.approx(told.mean[0])
    spread = told.sd.reshape(len(YEARS), 3)[~window, 0]
    assert (np.diff(spread) >= -1e-12).all()


def test_the_command_writes_tables_and_the_figure(tmp_path, capsys):
    assert cli.main(["run", "scenario=long_history", "draws=2", f"out={tmp_path / 'far'}"]) == 0
    told = capsys.readouterr().out
    assert "path dependence zero" in told
    assert "eaa_1969" in told
    for name in ("scores", "targets", "turns", "years"):
        assert len(pd.read_csv(tmp_path / "far" / f"{name}.csv")) > 3
    turns = pd.read_csv(tmp_path / "far" / "turns.csv")
    assert (turns["share_along"] >= turns["share_of_draws"]).all()  # to move in the direction is the weaker of the two
    assert "explained" in told.partition("By direction alone: ")[2].partition("\n")[0]
    scored = pd.read_csv(tmp_path / "far" / "scores.csv")
    assert set(scored["fitted"]) == {"2018-2025", "1949-2017"}
    assert scored["coverage"].between(0, 1).all()
    years = pd.read_csv(tmp_path / "far" / "years.csv")
    assert set(years["challenger"]) == set(CHALLENGERS)
    assert (tmp_path / "far" / "long_history.png").stat().st_size > 50_000


@pytest.mark.slow
def test_the_page_counts_turns_as_the_study_does():
    params, series, acts = Params(), load_series(), load_acts()
    main = ensemble.paths(ensemble.draws(params, series, study.DRAWS, seed=1), series)
    turns = study.turns(acts, coding.record(acts, params.long, seed=1), main, params)
    counts = {key: [int((turns[key] == v).sum()) for v in ("explained", "leaning", "not explained")] for key in ("verdict", "by_direction")}
    told = " ".join(DOCS.joinpath("long-history.md").read_text(encoding="utf-8").split())
    sure, lean, miss = counts["verdict"]
    assert (
        f"Of {len(turns)} large acts, {sure} are explained (at least 80% of draws turn), {lean} lean (more than half), {miss} are not"
        in told
    )
    sure, lean, miss = counts["by_direction"]
    assert f"{sure} would be explained, {lean} lean and {miss} not" in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["drws=3"], "long: unknown key 'drws'; did you mean 'draws'?"),
        (["draws=one"], "long: draws: 'one' will not do; accepted: a whole number from 2 to 1000"),
        (["power.metric=nominal"], "power.metric: 'nominal' has no series"),
        (["long.gain=much"], "long: long.gain: 'much' is not a number"),
        (["quickly"], "long: 'quickly' will not do; accepted: key=value"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(tmp_path, words, says):
    with pytest.raises(UserError) as refused:
        run_long([*words, f"out={tmp_path / 'none'}"])
    assert says in str(refused.value)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("key", ["acts", "series"])
def test_a_file_that_is_not_there_is_named_as_given(tmp_path, capsys, key):
    assert cli.main(["long", f"{key}=/nowhere/nope.csv", f"out={tmp_path / 'none'}"]) == cli.BAD_INPUT
    assert capsys.readouterr().err.startswith("ecsim: /nowhere/nope.csv: cannot be read (No such file or directory); accepted: ")
    assert not (tmp_path / "none").exists()


def test_a_bad_row_ends_the_command_with_its_line(tmp_path, acts, capsys):
    acts.assign(direction="up").to_csv(tmp_path / "mine.csv", index=False)
    assert cli.main(["long", f"acts={tmp_path / 'mine.csv'}"]) == cli.BAD_INPUT
    assert "mine.csv: row 2: unknown direction 'up'; accepted: loosen, shift, tighten" in capsys.readouterr().err
