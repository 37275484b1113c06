"""What is half done on a page, kept in its tab of the browser: it outlives a reload, another language and a fall of the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nicegui import Client

WAIT = 10.0  # seconds for the browser to answer


class Kept:
    """One thing that a page keeps in its tab; windows do not share it, and it goes when the tab is closed.

    Args:
        client: the page as the framework knows it.
        name: of the thing; another page that uses it finds the same.
        found: called once, when the page has been loaded, with what was kept before, where anything was. It comes from a browser: anything.
    """

    def __init__(self, client: Client, name: str, found: Callable[[Any], None]) -> None:
        self._client, self._key, self._found = client, json.dumps(f"ecsim {name}"), found
        self._asked = False
        client.on_connect(self._ask)

    def put(self, value: Any) -> None:
        """Keep a plain value; None keeps nothing any more."""
        text = json.dumps(json.dumps(value))
        self._client.run_javascript(f"sessionStorage.setItem({self._key}, {text})" if value else f"sessionStorage.removeItem({self._key})")

    async def _ask(self) -> None:
        if self._asked:  # the same page, connected again
            return
        self._asked = True
        text = await self._client.run_javascript(f"return sessionStorage.getItem({self._key})", timeout=WAIT)
        if isinstance(text, str) and (value := _read(text)) is not None:
            self._found(value)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
