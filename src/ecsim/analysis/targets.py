"""Targets: figures of the record against the same figures in runs of the script of history.

The shipped table is `data/targets.csv`; which outcome a target is held against is declared here and nowhere else.
A user's own table has the same columns and one more, `outcome`. A target of several numbers ("15.3 -> 16.7") names
as many outcomes, written the same way. Targets without an outcome are counted, not judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from ecsim.errors import UserError, unknown
from ecsim.outcomes import OUTCOMES

SHIPPED = "targets.csv"
COLUMNS = ("id", "quantity", "period", "target", "tolerance", "unit", "kind", "source", "role")
OUTCOME = "outcome"
THEN = "->"
BAND = (5.0, 95.0)  # percentiles of the 90% interval over runs
PASS, MISS, NO_VALUE = "pass", "miss", "no value"

OUTCOME_OF: Mapping[str, str] = {
    "C7a": "supplier_return",
    "C7b": "supplier_revenue",
    "C8a": "huawei_2020",
    "C8b": "huawei_2021",
    "C10": "made_at_home_2018 -> made_at_home_2021",
}


@dataclass(frozen=True)
class Target:
    """One number of the record.

    Attributes:
        id, quantity, period, unit, source, role: as in the table.
        outcome: name of the outcome that it is held against.
        value: the number.
        tolerance: how far the mean may be off, in the same unit.
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


@dataclass(frozen=True)
class Targets:
    """A table of targets.

    Attributes:
        judged: those that are held against an outcome.
        others: number of rows that are not.
    """

    judged: tuple[Target, ...]
    others: int


def read_targets(file: Path | None = None) -> Targets:
    """The shipped targets, or those of a user's file.

    Raises:
        UserError: the file, row, key and accepted values, in one line.
    """
    if file is None:
        with resources.files("ecsim.data").joinpath(SHIPPED).open(encoding="utf-8") as shipped:
            table = pd.read_csv(shipped, dtype=str, keep_default_na=False)
        table[OUTCOME] = table["id"].map(OUTCOME_OF).fillna("")
        return _targets(table, SHIPPED)
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"{file}: cannot be read ({' '.join(str(why).split())}); accepted: a CSV table in UTF-8") from error
    for column in (*COLUMNS, OUTCOME):
        if column not in table:
            raise UserError(f"{file}: column '{column}' is missing; accepted: {', '.join((*COLUMNS, OUTCOME))}")
    return _targets(table, str(file))


def verdict_table(runs: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """The judged targets, one row a number.

    Args:
        runs: successful runs, with the outcomes as columns.
        targets: what to hold them against.

    Returns:
        id, quantity, period, outcome, unit, target, tolerance, mean, lo, hi (90% interval over runs), runs (with a
        value), verdict, misses (mean, interval or both), role, source.
    """
    return pd.DataFrame([_judge(t, runs[t.outcome].to_numpy(dtype=float)) for t in targets.judged])


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
    said, misses = verdict(mean, lo, hi, t.value, t.tolerance)
    return {
        "id": t.id,
        "quantity": t.quantity,
        "period": t.period,
        "outcome": t.outcome,
        "unit": t.unit,
        "target": t.value,
        "tolerance": t.tolerance,
        "mean": mean,
        "lo": lo,
        "hi": hi,
        "runs": len(known),
        "verdict": said,
        "misses": misses,
        "role": t.role,
        "source": t.source,
    }


def _targets(table: pd.DataFrame, file: str) -> Targets:
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
        if row[OUTCOME].strip():
            judged += _parts(row, where)
        else:
            others += 1
    if not judged:
        raise UserError(f"{file}: outcome: no row names one; accepted: names listed by 'ecsim describe outcomes', such as supplier_return")
    return Targets(tuple(judged), others)


def _parts(row: Mapping[str, str], where: str) -> list[Target]:
    """The numbers of one row."""
    outcomes, values, periods = ([part.strip() for part in row[key].split(THEN)] for key in (OUTCOME, "target", "period"))
    for outcome in outcomes:
        if outcome not in OUTCOMES:
            raise unknown(f"{where}: outcome", "outcome", outcome, OUTCOMES)
    if len(values) != len(outcomes):
        raise UserError(f"{where}: target: '{row['target']}' has {len(values)} numbers; accepted: {len(outcomes)}, one for each outcome")
    if len(periods) != len(outcomes):
        periods = [row["period"]] * len(outcomes)
    numbers = [_number(value, f"{where}: target") for value in values]
    plain = {key: row[key] for key in ("quantity", "unit", "source", "role")}
    return [
        Target(id=row["id"], period=period, outcome=outcome, value=value, tolerance=_tolerance(row["tolerance"], value, where), **plain)
        for outcome, value, period in zip(outcomes, numbers, periods, strict=True)
    ]


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
