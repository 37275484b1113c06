"""Scenario discovery on a stored study: cases are its draws, factors its drawn parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from ecsim.analysis.discovery.prim import Box, find_box
from ecsim.analysis.discovery.robust import robustness_table
from ecsim.analysis.discovery.tree import Leaf, grow
from ecsim.analysis.measures import HEADLINE, measure
from ecsim.analysis.paired import focal_pair, paired
from ecsim.analysis.study import NO_CONTROL, Study, load_study
from ecsim.economy import Array
from ecsim.errors import UserError, unknown

QUESTIONS = ("gap_added", "home_revenue", "power_ratio_change")
WORST = 0.2  # of the draws: where a policy does least well, asked where it never or always fails otherwise
BOXES = ["policy", "outcome", "against", "floor", "cases", "failed", "density", "coverage", "mass", "factor", "lo", "hi", "p", "again"]
FEWEST = 5  # failures, and draws without, that conditions of failure can be told from


@dataclass(frozen=True)
class Question:
    """What counts as failure.

    Attributes:
        policy: whose.
        outcome: in which respect.
        against: a policy that it should do better than; or None.
        floor: a value that it should reach; used where there is no `against`.
        beaten: where the floor is that of the policy's own worst draws: share of draws in which it does worse than `other`.
        other: the policy that it was first held against, with `beaten`.
    """

    policy: str
    outcome: str
    against: str | None = None
    floor: float | None = None
    beaten: float | None = None
    other: str = ""


@dataclass(frozen=True, eq=False)
class Finding:
    """The conditions of failure.

    Attributes:
        question: what was asked.
        cases: how many draws.
        failed: share of them in which the policy fails.
        box: of PRIM, None where it cannot be asked.
        trajectory: coverage, density and mass of its peels.
        leaves: of the tree, best first; None without scikit-learn.
        accuracy: of the tree, cross-validated.
        note: why there is no box.
    """

    question: Question
    cases: int
    failed: float
    box: Box | None
    trajectory: Array
    leaves: list[Leaf] | None
    accuracy: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class Discovery:
    """The findings of one study.

    Attributes:
        study: its stored runs.
        wanted: what is asked of it.
        strict: ask just that, even where the policy never or always fails.
        taken: why this policy, where the user named none: "main" (the main contrast) or "first" (that controls something); else nothing.
    """

    study: Study
    wanted: tuple[Question, ...]
    strict: bool = True
    taken: str = ""

    @property
    def others(self) -> tuple[str, ...]:
        """Policies or points that could be asked about too."""
        return tuple(p for p in self.study.policies if p not in (NO_CONTROL, self.wanted[0].policy))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is asked; in place of what has one answer in nearly all draws, where the policy does least well."""
        return self.wanted if self.strict else tuple(self._open(q) for q in self.wanted)

    def _open(self, q: Question) -> Question:
        _, failed = self.cases(q)
        if q.against is None or not len(failed) or min(failed.sum(), (~failed).sum()) >= FEWEST:
            return q
        better = measure(q.outcome).better
        own = self.study.ok.loc[self.study.ok["policy"] == q.policy].groupby("draw")[q.outcome].mean().dropna() * better
        if own.nunique() < 2 * FEWEST:
            return q
        return Question(q.policy, q.outcome, None, better * float(own.quantile(WORST)), float(failed.mean()), q.against)

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """What was drawn and varies."""
        runs = self.study.ok
        names = list(self.study.parameters)
        by_draw = runs.groupby("draw")[names].nunique()
        return tuple(n for n in names if pd.api.types.is_numeric_dtype(runs[n]) and (by_draw[n] <= 1).all() and runs[n].nunique() > 2)

    def values(self, q: Question) -> pd.Series:
        """The outcome by draw, less that of the policy that it should do better than, if there is one (mean over seeds)."""
        runs = self.study.ok
        if q.against is None:
            return runs[runs["policy"] == q.policy].groupby("draw")[q.outcome].mean().dropna()
        pairs = paired(runs, [q.outcome], q.policy, q.against)
        return pd.Series(pairs.delta(q.outcome)).groupby(pairs.draws).mean().dropna()

    def cases(self, q: Question) -> tuple[pd.DataFrame, Array]:
        """Factors by draw, and whether the policy fails there (mean over seeds)."""
        better, values = measure(q.outcome).better, self.values(q)
        failed = better * values < better * edge(q)
        table = self.study.ok.groupby("draw")[list(self.factors)].first().loc[failed.index]
        return table, failed.to_numpy()

    def axes(self, f: Finding) -> tuple[str, ...]:
        """The two factors of a picture: those that matter most to the box, then those that tell failures apart best among draws in it.

        One where only one was drawn.
        """
        table, failed = self.cases(f.question)
        bounds = f.box.bounds if f.box is not None else ()
        inside = np.ones(len(table), dtype=bool)
        for b in bounds:
            inside &= table[b.factor].between(b.lo, b.hi).to_numpy()
        known = inside if 0 < failed[inside].sum() < inside.sum() else np.ones_like(inside)  # draws of both kinds, to tell apart
        rest = [n for n in self.factors if n not in {b.factor for b in bounds}]
        rest.sort(key=lambda n: -_apart(table.loc[known, n].to_numpy(dtype=float), failed[known]))
        named = [*(b.factor for b in bounds), *rest]
        return tuple(named[:2])

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """One for each question."""
        return tuple(self._ask(q) for q in self.questions)

    def _ask(self, q: Question) -> Finding:
        table, failed = self.cases(q)
        share = float(failed.mean()) if len(failed) else float("nan")
        x = table.to_numpy(dtype=float)
        try:
            if not self.factors:
                raise UserError("discover: nothing was drawn in this study; accepted: one with experiment.draws=100 or more")
            box, trajectory = find_box(self.factors, x, failed)
        except UserError as error:
            return Finding(
                q, len(failed), share, None, np.zeros((0, 3)), None, float("nan"), str(error).split(";")[0].removeprefix("discover: ")
            )
        grown = grow(self.factors, x, failed)
        leaves, accuracy = grown if grown is not None else (None, float("nan"))
        return Finding(q, len(failed), share, box, trajectory, leaves, accuracy)

    @cached_property
    def robustness(self) -> pd.DataFrame:
        """See `robustness_table`, over the headline outcomes."""
        return robustness_table(self.study.core, self.study.core_policies, [o for o in HEADLINE.values() if o in self.study.ok])

    def write(self, folder: Path) -> None:
        """Store the boxes and the robustness table as CSV.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {"policy": f.question.policy, "outcome": f.question.outcome, "against": f.question.against, "floor": f.question.floor}
            | {"cases": f.cases, "failed": f.failed, "density": f.box.density, "coverage": f.box.coverage, "mass": f.box.mass}
            | {"factor": b.factor, "lo": b.lo, "hi": b.hi, "p": b.p, "again": b.again}
            for f in self.findings
            if f.box is not None
            for b in f.box.bounds
        ]
        pd.DataFrame(rows, columns=BOXES).to_csv(folder / "boxes.csv", index=False, lineterminator="\n")
        self.robustness.to_csv(folder / "robustness.csv", index=False, lineterminator="\n")


def edge(q: Question) -> float:
    """The value beyond which the policy fails: its floor, or no difference."""
    return 0.0 if q.against is not None else float(q.floor or 0.0)


def _apart(values: Array, failed: Array) -> float:
    """How far the chance that a failure has the larger value of two draws, one of each kind, is from one half."""
    ranks, n = stats.rankdata(values), int(failed.sum())
    return abs((ranks[failed].sum() / n - (n + 1) / 2) / (len(values) - n) - 0.5)


def load_discovery(
    folder: Path | str, outcomes: Sequence[str] = (), policy: str = "", against: str = "", floor: float | None = None
) -> Discovery:
    """The stored study of a results folder, with questions.

    Args:
        folder: results folder of a comparison or sweep with draws.
        outcomes: in which respects; empty for gap, revenue at home and power.
        policy: whose failure; by default the first of the main contrast (small yard), or the first that controls.
        against: what it should do better than; by default the second (blanket), unless there is a floor.
        floor: a value that it should reach, in place of `against`.

    Raises:
        UserError: no such study, policy or outcome, or an outcome without a direction.
    """
    study = load_study(folder)
    if study.ok["draw"].nunique() < 2:
        raise UserError(f"{folder}: one draw of the parameters tells no condition; accepted: a study with experiment.draws=100 or more")
    taken = "" if policy else "main" if focal_pair(study.core_policies, study.free) else "first"
    policy, other = _sides(study, policy, against, floor)
    asked = list(outcomes) or [o for o in QUESTIONS if o in study.ok]
    _check_asked(study, policy, other, asked)
    if floor is not None and not (math.isfinite(floor) and outcomes):
        raise UserError(f"discover: --floor: {floor:g} is no value of an outcome; accepted: a number, with --outcome (in its unit)")
    strict = bool(outcomes or against or floor is not None)
    if other is None and floor is None:
        floor = 0.0
    return Discovery(study, tuple(Question(policy, o, other, None if other else floor) for o in asked), strict, taken)


def _sides(study: Study, policy: str, against: str, floor: float | None) -> tuple[str, str | None]:
    """Whose failure, and what it should do better than; None where a floor says what failure is, or there is nothing else."""
    first, second = focal_pair(study.core_policies, study.free) or (next((p for p in study.policies if p != NO_CONTROL), NO_CONTROL), None)
    policy = policy or first
    if against:
        return policy, against
    return policy, second if floor is None and second != policy else None


def _check_asked(study: Study, policy: str, other: str | None, outcomes: Sequence[str]) -> None:
    """Refuse what the study cannot tell.

    Raises:
        UserError: no such policy or outcome, a policy against itself, or an outcome without a direction.
    """
    folder = study.folder
    for key, value in (("policy", policy), ("against", other)):
        if value is not None and value not in study.policies:
            raise unknown(f"{folder}: --{key}", "policy", value, study.policies)
    if other == policy:
        raise UserError(f"discover: --against: '{policy}' is held against itself; accepted: another policy of the study")
    for outcome in outcomes:
        if outcome not in study.outcomes:
            raise unknown(str(folder), "outcome", outcome, study.outcomes)
        if not measure(outcome).better:
            raise UserError(
                f"discover: no direction of '{outcome}' is a failure; accepted: an outcome with a direction (describe outcomes)"
            )
