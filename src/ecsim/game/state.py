"""The state of a game: a fold of its events. The same events give the same state, in any process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecsim.game.bots import MODEL, TEAM
from ecsim.game.branch import LOCKED, OPEN, OVER, PUBLIC, Branch, Inject, Offer, Played, Submission, beside, bound, due, promised
from ecsim.game.costs import OPENING, Purse, after_turn
from ecsim.game.indicators import INDICATORS
from ecsim.game.log import Event
from ecsim.game.seats import CONTROL, INDUSTRY
from ecsim.game.setup import Setup
from ecsim.game.strikes import in_effect, keep_strikes, spent_by, strike, strike_promise, struck_among, struck_of, unstrike

_COLUMN = {i.id: n for n, i in enumerate(INDICATORS)}


@dataclass
class Room:
    """A table of teams.

    Attributes:
        name: name in addresses.
        title: as people see it.
        solo: the one seat that people play, and that may advance; "" for a table with control.
        branch: the line of play that is on.
        holders: seat -> "team" or "model".
        teams: seat -> name of the team.
        wall: what-if that control shows on the wall: its line of play, turn, title and indicators by quarter; empty for none.
        switched: line of play with which control went on, and the turn in which it was; None where it reopened a turn since, or never did.
    """

    name: str
    title: str
    solo: str
    branch: str
    holders: dict[str, str]
    teams: dict[str, str] = field(default_factory=dict)
    wall: Mapping[str, Any] = field(default_factory=dict)
    switched: tuple[str, int] | None = None


@dataclass(frozen=True)
class Pass:
    """A right to enter: hash of the secret -> room, seat, whose."""

    room: str
    seat: str
    label: str


@dataclass
class Game:
    """Everything the events say.

    Where an event changes a mapping or a list, there is a new one: pages read the old one meanwhile, on other threads.
    """

    setup: Setup = field(default_factory=Setup)
    opening: Mapping[str, Any] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    passes: dict[str, Pass] = field(default_factory=dict)
    join_code: str = ""
    seq: int = 0

    def take(self, events: Iterable[Event]) -> Game:
        """Fold further events in. Events already known are passed over, and so is what was meant for a turn that is over."""
        for event in events:
            if event.seq > self.seq:
                if event.kind not in _OF_ITS_TURN or event.turn == self.branches[event.branch].turn:
                    _FOLDS[event.kind](self, event)
                self.seq = event.seq
        return self

    def room_of(self, branch: str) -> Room:
        """The room in which a branch is played."""
        return self.rooms[branch.split(".", maxsplit=1)[0]]

    def taken(self, room: str, seat: str) -> bool:
        """Whether somebody has a seat: a team that joined it, or whoever holds a link to it that is still good."""
        return seat in self.rooms[room].teams or any((p.room, p.seat) == (room, seat) for p in list(self.passes.values()))

    def inputs(self, branch: Branch) -> dict[str, Any]:
        """The turn that is on, as it goes to the model: injects first, then the seats in the order of the table."""
        room = self.room_of(branch.name)
        rows: list[dict[str, Any]] = [{"seat": CONTROL, "move": dict(m), "shown": PUBLIC} for i in due(branch) for m in i.moves]
        for seat in self.setup.table:
            for row in in_effect(branch, seat.id):
                if "move" in row:
                    rows.append({"seat": seat.id, "move": dict(row["move"]), "shown": row.get("shown", PUBLIC)})
            rows += [{"seat": seat.id, "move": dict(m), "shown": PUBLIC} for m in bound(branch, seat.id)]
        return {"turn": branch.turn, "holders": dict(room.holders), "moves": rows}


def _setup(g: Game, e: Event) -> None:
    g.setup = Setup.from_dict(e.payload["setup"])
    g.join_code = e.payload["join_code"]


def _opened(g: Game, e: Event) -> None:
    g.opening = e.payload


def _room(g: Game, e: Event) -> None:
    p = e.payload
    solo = p.get("solo", "")
    holders = {s.id: MODEL for s in g.setup.table} | ({solo: TEAM} if solo else {})
    branch = Branch(p["room"], purses={s.id: OPENING for s in g.setup.table})
    g.branches = {**g.branches, branch.name: branch}  # before the room that is played in it can be seen
    g.rooms = {**g.rooms, p["room"]: Room(p["room"], p["title"], solo, branch.name, holders)}


def _pass(g: Game, e: Event) -> None:
    p = e.payload
    g.passes = {**g.passes, p["hash"]: Pass(p["room"], p["seat"], p["label"])}


def _revoke(g: Game, e: Event) -> None:
    p = e.payload
    g.passes = {h: x for h, x in g.passes.items() if h != p.get("hash") and (x.room, x.seat) != (p.get("room"), p.get("seat"))}
    if p.get("room") in g.rooms:  # the seat is empty: its team has no name any more
        room = g.rooms[p["room"]]
        room.teams = {seat: name for seat, name in room.teams.items() if seat != p["seat"]}


def _team(g: Game, e: Event) -> None:
    room = g.rooms[e.payload["room"]]
    room.teams = {**room.teams, e.payload["seat"]: e.payload["name"]}


def _holder(g: Game, e: Event) -> None:
    room, seat = g.rooms[e.payload["room"]], e.payload["seat"]
    room.holders = {**room.holders, seat: e.payload["holder"]}
    if e.payload["holder"] == MODEL:
        b = g.branches[room.branch]
        if seat in b.submissions:
            b.withdrawn |= {seat}
        _take_back(b, seat)


def _draft(g: Game, e: Event) -> None:
    b = g.branches[e.branch]
    b.drafts = {**b.drafts, e.actor: {**e.payload, "rows": beside(e.payload["rows"], promised(b, e.actor))}}


def _submit(g: Game, e: Event) -> None:
    b, p = g.branches[e.branch], e.payload
    seat = p["seat"]
    rows = beside(p["rows"], promised(b, seat))
    keep_strikes(b, seat, struck_among(b, seat, rows))
    b.submissions = {**b.submissions, seat: Submission(tuple(rows), p["intent"], p["aim"], p["revision"])}
    b.withdrawn -= {seat}
    b.revisions = _one_more(b.revisions, seat)
    b.drafts = {**b.drafts, seat: {"rows": rows, "intent": p["intent"], "aim": p["aim"]}}


def _withdraw(g: Game, e: Event) -> None:
    _take_back(g.branches[e.branch], e.payload["seat"])


def _take_back(b: Branch, seat: str) -> None:
    """What a seat has handed in counts no more, nor what was struck of it."""
    b.submissions = {s: x for s, x in b.submissions.items() if s != seat}
    b.revisions = _one_more(b.revisions, seat)
    keep_strikes(b, seat)


def _one_more(counts: Mapping[str, int], seat: str) -> dict[str, int]:
    return {**counts, seat: counts.get(seat, 0) + 1}


def _offer(g: Game, e: Event) -> None:
    p = e.payload
    offer = Offer(e.seq, e.turn, e.actor, p["taker"], p["text"], tuple(p["give"]), tuple(p["take"]))
    b = g.branches[e.branch]
    b.offers = {**b.offers, offer.id: offer}


def _answer(g: Game, e: Event) -> None:
    b = g.branches[e.branch]
    offer = replace(b.offers[e.payload["offer"]], answer=e.payload["answer"])
    b.offers = {**b.offers, offer.id: offer}
    if offer.answer == "yes":
        _bind(b, offer.giver, offer.give)
        _bind(b, offer.taker, offer.take)


def _bind(b: Branch, seat: str, moves: Sequence[Mapping[str, Any]]) -> None:
    """Take rows out of a draft and a submission in whose place moves of an accepted offer stand now; a strike goes over to these."""
    if seat in b.drafts:
        b.drafts = {**b.drafts, seat: {**b.drafts[seat], "rows": beside(b.drafts[seat]["rows"], moves)}}
    if seat in b.submissions:
        sent = b.submissions[seat]
        for n in struck_of(b, seat):
            if sent.rows[n].get("move") in moves:
                strike_promise(b, seat, sent.rows[n]["move"])
        rows = beside(sent.rows, moves)
        keep_strikes(b, seat, struck_among(b, seat, rows))
        b.submissions = {**b.submissions, seat: replace(sent, rows=tuple(rows))}


def _inject(g: Game, e: Event) -> None:
    p = e.payload
    b = g.branches[e.branch]
    b.injects = {**b.injects, e.seq: Inject(e.seq, p["turn"], p["text"], tuple(p["moves"]))}


def _strike(g: Game, e: Event) -> None:
    strike(g.branches[e.branch], e.payload)


def _unstrike(g: Game, e: Event) -> None:
    unstrike(g.branches[e.branch], e.payload)


def _clock(g: Game, e: Event) -> None:
    b = g.branches[e.branch]
    b.deadline, b.paused, b.paused_by = e.payload["deadline"], e.payload["paused"], e.payload.get("why", "")


def _lock(g: Game, e: Event) -> None:
    b = g.branches[e.branch]
    b.phase, b.locked_inputs, b.deadline, b.left = LOCKED, e.payload["inputs"], None, e.payload.get("left")


def _unlock(g: Game, e: Event) -> None:
    b = g.branches[e.branch]
    b.phase, b.locked_inputs, b.deadline, b.left = OPEN, None, e.payload.get("deadline"), None


def _resolved(g: Game, e: Event) -> None:
    b = g.branches[e.branch]
    assert b.locked_inputs is not None
    lobbied = _lobbied(b)
    b.purses = _paid(g, b, e.payload["indicators"][-1], lobbied)
    played = Played(e.turn, b.locked_inputs, dict(b.submissions), due(b), e.payload, dict(b.purses))
    b.played = [*b.played, replace(played, struck=frozenset(b.struck), struck_promises=tuple(b.struck_promises))]
    b.drafts = _left_over(b, e.turn, g.setup.quarters)
    b.submissions, b.revisions, b.struck, b.struck_promises, b.locked_inputs = {}, {}, set(), [], None
    b.deadline, b.paused, b.paused_by, b.left, b.withdrawn, b.struck_before = None, None, "", None, frozenset(), ()
    b.offers = {i: replace(o, answer=o.answer or "lapsed") for i, o in b.offers.items()}
    b.phase = OVER if len(b.played) >= g.setup.turns else OPEN


def _left_over(b: Branch, turn: int, quarters: int) -> dict[str, Mapping[str, Any]]:
    """What was drafted and not handed in: it did nothing, and is where its team begins to think again, each term counted from then."""
    left = {seat: _not_handed_in(draft, b.submissions.get(seat)) for seat, draft in b.drafts.items()}
    return {seat: {**d, "rows": [later(row, quarters) for row in d["rows"]], "left": turn} for seat, d in left.items() if any(d.values())}


def _not_handed_in(draft: Mapping[str, Any], sent: Submission | None) -> dict[str, Any]:
    """Rows, intent and aim of a draft that differ from what its seat handed in."""
    found = {"rows": draft["rows"], "intent": draft["intent"], "aim": draft["aim"]}
    if sent is None:
        return found
    found["rows"] = _without(draft["rows"], sent.rows)
    if (draft["intent"], draft["aim"]) == (sent.intent, sent.aim):
        found |= {"intent": "", "aim": ""}
    return found


def _without(rows: Sequence[Any], others: Iterable[Any]) -> list[Any]:
    """What is left of some rows without others, one for one: the same move may stand there twice."""
    left = list(rows)
    for row in others:
        if row in left:
            left.remove(row)
    return left


def later(row: Mapping[str, Any], quarters: int) -> dict[str, Any]:
    """A row of a draft that is taken up so many quarters later."""
    move = row.get("move", {})
    return {**row, "move": {**move, "until": move["until"] + quarters}} if move.get("until") is not None else dict(row)


def _lobbied(b: Branch) -> dict[str, int]:
    out: dict[str, int] = {}
    for row in in_effect(b, INDUSTRY):
        if "lobby" in row:
            out[row["lobby"]["seat"]] = out.get(row["lobby"]["seat"], 0) + int(row["lobby"]["points"])
    return out


def _paid(g: Game, b: Branch, last: Sequence[float | None], lobbied: Mapping[str, int]) -> dict[str, Purse]:
    """Points of the next turn; feelings as the model has them at the end of this one."""
    feelings = {"incumbent": last[_COLUMN["anxiety"]], "challenger": last[_COLUMN["dissatisfaction"]]}
    return {s.id: after_turn(b.purses[s.id], spent_by(b, s.id), lobbied.get(s.id, 0), feelings.get(s.role) or 0.0) for s in g.setup.table}


def _override(g: Game, e: Event) -> None:
    b, p = g.branches[e.branch], e.payload
    b.played = [replace(x, overrides=(*x.overrides, p)) if x.turn == p["turn"] else x for x in b.played]


def _branch(g: Game, e: Event) -> None:
    """A new line of play from the start of a turn of an older one; play in the room goes on there."""
    p = e.payload
    old = g.branches[p["parent"]]
    kept = old.played[: p["from_turn"] - 1]
    purses = kept[-1].purses if kept else {s.id: OPENING for s in g.setup.table}
    b = Branch(p["branch"], p["parent"], p["title"], list(kept), purses=dict(purses))
    b.from_turn = p["from_turn"]
    b.injects = dict(old.injects)
    b.offers = {i: o for i, o in old.offers.items() if o.turn < p["from_turn"]}
    if len(old.played) >= p["from_turn"]:  # what was handed in then is where teams begin to think again
        before = old.played[p["from_turn"] - 1]
        b.drafts = {s: {"rows": x.rows, "intent": x.intent, "aim": x.aim} for s, x in before.submissions.items()}
        b.struck_before = tuple((s, before.submissions[s].rows[n]) for s, n in sorted(before.struck) if s in before.submissions)
    g.branches = {**g.branches, b.name: b}
    if p["switch"]:
        room = g.room_of(b.name)
        room.branch, room.switched = b.name, None


def _switch(g: Game, e: Event) -> None:
    room = g.room_of(e.branch)
    room.branch, room.switched = e.branch, (e.branch, g.branches[e.branch].turn)


def _wall(g: Game, e: Event) -> None:
    g.room_of(e.branch).wall = {**e.payload, "id": e.seq} if e.payload else {}


def _note(g: Game, e: Event) -> None:
    """On record only: what-ifs that were looked at."""


_OF_ITS_TURN = frozenset(("draft", "submit", "withdraw", "lock", "unlock", "resolved"))

_FOLDS: dict[str, Callable[[Game, Event], None]] = {
    "setup": _setup,
    "opened": _opened,
    "room": _room,
    "pass": _pass,
    "revoke": _revoke,
    "team": _team,
    "holder": _holder,
    "draft": _draft,
    "submit": _submit,
    "withdraw": _withdraw,
    "offer": _offer,
    "answer": _answer,
    "inject": _inject,
    "strike": _strike,
    "unstrike": _unstrike,
    "clock": _clock,
    "lock": _lock,
    "unlock": _unlock,
    "resolved": _resolved,
    "override": _override,
    "branch": _branch,
    "switch": _switch,
    "note": _note,
    "wall": _wall,
}
