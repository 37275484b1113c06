"""Scenario discovery: planted conditions are found, by boxes and by trees; robustness by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsim.analysis.discovery.prim import Bound, find_box
from ecsim.analysis.discovery.robust import robustness_table
from ecsim.analysis.discovery.study import load_discovery
from ecsim.analysis.discovery.tree import grow
from ecsim.analysis.text.words import words_of
from ecsim.cli import main
from ecsim.errors import UserError
from ecsim.report.discovery.report import answer, bound_text, write_discovery_report
from synthetic import write_study

NAMES = ["a", "b", "c"]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.floats(0.25, 0.6), st.floats(0.4, 0.75), st.integers(0, 50))
def test_a_planted_box_is_found(above, below, seed):
    x = np.random.default_rng(seed).random((800, 3))
    hit = (x[:, 0] > above) & (x[:, 1] < below)
    box, trajectory = find_box(NAMES, x, hit)
    bounds = {b.factor: b for b in box.bounds}
    assert set(bounds) == {"a", "b"}
    assert bounds["a"].lo == pytest.approx(above, abs=0.06)
    assert bounds["b"].hi == pytest.approx(below, abs=0.06)
    assert box.density > 0.9 and box.coverage > 0.85
    assert all(b.p < 0.05 for b in box.bounds)
    assert trajectory[0, 0] == 1.0
    assert trajectory[0, 1] == pytest.approx(hit.mean())
    assert (np.diff(trajectory[:, 2]) < 0).all()
    assert trajectory[:, 1].max() > 0.9


@pytest.mark.parametrize("seed", [1, 5, 15])
def test_what_could_be_chance_leaves_no_trace_in_the_box(seed, monkeypatch):
    """Bounds cut around one that is given up would stay too wide, or hide the condition altogether."""
    monkeypatch.setattr("ecsim.analysis.discovery.prim.HALVES", 1)
    x, hit = rare(np.random.default_rng(seed), 100)
    box, trajectory = find_box(list("abcdefghijk"), x, hit)
    bounds = {b.factor: b for b in box.bounds}
    assert set(bounds) == {"a", "b"}
    assert bounds["a"].lo > 0.65 and bounds["b"].hi < 0.45
    assert np.isinf(bounds["a"].hi) and np.isinf(bounds["b"].lo)
    assert np.isfinite(trajectory).all()
    new, failed = rare(np.random.default_rng(999), 4000)
    inside = (new[:, 0] >= bounds["a"].lo) & (new[:, 1] <= bounds["b"].hi)
    assert failed[inside].mean() > 0.65


def rare(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Eleven factors, of which two matter: where a is high and b is low, four in five cases are of interest."""
    x = rng.random((n, 11))
    return x, rng.random(n) < np.where((x[:, 0] > 0.7) & (x[:, 1] < 0.4), 0.8, 0.03)


def test_of_two_ends_one_that_could_be_chance_is_given_up(monkeypatch):
    monkeypatch.setattr("ecsim.analysis.discovery.prim.HALVES", 1)
    rng = np.random.default_rng(0)
    x = rng.random((100, 3))
    box, _ = find_box(NAMES, x, rng.random(100) < np.where(x[:, 0] > 0.6, 0.85, 0.1))
    (bound,) = box.bounds
    assert bound.factor == "a" and 0.55 < bound.lo < 0.7 and np.isinf(bound.hi)


def test_noise_alone_gives_no_convincing_box():
    rng = np.random.default_rng(1)
    x, hit = rng.random((400, 3)), rng.random(400) < 0.3
    box, _ = find_box(NAMES, x, hit)
    assert box.density < 0.6
    assert all(b.again < 0.5 for b in box.bounds)


@pytest.mark.parametrize(
    ("n", "hit", "match"),
    [
        (20, lambda n: np.arange(n) < 5, "20 cases are too few"),
        (100, lambda n: np.zeros(n, bool), "no case is of interest"),
        (100, lambda n: np.ones(n, bool), "every case is of interest"),
    ],
)
def test_what_has_no_box_is_refused(n, hit, match):
    with pytest.raises(UserError, match=match):
        find_box(NAMES, np.random.default_rng(0).random((n, 3)), hit(n))


def test_the_tree_finds_the_same_condition():
    pytest.importorskip("sklearn")
    x = np.random.default_rng(2).random((500, 3))
    leaves, accuracy = grow(NAMES, x, (x[:, 0] > 0.5) & (x[:, 1] < 0.4))
    assert accuracy > 0.95
    best = {name: (lo, hi) for name, lo, hi in leaves[0].bounds}
    assert best["a"][0] >= 0.45
    assert best["b"][1] <= 0.45
    assert leaves[0].share > 0.95


def a_study(draws: int = 200) -> pd.DataFrame:
    """Small yard adds less gap than blanket where stretch is high and leakage is low."""
    rng = np.random.default_rng(3)
    rows = []
    for draw in range(draws):
        stretch, leak = rng.uniform(0.4, 1.8), rng.uniform(0.3, 1.7)
        fails = stretch > 1.2 and leak < 1.0
        for policy, gap, revenue in (("none", 0.0, 0.0), ("small_yard", 0.1 if fails else 0.5, -1.0), ("blanket", 0.3, -4.0)):
            values = {"gap_added": gap, "home_revenue": revenue, "innovation.stretch": stretch, "permission.leak_scale": leak}
            rows.append({"policy": policy, "draw": draw, "seed": draw, "replicate": draw, **values})
    return pd.DataFrame(rows).assign(status="ok", reason="", wall_ms=1.0, run=range(3 * draws))


@pytest.fixture
def folder(tmp_path):
    a_study().to_parquet(tmp_path / "runs.parquet")
    (tmp_path / "manifest.json").write_text(json.dumps({"command": ["ecsim"], "config": {}}))
    return tmp_path


def test_conditions_of_a_stored_study(folder):
    d = load_discovery(folder, ["gap_added"])
    assert d.factors == ("innovation.stretch", "permission.leak_scale")
    (finding,) = d.findings
    bounds = {b.factor: b for b in finding.box.bounds}
    assert bounds["innovation.stretch"].lo == pytest.approx(1.2, abs=0.06)
    assert bounds["permission.leak_scale"].hi == pytest.approx(1.0, abs=0.06)
    assert min(b.again for b in bounds.values()) > 0.9  # halves of the draws show it again


def test_beside_a_single_bound_the_picture_shows_what_tells_failures_apart_in_the_box(folder):
    """The box bounds c; in it, failures are those of high b. The first factor of the study, a, tells nothing."""
    rng = np.random.default_rng(4)
    x = rng.random((300, 3))
    fails = (x[:, 2] > 0.7) & (rng.random(300) < 0.5 + 0.5 * x[:, 1])
    names = ["innovation.stretch", "innovation.volume", "permission.leak_scale"]
    rows = [
        {"policy": policy, "draw": i, "seed": i, "replicate": i, "gap_added": gap, **dict(zip(names, x[i], strict=True))}
        for i in range(300)
        for policy, gap in (("small_yard", 0.1 if fails[i] else 0.5), ("blanket", 0.3))
    ]
    pd.DataFrame(rows).assign(status="ok", reason="", wall_ms=1.0, run=range(600)).to_parquet(folder / "runs.parquet")
    d = load_discovery(folder, ["gap_added"])
    (finding,) = d.findings
    assert [b.factor for b in finding.box.bounds] == [names[2]]
    assert d.axes(finding) == (names[2], names[1])
    assert "the vertical axis is the one that best tells" in write_discovery_report(d).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        (
            "en",
            [
                "over the one parameter that was drawn and the outcome",
                "Scenario discovery over 1 parameter, ",
                "at least as good as the median of all policies",
            ],
        ),
        ("zh", ["唯一抽样的参数与该结果", "在1个参数", "不劣于全部政策与抽样的中位数"]),
    ],
)
def test_a_single_parameter_is_shown_against_the_outcome(folder, lang, says):
    runs = a_study().drop(columns="permission.leak_scale")
    runs[runs["policy"] != "none"].to_parquet(folder / "runs.parquet")
    d = load_discovery(folder, ["gap_added"])
    (finding,) = d.findings
    assert finding.box is not None and d.axes(finding) == ("innovation.stretch",)
    page = write_discovery_report(d, lang).read_text(encoding="utf-8")
    assert all(text in page for text in says)
    drawn = pd.read_csv(folder / ("figures" if lang == "en" else "figures-zh") / "disc_box_0.csv")
    gap = runs.set_index(["policy", "draw"])["gap_added"]
    np.testing.assert_allclose(drawn["value"], gap["small_yard"] - gap["blanket"])
    assert (drawn["failed"] == (drawn["value"] < 0)).all()


def test_a_table_without_rows_has_its_header(tmp_path):
    a_study().drop(columns=["gap_added", "home_revenue"]).assign(tension=1.0).to_parquet(tmp_path / "runs.parquet")
    load_discovery(tmp_path).write(tmp_path / "analysis")
    for name, column in (("boxes", "factor"), ("robustness", "regret")):
        table = pd.read_csv(tmp_path / "analysis" / f"{name}.csv")
        assert column in table and not len(table)


def test_where_it_never_fails_the_question_is_where_it_does_least_well(tmp_path):
    runs = a_study()
    small = runs["policy"] == "small_yard"
    runs.loc[small, "home_revenue"] = -1.0 - (runs.loc[small, "innovation.stretch"] > 1.5) * runs.loc[small, "permission.leak_scale"]
    runs.to_parquet(tmp_path / "runs.parquet")
    d = load_discovery(tmp_path)
    gap, home = d.questions
    assert gap.against == "blanket"
    assert (home.against, home.beaten, home.other) == (None, 0.0, "blanket")
    finding = d.findings[1]
    assert finding.failed == pytest.approx(0.2, abs=0.01)
    assert {b.factor for b in finding.box.bounds} == {"innovation.stretch"}
    assert "Where does it do least well? Where stretch beyond equipment is above 1." in answer(d, words_of("en"))[1]
    asked = load_discovery(tmp_path, ["home_revenue"])  # what is asked for by name is answered as asked
    assert "it never happens here" in answer(asked, words_of("en"))[0]
    asked.write(tmp_path / "analysis")
    assert {"factor", "lo", "hi"} <= set(pd.read_csv(tmp_path / "analysis" / "boxes.csv").columns)  # without a box, a table without rows


@pytest.mark.parametrize(
    ("lang", "says", "never"),
    [
        (
            "en",
            "Small yard was asked about, held against blanket controls: it is the main contrast of the study. Another of 2",
            "In none of",
        ),
        ("zh", "此处考察小院高墙，与全面管制相比：这是本研究的主要对比。另有2项可用 --policy", "以下情形从未出现："),
    ],
)
def test_who_is_asked_about_is_told_where_there_was_a_choice(tmp_path, lang, says, never):
    runs = a_study()
    wide = runs[runs["policy"] == "blanket"].assign(policy="wide", run=lambda x: x["run"] + 1000)
    pd.concat([runs, wide]).to_parquet(tmp_path / "runs.parquet")
    w = words_of(lang)
    assert answer(load_discovery(tmp_path), w)[0].startswith(says) and "blanket" in answer(load_discovery(tmp_path), w)[0]
    named = answer(load_discovery(tmp_path, ["home_revenue"], "small_yard", "blanket"), w)
    assert len(named) == 1 and never in named[0]


def test_a_floor_is_told_by_the_side_on_which_the_policy_fails(folder):
    d = load_discovery(folder, ["gap_added"], "small_yard", floor=0.3)
    assert "draws gap added by controls under small yard is below 0.30 generations" in answer(d, words_of("en"))[0]
    assert "小院高墙下的管制增加的差距低于0.30 代" in answer(d, words_of("zh"))[0]


def test_robustness_by_hand():
    runs = pd.DataFrame(
        {"policy": ["none", "x"] * 2, "draw": [0, 0, 1, 1], "seed": 0, "gap_added": [0.0, 1.0, 0.0, -2.0]},
    )
    t = robustness_table(runs, ["none", "x"], ["gap_added"]).set_index("policy")
    assert t.loc["x", "maximin"] == -2.0
    assert t.loc["x", "regret"] == 1.0
    assert t.loc["none", "regret"] == 0.5
    assert t.loc["x", "regret_worst"] == 2.0
    assert t.loc["x", "satisficing"] == 0.5


def test_what_is_equal_but_for_rounding_is_as_good():
    runs = pd.DataFrame({"policy": ["none", "x"] * 2, "draw": [0, 0, 1, 1], "seed": 0, "gap_added": [0.3, 0.1 + 0.2, 0.3, 0.3 - 1e-16]})
    t = robustness_table(runs, ["none", "x"], ["gap_added"]).set_index("policy")
    assert t.loc["x", "satisficing"] == t.loc["none", "satisficing"] == 1.0


def test_conditions_in_chinese_have_chinese_units_and_digits_that_tell():
    bound = Bound("accounts.value_exponent", -np.inf, 0.0437, 0.0)
    assert bound_text(bound, words_of("zh")).endswith("0.044 每代")
    assert bound_text(bound, words_of("en")).endswith("0.044 per generation")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_says_the_condition_and_writes_the_report(folder, capsys, lang):
    assert main(["discover", str(folder), "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert ("above 1.19" in out and "below 1.00" in out) if lang == "en" else ("高于1.19" in out and "低于1.00" in out)
    page = folder / ("discovery.html" if lang == "en" else "discovery.zh.html")
    text = page.read_text(encoding="utf-8")
    assert 'id="q0"' in text and 'id="robust"' in text and 'src="http' not in text
    assert {"factor", "lo", "hi"} <= set(pd.read_csv(folder / "analysis" / "boxes.csv").columns)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--outcome", "gap_aded"], "did you mean 'gap_added'"),
        (["--policy", "smal_yard"], "did you mean 'small_yard'"),
        (["--against", "blankt"], "--against: unknown policy 'blankt'"),
        (["--against", "small_yard"], "'small_yard' is held against itself"),
        (["--outcome", "gap_added", "--floor", "nan"], "--floor: nan is no value"),
        (["--floor", "-1"], "accepted: a number, with --outcome"),
    ],
)
def test_a_slip_is_one_line(folder, capsys, words, match):
    assert main(["discover", str(folder), *words]) == 2
    assert match in capsys.readouterr().err


def test_one_draw_tells_no_condition(tmp_path, capsys):
    made = write_study(tmp_path / "one", draws=1, seeds=2, quarters=4)
    assert main(["discover", str(made)]) == 2
    assert "one draw of the parameters tells no condition" in capsys.readouterr().err
