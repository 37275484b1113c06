"""Paired differences between policies on common replicates (draw, seed)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import NOTHING, ROUNDING, draws_to_settle, holm, mean_interval, p_value, share_interval, snap, units
from ecsim.analysis.measures import comparable, measure
from ecsim.economy import Array

SETTLED = 0.05
BAND = (0.05, 0.95)
MOST_IN_CONTRAST = 4  # policies
CLEAR, SUGGESTIVE = "clear", "suggestive"
APART = (CLEAR, SUGGESTIVE)  # verdicts on what differs


@dataclass(frozen=True, eq=False)
class Pairs:
    """Two policies side by side on the replicates that both have.

    Attributes:
        draws: label of the draw, shape n.
        a, b: outcome -> values, shape n.
    """

    draws: Array
    a: dict[str, Array]
    b: dict[str, Array]

    def delta(self, outcome: str) -> Array:
        """a - b without rounding errors, NaN where either has no value."""
        a, b = self.a[outcome], self.b[outcome]
        return snap(a - b, np.maximum(np.abs(a), np.abs(b)))


def paired(runs: pd.DataFrame, outcomes: Iterable[str], a: str, b: str) -> Pairs:
    """The shared replicates of two policies; a replicate that occurs twice under one policy gives its mean.

    Args:
        runs: successful runs.
        outcomes: columns wanted.
        a, b: labels of policies.
    """
    names = list(outcomes)
    one, two = (runs[runs["policy"] == p].groupby(["draw", "seed"])[names].mean() for p in (a, b))
    shared = one.index.intersection(two.index).sort_values()
    one, two = one.loc[shared], two.loc[shared]
    return Pairs(shared.get_level_values("draw").to_numpy(), *({n: t[n].to_numpy(dtype=float) for n in names} for t in (one, two)))


def better(p: Pairs, outcome: str, direction: int) -> Array:
    """1 where a serves the controller better than b, 0 where not, NaN where it cannot be told; shape n."""
    a, b = (comparable(outcome, side[outcome]) for side in (p.a, p.b))
    hit = (a > b) if direction > 0 else (a < b)
    return np.where(np.isnan(a) | np.isnan(b), np.nan, hit.astype(float))


def difference(p: Pairs, outcome: str, a: str, b: str) -> dict[str, Any]:
    """Everything that can be said of one outcome between two policies, as one row of the table of differences."""
    m = measure(outcome)
    delta, draws = p.delta(outcome), p.draws
    mean = mean_interval(delta, draws, key=f"{outcome}|{a}|{b}")
    share = share_interval(better(p, outcome, m.better), draws) if m.better else NOTHING
    finite = delta[np.isfinite(delta)]
    lo, hi = np.quantile(finite, BAND) if len(finite) > 1 else (math.nan, math.nan)
    missing = len(delta) - len(finite)
    notes = [mean.note, f"{missing} of {len(delta)} pairs have no value" if missing else ""]
    return {
        "outcome": outcome,
        "unit": m.unit,
        "purpose": m.purpose,
        "better": m.better,
        "a": a,
        "b": b,
        "mean_a": _mean(p.a[outcome]),
        "mean_b": _mean(p.b[outcome]),
        "difference": mean.value,
        "lo": mean.lo,
        "hi": mean.hi,
        "method": mean.method,
        "q05": float(lo),
        "q95": float(hi),
        "p_better": share.value,
        "p_better_lo": share.lo,
        "p_better_hi": share.hi,
        "holds": _same_sign(delta, draws, mean.value),
        "tied": float(np.mean(finite == 0)) if len(finite) else math.nan,
        "p": p_value(delta, draws),
        "pairs": len(delta),
        "replicates": len(finite),
        "draws": mean.n,
        "more_draws": draws_to_settle(delta, draws),
        "variance_factor": variance_factor(p.a[outcome], p.b[outcome], draws),
        "note": "; ".join(n for n in notes if n),
    }


def variance_factor(a: Array, b: Array, draws: Array) -> float:
    """How many times the variance of the mean difference would be larger without pairing, over the same draws.

    (var(a) + var(b)) / var(a - b), on the means by draw (on the replicates when there is one draw). NaN with
    fewer than two units; infinite when the difference is constant and the policies are not.

    Args:
        a, b: outcome under the two policies in the same replicates, shape n.
        draws: shape n.
    """
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < 2:
        return math.nan
    one, two = (units(x[known], draws[known])[0] for x in (a, b))
    if len(one) < 2:
        return math.nan
    apart = float(one.var(ddof=1) + two.var(ddof=1))
    together = float((one - two).var(ddof=1))
    if together <= ROUNDING**2 * apart:
        return math.inf if apart > 0 else math.nan
    return apart / together


def differences(runs: pd.DataFrame, outcomes: Iterable[str], contrasts: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """The table of differences, one row an outcome and contrast; p adjusted by Holm within each contrast.

    Columns besides those of `difference`: p_holm, and verdict: "clear" (interval on one side of zero and
    p_holm < 0.05), "suggestive" (interval only), "none shown" (interval holds zero), "same" (identical in
    every replicate), "no interval".
    """
    names = list(outcomes)
    parts = []
    for a, b in contrasts:
        shared = paired(runs, names, a, b)
        rows = pd.DataFrame([difference(shared, o, a, b) for o in names])
        if len(rows):
            rows["p_holm"] = holm(rows["p"].to_numpy())
            rows["verdict"] = [graded(r["lo"], r["hi"], r["p_holm"]) for r in rows.to_dict("records")]
            parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def contrasts_of(policies: Iterable[str], free: Container[str] = ()) -> list[tuple[str, str]]:
    """The contrasts of a study: every policy against no controls, then each pair of the others.

    The main one (`focal_pair`) comes first.
    """
    labels = list(policies)
    active = [p for p in labels if p != "none"]
    found = list(itertools.combinations(active, 2))
    focal = focal_pair(labels, free)
    found.sort(key=lambda pair: pair != focal)
    against_none = [(p, "none") for p in active] if "none" in labels else []
    return found[:1] + against_none + found[1:]


def focal_pair(policies: Iterable[str], free: Container[str] = ()) -> tuple[str, str] | None:
    """The main contrast: the first two policies that control something, in the order in which they were named.

    Of more than `MOST_IN_CONTRAST` it is the small yard and blanket controls; None without that pair, for then no pair is the question,
    and where there is one policy.

    Args:
        policies: labels.
        free: those without controls by another name than "none", which are in the contrast only where no two others are.
    """
    labels = list(policies)
    active = [p for p in labels if p != "none"]
    controlling = [p for p in active if p not in free]
    active = controlling if len(controlling) > 1 else active
    if len(labels) > MOST_IN_CONTRAST:
        active = [p for p in active if p in ("small_yard", "blanket")]
        return (active[0], active[1]) if len(active) > 1 else None
    if len(active) > 1:
        return active[0], active[1]
    return (active[0], "none") if active and "none" in labels else None


def graded(lo: float, hi: float, p_holm: float) -> str:
    """What an interval and a p adjusted for the tests beside it say together: see `differences`."""
    if not (math.isfinite(lo) and math.isfinite(hi)):
        return "no interval"
    if lo == hi == 0:
        return "same"
    if lo <= 0 <= hi:
        return "none shown"
    return CLEAR if p_holm < SETTLED else SUGGESTIVE


def _same_sign(delta: Array, draws: Array, mean: float) -> float:
    """Share of replicates, each draw counting alike, in which the difference has the sign of its mean."""
    finite = np.isfinite(delta)
    if not finite.any() or not math.isfinite(mean):
        return math.nan
    return share_interval(np.where(finite, np.sign(delta) == np.sign(mean), np.nan), draws).value


def _mean(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan
