"""All tables of a sensitivity study: a stored Morris screen and a stored Saltelli design.

The points of a design are the draws of its study, in order; a value is the mean over seeds, which all points share
(common random numbers), so that differences between points are of the factors and not of chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.measures import HEADLINE, MEASURES, sort_outcomes
from ecsim.analysis.sensitivity.estimators import (
    Spoilt,
    chance_effect,
    convergence,
    lead,
    morris_effects,
    noise_shares,
    pawn_indices,
    sobol_indices,
)
from ecsim.analysis.study import Study, load_study
from ecsim.economy import Array
from ecsim.errors import UserError

SCREEN = "screen"  # folder of the first stage, inside that of the second
COMMAND = "sensitivity"
SOBOL = ["factor", "s1", "s1_lo", "s1_hi", "st", "st_lo", "st_hi", "n", "outcome"]
PAWN = ["factor", "pawn", "pawn_max", "dummy", "n", "outcome"]
MORRIS = ["factor", "mu", "mu_lo", "mu_hi", "mu_star", "mu_star_lo", "mu_star_hi", "sigma", "n", "outcome", "chance"]
MUCH = 0.5  # of the largest effect on an outcome, which a factor without indices must not have in silence


@dataclass(frozen=True, eq=False)
class Stage:
    """A stored design.

    Attributes:
        study: its runs.
        factors: name -> (lo, hi), in the order of the design.
        points: how many points it has.
    """

    study: Study
    factors: dict[str, tuple[float, float]]
    points: int

    @property
    def names(self) -> list[str]:
        """Factors in the order of the design."""
        return list(self.factors)

    @cached_property
    def unit(self) -> Array:
        """The points on the unit cube, shape (points, k)."""
        table = self.study.runs.groupby("draw")[self.names].first().sort_index()
        lo, hi = (np.array([self.factors[n][i] for n in self.names]) for i in (0, 1))
        return np.asarray((table.to_numpy(dtype=float) - lo) / (hi - lo))

    def values(self, outcome: str) -> Array:
        """Mean over seeds at each point; a failed run leaves NaN, a run that is not there leaves the point out."""
        runs = self.study.runs
        good = runs[outcome].where(runs["status"] == "ok")
        return np.asarray(good.groupby(runs["draw"]).agg(lambda y: y.mean(skipna=False)).sort_index())

    def screened(self, outcome: str) -> pd.DataFrame:
        """The columns of `morris_effects`, outcome, and chance: the mu* of a factor without effect.

        Raises:
            Spoilt: see `check_values`.
        """
        found = morris_effects(self.names, self.unit, self.values(outcome), outcome)
        runs = self.study.runs.sort_values(["draw", "seed"], kind="stable")
        wide = runs.assign(place=runs.groupby("draw").cumcount()).pivot_table(index="draw", columns="place", values=outcome)
        return found.assign(outcome=outcome, chance=chance_effect(self.unit, wide.to_numpy()))


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The tables.

    Attributes:
        indices: the Saltelli design.
        screen: the Morris trajectories, or None.
        left_out: outcome -> why it has no indices.
    """

    indices: Stage
    screen: Stage | None
    left_out: dict[str, Spoilt] = field(default_factory=dict)

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes with indices; the others are in `left_out`.

        Raises:
            UserError: none has.
        """
        found = []
        for outcome in sort_outcomes(o for o in self.indices.study.outcomes if o in MEASURES):
            try:
                sobol_indices(self.indices.names, self._complete(outcome), outcome)
            except Spoilt as error:
                self.left_out[outcome] = error
            else:
                found.append(outcome)
        if not found:
            reason = next(iter(self.left_out.values()), "no outcome is stored")
            raise UserError(f"{self.indices.study.folder}: no outcome has indices; first reason: {reason}")
        return tuple(found)

    def _complete(self, outcome: str) -> Array:
        y = self.indices.values(outcome)
        if len(y) != self.indices.points:
            raise Spoilt(outcome, "incomplete", len(y), self.indices.points)
        return y

    @cached_property
    def headline(self) -> tuple[str, ...]:
        """One outcome for each purpose and each cost."""
        return tuple(o for o in HEADLINE.values() if o in self.outcomes) or self.outcomes[:1]

    @cached_property
    def sobol(self) -> pd.DataFrame:
        """outcome and the columns of `sobol_indices`."""
        return self._each(self.outcomes, lambda o: sobol_indices(self.indices.names, self.indices.values(o), o), SOBOL)

    @cached_property
    def converging(self) -> pd.DataFrame:
        """The same from the first base points, for the headline outcomes."""
        return self._each(self.headline, lambda o: convergence(self.indices.names, self.indices.values(o), o), SOBOL)

    @cached_property
    def pawn(self) -> pd.DataFrame:
        """outcome and the columns of `pawn_indices`, on the independent points of the design."""
        base = self._base()
        return self._each(
            self.headline, lambda o: pawn_indices(self.indices.names, self.indices.unit[base], self.indices.values(o)[base], o), PAWN
        )

    @cached_property
    def morris(self) -> pd.DataFrame:
        """See `Stage.screened`; empty without a screen."""
        screen = self.screen
        if screen is None:
            return pd.DataFrame(columns=MORRIS)
        names = [o for o in self.headline if o in screen.study.outcomes]
        return self._each(names, screen.screened, MORRIS)

    def rival(self, outcome: str) -> str:
        """The factor with the second largest total order, where the largest is not told apart from it; else nothing."""
        own = self.sobol[self.sobol["outcome"] == outcome].sort_values("st", ascending=False, kind="stable")
        first, second = own["factor"].iloc[:2]
        names = self.indices.names
        ahead = lead(self.indices.values(outcome), len(names), names.index(first), names.index(second), f"lead|{outcome}")
        return "" if ahead.sign > 0 else str(second)

    @cached_property
    def passed_over(self) -> dict[str, list[str]]:
        """Factors without indices, to which the screen gave much of the largest effect on an outcome: factor -> outcomes."""
        t = self.morris
        if not len(t):
            return {}
        much = t[t["mu_star"] >= MUCH * t.groupby("outcome")["mu_star"].transform("max")]
        rest = much[(much["mu_star"] > 0) & ~much["factor"].isin(self.indices.names)]
        return {str(factor): [str(o) for o in own["outcome"]] for factor, own in rest.groupby("factor", sort=False)}

    @cached_property
    def noise(self) -> pd.DataFrame:
        """Chance at the independent points: outcome, points, replicates (seeds a point) and the values of `noise_shares`."""
        runs = self.indices.study.ok
        rows = runs[runs["draw"].isin(self._base())]
        rows = rows.assign(place=rows.groupby("draw").cumcount())
        common = bool((rows.groupby("place")["seed"].nunique() == 1).all())
        found = []
        for outcome in self.headline:
            y = rows.pivot_table(index="draw", columns="place", values=outcome).dropna().to_numpy()
            found.append({"outcome": outcome, "points": len(y), "replicates": y.shape[1]} | noise_shares(y, common=common))
        return pd.DataFrame(found)

    def _base(self) -> Array:
        """Points of the matrices A and B, which are independent of each other."""
        width = len(self.indices.names) + 2
        at = np.arange(self.indices.points) % width
        return np.flatnonzero((at == 0) | (at == width - 1))

    def _each(self, outcomes: Sequence[str], table: Callable[[str], pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
        parts = []
        for outcome in outcomes:
            try:
                parts.append(table(outcome).assign(outcome=outcome))
            except Spoilt as error:
                self.left_out.setdefault(outcome, error)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))

    def write(self, folder: Path) -> None:
        """Store every table as CSV.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("sobol", "converging", "pawn", "morris", "noise"):
            getattr(self, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def ranking(morris: pd.DataFrame) -> list[str]:
    """Factors by their share of the largest mu* of an outcome, the most important first.

    A factor's largest share counts, so that one that decides a single outcome goes on; but of outcomes in which its effect is told
    from chance, so that a noisy one does not decide: the interval of mu* lies above what a factor without effect has. Factors told
    from chance in no outcome come last.
    """
    share = morris["mu_star"] / morris.groupby("outcome")["mu_star"].transform("max")
    told = share.where(morris["mu_star_lo"] > morris["chance"], 0.0)
    order = morris.assign(share=share, told=told).groupby("factor", sort=False)[["told", "share"]].max()
    return [str(f) for f in order.sort_values(["told", "share"], ascending=False, kind="stable").index]


def screened(folder: Path, keep: int) -> list[str]:
    """The factors of a stored screen that matter most, in the order in which the screen had them."""
    stage = _stage(folder)
    names = [o for o in HEADLINE.values() if o in stage.study.outcomes]
    s = Sensitivity(stage, stage)
    parts = []
    for outcome in names:
        try:
            parts.append(stage.screened(outcome))
        except Spoilt as error:
            s.left_out[outcome] = error
    if not parts:
        raise UserError(
            f"{folder}: the screen moved no headline outcome; first reason: {next(iter(s.left_out.values()), 'none is stored')}"
        )
    chosen = ranking(pd.concat(parts, ignore_index=True))[:keep]
    return [name for name in stage.names if name in chosen]


def load_sensitivity(folder: Path | str) -> Sensitivity:
    """The stored study of a results folder.

    Raises:
        UserError: the folder holds no sensitivity study.
    """
    home = Path(folder)
    screen = home / SCREEN
    return Sensitivity(_stage(home), _stage(screen) if (screen / "runs.parquet").exists() else None)


def _stage(folder: Path) -> Stage:
    study = load_study(folder)
    told: dict[str, Any] = study.manifest.get("study") or {}
    if "factors" not in told:
        raise UserError(f"{folder}: no sensitivity study; accepted: a folder that 'ecsim sensitivity' wrote")
    factors = {name: (float(lo), float(hi)) for name, (lo, hi) in told["factors"].items()}
    return Stage(study, factors, int(told["points"]))
