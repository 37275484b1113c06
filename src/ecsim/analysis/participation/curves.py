"""Response to participation: curves with bands, thresholds by change-point, break-even points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import ROUNDING, snap
from ecsim.analysis.measures import measure
from ecsim.analysis.participation.arrays import band, by_draw, intervals, percentile, resamples
from ecsim.analysis.tradeoff import at_cost
from ecsim.economy import Array

SENSES = ("extent", "intensity", "coalition")
STEP = 0.01  # of participation, at which a change-point is looked for
EDGE = 0.1  # of the range, within which no change-point is looked for
FEWEST = 6  # levels: a line with one bend has four parameters
BEND = 0.5  # of the line's squared error, which a bend must take off to be called one
SHARP = 0.4  # width of the interval within which a threshold is said to be found
REACHED = 0.9  # share of resamples that must cross for a break-even point to be called found
BOUNDS = ["lo", "hi", "q05", "q95"]
RESPONSE = ["outcome", "unit", "sense", "participation", "mean", *BOUNDS, "change", "change_lo", "change_hi", "draws"]
THRESHOLDS = [
    "outcome",
    "unit",
    "sense",
    "threshold",
    "before",
    "after",
    "bend",
    "gained",
    "draws",
    *BOUNDS,
    "bend_lo",
    "bend_hi",
    "verdict",
]
EVEN = ["outcome", "sense", "against", "participation", "gain_at_none", "gain_at_all", "draws", "lo", "hi"]
EVEN += ["reached", "beyond", "crossings", "verdict"]


def curves_of(runs: pd.DataFrame, outcomes: Sequence[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """(outcome, sense) -> its values by draw and level of participation, with nobody and everybody at the ends; by outcome."""
    of_sense = {}
    for sense in SENSES:
        rows = runs[(runs["part"] == "end") | ((runs["part"] == "curve") & (runs["sense"] == sense))]
        of_sense[sense] = by_draw(rows, outcomes, "joined")
    return {(outcome, sense): of_sense[sense][outcome] for outcome in outcomes for sense in SENSES}


def response_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """outcome, unit, sense, participation, mean, lo, hi (interval of the mean), q05, q95 (over draws), change, change_lo,
    change_hi (against nobody, paired), draws."""
    parts = []
    for (outcome, sense), y in curves_of(runs, outcomes).items():
        if y.empty or y.shape[1] < 3:
            continue
        values = y.to_numpy()
        mean, lo, hi = intervals(values, f"curve|{outcome}")  # one key: nobody and everybody are the same runs in all senses
        change, change_lo, change_hi = intervals(values - values[:, :1], f"change|{outcome}")
        q05, q95 = band(values)
        known = {"outcome": outcome, "unit": measure(outcome).unit, "sense": sense, "participation": y.columns.to_numpy(dtype=float)}
        numbers = {"mean": mean, "lo": lo, "hi": hi, "q05": q05, "q95": q95, "change": change, "change_lo": change_lo}
        parts.append(pd.DataFrame(known | numbers | {"change_hi": change_hi, "draws": len(y)}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RESPONSE)


def bend_fit(x: Array, curves: Array) -> tuple[Array, Array, Array, Array]:
    """Least squares of a line with one bend, its place searched on a grid (segmented regression, Muggeo 2003).

    Args:
        x: levels, shape L.
        curves: shape (n, L).

    Returns:
        place of the bend, slope before it, slope after it, and the share of the straight line's squared error
        that the bend takes off, each of shape n. A curve that is straight but for rounding has no place.
    """
    places, hinges, sizes, slopes = _hinges(tuple(x.tolist()))
    line = curves @ np.linalg.pinv(np.column_stack([np.ones_like(x), x])).T
    left = curves - line @ np.vstack([np.ones_like(x), x])
    pull = left @ hinges.T
    best, each = np.abs(pull).argmax(axis=1), np.arange(len(curves))
    straight = (left**2).sum(axis=1)
    bent = straight > len(x) * (ROUNDING * np.abs(curves).max(axis=1)) ** 2
    gained = np.where(bent, pull[each, best] ** 2 / np.where(bent, straight, 1.0), 0.0)
    bend = pull[each, best] / sizes[best]
    before = line[:, 1] - bend * slopes[best]
    return np.where(bent, places[best], np.nan), before, before + bend, gained


@lru_cache(maxsize=32)
def _hinges(levels: tuple[float, ...]) -> tuple[Array, Array, Array, Array]:
    """Of every place that a bend can have: the place, what a bend there does that no line can, of length one, its length and its slope.

    A bend takes off a line's squared error the square of how far the residuals lie along it (Frisch and Waugh 1933).
    """
    x = np.array(levels)
    lo, hi = x.min() + EDGE * np.ptp(x), x.max() - EDGE * np.ptp(x)
    places = np.round(np.arange(lo, hi + STEP / 2, STEP), 9)
    hinges = np.maximum(x - places[:, None], 0.0)
    line = hinges @ np.linalg.pinv(np.column_stack([np.ones_like(x), x])).T
    own = hinges - line @ np.vstack([np.ones_like(x), x])
    sizes = np.linalg.norm(own, axis=1)
    return places, own / sizes[:, None], sizes, line[:, 1]


def threshold_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Where the response bends: outcome, sense, threshold, lo, hi (draws resampled; no closer than levels are apart), q05, q95
    (bend of each draw's own curve), before, after (slopes, per unit of participation), bend, bend_lo, bend_hi (their difference),
    gained, verdict, draws.

    Verdicts: "threshold" (a bend beyond which the curve is steeper, its place known to within `SHARP`, and most of the change lies
    there), "saturation" (the same, but the curve levels off or turns back), "bend" (its place is not known), "straight" (a bend
    explains no more than a line), "flat" (nobody and everybody do not differ), "no interval".
    """
    rows = []
    for (outcome, sense), y in curves_of(runs, outcomes).items():
        if y.shape[1] >= FEWEST:
            rows.append({"outcome": outcome, "unit": measure(outcome).unit, "sense": sense} | _threshold(y, f"threshold|{outcome}|{sense}"))
    return pd.DataFrame(rows, columns=THRESHOLDS)


def _threshold(y: pd.DataFrame, key: str) -> dict[str, Any]:
    x, values = y.columns.to_numpy(dtype=float), y.to_numpy()
    place, before, after, gained = (float(v[0]) for v in bend_fit(x, values.mean(axis=0)[None]))
    row: dict[str, Any] = {"threshold": place, "before": before, "after": after, "bend": after - before, "gained": gained, "draws": len(y)}
    if len(y) < 2:
        return row | dict.fromkeys(("lo", "hi", "q05", "q95", "bend_lo", "bend_hi"), math.nan) | {"verdict": "no interval"}
    boot = bend_fit(x, resamples(len(y), key) @ values)
    lo, hi = _no_closer(place, *_within(x, *percentile(boot[0], place, len(y))), x)
    bend_lo, bend_hi = percentile(boot[2] - boot[1], after - before, len(y))
    own = bend_fit(x, values)[0]
    total, total_lo, total_hi = intervals(values[:, -1:] - values[:, :1], key)
    if total_lo[0] <= 0 <= total_hi[0]:
        verdict = "flat"
    elif bend_lo <= 0 <= bend_hi or gained < BEND:
        verdict = "straight"
    elif hi - lo > SHARP:
        verdict = "bend"
    else:
        verdict = "threshold" if after * total[0] > 0 and abs(after) > abs(before) else "saturation"
    q05, q95 = (float(v) for v in np.quantile(own, (0.05, 0.95)))
    return row | {"lo": lo, "hi": hi, "q05": q05, "q95": q95, "bend_lo": bend_lo, "bend_hi": bend_hi, "verdict": verdict}


def _within(x: Array, lo: float, hi: float) -> tuple[float, float]:
    """An interval of a level, no wider than what was run."""
    return max(lo, float(x.min())), min(hi, float(x.max()))


def _no_closer(place: float, lo: float, hi: float, x: Array) -> tuple[float, float]:
    """An interval of a bend, at least as wide as levels are apart there: between two levels nothing was run."""
    i = min(max(int(np.searchsorted(x, place)), 1), len(x) - 1)
    half = float(x[i] - x[i - 1]) / 2
    return min(lo, place - half), max(hi, place + half)


def break_even_table(runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Participation at which the policy does as well as another: outcome, sense, against ("free" or "blanket"), participation,
    lo, hi (draws resampled, of those that cross), reached (their share), beyond ("better" or "worse": what lies between that place
    and everybody), crossings (every place at which the mean passes zero), gain_at_none, gain_at_all, verdict, draws.

    Verdicts: "found", "unsettled" (fewer than `REACHED` of the resamples agree, or fewer than five draws), "always" (better at every
    level), "never" (worse at every level), "same" (no different). Outcomes of which neither direction serves the controller are left out.
    """
    rows = []
    told = [o for o in outcomes if measure(o).better]
    others = {a: runs[runs["part"] == a].groupby("draw")[told].mean() for a in ("free", "blanket")}
    for (outcome, sense), y in curves_of(runs, told).items():
        for against, means in others.items():
            other = means[outcome].reindex(y.index)
            size = y.abs().clip(lower=other.abs(), axis=0).to_numpy()
            gain = pd.DataFrame(snap(y.sub(other, axis=0) * measure(outcome).better, size), y.index, y.columns).dropna()
            if len(gain) and gain.shape[1] > 2:
                known = {"outcome": outcome, "sense": sense, "against": against}
                rows.append(known | _break_even(gain, f"even|{outcome}|{sense}|{against}"))
    return pd.DataFrame(rows, columns=EVEN)


def _break_even(gain: pd.DataFrame, key: str) -> dict[str, Any]:
    """Where a gain over another policy passes zero for good, walking down from everybody.

    A resample counts where it passes zero the same way: one that ends better is no witness for a place beyond which it is worse.
    """
    x, values = gain.columns.to_numpy(dtype=float), gain.to_numpy()
    mean = values.mean(axis=0)
    point = float(_crossing(mean[None], x)[0])
    row: dict[str, Any] = {"participation": point, "gain_at_none": float(mean[0]), "gain_at_all": float(mean[-1]), "draws": len(gain)}
    clouds = resamples(len(gain), key) @ values if len(gain) > 1 else mean[None]
    boot = _crossing(clouds, x)
    if not math.isnan(point):
        boot = np.where(np.sign(clouds[:, -1]) == np.sign(mean[-1]), boot, np.nan)
    reached = float(np.isfinite(boot).mean())
    lo, hi = _within(x, *percentile(boot, point, len(gain))) if len(gain) > 1 else (math.nan, math.nan)
    few = 2.0 ** (1 - len(gain)) > 1 - REACHED  # draws that would be of one sign by chance too often
    if not math.isnan(point):
        verdict = "found" if reached >= REACHED and not few else "unsettled"
    elif not mean.any():
        verdict = "same"
    elif reached > 1 - REACHED or few:
        verdict = "unsettled"
    else:
        verdict = "always" if mean[-1] > 0 else "never"
    beyond = "" if math.isnan(point) else "better" if mean[-1] > 0 else "worse"
    places = "; ".join(f"{place:.3g}" for place in _passes(mean, x))
    return row | {"lo": lo, "hi": hi, "reached": reached, "beyond": beyond, "crossings": places, "verdict": verdict}


def _passes(mean: Array, x: Array) -> list[float]:
    """Every place at which a gain changes its sign, from nobody to everybody."""
    ends = [j for i, j in itertools.pairwise(np.flatnonzero(mean)) if mean[i] * mean[j] < 0]
    return [float(x[j - 1] + (x[j] - x[j - 1]) * mean[j - 1] / (mean[j - 1] - mean[j])) for j in ends]


def _crossing(gains: Array, x: Array) -> Array:
    """Participation at which gains pass zero, the last time on the way up to everybody; NaN where they never do; shape n."""
    crosses = at_cost(gains[:, ::-1], np.broadcast_to(x[::-1], gains.shape), 0.0)
    return np.where((gains == 0).all(axis=1), np.nan, crosses)
