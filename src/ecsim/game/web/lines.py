"""Lines of play: reopen a turn, go on elsewhere, ask what would have been."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from ecsim.economy import Array
from ecsim.game import telling
from ecsim.game.branch import LOCKED
from ecsim.game.charts import ORANGE, Line, chart, legend
from ecsim.game.control import WALL
from ecsim.game.indicators import INDICATORS
from ecsim.game.legal import Refusal
from ecsim.game.web import parts, told
from ecsim.game.web.added import Added, turn_in
from ecsim.game.web.base import Message, line_name
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
        self.found = 0  # times that a what-if was found half done in the tab
        self.begun: Mapping[str, Any] = {}  # and what of it is to be taken up
        self.kept = page.keeps("what-if", self._resume)
        with section(page.say("control_branches"), name="lines"):
            page.part(self._key, self._list)
        with section(page.say("control_whatif")):
            Tag("p", page.say("control_whatif_text"), "quiet")
            page.part(lambda: (page.branch.name, bool(page.branch.played), self.cleared, self.found), self._what_if)
            page.part(lambda: (page.branch.name, page.room.wall.get("id")), self._on_wall)
            self.wall_said = Message(page)

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
                Tag("span", page.say("titled", title=page.say("branch", branch=line_name(line)), text=at))
                if name == b.name:
                    Tag("span", page.say("control_active"), "strong")
                elif b.phase != LOCKED:
                    switch = lambda n=name: page.do(message, page.session.switch, page.who, page.name, n, home="lines")  # noqa: E731
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
        if await page.do(message, page.session.fork, page.who, page.name, turn, title, home="lines") is None:
            self.title = title

    def _what_if(self) -> None:
        """What is chosen stands until it is put aside: a turn that ends renews the list of turns, no more."""
        page = self.page
        if not page.branch.played:
            return
        begun, self.begun = self.begun if self.begun.get("branch") == page.branch.name else {}, {}
        self.values: dict[str, Any] = {"turn": turn_in(begun, len(page.branch.played)), "drop": set()}
        page.part(lambda: page.branch.turn, self._turns)
        self.drops = box("div", "sentences")
        dropped = begun.get("drop")
        self._dropped({str(n) for n in dropped} if isinstance(dropped, list) else set())
        self.added = Added(page, "whatif", lambda: self.values["turn"], self._keep, begun)
        message: Message
        with box("div", "row"):
            button(page.say("control_whatif_go"), lambda: self._work_out(message), name="whatif")
            button(page.say("control_whatif_clear"), self._clear, name="whatif-clear")
        message = Message(page)
        self.result = box("div", "", aria_live="polite", data_test="whatif-result")

    def _turns(self) -> None:
        page = self.page
        turns = {str(t): page.say("aside", text=t, aside=page.session.game.setup.label(t)) for t in range(1, page.branch.turn)}
        parts.select(page.say("control_inject_turn"), turns, str(self.values["turn"]), self._turn, "whatif-turn")

    def _turn(self, turn: str) -> None:
        self.values["turn"] = int(turn)
        self._dropped(set())
        self.page.changed()
        self._keep(self.added.left())

    def _dropped(self, drop: set[str]) -> None:
        """The moves of people in the turn, any of which can be left out."""
        page = self.page
        rules = telling.titles(page.session.game, page.branch, page.lang)
        made = page.branch.played[self.values["turn"] - 1].inputs["moves"]
        options = {str(n): told.row_text(page, m, rules) for n, m in enumerate(made)}  # with a mark where it is not public
        self.values["drop"] = drop & set(options)
        self.drops.clear()
        if options:
            with self.drops:
                label, changed = page.say("control_whatif_drop"), lambda: self._keep(self.added.left())
                parts.checks(label, options, self.values["drop"], page.lang, "whatif-drop", change=changed)

    def _keep(self, left: Mapping[str, Any]) -> None:
        """Have the tab keep what is half done."""
        begun = {"branch": self.page.branch.name, "turn": self.values["turn"], "drop": sorted(self.values["drop"]), **left}
        self.kept.put(begun if left or begun["drop"] or begun["turn"] > 1 else None)

    def _resume(self, kept: Any) -> None:
        """Take up what was left half done; not where something has been chosen since."""
        if isinstance(kept, dict) and self.page.branch.played and not (self.added.left() or self.values["drop"]):
            self.begun = kept
            self.found += 1
            self.page.changed()

    def _clear(self) -> None:
        self.added.put_aside()
        self.cleared += 1
        self.kept.put(None)
        self.page.changed()

    async def _work_out(self, message: Message) -> None:
        page, turn, place = self.page, self.values["turn"], self.result
        message.clear()
        place.clear()
        try:
            if self.added.pending:
                raise Refusal("refused_pending")
            drop = sorted(int(n) for n in self.values["drop"])
            with place:
                Tag("p", page.say("preview_busy", waiting=page.session.desk.waiting), "quiet", data_test="whatif-busy")
            paths: tuple[Array, Array] | None = await asyncio.to_thread(
                page.session.what_if, page.who, page.name, turn, self.added.moves, drop
            )
        except Exception as error:
            message.bad(error)
            paths = None
        if place.is_deleted:
            return  # it was put aside meanwhile
        place.clear()
        if paths is not None:
            with place:
                self._show(turn, *paths)
                self._offer_wall(turn, paths[1])

    def _offer_wall(self, turn: int, otherwise: Array) -> None:
        """What puts the result on the wall, under a title of control's."""
        page, title = self.page, {"text": ""}
        send = lambda: page.do(self.wall_said, page.session.show_what_if, page.who, page.name, turn, otherwise, title["text"])  # noqa: E731
        with box("div", "row"):
            parts.text(page.say("wall_title"), "", lambda x: title.update(text=x), name="wall-title", most=WALL)
            button(page.say("wall_show"), send, name="wall-show")
        Tag("p", page.say("wall_note"), "quiet")

    def _on_wall(self) -> None:
        """What stands on the wall, and what takes it off."""
        page = self.page
        if not told.on_wall(page, page.name):
            return
        with box("div", "row"):
            Tag("span", page.say("wall_is", title=told.wall_title(page, page.name)), data_test="on-wall")
            off = lambda: page.do(self.wall_said, page.session.clear_wall, page.who, page.name)  # noqa: E731
            button(page.say("wall_off"), off, "small", name="wall-off")

    def _show(self, turn: int, played: Array, otherwise: Array) -> None:
        """The turns since, as played and as they would have been."""
        page = self.page
        first = page.session.game.setup.quarter(turn)
        quarters = list(range(first, first + len(played)))
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
