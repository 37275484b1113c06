"""How a number of the model is declared: default, unit, plausible range, source or "assumption", meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ASSUMPTION = "assumption"

FITTED = "fitted to W targets by `python -m ecsim.analysis.documents --fit`"

CALIBRATED = "fitted by `ecsim calibrate`"

MEDIAN = "assumption: prior median, drawn in comparisons; the targets do not pin it down (`ecsim calibrate`)"

BY_HISTORY = (
    "assumption, set by hand so that products under rules and under direct-product rules, and the denied share, come near the history "
    "scenario at the end of 2025 (docs/governments.md)"
)

REFERENCE = "reference"  # the engine of array expressions

POSTERIOR = "assumption under test: posterior median by `python -m ecsim.analysis.documents`"


@dataclass(frozen=True)
class ParamInfo:
    """What the registry knows of one parameter.

    Attributes:
        name: dotted name, group first, for example "innovation.stretch".
        default: value used unless told otherwise.
        unit: unit, or "1" for a pure number.
        lo, hi: plausible range (None for a choice, a switch or a text).
        least, most: bounds beyond which the equations have no meaning, such as 1 for a share; None where the plausible range decides alone.
        choices: accepted values of a choice.
        source: where the default comes from, or "assumption".
        doc: what it is.
        uncertain: drawn anew for each replicate of a comparison (one of the decisive unknowns).
    """

    name: str
    default: Any
    unit: str
    lo: float | None
    hi: float | None
    choices: tuple[str, ...]
    source: str
    doc: str
    uncertain: bool
    least: float | None = None
    most: float | None = None

    @property
    def accepted(self) -> tuple[float, float] | None:
        """Least and largest value taken: the plausible range widened by its width, within the bounds. Counts and calendars are strict."""
        if self.lo is None or self.hi is None:
            return None
        width = 0.0 if isinstance(self.default, int) else self.hi - self.lo
        lowest = max(0.0, self.lo - width) if self.lo >= 0 else self.lo - width
        highest = self.hi + width
        return (lowest if self.least is None else max(lowest, self.least)), (highest if self.most is None else min(highest, self.most))


@dataclass(frozen=True)
class Number:
    """A number declared where it is used, such as the strength that a tool has unless a move says otherwise.

    Attributes:
        value: in the unit of the field that it stands in.
        lo, hi: plausible range.
        source: where it comes from, or "assumption".
    """

    value: float
    lo: float
    hi: float
    source: str = "assumption"

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: the value lies outside its own range.
        """
        if not self.lo <= self.value <= self.hi:
            raise ValueError(f"{self.value} lies outside {self.lo} to {self.hi}")


def par(
    default: Any,
    unit: str,
    doc: str,
    *,
    lo: float | None = None,
    hi: float | None = None,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    source: str = ASSUMPTION,
    uncertain: bool = False,
) -> Any:
    """A dataclass field that carries its entry in the registry.

    Args:
        default, unit, doc: value, its unit ("1" for a pure number) and what it is.
        lo, hi: plausible range; values outside it by no more than its width are taken too.
        least, most: bounds of what is taken, where the equations need some: a time that divides, a share.
        choices, source, uncertain: as in `ParamInfo`.
    """
    meta = {"unit": unit, "doc": doc, "lo": lo, "hi": hi, "choices": choices, "source": source, "uncertain": uncertain}
    meta |= {"least": least, "most": most}
    return field(default=default, metadata=meta)
