"""The counsel of both papers as components that can be switched and costed [Li et al. 2024, section 3; Wu 2026, section 6.2].

A component takes tools of the catalogue at a strength of 0 to 1 of what they are declared with, some quarters after
the first control, or before any where it looks ahead. Which recommendation asks for which is in counsel.csv.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ecsim.params import Number
from ecsim.strategies.measure import Component
from ecsim.tools import CATALOGUE, Effect

PREFIX = "counsel:"  # of its measures in the rule book
NOTHING = Number(0.0, 0.0, 0.0, "no public cost")


@dataclass(frozen=True)
class Advice:
    """A component of the challenger's answer.

    Attributes:
        id: name in `response.components`.
        name_en, name_zh: display names.
        tools: tools that it takes, each with all its measures.
        delay: quarters from the first control (assumption); -1 where it acts before any.
        cost: public cost at full strength beside subsidies and stocks, USD bn a year.
    """

    id: str
    name_en: str
    name_zh: str
    tools: tuple[str, ...]
    delay: Number
    cost: Number = NOTHING


_ADVICE = (
    Advice(
        "early_warning",
        "Early warning and policy tracking",
        "政策跟踪与风险预警",
        ("early_warning",),
        Number(-1, -1, -1),
        Number(0.05, 0.01, 0.2),
    ),
    Advice("substitute_channels", "Substitute channels and stocks", "应急替代渠道", ("non_us_supply",), Number(2, 1, 4)),
    Advice(
        "legal_counter",
        "Counter-sanction law and tariffs",
        "反制法律与关税",
        ("ecl", "afsl", "blocking", "tariff_retaliation"),
        Number(3, 1, 6),
    ),
    Advice("export_catalogue", "Export catalogue kept up to date", "动态更新出口目录", ("tech_catalogue",), Number(6, 3, 12)),
    Advice(
        "coordination", "Coordination of ministries and firms", "多部门协同", ("new_whole_nation",), Number(2, 1, 4), Number(0.1, 0.02, 0.5)
    ),
    Advice("core_technology", "Innovation in core technology", "核心技术自主创新", ("big_fund", "whole_nation"), Number(6, 3, 12)),
    Advice("efficiency", "Faster policy, tax relief for research", "政策制定与执行效率", ("tax",), Number(4, 2, 8)),
    Advice("substitution", "Domestic substitution of equipment", "基础装备国产化", ("substitution",), Number(6, 3, 12)),
    Advice("talent", "Talent and returnees", "人才培养", ("talent",), Number(4, 2, 8), Number(1.0, 0.2, 3.0)),
    Advice(
        "going_abroad",
        "Parks and pilot plants with partners",
        "科技产业园与中试基地",
        ("bri_parks",),
        Number(8, 4, 16),
        Number(1.0, 0.2, 3.0),
    ),
    Advice("standards", "International standards and rules", "国际规则参与", ("standards",), Number(8, 4, 16), Number(0.2, 0.05, 0.5)),
    Advice("partners", "Partnerships beyond the incumbent", "全球合作伙伴关系", ("partners",), Number(4, 2, 8), Number(2.0, 0.5, 10.0)),
    Advice("compliance", "Compliance systems of firms", "企业合规", ("compliance",), Number(4, 2, 8), Number(0.3, 0.1, 1.0)),
    Advice("relief", "Relief for listed firms", "差异化扶持", ("subsidy_relief",), Number(1, 0, 2)),
    Advice("balance", "From relief to capability", "平衡短期应急与长期发展", (), Number(0, 0, 0)),
)
ADVICE: dict[str, Advice] = {a.id: a for a in _ADVICE}


@cache
def recommendations() -> tuple[dict[str, str], ...]:
    """The recommendations of both papers, each with the components that carry it out."""
    with resources.files("ecsim").joinpath("data", "counsel.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def parts(advice: Advice) -> tuple[tuple[Component, Effect], ...]:
    """Measures that a component takes, each with the effect that its tool declares."""
    return tuple(
        (Component(f"{PREFIX}{advice.id}:{tool}:{maker.channel}", tool, maker.channel), maker)
        for tool in advice.tools
        for maker in CATALOGUE[tool].makes
        if isinstance(maker, Effect)
    )
