"""What the instruments do: from their stocks to ten levers of the model, each monotone and bounded.

A stock counts by its change since the start of 2018, so that a world that goes on as it was is left as it was. What
each instrument acts on, and with what weight, is declared in `instruments.EFFECTS`; how far a lever can go, in
the parameters `documents.lever_*`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ecsim.documents.instruments import LEVERS, instruments
from ecsim.economy import Array
from ecsim.params import Params


@dataclass(frozen=True)
class Levers:
    """The state of enforcement and administration that the instruments have brought about.

    Attributes:
        detection_factor: on the share of leakage caught (monitoring, penalties, rewards, disclosure raise it).
        over_compliance_factor: on refusals that the law does not ask for (monitoring, penalties, rewards).
        delay_factor: on the time a licence takes (agencies, systems, organisation, talent shorten it).
        capacity: factor on moves a quarter (bans, licensing, lists; agencies, systems, organisation, talent).
        precision: share of what a listing or threshold hits that is meant (information, participation).
        leak_factor: on accidental leakage (compliance assistance and education lower it).
        compliance_cost: share of controlled sales (likewise).
        subsidy_bn: public money for research and plants at home, USD bn a year (funding).
        alignment: added to an ally's utility of adopting (international cooperation, standards).
        anticipation: share of coming controls that firms see (disclosure).
    """

    detection_factor: float
    over_compliance_factor: float
    delay_factor: float
    capacity: float
    precision: float
    leak_factor: float
    compliance_cost: float
    subsidy_bn: float
    alignment: float
    anticipation: float


def inherited_stock(params: Params) -> Array:
    """Stock of each instrument at the start of 2018, shape (18,)."""
    return params.documents.inheritance * _inherited()


@cache
def _inherited() -> Array:
    """Share of each instrument in the stock inherited, shape (18,)."""
    return np.array([i.inherited for i in instruments()])


def intensity(stock: Array, params: Params) -> Array:
    """How far each instrument has moved from its start, between -1 and 1 and 0 at the start, shape (18,)."""
    start = inherited_stock(params)
    return np.asarray((stock - start) / (stock + start + params.documents.stock_scale))


def drives(stock: Array, params: Params) -> dict[str, float]:
    """Weighted mean intensity behind each lever, between -1 and 1."""
    return dict(zip(LEVERS, (_weights() @ intensity(stock, params)).tolist(), strict=True))


@cache
def _weights() -> Array:
    """Weight of each instrument in each lever, shape (10, 18); rows sum to one."""
    table = np.array([[i.effects.get(lever, 0.0) for i in instruments()] for lever in LEVERS])
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def levers(stock: Array, params: Params) -> Levers:
    """The levers under given stocks.

    Args:
        stock: (18,) decayed stock of codes, as in `DocumentState.stock`.
        params: group `documents`.
    """
    d, drive = params.documents, drives(stock, params)
    logs = {
        "detection": d.lever_detection * drive["detection"],
        "over_compliance": d.lever_over_compliance * drive["over_compliance"],
        "delay": -d.lever_delay * drive["delay"],
        "capacity": d.lever_capacity * drive["capacity"],
        "precision": -d.lever_precision * drive["precision"],
        "leak": -d.lever_leak * drive["leak"],
        "compliance_cost": -d.lever_compliance_cost * drive["compliance_cost"],
        "anticipation": -d.lever_anticipation * drive["anticipation"],
    }
    factor = dict(zip(logs, np.exp(list(logs.values())).tolist(), strict=True))
    return Levers(
        detection_factor=factor["detection"],
        over_compliance_factor=factor["over_compliance"],
        delay_factor=factor["delay"],
        capacity=factor["capacity"],
        precision=_shifted(d.precision, factor["precision"]),
        leak_factor=factor["leak"],
        compliance_cost=d.compliance_cost * factor["compliance_cost"],
        subsidy_bn=d.lever_subsidy * max(drive["subsidy"], 0.0),
        alignment=d.lever_alignment * drive["alignment"],
        anticipation=_shifted(d.anticipation, factor["anticipation"]),
    )


def _shifted(share: float, odds: float) -> float:
    """A share whose odds against are multiplied."""
    return 1.0 / (1.0 + (1.0 - share) / share * odds)
