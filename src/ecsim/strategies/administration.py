"""What the stocks of policy instruments do for the government's choice: the one opening for the process of policy documents.

Until documents are coupled, the administration stays as it was at the start.
"""

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
        delay: factor on the time that a licence takes.
        alignment: added to the utility of allies who consider to join.
    """

    capacity: float = 1.0
    precision: float = 1.0
    delay: float = 1.0
    alignment: float = 0.0


AdministrationOf = Callable[[World], Administration]


def unchanged(world: World) -> Administration:
    """The administration of the start."""
    return Administration()
