"""The texts of the workshop in English and Chinese, by key."""

from __future__ import annotations

from typing import Any

from ecsim.game.words import acts, pages, refusals, reports, roles

LANGUAGES = ("en", "zh")
TEXTS: dict[str, tuple[str, str]] = {**refusals.TEXTS, **acts.TEXTS, **pages.TEXTS, **roles.TEXTS, **reports.TEXTS}


def say(lang: str, key: str, **values: Any) -> str:
    """The text of a key, with its gaps filled; English for a language that is not there."""
    return TEXTS[key][1 if lang == "zh" else 0].format(**values)
