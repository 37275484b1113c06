"""Which mechanism has a kernel, and which of them run as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, cast

from ecsim.kernels import accounts, adaptation, innovation, network, permission, power, record, rules, trade
from ecsim.kernels.jit import Run
from ecsim.kernels.sharing import Shared
from ecsim.mechanisms.base import Mechanism
from ecsim.world import World

BEFORE: dict[str, tuple[Any, ...]] = {
    "search": (network.known_for_size, network.hear_of),
    "content": (permission.keep_content,),
    "permit": (permission.reach_directly, permission.permit_markets),
    "produce": (trade.take_orders,),
    "shift_purchases": (adaptation.offers,),
    "shift_markets": (adaptation.attract,),
    "prices": (adaptation.unit_costs,),
    "value": (accounts.worth,),
}
"""Kernels that go before the one of a mechanism."""

AFTER: dict[str, tuple[Any, ...]] = {"produce": (trade.equip, trade.sell), "revenue": (accounts.comply,)}
"""Those that come after it."""

KERNELS: dict[str, Callable[[World], None]] = {"compile_rules": rules.compile_rules} | {
    k.__name__: Run(*BEFORE.get(k.__name__, ()), k, *AFTER.get(k.__name__, ()), doc=k.__doc__)
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


def joined(
    mechanisms: Sequence[Mechanism], threads: int = 1, recorded: bool = False, between: Sequence[Mechanism] | None = None
) -> tuple[Callable[[World], None], ...]:
    """Mechanisms as they are played: those that follow each other and have kernels of arrays alone, as one compiled call.

    By several threads, as calls that share out kernels and their rows. Where they are `recorded`, the last call notes the quarter. By one
    thread it plays as many quarters as it is asked to, with what goes `between` two of them, if that has kernels and all before it rests.
    """
    groups = [(compiled, list(group)) for compiled, group in groupby(mechanisms, key=lambda m: isinstance(m.run, Run))]
    if recorded and not groups[-1][0]:
        groups.append((True, []))
    parts: list[Callable[[World], None]] = []
    for i, (compiled, together) in enumerate(groups):
        if not compiled:
            parts += together
            continue
        kernels = [(k, m.writes) for m in together for k in cast(Run, m.run).kernels]
        last = i == len(groups) - 1
        if recorded and last:
            kernels.append((record.note, frozenset(record.note.names)))
        if threads > 1:
            parts.append(Shared(kernels, threads))
        else:
            rest = last and all(isinstance(m, Mechanism) and m.rests for m in parts)
            parts.append(Run(*(k for k, _ in kernels), between=_kernels_of(between) if rest else None))
    return tuple(parts)


def _kernels_of(mechanisms: Sequence[Mechanism] | None) -> list[Any] | None:
    """The kernels of some mechanisms; None where there are none, or where one has none."""
    runs = [m.run for m in mechanisms or ()]
    return [k for run in runs for k in cast(Run, run).kernels] if runs and all(isinstance(run, Run) for run in runs) else None
