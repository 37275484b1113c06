"""How a mechanism declares itself: its phase, what it reads and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ecsim.world import World


class Phase(IntEnum):
    """The phases of a quarter, in order (model section 3)."""

    PERCEIVE = 1
    DECIDE = 2
    PERMIT = 3
    TRADE = 4
    ADAPT = 5
    INNOVATE = 6
    ACCOUNT = 7


@dataclass(frozen=True)
class Mechanism:
    """One mechanism of the quarter.

    Attributes:
        name: name of the function.
        phase: when it runs.
        reads, writes: fields of the world.
        run: the function.
        doc: first line of its docstring, for the printed schedule.
        source: literature key.
        rests: whether it has nothing to do in the quarters to come while nobody moves; None for one that always has.
    """

    name: str
    phase: Phase
    reads: frozenset[str]
    writes: frozenset[str]
    run: Callable[[World], None]
    doc: str
    source: str
    rests: Callable[[World], bool] | None = None

    def __call__(self, world: World) -> None:
        """Run it."""
        self.run(world)


def follows_moves(world: World) -> bool:
    """`rests` of a mechanism that does something only where a move changed the rule book: while nobody moves it has nothing to do."""
    return True


def mechanism(
    phase: Phase, *, reads: str, writes: str, source: str = "", rests: Callable[[World], bool] | None = None
) -> Callable[[Callable[[World], None]], Mechanism]:
    """Declare a function as a mechanism.

    Args:
        phase: when it runs.
        reads, writes: names of world fields, separated by blanks.
        source: literature key, as in `docs/model.md`.
        rests: as in `Mechanism`; of use to one that has no kernel.
    """

    def declare(run: Callable[[World], None]) -> Mechanism:
        doc = (run.__doc__ or "").strip().split("\n")[0]
        return Mechanism(run.__name__, phase, frozenset(reads.split()), frozenset(writes.split()), run, doc, source, rests)

    return declare


def check_schedule(schedule: Sequence[Mechanism]) -> None:
    """Refuse a schedule out of phase order, or with two writers of one field in a phase.

    Raises:
        ValueError: what is wrong, by name.
    """
    for before, after in zip(schedule, schedule[1:], strict=False):
        if after.phase < before.phase:
            raise ValueError(f"{after.name} ({after.phase.name}) stands after {before.name} ({before.phase.name})")
    writers: dict[tuple[Phase, str], str] = {}
    for m in schedule:
        for name in m.writes:
            other = writers.setdefault((m.phase, name), m.name)
            if other != m.name:
                raise ValueError(f"{name} has two writers in phase {m.phase.name}: {other} and {m.name}")
