"""The four trends of control [Li et al. 2024, section 2.2.4], read off the moves of a run.

Each is a quantity that can rise and fall, held early against late: its mean over the first third of the time under
control against that over the last third.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.moves import Move
from ecsim.tools import CATALOGUE
from ecsim.tools.base import Control

PARTS = 3  # the first third of the time under control is held against the last
OLD_GROUNDS = frozenset(("", "national security", "military end use"))  # security and military use [Li et al. 2024, section 2.2.4]
OWN = frozenset(("national_list", "licence_refusal", "strategic_list"))  # controls by which allies act under their own law
ACTS = ("impose", "amend", "list")


@dataclass(frozen=True)
class Trend:
    """A trend of the paper.

    Attributes:
        name: short name.
        sign: direction in which it would move by the paper.
        unit: unit of the quantity.
        doc: the quantity.
    """

    name: str
    sign: int
    unit: str
    doc: str


TRENDS: dict[str, Trend] = {
    t.name: t
    for t in (
        Trend("grounds", 1, "1", "share of the incumbent's acts on grounds beyond security and military use"),
        Trend("alliances", 1, "count", "other states that apply the incumbent's rules, or controls of their own beside them"),
        Trend("domains", 1, "1", "share of products under the incumbent's rules on goods"),
        Trend("next_frontier", -1, "generations", "mean threshold of its rules against the frontier when they were set"),
        Trend("tailored", 1, "1", "share of its rules on goods with a direct-product test for named products or parties"),
    )
}


@dataclass(frozen=True)
class Course:
    """How a trend came out in a run: its quantity early and late, NaN where there was nothing to see."""

    trend: Trend
    early: float
    late: float

    @property
    def change(self) -> float:
        """Late less early."""
        return self.late - self.early

    @property
    def emerging(self) -> bool:
        """Whether it moved in the paper's direction."""
        return bool(self.trend.sign * self.change > 0)


def trends_of(
    moves: Iterable[tuple[Move, str]], issuer: str, frontier: Array, adoption: Array, products: tuple[str, ...], states: tuple[str, ...]
) -> dict[str, Course]:
    """Read the trends off a run. The paper's third trend is the third and fourth here.

    Args:
        moves: every move made, with the id of the rule made or changed.
        issuer: whose rules.
        frontier: frontier by quarter and product, shape (T, P).
        adoption: level of adoption by quarter and state, shape (T, S).
        products: names by column of `frontier`.
        states: names by column of `adoption`.
    """
    made = list(moves)
    paths = _paths(made, issuer, frontier, {p: i for i, p in enumerate(products)})
    paths["alliances"] = (adoption > 0).sum(axis=1) + _own_controls(made, adoption, states)
    under = np.flatnonzero(paths.pop("control") > 0)
    first = int(under[0]) if len(under) else len(frontier)
    third = (len(frontier) - first) // PARTS
    if not third:
        return {name: Course(t, np.nan, np.nan) for name, t in TRENDS.items()}
    return {name: Course(t, _mean(paths[name][first:][:third]), _mean(paths[name][first:][-third:])) for name, t in TRENDS.items()}


def _own_controls(moves: Iterable[tuple[Move, str]], adoption: Array, states: tuple[str, ...]) -> Array:
    """States that have controls of their own in force and adopt none, by quarter, shape (T,)."""
    own = np.zeros(adoption.shape, dtype=int)
    for move, rule in moves:
        change = {"impose": 1, "lift": -1}.get(move.verb, 0)
        if move.tool in OWN or (move.verb == "lift" and any(m.tool in OWN and r == rule for m, r in moves)):
            own[move.quarter :, states.index(move.actor)] += change
    return np.asarray(((own > 0) & (adoption == 0)).sum(axis=1))


def _mean(x: Array) -> float:
    known = x[np.isfinite(x)]
    return float(known.mean()) if len(known) else float("nan")


def _paths(moves: Iterable[tuple[Move, str]], issuer: str, frontier: Array, index: Mapping[str, int]) -> dict[str, Array]:
    """The quantities by quarter, and the number of rules on goods ("control")."""
    quarters, n_products = frontier.shape
    out = {name: np.full(quarters, np.nan) for name in ("grounds", "domains", "next_frontier", "tailored", "control")}
    standing: dict[str, Standing] = {}
    suspended: dict[str, Standing] = {}
    due = sorted((m for m in moves if m[0].actor == issuer), key=lambda m: m[0].quarter)
    at = 0
    for quarter in range(quarters):
        said = []
        while at < len(due) and due[at][0].quarter <= quarter:
            move, rule = due[at]
            _apply(standing, suspended, move, rule, frontier[quarter], index)
            if move.verb in ACTS and not rule.startswith("documents:"):
                said.append(move.ground not in OLD_GROUNDS)
            at += 1
        rules = list(standing.values())
        depths = [s.depth for s in rules if not np.isnan(s.depth)]
        if said:
            out["grounds"][quarter] = float(np.mean(said))
        if depths:
            out["next_frontier"][quarter] = float(np.mean(depths))
        if rules:
            out["tailored"][quarter] = float(np.mean([s.direct for s in rules]))
        out["domains"][quarter] = len({p for s in rules for p in s.products}) / n_products
        out["control"][quarter] = len(rules)
    return out


@dataclass(frozen=True)
class Standing:
    """A rule on goods in force: products, threshold relative to the frontier when it was set, direct-product test."""

    products: tuple[str, ...]
    depth: float
    direct: bool


def _apply(
    standing: dict[str, Standing], suspended: dict[str, Standing], move: Move, rule: str, frontier: Array, index: Mapping[str, int]
) -> None:
    """Keep what stands of the rules on goods, and what is suspended of them."""
    if move.verb == "impose" and (made := _made(move, frontier, index)) is not None:
        standing[rule] = made
    elif move.verb == "amend":
        for some in (standing, suspended):
            if rule in some:
                some[rule] = _amended(some[rule], move, frontier, index)
    elif move.verb == "suspend" and rule in standing:
        suspended[rule] = standing.pop(rule)
    elif move.verb == "resume" and rule in suspended:
        standing[rule] = suspended.pop(rule)
    elif move.verb == "lift":
        standing.pop(rule, None)
        suspended.pop(rule, None)


def _made(move: Move, frontier: Array, index: Mapping[str, int]) -> Standing | None:
    """The rule on goods that a move makes, its own terms before its tool's; None where it makes none, or names no products and no list."""
    control = next((m for m in CATALOGUE[move.tool].makes if isinstance(m, Control)), None)
    if control is None:
        return None
    products = move.products or control.terms.get("products", ())
    if not products and not move.list_name:
        return None
    direct = control.terms.get("fdp", False) if move.fdp is None else move.fdp
    return Standing(products, _depth(move, products, frontier, index), direct)


def _amended(old: Standing, move: Move, frontier: Array, index: Mapping[str, int]) -> Standing:
    products = move.products or old.products
    depth = old.depth if move.threshold is None else _depth(move, products, frontier, index)
    return Standing(products, depth, old.direct if move.fdp is None else move.fdp)


def _depth(move: Move, products: tuple[str, ...], frontier: Array, index: Mapping[str, int]) -> float:
    """Threshold relative to the mean frontier of its products, generations; NaN where there is none."""
    known = [index[p] for p in products if p in index]
    if move.threshold is None or not known:
        return float("nan")
    return move.threshold if move.sliding else float(move.threshold - frontier[known].mean())
