"""The four trends of control [Li et al. 2024, section 2.2.4], read off the moves of a run: emerging or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.moves import Move

PARTS = 3  # the first third of the time under control is held against the last


@dataclass(frozen=True)
class Trend:
    """A trend: a quantity early and late in the time under control, and whether it moved as the paper says.

    Attributes:
        name: grounds, alliances, domains, next_frontier or tailored.
        early, late: its mean over the first and the last third of the quarters from the first control on.
        emerging: whether it moved in the paper's direction.
    """

    name: str
    early: float
    late: float
    emerging: bool


def four_trends(moves: Iterable[tuple[Move, str]], issuer: str, frontier: Array, adoption: Array, products: tuple[str, ...]) -> list[Trend]:
    """Read the trends off a run.

    Args:
        moves: every move made, with the id of the rule made or changed.
        issuer: whose rules.
        frontier: frontier by quarter and product, shape (T, P).
        adoption: level of adoption by quarter and state, shape (T, S).
        products: names by column of `frontier`.

    Returns:
        More grounds; alliances; broader domains; thresholds next to the frontier; direct-product rules tailored to a
        product, an end use or a party. The third trend of the paper is the third and fourth here.
    """
    paths = _paths(moves, issuer, frontier, {p: i for i, p in enumerate(products)})
    first = int(np.argmax(paths["domains"] > 0)) if (paths["domains"] > 0).any() else len(frontier)
    if len(frontier) - first < PARTS:
        return [Trend(name, 0.0, 0.0, False) for name in ("grounds", "alliances", "domains", "next_frontier", "tailored")]
    paths["alliances"] = (adoption > 0).sum(axis=1).astype(float)
    return [_trend(name, paths[name][first:], sign) for name, sign in SIGNS.items()]


SIGNS = {"grounds": 1.0, "alliances": 1.0, "domains": 1.0, "next_frontier": -1.0, "tailored": 1.0}


def _trend(name: str, path: Array, sign: float) -> Trend:
    third = len(path) // PARTS
    early, late = float(np.nanmean(path[:third])), float(np.nanmean(path[-third:]))
    return Trend(name, early, late, bool(sign * (late - early) > 0))


def _paths(moves: Iterable[tuple[Move, str]], issuer: str, frontier: Array, index: Mapping[str, int]) -> dict[str, Array]:
    """Quantities by quarter: grounds used so far, products under rules, mean depth of thresholds when set, tailored rules."""
    quarters = len(frontier)
    out = {name: np.zeros(quarters) for name in ("grounds", "domains", "next_frontier", "tailored")}
    standing: dict[str, Standing] = {}
    grounds: set[str] = set()
    due = sorted((m for m in moves if m[0].actor == issuer), key=lambda m: m[0].quarter)
    at = 0
    for quarter in range(quarters):
        while at < len(due) and due[at][0].quarter <= quarter:
            move, rule = due[at]
            _apply(standing, move, rule, frontier[quarter], index)
            grounds |= {move.ground} - {""}
            at += 1
        depths = [s.depth for s in standing.values() if not np.isnan(s.depth)]
        out["grounds"][quarter] = len(grounds)
        out["domains"][quarter] = len({p for s in standing.values() for p in s.products})
        out["next_frontier"][quarter] = np.mean(depths) if depths else np.nan
        out["tailored"][quarter] = sum(s.direct for s in standing.values())
    return out


@dataclass(frozen=True)
class Standing:
    """A rule on goods in force: products, threshold relative to the frontier when it was set, direct-product test."""

    products: tuple[str, ...]
    depth: float
    direct: bool


def _apply(standing: dict[str, Standing], move: Move, rule: str, frontier: Array, index: Mapping[str, int]) -> None:
    """Keep what stands of the rules on goods."""
    old = standing.get(rule)
    if move.verb == "impose" and move.products:
        standing[rule] = Standing(move.products, _depth(move, move.products, frontier, index), move.tool == "ear_fdp" or bool(move.fdp))
    elif move.verb == "amend" and old is not None:
        products = move.products or old.products
        depth = old.depth if move.threshold is None else _depth(move, products, frontier, index)
        standing[rule] = Standing(products, depth, old.direct or bool(move.fdp))
    elif move.verb in ("lift", "suspend"):
        standing.pop(rule, None)


def _depth(move: Move, products: tuple[str, ...], frontier: Array, index: Mapping[str, int]) -> float:
    """Threshold relative to the mean frontier of its products, generations; NaN where there is none."""
    known = [index[p] for p in products if p in index]
    if move.threshold is None or not known:
        return float("nan")
    return move.threshold if move.sliding else float(move.threshold - frontier[known].mean())
