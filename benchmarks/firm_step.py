"""The firm step, timed: the model in both its engines, a plain Mesa loop, and a sparse product over the same links as the floor.

    python benchmarks/firm_step.py --sizes 300 3000 30000 300000 1000000 --plain-to 3000 --repetitions 3

README.md says what the columns mean.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from compare import differences
from controls import impose
from measure import Sample, machine, print_table
from plain_mesa import PlainModel
from scipy.sparse import csr_array

from ecsim import population
from ecsim.economy import Economy
from ecsim.mechanisms.base import Phase
from ecsim.mechanisms.opening import open_world
from ecsim.params import Params
from ecsim.schedule import Play, joined, quarter_of
from ecsim.world import Array, World

ENGINES = ("compiled", "reference")
SEED = 1
PRODUCTS_A_TIMING = 200

WORDS = """
The same work: all three start from one opening position, under one rule book, and meet the same random draws; each
step is phases PERMIT to INNOVATE of the quarter for every firm, input, known supplier and final market. The last
column is the largest relative difference between the states of the compiled and the plain model at the end.
Times are of the processor, not of the clock on the wall.

Not the same work: the model looks trades up in a table compiled when the rule book changes, the plain model
asks each rule about each trade; the quarter in which the book changes is played by both and not timed. The array
model keeps empty supplier positions, and final markets for products that nobody buys as final goods; the plain
model does not. None includes set-up, power and accounts, governments or records.

The floor: the sparse product multiplies the links' shares into one vector of firms, once, which is the least that
any model that visits every link must do; a firm step visits them some dozens of times.
"""


def controlled_world(e: Economy, p: Params) -> World:
    """A world with controls in force, before its first quarter."""
    w = open_world(e, p, SEED)
    impose(w.book, e)
    return w


@cache
def firm_step(engine: str) -> tuple[Play, ...]:
    """The mechanisms of the firm step as an engine plays them."""
    return joined(engine, [m for m in quarter_of(engine)[1] if Phase.PERMIT <= m.phase <= Phase.INNOVATE])


def array_step(w: World, engine: str) -> None:
    """One firm step of the model; revenue, which the next quarter's R&D reads, is closed here."""
    for mechanism in firm_step(engine):
        mechanism(w)
    w.revenue[:] = w.output * w.price
    w.quarter += 1


def timed(step: Callable[[], None], times: int) -> float:
    """Milliseconds of one step, over some in a row."""
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        step()
    return (time.process_time() - begun) / times * 1e3


def link_matrix(w: World) -> csr_array:
    """Shares of orders as a sparse matrix, slots by firms, with one entry a known supplier."""
    slot, position = np.nonzero(w.weight > 0)
    shape = (w.economy.n_slots, w.economy.n_firms)
    return csr_array((w.weight[slot, position], (slot, w.supplier[slot, position])), shape=shape)


@dataclass(frozen=True)
class Times:
    """Milliseconds of a step by engine, of the plain model and of the product; and how far the models end apart."""

    compiled: float
    reference: float
    plain: float
    product: float
    apart: float


def measure(e: Economy, p: Params, quarters: int, *, plainly: bool = True) -> Times:
    """Time the step of each model in turn; the quarter in which the rules change comes first and is not timed."""
    spent = {}
    for engine in ENGINES:
        w = controlled_world(e, p)
        array_step(w, engine)
        spent[engine] = timed(lambda w=w, engine=engine: array_step(w, engine), quarters)  # type: ignore[misc]
        if engine == "compiled":
            mine = w
    matrix, vector = link_matrix(mine), np.ones(e.n_firms)
    product: list[Array] = [vector]

    def multiply() -> None:
        product[0] = matrix @ vector

    floor = timed(multiply, max(5, PRODUCTS_A_TIMING * 1000 // max(e.n_firms, 1000)))
    if not plainly:
        return Times(spent["compiled"], spent["reference"], float("nan"), floor, float("nan"))
    fresh = controlled_world(e, p)
    plain = PlainModel(fresh, fresh.book)
    plain.step()
    slow = timed(plain.step, quarters)
    return Times(spent["compiled"], spent["reference"], slow, floor, max(differences(plain, mine).values()))


def row(size: int, repetitions: int, quarters: int, plain_to: int) -> list[str]:
    """One row of the table; the first measurement of small sizes warms up and is left out."""
    p = Params().with_values({"population.n_firms": size}, "--sizes")
    print(f"{size:,} firms …", file=sys.stderr)
    e = population.build(p)
    runs = [measure(e, p, quarters, plainly=size <= plain_to) for _ in range(repetitions + 1)][1:]
    links = int((e.supplier0 >= 0).sum())
    texts = [Sample(tuple(t.compiled for t in runs)).text(), Sample(tuple(t.reference for t in runs)).text()]
    if size <= plain_to:
        texts += [Sample(tuple(t.plain for t in runs)).text(), Sample(tuple(t.plain / t.compiled for t in runs)).text()]
    else:
        texts += ["", ""]
    texts += [Sample(tuple(t.product for t in runs)).text(2), Sample(tuple(t.compiled / t.product for t in runs)).text()]
    return [f"{e.n_firms:,}", f"{links:,}", *texts, f"{max(t.apart for t in runs):.0e}" if size <= plain_to else ""]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 3000, 30_000], help="firms asked of the population")
    parser.add_argument("--plain-to", type=int, default=3000, help="largest size at which the plain model is run")
    parser.add_argument("--repetitions", type=int, default=5, help="measurements of each size")
    parser.add_argument("--quarters", type=int, default=4, help="quarters in a row in each measurement, of all models")
    args = parser.parse_args()
    print(f"{machine()}\n\nMilliseconds of processor time a firm step under controls: median (lowest to highest)")
    print(f"of {args.repetitions} measurements of {args.quarters} quarters each.\n")
    head = ["firms", "links", "compiled", "reference", "plain Mesa", "plain / compiled", "CSR product", "compiled / CSR", "apart"]
    print_table(head, [row(size, args.repetitions, args.quarters, args.plain_to) for size in args.sizes])
    print(WORDS)


if __name__ == "__main__":
    main()
