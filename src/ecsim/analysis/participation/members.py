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
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import Estimate, holm, mean_interval, p_value
from ecsim.analysis.measures import measure
from ecsim.strategies.coalition import random_order
from ecsim.streams import Streams

REPLICATE = ["draw", "seed"]
SETTLED = 0.05


def members_in(runs: pd.DataFrame) -> tuple[str, ...]:
    """Members of the study, in joining order."""
    return tuple(pd.unique(runs.loc[runs["part"] == "single", "member"]))


def member_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """outcome, unit, member, kind ("single": what it adds alone; "exit": what is lost when it leaves the others; "shapley"),
    value, lo, hi, draws, method ("exact", "sampled", or "paired" for the first two), p, p_holm (adjusted over the members),
    clear (the interval excludes zero, and p_holm is below 0.05)."""
    rows = []
    names = members_in(runs)
    for outcome in outcomes:
        ends = {level: _of(runs[(runs["part"] == "end") & (runs["joined"] == level)], outcome) for level in (0.0, 1.0)}
        if any(e.empty for e in ends.values()):
            continue
        known = {"outcome": outcome, "unit": measure(outcome).unit}
        for part, member in itertools.product(("single", "exit"), names):
            own = _of(runs[(runs["part"] == part) & (runs["member"] == member)], outcome)
            delta = own - ends[0.0] if part == "single" else ends[1.0] - own
            rows.append(known | {"member": member, "kind": part, "method": "paired"} | _told(delta, f"{part}|{outcome}|{member}"))
        rows += [known | row for row in shapley(runs, outcome, names, ends)]
    table = pd.DataFrame(rows)
    if len(table):
        table["p_holm"] = table.groupby(["outcome", "kind"], sort=False)["p"].transform(lambda p: holm(p.to_numpy()))
        table["clear"] = ((table["lo"] > 0) | (table["hi"] < 0)) & (table["p_holm"] < SETTLED)
    return table


def shapley(runs: pd.DataFrame, outcome: str, names: Sequence[str], ends: dict[float, pd.Series]) -> list[dict[str, Any]]:
    """A row a member."""
    exact = len(runs[runs["part"] == "subset"]) > 0 or len(names) <= 3
    shares = _exact(runs, outcome, names, ends) if exact else _sampled(runs, outcome, names, ends)
    return [
        {"member": name, "kind": "shapley", "method": "exact" if exact else "sampled"} | _told(shares[name], f"shapley|{outcome}|{name}")
        for name in names
    ]


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
