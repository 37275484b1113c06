"""What policy documents say, counted clause by clause."""

from __future__ import annotations

import numpy as np

from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, class_index
from ecsim.documents.process import Clauses
from ecsim.economy import Array
from ecsim.kernels.jit import kernel

TINY = 1e-9


def tally(c: Clauses) -> tuple[Array, Array]:
    """Codes by instrument, (n, 18), and by class and objective, (n, 5, 2), of each document."""
    codes = np.zeros((len(c.size), N_INSTRUMENTS), dtype=np.int64)
    stated = np.zeros((len(c.size), len(CLASSES), 2), dtype=np.int64)
    _tally(*c, class_index(), codes, stated)
    return codes, stated


@kernel
def _tally(size: Array, choice: Array, luck: Array, security: Array, goals: float, of: Array, codes: Array, stated: Array) -> None:
    last = choice.shape[1] - 1
    for i in range(len(size)):
        for k in range(size[i]):
            number = np.float64(luck[i, k])
            instrument = 0
            while instrument < last and number >= choice[i, instrument]:
                instrument += 1
            codes[i, instrument] += 1
            lower = choice[i, instrument - 1] if instrument > 0 else 0.0
            rest = (number - lower) / max(choice[i, instrument] - lower, TINY)
            if rest < goals:
                stated[i, of[instrument], 1 if rest / goals >= security[i] else 0] += 1
            elif k == 0:
                stated[i, of[instrument], 1 if (rest - goals) / max(1.0 - goals, TINY) >= security[i] else 0] += 1
