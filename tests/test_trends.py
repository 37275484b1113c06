"""The report on the four trends, and comparisons of any policy, response and alliance with any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecsim import cli
from ecsim.analysis.trends import EMERGES, OPEN, REVERSES, UNSEEN, trend_table
from ecsim.composing import choices
from ecsim.errors import UserError
from ecsim.experiment.studies import plan_study
from ecsim.experiment.trend_arms import ARMS
from ecsim.params import Params
from ecsim.strategies.trends import TRENDS

YEARS = ("trend_grounds@2023", "trend_alliances@2023", "trend_domains@2023", "trend_next_frontier@2023", "trend_tailored@2023")


def runs(**changes: list[float]) -> pd.DataFrame:
    """A stored study of one arm."""
    n = len(next(iter(changes.values())))
    return pd.DataFrame({"arm": "a", **{f"trend_{t}@2025": changes.get(t, [np.nan] * n) for t in TRENDS}})


def test_a_verdict_needs_the_whole_interval_on_one_side() -> None:
    table = trend_table(runs(grounds=[0.19, 0.2, 0.21], domains=[-1.0, 1.0, 0.1], next_frontier=[0.5, 0.6, 0.7])).set_index("trend")
    assert table["verdict"].to_dict() == {
        "grounds": EMERGES,
        "alliances": UNSEEN,
        "domains": OPEN,
        "next_frontier": REVERSES,  # the paper has thresholds fall
        "tailored": UNSEEN,
    }
    assert table.loc["grounds", ["runs", "share"]].tolist() == [3, 1.0] and table.loc["next_frontier", "share"] == 0.0
    assert table.loc["grounds", "lo"] <= 0.2 <= table.loc["grounds", "hi"] and (table["year"] == "2025").all()


def test_two_runs_that_agree_are_no_verdict() -> None:
    """Of two runs an interval by resampling is the runs themselves, and leaves chance out."""
    row = trend_table(runs(grounds=[0.1, 0.3])).set_index("trend").loc["grounds"]
    assert row["verdict"] == OPEN and row["lo"] < 0.0 < row["hi"]


def test_a_verdict_counts_how_many_trends_were_looked_at() -> None:
    luck = [0.1, 0.3, 0.5, -0.02, 0.2, 0.25]
    alone = trend_table(runs(grounds=luck)).set_index("trend").loc["grounds"]
    others = {t: [-0.4, 0.3, 0.5, -0.2, 0.2, -0.25] for t in TRENDS if t != "grounds"}
    among = trend_table(runs(grounds=luck, **others)).set_index("trend").loc["grounds"]
    assert (alone["verdict"], among["verdict"]) == (EMERGES, OPEN)
    assert among["p_holm"] == pytest.approx(len(TRENDS) * alone["p"])


def test_one_run_tells_no_trend_from_chance() -> None:
    row = trend_table(runs(grounds=[0.2])).set_index("trend").loc["grounds"]
    assert row["change"] == 0.2 and row["verdict"] == OPEN and np.isnan([row["lo"], row["hi"]]).all()


def test_each_arm_switches_off_what_it_names() -> None:
    plan, _ = plan_study("trends", [])
    by_arm = {v.columns["arm"]: v.config for v in plan.variants}
    assert list(by_arm) == [*ARMS, "history"]
    assert by_arm["all on"].params == Params()
    assert by_arm["no path dependence"].params.government.path_dependence == 0 == by_arm["neither"].params.government.anxiety
    assert all(by_arm[arm].policy.kind == "endogenous" == by_arm[arm].alliance.mode for arm in ARMS)
    with pytest.raises(UserError, match="each arm brings its own policy"):
        plan_study("trends", ["policy=blanket"])


@pytest.mark.slow
def test_the_report_says_which_trends_emerge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["economy=small", "time.quarters=24", "experiment.seeds=2", "experiment.workers=1", f"experiment.yearly=[{','.join(YEARS)}]"]
    assert cli.main(["trends", *words, f"out={tmp_path / 'r'}"]) == 0
    told = capsys.readouterr().out
    table = pd.read_csv(tmp_path / "r" / "trends.csv")
    assert len(table) == len(TRENDS) * (len(ARMS) + 1) and set(table["verdict"]) <= {EMERGES, REVERSES, OPEN, UNSEEN}
    assert (
        "2 runs an arm are few" in told
        and all(name in told for name in TRENDS)
        and (tmp_path / "r" / "trends.md").read_text(encoding="utf-8").startswith("# Trends")
    )


def labels(*words: str) -> list[str]:
    return [v.config.label for v in plan_study("compare", list(words))[0].variants]


def test_any_policy_response_and_alliance_is_set_against_any() -> None:
    assert labels("policy=endogenous,small_yard") == ["endogenous", "small_yard"]
    assert labels("policies=[none,endogenous]") == ["none", "endogenous"]
    assert labels("policy=small_yard", "response=none,second_paper") == ["small_yard+no response", "small_yard+second_paper"]
    assert labels("policy=endogenous,blanket", "alliance=endogenous,none") == [
        "endogenous+endogenous",
        "endogenous+no alliance",
        "blanket+endogenous",
        "blanket+no alliance",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["policy=endogenous,small_yrd"], "policy: unknown choice 'small_yrd'; did you mean 'small_yard'"),
        (["policy=small_yard,blanket", "innovation.stretch=1,2"], "innovation.stretch: several values"),
        (["policy=small_yard"], "such as policy=none,small_yard"),
        (["alliance=endogenus,none"], "alliance: unknown choice 'endogenus'"),
    ],
)
def test_a_slip_in_a_comparison_is_one_clear_line(words: list[str], says: str) -> None:
    with pytest.raises(UserError) as refusal:
        plan_study("compare", words)
    assert says in str(refusal.value) and "\n" not in str(refusal.value)


def test_the_groups_hold_the_choosing_players() -> None:
    made: dict[str, Any] = {group: choices(group) for group in ("policy", "response", "alliance")}
    assert "endogenous" in made["policy"] and "endogenous" in made["alliance"]
    assert {"first_paper", "second_paper"} <= set(made["response"])
