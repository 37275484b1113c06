"""The after-action report: what was done, what it brought, who paid, what was meant."""

from __future__ import annotations

from ecsim.game.review.page import page_of, write
from ecsim.game.review.tables import tables_of

__all__ = ["page_of", "tables_of", "write"]
