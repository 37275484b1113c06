"""Tools used by hand on the small world."""

from __future__ import annotations

from typing import Any

from ecsim.moves import Move
from ecsim.rules import Measure, Rule
from ecsim.tools import enact
from policy_world import small_economy, small_world

ECONOMY = small_economy()


def world(quarter: int = 0) -> Any:
    return small_world(quarter, economy=ECONOMY)


def play(w: Any, actor: str, verb: str, **values: Any) -> str | None:
    return enact(Move(quarter=w.quarter, actor=actor, verb=verb, **values), w)


def book_of(w: Any) -> tuple[dict[str, Rule], dict[str, Measure], dict[str, set[int]], dict[tuple[str, str], float]]:
    return w.book.rules, w.book.measures, {k: v for k, v in w.book.parties.items() if v}, w.book.adoption
