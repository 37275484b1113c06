"""Plain pages for what goes wrong: no such address, not allowed, too much at once, a failure; each with the way back.

They need nothing of the framework of the live pages, so that they come when that fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from ecsim.game.web.doors import lang_of
from ecsim.game.words import TEXTS, say

SHEET = resources.files("ecsim").joinpath("game", "web", "sheet.css").read_text(encoding="utf-8")
LOCALE = {"en": "en", "zh": "zh-CN"}
FAILED = 500
ELSEWHERE = 421  # asked for under a name that is not the server's: no address of this page leads anywhere


def answer(request: Request, status: int, text: str = "", key: str = "", ways: Sequence[tuple[str, str]] = ()) -> Response:
    """What is answered where there is nothing to show: a page for people, a line for programs.

    Args:
        request: what was asked.
        status: of the answer.
        text: what is wrong, in the reader's language; by the status where none is given.
        key: by which a program knows what is wrong.
        ways: addresses to go back to, and their names; the first page where there are none.
    """
    lang = lang_of(request)
    known = f"lost_{status}" if f"lost_{status}" in TEXTS else f"lost_{FAILED}" if status >= FAILED else "lost_other"
    text = text or say(lang, known)
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"refused": key or known, "text": text}, status)
    return HTMLResponse(_page(request, lang, text, ways, bare=status == ELSEWHERE), status)


def _page(request: Request, lang: str, text: str, ways: Sequence[tuple[str, str]], *, bare: bool) -> str:
    title, other = escape(say(lang, "title")), "zh" if lang == "en" else "en"
    here = quote(request.url.path) if request.method == "GET" else "/"
    links = "".join(f'<p><a href="{escape(to)}">{escape(name)}</a></p>' for to, name in ways or [("/", say(lang, "lost_home"))])
    turn = f'<a href="/lang/{other}?to={here}" lang="{LOCALE[other]}">{escape(say(lang, "other_language"))}</a>'
    return (
        f'<!doctype html><html lang="{LOCALE[lang]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{SHEET}</style></head>'
        f'<body><header class="top"><h1>{title}</h1><div class="grow"></div>{"" if bare else turn}</header>'
        f'<main class="page narrow" id="main"><div class="card"><p data-test="lost">{escape(text)}</p>{"" if bare else links}</div></main>'
        "</body></html>"
    )
