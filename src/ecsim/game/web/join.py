"""The first page: take a seat with the join code, look on, or play alone."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any
from urllib.parse import quote

from nicegui import ui

from ecsim.game.legal import Refusal
from ecsim.game.passes import Principal
from ecsim.game.seats import OBSERVER, seat_named
from ecsim.game.session import Session
from ecsim.game.web import parts
from ecsim.game.web.base import Message, Shown
from ecsim.game.web.doors import home_of
from ecsim.game.web.hub import Hub
from ecsim.game.web.parts import Tag as _Tag
from ecsim.game.web.parts import box, button, link, section
from ecsim.game.words import say
from ecsim.tools import display_names

GUESSED = ("refused_code", "refused_many")  # refusals of who may be guessing at the code


def ways_back(session: Session, held: Sequence[Principal], lang: str) -> list[tuple[str, str]]:
    """Addresses of the places that a browser holds, and what to call them."""
    return [(home_of(who), say(lang, "back_to", place=_place(session, who, lang))) for who in held]


def _place(session: Session, who: Principal, lang: str) -> str:
    if who.is_control:
        return say(lang, "control")
    place = say(lang, "control_screen") if who.is_observer else seat_named(session.game.setup.table, who.seat).name(lang)
    return say(lang, "aside", text=place, aside=say(lang, "room", room=session.room(who.room).title))


class JoinPage(Shown):
    """Where teams come in.

    Args:
        hub: tells it what has changed.
        lang: language.
        client: address of the visitor, whose tries are counted.
        code: join code of the address, where it had one.
        ways: to the places that the browser holds already.
    """

    def __init__(self, hub: Hub, lang: str, client: str, code: str = "", ways: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(hub, lang, f"/?code={quote(code)}" if code else "/")
        self.client_address = client
        self.values: dict[str, Any] = {"code": code, "name": "", "room": "A", "seat": "", "solo": hub.session.game.setup.table[0].id}
        self.top(hub.session.game.setup.title or self.say("title"))
        with box("div", "page narrow", id="main", tabindex="-1"):
            if ways:
                with section(self.say("back_title")):
                    for to, name in ways:
                        with box("p", "tight"):
                            link(name, to)
            with section(self.say("join_title")):
                parts.text(
                    self.say("join_code"),
                    code,
                    lambda v: self.values.update(code=v),
                    name="code",
                    most=12,
                    autocomplete="off",
                    autocapitalize="characters",
                )
                _Tag("p", self.say("join_code_hint"), "quiet")
                parts.text(self.say("join_name"), "", lambda v: self.values.update(name=v), name="name", most=60, autocomplete="off")
                self.part(self._free_key, self._free)
                button(self.say("join_go"), self.join, "main", name="join")
                self.message = Message(self)
            with section(self.say("solo_title")):
                _Tag("p", self.say("solo_text"))
                seats = {s.id: s.name(lang) for s in hub.session.game.setup.table}
                parts.select(self.say("join_seat"), seats, self.values["solo"], lambda v: self.values.update(solo=v), "solo-seat")
                button(self.say("solo_go"), self.solo, name="solo")
                self.solo_message = Message(self)

    def _free_key(self) -> Hashable:
        game = self.session.game
        return tuple((r.name, tuple(s.id for s in game.setup.table if game.taken(r.name, s.id))) for r in game.rooms.values())

    def _free(self) -> None:
        game, names = self.session.game, display_names(self.lang)
        options: dict[str, str] = {}
        for room in game.rooms.values():
            if room.solo:
                continue
            several = sum(not r.solo for r in game.rooms.values()) > 1
            where = (lambda words, room=room: self.say("titled", title=self.say("room", room=room.title), text=words)) if several else str
            for seat in game.setup.table:
                if not game.taken(room.name, seat.id):
                    states = self.say("comma").join(names.get(s, s) for s in seat.states)
                    options[f"{room.name}/{seat.id}"] = where(self.say("join_free", seat=seat.name(self.lang), states=states))
            options[f"{room.name}/{OBSERVER}"] = where(self.say("join_observer"))
        if self.values["seat"] not in options:
            self.values["seat"] = next(iter(options))
        parts.select(self.say("join_seat"), options, self.values["seat"], lambda v: self.values.update(seat=v), "seat")

    async def join(self) -> None:
        """Take the seat."""
        room, _, seat = str(self.values["seat"]).partition("/")
        await self._enter(self.message, self.session.join, self.values["code"], room, seat, self.values["name"])

    async def solo(self) -> None:
        """Play alone."""
        await self._enter(self.solo_message, self.session.play_alone, self.values["code"], self.values["solo"], self.values["name"])

    async def _enter(self, message: Message, way: Any, *args: Any) -> None:
        wrong = self.hub.wrong
        try:
            if not wrong.take(self.client_address):
                raise Refusal("refused_many")
            secret = await asyncio.to_thread(way, *args)
        except Exception as error:
            if not (isinstance(error, Refusal) and error.key in GUESSED):
                wrong.give_back(self.client_address)
            message.bad(error)
            return
        wrong.give_back(self.client_address)  # a whole class comes in from one address
        ui.navigate.to(f"/enter/{secret}")
