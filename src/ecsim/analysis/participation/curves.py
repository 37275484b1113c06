"""Response to participation: curves with bands, thresholds by change-point, break-even points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache, partial
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
FITS = 0.95  # R² from which a line through the mean curve, straight or bent, is said to describe it: a choice
JUMP = 0.5  # of the curve's range, from which a change between two neighbouring levels is called a step: a choice
TURNS = 0.1  # of the slope before a bend, above which one of the other sign turns and does not level off: a choice
TWICE = 2.0  # a step is at least so many times as large as an even response would be there
SHARP = 0.4  # width of the interval within which a threshold is said to be found
REACHED = 0.9  # share of resamples that must agree for a break-even point, or the place of a step, to be called found
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
    "line",
    "step_from",
    "step_to",
    "step",
    "step_share",
    "step_agreed",
    "verdict",
]
EVEN = ["outcome", "sense", "against", "participation", "gain_at_none", "gain_at_all", "draws", "lo", "hi"]
EVEN += ["gain_at_all_lo", "gain_at_all_hi", "reached", "before", "beyond", "crossings", "verdict"]


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
    gained, line (R² of a straight line), step_from, step_to (neighbouring levels between which the mean changes most), step (by how
    much), step_share (of the range of the mean curve), step_agreed (share of resamples with the largest step there), verdict, draws.

    Verdicts: "step" (most of the range lies between two neighbouring levels, and resamples agree where: no bend is told), "threshold"
    (a bend beyond which the curve is steeper, its place known to within `SHARP`, and most of the change lies there), "saturation" (the
    same, but the curve levels off), "turn" (the same, but it turns), "bend" (its place is not known), "straight" (no bend, and a line
    fits), "uneven" (neither a line nor one with a bend fits), "flat" (nobody and everybody do not differ), "no interval".
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
    row |= {"line": line_fit(x, values.mean(axis=0)), **_largest_step(x, values.mean(axis=0)), "step_agreed": math.nan}
    if len(y) < 2:
        return row | dict.fromkeys(("lo", "hi", "q05", "q95", "bend_lo", "bend_hi"), math.nan) | {"verdict": "no interval"}
    clouds = resamples(len(y), key) @ values
    boot = bend_fit(x, clouds)
    agreed = row["step_agreed"] = float((x[np.abs(np.diff(clouds)).argmax(axis=1)] == row["step_from"]).mean())
    bent = 1.0 - (1.0 - row["line"]) * (1.0 - gained)  # R² of the line with a bend
    even = (row["step_to"] - row["step_from"]) / np.ptp(x)
    lo, hi = _no_closer(place, *_within(x, *percentile(boot[0], place, len(y))), x)
    bend_lo, bend_hi = percentile(boot[2] - boot[1], after - before, len(y))
    own = bend_fit(x, values)[0]
    total, total_lo, total_hi = intervals(values[:, -1:] - values[:, :1], key)
    if total_lo[0] <= 0 <= total_hi[0]:
        verdict = "flat"
    elif row["step_share"] >= max(JUMP, TWICE * even) and agreed >= REACHED:
        verdict = "step"
    elif bend_lo <= 0 <= bend_hi or gained < BEND or bent < FITS:
        verdict = "straight" if row["line"] >= FITS else "uneven"
    elif hi - lo > SHARP:
        verdict = "bend"
    else:
        verdict = _beyond(before, after, percentile(boot[2], after, len(y)), float(total[0]))
    q05, q95 = (float(v) for v in np.quantile(own, (0.05, 0.95)))
    return row | {"lo": lo, "hi": hi, "q05": q05, "q95": q95, "bend_lo": bend_lo, "bend_hi": bend_hi, "verdict": verdict}


def _beyond(before: float, after: float, interval: tuple[float, float], total: float) -> str:
    """What a curve does beyond its bend, from its slopes, the interval of the second and what changes overall."""
    if after * total > 0 and abs(after) > abs(before):
        return "threshold"
    turns = before * after < 0 and abs(after) > TURNS * abs(before) and not interval[0] <= 0 <= interval[1]
    return "turn" if turns else "saturation"


def line_fit(x: Array, curve: Array) -> float:
    """R² of a straight line through a curve; one for a curve without any change."""
    spread = float(((curve - curve.mean()) ** 2).sum())
    left = float(((curve - np.polyval(np.polyfit(x, curve, 1), x)) ** 2).sum())
    return 1.0 - left / spread if spread > len(x) * (ROUNDING * np.abs(curve).max()) ** 2 else 1.0


def _largest_step(x: Array, curve: Array) -> dict[str, float]:
    """The neighbouring levels between which a curve changes most, by how much, and its share of the curve's range."""
    steps = np.diff(curve)
    i, height = int(np.abs(steps).argmax()), float(np.ptp(curve))
    share = abs(float(steps[i])) / height if height > 0 else 0.0
    return {"step_from": float(x[i]), "step_to": float(x[i + 1]), "step": float(steps[i]), "step_share": share}


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
    lo, hi (draws resampled, of those that cross), reached (their share), before and beyond ("better", "worse" or "open": what lies on
    either side of that place; open where no level there is told from the other policy), crossings (every place at which the mean
    passes zero), gain_at_none, gain_at_all, gain_at_all_lo, gain_at_all_hi, verdict, draws.

    Verdicts: "found", "unsettled" (fewer than `REACHED` of the resamples agree, no level is told from the other policy, or fewer than
    five draws), "always" (better at every level), "never" (worse at every level), "same" (no different). Outcomes of which neither
    direction serves the controller are left out.
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
                rows.append(known | _break_even(gain, f"even|{outcome}|{against}"))
    return pd.DataFrame(rows, columns=EVEN)


def _break_even(gain: pd.DataFrame, key: str) -> dict[str, Any]:
    """Where a gain over another policy passes zero, before or behind the last level at which it is told from zero.

    A mean that crosses zero again where it is not told from zero is chance: the place told is the last on the way to that level, or,
    where the mean ends on the other side of it, the first beyond. A resample counts where it passes zero the same way: one that ends
    better is no witness for a place beyond which it is worse.
    """
    x, values = gain.columns.to_numpy(dtype=float), gain.to_numpy()
    mean, lows, highs = intervals(values, key)
    told, known = (lows > 0) | (highs < 0), np.flatnonzero((lows > 0) | (highs < 0))
    last = int(known[-1]) if len(known) else len(x) - 1
    clouds = resamples(len(gain), key) @ values if len(gain) > 1 else mean[None]
    opens = len(known) > 0 and bool((mean[last:] * mean[last] < 0).any())  # passes zero, to where it is not told from zero
    find = partial(_leaving, x=x, start=last) if opens else partial(_crossing, x=x, end=last)
    point, boot = float(find(mean[None])[0]), find(clouds)
    if not math.isnan(point):
        boot = np.where(np.sign(clouds[:, last]) == np.sign(mean[last]), boot, np.nan)
    reached = float(np.isfinite(boot).mean())
    lo, hi = _within(x, *percentile(boot, point, len(gain))) if len(gain) > 1 else (math.nan, math.nan)
    few = 2.0 ** (1 - len(gain)) > 1 - REACHED  # draws that would be of one sign by chance too often
    if not math.isnan(point):
        verdict = "found" if reached >= REACHED and not few and len(known) else "unsettled"
    elif not mean.any():
        verdict = "same"
    elif reached > 1 - REACHED or few or not (told | (mean == 0)).all():
        verdict = "unsettled"
    else:
        verdict = "always" if mean[last] > 0 else "never"
    sides = dict.fromkeys(("before", "beyond"), "") if math.isnan(point) else _sides(mean, told, x, point)
    row: dict[str, Any] = {"participation": point, "gain_at_none": float(mean[0]), "gain_at_all": float(mean[-1]), "draws": len(gain)}
    row |= {"gain_at_all_lo": float(lows[-1]), "gain_at_all_hi": float(highs[-1]), **sides}
    places = "; ".join(f"{place:.3g}" for place in _passes(mean, x))
    return row | {"lo": lo, "hi": hi, "reached": reached, "crossings": places, "verdict": verdict}


def _sides(mean: Array, told: Array, x: Array, point: float) -> dict[str, str]:
    """What the levels next to be told from zero say of either side of a place."""
    below, above = np.flatnonzero(told & (x < point)), np.flatnonzero(told & (x > point))
    sides = {"before": below[-1:], "beyond": above[-1:]}
    return {name: ("better" if mean[at[0]] > 0 else "worse") if len(at) else "open" for name, at in sides.items()}


def _passes(mean: Array, x: Array) -> list[float]:
    """Every place at which a gain changes its sign, from nobody to everybody."""
    ends = [j for i, j in itertools.pairwise(np.flatnonzero(mean)) if mean[i] * mean[j] < 0]
    return [float(x[j - 1] + (x[j] - x[j - 1]) * mean[j - 1] / (mean[j - 1] - mean[j])) for j in ends]


def _crossing(gains: Array, x: Array, end: int) -> Array:
    """Participation at which gains pass zero, the last time on the way up to a level; NaN where they never do; shape n."""
    own, levels = gains[:, end::-1], x[end::-1]
    crosses = at_cost(own, np.broadcast_to(levels, own.shape), 0.0)
    return np.where((own == 0).all(axis=1), np.nan, crosses)


def _leaving(gains: Array, x: Array, start: int) -> Array:
    """Participation at which gains pass zero, the first time on the way up from a level; NaN where they never do; shape n."""
    own, levels = gains[:, start:], x[start:]
    crosses = at_cost(own, np.broadcast_to(levels, own.shape), 0.0)
    return np.where((own == 0).all(axis=1), np.nan, crosses)
