"""What the stocks of policy instruments bring to the choice of rules; without documents, the administration of 2018."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecsim.world import World


@dataclass(frozen=True)
class Administration:
    """What administration brings to a choice of rules. The defaults are those of the start.

    Attributes:
        capacity: factor on moves a quarter.
        precision: factor on the share of what a rule hits that is meant.
    """

    capacity: float = 1.0
    precision: float = 1.0


AdministrationOf = Callable[[World], Administration]


def unchanged(world: World) -> Administration:
    """The administration of the start."""
    return Administration()
