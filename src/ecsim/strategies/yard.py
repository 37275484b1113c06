"""What a government expects of tightening or relaxing each of its rules on goods, by tool and product at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.params import REFERENCE
from ecsim.params import Government as GovernmentParams
from ecsim.strategies.makers import targets
from ecsim.strategies.outlook import Outlook, at_risk, needed_for
from ecsim.tools import CATALOGUE
from ecsim.world import World

RULES = ("ccl", "country_rule", "ear_fdp")  # licence; presumption of denial; the same with a direct-product test
TIGHTEN, RELAX = 0, 1
TINY = 1e-12


def strength_of(tool: str) -> tuple[float, bool]:
    """Share denied by a tool as the catalogue has it, and whether it carries a direct-product test."""
    terms = CATALOGUE[tool].makes[0].terms  # type: ignore[union-attr]
    return float(terms["denial"].value), bool(terms.get("fdp", False))


DENIAL = np.array([strength_of(t)[0] for t in RULES])[:, None]
DIRECT = np.array([strength_of(t)[1] for t in RULES])[:, None] * 1.0


@dataclass(frozen=True, eq=False)
class Change:
    """What a set of changes would bring, each array of one shape.

    Attributes:
        valid: whether the change is there to be made.
        denial: share of the challenger's chain newly denied, by what depends on it (negative: freed).
        revenue: share of home revenue given up (negative: regained).
        friction: share of allied revenue that a direct-product test newly reaches (negative: freed).
        strictness: unilateral strictness added, 0..1 (negative: taken away).
        protection: home revenue in products whose makers abroad are held back, times how fast they catch up.
        rules: rules added (negative: fewer).
    """

    valid: Array
    denial: Array
    revenue: Array
    friction: Array | float = 0.0
    strictness: Array | float = 0.0
    protection: Array | float = 0.0
    rules: Array | float = 0.0


@dataclass(frozen=True, eq=False)
class Yard:
    """Both directions (first axis: tighten, relax) for every tool and product.

    Attributes:
        change: what each would bring, arrays of shape (2, R, P).
        threshold: threshold that each leads to, shape (2, R, P); NaN where the rule is lifted.
        home: share of the challenger's purchases in reach of a rule without direct-product test, by product, (P,).
    """

    change: Change
    threshold: Array
    home: Array


@lru_cache(maxsize=8)
def worth(e: Economy, emerging: float, fade: float) -> Array:
    """Weight of each product: the share of the challenger's chain that depends on it, and its own promise, shape (P,)."""
    return at_risk(e, fade) + emerging * e.product_rd / max(float(e.product_rd.max()), TINY)


@lru_cache(maxsize=8)
def _abroad(e: Economy) -> Array:
    """1 for states other than incumbent and challenger, shape (S,)."""
    mask = np.ones(e.n_states)
    mask[[INCUMBENT, CHALLENGER]] = 0.0
    return mask


def _elsewhere(e: Economy, seen: Outlook, adopted: Array) -> tuple[Array, Array]:
    """What sellers outside both powers sell to the challenger: in states that joined, and in the others, each (P,), USD bn a quarter."""
    joined = seen.by_location @ (adopted * _abroad(e))
    return joined, seen.by_location @ _abroad(e) - joined


def covered(e: Economy, end_uses: Mapping[str, tuple[str, ...]]) -> Array:
    """Share of the challenger's purchases of each product by makers of its end uses, shape (P,); 1 where a rule names none."""
    share = np.ones(e.n_products)
    for name, makes in end_uses.items():
        known = [e.product_index[x] for x in makes if x in e.product_index]
        if name in e.product_index and known:
            share[e.product_index[name]] = targets(e).buys[e.product_index[name], known].sum()
    return share


def thresholds(p: GovernmentParams, frontier: Array) -> tuple[Array, Array]:
    """Threshold of a first rule on products of this frontier, and of one that is tightened, each in the shape of the frontier."""
    return np.rint((frontier + p.advanced) / p.grain) * p.grain, np.rint((frontier + p.next_frontier) / p.grain) * p.grain


def survey(w: World, seen: Outlook, theta: Array, adopted: Array, within: Array) -> Yard:
    """The yard as it is, and as it could be.

    Args:
        within: share of purchases that a rule on each product covers by its end uses, shape (P,).
        theta: threshold of each rule in force or in draft, NaN where there is none, shape (R, P).
        adopted: level at which each state has joined, shape (S,).
    """
    how = survey_by_arrays if w.params.time.engine == REFERENCE else _survey_compiled
    yard = how(w, seen, theta, adopted, within)
    worthwhile = reachable(w.economy, seen.ordered, adopted) >= w.params.government.availability
    gains = yard.change.denial[TIGHTEN] > TINY  # what another rule denies already is no reason for a further one
    yard.change.valid[TIGHTEN] &= gains & (worthwhile | ~np.isnan(theta))
    return yard


def reachable(e: Economy, seen: Outlook, adopted: Array) -> Array:
    """Share of the challenger's purchases that a rule of each tool reaches at most, (R, P): the rest is available elsewhere."""
    joined, outside = _elsewhere(e, seen, adopted)
    share: Array = (seen.by_location[:, INCUMBENT] + joined + DIRECT * (outside * seen.reach)) / np.maximum(seen.bought, TINY)
    return share


def survey_by_arrays(w: World, seen: Outlook, theta: Array, adopted: Array, within: Array) -> Yard:
    """The same, as array expressions."""
    e, p = w.economy, w.params.government
    bought = np.maximum(seen.bought, TINY)
    joined, outside = _elsewhere(e, seen, adopted)
    home = (seen.by_location[:, INCUMBENT] + joined) / bought
    allied = outside * seen.reach
    held = ~np.isnan(theta)
    first, deep = thresholds(p, w.frontier)
    keeps = held & (theta < first - p.near)  # has come to bite deeper than at first: relaxing raises it again
    levels = np.stack([np.where(held, theta, np.inf), np.where(held, deep, first), np.where(keeps, first, np.inf)])
    above = DENIAL * (1.0 + np.tanh((seen.item - levels) / (2.0 * p.spread))) / 2.0  # share denied now, tightened, relaxed
    cover = above * (home + DIRECT * (allied / bought))
    others = _others(np.stack([cover[0], above[0]]))
    denied = np.maximum(others[0], cover)
    strict = np.maximum(others[1], above)
    step = strict[1:] - strict[0]
    # of what is still sold a tightening takes its share; of what is refused a relaxation gives its share back
    sold, lost = seen.by_owner[:, INCUMBENT], seen.refused_by_owner[:, INCUMBENT]
    custom = np.where(step > 0, sold / np.maximum(1.0 - strict[0], TINY), lost / np.maximum(strict[0], TINY))
    change = (denied[1:] - denied[0]) * within
    sharper = (above[1:] - above[0]) * within
    return Yard(
        change=Change(
            valid=np.stack([~held | (theta > deep + p.near), held]),
            denial=worth(e, p.emerging, p.fade) * change,
            revenue=custom * step * within / max(float(seen.revenue[INCUMBENT]), TINY),
            friction=DIRECT * (allied / max(float(seen.revenue @ _allies(e)), TINY)) * sharper,
            strictness=outside / np.maximum(joined + outside, TINY) * sharper,
            protection=(needed_for(e) @ rivalry(w, seen)) * change,
            rules=np.stack([~held * 1.0, -1.0 * (held & ~keeps)]),
        ),
        threshold=np.stack([levels[1], np.where(keeps, first, np.nan)]),
        home=home,
    )


def _survey_compiled(w: World, seen: Outlook, theta: Array, adopted: Array, within: Array) -> Yard:
    from ecsim.kernels import governments  # loads the compiler, which takes its time

    e, p = w.economy, w.params.government
    joined, outside = _elsewhere(e, seen, adopted)
    levels, height = governments.above(theta, *thresholds(p, w.frontier), seen.item, p.near, 2.0 * p.spread)
    valid, change, threshold, home = governments.changes(
        theta,
        levels,
        np.tanh(height),
        DENIAL[:, 0],
        DIRECT[:, 0],
        p.near,
        seen.by_location,
        joined,
        outside,
        seen.bought,
        seen.reach,
        seen.by_owner[:, INCUMBENT],
        seen.refused_by_owner[:, INCUMBENT],
        within,
        worth(e, p.emerging, p.fade),
        needed_for(e) @ rivalry(w, seen),
        max(float(seen.revenue[INCUMBENT]), TINY),
        max(float(seen.revenue @ _allies(e)), TINY),
    )
    return Yard(Change(valid, *change), threshold, home)


@lru_cache(maxsize=8)
def _allies(e: Economy) -> Array:
    return (e.side == 1) * 1.0


def rivalry(w: World, seen: Outlook) -> Array:
    """Home revenue share of each product at the start times the speed at which the challenger catches up in it, shape (P,)."""
    return _home_share(w.economy) * np.maximum(seen.catch_up, 0.0)


@lru_cache(maxsize=8)
def _home_share(e: Economy) -> Array:
    own = np.bincount(e.product, weights=e.output0 * (e.owner == INCUMBENT), minlength=e.n_products)
    return own / max(float(own.sum()), TINY)


def _others(x: Array) -> Array:
    """For each tool the greatest of the other tools, shape (…, R, P)."""
    ordered = np.sort(x, axis=-2)
    return np.where(x >= ordered[..., -1:, :], ordered[..., -2:-1, :], ordered[..., -1:, :])
