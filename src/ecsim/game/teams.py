"""What teams may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsim.economy import Array
from ecsim.game.bots import MODEL
from ecsim.game.branch import LOCKED, OVER, Branch, Offer
from ecsim.game.indicators import BY_ID
from ecsim.game.ledger import Ledger
from ecsim.game.legal import MOST_ROWS, Refusal, check_text
from ecsim.game.log import Entry, Event
from ecsim.game.passes import Principal, new_secret
from ecsim.game.seats import seat_named
from ecsim.game.strikes import with_moves, with_promises

OFFERS = 12  # of a seat in a turn
AT_ONCE = 2  # previews of a seat that are computed at a time


class Teams(Ledger):
    """Drafts, submissions, offers and previews."""

    def add_row(self, who: Principal, turn: int, row: Any, *, room: str = "", seat: str = "") -> Event:
        """Put a row into the draft of a turn, beside what other windows of the seat put there."""
        place, mine = self._seat(who, room, seat)
        with self._lock:
            branch = self._open(place, turn)
            rows = _drafted(branch, mine.id)
            if len(rows) >= MOST_ROWS:
                raise Refusal("refused_rows", most=MOST_ROWS)
            return self._keep(branch, mine.id, rows=[*rows, *self._rows(branch, mine, [row])])

    def remove_row(self, who: Principal, turn: int, index: int, row: Mapping[str, Any], *, room: str = "", seat: str = "") -> None:
        """Take a row out of the draft of a turn: the one that stood there, wherever it stands by now; nothing where it is gone."""
        place, mine = self._seat(who, room, seat)
        with self._lock:
            branch = self._open(place, turn)
            rows = _drafted(branch, mine.id)
            if row in rows:
                del rows[index if rows[index : index + 1] == [row] else rows.index(row)]
                self._keep(branch, mine.id, rows=rows)

    def save_words(self, who: Principal, turn: int, intent: str, aim: str, *, room: str = "", seat: str = "") -> None:
        """Keep intent and aim with the draft of a turn; its moves stay as they are, whoever changes them meanwhile."""
        place, mine = self._seat(who, room, seat)
        said = _said(intent, aim)
        with self._lock:
            self._keep(self._open(place, turn), mine.id, **said)

    def _keep(self, branch: Branch, seat: str, **changed: Any) -> Event:
        """Keep a draft with what is changed in it, so that it is there after a fall of the server and in other windows."""
        draft = branch.drafts.get(seat, {})
        payload = {"rows": _drafted(branch, seat), "intent": draft.get("intent", ""), "aim": draft.get("aim", "")} | changed
        return self._write(Entry(branch.name, branch.turn, seat, "draft", f"draft/{new_secret()}", payload))

    def submit(
        self,
        who: Principal,
        turn: int,
        revision: int,
        rows: Any,
        intent: str = "",
        aim: str = "",
        *,
        drafted: bool = False,
        room: str = "",
        seat: str = "",
    ) -> Event:
        """Hand in the moves of a turn.

        Args:
            who: who asks.
            turn: for which they are meant.
            revision: how often the seat's submission of this turn had changed when the page was drawn. The same rows with the
                same revision (a double click, a repeated request) are the same submission; others are refused.
            rows: moves, words to governments and free text.
            intent: what the team wants with it, in its own words.
            aim: indicator that it wants to move.
            drafted: the rows are the draft as the page shows it; they are refused where another window has changed it since.
            room, seat: for whom control acts.

        Raises:
            Refusal: not allowed, too late, too dear, against the law, or another window was first.
        """
        place, mine = self._seat(who, room, seat)
        checked = self._rows(self._open(place, turn), mine, rows)
        payload = {"seat": mine.id, "rows": checked, "revision": revision, **_said(intent, aim)}
        with self._allowed(place, turn, lambda b: {mine.id: with_promises(b, mine.id, checked)}) as branch:
            if self.room(place).holders[mine.id] == MODEL:
                raise Refusal("refused_holder")
            last = branch.submissions.get(mine.id)
            if revision != branch.revisions.get(mine.id, 0) and (last is None or last.revision != revision):
                raise Refusal("refused_stale")
            if drafted and _drafted(branch, mine.id) != list(rows):
                raise Refusal("refused_redrawn")
            event = self._write(Entry(branch.name, turn, who.seat, "submit", f"submit/{branch.name}/{turn}/{mine.id}/{revision}", payload))
        if dict(event.payload) != payload:
            raise Refusal("refused_stale")
        return event

    def withdraw(self, who: Principal, turn: int, revision: int, *, room: str = "", seat: str = "") -> None:
        """Take back what was handed in, while the turn is open."""
        place, mine = self._seat(who, room, seat)
        with self._lock:
            branch = self._open(place, turn)
            if mine.id in branch.submissions and branch.revisions[mine.id] == revision:
                key = f"withdraw/{branch.name}/{turn}/{mine.id}/{revision}"
                self._write(Entry(branch.name, turn, who.seat, "withdraw", key, {"seat": mine.id}))

    def offer(self, who: Principal, taker: str, text: str, give: Any = (), take: Any = (), *, room: str = "", seat: str = "") -> Event:
        """Offer another seat something: words, or moves that both would make if it says yes."""
        place, mine = self._seat(who, room, seat)
        other = seat_named(self.game.setup.table, taker)
        if other.id == mine.id:
            raise Refusal("refused_unknown")
        with self._lock:
            branch = self._open(place)
            if sum(o.giver == mine.id and o.turn == branch.turn for o in branch.offers.values()) >= OFFERS:
                raise Refusal("refused_offers", most=OFFERS)
            payload = {
                "taker": other.id,
                "text": check_text(text),
                "give": [r["move"] for r in self._rows(branch, mine, [{"move": m} for m in give])],
                "take": [r["move"] for r in self._rows(branch, other, [{"move": m} for m in take])],
            }
            if not (payload["text"] or payload["give"] or payload["take"]):
                raise Refusal("refused_empty")
            return self._write(Entry(branch.name, branch.turn, mine.id, "offer", f"offer/{mine.id}/{new_secret()}", payload))

    def answer(self, who: Principal, offer: int, answer: str, *, room: str = "", seat: str = "") -> None:
        """Say yes or no to an offer, or take back one's own. A yes binds both to the moves named in it, in this turn.

        Rows of their drafts and submissions that say the same are replaced by them.
        """
        place, mine = self._seat(who, room, seat)

        def wanted(branch: Branch) -> dict[str, list[Mapping[str, Any]]]:
            found = _answerable(branch, offer, mine.id, answer)
            parties = ((found.giver, found.give), (found.taker, found.take)) if answer == "yes" else ()
            return {party: with_moves(branch, party, moves) for party, moves in parties}

        with self._allowed(place, self.branch(place).turn, wanted) as branch:
            key = f"answer/{branch.name}/{offer}"
            self._write(Entry(branch.name, branch.turn, mine.id, "answer", key, {"offer": offer, "answer": answer}))

    def preview(self, who: Principal, rows: Any, *, room: str = "", seat: str = "") -> tuple[Array, Array]:
        """Paths of the indicators without and with what a seat would do; others are taken to do nothing new.

        That is its draft, less what control struck, and the moves to which accepted offers bind it.

        Returns:
            Two arrays of shape (draws, quarters, indicators), on common random numbers.
        """
        place, mine = self._seat(who, room, seat)
        branch = self._open(place)
        counting = with_promises(branch, mine.id, self._rows(branch, mine, rows))
        own = [r["move"] for r in counting if "move" in r]
        self._lawful(branch, mine.id, own)
        moves = [{"seat": mine.id, "move": m} for m in own]
        turn = {"turn": branch.turn, "holders": dict(self.room(place).holders), "moves": moves}
        with self._one_of(f"preview/{place}/{mine.id}", AT_ONCE):
            return self.desk.preview(branch.history, turn)

    def warm(self) -> None:
        """Compute ahead what all previews of the open turns need."""
        for room in self.game.rooms.values():
            branch = self.game.branches[room.branch]
            if branch.phase not in (LOCKED, OVER):
                self.desk.idle(branch.history, {"turn": branch.turn, "holders": dict(room.holders), "moves": []})


def _drafted(branch: Branch, seat: str) -> list[Mapping[str, Any]]:
    """Rows of a seat's draft."""
    return list(branch.drafts.get(seat, {}).get("rows", ()))


def _answerable(branch: Branch, offer: int, seat: str, answer: str) -> Offer:
    """The offer to which a seat may give an answer.

    Raises:
        Refusal: there is none, or not any more.
    """
    found = branch.offers.get(offer)
    allowed = ("yes", "no") if found and found.taker == seat else ("withdrawn",) if found and found.giver == seat else ()
    if found is None or answer not in allowed:
        raise Refusal("refused_right")
    if found.turn != branch.turn or found.answer:
        raise Refusal("refused_offer")
    return found


def _said(intent: str, aim: str) -> dict[str, str]:
    if aim and aim not in BY_ID:
        raise Refusal("refused_unknown")
    return {"intent": check_text(intent), "aim": aim}
