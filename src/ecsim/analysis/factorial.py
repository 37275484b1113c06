"""Main effects and two-way interactions of scope, height, reach and coalition, paired within replicates.

A main effect is the mean, over all settings of the other factors, of the outcome at the high level less that
at the low level. An interaction is how much the effect of one factor changes when another goes from low to
high (not halved). Both are formed within each replicate, and averaged over draws.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import mean_interval, p_value, share_interval, snap
from ecsim.analysis.measures import measure

FACTORS = ("scope", "height", "reach", "coalition")
# Levels in rising order where the alphabet would mislead; any other levels are sorted.
LEVELS = {
    "scope": ("narrow", "small", "wide", "broad"),
    "height": ("low", "high"),
    "reach": ("domestic", "home", "fdp"),
    "coalition": ("alone", "unilateral", "none", "partial", "allies", "all"),
}


def factors_of(runs: pd.DataFrame) -> dict[str, tuple[object, object]]:
    """The factors that vary in the runs, each with its lowest and highest level."""
    found = {}
    for factor in (f for f in FACTORS if f in runs):
        levels = [x for x in runs[factor].dropna().unique() if x != ""]
        if len(levels) > 1:
            ranked = sorted(levels, key=lambda x: _rank(factor, x))
            found[factor] = (ranked[0], ranked[-1])
    return found


def factorial_effects(runs: pd.DataFrame, outcomes: Iterable[str]) -> pd.DataFrame:
    """The table of effects: outcome, unit, term ("scope" or "scope × reach"), low, high, effect, lo, hi, p, holds, draws, dropped, note.

    A replicate enters only when every corner of the design succeeded in it; `dropped` counts those that did not.
    """
    factors = factors_of(runs)
    if not factors:
        return pd.DataFrame()
    names = list(factors)
    design = runs[np.logical_and.reduce([runs[f].isin(ends) for f, ends in factors.items()])].copy()
    for factor, (low, _) in factors.items():
        design[factor] = np.where(design[factor] == low, -1, 1)
    terms = [(f,) for f in names] + list(itertools.combinations(names, 2))
    rows = []
    for outcome in outcomes:
        wide = design.pivot_table(index=["draw", "seed"], columns=names, values=outcome)
        whole = wide.dropna() if wide.shape[1] == 2 ** len(names) else wide.iloc[:0]
        corners = np.array([np.atleast_1d(c) for c in wide.columns], dtype=float).reshape(-1, len(names))
        for term in terms:
            signs = np.prod([corners[:, names.index(f)] for f in term], axis=0)
            rows.append(_effect(outcome, term, factors, whole, signs) | {"dropped": len(wide) - len(whole)})
    return pd.DataFrame(rows)


def _effect(
    outcome: str, term: tuple[str, ...], factors: dict[str, tuple[object, object]], whole: pd.DataFrame, signs: np.ndarray
) -> dict[str, object]:
    """One term: a contrast with equal weights over the corners, mean(high) - mean(low), doubled for an interaction."""
    low, high = factors[term[0]] if len(term) == 1 else ("", "")
    row: dict[str, object] = {
        "outcome": outcome,
        "unit": measure(outcome).unit,
        "term": " × ".join(term),
        "low": str(low),
        "high": str(high),
    }
    if whole.empty:
        return row | {
            "effect": np.nan,
            "lo": np.nan,
            "hi": np.nan,
            "p": np.nan,
            "holds": np.nan,
            "draws": 0,
            "note": "some corner of the design is missing",
        }
    values = snap(whole.to_numpy() @ signs / (len(signs) / 2) * len(term), float(whole.abs().to_numpy().max()))
    draws = whole.index.get_level_values("draw").to_numpy()
    mean = mean_interval(values, draws, key=f"{outcome}|{term}")
    holds = share_interval((np.sign(values) == np.sign(mean.value)).astype(float), draws).value
    found = {"effect": mean.value, "lo": mean.lo, "hi": mean.hi, "p": p_value(values, draws)}
    return row | found | {"holds": holds, "draws": mean.n, "note": mean.note}


def _rank(factor: str, level: object) -> tuple[int, float, str]:
    text = str(level)
    order = LEVELS.get(factor, ())
    if text in order:
        return 0, float(order.index(text)), text
    number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return (0, float(text), text) if number else (1, 0.0, text)
