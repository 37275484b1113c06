"""Whom rules cover, before their reach is asked: products, destinations, parties, military users, end uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.params import Params
from ecsim.permission_table.classes import Classes
from ecsim.permission_table.reach import masks_of
from ecsim.rules import NO_LIST, Rule, RuleBook

EVERYBODY, ANY_USE = -1, -1  # in place of the number of a list, and of an end use
NUMBERS = np.dtype(
    [("owners", bool), ("home", int), ("use", int), ("military", bool), ("on", int)]
    + [(name, float) for name in ("party", "beside", "denial", "delay")]
)  # what `Clauses` keeps of a rule in one number each


@dataclass(frozen=True, eq=False)
class Clauses:
    """What the rules in force say of whom and what they cover, R rules.

    Attributes:
        products: products covered, shape (R, P).
        named, exempt: states named as destinations, and owners exempt, shape (R, S).
        owners: whether owners count as destinations, shape R.
        home: state of the issuer, shape R.
        use: the end use that it names, by its bit, or `ANY_USE`, shape R.
        military: whether it is about military users, shape R.
        on: number of the rule's list, or `EVERYBODY`, shape R.
        civil: how far a rule about military users covers others.
        party: how far it covers a party, shape R.
        beside: factor on the listed share of purchases: how far it covers others by over-compliance, shape R.
        listed_share: share of the purchases of each product in each state that listed firms make, shape (lists, P, S).
        denial: share of applications denied, shape R.
        delay: time that a licence takes, quarters, shape R.
    """

    products: Array
    named: Array
    exempt: Array
    owners: Array
    home: Array
    use: Array
    military: Array
    on: Array
    civil: float
    party: Array
    beside: Array
    listed_share: Array
    denial: Array
    delay: Array


def effective(book: RuleBook, classes: Classes) -> list[Rule]:
    """Rules that ask anything of anybody."""
    known = (NO_LIST, *classes.names)
    return [rule for rule in book.rules.values() if (rule.denial > 0 or rule.delay > 0) and rule.party_list in known]


def clauses_of(
    e: Economy,
    p: Params,
    book: RuleBook,
    rules: Sequence[Rule],
    classes: Classes,
    listed_share: Array,
    over_compliance: Array,
    licence_time: Array,
) -> Clauses:
    """The clauses of some rules of a book; `over_compliance` and `licence_time` are factors by issuer, shape S.

    What is listed moves in part to affiliates, unless a rule of the issuer covers them.
    """
    homes = [e.state_index[rule.issuer] for rule in rules]
    tight = {rule.issuer for rule in book.rules.values() if rule.affiliates and not rule.party_list}
    evaded, refusal = 1.0 - p.permission.affiliate_evasion, p.permission.over_compliance
    numbers = [
        (
            rule.owners,
            home,
            classes.uses.index(rule.end_uses) if rule.end_uses else ANY_USE,
            rule.military,
            classes.names.index(rule.party_list) if rule.party_list else EVERYBODY,
            1.0 if not rule.party_list or rule.affiliates or rule.issuer in tight else evaded,
            over_compliance[home] * refusal,
            rule.denial,
            rule.delay * licence_time[home],
        )
        for rule, home in zip(rules, homes, strict=True)
    ]
    of = np.array(numbers, dtype=NUMBERS)
    return Clauses(
        products=masks_of(e.products, tuple(rule.products or e.products for rule in rules)),
        named=masks_of(e.states, tuple(rule.destinations or e.states for rule in rules)),
        exempt=masks_of(e.states, tuple(rule.exempt for rule in rules)),
        civil=p.permission.military_end_use,
        listed_share=listed_share,
        **{name: np.ascontiguousarray(of[name]) for name in NUMBERS.names or ()},
    )


def cover_of(c: Clauses, classes: Classes) -> Array:
    """How far each rule covers each class's purchases of each product, 0..1, before its reach, shape (R, P, B)."""
    at = c.named[:, classes.location] | (c.named[:, classes.owner] & c.owners[:, None])
    at = at & (classes.location[None, :] != c.home[:, None]) & ~c.exempt[:, classes.owner]
    at = at & ((c.use[:, None] == ANY_USE) | ((classes.use[None, :] >> np.maximum(c.use, 0)[:, None]) & 1 == 1))
    share = at * np.where(c.military[:, None] & ~classes.military[None, :], c.civil, 1.0)
    everybody, nobody = np.ones((len(classes.location), 1)), np.zeros((1, *c.listed_share.shape[1:]))  # in the last place, that of -1
    on = np.hstack([classes.listed, everybody]).T[c.on]
    listed = np.concatenate([c.listed_share, nobody])[c.on][:, :, classes.location]
    beside = np.minimum(1.0, c.beside[:, None, None] * listed)
    return c.products[:, :, None] * share[:, None, :] * (on[:, None, :] * c.party[:, None, None] + (1.0 - on[:, None, :]) * beside)
