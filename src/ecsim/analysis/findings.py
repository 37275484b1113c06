"""Findings in plain language, written from the tables: each with number, unit, interval, and how often it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import NOTE_SEEDS, mean_interval, share_interval
from ecsim.analysis.measures import COSTS, HEADLINE, PURPOSES, measure
from ecsim.analysis.paired import pairs
from ecsim.analysis.text.words import MINUS, Words, number

MANY_DRAWS = 10_000
PURPOSE_OUTCOMES = tuple(HEADLINE[p] for p in PURPOSES)


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        key: names it within a report.
        strength: "clear", "suggestive", "none shown", "same", "no interval", or "" where there is nothing to grade.
        headline: one sentence.
        detail: the numbers.
    """

    key: str
    strength: str
    headline: str
    detail: str


def findings(c: Comparison, words: Words) -> list[Finding]:
    """All findings of a comparison, the main contrast first."""
    found: list[Finding | None] = []
    if c.focal is not None and c.focal[1] != "none":
        found += [_contrast(c, words, purpose, *c.focal) for purpose in (*PURPOSES, *COSTS)]
    found += [_equal_cost(c, words), *_against_none(c, words), _parity(c, words), _factorial(c, words), _variance(c, words), _pairing(c, words)]
    return [f for f in found if f is not None]


def _number(row: dict[str, Any], key: str) -> float:
    return float(row[key])


def _contrast(c: Comparison, w: Words, purpose: str, a: str, b: str) -> Finding | None:
    """Which of two policies does better on one purpose or cost."""
    outcome = HEADLINE[purpose]
    row = c.row(outcome, a, b)
    if row is None or row["pairs"] == 0 or not math.isfinite(_number(row, "difference")):
        return None
    names = {"a": w.phrase(a), "b": w.phrase(b), "A": w.phrase(a, start=True)}
    strength = str(row["verdict"])
    serves = _number(row, "difference") * measure(outcome).better > 0
    if strength == "same":
        headline = w("finding.same", outcome=w.outcome(outcome), **names)
    elif strength == "none shown":
        headline = w("finding.unsettled", outcome=w.outcome(outcome), **names)
    else:
        headline = w(f"finding.{purpose}.{'more' if serves else 'less'}", **names)
    return Finding(f"{purpose}.{a}.{b}", strength, headline, _numbers(row, w))


def _numbers(row: dict[str, Any], w: Words) -> str:
    """The numbers of a contrast, how often the sign holds, and what more runs would do."""
    unit, strength = row["unit"], row["verdict"]
    known: dict[str, object] = {"outcome": w.outcome(row["outcome"]), "va": w.amount(row["mean_a"], unit), "vb": w.amount(row["mean_b"], unit)}
    known["d"] = w.amount(row["difference"], unit, signed=True, difference=True)
    if strength == "no interval":
        return w("finding.numbers.one", **known)
    parts = [w("finding.numbers", interval=w.interval(row["lo"], row["hi"], unit), **known)]
    if strength != "same":
        seeds = NOTE_SEEDS in row["note"]
        parts.append(w("finding.holds.seeds" if seeds else "finding.holds", share=w.share(row["holds"]), n=row["draws"]))
    if strength == "suggestive":
        parts.append(w("finding.holm"))
    if strength == "none shown":
        more = row["more_draws"]
        if more > MANY_DRAWS:
            parts.append(w("finding.more_draws.many"))
        elif more > 0:
            parts.append(w("finding.more_draws", n=f"{more:,.0f}"))
    return w("sentence.space").join(parts)


def _against_none(c: Comparison, w: Words) -> list[Finding]:
    """What each policy does against no controls, in one finding a policy."""
    found = []
    for policy in (p for p in c.policies if p != "none"):
        items, first = [], ""
        for outcome in (*PURPOSE_OUTCOMES, HEADLINE["cost_home"], HEADLINE["cost_allies"], HEADLINE["leverage"]):
            row = c.row(outcome, policy, "none")
            if row is None or not math.isfinite(_number(row, "difference")):
                continue
            d = w.amount(row["difference"], row["unit"], signed=True, difference=True)  # type: ignore[arg-type]
            interval = w.interval(row["lo"], row["hi"], row["unit"])  # type: ignore[arg-type]
            item = "finding.against_none.item.one" if row["verdict"] == "no interval" else "finding.against_none.item"
            items.append(w(item, outcome=w.outcome(outcome), d=d, interval=interval))
            if not first or outcome == HEADLINE["lock_in"]:
                first = w("finding.against_none.item.one", outcome=_lower(w.outcome(outcome)), d=d)
        if items:
            headline = w("finding.against_none", A=w.phrase(policy, start=True), first=first)
            found.append(Finding(f"none.{policy}", "", headline, w("list.semicolon").join(items) + w("sentence.stop")))
    return found


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _parity(c: Comparison, w: Words) -> Finding | None:
    """How often parity comes, and which policy delays it."""
    runs = c.study.core
    if "parity_year" not in runs or len(runs) <= len(c.policies):
        return None
    shares = []
    for policy in c.policies:
        rows = runs[runs["policy"] == policy]
        reached = share_interval(rows["parity_year"].notna().astype(float).to_numpy(), rows["draw"].to_numpy())
        shares.append(f"{w.policy(policy)} {w.share(reached.value)}")
    detail = ""
    if c.focal is not None:
        a, b = c.focal
        table = pairs(runs, "parity_year", a, b)
        d = mean_interval(table["difference"].to_numpy(), table["draw"].to_numpy(), key=f"parity|{a}|{b}")
        ends = sorted((abs(d.lo), abs(d.hi))) if d.sign else [d.lo, d.hi]
        known = {"a": w.phrase(a), "b": w.phrase(b), "interval": w.interval(*ends, "years")}
        if d.sign:
            detail = w("finding.parity.delay", d=number(abs(d.value), "years"), later=w("later" if d.value > 0 else "earlier"), **known)
        elif d.has_interval:
            detail = w("finding.parity.unclear", d=number(d.value, "years"), **known)
    return Finding("parity", "", w("finding.parity", shares=w.list(shares)), detail)


def _equal_cost(c: Comparison, w: Words) -> Finding | None:
    """The first two families at the largest cost at which an interval can be given."""
    row = equal_cost_row(c)
    if row is None:
        return None
    a, b = row["a"], row["b"]
    m = measure(row["outcome"])
    known = {"cost": w.amount(row["cost"], "%"), "a": w.phrase(a), "b": w.phrase(b), "outcome": w.outcome(row["outcome"])}
    clear = row["lo"] > 0 or row["hi"] < 0
    if row["hi"] < 0:
        known |= {"a": w.phrase(b), "b": w.phrase(a)}
    headline = w("finding.equal_cost.clear" if clear else "finding.equal_cost", **known)
    detail = w(
        "finding.equal_cost.numbers",
        outcome=w.outcome(row["outcome"]),
        va=f"{w.policy(a)} {w.amount(row['value_a'], m.unit)}",
        vb=f"{w.policy(b)} {w.amount(row['value_b'], m.unit)}",
        d=w.amount(row["effect"], m.unit, signed=True, difference=True),
        interval=w.interval(row["lo"], row["hi"], m.unit),
    )
    return Finding("equal_cost", "clear" if clear else "none shown", headline, detail)


def equal_cost_row(c: Comparison, outcome: str = "gap_added") -> dict[str, Any] | None:
    """The difference of the first two families at the largest cost with an interval: a, b, cost, effect, lo, hi, value_a, value_b."""
    t = c.equal_cost
    if t.empty:
        return None
    rows = t[(t["outcome"] == outcome) & t["family"].str.contains(f" {MINUS} ") & t["lo"].notna()]
    if rows.empty:
        return None
    row = {str(k): v for k, v in rows.sort_values("cost").iloc[-1].to_dict().items()}
    a, b = str(row["family"]).split(f" {MINUS} ")
    own = t[(t["outcome"] == outcome) & (t["cost"] == row["cost"])].set_index("family")["effect"]
    return row | {"a": a, "b": b, "value_a": float(own[a]), "value_b": float(own[b])}


def _factorial(c: Comparison, w: Words) -> Finding | None:
    """The factor with the largest main effect on the technology gap whose interval excludes zero."""
    t = c.factorial
    if t.empty:
        return None
    main = t[(t["outcome"] == HEADLINE["lock_in"]) & ~t["term"].str.contains("×") & ((t["lo"] > 0) | (t["hi"] < 0))]
    if main.empty:
        return None
    row = main.loc[main["effect"].abs().idxmax()]
    detail = w(
        "finding.factorial.numbers",
        low=row["low"],
        high=row["high"],
        d=w.amount(row["effect"], row["unit"], signed=True, difference=True),
        interval=w.interval(row["lo"], row["hi"], row["unit"]),
    )
    headline = w("finding.factorial", factor=w.name("factor", row["term"]).split(" (")[0].lower(), outcome=w.outcome(row["outcome"]).lower())
    return Finding("factorial", "clear", headline, detail)


def _variance(c: Comparison, w: Words) -> Finding | None:
    """Whether parameters or seeds drive the spread of the added gap under the first policy."""
    t = c.variance
    policy = c.focal[0] if c.focal else c.policies[0]
    if t.empty:
        return None
    rows = t[(t["policy"] == policy) & (t["outcome"] == HEADLINE["lock_in"]) & t["parameters"].notna()]
    if rows.empty:
        return None
    row = rows.iloc[0]
    source = "parameters" if row["parameters"] >= 0.5 else "seeds"
    interval = w("finding.variance.interval", lo=w.share(row["lo"]), hi=w.share(row["hi"])) if math.isfinite(row["lo"]) else ""
    headline = w("finding.variance", source=w(f"finding.variance.{source}"), outcome=w.outcome(row["outcome"]).lower())
    return Finding("variance", "", headline, w("finding.variance.numbers", policy=w.policy(policy), share=w.share(row["parameters"]), interval=interval))


def _pairing(c: Comparison, w: Words) -> Finding | None:
    """What common random numbers bought in the main contrast."""
    if c.focal is None:
        return None
    row = c.row("power_ratio", *c.focal) or c.row(HEADLINE["hinder"], *c.focal)
    if row is None or not math.isfinite(_number(row, "variance_factor")):
        return None
    factor = _number(row, "variance_factor")
    key = "finding.pairing" if factor >= 1 else "finding.pairing.none"
    return Finding("pairing", "", w(key, outcome=w.outcome(str(row["outcome"])).lower(), factor=number(factor)), "")


def answer(c: Comparison, w: Words) -> str:
    """The answer in one paragraph."""
    draws, seeds, runs = c.study.replicates(c.policies)
    if c.focal is None:
        parts = [w("answer.one_policy", a=w.phrase(c.policies[0])), _own_numbers(c, w)]
    else:
        parts = [_verdicts(c, w), *_headline_numbers(c, w), *_equal_sentence(c, w)]
    parts.append(w("answer.one_replicate") if runs == 1 else w("answer.runs", runs=runs, draws=draws, seeds=seeds))
    if runs > 1 and draws == 1:
        parts.append(w("answer.one_draw"))
    return w("sentence.space").join(p for p in parts if p)


def _own_numbers(c: Comparison, w: Words) -> str:
    """What a single policy changes; its outcomes are measured against its own path without controls."""
    items = []
    for outcome in (*PURPOSE_OUTCOMES[1:], HEADLINE["cost_home"]):
        row = c.scorecard[c.scorecard["outcome"] == outcome]
        if len(row) and math.isfinite(row["mean"].iloc[0]):
            items.append(w("answer.value", outcome=w.outcome(outcome).lower(), v=w.amount(row["mean"].iloc[0], row["unit"].iloc[0], signed=True)))
    return w("answer.no_controls", a=w.phrase(c.policies[0]), list=w.list(items)) if items else ""


def _verdicts(c: Comparison, w: Words) -> str:
    """On which purposes and costs the first policy is clearly better, clearly worse, or not settled."""
    assert c.focal is not None
    a, b = c.focal
    better, worse, undecided = [], [], []
    for purpose in (*PURPOSES, *COSTS):
        row = c.row(HEADLINE[purpose], a, b)
        if row is None or row["verdict"] == "no interval":
            continue
        if row["verdict"] != "clear":
            undecided.append(w(f"short.{purpose}"))
        elif _number(row, "difference") * measure(HEADLINE[purpose]).better > 0:
            better.append(w(f"short.{purpose}"))
        else:
            worse.append(w(f"short.{purpose}"))
    if not (better or worse or undecided):
        return ""
    names = {"a": w.phrase(a), "b": w.phrase(b), "A": w.phrase(a, start=True)}
    pieces = []
    if better:
        pieces.append(w("answer.better", list=w.list(better), **names))
    if worse:
        pieces.append(w("answer.worse" if better else "answer.only_worse", list=w.list(worse), **names))
    if undecided:
        are = w("answer.is") if len(undecided) == 1 else w("answer.are")
        pieces.append(w("answer.open", list=w.list(undecided), are=are) if pieces else w("answer.nothing", **names))
    return w("list.semicolon").join(pieces) + w("sentence.stop")


def _headline_numbers(c: Comparison, w: Words) -> list[str]:
    """Gap and home revenue under both policies, and the largest move of the power ratio."""
    assert c.focal is not None
    a, b = c.focal
    means = c.scorecard.set_index(["outcome", "policy"])["mean"]
    sentences = []
    for key, outcome in (("answer.lock_in", "gap_added"), ("answer.cost", "home_revenue")):
        if (outcome, a) in means.index and (outcome, b) in means.index:
            unit = measure(outcome).unit
            va, vb = (w.amount(means[outcome, p], unit, signed=outcome == "home_revenue") for p in (a, b))
            sentences.append(w(key, a=w.phrase(a), b=w.phrase(b), va=va, vb=vb))
    if "power_ratio_change" in means.index.get_level_values(0):
        largest = float(means["power_ratio_change"].abs().max())
        sentences.append(w("answer.power", d=number(largest, "ratio")))
    return sentences


def _equal_sentence(c: Comparison, w: Words) -> list[str]:
    row = equal_cost_row(c)
    if row is None:
        return []
    key = "answer.equal" if row["lo"] > 0 else "answer.equal.less" if row["hi"] < 0 else "answer.equal.open"
    d = w.amount(abs(row["effect"]), measure("gap_added").unit)
    return [w(key, a=w.phrase(row["a"]), b=w.phrase(row["b"]), cost=w.amount(row["cost"], "%"), d=d)]
