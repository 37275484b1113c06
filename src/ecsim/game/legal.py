"""What a team may hand in, as far as that can be said without the model: shapes, lengths, powers of the seat, legal ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ecsim.errors import UserError
from ecsim.game.branch import PRIVATE, PUBLIC, SHOWN
from ecsim.game.costs import LOBBY
from ecsim.game.hits import may_hit, needs_names
from ecsim.game.seats import FIRMS, INDUSTRY, Seat, tools_of
from ecsim.game.words import names_in, reason, say
from ecsim.move_text import money
from ecsim.moves import Move
from ecsim.params import Number
from ecsim.tools import CATALOGUE, Control, Effect, Tool

MOST_ROWS, MOST_TEXT, MOST_NAMES = 12, 600, 24
MOST_SAID = 280  # characters of an announcement
ANNOUNCEMENT = "announcement"
SINGLE = ("move", "lobby", "free")
_KEYS = {"move", "lobby", "free", "shown"}
_TERMS = {"denial", "threshold", "sliding", "fdp", "delay", "until", "military", "de_minimis"}
_ALLOWED = {
    "actor",
    "verb",
    "tool",
    "rule",
    "products",
    "destinations",
    "origin",
    "entities",
    "count",
    "channel",
    "size",
    "issuer",
    "level",
    "ground",
} | _TERMS
STRENGTHS = ("denial", "delay", "de_minimis", "size")
_FAR = 40  # quarters ahead that a date may lie


class Refusal(UserError):
    """A command that is not carried out, with a reason in both languages.

    Args:
        key: text of the catalogue of words.
        **values: what stands in its gaps; a function gives it in a language.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key, self.values = key, values
        super().__init__(self.text("en"))

    def text(self, lang: str) -> str:
        """The reason in a language; one that the model gives is put in words of that language too."""
        by_model = {"reason": reason(lang, self.values["reason"])} if "reason" in self.values else {}
        named = {k: v(lang) for k, v in self.values.items() if callable(v)}
        return say(lang, self.key, **self.values | by_model | named)


def check_text(value: Any, most: int = MOST_TEXT) -> str:
    """A text of people, of bounded length and without control characters.

    Raises:
        Refusal: it is none.
    """
    if not isinstance(value, str) or len(value) > most:
        raise Refusal("refused_text", most=most)
    return kept_text(value)


def kept_text(value: str) -> str:
    """What is kept of a text."""
    return "".join(c for c in value if c.isprintable() or c in "\n\t").strip()


def check_rows(
    seat: Seat,
    rows: Any,
    book: Sequence[Mapping[str, Any]],
    quarter: int,
    table: Sequence[Seat] = (),
    adopted: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """The rows of a submission, as they go to the log.

    Args:
        seat: whose they are.
        rows: as given.
        book: rules and measures in force.
        quarter: in which they would be made.
        table: seats of the game, whose governments can be lobbied.
        adopted: state -> level at which it applies American rules.

    Raises:
        Refusal: the first thing that may not be.
    """
    if not isinstance(rows, (list, tuple)) or len(rows) > MOST_ROWS:
        raise Refusal("refused_rows", most=MOST_ROWS)
    checked = [_row(seat, row, book, quarter, table) for row in rows]
    if any(_as_it_is(row["move"], book, adopted or {}) for row in checked if "move" in row):
        raise Refusal("refused_same")
    return checked


def _row(seat: Seat, row: Any, book: Sequence[Mapping[str, Any]], quarter: int, table: Sequence[Seat]) -> dict[str, Any]:
    if not isinstance(row, Mapping) or set(row) - _KEYS or sum(k in row for k in SINGLE) != 1:
        raise Refusal("refused_shape")
    if "free" in row:
        if not (words := check_text(row["free"])):
            raise Refusal("refused_empty")
        return {"free": words}
    if "lobby" in row:
        return {"lobby": _lobby(seat, row["lobby"], governments(table))}
    shown = row.get("shown", PUBLIC)
    move = check_move(seat, row["move"], book, quarter)
    if shown not in shown_of(move):
        raise Refusal("refused_shown")
    if shown == PRIVATE and not move.get("destinations") and needs_names(CATALOGUE.get(move.get("tool", ""))):
        raise Refusal("refused_nobody")
    return {"move": move, "shown": shown}


def governments(table: Sequence[Seat]) -> tuple[Seat, ...]:
    """Seats that play a government, and so have political capital that a word of industry can move."""
    return tuple(s for s in table if s.role != INDUSTRY)


def _lobby(seat: Seat, lobby: Any, listeners: Sequence[Seat]) -> dict[str, Any]:
    if seat.role != INDUSTRY or not isinstance(lobby, Mapping) or set(lobby) != {"seat", "points"}:
        raise Refusal("refused_shape")
    points = lobby["points"]
    if isinstance(points, bool) or not isinstance(points, int) or not 1 <= abs(points) <= LOBBY:
        raise Refusal("refused_lobby", most=LOBBY)
    if lobby["seat"] not in [s.id for s in listeners]:
        raise Refusal("refused_lobby_seat", seats=lambda lang: say(lang, "semicolon").join(s.name(lang) for s in listeners))
    return {"seat": lobby["seat"], "points": points}


def shown_of(move: Mapping[str, Any]) -> tuple[str, ...]:
    """How a move may be shown: rules and lists are published by law, measures and messages may be kept quiet.

    To those whom it hits alone, where it hits anybody.
    """
    tool = CATALOGUE.get(move.get("tool", ""))
    quiet = move["verb"] in ("measure", "event") and (tool is None or not any(isinstance(m, Control) for m in tool.makes))
    if not quiet:
        return (PUBLIC,)
    return tuple(way for way in SHOWN if way != PRIVATE or may_hit(tool))


def check_move(seat: Seat, values: Any, book: Sequence[Mapping[str, Any]], quarter: int) -> dict[str, Any]:
    """A move that a seat may make, as far as its powers go; the door checks the rest.

    Raises:
        Refusal: it may not.
    """
    if not isinstance(values, Mapping) or set(values) - _ALLOWED:
        raise Refusal("refused_shape")
    values = _spoken(values) if values.get("verb") == "event" else values
    short = {k: v for k, v in values.items() if k != "ground" or values.get("verb") != "event"}
    if any(isinstance(v, (list, tuple)) and len(v) > MOST_NAMES or isinstance(v, str) and len(v) > 80 for v in short.values()):
        raise Refusal("refused_shape")
    if values.get("actor") not in seat.states:
        raise Refusal("refused_actor")
    if any(isinstance(v, float) and not math.isfinite(v) for v in values.values()):
        raise Refusal("refused_shape")
    try:
        move = Move.from_dict({**values, "quarter": quarter})
    except UserError as error:
        raise Refusal("refused_move", reason=str(error)) from None
    _powers(seat, move, book)
    if move.until is not None and not quarter < move.until <= quarter + _FAR:
        raise Refusal("refused_until", most=_FAR)
    _ranges(move, book)
    out = move.to_dict()
    del out["quarter"]
    return out


def _as_it_is(move: Mapping[str, Any], book: Sequence[Mapping[str, Any]], adopted: Mapping[str, float]) -> bool:
    """Whether a move changes nothing: what it sets reads as what stands, or all whom it lists are on the list."""
    actor, verb = move["actor"], move["verb"]
    if verb == "adopt":
        return actor in adopted and _read("level", move["level"]) == _read("level", adopted[actor])
    if verb == "amend":
        standing: Mapping[str, Any] = next((row for row in book if row["id"] == move["rule"]), {})
        given = {k: v for k, v in move.items() if k not in ("actor", "verb", "rule")}
        return all(k in standing and _read(k, v) == _read(k, standing[k]) for k, v in given.items())
    if verb == "list" and not move.get("count"):
        key = f"{actor}:{CATALOGUE[move['tool']].listing}"
        listed = next((row.get("listed", ()) for row in book if row["id"] == key), ())
        return set(move["entities"]) <= set(listed)
    return False


def _read(name: str, value: Any) -> Any:
    """A term as people read it: a strength to the digits that are shown."""
    if isinstance(value, float):
        return f"{value:.0%}" if name in ("denial", "level") else f"{value:.3g}"
    return sorted(value) if isinstance(value, (list, tuple)) else value


def _spoken(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A statement with its words as they are kept; an announcement has some.

    Raises:
        Refusal: they are too long, or missing.
    """
    words = check_text(values.get("ground", ""), MOST_SAID)
    if values.get("tool") == ANNOUNCEMENT and not words:
        raise Refusal("refused_words")
    return {**values, "ground": words}


def _powers(seat: Seat, move: Move, book: Sequence[Mapping[str, Any]]) -> None:
    """What the role of a seat lets it do: industry acts by what companies do of themselves, governments by all else."""
    industry = seat.role == INDUSTRY
    if move.tool and move.tool not in {t.id for t in tools_of(seat)}:
        raise Refusal("refused_tool", tool=lambda lang: names_in(lang).get(move.tool, move.tool))
    if move.verb in ("adopt", "leave"):
        if seat.role != "ally":
            raise Refusal("refused_adopt")
    elif move.verb in ("amend", "lift", "suspend", "resume", "end_measure"):
        tools = {row["tool"] for row in book if row["id"] == move.rule and row["issuer"] == move.actor}
        if not tools or any(_is_of_firms(tool) != industry for tool in tools):
            raise Refusal("refused_rule")
    elif move.rule or (industry and move.verb not in ("impose", "measure")):
        raise Refusal("refused_shape")


def _is_of_firms(tool: str) -> bool:
    return tool in CATALOGUE and CATALOGUE[tool].cls == FIRMS


def _ranges(move: Move, book: Sequence[Mapping[str, Any]]) -> None:
    """Strengths within what the tool can do by law; an amendment is held to the tool of its rule."""
    standing: Mapping[str, Any] = next((row for row in book if row["id"] == move.rule), {})
    tool = CATALOGUE.get(move.tool or standing.get("tool", ""))
    for name in STRENGTHS:
        given, now = getattr(move, name), standing.get(name)
        if given is None or tool is None:
            continue
        bounds = bounds_of(tool, name)
        if bounds is None:
            raise Refusal("refused_term", name=partial(_term, name))
        known = (0.0, bounds.lo, bounds.hi, *(() if now is None else (now,)))
        if not min(known) <= given <= max(known):
            lo, hi = (partial(_end, tool, name, value) for value in (min(known), max(known)))
            raise Refusal("refused_range", name=partial(_term, name), lo=lo, hi=hi)


def _term(name: str, lang: str) -> str:
    """What the form calls a term of a rule, or a strength."""
    return say(lang, f"field_{name}")


def _end(tool: Tool, name: str, value: float, lang: str) -> str:
    """An end of a range; a sum of money has its unit where the language shows another than the one in which moves are written."""
    paid = name == "size" and any(isinstance(m, Effect) and m.channel == "subsidy" for m in tool.makes)
    return money(value, lang) if paid and lang == "zh" else f"{value:g}".replace("-", "\N{MINUS SIGN}")


def bounds_of(tool: Tool, name: str) -> Number | None:
    """The plausible range of a tool's size, or of a term of its rule such as the denial."""
    for maker in tool.makes:
        if name == "size" and isinstance(maker, Effect):
            return maker.size
        if name != "size" and isinstance(maker, Control) and isinstance(maker.terms.get(name), Number):
            return maker.terms[name]
    return None
