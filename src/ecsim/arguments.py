"""What kernels are given: arrays and terms of a world, found by the names of their parameters.

weight, output …    arrays of the world, of the economy, and of its layout, by their own names
start_tech_eff …    what the run remembers of its start
track_gap …         what is recorded of the run, without rows where nobody does
table_denial …      the compiled rules; class_of_firm, class_of_market: classes of buyers
base_frontier …     the path without controls, without rows where the run is that path itself
final_weight0       the economy's own, where the world has an array of the same name
terms_production …  parameters of a group as plain numbers; a choice is its place among the choices
named_row, named_company: rows of real companies, and the company of each
shock_progress …    random draws of the quarter
all_shock_progress … the same of each quarter that is played in one go
stream_qualify …    what names a stream of random numbers
now, until          the quarter, and the one before which the engine comes back, in arrays of one
links               places of the suppliers of a slot
some_firms, upstream_firms …
                    rows that a kernel works on: the first and the one past the last. Here all; who shares them out gives each thread some
scratch_offer …     what one kernel leaves to the next, of no meaning beyond
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from ecsim.economy import Array, Economy, sizes_of
from ecsim.layout import Layout
from ecsim.params import REGISTRY, Params

if TYPE_CHECKING:
    from ecsim.world import Start, World

Links = Any
"""Places of the suppliers of a slot. Where there are as many as usual it is a tuple, so that the compiler knows their number, and writes
loops over them out; else an array."""

Terms = Any
"""Parameters of one group as a named tuple of floats; what is handed over is an array of them, which takes no time."""


def _terms_of(name: str, group: str) -> Any:
    """A named tuple of the parameters of a group that are numbers, switches or choices, and of what it derives from them as properties.

    It is kept under its name in this module.
    """
    usual = getattr(Params(), group)
    plain = [f.name for f in fields(usual) if isinstance(getattr(usual, f.name), bool | int | float | str)]
    plain += [key for key, value in vars(type(usual)).items() if isinstance(value, property)]
    return namedtuple(name, plain, module=__name__)  # noqa: PYI024


def _number(name: str, value: Any) -> float:
    return float(REGISTRY[name].choices.index(value) if isinstance(value, str) else value)


ProductionTerms = _terms_of("ProductionTerms", "production")
AdaptationTerms = _terms_of("AdaptationTerms", "adaptation")
InnovationTerms = _terms_of("InnovationTerms", "innovation")
PermissionTerms = _terms_of("PermissionTerms", "permission")
MarketTerms = _terms_of("MarketTerms", "market")
PowerTerms = _terms_of("PowerTerms", "power")
AccountsTerms = _terms_of("AccountsTerms", "accounts")
DocumentsTerms = _terms_of("DocumentsTerms", "documents")
KINDS: Mapping[str, Any] = {
    "production": ProductionTerms,
    "adaptation": AdaptationTerms,
    "innovation": InnovationTerms,
    "permission": PermissionTerms,
    "market": MarketTerms,
    "power": PowerTerms,
    "accounts": AccountsTerms,
    "documents": DocumentsTerms,
}


def terms(p: Params, name: str) -> Array:
    """The parameters of a group as plain numbers, in the order of its named tuple."""
    return _terms(name, getattr(p, name))


@lru_cache(maxsize=64)  # the runs of a study have few
def _terms(name: str, group: Any) -> Array:
    return np.array([_number(f"{name}.{key}", getattr(group, key)) for key in KINDS[name]._fields], dtype=float)


class Names(tuple[str, ...]):
    """Names of the parameters of a kernel, told apart by which object they are: to hash a hundred strings takes longer than a kernel."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__


@dataclass
class Given:
    """What one kernel is given: its arguments, and what follows the rules in force, with its places.

    Attributes:
        values: the arguments.
        of_table, of_classes: place and name of each part of the compiled rules and of the classes of buyers.
        table, classes: those that the arguments are of.
    """

    values: list[Any]
    of_table: tuple[tuple[int, str], ...]
    of_classes: tuple[tuple[int, str], ...]
    table: Any = None
    classes: Any = None


class Arguments:
    """Arguments of kernels in one world, kept while what they are taken from is the same.

    Attributes:
        now, until: the quarter, and the one before which the engine comes back, in arrays of one.
    """

    def __init__(self) -> None:
        self._of: tuple[Any, ...] = ()
        self._found: dict[str, Any] = {}
        self._known: dict[Names, Given] = {}
        self.now, self.until = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)

    def __deepcopy__(self, memo: dict[int, Any]) -> Arguments:
        return Arguments()

    def of(self, w: World, names: Names) -> list[Any]:
        """The arguments of these names, with the draws of this quarter and of those that are played in one go with it."""
        values = self.given(w, names)
        for name in draws_among(names):
            self.draw(w, name)
        return values

    def draw(self, w: World, name: str) -> None:
        """Make the draws of a name in the array of them that kernels are given."""
        drawn = self._found[ALL + name]
        for i in range(w.at_once):
            w.streams.fill_normal(DRAWS[name][0], w.quarter + i, drawn[i])

    def given(self, w: World, names: Names) -> list[Any]:
        """The arguments of these names; draws are yet to be made."""
        self._forget_what_changed(w)
        known = self._known.get(names)
        if known is None:
            of_table, of_classes = _places(names, TABLE), _places(names, CLASS)
            later = {i for i, _ in (*of_table, *of_classes)}
            values = [None if i in later else self._kept(w, name) for i, name in enumerate(names)]
            known = self._known[names] = Given(values, of_table, of_classes)
        if known.table is not w.table:
            known.table = w.table
            for i, name in known.of_table:
                known.values[i] = getattr(w.table, name)
        if known.classes is not w.classes:
            known.classes = w.classes
            for i, name in known.of_classes:
                known.values[i] = _fixed(getattr(w.classes, name))
        self.now[0], self.until[0] = w.quarter, w.quarter + w.at_once
        return known.values

    def _kept(self, w: World, name: str) -> Any:
        if name not in self._found:
            self._found[name] = self._find(w, name)
        return self._found[name]

    def _forget_what_changed(self, w: World) -> None:
        of = self._of
        if not of or w.params is not of[0] or w.economy is not of[1] or w.baseline is not of[2] or w.streams is not of[3]:
            self._of, self._known = (w.params, w.economy, w.baseline, w.streams), {}
            own = {name: np.ascontiguousarray(x) for name, x in vars(w).items() if isinstance(x, np.ndarray)}
            self._found = _SHARED.setdefault(w.start, {}) | own

    def _find(self, w: World, name: str) -> Any:
        if name in DRAWS:
            return self._kept(w, ALL + name)[0]
        if name.removeprefix(ALL) in DRAWS:
            return _blank(w.economy, DRAWS[name.removeprefix(ALL)][1], most_at_once(w.economy))
        head, _, rest = name.partition("_")
        if name in OWN:
            return OWN[name](w)
        if head in MADE:
            return MADE[head](w, rest)
        if head == "start":
            return _shared(w, name, w.start, rest)
        return _shared(w, name, w.layout if hasattr(w.layout, name) else w.economy, name)


@cache
def draws_among(names: Names) -> tuple[str, ...]:
    """Those of some names that are draws."""
    return tuple(name for name in DRAWS if name in names or ALL + name in names)


def _links(number: int) -> Links:
    """Places of so many suppliers."""
    usual = REGISTRY["population.suppliers_per_slot"].default
    return tuple(range(number)) if number == usual else np.arange(number, dtype=np.uint32)


def _rows(w: World, of: str) -> Array:
    """The first of some rows and the one past the last."""
    count = {"firms": w.economy.n_firms, "slots": w.economy.n_slots, "embodying": len(w.start.embodying)}[of]
    return np.array([0, count], dtype=np.uint32)


def most_at_once(e: Economy) -> int:
    """Most quarters that are played in one go; of many firms one, which takes much longer than coming back."""
    return AT_ONCE if e.n_firms <= FEW_FIRMS else 1


def _blank(e: Economy, axes: str, *before: int) -> Array:
    """An array of these axes, after any given by their length, as yet of nothing."""
    sizes = sizes_of(e) | {"N+1": e.n_firms + 1}
    return np.zeros([*before, *(sizes[axis] for axis in axes.split(","))])


@cache
def _places(names: Names, head: str) -> tuple[tuple[int, str], ...]:
    """Places of the names that begin so, with the field that each names."""
    return tuple((i, name.removeprefix(head)) for i, name in enumerate(names) if name.startswith(head))


def _fixed(x: Array) -> Array:
    """What does not change in a run; rows and places as unsigned numbers, which need no look for a negative sign.

    Always contiguous and never read-only, as columns of tables may be: to the compiler these are types of their own, and each would be
    compiled for.
    """
    return np.require(x, dtype=np.uint32 if x.dtype == np.int64 else x.dtype, requirements=("C", "W"))


_FIXED: WeakKeyDictionary[Economy | Layout | Start, dict[str, Array]] = WeakKeyDictionary()
_SHARED: WeakKeyDictionary[Start, dict[str, Array]] = WeakKeyDictionary()  # the same by the start of runs, under the names of arguments


def _shared(w: World, name: str, owner: Economy | Layout | Start, field: str) -> Array:
    """An argument that is an array of an economy, of its layout or of a start, which all their runs share."""
    found = _FIXED.setdefault(owner, {})
    if field not in found:
        found[field] = _fixed(getattr(owner, field))
    _SHARED.setdefault(w.start, {})[name] = found[field]
    return found[field]


ALL = "all_"  # beginning of the name of the draws of several quarters
AT_ONCE, FEW_FIRMS = 16, 4_000  # quarters, and firms
DRAWS = {"shock_demand": ("final demand", "P,S"), "shock_progress": ("progress", "N")}
"""Standard normal draws: purpose and axes."""

SCRATCH = {
    "scratch_offer": "N",
    "scratch_cost": "N",
    "scratch_pull": "N",
    "scratch_running": "N+1",
    "scratch_cell_gap": "C",
    "scratch_content": "N,I",
    "scratch_tool_use": "N,I",
    "scratch_direct": "N,I",
    "scratch_leak": "P,I",
}
"""Axes of what one kernel leaves to the next."""

NOTHING = np.zeros((0, 0))
OWN: dict[str, Callable[[World], Any]] = {
    "now": lambda w: w.arguments.now,
    "until": lambda w: w.arguments.until,
    "links": lambda w: _links(w.economy.supplier0.shape[1]),
    "named_row": lambda w: w.economy.named_rows[0],
    "named_company": lambda w: w.economy.named_rows[1],
    "final_weight0": lambda w: w.economy.final_weight,
}
"""What is found under a name of its own."""

MADE: dict[str, Callable[[World, str], Any]] = {
    "some": _rows,
    "upstream": _rows,
    "scratch": lambda w, rest: _blank(w.economy, SCRATCH[f"scratch_{rest}"]),
    "terms": lambda w, rest: terms(w.params, rest),
    "stream": lambda w, rest: w.streams.key(rest),
    "track": lambda w, rest: w.tracks.get(rest, NOTHING),
    "base": lambda w, rest: NOTHING if w.baseline is None else _fixed(getattr(w.baseline, rest)),
}
"""What is made, or found elsewhere, by the beginning of its name and the rest of it."""

TABLE, CLASS = "table_", "class_"
"""Beginnings of the names of what follows the rules in force: parts of the table, and classes of buyers."""
