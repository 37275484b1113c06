"""Values that control shows in place of the model's: set, told and taken back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.knowledge import model_value, set_values
from ecsim.game.web import parts
from ecsim.game.web.base import Message
from ecsim.game.web.parts import Tag, box, button

if TYPE_CHECKING:
    from ecsim.game.web.control import ControlPage


class Values:
    """The list of values that are shown, and the form for another.

    Args:
        page: of control.
    """

    def __init__(self, page: ControlPage) -> None:
        self.page = page
        self.set = 0  # values set here: the form is empty again after each
        page.part(self._key, self._list)
        page.part(lambda: (page.branch.name, bool(page.branch.played), self.set), self._form)
        self.message = Message(page)

    def _key(self) -> Hashable:
        b = self.page.branch
        return b.name, b.turn, tuple(set_values(b).items())

    def _list(self) -> None:
        """The values that are shown in place of the model's, each to be taken back."""
        page, b = self.page, self.page.branch
        for (turn, indicator), value in set_values(b).items():
            i = BY_ID[indicator]
            model, shown = (i.number(v, page.lang) for v in (model_value(b, turn, INDICATORS.index(i)), value))
            with box("div", "row", data_test="override-shown"):
                Tag("span", page.say("control_override_shown", turn=turn, name=i.titled(page.lang), shown=shown, model=model))
                back = lambda t=turn, n=indicator: page.do(self.message, page.session.restore, page.who, page.name, t, n)  # noqa: E731
                button(page.say("control_override_back"), back, "small", name="override-back")

    def _form(self) -> None:
        """What is written stands until it is set: a turn that ends renews the list of turns, no more."""
        page = self.page
        if not page.branch.played:
            return
        self.values: dict[str, Any] = {"turn": 0, "indicator": INDICATORS[0].id, "value": None, "why": ""}
        with box("details", open=self.set > 0):
            Tag("summary", page.say("control_override"), data_test="override-open")
            Tag("p", page.say("control_override_note"), "quiet")
            with box("div", "row"):
                page.part(lambda: page.branch.turn, self._turns)
                names = {i.id: i.titled(page.lang) for i in INDICATORS}
                parts.select(
                    page.say("indicator"), names, INDICATORS[0].id, lambda x: self.values.update(indicator=x), "override-indicator"
                )
                parts.text(page.say("value"), "", self._typed, name="override-value", kind="number", step="any")
                parts.text(page.say("control_override_why"), "", lambda x: self.values.update(why=x), name="override-why")
            button(page.say("control_override_go"), self._send, name="override")

    def _turns(self) -> None:
        """Turns that are over. The last is meant, until something is written of a value: that stays with its turn."""
        page, v = self.page, self.values
        begun = v["value"] is not None or v["why"]
        v["turn"] = v["turn"] if begun and v["turn"] else len(page.branch.played)
        turns = {str(t): page.say("aside", text=t, aside=page.session.game.setup.label(t)) for t in range(1, page.branch.turn)}
        parts.select(page.say("control_inject_turn"), turns, str(v["turn"]), lambda x: v.update(turn=int(x)), "override-turn")

    def _typed(self, text: str) -> None:
        self.values["value"] = parts.number_in(text)

    async def _send(self) -> None:
        page, v = self.page, self.values
        value = None if v["value"] is None else BY_ID[v["indicator"]].shown(page.lang).kept(v["value"])
        said = (v["turn"], v["indicator"], value, v["why"])
        if await page.do(self.message, page.session.override, page.who, page.name, *said) is not None:
            self.set += 1
            page.changed()
