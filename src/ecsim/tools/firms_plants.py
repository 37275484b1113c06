"""What companies can decide that takes years: to design out what a rule could reach, and to move plants.

The state of a move says whose companies act.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from ecsim.economy import CHALLENGER, INCUMBENT, Economy
from ecsim.errors import UserError
from ecsim.mechanisms.companies import routes
from ecsim.moves import Move
from ecsim.params import Number
from ecsim.rules import Measure
from ecsim.tools.base import ROLES, Effect, Tool, rival

_firms = partial(Tool, cls="firms", agency="companies", basis="", layers=("industry",), users=ROLES, grounds=("business",))


@dataclass(frozen=True, kw_only=True)
class Shedding(Effect):
    """Makes a measure that designs out an issuer's content: the incumbent's, or the challenger's for the incumbent's own companies."""

    def measure(self, tool: Tool, move: Move, economy: Economy, measure_id: str, size: float | None) -> Measure:
        """The measure of a move.

        Raises:
            UserError: content of a state that is not traced.
        """
        traced = [economy.states[i] for i in (INCUMBENT, CHALLENGER) if economy.states[i] != move.actor]
        for state in move.destinations:
            if state not in traced:
                raise UserError(
                    f"move {tool.id} of {move.actor}: destinations: content of {state} is not traced; accepted: {', '.join(traced)}"
                )
        part = super().measure(tool, move, economy, measure_id, size)
        return replace(part, targets=move.destinations or (traced[0],))


@dataclass(frozen=True, kw_only=True)
class Relocation(Effect):
    """Makes a measure that moves plants: from the origin of the move to its destination.

    Where the move names no destination, plants come home; where it names no origin, they leave home, or the rival if
    it names neither.
    """

    def measure(self, tool: Tool, move: Move, economy: Economy, measure_id: str, size: float | None) -> Measure:
        """The measure of a move.

        Raises:
            UserError: the companies have no plants of these products in both states.
        """
        targets = move.destinations or (move.actor,)
        origin = move.origin or (move.actor if move.destinations else rival(economy, move.actor))
        named = move.products or move.destinations or move.origin
        if named and not routes(economy, move.actor, origin, targets, move.products):
            pairs = [
                (p, f"{economy.states[economy.cell_location[a]]} to {economy.states[economy.cell_location[b]]}")
                for p, a, b in ways(economy, move.actor)
            ]
            wanted = [f"{p} from {way}" for p, way in pairs if not move.products or p in move.products]
            what = f"{', '.join(move.products) or 'anything'} from {origin} to {', '.join(targets)}"
            raise UserError(
                f"move {tool.id} of {move.actor}: its companies cannot move {what}: they must make it in both; "
                f"accepted: {', '.join(wanted[:12]) or 'none'}"
            )
        part = super().measure(tool, move, economy, measure_id, size)
        return replace(part, origin=origin, targets=targets)


def ways(economy: Economy, owner: str) -> list[tuple[str, int, int]]:
    """Product, cell left and cell built up of every way in which a state's companies can move plants."""
    places = [
        s for i, s in enumerate(economy.states) if ((economy.cell_owner == economy.state_index[owner]) & (economy.cell_location == i)).any()
    ]
    return [
        (economy.products[economy.cell_product[a]], a, b)
        for origin in places
        for a, b in routes(economy, owner, origin, tuple(p for p in places if p != origin))
    ]


def plants_of(economy: Economy) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Owner -> state left -> state built up -> products: every way in which plants can move."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for owner in economy.states:
        for product, a, b in ways(economy, owner):
            left, taken = (economy.states[economy.cell_location[c]] for c in (a, b))
            found.setdefault(owner, {}).setdefault(left, {}).setdefault(taken, []).append(product)
    return found


TOOLS = (
    _firms(
        id="design_out",
        name_en="Companies design out foreign content",
        name_zh="企业去除外国成分",
        users=("ally", "challenger", "incumbent"),
        instruments=("standards",),
        expects=("-reach",),
        makes=(
            Shedding(
                channel="shedding",
                size=Number(
                    0.02, 0.0, 0.06, "assumption; share of the content designed out a quarter, beside what a rule in force makes firms shed"
                ),
            ),
            Effect(
                channel="investment",
                size=Number(0.01, 0.0, 0.03, "assumption"),
                home=True,
                note="engineers who replace a part do not develop the next one",
            ),
        ),
        source="assumption; that leverage erodes: Farrell and Newman",
        note="Of the incumbent's content and tools, for its own companies of the challenger's. What is designed out stays out.",
    ),
    _firms(
        id="move_plants",
        name_en="Companies move plants",
        name_zh="企业迁移产能",
        instruments=("information_support",),
        expects=("-plants_there",),
        makes=(
            Relocation(channel="relocation", size=Number(0.1, 0.0, 0.3, "assumption; share of the capacity there that moves in a year")),
        ),
        source="assumption",
        note=(
            "Name where plants leave (origin) and where they go (destinations); without either they come home from the rival. "
            "Building takes the product's time, and part of the capacity is lost (production.relocation_loss). Companies can "
            "only go where they make the product already."
        ),
    ),
)
