"""One quarter, as a list: the table of contents of the model.

Decisions are moves, and the model's own business (model.py): they come after perception and before all else. Everything
beside them is below, in the order in which it happens.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from multiprocessing import parent_process

from ecsim.cores import cores
from ecsim.errors import UserError
from ecsim.flows import add_flows
from ecsim.mechanisms.accounts import announce, denial, measure_gaps, recall_blocked, revenue, value
from ecsim.mechanisms.adaptation import design_out, redesign, shift_markets, shift_purchases
from ecsim.mechanisms.base import Mechanism, check_schedule
from ecsim.mechanisms.capacity import expect, invest
from ecsim.mechanisms.companies import move_plants, shed_by_choice
from ecsim.mechanisms.content import content
from ecsim.mechanisms.demand import final_demand, final_orders
from ecsim.mechanisms.innovation import advance_frontier, ceilings, embody, progress, research, science
from ecsim.mechanisms.measures import apply_measures
from ecsim.mechanisms.orders import orders, split
from ecsim.mechanisms.permission import compile_rules, items, perceive_threat, permit
from ecsim.mechanisms.power import feel, perceive_power
from ecsim.mechanisms.prices import prices
from ecsim.mechanisms.production import produce
from ecsim.mechanisms.qualification import admit, search
from ecsim.params import REFERENCE
from ecsim.world import Array, World

Play = Callable[[World], None]
SHARED_FROM = 200_000  # firms; with fewer, handing out rows to a second thread cost what it saved
MOST_THREADS = 8  # assumed; measured on two cores only
THREADS = "ECSIM_THREADS"  # environment variable

PERCEPTION: tuple[Mechanism, ...] = (perceive_power, feel)

CONSEQUENCES: tuple[Mechanism, ...] = (
    # what companies decided
    shed_by_choice,
    move_plants,
    # permit
    apply_measures,
    compile_rules,
    admit,
    content,
    items,
    recall_blocked,
    permit,
    announce,
    # trade and produce
    final_demand,
    final_orders,
    orders,
    split,
    produce,
    denial,
    # adapt
    perceive_threat,
    search,
    shift_purchases,
    shift_markets,
    design_out,
    redesign,
    expect,
    invest,
    prices,
    # innovate
    research,
    progress,
    science,
    embody,
    ceilings,
    advance_frontier,
    # account
    revenue,
    value,
    measure_gaps,
)

check_schedule(PERCEPTION + CONSEQUENCES)


@cache
def quarter_of(engine: str) -> tuple[tuple[Mechanism, ...], tuple[Mechanism, ...]]:
    """Perception and consequences as an engine plays them: by the mechanisms themselves, or by their kernels where they have one."""
    if engine == REFERENCE:
        return PERCEPTION, CONSEQUENCES
    from ecsim.kernels.table import KERNELS  # loads the compiler, which takes its time

    perception, consequences = (tuple(replace(m, run=KERNELS.get(m.name, m.run)) for m in part) for part in (PERCEPTION, CONSEQUENCES))
    return perception, consequences


@cache
def played_by(engine: str, threads: int = 1) -> tuple[tuple[Play, ...], tuple[Play, ...]]:
    """The same as a run plays it: the compiled engine joins those that follow each other into one call, or shares out kernels and rows."""
    perception, consequences = quarter_of(engine)
    return joined(engine, perception), joined(engine, consequences, threads, recorded=True, between=perception)


def joined(
    engine: str, mechanisms: Sequence[Mechanism], threads: int = 1, *, recorded: bool = False, between: Sequence[Mechanism] | None = None
) -> tuple[Play, ...]:
    """Some mechanisms of an engine as they are played; `recorded` after them what `noted_by` names.

    With what goes `between` two quarters, those for which `World.at_once` asks are played in one go, by an engine that can.
    """
    if engine == REFERENCE:
        return tuple(mechanisms)
    from ecsim.kernels.table import joined as join

    return join(mechanisms, threads, recorded, between)


def resting(engine: str, threads: int) -> tuple[Callable[[World], bool], ...] | None:
    """What must hold for the last compiled call to play several quarters in one go: that all before it rests; None where it never does."""
    *before, last = played_by(engine, threads)[1]
    if getattr(last, "between", None) is None:
        return None
    return tuple(m.rests for m in before if isinstance(m, Mechanism) and m.rests)


def say_if_compiled_first(engine: str) -> None:
    """Say that the model is about to be compiled, where it is: before handing runs to processes, which do not say it."""
    if engine != REFERENCE:
        from ecsim.kernels.kept import announce_if_missing

        announce_if_missing()


def threads_for(firms: int) -> int:
    """Threads that play a run of so many firms: those of `ECSIM_THREADS`, or one a core; workers of a study have one each.

    Raises:
        UserError: the variable is no whole number above nil.
    """
    if (asked := os.environ.get(THREADS)) is not None:
        if not (asked.isdecimal() and int(asked) > 0):
            raise UserError(f"{THREADS}: {asked!r}; accepted: a whole number of threads, 1 or more")
        return int(asked) if firms >= SHARED_FROM else 1
    if firms < SHARED_FROM or parent_process() is not None:
        return 1
    return min(cores(), MOST_THREADS)


def noted_by(engine: str) -> Collection[str]:
    """The tracks that an engine writes at the end of a quarter as it plays it; the others are read one by one."""
    if engine == REFERENCE:
        return ()
    from ecsim.kernels.record import NOTED

    return NOTED


def flows_by(engine: str) -> Callable[[World, Array, float], None]:
    """How an engine adds the trade of a quarter, times a weight, to flows."""
    if engine == REFERENCE:
        return add_flows
    from ecsim.kernels.record import add_flows as compiled

    return compiled


def describe() -> list[tuple[str, str, str, str]]:
    """The quarter as rows of (phase, mechanism, what it does, source), decisions included."""
    decide = (
        "DECIDE",
        "moves",
        "Strategies and players emit moves; moves become rules, lists, measures and adoptions.",
        "model section 7.7",
    )
    rows = [(m.phase.name, m.name, m.doc, m.source) for m in PERCEPTION + CONSEQUENCES]
    return [*rows[: len(PERCEPTION)], decide, *rows[len(PERCEPTION) :]]
