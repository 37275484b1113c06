"""One kind of error for whatever a user can get wrong: one line that says what, where and what is accepted."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable

MOST_NAMES = 24  # of accepted names, more are shown by group or by likeness


class UserError(Exception):
    """Bad input. Its text is the one line a user sees; the command line exits with code 2."""


def unknown(where: str, what: str, given: object, accepted: Iterable[str]) -> UserError:
    """An error for a name that is not among the accepted ones, with a suggestion when one is close.

    A long list of dotted names ("innovation.stretch") is shown by group; another long list by the names most alike.

    Args:
        where: the file, key or move in which the name stands.
        what: the kind of thing named, for example "state".
        given: the name as given.
        accepted: the names that would do.
    """
    names = sorted(accepted)
    near = difflib.get_close_matches(str(given), names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return UserError(f"{where}: unknown {what} '{given}'{hint}; accepted: {_shown(names, str(given))}")


def twice(key: str, first: object, second: object) -> UserError:
    """An error for a key that is given two values, of which one would be left aside without a word."""
    return UserError(f"{key}: set twice, to '{first}' and to '{second}'; accepted: one of them")


def _shown(names: list[str], given: str) -> str:
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    groups = Counter(name.split(".")[0] for name in names)
    if len(groups) < len(names) and len(groups) > 1:
        return ", ".join(f"{group}.* ({n})" for group, n in groups.items())
    alike = sorted(names, key=lambda name: -difflib.SequenceMatcher(None, given, name).ratio())[:MOST_NAMES]
    return f"{', '.join(sorted(alike))} and {len(names) - MOST_NAMES} more"
