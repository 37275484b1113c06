"""The record as numbers: strictness by year and challenger, the main target and the content, from the coded acts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecsim.data.longrun import CHALLENGERS, CONTENTS, FIRST_YEAR, LAST_YEAR
from ecsim.economy import Array
from ecsim.params import Long

YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
CODERS = 400  # draws of the coder's judgement behind the band of the record


@dataclass(frozen=True, eq=False)
class Record:
    """Strictness that the acts add up to, between 0 and 1. Y years, C challengers in the order of `CHALLENGERS`.

    Attributes:
        strictness: denial of exports at the end of each year, (Y, C).
        lo, hi: 5% and 95% of it over the coder's judgement, (Y, C).
        beside: measures beside trade in goods, coded in the same way, (Y, C).
        content: grade of content that the acts of the last ten years speak of most, position in `CONTENTS`, (Y,).
    """

    strictness: Array
    lo: Array
    hi: Array
    beside: Array
    content: Array

    @property
    def target(self) -> Array:
        """Challenger most strictly controlled in each year, (Y,)."""
        return np.asarray(self.strictness.argmax(axis=1))


def record(acts: pd.DataFrame, p: Long, seed: int = 1) -> Record:
    """The record under the given coding, with the band of other codings within their ranges."""
    start = np.array([p.start_soviet, p.start_china, 0.0])
    best = index(acts, "export", acts["size"].to_numpy(float), p.gain, start)
    rng = np.random.Generator(np.random.Philox(seed))
    lo, hi = acts["size_lo"].to_numpy(float), acts["size_hi"].to_numpy(float)
    others = np.array(
        [index(acts, "export", rng.uniform(lo, hi), rng.uniform(0.1, 0.3), start * rng.uniform(0.0, 2.0)) for _ in range(CODERS)]
    )
    return Record(
        strictness=best,
        lo=np.quantile(others, 0.05, axis=0),
        hi=np.quantile(others, 0.95, axis=0),
        beside=index(acts, "beside", acts["size"].to_numpy(float), p.gain, np.zeros(len(CHALLENGERS))),
        content=_content(acts),
    )


def index(acts: pd.DataFrame, channel: str, size: Array, gain: float, start: Array) -> Array:
    """Strictness by year, shape (Y, C).

    An act that tightens adds gain x size of what is left to add, one that loosens takes gain x size of what is there; a shift
    changes content, not strictness.

    Args:
        size: of each act, 0 to 3.
        start: strictness before the first act, (C,).
    """
    level = np.clip(np.asarray(start, dtype=float), 0.0, 1.0).copy()
    path = np.empty((len(YEARS), len(CHALLENGERS)))
    rows = list(zip(acts["year"].astype(int), acts["direction"], acts["channel"], acts["targets"], size, strict=True))
    for y, year in enumerate(YEARS):
        for when, direction, where, targets, weight in rows:
            if when != year or where != channel or direction == "shift":
                continue
            step = min(1.0, gain * float(weight))
            for name in targets.split(";"):
                if name in CHALLENGERS:
                    c = CHALLENGERS.index(name)
                    level[c] += step * (1.0 - level[c]) if direction == "tighten" else -step * level[c]
        path[y] = level
    return path


def _content(acts: pd.DataFrame, memory: int = 10) -> Array:
    """Content that export acts of the last ten years speak of most, by size; the newer grade where two are even."""
    export = acts[acts["channel"] == "export"]
    found = np.zeros(len(YEARS), dtype=np.int64)
    for y, year in enumerate(YEARS):
        recent = export[(export["year"] <= year) & (export["year"] > year - memory)]
        weight = np.array([float(recent.loc[recent["content"] == c, "size"].sum()) for c in CONTENTS])
        found[y] = len(CONTENTS) - 1 - int(weight[::-1].argmax()) if weight.any() else found[y - 1]
    return found
