"""The after-action report: what was done, what it brought, who paid, what was meant."""

from __future__ import annotations

from ecsim.game.review.page import page_of, waiting_page, write, zipped
from ecsim.game.review.tables import Review, review_of, tables_of

__all__ = ["Review", "page_of", "review_of", "tables_of", "waiting_page", "write", "zipped"]
