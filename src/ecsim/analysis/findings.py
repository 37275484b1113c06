"""Findings in plain language, written from the tables: each with number, unit, interval, and how often it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import NOTE_SEEDS, holm, mean_interval, share_interval
from ecsim.analysis.measures import COSTS, HEADLINE, PURPOSES, measure
from ecsim.analysis.paired import APART, SETTLED, graded, paired
from ecsim.analysis.study import parity_of
from ecsim.analysis.text.words import MINUS, Words, lower, number, scale_beside, scale_if_unlike, scale_of
from ecsim.analysis.tradeoff import families_of
from ecsim.params import REGISTRY

MANY_DRAWS = 10_000
MANY_TIMES = 1000.0  # beyond, a factor between near twins says no more
HALF = 0.5
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
    found += [
        _equal_cost(c, words),
        *_against_none(c, words),
        _parity(c, words),
        _factorial(c, words),
        _drivers(c, words),
        _variance(c, words),
    ]
    return [f for f in found if f is not None]


def _contrast(c: Comparison, w: Words, purpose: str, a: str, b: str) -> Finding | None:
    """Which of two policies does better on one purpose or cost."""
    outcome = HEADLINE[purpose]
    row = c.row(outcome, a, b)
    if row is None or row["pairs"] == 0 or not math.isfinite(row["difference"]):
        return None
    names = {"a": w.phrase(a), "b": w.phrase(b), "A": w.phrase(a, start=True)}
    strength = str(row["verdict"])
    serves = row["difference"] * measure(outcome).better > 0
    if strength == "same":
        headline = w("finding.same", outcome=w.outcome(outcome), **names)
    elif strength == "none shown":
        headline = w("finding.unsettled", outcome=w.outcome(outcome), **names)
    elif opposed := c.opposed(purpose, a, b):
        told = {"outcome": lower(w.outcome(outcome)), "others": w.opposed(opposed)}
        headline = w(f"finding.measure.{'more' if serves else 'less'}", **told, **names)
    else:
        headline = w(f"finding.{purpose}.{'more' if serves else 'less'}", **names)
    return Finding(f"{purpose}.{a}.{b}", strength, headline, _numbers(row, w))


def _numbers(row: dict[str, Any], w: Words) -> str:
    """The numbers of a contrast, how often the sign holds, and what more runs would do."""
    unit, strength = row["unit"], row["verdict"]
    finer = scale_if_unlike(row["mean_a"], row["mean_b"], row["difference"], unit)  # on which the three agree
    scale = finer or scale_beside(row)
    known: dict[str, object] = {
        "outcome": w.outcome(row["outcome"]),
        "va": w.amount(row["mean_a"], unit, scale=finer),
        "vb": w.amount(row["mean_b"], unit, scale=finer),
    }
    known["d"] = w.amount(row["difference"], unit, signed=True, difference=True, scale=scale)
    if strength == "no interval":
        return w("finding.numbers.one", **known)
    parts = [w("finding.numbers", interval=w.interval(row["lo"], row["hi"], unit, scale), **known)]
    if strength != "same":
        seeds = NOTE_SEEDS in row["note"]
        told = {"share": w.share(row["holds"]), "n": row["replicates"], "draws": w.count("draw", row["draws"])}
        parts.append(w("finding.holds.seeds" if seeds else "finding.holds", **told))
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
            if row is None or not math.isfinite(row["difference"]):
                continue
            scale = scale_beside(row)
            d = w.amount(row["difference"], row["unit"], signed=True, difference=True, scale=scale)
            interval = w.interval(row["lo"], row["hi"], row["unit"], scale)
            item = "finding.against_none.item.one" if row["verdict"] == "no interval" else "finding.against_none.item"
            items.append(w(item, outcome=w.outcome(outcome), d=d, interval=interval))
            if not first or outcome == HEADLINE["lock_in"]:
                first = w("finding.against_none.item.one", outcome=lower(w.outcome(outcome)), d=d)
        if items:
            headline = w("finding.against_none", A=w.phrase(policy, start=True), first=first)
            found.append(Finding(f"none.{policy}", "", headline, w("list.semicolon").join(items) + w("sentence.stop")))
    return found


def _parity(c: Comparison, w: Words) -> Finding | None:
    """How often parity comes, and which policy delays it."""
    runs = c.study.core
    if "parity_year" not in runs or len(runs) <= len(c.policies):
        return None
    shares, lo = [], f"{parity_of(c.study.manifest)[0]:g}"
    for policy in c.policies:
        rows = runs[runs["policy"] == policy]
        reached = share_interval(rows["parity_year"].notna().astype(float).to_numpy(), rows["draw"].to_numpy())
        shares.append(f"{w.policy(policy)} {w.share(reached.value)}")
    if runs["parity_year"].isna().all():
        return Finding("parity", "", w("finding.parity.never", lo=lo), "")
    detail = ""
    if c.focal is not None:
        a, b = c.focal
        shared = paired(runs, ["parity_year"], a, b)
        d = mean_interval(shared.delta("parity_year"), shared.draws, key=f"parity|{a}|{b}")
        ends = sorted((abs(d.lo), abs(d.hi))) if d.sign else [d.lo, d.hi]
        known = {"a": w.phrase(a), "b": w.phrase(b), "interval": w.interval(ends[0], ends[1], "years")}
        if d.sign:
            detail = w("finding.parity.delay", d=number(abs(d.value), "years"), later=w("later" if d.value > 0 else "earlier"), **known)
        elif d.has_interval:
            detail = w("finding.parity.unclear", d=number(d.value, "years"), **known)
    return Finding("parity", "", w("finding.parity", shares=w.list(shares), lo=lo), detail)


def _equal_cost(c: Comparison, w: Words) -> Finding | None:
    """The first two families at the largest cost at which an interval can be given."""
    row = equal_cost_row(c)
    if row is None:
        return _no_equal_cost(c, w)
    a, b = row["a"], row["b"]
    m = measure(row["outcome"])
    scale = scale_of(row["effect"], row["lo"], row["hi"])
    known = {
        "cost": w.amount(row["cost"], "%", scale=row["cost"]),
        "a": w.phrase(a),
        "b": w.phrase(b),
        "outcome": lower(w.outcome(row["outcome"])),
    }
    if row["hi"] < 0:
        known |= {"a": w.phrase(b), "b": w.phrase(a)}
    headline = w("finding.equal_cost.clear" if row["verdict"] in APART else "finding.equal_cost", **known)
    detail = w(
        "finding.equal_cost.numbers",
        outcome=w.outcome(row["outcome"]),
        va=f"{w.policy(a)} {w.amount(row['value_a'], m.unit, scale=scale)}",
        vb=f"{w.policy(b)} {w.amount(row['value_b'], m.unit, scale=scale)}",
        d=w.amount(row["effect"], m.unit, signed=True, difference=True, scale=scale),
        interval=w.interval(row["lo"], row["hi"], m.unit, scale),
    )
    return Finding("equal_cost", row["verdict"], headline, _hedged(detail, row["verdict"], "finding.holm.costs", w))


def _hedged(detail: str, verdict: str, why: str, w: Words) -> str:
    """The numbers of a finding; with what it was adjusted for, where it does not survive that."""
    return w("sentence.space").join([detail, w(why)]) if verdict == "suggestive" else detail


def _no_equal_cost(c: Comparison, w: Words) -> Finding | None:
    """Why families cannot be compared at equal cost; nothing where there are no families."""
    families = families_of(c.study.ok, HEADLINE["lock_in"]) if HEADLINE["lock_in"] in c.study.ok else []
    if len(families) < 2:
        return None
    told = []
    for f in families:
        cost = f.cost.mean(axis=1)
        told.append(w("finding.equal_cost.range", a=w.phrase(f.name), lo=w.amount(cost.min(), "%"), hi=w.amount(cost.max(), "%")))
    detail = w("finding.equal_cost.reason", ranges=w.list(told))
    return Finding("equal_cost", "", w("finding.equal_cost.none"), detail)


def equal_cost_row(c: Comparison, outcome: str = "gap_added") -> dict[str, Any] | None:
    """The difference of the first two families at the largest cost with an interval, and its verdict among all costs with one.

    Returns:
        a, b, cost, effect, lo, hi, p_holm, verdict, value_a, value_b; None where there is none.
    """
    t = c.equal_cost
    if t.empty:
        return None
    rows = t[(t["outcome"] == outcome) & t["family"].str.contains(f" {MINUS} ") & t["lo"].notna()]
    if rows.empty:
        return None
    rows = rows.assign(p_holm=holm(rows["p"].to_numpy()))
    row = {str(k): v for k, v in rows.sort_values("cost").iloc[-1].to_dict().items()}
    row["verdict"] = graded(row["lo"], row["hi"], row["p_holm"])
    a, b = str(row["family"]).split(f" {MINUS} ")
    own = t[(t["outcome"] == outcome) & (t["cost"] == row["cost"])].set_index("family")["effect"]
    return row | {"a": a, "b": b, "value_a": float(own[a]), "value_b": float(own[b])}


def _factorial(c: Comparison, w: Words) -> Finding | None:
    """The factor with the largest main effect on the technology gap whose interval excludes zero, graded as one of all of them."""
    t = c.factorial
    if t.empty:
        return None
    main = t[(t["outcome"] == HEADLINE["lock_in"]) & ~t["term"].str.contains("×")]
    main = main.assign(p_holm=holm(main["p"].to_numpy()))
    apart = main[(main["lo"] > 0) | (main["hi"] < 0)]
    if apart.empty:
        return None
    row = apart.loc[apart["effect"].abs().idxmax()]
    strength = graded(row["lo"], row["hi"], row["p_holm"])
    detail = w(
        "finding.factorial.numbers",
        low=row["low"],
        high=row["high"],
        d=w.amount(row["effect"], row["unit"], signed=True, difference=True),
        interval=w.interval(row["lo"], row["hi"], row["unit"]),
    )
    headline = w(
        "finding.factorial", factor=w.name("factor", row["term"]).split(" (")[0].lower(), outcome=w.outcome(row["outcome"]).lower()
    )
    return Finding("factorial", strength, headline, _hedged(detail, strength, "finding.holm.factors", w))


def _share_meant(name: str, w: Words) -> str:
    """What a share that was drawn is, as a sentence: its name, or its key where it has none."""
    text = w.factor(name) if w.has(f"factor.{name}") else name
    return text[:1].upper() + text[1:] + w("sentence.stop")


def _drivers(c: Comparison, w: Words) -> Finding | None:
    """The drawn parameter with which the main difference in the added gap goes most, if that survives adjustment."""
    t = c.drivers
    if t.empty or c.focal is None:
        return None
    rows = t[(t["outcome"] == HEADLINE["lock_in"]) & (t["p_holm"] < SETTLED)]
    if rows.empty:
        return None
    row = rows.loc[rows["rho"].abs().idxmax()]
    info = REGISTRY.get(row["parameter"])
    names = {"a": w.phrase(c.focal[0]), "b": w.phrase(c.focal[1]), "parameter": w.said(f"factor.{row['parameter']}", row["parameter"])}
    headline = w("finding.drivers", outcome=lower(w.outcome(row["outcome"])), **names)
    rho, interval = number(row["rho"], "0..1", signed=True), w.interval(row["lo"], row["hi"], "0..1")
    meaning = w.said(f"meaning.{row['parameter']}", info.doc if info else _share_meant(row["parameter"], w))
    return Finding("drivers", "", headline, w("finding.drivers.numbers", meaning=meaning, rho=rho, interval=interval, n=row["draws"]))


def _variance(c: Comparison, w: Words) -> Finding | None:
    """Whether parameters or seeds drive the spread of the added gap under the first policy, or whether that is open."""
    t = c.variance
    policy = c.focal[0] if c.focal else c.policies[0]
    if t.empty:
        return None
    rows = t[(t["policy"] == policy) & (t["outcome"] == HEADLINE["lock_in"]) & t["parameters"].notna()]
    if rows.empty:
        return None
    row = rows.iloc[0]
    source = "parameters" if row["parameters"] >= HALF else "seeds"
    interval = w("finding.variance.interval", lo=w.share(row["lo"]), hi=w.share(row["hi"])) if math.isfinite(row["lo"]) else ""
    headline = w("finding.variance", source=w(f"finding.variance.{source}"), outcome=w.outcome(row["outcome"]).lower())
    if not math.isfinite(row["lo"]) or row["lo"] < HALF < row["hi"]:
        headline = w("finding.variance.open", outcome=w.outcome(row["outcome"]).lower())
    return Finding(
        "variance",
        "",
        headline,
        w("finding.variance.numbers", policy=w.phrase(policy), share=w.share(row["parameters"]), interval=interval),
    )


def pairing(c: Comparison, w: Words) -> str:
    """What common random numbers bought in the main contrast, in a sentence; empty where that is not known."""
    if c.focal is None:
        return ""
    row = c.row("power_ratio", *c.focal) or c.row(HEADLINE["hinder"], *c.focal)
    if row is None or not math.isfinite(row["variance_factor"]):
        return ""
    factor = row["variance_factor"]
    key = "finding.pairing.none" if factor < 1 else "finding.pairing" if factor < MANY_TIMES else "finding.pairing.much"
    return w(key, outcome=lower(w.outcome(str(row["outcome"]))), factor=number(min(factor, MANY_TIMES)))
