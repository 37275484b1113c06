"""The firm step, timed: the array model against a plain Mesa loop, and a sparse product over the same links as the floor.

    python benchmarks/firm_step.py --sizes 400 1000 3000 10000 --repetitions 5

README.md says what the columns mean.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable

import numpy as np
from compare import differences
from controls import impose
from measure import Sample, machine, print_table
from plain_mesa import PlainModel
from scipy.sparse import csr_array

from ecsim import population
from ecsim.economy import Economy
from ecsim.mechanisms.base import Mechanism, Phase
from ecsim.mechanisms.opening import open_world
from ecsim.params import Params
from ecsim.schedule import CONSEQUENCES
from ecsim.world import Array, World

FIRM_STEP: tuple[Mechanism, ...] = tuple(m for m in CONSEQUENCES if Phase.PERMIT <= m.phase <= Phase.INNOVATE)
SEED = 1
PRODUCTS_A_TIMING = 200

WORDS = """
The same work: both models start from one opening position, under one rule book, and meet the same random draws; each
step is phases PERMIT to INNOVATE of the quarter for every firm, input, known supplier and final market. The last
column is the largest relative difference between their states at the end.

Not the same work: the array model looks trades up in a table compiled when the rule book changes, the plain model
asks each rule about each trade; the quarter in which the book changes is played by both and not timed. The array
model keeps empty supplier positions, and final markets for products that nobody buys as final goods; the plain
model does not. Neither includes set-up, power and accounts, governments or records.

The floor: the sparse product multiplies the links' shares into one vector of firms, once, which is the least that
any model that visits every link must do; a firm step visits them some dozens of times.
"""


def controlled_world(e: Economy, p: Params) -> World:
    """A world with controls in force, before its first quarter."""
    w = open_world(e, p, SEED)
    impose(w.book, e)
    return w


def array_step(w: World) -> None:
    """One firm step of the array model; revenue, which the next quarter's R&D reads, is closed here."""
    for mechanism in FIRM_STEP:
        mechanism(w)
    w.revenue[:] = w.output * w.price
    w.quarter += 1


def timed(step: Callable[[], None], times: int) -> float:
    """Milliseconds of one step, over some in a row."""
    gc.collect()
    begun = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - begun) / times * 1e3


def link_matrix(w: World) -> csr_array:
    """Shares of orders as a sparse matrix, slots by firms, with one entry a known supplier."""
    slot, position = np.nonzero(w.weight > 0)
    shape = (w.economy.n_slots, w.economy.n_firms)
    return csr_array((w.weight[slot, position], (slot, w.supplier[slot, position])), shape=shape)


def measure(e: Economy, p: Params, quarters: int) -> tuple[float, float, float, float]:
    """Milliseconds of a step of the array model, of the plain model and of the product; and how far the models end apart."""
    w = controlled_world(e, p)
    plain = PlainModel(w, w.book)
    matrix, vector = link_matrix(w), np.ones(e.n_firms)
    product: list[Array] = [vector]

    def multiply() -> None:
        product[0] = matrix @ vector

    array_step(w)
    plain.step()
    fast = timed(lambda: array_step(w), quarters)
    slow = timed(plain.step, quarters)
    floor = timed(multiply, PRODUCTS_A_TIMING)
    return fast, slow, floor, max(differences(plain, w).values())


def row(size: int, repetitions: int, quarters: int) -> list[str]:
    """One row of the table; the first measurement warms up and is left out."""
    p = Params().with_values({"population.n_firms": size}, "--sizes")
    print(f"{size:,} firms …", file=sys.stderr)
    e = population.build(p)
    runs = [measure(e, p, quarters) for _ in range(repetitions + 1)][1:]
    fast, slow, floor, apart = (Sample(x) for x in zip(*runs, strict=True))
    ratio = Sample(tuple(b / a for a, b in zip(fast.values, slow.values, strict=True)))
    above = Sample(tuple(a / c for a, c in zip(fast.values, floor.values, strict=True)))
    links = int((e.supplier0 >= 0).sum())
    texts = [fast.text(), slow.text(), ratio.text(), floor.text(2), above.text()]
    return [f"{e.n_firms:,}", f"{e.n_slots:,}", f"{links:,}", *texts, f"{max(apart.values):.0e}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[400, 1000, 3000, 10_000], help="firms asked of the population")
    parser.add_argument("--repetitions", type=int, default=5, help="measurements of each size")
    parser.add_argument("--quarters", type=int, default=4, help="quarters in a row in each measurement, of both models")
    args = parser.parse_args()
    print(f"{machine()}\n\nMilliseconds a firm step under controls: median (lowest to highest)")
    print(f"of {args.repetitions} measurements of {args.quarters} quarters each.\n")
    head = ["firms", "inputs", "links", "array ms", "plain Mesa ms", "plain / array", "CSR product ms", "array / CSR", "apart"]
    print_table(head, [row(size, args.repetitions, args.quarters) for size in args.sizes])
    print(WORDS)


if __name__ == "__main__":
    main()
