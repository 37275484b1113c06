"""The utility of joining the incumbent's controls, by state (model section 7.7), as one table of reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.params import REFERENCE
from ecsim.permission_table import masks_of
from ecsim.rules import Rule, RuleBook
from ecsim.strategies.clubs import fellows, inherited
from ecsim.strategies.outlook import Outlook, at_risk
from ecsim.world import World

TINY = 1e-12
PERCENT = 100.0
YEAR = 4
OFFER = "partners"  # tool by which the challenger woos its partners


@dataclass(frozen=True, eq=False)
class Package:
    """What an issuer's adoptable rules on goods for a destination ask of those who join. R rules.

    Attributes:
        denial: share denied of each product, shape (R, P).
        threshold: technology from which each applies, shape (R,); relative to the frontier where sliding.
        sliding: shape (R,).
        direct: whether its direct-product test reaches goods from each state, shape (R, S).
    """

    denial: Array
    threshold: Array
    sliding: Array
    direct: Array

    @property
    def empty(self) -> bool:
        """Whether it asks nothing."""
        return not len(self.denial)

    @cached_property
    def products(self) -> bytes:
        """Which products it is about, as a key."""
        return (self.denial > 0).any(axis=0).tobytes()

    def strength(self, w: World, seen: Outlook) -> Array:
        """Share of what is ordered today that each rule denies, shape (R, P)."""
        theta = self.threshold[:, None] + self.sliding[:, None] * w.frontier[None, :]
        above = (seen.item[None, :] - theta) / w.params.government.spread
        return self.denial * (1.0 + np.tanh(above / 2.0)) / 2.0


def package(e: Economy, rules: Sequence[Rule]) -> Package:
    """The package that rules make up."""
    products = masks_of(e.products, tuple([r.products or e.products for r in rules]))
    spared = masks_of(e.states, tuple([r.spares for r in rules]))
    denial, sliding, fdp = (np.array([getattr(r, name) for r in rules], dtype=float) for name in ("denial", "sliding", "fdp"))
    threshold = np.array([-np.inf if r.threshold is None else r.threshold for r in rules])
    return Package(denial[:, None] * products, threshold, sliding, fdp[:, None] * ~spared)


def rules_offered(book: RuleBook, issuer: str, destination: str) -> list[Rule]:
    """Rules of an issuer that others can adopt against a destination. They have no lists of parties of their own to follow."""
    return [
        r
        for r in book.rules.values()
        if r.issuer == issuer
        and not r.party_list
        and not r.military
        and r.adoptable
        and r.denial > 0
        and (not r.destinations or destination in r.destinations)
    ]


@dataclass(frozen=True, eq=False)
class Reasons:
    """What speaks for and against joining, by state, before weights; each of shape (S,).

    Attributes:
        effect: share of the challenger's foreign supply, all products weighted by what depends on them, that
            joining would newly deny.
        pressure: dependence on the incumbent's protection, and share of own sales in reach of its direct-product rules.
        norm: share, by supply of the controlled products, of other states already in.
        stake: share of own revenue that joining would give up.
        exposure: exports to the challenger and plants in it.
        past: memberships in past regimes and quarters of membership, decayed.
    """

    effect: Array
    pressure: Array
    norm: Array
    stake: Array
    exposure: Array
    past: Array

    def utility(self, w: World, threat: float, anger: float) -> Array:
        """Utility of joining, shape (S,).

        u = c + wT threat effect + wP pressure + wN norm - wC stake - wR anger exposure + beta log(1 + past)

        Args:
            threat: how threatened the incumbent and its friends feel, 0..1.
            anger: how likely the challenger is to retaliate, 0..1.
        """
        p = w.params.accession
        gain = p.threat * threat * self.effect + p.pressure * self.pressure + p.norms * self.norm
        loss = p.stake * self.stake + p.retaliation * anger * self.exposure
        return p.inclination + gain - loss + p.path_dependence * np.log1p(self.past)


def reasons(w: World, seen: Outlook, wanted: Package, adopted: Array, past: Array) -> Reasons:
    """The reasons of every state.

    Args:
        seen: trade with the challenger.
        wanted: what is asked of those who join.
        adopted: level at which each state has joined, shape (S,).
        past: stock of past adoption, shape (S,).
    """
    e = w.economy
    risk = at_risk(e, w.params.government.fade)
    weigh = stakes_by_arrays if w.params.time.engine == REFERENCE else _stakes_compiled
    effect, in_reach, given_up, share, weight = weigh(w, seen.with_refused((adopted > 0) * 1.0), wanted, risk)
    traits = _traits(e)
    return Reasons(
        effect=effect / max(float(risk.sum()), TINY),
        pressure=(traits.protected + in_reach) / 2.0,
        norm=_norm(w, share.T @ weight, adopted),
        stake=given_up / np.maximum(seen.revenue, TINY) + offers(w.book),
        exposure=traits.exports + traits.plants,
        past=past,
    )


Stakes = tuple[Array, Array, Array, Array, Array]
"""Supply newly denied, weighed by risk; share of own supply in reach of direct-product rules; custom given up, each (S,);
shares of the challenger's supply, (P, S), and the weight of each product in them, (P,)."""


def stakes_by_arrays(w: World, seen: Outlook, wanted: Package, risk: Array) -> Stakes:
    """What is at stake for each state, as array expressions."""
    strength = wanted.strength(w, seen)
    asked = strength.max(axis=0, initial=0.0)
    reached = (strength[:, :, None] * wanted.direct[:, None, :]).max(axis=0, initial=0.0) * seen.reach[:, None]
    supply = seen.by_location * asked[:, None]
    abroad = seen.bought - seen.by_location[:, CHALLENGER]
    share = seen.by_location / np.maximum(abroad, TINY)[:, None]
    open_share = np.maximum(asked[:, None] - reached, 0.0)
    effect = (risk[:, None] * open_share * share).sum(axis=0)
    in_reach = (seen.by_location * reached).sum(axis=0) / np.maximum(supply.sum(axis=0), TINY)
    return effect, in_reach, (open_share * seen.by_owner).sum(axis=0), share, risk * asked


def _stakes_compiled(w: World, seen: Outlook, wanted: Package, risk: Array) -> Stakes:
    from ecsim.kernels import governments  # loads the compiler, which takes its time

    height = governments.excess(wanted.threshold, wanted.sliding, w.frontier, seen.item, w.params.government.spread)
    return governments.stakes(wanted.denial, np.tanh(height), wanted.direct, seen.by_location, seen.by_owner, seen.bought, seen.reach, risk)


def _norm(w: World, supply: Array, adopted: Array) -> Array:
    """Share of the other allies' supply that is already in; states in no common alliance count in part."""
    weight = _near(w.economy, w.quarter // YEAR * YEAR, w.params.accession.fellowship)
    return (weight @ (supply * adopted)) / np.maximum(weight @ supply, TINY)


@lru_cache(maxsize=64)
def _near(e: Economy, quarter: int, stranger: float) -> Array:
    """Weight of each ally's example for each state, itself left out, shape (S, S)."""
    near = np.array(fellows(e, quarter))
    np.fill_diagonal(near, 0.0)
    weight = (stranger + (1.0 - stranger) * near) * (e.side == 1)
    np.fill_diagonal(weight, 0.0)
    return weight


@dataclass(frozen=True, eq=False)
class Traits:
    """What does not change, by state: protection by the incumbent, exports to the challenger, plants in it, old memberships."""

    protected: Array
    exports: Array
    plants: Array
    inherited: Array


@lru_cache(maxsize=8)
def _traits(e: Economy) -> Traits:
    column = e.state_table.get("exports_to_CHN_share")
    exports = np.zeros(e.n_states) if column is None else column.fillna(0.0).to_numpy(dtype=float) / PERCENT
    own = np.bincount(e.owner, weights=e.output0, minlength=e.n_states)
    there = np.bincount(e.owner, weights=e.output0 * (e.location == CHALLENGER), minlength=e.n_states)
    plants = there / np.maximum(own, TINY)
    plants[[INCUMBENT, CHALLENGER]] = 0.0
    return Traits((e.side == 1) * 1.0, exports, plants, np.array(inherited(e)))


def exposures(e: Economy) -> Array:
    """Exports to the challenger and plants in it, as shares, shape (S,)."""
    return _traits(e).exports + _traits(e).plants


def inheritance(e: Economy) -> Array:
    """Stock of past adoption at the start: memberships in the regimes of the past, shape (S,); not to be changed."""
    return _traits(e).inherited


def offers(book: RuleBook) -> float:
    """Business that the challenger offers its partners, and that those who join forgo, as a share of revenue."""
    return -sum(m.size for m in book.measures.values() if m.tool == OFFER)
