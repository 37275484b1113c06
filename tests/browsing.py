"""Real browsers for the tests of the pages."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

import pytest

from serving import wait_for

REQUIRED = os.environ.get("ECSIM_BROWSER") == "required"  # then nothing is left out: what is missing fails
playwright = importlib.import_module("playwright.sync_api") if REQUIRED else pytest.importorskip("playwright.sync_api")
expect = playwright.expect  # waits until what is expected is so
expect.set_options(timeout=30_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
IGNORED = ("target-size",)
CLOSE = 3  # pixels between controls that are too few
# pairs of controls that touch or overlap, and what runs off the side of the window
_CROWDED = """close => {
  const at = e => e.getBoundingClientRect();
  const shown = [...document.querySelectorAll("#main *")].filter(e => e.checkVisibility() && at(e).width > 1);
  const controls = shown.filter(e => e.matches("button, input:not([type=checkbox]), select, textarea")).map(e => [e, at(e)]);
  const words = e => (e.innerText || e.dataset.test || e.tagName).split("\\n")[0];
  const gap = (a, b) => Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
  const pairs = controls.flatMap(([e, a], i) => controls.slice(i + 1).filter(([_, b]) => gap(a, b) < close)
    .map(([f, _]) => `${words(e)} | ${words(f)}`));
  const ends = shown.filter(e => !e.children.length && !e.closest(".scroll"));
  return [...pairs, ...ends.filter(e => at(e).right > innerWidth + 1).map(words)];
}"""
_MIXED = """() => [...document.querySelectorAll("#main, #main *, header *")].filter(e => e.checkVisibility())
  .flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()))
  .filter(t => /[\\u4e00-\\u9fff\\uff09] ?[,:;(]|[,:;(] ?[\\u4e00-\\u9fff]/.test(t))"""


@contextmanager
def chromium() -> Iterator[Any]:
    """Headless Chromium; where there is none the test is left out, or fails if ECSIM_BROWSER=required."""
    with playwright.sync_playwright() as p:
        try:
            browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except playwright.Error as error:
            if REQUIRED:
                raise
            pytest.skip(f"no Chromium: {error}")
        yield browser
        browser.close()


def soon(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until something holds of a page; while another takes its place nothing does."""

    def holds() -> bool:
        try:
            return bool(condition())
        except playwright.Error:
            return False

    wait_for(holds, seconds)


class Tab:
    """A page of a browser context, with what it asked the network for and what went wrong in it."""

    def __init__(self, browser: Any, link: str = "", width: int = 1366, height: int = 768, locale: str = "en-GB") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("pageerror", lambda e: self.wrong.append(str(e)))
        self.page.on("dialog", lambda d: (self.wrong.append(f"dialog {d.message}"), d.dismiss()))
        if link:
            self.page.goto(link)

    def find(self, name: str) -> Any:
        """The element with a test name."""
        return self.page.locator(f"[data-test='{name}']")

    def turn(self, turn: int) -> None:
        """Wait until the page shows a turn."""
        self.page.wait_for_function(f"document.querySelector('[data-test=turn]')?.innerText.includes('Turn {turn} ')", timeout=60_000)

    def choose(self, act: str) -> None:
        """Choose an act in the last list of acts on the page, whose kind is folded out if it is not."""
        chosen = self.find(f"act-{act}").last
        if not chosen.is_visible():
            chosen.locator("xpath=ancestor::details[1]/summary").click()
        chosen.click()
        self.find("add").last.wait_for()
        self.on("act-chosen")
        if act == "event:announcement":
            self.find("words").fill("We will <b>talk</b>.")

    def add(self) -> None:
        """Add the act to the draft."""
        before = self.find("remove").count()
        self.find("add").click()
        self.page.wait_for_function(f"document.querySelectorAll('[data-test=remove]').length > {before}", timeout=30_000)
        self.on("act")

    def hand_in(self) -> None:
        """Hand in, and wait until it is said to be saved."""
        self.find("submit").click()
        self.page.wait_for_selector(".status.good", timeout=30_000)
        self.on("submit")

    def speaks(self, lang: str) -> None:
        """Wait until the page is there in a language, and connected."""
        self.page.wait_for_function(f"document.documentElement?.lang === '{lang}' && window.did_handshake === true", timeout=30_000)

    def on(self, name: str) -> None:
        """Wait until the page has put the keyboard where it goes: it scrolls there, and a click on the way would end elsewhere."""
        self.page.wait_for_function(f"document.activeElement.dataset.test === '{name}'", timeout=30_000)

    def crowded(self) -> list[str]:
        """Controls that touch or overlap, and whatever runs off the side of the window."""
        return list(self.page.evaluate(_CROWDED, CLOSE))

    def mixed(self) -> list[str]:
        """Texts of a Chinese page in which the marks of another language stand beside Chinese letters."""
        return list(self.page.evaluate(_MIXED))

    def violations(self) -> list[str]:
        """What the accessibility engine axe-core finds against WCAG 2.1 A and AA."""
        axe = importlib.import_module("axe_playwright_python") if REQUIRED else pytest.importorskip("axe_playwright_python")
        self.page.evaluate(resources.files(axe).joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})")
        return [
            f"{v['id']}: {v['help']}: {[n['html'][:150] for n in v['nodes'][:3]]}" for v in found["violations"] if v["id"] not in IGNORED
        ]
