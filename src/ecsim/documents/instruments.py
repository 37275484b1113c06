"""The 18 instruments of policy in 5 classes [Wu 2026, tables 2 and 3; McDonnell and Elmore 1987], each with what it acts on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from ecsim.economy import Array
from ecsim.params import Number

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
        effects: lever -> weight of this instrument in it (assumption; model section 7.7).
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


# Weights are assumptions: full for what an instrument is for, less for what it helps with. Which lever: model section 5.
FULL = Number(1.0, 0.8, 1.0)
MUCH = Number(0.75, 0.5, 1.0)
SOME = Number(0.5, 0.25, 0.75)
LITTLE = Number(0.25, 0.0, 0.5)
EFFECTS: dict[str, dict[str, Number]] = {
    "ban": {"capacity": SOME},
    "licensing": {"capacity": MUCH},
    "monitoring": {"detection": FULL, "over_compliance": SOME},
    "list_management": {"capacity": FULL},
    "funding": {"subsidy": FULL},
    "penalties": {"detection": SOME, "over_compliance": FULL},
    "rewards": {"detection": LITTLE, "over_compliance": LITTLE},
    "agency_management": {"capacity": FULL, "delay": MUCH},
    "information_support": {"precision": FULL},
    "talent": {"capacity": SOME, "delay": SOME},
    "compliance_assistance": {"leak": FULL, "compliance_cost": FULL},
    "international_cooperation": {"alignment": FULL},
    "system_building": {"capacity": SOME, "delay": FULL},
    "organisation": {"capacity": MUCH, "delay": SOME},
    "standards": {"alignment": SOME},
    "education": {"leak": SOME, "compliance_cost": SOME},
    "public_participation": {"precision": SOME},
    "disclosure": {"anticipation": FULL, "detection": LITTLE},
}

# The inheritance of Wu 2026 section 5.3: authority first, multilateral encirclement, the EAR and the agency that runs it; sizes assumed.
INHERITED: dict[str, Number] = {
    "ban": Number(0.18, 0.09, 0.36),
    "licensing": Number(0.24, 0.12, 0.48),
    "monitoring": Number(0.04, 0.02, 0.08),
    "list_management": Number(0.16, 0.08, 0.32),
    "penalties": Number(0.05, 0.025, 0.1),
    "agency_management": Number(0.10, 0.05, 0.2),
    "information_support": Number(0.03, 0.015, 0.06),
    "compliance_assistance": Number(0.02, 0.01, 0.04),
    "international_cooperation": Number(0.12, 0.06, 0.24),
    "system_building": Number(0.03, 0.015, 0.06),
    "organisation": Number(0.01, 0.005, 0.02),
    "standards": Number(0.02, 0.01, 0.04),
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
            effects={lever: weight.value for lever, weight in EFFECTS[row["instrument"]].items()},
            inherited=INHERITED[row["instrument"]].value if row["instrument"] in INHERITED else 0.0,
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
