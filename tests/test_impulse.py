"""The contract of every tool: it moves what it declares, as it declares; and no two kinds of tool do the same."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ecsim.impulse import INDICATORS, READ, Bench, Response, likeness, responses
from ecsim.tools import CATALOGUE

ACTING = [t.id for t in CATALOGUE.values() if t.makes]
PROPORTIONAL = 0.998  # cosine from which two responses count as proportional


@pytest.fixture(scope="module")
def found() -> dict[str, Response]:
    return responses()


def test_every_tool_that_acts_declares_what_it_moves() -> None:
    assert set(READ) == set(INDICATORS)
    for tool in CATALOGUE.values():
        assert bool(tool.expects) == bool(tool.makes), tool.id
    assert {what[1:] for t in CATALOGUE.values() for what in t.expects} == set(INDICATORS)


@pytest.mark.parametrize("name", ACTING)
def test_a_tool_moves_what_it_declares_as_it_declares(name: str, found: dict[str, Response]) -> None:
    response = found[name]
    assert response.as_declared(), {what: response.sign(what[1:]) for what in response.tool.expects}


def test_no_two_tools_of_different_class_or_layer_respond_in_proportion(found: dict[str, Response]) -> None:
    alike = [
        (one, other, likeness(found[one], found[other]))
        for one, other in combinations(ACTING, 2)
        if (CATALOGUE[one].cls, set(CATALOGUE[one].layers)) != (CATALOGUE[other].cls, set(CATALOGUE[other].layers))
    ]
    assert not [pair for pair in alike if abs(pair[2]) >= PROPORTIONAL]


def test_likeness_knows_proportional_responses(found: dict[str, Response]) -> None:
    visas, study = found["visa_refusal"], found["study_visit_limits"]
    assert likeness(visas, study) == pytest.approx(1.0, abs=0.01)  # of one class and layer: the same channel, other strength
    assert likeness(visas, visas) == pytest.approx(1.0)


def test_firms_are_hit_at_once_technology_in_the_middle_science_late(found: dict[str, Response]) -> None:
    """The order of reach of the first seed paper (section 2.2.3): listing firms, then knowledge, then universities."""

    def half(name: str, indicator: str) -> int:
        path = np.abs(found[name].change[indicator])
        return int(np.argmax(path >= path.max() / 2.0))

    firms, science = half("denial_order", "denied"), half("study_visit_limits", "science")
    assert firms <= 2 < science


def test_a_listed_university_loses_science_slowly_and_its_firms_nothing() -> None:
    from ecsim.impulse import TAKEN
    from ecsim.moves import Move

    bench = Bench()
    before, _ = bench._without
    listing = Move(
        quarter=TAKEN, actor="USA", verb="list", tool="denial_order", entities=("Beihang University", "Harbin Institute of Technology")
    )
    after, _ = bench._run([listing])
    loss = before["science"] - after["science"]
    assert loss[TAKEN] > 0 and np.all(np.diff(loss[TAKEN:]) > 0) and loss[-1] > 8 * loss[TAKEN]
    assert after["denied"] == pytest.approx(before["denied"], rel=0.02)
    assert after["tech"][-1] < before["tech"][-1]
