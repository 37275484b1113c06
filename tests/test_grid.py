"""A sweep over a grid: every point is told, by hand-made numbers and from the command line."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from browsing import Tab, chromium
from ecsim.analysis.grid import load_grid
from ecsim.analysis.text.words import number, words_of
from ecsim.cli import main
from ecsim.errors import UserError
from ecsim.experiment import store
from ecsim.experiment.studies import plan_study
from ecsim.experiment.variants import short
from ecsim.params import REGISTRY
from ecsim.report.figures.base import cap
from ecsim.report.grid import figures
from ecsim.report.grid.report import answer, left_out, page, write_grid_report
from ecsim.report.page import context

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
STRETCH = (0.5, 1.0)


@pytest.fixture
def folder(tmp_path):
    """Gap is that of the policy plus participation plus noise of the draw; revenue is stretch times participation."""
    rows = []
    for draw in range(24):
        luck = np.random.default_rng(draw).normal(0, 0.1)
        for policy, joined, stretch in itertools.product(("small_yard", "blanket"), LEVELS, STRETCH):
            values = {"gap_added": (2.0 if policy == "blanket" else 0.0) + joined + luck, "home_revenue": (stretch - 0.75) * (joined - 0.5)}
            swept = {"alliance.participation": joined, "innovation.stretch": stretch}
            label = f"{policy}:participation={joined}:stretch={stretch}"
            rows.append({"run": len(rows), "policy": label, "draw": draw, "seed": draw, "replicate": draw, **swept, **values})
    pd.DataFrame(rows).assign(status="ok", reason="", wall_ms=1.0).to_parquet(tmp_path / "runs.parquet")
    told = {"study": {"command": "sweep", "swept": ["alliance.participation", "innovation.stretch"]}, "config": {"time": {"quarters": 8}}}
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    return tmp_path


def test_every_point_is_there_with_its_mean_and_interval(folder):
    g = load_grid(folder)
    assert g.numeric == ("alliance.participation", "innovation.stretch")
    assert g.lines == ("small_yard", "blanket")
    t = g.points[g.points["outcome"] == "gap_added"].set_index("point")
    assert len(t) == 20
    luck = np.mean([np.random.default_rng(d).normal(0, 0.1) for d in range(24)])
    row = t.loc["blanket:participation=0.75:stretch=1.0"]
    assert row["mean"] == pytest.approx(2.75 + luck)
    assert row["lo"] < row["mean"] < row["hi"]


def test_points_that_share_their_luck_are_told_apart_by_their_paired_difference(folder):
    """Intervals of the means overlap by the luck that all points share; a difference of a tenth of it is seen all the same."""
    runs = pd.read_parquet(folder / "runs.parquet")
    luck = runs["draw"].map({d: np.random.default_rng(d).normal(0, 0.1) for d in runs["draw"].unique()})
    own = 0.01 * runs["alliance.participation"] + 1e-4 * np.random.default_rng(5).normal(size=len(runs))
    runs.assign(gap_added=luck + own).to_parquet(folder / "runs.parquet")
    g = load_grid(folder)
    t = g.points[g.points["outcome"] == "gap_added"].set_index("point")
    first, other = "small_yard:participation=0.0:stretch=0.5", "small_yard:participation=1.0:stretch=0.5"
    assert t.loc[other, "lo"] < t.loc[first, "hi"]
    assert 0.0098 < t.loc[other, "against_first_lo"] < 0.01 < t.loc[other, "against_first_hi"] < 0.0102
    assert t.loc[first, "against_first"] == t.loc[first, "against_first_hi"] == 0.0
    top = [point for point in t.index if "participation=1.0" in point]
    assert 0 < g.near("gap_added", other, list(t.index)) <= len(top) - 1 and g.near("gap_added", other, [other, first]) == 0


def test_over_one_number_the_rest_is_averaged(folder):
    t = load_grid(folder).over("alliance.participation", ["line"])
    own = t[(t["outcome"] == "home_revenue") & (t["curve"] == "small_yard")]
    assert list(own["alliance.participation"]) == list(LEVELS)
    np.testing.assert_allclose(own["mean"], 0.0, atol=1e-12)  # stretch cancels
    apart = load_grid(folder).over("alliance.participation", ["line", "innovation.stretch"])
    one = apart[(apart["outcome"] == "home_revenue") & (apart["curve"] == "small_yard|innovation.stretch=1")]
    np.testing.assert_allclose(one["mean"], 0.25 * (np.array(LEVELS) - 0.5), atol=1e-12)


def test_what_moves_the_points_apart_by_hand(folder):
    t = load_grid(folder).shares.set_index(["outcome", "key"])["share"]
    level = np.var(LEVELS)
    assert t["gap_added", "base"] == pytest.approx(1 / (1 + level))
    assert t["gap_added", "alliance.participation"] == pytest.approx(level / (1 + level))
    assert t["home_revenue"].sum() == pytest.approx(0, abs=1e-12)  # interaction alone
    assert "Mostly policies: gap added by controls (89%)" in answer(load_grid(folder), words_of("en"))[2]


@pytest.mark.parametrize(
    ("lang", "title", "point"),
    [
        ("en", "A sweep over policies, alliance participation", "participation 0.75, stretch 0.5"),
        ("zh", "盟友参与度", "盟友参与度 0.75、超越设备水平的延伸能力 0.5"),
    ],
)
def test_the_report_names_every_point(folder, lang, title, point):
    text = write_grid_report(folder, lang).read_text(encoding="utf-8")
    assert title in text and words_of(lang)("limit.parameters") in text
    assert text.count(point) == 2  # one a policy
    assert (folder / ("figures" if lang == "en" else "figures-zh") / "grid_response_0.png").exists()
    assert len(pd.read_csv(folder / "analysis" / "points.csv")) == 40
    assert 'src="http' not in text


@pytest.mark.parametrize(
    ("mode", "lang", "name", "order"),
    [
        ("extent", "en", "alliance participation (by extent)", "the joining order, which is an assumption: Japan, Netherlands."),
        ("intensity", "en", "alliance participation (by intensity)", ""),
        ("coalition", "en", "alliance participation (by random coalition)", ""),
        ("extent", "zh", "盟友参与度（按广度）", "该次序是一项假设：日本、荷兰。"),
        ("intensity", "zh", "盟友参与度（按强度）", ""),
    ],
)
def test_participation_says_in_which_sense_it_was_swept(folder, mode, lang, name, order):
    told = json.loads((folder / "manifest.json").read_text())
    told["config"]["alliance"] = {"mode": mode, "order": ["JPN", "NLD"]}
    (folder / "manifest.json").write_text(json.dumps(told))
    g = load_grid(folder)
    w = g.study.words(lang)
    shown = page(g, w)
    assert name in shown.title and name in shown.answer[0].lower()
    (own,) = (p for p in shown.sections[0].pictures if p.values["name"] == name)
    assert cap(name) in own.twin.columns
    assert cap(name) in shown.sections[0].tables[0][1].columns  # what moves which outcome
    drawn = {" ".join(ax.get_xlabel().split()) for ax in own.figure.axes}
    assert name.replace("（", "") in "".join(drawn).replace("（", "").replace(" ", "" if lang == "zh" else " ")
    limit = w("part.limit.order", order="").rstrip(".。")
    assert [text.endswith(order) for text in shown.limits if text.startswith(limit)] == [True] * bool(order)


def test_senses_that_were_swept_are_all_named(folder):
    told = json.loads((folder / "manifest.json").read_text())
    told["study"]["swept"].append("alliance.mode")
    (folder / "manifest.json").write_text(json.dumps(told))
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.assign(**{"alliance.mode": np.where(runs["policy"].str.startswith("blanket"), "intensity", "extent")}).to_parquet(
        folder / "runs.parquet"
    )
    assert load_grid(folder).study.words("en").factor("alliance.participation") == "alliance participation (by extent and by intensity)"


def test_the_console_says_in_which_sense_participation_was_swept(tmp_path, capsys):
    words = ["policy=small_yard", "alliance=forced", "alliance.mode=intensity", "alliance.participation=0,0.5,1", "experiment.draws=1"]
    assert main(["sweep", *words, "time.quarters=2", "economy=small", "launcher=serial", "report=false", f"out={tmp_path / 's'}"]) == 0
    assert "Alliance participation (by intensity): 0 to 1 (3 values)." in capsys.readouterr().out


def test_the_command_tells_every_point(tmp_path, capsys):
    words = ["policy=small_yard,blanket", "policy.height=range(0.1,0.91,0.2)", "seed=1,2", "time.quarters=2", "economy=small"]
    assert main(["--multirun", *words, "launcher=serial", "report=false", f"out={tmp_path / 's'}"]) == 0
    out = capsys.readouterr().out
    assert "10 points. Policies: Small yard, Blanket; height of the fence (share denied): 0.1 to 0.9 (5 values)." in out
    for policy, height in itertools.product(("Small yard", "Blanket"), ("0.1", "0.3", "0.5", "0.7", "0.9")):
        assert f"{policy} (height {height}) " in out
    told = json.loads((tmp_path / "s" / "manifest.json").read_text())
    assert told["ran"] == 20
    assert 0 < told["model_s"] <= told["wall_s"] * told["workers"]


def test_files_of_one_name_are_told_apart_by_their_group(tmp_path, capsys):
    words = ["policy=small_yard", "response=default,none", "economy=small,default", "seed=1", "time.quarters=2"]
    assert main(["--multirun", *words, "launcher=serial", "report=false", f"out={tmp_path / 's'}"]) == 0
    out = capsys.readouterr().out
    assert "the challenger's answer: default response, no response" in out.lower()
    assert "economies: small, default economy" in out
    labels = set(pd.read_parquet(tmp_path / "s" / "runs.parquet")["policy"])
    assert {"small_yard+default response+small", "small_yard+no response+default economy"} < labels


def spoil(folder, where) -> None:
    """Let the runs fail that a function of the table of runs picks."""
    runs = pd.read_parquet(folder / "runs.parquet")
    bad = where(runs)
    runs.loc[bad, ["status", "reason"]] = ["failed", "made to"]
    runs.loc[bad, ["gap_added", "home_revenue"]] = np.nan
    runs.to_parquet(folder / "runs.parquet")


@pytest.mark.parametrize(("lang", "says"), [("en", "2 of 24 replicates (a draw with a seed), for want of a value"), ("zh", "24次重复")])
def test_a_replicate_that_lacks_a_point_is_left_out_of_all_and_said_to_be(folder, lang, says):
    point = "blanket:participation=0.75:stretch=1.0"
    spoil(folder, lambda runs: (runs["policy"] == point) & runs["draw"].isin([3, 7]))
    g = load_grid(folder)
    luck = np.mean([np.random.default_rng(d).normal(0, 0.1) for d in range(24) if d not in (3, 7)])
    t = g.points[g.points["outcome"] == "gap_added"].set_index("point")
    assert t.loc["small_yard:participation=0.0:stretch=0.5", "mean"] == pytest.approx(luck)
    assert set(t["draws"]) == {22}
    over = g.over("alliance.participation", ["line"])
    assert over[(over["outcome"] == "gap_added") & (over["curve"] == "small_yard")]["mean"].iloc[0] == pytest.approx(luck)
    text = write_grid_report(folder, lang).read_text(encoding="utf-8")
    assert text.count(says) == 6  # among the notes, under the table, and under both figures and in their alternative texts


def test_without_a_replicate_that_has_every_point_no_interval_is_given_and_it_is_said(folder):
    """Each draw fails at a point of its own; and at one point all do."""
    label = "blanket:participation=1.0:stretch=1.0"
    spoil(folder, lambda runs: (runs.groupby("draw").cumcount() == runs["draw"] % 19) | (runs["policy"] == label))
    g, w = load_grid(folder), words_of("en")
    assert g.points["lo"].isna().all() and g.points["mean"].notna().all()
    told = " ".join(left_out(g, w))
    assert "No replicate (a draw with a seed) has a value at every point in all outcomes" in told
    assert "At 1 of 20 points no run succeeded" in told and w.policy(label) in told


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """A sweep over 18 points in which Ctrl-C came when the first part was stored: 16 points of a single replicate."""
    add = store.Store.add

    def once(self, chunk):
        add(self, chunk)
        raise KeyboardInterrupt

    monkeypatch.setattr(store.Store, "add", once)
    words = ["policy=small_yard,blanket", "policy.height=0.2,0.5,0.8", "innovation.stretch=0.8,1,1.2", "time.quarters=4", "economy=small"]
    assert main(["sweep", *words, "launcher=serial", f"out={tmp_path / 's'}"]) == 130
    return tmp_path / "s"


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", ("16 of 18 points; the others are missing", "2 of 18 points were not run yet; they are not shown: Blanket (height 0.5")),
        ("zh", ("18个点中的16个，其余缺失", "18个点中有2个尚未运行，不予显示：全面管制")),
    ],
)
def test_points_that_a_stopped_sweep_did_not_reach_are_named_and_no_share_is_made_of_the_others(stopped, lang, says):
    assert main(["report", str(stopped), f"lang={lang}"]) == 0
    page = (stopped / ("report.html" if lang == "en" else "report.zh.html")).read_text(encoding="utf-8")
    w = words_of(lang)
    assert all(text in page for text in says)
    assert w("grid.answer.moves.none") in page and w("grid.shares") not in page
    assert (stopped / "analysis" / "shares.csv").read_text() == "outcome,key,share\n"


def test_of_a_sweep_with_every_point_nothing_is_said_to_be_missing(stopped, monkeypatch, capsys):
    monkeypatch.undo()
    assert main(["resume", str(stopped)]) == 0
    out = capsys.readouterr().out
    assert "18 points. " in out and "What moves the points apart" in out and "not run yet" not in out


def test_no_share_is_made_where_a_point_failed(folder):
    spoil(folder, lambda runs: runs["policy"] == "blanket:participation=1.0:stretch=1.0")
    g = load_grid(folder)
    assert not len(g.shares)
    assert "19 of 20 points; the others are missing" in answer(g, words_of("en"))[0]


def test_a_scenario_is_not_told_as_policy_and_scenario_at_once(tmp_path, capsys):
    words = ["scenario=dutch_exit,history", "innovation.stretch=0.8,1.2", "economy=small", "time.quarters=24", "launcher=serial"]
    assert main(["sweep", *words, f"out={tmp_path / 's'}"]) == 0
    out = capsys.readouterr().out
    assert "Policies: The Dutch leave, History; stretch beyond equipment" in out and "scenarios:" not in out
    shares = pd.read_csv(tmp_path / "s" / "analysis" / "shares.csv")
    assert len(shares) and set(shares["key"]) == {"base", "innovation.stretch"}
    assert (shares.groupby("outcome")["share"].sum() < 1 + 1e-9).all()


SEEDS = ["seed=1,2,3", "time.quarters=4", "economy=small", "launcher=serial"]


def test_a_sweep_over_seeds_alone_is_told_as_the_spread_of_one_policy(tmp_path, capsys):
    home = tmp_path / "s"
    assert main(["sweep", "policy=blanket", *SEEDS, f"out={home}"]) == 0
    out = capsys.readouterr().out
    runs = pd.read_parquet(home / "runs.parquet")
    assert set(runs["policy"]) == {f"blanket:seed={i}" for i in (1, 2, 3)}  # the table has each run by its own name
    assert "mean over seeds" in out and "From seed to seed, under blanket controls (3 seeds): " in out
    lo, hi = (number(end, "%") for end in (runs["home_revenue"].min(), runs["home_revenue"].max()))
    assert (f"home revenue from {lo} to {hi}%" if lo != hi else f"home revenue {hi}% throughout") in out
    assert "seed 1" not in out
    page = (home / "report.html").read_text(encoding="utf-8")
    assert "over 3 seeds: what it does, and what chance does" in page and "policies compared" not in page
    assert "over parameter draws</caption>" not in page and "Dots: one run a policy" not in page
    assert main(["report", str(home), "lang=zh"]) == 0
    assert "只有种子不同" in (home / "report.zh.html").read_text(encoding="utf-8")
    assert json.loads((home / "manifest.json").read_text())["seeds"] == [1, 2, 3]


def test_policies_swept_beside_seeds_are_compared_over_them(tmp_path, capsys):
    home = tmp_path / "s"
    assert main(["sweep", "policy=none,blanket", *SEEDS, "report=false", f"out={home}", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["policies"]
    assert set(told) == {"none", "blanket"}
    row = told["blanket"]["challenger_revenue"]
    assert row["runs"] == 3 and row["lo"] <= row["mean"] <= row["hi"]


@pytest.mark.parametrize(("lang", "says"), [("en", ", and 9 more alike, "), ("zh", "，另有9个相同的点，")])
def test_a_best_point_that_others_equal_is_not_said_to_be_the_only_one(folder, lang, says):
    runs = pd.read_parquet(folder / "runs.parquet")
    blanket = runs["policy"].str.startswith("blanket")
    runs.assign(gap_added=np.where(blanket, 2.0, 0.0)).to_parquet(folder / "runs.parquet")
    assert says in answer(load_grid(folder), words_of(lang))[1]


def test_the_command_says_that_draws_are_few(tmp_path, capsys):
    words = ["policy=small_yard,blanket", "policy.height=0.2,0.8", "experiment.draws=2", "time.quarters=2", "economy=small"]
    assert main(["sweep", *words, "launcher=serial", "report=false", f"out={tmp_path / 's'}"]) == 0
    assert "2 parameter draws are few" in capsys.readouterr().out


def test_a_sweep_over_a_design_alone_is_no_grid(folder):
    told = json.loads((folder / "manifest.json").read_text())
    del told["study"]["swept"]
    (folder / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(UserError, match="no sweep over a grid"):
        load_grid(folder)


def test_files_come_before_values_in_a_label():
    plan, _ = plan_study("sweep", ["policy.height=0.5,1", "alliance=none,allies", "policy=small_yard"])
    assert [v.config.label for v in plan.variants][:2] == ["small_yard+no alliance:height=0.5", "small_yard+allies:height=0.5"]


def test_a_grid_of_names_is_drawn_point_by_point(tmp_path):
    """Without a number on any axis there is no curve: each point has a row, its mean a dot and its interval a line."""
    rows = []
    for draw, (policy, response) in itertools.product(range(24), itertools.product(("small_yard", "blanket"), ("default", "none"))):
        gap = (2.0 if policy == "blanket" else 0.0) - (1.0 if response == "none" else 0.0) + 0.01 * draw
        keys = {"run": len(rows), "policy": f"{policy}:response={response}", "draw": draw, "seed": draw, "replicate": draw}
        rows.append({**keys, "response": response, "gap_added": gap, "home_revenue": -gap})
    pd.DataFrame(rows).assign(status="ok", reason="", wall_ms=1.0).to_parquet(tmp_path / "runs.parquet")
    told = {"study": {"command": "sweep", "swept": ["response"]}, "config": {"time": {"quarters": 8}}}
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    g, w = load_grid(tmp_path), words_of("en")
    assert g.numeric == ()
    fig = figures.by_point(g, context(g.study, w, lambda x: "source"))
    ax = fig.axes[list(g.outcomes).index("gap_added")]
    names = [t.get_text() for t in ax.get_yticklabels()]
    dots = dict(zip(names, ax.collections[1].get_offsets()[:, 0], strict=True))
    assert len(names) == 4 and dots[w.policy("blanket:response=none")] == pytest.approx(1.0 + 0.115)
    lines = [seg[:, 0] for seg in ax.collections[0].get_segments()]
    assert all(lo < mean < hi for (lo, hi), mean in zip(lines, dots.values(), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("zh", 390), ("en", 1280), ("zh", 1280)])
def test_figures_can_be_read_on_a_phone_and_names_of_points_are_no_column_of_letters(folder, lang, width):
    """A figure is as wide as its words need and scrolls in its place, as tables do; the page itself does not."""
    page = write_grid_report(folder, lang)
    with chromium() as browser:
        tab = Tab(browser, page.resolve().as_uri(), width=width)
        widths = tab.page.eval_on_selector_all("figure img", "all => all.map(e => [e.offsetWidth, e.parentElement.clientWidth])")
        assert len(widths) == 2 and all(drawn >= 720 and shown <= width for drawn, shown in widths)
        lines = "e => e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)"
        names = tab.page.eval_on_selector_all("#points th[scope=row]", f"all => all.map({lines})")
        assert len(names) == 20 and max(names) < (4.5 if width == 390 else 3.5)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


def labels_of(*words: str) -> list[str]:
    return [v.config.label for v in plan_study("sweep", words)[0].variants]


@pytest.mark.parametrize(
    ("lang", "first"),
    [("en", "Choosing government (government noise 0.5, innovation noise 0.01)"), ("zh", "政府选择的随机性 0.5、技术进步的扰动 0.01")],
)
def test_keys_of_two_groups_that_end_in_one_word_are_told_apart(lang, first):
    labels = labels_of("policy=endogenous", "government.noise=0.5,1", "innovation.noise=0.01,0.02")
    assert labels[0] == "endogenous:government.noise=0.5:innovation.noise=0.01"
    assert first in words_of(lang).policy(labels[0])
    assert labels_of("policy.height=0.5,1")[0] == "small_yard:height=0.5"  # which no other group has


def test_points_of_such_keys_are_those_of_one_policy(tmp_path):
    words = ["policy=endogenous,none", "government.noise=0.5,1", "innovation.noise=0.01,0.02", "time.quarters=2", "economy=small"]
    assert main(["sweep", *words, "launcher=serial", "report=false", f"out={tmp_path / 's'}"]) == 0
    g = load_grid(tmp_path / "s")
    assert set(g.lines) == {"none", "endogenous"} and g.numeric == ("government.noise", "innovation.noise")


def test_every_swept_number_whose_word_is_shared_has_a_chinese_name_of_its_own():
    w = words_of("zh")
    keys = [k for k in (*REGISTRY, "response.stockpile") if short(k) == k and not k.startswith("long.")]
    names = [w.policy(f"blanket:{key}=1") for key in keys]
    assert len(set(names)) == len(names) > 15 and not [name for name in names if any(ch.isalpha() and ch.isascii() for ch in name)]


@pytest.mark.parametrize(
    ("label", "en", "zh"),
    [
        ("small_yard+no alliance:height=0.5", "Small yard + no alliance (height 0.5)", "小院高墙 + 无联盟（围墙高度 0.5）"),
        (
            "small_yard+no response+allies:fdp=True",
            "Small yard + no response + allies (fdp yes)",
            "小院高墙 + 不作应对 + 盟友（直接产品规则 是）",
        ),
        ("small_yard+allies+fdp", "Small yard + allies + direct-product rule", "小院高墙 + 盟友 + 外国直接产品规则"),
        ("blanket:scope=['lithography', 'memory']", "Blanket (scope [lithography, memory])", "全面管制（管制产品 [光刻设备、存储芯片]）"),
        ("small_yard:threshold=-1.5:seed=2", "Small yard (threshold −1.5, seed 2)", "小院高墙（技术门槛 −1.5、种子 2）"),
    ],
)
def test_files_and_values_of_a_label_are_all_in_words(label, en, zh):
    assert (words_of("en").policy(label), words_of("zh").policy(label)) == (en, zh)


def test_a_policy_with_a_name_of_its_own_is_called_by_it_and_files_come_first_in_a_comparison_too():
    plan, _ = plan_study("compare", ["policies=['small_yard policy.height=0.5 alliance=allies policy.name=mine']"])
    assert [v.config.label for v in plan.variants] == ["mine+allies:height=0.5"]


@pytest.fixture
def in_step(tmp_path):
    """A sweep over policy, answer and height, stopped so that each policy ran with one answer."""
    rows = []
    for draw, (policy, response), height in itertools.product(range(4), (("small_yard", "none"), ("blanket", "default")), (0.5, 1.0)):
        label = f"{policy}+{'no' if response == 'none' else 'default'} response:height={height}"
        keys = {
            "run": len(rows),
            "policy": label,
            "draw": draw,
            "seed": draw,
            "replicate": draw,
            "response": response,
            "policy.height": height,
        }
        rows.append({**keys, "gap_added": height + draw, "home_revenue": -height})
    pd.DataFrame(rows).assign(status="ok", reason="", wall_ms=1.0).to_parquet(tmp_path / "runs.parquet")
    study = {"command": "sweep", "swept": ["response", "policy.height"], "grid": 8}
    (tmp_path / "manifest.json").write_text(json.dumps({"study": study, "config": {"time": {"quarters": 8}}}))
    return tmp_path


@pytest.mark.parametrize(
    ("lang", "title", "values", "says"),
    [
        (
            *("en", "A sweep over policies and the challenger&#39;s answer", "the challenger&#39;s answer: no response, default response"),
            "Not told apart: policies and the challenger&#39;s answer changed in step at the points that were run.",
        ),
        (
            "zh",
            "对政策和新兴大国的应对",
            "新兴大国的应对：不作应对、默认应对",
            "无法区分：在已运行的各点上，政策和新兴大国的应对同步变化。",
        ),
    ],
)
def test_keys_that_changed_in_step_are_all_named_and_said_not_to_be_told_apart(in_step, lang, title, values, says):
    assert load_grid(in_step).in_step == {"base": ("response",)}
    text = write_grid_report(in_step, lang).read_text(encoding="utf-8")
    assert title in text and values in text and text.count(says) >= 2  # among the notes and under the table


def test_what_was_swept_is_not_told_as_drawn(in_step):
    text = write_grid_report(in_step, "en").read_text(encoding="utf-8")
    assert words_of("en")("section.parameters") not in text and "policy.height" not in text


def test_nothing_is_said_of_drawn_parameters_where_none_were(folder):
    runs = pd.read_parquet(folder / "runs.parquet")
    runs[runs["draw"] == 0].to_parquet(folder / "runs.parquet")
    text, w = write_grid_report(folder, "en").read_text(encoding="utf-8"), words_of("en")
    assert w("grid.limit") in text and w("limit.parameters") not in text and w("grid.made.intervals") not in text


def test_no_point_is_called_best_where_what_is_shown_is_the_same_at_all(folder):
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.assign(gap_added=1e-5 * runs["alliance.participation"]).to_parquet(folder / "runs.parquet")
    best = answer(load_grid(folder), words_of("en"))[1]
    assert "gap added by controls" not in best and "home revenue" in best
