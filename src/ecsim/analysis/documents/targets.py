"""The published numbers on the 184 documents, and how an ensemble stands against them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

import numpy as np
import pandas as pd

from ecsim.analysis.documents.summary import YEARS, Summary, percent
from ecsim.documents.instruments import CLASSES, by_class, instruments
from ecsim.documents.writing import LAW, ORDER, REGULATION, STATEMENT
from ecsim.economy import Array

INTERVAL = (5.0, 95.0)  # percentiles of the 90% predictive interval
SMALL = ("rewards", "talent", "organisation")  # small counts: relative tolerance
SMALL_TOLERANCE = 0.3
RARE = 0.05  # a pattern that fewer runs show lies outside the predictive interval
AUTHORITY, INCENTIVE, CAPACITY, SYSTEM, HORTATORY = range(5)
DATED = 23  # quarters before 2023Q4; document 114 is dated 25 October 2023
LEVELS = (5.0, 15.0)  # percent: "around 10%"

CONSTANT, MECHANISM, INPUT = "constant", "mechanism", "input"
MATCHED_BY = {  # what brings a target about: its own fitted constant, the mechanisms, or a number put in
    **dict.fromkeys(("W1", "W4", "W5", "W6", "W10", "W13", "W14"), CONSTANT),
    **dict.fromkeys(("W15", "W16"), INPUT),
}


@dataclass(frozen=True)
class Dated:
    """A number that follows from the dates of documents in the paper's table 1; not among the W targets."""

    id: str
    quantity: str
    period: str
    target: float
    tolerance: float
    role: str
    values: Callable[[Summary], Array]


DATED_DOCUMENTS = (
    Dated("D1", "documents before 2023Q4", "2018Q1-2023Q3", 113.0, 8.0, "calibration", lambda s: s.documents[:, :DATED].sum(axis=1)),
    Dated("D2", "documents in 2018Q1", "2018Q1", 1.0, 3.0, "check", lambda s: s.documents[:, 0]),
    Dated("D3", "documents in 2025Q4, to 1 December", "2025Q4", 2.0, 3.0, "check", lambda s: s.documents[:, -1]),
)


def published() -> pd.DataFrame:
    """The W rows of the table of targets."""
    with resources.files("ecsim.data").joinpath("targets.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    return table[table["id"].str.startswith("W")].reset_index(drop=True)


def values_of(s: Summary) -> dict[str, list[tuple[str, Array]]]:
    """Target id -> its parts (name, (R,) values), in the order in which the target's numbers stand."""
    goals = s.goals.sum(axis=1)
    shares, classes = s.instrument_shares, by_class(s.instrument_shares)
    return {
        "W1": [("", s.by_year.sum(axis=1))],
        "W2": [("", s.year(s.by_year, 2020))],
        "W3": [("", s.year(s.by_year, 2024))],
        "W4": [("", s.codes.sum(axis=(1, 2)))],
        "W5": [(i.id, shares[:, n]) for n, i in enumerate(instruments())],
        "W6": [(c, classes[:, n]) for n, c in enumerate(CLASSES)],
        "W7": [("", s.year(s.class_shares, 2018)[:, CAPACITY])],
        "W8": [("", s.year(s.class_shares, 2025)[:, CAPACITY])],
        "W10": [("", 100.0 * goals[:, 0] / goals.sum(axis=1))],
        "W11": [("", s.year(s.security, 2020))],
        "W12": [("", s.year(s.security, 2025))],
        "W13": [("", goals.sum(axis=1))],
        "W14": [("Commerce", s.issuers[:, 0]), ("Congress", s.issuers[:, 1])],
        "W15": [
            ("law and bill", s.forms[:, LAW]),
            ("regulation, order, memorandum", s.forms[:, REGULATION] + s.forms[:, ORDER]),
            ("other", s.forms[:, STATEMENT]),
        ],
        "W16": [("", 100.0 * (1.0 - s.joint / s.by_year.sum(axis=1)))],
    }


def _slope(values: Array) -> Array:
    """Linear trend over the years, percentage points a year."""
    years = np.arange(len(YEARS)) - (len(YEARS) - 1) / 2.0
    return np.asarray(values @ years / (years @ years))


def patterns_by_run(s: Summary) -> dict[str, list[tuple[str, Array]]]:
    """Target id -> statements, each with whether it holds in each run, (R,)."""
    return _patterns(percent(s.codes))


def _patterns(instrument: Array) -> dict[str, list[tuple[str, Array]]]:
    """Target id -> statements that hold or not; instruments (…, 8, 18) as shares of a year in percent."""
    classes = by_class(instrument)
    names = [i.id for i in instruments()]
    authority, others = classes[..., AUTHORITY], np.delete(classes, AUTHORITY, axis=-1).max(axis=-1)
    system = classes[..., SYSTEM]
    level = classes[..., [INCENTIVE, HORTATORY]]
    watched = instrument[..., [names.index("licensing"), names.index("monitoring")]].sum(axis=-1)
    cooperation = instrument[..., names.index("international_cooperation")]
    return {
        "W9": [
            ("authority largest in each year 2019-2025", (authority > others)[..., 1:].all(axis=-1)),
            ("authority above 30% in each year 2019-2025", (authority > 30.0)[..., 1:].all(axis=-1)),
            ("authority not largest in 2018", (authority < others)[..., 0]),
            ("linear trend of authority rises", _slope(authority) > 0),
        ],
        "W17": [("linear trend of capacity building falls", _slope(classes[..., CAPACITY]) < 0)],
        "W18": [
            ("system rises first (2019-2021 above 2018)", system[..., 1:4].mean(axis=-1) > system[..., 0]),
            ("linear trend of system falls", _slope(system) < 0),
            ("cooperation in 2025 below its mean", cooperation[..., -1] < cooperation.mean(axis=-1)),
        ],
        "W19": [
            ("licensing and monitoring in 2021-2024 above 2018-2020", watched[..., 3:7].mean(axis=-1) > watched[..., :3].mean(axis=-1))
        ],
        "W20": [("incentive and hortatory within 5 to 15% in each year", ((level > LEVELS[0]) & (level < LEVELS[1])).all(axis=(-1, -2)))],
    }


def compare(s: Summary) -> pd.DataFrame:
    """All targets against an ensemble: one row a number or statement.

    Columns: id, part, quantity, period, target, tolerance, mean, lo, hi (90% predictive interval), verdict ("pass", or what
    is missed), matched_by, role, source. Of a pattern, mean is the share of runs that show it, in percent, and
    it passes when the mean path shows it and at least one run in twenty does.
    """
    rows = [_row(row, *part) for row in published().to_dict("records") for part in _parts(row, s)]
    for d in DATED_DOCUMENTS:
        row = {"id": d.id, "quantity": d.quantity, "period": d.period, "role": d.role, "source": "Wu 2026 table 1"}
        rows.append(_row(row, "", d.target, d.tolerance, d.values(s)))
    path, runs = _patterns(percent(s.codes.sum(axis=0))), patterns_by_run(s)
    for row in published().to_dict("records"):
        for (name, on_path), (_, by_run) in zip(path.get(row["id"], []), runs.get(row["id"], []), strict=True):
            rows.append(_pattern(row, name, bool(on_path), float(by_run.mean())))
    order = {f"{kind}{n}": 100 * (kind == "D") + n for kind in "WD" for n in range(1, 21)}
    table = pd.DataFrame(rows)
    return table.sort_values("id", key=lambda c: c.map(order), kind="stable").reset_index(drop=True)


def _parts(row: dict[str, str], s: Summary) -> list[tuple[str, float, float, Array]]:
    """Part, target, tolerance and values of a numerical target."""
    parts = values_of(s).get(row["id"], [])
    if row["id"] == "W5":
        total = sum(i.count for i in instruments())
        wanted = [100.0 * i.count / total for i in instruments()]
        widths = [SMALL_TOLERANCE * w if i.id in SMALL else float(row["tolerance"]) for i, w in zip(instruments(), wanted, strict=True)]
    else:
        wanted = [float(x) for x in row["target"].split("/")] if parts else []
        widths = [float(row["tolerance"])] * len(parts) if parts else []
    return [(name, w, t, v) for (name, v), w, t in zip(parts, wanted, widths, strict=True)]


def _row(row: dict[str, str], part: str, target: float, tolerance: float, values: Array) -> dict[str, object]:
    mean = float(np.nanmean(values))
    lo, hi = (float(x) for x in np.nanpercentile(values, INTERVAL))
    near, inside = abs(mean - target) <= tolerance, lo <= target <= hi
    verdict = "pass" if near and inside else "miss: mean" if inside else "miss: interval" if near else "miss"
    return _entry(row, part, target, tolerance, mean, lo, hi, verdict)


def _pattern(row: dict[str, str], part: str, on_path: bool, share: float) -> dict[str, object]:
    verdict = "pass" if on_path and share >= RARE else "miss: mean path" if not on_path else "miss: rare"
    return _entry(row, part, np.nan, np.nan, 100.0 * share, np.nan, np.nan, verdict)


def _entry(
    row: dict[str, str], part: str, target: float, tolerance: float, mean: float, lo: float, hi: float, verdict: str
) -> dict[str, object]:
    return {
        "id": row["id"],
        "part": part,
        "quantity": row["quantity"],
        "period": row["period"],
        "target": target,
        "tolerance": tolerance,
        "mean": mean,
        "lo": lo,
        "hi": hi,
        "verdict": verdict,
        "matched_by": MATCHED_BY.get(row["id"], MECHANISM),
        "role": row["role"],
        "source": row["source"],
    }
