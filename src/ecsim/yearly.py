"""Outcomes by year, asked for by name: NAME:KEY:KEY@YEAR, or @YEAR/YEAR for the ratio of two years.

For example `imports:tools:JPN@2023/2022` is what the challenger imports of chip tools from Japan, 2023 over 2022. They
cost nothing unless they are named in `experiment.yearly` or in a file of targets. A quarter (2022Q4) may stand for a
year; flows are then at a yearly rate, and dates and lags count from that quarter on. A product may be a product of the
chain, a group (tools, chips) or all; a state a code, a side (incumbent, ally, third, foreign) or all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecsim.detail import DETAIL
from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.errors import UserError, unknown
from ecsim.moves import Move
from ecsim.outcomes import CHIPS, TOOLS, YEAR, Trace
from ecsim.record import SIDES, Track
from ecsim.strategies.trends import TRENDS, trends_of

MONTHS = 3  # a quarter
PERCENT = 100.0
TINY = 1e-12
GROUPS: Mapping[str, tuple[str, ...]] = {"tools": TOOLS, "chips": CHIPS}
FORM = "NAME:KEY@YEAR, such as imports:tools:JPN@2023, or NAME:KEY@YEAR/YEAR for the ratio of two years"
_SHAPE = re.compile(r"(?P<name>[a-z_]+)(?P<keys>(:[^:@]+)*)@(?P<year>\d{4}(Q[1-4])?)(/(?P<over>\d{4}(Q[1-4])?))?")
_RELAXING = ("lift", "suspend")
_CONTROLS = ("impose", "list", "measure")


@dataclass(frozen=True, eq=False)
class View:
    """What a yearly outcome is computed from.

    Attributes:
        trace: economy, parameters and tracks of the run and of its path without controls.
        moves: every move made, with the rule that it made or changed.
        span: quarters of the year.
    """

    trace: Trace
    moves: Sequence[tuple[Move, str]]
    span: slice

    @property
    def e(self) -> Economy:
        """The economy."""
        return self.trace.e

    def mean(self, track: str, *, base: bool = False) -> Array:
        """Mean of a track over the year, by column."""
        return np.asarray((self.trace.base if base else self.trace.tracks)[track][self.span].mean(axis=0))

    def cells(self, product: str, state: str, of: Array) -> Array:
        """Cells of a product and of states, by owner or location, as a mask."""
        return np.isin(self.e.cell_product, products_of(self.e, product)) & np.isin(of, states_of(self.e, state))


Compute = Callable[..., float]


@dataclass(frozen=True)
class YearOutcome:
    """A yearly outcome.

    Attributes:
        name, unit, doc: what it is.
        keys: kind of each key: product, state or company.
        compute: from a view and the keys to a number.
        tracks: tracks beyond the usual ones that it needs.
    """

    name: str
    keys: tuple[str, ...]
    unit: str
    doc: str
    compute: Compute
    tracks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A yearly outcome as asked for.

    Attributes:
        text: as written.
        outcome: which.
        keys: its keys.
        period: the year or quarter, as written.
        over: the period that it is divided by, or None.
    """

    text: str
    outcome: YearOutcome
    keys: tuple[str, ...]
    period: str
    over: str | None


class NotThere(UserError):
    """A product, state, company or year that the economy or the horizon does not have.

    Attributes:
        outcome: as written.
        why: what is wrong with it, and what is accepted.
    """

    def __init__(self, where: str, outcome: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.outcome, self.why = outcome, why


def products_of(e: Economy, name: str) -> list[int]:
    """Indices of a product, of a group of products, or of all."""
    names = e.products if name == "all" else GROUPS.get(name, (name,))
    return [e.product_index[p] for p in names if p in e.product_index]


def states_of(e: Economy, name: str) -> list[int]:
    """Indices of a state, of a side, of all foreign states (all but the challenger), or of all."""
    if name == "all":
        return list(range(e.n_states))
    if name == "foreign":
        return [i for i in range(e.n_states) if i != CHALLENGER]
    if name in SIDES:
        return [int(i) for i in np.flatnonzero(e.side == SIDES.index(name))]
    return [e.state_index[name]]


def _share(part: float, whole: float) -> float:
    return PERCENT * part / whole if whole > TINY else math.nan


def _sales(v: View, product: str, state: str) -> float:
    return float(YEAR * v.mean("cell_to_challenger")[v.cells(product, state, v.e.cell_owner)].sum())


def _imports(v: View, product: str, state: str) -> float:
    abroad = v.e.cell_location != CHALLENGER
    return float(YEAR * v.mean("cell_to_challenger")[v.cells(product, state, v.e.cell_location) & abroad].sum())


def _import_share(v: View, product: str, state: str) -> float:
    return _share(_imports(v, product, state), _imports(v, product, "foreign"))


def _home_share(v: View, product: str, state: str) -> float:
    own = v.cells(product, state, v.e.cell_owner)
    sold = v.mean("cell_to_challenger")
    return _share(float(sold[own & (v.e.cell_owner == v.e.cell_location)].sum()), float(sold[own].sum()))


def _home_made(v: View, product: str, state: str) -> float:
    own = v.cells(product, state, v.e.cell_owner)
    made = v.mean("cell_revenue")
    return _share(float(made[own & (v.e.cell_owner == v.e.cell_location)].sum()), float(made[own].sum()))


def _world_share(v: View, product: str, state: str) -> float:
    made = v.mean("cell_revenue")
    return _share(float(made[v.cells(product, state, v.e.cell_owner)].sum()), float(made[v.cells(product, "all", v.e.cell_owner)].sum()))


def _world_share_made(v: View, product: str, state: str) -> float:
    made = v.mean("cell_revenue")
    return _share(float(made[v.cells(product, state, v.e.cell_location)].sum()), float(made[v.cells(product, "all", v.e.cell_owner)].sum()))


def _level(v: View, product: str, state: str) -> float:
    table = v.mean("level").reshape(v.e.n_products, v.e.n_states)
    return float(np.max(table[np.ix_(products_of(v.e, product), states_of(v.e, state))]))


def _gap(v: View, product: str, state: str) -> float:
    (index,) = products_of(v.e, product)
    return max(float(v.mean("frontier")[index]) - _level(v, product, state), 0.0)


def _self_sufficiency(v: View, product: str) -> float:
    index = products_of(v.e, product)
    bought = v.mean("bought_in_challenger")[index]
    return _share(float((v.mean("self_sufficiency")[index] * bought).sum()), float(bought.sum()))


def _company(track: str) -> Compute:
    def compute(v: View, company: str) -> float:
        return float(YEAR * v.mean(track)[v.e.companies.index(company)])

    return compute


def _rd_intensity(v: View, company: str) -> float:
    column = v.e.companies.index(company)
    return _share(float(v.mean("company_rd")[column]), float(v.mean("company_revenue")[column]))


def _on_list(v: View) -> Array:
    """Companies with a row on a list during the year, as a mask."""
    return np.asarray(v.trace.tracks["company_listed"][v.span].max(axis=0) > 0)


def _listed_rd_intensity(v: View) -> float:
    on = _on_list(v)
    return _share(float(v.mean("company_rd")[on].sum()), float(v.mean("company_revenue")[on].sum()))


def _listed_output(v: View) -> float:
    return float(YEAR * v.mean("company_output")[_on_list(v)].sum())


def _listed_effect(track: str) -> Compute:
    """Mean over listed companies of the change of a track against the path without controls, per cent."""

    def compute(v: View) -> float:
        base = v.mean(track, base=True)
        on = _on_list(v) & (base > TINY)
        return float(PERCENT * (v.mean(track)[on] / base[on] - 1.0).mean()) if on.any() else math.nan

    return compute


def _end(track: str) -> Compute:
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


def _adoption_year(v: View, state: str) -> float:
    date = _joins(v, state, _from(v))
    return math.nan if date is None else v.trace.p.time.start_year + date / YEAR


def _adopted(v: View, state: str) -> float:
    date = _joins(v, state, 0)
    return float(date is not None and date < v.span.stop)


def _adoption_lag(v: View, state: str) -> float:
    start = _first(v, v.e.states[INCUMBENT], ("impose",), _from(v))
    date = None if start is None else _joins(v, state, start)
    return math.nan if date is None or start is None else float(MONTHS * (date - start))


def _retaliation_lag(v: View) -> float:
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


def _reversal_lag(v: View, state: str) -> float:
    lags = _reversals(v, state)
    return float(MONTHS * np.mean(lags)) if lags else math.nan


def _trend(name: str) -> Compute:
    """Change of a trend from the first to the last third of the time under control until the end of the year."""

    def compute(v: View) -> float:
        end, tracks = v.span.stop, v.trace.tracks
        made = [(m, rule) for m, rule in v.moves if m.quarter < end]
        found = trends_of(made, v.e.states[INCUMBENT], tracks["frontier"][:end], tracks["adoption"][:end], v.e.products, v.e.states)
        return found[name].change

    return compute


_ALL = (
    *(
        YearOutcome(
            f"trend_{t.name}",
            (),
            t.unit,
            f"Trend of control until the end of the year, last against first third of the time under control: {t.doc}.",
            _trend(t.name),
        )
        for t in TRENDS.values()
    ),
    YearOutcome(
        "sales_to_challenger",
        ("product", "state"),
        "USD bn",
        "Sales to buyers in the challenger by firms that the state owns, wherever they make.",
        _sales,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "imports",
        ("product", "state"),
        "USD bn",
        "Imports of the challenger from plants in the state, whoever owns them.",
        _imports,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "import_share", ("product", "state"), "%", "Share of plants in the state in those imports.", _import_share, ("cell_to_challenger",)
    ),
    YearOutcome(
        "home_share",
        ("product", "state"),
        "%",
        "Share of sales to the challenger, by firms that the state owns, made on home soil.",
        _home_share,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "home_made",
        ("product", "state"),
        "%",
        "Share of all revenue of firms that the state owns made on home soil.",
        _home_made,
        ("cell_revenue",),
    ),
    YearOutcome(
        "world_share", ("product", "state"), "%", "World share by revenue of firms that the state owns.", _world_share, ("cell_revenue",)
    ),
    YearOutcome(
        "world_share_made",
        ("product", "state"),
        "%",
        "World share by revenue of plants in the state.",
        _world_share_made,
        ("cell_revenue",),
    ),
    YearOutcome(
        "level", ("product", "state"), "generations", "Level of the state's leading firm; 0 is the frontier of 2018.", _level, ("level",)
    ),
    YearOutcome("gap", ("product", "state"), "generations", "Gap of the state's leading firm behind the frontier.", _gap, ("level",)),
    YearOutcome("self_sufficiency", ("product",), "%", "Purchases in the challenger that its own firms made there.", _self_sufficiency),
    YearOutcome("revenue", ("company",), "USD bn", "Revenue of a company, at prices of 2018.", _company("company_revenue")),
    YearOutcome(
        "output", ("company",), "USD bn", "Output of a company, at constant prices.", _company("company_output"), ("company_output",)
    ),
    YearOutcome("rd_intensity", ("company",), "%", "R&D of a company over its revenue.", _rd_intensity, ("company_rd",)),
    YearOutcome(
        "listed_rd_intensity", (), "%", "R&D over revenue of named companies on a list in the year.", _listed_rd_intensity, ("company_rd",)
    ),
    YearOutcome("listed_output", (), "USD bn", "Output of named companies on a list in the year.", _listed_output, ("company_output",)),
    YearOutcome(
        "listed_rd_effect",
        (),
        "%",
        "R&D of named companies on a list against the path without controls, mean over companies.",
        _listed_effect("company_rd"),
        ("company_rd",),
    ),
    YearOutcome("listed_output_effect", (), "%", "Output of them, likewise.", _listed_effect("company_output"), ("company_output",)),
    YearOutcome("listed_entities", (), "count", "Legal entities on a list at the end of the year.", _end("listed_entities")),
    YearOutcome(
        "listed_outside",
        (),
        "count",
        "Of these, outside the chains of the run, those listed before 2018 among them.",
        _end("listed_outside"),
    ),
    YearOutcome("rules_in_force", (), "count", "Rules in force at the end of the year.", _end("rules_in_force")),
    YearOutcome(
        "adoption_year",
        ("state",),
        "year",
        "Date, from the start of the year on, from which the state applies the incumbent's rules or makes one of its own.",
        _adoption_year,
    ),
    YearOutcome(
        "adoption_lag",
        ("state",),
        "months",
        "Months from the incumbent's first rule in or after the year to that date, in steps of three.",
        _adoption_lag,
    ),
    YearOutcome(
        "adopted",
        ("state",),
        "0 or 1",
        "Whether the state applies the incumbent's rules, or one of its own, by the end of the year.",
        _adopted,
    ),
    YearOutcome(
        "retaliation_lag",
        (),
        "months",
        "Months from the incumbent's first control in or after the year to the challenger's next control or listing, in steps of three.",
        _retaliation_lag,
    ),
    YearOutcome(
        "reversal_lag",
        ("state",),
        "months",
        "Mean months from a rule or listing of the state, made in or after the year, to its lifting or suspension.",
        _reversal_lag,
    ),
)
YEARLY: dict[str, YearOutcome] = {o.name: o for o in _ALL}
_TRACKS = {t.name: t for t in DETAIL}


def parse(text: str, where: str) -> Wanted:
    """A yearly outcome from its name.

    Args:
        text: as in the heading of this file.
        where: file and row, or key, named in an error.

    Raises:
        UserError: it is not of that form, or no such outcome, or another number of keys.
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise UserError(f"{where}: '{text}' is no outcome by year; accepted: {FORM}")
    if found["name"] not in YEARLY:
        raise unknown(where, "outcome by year", found["name"], YEARLY)
    outcome, keys = YEARLY[found["name"]], tuple(found["keys"].split(":")[1:])
    if len(keys) != len(outcome.keys):
        form = ":".join((outcome.name, *(k.upper() for k in outcome.keys)))
        raise UserError(f"{where}: '{text}' has {len(keys)} keys; accepted: {form}@YEAR")
    return Wanted(text, outcome, keys, found["year"], found["over"])


def check(wanted: Iterable[str], e: Economy, first: int, last: int, where: str) -> None:
    """Hold keys and years against an economy and a horizon.

    Raises:
        NotThere: a product, state, company or year that is not there.
    """
    products = {*e.products, *GROUPS, "all"}
    accepted = {"product": products, "state": {*e.states, *SIDES, "foreign", "all"}, "company": set(e.companies)}
    for text in wanted:
        w = parse(text, where)
        for kind, key in zip(w.outcome.keys, w.keys, strict=True):
            single = (
                w.outcome.name == "gap"
                and kind == "product"
                or w.outcome.name in ("adopted", "adoption_year", "adoption_lag", "reversal_lag")
            )
            names = accepted[kind] - ({*GROUPS, *SIDES, "foreign", "all"} if single else set())
            if key not in names:
                raise NotThere(where, text, str(unknown(text, kind, key, names)))
        for period in filter(None, (w.period, w.over)):
            if not first <= int(period[:YEAR]) <= last:
                raise NotThere(where, text, f"{text}: {period} is not in the run; accepted: {first} to {last}")


def tracks_for(wanted: Iterable[str]) -> tuple[Track, ...]:
    """Tracks beyond the usual ones that these outcomes need."""
    names = {track for text in wanted for track in parse(text, "yearly").outcome.tracks}
    return tuple(t for name, t in _TRACKS.items() if name in names)


def compute(wanted: Iterable[str], trace: Trace, moves: Sequence[tuple[Move, str]]) -> dict[str, float]:
    """The outcomes asked for, by name; NaN where a year is beyond the run."""
    return {text: _value(parse(text, "yearly"), trace, moves) for text in wanted}


def span_of(period: str, start_year: int) -> slice:
    """Quarters of a year ("2022") or of a quarter of it ("2022Q4")."""
    year, _, quarter = period.partition("Q")
    first = (int(year) - start_year) * YEAR + (int(quarter) - 1 if quarter else 0)
    return slice(first, first + (1 if quarter else YEAR))


def _value(w: Wanted, trace: Trace, moves: Sequence[tuple[Move, str]]) -> float:
    def at(period: str) -> float:
        span = span_of(period, trace.p.time.start_year)
        if span.start < 0 or span.stop > len(trace.tracks["gap"]):
            return math.nan
        return w.outcome.compute(View(trace, moves, span), *w.keys)

    if w.over is None:
        return at(w.period)
    below = at(w.over)
    return at(w.period) / below if abs(below) > TINY else math.nan
