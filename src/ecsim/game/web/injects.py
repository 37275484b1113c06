"""Events that control prepares: a text, a move, the turn in which they come."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from ecsim.game import telling
from ecsim.game.branch import OVER
from ecsim.game.legal import Refusal
from ecsim.game.web import parts
from ecsim.game.web.added import Added, turn_in
from ecsim.game.web.base import Message
from ecsim.game.web.parts import Tag, box, button, section

if TYPE_CHECKING:
    from ecsim.game.web.control import ControlPage


class Injects:
    """The queue of events, and the form for a new one.

    Args:
        page: of control.
    """

    def __init__(self, page: ControlPage) -> None:
        self.page = page
        self.queued = 0  # events queued here: the form is empty again after each
        self.found = 0  # times that something was found half done in the tab
        self.begun: Mapping[str, Any] = {}  # and what of it is to be taken up
        self.kept = page.keeps("inject", self._resume)
        self.card = section(page.say("control_injects"), name="events")
        with self.card:
            page.part(self._key, self._list)
            page.part(lambda: (page.branch.phase == OVER, self.queued, self.found), self._form)
            self.message = Message(page)

    def _key(self) -> Hashable:
        b = self.page.branch
        return b.name, b.turn, b.phase, tuple((i.id, i.struck) for i in b.injects.values())

    def _turn_key(self) -> Hashable:
        b = self.page.branch
        return b.name, b.turn

    def _list(self) -> None:
        page, b = self.page, self.page.branch
        rules = telling.titles(page.session.game, b, page.lang)
        with box("ul", "moves"):
            for inject in b.injects.values():
                if inject.turn < b.turn:
                    continue
                turn = page.say("turn", turn=inject.turn, turns=page.session.game.setup.turns)
                text = page.say("titled", title=turn, text=inject.text.get(page.lang, ""))
                with box("li", data_test="inject"):
                    with box("div"):
                        Tag("div", text)
                        for move in inject.moves:
                            Tag("div", telling.move_text(page.session.game, move, page.lang, rules), "quiet")
                        if inject.struck:
                            Tag("div", page.say("control_struck"), "strong")
                    page.strike(lambda: self.message, text, struck=inject.struck, name="strike-inject", home="events", inject=inject.id)

    def _form(self) -> None:
        """What is written stands until it is queued: a turn that changes renews the lists around it, no more."""
        page = self.page
        self.card.set_visibility(page.branch.phase != OVER)
        if page.branch.phase == OVER:
            return
        begun, self.begun = self.begun, {}
        self.values: dict[str, Any] = {"turn": turn_in(begun, page.session.game.setup.turns), "en": "", "zh": ""}
        with box("details", open=self.queued > 0 or bool(begun)):
            Tag("summary", page.say("control_inject_new"), data_test="inject-new")
            page.part(self._turn_key, self._turns)
            parts.text(page.say("control_inject_en"), "", lambda x: self.values.update(en=x), name="inject-en", lines=2, keep="")
            parts.text(page.say("control_inject_zh"), "", lambda x: self.values.update(zh=x), name="inject-zh", lines=2, keep="")
            self.added = Added(page, "inject", lambda: self.values["turn"], self._keep, begun)
            with box("div", "row"):
                button(page.say("control_inject_go"), self._send, name="inject")

    def _turns(self) -> None:
        """The turns that are still to come; the one chosen stays so unless it is over."""
        b, setup, page = self.page.branch, self.page.session.game.setup, self.page
        self.values["turn"] = max(self.values["turn"], b.turn)
        turns = {str(t): page.say("aside", text=t, aside=setup.label(t)) for t in range(b.turn, setup.turns + 1)}
        chosen = str(self.values["turn"])
        parts.select(page.say("control_inject_turn"), turns, chosen, self._due, "inject-turn")

    def _due(self, turn: str) -> None:
        self.values["turn"] = int(turn)
        self.page.changed()
        self._keep(self.added.left())

    def _keep(self, left: Mapping[str, Any]) -> None:
        """Have the tab keep what is half done; texts it keeps by themselves."""
        self.kept.put({"turn": self.values["turn"], **left} if left or self.values["turn"] != self.page.branch.turn else None)

    def _resume(self, kept: Any) -> None:
        """Take up what was left half done; not where something has been chosen since."""
        if isinstance(kept, dict) and self.page.branch.phase != OVER and not self.added.left():
            self.begun = kept
            self.found += 1
            self.page.changed()

    async def _send(self) -> None:
        page, v = self.page, self.values
        if self.added.pending:
            self.message.bad(Refusal("refused_pending"))
            return
        said = (v["turn"], v["en"], v["zh"], self.added.moves)
        if await page.do(self.message, page.session.inject, page.who, page.name, *said) is not None:
            self.queued += 1
            self.kept.put(None)
            page.saved("inject-en")
            page.saved("inject-zh")
            page.changed()
