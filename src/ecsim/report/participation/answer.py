"""The answer of a study of alliance participation, in sentences made from its tables."""

from __future__ import annotations

import math
from typing import Any

from ecsim.analysis.measures import measure
from ecsim.analysis.participation.study import Participation
from ecsim.analysis.text.words import Words
from ecsim.report.participation.figures import ranked

GAP, HOME, ALLIES = "gap_added", "home_revenue", "ally_revenue"


def answer(p: Participation, w: Words) -> list[str]:
    """Paragraphs: what all allies change, thresholds and break-even; members; delay; fence."""
    paragraphs = [
        [_total(p, w), _threshold(p, w), _even(p, w)],
        [_members(p, w), _exit(p, w)],
        [_delay(p, w), *_fence(p, w)],
    ]
    joined = [w("sentence.space").join(s for s in sentences if s) for sentences in paragraphs]
    return [text for text in joined if text]


def _total(p: Participation, w: Words) -> str:
    items = []
    for outcome in (GAP, HOME, ALLIES):
        t = p.response[(p.response["outcome"] == outcome) & (p.response["participation"] == 1.0)]
        if len(t):
            row = t.iloc[0]
            amount = w.amount(row["change"], row["unit"], signed=True, difference=True)
            interval = w.interval(row["change_lo"], row["change_hi"], row["unit"])
            items.append(w("part.answer.change", outcome=w.outcome(outcome).lower(), v=amount, i=interval))
    return w("part.answer.total", n=len(p.members), policy=w.phrase(p.policy), list=w.list(items)) if items else ""


def _threshold(p: Participation, w: Words) -> str:
    t = p.thresholds[p.thresholds["outcome"] == GAP] if len(p.thresholds) else p.thresholds
    found = t[t["verdict"] == "threshold"] if len(t) else t
    if not len(t):
        return ""
    if not len(found):
        return w("part.answer.straight")
    items = [
        w(
            "part.answer.threshold.one",
            sense=w(f"part.short.{r['sense']}"),
            x=f"{r['threshold']:.2f}",
            i=w("interval", lo=f"{r['lo']:.2f}", hi=f"{r['hi']:.2f}"),
        )
        for r in found.to_dict("records")
    ]
    return w("part.answer.threshold", list=w.list(items))


def _even(p: Participation, w: Words) -> str:
    t = p.break_even
    t = t[(t["outcome"] == HOME) & (t["against"] == "free")] if len(t) else t
    if not len(t):
        return ""
    found = t[t["verdict"] == "found"]
    if len(found):
        items = [
            w("part.answer.even.one", x=f"{r['participation']:.2f}", sense=w(f"part.short.{r['sense']}")) for r in found.to_dict("records")
        ]
        return w("part.answer.even", list=w.list(items))
    if (t["verdict"] == "never").all():
        return w("part.answer.even.never")
    return w("part.answer.even.always") if (t["verdict"] == "always").all() else ""


def _members(p: Participation, w: Words) -> str:
    t = p.by_member
    if not len(t) or GAP not in set(t["outcome"]):
        return ""
    first = ranked(p, GAP)[0]
    own = t[(t["outcome"] == GAP) & (t["member"] == first)].set_index("kind")
    whole = float(t[(t["outcome"] == GAP) & (t["kind"] == "shapley")]["value"].sum())
    value, lost = own.loc["shapley"], own.loc["exit"]
    share = value["value"] / whole if whole > 0 else math.nan
    told = {"a": w.name("state", first), "share": w.share(float(share))}
    return w(
        "part.answer.member",
        **told,
        v=_amount(value, w),
        i=w.interval(value["lo"], value["hi"], value["unit"]),
        exit=_amount(lost, w),
        e=w.interval(lost["lo"], lost["hi"], lost["unit"]),
    )


def _exit(p: Participation, w: Words) -> str:
    """Whose exit hurts most, where it is not the one that contributes most."""
    t = p.by_member
    if not len(t) or GAP not in set(t["outcome"]):
        return ""
    worst = ranked(p, GAP, "exit")[0]
    if worst == ranked(p, GAP)[0]:
        return ""
    row = t[(t["outcome"] == GAP) & (t["member"] == worst) & (t["kind"] == "exit")].iloc[0]
    return w("part.answer.exit", b=w.name("state", worst), exit=_amount(row, w), e=w.interval(row["lo"], row["hi"], row["unit"]))


def _delay(p: Participation, w: Words) -> str:
    t = p.delay
    if not len(t) or not {GAP, HOME} <= set(t["outcome"]):
        return ""
    gap, home = (t[t["outcome"] == o].iloc[0] for o in (GAP, HOME))
    return w("part.answer.delay", v=_fine(gap, w), i=_fine_interval(gap, w), r=_fine(home, w), ri=_fine_interval(home, w))


def _fine(row: Any, w: Words) -> str:
    """A small change with three decimals and its unit."""
    unit = w.unit(measure(row["outcome"]).unit, True)
    return f"{row['per_quarter']:+.3f}".replace("-", "−") + ("%" if unit == "%" else f" {unit}")


def _fine_interval(row: Any, w: Words) -> str:
    return w("interval", **{end: f"{row[f'per_quarter_{end}']:.3f}".replace("-", "−") for end in ("lo", "hi")})


def _fence(p: Participation, w: Words) -> list[str]:
    t = p.interaction[p.interaction["outcome"] == GAP] if len(p.interaction) else p.interaction
    if not len(t):
        return []
    sentences = []
    by_term = t.set_index("term")
    reach, height = by_term.loc["reach"], by_term.loc["height"]
    if reach["hi"] < 0 or reach["lo"] > 0:
        key = "part.answer.substitutes" if reach["hi"] < 0 else "part.answer.complements"
        sentences.append(w(key, d=w.amount(abs(reach["value"]), reach["unit"]), i=w.interval(reach["lo"], reach["hi"], reach["unit"])))
    if height["lo"] > 0:
        text = w.interval(height["lo"], height["hi"], height["unit"])
        sentences.append(w("part.answer.height", d=w.amount(height["value"], height["unit"]), i=text))
    return sentences


def _amount(row: Any, w: Words) -> str:
    return w.amount(row["value"], row["unit"], signed=True, difference=True)
