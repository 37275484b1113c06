"""A report as a reader, or a test, takes it in."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from ecsim.analysis.compare import compare
from ecsim.analysis.study import load_study
from ecsim.analysis.text.words import words_of
from ecsim.report.html import render


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self.sections: list[str] = []
        self.headings: list[int] = []
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        self.links += [found[k] for k in ("src", "href", "data", "action", "poster") if k in found]
        if tag == "img":
            self.images.append(found)
        if tag == "section":
            self.sections.append(found.get("id", ""))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in found:
            self.ids.add(found["id"])
        if tag not in {"meta", "img", "br", "link", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def page_of(folder: Path, lang: str = "en") -> str:
    """The page of a study without its pictures, which take the time."""
    return render(compare(load_study(folder)), [], words_of(lang))
