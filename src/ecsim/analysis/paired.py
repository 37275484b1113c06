"""Paired differences between policies on common replicates (draw, seed)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import draws_to_settle, holm, mean_interval, p_value, share_interval, snap
from ecsim.analysis.measures import comparable, measure

SETTLED = 0.05
BAND = (0.05, 0.95)


def pairs(runs: pd.DataFrame, outcome: str, a: str, b: str) -> pd.DataFrame:
    """The two policies side by side: one row a shared replicate with draw, seed, a, b and difference a - b.

    Args:
        runs: successful runs.
        outcome: column to compare.
        a, b: labels of policies.
    """
    keys = ["draw", "seed"]
    one = runs[runs["policy"] == a].groupby(keys)[outcome].mean().rename("a")
    two = runs[runs["policy"] == b].groupby(keys)[outcome].mean().rename("b")
    joined = pd.concat([one, two], axis=1, join="inner").reset_index()
    joined["difference"] = snap((joined["a"] - joined["b"]).to_numpy(), joined[["a", "b"]].abs().max(axis=1).to_numpy())
    return joined


def better_share(table: pd.DataFrame, outcome: str, better: int) -> pd.Series:
    """1 where a serves the controller better than b, 0 where not, NaN where it cannot be told."""
    a, b = (comparable(outcome, table[c].to_numpy()) for c in ("a", "b"))
    hit = (a > b) if better > 0 else (a < b)
    return pd.Series(np.where(np.isnan(a) | np.isnan(b), np.nan, hit.astype(float)), index=table.index)


def difference(runs: pd.DataFrame, outcome: str, a: str, b: str) -> dict[str, object]:
    """Everything that can be said of one outcome between two policies, as one row of the table of differences."""
    table = pairs(runs, outcome, a, b)
    m = measure(outcome)
    delta, draws = table["difference"].to_numpy(), table["draw"].to_numpy()
    mean = mean_interval(delta, draws, key=f"{outcome}|{a}|{b}")
    direction = m.better or (1 if mean.value >= 0 else -1)
    hits = better_share(table, outcome, direction)
    share = share_interval(hits.to_numpy(), draws)
    finite = delta[np.isfinite(delta)]
    lo, hi = np.quantile(finite, BAND) if len(finite) > 1 else (math.nan, math.nan)
    missing = int(len(delta) - len(finite))
    note = mean.note
    if missing:
        note = "; ".join(filter(None, [note, f"{missing} of {len(delta)} pairs have no value"]))
    return {
        "outcome": outcome,
        "unit": m.unit,
        "purpose": m.purpose,
        "better": m.better,
        "a": a,
        "b": b,
        "mean_a": _mean(table["a"]),
        "mean_b": _mean(table["b"]),
        "difference": mean.value,
        "lo": mean.lo,
        "hi": mean.hi,
        "method": mean.method,
        "q05": float(lo),
        "q95": float(hi),
        "p_better": share.value if m.better else math.nan,
        "p_better_lo": share.lo if m.better else math.nan,
        "p_better_hi": share.hi if m.better else math.nan,
        "holds": _same_sign(delta, draws, mean.value),
        "tied": float(np.mean(finite == 0)) if len(finite) else math.nan,
        "p": p_value(delta, draws),
        "pairs": len(table),
        "draws": mean.n,
        "more_draws": draws_to_settle(delta, draws),
        "variance_factor": variance_factor(table),
        "note": note,
    }


def variance_factor(table: pd.DataFrame) -> float:
    """How many times the variance of the mean difference would be larger without pairing, over the same draws.

    (var(a) + var(b)) / var(a - b), on the means by draw (on the replicates when there is one draw). NaN with
    fewer than two units; infinite when the difference is constant and the policies are not.
    """
    clean = table[np.isfinite(table["difference"])]
    by_draw = clean.groupby("draw")[["a", "b", "difference"]].mean()
    unit = by_draw if len(by_draw) > 1 else clean[["a", "b", "difference"]]
    if len(unit) < 2:
        return math.nan
    spread = unit.var(ddof=1)
    apart = float(spread["a"] + spread["b"])
    paired = float(spread["difference"])
    if paired <= 1e-24 * max(apart, 1e-300):
        return math.inf if apart > 0 else math.nan
    return apart / paired


def differences(runs: pd.DataFrame, outcomes: Iterable[str], contrasts: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """The table of differences, one row an outcome and contrast; p adjusted by Holm within each contrast.

    Columns besides those of `difference`: p_holm, and verdict: "clear" (interval on one side of zero and
    p_holm < 0.05), "suggestive" (interval only), "none shown" (interval holds zero), "same" (identical in
    every replicate), "no interval".
    """
    names = list(outcomes)
    parts = []
    for a, b in contrasts:
        rows = pd.DataFrame([difference(runs, o, a, b) for o in names])
        if len(rows):
            rows["p_holm"] = holm(rows["p"].to_numpy())
            rows["verdict"] = [_verdict(r) for r in rows.to_dict("records")]
            parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def contrasts_of(policies: Iterable[str]) -> list[tuple[str, str]]:
    """The contrasts of a study: every policy against no controls, then each pair of the others.

    The pair (small_yard, blanket) comes first when both are there.
    """
    labels = list(policies)
    active = [p for p in labels if p != "none"]
    found = list(itertools.combinations(active, 2))
    focal = focal_pair(labels)
    found.sort(key=lambda pair: pair != focal)
    against_none = [(p, "none") for p in active] if "none" in labels else []
    return found[:1] + against_none + found[1:]


def focal_pair(policies: Iterable[str]) -> tuple[str, str] | None:
    """The main contrast: small yard against blanket, or the first two policies that control something."""
    labels = list(policies)
    if "small_yard" in labels and "blanket" in labels:
        return "small_yard", "blanket"
    active = [p for p in labels if p != "none"]
    if len(active) > 1:
        return active[0], active[1]
    return (active[0], "none") if active and "none" in labels else None


def _verdict(row: dict[str, object]) -> str:
    lo, hi = float(row["lo"]), float(row["hi"])  # type: ignore[arg-type]
    if not (math.isfinite(lo) and math.isfinite(hi)):
        return "no interval"
    if lo == hi == 0:
        return "same"
    if lo <= 0 <= hi:
        return "none shown"
    return "clear" if float(row["p_holm"]) < SETTLED else "suggestive"  # type: ignore[arg-type]


def _same_sign(delta: np.ndarray, draws: np.ndarray, mean: float) -> float:
    """Share of replicates, each draw counting alike, in which the difference has the sign of its mean."""
    finite = np.isfinite(delta)
    if not finite.any() or not math.isfinite(mean):
        return math.nan
    return share_interval(np.where(finite, np.sign(delta) == np.sign(mean), np.nan), draws).value


def _mean(values: pd.Series) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan
