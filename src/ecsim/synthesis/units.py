"""Units of supply: a named company's plant, or the unnamed rest of a cell; merged where a population is too small for all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ecsim.economy import Array
from ecsim.synthesis.plan import Plan

APART = (0, 2)  # incumbent and challenger never merge with others
AT = "@"  # before a state in recipes.csv: plants located there, whoever owns them
TINY = 1e-9  # a smaller rest of a cell is rounding
SIDES = {"incumbent": 0, "ally": 1, "challenger": 2, "third": 3}
PERCENT = 100


@dataclass(frozen=True)
class Unit:
    """A part of a product's supply.

    Attributes:
        product, owner, location: indices.
        share: share of world supply.
        company, parent: names, empty for the unnamed rest of a cell.
        entities: legal entities.
        military: military end user, 0 to 1.
        gap: own technology gap in generations; NaN for that of the state.
    """

    product: int
    owner: int
    location: int
    share: float
    company: str = ""
    parent: str = ""
    entities: float = 1.0
    military: float = 0.0
    gap: float = float("nan")


def units_of(plan: Plan) -> list[Unit]:
    """All units, shares of each product summing to one."""
    data, product, state = plan.data, plan.product_index, plan.state_index
    total = data.shares.groupby("product")["share"].sum()
    left = {(r.product, r.owner, r.location): float(r.share) for r in data.shares.itertuples()}
    units = []
    for f in data.firms.itertuples():
        key = (f.product, f.owner, f.location)
        share = min(float(f.share), left[key])
        left[key] -= share
        place = (product[f.product], state[f.owner], state[f.location], share / total[f.product])
        units.append(Unit(*place, f.company, f.parent, float(f.entities), float(f.military), float(f.gap)))
    for r in data.shares.itertuples():
        rest = left[r.product, r.owner, r.location]
        if rest > TINY:
            place = (product[r.product], state[r.owner], state[r.location], rest / total[r.product])
            units.append(Unit(*place, entities=float(r.entities), military=float(r.military)))
    return [u for u in units if u.share > 0]


def merge(units: list[Unit], plan: Plan) -> tuple[list[Unit], tuple[str, ...]]:
    """Join the smallest units to others until there are no more than the population's rows, or none can be joined.

    A plant goes to the company's largest plant of the product; the rest of a cell to the largest unnamed unit
    of the product on its own side, and where allies or third parties have none, on the other of these two. The
    last unit of a company in a product always stays.

    Returns:
        the units and one sentence for each that was joined, and one if there are still more than rows were asked for.
    """
    side = np.array([SIDES[r] for r in plan.data.states["role"]])
    notes: list[str] = []
    units = list(units)
    while len(units) > plan.population.n_firms:
        pair = _next_pair(units, side)
        if pair is None:
            break
        small, large = pair
        a, b = units[small], units[large]
        what = f"{plan.products[a.product]}: {a.company or 'unnamed firms'} of {_place(a, plan)} ({PERCENT * a.share:.3f}% of supply)"
        notes.append(f"{what} counted with those of {_place(b, plan)}")
        military = max(a.military, b.military)
        units[large] = replace(b, share=a.share + b.share, entities=a.entities + b.entities, military=military)
        del units[small]
    if len(units) > plan.population.n_firms:
        notes.append(
            f"{len(units)} rows where {plan.population.n_firms} were asked for: real companies and sides keep a row for each product"
        )
    return units, tuple(notes)


def _place(unit: Unit, plan: Plan) -> str:
    return f"{plan.states[unit.owner]} in {plan.states[unit.location]}"


def _next_pair(units: list[Unit], side: Array) -> tuple[int, int] | None:
    """The smallest unit that can be joined, and to which."""
    for i in sorted(range(len(units)), key=lambda k: units[k].share):
        u = units[i]
        if u.company:
            others = [k for k, x in enumerate(units) if k != i and x.product == u.product and x.company == u.company]
        else:
            others = [k for k, x in enumerate(units) if k != i and x.product == u.product and not x.company]
            near = [k for k in others if side[units[k].owner] == side[u.owner]]
            others = near or ([] if side[u.owner] in APART else [k for k in others if side[units[k].owner] not in APART])
        if others:
            return i, max(others, key=lambda k: units[k].share)
    return None


def row_counts(units: list[Unit], plan: Plan) -> Array:
    """Firm rows of each unit: one for a plant, one or more for the rest of a cell; as many as asked for where units allow."""
    n_firms, count = plan.population.n_firms, plan.table["count"].to_numpy()
    rows = np.ones(len(units), dtype=np.int64)
    spare = n_firms - len(units)
    weight = np.array([0.0 if u.company else count[u.product] * u.share**plan.population.count_exponent for u in units])
    if spare <= 0 or weight.sum() == 0:
        return rows
    exact = spare * weight / weight.sum()
    rows += np.floor(exact).astype(np.int64)
    largest = np.argsort(-(exact - np.floor(exact)), kind="stable")[: n_firms - int(rows.sum())]
    rows[largest] += 1
    return rows
