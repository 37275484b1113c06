"""Effect against cost: the Pareto front, regret, and policies compared at equal revenue cost at home."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import LEVEL, generator, widened
from ecsim.analysis.measures import HEADLINE, measure
from ecsim.analysis.study import NO_CONTROL

COST = "home_revenue"
EFFECTS = ("gap_added", "power_ratio_change", "unmet_need")
RESAMPLES = 1999
COST_STEPS = 9
NARROW = 0.02  # of the widest range of cost: what is shared below this is nothing
REACHED = 0.9  # share of resamples in which a family must reach a cost for its interval to be shown


def pareto_front(effect: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Which points are on the front: no other has at least the effect at no more cost, and one of them strictly.

    Args:
        effect: shape n, more is better.
        cost: shape n, less is better. Points with a NaN are never on the front.

    Returns:
        Boolean, shape n.
    """
    effect, cost = np.asarray(effect, dtype=float), np.asarray(cost, dtype=float)
    known = np.isfinite(effect) & np.isfinite(cost)
    as_good = (effect[:, None] >= effect) & (cost[:, None] <= cost)
    strictly = (effect[:, None] > effect) | (cost[:, None] < cost)
    beaten = (as_good & strictly & known[:, None]).any(axis=0)
    return np.asarray(known & ~beaten)


def cost_of(runs: pd.DataFrame, outcome: str = COST) -> pd.Series:
    """Cost as a positive number: the loss in an outcome of which more is better (home revenue by default)."""
    return -measure(outcome).better * runs[outcome]


def effect_of(runs: pd.DataFrame, outcome: str) -> pd.Series:
    """Effect with more serving the controller."""
    return (measure(outcome).better or 1) * runs[outcome]


def pareto_table(runs: pd.DataFrame, effect: str, cost: str = COST) -> pd.DataFrame:
    """Mean effect and cost of each policy and whether it is on the front: policy, effect, cost, front.

    Effects are turned so that more serves the controller; costs so that less does.
    """
    points = pd.DataFrame({"policy": runs["policy"], "draw": runs["draw"], "effect": effect_of(runs, effect), "cost": cost_of(runs, cost)})
    table = points.groupby(["policy", "draw"], sort=False)[["effect", "cost"]].mean().groupby("policy", sort=False).mean().reset_index()
    table["front"] = pareto_front(table["effect"].to_numpy(), table["cost"].to_numpy())
    return table


def regret_table(runs: pd.DataFrame, policies: Iterable[str], outcomes: Iterable[str] | None = None) -> pd.DataFrame:
    """Regret of each policy by outcome: how far it falls short of the best policy in the same replicate.

    Returns:
        policy, outcome, unit, regret (mean), worst (largest over draws), relative (mean regret over the mean
        spread between the best and the worst policy, 0..1).
    """
    labels = list(policies)
    names = list(outcomes) if outcomes is not None else [o for o in HEADLINE.values() if o in runs]
    rows = []
    for outcome in names:
        turned = runs.assign(value=effect_of(runs, outcome))
        wide = turned[turned["policy"].isin(labels)].pivot_table(index=["draw", "seed"], columns="policy", values="value").dropna()
        if wide.empty:
            continue
        wide = wide.groupby("draw").mean()
        short = wide.max(axis=1).to_numpy()[:, None] - wide
        spread = float((wide.max(axis=1) - wide.min(axis=1)).mean())
        for policy in (p for p in labels if p in wide):
            mean = float(short[policy].mean())
            relative = mean / spread if spread > 0 else 0.0
            rows.append(
                {
                    "policy": policy,
                    "outcome": outcome,
                    "unit": measure(outcome).unit,
                    "regret": mean,
                    "worst": float(short[policy].max()),
                    "relative": relative,
                }
            )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Family:
    """Policies of one kind at rising intensity, on shared draws.

    Attributes:
        name: name of the family.
        intensity: shape I, rising; starts at 0 when no controls are in the study.
        cost, effect: shape I x D, means by draw.
    """

    name: str
    intensity: np.ndarray
    cost: np.ndarray
    effect: np.ndarray


def families_of(runs: pd.DataFrame, effect: str, cost: str = COST) -> list[Family]:
    """The families of a study (columns `family` and `intensity` of the runs), on the draws that all points share.

    Runs of no controls are the point of intensity 0 of every family.
    """
    if "family" not in runs or "intensity" not in runs:
        return []
    table = runs.assign(x=effect_of(runs, effect), c=cost_of(runs, cost), intensity=pd.to_numeric(runs["intensity"], errors="coerce"))
    members = table[table["family"].notna() & (table["family"] != "") & (table["family"] != NO_CONTROL) & table["intensity"].notna()]
    free = table[table["policy"] == NO_CONTROL]
    names = list(dict.fromkeys(members["family"]))
    parts = {}
    for name in names:
        rows = members[members["family"] == name]
        if len(free) and not (rows["intensity"] == 0).any():
            rows = pd.concat([free.assign(intensity=0.0), rows])
        parts[name] = rows.groupby(["intensity", "draw"])[["c", "x"]].mean().unstack("draw").dropna(axis=1)
    parts = {n: p for n, p in parts.items() if len(p) > 1 and p.shape[1]}
    if not parts:
        return []
    shared = sorted(set.intersection(*(set(p["c"].columns) for p in parts.values())))
    return [Family(n, p.index.to_numpy(dtype=float), p["c"][shared].to_numpy(), p["x"][shared].to_numpy()) for n, p in parts.items()]


def at_cost(cost: np.ndarray, effect: np.ndarray, target: float) -> np.ndarray:
    """Effect where a family first reaches a cost, walking up its intensity; linear between points.

    Args:
        cost, effect: shape ... x I, along rising intensity.
        target: the cost.

    Returns:
        Shape ...; NaN where the cost is never reached.
    """
    cost, effect = np.atleast_2d(cost), np.atleast_2d(effect)
    low, high = cost[..., :-1], cost[..., 1:]
    crosses = ((low <= target) & (target <= high)) | ((high <= target) & (target <= low))
    first = np.argmax(crosses, axis=-1)[..., None]
    c0, c1 = np.take_along_axis(low, first, -1)[..., 0], np.take_along_axis(high, first, -1)[..., 0]
    e0, e1 = np.take_along_axis(effect[..., :-1], first, -1)[..., 0], np.take_along_axis(effect[..., 1:], first, -1)[..., 0]
    width = np.where(c1 == c0, 1.0, c1 - c0)
    value = e0 + (e1 - e0) * np.where(c1 == c0, 0.0, (target - c0) / width)
    return np.where(crosses.any(axis=-1), value, np.nan)


def equal_cost(families: list[Family], targets: Iterable[float] | None = None, *, key: str = "") -> pd.DataFrame:
    """Effect of each family at the same revenue cost at home, and of each pair the difference, with intervals.

    Draws are resampled (the same for all families, so that differences stay paired); each resample averages
    over draws, then interpolates.

    Args:
        families: from `families_of`.
        targets: costs; by default steps over the range that all families reach on average (`common_costs`).

    Returns:
        cost, family ("a" or "a − b"), effect, lo, hi (percentile interval, `widened` where draws are few), p (of "it is
        zero", from the same resamples, and no less than signs of so few draws can tell), reached (share of resamples in
        which the cost is reached), draws, note.
    """
    if not families:
        return pd.DataFrame()
    draws = families[0].cost.shape[1]
    costs = list(targets) if targets is not None else common_costs(families)
    pick = generator(f"equal cost {key}").integers(0, draws, (RESAMPLES, draws))
    means = [(f.cost[:, pick].mean(axis=2).T, f.effect[:, pick].mean(axis=2).T) for f in families]
    rows = []
    for target in costs:
        point = [float(at_cost(f.cost.mean(axis=1), f.effect.mean(axis=1), target)[0]) for f in families]
        boot = [at_cost(c, e, target) for c, e in means]
        entries = [(f.name, point[i], boot[i]) for i, f in enumerate(families)]
        entries += [
            (f"{f.name} − {g.name}", point[i] - point[j], boot[i] - boot[j])
            for i, f in enumerate(families)
            for j, g in enumerate(families)
            if i < j
        ]
        rows += [{"cost": float(target), "family": name} | _spread(value, cloud, draws) for name, value, cloud in entries]
    return pd.DataFrame(rows)


def common_costs(families: list[Family]) -> list[float]:
    """Equally spaced costs that every family reaches on average, without zero; none when they share no other.

    A cost below zero is a gain.
    """
    lo, hi = (end(side(f.cost.mean(axis=1)) for f in families) for end, side in ((max, np.min), (min, np.max)))
    width = max(float(np.ptp(f.cost.mean(axis=1))) for f in families)
    if hi - lo <= NARROW * width:
        return []
    return [float(c) for c in np.linspace(lo, hi, COST_STEPS + 1) if abs(c) > NARROW * width]


def _spread(value: float, cloud: np.ndarray, draws: int) -> dict[str, float | str | int]:
    known = cloud[np.isfinite(cloud)]
    reached = len(known) / len(cloud)
    nothing = {"lo": math.nan, "hi": math.nan, "p": math.nan}
    row: dict[str, float | str | int] = {"effect": value, **nothing, "reached": reached, "draws": draws, "note": ""}
    if draws < 2:
        return row | {"note": "one parameter draw: no interval"}
    if reached < REACHED:
        return row | {"note": f"this cost is reached in {reached:.0%} of resamples only: no interval"}
    known = widened(known, value, draws)
    lo, hi = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    beyond = 1 + min(int((known <= 0).sum()), int((known >= 0).sum()))  # resamples on the other side of zero, and one more
    least = 2.0 ** (1 - draws)  # that all draws have one sign by chance
    return row | {"lo": float(lo), "hi": float(hi), "p": min(1.0, max(least, 2 * beyond / (1 + len(known))))}
