"""Plays small worlds in trouble with the rows of kernels cut to pieces and shuffled, and whole; a script, for Python without the compiler.

Says "same" for each variant of the model in which both come out alike to the last bit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import numpy as np

from ecsim.kernels import sharing
from ecsim.mechanisms.opening import open_world
from ecsim.params import Params
from test_kernels import ARRAYS, VARIANTS, step, trouble
from town import town

QUARTERS, THREADS = 16, 3
luck = random.Random(1)


def shuffled(calls: Iterable[Callable[[], object]], *_: object) -> None:
    """In place of threads: one call after the other, in any order."""
    pieces = list(calls)
    luck.shuffle(pieces)
    for call in pieces:
        call()


if __name__ == "__main__":
    sharing.all_of = shuffled  # type: ignore[assignment]
    for values in VARIANTS:
        p = Params().with_values({"adaptation.qualify_hazard": 0.3} | values)
        whole, cut = open_world(town(), p, 5), open_world(town(), p, 5)
        for _ in range(QUARTERS):
            for w, threads in ((whole, 1), (cut, THREADS)):
                trouble(w)
                step(w, "compiled", threads)
            for name in ARRAYS:
                np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name), err_msg=f"{values}: {name}")
        print("same")
