"""Which mechanism has a kernel."""

from __future__ import annotations

from collections.abc import Callable

from ecsim.kernels import adaptation, innovation, permission, trade
from ecsim.world import World

KERNELS: dict[str, Callable[[World], None]] = {
    run.__name__: run
    for run in (
        permission.content,
        permission.items,
        permission.permit,
        trade.final_demand,
        trade.final_orders,
        trade.orders,
        trade.split,
        trade.produce,
        adaptation.perceive_threat,
        adaptation.shift_purchases,
        adaptation.shift_markets,
        adaptation.redesign,
        adaptation.expect,
        adaptation.invest,
        adaptation.prices,
        innovation.progress,
        innovation.embody,
        innovation.ceilings,
    )
}
