"""The answer in one paragraph, written from the tables."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from ecsim.analysis.chance import over_seeds
from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import snap
from ecsim.analysis.findings import equal_cost_row
from ecsim.analysis.measures import COSTS, HEADLINE, PURPOSES, measure
from ecsim.analysis.paired import APART
from ecsim.analysis.text.words import Words, lower, number, scale_beside


def answer(c: Comparison, w: Words) -> str:
    """The answer in one paragraph."""
    draws, seeds, runs = c.study.replicates(c.policies)
    if len(c.policies) == 1:
        alone = "answer.one_policy.seeds" if c.study.by_seed else "answer.one_policy"
        parts = [w(alone, a=w.phrase(c.policies[0]), runs=w.count("run", runs)), _own_numbers(c, c.policies[0], w)]
    elif c.focal is None:
        parts = _race(c, w)
    else:
        parts = [_verdicts(c, w), *_headline_numbers(c, w), *_equal_sentence(c, w)]
    parts += over_seeds(c.study, w)
    parts.append(
        w("answer.one_replicate")
        if runs == 1
        else w("answer.runs", runs=w.count("run", runs), draws=w.count("draw", draws), seeds=w.count("seed", seeds))
    )
    if runs > 1 and draws == 1:
        parts.append(w("answer.one_draw"))
    return w("sentence.space").join(p for p in parts if p)


def _own_numbers(c: Comparison, policy: str, w: Words) -> str:
    """What a policy that has none to stand beside changes; its outcomes are measured against its own path without controls."""
    items = []
    for outcome in (*(HEADLINE[p] for p in PURPOSES[1:]), HEADLINE["cost_home"]):
        row = c.scorecard[(c.scorecard["outcome"] == outcome) & (c.scorecard["policy"] == policy)]
        if len(row) and math.isfinite(row["mean"].iloc[0]):
            items.append(
                w("answer.value", outcome=w.outcome(outcome).lower(), v=w.amount(row["mean"].iloc[0], row["unit"].iloc[0], signed=True))
            )
    return w("answer.no_controls", a=w.phrase(policy), list=w.list(items)) if items else ""


def _race(c: Comparison, w: Words) -> list[str]:
    """Which of many policies do best; those without controls are not in the race, unless there are no others."""
    active = [p for p in c.policies if p not in c.study.free]
    if len(active) == 1:
        return [w("answer.many.one", n=len(c.policies), a=w.phrase(active[0])), _own_numbers(c, active[0], w)]
    if not active or len(active) == len(c.policies):
        return [w("answer.many", n=len(c.policies)), _best(c, c.policies, w)]
    return [w("answer.many.active", n=len(active)), _best(c, active, w)]


def _best(c: Comparison, policies: Collection[str], w: Words) -> str:
    """Which policy does best on average on which purpose or cost, or which do as far as the numbers shown tell."""
    t = c.scorecard[c.scorecard["policy"].isin(policies)]
    wins: dict[tuple[str, ...], list[str]] = {}
    level: list[str] = []
    for purpose in (*PURPOSES, *COSTS):
        rows = t[t["outcome"] == HEADLINE[purpose]].dropna(subset=["mean"])
        if len(rows):
            best = rows.loc[(rows["mean"] * measure(HEADLINE[purpose]).better).idxmax()]
            equal = _alike(rows["mean"].to_numpy(), best["mean"], best["unit"], w)
            told = level if len(rows) > 1 and equal.all() else wins.setdefault(tuple(rows.loc[equal, "policy"]), [])
            told.append(_subject(purpose, (best["mean"],), w))
    items = [w("answer.best", policy=_first(first, w), list=w.list(purposes)) for first, purposes in wins.items()]
    items += [w("answer.best.level", list=w.list(level))] if level else []
    return w("list.semicolon").join(items) + w("sentence.stop")


def _alike(means: np.ndarray, best: float, unit: str, w: Words) -> np.ndarray:
    """Which means are the best one, but for rounding error or what the decimals of their unit leave out."""
    shown = w.number(best, unit)
    return np.array([w.number(mean, unit) == shown for mean in means]) | (snap(means - best, best) == 0)


def _first(policies: Sequence[str], w: Words) -> str:
    """The policy that comes first, or those that do."""
    names = w.list(w.policy(p) for p in policies)
    return names if len(policies) == 1 else w("answer.best.tied", policies=names)


def _verdicts(c: Comparison, w: Words) -> str:
    """On which purposes and costs the first policy is clearly better or worse, seems so, or is not settled."""
    assert c.focal is not None
    a, b = c.focal
    told: dict[str, list[str]] = {}
    for purpose in (*PURPOSES, *COSTS):
        row = c.row(HEADLINE[purpose], a, b)
        if row is not None and row["verdict"] != "no interval":
            side = "better" if row["difference"] * measure(HEADLINE[purpose]).better > 0 else "worse"
            apart = row["verdict"] in APART
            text = _measured(c, purpose, row, w) if apart else _subject(purpose, (row["mean_a"], row["mean_b"]), w)
            told.setdefault(f"{row['verdict']} {side}" if apart else row["verdict"], []).append(text)
    if not told:
        return ""
    names = {"a": w.phrase(a), "b": w.phrase(b), "A": w.phrase(a, start=True)}
    better, worse = told.get("clear better", []), told.get("clear worse", [])
    pieces = []
    if better:
        pieces.append(w("answer.better", list=w.list(better), **names))
    if worse:
        pieces.append(w("answer.worse" if better else "answer.only_worse", list=w.list(worse), **names))
    signs = [w(f"answer.hint.{side}", list=w.list(x)) for side in ("better", "worse") if (x := told.get(f"suggestive {side}"))]
    if signs:
        pieces.append(w("answer.hint" if pieces else "answer.hint.first", list=w("answer.hint.join").join(signs), **names))
    for verdict, key in (("same", "answer.same"), ("none shown", "answer.open")):
        if x := told.get(verdict):
            are = w("answer.is") if len(x) == 1 else w("answer.are")
            pieces.append(w(key, list=w.list(x), are=are) if pieces else w("answer.nothing", **names))
    return w("list.semicolon").join(pieces) + w("sentence.stop")


def _measured(c: Comparison, purpose: str, row: dict[str, Any], w: Words) -> str:
    """What two policies differ in, with by how much.

    It is called by its measure where other measures of the same purpose clearly point the other way, which is told.
    """
    opposed = c.opposed(purpose, row["a"], row["b"])
    subject = lower(w.outcome(row["outcome"])) if opposed else _subject(purpose, (row["mean_a"], row["mean_b"]), w)
    size = w("answer.by", d=w.amount(abs(row["difference"]), row["unit"], difference=True, scale=scale_beside(row)))
    return w.aside(subject, w("list.semicolon").join([size, *([w.opposed(opposed)] if opposed else [])]))


def _subject(purpose: str, values: Iterable[float], w: Words) -> str:
    """A purpose or cost in short.

    A cost that no policy has is called a gain, and one that only some have is called by its measure.
    """
    if not w.has(f"short.gain.{purpose}") or max(values) <= 0:
        return w(f"short.{purpose}")
    return w(f"short.gain.{purpose}") if min(values) >= 0 else lower(w.outcome(HEADLINE[purpose]))


def _headline_numbers(c: Comparison, w: Words) -> list[str]:
    """Gap and home revenue under both policies, and the largest move of the power ratio."""
    assert c.focal is not None
    a, b = c.focal
    means = c.scorecard.set_index(["outcome", "policy"])["mean"]
    sentences = []
    for key, outcome in (("answer.lock_in", "gap_added"), ("answer.cost", "home_revenue")):
        if (outcome, a) in means.index and (outcome, b) in means.index:
            unit = measure(outcome).unit
            va, vb = (w.amount(means[outcome, p], unit, signed=True) for p in (a, b))
            sentences.append(w(key, a=w.phrase(a), b=w.phrase(b), va=va, vb=vb, end=c.end_year))
    if "power_ratio_change" in means.index.get_level_values(0):
        largest = float(means["power_ratio_change"].abs().max())
        sentences.append(w("answer.power", d=number(largest, "ratio"), end=c.end_year))
    return sentences


def _equal_sentence(c: Comparison, w: Words) -> list[str]:
    row = equal_cost_row(c)
    if row is None:
        return []
    more = "answer.equal" if row["effect"] > 0 else "answer.equal.less"
    key = more if row["verdict"] == "clear" else f"{more}.hint" if row["verdict"] == "suggestive" else "answer.equal.open"
    d = w.amount(abs(row["effect"]), measure("gap_added").unit, scale=row["effect"])
    return [w(key, a=w.phrase(row["a"]), b=w.phrase(row["b"]), cost=w.amount(row["cost"], "%", scale=row["cost"]), d=d)]
