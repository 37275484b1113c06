"""The texts of the workshop in English and Chinese, by key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ecsim.game.words import acts, pages, reasons, refusals, reports, roles
from ecsim.tools import display_names, spoken_names

LANGUAGES = ("en", "zh")
TEXTS: dict[str, tuple[str, str]] = {**refusals.TEXTS, **reasons.TEXTS, **acts.TEXTS, **pages.TEXTS, **roles.TEXTS, **reports.TEXTS}


def say(lang: str, key: str, **values: Any) -> str:
    """The text of a key, with its gaps filled; English for a language that is not there."""
    return TEXTS[key][1 if lang == "zh" else 0].format(**values)


def names_in(lang: str) -> Mapping[str, str]:
    """What pages call each tool, product, company and state: in Chinese what sentences call it too, so that no rule has two names."""
    return spoken_names(lang) if lang == "zh" else display_names(lang)


def reason(lang: str, line: str) -> str:
    """Why the model does not let a move through, in a language, from the line of its error."""
    found = ((re.search(pattern, line), key) for pattern, key in reasons.LINES)
    match, key = next((m, key) for m, key in found if m)
    return say(lang, key, **match.groupdict())
