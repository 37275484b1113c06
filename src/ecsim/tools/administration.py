"""How controls are administered: what the instruments of the second seed paper do, as measures of the incumbent [Wu 2026, tables 2 and 3].

The process of policy documents takes these measures where it is coupled; a player may take them too. Sizes are changes
against the administration of 2018, so that nothing in force leaves the model as it was.
"""

from __future__ import annotations

from functools import partial

from ecsim.params import Number
from ecsim.tools.base import INCUMBENT_ONLY, Effect, Tool

CHIPS = ("foundry_advanced", "memory", "materials", "wafers")  # what public money at home goes to, as in the CHIPS and Science Act
_administration = partial(
    Tool,
    cls="administration",
    basis="ECRA 2018; appropriations",
    users=INCUMBENT_ONLY,
    grounds=("administration",),
    source="Wu 2026, table 2",
)

TOOLS = (
    _administration(
        id="export_enforcement",
        name_en="Enforcement of export controls",
        name_zh="出口管制执法",
        agency="Commerce (BIS), DOJ, DHS",
        layers=("technology", "industry"),
        instruments=("monitoring", "penalties", "rewards", "disclosure"),
        expects=("-diverted", "+denied"),
        makes=(
            Effect(channel="enforcement", size=Number(0.2, -0.5, 0.5), note="share of leakage caught beside that of the start"),
            Effect(channel="over_compliance", size=Number(0.3, -0.5, 1.0), note="who fears penalties refuses more than the law asks"),
        ),
    ),
    _administration(
        id="licensing_office",
        name_en="Licensing administration",
        name_zh="许可审批管理",
        agency="Commerce (BIS)",
        layers=("technology", "industry"),
        instruments=("agency_management", "system_building", "organisation", "talent", "licensing"),
        expects=("-waiting",),
        makes=(Effect(channel="licence_time", size=Number(-0.2, -0.6, 0.6), note="change of the time that a licence takes"),),
    ),
    _administration(
        id="compliance_programme",
        name_en="Compliance assistance and education",
        name_zh="合规协助与宣传教育",
        agency="Commerce (BIS)",
        layers=("industry",),
        instruments=("compliance_assistance", "education"),
        expects=("-diverted", "-compliance_home", "-waiting"),
        makes=(
            Effect(channel="slips", size=Number(-0.2, -0.6, 0.6), note="change of accidental leakage"),
            Effect(channel="compliance_cost", size=Number(-0.003, -0.01, 0.01), note="share of controlled sales, beside that of 2018"),
            Effect(channel="licence_time", size=Number(-0.05, -0.15, 0.0), note="better applications are decided sooner"),
        ),
    ),
    _administration(
        id="research_funding",
        name_en="Public money for research and plants",
        name_zh="研发与产业资金支持",
        agency="Congress, Commerce, NSF",
        layers=("technology", "industry"),
        instruments=("funding",),
        expects=("+rd_home",),
        makes=(Effect(channel="subsidy", size=Number(5.0, 0.0, 20.0), products=CHIPS),),
    ),
    _administration(
        id="public_notice",
        name_en="Notice of coming rules",
        name_zh="规则预告与信息公开",
        agency="Commerce (BIS)",
        layers=("technology", "industry"),
        instruments=("disclosure", "public_participation"),
        expects=("+threat",),
        makes=(Effect(channel="foresight", size=Number(0.2, 0.0, 0.6), note="share of coming controls that buyers see"),),
    ),
    _administration(
        id="allied_coordination",
        name_en="Coordination with allies",
        name_zh="盟友协调",
        agency="State, Commerce (BIS)",
        layers=("technology",),
        instruments=("international_cooperation", "standards"),
        expects=("+willing",),
        makes=(Effect(channel="alignment", size=Number(0.2, -0.5, 0.5), note="utility of allies to join"),),
        reach="multilateral",
    ),
)
