"""Named outcomes of a run: one number each, with unit, purpose and the direction that serves the controlling side.

Purposes follow the first seed paper (section 2.1): hinder the supply chain, lock in at the low end, contain the
rise; against costs at home, to allies and to the world, in leverage and in dissatisfaction.
"""

from __future__ import annotations

from ecsim.outcomes.base import YEAR, Outcome, Trace
from ecsim.outcomes.table import CHIPS, IN, OUTCOMES, TOOLS, compute
from ecsim.outcomes.units import MARGIN

__all__ = ["CHIPS", "IN", "MARGIN", "OUTCOMES", "TOOLS", "YEAR", "Outcome", "Trace", "compute"]
