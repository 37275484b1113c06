"""Sensitivity indices: known test functions within published values, and designs that are refused."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecsim import api
from ecsim.analysis.sensitivity.estimators import (
    chance_effect,
    convergence,
    lead,
    morris_effects,
    noise_shares,
    pawn_indices,
    sobol_indices,
)
from ecsim.analysis.sensitivity.study import Sensitivity, load_sensitivity, screened
from ecsim.analysis.study import load_study
from ecsim.analysis.text.words import words_of
from ecsim.cli import main
from ecsim.errors import UserError
from ecsim.experiment import runner, store
from ecsim.experiment.design import designed, replicates, unit_points
from ecsim.experiment.factors import Factor, factors_of
from ecsim.experiment.manifest import manifest
from ecsim.experiment.settings import ExperimentConfig
from ecsim.experiment.studies import plan_stage, plan_study
from ecsim.grammar import overridden
from ecsim.params import REGISTRY
from ecsim.report.page import context
from ecsim.report.sensitivity import figures
from ecsim.report.sensitivity.report import _participation, page, summary, write_sensitivity_report
from ecsim.staged import conclude_sensitivity, run_sensitivity
from fake_model import FakeResult
from fake_model import simulate as fake

G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def ishigami(u: np.ndarray, a: float = 7.0, b: float = 0.1) -> np.ndarray:
    x = -math.pi + 2 * math.pi * u
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(u: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * u - 2) + G_WEIGHTS) / (1 + G_WEIGHTS), axis=1)


def test_ishigami_within_published_values():
    """Analytic: S1 = 0.3139, 0.4424, 0; ST = 0.5576, 0.4424, 0.2437 (Homma and Saltelli 1996)."""
    names = ["x1", "x2", "x3"]
    t = sobol_indices(names, ishigami(unit_points("saltelli", 3, 2048, 1)), "y")
    np.testing.assert_allclose(t["s1"], [0.3139, 0.4424, 0.0], atol=0.03)
    np.testing.assert_allclose(t["st"], [0.5576, 0.4424, 0.2437], atol=0.03)
    assert ((t["st_lo"] <= [0.5576, 0.4424, 0.2437]) & (t["st_hi"] >= [0.5576, 0.4424, 0.2437])).all()


def test_sobol_g_within_published_values():
    """Analytic, from the partial variances 1 / (3 (1 + a)^2) (Saltelli and Sobol 1995)."""
    part = 1 / (3 * (1 + G_WEIGHTS) ** 2)
    whole = np.prod(1 + part) - 1
    first, total = part / whole, part * np.prod(1 + part) / (1 + part) / whole
    t = sobol_indices([f"x{i}" for i in range(8)], sobol_g(unit_points("saltelli", 8, 2048, 1)), "y")
    np.testing.assert_allclose(t["s1"], first, atol=0.03)
    np.testing.assert_allclose(t["st"], total, atol=0.03)


def test_indices_converge_as_points_are_added():
    t = convergence(["x1", "x2", "x3"], ishigami(unit_points("saltelli", 3, 1024, 1)), "y")
    x1 = t[t["factor"] == "x1"].sort_values("n")
    assert list(x1["n"]) == [8, 16, 32, 64, 128, 256, 512, 1024]
    assert x1["st"].iloc[-1] == pytest.approx(0.5576, abs=0.03)
    width = (t["st_hi"] - t["st_lo"]).groupby(t["n"]).max()
    assert width.loc[1024] < 0.6 * width.loc[16]


def test_morris_finds_size_sign_and_interaction():
    u = unit_points("morris", 4, 40, 1)
    t = morris_effects(list("abcd"), u, 3 * u[:, 0] - 2 * u[:, 1] + 4 * u[:, 2] * (u[:, 0] - 0.5), "y").set_index("factor")
    assert t.loc["b", "mu"] == pytest.approx(-2)
    assert t.loc["b", "sigma"] == pytest.approx(0, abs=1e-9)
    assert t.loc["d", "mu_star"] == pytest.approx(0, abs=1e-9)
    assert t.loc["c", "sigma"] > 0.5
    assert t.loc["a", "mu_lo"] < 3 + 4 * 0.5 < t.loc["a", "mu_hi"] + 0.5


def test_pawn_agrees_and_knows_what_has_no_effect():
    u = np.random.default_rng(1).random((600, 3))
    t = pawn_indices(["x1", "x2", "none"], u, 4 * u[:, 0] + u[:, 1], "y").set_index("factor")
    assert t.loc["x1", "pawn"] > t.loc["x2", "pawn"] > t.loc["none", "pawn"]
    assert t.loc["none", "pawn"] < 1.8 * t.loc["none", "dummy"]


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda y: np.where(np.arange(len(y)) == 7, np.nan, y), "1 of 80 points have no value"),
        (lambda y: np.where(np.arange(len(y)) == 7, np.inf, y), "1 of 80 points have no value"),
        (lambda y: np.full_like(y, 3.0), "the same at every point"),
        (lambda y: y[:-1], "79 of 75 points of the design are there"),
    ],
)
def test_what_would_spoil_indices_is_refused(spoil, match):
    y = ishigami(unit_points("saltelli", 3, 16, 1))
    with pytest.raises(UserError, match=match):
        sobol_indices(["x1", "x2", "x3"], spoil(y), "gap")


# designs


def test_morris_takes_the_step_that_a_whole_number_made():
    u = unit_points("morris", 2, 20, 1)
    entities = Factor("government.listing", 5, 60, whole=True)
    x = u.copy()
    x[:, 0] = [(entities.at(v) - entities.lo) / (entities.hi - entities.lo) for v in u[:, 0]]
    t = morris_effects(["entities", "other"], x, 3 * x[:, 0] + x[:, 1], "y").set_index("factor")
    assert t.loc["entities", ["mu", "mu_star"]].tolist() == pytest.approx([3.0, 3.0])
    assert t.loc["entities", "sigma"] == pytest.approx(0.0, abs=1e-9)
    assert t.loc["other", "mu"] == pytest.approx(1.0)


def test_whole_numbers_are_drawn_alike_ends_included():
    words = ["policy=small_yard", "adaptation.qualify_max=interval(2,8)", "experiment.draws=70", "experiment.design=lhs"]
    plan, _ = plan_study("sweep", words)
    drawn = [r.values["adaptation.qualify_max"] for r in plan.replicates]
    assert {value: drawn.count(value) for value in sorted(set(drawn))} == dict.fromkeys(range(2, 9), 10)
    assert all(isinstance(value, int) for value in drawn)


@pytest.mark.parametrize("design", ["sobol", "lhs", "morris", "saltelli"])
def test_every_design_stays_in_the_declared_ranges(design):
    factors = factors_of(["innovation.*", "alliance.participation"])
    made = designed(3, ExperimentConfig(draws=4, design=design, seeds=2), factors)
    k = len(factors)
    assert len(made) == 2 * {"sobol": 4, "lhs": 4, "morris": 4 * (k + 1), "saltelli": 4 * (k + 2)}[design]
    for r in made:
        for f in factors:
            assert f.lo <= r.values[f.name] <= f.hi
            if f.name in REGISTRY:
                assert (f.lo, f.hi) == (REGISTRY[f.name].lo, REGISTRY[f.name].hi)
    seeds = {r.seed for r in made}
    assert len(seeds) == (2 if design in ("morris", "saltelli") else 8)


def test_a_latin_hypercube_has_one_point_in_each_layer():
    made = designed(1, ExperimentConfig(draws=10, design="lhs"), factors_of(["alliance.participation", "policy.height"]))
    layers = sorted(int(r.values["policy.height"] * 10) for r in made)
    assert layers == list(range(10))


def test_a_sobol_design_is_the_same_as_the_draws_of_a_comparison():
    factors = factors_of()
    assert designed(5, ExperimentConfig(draws=8, seeds=2), factors) == replicates(5, 8, 2)


def test_a_design_fills_intervals_and_reaches_policy_and_alliance():
    words = ["alliance.participation=interval(0.2,0.4)", "policy.height=interval(0.5,1)", "experiment.draws=8", "experiment.design=lhs"]
    plan, _ = plan_study("sweep", words)
    jobs = list(plan.jobs())
    assert all(0.2 <= job.config.alliance.participation <= 0.4 and 0.5 <= job.config.policy.height <= 1 for job in jobs)
    assert len({job.config.policy.height for job in jobs}) == 8
    assert jobs[0].columns["policy.height"] == jobs[0].config.policy.height


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["experiment.draws=48"], "a power of two"),
        (["experiment.uncertain=[policy.height]"], "two factors or more"),
        (["policy=none,blanket"], "one policy"),
        (["experiment.draws=0"], "base points of the Sobol design"),
        (["experiment.policies=[small_yard,blanket]"], "studies one policy"),
        (["shard=1/2"], "shard: sensitivity plans its second stage from the whole first one, and cannot be shared out; accepted: "),
        (["experiment.design=lhs"], "runs a morris and a saltelli design"),
        (["alliance=allies", "experiment.uncertain=[alliance.participation,innovation.stretch]"], "participation cannot act under this"),
        (["policy=history", "experiment.uncertain=[policy.height,innovation.stretch]"], "policy.height cannot act under this"),
    ],
)
def test_a_sensitivity_study_that_makes_no_sense_is_refused(words, match):
    with pytest.raises(UserError, match=match):
        plan_stage("saltelli", words)


def test_a_share_that_nothing_reads_is_no_factor():
    """A coalition by name joins whatever the share; a script has no height."""
    shares = {"alliance.participation", "policy.height"}
    for words, kept in (
        ([], shares),
        (["alliance=allies"], {"policy.height"}),
        (["policy=history"], {"alliance.participation"}),
        (["alliance=endogenous"], {"policy.height"}),
    ):
        assert set(plan_stage("saltelli", words)[0].factors) & shares == kept, words


@pytest.mark.parametrize(
    ("command", "words", "match"),
    [
        ("alliance", ["experiment.policies=[small_yard,blanket]"], "brings its own points"),
        ("factorial", ["experiment.policies=[small_yard,blanket]"], "brings its own points"),
        ("factorial", ["policy=history"], "combines the scopes and heights"),
        ("alliance", ["experiment.design=morris"], "take draws as independent; accepted: sobol, lhs"),
        ("compare", ["experiment.design=saltelli"], "take draws as independent; accepted: sobol, lhs"),
    ],
)
def test_what_a_study_would_leave_aside_is_refused(command, words, match):
    with pytest.raises(UserError, match=match):
        plan_study(command, words)


@pytest.mark.parametrize(("lang", "says"), [("en", "Points of a morris design depend on each other"), ("zh", "morris 设计的各点互不独立")])
def test_a_sweep_over_a_design_for_indices_says_that_its_intervals_do_not_hold(tmp_path, lang, says):
    plan, settings = plan_study("sweep", overridden(WORDS, ["experiment.screen=0", "experiment.design=morris", "experiment.draws=2"]))
    entries = manifest(plan, settings, ["ecsim", "sweep"])
    runner.execute(plan, store.prepare(tmp_path / "s", entries), known, manifest=entries, workers=1)
    study = load_study(tmp_path / "s")
    assert [says in words_of(lang)(n.key, **n.values) for n in study.notes].count(True) == 1


def test_a_list_of_policies_in_a_sweep_is_refused():
    with pytest.raises(UserError, match="accepted: policy=none,blanket"):
        plan_study("sweep", ["experiment.policies=[none,blanket]", "innovation.stretch=1,1.2"])


# stored studies


def known(config, baseline) -> FakeResult:
    """The gap depends on participation and stretch; revenue on nothing."""
    result = fake(config, baseline)
    x, stretch = config.alliance.participation, config.params.innovation.stretch
    noise = (config.seed % 10_000) * 0.01
    result.outcomes = {"gap_added": 3 * x + stretch + noise, "home_revenue": 1.0, "unmet_need": x * stretch + noise}
    return result


WORDS = [
    "experiment.uncertain=[alliance.participation,innovation.stretch,permission.leak_scale]",
    "experiment.draws=64",
    "experiment.screen=8",
    "launcher=serial",
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    home = tmp_path_factory.mktemp("sensitivity") / "s"
    for design, folder in (("morris", home / "screen"), ("saltelli", home)):
        plan, settings = plan_stage(design, WORDS)
        entries = manifest(plan, settings, ["ecsim", "sensitivity"])
        runner.execute(plan, store.prepare(folder, entries, ("screen",)), known, manifest=entries, workers=1)
    return home


def test_indices_of_a_stored_study(stored):
    s = load_sensitivity(stored)
    t = s.sobol.set_index(["outcome", "factor"])
    lo, hi = REGISTRY["innovation.stretch"].lo, REGISTRY["innovation.stretch"].hi
    share = 9 / (9 + (hi - lo) ** 2)
    assert t.loc[("gap_added", "alliance.participation"), "st"] == pytest.approx(share, abs=0.05)
    assert t.loc[("gap_added", "permission.leak_scale"), "st"] == pytest.approx(0, abs=1e-6)
    assert "the same at every point" in str(s.left_out["home_revenue"])
    noise = s.noise.set_index("outcome")
    assert 0 < noise.loc["gap_added", "seeds"] < 0.01
    assert noise.loc["gap_added", "left"] == pytest.approx(0, abs=1e-9)  # a seed that shifts all points alike moves no index


def test_a_table_without_rows_has_its_header(stored, tmp_path):
    """Without a screen there are no elementary effects, and the same columns."""
    shutil.copytree(stored, tmp_path / "s", ignore=shutil.ignore_patterns("screen", "analysis"))
    columns = {}
    for folder in (stored, tmp_path / "s"):
        load_sensitivity(folder).write(folder / "analysis")
        columns[folder] = {path.stem: list(pd.read_csv(path).columns) for path in (folder / "analysis").glob("*.csv")}
    assert columns[stored] == columns[tmp_path / "s"]
    assert not len(pd.read_csv(tmp_path / "s" / "analysis" / "morris.csv"))


def test_the_first_factor_is_told_from_the_second_or_said_not_to_be():
    """Additive, so that total orders are 9 and 1, or 9 and 9."""
    x = unit_points("saltelli", 3, 64, 1)
    apart, alike = 3 * x[:, 0] + x[:, 1], 3 * x[:, 0] + 3 * x[:, 1]
    found = lead(apart, 3, 0, 1, "y")
    assert found.lo < 8 / 12 < found.hi and found.sign > 0
    assert lead(apart, 3, 1, 0, "y").sign < 0
    assert lead(alike, 3, 0, 1, "y").sign == 0


def test_indices_from_points_that_differ_by_rounding_are_left_out():
    """The first half of the design is constant but for rounding; the rest is not."""
    y = ishigami(unit_points("saltelli", 3, 16, 1))
    y[: 8 * 5] = 1.0
    y[0] += 1e-15
    assert list(convergence(["x1", "x2", "x3"], y, "y")["n"].unique()) == [16]


@pytest.mark.parametrize(
    ("lang", "sure", "seems"), [("en", "matters most for", "seems to matter most for"), ("zh", "最为重要。", "最为重要，但尚未确定。")]
)
def test_a_factor_that_is_not_told_apart_seems_to_matter_most(stored, lang, sure, seems):
    s, w = load_sensitivity(stored), words_of(lang)
    assert sure in summary(s, w) and seems not in summary(s, w)
    vars(s)["rival"] = lambda outcome: "innovation.stretch"
    assert seems in summary(s, w)


@pytest.mark.parametrize(("lang", "says"), [("en", "(100%, estimated at 123% ["), ("zh", "（100%，估计值为123%［")])
def test_an_estimate_beyond_what_a_share_can_be_is_told(stored, lang, says):
    s, w = load_sensitivity(stored), words_of(lang)
    assert says not in summary(s, w)
    vars(s)["sobol"] = s.sobol.assign(st=1.23)
    assert says in summary(s, w)


def test_indices_of_few_points_have_intervals_as_wide_as_the_test_that_tells_factors_apart():
    """Three of four points move the value a little and one moves it much: neither an interval nor the test tells that from nothing."""
    y = np.array([[0.0, 0.1, 0.0, 1.0], [0.5, 0.6, 0.5, -0.3], [0.2, 0.3, 0.2, 0.7], [0.1, 3.1, 0.1, 0.4]]).ravel()
    assert lead(y, 2, 0, 1, "y").sign == 0
    assert sobol_indices(["a", "b"], y, "y")["st_lo"].iloc[0] < 0


def test_why_an_outcome_has_no_indices_is_told_in_the_language_of_the_report(stored):
    write_sensitivity_report(stored, "zh")
    page = (stored / "report.zh.html").read_text(encoding="utf-8")
    assert "各点数值均相同" in page and "the same at every point" not in page


@pytest.mark.parametrize(("lang", "says"), [("en", "Left out of the indices"), ("zh", "却未进入指数的因素")])
def test_a_factor_that_the_screen_shows_and_the_indices_leave_out_is_named(stored, monkeypatch, lang, says):
    monkeypatch.setattr("ecsim.analysis.sensitivity.study.MUCH", 0.1)
    w = words_of(lang)
    s = load_sensitivity(stored)
    assert says not in summary(s, w)
    kept = {name: ends for name, ends in s.indices.factors.items() if name != "innovation.stretch"}
    told = Sensitivity(replace(s.indices, factors=kept), s.screen)
    vars(told).update({name: getattr(s, name) for name in ("outcomes", "noise", "morris")})
    vars(told)["sobol"] = s.sobol[s.sobol["factor"] != "innovation.stretch"]
    assert set(told.passed_over) == {"innovation.stretch"}
    assert says in summary(told, w)


@pytest.mark.parametrize(("lang", "says"), [("en", "Whether alliance participation accounts for any"), ("zh", "尚无定论：区间触及零")])
def test_a_share_whose_interval_reaches_zero_is_not_called_a_part(stored, lang, says):
    s, w = load_sensitivity(stored), words_of(lang)
    assert says not in summary(s, w)
    vars(s)["sobol"] = s.sobol.assign(st_lo=-0.1)
    assert says in summary(s, w)


@pytest.mark.parametrize(
    ("lang", "part", "little", "open_"),
    [
        (
            "en",
            "accounts for part of the variance of",
            "accounts for less than 1% of the variance of",
            "is not settled: intervals reach zero",
        ),
        ("zh", "方差的一部分", "方差的不到1%", "尚无定论：区间触及零"),
    ],
)
def test_every_outcome_is_named_where_participation_is_told(stored, lang, part, little, open_):
    """Six parts, one share that is told from zero but below a hundredth, one within a hundredth of zero, one unsettled."""
    s, w = load_sensitivity(stored), words_of(lang)
    ends = [(0.5, 0.4, 0.6)] * 6 + [(0.005, 0.001, 0.02), (0.001, -0.002, 0.004), (0.3, -0.1, 0.7)]
    names = ["gap_added", "unmet_need", "power_ratio_change", "home_revenue", "ally_revenue", "world_value"]
    names += ["leverage", "dissatisfaction", "denied"]
    rows = [
        {"outcome": o, "factor": "alliance.participation", "st": st, "st_lo": lo, "st_hi": hi}
        for o, (st, lo, hi) in zip(names, ends, strict=True)
    ]
    vars(s).update(headline=tuple(names), sobol=pd.DataFrame(rows))
    (told,) = _participation(s, w)
    stop = w("sentence.stop")
    first, second, third = (text for text in told.replace(".5", "").split(stop) if text.strip())
    assert part in first and all(w.outcome(o).lower() in first for o in names[:6])
    assert little in second and all(w.outcome(o).lower() in second for o in names[6:8])
    assert open_ in third and w.outcome("denied").lower() in third


@pytest.mark.parametrize(("lang", "name"), [("en", "Alliance participation (by extent)"), ("zh", "盟友参与度（按广度）")])
def test_participation_says_in_which_sense_it_was_drawn(stored, lang, name):
    s = load_sensitivity(stored)
    w = s.indices.study.words(lang)
    shown = page(s, w)
    assert any(name in text for text in shown.answer)
    assert name.lower() in {str(x).lower() for x in shown.sections[0].pictures[0].twin[w("sens.column.factor")]}
    assert any(text.startswith(w("part.limit.order", order="").rstrip(".。")) for text in shown.limits)
    assert name in conclude_sensitivity(api.Study(stored), w=words_of(lang)).text
    drawn = write_sensitivity_report(stored, lang).read_text(encoding="utf-8")
    assert all(f"<code>{n}</code>" in drawn.replace("\u200b", "") for n in s.indices.names)


@pytest.mark.parametrize("common", [True, False])
def test_chance_is_told_from_factors_and_from_shifts_that_all_points_share(common):
    rng = np.random.default_rng(5)
    n, k = 4000, 4
    factors, shifts = rng.normal(0, 3, (n, 1)), np.array([[-1.0, 0.0, 1.0, 2.0]])
    y = factors + rng.normal(0, 1, (n, k)) + (shifts if common else 0.0)
    found = noise_shares(y, common=common)
    shared = float(shifts.var(ddof=1)) if common else 0.0
    assert found["seeds"] == pytest.approx((1 + shared) / (10 + shared), abs=0.01)
    assert found["left"] == pytest.approx(0.25 / 9.25, abs=0.003)
    assert math.isnan(noise_shares(y[:, :1], common=common)["seeds"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_of_a_stored_study(stored, lang):
    text = write_sensitivity_report(stored, lang).read_text(encoding="utf-8")
    for key in ("indices", "screen", "trust"):
        assert f'id="{key}"' in text
    assert 'src="http' not in text
    assert (stored / "analysis" / "sobol.csv").exists()


@pytest.mark.parametrize(("draws", "drawn"), [(8, False), (16, True)])
def test_how_indices_settle_is_drawn_from_two_steps_on(tmp_path, draws, drawn):
    """Of a single number of points there is no line that could be still moving."""
    plan, settings = plan_stage("saltelli", overridden(WORDS, [f"experiment.draws={draws}"]))
    entries = manifest(plan, settings, ["ecsim", "sensitivity"])
    runner.execute(plan, store.prepare(tmp_path / "s", entries), known, manifest=entries, workers=1)
    page = write_sensitivity_report(tmp_path / "s", "en").read_text(encoding="utf-8")
    w = words_of("en")
    assert (w("sens.converging") in page) is drawn
    assert (w("sens.converging.none", least=16) in page) is not drawn


@pytest.mark.parametrize(("width", "arrows"), [(0.1, 0), (900.0, 2)])
def test_the_axis_of_indices_ends_where_indices_can_and_says_so(stored, width, arrows):
    s = load_sensitivity(stored)
    ends = {f"{k}_{end}": s.sobol[k] + sign * width for k in ("s1", "st") for end, sign in (("lo", -1), ("hi", 1))}
    vars(s)["sobol"] = s.sobol.assign(**ends)  # as if there were fewer points
    w = words_of("en")
    fig = figures.bars(s, context(s.indices.study, w, lambda x: "source"))
    for ax, outcome in zip(fig.axes, s.headline, strict=False):
        assert ax.get_xlim()[0] >= -0.25 and ax.get_xlim()[1] <= 1.25, outcome
        marks = [x for line in ax.lines if line.get_marker() in "<>" for x in line.get_xdata()]
        assert len(marks) == arrows * 2 * s.sobol["factor"].nunique() and set(marks) <= {-0.25, 1.25}
    assert any(w("sens.beyond") in t.get_text() for t in fig.texts) is bool(arrows)


def test_an_incomplete_or_failed_design_is_refused(stored, tmp_path):
    for name, spoil in (
        ("part", lambda runs: runs[runs["draw"] > 0]),
        ("failed", lambda runs: runs.assign(status=np.where(runs["run"] == 5, "failed", "ok"))),
    ):
        folder = tmp_path / name
        folder.mkdir()
        spoil(pd.read_parquet(stored / "runs.parquet")).to_parquet(folder / "runs.parquet")
        (folder / "manifest.json").write_bytes((stored / "manifest.json").read_bytes())
        with pytest.raises(
            UserError, match="no outcome has indices; first reason: .*(points have no value|points of the design are there)"
        ):
            _ = load_sensitivity(folder).outcomes


def noisy(config, baseline) -> FakeResult:
    """As `known`, but the power ratio is chance alone, other at each point and seed."""
    result = known(config, baseline)
    place = hash((config.seed, config.alliance.participation, config.params.innovation.stretch, config.params.permission.leak_scale))
    luck = np.random.default_rng(place % 2**32).standard_t(2)
    result.outcomes = {"gap_added": result.outcomes["gap_added"], "power_ratio_change": luck}
    return result


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_outcome_that_is_chance_alone_does_not_decide_what_goes_on_from_the_screen(tmp_path, seed):
    plan, settings = plan_stage("morris", [*WORDS, f"seed={seed}"])
    entries = manifest(plan, settings, ["ecsim", "sensitivity"])
    runner.execute(plan, store.prepare(tmp_path / "s", entries), noisy, manifest=entries, workers=1)
    assert screened(tmp_path / "s", 2) == ["alliance.participation", "innovation.stretch"]


def test_chance_in_the_means_is_what_a_factor_without_effect_shows():
    x = unit_points("morris", 4, 400, 1)
    rng = np.random.default_rng(2)
    for seeds in (2, 4):
        y = 5 * x[:, [0]] + rng.normal(0, 1, (len(x), seeds)) + np.arange(seeds)  # a shift that all points share is no chance between them
        idle = morris_effects(list("abcd"), x, y.mean(axis=1), "y").set_index("factor")["mu_star"][["b", "c", "d"]].mean()
        assert chance_effect(x, y) == pytest.approx(idle, rel=0.08)
    assert chance_effect(x, y[:, :1]) == 0.0


STAGED = [
    *("economy=small", "time.quarters=8", "launcher=serial", "report=false", "experiment.seeds=1"),
    "experiment.uncertain=[alliance.participation,policy.height,permission.leak_scale]",
    *("experiment.screen=2", "experiment.draws=8", "experiment.keep=2"),
]


@pytest.mark.slow
def test_the_screen_decides_which_factors_go_on_and_what_is_done_is_not_done_again(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["sensitivity", *STAGED, "out=here", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    kept = {row["factor"] for row in told["sobol"]}
    assert len(kept) == 2 and told["report"] is None
    screen, indices = (pd.read_parquet(tmp_path / "here" / name) for name in ("screen/runs.parquet", "runs.parquet"))
    assert len(screen) == 2 * (3 + 1) and len(indices) == 8 * (2 + 2)
    assert kept <= set(indices.columns) and not {"alliance.participation", "policy.height", "permission.leak_scale"} <= set(indices.columns)
    assert main(["resume", "here"]) == 2
    assert "holds a finished study" in capsys.readouterr().err
    made = (tmp_path / "here" / "screen" / "runs.parquet").stat().st_mtime_ns
    (tmp_path / "here" / "runs.parquet").unlink()
    (tmp_path / "here" / "manifest.json").unlink()
    assert main(["sensitivity", *STAGED, "out=here"]) == 0  # the screen is there already
    assert (tmp_path / "here" / "screen" / "runs.parquet").stat().st_mtime_ns == made
    out = capsys.readouterr().out
    assert "Results: here" in out and "Report:" not in out
    again = pd.read_parquet(tmp_path / "here" / "runs.parquet")
    pd.testing.assert_frame_equal(again.drop(columns="wall_ms"), indices.drop(columns="wall_ms"))


def press_ctrl_c_when_there_is(pattern: str) -> None:
    """Interrupt this process, as a terminal would, when a file of that pattern is there."""

    def watch() -> None:
        deadline = time.monotonic() + 120
        while not list(Path().glob(pattern)) and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()


def interrupted(words: list[str], pattern: str, capsys) -> str:
    """The last line on stderr of a command that is interrupted when there is a file of that pattern."""
    press_ctrl_c_when_there_is(pattern)
    assert main(words) == 130
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.slow
def test_a_study_goes_on_with_one_command_at_whatever_stage_it_was_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = overridden(STAGED, ["experiment.screen=24", "experiment.draws=16", "experiment.seeds=2"])
    told = interrupted(["sensitivity", *words, "out=here"], "here/screen/parts/runs-*.parquet", capsys)
    assert "finished runs are in here/screen; go on with: ecsim resume here" in told and told.endswith("here")
    done = pd.read_parquet("here/screen/runs.parquet")
    assert 0 < len(done) < 24 * 4 * 2
    assert main(["resume", "here/screen"]) == 2
    assert "accepted: the folder of the study (ecsim resume here)" in capsys.readouterr().err
    assert not list(Path("here/screen").glob("screen"))
    told = interrupted(["resume", "here"], "here/parts/runs-*.parquet", capsys)
    assert told.endswith("finished runs are in here; go on with: ecsim resume here")
    screen = pd.read_parquet("here/screen/runs.parquet")
    assert len(screen) == 24 * 4 * 2
    kept = screen[screen["run"].isin(done["run"])]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True), done)  # with the time that each took: they were not run again
    assert main(["resume", "here", "experiment.workers=1"]) == 0
    assert len(pd.read_parquet("here/runs.parquet")) == 16 * (2 + 2) * 2
    with pytest.raises(UserError, match="sensitivity has several stages; accepted: ecsim resume here, on the command line"):
        api.resume("here")


def test_a_folder_with_something_else_is_refused_before_the_screen(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        run_sensitivity([*STAGED, f"out={tmp_path}"], None, argv=[])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
