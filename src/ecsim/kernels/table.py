"""Which mechanism has a kernel, and which of them run as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import cast

from ecsim.kernels import accounts, adaptation, innovation, network, permission, power, rules, trade
from ecsim.kernels.jit import Run
from ecsim.mechanisms.base import Mechanism
from ecsim.world import World

KERNELS: dict[str, Callable[[World], None]] = {"compile_rules": rules.compile_rules} | {
    k.__name__: Run(k)
    for k in (
        power.perceive_power,
        power.feel,
        network.admit,
        network.search,
        permission.content,
        permission.items,
        accounts.recall_blocked,
        permission.permit,
        accounts.announce,
        trade.final_demand,
        trade.final_orders,
        trade.orders,
        trade.split,
        trade.produce,
        adaptation.perceive_threat,
        adaptation.shift_purchases,
        adaptation.shift_markets,
        network.design_out,
        adaptation.redesign,
        adaptation.expect,
        adaptation.invest,
        adaptation.prices,
        innovation.research,
        innovation.progress,
        innovation.science,
        innovation.embody,
        innovation.ceilings,
        innovation.advance_frontier,
        accounts.revenue,
        accounts.value,
        accounts.denial,
        accounts.measure_gaps,
    )
}


def joined(mechanisms: Sequence[Mechanism]) -> tuple[Callable[[World], None], ...]:
    """Mechanisms as they are played: those that follow each other and have kernels of arrays alone, as one compiled call."""
    parts: list[Callable[[World], None]] = []
    for compiled, group in groupby(mechanisms, key=lambda m: isinstance(m.run, Run)):
        together = list(group)
        parts += [Run(*(k for m in together for k in cast(Run, m.run).kernels))] if compiled else together
    return tuple(parts)
