"""What the results take for granted: how the challenger answers each policy, how fast technology moves, what is fact and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import Study
from ecsim.analysis.text.words import Words
from ecsim.data.coverage import coverage
from ecsim.data.loader import load
from ecsim.params import REGISTRY
from ecsim.strategies.advice import ADVICE, parts

ABSORBED = "innovation.subsidy_absorbed"
BUDGET = "innovation.subsidy_budget"

Answer = Mapping[str, Any]
"""How the challenger answers a policy, as the manifest keeps it: see `ecsim.api`."""


def assumed(c: Comparison, w: Words) -> list[str]:
    """What the results take for granted, a paragraph each."""
    answers = _answers(c)
    found = _told({policy: _parts(a, c.study, w) for policy, a in answers.items()}, w)
    if any(_funds(a) for a in answers.values()):
        found.append(w("assumed.catch_up"))
    config = c.study.manifest.get("config") or {}
    cited = coverage(load(domains=tuple((config.get("population") or {}).get("domains") or ()))).iloc[-1]["cited"]
    rest = sum(info.source.startswith("assumption") for info in REGISTRY.values() if info.lo is not None)
    found.append(w("assumed.data", cited=w.share(float(cited)), assumed=rest, all=sum(i.lo is not None for i in REGISTRY.values())))
    return found


def _answers(c: Comparison) -> dict[str, Answer]:
    """The answer to each policy compared; none to no controls, and none known of results of earlier versions."""
    stored = c.study.manifest.get("answers")
    known = stored if isinstance(stored, Mapping) else {}
    return {p: known[p] for p in c.policies if isinstance(known.get(p), Mapping)}


def _told(answers: Mapping[str, list[str]], w: Words) -> list[str]:
    """What all answers share in one paragraph, and what differs in one for each kind of answer."""
    if not answers:
        return []
    kinds: dict[tuple[str, ...], list[str]] = {}
    for policy, own in answers.items():
        kinds.setdefault(tuple(own), []).append(policy)
    if len(kinds) == 1:
        return [w("assumed.same" if len(answers) > 1 else "assumed.one", list=_joined(next(iter(kinds)), w))]
    shared = [part for part in next(iter(kinds)) if all(part in kind for kind in kinds)]
    differ = [(policies, [part for part in kind if part not in shared]) for kind, policies in kinds.items()]
    return [
        w("assumed.shared", list=_joined(shared, w)) if shared else w("assumed.differ"),
        *(w("assumed.own", policies=w.list(map(w.policy, p)), list=_joined(own, w) or w("assumed.no_more")) for p, own in differ),
    ]


def _joined(told: Any, w: Words) -> str:
    return w("list.semicolon").join(told)


def _parts(a: Answer, study: Study, w: Words) -> list[str]:
    """What the challenger does, in words; that it does nothing where it does not."""
    does = [*_fund(a, study, w), *_counsel(a, w), *_counters(a, w)]
    if not does:
        return [w("assumed.nothing")]
    return does if _funds(a) else [w("assumed.no_fund"), *does]


def _funds(a: Answer) -> bool:
    """Whether the answer pays for substitution, by a fund of its own or by what the counsel asks for."""
    return a["subsidy"] > 0 or any(effect.channel == "subsidy" for name in _taken(a) for _, effect in parts(ADVICE[name]))


def _taken(a: Answer) -> list[str]:
    """Components of the counsel that are carried out."""
    return [name for name, strength in a["components"].items() if strength > 0]


def _fund(a: Answer, study: Study, w: Words) -> list[str]:
    """The fund and the stocks."""
    told = []
    if a["subsidy"] > 0:
        budget, absorbed = _value(BUDGET, a["budget"], study, w, a["subsidy"]), _value(ABSORBED, a["absorbed"], study, w)
        told.append(w("assumed.fund", since=_since(a["subsidy_delay"], w), budget=budget, absorbed=absorbed))
    if a["stockpile"] > 0:
        told.append(w("assumed.stock"))
    return told


def _value(name: str, value: float, study: Study, w: Words, times: float = 1.0) -> str:
    """A parameter, or the range over which it was drawn."""
    if name not in study.parameters:
        return f"{times * value:g}"
    drawn = times * pd.to_numeric(study.runs[name], errors="coerce")
    return w("assumed.drawn", lo=f"{drawn.min():.1f}", hi=f"{drawn.max():.1f}")


def _since(quarters: int, w: Words, first: str = "assumed") -> str:
    """From when on: from the first control, or by `first` from the first rule on the country's goods."""
    return w(f"{first}.after", wait=w.count("quarter", quarters)) if quarters else w(f"{first}.at_once")


def _counsel(a: Answer, w: Words) -> list[str]:
    """What is carried out of the papers' counsel, at which strength where it is not the full one."""
    names = []
    for name in _taken(a):
        advice, strength = ADVICE[name], a["components"][name]
        text = advice.name_zh if w.lang == "zh" else advice.name_en[:1].lower() + advice.name_en[1:]
        names.append(text if strength == 1 else w.aside(text, w("assumed.strength", x=f"{strength:g}")))
    return [w("assumed.counsel", list=w.list(names))] if names else []


def _counters(a: Answer, w: Words) -> list[str]:
    """Counter-controls, and what is closed of the market; those of a script stand in their place."""
    told, since = [w("assumed.scripted")] if a["scripted"] else [], _since(a["counter_delay"], w, "assumed.country")
    if a["counter_products"] and a["counter_height"] > 0:
        products = w.list(w.name("product", p) for p in a["counter_products"])
        key = "assumed.counter.steps" if a["counter_step"] > 0 else "assumed.counter"
        told.append(w(key, since=since, products=products, share=w.share(a["counter_height"])))
    if a["close_market"] > 0:
        told.append(w("assumed.market", since=since, share=w.share(a["close_market"])))
    return told
