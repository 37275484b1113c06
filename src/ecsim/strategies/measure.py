"""Measures that a strategy keeps at the size it wants: started, changed and ended by moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecsim.economy import CHALLENGER
from ecsim.moves import Move
from ecsim.world import World

SLACK = 1e-9


@dataclass(frozen=True)
class Component:
    """A measure that a strategy keeps: its id, tool and channel."""

    name: str
    tool: str
    channel: str


def renew(
    world: World,
    part: Component,
    size: float,
    products: tuple[str, ...],
    at: tuple[str, ...] = (),
    actor: str = "",
    text: tuple[str, str] = ("", ""),
) -> Iterator[Move]:
    """Start, change or end a measure of an actor (the challenger, unless named) so that it has this size and these products.

    Args:
        world: its rule book says what is in force.
        part: the measure.
        size: size wanted; nil ends it.
        products: products covered; empty for all.
        at: states acted on.
        actor: whose measure.
        text: sentences on the move in English and Chinese, in place of the generated ones.
    """
    en, zh = text
    actor, quarter = actor or world.economy.states[CHALLENGER], world.quarter
    now = world.book.measures.get(part.name)
    if abs(size) <= SLACK:
        if now is not None:
            yield Move.make(quarter, actor, "end_measure", rule=part.name, text_en=en, text_zh=zh)
    elif now is None:
        yield Move.make(
            quarter,
            actor,
            "measure",
            tool=part.tool,
            rule=part.name,
            channel=part.channel,
            size=size,
            products=products,
            destinations=at,
            text_en=en,
            text_zh=zh,
        )
    elif now.products != products or abs(now.size - size) > world.params.counsel.least_change * abs(size):
        yield Move.make(quarter, actor, "amend", rule=part.name, size=size, products=products, text_en=en, text_zh=zh)
