"""A step of this model beside a step of BoARIO and of Starsim, at equal numbers of industries, agents and links.

    python benchmarks/peers.py --python /path/to/the/others/bin/python

Measurements of the others are made by the interpreter named, which has boario, pymrio and starsim; README.md says what
is and what is not the same work.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median

SIZES = {"boario": (300, 1000, 3000), "starsim": (3000, 30_000, 300_000)}
LINKS = 12  # contacts an agent, as many as a firm has links
STEPS = 10
WARM = 3  # steps before the clock starts


def boario_step(industries: int) -> float:
    """Milliseconds of processor time of a step of BoARIO's model with inventories, on a random table of so many industries."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    import pymrio  # noqa: PLC0415
    from boario.extended_models import ARIOPsiModel  # noqa: PLC0415
    from boario.simulation import Simulation  # noqa: PLC0415

    random, sectors = np.random.default_rng(1), 20
    regions = [f"r{i}" for i in range(industries // sectors)]
    rows = pd.MultiIndex.from_product([regions, [f"s{i}" for i in range(sectors)]], names=["region", "sector"])
    final = pd.MultiIndex.from_product([regions, ["Final consumption"]], names=["region", "category"])
    inputs = pd.DataFrame(random.random((industries, industries)) / industries, index=rows, columns=rows)
    demand = pd.DataFrame(random.random((industries, len(regions))) + 0.5, index=rows, columns=final)
    tables = pymrio.IOSystem(Z=inputs, Y=demand)
    tables.calc_all()
    simulation = Simulation(ARIOPsiModel(tables), n_temporal_units_to_sim=WARM + STEPS + 1)
    return timed(simulation.next_step)


def starsim_step(agents: int) -> float:
    """Milliseconds of processor time of a step of Starsim's SIR epidemic on a random network of so many agents."""
    import starsim  # noqa: PLC0415

    network = starsim.RandomNet(n_contacts=LINKS)
    simulation = starsim.Sim(n_agents=agents, networks=network, diseases=starsim.SIR(), dur=WARM + STEPS, verbose=0)
    simulation.init()
    return timed(simulation.run_one_step)


def timed(step: object) -> float:
    """Median milliseconds of a step after warming up."""
    assert callable(step)
    spent = []
    for i in range(WARM + STEPS):
        begun = time.process_time()
        step()
        if i >= WARM:
            spent.append((time.process_time() - begun) * 1e3)
    return median(spent)


def other(python: str, name: str, size: int) -> float:
    """The measurement of another package, made by its own interpreter; not a number where it fails."""
    command = [python, str(Path(__file__).resolve()), "--measure", name, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}, {size}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return float("nan")
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def own_step(size: int) -> tuple[int, float]:
    """Firms, and milliseconds of processor time of a compiled firm step under controls."""
    from firm_step import array_step, controlled_world  # noqa: PLC0415
    from firm_step import timed as over_some  # noqa: PLC0415

    from ecsim import population  # noqa: PLC0415
    from ecsim.params import Params  # noqa: PLC0415

    p = Params().with_values({"population.n_firms": size})
    e = population.build(p)
    w = controlled_world(e, p)
    for _ in range(WARM):
        array_step(w, "compiled")
    return e.n_firms, over_some(lambda: array_step(w, "compiled"), STEPS)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="interpreter that has boario, pymrio and starsim")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "SIZE"), help="one measurement, as JSON (used by the command itself)")
    args = parser.parse_args()
    if args.measure:
        warnings.filterwarnings("ignore")
        steps = {"boario": boario_step, "starsim": starsim_step}
        print(json.dumps(steps[args.measure[0]](int(args.measure[1]))))
        return
    from measure import machine, print_table  # noqa: PLC0415

    rows = []
    own = {size: own_step(size) for sizes in SIZES.values() for size in sizes}
    for name, sizes in SIZES.items():
        for size in sizes:
            theirs, (firms, mine) = other(args.python, name, size), own[size]
            rows.append([name, f"{size:,}", f"{theirs:.3g}", f"{firms:,}", f"{mine:.3g}", f"{theirs / mine:.3g}"])
    print(f"{machine()}\n\nMilliseconds of processor time a step, median of {STEPS}\n")
    print_table(["model", "its industries or agents", "its step", "our firms", "our firm step", "its step / ours"], rows)


if __name__ == "__main__":
    main()
