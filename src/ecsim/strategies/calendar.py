"""What was dated falls due: rules with an end lapse, suspended ones return."""

from __future__ import annotations

from ecsim.moves import Move
from ecsim.strategies.base import NEVER, Patient
from ecsim.world import World


class Calendar(Patient):
    """Emits the moves that earlier moves dated by their `until`."""

    def moves(self, world: World, quarter: int) -> list[Move]:
        """Lapses and returns due this quarter."""
        book = world.book
        moves = []
        due = {i for i, when in book.due.items() if when <= quarter}
        for i in sorted(due):
            if i.rpartition("/")[0] in due:
                continue  # a part goes with its first
            part = book.suspended.get(i)
            verb = "resume" if part is not None else "lift"
            part = part or book.rules.get(i) or book.measures[i]
            moves.append(Move(quarter=quarter, actor=part.issuer, verb=verb, rule=i))
        return moves

    def idle_until(self, world: World, quarter: int) -> int:
        """The next date."""
        return min(world.book.due.values(), default=NEVER)
