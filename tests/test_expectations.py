"""What policies and scenarios show on the shipped economy, held against what was expected of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from ecsim.config import compose
from ecsim.course import RunResult
from ecsim.errors import UserError
from ecsim.model import ExportControlModel
from ecsim.outcomes import MARGIN, OUTCOMES
from ecsim.strategies.expectations import judge
from ecsim.strategies.scenario import Expectation, Scenario, load, scenario_names
from ecsim.strategies.settings import ScenarioConfig
from ecsim.yearly import YEARLY

MARGINS = {name: MARGIN[outcome.unit] for name, outcome in OUTCOMES.items()}
TOOLS = ("lithography", "deposition_etch", "process_control", "other_tools")

# Expectations that the model does not bear out; docs/decisions/policy.md says why.
MISSED = {
    ("dutch_exit", "ally_revenue"),
    ("dutch_exit", "gap_foundry"),
    ("fdp_only", "ally_revenue"),
    ("fdp_only", "leverage"),
    ("licensing_tiers", "diverted"),
    ("licensing_tiers", "home_revenue"),
    ("licensing_tiers", "third_revenue"),
    ("small_yard_2022", "gap_accelerators"),
    ("small_yard_2022", "gap_foundry"),
    ("three_country_coalition", "backfilled"),
    ("truce_2025", "gap_accelerators"),
}


def story(*rows: Expectation) -> Scenario:
    return Scenario("mine", {}, {}, "", (), (), {}, rows)


@pytest.mark.parametrize(
    ("direction", "value", "held"),
    [
        ("higher", 1.1, True),
        ("higher", 1.01, False),
        ("lower", 0.9, True),
        ("lower", 1.0, False),
        ("same", 1.02, True),
        ("same", 1.1, False),
    ],
)
def test_a_difference_counts_from_the_margin_of_its_unit_on(direction: str, value: float, held: bool) -> None:
    scenario = story(Expectation("gap_foundry", direction, "none", ""))
    verdict = next(judge(scenario, {"mine": {"gap_foundry": value}, "none": {"gap_foundry": 1.0}}, MARGINS))
    assert verdict.held is held and str(verdict).startswith("held" if held else "missed")


def test_a_run_or_an_outcome_that_is_missing_is_named() -> None:
    scenario = story(Expectation("gap_foundry", "higher", "none", ""))
    with pytest.raises(UserError, match=r"mine\.yaml: expect: unknown run 'none'"):
        list(judge(scenario, {"mine": {"gap_foundry": 1.0}}, MARGINS))
    with pytest.raises(UserError, match="unknown outcome 'gap_foundry'"):
        list(judge(scenario, {"mine": {}, "none": {}}, MARGINS))


def test_every_unit_has_a_margin_and_no_margin_is_of_an_unknown_unit() -> None:
    assert set(MARGIN) == {x.unit for x in (*OUTCOMES.values(), *YEARLY.values())} and min(MARGIN.values()) > 0


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_expectation_of_any_outcome_can_be_judged(outcome: str) -> None:
    wanted = story(Expectation(outcome, "higher", "none", ""), Expectation(outcome, "same", "none", ""))
    verdicts = list(judge(wanted, {"mine": {outcome: 2030.0}, "none": {outcome: 2020.0}}, MARGINS))
    assert [v.held for v in verdicts] == [True, False]


def model(*words: str) -> ExportControlModel:
    return ExportControlModel.from_config(compose(words).run)


@cache
def result(*words: str) -> RunResult:
    return model(*words).run()


@pytest.mark.slow
@pytest.mark.parametrize("name", scenario_names())
def test_scenarios_show_what_is_expected_of_them_but_for_the_known_misses(name: str) -> None:
    scenario = load(ScenarioConfig(name=name))
    labels = {name, *(e.against for e in scenario.expect)}
    runs = {x: result(f"scenario={x}" if x in scenario_names() else f"policy={x}").outcomes for x in labels}
    missed = {(name, v.expectation.outcome) for v in judge(scenario, runs, MARGINS) if not v.held}
    assert missed == {m for m in MISSED if m[0] == name}


def revenue(r: RunResult, company: str, year: int) -> tuple[float, float]:
    """Revenue of a company in a year, and on the path without controls."""
    column, span = r.economy.companies.index(company), slice(4 * (year - 2018), 4 * (year - 2017))
    return tuple(float(x["company_revenue"][span, column].sum()) for x in (r.record.tracks, r.baseline.tracks))  # type: ignore[return-value]


def test_the_small_yard_leaves_phones_and_mature_chips_alone() -> None:
    r = result("policy=small_yard")
    for company in ("Huawei", "HiSilicon", "Xiaomi", "Hua Hong", "SMIC"):
        with_controls, without = revenue(r, company, 2030)
        assert with_controls == pytest.approx(without, rel=0.05)
    assert r.outcomes["challenger_revenue"] > -2.0


def unmet(m: Any, company: str, makes: str) -> float:
    """Unmet share of a company's orders for tools, in what it makes of one product."""
    e, w = m.economy, m.world
    rows = [row for row in e.company_rows[company] if e.products[e.product[row]] == makes]
    slots = np.isin(e.slot_firm, rows) & np.isin(e.slot_input, [e.product_index[t] for t in TOOLS])
    return float((w.unmet * w.ordered)[slots].sum() / w.ordered[slots].sum())


def test_in_history_mature_plants_get_their_tools_and_advanced_ones_do_not() -> None:
    m = model("policy=history")
    while m.quarter < 4 * 7:  # to the end of 2024
        m.step()
    assert unmet(m, "SMIC", "foundry_mature") < 0.15
    assert unmet(m, "Hua Hong", "foundry_mature") < 0.15
    assert unmet(m, "SMIC", "foundry_advanced") > 0.3


def test_in_history_smic_grows_and_huawei_falls_only_when_the_direct_product_rule_bites() -> None:
    r = result("policy=history")
    assert revenue(r, "SMIC", 2024)[0] > 1.2 * revenue(r, "SMIC", 2018)[0]
    assert r.outcomes["huawei_2020"] == pytest.approx(3.8, abs=8.0)
    assert r.outcomes["huawei_2021"] == pytest.approx(-28.5, abs=10.0)
