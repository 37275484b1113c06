"""What is counted in an ensemble of documents: the statistics of the paper, one value a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, by_class
from ecsim.documents.process import Batch
from ecsim.documents.writing import FORMS, ISSUERS
from ecsim.economy import Array

YEARS = tuple(range(2018, 2026))
QUARTERS = 4 * len(YEARS)
CUT_OFF = 2.0 / 3.0  # the paper's sample ends on 1 December 2025: two of three months of the last quarter


def coverage() -> Array:
    """Share of each quarter that the paper's sample covers, shape (32,)."""
    seen = np.ones(QUARTERS)
    seen[-1] = CUT_OFF
    return seen


@dataclass(frozen=True)
class Summary:
    """Statistics of R runs; shares in percent.

    Attributes:
        documents: (R, 32) documents by quarter.
        issuers: (R, 3) documents by issuer.
        forms: (R, 4) documents by type.
        joint: (R,) joint documents.
        codes: (R, 8, 18) codes by year and instrument.
        goals: (R, 8, 2) objectives by year: security, development.
        table: (R, 5, 2) objectives by class of instrument and objective.
    """

    documents: Array
    issuers: Array
    forms: Array
    joint: Array
    codes: Array
    goals: Array
    table: Array

    @property
    def by_year(self) -> Array:
        """Documents by year, shape (R, 8)."""
        return np.asarray(self.documents.reshape(-1, len(YEARS), 4).sum(axis=2))

    @property
    def instrument_shares(self) -> Array:
        """Share of each instrument in all codes, shape (R, 18)."""
        return percent(self.codes.sum(axis=1))

    @property
    def class_shares(self) -> Array:
        """Share of each class in the codes of a year, shape (R, 8, 5)."""
        return percent(by_class(self.codes))

    @property
    def security(self) -> Array:
        """Share of security in the objectives of a year, shape (R, 8)."""
        return np.asarray(percent(self.goals)[..., 0])

    def year(self, values: Array, year: int) -> Array:
        """The slice of a year of an array with the years on axis 1."""
        return np.asarray(values[:, YEARS.index(year)])


def percent(counts: Array) -> Array:
    """Shares along the last axis; nothing counted gives NaN."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(100.0 * counts, total, out=np.full(counts.shape, np.nan), where=total > 0))


def summarise(batch: Batch, runs: int) -> Summary:
    """The statistics of an ensemble."""
    year = batch.quarter // 4

    def count(index: Array, size: int) -> Array:
        return np.bincount(batch.run * size + index, minlength=runs * size).reshape(runs, size)

    def total(values: Array, index: Array, size: int) -> Array:
        flat = values.reshape(len(batch), -1)
        width = flat.shape[1]
        place = (batch.run * size + index)[:, None] * width + np.arange(width)
        out = np.bincount(place.ravel(), weights=flat.ravel(), minlength=runs * size * width)
        return out.reshape(runs, size, *values.shape[1:])

    nothing = np.zeros(len(batch), dtype=np.int64)
    return Summary(
        documents=count(batch.quarter, QUARTERS),
        issuers=count(batch.issuer, len(ISSUERS)),
        forms=count(batch.form, len(FORMS)),
        joint=total(batch.joint.astype(float), nothing, 1)[:, 0, ...].reshape(runs),
        codes=total(batch.codes.astype(float), year, len(YEARS)).reshape(runs, len(YEARS), N_INSTRUMENTS),
        goals=total(batch.goals.sum(axis=1).astype(float), year, len(YEARS)).reshape(runs, len(YEARS), 2),
        table=total(batch.goals.astype(float), nothing, 1).reshape(runs, len(CLASSES), 2),
    )
