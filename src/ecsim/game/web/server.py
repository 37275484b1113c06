"""The server: addresses, who may come in, pages."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import core, ui
from starlette.exceptions import HTTPException

from ecsim.game.branch import bound
from ecsim.game.knowledge import book_for, news_of, offers_for, series_for
from ecsim.game.legal import Refusal
from ecsim.game.passes import Principal
from ecsim.game.seats import seat_named
from ecsim.game.session import Session
from ecsim.game.strikes import struck_of
from ecsim.game.web.base import Shown
from ecsim.game.web.cards import Cards
from ecsim.game.web.control import ControlPage
from ecsim.game.web.doors import CHOSEN, Doors, home_of, lang_of
from ecsim.game.web.guard import Bucket, Guard
from ecsim.game.web.hub import Hub
from ecsim.game.web.join import JoinPage, ways_back
from ecsim.game.web.lost import answer as lost_answer
from ecsim.game.web.parts import Tag, box, link
from ecsim.game.web.screen import Screen
from ecsim.game.web.seat import SeatPage
from ecsim.game.words import LANGUAGES

if TYPE_CHECKING:
    from ecsim.game.review import Review

log = logging.getLogger("ecsim.game")
LOCAL = ("localhost", "127.0.0.1", "::1")
YEAR = 365 * 24 * 3600


def make_app(session: Session, address: str) -> FastAPI:
    """The server's application.

    Args:
        session: the game.
        address: as other machines reach it, for links.
    """
    hub = Hub(session)
    doors = Doors(session)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await hub.start()
        yield

    app = FastAPI(title="ecsim game", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    _entry(app, session, doors)
    _interface(app, session, doors)
    _downloads(app, session, doors)
    _pages(session, hub, doors, address)
    _failures(app, session, doors)
    ui.run_with(
        app, title="ecsim", tailwind=False, show_welcome_message=False, reconnect_timeout=20.0, binding_refresh_interval=None, dark=False
    )
    return app


def _entry(app: FastAPI, session: Session, doors: Doors) -> None:
    @app.get("/enter/{secret}")
    async def enter(secret: str) -> Response:
        """Exchange the secret of a link for a cookie that scripts cannot read."""
        who = session.principal(secret)
        if who is None:
            return RedirectResponse("/nothing", 303)
        answer = RedirectResponse(home_of(who), 303)
        # not "strict": a browser that follows a link from a mail or a chat would not send it with the request that comes next
        answer.set_cookie(doors.cookie(who.room, who.seat), secret, max_age=YEAR, httponly=True, samesite="lax", path="/")
        return answer

    @app.get("/lang/{lang}")
    async def language(lang: str, to: str = "/") -> Response:
        safe = to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"
        answer = RedirectResponse(safe, 303)
        if lang in LANGUAGES:
            answer.set_cookie(CHOSEN, lang, max_age=YEAR, samesite="lax", path="/")
        return answer


def _failures(app: FastAPI, session: Session, doors: Doors) -> None:
    """What is answered where there is nothing to show, here and in the framework's own application, where pages are."""

    def lost(request: Request, status: int, text: str = "", key: str = "") -> Response:
        return lost_answer(request, status, text, key, ways_back(session, doors.held(request), lang_of(request)))

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return lost(request, 403 if error.key in ("refused_right", "refused_code") else 409, error.text(lang_of(request)), error.key)

    async def nothing(request: Request, error: Exception) -> Response:
        return lost(request, error.status_code if isinstance(error, HTTPException) else 400)

    async def failed(request: Request, error: Exception) -> Response:
        log.error("a request failed", exc_info=error)
        return lost(request, 500)

    for place in (app, core.app):
        place.add_exception_handler(Refusal, refused)
        place.add_exception_handler(HTTPException, nothing)
        place.add_exception_handler(404, nothing)
        place.add_exception_handler(RequestValidationError, nothing)
        place.add_exception_handler(Exception, failed)


def _interface(app: FastAPI, session: Session, doors: Doors) -> None:
    def seated(request: Request, room: str, seat: str) -> Principal:
        who = doors.who(request, room, seat)
        if who is None:
            raise Refusal("refused_right")
        return who

    @app.get("/api/view/{room}/{seat}")
    async def view(request: Request, room: str, seat: str) -> Any:
        """What a seat may know, as plain values."""
        return view_of(session, seated(request, room, seat))

    @app.post("/api/submit/{room}/{seat}")
    async def submit(request: Request, room: str, seat: str) -> Any:
        """Hand in moves; answered once they are on disk."""
        who, body = seated(request, room, seat), await _body(request)
        event = await asyncio.to_thread(
            session.submit, who, _whole(body, "turn"), _whole(body, "revision"), body.get("rows"), body.get("intent", "")
        )
        return {"seq": event.seq}

    @app.post("/api/withdraw/{room}/{seat}")
    async def withdraw(request: Request, room: str, seat: str) -> Any:
        who, body = seated(request, room, seat), await _body(request)
        await asyncio.to_thread(session.withdraw, who, _whole(body, "turn"), _whole(body, "revision"))
        return {}

    @app.post("/api/preview/{room}/{seat}")
    async def preview(request: Request, room: str, seat: str) -> Any:
        who, body = seated(request, room, seat), await _body(request)
        without, played = await asyncio.to_thread(session.preview, who, body.get("rows"))
        return {"draws": len(without), "difference": (played - without).mean(axis=0)[-1].tolist()}

    @app.post("/api/advance/{room}")
    async def advance(request: Request, room: str) -> Any:
        who = doors.control(request)
        if who is None:
            raise Refusal("refused_right")
        event = await asyncio.to_thread(session.advance, who, room)
        return {"turn": event.turn, "hash": event.payload["hash"]}


async def _body(request: Request) -> dict[str, Any]:
    """A small JSON object."""
    if len(raw := await request.body()) > 65536:
        raise Refusal("refused_shape")
    try:
        body = await request.json() if raw else {}
    except ValueError:
        raise Refusal("refused_shape") from None
    if not isinstance(body, dict):
        raise Refusal("refused_shape")
    return body


def _whole(body: dict[str, Any], key: str) -> int:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal("refused_shape")
    return value


def view_of(session: Session, who: Principal) -> dict[str, Any]:
    """What a principal may know, as plain values."""
    game, branch = session.game, session.branch(who.room)
    seat = None if who.is_observer else seat_named(game.setup.table, who.seat)
    sent = branch.submissions.get(who.seat)
    return {
        "turn": branch.turn,
        "phase": branch.phase,
        "branch": branch.name,
        "revision": branch.revisions.get(who.seat, 0),
        "submitted": [dict(r) for r in sent.rows] if sent else None,
        "struck": sorted(struck_of(branch, who.seat)),
        "bound": [dict(m) for m in bound(branch, who.seat)],
        "struck_promises": [dict(m) for whose, m in branch.struck_promises if whose == who.seat],
        "draft": dict(branch.drafts.get(who.seat, {})),
        "purse": list(branch.purses[who.seat]) if seat else None,
        "in": sorted(branch.submissions),
        "indicators": {
            s.indicator.id: {"kind": s.kind, "quarters": s.quarters, "values": s.values, "error": s.error}
            for s in series_for(game, branch, seat)
        },
        "news": [
            {"turn": n.turn, "seat": n.seat, "move": n.move, "text": n.text} for p in branch.played for n in news_of(game, branch, p, who)
        ],
        "book": [dict(r) for r in book_for(game, branch, who)],
        "offers": [{"id": o.id, "giver": o.giver, "taker": o.taker, "text": o.text, "answer": o.answer} for o in offers_for(branch, who)],
    }


class Reports:
    """After-action reports of lines of play: each is computed once, while a page that waits asks again."""

    KEPT = 8
    WAITED = 1.0  # seconds before the waiting page is shown

    def __init__(self, session: Session) -> None:
        self.session = session
        self._made: OrderedDict[tuple[str, int, int], asyncio.Future[Review]] = OrderedDict()

    def of(self, room: str, line: str) -> asyncio.Future[Review]:
        """The review of a line of a room: of the one in play, where none is named."""
        from ecsim.game.review import review_of  # noqa: PLC0415 - only reports need it

        game = self.session.game
        name = line or self.session.room(room).branch
        if name not in game.branches or game.room_of(name).name != room:
            raise Refusal("refused_unknown")
        branch = game.branches[name]
        key = (name, len(branch.played), sum(len(p.overrides) for p in branch.played))
        known = self._made.get(key)
        if known is None or (known.done() and known.exception()):
            known = asyncio.ensure_future(asyncio.to_thread(review_of, game, name, self.session.desk))
            self._made[key] = known
            while len(self._made) > self.KEPT:
                self._made.popitem(last=False)
        return known


def _downloads(app: FastAPI, session: Session, doors: Doors) -> None:
    reports = Reports(session)

    def control(request: Request) -> None:
        if doors.control(request) is None:
            raise Refusal("refused_right")

    @app.get("/report/{room}")
    async def report(request: Request, room: str, lang: str = "en", line: str = "") -> Response:
        """The after-action report; for control."""
        from ecsim.game.review import page_of, waiting_page  # noqa: PLC0415 - only reports need it

        control(request)
        lang = lang if lang in LANGUAGES else "en"
        review = reports.of(room, line)
        done, _ = await asyncio.wait([review], timeout=reports.WAITED)
        if not done:
            return HTMLResponse(waiting_page(lang), 202)
        return HTMLResponse(await asyncio.to_thread(page_of, review.result(), lang))

    @app.get("/report/{room}/tables.zip")
    async def tables(request: Request, room: str, lang: str = "en", line: str = "") -> Response:
        """The tables of the report as CSV files."""
        from ecsim.game.review import zipped  # noqa: PLC0415 - only reports need it

        control(request)
        review = await asyncio.shield(reports.of(room, line))
        data = await asyncio.to_thread(zipped, review, lang if lang in LANGUAGES else "en")
        return Response(data, media_type="application/zip", headers={"content-disposition": 'attachment; filename="tables.zip"'})


def _pages(session: Session, hub: Hub, doors: Doors, address: str) -> None:
    def shut(request: Request) -> None:
        page = Shown(hub, lang_of(request), "/")
        page.top(page.say("title"))
        with box("div", "page narrow", id="main"), box("div", "card"):
            Tag("p", page.say("no_entry"))
            for to, name in ways_back(session, doors.held(request), page.lang) or [("/", page.say("lost_home"))]:
                with box("p"):
                    link(name, to)

    def page(path: str) -> Callable[[Any], Any]:
        return ui.page(path, response_timeout=30.0)

    @page("/")
    async def join(request: Request, code: str = "") -> None:
        lang = lang_of(request)
        client = request.client.host if request.client else "?"
        JoinPage(hub, lang, client, code[:12], ways_back(session, doors.held(request), lang))

    @page("/nothing")
    async def nothing(request: Request) -> None:
        shut(request)

    @page("/play/{room}/{seat}")
    async def play(request: Request, room: str, seat: str) -> None:
        who = doors.who(request, room, seat)
        shut(request) if who is None else SeatPage(hub, who, lang_of(request))

    @page("/act/{room}/{seat}")
    async def act(request: Request, room: str, seat: str) -> None:
        """A seat's page for control, who plays for a team without a device."""
        known = room in session.game.rooms and seat in {s.id for s in session.game.setup.table}
        who = doors.control(request)
        if who is None or not known:
            shut(request)
        else:
            SeatPage(hub, Principal(room, seat), lang_of(request), who)

    @page("/screen/{room}")
    async def screen(request: Request, room: str) -> None:
        who = doors.looker(request, room)
        shut(request) if who is None or room not in session.game.rooms else Screen(hub, who, lang_of(request), room, address)

    @page("/cards")
    async def cards(request: Request) -> None:
        Cards(hub, lang_of(request))

    @page("/control")
    async def control(request: Request) -> None:
        who = doors.control(request)
        shut(request) if who is None else ControlPage(hub, who, lang_of(request), "A", address)

    @page("/control/{room}")
    async def control_of(request: Request, room: str) -> None:
        who = doors.control(request)
        shut(request) if who is None or room not in session.game.rooms else ControlPage(hub, who, lang_of(request), room, address)


def serve(session: Session, *, host: str, port: int, hosts: tuple[str, ...], address: str, ready: Callable[[], None]) -> None:
    """Serve until stopped.

    Args:
        session: the game.
        host, port: to bind.
        hosts: names under which requests may come.
        address: as other machines reach it.
        ready: called once pages can be asked for.
    """
    app = make_app(session, address)
    for name in ("asyncio", "nicegui", "socketio", "engineio"):
        logging.getLogger(name).addFilter(_Bounded())
    config = uvicorn.Config(
        Guard(app, hosts), host=host, port=port, log_level="warning", access_log=False, server_header=False, ws_max_size=2**20
    )
    server = _Server(config, ready)
    server.run()


class _Bounded(logging.Filter):
    """Lets so many complaints of the framework through: rubbish that a client sends must not fill the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket = Bucket(20.0, 0.1)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        return self.bucket.take(record.name)


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready()


def own_addresses() -> tuple[str, ...]:
    """Addresses of this machine in its networks, the number first."""
    found = [socket.gethostname().lower()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used (RFC 5737)
            found.insert(0, probe.getsockname()[0])
        except OSError:
            pass
    return tuple(found)
