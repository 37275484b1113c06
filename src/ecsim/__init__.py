"""ecsim: an agent-based simulator of technology export controls in a power transition.

>>> import ecsim
>>> ecsim.run("small_yard", seed=1).outcomes["gap_added"]
>>> ecsim.compare("experiment=quick").report()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ecsim.version import __version__

if TYPE_CHECKING:
    from ecsim.api import Run, Study, build_model, compare, load, run
    from ecsim.errors import UserError

__all__ = ["Run", "Study", "UserError", "__version__", "build_model", "compare", "load", "run"]

_WHERE = {"UserError": "ecsim.errors"}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: importing ecsim costs next to nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'ecsim' has no attribute '{name}'")
    return getattr(importlib.import_module(_WHERE.get(name, "ecsim.api")), name)


def __dir__() -> list[str]:
    return __all__
