"""Policy documents over the long run: the process of the present model, and the stocks of instruments that it builds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ecsim.documents.effects import inherited_stock, levers
from ecsim.documents.instruments import CLASSES, by_class
from ecsim.documents.luck import Luck, Noise
from ecsim.documents.process import process_of
from ecsim.economy import Array
from ecsim.longrun.inputs import BEFORE_2018, QUARTERS
from ecsim.params import Params

RUNS = 12
LEAST_INHERITANCE = 15.0  # codes at the start of 1949, from wartime controls: the lower end of documents.inheritance


class Earlier(Luck):
    """Luck for quarters before 2018, whose numbers are negative in the calendar of the process."""

    def arrivals(self, quarter: int) -> Array:
        """Uniform numbers for the count of documents, shape (R,)."""
        return super().arrivals(quarter + BEFORE_2018)

    def noise(self, quarter: int, documents: int) -> Noise:
        """Numbers for at least so many documents a run."""
        return super().noise(quarter + BEFORE_2018, documents)


class Letters:
    """Documents, stocks and administration from 1949Q1 to 2025Q4 under a path of threat.

    Args:
        threat: of the main challenger by quarter, 0 to 1, (Q,).
        params: of the model.
        seed: of the luck.

    Attributes:
        count: documents by year, mean of the runs, (Y,).
        classes: share of each class of instrument in the codes of a year, (Y, 5), in the order of `CLASSES`.
        stock: codes in stock by quarter, all instruments, mean, (Q,).
        capacity: factor of the administration on moves, (Q,), 1 at the inherited stocks of 2018.
        inherited: stock that the present model assumes at the start of 2018.
    """

    def __init__(self, threat: Array, params: Params, seed: int = 1) -> None:
        early = replace(params, documents=replace(params.documents, inheritance=LEAST_INHERITANCE))
        process, luck = process_of(early), Earlier(range(seed, seed + RUNS))
        state = process.start(RUNS, float(threat[0]))
        count, codes, stock = np.zeros(QUARTERS), np.zeros((QUARTERS, len(CLASSES))), np.zeros(QUARTERS)
        self.capacity = np.ones(QUARTERS)
        for q in range(QUARTERS):
            batch = process.step(state, float(threat[q]), 0.0, luck, q - BEFORE_2018)
            mean = state.stock.mean(axis=0)
            count[q], stock[q] = len(batch) / RUNS, mean.sum()
            codes[q] = by_class(batch.codes.sum(axis=0)) / RUNS
            self.capacity[q] = levers(mean, params).capacity
        self.count = count.reshape(-1, 4).sum(axis=1)
        by_year = codes.reshape(-1, 4, len(CLASSES)).sum(axis=1)
        self.classes = by_year / np.maximum(by_year.sum(axis=1, keepdims=True), 1e-12)
        self.stock = stock
        self.inherited = float(inherited_stock(params).sum())
