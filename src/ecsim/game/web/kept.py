"""What is half done on a page, kept in its tab of the browser: it outlives a reload, another language and a fall of the server.

Windows do not share it, and it goes when the tab is closed. It comes back from a browser, and may be anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nicegui import Client

from ecsim.game.web.parts import DRAWN

WAIT = 10.0  # seconds for the browser to answer
# A field that says to what its text belongs (`data-keep`) is kept as it is typed, also while there is no server. Once the page is loaded,
# the text is typed again for whoever listens, and told at once, so that a button that is pressed then finds it. The page is named by the
# path to which the other language leads back: it may have been opened by a shorter one.
TYPED = """const kept = name => `ecsim %s ${name}`;
addEventListener("input", ({target: {dataset: {keep, keepAs}, value}}) => {
  if (keep !== undefined) sessionStorage.setItem(kept(keepAs), JSON.stringify([keep, value]));
}, true);
const typeAgain = () => document.querySelectorAll("[data-keep]").forEach(field => {
  const [of, text] = JSON.parse(sessionStorage.getItem(kept(field.dataset.keepAs)) ?? "[]");
  if (of !== field.dataset.keep || text === field.value) return;
  field.value = text;
  field.closest("details")?.setAttribute("open", "");
  for (const told of ["input", "change"]) field.dispatchEvent(new Event(told, {bubbles: true}));
});"""


def type_again(client: Client) -> None:
    """Have texts that were typed before and not saved typed again when the page is connected."""
    client.on_connect(lambda: client.run_javascript("typeAgain()"))


def saved(client: Client, name: str, text: str | None = None) -> None:
    """What was typed into a field need not be kept any more; where a text is given, unless something else stands there by now."""
    key, text = f"kept({json.dumps(name)})", json.dumps(text)
    there = f"JSON.parse(sessionStorage.getItem({key}) ?? '[]')[1]"
    client.run_javascript(f"if ([null, {there}].includes({text})) sessionStorage.removeItem({key})")


class Kept:
    """One thing that the server has a tab keep.

    Args:
        client: the page as the framework knows it.
        name: of the thing; another page that uses it finds the same.
        found: called once, when the page has been loaded, with what was kept before, where anything was.
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
        try:
            text = await self._client.run_javascript(f"return sessionStorage.getItem({self._key})", timeout=WAIT)
        except TimeoutError:  # a page that does not answer begins with nothing
            return
        if isinstance(text, str) and (value := _read(text)) is not None:
            self._found(value)
            self._client.run_javascript(f"setTimeout(typeAgain, {DRAWN})")  # what was typed into fields that are there only now


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
