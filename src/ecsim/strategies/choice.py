"""What a government may do, what each option is worth to it, and which it takes."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array
from ecsim.mechanisms.power import power_ratio
from ecsim.params import REFERENCE
from ecsim.strategies.bargain import Bargain
from ecsim.strategies.listing import TOOL as LIST
from ecsim.strategies.listing import undone
from ecsim.strategies.outlook import Outlook
from ecsim.strategies.yard import RELAX, RULES, TIGHTEN, Change
from ecsim.tools import CATALOGUE, Effect
from ecsim.world import World

STREAM = "government.choice"
MEASURES = ("study_visit_limits", "cfius", "sec_listing", "s301", "outbound", "procurement_ban")
SIZES = np.array([next(m.size.value for m in CATALOGUE[t].makes if isinstance(m, Effect)) for t in MEASURES])
KINDS = ("tighten", "relax", "list", "delist", "take", "end")
UNDOES = np.array([kind in ("relax", "delist", "end") for kind in KINDS]) * 1.0  # what the government did before
TINY = 1e-12


@dataclass(frozen=True)
class Option:
    """An option taken: kind, and the tool, company or product that it is about."""

    kind: str
    tool: str
    about: int
    utility: float


@dataclass(eq=False)
class Standing:
    """Where a government stands.

    Attributes:
        scope: products that it may control, (P,).
        drafting: rules on goods of which a draft is under way, (tools, products).
        listed: companies on its list.
        measures: measures in force.
        stock: decayed use of each tool: rules, list, measures.
    """

    scope: Array
    drafting: Array
    listed: Array
    measures: Array
    stock: Array


@dataclass(frozen=True, eq=False)
class Options:
    """All options of a quarter in a row: tighten, relax (tool x product), list, delist, take and end measures.

    Attributes:
        sizes: number of options of each kind, in the order of `KINDS`.
        valid: whether the option is there.
        utility: before noise.
    """

    sizes: tuple[int, ...]
    valid: Array
    utility: Array

    @staticmethod
    def of(w: World, scale: Scale, standing: Standing, yard: Change, listing: Change) -> Options:
        """Weigh every option: changes to rules on goods, listings and delistings, measures beside trade."""
        p = w.params.government
        how = weigh_by_arrays if w.params.time.engine == REFERENCE else _weigh_compiled
        beside = (scale.security - scale.anger - scale.voice) * p.beside_trade * SIZES - p.upkeep
        valid, utility = how(scale, standing, yard, listing, p.path_dependence * np.log1p(standing.stock), beside)
        tools, products = standing.drafting.shape
        goods, companies, measures = tools * products, len(standing.listed), len(MEASURES)
        sizes = goods, goods, len(listing.valid), companies, measures, measures
        return Options(sizes, valid, utility - p.reversal * np.repeat(UNDOES, sizes))

    def best(self, w: World, count: int) -> list[Option]:
        """The options that rank above leaving things as they are, at most `count`, highest first (softmax without replacement)."""
        p = w.params.government
        luck = w.streams.uniform(STREAM, w.quarter, len(self.utility) + 1)
        noise = -p.noise * np.log(-np.log(np.maximum(luck, TINY)))
        rank = np.where(self.valid, self.utility + noise[1:], -np.inf)
        stay = p.status_quo + p.noise * math.log(max(int(self.valid.sum()), 1)) + noise[0]
        chosen: list[Option] = []
        while len(chosen) < count and rank[i := int(rank.argmax())] > stay:
            chosen.append(self._option(i))
            rank[i] = -np.inf
        return chosen

    def _option(self, i: int) -> Option:
        ends = list(accumulate(self.sizes))
        part = bisect_right(ends, i)
        kind, about = KINDS[part], i - (ends[part] - self.sizes[part])
        if kind in ("tighten", "relax"):
            rule, about = divmod(about, self.sizes[part] // len(RULES))
            return Option(kind, RULES[rule], about, float(self.utility[i]))
        return Option(kind, MEASURES[about] if kind in ("take", "end") else LIST, about, float(self.utility[i]))


@dataclass(frozen=True)
class Scale:
    """What a unit of each consequence is worth this quarter."""

    security: float
    revenue: float
    friction: float
    anger: float
    voice: float
    protection: float
    upkeep: float

    @staticmethod
    def of(w: World, seen: Outlook, deal: Bargain, precision: float) -> Scale:
        """Weights by anxiety, the bargain at home, and how exposed the incumbent is to retaliation."""
        p = w.params.government
        anxiety = p.anxiety * float(w.unease[0])
        exposure = float(seen.by_owner[:, INCUMBENT].sum()) / max(float(seen.revenue[INCUMBENT]), TINY)
        return Scale(
            security=p.security * anxiety * deal.security * precision,
            revenue=p.revenue * (1.0 - anxiety) * deal.revenue,
            friction=p.friction * deal.restraint,
            anger=p.retaliation * float(w.dissatisfaction[CHALLENGER]) * exposure * deal.restraint,
            voice=p.voice * power_ratio(w) * deal.restraint,
            protection=deal.protection,
            upkeep=p.upkeep,
        )

    def utility(self, c: Change) -> Array:
        """Utility of changes, in their shape."""
        gain = (self.security - self.anger) * c.denial + self.protection * c.protection
        loss = self.revenue * c.revenue + self.friction * c.friction + self.voice * c.strictness + self.upkeep * c.rules
        return np.asarray(gain - loss)


def weigh_by_arrays(scale: Scale, standing: Standing, yard: Change, listing: Change, habit: Array, beside: Array) -> tuple[Array, Array]:
    """Whether each option is there, and its utility.

    Args:
        habit: of each tool: rules, list, measures.
        beside: utility of each measure beside trade, without habit.
    """
    rules, lists, measures = habit[: len(RULES), None], habit[len(RULES)], beside + habit[len(RULES) + 1 :]
    goods, free, delisting = scale.utility(yard), yard.valid & ~standing.drafting, undone(listing, standing.listed)
    values = (
        (goods[TIGHTEN] + rules).ravel(),
        (goods[RELAX] - rules).ravel(),
        scale.utility(listing) + lists,
        scale.utility(delisting) - lists,
        measures,
        -measures,
    )
    within = (free[TIGHTEN] & standing.scope).ravel(), free[RELAX].ravel()
    valid = np.concatenate([*within, listing.valid, delisting.valid, ~standing.measures, standing.measures])
    return valid, np.concatenate(values)


def _weigh_compiled(scale: Scale, standing: Standing, yard: Change, listing: Change, habit: Array, beside: Array) -> tuple[Array, Array]:
    from ecsim.kernels import options  # loads the compiler, which takes its time

    s, worth = standing, (scale.security - scale.anger, scale.revenue, scale.friction, scale.voice, scale.protection, scale.upkeep)
    changes = yard.valid, yard.denial, yard.revenue, yard.friction, yard.strictness, yard.protection, yard.rules
    lists = listing.valid, listing.denial, listing.revenue
    valid, utility = options.weigh(*changes, *lists, s.scope, s.drafting, s.listed, s.measures, habit, beside, worth)
    return valid, utility
