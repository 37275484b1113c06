"""The answer of a study of alliance participation, in sentences made from its tables."""

from __future__ import annotations

import math
from typing import Any

from ecsim.analysis.participation.joining import between
from ecsim.analysis.participation.members import SETTLED
from ecsim.analysis.participation.study import Participation
from ecsim.analysis.text.words import Words, scale_of
from ecsim.report.figures.base import cap
from ecsim.report.participation.figures import PLACED, ranked, short, stepped

GAP, HOME, ALLIES = "gap_added", "home_revenue", "ally_revenue"


def answer(p: Participation, w: Words) -> list[str]:
    """Paragraphs: what all allies change, thresholds and break-even; members; delay; fence."""
    paragraphs = [
        [_total(p, w), _threshold(p, w), _even(p, w)],
        [_members(p, w), _exit(p, w), _at_home(p, w)],
        [_delay(p, w), *_fence(p, w)],
    ]
    joined = [w("sentence.space").join(s for s in sentences if s) for sentences in paragraphs]
    return [text for text in joined if text]


def _total(p: Participation, w: Words) -> str:
    items = {}
    for outcome in (GAP, HOME, ALLIES):
        t = p.response[(p.response["outcome"] == outcome) & (p.response["participation"] == 1.0)]
        if len(t):
            row = t.iloc[0]
            amount = w.amount(row["change"], row["unit"], signed=True, difference=True)
            interval = w.interval(row["change_lo"], row["change_hi"], row["unit"])
            items[outcome] = w("part.answer.change", outcome=w.outcome(outcome).lower(), v=amount, i=interval)
    return w("part.answer.total", n=len(p.members), policy=w.phrase(p.policy), list=w.list(items.values())) if items else ""


def _threshold(p: Participation, w: Words) -> str:
    t = p.thresholds[p.thresholds["outcome"] == GAP] if len(p.thresholds) else p.thresholds
    if not len(t):
        return ""
    found = t[t["verdict"].isin(PLACED) | stepped(t)]
    if not len(found):
        return w("part.answer.straight")
    items = [
        w(
            f"part.answer.{r['verdict']}",
            sense=w(f"part.short.{r['sense']}"),
            x=f"{r['threshold']:.2f}",
            i=w("interval", lo=f"{r['lo']:.2f}", hi=f"{r['hi']:.2f}"),
            a=f"{r['step_from']:.2f}",
            b=f"{r['step_to']:.2f}",
            who=_joiners(p, r, w),
        )
        for r in found.to_dict("records")
    ]
    return w("part.answer.bends", list=w("list.semicolon").join(items))


def _joiners(p: Participation, row: dict[str, Any], w: Words) -> str:
    """Who joins over the largest step of a curve by extent."""
    if row["sense"] != "extent" or not len(p.joining):
        return ""
    how = zip(("whole", "part"), between(p.joining, row["step_from"], row["step_to"], p.marginal), strict=True)
    told = [w(f"part.answer.who.{key}", list=w.list(w.state(m) for m in states)) for key, states in how if states]
    return w("part.answer.who", list=w("list.semicolon").join(told)) if told else ""


def _even(p: Participation, w: Words) -> str:
    t = p.break_even
    t = t[(t["outcome"] == HOME) & (t["against"] == "free")] if len(t) else t
    if not len(t):
        return ""
    found = t[t["verdict"] == "found"]
    if len(found):
        items = [
            w(
                "part.answer.even.one.open" if r["beyond"] == "open" else "part.answer.even.one",
                x=f"{r['participation']:.2f}",
                i=w("interval", lo=f"{r['lo']:.2f}", hi=f"{r['hi']:.2f}"),
                sense=w(f"part.short.{r['sense']}"),
                before=w(f"part.answer.even.from.{r['before']}"),
                beyond=w(f"part.answer.even.{r['beyond']}"),
                times=w("part.answer.even.times", n=r["crossings"].count(";") + 1) if ";" in r["crossings"] else "",
            )
            for r in found.to_dict("records")
        ]
        return w("part.answer.even", list=w("list.semicolon").join(items))
    for verdict in ("never", "always"):
        if (t["verdict"] == verdict).all():
            return w(f"part.answer.even.{verdict}")
    return w("part.answer.even.unsettled")


def _members(p: Participation, w: Words) -> str:
    t = p.by_member
    if not len(t) or GAP not in set(t["outcome"]):
        return ""
    first = ranked(p, GAP)[0]
    own = t[(t["outcome"] == GAP) & (t["member"] == first)].set_index("kind")
    whole = float(t[(t["outcome"] == GAP) & (t["kind"] == "shapley")]["value"].sum())
    value, lost = own.loc["shapley"], own.loc["exit"]
    share = value["value"] / whole if whole > 0 else math.nan
    told = w("part.answer.member", a=cap(w.state(first)), share=w.share(float(share)), **_told(value, w, "v", "i"))
    after = _leaving("part.answer.member.exit", first, lost, w)
    return w("sentence.space").join([told, *_rival(p, GAP, "shapley", w), after])


def _rival(p: Participation, outcome: str, kind: str, w: Words) -> list[str]:
    """A sentence on the member that comes second, where the first is not told apart from it."""
    t = p.by_member[(p.by_member["outcome"] == outcome) & (p.by_member["kind"] == kind)].set_index("member")
    second = t.loc[ranked(p, outcome, kind)[1]]
    if second["p_first"] < SETTLED:
        return []
    amount = w.amount(second["value"], second["unit"], signed=True, difference=True)
    return [w("part.answer.rival", b=w.state(str(second.name)), v=amount)]


def _exit(p: Participation, w: Words) -> str:
    """Whose exit hurts most, where it is not the one that contributes most."""
    t = p.by_member
    if not len(t) or GAP not in set(t["outcome"]):
        return ""
    worst = ranked(p, GAP, "exit")[0]
    if worst == ranked(p, GAP)[0]:
        return ""
    row = t[(t["outcome"] == GAP) & (t["member"] == worst) & (t["kind"] == "exit")].iloc[0]
    return w("sentence.space").join([_leaving("part.answer.exit", worst, row, w), *_rival(p, GAP, "exit", w)])


def _leaving(key: str, member: str, row: Any, w: Words) -> str:
    """What the exit of a member does to the gap, in words; hedged where its interval holds zero, or where there is none."""
    v, i = precise(row["value"], row["lo"], row["hi"], row["unit"], w)
    turn = w(f"part.answer.leaving.{'adds' if row['value'] < 0 else 'costs'}", v=v, i=i)
    return w(key if row["lo"] > 0 or row["hi"] < 0 else f"{key}.open", a=w.state(member), turn=turn)


def _at_home(p: Participation, w: Words) -> str:
    """Which member revenue at home depends on most, where that is clear."""
    t = p.by_member
    own = t[(t["outcome"] == HOME) & (t["kind"] == "shapley") & t["clear"]] if len(t) else t
    if not len(own):
        return ""
    row = own.loc[own["value"].idxmax()]
    if row["value"] <= 0:
        return ""
    told = w("part.answer.home", a=w.state(row["member"]), **_told(row, w, "v", "i"))
    first = ranked(p, HOME)[0] == row["member"]
    return w("sentence.space").join([told, *(_rival(p, HOME, "shapley", w) if first else [])])


def _told(row: Any, w: Words, value: str, interval: str) -> dict[str, str]:
    return {
        value: w.amount(row["value"], row["unit"], signed=True, difference=True),
        interval: w.interval(row["lo"], row["hi"], row["unit"]),
    }


def _delay(p: Participation, w: Words) -> str:
    t = p.delay
    if not len(t) or not {GAP, HOME} <= set(t["outcome"]):
        return ""
    gap, home = (t[t["outcome"] == o].iloc[0] for o in (GAP, HOME))
    last = p.delay["delay"].max()
    key = "costs" if gap["per_quarter_hi"] < 0 else "adds" if gap["per_quarter_lo"] > 0 else "open"
    signed = key == "open"  # no verb says which way the change goes
    v, i = precise(gap["per_quarter"], gap["per_quarter_lo"], gap["per_quarter_hi"], gap["unit"], w, signed=signed)
    r, ri = precise(home["per_quarter"], home["per_quarter_lo"], home["per_quarter_hi"], home["unit"], w, signed=True)
    return w(f"part.answer.delay.{key}", v=v, i=i, r=r, ri=ri, last=f"{last:.0f}")


def precise(value: float, lo: float, hi: float, unit: str, w: Words, *, signed: bool = False) -> tuple[str, str]:
    """A small change and its interval with two significant digits; without `signed` by its size, the interval turned with it."""
    if not signed and value < 0:
        value, lo, hi = -value, -hi, -lo
    scale = scale_of(value, lo, hi)
    written, text = w.shown(unit).text, w.unit(unit, True)
    told = ("+" if signed and value > 0 else "") + written(short(value, scale))
    interval = w("interval", lo=written(short(lo, scale)), hi=written(short(hi, scale))) if math.isfinite(lo) else w("no_interval")
    return told + ("%" if text == "%" else f" {text}" if text else ""), interval


def _fence(p: Participation, w: Words) -> list[str]:
    t = p.interaction[p.interaction["outcome"] == GAP] if len(p.interaction) else p.interaction
    if not len(t):
        return []
    sentences = []
    by_term = t.set_index("term")
    reach, height = by_term.loc["reach"], by_term.loc["height"]
    if reach["hi"] < 0 or reach["lo"] > 0:
        key = "part.answer.substitutes" if reach["hi"] < 0 else "part.answer.complements"
        d, i = precise(reach["value"], reach["lo"], reach["hi"], reach["unit"], w)
        sentences.append(w(key, d=d, i=i))
    if height["lo"] > 0:
        d, i = precise(height["value"], height["lo"], height["hi"], height["unit"], w)
        sentences.append(w("part.answer.height", d=d, i=i))
    return sentences
