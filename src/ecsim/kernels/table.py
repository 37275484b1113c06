"""Which mechanism has a kernel."""

from __future__ import annotations

from collections.abc import Callable

from ecsim.kernels import accounts, adaptation, innovation, network, permission, rules, trade
from ecsim.world import World

KERNELS: dict[str, Callable[[World], None]] = {
    run.__name__: run
    for run in (
        rules.compile_rules,
        network.admit,
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
        network.search,
        adaptation.shift_purchases,
        adaptation.shift_markets,
        network.design_out,
        adaptation.redesign,
        adaptation.expect,
        adaptation.invest,
        adaptation.prices,
        innovation.progress,
        innovation.embody,
        innovation.ceilings,
        accounts.revenue,
        accounts.denial,
    )
}
