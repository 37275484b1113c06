"""Presets, and strategies that play on the small world, for tests that tell them as stories."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import yaml

from ecsim.convert import build as as_dataclass
from ecsim.moves import Move
from ecsim.places import conf_dir
from ecsim.strategies import AllianceConfig, PolicyConfig, ResponseConfig
from ecsim.tools import enact
from policy_world import small_economy, small_world

ECONOMY = small_economy()
GROUPS = {"policy": PolicyConfig, "response": ResponseConfig, "alliance": AllianceConfig}
PRESETS = [(group, path.stem) for group in GROUPS for path in sorted((conf_dir() / group).glob("*.yaml"))]
HORIZON = 72


def preset(group: str, name: str) -> Any:
    values = yaml.safe_load((conf_dir() / group / f"{name}.yaml").read_text(encoding="utf-8"))
    return as_dataclass(GROUPS[group], values, f"{group}/{name}.yaml")


def world(quarter: int = 0, seed: int = 1) -> Any:
    w = small_world(quarter, seed, economy=ECONOMY)
    w.degraded = np.zeros((1, 1))
    return w


def play(w: Any, players: Any, until: int) -> list[Move]:
    """Let strategies play from the world's quarter up to and including another."""
    made = []
    players = players if isinstance(players, list) else [players]
    for quarter in range(w.quarter, until + 1):
        w.quarter = quarter
        for player in players:
            for move in player.moves(w, quarter):
                enact(move, w)
                made.append(move)
    return made


def settings(**parts: Any) -> Any:
    whole = {"policy": PolicyConfig(), "response": ResponseConfig(), "alliance": AllianceConfig(), "scenario": None}
    return SimpleNamespace(**(whole | parts))
