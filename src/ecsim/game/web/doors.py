"""Who a request comes from, and in which language it is answered."""

from __future__ import annotations

from fastapi import Request

from ecsim.game.passes import Principal
from ecsim.game.seats import CONTROL, OBSERVER
from ecsim.game.session import Session
from ecsim.game.words import LANGUAGES

SEAT = "ecsim_"  # with which names of cookies of seats begin
CHOSEN = "ecsim_lang"  # cookie of the language that was chosen on a page


class Doors:
    """Who a request comes from: a cookie for each seat, so that one browser can hold several."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @staticmethod
    def cookie(room: str, seat: str) -> str:
        """Name of the cookie of a seat."""
        return f"{SEAT}{room}_{seat}" if seat != CONTROL else f"{SEAT}{CONTROL}"

    def who(self, request: Request, room: str, seat: str) -> Principal | None:
        """The principal, where the request has the right to the seat; None otherwise."""
        secret = request.cookies.get(self.cookie(room, seat), "")
        found = self.session.principal(secret) if secret else None
        wanted = Principal("", CONTROL) if seat == CONTROL else Principal(room, seat)
        return found if found == wanted else None

    def control(self, request: Request) -> Principal | None:
        """Control, where it is."""
        return self.who(request, "", CONTROL)

    def looker(self, request: Request, room: str) -> Principal | None:
        """Anybody who may see what is published in a room."""
        seats = [CONTROL, OBSERVER, *(s.id for s in self.session.game.setup.table)]
        return next((p for p in (self.who(request, room, s) for s in seats) if p is not None), None)

    def held(self, request: Request) -> list[Principal]:
        """All places that the browser may go back to."""
        found = [self.session.principal(secret) for name, secret in request.cookies.items() if name.startswith(SEAT) and name != CHOSEN]
        return [who for who in found if who is not None and (who.is_control or who.room in self.session.game.rooms)]


def home_of(who: Principal) -> str:
    """Address of the page of somebody."""
    return "/control" if who.is_control else f"/screen/{who.room}" if who.is_observer else f"/play/{who.room}/{who.seat}"


def lang_of(request: Request) -> str:
    """Language of the browser: what was chosen on a page, else what it asks for."""
    chosen = request.cookies.get(CHOSEN, "")
    if chosen in LANGUAGES:
        return chosen
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
