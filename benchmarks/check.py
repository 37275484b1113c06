"""Fails where the compiled firm step has lost its lead. Ratios of processor time within one process; no seconds.

python benchmarks/check.py
"""

from __future__ import annotations

import sys
from statistics import median

from firm_step import Times, measure
from measure import exponent, print_table

from ecsim import population
from ecsim.params import Params

QUARTERS = 4
REPETITIONS = 3
SIZES = (400, 10_000, 40_000)
LEAST_LEAD = 2.0  # reference over compiled at the smallest size
MOST_PRODUCTS = 150.0  # compiled step over the sparse product at the largest
STEEPEST = 1.25  # exponent of growth between the larger sizes


def times(size: int) -> list[Times]:
    """Measurements at one size, the first left out."""
    p = Params().with_values({"population.n_firms": size})
    e = population.build(p)
    return [measure(e, p, QUARTERS, plainly=False) for _ in range(REPETITIONS + 1)][1:]


def main() -> int:
    """Measure, print, and judge."""
    found = {size: times(size) for size in SIZES}
    small, middle, large = (found[size] for size in SIZES)
    lead = median(t.reference / t.compiled for t in small)
    products = median(t.compiled / t.product for t in large)
    growth = exponent(SIZES[1:], [median(t.compiled for t in part) for part in (middle, large)])
    rows = [
        ["reference / compiled, 400 firms", f"{lead:.1f}", f"at least {LEAST_LEAD}", lead >= LEAST_LEAD],
        ["compiled / CSR product, 40,000 firms", f"{products:.0f}", f"at most {MOST_PRODUCTS:.0f}", products <= MOST_PRODUCTS],
        ["exponent of growth, 10,000 to 40,000 firms", f"{growth:.2f}", f"at most {STEEPEST}", growth <= STEEPEST],
    ]
    print_table(["ratio", "found", "bound", "verdict"], [[a, b, c, "ok" if ok else "LOST"] for a, b, c, ok in rows])
    return 0 if all(ok for *_, ok in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
