"""Targets: figures of the record against the same figures in runs.

The shipped table is `data/targets.csv`; a user's own has the same columns. `outcome` names what a target is held
against: an outcome, or one by year (`ecsim.yearly`); `policy`, which may be missing or empty, the runs: a policy or
scenario with overrides of its own, by default the script of history. A target of several numbers ("15.3 -> 16.7")
names as many outcomes, written the same way; "none" says that it never comes about. Inputs are shown and not
judged, targets without an outcome counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from ecsim import yearly
from ecsim.data.loader import read_text
from ecsim.errors import UserError, unknown
from ecsim.outcomes import OUTCOMES

SHIPPED = "targets.csv"
COLUMNS = ("id", "quantity", "period", "target", "tolerance", "unit", "kind", "source", "role", "outcome")
POLICY = "policy"
HISTORY = "history"
THEN = "->"
NEVER = "none"
OFTEN = 0.9  # share of runs in which what never came about must not come about
INPUT = "input"
ROLES = ("calibration", "check", INPUT)
# units as tables write them -> the unit of outcomes that is meant
SPOKEN = {"percent": "%", "percentage points": "%", "months": "months", "boolean": "0 or 1", "share of runs": "0 or 1"}
RATIO = "ratio"  # of two years
UNITS = frozenset((*SPOKEN, RATIO, *(o.unit for o in OUTCOMES.values()), *(o.unit for o in yearly.YEARLY.values())))
BAND = (5.0, 95.0)  # percentiles of the 90% interval over runs
PASS, MISS, NO_VALUE = "pass", "miss", "no value"


@dataclass(frozen=True)
class Target:
    """One number of the record.

    Attributes:
        id, quantity, period, unit, source: as in the table.
        role: calibration, check, or input, which is not judged; a row of several numbers may have one for each.
        outcome: name of the outcome that it is held against.
        value: the number; NaN for what never came about.
        tolerance: how far the mean may be off, in the same unit.
        policy: the runs that it is judged on, as an entry of `experiment.policies`.
        where: file, row and column of the outcome, for errors.
    """

    id: str
    quantity: str
    period: str
    unit: str
    source: str
    role: str
    outcome: str
    value: float
    tolerance: float
    policy: str = HISTORY
    where: str = ""


@dataclass(frozen=True)
class Targets:
    """A table of targets.

    Attributes:
        judged: those that are held against an outcome.
        others: number of rows that are not.
        shipped: whether this is the shipped table.
    """

    judged: tuple[Target, ...]
    others: int
    shipped: bool = False

    @property
    def policies(self) -> tuple[str, ...]:
        """The runs that are needed, as entries of `experiment.policies`."""
        return tuple(dict.fromkeys(t.policy for t in self.judged))

    @property
    def yearly(self) -> tuple[str, ...]:
        """The outcomes by year that are needed."""
        return tuple(dict.fromkeys(t.outcome for t in self.judged if t.outcome not in OUTCOMES))

    @property
    def overrides(self) -> list[str]:
        """What a study must be told to compute them."""
        return [f"experiment.{key}=[{','.join(repr(x) for x in getattr(self, key))}]" for key in ("policies", "yearly")]

    def check_policies(self, accepted: Iterable[str]) -> None:
        """Hold the policy of each row against what there is.

        Raises:
            UserError: file, row and accepted names.
        """
        names = frozenset(accepted)
        for t in self.judged:
            for name in (word for word in t.policy.split() if "=" not in word and word not in names):
                raise unknown(f"{t.where.removesuffix('outcome')}policy", "choice", name, names)

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Name the row of the file where an economy or a horizon lacks what an outcome asks for."""
        try:
            yield
        except yearly.NotThere as error:
            where = next((t.where for t in self.judged if t.outcome == error.outcome), None)
            raise (error if where is None else UserError(f"{where}: {error.why}")) from error


def read_targets(file: Path | None = None) -> Targets:
    """The shipped targets, or those of a user's file.

    Raises:
        UserError: the file, row, key and accepted values, in one line.
    """
    if file is None:
        return _targets(_shipped(), SHIPPED, shipped=True)
    table = read_text(file, str(file))
    for column in COLUMNS:
        if column not in table:
            raise UserError(f"{file}: column '{column}' is missing; accepted: {', '.join((*COLUMNS, POLICY))}")
    return _targets(table, str(file))


def shipped_rows() -> list[dict[str, str]]:
    """The rows of the shipped table as they stand, those without an outcome included."""
    return [{str(key): str(value) for key, value in row.items()} for row in _shipped().to_dict("records")]


def _shipped() -> pd.DataFrame:
    with resources.files("ecsim.data").joinpath(SHIPPED).open(encoding="utf-8") as shipped:
        return pd.read_csv(shipped, dtype=str, keep_default_na=False)


def verdict_table(runs: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """The judged targets, one row a number.

    Args:
        runs: successful runs, with the outcomes as columns and, where there are several policies, a column `entry`
            with the entry of `experiment.policies` that each run belongs to.
        targets: what to hold them against.

    Returns:
        id, quantity, period, outcome, unit, target, tolerance, mean, lo, hi (90% interval over runs), runs (with a
        value), of (so many runs), verdict, misses (mean, interval or both), role, source, policy.
    """
    rows = []
    for t in targets.judged:
        mine = runs[runs["entry"] == t.policy] if "entry" in runs else runs
        rows.append(_judge(t, mine[t.outcome].to_numpy(dtype=float)))
    return pd.DataFrame(rows)


def verdict(mean: float, lo: float, hi: float, target: float, tolerance: float) -> tuple[str, str]:
    """Pass if the mean is within tolerance and the target within the interval; else miss, and what is missed."""
    if not math.isfinite(mean):
        return NO_VALUE, ""
    misses = [name for name, bad in (("mean", abs(mean - target) > tolerance), ("interval", not lo <= target <= hi)) if bad]
    return (MISS, ", ".join(misses)) if misses else (PASS, "")


def _judge(t: Target, values: np.ndarray) -> dict[str, object]:
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else math.nan
    lo, hi = (float(x) for x in np.percentile(known, BAND)) if len(known) else (math.nan, math.nan)
    if math.isnan(t.value):
        held = len(known) <= (1.0 - OFTEN) * len(values)
        said, misses = (PASS, "") if held else (MISS, f"comes about in {len(known)} of {len(values)}")
    else:
        said, misses = verdict(mean, lo, hi, t.value, t.tolerance)
    if t.role == INPUT:
        said, misses = INPUT, ""
    keys = ("id", "quantity", "period", "outcome", "unit")
    numbers = {"target": t.value, "tolerance": t.tolerance, "mean": mean, "lo": lo, "hi": hi, "runs": len(known), "of": len(values)}
    return {
        **{key: getattr(t, key) for key in keys},
        **numbers,
        "verdict": said,
        "misses": misses,
        "role": t.role,
        "source": t.source,
        "policy": t.policy,
    }


def _targets(table: pd.DataFrame, file: str, *, shipped: bool = False) -> Targets:
    seen: set[str] = set()
    judged: list[Target] = []
    others = 0
    for number, row in enumerate(table.to_dict("records"), start=2):
        where = f"{file}: row {number}"
        if not row["id"].strip():
            raise UserError(f"{where}: id: empty; accepted: a name of its own for each target")
        if row["id"] in seen:
            raise UserError(f"{where}: id: '{row['id']}' stands twice; accepted: a name of its own for each target")
        seen.add(row["id"])
        for role in _roles(row):
            if role not in ROLES:
                raise unknown(f"{where}: role", "role", role, ROLES)
        if row["outcome"].strip():
            judged += _parts(row, where)
        else:
            others += 1
    if not judged:
        raise UserError(
            f"{file}: outcome: no row names one; accepted: names listed by 'ecsim describe outcomes' and 'ecsim describe yearly', "
            "such as supplier_return"
        )
    return Targets(tuple(judged), others, shipped)


def _parts(row: Mapping[str, str], where: str) -> list[Target]:
    """The numbers of one row."""
    outcomes, values, periods = ([part.strip() for part in row[key].split(THEN)] for key in ("outcome", "target", "period"))
    for outcome in outcomes:
        if "@" in outcome:
            yearly.parse(outcome, f"{where}: outcome")
        elif outcome not in OUTCOMES:
            raise unknown(f"{where}: outcome", "outcome", outcome, [*OUTCOMES, *(f"{name}@YEAR" for name in yearly.YEARLY)])
    _check_unit(row["unit"].strip(), outcomes, f"{where}: unit")
    if len(values) != len(outcomes):
        raise UserError(f"{where}: target: '{row['target']}' has {len(values)} numbers; accepted: {len(outcomes)}, one for each outcome")
    if len(periods) != len(outcomes):
        periods = [row["period"]] * len(outcomes)
    numbers = [math.nan if value == NEVER else _number(value, f"{where}: target", f"a number, or '{NEVER}'") for value in values]
    roles = _roles(row)
    if len(roles) not in (1, len(outcomes)):
        raise UserError(f"{where}: role: '{row['role']}' has {len(roles)} roles; accepted: one, or {len(outcomes)}, one for each outcome")
    plain = {key: row[key].strip() for key in ("quantity", "unit", "source")}
    policy = (row.get(POLICY) or "").strip() or HISTORY
    return [
        Target(
            id=row["id"],
            period=period,
            outcome=outcome,
            value=value,
            tolerance=math.nan if math.isnan(value) else _tolerance(row["tolerance"], value, where),
            policy=policy,
            where=f"{where}: outcome",
            role=role,
            **plain,
        )
        for outcome, value, period, role in zip(outcomes, numbers, periods, roles * (len(outcomes) // len(roles)), strict=True)
    ]


def _roles(row: Mapping[str, str]) -> list[str]:
    """The role of each number of a row, or one for all of them."""
    return [role.strip() for role in row["role"].split(THEN)]


def _check_unit(unit: str, outcomes: Iterable[str], where: str) -> None:
    """Hold the unit of a row against that of every outcome in it."""
    if unit not in UNITS:
        raise unknown(where, "unit", unit, UNITS)
    for outcome in outcomes:
        own = _unit_of(outcome, where)
        if SPOKEN.get(unit, unit) != own:
            spoken = [name for name, meant in SPOKEN.items() if meant == own and name != own]
            raise UserError(f"{where}: '{unit}' is not the unit of {outcome}; accepted: {', '.join([own, *spoken])}")


def _unit_of(outcome: str, where: str) -> str:
    """Unit of an outcome as asked for; two years over each other have no unit but their ratio."""
    if outcome in OUTCOMES:
        return OUTCOMES[outcome].unit
    wanted = yearly.parse(outcome, where)
    return RATIO if wanted.over else wanted.outcome.unit


def _tolerance(text: str, value: float, where: str) -> float:
    """A tolerance in the target's unit; "15%" is a share of the target."""
    accepted = "a number from 0 in the unit of the target, or a share of it such as 15%"
    share = text.strip().endswith("%")
    size = _number(text.strip().removesuffix("%"), f"{where}: tolerance", accepted)
    if size < 0:
        raise UserError(f"{where}: tolerance: '{text}' will not do; accepted: {accepted}")
    return size / 100.0 * abs(value) if share else size


def _number(text: str, where: str, accepted: str = "a number") -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(f"{where}: '{text}' is not a number; accepted: {accepted}")
    return value
