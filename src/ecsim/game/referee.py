"""The referee plays turns on the model: a game is (setup, moves of each turn), and replays to the same hash.

Everything here is a pure function of plain values, so that it can be called in any process. The past before the game
and the turns already played are kept as worlds to copy from; a copy costs a few milliseconds.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ecsim import population, strategies, tools
from ecsim.course import baseline_of
from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.errors import UserError
from ecsim.experiment.design import Replicate, replicates
from ecsim.game.bots import Bots
from ecsim.game.indicators import read_all
from ecsim.game.setup import Setup
from ecsim.model import ExportControlModel
from ecsim.moves import Move
from ecsim.record import SIDES
from ecsim.rules import Measure, Rule
from ecsim.strategies.calendar import Calendar
from ecsim.streams import Streams
from ecsim.tools.firms_plants import plants_of
from ecsim.tools.parties import countable
from ecsim.world import World, state_fields

KEPT = 48  # worlds kept to copy from
DRAWN = ("permission.leak_scale", "innovation.embodied_kappa", "innovation.volume", "innovation.subsidy_absorbed")
"""Uncertain parameters that a preview draws; the others act through the start of the run, which lies in the past."""

Inputs = Mapping[str, Any]
"""A turn as it goes to the model: {"turn", "holders": seat -> "team" or "model", "moves": [{"seat", "move"}, …]}."""


class Hands:
    """Plays what people decided, in the first quarter of the turn."""

    def __init__(self) -> None:
        self.due: dict[int, list[Move]] = defaultdict(list)

    def moves(self, world: World, quarter: int) -> list[Move]:
        """The moves of the quarter."""
        return self.due.pop(quarter, [])


class Table(ExportControlModel):
    """The model with people at the table: a move that may not be made is noted, and play goes on."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.hands = Hands()
        self.bots: Bots | None = None
        self.refused: list[tuple[Move, str]] = []

    def play(self, move: Move) -> None:
        """Enact a move, or note why not."""
        try:
            super().play(move)
        except UserError as error:
            self.refused.append((move, str(error)))

    def copied(self) -> Table:
        """A copy that plays on by itself; what never changes is shared."""
        shared: list[Any] = [self.economy, self.baseline, self.params, self.world.layout, self.world.start]
        shared += [*self.moves, self.recorder.recorded, *(() if self.bots is None else (self.bots.setup, self.bots.config))]
        book = self.world.book
        shared += [*book.rules.values(), *book.measures.values(), *book.suspended.values(), *self.recorder.in_force]
        return copy.deepcopy(self, {id(x): x for x in shared})


class Referee:
    """Adjudicates one game.

    Args:
        setup: of the game.

    Raises:
        UserError: settings or a script that will not do.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.config = setup.config()
        self.economy = population.build(self.config.params)
        self.baseline = baseline_of(self.config.params, self.config.seed, self.economy)
        self._tables: OrderedDict[str, Table] = OrderedDict()

    def table(self, history: Sequence[Inputs]) -> Table:
        """The world after these turns. It belongs to the referee: copy it before you play on."""
        key = digest(list(history))
        if key in self._tables:
            self._tables.move_to_end(key)
            return self._tables[key]
        table = self.played(self.table(history[:-1]).copied(), history[-1]) if history else self._past()
        self._tables[key] = table
        while len(self._tables) > KEPT:
            self._tables.popitem(last=False)
        return table

    def _past(self) -> Table:
        players = [] if self.config.policy.kind == "none" else strategies.build(self.config, self.economy)
        table = Table(self.config.params, self.config.seed, players, economy=self.economy, baseline=self.baseline)
        while table.quarter < self.setup.first:
            table.step()
        table.players = ()  # others sit down
        return table

    def played(self, table: Table, turn: Inputs, quarters: int | None = None) -> Table:
        """Play a turn on a table, in place."""
        self.seat(table, turn)
        for _ in range(quarters or self.setup.quarters):
            table.step()
        return table

    def seat(self, table: Table, turn: Inputs) -> None:
        """Seat the players of a turn and lay out the moves of people."""
        if table.bots is None:
            e = self.economy
            table.bots = Bots(self.setup, tuple(e.states[i] for i in np.flatnonzero(e.side == SIDES.index("ally"))))
        table.refused = []
        strategies_now = table.bots.seated(turn["holders"], table.quarter)
        table.players = (strategies_now[0], table.hands, *strategies_now[1:])
        table.hands.due[table.quarter] = [as_move(m["move"], table.quarter) for m in turn["moves"]]

    def resolve(self, history: Sequence[Inputs]) -> dict[str, Any]:
        """What the last turn of a history brought, as plain values.

        Returns:
            hash: of the state after the turn; quarter: next quarter; indicators: (quarters, indicators) as lists;
            moves: every move made, with the rule it made or changed and its position among the moves of people (None
            for the model's); refused: positions among the moves of people, and reasons; book: what is in force.
        """
        before = self.table(history[:-1])
        after = self.table(history)
        made = after.moves[len(before.moves) :]
        people = [as_move(m["move"], before.quarter) for m in history[-1]["moves"]]
        waiting = list(enumerate(people))
        refused = [{"index": _take(waiting, move), "reason": reason} for move, reason in after.refused if move in people]
        return {
            "hash": state_hash(after.world),
            "quarter": after.quarter,
            "indicators": clean(self.read(after, before.quarter)),
            "moves": [{"move": m.to_dict(), "rule": rule, "input": _take(waiting, m)} for m, rule in made],
            "refused": refused,
            "book": book_of(after.world),
        }

    def opening(self) -> dict[str, Any]:
        """The state in which play begins: hash, indicators of the past from two years before, and the rule book."""
        table = self.table(())
        first = max(0, table.quarter - 8)
        return {
            "hash": state_hash(table.world),
            "quarter": table.quarter,
            "first": first,
            "indicators": clean(self.read(table, first)) if table.quarter else [],
            "moves": [{"move": m.to_dict(), "rule": rule, "input": None} for m, rule in table.moves if m.quarter >= first],
            "book": book_of(table.world),
            "companies": companies_of(self.economy),
            "plants": plants_of(self.economy),
        }

    def read(self, table: Table, first: int) -> Array:
        """Indicators from a quarter to the present."""
        return read_all(table.recorder.tracks, self.baseline.tracks, self.economy, first, table.quarter)

    def check(self, history: Sequence[Inputs], turn: Inputs) -> list[dict[str, Any]]:
        """Which of the moves of a turn the law would not let through: positions and reasons."""
        world = copy.copy(self.table(history).world)  # a move is enacted in the rule book alone
        world.book = copy.deepcopy(world.book)
        refused = []
        for index, row in enumerate(turn["moves"]):
            try:
                _enact_for_people(as_move(row["move"], world.quarter), world)
            except UserError as error:
                refused.append({"index": index, "reason": str(error)})
        return refused

    def paths(self, history: Sequence[Inputs], turn: Inputs, study: Sequence[int], quarters: int) -> Array:
        """Indicators of the coming quarters under the moves of a turn, by draw.

        Args:
            history: turns played.
            turn: moves to be previewed; without moves, doing nothing.
            study: which draws, by index: the same index gives the same luck and parameters.
            quarters: how far to look.

        Returns:
            Shape (draws, quarters, indicators).
        """
        start = self.table(history)
        return np.stack([self._path(start, turn, draw_of(self.setup.seed, i), quarters) for i in study])

    def _path(self, start: Table, turn: Inputs, draw: Replicate, quarters: int) -> Array:
        table = start.copied()
        table.world.streams = Streams(draw.seed)
        table.params = table.world.params = self.config.params.with_values(draw.values, "preview")
        self.played(table, turn, quarters)
        return self.read(table, start.quarter)

    def ending(self, history: Sequence[Inputs], turns: Sequence[Inputs], luck: int) -> Array:
        """Indicators of the quarters of some turns after a history; luck 0 is that of the game, others are redrawn.

        Returns:
            Shape (quarters, indicators).
        """
        start = self.table(history)
        table = start.copied()
        if luck:
            table.world.streams = Streams(draw_of(self.setup.seed, luck).seed)
        for turn in turns:
            self.played(table, turn)
        return self.read(table, start.quarter)

    def under(self, words: Sequence[str], turns: int) -> Array:
        """Indicators had a policy of the catalogue been followed from the start of the game on, nobody at the table.

        Args:
            words: overrides such as policy=blanket.
            turns: turns to play.

        Returns:
            Shape (quarters, indicators).
        """
        start = self.table(())
        table = start.copied()
        config = self.setup.config(*words)
        if config.policy.kind == "doctrine":
            config = replace(config, policy=replace(config.policy, start=self.setup.start))
        table.players = tuple(strategies.build(config, self.economy)) if config.policy.kind != "none" else (Calendar(),)
        for _ in range(turns * self.setup.quarters):
            table.step()
        return self.read(table, start.quarter)


def _enact_for_people(move: Move, world: World) -> None:
    """As the door does it, which lists the further entities that it finds; people are told where there are not so many.

    Raises:
        UserError: the move may not be made.
    """
    most = countable(world.economy, world.book, move) if move.count else 0
    tools.enact(move, world)
    if move.count and move.count > most:
        raise UserError(f"move {move.verb} of {move.actor}: count: {move.count} are more than there are; accepted: at most {most}")


def _take(waiting: list[tuple[int, Move]], move: Move) -> int | None:
    """The position of a move among those of people, each used once."""
    for place, (index, other) in enumerate(waiting):
        if other == move:
            del waiting[place]
            return index
    return None


def draw_of(seed: int, index: int) -> Replicate:
    """A draw of luck and uncertain parameters for previews."""
    return _draws(seed)[index]


_DRAWS: dict[int, list[Replicate]] = {}
MOST_DRAWS = 64


def _draws(seed: int) -> list[Replicate]:
    if seed not in _DRAWS:
        _DRAWS[seed] = replicates(seed + 1, MOST_DRAWS, 1, DRAWN)
    return _DRAWS[seed]


def as_move(values: Mapping[str, Any], quarter: int) -> Move:
    """A move of the log, made now."""
    return Move.from_dict({**values, "quarter": quarter})


def clean(x: Array) -> list[list[float | None]]:
    """Numbers for the log; None where there is none."""
    return [[round(float(v), 9) if np.isfinite(v) else None for v in row] for row in x]


def digest(value: Any) -> str:
    """Hash of plain values."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True, ensure_ascii=False).encode(), digest_size=16).hexdigest()


def state_hash(world: World) -> str:
    """Hash of every declared array of the world and of the rule book."""
    h = hashlib.blake2b(digest_size=16)
    h.update(str(world.quarter).encode())
    for f in state_fields():
        h.update(f.name.encode())
        h.update(np.ascontiguousarray(getattr(world, f.name)).tobytes())
    book = world.book
    parts = [sorted(map(repr, d.values())) for d in (book.rules, book.measures, book.suspended)]
    parts += [
        [f"{k}={sorted(v)}" for k, v in sorted(book.parties.items())],
        [repr(sorted(book.adoption.items())), repr(sorted(book.due.items()))],
    ]
    h.update(json.dumps(parts).encode())
    return h.hexdigest()


def companies_of(e: Economy) -> dict[str, list[str]]:
    """Real companies by the state of their owner."""
    rows, company = e.named_rows
    owner = {e.companies[c]: e.states[e.owner[r]] for r, c in zip(rows, company, strict=True)}
    return {state: sorted(name for name, s in owner.items() if s == state) for state in e.states}


def listed_by(world: World, part: Rule | Measure) -> dict[str, Any]:
    """Whom a rule or measure lists: companies and institutes by name, and how many further entities; nothing where it keeps no list."""
    book, e, key = world.book, world.economy, part.party_list
    if not key:
        return {}
    company = dict(zip(e.named_rows[0].tolist(), e.named_rows[1].tolist(), strict=True))
    on = book.parties.get(key, set())
    names = {e.companies[company[r]] for r in on if r in company} | book.institutes.get(key, set())
    further = sum(float(e.entities[r]) * book.listed(key, r) for r in sorted(on) if r not in company)
    return {"listed": sorted(names), "further": round(further + max(0.0, book.outside.get(key, 0.0)))}


_KNOWN = ("id", "tool", "issuer", "products", "start")  # of a rule or measure, in force or not


def _fields(part: Rule | Measure, names: Sequence[str]) -> dict[str, Any]:
    """Of these fields those that a part has, as plain values."""
    found = {name: getattr(part, name) for name in names if hasattr(part, name)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items()}


def book_of(world: World) -> dict[str, Any]:
    """The rule book, as teams see it: each rule and measure with issuer, tool, products, terms and whom it lists; who adopted what."""
    book, e = world.book, world.economy
    rows = []
    in_force: list[Rule | Measure] = [*book.rules.values(), *book.measures.values()]
    for part in in_force:
        terms = ("denial", "threshold", "fdp", "destinations", "channel", "size", "targets")
        rows.append(_fields(part, (*_KNOWN, *terms)) | listed_by(world, part) | {"suspended": False})
    rows += [
        _fields(p, (*_KNOWN, "destinations", "channel", "targets")) | listed_by(world, p) | {"suspended": True}
        for p in book.suspended.values()
    ]
    adoption = [[state, issuer, level] for (state, issuer), level in sorted(book.adoption.items())]
    return {"rows": rows, "adoption": adoption, "principals": [e.states[INCUMBENT], e.states[CHALLENGER]]}
