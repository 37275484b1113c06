"""The page for the wall, and for observers: what is published, who has handed in, how to join."""

from __future__ import annotations

from collections.abc import Hashable

from nicegui import ui

from ecsim.game.branch import OVER
from ecsim.game.knowledge import series_for
from ecsim.game.passes import Principal
from ecsim.game.seats import OBSERVER
from ecsim.game.web import told
from ecsim.game.web.base import Shown, first_charts
from ecsim.game.web.hub import Hub
from ecsim.game.web.parts import Tag, box, section
from ecsim.game.web.qr import qr


class Screen(Shown):
    """What everybody may see.

    Args:
        hub: tells it what has changed.
        who: who looks; shown is what an observer may see.
        lang: language.
        room: which room.
        address: of this server, as other machines reach it.
    """

    def __init__(self, hub: Hub, who: Principal, lang: str, room: str, address: str) -> None:
        super().__init__(hub, lang, f"/screen/{room}", who)
        self.name, self.address = room, address
        self.who = Principal(room, OBSERVER)
        ui.query("body").classes("screen")
        self.top(
            f"{self.session.game.setup.title or self.say('title')} · {self.say('room', room=self.session.room(room).title)}", room=room
        )
        with box("div", "page wall", id="main", tabindex="-1"):
            self.part(self._result_key, self._indicators, classes="wall-charts")
            self.part(lambda: (self._result_key(), told.line_key(self, self.name)), self._news, classes="wall-news")
            with box("div", "wall-foot"):
                self.part(self._in_key, self._in, classes="wall-seats")
                if who.is_control:
                    self._join()

    def tick(self) -> None:
        """The clock."""
        self.show_clock(self.name)

    def _result_key(self) -> Hashable:
        b = self.session.branch(self.name)
        return b.name, b.turn, b.phase == OVER, sum(len(p.overrides) for p in b.played)

    def _in_key(self) -> Hashable:
        return told.in_key(self, self.name)

    def _indicators(self) -> None:
        by_id = {s.indicator.id: s for s in series_for(self.session.game, self.session.branch(self.name), None)}
        with section(self.say("indicators")), box("div", "charts"):
            for name in first_charts(None):
                self.figure(by_id[name])

    def _news(self) -> None:
        b = self.session.branch(self.name)
        every = series_for(self.session.game, b, None)
        with section(self.say("briefing")):
            told.line_notice(self, self.name)
            if not b.played:
                Tag("p", self.say("news_before"), "quiet")
            for played in b.played[-1:]:
                Tag("h3", self.say("news", turn=played.turn))
                told.headlines(self, b, played, self.who, every)

    def _in(self) -> None:
        with section(self.say("screen_seats")):
            told.who_is_in(self, self.session.branch(self.name), self.name)

    def _join(self) -> None:
        with section(self.say("join_title")), box("div", "join"):
            with box("div", "words"):
                Tag("p", self.say("screen_join", address=self.address))
                Tag("p", self.session.game.join_code, "code")
            ui.html(qr(self.address), sanitize=False).classes("qr")
