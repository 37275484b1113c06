"""The study of alliance participation: its design, and tables held against answers known beforehand."""

from __future__ import annotations

import html
import itertools
import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

import ecsim
from ecsim.analysis import study as analysed
from ecsim.analysis.participation.curves import FITS, bend_fit, break_even_table, response_table, threshold_table
from ecsim.analysis.participation.effects import delay_table, interaction_table
from ecsim.analysis.participation.joining import between, joining_table
from ecsim.analysis.participation.members import member_table
from ecsim.analysis.participation.study import Participation, load_participation
from ecsim.analysis.study import Note
from ecsim.analysis.text.words import words_of
from ecsim.answers import conclude_alliance
from ecsim.api import Study
from ecsim.config import compose
from ecsim.course import Course
from ecsim.errors import UserError
from ecsim.experiment.design import replicates
from ecsim.experiment.factors import idle, uncertain
from ecsim.experiment.manifest import manifest
from ecsim.experiment.rehearsal import rehearse
from ecsim.experiment.studies import plan_stage, plan_study
from ecsim.params import REGISTRY
from ecsim.report import style
from ecsim.report.figures.base import Context
from ecsim.report.participation import figures
from ecsim.report.participation.answer import answer
from ecsim.report.participation.report import summary, write_alliance_report
from ecsim.strategies.coalition import candidates, random_order, supply
from ecsim.streams import Streams
from ecsim.verdicts import Conclusion

NAMES = ("JPN", "NLD", "DEU", "TWN")
WORTH = {"JPN": 4.0, "NLD": 2.0, "DEU": 1.0, "TWN": 0.5}


def worth(states) -> float:
    """A coalition game: each adds its worth, and Japan with the Netherlands three more."""
    return sum(WORTH[s] for s in states) + (3.0 if {"JPN", "NLD"} <= set(states) else 0.0)


def a_study(draws: int = 24, *, subsets: bool = False, curve=lambda x: 2 * max(0.0, x - 0.4)) -> pd.DataFrame:
    """Runs of the game above; each draw shifts the level and scales the effect."""
    rows = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        level, scale, seed = rng.normal(0, 0.1), rng.uniform(0.8, 1.2), 10_000 * draw

        def add(part, gap, revenue, draw=draw, seed=seed, level=level, scale=scale, **columns):
            values = {"gap_added": level + scale * gap, "home_revenue": level + revenue}
            rows.append({"part": part, "draw": draw, "seed": seed, "replicate": draw, **columns, **values})

        add("free", 0.0, 0.0, policy="none")
        add("blanket", 1.0, -3.0, policy="blanket:alone")
        for joined in (0.0, 1.0):
            add("end", worth(NAMES) * joined, -1 + 2 * joined, joined=joined, policy=f"small_yard:{joined}")
        for x in np.arange(0.1, 0.95, 0.1).round(1):
            add("curve", worth(NAMES) * curve(x) / curve(1.0), -1 + 2 * x, sense="extent", joined=x, policy=f"e{x}")
        order = random_order(Streams(seed), NAMES)
        for size in range(1, len(NAMES)):
            share = size / len(NAMES)
            add("curve", worth(order[:size]), -1 + 2 * share, sense="coalition", joined=share, policy=f"c{size}")
        for member in NAMES:
            add("single", worth([member]), 0, member=member, policy=f"s{member}")
            add("exit", worth([s for s in NAMES if s != member]), 0, member=member, policy=f"x{member}")
        for states in itertools.combinations(NAMES, 2) if subsets else ():
            add("subset", worth(states), 0, member="+".join(states), policy="+".join(states))
        for lag in (0, 4, 8):
            add("delay", 10 - 0.5 * lag, 0, delay=lag, policy=f"d{lag}")
        for reach, denial, joined in itertools.product(("fdp", "domestic"), (0.3, 0.9), (0.0, 0.5, 1.0)):
            effect = joined * denial * (2.0 if reach == "fdp" else 3.0)
            add("fence", effect, 0, reach=reach, denial=denial, joined=joined, policy=f"f{reach}{denial}{joined}")
    table = pd.DataFrame(rows).assign(status="ok", reason="", wall_ms=1.0)
    return table.assign(run=range(len(table)))


def exact_shapley(name: str) -> float:
    orders = list(itertools.permutations(NAMES))
    return float(np.mean([worth(o[: o.index(name) + 1]) - worth(o[: o.index(name)]) for o in orders]))


def shapley_of(runs: pd.DataFrame) -> pd.DataFrame:
    t = member_table(runs, ["gap_added"])
    return t[t["kind"] == "shapley"].set_index("member")


# members


def test_shapley_values_of_few_members_are_exact():
    runs = a_study(subsets=True)
    t = shapley_of(runs)
    assert set(t["method"]) == {"exact"}
    scale = np.mean([_scale(d) for d in range(24)])
    for name in NAMES:
        assert t.loc[name, "value"] == pytest.approx(scale * exact_shapley(name), rel=1e-9)


def _scale(draw: int) -> float:
    rng = np.random.default_rng(draw)
    rng.normal(0, 0.1)
    return float(rng.uniform(0.8, 1.2))


def test_sampled_shapley_values_hold_the_exact_ones_and_sum_to_the_whole():
    runs = a_study(draws=60)
    t = shapley_of(runs)
    assert set(t["method"]) == {"sampled"}
    for name in NAMES:
        assert t.loc[name, "lo"] - 0.15 <= exact_shapley(name) <= t.loc[name, "hi"] + 0.15
    ends = runs[runs["part"] == "end"].groupby("joined")["gap_added"].mean()
    assert t["value"].sum() == pytest.approx(ends[1.0] - ends[0.0])


def test_alone_and_exit_are_paired_differences():
    t = member_table(a_study(), ["gap_added"]).set_index(["kind", "member"])
    scale = np.mean([_scale(d) for d in range(24)])
    assert t.loc[("single", "JPN"), "value"] == pytest.approx(4 * scale)
    assert t.loc[("exit", "JPN"), "value"] == pytest.approx(7 * scale)
    assert t.loc[("single", "JPN"), "lo"] <= 4 * scale <= t.loc[("single", "JPN"), "hi"]


def test_what_is_clear_survives_the_number_of_members():
    rng = np.random.default_rng(3)
    runs = a_study()
    noise = runs.assign(gap_added=rng.normal(0, 1, len(runs)))
    t = member_table(noise, ["gap_added", "home_revenue"])
    outside = (t["lo"] > 0) | (t["hi"] < 0)
    assert (t["p_holm"] >= t["p"] - 1e-12).all()
    assert not (t["clear"] & ~outside).any()
    assert not t.loc[t["p_holm"] >= 0.05, "clear"].any()
    known = member_table(runs, ["gap_added"]).set_index(["kind", "member"])
    assert known.loc[("single", "JPN"), "clear"]


# thresholds and break-even


def changed_places(runs: pd.DataFrame) -> pd.DataFrame:
    """Japan and the Netherlands change places in every other draw."""
    swapped = runs["member"].replace({"JPN": "NLD", "NLD": "JPN"})
    for other in ("DEU", "TWN"):
        swapped = swapped.replace({f"JPN+{other}": f"NLD+{other}", f"NLD+{other}": f"JPN+{other}"})
    return runs.assign(member=runs["member"].where(runs["draw"] % 2 == 0, swapped))


def test_the_first_member_is_told_from_those_that_differ_and_from_no_other():
    """Where Japan and the Netherlands change places in every other draw, neither is first."""
    runs = a_study(subsets=True)
    t = shapley_of(runs)
    assert np.isnan(t.loc["JPN", "p_first"])
    assert (t.loc[["NLD", "DEU", "TWN"], "p_first"] < 0.05).all()
    told = shapley_of(changed_places(runs))
    assert told.loc[["JPN", "NLD"], "p_first"].max() > 0.05
    assert (told.loc[["DEU", "TWN"], "p_first"] < 0.05).all()


@pytest.mark.parametrize(("lang", "says"), [("en", "cannot be told apart from"), ("zh", "无法区分")])
def test_the_answer_says_which_member_is_not_told_from_the_first(lang, says):
    runs = a_study(subsets=True)
    for table, open_ in ((runs, False), (changed_places(runs), True)):
        told = answer(Participation(SimpleNamespace(ok=table, outcomes=("gap_added",), manifest={})), words_of(lang))
        assert (says in " ".join(told)) == open_


@pytest.mark.parametrize(("lang", "says"), [("en", "lower beyond (the last of 2 crossings)"), ("zh", "此后更低（2次穿越中的最后一次）")])
def test_the_answer_says_what_lies_beyond_the_break_even_point(lang, says):
    runs = with_revenue({0: -1, 0.4: 0, 0.6: 1, 0.8: 0, 1: -1})
    told = answer(Participation(SimpleNamespace(ok=runs, outcomes=("gap_added", "home_revenue"), manifest={})), words_of(lang))
    assert says in " ".join(told)


@settings(max_examples=40)
@given(st.floats(0.2, 0.8), st.floats(-2, 2), st.floats(0.5, 4))
def test_the_bend_of_a_bent_line_is_found(place, before, bend):
    x = np.linspace(0, 1, 11)
    found, slope, after, gained = (float(v[0]) for v in bend_fit(x, (before * x + bend * np.maximum(x - place, 0))[None]))
    assert found == pytest.approx(place, abs=0.06)
    assert slope == pytest.approx(before, abs=0.35 * bend)
    assert after == pytest.approx(before + bend, abs=0.35 * bend)
    assert gained > 0.9


def test_what_bends_by_rounding_alone_has_no_place():
    x = np.linspace(0, 1, 11)
    curves = np.stack([np.full(11, 16.3), 2 * x + 0.1]) * (1 + 1e-16 * np.arange(11))
    curves[0, 3] = np.nextafter(16.3, 17)
    place, _, _, gained = bend_fit(x, curves)
    assert np.isnan(place).all() and not gained.any()


def test_a_threshold_is_told_from_a_straight_line_and_from_nothing():
    bent = threshold_table(a_study(), ["gap_added", "home_revenue"]).set_index(["outcome", "sense"])
    row = bent.loc[("gap_added", "extent")]
    assert row["verdict"] == "threshold"
    assert row["lo"] <= 0.4 <= row["hi"]
    assert bent.loc[("home_revenue", "extent"), "verdict"] == "straight"
    early = threshold_table(a_study(curve=lambda x: min(x, 0.4)), ["gap_added"]).set_index("sense")
    assert early.loc["extent", "verdict"] == "saturation"  # most comes before the bend: no threshold
    assert early.loc["extent", "lo"] <= 0.4 <= early.loc["extent", "hi"]
    noisy = a_study(curve=lambda x: 1.0)
    noise = np.random.default_rng(0).normal(0, 1, len(noisy))
    flat = threshold_table(noisy.assign(gap_added=noise), ["gap_added"]).set_index("sense")
    assert flat.loc["extent", "verdict"] == "flat"


@pytest.mark.parametrize("apart", [0.1, 0.2])
def test_a_bend_is_known_no_closer_than_levels_are_apart(apart):
    """All draws agree on the place to the last digit; what lies between two levels was not run."""
    runs = a_study(curve=lambda x: 2 * max(0.0, x - 0.4))
    levels = np.arange(0.0, 1.01, apart).round(1)
    kept = runs[(runs["part"] != "curve") | (runs["sense"] != "extent") | runs["joined"].isin(levels)]
    row = threshold_table(kept, ["gap_added"]).set_index("sense").loc["extent"]
    assert row["lo"] <= row["threshold"] <= row["hi"]
    assert row["hi"] - row["lo"] == pytest.approx(apart, abs=0.02)


def test_nobody_and_everybody_have_one_interval_in_all_senses():
    """They are the same runs: what differs between senses is what lies between."""
    t = response_table(a_study(), ["gap_added"]).set_index(["sense", "participation"])
    for level, name in itertools.product((0.0, 1.0), ("lo", "hi", "change_lo", "change_hi")):
        assert t.loc[("coalition", level), name] == pytest.approx(t.loc[("extent", level), name], rel=1e-12)


def shaped(curve) -> pd.Series:
    """What the table says of a curve by extent."""
    return threshold_table(a_study(curve=curve), ["gap_added"]).set_index("sense").loc["extent"]


def test_a_step_is_told_between_its_two_levels_and_is_no_bend():
    row = shaped(lambda x: 0.1 * x + (x > 0.75))
    assert (row["verdict"], row["step_from"], row["step_to"]) == ("step", 0.7, 0.8)
    assert row["step_share"] > 0.9 and row["step_agreed"] == 1.0


def test_a_curve_in_steps_is_not_about_straight():
    row = shaped(lambda x: 0.2 * x + 0.3 * (x > 0.15) + 0.4 * (x > 0.85))
    assert row["step_share"] < 0.5 and row["line"] < FITS
    assert (row["verdict"], row["step_from"], row["step_to"]) == ("uneven", 0.8, 0.9)


def test_a_curve_that_turns_back_does_not_level_off():
    row = shaped(lambda x: min(x, 0.6) - 0.8 * max(0.0, x - 0.6))
    assert row["before"] > 0 > row["after"] and row["verdict"] == "turn"
    assert shaped(lambda x: min(x, 0.6) + 0.1 * max(0.0, x - 0.6))["verdict"] == "saturation"


def test_who_joins_over_a_step_is_told_wholly_and_in_part():
    t = joining_table({"JPN": 0.4, "NLD": 0.2, "DEU": 0.1, "TWN": 0.3})
    assert t["joins_to"].tolist() == pytest.approx([0.4, 0.6, 0.7, 1.0])
    assert between(t, 0.4, 0.6, "part") == (["NLD"], [])
    assert between(t, 0.5, 0.8, "part") == (["DEU"], ["NLD", "TWN"])
    assert between(t, 0.5, 0.8, "whole") == (["DEU"], []) and between(t, 0.4, 0.5, "whole") == (["NLD"], [])


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "in one step, between 0.70 and 0.80 (joining there: Germany wholly; the Netherlands and Taiwan in part)"),
        ("zh", "一级台阶，在0.70与0.80之间（在此加入的有：德国（整体）；荷兰和台湾（部分））"),
    ],
)
def test_the_answer_tells_a_step_and_who_joins_there(lang, says):
    supply = {"JPN": 0.4, "NLD": 0.32, "DEU": 0.04, "TWN": 0.24}
    runs = a_study(curve=lambda x: 0.1 * x + (x > 0.75))
    p = Participation(SimpleNamespace(ok=runs, outcomes=("gap_added", "home_revenue"), manifest={"supply": supply}))
    told = " ".join(answer(p, words_of(lang)))
    assert says in told


def test_shares_of_supply_are_those_by_which_members_join():
    words = ["economy=small", "time.quarters=32"]
    plan, _ = plan_study("alliance", [*words, "experiment.draws=2"])
    everybody = next(v.config for v in plan.variants if v.columns.get("joined") == 1.0)
    found = rehearse(plan, None)["supply"]
    course = Course.from_config(everybody)
    while not course.world.book.rules:
        course.step()
    assert found == pytest.approx(supply(course.world, candidates(course.world, everybody.alliance)))
    assert sum(found.values()) == pytest.approx(1.0) and len(found) > 5
    assert "supply" not in rehearse(plan_study("compare", [*words, "policies=[none,small_yard]"])[0], None)


def test_break_even_is_where_the_gain_passes_zero():
    t = break_even_table(a_study(), ["home_revenue", "gap_added"]).set_index(["outcome", "sense", "against"])
    row = t.loc[("home_revenue", "extent", "free")]
    assert row["verdict"] == "found"
    assert row["participation"] == pytest.approx(0.5)
    assert t.loc[("home_revenue", "extent", "blanket"), "verdict"] == "always"


def test_a_curve_that_turns_and_then_climbs_is_steeper_beyond():
    """It falls a little before its bend; nearly all of the change lies beyond."""
    t = threshold_table(a_study(curve=lambda x: 2 * max(0.0, x - 0.4) - 0.1 * min(x, 0.4)), ["gap_added"]).set_index("sense")
    assert t.loc["extent", "before"] < 0 < t.loc["extent", "after"]
    assert t.loc["extent", "verdict"] == "threshold"


def with_revenue(levels: dict[float, float], scatter: float = 0.0) -> pd.DataFrame:
    """The study with this revenue at home at each level of extent, and draws that differ by `scatter`."""
    runs = a_study()
    luck = np.random.default_rng(0).normal(0, scatter, 24)
    at = runs["joined"].map(lambda x: np.interp(x, list(levels), list(levels.values())) if pd.notna(x) else 0.0)
    moved = runs["part"].isin(["end", "curve"])
    return runs.assign(home_revenue=np.where(moved, at + luck[runs["draw"]], 0.0))


def test_a_break_even_point_says_what_lies_beyond_it():
    """Worse, better from 0.4 to 0.8, worse again: the last place is one beyond which the policy is worse."""
    t = break_even_table(with_revenue({0: -1, 0.4: 0, 0.6: 1, 0.8: 0, 1: -1}), ["home_revenue"]).set_index(["sense", "against"])
    row = t.loc[("extent", "free")]
    assert row["participation"] == pytest.approx(0.8)
    assert (row["beyond"], row["crossings"], row["verdict"]) == ("worse", "0.4; 0.8", "found")


UNTOLD = {0: -1, 0.7: -0.3, 0.8: 0.036, 0.9: 0.01, 1: -0.02}  # of draws that differ by 0.1, and on average by 0


def untold() -> pd.DataFrame:
    runs = with_revenue(UNTOLD, scatter=0.1)
    moved = runs["part"].isin(["end", "curve"])
    excess = runs.loc[(runs["part"] == "end") & (runs["joined"] == 1.0), "home_revenue"].mean() - UNTOLD[1]
    return runs.assign(home_revenue=runs["home_revenue"] - np.where(moved, excess, 0.0))


def test_nothing_is_said_of_what_lies_beyond_where_it_is_not_told_from_zero():
    """The mean passes zero twice; beyond the first place no level differs from zero."""
    row = break_even_table(untold(), ["home_revenue"]).set_index(["sense", "against"]).loc[("extent", "free")]
    assert 0.7 < row["participation"] < 0.8 and row["gain_at_all_lo"] < 0 < row["gain_at_all_hi"]
    assert ";" in row["crossings"] and (row["before"], row["beyond"]) == ("worse", "open")


@pytest.mark.parametrize(
    ("lang", "says", "not_"),
    [
        ("en", "by extent, coming from below, and is not told from no controls beyond", "lower beyond"),
        ("zh", "（此前更低），此后与无管制无法区分", "此后更低"),
    ],
)
def test_the_answer_says_where_nothing_is_told_beyond_a_break_even_point(lang, says, not_):
    runs = untold()
    told = " ".join(answer(Participation(SimpleNamespace(ok=runs, outcomes=("gap_added", "home_revenue"), manifest={})), words_of(lang)))
    assert says in told and not_ not in told


def test_worse_at_every_level_is_said_where_every_level_is_told_from_zero():
    """At full participation, less than two standard errors below zero."""
    spread = np.random.default_rng(0).normal(0, 0.2, 24)
    end = -1.8 * spread.std() / np.sqrt(24) - spread.mean()
    t = break_even_table(with_revenue({0: -1, 1: end}, scatter=0.2), ["home_revenue"]).set_index(["sense", "against"])
    row = t.loc[("extent", "free")]
    assert row["reached"] < 0.1 and row["gain_at_all_hi"] > 0 and row["verdict"] == "unsettled"


def test_resamples_that_pass_zero_the_other_way_do_not_settle_a_break_even_point():
    """Every resample crosses, but whether the policy ends better or worse is chance."""
    t = break_even_table(with_revenue({0: -1, 0.7: 0.3, 1: -0.01}, scatter=0.3), ["home_revenue"]).set_index(["sense", "against"])
    row = t.loc[("extent", "free")]
    assert row["reached"] < 0.9
    assert row["verdict"] == "unsettled"


def test_never_is_said_where_resamples_agree_and_not_otherwise():
    t = break_even_table(with_revenue({0: -1, 1: -0.5}, scatter=0.2), ["home_revenue"]).set_index(["sense", "against"])
    assert t.loc[("extent", "free"), "verdict"] == "never"
    runs = with_revenue({0: -1, 1: -0.01}, scatter=0.2)
    shift = runs.loc[runs["part"] == "end", "home_revenue"].groupby(runs["joined"]).mean().loc[1.0] + 0.01
    close = break_even_table(runs.assign(home_revenue=runs["home_revenue"] - shift), ["home_revenue"]).set_index(["sense", "against"])
    assert close.loc[("extent", "free"), "verdict"] == "unsettled"


@pytest.mark.parametrize(
    ("draws", "verdict", "place"), [(2, "unsettled", "unsettled"), (4, "unsettled", "unsettled"), (5, "never", "found")]
)
def test_too_few_draws_settle_no_break_even(draws, verdict, place):
    """Two draws lie on one side of zero by chance as often as not."""
    for levels, says in (({0: -1, 1: -0.5}, verdict), ({0: -1, 0.5: 0, 1: 1}, place)):
        runs = with_revenue(levels)
        t = break_even_table(runs[runs["draw"] < draws], ["home_revenue"]).set_index(["sense", "against"])
        assert t.loc[("extent", "free"), "verdict"] == says


# delay and fence


def test_delay_costs_its_slope():
    t = delay_table(a_study(), ["gap_added"])
    scale = np.mean([_scale(d) for d in range(24)])
    assert t["per_quarter"].iloc[0] == pytest.approx(-0.5 * scale)
    assert t.set_index("delay").loc[8.0, "change"] == pytest.approx(-4 * scale)


def test_allies_and_reach_are_told_to_be_substitutes_and_height_a_complement():
    t = interaction_table(a_study(), ["gap_added"]).set_index("term")
    assert t.loc["reach", "hi"] < 0
    assert t.loc["height", "lo"] > 0
    assert t.loc["domestic=0.9", "value"] > t.loc["fdp=0.9", "value"] > t.loc["fdp=0.3", "value"]


@pytest.mark.parametrize(
    ("value", "lo", "hi", "en", "zh"),
    [
        (0.07, 0.01, 0.14, "The exit of Japan from a full alliance takes 0.070", "日本退出完整联盟使差距减少0.070"),
        (-0.07, -0.14, -0.01, "The exit of Japan from a full alliance adds 0.070", "日本退出完整联盟使差距增加0.070"),
        (0.07, -0.01, 0.14, "No cost of the exit of Japan from a full alliance is shown", "未见日本退出完整联盟使差距受损"),
    ],
)
def test_an_exit_is_told_in_words_and_hedged_where_its_interval_holds_zero(value, lo, hi, en, zh):
    p = Participation(SimpleNamespace(ok=a_study(), outcomes=("gap_added", "home_revenue"), manifest={}))
    t = p.by_member.copy()
    t.loc[(t["kind"] == "exit") & (t["outcome"] == "gap_added") & (t["member"] == "JPN"), ["value", "lo", "hi"]] = value, lo, hi
    vars(p)["by_member"] = t
    assert en in " ".join(answer(p, words_of("en"))) and zh in "".join(answer(p, words_of("zh")))


# figures


def pictured(lang: str = "en") -> tuple[Participation, Context]:
    """The study, and what its figures need."""
    return Participation(SimpleNamespace(ok=a_study(), outcomes=("gap_added", "home_revenue"), manifest={})), Context(
        words_of(lang), (), "", {}, None
    )


@pytest.mark.parametrize(("lang", "points", "level"), [("en", "points", "%"), ("zh", "个百分点", "%")])
def test_what_differs_by_points_is_labelled_so_and_no_percentage(lang, points, level):
    p, ctx = pictured(lang)
    with style.styled():
        added = figures.members(p, ctx, list(p.headline)).axes[1].get_xlabel()
        heads = [t.get_text() for t in figures.contributions(p, ctx).axes[0].get_xticklabels()]
        later, allies, response = (draw(p, ctx).axes[1].get_ylabel() for draw in (figures.delay, figures.fence, figures.response))
    assert [added, later, allies, response] == [points, points, points, level]
    assert points in heads[1] and "%" not in heads[1]


def cells(p: Participation, ctx: Context) -> pd.DataFrame:
    """Text and weight of each cell of the figure of contributions, by row and column."""
    with style.styled():
        ax = figures.contributions(p, ctx).axes[0]
    found = [{"row": t.get_position()[1], "column": t.get_position()[0], "text": t.get_text(), "bold": t.get_weight()} for t in ax.texts]
    return pd.DataFrame(found).pivot(index="row", columns="column", values=["text", "bold"])


@pytest.mark.parametrize(("size", "shows", "weight"), [(0.03, "0.030", "bold"), (0.003, "0.003", "bold"), (1e-7, "0", "normal")])
def test_what_is_clear_is_bold_however_small_unless_it_is_shown_as_zero(size, shows, weight):
    """Of four members, the last adds two hundredths of what the first does, or less; all are clear."""
    p, ctx = pictured()
    t = p.by_member
    own = (t["kind"] == "shapley") & (t["outcome"] == "gap_added")
    vars(p)["by_member"] = t.assign(value=t["value"].mask(own & (t["member"] == "TWN"), size), clear=t["clear"] | own)
    shown = cells(p, ctx)
    assert shown["bold"].iloc[:, 0].tolist() == ["bold", "bold", "bold", weight]
    assert shown["text"].iloc[:, 0].tolist() == ["6.2", "2.9", "1.0", shows]


@pytest.mark.parametrize(("lang", "head"), [("en", "Home revenue (points)"), ("zh", "本国营收（个百分点）")])
def test_tables_of_figures_have_units_and_digits_that_tell(lang, head):
    """Revenue at home falls by less than the decimal of its unit with a quarter of delay; the last row is surely not nothing."""
    _, ctx = pictured(lang)
    t = pd.DataFrame({"outcome": "home_revenue", "delay": [0, 1, 8, 9], "change": [0.0, -0.0174, -0.14, -0.0004]})
    told = figures.twin(t.assign(lo=t["change"] * 1.5, hi=t["change"] * 0.5), ctx, ["delay"], "change")
    aside = ctx.words.aside
    texts = [("−0.02", "−0.03", "−0.01"), ("−0.14", "−0.21", "−0.07"), ("−0.0004", "−0.0006", "−0.0002")]
    assert told[head].tolist() == ["0.00", *(aside(v, ctx.words("interval", lo=lo, hi=hi)) for v, lo, hi in texts)]
    level = figures.twin(t.assign(mean=t["change"] * 100, lo=np.nan, hi=np.nan), ctx, ["delay"])
    assert level[aside(ctx.words.outcome("home_revenue"), "%")].tolist() == ["0.0", "−1.7", "−14.0", "0.0"]


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "is shown in the gap (+0.0004 generations [−0.0007 to 0.0016] a quarter"),
        ("zh", "未见推迟加入使差距受损（每季度+0.0004代［−0.0007至0.0016］"),
    ],
)
def test_a_delay_whose_cost_is_not_shown_keeps_its_sign(lang, says):
    p = Participation(SimpleNamespace(ok=a_study(), outcomes=("gap_added", "home_revenue"), manifest={}))
    t = p.delay.copy()
    t.loc[t["outcome"] == "gap_added", ["per_quarter", "per_quarter_lo", "per_quarter_hi"]] = 0.0004, -0.0007, 0.0016
    vars(p)["delay"] = t
    told = " ".join(answer(p, words_of(lang)))
    assert says.replace(" ", "") in told.replace(" ", "")


# design and report


def test_the_design_holds_every_part_and_shares_its_ends():
    plan, _ = plan_study("alliance", ["experiment.draws=2"])
    parts = pd.DataFrame([{**v.columns, "label": v.config.label} for v in plan.variants])
    assert set(parts["part"]) == {"free", "blanket", "end", "curve", "single", "exit", "delay", "fence"}
    assert (parts["part"] == "single").sum() == (parts["part"] == "exit").sum() == 14
    assert parts["label"].is_unique
    few, _ = plan_study("alliance", ["alliance.members=[JPN,NLD,DEU,TWN]", "experiment.draws=2"])
    assert sum(v.columns["part"] == "subset" for v in few.variants) == 6
    assert len({v.config.params for v in plan.variants}) == 1  # so that all share the path without controls


@pytest.mark.parametrize(
    ("words", "match"),
    [(["policy=history"], "brings its own alliance or none"), (["alliance.members=[JPN]", "alliance.order=[JPN]"], "two members or more")],
)
def test_a_study_that_makes_no_sense_is_refused(words, match):
    with pytest.raises(UserError, match=match):
        plan_study("alliance", words)


def test_what_only_allies_that_decide_would_read_is_not_drawn_and_nothing_else_moves():
    plan, settings = plan_study("alliance", ["experiment.draws=4"])
    told = manifest(plan, settings, [])
    drawn, own = set(told["uncertain"]), {name for name in uncertain() if name.startswith("accession.")}
    assert own and not drawn & own and drawn | own == set(uncertain())
    assert told["study"]["idle"] == [name for name in uncertain() if name in own]
    everything = replicates(settings.run.seed, 4, settings.experiment.seeds)
    assert [{k: v for k, v in r.values.items() if k not in own} for r in everything] == [r.values for r in plan.replicates]
    with_hubs, _ = plan_study("alliance", ["experiment.draws=4", "alliance.hubs=[SGP]"])
    assert not with_hubs.idle and own <= set(with_hubs.replicates[0].values)
    compared, _ = plan_study("compare", ["experiment=quick", "alliance=endogenous"])
    assert own <= set(compared.replicates[0].values)
    forced, _ = plan_study("compare", ["experiment=quick"])
    assert not own & set(forced.replicates[0].values) and set(forced.idle) == own
    assert [{k: v for k, v in r.values.items() if k not in own} for r in compared.replicates] == [r.values for r in forced.replicates]
    screened, _ = plan_stage("morris", [])
    assert set(screened.factors) == {*uncertain(), "alliance.participation", "policy.height"} - own


@pytest.mark.parametrize(
    "plan",
    [partial(plan_study, "alliance"), partial(plan_study, "compare"), partial(plan_stage, "saltelli")],
    ids=["alliance", "compare", "sensitivity"],
)
def test_a_parameter_that_cannot_act_is_refused_by_name(plan):
    with pytest.raises(UserError, match=r"^experiment\.uncertain: accession\.stake cannot act where no state decides .*; accepted: "):
        plan(["experiment.draws=4", "experiment.uncertain=[accession.stake,policy.height]"])


def test_what_is_not_drawn_has_no_effect_where_participation_is_forced():
    words = ["alliance=forced", "economy=small", "time.quarters=32"]
    silent = idle([compose(words).run])
    names = [name for name in REGISTRY if name in silent and isinstance(REGISTRY[name].default, float)]
    ends = [f"{name}={REGISTRY[name].hi if REGISTRY[name].default < REGISTRY[name].hi else REGISTRY[name].lo}" for name in names]
    assert len(names) > 10 and ecsim.run("small_yard", *words).outcomes == pytest.approx(
        ecsim.run("small_yard", *words, *ends).outcomes, nan_ok=True
    )


def ended(folder: Path, *, report: bool) -> tuple[Path, Conclusion]:
    """The end of the study, in a folder of its own, with one parameter that was not drawn."""
    a_study().to_parquet(folder / "runs.parquet")
    told = {"study": {"command": "alliance", "idle": ["accession.inclination"]}, "config": {"report": report, "time": {"quarters": 8}}}
    told |= {"supply": dict(zip(NAMES, (0.4, 0.3, 0.2, 0.1), strict=True))}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    return folder, conclude_alliance(Study(folder))


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """The study ended with its report, and the report in Chinese."""
    folder, said = ended(tmp_path_factory.mktemp("alliance"), report=True)
    return folder, said, {"en": folder / "report.html", "zh": write_alliance_report(folder, "zh")}


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "are not drawn: allies' inclination to join (accession.inclination)"), ("zh", "故不抽样：")]
)
def test_the_report_says_what_was_not_drawn(reported, lang, says):
    assert says in html.unescape(reported[2][lang].read_text(encoding="utf-8"))


@pytest.mark.parametrize(("lang", "title"), [("en", "Alliance participation under"), ("zh", "盟友参与")])
def test_the_report_holds_its_sections_in_both_languages(reported, lang, title):
    folder, _, pages = reported
    text = pages[lang].read_text(encoding="utf-8")
    assert title in text
    for key in ("response", "even", "members", "delay", "fence"):
        assert f'id="{key}"' in text
        assert (folder / ("figures" if lang == "en" else "figures-zh") / f"part_{key}.png").exists()
    assert 'src="http' not in text
    assert len(pd.read_csv(folder / "analysis" / "response.csv")) > 10


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        (
            "en",
            [
                "the last of them in part, until those",
                "by extent, members join one after the other, the last of them in part",
                "by intensity, all join in part",
            ],
        ),
        ("zh", ["（最后一个成员部分加入），直到", "按强度，全体部分加入"]),
    ],
)
def test_the_report_says_where_adoption_is_partial(reported, lang, says):
    text = html.unescape(reported[2][lang].read_text(encoding="utf-8"))
    assert all(x in text for x in says) and "sham adoption" not in text and "虚假的采纳" not in text


@pytest.mark.parametrize(("lang", "says"), [("en", "Who joins where by extent"), ("zh", "按广度，各成员在何处加入")])
def test_the_report_says_who_joins_where(reported, lang, says):
    text = html.unescape(reported[2][lang].read_text(encoding="utf-8"))
    assert says in text and "0.400 – 0.700" in text
    assert pd.read_csv(reported[0] / "analysis" / "joining.csv").set_index("member").loc["NLD", "joins_to"] == pytest.approx(0.7)


def test_the_chinese_report_says_who_contributes_and_not_on_whom_revenue_depends():
    p = Participation(SimpleNamespace(ok=a_study(subsets=True), outcomes=("gap_added", "home_revenue"), manifest={}))
    t = p.by_member.copy()
    t.loc[(t["outcome"] == "home_revenue") & (t["member"] == "JPN"), ["value", "lo", "hi"]] = 0.8, 0.7, 0.9
    vars(p)["by_member"] = t
    told = "".join(answer(p, words_of("zh")))
    assert "对本国营收贡献最大的是日本" in told and "最依赖" not in told


@pytest.mark.parametrize(("lang", "says"), [("en", "bars: where the mean is better"), ("zh", "条形：均值更优与更劣的范围")])
def test_the_foot_of_the_break_even_figure_says_what_its_bars_are(lang, says):
    p = Participation(SimpleNamespace(ok=a_study(), outcomes=("gap_added", "home_revenue"), manifest={}))
    fig = figures.break_even(p, Context(words_of(lang), (), "s", {}, None))
    assert says in " ".join(t.get_text().replace("\n", " ") for t in fig.findobj(Text))


@pytest.mark.parametrize("report", [True, False])
def test_the_study_ends_with_its_answer_and_its_tables(tmp_path, reported, report):
    folder, said = reported[:2] if report else ended(tmp_path, report=False)
    assert said.text.rstrip().endswith(f"Report:  {folder / 'report.html'}" if report else f"Results: {folder}")
    assert said.values["report"] == (str(folder / "report.html") if report else None) and (folder / "report.html").exists() is report
    even = {(r["outcome"], r["sense"], r["against"]): r for r in said.values["break_even"]}
    assert even["home_revenue", "extent", "free"]["participation"] == pytest.approx(0.5)
    assert {r["member"] for r in said.values["by_member"]} == set(NAMES) and said.values["thresholds"] and said.values["interaction"]


def test_the_command_says_that_draws_are_few():
    runs = a_study(4, subsets=True)
    study = analysed.Study(Path("nowhere"), runs, notes=(Note("study.few", {"n": 4, "few": 16}),))
    assert summary(Participation(study), words_of("en")).endswith("Run 16 or more before a number is cited.")


@pytest.mark.parametrize("part", ["end", "single", "free", "fence"])
def test_a_part_of_the_study_that_failed_is_no_traceback(tmp_path, part):
    """Without the ends there is nothing to measure against: one line. Of the rest, the report leaves out what is not there."""
    runs = a_study(4)
    lost = runs["part"] == part
    runs.assign(status=np.where(lost, "failed", "ok"), gap_added=runs["gap_added"].mask(lost)).to_parquet(tmp_path / "runs.parquet")
    (tmp_path / "manifest.json").write_text(json.dumps({"config": {"time": {"quarters": 8}}}))
    if part == "end":
        with pytest.raises(UserError, match="no run with nobody and with everybody succeeded"):
            write_alliance_report(tmp_path)
    else:
        assert write_alliance_report(tmp_path).exists()


def spoiled(folder: Path, lost: pd.Series, runs: pd.DataFrame) -> Conclusion:
    """The end of the study with these runs failed."""
    (folder / "manifest.json").write_text(
        json.dumps({"study": {"command": "alliance"}, "config": {"report": True, "time": {"quarters": 8}}}), encoding="utf-8"
    )
    values = {name: runs[name].mask(lost) for name in ("gap_added", "home_revenue")}
    runs.assign(status=np.where(lost, "failed", "ok"), reason="made to", **values).to_parquet(folder / "runs.parquet")
    return conclude_alliance(Study(folder))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "22 are used in the response by extent, 22 are used in break-even participation and 23 are used in delay"),
        ("zh", "24 组参数中，按广度的响应用了22组、盈亏平衡的参与度用了22组和延迟用了23组"),
    ],
)
def test_how_many_draws_lack_a_run_is_said_in_words(tmp_path, lang, says):
    runs = a_study()
    lost = (runs["policy"] == "e0.5") & runs["draw"].isin([3, 7]) | (runs["policy"] == "d4") & (runs["draw"] == 9)
    told = spoiled(tmp_path, lost, runs).text
    page = html.unescape(write_alliance_report(tmp_path, lang).read_text(encoding="utf-8"))
    assert says in page and (lang == "zh" or f"of 24 parameter draws, {says}." in told)
    assert "no run succeeded" not in page


def test_points_and_parts_without_a_run_are_named(tmp_path):
    runs = a_study()
    told = spoiled(tmp_path, (runs["part"] == "delay") | (runs["policy"] == "e0.5"), runs).text
    assert "For want of runs there are no numbers on delay." in told
    points = runs["policy"].nunique()
    assert f"At 4 of {points} points no run succeeded; they are not shown: e0.5; d0; d4; d8." in told
    assert "is left out of what needs that run" not in told  # the level is out of the curve as a whole


def test_a_whole_study_leaves_nothing_out(reported):
    assert "left out" not in reported[1].text and "no run succeeded" not in reported[1].text


@pytest.mark.parametrize("name", ["joining", "response", "thresholds", "break_even", "by_member", "delay", "fence", "interaction"])
def test_a_table_without_rows_has_its_header(tmp_path, reported, name):
    """The same columns whether anything could be computed or not: here there are the ends and nothing between them."""
    runs = a_study()
    spoiled(tmp_path, ~runs["part"].isin(["end", "free"]), runs)
    empty, full = (pd.read_csv(folder / "analysis" / f"{name}.csv") for folder in (tmp_path, reported[0]))
    assert not len(empty) and len(full)
    assert list(empty.columns) == list(full.columns)


def test_another_study_is_refused(tmp_path):
    a_study().drop(columns="part").to_parquet(tmp_path / "runs.parquet")
    with pytest.raises(UserError, match="no study of alliance participation"):
        load_participation(tmp_path)
