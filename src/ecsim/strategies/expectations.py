"""What a scenario was expected to show, held against what it showed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ecsim.errors import unknown
from ecsim.strategies.scenario import Expectation, Scenario


@dataclass(frozen=True)
class Verdict:
    """What became of one expectation.

    Attributes:
        expectation: what was expected.
        value: outcome of the scenario.
        reference: outcome of what it is held against.
        margin: difference below which the two are the same.
    """

    expectation: Expectation
    value: float
    reference: float
    margin: float

    @property
    def held(self) -> bool:
        """Whether it came as expected."""
        difference = self.value - self.reference
        return {
            "higher": difference > self.margin,
            "lower": difference < -self.margin,
            "same": abs(difference) <= self.margin,
        }[self.expectation.direction]

    def __str__(self) -> str:
        e = self.expectation
        return f"{'held' if self.held else 'missed'}: {e.outcome} {e.direction} than {e.against}: {self.value:.4g}, {self.reference:.4g}"


def check(scenario: Scenario, outcomes: Collection[str], runs: Collection[str]) -> None:
    """Refuse a scenario that expects something of an outcome that is none, or against a run that is none.

    Args:
        scenario: as read.
        outcomes: names of all outcomes.
        runs: names of all policies and scenarios that it can be held against.

    Raises:
        UserError: an unknown outcome or run; file, key and accepted names.
    """
    for number, e in enumerate(scenario.expect, start=1):
        for key, what, given, accepted in (("outcome", "outcome", e.outcome, outcomes), ("against", "policy or scenario", e.against, runs)):
            if str(given) not in accepted:
                raise unknown(f"{scenario.name}.yaml: expect[{number}]: {key}", what, given, accepted)


def judge(scenario: Scenario, outcomes: Mapping[str, Mapping[str, float]], margins: Mapping[str, float]) -> Iterator[Verdict]:
    """Hold the expectations of a scenario against runs of the same draw and seed.

    Args:
        scenario: as read.
        outcomes: label of a run (the scenario's own name, and each name that it is held against) -> outcome -> value.
        margins: outcome -> difference too small to count (`ecsim.outcomes.MARGIN` of its unit).

    Raises:
        UserError: a run or an outcome that an expectation needs is not there.
    """
    for e in scenario.expect:
        for label in (scenario.name, e.against):
            if label not in outcomes:
                raise unknown(f"{scenario.name}.yaml: expect", "run", label, outcomes)
            if e.outcome not in outcomes[label]:
                raise unknown(f"{scenario.name}.yaml: expect", "outcome", e.outcome, outcomes[label])
        yield Verdict(e, outcomes[scenario.name][e.outcome], outcomes[e.against][e.outcome], margins[e.outcome])
