"""Whom a move hits: those who learn of it though it is told to nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecsim.game.seats import INDUSTRY, Seat
from ecsim.tools import CATALOGUE, Effect, Tool
from ecsim.tools.base import OUTWARD

WORDS, TIES = "record", "outreach"  # classes of tools that name whom they are for
JOINING = "alignment"  # channel that acts on whether allies join
PLANTS, CONTENT = "relocation", "shedding"  # channels by which companies leave a state, or replace what comes from there
ON_COMPANIES = frozenset(("tariff", "investment", "finance", "market_access"))  # channels abroad that companies feel


def addressed(tool: Tool | None) -> bool:
    """Whether moves of a tool name the states that they are for."""
    return tool is not None and tool.cls in (WORDS, TIES)


def may_hit(tool: Tool | None) -> bool:
    """Whether a tool can hit anybody but its user."""
    return tool is None or addressed(tool) or any(_abroad(effect) for effect in _effects(tool))


def needs_names(tool: Tool | None) -> bool:
    """Whether a tool hits those alone that a move names."""
    return addressed(tool) and tool is not None and not any(_abroad(effect) for effect in _effects(tool))


def states_hit(move: Mapping[str, Any], table: Sequence[Seat], principals: Sequence[str]) -> set[str]:
    """States that a move hits: those that it names, and those at which its tool aims where it names none.

    Args:
        move: a measure or a statement.
        table: seats of the game.
        principals: the incumbent and the challenger.
    """
    actor, named = move["actor"], set(move.get("destinations", ()))
    tool, rival = CATALOGUE.get(move.get("tool", "")), _rival(actor, principals)
    found = set(named)
    for effect in _effects(tool) if tool is not None and move["verb"] == "measure" else ():
        if effect.home:
            continue
        if effect.channel == PLANTS:
            found |= {actor, move.get("origin") or (actor if named else rival)}
        elif effect.channel == CONTENT:
            found |= named or {principals[0] if actor != principals[0] else rival}  # American content, whoever designs it out
        elif effect.channel in OUTWARD:
            found |= named or {rival}
        elif effect.channel == JOINING:
            found |= {state for seat in table if seat.role == "ally" for state in seat.states}
    return found - {actor}


def is_hit(viewer: str, move: Mapping[str, Any], table: Sequence[Seat], principals: Sequence[str]) -> bool:
    """Whether a move hits a seat. Industry speaks for companies everywhere: it is hit where companies are."""
    seat = next((s for s in table if s.id == viewer), None)
    if seat is None:
        return False
    states = states_hit(move, table, principals)
    if seat.role != INDUSTRY:
        return bool(states & set(seat.states))
    tool = CATALOGUE.get(move.get("tool", ""))
    return bool(states) and tool is not None and any(e.channel in ON_COMPANIES and not e.home for e in _effects(tool))


def _effects(tool: Tool) -> list[Effect]:
    return [maker for maker in tool.makes if isinstance(maker, Effect)]


def _abroad(effect: Effect) -> bool:
    return not effect.home and effect.channel in (*OUTWARD, JOINING, PLANTS, CONTENT)


def _rival(actor: str, principals: Sequence[str]) -> str:
    """As `tools.base.rival`, which needs the economy."""
    return principals[0] if actor == principals[1] else principals[1]
