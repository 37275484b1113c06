"""Offers between teams: made, answered, binding where both said so."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from ecsim.game import telling
from ecsim.game.acts import rule_title
from ecsim.game.bots import MODEL
from ecsim.game.branch import LOCKED, OVER, Offer
from ecsim.game.knowledge import book_for, offers_for
from ecsim.game.seats import seat_named
from ecsim.game.web import parts, told
from ecsim.game.web.base import Message
from ecsim.game.web.parts import Tag, box, button, section
from ecsim.tools import spoken_names

if TYPE_CHECKING:
    from ecsim.game.web.seat import SeatPage

LEVELS = (0.3, 0.6, 1.0)  # at which an ally can be asked to join


class Offers:
    """The part of a seat's page that holds its offers.

    Args:
        page: of the seat.
    """

    def __init__(self, page: SeatPage) -> None:
        self.page = page
        self.sent = 0  # offers sent here: the form is empty again after each
        self.card = section(page.say("offers"))
        with self.card:
            page.part(self._list_key, self._list)
            page.part(self._turn_key, self._say_nothing)
            page.part(lambda: (page.branch.phase == OVER, self.sent), self._form)

    def _say_nothing(self) -> None:
        """What was said of an offer goes with its turn."""
        self.message = Message(self.page)

    def _list_key(self) -> Hashable:
        b = self.page.branch
        return b.name, b.turn, b.phase, tuple((o.id, o.answer) for o in offers_for(b, self.page.who)), repr(b.struck_promises)

    def _turn_key(self) -> Hashable:
        b = self.page.branch
        return b.name, b.turn

    def _list(self) -> None:
        page = self.page
        rules = telling.titles(page.session.game, page.branch, page.lang)
        self.card.set_visibility(page.branch.phase != OVER)
        for offer in offers_for(page.branch, page.who):
            with box("div", "status", data_test="offer"):
                names = {"giver": page.seat_name(offer.giver), "taker": page.seat_name(offer.taker)}
                Tag("div", page.say("offer_line", **names, text=offer.text), "strong")
                for text in told.terms(page, page.branch, offer, rules):
                    Tag("div", text)
                Tag("div", page.say(f"answer_{offer.answer}"), "quiet")
                self._answers(offer)

    def _answers(self, offer: Offer) -> None:
        page = self.page
        if offer.answer or page.branch.phase in (LOCKED, OVER):
            return
        ways = {"yes": "offer_yes", "no": "offer_no"} if offer.taker == page.seat.id else {"withdrawn": "offer_back"}
        with box("div", "row"):
            for way, key in ways.items():
                button(page.say(key), lambda way=way: self._answer(offer.id, way), "small", name=f"answer-{way}")

    async def _answer(self, offer: int, way: str) -> None:
        try:
            await asyncio.to_thread(self.page.session.answer, self.page.by, offer, way, **self.page.at)
        except Exception as error:
            self.message.bad(error)
        self.page.changed()

    def _form(self) -> None:
        """What is written stands until it is sent: a draft or a turn that changes renews the lists around it, no more."""
        page = self.page
        if page.branch.phase == OVER:
            return
        holders = self._holders()
        first = next((s for s, holder in holders.items() if holder != MODEL), next(iter(holders)))
        self.values: dict[str, Any] = {"taker": first, "text": "", "give": None, "take": ""}
        with box("details", open=self.sent > 0):
            Tag("summary", page.say("offer_new"), data_test="offer-new")
            page.part(lambda: tuple(self._holders().items()), self._takers)
            parts.text(page.say("offer_text"), "", lambda v: self.values.update(text=v), name="offer-text", lines=2, keep="")
            page.part(lambda: (self._turn_key(), repr(page.rows)), self._give)
            page.part(lambda: (self._turn_key(), self.values["taker"]), self._take)
            Tag("p", page.say("offer_bound"), "quiet")
            with box("div", "row"):
                button(page.say("offer_send"), self._send, name="offer-send")

    def _holders(self) -> dict[str, str]:
        """Who plays the other seats."""
        holders = self.page.session.room(self.page.who.room).holders
        return {seat: holder for seat, holder in holders.items() if seat != self.page.seat.id}

    def _takers(self) -> None:
        """The other seats; a model answers nothing, which is said before an offer is made to it."""
        page, options = self.page, {}
        for seat, holder in self._holders().items():
            name = page.seat_name(seat)
            options[seat] = page.say("offer_model", seat=name) if holder == MODEL else name
        parts.select(page.say("offer_to"), options, self.values["taker"], self._to, "offer-to")

    def _give(self) -> None:
        """The moves of the draft, of which one can be offered; the one chosen stays so for as long as it is there."""
        page = self.page
        rules = telling.titles(page.session.game, page.branch, page.lang)
        mine = {str(n): (told.row_text(page, r, rules), r["move"]) for n, r in enumerate(page.rows) if "move" in r}
        chosen = next((n for n, (_, move) in mine.items() if move == self.values["give"]), "")
        self.values["give"] = mine[chosen][1] if chosen else None
        options = {"": page.say("offer_nothing")} | {n: words for n, (words, _) in mine.items()}
        parts.select(page.say("offer_give"), options, chosen, lambda n: self.values.update(give=mine[n][1] if n else None), "offer-give")

    def _take(self) -> None:
        """What the other seat can be asked for."""
        page = self.page
        self.wishes = wishes(page, self.values["taker"])
        chosen = self.values["take"] if self.values["take"] in self.wishes else ""
        self.values["take"] = chosen
        options = {"": page.say("offer_nothing")} | {k: words for k, (words, _) in self.wishes.items()}
        parts.select(page.say("offer_take"), options, chosen, lambda v: self.values.update(take=v), "offer-take")

    def _to(self, seat: str) -> None:
        self.values |= {"taker": seat, "take": ""}
        self.page.changed()

    async def _send(self) -> None:
        page, v = self.page, self.values
        give = [v["give"]] if v["give"] else []
        take = [self.wishes[v["take"]][1]] if v["take"] else []
        try:
            await asyncio.to_thread(page.session.offer, page.by, v["taker"], v["text"], give, take, **page.at)
        except Exception as error:
            self.message.bad(error)
            return
        self.sent += 1
        page.saved("offer-text")
        page.changed()
        self.message.good(page.say("done"))


def wishes(page: SeatPage, seat_id: str) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """What another seat can be asked to do: join the American rules, or lift a rule of its own."""
    game, names = page.session.game, spoken_names(page.lang)
    seat = seat_named(game.setup.table, seat_id)
    principal = game.opening["book"]["principals"][0]
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def named(state: str) -> str:
        """A state at the start of a sentence."""
        return names[state][:1].upper() + names[state][1:]

    if seat.role == "ally":
        for state in seat.states:
            for level in LEVELS:
                words = page.say("offer_adopt", state=named(state), level=f"{level:.0%}")
                found[f"adopt:{state}:{level}"] = (words, {"actor": state, "verb": "adopt", "issuer": principal, "level": level})
    if seat.role != "industry":
        for row in book_for(game, page.branch, page.who):
            if row["issuer"] in seat.states and "/" not in row["id"] and not row["suspended"]:
                words = page.say("offer_lift", state=named(row["issuer"]), rule=rule_title(row, names, page.lang))
                found[f"lift:{row['id']}"] = (words, {"actor": row["issuer"], "verb": "lift", "rule": row["id"]})
    return found
