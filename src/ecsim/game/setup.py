"""What a game is played with: the past, the calendar of turns, the seats and the model's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ecsim.composing import choices
from ecsim.config import RunConfig, compose, typed
from ecsim.convert import build, plain
from ecsim.errors import UserError, unknown
from ecsim.game.seats import Seat, seats_of
from ecsim.moves import quarter_label
from ecsim.params import REGISTRY
from ecsim.strategies.settings import quarter_of
from ecsim.version import __version__

OPEN = "open"  # a game whose past has no controls
QUARTERS = "time.quarters"
HORIZON = 8  # quarters that a preview looks ahead
MOST_MINUTES = 24 * 60  # of a clock
_OWN = ("policy", "response", "alliance", "scenario", "seed", "out", "report", "experiment", "launcher")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A game before its first move.

    Attributes:
        scenario: scenario whose script plays the past, or "open".
        title: name that people see.
        start: quarter in which play begins.
        turns: turns of the game.
        quarters: quarters in a turn.
        seats: table of seats (`seats.TABLES`).
        seed: seed of the model.
        overrides: settings of the model in Hydra's grammar.
        minutes: minutes for a turn; 0 for no clock.
        version: of ecsim that made the game.
    """

    scenario: str = "history"
    title: str = ""
    start: str = "2022Q4"
    turns: int = 8
    quarters: int = 2
    seats: str = "main"
    seed: int = 1
    overrides: tuple[str, ...] = ()
    minutes: float = 0.0
    version: str = field(default=__version__)

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        accepted = [OPEN, *choices("scenario")]
        if self.scenario not in accepted:
            raise unknown("SCENARIO", "scenario", self.scenario, accepted)
        if quarter_of(self.start, "--start") >= self._end():
            last = quarter_label(self._end() - 1)
            raise UserError(f"--start: '{self.start}' is after the model's horizon; accepted: a quarter from 2018Q1 to {last}")
        seats_of(self.seats)
        for key, value, most in (("--turns", self.turns, 40), ("--quarters", self.quarters, 8)):
            if not 1 <= value <= most:
                raise UserError(f"{key}: {value} will not do; accepted: a whole number from 1 to {most}")
        if not 0 <= self.minutes <= MOST_MINUTES:
            raise UserError(f"--minutes: {self.minutes:g} will not do; accepted: 0 (no clock) to {MOST_MINUTES}")
        for word in self.overrides:
            head = word.lstrip("+~").split("=")[0].split(".")[0]
            if head in _OWN:
                raise UserError(f"'{word}': the seats play this; accepted: settings of the model, such as innovation.stretch=1.2")

    def _end(self) -> int:
        """Quarters from 2018 on in which play may begin: the model's horizon, or a longer one that was set; a bad one is refused later."""
        given = [value for word in self.overrides for key, _, value in [word.lstrip("+").partition("=")] if key == QUARTERS]
        return max([int(REGISTRY[QUARTERS].default), *(int(value) for value in given if value.isdecimal())])

    @property
    def first(self) -> int:
        """Index of the quarter in which play begins."""
        return quarter_of(self.start, "--start")

    def quarter(self, turn: int) -> int:
        """Index of the first quarter of a turn, turns counted from 1."""
        return self.first + (turn - 1) * self.quarters

    def label(self, turn: int) -> str:
        """The quarters of a turn, for people."""
        begin, end = quarter_label(self.quarter(turn)), quarter_label(self.quarter(turn + 1) - 1)
        return begin if begin == end else f"{begin}–{end}"

    @property
    def table(self) -> tuple[Seat, ...]:
        """The seats."""
        return seats_of(self.seats)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for the log."""
        return dict(plain(self))

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Setup:
        """The setup that plain values describe."""
        return build(Setup, values, "game")

    def config(self, *words: str) -> RunConfig:
        """The model's configuration: by default that of the past.

        Args:
            words: further overrides, such as policy=blanket.

        Raises:
            UserError: an override that will not do.
        """
        past = () if self.scenario == OPEN else ("policy=history", f"scenario={self.scenario}")
        return _composed(
            (*(words or past or ("policy=none",)), *self.overrides), self.seed, self.first + self.turns * self.quarters + HORIZON
        )


@lru_cache(maxsize=64)
def _composed(words: Sequence[str], seed: int, quarters: int) -> RunConfig:
    """Composed once, with a horizon long enough for the last preview."""
    settings = compose([*words, f"seed={seed}"])
    if settings.run.params.time.quarters >= quarters:
        return settings.run
    return typed(compose([*words, f"seed={seed}", f"time.quarters={quarters}"]).tree).run
