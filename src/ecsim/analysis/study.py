"""A stored study: the tables of a results folder, checked and ready for analysis.

A replicate is a pair (draw, seed): a draw of the uncertain parameters and a seed of the random streams. All
policies of a study share the replicates (common random numbers), which is what makes paired comparison possible.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.text.words import PARTICIPATION, Words, words_of
from ecsim.errors import UserError
from ecsim.experiment.store import no_runs
from ecsim.params import REGISTRY

RUNS = "runs.parquet"
KEYS = ("run", "policy", "replicate", "draw", "seed", "status", "reason", "wall_ms")
DESIGN = ("family", "intensity", "scope", "height", "reach", "coalition", "participation", "sense")
MODE_PARAMETER = "alliance.mode"
SENSES = ("extent", "intensity", "coalition")  # modes of an alliance that read a participation
NO_CONTROL = "none"
SEED = "seed"
KNOWN = (NO_CONTROL, "small_yard", "blanket", "history")  # the policies beside which points of designs stand
MOST_POLICIES = 8  # that can be told apart in one figure
FEW_DRAWS = 16  # with fewer, intervals are a look around
COMPLETE = "complete"  # status in the manifest of a study that ran to its end
INTERRUPTED = ("study.interrupted", "study.interrupted.part")  # notes on one that did not
QUARTERS_A_YEAR = 4
START_YEAR = 2018


@dataclass(frozen=True)
class Note:
    """Something a reader must know of the runs: key of the text catalogues, and what fills it in."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Study:
    """The tables of one results folder.

    Attributes:
        folder: where they are stored.
        runs: one row a run, failed ones included (`runs.parquet`); of an interrupted study, of whole replicates only.
        manifest: `manifest.json`, empty when there is none.
        notes: what is missing or odd, for the reader of the report.
    """

    folder: Path
    runs: pd.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @cached_property
    def ok(self) -> pd.DataFrame:
        """The runs that succeeded, sorted by policy, draw and seed."""
        good = self.runs[self.runs["status"] == "ok"].sort_values("run", kind="stable")
        good["policy"] = pd.Categorical(
            good["policy"].astype(str), categories=order_policies(good["policy"].astype(str).unique()), ordered=True
        )
        good = good.sort_values(["policy", "draw", "seed"], kind="stable").reset_index(drop=True)
        good["policy"] = good["policy"].astype(str)
        return good

    @cached_property
    def policies(self) -> tuple[str, ...]:
        """Labels of the policies that have a successful run, in the order in which they are shown."""
        return tuple(order_policies(self.ok["policy"].unique()))

    @cached_property
    def free(self) -> frozenset[str]:
        """Labels of the policies without controls, whoever joins or answers: by their kind, where the manifest has it, else by name."""
        return frozenset(p for p in self.policies if (self._kind(p) or p.partition(":")[0].partition("+")[0]) == NO_CONTROL)

    def _kind(self, policy: str) -> str | None:
        """Kind of a policy, if the manifest has it."""
        told = (self.manifest.get("policies") or {}).get(policy)
        return told.get("kind") if isinstance(told, dict) else None

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Dotted names of the parameters that were drawn."""
        names = (c for c in self.runs.columns if "." in c and c not in KEYS)
        return tuple(c for c in names if c != PARTICIPATION or self.draws_participation)

    @cached_property
    def draws_participation(self) -> bool:
        """Whether participation in the alliance was drawn, and not set by policies or points of a grid.

        Without a list of what was drawn: it has one value in each draw, and several over draws.
        """
        if PARTICIPATION not in self.runs:
            return False
        if "uncertain" in self.manifest:
            swept = (self.manifest.get("study") or {}).get("swept", [])
            return PARTICIPATION in self.manifest["uncertain"] and PARTICIPATION not in swept
        values = self.runs.groupby("draw")[PARTICIPATION].nunique()
        return bool((values == 1).all()) and self.runs[PARTICIPATION].nunique() > 1

    @cached_property
    def senses(self) -> tuple[str, ...]:
        """In which senses states are made to join: as swept, else as told of the policies, else of the configuration."""
        told = set(self.runs[MODE_PARAMETER].dropna().astype(str)) if MODE_PARAMETER in self.runs else set()
        told = told or {x[MODE_PARAMETER] for x in self._described.values() if MODE_PARAMETER in x}
        alliance = (self.manifest.get("config") or {}).get("alliance")
        if not told and isinstance(alliance, dict):
            told = {alliance.get("mode")}
        return tuple(sense for sense in SENSES if sense in told)

    @property
    def _described(self) -> dict[str, dict[str, Any]]:
        """Policy -> its settings, of those that the manifest tells."""
        described = self.manifest.get("policies")
        return {k: x for k, x in described.items() if isinstance(x, dict)} if isinstance(described, dict) else {}

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the scalar outcomes in the table."""
        skip = {*KEYS, *DESIGN}
        return tuple(c for c in self.runs.columns if c not in skip and "." not in c and pd.api.types.is_numeric_dtype(self.runs[c]))

    @cached_property
    def failed(self) -> pd.DataFrame:
        """The runs that failed, with the reason."""
        return self.runs[self.runs["status"] != "ok"]

    @cached_property
    def core(self) -> pd.DataFrame:
        """The successful runs of the main comparison.

        Where the study holds points of designs (families, factorials, alliance levels), these are the known
        policies beside them; else all runs, of the first `MOST_POLICIES`.
        """
        rows = self.ok
        design = np.zeros(len(rows), dtype=bool)
        for column in ("intensity", "scope", "height", "reach", "coalition"):
            if column in rows:
                design |= rows[column].notna().to_numpy() & (rows[column].astype(str).to_numpy() != "")
        level = participation(rows)
        if level is not None and not self.draws_participation:
            design |= level.notna().to_numpy()
        named = rows["policy"].isin(KNOWN).to_numpy()
        if design.any() and named.any():
            return rows[named]
        return rows[rows["policy"].isin(self.policies[:MOST_POLICIES])]

    @cached_property
    def core_policies(self) -> tuple[str, ...]:
        """Labels of the policies of the main comparison."""
        return tuple(order_policies(self.core["policy"].unique()))

    def words(self, lang: str) -> Words:
        """The wording of a language, in which scenarios of the user's own are called by their titles, and participation by its sense.

        Raises:
            UserError: no such language.
        """
        return words_of(lang, {x["scenario"]: x["title"] for x in self._described.values() if "title" in x}, self.senses)

    @property
    def by_seed(self) -> bool:
        """Whether replicates differ by their seeds alone, so that all spread is chance."""
        draws, seeds, _ = self.replicates()
        return draws == 1 and seeds > 1

    def replicates(self, policies: tuple[str, ...] | None = None) -> tuple[int, int, int]:
        """Numbers of parameter draws, of seeds within a draw (the largest), and of runs a policy (the largest)."""
        rows = self.ok if policies is None else self.ok[self.ok["policy"].isin(policies)]
        if rows.empty:
            return 0, 0, 0
        seeds = rows.groupby(["policy", "draw"])["seed"].nunique().max()
        return int(rows["draw"].nunique()), int(seeds), int(rows.groupby("policy")["run"].count().max())

    def series(self, name: str, policies: tuple[str, ...] | None = None) -> pd.DataFrame:
        """One time series of all successful runs: run, policy, draw, seed, quarter, key, value; empty when it was not stored.

        Args:
            name: name of the series, for example "power_ratio".
            policies: only these.
        """
        path = self.folder / "series.parquet"
        columns = ["run", "policy", "draw", "seed", "quarter", "key", "value"]
        if not path.exists():
            return pd.DataFrame({c: pd.Series(dtype=str if c in {"policy", "key"} else float) for c in columns})
        table = _read(path, filters=[("name", "==", name)], columns=["run", "quarter", "key", "value"])
        rows = self.ok[["run", "policy", "draw", "seed"]]
        rows = rows if policies is None else rows[rows["policy"].isin(policies)]
        table = table.merge(rows, on="run", how="inner")
        table["key"] = table["key"].fillna("").astype(str)
        return table[columns].sort_values(["policy", "draw", "seed", "key", "quarter"], kind="stable").reset_index(drop=True)

    def flows(self) -> pd.DataFrame:
        """The network map (`flows.parquet`) of the successful runs; empty when it was not stored."""
        path = self.folder / "flows.parquet"
        if not path.exists():
            return pd.DataFrame()
        table = _read(path)
        return table[table["run"].isin(self.ok["run"])].reset_index(drop=True)

    def events(self) -> pd.DataFrame:
        """The log of moves (`events.parquet`) of the successful runs; empty when it was not stored."""
        path = self.folder / "events.parquet"
        if not path.exists():
            return pd.DataFrame()
        table = _read(path)
        return table[table["run"].isin(self.ok["run"])].reset_index(drop=True)


def load_study(folder: Path | str) -> Study:
    """The study stored in a results folder.

    Raises:
        UserError: no such folder, no table of runs in it, a column missing, or no run that succeeded.
    """
    folder = Path(folder)
    path = folder / RUNS
    if not path.exists():
        raise no_runs(folder)
    runs = _read(path)
    for column in ("run", "policy", "draw", "seed"):
        if column not in runs:
            raise UserError(f"{path}: column '{column}' is missing; accepted: a table of runs as described in results/README.md")
    if "status" not in runs:
        runs = runs.assign(status="ok", reason="")
    good = runs["status"] == "ok"
    if not good.any():
        reason = runs["reason"].dropna().astype(str).head(1).tolist() if "reason" in runs else []
        raise UserError(f"{path}: no run succeeded ({len(runs)} failed); first reason: {reason[0] if reason else 'none given'}")
    runs, manifest = _joined_over_seeds(runs, _manifest(folder / "manifest.json"))
    if manifest.get("status", COMPLETE) == COMPLETE:
        return Study(folder, runs, manifest, (*_notes(runs), *_structured(manifest)))
    kept = _whole(runs)
    return Study(folder, kept, manifest, (_interrupted(runs, kept, manifest), *_notes(kept), *_structured(manifest)))


def without(label: str, keys: Collection[str]) -> str:
    """A label less the parts that set one of these keys."""
    head, *parts = label.split(":")
    return ":".join([head, *(p for p in parts if p.partition("=")[0] not in keys)])


def _joined_over_seeds(runs: pd.DataFrame, manifest: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The runs of a sweep over seeds alone as what they are, replicates of a policy: labels less their seed."""
    told = manifest.get("study")
    if not isinstance(told, dict) or told.get("command") != "sweep" or told.get("swept"):
        return runs, manifest
    described = {without(label, {SEED}): settings for label, settings in (manifest.get("policies") or {}).items()}
    return runs.assign(policy=[without(str(p), {SEED}) for p in runs["policy"]]), manifest | {"policies": described}


def participation(rows: pd.DataFrame) -> pd.Series | None:
    """Level of forced participation in the alliance (0..1) of each run, NaN where it was not forced; None when no run has one."""
    for column in ("participation", PARTICIPATION):
        if column in rows:
            level = pd.to_numeric(rows[column], errors="coerce")
            if level.notna().any():
                return level
    return None


def parity_of(manifest: Mapping[str, Any]) -> tuple[float, float]:
    """Ends of the zone in which the power ratio counts as parity: of the study's configuration, else the declared ones."""
    power = (manifest.get("config") or {}).get("power")
    told = power if isinstance(power, Mapping) else {}
    lo, hi = (float(told.get(end, REGISTRY[f"power.{end}"].default)) for end in ("parity_lo", "parity_hi"))
    return lo, hi


def order_policies(labels: Any) -> list[str]:
    """Labels in the order of display: no controls first, then the others as given."""
    return sorted(dict.fromkeys(str(x) for x in labels), key=lambda p: p != NO_CONTROL)


def date_of(quarter: Any) -> Any:
    """Quarter index (a number or a column) as a decimal year; 0 is the start of 2018."""
    return START_YEAR + quarter / QUARTERS_A_YEAR


def _read(path: Path, **how: Any) -> pd.DataFrame:
    try:
        return pd.read_parquet(path, **how)
    except Exception as error:  # pyarrow raises many kinds; the user needs one line
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path}: cannot be read as a Parquet table ({first})") from error


def _manifest(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid JSON ({error})") from error
    return content if isinstance(content, dict) else {}


def _whole(runs: pd.DataFrame) -> pd.DataFrame:
    """The replicates that every policy has: where a study was stopped, some policies may be ahead. All runs where no replicate is whole."""
    held = runs.groupby(["draw", "seed"])["policy"].transform("nunique") == runs["policy"].nunique()
    good = held & (runs["status"] == "ok")
    return runs[held].reset_index(drop=True) if good.any() else runs


def _interrupted(runs: pd.DataFrame, kept: pd.DataFrame, manifest: dict[str, Any]) -> Note:
    """How much of a study there is, and how much of that is used."""
    values = {"n": len(runs), "planned": manifest.get("planned", "?")}
    whole, part = INTERRUPTED
    return Note(whole, values) if len(kept) == len(runs) else Note(part, values | {"used": len(kept)})


def _structured(manifest: dict[str, Any]) -> tuple[Note, ...]:
    """That the points of a Morris or Saltelli design depend on each other, where intervals take them as independent draws."""
    design = ((manifest.get("config") or {}).get("experiment") or {}).get("design")
    return (Note("study.structured", {"design": design}),) if design in ("morris", "saltelli") else ()


def _notes(runs: pd.DataFrame) -> tuple[Note, ...]:
    """What a reader must know of the runs before trusting a number."""
    notes = []
    bad = runs[runs["status"] != "ok"]
    if len(bad):
        reasons = bad["reason"].fillna("?").astype(str) if "reason" in bad else pd.Series(["?"])
        notes.append(Note("study.failed", {"n": len(bad), "runs": len(runs), "reason": reasons.value_counts().index[0]}))
    good = runs[runs["status"] == "ok"]
    if good.groupby("policy")["run"].count().nunique() > 1:
        notes.append(Note("study.unequal"))
    if good.duplicated(["policy", "draw", "seed"]).any():
        notes.append(Note("study.twice"))
    if good["policy"].nunique() > MOST_POLICIES and not any(c in good and good[c].notna().any() for c in DESIGN):
        notes.append(Note("study.many", {"n": MOST_POLICIES, "all": int(good["policy"].nunique())}))
    if len(good[["draw", "seed"]].drop_duplicates()) == 1:
        notes.append(Note("study.single"))
    elif 1 < (draws := good["draw"].nunique()) < FEW_DRAWS:
        notes.append(Note("study.few", {"n": draws, "few": FEW_DRAWS}))
    return tuple(notes)
