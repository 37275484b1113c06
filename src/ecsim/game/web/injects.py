"""Events that control prepares: a text, a move, the turn in which they come."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from ecsim.game import telling
from ecsim.game.acts import acts_of
from ecsim.game.branch import OVER
from ecsim.game.legal import Refusal
from ecsim.game.seats import Seat
from ecsim.game.web import parts
from ecsim.game.web.base import Message
from ecsim.game.web.form import ActForm
from ecsim.game.web.parts import Tag, box, button, section

if TYPE_CHECKING:
    from ecsim.game.web.control import ControlPage


def act_form(page: ControlPage, seat: Seat, add: Any, quarter: int) -> ActForm:
    """The form of a seat's acts, for control: it may use every seat's."""
    game = page.session.game
    book = page.session.book(page.branch)
    return ActForm(
        acts_of(seat, book, {}, page.lang),
        seat,
        page.lang,
        add,
        companies=game.opening["companies"],
        plants=game.opening.get("plants", {}),
        seats={s.id: s.name(page.lang) for s in game.setup.table},
        quarter=quarter,
        principal=game.opening["book"]["principals"][0],
        done=page.say("add"),
    )


class Injects:
    """The queue of events, and the form for a new one.

    Args:
        page: of control.
    """

    def __init__(self, page: ControlPage) -> None:
        self.page = page
        self.form: ActForm | None = None
        self.queued = 0  # events queued here: the form is empty again after each
        with section(page.say("control_injects")):
            page.part(self._key, self._list)
            page.part(lambda: (page.branch.phase == OVER, self.queued), self._form)
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
        message: Message
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
                    page.strike(lambda: message, text, struck=inject.struck, name="strike-inject", inject=inject.id)
        message = Message(page)

    def _form(self) -> None:
        """What is written stands until it is queued: a turn that changes renews the lists around it, no more."""
        page = self.page
        if page.branch.phase == OVER:
            return
        self.moves: list[dict[str, Any]] = []
        self.values: dict[str, Any] = {"turn": page.branch.turn, "en": "", "zh": "", "seat": ""}
        with box("details", open=self.queued > 0):
            Tag("summary", page.say("control_inject_new"), data_test="inject-new")
            page.part(self._turn_key, self._turns)
            parts.text(page.say("control_inject_en"), "", lambda x: self.values.update(en=x), name="inject-en", lines=2, keep="")
            parts.text(page.say("control_inject_zh"), "", lambda x: self.values.update(zh=x), name="inject-zh", lines=2, keep="")
            seats = {"": page.say("control_inject_none")} | {s.id: s.name(page.lang) for s in page.session.game.setup.table}
            parts.select(page.say("control_inject_seat"), seats, "", self._seat, "inject-seat")
            page.part(lambda: (self._turn_key(), self.values["seat"]), self._acts)
            self.listed = box("ul", "")
            with box("div", "row"):
                button(page.say("control_inject_go"), self._send, name="inject")

    def _turns(self) -> None:
        """The turns that are still to come; the one chosen stays so unless it is over."""
        b, setup, page = self.page.branch, self.page.session.game.setup, self.page
        self.values["turn"] = max(self.values["turn"], b.turn)
        turns = {str(t): page.say("aside", text=t, aside=setup.label(t)) for t in range(b.turn, setup.turns + 1)}
        chosen = str(self.values["turn"])
        parts.select(page.say("control_inject_turn"), turns, chosen, lambda x: self.values.update(turn=int(x)), "inject-turn")

    async def _send(self) -> None:
        page, v = self.page, self.values
        if self.form is not None and self.form.act is not None:
            self.message.bad(Refusal("refused_pending"))
            return
        if await page.do(self.message, page.session.inject, page.who, page.name, v["turn"], v["en"], v["zh"], self.moves) is not None:
            self.queued += 1
            page.saved("inject-en")
            page.saved("inject-zh")
            page.changed()

    def _seat(self, seat_id: str) -> None:
        self.values["seat"] = seat_id
        self.page.changed()

    def _acts(self) -> None:
        """What the chosen seat can do."""
        page = self.page
        self.form = None
        seat = next((s for s in page.session.game.setup.table if s.id == self.values["seat"]), None)
        if seat is not None:
            self.form = act_form(page, seat, self._add, page.session.game.setup.quarter(page.branch.turn))

    def _add(self, row: dict[str, Any]) -> None:
        if "move" in row:
            page = self.page
            self.moves.append(row["move"])
            rules = telling.titles(page.session.game, page.branch, page.lang)
            with self.listed:
                Tag("li", telling.move_text(page.session.game, row["move"], page.lang, rules))
        if self.form is not None:
            self.form.reset()
