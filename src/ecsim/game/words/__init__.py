"""The texts of the workshop in English and Chinese, by key."""

from __future__ import annotations

import re
from typing import Any

from ecsim.game.words import acts, pages, reasons, refusals, reports, roles

LANGUAGES = ("en", "zh")
TEXTS: dict[str, tuple[str, str]] = {**refusals.TEXTS, **reasons.TEXTS, **acts.TEXTS, **pages.TEXTS, **roles.TEXTS, **reports.TEXTS}


def say(lang: str, key: str, **values: Any) -> str:
    """The text of a key, with its gaps filled; English for a language that is not there."""
    return TEXTS[key][1 if lang == "zh" else 0].format(**values)


def reason(lang: str, line: str) -> str:
    """Why the model does not let a move through, in a language, from the line of its error."""
    found = ((re.search(pattern, line), key) for pattern, key in reasons.LINES)
    match, key = next((m, key) for m, key in found if m)
    return say(lang, key, **match.groupdict())
