"""Whom a rule covers, before its reach is asked: products, destinations, parties, military users, end uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ecsim.economy import Array, Economy
from ecsim.params import Params
from ecsim.permission_table.classes import Classes
from ecsim.permission_table.reach import mask_of
from ecsim.rules import NO_LIST, Rule, RuleBook


class Cover(NamedTuple):
    """Whom and what a rule covers before its reach is asked.

    Attributes:
        location, owner: state of each class of buyers, shape B.
        served: classes that serve an end use that the rule names, shape B.
        military: classes that count as military, all where the rule makes no difference, shape B.
        on: share of each class on the rule's list, one where it has none, shape B.
        named, exempt: states named as destinations and owners exempt, shape S.
        owners: whether owners count as destinations.
        home: state of the issuer.
        products: products covered, shape P.
        civil: how far it covers classes that are not military.
        party: how far it covers a party.
        beside: how far it covers others by over-compliance, shape (P, S).
    """

    location: Array
    owner: Array
    served: Array
    military: Array
    on: Array
    named: Array
    owners: bool
    home: int
    exempt: Array
    products: Array
    civil: float
    party: float
    beside: Array


def cover_of(c: Cover, out: Array) -> bool:
    """How far a rule covers each class's purchases of each product, 0..1, before its reach, into (P, B); whether at all."""
    at = c.named[c.location] | (c.named[c.owner] & c.owners)
    at = at & (c.location != c.home) & ~c.exempt[c.owner] & c.served
    share = at * np.where(c.military, 1.0, c.civil)
    out[:] = c.products[:, None] * share * (c.on * c.party + (1.0 - c.on) * c.beside[:, c.location])
    return bool(out.any())


@dataclass(frozen=True, eq=False)
class Nobody:
    """Terms of a rule that makes no difference between buyers; shared, not to be changed.

    Attributes:
        everyone, whole: every class, and each in full, shape B.
        beside: none covered by over-compliance, shape (P, S).
    """

    everyone: Array
    whole: Array
    beside: Array

    @staticmethod
    def of(e: Economy, n_classes: int) -> Nobody:
        """The terms for so many classes."""
        return Nobody(np.ones(n_classes, dtype=bool), np.ones(n_classes), np.zeros((e.n_products, e.n_states)))


def cover_terms(
    e: Economy, p: Params, rule: Rule, classes: Classes, listed_share: Array, book: RuleBook, factor: float, nobody: Nobody
) -> Cover:
    """What decides whom a rule covers; `factor` on over-compliance."""
    on, party, beside = nobody.whole, 1.0, nobody.beside
    if rule.party_list != NO_LIST:
        on, party, beside = _listing(p, rule, classes, listed_share, book, factor)
    return Cover(
        location=classes.location,
        owner=classes.owner,
        served=(classes.use >> classes.uses.index(rule.end_uses)) & 1 == 1 if rule.end_uses else nobody.everyone,
        military=classes.military if rule.military else nobody.everyone,
        on=on,
        named=mask_of(e.states, rule.destinations or e.states),
        owners=rule.owners,
        home=e.state_index[rule.issuer],
        exempt=mask_of(e.states, rule.exempt),
        products=mask_of(e.products, rule.products or e.products),
        civil=p.permission.military_end_use,
        party=party,
        beside=beside,
    )


def _listing(p: Params, rule: Rule, classes: Classes, listed_share: Array, book: RuleBook, factor: float) -> tuple[Array, float, Array]:
    """Share of each class on the rule's list; how far it covers a party, and others by over-compliance, by product and state.

    What is listed moves in part to affiliates, unless they are covered.
    """
    if rule.party_list not in classes.names:
        return np.zeros(len(classes.location)), 0.0, np.zeros(listed_share.shape[1:])
    bit = classes.names.index(rule.party_list)
    tight = rule.affiliates or any(r.affiliates and not r.party_list and r.issuer == rule.issuer for r in book.rules.values())
    party = 1.0 if tight else 1.0 - p.permission.affiliate_evasion
    beside = np.minimum(1.0, factor * p.permission.over_compliance * listed_share[bit])
    return np.ascontiguousarray(classes.listed[:, bit]), party, beside
