"""Moves: the one door to policy. What any actor does in a quarter, checked as far as that needs no world.

A move is flat, so that it reads the same in YAML, JSON, a log and a table. `ecsim.tools.enact` holds it against
the world and carries it out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from typing import Any, get_type_hints

from ecsim.errors import UserError, unknown
from ecsim.rules import CHANNELS, TERMS

FIRST_YEAR = 2018
YEAR = 4  # quarters
RULE_KEYS = frozenset((*TERMS, "until"))
_PARTIES = frozenset(("entities", "count", "list_name", "products", "destinations", "military"))
_TEXT = frozenset(("quarter", "actor", "verb", "id", "text_en", "text_zh", "source"))

VERBS: dict[str, frozenset[str]] = {  # verb -> what it uses beside the text
    "impose": RULE_KEYS | _PARTIES | {"tool", "rule", "size", "channel", "origin"},
    "amend": RULE_KEYS | {"rule", "size"},
    "lift": frozenset(("rule",)),
    "suspend": frozenset(("rule", "until")),
    "resume": frozenset(("rule",)),
    "list": RULE_KEYS | _PARTIES | {"tool", "rule", "parties"},
    "delist": frozenset(("tool", "list_name", "entities", "count", "products", "destinations", "parties")),
    "adopt": frozenset(("issuer", "level")),
    "leave": frozenset(("issuer",)),
    "measure": _PARTIES | {"tool", "rule", "channel", "size", "until", "origin"},
    "end_measure": frozenset(("rule",)),
    "event": frozenset(("tool", "products", "destinations", "entities", "count", "ground")),
}
_TAKES = {verb: keys | _TEXT for verb, keys in VERBS.items()}
NEEDS: dict[str, tuple[str, ...]] = {
    "impose": ("tool",),
    "amend": ("rule",),
    "lift": ("rule",),
    "suspend": ("rule",),
    "resume": ("rule",),
    "list": ("tool",),
    "delist": ("tool",),
    "adopt": ("issuer", "level"),
    "leave": ("issuer",),
    "measure": ("tool",),
    "end_measure": ("rule",),
    "event": (),
}
_RANGES: dict[str, tuple[float, float]] = {  # bounds of meaning, not of plausibility
    "quarter": (0, math.inf),
    "until": (0, math.inf),
    "count": (1, math.inf),
    "parties": (1, math.inf),
    "threshold": (-math.inf, math.inf),
    "denial": (0, 1),
    "delay": (0, math.inf),
    "de_minimis": (0, 1),
    "level": (0, 1),
    "size": (-math.inf, math.inf),
}


@dataclass(frozen=True, kw_only=True)
class Move:
    """What an actor does in a quarter. None, "" and () mean: as the tool has it, or, when amending, unchanged.

    Attributes:
        quarter: index of the quarter, 0 for 2018Q1.
        actor: state code of who moves.
        verb: impose, amend, lift, suspend, resume, list, delist, adopt, leave, measure, end_measure or event.
        tool: tool of the catalogue.
        rule: id of the rule or measure; made from actor, tool and quarter where absent.
        products, destinations: products and states acted on.
        entities: companies, universities and institutes by name.
        count: this many further legal entities of these products and destinations, unnamed; when delisting, of those on the list.
        parties: legal entities that the act lists (or takes off) all told, where that is known: those beyond what firms of
            the model stand for lie outside its chains, and are counted, no more.
        list_name: name of the list, where it is not the tool's own.
        threshold: technology from which an item is covered, generations (0: the frontier of 2018).
        sliding: the threshold is relative to the moving frontier.
        denial: share of applications denied, 0 to 1.
        delay: time that a licence takes, quarters.
        fdp: reaches foreign-made items by the direct-product test.
        de_minimis: content from which foreign-made items are covered, 0 to 1.
        persons: reaches plants abroad owned by the issuer's nationals.
        owners: covers buyers elsewhere owned at the destinations.
        affiliates: listing covers companies owned by the listed.
        military: military end users only.
        end_uses: only buyers that make these products.
        exempt: owner states whose firms at the destinations it does not cover.
        spares: supplier states whose goods its tests abroad pass over.
        adoptable: allies can adopt the rule.
        issuer: whose rules are adopted or left.
        level: level of adoption, 0 to 1.
        origin: state that plants leave, where companies move them.
        channel, size: channel and strength of a measure (`ecsim.rules.Measure`).
        until: quarter in which it lapses (impose, measure) or returns (suspend).
        ground: reason given.
        id: label of the move in its scenario.
        text_en, text_zh: a sentence on it in place of the generated one.
        source: where it comes from.
    """

    quarter: int
    actor: str
    verb: str
    tool: str = ""
    rule: str = ""
    products: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    count: int | None = None
    parties: int | None = None
    list_name: str = ""
    threshold: float | None = None
    sliding: bool | None = None
    denial: float | None = None
    delay: float | None = None
    fdp: bool | None = None
    de_minimis: float | None = None
    persons: bool | None = None
    owners: bool | None = None
    affiliates: bool | None = None
    military: bool | None = None
    end_uses: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    adoptable: bool | None = None
    issuer: str = ""
    level: float | None = None
    origin: str = ""
    channel: str = ""
    size: float | None = None
    until: int | None = None
    ground: str = ""
    id: str = ""
    text_en: str = ""
    text_zh: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: a value of the wrong type or range, an argument that the verb does not take or lacks.
        """
        check(vars(self))

    @staticmethod
    def make(quarter: int, actor: str, verb: str, **given: Any) -> Move:
        """The same move as by the constructor, in a fraction of the time: what is not given is neither looked at nor set; the class has it.

        Raises:
            UserError: as the constructor.
        """
        given.update(quarter=quarter, actor=actor, verb=verb)
        check(given)
        move = object.__new__(Move)
        vars(move).update(given)
        return move

    def given(self, among: Collection[str]) -> dict[str, Any]:
        """Of these arguments, those that the move gives; None, "" and () are none."""
        return {key: value for key, value in vars(self).items() if key in among and value not in NOTHING}

    def to_dict(self) -> dict[str, Any]:
        """Plain values that differ from their defaults, lists for tuples."""
        out: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.default is MISSING or value != f.default:
                out[f.name] = list(value) if isinstance(value, tuple) else value
        return out

    @staticmethod
    def from_dict(values: Mapping[str, Any], where: str = "move") -> Move:
        """The move that plain values describe.

        Args:
            values: argument -> value.
            where: file and row named in an error.

        Raises:
            UserError: as the constructor, and for an unknown argument.
        """
        for key in values:
            if key not in _TYPES:
                raise unknown(where, "key", key, _TYPES)
        for key in ("quarter", "actor", "verb"):
            if key not in values:
                raise UserError(f"{where}: {key}: missing; accepted: {_accepted(key)}")
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        check(plain, where)
        return Move(**plain)


_TYPES: dict[str, Any] = get_type_hints(Move)
_DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Move) if f.default is not MISSING}
NOTHING = (None, "", ())  # what is not given
_WHOLE = (int, int | None)
_NAMES, _SWITCH = tuple[str, ...], bool | None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(x, str) and x for x in value)


def _is_switch(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _is_number(key: str) -> Callable[[Any], bool]:
    """Whether a value is a number in the range of an argument, or nothing where nothing will do."""
    lo, hi = _RANGES[key]
    plain = int if _TYPES[key] in _WHOLE else (int, float)
    optional = _DEFAULTS.get(key, MISSING) is None

    def fits(value: Any) -> bool:
        if value is None:
            return optional
        return isinstance(value, plain) and not isinstance(value, bool) and math.isfinite(value) and lo <= value <= hi

    return fits


_FITS: dict[str, Callable[[Any], bool]] = {
    key: {str: _is_text, _NAMES: _is_names, _SWITCH: _is_switch}.get(kind) or _is_number(key) for key, kind in _TYPES.items()
}
"""Argument of a move -> whether a value will do: what types say is read once, since every move is checked."""


def check(values: Mapping[str, Any], where: str | None = None) -> None:
    """Hold plain values against types, ranges and what the verb takes.

    Raises:
        UserError: the first thing wrong, in one line.
    """
    if wrong := _first_wrong(values):
        where = where or f"move {values.get('id', '')}".rstrip()
        raise UserError(f"{where}: {wrong}")


def _first_wrong(values: Mapping[str, Any]) -> str:
    """What is wrong with plain values, or ""."""
    given = []
    for key, value in values.items():
        if value is not _DEFAULTS.get(key, MISSING):  # most arguments of a move are not given
            if not _FITS[key](value):
                return f"{key}: '{value}' will not do; accepted: {_accepted(key)}"
            if value or value not in NOTHING:
                given.append(key)
    verb = values["verb"]
    if verb not in VERBS:
        return str(unknown("verb", "verb", verb, VERBS))
    return _wrong_with(verb, tuple(given)) or _no_sense(values)


@lru_cache(maxsize=1024)
def _wrong_with(verb: str, given: tuple[str, ...]) -> str:
    """The first thing wrong with giving a verb these arguments, or ""; there are few ways to do so in a run."""
    for key in sorted(set(given) - _TAKES[verb]):
        takers = ", ".join(v for v, keys in VERBS.items() if key in keys)
        return f"{key}: not an argument of '{verb}'; accepted with: {takers}"
    for key in NEEDS[verb]:
        if key not in given:
            return f"{key}: missing; '{verb}' needs: {', '.join(NEEDS[verb])}"
    if verb in ("list", "delist") and "entities" not in given and "count" not in given:
        return f"entities: missing; '{verb}' needs entities by name, or a count"
    if verb == "amend" and not set(given) - _TEXT - {"rule"}:
        return f"amend changes nothing; accepted: {', '.join(sorted(VERBS['amend'] - {'rule'}))}"
    return ""


def _no_sense(values: Mapping[str, Any]) -> str:
    if values.get("channel") and values["channel"] not in CHANNELS:
        return str(unknown("channel", "channel", values["channel"], CHANNELS))
    if values.get("until") is not None and values["until"] <= values["quarter"]:
        return f"until: {values['until']} is not after the move; accepted: above {values['quarter']}"
    if values["actor"] in values.get("destinations", ()):
        return f"destinations: {values['actor']} cannot act on itself; accepted: other states"
    if values.get("issuer") == values["actor"]:
        return f"issuer: {values['actor']} cannot adopt its own rules; accepted: other states"
    return ""


def _accepted(key: str) -> str:
    kind = _TYPES[key]
    if key == "verb":
        return ", ".join(VERBS)
    if kind == _SWITCH:
        return "true, false"
    if kind == _NAMES:
        return "a list of names"
    if key in _RANGES:
        lo, hi = _RANGES[key]
        noun = "whole number" if kind in _WHOLE else "number"
        return f"a {noun}" + (f" from {lo:g}" if math.isfinite(lo) else "") + (f" to {hi:g}" if math.isfinite(hi) else "")
    return "a text"


def quarter_label(quarter: int) -> str:
    """Label of a quarter: 0 is "2018Q1"."""
    return f"{FIRST_YEAR + quarter // YEAR}Q{quarter % YEAR + 1}"
