"""In which unit a language shows an amount: as it is kept, but sums of money in Chinese by 亿, of which ten make a billion.

Number and unit change here together, for sentences, tables, figures and the workshop. What is stored keeps its unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MONEY_ZH = {
    "USD bn": "亿美元",
    "USD bn a quarter": "亿美元/季",
    "USD bn/quarter": "亿美元/季",
    "USD bn a year": "亿美元/年",
    "USD bn/year": "亿美元/年",
}
BILLION = 1  # places from the billion to 亿
NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Shown:
    """A unit as it is shown.

    Attributes:
        name: what stands beside the number.
        places: by how many places the point of a number that is kept moves to the right.
    """

    name: str
    places: int = 0

    def text(self, written: str, *, grouped: bool = False) -> str:
        """A number that was written in the unit in which it is kept, with its point moved, so that all languages round alike.

        Args:
            written: the number; signs and dashes stay as they are.
            grouped: whether thousands stand apart.
        """
        return NUMBER.sub(lambda found: self._moved(found[0], grouped), written) if self.places else written

    def _moved(self, digits: str, grouped: bool) -> str:
        moved = Decimal(digits.replace(",", "")).scaleb(self.places)
        return f"{moved:,f}" if grouped else f"{moved:f}"

    def kept(self, value: float) -> float:
        """A number as it is kept, of one that is given as it is shown."""
        return value / 10**self.places if self.places else value


def shown_in(lang: str, unit: str) -> Shown:
    """How a language shows a unit."""
    return Shown(MONEY_ZH[unit], BILLION) if lang == "zh" and unit in MONEY_ZH else Shown(unit)
