"""The one door: a move is held against the world, then written into the rule book."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from ecsim.economy import CHALLENGER
from ecsim.errors import UserError, unknown
from ecsim.moves import Move, quarter_label
from ecsim.rules import TERMS, Measure, Rule, RuleBook, altered
from ecsim.tools.base import Control, Effect, Tool, amended, list_key, role
from ecsim.tools.catalogue import tool_named, vocabulary
from ecsim.tools.parties import counted_on, counted_rows, named_institutes, named_rows
from ecsim.world import World

SLACK = 1e-9
# what each further listing may not state for itself
_OF_A_LIST = frozenset((*TERMS, "until")) - {"products", "destinations", "military", "ground"}
_STATES = frozenset(("actor", "issuer", "origin", "destinations", "exempt", "spares"))  # arguments of a move that name states
_PRODUCTS = frozenset(("products", "end_uses"))


def enact(move: Move, world: World) -> str | None:
    """Carry out a move.

    Args:
        move: due in the world's quarter.
        world: its rule book is written.

    Returns:
        The id of the rule or measure made or changed; None where there is none (adoption, events).

    Raises:
        UserError: one line on what forbids it; the book is then as it was.
    """
    where = f"move {move.id or move.verb} of {move.actor} in {quarter_label(move.quarter)}"
    _check_world(move, world, where)
    done = _ACTS[move.verb](move, world, where)
    if move.verb != "event":
        world.book.touch(rules=_changed_rules(move, done, world.book))
    return done


def _changed_rules(move: Move, made: str | None, book: RuleBook) -> bool:
    """Whether a move that is made may have changed more than measures: rules, lists or adoption."""
    of_its_parts = move.verb == "amend" or (move.verb == "measure" and not tool_named(move.tool).listing)
    return not of_its_parts or book.has_rules_of(made or "")


def _check_world(move: Move, world: World, where: str) -> None:
    e = world.economy
    if move.quarter != world.quarter:
        when = "in the past" if move.quarter < world.quarter else "in the future"
        raise UserError(f"{where}: quarter: {move.quarter} is {when}; accepted: {world.quarter} ({quarter_label(world.quarter)})")
    for key, names in move.given(_STATES).items():
        for name in (names,) if isinstance(names, str) else names:
            if name not in e.state_index:
                raise unknown(f"{where}: {key}", "state", name, e.states)
    for key, names in move.given(_PRODUCTS).items():
        for name in names:
            if name not in e.product_index and name not in vocabulary("product"):
                raise unknown(f"{where}: {key}", "product", name, e.products)
    if move.tool:
        tool = tool_named(move.tool, f"{where}: tool")
        if move.verb != "event" and role(e, move.actor) not in tool.users:
            raise UserError(f"{where}: {move.actor} may not use '{tool.id}'; accepted: {' or '.join(tool.users)}")


def _impose(move: Move, world: World, where: str) -> str | None:
    tool = tool_named(move.tool)
    if not tool.makes:
        raise UserError(f"{where}: tool: '{tool.id}' only goes on record; accepted with verb: event")
    if tool.listing:
        return _list(move, world, where)
    if move.verb == "measure" and not any(isinstance(m, Effect) for m in tool.makes):
        raise UserError(f"{where}: tool: '{tool.id}' makes rules; accepted with verb: impose")
    if move.channel and move.channel not in tool.channels:
        raise unknown(f"{where}: channel", f"channel of '{tool.id}'", move.channel, tool.channels)
    return _put(tool, move, world, _new_id(move, world.book, where))


def _put(tool: Tool, move: Move, world: World, first: str) -> str | None:
    """Write the parts of a move, as far as the economy has the products they are about."""
    book, known = world.book, world.economy.product_index
    made = None
    for wanted in tool.parts(move, world.economy, first):
        part = _as_far_as_known(wanted, known)
        if part is None:
            continue
        _shelve(book, part)
        if move.until is not None:
            book.due[part.id] = move.until
        made = first
    return made


def _as_far_as_known(part: Rule | Measure, known: Mapping[str, int]) -> Rule | Measure | None:
    """The part with the products and end uses that the economy has; None where it named some and has none of them."""
    named: dict[str, tuple[str, ...]] = {key: names for key in ("products", "end_uses") if (names := getattr(part, key, ()))}
    if all(known.keys() >= set(names) for names in named.values()):
        return part
    present = {key: tuple(p for p in names if p in known) for key, names in named.items()}
    return altered(part, present) if all(present.values()) else None


def _new_id(move: Move, book: RuleBook, where: str) -> str:
    if move.rule:
        if book.holds(move.rule):
            raise UserError(f"{where}: rule: '{move.rule}' is in force or suspended already; accepted: another id, or the verb amend")
        return move.rule
    stem = f"{move.actor}:{move.tool}:{quarter_label(move.quarter)}"
    number = 1
    while book.holds(name := stem if number == 1 else f"{stem}:{number}"):
        number += 1
    return name


def _list(move: Move, world: World, where: str) -> str:
    """Put parties on a list, and see to it that the list has its rule or measure."""
    book, tool = world.book, tool_named(move.tool)
    if not tool.listing:
        keepers = "entity_list, uvl, denial_order, …"
        raise UserError(f"{where}: tool: '{tool.id}' keeps no list; accepted: tools that do ({keepers})")
    key = list_key(move, tool.listing)
    rows, bodies = named_rows(world.economy, move, where), named_institutes(move, where)
    if bodies and not any(isinstance(m, Control) for m in tool.makes):
        raise UserError(f"{where}: entities: '{tool.id}' acts on firms; accepted: companies by name")
    _check_count(move, where)
    more = counted_rows(world.economy, book, move, rows) if move.count else {}
    keeper = _keeper(move, world, key, where)
    before = _inside(world, key) if move.parties is not None else 0.0
    _enter(book, key, rows, more)
    if bodies:
        book.institutes.setdefault(key, set()).update(bodies)
    if move.parties is not None:
        book.outside[key] = book.outside.get(key, 0.0) + move.parties - (_inside(world, key) - before)
    return keeper


def _check_count(move: Move, where: str) -> None:
    if move.count and not move.destinations:
        raise UserError(f"{where}: destinations: missing; a count needs the states whose entities are meant")


def _keeper(move: Move, world: World, key: str, where: str) -> str:
    """The rule or measure of a list; made by the move where there is none.

    Raises:
        UserError: the list has its terms, and the move brings others.
    """
    book = world.book
    keeper = next((part.id for part in _everything(book) if part.party_list == key), "")
    if keeper and (given := move.given(_OF_A_LIST)):
        named = ", ".join(k for k in (*TERMS, "until") if k in given)
        raise UserError(f"{where}: {named}: the list has its terms; accepted: entities and count, or the verb amend on '{keeper}'")
    if keeper:
        return keeper
    # whom a count is drawn from is not what the rule covers: a listing follows the party everywhere
    terms = replace(move, products=() if move.count else move.products, destinations=())
    return _put(tool_named(move.tool), terms, world, _new_id(replace(move, rule=move.rule or key), book, where)) or ""


def _enter(book: RuleBook, key: str, rows: Iterable[int], more: Mapping[int, float]) -> None:
    """Put firms on a list, whole, and others for a further share of their legal entities."""
    book.inside.pop(key, None)
    parts = book.parts.setdefault(key, {})
    for row in rows:
        parts.pop(row, None)
    book.parties.setdefault(key, set()).update(rows)
    for row, share in more.items():
        part = book.listed(key, row) + share
        book.parties[key].add(row)
        parts.pop(row, None)
        if part < 1.0 - SLACK:
            parts[row] = part


def _inside(world: World, key: str) -> float:
    """Legal entities on a list that firms of the model stand for, counted once for as long as it stays as it is."""
    book = world.book
    if key not in book.inside:
        rows, parts = sorted(book.parties.get(key, ())), book.parts.get(key, {})
        total = 0.0
        for row, count in zip(rows, world.economy.entities[rows].tolist(), strict=True):
            total += count * parts.get(row, 1.0)
        book.inside[key] = total
    return book.inside[key]


def _delist(move: Move, world: World, where: str) -> str | None:
    key = list_key(move, tool_named(move.tool).listing)
    on, inside = world.book.parties.get(key, set()), world.book.institutes.get(key, set())
    rows, bodies = named_rows(world.economy, move, where), named_institutes(move, where)
    if not (rows <= on and bodies <= inside):
        raise UserError(f"{where}: entities: not all of {', '.join(move.entities)} are on '{key}'; accepted: parties on the list")
    _check_count(move, where)
    if key not in world.book.parties:
        raise UserError(
            f"{where}: tool: nobody is on '{key}'; accepted: lists with parties on them ({', '.join(world.book.parties) or 'none'})"
        )
    before = _inside(world, key)
    _strike(world.book, key, rows, counted_on(world.economy, world.book, key, move) if move.count else {})
    inside -= bodies
    if move.parties is not None:
        world.book.outside[key] = world.book.outside.get(key, 0.0) - (move.parties - (before - _inside(world, key)))
    return next((part.id for part in _in_force(world.book) if part.party_list == key), None)


def _strike(book: RuleBook, key: str, rows: Iterable[int], more: Mapping[int, float]) -> None:
    """Take firms off a list, whole, and a share of the legal entities of others."""
    book.inside.pop(key, None)
    left = dict.fromkeys(rows, 0.0) | {row: book.listed(key, row) - share for row, share in more.items()}
    parts = book.parts.setdefault(key, {})
    for row, part in left.items():
        parts.pop(row, None)
        if part > SLACK:
            parts[row] = part
        else:
            book.parties[key].discard(row)


def _in_force(book: RuleBook) -> Iterator[Rule | Measure]:
    """Parts in force: rules, then measures."""
    return chain(book.rules.values(), book.measures.values())


def _everything(book: RuleBook) -> Iterator[Rule | Measure]:
    """Parts in force, then those suspended."""
    return chain(book.rules.values(), book.measures.values(), book.suspended.values())


def _parts(move: Move, book: RuleBook, where: str) -> dict[str, Rule | Measure]:
    """Parts in force or suspended under the id of a move, which must be the actor's own."""
    name, further = move.rule, f"{move.rule}/"
    everything: tuple[Mapping[str, Rule | Measure], ...] = (book.rules, book.measures, book.suspended)
    near = [(i, some) for some in everything for i in some if name in i]  # quickly told, and hardly ever more than those meant
    parts = {i: some[i] for i, some in near if i == name or i.startswith(further)}
    if not parts:
        raise unknown(f"{where}: rule", "rule", name, [i for some in everything for i in some] or ["none is in force"])
    issuer = next(iter(parts.values())).issuer
    if issuer != move.actor:
        raise UserError(f"{where}: rule: '{move.rule}' is of {issuer}; accepted: rules of {move.actor}")
    return parts


def _amend(move: Move, world: World, where: str) -> str:
    book = world.book
    for i, part in _parts(move, book, where).items():
        after = _as_far_as_known(amended(part, move), world.economy.product_index)
        if after is not None:
            _shelve(book, after, suspended=i in book.suspended)
        if move.until is not None:
            book.due[i] = move.until
    return move.rule


def _shelve(book: RuleBook, part: Rule | Measure, *, suspended: bool = False) -> None:
    """Put a part where it belongs."""
    if suspended:
        book.suspended[part.id] = part
    elif isinstance(part, Rule):
        book.rules[part.id] = part
    else:
        book.measures[part.id] = part


def _unshelve(book: RuleBook, part_id: str) -> None:
    """Take a part out of the book, with the date on which it was due."""
    book.rules.pop(part_id, None)
    book.measures.pop(part_id, None)
    book.suspended.pop(part_id, None)
    book.due.pop(part_id, None)


def _lift(move: Move, world: World, where: str) -> str:
    book = world.book
    for i, part in _parts(move, book, where).items():
        _unshelve(book, i)
        if part.party_list and all(p.party_list != part.party_list for p in _everything(book)):
            book.parties.pop(part.party_list, None)
            book.parts.pop(part.party_list, None)
            book.outside.pop(part.party_list, None)
            book.inside.pop(part.party_list, None)
            book.institutes.pop(part.party_list, None)
    return move.rule


def _suspend(move: Move, world: World, where: str) -> str:
    book = world.book
    parts = _parts(move, book, where)
    if parts.keys() & book.suspended.keys():
        raise UserError(f"{where}: rule: '{move.rule}' is suspended already; accepted: a rule in force")
    for i, part in parts.items():
        _unshelve(book, i)
        _shelve(book, part, suspended=True)
        if move.until is not None:
            book.due[i] = move.until
    return move.rule


def _resume(move: Move, world: World, where: str) -> str:
    book = world.book
    parts = _parts(move, book, where)
    if not parts.keys() <= book.suspended.keys():
        raise UserError(f"{where}: rule: '{move.rule}' is not suspended; accepted: {', '.join(sorted(book.suspended)) or 'none is'}")
    for i, part in parts.items():
        _unshelve(book, i)
        _shelve(book, part)
    return move.rule


def _adopt(move: Move, world: World, where: str) -> None:
    e = world.economy
    if role(e, move.actor) != "ally":
        raise UserError(f"{where}: {move.actor} may not adopt; accepted: states other than the incumbent and the challenger")
    if e.state_index[move.issuer] == CHALLENGER:
        raise UserError(f"{where}: issuer: rules of {move.issuer} cannot be adopted; accepted: the incumbent and its allies")
    assert move.level is not None
    world.book.adoption[move.actor, move.issuer] = move.level


def _leave(move: Move, world: World, where: str) -> None:
    if (move.actor, move.issuer) not in world.book.adoption:
        raise UserError(f"{where}: {move.actor} has not adopted the rules of {move.issuer}; accepted: a state that has")
    del world.book.adoption[move.actor, move.issuer]


def _event(move: Move, world: World, where: str) -> None:
    """Goes on record only."""


_ACTS: dict[str, Callable[[Move, World, str], str | None]] = {
    "impose": _impose,
    "amend": _amend,
    "lift": _lift,
    "suspend": _suspend,
    "resume": _resume,
    "list": _list,
    "delist": _delist,
    "adopt": _adopt,
    "leave": _leave,
    "measure": _impose,
    "end_measure": _lift,
    "event": _event,
}
