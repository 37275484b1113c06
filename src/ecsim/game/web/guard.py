"""What stands in front of every request: known hosts, own origin, a bounded rate, and headers that keep a page to itself."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from ecsim.game.web.lost import answer

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
STATIC = "/_nicegui/"  # files of the framework, which a page asks for by the dozen
INTERFACE = "/api/"
ASKED = 20.0, 2.0  # requests that an address may make at once of one path of the interface, and a second on
SAID = 200.0, 20.0  # messages that a page may send at once, and a second on
CLIENTS = 4096  # addresses remembered


class Bucket:
    """Tokens that come back with time, by client and purpose."""

    def __init__(self, most: float, per_second: float) -> None:
        self.most, self.per_second = most, per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str, tokens: float = 1.0) -> bool:
        """Take tokens; false where there are not enough."""
        now = time.monotonic()
        left, then = self._left.pop(who, (self.most, now))
        left = min(self.most, left + (now - then) * self.per_second)
        enough = left >= tokens
        self._left[who] = (left - tokens if enough else left, now)
        while len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return enough

    def give_back(self, who: str, tokens: float = 1.0) -> None:
        """Put back tokens that were taken."""
        if who in self._left:
            left, then = self._left[who]
            self._left[who] = (min(self.most, left + tokens), then)


class Guard:
    """Wraps the server.

    Args:
        app: what is guarded.
        hosts: names under which it may be asked for, without port.
        requests: requests that an address may make at once, and a tenth of it a second on.
    """

    def __init__(self, app: App, hosts: Collection[str], requests: float = 2000.0) -> None:
        self.app = app
        self.hosts = frozenset(h.lower() for h in hosts)
        self.bucket = Bucket(requests, requests / 10.0)
        self.paths = Bucket(*ASKED)

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        """Let a request pass, or not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        status = self.refused(scope)
        if status:
            await _refuse(scope, receive, send, status)
            return

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                extra = [(n, v) for n, v in HEADERS if n not in given]
                if not scope["path"].startswith(STATIC):
                    extra.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await self.app(scope, bounded(receive) if scope["type"] == "websocket" else receive, sent)

    def refused(self, scope: Scope) -> int:
        """The status of a refusal, or 0."""
        headers = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
        if name_of(headers.get("host", "")) not in self.hosts:
            return 421
        origin = headers.get("origin")
        writes = scope["type"] == "websocket" or scope.get("method") not in ("GET", "HEAD")
        if origin is not None and urlsplit(origin).netloc.lower() != headers["host"].lower():
            return 403
        if writes and origin is None and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403
        client = (scope.get("client") or ("?", 0))[0]
        if not scope["path"].startswith(f"{STATIC}") and not self.bucket.take(client):
            return 429
        if scope["path"].startswith(INTERFACE) and not self.paths.take(f"{client} {scope['path']}"):
            return 429
        return 0


def bounded(receive: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Messages of one page; one that floods the server is taken to have gone."""
    bucket = Bucket(*SAID)

    async def received() -> Any:
        message = await receive()
        if message["type"] == "websocket.receive" and not bucket.take("page"):
            return {"type": "websocket.disconnect", "code": 1008}
        return message

    return received


def name_of(host: str) -> str:
    """The name in a Host header, without its port."""
    return host.rsplit(":", 1)[0].strip("[]").lower() if not host.endswith("]") else host.strip("[]").lower()


async def _refuse(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]], status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    refusal = answer(Request(scope), status)
    refusal.raw_headers.extend(HEADERS)
    await refusal(scope, receive, send)
