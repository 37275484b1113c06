"""Lines of play: reopen a turn, go on elsewhere, ask what would have been."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from ecsim.game import telling
from ecsim.game.branch import LOCKED
from ecsim.game.charts import ORANGE, Line, chart, legend
from ecsim.game.indicators import INDICATORS
from ecsim.game.legal import Refusal
from ecsim.game.web import parts
from ecsim.game.web.base import Message
from ecsim.game.web.form import ActForm
from ecsim.game.web.injects import act_form
from ecsim.game.web.parts import Tag, box, button, link, picture, section, table
from ecsim.moves import quarter_label

if TYPE_CHECKING:
    from ecsim.game.web.control import ControlPage

SHOWN = ("gap_foundry", "gap_lithography", "revenue_usa", "revenue_chn", "cohesion", "power_ratio")


class Lines:
    """Branches and what-ifs.

    Args:
        page: of control.
    """

    def __init__(self, page: ControlPage) -> None:
        self.page = page
        self.cleared = 0  # what-ifs put aside here
        self.title = ""  # of a new line: what is written stands when the list is drawn anew
        with section(page.say("control_branches")):
            page.part(self._key, self._list)
        with section(page.say("control_whatif")):
            Tag("p", page.say("control_whatif_text"), "quiet")
            page.part(lambda: (page.branch.name, bool(page.branch.played), self.cleared), self._what_if)

    def _key(self) -> Hashable:
        b = self.page.branch
        return b.name, b.turn, b.phase, tuple(self.page.session.game.branches)

    def _list(self) -> None:
        page, b, game = self.page, self.page.branch, self.page.session.game
        message: Message
        for name, line in game.branches.items():
            if name.split(".")[0] != page.name:
                continue
            with box("div", "row"):
                at = page.say("turn", turn=min(line.turn, game.setup.turns), turns=game.setup.turns)
                Tag("span", page.say("titled", title=page.say("branch", branch=f"{name} {line.title}".strip()), text=at))
                if name == b.name:
                    Tag("span", page.say("control_active"), "strong")
                elif b.phase != LOCKED:
                    switch = lambda n=name: page.do(message, page.session.switch, page.who, page.name, n)  # noqa: E731
                    button(page.say("control_switch"), switch, "small", name=f"switch-{name}")
                if line.played:
                    link(page.say("control_report"), f"/report/{page.name}?line={name}&lang={page.lang}")
        message = Message(page)
        if b.phase == LOCKED or not b.played:
            return
        v = {"turn": b.turn - 1}
        with box("details", open=bool(self.title)):
            Tag("summary", page.say("control_fork"), data_test="fork-open")
            turns = {str(t): page.say("aside", text=t, aside=game.setup.label(t)) for t in range(1, b.turn)}
            with box("div", "row"):
                parts.select(page.say("control_fork_turn"), turns, str(b.turn - 1), lambda x: v.update(turn=int(x)), "fork-turn")
                parts.text(page.say("control_fork_title"), self.title, self._titled, name="fork-title", most=60)
                button(page.say("control_fork_go"), lambda: self._fork(message, v["turn"]), name="fork")

    def _titled(self, title: str) -> None:
        self.title = title

    async def _fork(self, message: Message, turn: int) -> None:
        page, title, self.title = self.page, self.title, ""
        if await page.do(message, page.session.fork, page.who, page.name, turn, title) is None:
            self.title = title

    def _what_if(self) -> None:
        """What is chosen stands until it is put aside: a turn that ends renews the list of turns, no more."""
        page, setup = self.page, self.page.session.game.setup
        if not page.branch.played:
            return
        self.moves: list[dict[str, Any]] = []
        self.form: ActForm | None = None
        v: dict[str, Any] = {"turn": 1, "drop": set()}
        page.part(lambda: page.branch.turn, lambda: self._turns(v))
        self.drops = box("div", "")
        self._turn(v, 1)
        seats = {"": page.say("control_inject_none")} | {s.id: s.name(page.lang) for s in setup.table}
        parts.select(page.say("control_inject_seat"), seats, "", self._seat, "whatif-seat")
        self.place = box("div", "")
        self.listed = box("ul", "")
        message: Message
        with box("div", "row"):
            button(page.say("control_whatif_go"), lambda: self._work_out(message, v), name="whatif")
            button(page.say("control_whatif_clear"), self._clear, name="whatif-clear")
        message = Message(page)
        self.result = box("div", "", aria_live="polite", data_test="whatif-result")

    def _turns(self, v: dict[str, Any]) -> None:
        page = self.page
        turns = {str(t): page.say("aside", text=t, aside=page.session.game.setup.label(t)) for t in range(1, page.branch.turn)}
        parts.select(page.say("control_inject_turn"), turns, str(v["turn"]), lambda x: self._turn(v, int(x)), "whatif-turn")

    def _turn(self, v: dict[str, Any], turn: int) -> None:
        """The moves of people in a turn, any of which can be left out."""
        page = self.page
        v |= {"turn": turn, "drop": set()}
        rules = telling.titles(page.session.game, page.branch, page.lang)
        made = page.branch.played[turn - 1].inputs["moves"]
        options = {str(n): telling.move_text(page.session.game, m["move"], page.lang, rules) for n, m in enumerate(made)}
        self.drops.clear()
        if options:
            with self.drops:
                parts.checks(page.say("control_whatif_drop"), options, v["drop"], page.lang, "whatif-drop")

    def _clear(self) -> None:
        self.cleared += 1
        self.page.changed()

    def _seat(self, seat_id: str) -> None:
        page = self.page
        self.form = None
        self.place.clear()
        seat = next((s for s in page.session.game.setup.table if s.id == seat_id), None)
        if seat is not None:
            with self.place:
                self.form = act_form(page, seat, self._add, page.session.game.setup.first)

    def _add(self, row: dict[str, Any]) -> None:
        if "move" in row:
            page = self.page
            self.moves.append(row["move"])
            rules = telling.titles(page.session.game, page.branch, page.lang)
            with self.listed:
                Tag("li", telling.move_text(page.session.game, row["move"], page.lang, rules))
        if self.form is not None:
            self.form.reset()

    async def _work_out(self, message: Message, v: dict[str, Any]) -> None:
        page, turn = self.page, v["turn"]
        try:
            if self.form is not None and self.form.act is not None:
                raise Refusal("refused_pending")
            drop = sorted(int(n) for n in v["drop"])
            played, otherwise = await asyncio.to_thread(page.session.what_if, page.who, page.name, turn, self.moves, drop)
        except Exception as error:
            message.bad(error)
            return
        message.clear()
        if self.result.is_deleted:
            return
        first = page.session.game.setup.quarter(turn)
        quarters = list(range(first, first + len(played)))
        self.result.clear()
        with self.result:
            with box("div", "charts"):
                for column, i in enumerate(INDICATORS):
                    if i.id not in SHOWN:
                        continue
                    lines = [
                        Line(page.say("control_whatif_played"), quarters, played[:, column].tolist(), colour="#767676", dash="5 4"),
                        Line(page.say("control_whatif_else"), quarters, otherwise[:, column].tolist(), colour=ORANGE),
                    ]
                    with box("figure", "figure"):
                        Tag("figcaption", i.name(page.lang))
                        picture(chart(i.name(page.lang), i.shown(page.lang), lines))
                        picture(legend(lines))
            head = [page.say("indicator"), page.say("control_whatif_played"), page.say("control_whatif_else"), page.say("unit")]
            rows = [
                [i.name(page.lang), *(i.number(float(x[-1, n]), page.lang) for x in (played, otherwise)), i.unit(page.lang)]
                for n, i in enumerate(INDICATORS)
            ]
            table(page.say("titled", title=page.say("control_whatif"), text=quarter_label(quarters[-1])), head, rows)
