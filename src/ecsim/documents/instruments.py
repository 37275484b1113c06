"""The 18 instruments of policy in 5 classes [Wu 2026, tables 2 and 3; McDonnell and Elmore 1987], each with what it acts on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from ecsim.economy import Array

CLASSES = ("authority", "incentive", "capacity", "system", "hortatory")
CLASSES_EN = {
    "authority": "authority",
    "incentive": "incentive",
    "capacity": "capacity building",
    "system": "system",
    "hortatory": "hortatory",
}
N_INSTRUMENTS = 18

LEVERS = {  # what an instrument can act on, and what more of it does
    "detection": "share of leakage caught",
    "over_compliance": "refusal of trade that the law allows",
    "delay": "time that a licence takes",
    "capacity": "moves that the administration can make in a quarter",
    "precision": "share of what a rule hits that is meant",
    "leak": "accidental leakage",
    "compliance_cost": "cost of compliance to exporters",
    "subsidy": "public money for the incumbent's research and plants",
    "alignment": "inclination of allies to adopt",
    "anticipation": "how far firms see controls coming",
}


@dataclass(frozen=True)
class Instrument:
    """A policy instrument.

    Attributes:
        id: name in data and parameters.
        cls: one of `CLASSES`.
        name_en, name_zh, class_zh: display names; the Chinese of the paper.
        count: codes in the 184 documents of 2018-2025.
        effects: lever -> weight of this instrument in it (assumption; model section 5).
        inherited: share of the stock inherited from the Cold War (assumption).
    """

    id: str
    cls: str
    name_en: str
    name_zh: str
    class_zh: str
    count: int
    effects: Mapping[str, float]
    inherited: float


# Weights are assumptions: 1 for what an instrument is for, less for what it helps with. Which lever: model section 5.
EFFECTS: dict[str, dict[str, float]] = {
    "ban": {"capacity": 0.5},
    "licensing": {"capacity": 0.75},
    "monitoring": {"detection": 1.0, "over_compliance": 0.5},
    "list_management": {"capacity": 1.0},
    "funding": {"subsidy": 1.0},
    "penalties": {"detection": 0.5, "over_compliance": 1.0},
    "rewards": {"detection": 0.25, "over_compliance": 0.25},
    "agency_management": {"capacity": 1.0, "delay": 0.75},
    "information_support": {"precision": 1.0},
    "talent": {"capacity": 0.5, "delay": 0.5},
    "compliance_assistance": {"leak": 1.0, "compliance_cost": 1.0},
    "international_cooperation": {"alignment": 1.0},
    "system_building": {"capacity": 0.5, "delay": 1.0},
    "organisation": {"capacity": 0.75, "delay": 0.5},
    "standards": {"alignment": 0.5},
    "education": {"leak": 0.5, "compliance_cost": 0.5},
    "public_participation": {"precision": 0.5},
    "disclosure": {"anticipation": 1.0, "detection": 0.25},
}

# The inheritance of Wu 2026 section 5.3: authority first, multilateral encirclement, the EAR and the agency that runs it.
INHERITED: dict[str, float] = {
    "ban": 0.18,
    "licensing": 0.24,
    "monitoring": 0.04,
    "list_management": 0.16,
    "penalties": 0.05,
    "agency_management": 0.10,
    "information_support": 0.03,
    "compliance_assistance": 0.02,
    "international_cooperation": 0.12,
    "system_building": 0.03,
    "organisation": 0.01,
    "standards": 0.02,
}

ENGLISH = {
    "ban": "bans",
    "licensing": "licensing",
    "monitoring": "monitoring and evaluation",
    "list_management": "list management",
    "funding": "funding",
    "penalties": "penalties",
    "rewards": "rewards",
    "agency_management": "agency management",
    "information_support": "information support",
    "talent": "talent",
    "compliance_assistance": "compliance assistance",
    "international_cooperation": "international cooperation",
    "system_building": "system building",
    "organisation": "organisation",
    "standards": "standards",
    "education": "education and publicity",
    "public_participation": "public participation",
    "disclosure": "disclosure",
}


@cache
def instruments() -> tuple[Instrument, ...]:
    """The instruments, in the order of the paper's table 3."""
    text = resources.files("ecsim.data").joinpath("instruments.csv").read_text(encoding="utf-8")
    return tuple(
        Instrument(
            id=row["instrument"],
            cls=row["class"],
            name_en=ENGLISH[row["instrument"]],
            name_zh=row["instrument_zh"],
            class_zh=row["class_zh"],
            count=int(row["count"]),
            effects=EFFECTS[row["instrument"]],
            inherited=INHERITED.get(row["instrument"], 0.0),
        )
        for row in csv.DictReader(text.splitlines())
    )


def names() -> tuple[str, ...]:
    """Ids of the instruments, in order."""
    return tuple(i.id for i in instruments())


@cache
def class_index() -> Array:
    """Class of each instrument as a position in `CLASSES`, shape (18,)."""
    return np.array([CLASSES.index(i.cls) for i in instruments()], dtype=np.int64)


def by_class(codes: Array) -> Array:
    """Codes by instrument, last axis 18, summed to classes, last axis 5."""
    member = np.eye(len(CLASSES))[class_index()]
    return np.asarray(codes @ member)
