"""A firm as a Mesa agent: a window on its row of the arrays, made on first access. No mechanism loops over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from ecsim.model import ExportControlModel

READABLE = frozenset(
    {
        "capacity",
        "output",
        "demand",
        "fill",
        "price",
        "tech",
        "tech_eff",
        "rd",
        "revenue",
        "surplus",
        "market_value",
        "entities",
        "military",
    }
)


class Firm(mesa.Agent):
    """One firm row. Reads like an object (`firm.output`, `firm.tech_eff`), stores nothing but its row number."""

    model: ExportControlModel

    def __init__(self, model: ExportControlModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def name(self) -> str:
        """Name of the company, or a made-up one for a synthetic row."""
        return self.model.economy.firm_name(self.row)

    @property
    def product(self) -> str:
        """What it makes."""
        return self.model.economy.products[self.model.economy.product[self.row]]

    @property
    def owner(self) -> str:
        """State of its owners."""
        return self.model.economy.states[self.model.economy.owner[self.row]]

    @property
    def location(self) -> str:
        """State in which it produces."""
        return self.model.economy.states[self.model.economy.location[self.row]]

    def __getattr__(self, name: str) -> Any:
        """A quantity of the firm, from the arrays."""
        if name in READABLE:
            model = self.__dict__["model"]
            source = model.economy if name in ("entities", "military") else model.world
            return float(getattr(source, name)[self.__dict__["row"]])
        raise AttributeError(name)

    def __repr__(self) -> str:
        return f"<Firm {self.name}: {self.product} in {self.location}>"
