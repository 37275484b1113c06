"""What would have happened otherwise: paired re-runs of a game without a team's moves of a turn, and under plain policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from ecsim.economy import Array
from ecsim.game.branch import Branch
from ecsim.game.desk import Desk
from ecsim.game.indicators import INDICATORS
from ecsim.game.referee import Inputs

LUCKS = (0, 1, 2, 3, 4)  # the luck of the game, and four others
KEY = (
    "gap_foundry",
    "gap_lithography",
    "gap_accelerators",
    "power_ratio",
    "revenue_usa",
    "revenue_chn",
    "revenue_allies",
    "cohesion",
    "conflict",
)
"""Indicators by which turns are ranked."""

BASELINES: Mapping[str, tuple[str, ...]] = {
    "none": ("policy=none",),
    "small_yard": ("policy=small_yard",),
    "blanket": ("policy=blanket",),
    "history": ("policy=history",),
}
_COLUMN = {i.id: n for n, i in enumerate(INDICATORS)}


@dataclass(frozen=True)
class Effect:
    """What a team's moves of a turn changed at the end of the game.

    Attributes:
        turn, seat: whose.
        change: as played less without them, by luck and indicator, shape (lucks, indicators).
        weight: how much it changed the key indicators, in standard deviations over all turns and teams, mean.
    """

    turn: int
    seat: str
    change: Array
    weight: float

    def middle(self, indicator: str) -> float:
        """Mean change of an indicator over the lucks."""
        return float(np.nanmean(self.change[:, _COLUMN[indicator]]))

    def agrees(self, indicator: str) -> bool:
        """Whether all lucks say the same direction."""
        signs = np.sign(np.round(self.change[:, _COLUMN[indicator]], 9))
        return bool((signs == signs[0]).all() and signs[0] != 0)


def effects_of(branch: Branch, desk: Desk) -> list[Effect]:
    """The effect of every team's moves of every turn, the weightiest first. Other moves are as played, empty seats answer."""
    history = branch.history
    played: dict[tuple[int, int], Future[Array]] = {}
    asked = []
    for turn, inputs in enumerate(history, 1):
        seats = dict.fromkeys(m["seat"] for m in inputs["moves"])
        for luck in LUCKS if seats else ():
            played[luck, turn] = desk.ask("ending", history[: turn - 1], history[turn - 1 :], luck)
        for seat in seats:
            without = [without_seat(inputs, seat), *history[turn:]]
            asked.append((turn, seat, [desk.ask("ending", history[: turn - 1], without, luck) for luck in LUCKS]))
    found = []
    for turn, seat, futures in asked:
        ends = np.array([f.result()[-1] for f in futures])
        base = np.array([played[luck, turn].result()[-1] for luck in LUCKS])
        found.append((turn, seat, base - ends))
    return _ranked(found)


def without_seat(inputs: Inputs, seat: str) -> Inputs:
    """A turn without the moves of a seat."""
    return {**inputs, "moves": [m for m in inputs["moves"] if m["seat"] != seat]}


def _ranked(found: Sequence[tuple[int, str, Array]]) -> list[Effect]:
    if not found:
        return []
    columns = [_COLUMN[k] for k in KEY]
    middle = np.array([np.nan_to_num(change[:, columns].mean(axis=0)) for _, _, change in found])
    scale = np.sqrt((middle**2).mean(axis=0))
    weights = (np.abs(middle) / np.where(scale > 1e-9, scale, np.inf)).mean(axis=1)
    made = [Effect(turn, seat, change, float(w)) for (turn, seat, change), w in zip(found, weights, strict=True)]
    return sorted(made, key=lambda x: (-x.weight, x.turn, x.seat))


def baselines_of(branch: Branch, desk: Desk) -> dict[str, Array]:
    """Indicators of the quarters played under plain policies from the start of the game on, nobody at the table.

    "none" adds nothing to what was in force when play began.
    """
    turns = len(branch.played)
    asked = {name: desk.ask("under", list(words), turns) for name, words in BASELINES.items()}
    return {name: future.result() for name, future in asked.items()}


def as_played(branch: Branch) -> Array:
    """Indicators of the quarters played, as the model had them, shape (quarters, indicators)."""
    rows = [row for p in branch.played for row in p.result["indicators"]]
    return np.array([[np.nan if v is None else v for v in row] for row in rows])
