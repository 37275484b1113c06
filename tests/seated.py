"""A game on a server of its own, and teams that come in through a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browsing import Tab
from ecsim.game.session import create
from ecsim.game.setup import Setup
from serving import Server

SETUP = Setup(turns=8, quarters=1, title="Chips & <i>power</i>")


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """A new game on a server of its own."""
    file = folder / "game.ecsim"
    create(file, SETUP)
    server = Server(file)
    try:
        yield server
    finally:
        server.stop()


def joined(browser: object, server: Server, seat: str) -> Tab:
    """A team that came in with the join code."""
    tab = Tab(browser, f"{server.base}/?code={server.code}")
    tab.find("seat").select_option(f"A/{seat}")
    tab.find("name").fill(f"<img src=x onerror=alert(1)> {seat}")
    tab.page.wait_for_timeout(500)
    tab.find("join").click()
    tab.page.wait_for_url("**/play/A/**", timeout=30_000)
    tab.find("submit").wait_for()
    return tab


@contextmanager
def fallen(server: Server, tabs: list[Tab]) -> Iterator[None]:
    """kill -9 before and start again after; every page comes back by itself."""
    for tab in tabs:
        tab.page.evaluate("window.before = true")
    server.kill()
    yield
    server.start()
    for tab in tabs:
        tab.page.wait_for_function("window.before === undefined && window.did_handshake === true", timeout=90_000)
