"""Role cards to print and lay on the tables: who a seat is, what it wants, what it may use."""

from __future__ import annotations

from ecsim.game.seats import tools_of
from ecsim.game.telling import budget_text
from ecsim.game.web.base import Shown
from ecsim.game.web.hub import Hub
from ecsim.game.web.parts import Tag, box, section
from ecsim.game.words import names_in


class Cards(Shown):
    """One card for each seat of the table.

    Args:
        hub: tells it what has changed.
        lang: language.
    """

    def __init__(self, hub: Hub, lang: str) -> None:
        super().__init__(hub, lang, "/cards")
        names = names_in(lang)
        self.top(self.say("cards"))
        with box("div", "page", id="main", tabindex="-1", style="max-width: 60rem"):
            for seat in hub.session.game.setup.table:
                with section(seat.name(lang)):
                    Tag("p", self.say("comma").join(names.get(s, s) for s in seat.states), "strong")
                    Tag("p", self.say(f"card_{seat.role}"))
                    Tag("h3", self.say("budget"))
                    Tag("p", budget_text(seat, lang))
                    Tag("h3", self.say("cards_tools"))
                    Tag("p", self.say("comma").join(names[t.id] for t in tools_of(seat) if t.cls != "record"), "quiet")
