"""Fitting the process of documents: simulated moments with common random numbers, constants solved inside.

Twenty-three constants (levels, one cost an instrument) answer one published total each and are solved by fixed point.
Five parameters of mechanisms are then fitted to the yearly numbers by least squares, each residual in units of its
target's tolerance. Path dependence and the pull of anxiety are not fitted: `likelihood` tests them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from ecsim.analysis.documents.summary import QUARTERS, Summary, coverage, summarise
from ecsim.analysis.documents.targets import AUTHORITY, CAPACITY, DATED
from ecsim.documents.anxiety import anxiety_path
from ecsim.documents.effects import inherited_stock
from ecsim.documents.instruments import N_INSTRUMENTS, by_class, instruments
from ecsim.documents.luck import Luck
from ecsim.documents.process import DocumentProcess, process_of, simulate
from ecsim.economy import Array
from ecsim.params import Params

DOCUMENTS, CODES, GOALS = 184, 1071, 798  # W1, W4, W13
ISSUED = (99.0, 66.0, 19.0)  # W14
SECURITY = 630.0 / 798.0  # W10
FIT_SEEDS = range(200)
ROUNDS = 3  # of the fixed point; the third changes no share by more than 0.1 point
MEAN_ANXIETY = 0.65  # of 2018-2025, for the opening guess of the constants
REFERENCE = "licensing"  # the instrument whose cost is zero

CONSTANTS = ("rate", "congress", "others", "clauses", "goals", "security", *(f"cost_{i.id}" for i in instruments() if i.id != REFERENCE))
MECHANISMS = ("rate_anxiety", "rate_election", "saturation", "security_anxiety", "security_house")
TESTED = ("path_dependence", "tilt")  # the hypotheses of the paper: path dependence, and anxiety's pull to coercion
# Where the search starts: neutral values, not those of the registry, so that a fit from the repository is a fit.
START = {"rate_anxiety": 1.0, "rate_election": 0.2, "saturation": 0.4, "security_anxiety": 3.0, "security_house": -1.0}
BOUNDS = {
    "rate_anxiety": (0.0, 6.0),
    "rate_election": (0.0, 1.0),
    "saturation": (0.0, 1.5),
    "security_anxiety": (0.0, 15.0),
    "security_house": (-5.0, 0.0),
}
LEVELS = {  # and the constants other than costs: the published totals themselves
    "rate": DOCUMENTS / QUARTERS,
    "clauses": CODES / DOCUMENTS,
    "goals": (GOALS - DOCUMENTS) / (CODES - DOCUMENTS),  # every document states one at least
    "congress": math.log(ISSUED[1] / ISSUED[0]),
    "others": math.log(ISSUED[2] / ISSUED[0]),
    "security": math.log(SECURITY / (1.0 - SECURITY)),
}
YEARLY = {
    "W2": (26.0, 3.0),
    "W3": (34.0, 3.0),
    "D1": (113.0, 8.0),
    "W7": (43.0, 4.0),
    "W8": (20.0, 4.0),
    "W11": (60.0, 5.0),
    "W12": (95.0, 3.0),
}
PATTERN_TOLERANCE = 4.0  # percentage points by which W9 may fail on the mean path at the cost of one tolerance
CURVATURE = 0.75  # how far the costs must move further than the shares, per unit of feedback


@dataclass(frozen=True)
class Fit:
    """A fitted process.

    Attributes:
        params: with all fitted values.
        summary: its ensemble on the seeds of the fit.
        residuals: (7 + 15,) yearly numbers and statements of W9, in units of tolerance.
        evaluations: parameter sets simulated.
    """

    params: Params
    summary: Summary
    residuals: Array
    evaluations: int

    @property
    def misfit(self) -> float:
        """Sum of squared residuals."""
        return float(self.residuals @ self.residuals)

    @property
    def values(self) -> dict[str, float]:
        """Fitted values by name in the group `documents`."""
        return {name: float(getattr(self.params.documents, name)) for name in (*MECHANISMS, *CONSTANTS)}


def with_documents(params: Params, values: Mapping[str, float]) -> Params:
    """The parameters with other values in the group `documents`, ranges not enforced (a search may pass them)."""
    numbers: dict[str, Any] = dict(values)
    return replace(params, documents=replace(params.documents, **numbers))


def ensemble(params: Params, luck: Luck, measure: str = "gerd") -> Summary:
    """The statistics of 2018-2025 on historical anxiety, under the paper's sample."""
    path = anxiety_path(params, QUARTERS, measure)
    return summarise(simulate(process_of(params), luck, path, 0.0, coverage()), luck.runs)


def solve_constants(params: Params, luck: Luck, measure: str = "gerd", rounds: int = ROUNDS) -> tuple[Params, Summary]:
    """The constants that bring the published totals about, mechanisms given, and the ensemble under them."""
    params = with_documents(params, {**LEVELS, **_opening_costs(params)})
    for _ in range(rounds):
        params = with_documents(params, _better_constants(params, ensemble(params, luck, measure)))
    return params, ensemble(params, luck, measure)


def _counts() -> Array:
    return np.array([float(i.count) for i in instruments()])


def _named_costs(costs: Array) -> dict[str, float]:
    reference = [i.id for i in instruments()].index(REFERENCE)
    return {f"cost_{i.id}": float(c) for i, c in zip(instruments(), costs - costs[reference], strict=True) if i.id != REFERENCE}


def _opening_costs(params: Params) -> dict[str, float]:
    """A first guess: published shares, corrected for the mean pull of stocks and anxiety."""
    process, count = DocumentProcess(params), _counts()
    stock = np.log1p(0.5 * inherited_stock(params) + 0.35 * count)
    return _named_costs(process.terms.feedback * stock + params.documents.tilt * MEAN_ANXIETY * process.terms.coercion - np.log(count))


def _better_constants(params: Params, s: Summary) -> dict[str, float]:
    d, count = params.documents, _counts()
    step = np.clip(1.0 - CURVATURE * DocumentProcess(params).terms.feedback, 0.3, 2.0)
    short = np.log(count / count.sum()) - np.log(np.maximum(s.instrument_shares.mean(axis=0) / 100.0, 2e-4))
    costs = np.array([getattr(d, f"cost_{i.id}", 0.0) for i in instruments()])
    documents, codes = s.documents.sum(axis=1).mean(), s.codes.sum(axis=(1, 2)).mean()
    issued, goals = s.issuers.mean(axis=0), s.goals.sum(axis=1)
    secure = float(np.clip((goals[:, 0] / goals.sum(axis=1)).mean(), 0.02, 0.98))
    return {
        **_named_costs(costs - step * short),
        "rate": d.rate * DOCUMENTS / documents,
        "clauses": 0.5 + (d.clauses - 0.5) * (CODES / DOCUMENTS) / (codes / documents),
        "congress": d.congress + float(np.log(ISSUED[1] / ISSUED[0]) - np.log(issued[1] / issued[0])),
        "others": d.others + float(np.log(ISSUED[2] / ISSUED[0]) - np.log(issued[2] / issued[0])),
        "security": d.security + 1.5 * float(np.log(SECURITY / (1.0 - SECURITY)) - np.log(secure / (1.0 - secure))),
    }


def yearly(s: Summary) -> dict[str, Array]:
    """The numbers to which mechanisms are fitted, (R,) each."""
    return {
        "W2": s.year(s.by_year, 2020),
        "W3": s.year(s.by_year, 2024),
        "D1": s.documents[:, :DATED].sum(axis=1),
        "W7": s.year(s.class_shares, 2018)[:, CAPACITY],
        "W8": s.year(s.class_shares, 2025)[:, CAPACITY],
        "W11": s.year(s.security, 2020),
        "W12": s.year(s.security, 2025),
    }


def residuals(s: Summary) -> Array:
    """Distance of the ensemble mean from the yearly numbers and from W9, in tolerances."""
    numbers = [(np.nanmean(values) - YEARLY[key][0]) / YEARLY[key][1] for key, values in yearly(s).items()]
    codes = s.codes.sum(axis=0)
    classes = 100.0 * by_class(codes) / codes.sum(axis=1, keepdims=True)
    lead = classes[:, AUTHORITY] - np.delete(classes, AUTHORITY, axis=1).max(axis=1)
    short = [-lead[1:], 30.0 - classes[1:, AUTHORITY], lead[:1]]
    return np.concatenate([numbers, np.maximum(np.concatenate(short), 0.0) / PATTERN_TOLERANCE])


def fit(params: Params, luck: Luck | None = None, measure: str = "gerd", fixed: Mapping[str, float] | None = None) -> Fit:
    """Fit all constants and mechanisms.

    Args:
        params: everything that is not fitted, the tested hypotheses included.
        luck: random numbers; those of the seeds of the fit by default.
        measure: measure of power behind anxiety.
        fixed: parameters held at a value; mechanisms among them are not fitted.
    """
    luck = luck or Luck(FIT_SEEDS, keep=True)
    held = dict(fixed or {})
    names = [m for m in MECHANISMS if m not in held]
    bounds = np.array([BOUNDS[m] for m in names])
    base = with_documents(params, {**START, **held})

    def distance(x: Array) -> Array:
        tried = with_documents(base, dict(zip(names, x.tolist(), strict=True)))
        return residuals(solve_constants(tried, luck, measure)[1])

    start = np.array([START[m] for m in names])
    found = least_squares(distance, start, bounds=bounds.T, x_scale=np.abs(start), diff_step=0.1, xtol=3e-3, ftol=3e-3, max_nfev=12)
    best, summary = solve_constants(with_documents(base, dict(zip(names, found.x.tolist(), strict=True))), luck, measure, rounds=2 * ROUNDS)
    return Fit(best, summary, residuals(summary), int(found.nfev) * (len(names) + 1))


assert len(CONSTANTS) == 6 + N_INSTRUMENTS - 1
