"""One kind of error for whatever a user can get wrong: one line that says what, where and what is accepted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Bad input. Its text is the one line a user sees; the command line exits with code 2."""


def unknown(where: str, what: str, given: object, accepted: Iterable[str]) -> UserError:
    """An error for a name that is not among the accepted ones, with a suggestion when one is close.

    Args:
        where: the file, key or move in which the name stands.
        what: the kind of thing named, for example "state".
        given: the name as given.
        accepted: the names that would do.
    """
    names = sorted(accepted)
    near = difflib.get_close_matches(str(given), names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    shown = ", ".join(names) if len(names) <= 40 else ", ".join(names[:40]) + ", …"
    return UserError(f"{where}: unknown {what} '{given}'{hint}; accepted: {shown}")
