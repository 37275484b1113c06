"""What chance alone does: the range of outcomes over the seeds of one draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsim.analysis.measures import HEADLINE, PURPOSES, measure
from ecsim.analysis.text.words import Words

if TYPE_CHECKING:
    from ecsim.analysis.compare import Comparison

TOLD = (*(HEADLINE[p] for p in PURPOSES), HEADLINE["cost_home"])
NAMED = 4  # policies that are told of


def over_seeds(c: Comparison, w: Words) -> list[str]:
    """A sentence a policy on how far its runs are apart; nothing where more than the seed differs between them."""
    if not c.study.by_seed:
        return []
    told = []
    for policy in c.policies[:NAMED]:
        runs = c.study.core[c.study.core["policy"] == policy]
        items = []
        for outcome in (o for o in TOLD if o in runs and runs[o].notna().any()):
            values, unit = runs[outcome], measure(outcome).unit
            ends = {"lo": w.amount(values.min(), unit), "hi": w.amount(values.max(), unit)}
            same = "chance.same" if ends["lo"] == ends["hi"] else "chance.range"
            items.append(w(same, outcome=w.outcome(outcome).lower(), **ends))
        if items:
            told.append(w("chance.spread", a=w.phrase(policy), seeds=w.count("seed", runs["seed"].nunique()), list=w.list(items)))
    return told
