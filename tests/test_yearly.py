"""Outcomes by year: what they are, held against the tracks and moves that they come from."""

from __future__ import annotations

import pytest

import ecsim
from ecsim.errors import UserError
from ecsim.yearly import YEARLY, check, parse

EXAMPLES = (
    "sales_to_challenger:tools:USA@2019",
    "sales_to_challenger:tools:all@2019",
    "imports:tools:foreign@2019",
    "imports:tools:JPN@2019",
    "imports:tools:JPN@2020/2019",
    "imports:tools:JPN@2020",
    "import_share:tools:JPN@2019",
    "home_share:tools:USA@2019",
    "home_made:tools:USA@2019",
    "world_share:lithography:NLD@2019",
    "world_share:lithography:all@2019",
    "world_share_made:memory:CHN@2019",
    "level:foundry_advanced:CHN@2019Q4",
    "gap:foundry_advanced:CHN@2019Q4",
    "self_sufficiency:tools@2019",
    "revenue:Huawei@2020/2019",
    "output:Huawei@2020",
    "rd_intensity:Huawei@2019",
    "listed_rd_intensity@2020",
    "listed_output@2020",
    "listed_rd_effect@2020",
    "listed_output_effect@2020",
    "listed_entities@2019",
    "listed_outside@2019",
    "rules_in_force@2020",
    "adopted:NLD@2019",
    "adopted:KOR@2019",
    "adoption_year:NLD@2018",
    "adoption_lag:NLD@2019Q3",
    "retaliation_lag@2018",
    "reversal_lag:USA@2018",
    *(f"trend_{name}@2021" for name in ("grounds", "alliances", "domains", "next_frontier", "tailored")),
)


@pytest.fixture(scope="module")
def run():
    words = ",".join(f"'{text}'" for text in EXAMPLES)
    return ecsim.run("history", "time.quarters=16", "economy=small", f"experiment.yearly=[{words}]")


def test_every_outcome_has_an_example() -> None:
    assert {parse(text, "").outcome.name for text in EXAMPLES} == set(YEARLY)


def test_parts_and_wholes_agree(run) -> None:
    x = run.outcomes
    assert 0 < x["sales_to_challenger:tools:USA@2019"] < x["sales_to_challenger:tools:all@2019"]
    assert 0 < x["imports:tools:JPN@2019"] < x["imports:tools:foreign@2019"] < x["sales_to_challenger:tools:all@2019"]
    assert x["import_share:tools:JPN@2019"] == pytest.approx(100 * x["imports:tools:JPN@2019"] / x["imports:tools:foreign@2019"])
    assert x["imports:tools:JPN@2020/2019"] == pytest.approx(x["imports:tools:JPN@2020"] / x["imports:tools:JPN@2019"])
    assert x["world_share:lithography:all@2019"] == pytest.approx(100)
    assert 50 < x["world_share:lithography:NLD@2019"] < 100
    assert all(0 < x[f"{name}@2019"] < 100 for name in ("home_share:tools:USA", "home_made:tools:USA", "self_sufficiency:tools"))


def test_a_gap_is_the_track_of_the_gap(run) -> None:
    series = run.series
    row = series[(series["name"] == "gap") & (series["key"] == "foundry_advanced") & (series["quarter"] == 7)]
    assert run.outcomes["gap:foundry_advanced:CHN@2019Q4"] == pytest.approx(float(row["value"].iloc[0]))


def test_revenue_by_year_is_the_outcome_of_the_target(run) -> None:
    assert 100 * (run.outcomes["revenue:Huawei@2020/2019"] - 1) == pytest.approx(run.outcomes["huawei_2020"])


def test_dates_are_those_of_the_script(run) -> None:
    x = run.outcomes
    assert x["adoption_year:NLD@2018"] == 2019.5  # the licence for EUV withheld from July 2019
    assert x["adopted:NLD@2019"] == 1
    assert x["adopted:KOR@2019"] == 0
    assert x["reversal_lag:USA@2018"] == 3.0  # the denial order on ZTE, April to July 2018


def test_what_is_not_asked_for_is_not_recorded() -> None:
    plain = ecsim.run("none", "time.quarters=4", "economy=small")
    assert "cell_to_challenger" not in plain.result.record.tracks
    assert not any("@" in name for name in plain.outcomes)
    asked = ecsim.run("none", "time.quarters=4", "economy=small", "experiment.yearly=['imports:tools:JPN@2018']")
    assert "cell_to_challenger" in asked.result.record.tracks
    assert {name: value for name, value in asked.outcomes.items() if "@" not in name} == pytest.approx(plain.outcomes, nan_ok=True)


def test_what_the_command_line_refuses_is_refused_from_python_too() -> None:
    for text, says in (("JPN@2030", "2030 is not in the run; accepted: 2018 to 2018"), ("XXX@2018", "unknown state 'XXX'")):
        with pytest.raises(ecsim.UserError, match=says):
            ecsim.run("none", "time.quarters=4", "economy=small", f"experiment.yearly=['imports:tools:{text}']")
    with pytest.raises(ecsim.UserError, match="unknown product 'nothing'"):
        ecsim.build_model("none", "economy=small", "experiment.yearly=[imports:nothing:JPN@2019]")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("imports:tols:JPN@2019", "unknown product 'tols'; did you mean 'tools'?"),
        ("imports:tools:JP@2019", "unknown state 'JP'; did you mean 'JPN'?"),
        ("output:Huwei@2019", "unknown company 'Huwei'; did you mean 'Huawei'?"),
        ("imports:tools:JPN@2031", "2031 is not in the run; accepted: 2018 to 2021"),
        ("gap:tools:CHN@2019", "unknown product 'tools'"),
    ],
)
def test_a_slip_is_named(run, text, told) -> None:
    with pytest.raises(UserError, match="experiment.yearly") as error:
        check([text], run.result.economy, 2018, 2021, "experiment.yearly")
    assert told in str(error.value)
