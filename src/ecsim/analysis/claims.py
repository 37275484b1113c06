"""The claims of docs/claims.md as declared tests over parameters and seeds.

Each claim names the arms (groups of runs) that it compares and conditions on sums of outcomes over arms. A
claim holds in a replicate when all its conditions hold there; the verdict rests on the share of replicates,
each draw counting alike. Wording is in the text catalogues under "claim.<key>" and "claim.<key>.test".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import Estimate, share_interval
from ecsim.analysis.factorial import factors_of
from ecsim.analysis.study import participation

HOLDS, MIXED, FAILS, NOT_TESTED = "holds", "mixed", "fails", "not tested"
MOSTLY = 0.8  # share from which "holds" is said, and below one minus which "fails"
HALF = 0.5  # the interval must lie on one side of it
SOMETIMES = 0.05  # for "can": the share must surely be above this
NO_GAP = 0.1  # generations: one quarter of frontier progress counts as no gap


@dataclass(frozen=True)
class Arm:
    """A group of runs.

    Attributes:
        labels: policies that will do, the first found is taken.
        corner: factor -> "low" or "high", the corner of the factorial that is the same package; used when no label is found. A factor left
            out would be pooled over, and the arm be another than its labels name.
        joined: range of forced participation; used when neither is found.
    """

    labels: tuple[str, ...] = ()
    corner: Mapping[str, str] = field(default_factory=dict)
    joined: tuple[float, float] | None = None


@dataclass(frozen=True)
class Condition:
    """Sum over arms of weight times outcome is above a bound."""

    outcome: str
    weights: Mapping[str, float]
    above: float = 0.0


@dataclass(frozen=True)
class Claim:
    """A claim: arms, conditions that must all hold, and whether it says "can" instead of "does"."""

    key: str
    arms: Mapping[str, Arm]
    conditions: tuple[Condition, ...]
    can: bool = False


NONE = Arm(("none",))
SMALL_YARD = {"scope": "low", "height": "high"}  # its corner of the factorial: narrow and high

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "half_joined",
        {"half": Arm(("half_joined",), joined=(0.3, 0.7)), "none": NONE},
        (Condition("gap_mean", {"half": -1, "none": 1}), Condition("home_revenue", {"half": -1, "none": 1})),
        can=True,
    ),
    Claim(
        "full_cheaper",
        {"full": Arm(("full_joined",), joined=(0.95, 1.0)), "alone": Arm(("none_joined",), joined=(0.0, 0.05))},
        (Condition("home_revenue", {"full": 1, "alone": -1}),),
    ),
    Claim(
        "chips_only",
        {"chips": Arm(("chips_only",)), "none": NONE},
        (Condition("home_revenue", {"chips": -1, "none": 1}), Condition("gap_mean", {"chips": -1, "none": 1}, above=-NO_GAP)),
    ),
    Claim(
        "sliding",
        {"sliding": Arm(("small_yard_sliding",)), "fixed": Arm(("small_yard_fixed", "small_yard", "small_yard+fdp")), "none": NONE},
        (
            Condition("gap_mean", {"fixed": 0.5, "none": 0.5, "sliding": -1}),
            Condition("gap_mean", {"fixed": 1, "none": -1}),
            Condition("unmet_need", {"fixed": 1, "sliding": -1}),
        ),
    ),
    Claim(
        "fdp",
        {
            "neither": Arm(("small_yard_alone", "none_joined"), SMALL_YARD | {"reach": "low", "coalition": "low"}),
            "fdp": Arm(("small_yard+fdp",), SMALL_YARD | {"reach": "high", "coalition": "low"}),
            "allies": Arm(("small_yard+allies",), SMALL_YARD | {"reach": "low", "coalition": "high"}),
            "both": Arm(("small_yard+allies+fdp",), SMALL_YARD | {"reach": "high", "coalition": "high"}),
        },
        (
            Condition("unmet_need", {"fdp": 1, "neither": -1}),
            Condition("unmet_need", {"both": -1, "allies": 1, "fdp": 1, "neither": -1}),
            Condition("leverage", {"fdp": -1, "neither": 1}),
        ),
    ),
    Claim(
        "width",
        {"wide": Arm(("wide_low", "blanket")), "none": NONE},
        (Condition("self_sufficiency", {"wide": 1, "none": -1}), Condition("gap_mean", {"wide": -1, "none": 1}, above=-NO_GAP)),
    ),
)


def claims_table(runs: pd.DataFrame, claims: tuple[Claim, ...] = CLAIMS) -> pd.DataFrame:
    """The verdict on each claim: claim, verdict, share, lo, hi, draws, pairs, conditions (share of each), missing, note."""
    return pd.DataFrame([_test(claim, runs) for claim in claims])


def select(runs: pd.DataFrame, arm: Arm) -> pd.DataFrame:
    """The runs of an arm; empty when the study has none."""
    for label in arm.labels:
        rows = runs[runs["policy"] == label]
        if len(rows):
            return rows
    factors = factors_of(runs)
    if arm.corner and all(f in factors for f in arm.corner):
        keep = np.logical_and.reduce([runs[f] == factors[f][0 if end == "low" else 1] for f, end in arm.corner.items()])
        return runs[keep]
    level = participation(runs)
    if arm.joined is not None and level is not None:
        lo, hi = arm.joined
        rows = runs[(level >= lo) & (level <= hi)]
        return rows[rows["sense"] == "extent"] if "sense" in rows and (rows["sense"] == "extent").any() else rows
    return runs.iloc[:0]


def missing_of(claim: Claim, runs: pd.DataFrame) -> list[str]:
    """Arms and outcomes that a claim needs and the runs lack."""
    arms = [name for name, arm in claim.arms.items() if select(runs, arm).empty]
    return list(dict.fromkeys([*arms, *(c.outcome for c in claim.conditions if c.outcome not in runs)]))


def hits_of(claim: Claim, runs: pd.DataFrame) -> pd.DataFrame:
    """Whether each condition of a claim holds, one row a replicate (draw, seed) that all arms share, one column a condition."""
    return margins_of(claim, runs) > 0


def margins_of(claim: Claim, runs: pd.DataFrame) -> pd.DataFrame:
    """By how much each condition holds (positive) or does not, in the unit of its outcome; rows and columns as `hits_of`."""
    arms = {name: select(runs, arm) for name, arm in claim.arms.items()}
    sums = pd.concat([_sum(c, arms) for c in claim.conditions], axis=1, join="inner").dropna()
    return sums - np.array([c.above for c in claim.conditions])


def _test(claim: Claim, runs: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {
        "claim": claim.key,
        "verdict": NOT_TESTED,
        "share": np.nan,
        "lo": np.nan,
        "hi": np.nan,
        "draws": 0,
        "pairs": 0,
    }
    row |= {"conditions": "", "missing": "", "note": ""}
    missing = missing_of(claim, runs)
    if missing:
        return row | {"missing": ", ".join(missing)}
    hits = hits_of(claim, runs)
    if hits.empty:
        return row | {"note": "the arms share no replicate"}
    draws = hits.index.get_level_values("draw").to_numpy()
    share = share_interval(hits.all(axis=1).to_numpy(dtype=float), draws)
    each = "; ".join(f"{c.outcome} {h:.0%}" for c, h in zip(claim.conditions, hits.mean(axis=0), strict=True))
    row |= {
        "share": share.value,
        "lo": share.lo,
        "hi": share.hi,
        "draws": share.n,
        "pairs": len(hits),
        "conditions": each,
        "note": share.note,
    }
    return row | {"verdict": verdict(share, claim.can)}


def verdict(share: Estimate, can: bool) -> str:
    """What the share of replicates says: mostly, seldom, or in between; without an interval nothing is said."""
    if not share.has_interval:
        return NOT_TESTED
    if can:
        return HOLDS if share.lo > SOMETIMES else FAILS if share.value == 0 and share.hi < HALF else MIXED
    if share.value >= MOSTLY and share.lo > HALF:
        return HOLDS
    return FAILS if share.value <= 1 - MOSTLY and share.hi < HALF else MIXED


def _sum(condition: Condition, arms: dict[str, pd.DataFrame]) -> pd.Series:
    """The condition's sum in each replicate (runs of an arm in one replicate are averaged)."""
    parts = [w * arms[name].groupby(["draw", "seed"])[condition.outcome].mean() for name, w in condition.weights.items()]
    return pd.concat(parts, axis=1, join="inner").sum(axis=1, skipna=False).rename(f"{condition.outcome} {dict(condition.weights)}")
