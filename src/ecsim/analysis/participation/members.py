"""Who matters: each member alone, its exit, and its Shapley value over coalitions (Shapley 1953).

The Shapley value of a member is its marginal contribution averaged over all orders of joining. With few members all
coalitions are run and it is exact in every draw. With many, each replicate of the study walks one random order, so
that a member's marginal contributions over replicates are an unbiased sample (Castro, Gómez and Tejada 2009); its
interval then holds both the sampling of orders and the draws of the parameters. Values sum to what everybody adds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import Estimate, holm, mean_interval, p_value
from ecsim.analysis.measures import measure
from ecsim.strategies.coalition import random_order
from ecsim.streams import Streams

REPLICATE = ["draw", "seed"]
SETTLED = 0.05
COLUMNS = ["outcome", "unit", "member", "kind", "method", "value", "lo", "hi", "draws", "p", "p_holm", "clear", "p_first"]


def members_in(runs: pd.DataFrame) -> tuple[str, ...]:
    """Members of the study, in joining order."""
    return tuple(pd.unique(runs.loc[runs["part"] == "single", "member"]))


def member_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """outcome, unit, member, kind ("single": what it adds alone; "exit": what is lost when it leaves the others; "shapley"),
    value, lo, hi, draws, method ("exact", "sampled", or "paired" for the first two), p, p_holm (adjusted over the members),
    clear (the interval excludes zero, and p_holm is below 0.05), p_first (p, adjusted, of "it does as much for the controller as the
    member that does most"; none for that member itself)."""
    parts = []
    names = members_in(runs)
    runs = runs[[*REPLICATE, "part", "sense", "joined", "member", *outcomes]]  # rows are picked many times
    for outcome in outcomes if names else ():
        ends = {level: _of(runs[(runs["part"] == "end") & (runs["joined"] == level)], outcome) for level in (0.0, 1.0)}
        if any(e.empty for e in ends.values()):
            continue
        known = {"outcome": outcome, "unit": measure(outcome).unit}
        for part in ("single", "exit"):
            own = {m: _of(runs[(runs["part"] == part) & (runs["member"] == m)], outcome) for m in names}
            deltas = {m: y - ends[0.0] if part == "single" else ends[1.0] - y for m, y in own.items()}
            parts.append(_rows(deltas, outcome, part).assign(**known, kind=part, method="paired"))
        method, shares = shapley(runs, outcome, names, ends)
        parts.append(_rows(shares, outcome, "shapley").assign(**known, kind="shapley", method=method))
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _rows(deltas: dict[str, pd.Series], outcome: str, kind: str) -> pd.DataFrame:
    """One kind of value of all members: a row a member, from its values by replicate."""
    t = pd.DataFrame([{"member": m} | _told(delta, f"{kind}|{outcome}|{m}") for m, delta in deltas.items()])
    t["p_holm"] = holm(t["p"].to_numpy())
    t["clear"] = ((t["lo"] > 0) | (t["hi"] < 0)) & (t["p_holm"] < SETTLED)
    turned = t["value"] * (measure(outcome).better or 1)
    first = deltas[str(t.loc[turned.idxmax(), "member"])] if turned.notna().any() else pd.Series(dtype=float)
    t["p_first"] = holm(np.array([math.nan if d is first else _p(first - d) for d in deltas.values()]))
    return t


def shapley(runs: pd.DataFrame, outcome: str, names: Sequence[str], ends: dict[float, pd.Series]) -> tuple[str, dict[str, pd.Series]]:
    """How Shapley values are had, and their parts in each replicate by member."""
    if len(runs[runs["part"] == "subset"]) > 0 or len(names) <= 3:
        return "exact", _exact(runs, outcome, names, ends)
    return "sampled", _sampled(runs, outcome, names, ends)


def _exact(runs: pd.DataFrame, outcome: str, names: Sequence[str], ends: dict[float, pd.Series]) -> dict[str, pd.Series]:
    """Shapley values in each replicate, from the values of all coalitions."""
    n, everybody = len(names), frozenset(names)
    value: dict[frozenset[str], pd.Series] = {frozenset(): ends[0.0], everybody: ends[1.0]}
    for part in ("exit", "single", "subset"):
        for label, rows in runs[runs["part"] == part].groupby("member"):
            named = frozenset(str(label).split("+"))
            value[everybody - named if part == "exit" else named] = _of(rows, outcome)
    found = {}
    for name in names:
        total = 0.0 * ends[0.0]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for others in itertools.combinations([s for s in names if s != name], size):
                before = frozenset(others)
                total = total + weight * (value[before | {name}] - value[before])
        found[name] = total
    return found


def _sampled(runs: pd.DataFrame, outcome: str, names: Sequence[str], ends: dict[float, pd.Series]) -> dict[str, pd.Series]:
    """Marginal contribution of each member in the random order that each replicate walked."""
    walked = runs[(runs["part"] == "curve") & (runs["sense"] == "coalition")]
    table = walked.pivot_table(index=REPLICATE, columns="joined", values=outcome).sort_index(axis=1).dropna()
    table = table[table.index.isin(ends[0.0].index) & table.index.isin(ends[1.0].index)]
    values = np.column_stack([ends[0.0].loc[table.index], table.to_numpy(), ends[1.0].loc[table.index]])
    added = np.diff(values, axis=1)
    orders = [random_order(Streams(int(seed)), tuple(names)) for _, seed in table.index]
    place = np.array([[order.index(name) for name in names] for order in orders])
    own = np.take_along_axis(added, place, axis=1)
    return {name: pd.Series(own[:, i], index=table.index) for i, name in enumerate(names)}


def _of(rows: pd.DataFrame, outcome: str) -> pd.Series:
    """An outcome by replicate."""
    return rows.groupby(REPLICATE)[outcome].mean().dropna()


def _told(delta: pd.Series, key: str) -> dict[str, float | int]:
    delta = delta.dropna()
    values, draws = delta.to_numpy(), delta.index.get_level_values("draw").to_numpy()
    e: Estimate = mean_interval(values, draws, key=key)
    return {"value": e.value, "lo": e.lo, "hi": e.hi, "draws": e.n, "p": p_value(values, draws)}


def _p(delta: pd.Series) -> float:
    """p of "the mean is zero", over draws."""
    known = delta.dropna()
    return p_value(known.to_numpy(), known.index.get_level_values("draw").to_numpy())
