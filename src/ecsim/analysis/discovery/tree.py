"""CART (Breiman et al. 1984): the same conditions as a small tree of yes-or-no questions, by scikit-learn."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecsim.economy import Array

DEPTH = 3
LEAF = 0.05  # share of the cases that a leaf holds at least
FOLDS = 5


@dataclass(frozen=True)
class Leaf:
    """An end of the tree.

    Attributes:
        bounds: (factor, lo, hi) on the way to it, infinite where there is none.
        share: share of cases of interest there.
        cases: how many cases.
    """

    bounds: tuple[tuple[str, float, float], ...]
    share: float
    cases: int


def grow(names: Sequence[str], x: Array, hit: Array) -> tuple[list[Leaf], float] | None:
    """Leaves, those of the highest share first, and balanced accuracy by cross-validation (one half is chance).

    None without scikit-learn (extra "discover"), or with too few cases of either kind to cross-validate.

    Args:
        names: k factors.
        x: cases, shape (n, k).
        hit: which are of interest, shape n.
    """
    try:
        trees: Any = importlib.import_module("sklearn.tree")
        selection: Any = importlib.import_module("sklearn.model_selection")
    except ImportError:
        return None
    x, hit = np.asarray(x, dtype=float), np.asarray(hit, dtype=int)
    if min(hit.sum(), len(hit) - hit.sum()) < FOLDS:
        return None
    tree = trees.DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=max(2, round(LEAF * len(x))), class_weight="balanced", random_state=0
    )
    accuracy = float(selection.cross_val_score(tree, x, hit, cv=FOLDS, scoring="balanced_accuracy").mean())
    leaves = _leaves(tree.fit(x, hit).tree_, names, tree.apply(x), hit)
    return sorted(leaves, key=lambda leaf: (-leaf.share, -leaf.cases)), accuracy


def _leaves(t: Any, names: Sequence[str], at: Array, hit: Array) -> list[Leaf]:
    found: list[Leaf] = []

    def walk(node: int, bounds: dict[str, tuple[float, float]]) -> None:
        if t.children_left[node] < 0:
            own = hit[at == node]
            found.append(Leaf(tuple((n, lo, hi) for n, (lo, hi) in bounds.items()), float(own.mean()), len(own)))
            return
        name, cut = names[t.feature[node]], float(t.threshold[node])
        lo, hi = bounds.get(name, (-math.inf, math.inf))
        walk(t.children_left[node], bounds | {name: (lo, min(hi, cut))})
        walk(t.children_right[node], bounds | {name: (max(lo, cut), hi)})

    walk(0, {})
    return found
