"""A stored sweep over a grid: what every point gives, and which swept key moves what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ecsim.analysis.measures import HEADLINE, measure
from ecsim.analysis.participation.arrays import intervals
from ecsim.analysis.study import SEED, Study, load_study, without
from ecsim.economy import Array
from ecsim.errors import UserError
from ecsim.experiment.variants import OF_LABEL, short

DRAW, BASE = "draw", "base"


@dataclass(frozen=True, eq=False)
class Grid:
    """The tables of one sweep.

    Attributes:
        study: its stored runs.
        keys: what was swept beside the policy, as columns of the table of runs.
    """

    study: Study
    keys: tuple[str, ...]

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        """Swept keys that are numbers, the finest first."""
        runs = self.study.ok
        found = [k for k in self.keys if pd.api.types.is_numeric_dtype(runs[k]) and not pd.api.types.is_bool_dtype(runs[k])]
        return tuple(sorted(found, key=lambda k: -runs[k].nunique()))

    @property
    def named(self) -> tuple[str, ...]:
        """What was swept and is no number: "base" for policies, groups of files, texts; each with several values."""
        return tuple(self.in_step)

    @cached_property
    def in_step(self) -> dict[str, tuple[str, ...]]:
        """Each key of `named` -> later ones whose values came with its own, one with one, where points are missing: they look like one.

        What a label begins with is its policy by another name, and not told again.
        """
        found: dict[str, tuple[str, ...]] = {}
        for key in (k for k in (BASE, *self.keys) if k not in self.numeric):
            values = self.runs[key].nunique()
            alike = next((k for k in found if values == self.runs[k].nunique() == len(self.runs[[k, key]].drop_duplicates())), None)
            if alike is None and values > 1:
                found[key] = ()
            elif alike is not None and key not in OF_LABEL:
                found[alike] += (key,)
        return found

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The successful runs with `point` (label without its seed), `line` (without seed and numbers) and `base` (the policy)."""
        runs = self.study.ok
        own = {short(key) for key in self.numeric}
        names = {label: without(label, {SEED}) for label in self.study.policies}
        lines = {label: without(label, {SEED, *own}) for label in self.study.policies}
        bases = runs["policy"].str.split("[:+]", regex=True).str[0]
        return runs.assign(point=runs["policy"].map(names), line=runs["policy"].map(lines), base=bases)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Policies, and files and texts swept beside them."""
        return tuple(pd.unique(self.runs["line"]))

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """One outcome for each purpose and each cost."""
        return tuple(o for o in HEADLINE.values() if o in self.runs)

    @cached_property
    def whole(self) -> dict[str, pd.Index]:
        """Outcome -> replicates (draw and seed) with a value at every point, on which points can be compared in pairs."""
        wide = {o: self.runs.pivot_table(index=[DRAW, SEED], columns="point", values=o, aggfunc="mean") for o in self.outcomes}
        return {o: y.dropna().index if y.shape[1] == self.runs["point"].nunique() else y.index[:0] for o, y in wide.items()}

    @cached_property
    def partial(self) -> dict[int, list[str]]:
        """Number of replicates that lack a point -> the outcomes in which so many do; they are left out of all points."""
        found: dict[int, list[str]] = {}
        for outcome, index in self.whole.items():
            found.setdefault(self.replicates - len(index), []).append(outcome)
        return {left: outcomes for left, outcomes in found.items() if left}

    @property
    def replicates(self) -> int:
        """How many pairs of draw and seed were run."""
        return len(self.study.runs[[DRAW, SEED]].drop_duplicates())

    @cached_property
    def empty(self) -> tuple[str, ...]:
        """Points at which no run succeeded."""
        failed = pd.unique(self.study.failed["policy"].map(lambda p: without(str(p), {SEED})))
        return tuple(p for p in failed if p not in set(self.runs["point"]))

    @cached_property
    def planned(self) -> int:
        """How many points the sweep was to have; of a folder that does not say, those that were begun."""
        told = self.study.manifest.get("study") or {}
        return int(told.get("grid", 0)) or self.runs["point"].nunique() + len(self.empty)

    @cached_property
    def unreached(self) -> tuple[str, ...]:
        """Points at which nothing was run before the study was stopped, of those that the manifest names."""
        named = dict.fromkeys(without(label, {SEED}) for label in self.study.manifest.get("policies") or {})
        begun = {*self.runs["point"], *self.empty}
        return tuple(p for p in named if p not in begun) if self.missing else ()

    @property
    def missing(self) -> int:
        """How many points nothing was run at."""
        return max(0, self.planned - self.runs["point"].nunique() - len(self.empty))

    @cached_property
    def points(self) -> pd.DataFrame:
        """point, line, base, swept keys, outcome, unit, mean, lo, hi, draws, and paired differences to the first point: against_first,
        against_first_lo, against_first_hi; points in the order of the sweep."""
        known = self._known
        t = self._means("point", known)
        apart = [self._paired(outcome, known.index[0]) for outcome in self.outcomes]
        for n, name in enumerate(("against_first", "against_first_lo", "against_first_hi") if len(t) else ()):
            t[name] = np.concatenate([part[n] for part in apart])
        return t

    @cached_property
    def _known(self) -> pd.DataFrame:
        """What each point is, in the order of the sweep."""
        runs = self.runs.sort_values("run", kind="stable")
        return runs.drop_duplicates("point").set_index("point")[["line", BASE, *self.keys]]

    def near(self, outcome: str, point: str, among: Sequence[str]) -> int | None:
        """How many others among some points are not told apart from one: the 95% interval of their paired difference holds zero.

        None where there are no intervals.
        """
        _, lo, hi = self._paired(outcome, point)
        meant = self._known.index.isin(among)
        held = (lo <= 0) & (hi >= 0) & meant
        return int(held.sum()) - 1 if np.isfinite(lo[meant]).all() else None

    def _paired(self, outcome: str, point: str) -> tuple[Array, Array, Array]:
        """Mean difference of every point to one on the same draws, and its interval."""
        y, whole = self._by_unit(outcome, "point", self._known, self.runs)
        apart = y.sub(y[point], axis=0)
        if whole:
            return intervals(apart.to_numpy(), f"grid|{outcome}|against|{point}")
        nothing = np.full(apart.shape[1], np.nan)
        return apart.mean().to_numpy(), nothing, nothing

    def over(self, key: str, by: Sequence[str]) -> pd.DataFrame:
        """The same by `key` and the columns of `by`, mean over what else was swept; the column `curve` names their combination."""
        runs = self.runs
        parts = [runs[c].astype(str) if c == "line" else c + "=" + runs[c].map("{:g}".format) for c in by]
        curve = pd.Series("", index=runs.index) if not parts else parts[0].str.cat(parts[1:], sep="|")
        place = curve + "@" + runs[key].map("{:.12g}".format)
        known = pd.DataFrame({"place": place, "curve": curve, key: runs[key]}).drop_duplicates("place").set_index("place")
        return Grid._means(self, "place", known, runs.assign(place=place)).sort_values([key], kind="stable")

    def _means(self, column: str, known: pd.DataFrame, runs: pd.DataFrame | None = None) -> pd.DataFrame:
        parts = []
        for outcome in self.outcomes:
            y, whole = self._by_unit(outcome, column, known, self.runs if runs is None else runs)
            if whole:
                mean, lo, hi = intervals(y.to_numpy(), f"grid|{outcome}|{column}")
            else:  # no replicate has every point
                mean = y.mean().to_numpy()
                lo = hi = np.full(len(mean), np.nan)
            numbers = {
                "outcome": outcome,
                "unit": measure(outcome).unit,
                "mean": mean,
                "lo": lo,
                "hi": hi,
                "draws": len(y) if whole else 0,
            }
            parts.append(known.reset_index().assign(**numbers))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _by_unit(self, outcome: str, column: str, known: pd.DataFrame, runs: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
        """An outcome by draw, or seed where parameters were not drawn, and by column; and whether some replicate has every point."""
        unit = DRAW if runs[DRAW].nunique() > 1 else SEED
        whole = self.whole[outcome]
        used = runs[pd.MultiIndex.from_frame(runs[[DRAW, SEED]]).isin(whole)] if len(whole) else runs
        y = used.pivot_table(index=unit, columns=column, values=outcome, aggfunc="mean").reindex(columns=known.index)
        return y, len(whole) > 0

    @cached_property
    def shares(self) -> pd.DataFrame:
        """outcome, key ("base" for policies), share: of the variance between points, that of the means by the key's values.

        What is missing to one is interaction of the keys. Empty where one key was swept, and where a point is missing: values of a
        key would then differ by what else was run with them.
        """
        t = self.points
        keys = [*self.named, *(k for k in self.numeric if t[k].nunique() > 1)] if len(t) else []
        rows = []
        whole = not (self.missing or self.empty)
        for outcome, own in t.groupby("outcome", sort=False):
            total = float(own["mean"].var(ddof=0))
            for key in keys if whole and len(keys) > 1 and total > 0 else []:
                between = float(((own.groupby(key)["mean"].transform("mean") - own["mean"].mean()) ** 2).mean())
                rows.append({"outcome": outcome, "key": key, "share": between / total})
        return pd.DataFrame(rows, columns=["outcome", "key", "share"])

    def write(self, folder: Path) -> None:
        """Store the tables as CSV.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.points.to_csv(folder / "points.csv", index=False, lineterminator="\n")
        self.shares.to_csv(folder / "shares.csv", index=False, lineterminator="\n")


def swept_keys(study: Study) -> tuple[str, ...]:
    """What was swept beside policy and seed; nothing where the study is no sweep over a grid."""
    told = study.manifest.get("study")
    swept = told.get("swept", []) if isinstance(told, dict) else []
    return tuple(str(k) for k in swept if k in study.runs)


def load_grid(folder: Path | str) -> Grid:
    """The stored sweep of a results folder.

    Raises:
        UserError: the folder holds no sweep over a grid.
    """
    study = load_study(folder)
    keys = swept_keys(study)
    if not keys:
        raise UserError(f"{folder}: no sweep over a grid; accepted: a folder that 'ecsim sweep' wrote, with a key swept beside the policy")
    return Grid(study, keys)
