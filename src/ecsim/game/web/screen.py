"""The page for the wall, and for observers: what is published, who has handed in, how to join."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from nicegui import ui

from ecsim.game.branch import OVER
from ecsim.game.charts import ORANGE, Line, chart, legend
from ecsim.game.indicators import INDICATORS
from ecsim.game.knowledge import Series, series_for
from ecsim.game.passes import Principal
from ecsim.game.seats import OBSERVER
from ecsim.game.web import told
from ecsim.game.web.base import Shown, first_charts
from ecsim.game.web.hub import Hub
from ecsim.game.web.parts import Tag, box, picture, section
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
            self.part(lambda: (self._result_key(), told.on_wall(self, self.name).get("id")), self._indicators, classes="wall-charts")
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
        wall = told.on_wall(self, self.name)
        with section(told.wall_title(self, self.name) if wall else self.say("indicators")), box("div", "charts"):
            for name in first_charts(None):
                self._otherwise(by_id[name], wall) if wall else self.figure(by_id[name])

    def _otherwise(self, series: Series, wall: Mapping[str, Any]) -> None:
        """An indicator as it is published, and as far as that goes as it would have been otherwise."""
        i, first = series.indicator, self.session.game.setup.quarter(wall["turn"])
        known = {q: v for q, v in zip(series.quarters, series.values, strict=True) if v is not None and q >= first}
        instead = [row[INDICATORS.index(i)] for row in wall["otherwise"]]
        quarters = [first + n for n in range(len(instead)) if first + n in known]
        lines = [
            Line(self.say("control_whatif_played"), quarters, [known[q] for q in quarters], colour="#767676", dash="5 4"),
            Line(self.say("control_whatif_else"), quarters, [instead[q - first] for q in quarters], colour=ORANGE),
        ]
        with box("figure", "figure", data_test="wall-whatif"):
            Tag("figcaption", self.say("aside", text=i.name(self.lang), aside=i.unit(self.lang)))
            if len(quarters) > 1:
                picture(chart(i.name(self.lang), i.shown(self.lang), lines))
                picture(legend(lines))
            else:
                Tag("p", self.say("wall_late"), "quiet")

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
