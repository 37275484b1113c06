"""The readings behind the outcomes by year: trade, making, levels, companies, lists, and when states act.

Each takes a view of the year and its keys. A quantity of flow is at a yearly rate; what cannot be told is NaN.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array
from ecsim.outcomes import YEAR
from ecsim.strategies.trends import trends_of
from ecsim.yearly.base import Compute, View, products_of, states_of

MONTHS = 3  # a quarter
PERCENT = 100.0
TINY = 1e-12
_RELAXING = ("lift", "suspend")
_CONTROLS = ("impose", "list", "measure")


def _share(part: float, whole: float) -> float:
    return PERCENT * part / whole if whole > TINY else math.nan


def sales(v: View, product: str, state: str) -> float:
    """Sales to buyers in the challenger, by owner of the seller."""
    return float(YEAR * v.mean("cell_to_challenger")[v.cells(product, state, v.e.cell_owner)].sum())


def imports(v: View, product: str, state: str) -> float:
    """Imports of the challenger, by location of the plant."""
    abroad = v.e.cell_location != CHALLENGER
    return float(YEAR * v.mean("cell_to_challenger")[v.cells(product, state, v.e.cell_location) & abroad].sum())


def import_share(v: View, product: str, state: str) -> float:
    """The same as a share of all its imports."""
    return _share(imports(v, product, state), imports(v, product, "foreign"))


def home_share(v: View, product: str, state: str) -> float:
    """Share of sales to the challenger that their makers made at home."""
    own = v.cells(product, state, v.e.cell_owner)
    sold = v.mean("cell_to_challenger")
    return _share(float(sold[own & (v.e.cell_owner == v.e.cell_location)].sum()), float(sold[own].sum()))


def home_made(v: View, product: str, state: str) -> float:
    """Share of all revenue of makers that they made at home."""
    own = v.cells(product, state, v.e.cell_owner)
    made = v.mean("cell_revenue")
    return _share(float(made[own & (v.e.cell_owner == v.e.cell_location)].sum()), float(made[own].sum()))


def world_share(v: View, product: str, state: str) -> float:
    """World share by revenue, by owner."""
    made = v.mean("cell_revenue")
    return _share(float(made[v.cells(product, state, v.e.cell_owner)].sum()), float(made[v.cells(product, "all", v.e.cell_owner)].sum()))


def world_share_made(v: View, product: str, state: str) -> float:
    """World share by revenue, by location of the plant."""
    made = v.mean("cell_revenue")
    return _share(float(made[v.cells(product, state, v.e.cell_location)].sum()), float(made[v.cells(product, "all", v.e.cell_owner)].sum()))


def level(v: View, product: str, state: str) -> float:
    """Level of the best firm among some products and states."""
    table = v.mean("level").reshape(v.e.n_products, v.e.n_states)
    return float(np.max(table[np.ix_(products_of(v.e, product), states_of(v.e, state))]))


def gap(v: View, product: str, state: str) -> float:
    """How far that level lies behind the frontier of one product."""
    (index,) = products_of(v.e, product)
    return max(float(v.mean("frontier")[index]) - level(v, product, state), 0.0)


def self_sufficiency(v: View, product: str) -> float:
    """Share of purchases in the challenger that its own firms made there."""
    index = products_of(v.e, product)
    bought = v.mean("bought_in_challenger")[index]
    return _share(float((v.mean("self_sufficiency")[index] * bought).sum()), float(bought.sum()))


def company(track: str) -> Compute:
    """A track of one company, at a yearly rate."""

    def compute(v: View, company: str) -> float:
        return float(YEAR * v.mean(track)[v.e.companies.index(company)])

    return compute


def rd_intensity(v: View, company: str) -> float:
    """R&D of a company over its revenue."""
    column = v.e.companies.index(company)
    return _share(float(v.mean("company_rd")[column]), float(v.mean("company_revenue")[column]))


def _on_list(v: View) -> Array:
    """Companies with a row on a list during the year, as a mask."""
    return np.asarray(v.trace.tracks["company_listed"][v.span].max(axis=0) > 0)


def listed_rd_intensity(v: View) -> float:
    """The same over all companies on a list."""
    on = _on_list(v)
    return _share(float(v.mean("company_rd")[on].sum()), float(v.mean("company_revenue")[on].sum()))


def listed_output(v: View) -> float:
    """Output of companies on a list."""
    return float(YEAR * v.mean("company_output")[_on_list(v)].sum())


def listed_effect(track: str) -> Compute:
    """Mean over listed companies of the change of a track against the path without controls, per cent."""

    def compute(v: View) -> float:
        base = v.mean(track, base=True)
        on = _on_list(v) & (base > TINY)
        return float(PERCENT * (v.mean(track)[on] / base[on] - 1.0).mean()) if on.any() else math.nan

    return compute


def end(track: str) -> Compute:
    """A track of one column at the end of the year."""
    return lambda v: float(v.trace.tracks[track][v.span][-1, 0])


def _from(v: View) -> int:
    return int(v.span.start)


def _first(v: View, actor: str, verbs: tuple[str, ...], since: int) -> int | None:
    quarters = [m.quarter for m, _ in v.moves if m.actor == actor and m.verb in verbs and m.quarter >= since]
    return min(quarters, default=None)


def _joins(v: View, state: str, since: int) -> int | None:
    """Quarter, from one on, in which a state first applies the incumbent's rules, or makes a rule of its own."""
    on = np.flatnonzero(v.trace.tracks["adoption"][:, v.e.state_index[state]] > 0)
    dates = [int(q) for q in on[on >= since][:1]]
    rival = v.e.states[CHALLENGER]
    aimed = [(m, r) for m, r in v.moves if not m.destinations or rival in m.destinations]
    own = _first(replace(v, moves=aimed), state, ("impose",), since)
    return min([*dates, own] if own is not None else dates, default=None)


def adoption_year(v: View, state: str) -> float:
    """Date on which a state joins, from the year on."""
    date = _joins(v, state, _from(v))
    return math.nan if date is None else v.trace.p.time.start_year + date / YEAR


def adopted(v: View, state: str) -> float:
    """Whether a state has joined by the end of the year."""
    date = _joins(v, state, 0)
    return float(date is not None and date < v.span.stop)


def adoption_lag(v: View, state: str) -> float:
    """Months from the incumbent's first rule to the date on which a state joins."""
    start = _first(v, v.e.states[INCUMBENT], ("impose",), _from(v))
    date = None if start is None else _joins(v, state, start)
    return math.nan if date is None or start is None else float(MONTHS * (date - start))


def retaliation_lag(v: View) -> float:
    """Months from the incumbent's first control to the challenger's answer."""
    start = _first(v, v.e.states[INCUMBENT], _CONTROLS, _from(v))
    answer = None if start is None else _first(v, v.e.states[CHALLENGER], ("impose", "list"), start)
    return math.nan if answer is None or start is None else float(MONTHS * (answer - start))


def _reversals(v: View, actor: str) -> list[int]:
    """Quarters between a rule of the actor, made from the year on, and its first lifting or suspension."""
    made: dict[str, int] = {}
    lags = []
    for move, rule in v.moves:
        if move.actor == actor and move.verb in ("impose", "list") and move.quarter >= _from(v):
            made.setdefault(rule, move.quarter)
        elif move.verb in _RELAXING and rule in made:
            lags.append(move.quarter - made.pop(rule))
    return lags


def reversal_lag(v: View, state: str) -> float:
    """Mean months from a rule or listing to its lifting or suspension."""
    lags = _reversals(v, state)
    return float(MONTHS * np.mean(lags)) if lags else math.nan


def trend(name: str) -> Compute:
    """Change of a trend from the first to the last third of the time under control until the end of the year."""

    def compute(v: View) -> float:
        end, tracks = v.span.stop, v.trace.tracks
        made = [(m, rule) for m, rule in v.moves if m.quarter < end]
        found = trends_of(made, v.e.states[INCUMBENT], tracks["frontier"][:end], tracks["adoption"][:end], v.e.products, v.e.states)
        return found[name].change

    return compute
