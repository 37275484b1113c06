"""Every number that the registry accepts can be run: at both ends of what it takes, nothing is undefined, and no quantity is negative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from ecsim import config, population
from ecsim.course import Course
from ecsim.data.longrun import load_series
from ecsim.economy import Economy, array_fields
from ecsim.errors import UserError
from ecsim.longrun.inputs import inputs
from ecsim.longrun.layer import Layer
from ecsim.params import REGISTRY, ParamInfo, Params
from ecsim.world import World

SHORT = ("economy=small", "time.quarters=24")
PLAYS: Mapping[str, tuple[str, ...]] = {
    "history": ("policy=history",),
    "endogenous": ("policy=endogenous", "alliance=endogenous", "response=first_paper"),
}
CHOOSING = ("documents.", "government.", "accession.", "counsel.")  # what only governments that choose read
LEFT_OUT: Mapping[tuple[str, str], str] = {
    ("time.quarters", "least"): "outcomes of single years and of change have no value in one quarter",
    ("population.n_firms", "most"): "a million firms take half an hour",
}
"""Ends that are not run here, and why."""
OPEN: Mapping[str, str] = {
    "parity_year": "no number where parity is not reached",
    "supplier_return": "no number where Huawei is not listed",
    "supplier_revenue": "likewise",
}
"""Outcomes that may be undefined."""
SOLVED = 1e-9
AMOUNTS = tuple(
    f.name for f in array_fields(World) if f.metadata["unit"] in ("USD bn", "USD bn/quarter", "quarters") and f.name != "surplus"
)
SHARES = (
    *("passing", "degraded", "diverted", "barred", "weight", "anchor", "fill", "input_limit", "cover", "fresh", "unmet", "critical"),
    *("final_share", "final_anchor", "final_passing", "closed", "listed", "lost_sales", "shed", "content", "tool_use", "detection"),
    *("threat", "anxiety", "dissatisfaction"),
)


def ends() -> list[tuple[str, str]]:
    """Every parameter that is a number, at the least and the most that it accepts."""
    return [(name, end) for name, info in REGISTRY.items() if info.accepted for end in ("least", "most") if (name, end) not in LEFT_OUT]


def value_at(info: ParamInfo, end: str) -> float:
    assert info.accepted is not None
    return info.accepted[0 if end == "least" else 1]


@cache
def configured(play: str) -> config.RunConfig:
    return config.compose([*SHORT, *PLAYS[play]]).run


@cache
def built(params: Any, time: Any) -> Economy:
    return population.build(replace(Params(), population=params, time=time))


def wrong_in(w: World) -> list[str]:
    """What no run may come to."""
    found = [f"{f.name} is not finite" for f in array_fields(World) if not np.isfinite(getattr(w, f.name)).all()]
    found += [f"{name} is negative" for name in (*AMOUNTS, "price", "market_value", "power") if getattr(w, name).min() < -SOLVED]
    return found + [f"{name} is no share" for name in SHARES if getattr(w, name).min() < -SOLVED or getattr(w, name).max() > 1.0 + SOLVED]


def play_out(run: config.RunConfig) -> dict[str, float]:
    """Outcomes of a run that was looked at in every quarter."""
    course = Course.from_config(run, economy=built(run.params.population, run.params.time))
    while not course.finished:
        course.step()
        assert not wrong_in(course.world), course.quarter
    return course.result().outcomes


@pytest.mark.slow
@pytest.mark.parametrize(("name", "end"), [(n, e) for n, e in ends() if not n.startswith("long.")])
def test_nothing_is_undefined_or_negative_at_the_ends_of_what_is_accepted(name: str, end: str) -> None:
    usual = configured("endogenous" if name.startswith(CHOOSING) else "history")
    outcomes = play_out(replace(usual, params=usual.params.with_values({name: value_at(REGISTRY[name], end)})))
    assert not [key for key, value in outcomes.items() if not math.isfinite(value) and key not in OPEN]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "end"), [(n, e) for n, e in ends() if n.startswith("long.")])
def test_the_long_history_holds_there_too(name: str, end: str) -> None:
    params = Params().with_values({name: value_at(REGISTRY[name], end)})
    path = Layer(inputs(load_series(), params), params).run()
    for key in ("strictness", "anxiety", "coalition", "beside"):
        found = getattr(path, key)
        assert np.isfinite(found).all() and found.min() >= -SOLVED and found.max() <= 1.0 + SOLVED, key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("permission.detection", 1.0), ("production.order_time", 0.0), ("production.scarcity_hi", 0.0), ("market.growth_fade", 0.0)],
        *[("market.demand_noise_memory", 1.9), ("innovation.practice", 0.0), ("innovation.absorption_distance", 0.0)],
        *[("innovation.ceiling_sharpness", 0.0), ("innovation.vintage_speed", 0.0), ("innovation.rd_ratio_hi", 0.0)],
        *[("permission.fdp_max", 1.2), ("permission.degraded_share", 1.7), ("adaptation.redesign_floor", 1.8), ("power.parity_lo", 1.0)],
        *[("permission.persons_reach", 1.2), ("production.price_speed", 1.8), ("production.substitution", 0.0)],
    ],
)
def test_what_the_equations_do_not_bear_is_refused_with_the_bounds(name: str, value: float) -> None:
    lowest, highest = REGISTRY[name].accepted or (0.0, 0.0)
    with pytest.raises(UserError) as error:
        config.compose([f"{name}={value}"])
    told = str(error.value)
    assert "\n" not in told and f"{name}: {value:g} is out of range" in told and told.endswith(f"at most {lowest:g} to {highest:g}")


def test_a_range_is_told_once_where_all_that_is_plausible_is_all_that_is_taken() -> None:
    with pytest.raises(UserError) as error:
        config.compose(["time.quarters=0"])
    assert str(error.value) == "configuration: time.quarters: 0 is out of range; accepted: 1 to 400 quarters"


def test_plausible_values_and_defaults_lie_within_what_is_accepted() -> None:
    for name, info in REGISTRY.items():
        if info.accepted and info.lo is not None and info.hi is not None:
            lowest, highest = info.accepted
            assert lowest <= info.lo <= info.default <= info.hi <= highest, name
