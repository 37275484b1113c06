"""A fixed set of controls for benchmarks, so that permission, diversion and adaptation all have work to do."""

from __future__ import annotations

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Economy
from ecsim.rules import Measure, Rule, RuleBook

ADVANCED = ("lithography", "deposition_etch", "process_control", "eda_ip", "foundry_advanced", "hbm", "accelerators")
LIST = "entity_list"
EVERY = 5  # one in so many of the challenger's firms is listed
JOINS = ("JPN", "NLD")


def impose(book: RuleBook, e: Economy) -> None:
    """A threshold with direct-product reach, a list with a de minimis test, two adopters, a counter-control and a tariff."""
    home, rival = e.states[INCUMBENT], e.states[CHALLENGER]
    advanced = tuple(p for p in ADVANCED if p in e.product_index)
    rules = (
        Rule(
            id="threshold",
            tool="benchmark",
            issuer=home,
            destinations=(rival,),
            products=advanced,
            threshold=-0.5,
            denial=0.9,
            delay=1.0,
            fdp=True,
        ),
        Rule(id="listing", tool="benchmark", issuer=home, destinations=(rival,), party_list=LIST, denial=0.8, de_minimis=0.25),
        Rule(id="counter", tool="benchmark", issuer=rival, destinations=(home,), products=e.products[:1], denial=0.3),
    )
    book.rules.update({rule.id: rule for rule in rules})
    book.measures["tariff"] = Measure(id="tariff", tool="benchmark", issuer=home, channel="tariff", targets=(rival,), size=0.1)
    book.parties[LIST] = set(np.flatnonzero(e.owner == CHALLENGER)[::EVERY].tolist())
    book.adoption.update({(state, home): 0.8 for state in JOINS if state in e.state_index})
    book.touch()
