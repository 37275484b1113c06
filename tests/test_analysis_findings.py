"""What a study is told to have found: findings, summary, words, many policies."""

from __future__ import annotations

import itertools
import math
import re
import string
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparing import EN, but, compare_runs, constructed, runs_of
from ecsim.analysis import study as analysed
from ecsim.analysis.answer import answer
from ecsim.analysis.compare import Comparison, compare, summary_table, summary_text, write_tables
from ecsim.analysis.findings import findings, pairing
from ecsim.analysis.measures import HEADLINE, MEASURES, measure
from ecsim.analysis.study import load_study
from ecsim.analysis.text import en, zh
from ecsim.analysis.text.words import number, scale_if_lost, scale_if_unlike, words_of
from ecsim.api import Study
from ecsim.errors import UserError
from ecsim.outcomes import OUTCOMES
from ecsim.summary import as_words
from synthetic import make_runs, write_study

# study, findings, summary


def test_design_points_stay_out_of_the_main_comparison(small: Comparison) -> None:
    assert small.policies == ("none", "small_yard", "blanket", "history")
    assert small.focal == ("small_yard", "blanket")
    assert len(small.study.policies) > 30


@pytest.mark.parametrize("named", [("blanket", "none", "small_yard"), ("history", "small_yard", "blanket"), ("b", "blanket")])
def test_the_policy_that_was_named_first_is_the_one_judged(named: tuple[str, ...]) -> None:
    c = compare_runs(make_runs(draws=4, seeds=1, policies=named, strength={"b": ("small_yard", 1.0)}).sample(frac=1, random_state=1))
    active = [p for p in named if p != "none"]
    assert c.focal == tuple(active[:2])
    assert c.policies == (*(["none"] if "none" in named else []), *active)


def test_findings_say_what_the_tables_say(small: Comparison) -> None:
    found = {f.key: f for f in findings(small, EN)}
    home = found["cost_home.small_yard.blanket"]
    row = small.row("home_revenue", "small_yard", "blanket")
    assert row is not None
    assert home.strength == "clear"
    assert "more revenue" in home.headline
    assert number(float(row["difference"]), "%", signed=True) in home.detail  # type: ignore[arg-type]
    assert "95% interval" in home.detail and "of 24 replicates (of 24 parameter draws, each counting alike)" in home.detail
    assert "does worse than" in found["hinder.small_yard.blanket"].headline


def test_no_finding_where_the_interval_straddles_zero() -> None:
    runs = make_runs(draws=24, seeds=1)
    blanket = runs["policy"] == "blanket"
    yard = runs.loc[runs["policy"] == "small_yard", "gap_added"].to_numpy()
    runs.loc[blanket, "gap_added"] = yard + np.random.default_rng(1).permutation(np.linspace(-1, 1, 24))
    found = {f.key: f for f in findings(compare_runs(runs), EN)}["lock_in.small_yard.blanket"]
    assert found.strength == "none shown"
    assert "do not settle" in found.headline
    assert "more than" not in found.headline and "less than" not in found.headline


def test_one_replicate_is_told_as_one_run() -> None:
    c = constructed(1, 1)
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
    c = constructed(6, 2)
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
        verdict=lambda x: [told[o][0] for o in x["outcome"]],
        difference=lambda x: [told[o][1] for o in x["outcome"]],
        mean_a=lambda x: x["difference"] - 2.0,
        mean_b=-2.0,
    )
    text = answer(but(c, differences=d), EN).split(". ")[0]
    assert text == (
        "Small yard does clearly better than blanket controls on cost at home (by 1.0 points); there are signs, no more, that it does "
        "better on the technology gap (by 1.00 generations), and worse on hindering supply (by 1.0 points); cost to allies is the same "
        "under both; leverage kept is not settled by these runs"
    )
    only = answer(but(c, differences=d[d["verdict"] == "suggestive"]), EN)
    assert only.startswith(
        "There are signs, no more, that small yard does better on the technology gap (by 1.00 generations), and worse on hindering supply "
        "(by 1.0 points) than"
    )


def test_a_difference_agrees_with_the_means_beside_it() -> None:
    """7.05 less 0.01 is 7.04: rounded each alone, they would stand there as 7.0 (or 7.1), 0.0 and 7.0."""
    wave = 0.0005 * np.cos(np.arange(12))[:, None]
    runs = runs_of(7.052 + wave, 0.012 + wave**2, "unmet_need")
    c = compare_runs(runs.assign(policy=runs["policy"].replace({"b": "none"})))
    assert c.focal == ("a", "none")
    told = next(f.detail for f in findings(c, EN) if f.key == "none.a")
    assert "+7.04 points (7.04 to 7.04)" in told
    table = summary_text(c, EN)
    assert "7.1 [" in table and "0.0 [" in table and "+7.04 [7.04 to 7.04]" in table
    assert scale_if_unlike(2.0, 1.0, 1.0, "%") == 0.0
    other = compare_runs(runs)
    assert "7.05% against 0.01%; difference +7.04 points" in findings(other, EN)[0].detail


def two(outcome: str, a: float, b: float) -> pd.DataFrame:
    """Twelve draws of two policies that lie so far apart in every one, around these means."""
    wave = 0.0005 * np.cos(np.arange(12))[:, None]
    return runs_of(a + wave, b - wave, outcome)


def test_measures_of_a_purpose_that_point_the_other_way_are_told() -> None:
    one, other = two("unmet_need", 0.6, 2.6), two("disruption", 0.4, -2.3)["disruption"]
    alike = compare_runs(one.assign(disruption=one["unmet_need"]))
    apart = compare_runs(one.assign(disruption=other))
    assert "worse than b on hindering supply (by 2.0 points)." in answer(alike, EN)
    assert "hinders the challenger's supply chain less" in findings(alike, EN)[0].headline
    told = "output lost by the challenger clearly points the other way"
    assert f"worse than b on unmet need of the challenger (by 2.0 points; {told})." in answer(apart, EN)
    assert findings(apart, EN)[0].headline == f"Measured by unmet need of the challenger, a does worse than b; but {told}."
    assert "新兴大国产出损失明确指向相反方向" in answer(apart, words_of("zh"))


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [(-2.0, -1.0, "cost to allies"), (0.2, 2.1, "what allies gain"), (-0.2, 2.1, "allied revenue")],
)
def test_a_gain_is_not_called_a_cost(a: float, b: float, says: str) -> None:
    assert f"worse than b on {says} (by" in answer(compare_runs(two("ally_revenue", a, b)), EN)


def test_a_small_clear_difference_is_told_with_its_size() -> None:
    assert "clearly better than b on leverage kept (by 0.003)." in answer(compare_runs(two("leverage", 0.945, 0.942)), EN)


@pytest.mark.parametrize(("draws", "few"), [(4, True), (16, False)])
def test_few_draws_are_called_a_look_around(draws: int, few: bool, tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path, draws=draws, seeds=2, series=False))
    assert ("are few" in summary_text(compare(study), EN)) is few


def test_a_single_run_is_not_called_a_mean() -> None:
    text = summary_text(constructed(1, 1), EN)
    assert text.startswith("Outcomes by policy: one run each")
    assert "100%" not in text  # a single difference has its sign, and no share
    assert summary_text(constructed(1, 3), EN).startswith("Outcomes by policy: mean over seeds [95% interval], one parameter draw")
    assert summary_text(constructed(3, 1), EN).startswith("Outcomes by policy: mean over parameter draws [95% interval]")
    assert "against the path without controls" in text


def test_without_an_interval_what_drives_the_spread_is_open() -> None:
    c = constructed(12, 2)
    unknown = but(c, variance=c.variance.assign(lo=math.nan, hi=math.nan))
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


def test_the_terminal_shows_effects_of_factors_and_claims_as_the_tables_have_them(tmp_path: Path) -> None:
    study = Study(write_study(tmp_path, draws=12, seeds=1, designs=True, series=False))
    text = as_words(study)
    table, claims = study.tables.factorial, study.tables.claims
    assert "Effect of each factor from its low to its high level" in text and "Claims put to the test" in text
    shown = text.partition("Effect of each factor")[2].partition("Claims put to the test")[0]
    for row in table[~table["term"].str.contains("×")].to_dict("records"):
        assert number(row["effect"], row["unit"], signed=True) in shown and EN(f"factor.{row['term']}").split(" (")[0] in shown
    assert "×" not in shown
    units = {line[: line.index("  ")]: line.split("  ") for line in shown.splitlines() if "[" in line and "  " in line}
    for outcome, unit in (("Home revenue", "points"), ("Change of the power ratio", "ratio")):  # effects are differences, with a unit each
        assert unit in [part.strip() for part in units[outcome]]
    tested = [c for c in claims.to_dict("records") if c["draws"]]
    assert tested and all(c["verdict"] in text for c in tested)
    assert "12 parameter draws are few" in text.partition("Claims put to the test")[2]


# words


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


# many policies


def test_many_policies_have_no_main_contrast_but_a_best_one() -> None:
    strength = {f"small_yard:participation={x}": ("small_yard", 0.5 + x) for x in (0, 1)} | {
        f"blanket:participation={x}": ("blanket", 0.5 + x) for x in (0, 1, 2)
    }
    c = compare_runs(make_runs(draws=4, seeds=1, policies=tuple(strength), strength=strength))
    assert c.focal is None
    assert "Of 5 policies" in answer(c, EN) and "Blanket (participation 2): hindering supply" in answer(c, EN)
    lines = summary_text(c, EN).splitlines()
    assert [line.split("  ")[0] for line in lines[4:9]] == [EN.policy(p) for p in strength]
    assert not [f for f in findings(c, EN) if f.strength]


def test_no_controls_are_not_counted_among_those_that_could_do_best() -> None:
    strength = {"none": ("none", 1.0)} | {f"blanket:participation={x}": ("blanket", 0.5 + x) for x in (0, 1, 2, 3)}
    c = compare_runs(make_runs(draws=4, seeds=1, policies=tuple(strength), strength=strength))
    assert "Of 4 policies with controls" in answer(c, EN)
    assert "4 项实施管制的政策" in answer(c, words_of("zh"))


def beside_allies(policies: tuple[str, ...]) -> pd.DataFrame:
    """Runs of policies, each beside no alliance, allies and allies that choose: they change nothing."""
    labels = {f"{p}+{a}": (p, 1.0) for p in policies for a in ("no alliance", "allies", "endogenous")}
    return make_runs(draws=4, seeds=1, policies=tuple(labels), strength=labels)


@pytest.mark.parametrize(("lang", "says"), [("en", "Of 3 policies with controls"), ("zh", "3 项实施管制的政策")])
def test_no_controls_are_out_of_the_race_whatever_alliance_stands_beside(lang: str, says: str) -> None:
    words, runs = words_of(lang), beside_allies(("none", "small_yard"))
    told = answer(compare_runs(runs), words)
    assert says in told and words.policy("none") not in told
    called = runs.assign(policy=runs["policy"].str.replace("none", "as it was"))  # by a name of the user's own
    kinds = {label: {"kind": "none" if label.startswith("as") else "doctrine"} for label in pd.unique(called["policy"])}
    told = answer(compare(analysed.Study(Path("nowhere"), called, {"policies": kinds})), words)
    assert says in told and "as it was" not in told


def test_the_main_contrast_is_of_two_that_control_something() -> None:
    runs = beside_allies(("none", "small_yard"))
    c = compare_runs(runs[~runs["policy"].str.endswith("endogenous")])
    assert c.policies[0] == "none+no alliance" and c.focal == ("small_yard+no alliance", "small_yard+allies")
    assert tuple(c.differences[["a", "b"]].iloc[0]) == c.focal


@pytest.mark.parametrize(
    ("lang", "says", "level"),
    [
        (
            "en",
            "Small yard + no alliance and Small yard + choosing allies alike: hindering supply, ",
            "no difference that shows: leverage kept.",
        ),
        ("zh", "小院高墙 + 无联盟和小院高墙 + 自主选择的盟友并列：阻碍供应、", "看不出差别：保留杠杆。"),
    ],
)
def test_policies_that_do_alike_share_the_first_place(lang: str, says: str, level: str) -> None:
    """One of three does a little worse on all but leverage; what sets the others apart is not shown."""
    runs = beside_allies(("none", "small_yard"))
    third, second = (runs["policy"] == f"small_yard+{a}" for a in ("allies", "endogenous"))
    for o in HEADLINE.values():
        runs[o] += measure(o).better * (7e-10 * second - (0.0 if o == "leverage" else 0.3) * third)
    told = answer(compare_runs(runs), words_of(lang))
    assert says in told and level in told


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "Of 5 policies, only Small yard + allies has controls."), ("zh", "5 项政策中，只有小院高墙 + 盟友实施管制。")]
)
def test_one_policy_with_controls_is_in_no_race(lang: str, says: str) -> None:
    runs = beside_allies(("none", "small_yard"))
    more = runs[runs["policy"] == "none+allies"].assign(policy="none")
    kept = pd.concat([runs[runs["policy"].str.startswith("none") | (runs["policy"] == "small_yard+allies")], more])
    told = answer(compare_runs(kept), words_of(lang))
    assert says in told and words_of(lang)("short.hinder") not in told


def test_only_the_first_of_very_many_policies_are_compared(tmp_path: Path) -> None:
    strength = {f"blanket:height={x}": ("blanket", x / 10) for x in range(1, 13)}
    make_runs(draws=2, seeds=1, policies=tuple(strength), strength=strength).to_parquet(tmp_path / "runs.parquet")
    c = compare(load_study(tmp_path))
    assert len(c.policies) == 8
    assert "The first 8 of 12 policies are compared here" in summary_text(c, EN)


def test_how_often_a_sign_holds_is_a_share_of_the_replicates_that_are_named() -> None:
    """Of eight replicates, two a draw, one has the other sign: 88%, which four draws cannot give."""
    delta = np.array([[1.0, 1.2], [0.9, 1.1], [1.0, 0.8], [1.3, -0.1]])
    c = compare_runs(runs_of(delta + 1, np.ones_like(delta), "gap_added"))
    found = {f.key: f for f in findings(c, EN)}["lock_in.a.b"]
    assert "The sign holds in 88% of 8 replicates (of 4 parameter draws, each counting alike)." in found.detail
    assert "8 次重复（4 组参数，各组权重相同）的 88%" in {f.key: f for f in findings(c, words_of("zh"))}["lock_in.a.b"].detail
    assert all("replicates" in EN(key) for key in ("key.how.holds", "axis.probability"))


def test_a_clear_difference_is_not_told_as_nothing() -> None:
    """With the decimals of its unit, 0.0040 generations would stand there as "clear, +0.00 (0.00 to 0.00)"."""
    level = np.linspace(0, 1, 12)[:, None] + np.zeros((1, 2))
    c = compare_runs(runs_of(level + 0.004 + 1e-4 * np.cos(np.arange(12))[:, None], level, "gap_added"))
    row = c.row("gap_added", *c.focal)
    assert row["verdict"] == "clear" and EN.number(row["difference"], "generations") == "0.00"
    assert "+0.0040" in {f.key: f for f in findings(c, EN)}["lock_in.a.b"].detail
    assert "+0.0040 [0.00" in summary_text(c, EN)
    assert scale_if_lost(0.5, 0.4, 0.6, "generations") == 0.0  # which is told as it was
    assert scale_if_lost(0.001, -0.001, 0.003, "generations") == 0.0  # nothing is shown, and nothing is there


@pytest.mark.parametrize(("lang", "says"), [("en", "more than 1,000 times"), ("zh", "不足 1/1,000")])
def test_what_pairing_bought_between_near_twins_is_not_told_in_millions(lang: str, says: str) -> None:
    level = np.linspace(0, 1, 12)[:, None] + np.zeros((1, 2))
    c = compare_runs(runs_of(level + 1e-7 * np.arange(12)[:, None] ** 2, level, "power_ratio"))
    assert c.row("power_ratio", *c.focal)["variance_factor"] > 1e6
    assert says in pairing(c, words_of(lang))


def around(t: float, draws: int = 12) -> np.ndarray:
    """So many values with mean over standard error of t."""
    spread = np.linspace(-1, 1, draws)
    return spread + t * spread.std(ddof=1) / np.sqrt(draws)


def graded(runs: pd.DataFrame, key: str) -> tuple[str, str]:
    """Strength and numbers of a finding."""
    c = compare_runs(runs.assign(run=range(len(runs)), status="ok"))
    found = {f.key: f for f in findings(c, EN)}[key]
    return found.strength, found.detail


@pytest.mark.parametrize(("t", "strength"), [(2.5, "suggestive"), (5.0, "clear")])
def test_the_strongest_of_four_factors_is_graded_as_one_of_four(t: float, strength: str) -> None:
    """With t of 2.5 over twelve draws its own p is 0.03: it passes alone, and not among four."""
    corners = [dict(zip(("scope", "height", "reach", "coalition"), x, strict=True)) for x in itertools.product((0, 1), repeat=4)]
    rows = [
        {"policy": str(tuple(corner.values())), "draw": d, "seed": d, "gap_added": corner["scope"] * effect, **corner}
        for corner in corners
        for d, effect in enumerate(around(t))
    ]
    found, detail = graded(pd.DataFrame(rows), "factorial")
    assert found == strength
    assert ("does not survive adjustment for the number of factors" in detail) == (strength == "suggestive")


@pytest.mark.parametrize(("t", "strength"), [(2.5, "suggestive"), (6.0, "clear")])
def test_a_difference_at_equal_cost_is_graded_as_one_of_many(t: float, strength: str) -> None:
    rows = [
        {"policy": f"{family}@{x}", "family": family, "intensity": x, "draw": d, "seed": d, "home_revenue": -x, "gap_added": x * (1 + own)}
        for family in ("small_yard", "blanket")
        for x in (0.0, 0.5, 1.0)
        for d, effect in enumerate(around(t))
        for own in [effect if family == "small_yard" else 0.0]
    ]
    found, detail = graded(pd.DataFrame(rows), "equal_cost")
    assert found == strength
    assert ("does not survive adjustment for the number of costs" in detail) == (strength == "suggestive")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_summary_fits_the_terminal_by_blocks_and_is_a_table_elsewhere(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    c, words = constructed(4, 1), words_of(lang)
    table = summary_table(c, words)
    lines = summary_text(c, words).splitlines()
    assert set(lines[3]) == {"-", " "} and len(lines[2]) > 80
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    text = summary_text(c, words).partition(words("summary.how"))[0]
    assert max(sum(2 if unicodedata.east_asian_width(x) in "WF" else 1 for x in line) for line in text.splitlines()) <= 80
    assert all(cell in text for cell in table.to_numpy().ravel())
