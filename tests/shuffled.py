"""Plays small worlds in trouble with kernels and rows in any order in which threads might do them, and as one call; a script.

For Python without the compiler. Says "same" for each variant of the model in which both come out alike to the last bit.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from ecsim.kernels import sharing
from ecsim.kernels.tasks import Task
from ecsim.mechanisms.opening import open_world
from ecsim.params import Params
from ecsim.schedule import quarter_of
from ecsim.world import World, state_fields
from test_kernels import ARRAYS, VARIANTS, step, trouble
from town import town

QUARTERS, THREADS = 16, 3
FIELDS = [f.name for f in state_fields()]
FREE = ("scratch_", "shock_", "all_", "now", "until")  # beginnings of the names of what may change besides
luck = random.Random(1)


def shuffled(tasks: Sequence[Task], *_: object) -> None:
    """In place of threads: one call after the other, at each step any of those that need not wait."""
    left = [list(task.calls) for task in tasks]
    while ready := [i for i, calls in enumerate(left) if calls and not any(left[before] for before in tasks[i].after)]:
        assert sum(tasks[i].urgency == sharing.Urgency.DRAW for i in ready) < 2, "two draws could meet in one generator"
        calls = left[luck.choice(ready)]
        calls.pop(luck.randrange(len(calls)))()


def check_writes(w: World) -> None:
    """Play a quarter by its kernels, which may write of the world what their mechanisms declare, and nothing found elsewhere."""
    for mechanism in sum(quarter_of("compiled"), ()):
        before = {name: getattr(w, name).copy() for name in FIELDS}
        others = {name: x for name, x in w.arguments._found.items() if name not in FIELDS and not name.startswith(FREE)}
        copies = {name: x.copy() for name, x in others.items()}
        mechanism(w)
        assert all(np.array_equal(copies[name], x, equal_nan=True) for name, x in others.items()), mechanism.name
        wrote = {name for name, x in before.items() if not np.array_equal(x, getattr(w, name), equal_nan=True)}
        assert wrote <= mechanism.writes, (mechanism.name, wrote - mechanism.writes)
    w.quarter += 1


if __name__ == "__main__":
    sharing.do_all = shuffled  # type: ignore[assignment]
    for values in VARIANTS:
        p = Params().with_values({"adaptation.qualify_hazard": 0.3} | values)
        whole, cut = open_world(town(), p, 5), open_world(town(), p, 5)
        for _ in range(QUARTERS):
            for w, threads in ((whole, 1), (cut, THREADS)):
                trouble(w)
                step(w, "compiled", threads)
            for name in ARRAYS:
                np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name), err_msg=f"{values}: {name}")
        check_writes(whole)
        print("same")
