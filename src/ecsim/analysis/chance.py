"""What chance alone does: the range of outcomes over the seeds of one draw."""

from __future__ import annotations

from ecsim.analysis.measures import HEADLINE, PURPOSES, measure
from ecsim.analysis.study import Study
from ecsim.analysis.text.words import Words

TOLD = (*(HEADLINE[p] for p in PURPOSES), HEADLINE["cost_home"])
NAMED = 4  # policies that are told of


def over_seeds(study: Study, w: Words) -> list[str]:
    """A sentence a policy on how far its runs are apart; nothing where more than the seed differs between them."""
    if not study.by_seed:
        return []
    told = []
    for policy in study.core_policies[:NAMED]:
        runs = study.core[study.core["policy"] == policy]
        items = []
        for outcome in (o for o in TOLD if o in runs and runs[o].notna().any()):
            values, unit = runs[outcome], measure(outcome).unit
            lo, hi = w.number(values.min(), unit), w.number(values.max(), unit)
            key = "chance.same" if lo == hi else "chance.range"
            items.append(w(key, outcome=w.outcome(outcome).lower(), lo=lo, hi=w.amount(values.max(), unit)))
        if items:
            told.append(w("chance.spread", a=w.phrase(policy), seeds=w.count("seed", runs["seed"].nunique()), list=w.list(items)))
    return told
