"""The page of a team: briefing, indicators, its move with preview, offers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any

from nicegui import background_tasks

from ecsim.game import telling
from ecsim.game.acts import acts_of
from ecsim.game.bots import MODEL
from ecsim.game.branch import LOCKED, OVER, Branch, bound, promised
from ecsim.game.costs import Purse, total
from ecsim.game.indicators import INDICATORS
from ecsim.game.knowledge import Series, book_for, series_for
from ecsim.game.legal import Refusal, governments, kept_text
from ecsim.game.passes import Principal
from ecsim.game.seats import seat_named
from ecsim.game.strikes import counting, struck_among, struck_of, with_promises
from ecsim.game.web import parts, told
from ecsim.game.web.base import Message, Shown, first_charts
from ecsim.game.web.form import ActForm
from ecsim.game.web.hub import Hub
from ecsim.game.web.kept import Kept
from ecsim.game.web.offers import Offers
from ecsim.game.web.parts import Tag, box, button, section
from ecsim.game.web.preview import Preview

PAUSE = 0.7  # seconds without typing after which what was typed is saved


class SeatPage(Shown):
    """What a team sees and does.

    Args:
        hub: tells it what has changed.
        who: seat and room.
        lang: language.
        by: who really sits there: control, where a team has no device; commands are logged as its doing.
    """

    def __init__(self, hub: Hub, who: Principal, lang: str, by: Principal | None = None) -> None:
        super().__init__(hub, lang, f"/{'play' if by is None else 'act'}/{who.room}/{who.seat}", by or who)
        self.who, self.by = who, by or who
        self.at = {"room": who.room, "seat": who.seat}
        self.added = 0  # rows put into the draft here: the form is empty again after each
        self.taken: Counter[str] = Counter()  # what was taken over from another window: its field is drawn again after each
        self._saving: asyncio.TimerHandle | None = None
        self._one_save = asyncio.Lock()
        self.form: ActForm | None = None
        self.terms: tuple[Any, Any] = "", {}  # act that is chosen and not added yet, with its terms
        self.kept = Kept(self._client, self.path, self._resume)
        self.seat = seat_named(self.session.game.setup.table, who.seat)
        self._load()
        self.top(
            f"{self.seat.name(lang)} · {self.say('room', room=self.session.room(who.room).title)}",
            room=who.room,
            jump=(self.say("your_move"), "#move"),
        )
        with box("div", "page two", id="main", tabindex="-1"):
            with box("div", "column"):
                self.part(self._result_key, self._briefing)
                self.part(self._result_key, self._indicators)
                self.part(self._result_key, self._rules)
            with box("div", "column"):
                self._move()
                self.offers = Offers(self)
                self.part(self._in_key, self._in)

    # what it stands on

    @property
    def branch(self) -> Branch:
        """The line of play that is on."""
        return self.session.branch(self.who.room)

    def series(self) -> list[Series]:
        """Indicators as this seat sees them."""
        return series_for(self.session.game, self.branch, self.seat)

    def _load(self) -> None:
        """Take up the draft where it was left."""
        saved = self.branch.drafts.get(self.who.seat, {})
        self.rows: list[dict[str, Any]] = [dict(r) for r in saved.get("rows", ())]
        self.intent, self.aim = self.known = self.sent = self._saved_words()
        self.place = (self.branch.name, self.branch.turn)
        self.held = self.session.room(self.who.room).holders[self.seat.id]

    def changed(self) -> None:
        """A new turn begins with what was not handed in, or nothing; another window's changes are taken over."""
        b = self.branch
        held, self.held = self.held, self.session.room(self.who.room).holders[self.seat.id]
        if held != self.held:  # what was said was said to whoever played it before
            self.said.clear()
        if (b.name, b.turn) != self.place:
            self.said.clear()
            self._not_later()
            self._load()
        else:
            self.rows = [dict(r) for r in b.drafts.get(self.who.seat, {}).get("rows", ())]
            self._take_words()
        super().changed()

    # intent and aim: two fields that any window of the seat may change

    @property
    def words(self) -> tuple[str, str]:
        """Intent and aim as they stand in this window, and would be saved."""
        return kept_text(self.intent), self.aim

    def _saved_words(self) -> tuple[str, str]:
        saved = self.branch.drafts.get(self.who.seat, {})
        return saved.get("intent", ""), saved.get("aim", "")

    def _take_words(self) -> None:
        """Take over what another window saved, and say so; but what was typed here since stays, and is saved in its turn."""
        saved = self._saved_words()
        if saved not in (self.known, self.sent):
            for name, mine, known, other in zip(("intent", "aim"), self.words, self.known, saved, strict=True):
                if mine == known != other:
                    setattr(self, name, other)
                    self.taken[name] += 1
                    self.said.good(self.say("words_taken"))
        if saved != self.known:
            self.known = self.sent = saved

    def _typed(self, intent: str) -> None:
        """Save the intent when typing pauses."""
        self.intent = intent
        self._not_later()
        self._saving = asyncio.get_running_loop().call_later(PAUSE, lambda: background_tasks.create(self._save_words()))

    def _not_later(self) -> None:
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None

    async def _left(self, intent: str) -> None:
        self.intent = intent
        await self._save_words()

    async def _aimed(self, aim: str) -> None:
        self.aim = aim
        await self._save_words()

    async def _save_words(self) -> None:
        """Keep intent and aim with the draft; one save after the other, so that what was typed last is what stays."""
        self._not_later()
        async with self._one_save:
            b, words = self.branch, self.words
            if (b.name, b.turn) != self.place or not self.playing:
                return
            typed = self.intent
            if words != self._saved_words():
                self.sent = words
                try:
                    await asyncio.to_thread(self.session.save_words, self.by, b.turn, *words, **self.at)
                except Exception as error:
                    self.said.bad(error)
                    return
                self.known = words
            self.saved("intent", typed)

    def tick(self) -> None:
        """The clock."""
        self.show_clock(self.who.room)

    def _result_key(self) -> Hashable:
        b = self.branch
        return b.name, b.turn, b.phase == OVER, sum(len(p.overrides) for p in b.played)

    def _play_key(self) -> Hashable:
        """What the form of acts hangs on."""
        b = self.branch
        return b.name, b.turn, b.phase, self.session.room(self.who.room).holders[self.seat.id]

    def _draft_key(self) -> Hashable:
        b = self.branch
        return (
            self._play_key(),
            b.revisions.get(self.seat.id, 0),
            repr(self.rows),
            repr(promised(b, self.seat.id)),
            repr(b.struck_promises),
            tuple(sorted(struck_of(b, self.seat.id))),
            self._changed_since(b),
        )

    def _preview_key(self) -> Hashable:
        """What a preview rests on: one of other moves is taken away."""
        b = self.branch
        return self._play_key(), repr(self.rows), repr(bound(b, self.seat.id)), tuple(sorted(struck_among(b, self.seat.id, self.rows)))

    def _changed_since(self, b: Branch) -> bool:
        """Whether moves, intent or aim differ from what was handed in."""
        sent = b.submissions.get(self.seat.id)
        return sent is not None and ([dict(r) for r in sent.rows] != self.rows or (sent.intent, sent.aim) != self.words)

    def _in_key(self) -> Hashable:
        return told.in_key(self, self.who.room)

    # what it shows

    def _briefing(self) -> None:
        b = self.branch
        with section(self.say("briefing"), name="briefing"):
            with box("details", open=not b.played):
                Tag("summary", self.say("role"))
                Tag("p", self.say(f"card_{self.seat.role}"))
            every = self.series()
            for n, played in enumerate(reversed(b.played)):
                if n == 0:
                    Tag("h3", self.say("news", turn=played.turn))
                    told.headlines(self, b, played, self.who, every)
                elif n == 1:
                    with box("details"):
                        Tag("summary", self.say("news_more"))
                        for older in reversed(b.played[:-1]):
                            Tag("h3", self.say("news", turn=older.turn))
                            told.headlines(self, b, older, self.who, every)

    def _indicators(self) -> None:
        every = self.series()
        by_id = {s.indicator.id: s for s in every}
        with section(self.say("indicators")):
            with box("div", "charts"):
                for name in first_charts(self.seat):
                    if name in by_id:
                        self.figure(by_id[name])
            with box("details"):
                Tag("summary", self.say("all_indicators"))
                self.all_numbers(every, self.branch)

    def _rules(self) -> None:
        with section(self.say("in_force")), box("details"):
            Tag("summary", self.say("show"))
            told.rules_table(self, self.branch, self.who)

    def _in(self) -> None:
        with section(self.say("teams")):
            told.who_is_in(self, self.branch, self.who.room)

    # the move

    def _move(self) -> None:
        """The parts of the move: each is drawn anew only when it must, so that a preview outlives the handing in."""
        with box("div", "", id="move", tabindex="-1"), section(self.say("your_move")):
            self.part(lambda: told.line_key(self, self.who.room), lambda: told.line_notice(self, self.who.room, self.seat.id))
            self.part(self._draft_key, self._draft_part)
            self.part(self._play_key, self._budget_part)
            self.part(lambda: (self._play_key(), self.added, self._spendable()), self._choose_part)
            self.part(lambda: (self._play_key(), self.taken["intent"]), self._intent_part)
            self.part(lambda: (self._play_key(), self.taken["aim"]), self._aim_part)
            self.part(lambda: (self._play_key(), self.seat.id in self.branch.submissions), self._hand_in_part)
            self.said = Message(self)
        self.preview_card = section(self.say("preview"))
        with self.preview_card:
            self.part(self._preview_key, self._preview_part)

    @property
    def playing(self) -> bool:
        """Whether the team may act now."""
        return self.branch.phase not in (LOCKED, OVER) and self.session.room(self.who.room).holders[self.seat.id] != MODEL

    def _draft_part(self) -> None:
        b = self.branch
        if b.phase != OVER and self.held == MODEL:
            self._by_model(b)
            return
        self._status(b)
        if b.phase == OVER:
            return
        self._purse(b)
        self._draft()

    def _budget_part(self) -> None:
        if self.playing:
            with box("details"):
                Tag("summary", self.say("budget"))
                Tag("p", telling.budget_text(self.seat, self.lang), "quiet")

    def _choose_part(self) -> None:
        if self.playing:
            self._choose(self.branch)

    def _preview_part(self) -> None:
        self.preview_card.set_visibility(self.playing)
        if self.playing:
            self.preview = Preview(self)

    def _intent_part(self) -> None:
        if self.playing:
            at = "/".join(map(str, self.place))
            parts.text(self.say("intent"), self.intent, self._typed, name="intent", lines=2, leave=self._left, keep=at)

    def _aim_part(self) -> None:
        if self.playing:
            options = {"": self.say("aim_none")} | {i.id: i.name(self.lang) for i in INDICATORS}
            parts.select(self.say("aim"), options, self.aim, self._aimed, name="aim")

    def _hand_in_part(self) -> None:
        if self.playing:
            self._hand_in(self.branch)

    def _by_model(self, b: Branch) -> None:
        """The model plays the seat: what that means for whoever looks at its page."""
        Tag("p", self.say("by_model_act" if self.by.is_control else "by_model"), "status", data_test="status")
        if self.seat.id in b.withdrawn:
            Tag("p", self.say("by_model_withdrawn"), "quiet")

    def _status(self, b: Branch) -> None:
        sent = b.submissions.get(self.seat.id)
        if b.phase == OVER:
            Tag("p", self.say("phase_over"), "status", data_test="status")
        elif sent is None:
            key = "locked_out" if b.phase == LOCKED else "saved_withdrawn" if self.seat.id in b.withdrawn else "saved_not"
            Tag("p", self.say(key), "status warn", data_test="status")
            if bound(b, self.seat.id):
                Tag("p", self.say("saved_bound"), "quiet", data_test="status-bound")
        elif self._changed_since(b):
            Tag("p", self.say("locked_changed" if b.phase == LOCKED else "saved_changed"), "status warn", data_test="status")
        else:
            key = "locked_in" if b.phase == LOCKED else "saved"
            Tag("p", self.say(key, n=len(counting(b, self.seat.id))), "status good", data_test="status")

    def _to_spend(self, b: Branch) -> Purse:
        """What the draft, and what offers bind to, leave in the purse."""
        purse, cost = b.purses[self.seat.id], total(with_promises(b, self.seat.id, self.rows))
        return Purse(purse.political - cost.political, purse.administrative - cost.administrative)

    def _spendable(self) -> Purse:
        """What the list of acts calls too dear by; while terms are being set it stays, so that they are not lost."""
        if self.form is None or self.form.act is None:
            self._spend = self._to_spend(self.branch)
        return self._spend

    def _purse(self, b: Branch) -> None:
        Tag("p", self.say("purse", **b.purses[self.seat.id]._asdict()), "purse tight", data_test="purse")
        left = self._to_spend(b)
        if min(left) >= 0:
            Tag("p", self.say("purse_left", **left._asdict()), "quiet")
        else:
            Tag("p", self.say("purse_over", political=max(0, -left.political), administrative=max(0, -left.administrative)), "message bad")

    def _draft(self) -> None:
        Tag("h3", self.say("draft"))
        if self.branch.drafts.get(self.seat.id, {}).get("left"):
            Tag("p", self.say("draft_left" if self.rows else "words_left"), "message", data_test="draft-left")
        if not self.rows and not promised(self.branch, self.seat.id):
            Tag("p", self.say("draft_empty"), "quiet")
        rules = telling.titles(self.session.game, self.branch, self.lang)
        struck = struck_among(self.branch, self.seat.id, self.rows)
        with box("ul", "draft", data_test="draft"):
            for n, row in enumerate(self.rows):
                words = told.row_text(self, row, rules)
                with box("li"):
                    with box("div"):
                        Tag("div", words)
                        if n in struck:
                            Tag("div", self.say("struck"), "strong", data_test="struck")
                        else:
                            Tag("div", told.cost_text(self, row), "quiet")
                        if (self.seat.id, row) in self.branch.struck_before:
                            Tag("div", self.say("struck_before"), "strong", data_test="struck-before")
                    if self.branch.phase != LOCKED:
                        button(
                            self.say("remove"),
                            lambda n=n, row=row: self.remove(n, row),
                            "small",
                            label=self.say("remove_what", what=words),
                            name="remove",
                        )
            for move in promised(self.branch, self.seat.id):
                with box("li"), box("div"):
                    Tag("div", telling.move_text(self.session.game, move, self.lang, rules))
                    if (self.seat.id, move) in self.branch.struck_promises:
                        Tag("div", self.say("struck"), "strong", data_test="struck")
                    else:
                        Tag("div", self.say("answer_yes"), "quiet")

    def _choose(self, b: Branch) -> None:
        game, setup = self.session.game, self.session.game.setup
        acts = acts_of(self.seat, book_for(game, b, self.who), self.session.adopted(b), self.lang)
        self.form = ActForm(
            acts,
            self.seat,
            self.lang,
            self.add,
            companies=game.opening["companies"],
            plants=game.opening.get("plants", {}),
            seats={s.id: s.name(self.lang) for s in governments(setup.table)},
            quarter=setup.quarter(b.turn),
            principal=game.opening["book"]["principals"][0],
            done=self.say("add"),
            left=self._to_spend(b),
            keep=self._keep_terms,
        )
        self.form.resume(*self.terms)
        self.message = Message(self)

    def _keep_terms(self, act: str, terms: dict[str, Any]) -> None:
        """Remember an act that is not added yet: for a form that is drawn anew, and for a page that is loaded anew."""
        self.terms = act, terms
        self.kept.put([act, terms] if act else None)

    def _resume(self, kept: Any) -> None:
        """Take up the act that was left half set; not where one has been chosen since."""
        if isinstance(kept, list) and len(kept) == 2 and not self.terms[0]:
            self.terms = kept[0], kept[1]
            if self.form is not None:
                self.form.resume(*self.terms)

    def _hand_in(self, b: Branch) -> None:
        sent = b.submissions.get(self.seat.id)
        with box("div", "row"):
            button(self.say("submit") if sent is None else self.say("submit_again"), self.submit, "main", name="submit")
            if sent is not None:
                button(self.say("withdraw"), self.withdraw, name="withdraw")
            if self.session.room(self.who.room).solo == self.seat.id:
                button(self.say("advance_solo"), self.advance, name="advance")

    async def add(self, row: dict[str, Any]) -> None:
        """Put a row into the draft, if it may stand there."""
        try:
            event = await asyncio.to_thread(self.session.add_row, self.by, self.place[1], row, **self.at)
        except Exception as error:
            self.message.bad(error)
            return
        self.added += 1
        if self.form is not None:
            self.form.reset()
        self.changed()
        self._say_added(event.payload["rows"][-1].get("move"))
        self.focus("act")

    def _say_added(self, move: Mapping[str, Any] | None) -> None:
        """Say so where a move was not put into the draft because an accepted offer makes it already, or control struck it there."""
        if move in promised(self.branch, self.seat.id):
            struck = (self.seat.id, move) in self.branch.struck_promises
            self.said.good(self.say("struck" if struck else "draft_bound"))
        else:
            self.said.clear()

    async def remove(self, n: int, row: Mapping[str, Any]) -> None:
        """Take a row out of the draft."""
        try:
            await asyncio.to_thread(self.session.remove_row, self.by, self.place[1], n, row, **self.at)
        except Exception as error:
            self.said.bad(error)
            return
        self.changed()
        self.said.clear()
        self.focus("act")

    async def submit(self) -> bool:
        """Hand in the draft; whether it was taken."""
        b, rows = self.branch, list(self.rows)
        revision = b.revisions.get(self.seat.id, 0)
        self.sent = self.words
        try:
            if self.form is not None and self.form.act is not None:
                raise Refusal("refused_pending")
            words = self.intent, self.aim
            await asyncio.to_thread(self.session.submit, self.by, self.place[1], revision, rows, *words, drafted=True, **self.at)
        except Exception as error:
            self.said.bad(error)
            return False
        self.changed()
        self.said.good(self.say("done_submit"))
        self.focus("submit")
        return True

    async def withdraw(self) -> None:
        """Take back what was handed in."""
        b = self.branch
        try:
            await asyncio.to_thread(self.session.withdraw, self.by, b.turn, b.revisions.get(self.seat.id, 0), **self.at)
        except Exception as error:
            self.said.bad(error)
            return
        self.changed()
        self.said.good(self.say("done_withdraw"))
        self.focus("submit")

    async def advance(self) -> None:
        """End the turn of a room that one plays alone; not where the draft is refused."""
        if not await self.submit():
            return
        try:
            await asyncio.to_thread(self.session.advance, self.by, self.who.room)
        except Exception as error:
            self.said.bad(error)
            return
        self.changed()
        self.said.clear()
        self.focus("briefing")
