"""Treatment sanctions: who may study, visit and work together (first seed paper, table 1, rows 1-3, and list L8)."""

from __future__ import annotations

from ecsim.params import Number
from ecsim.tools.base import INCUMBENT_ONLY, Effect, Tool

TOOLS = (
    Tool(
        id="study_visit_limits",
        name_en="Limits on study, visits and exchange",
        name_zh="留学限制、访学限制、交流限制",
        cls="treatment",
        agency="State; DHS",
        basis="INA 212(f); Proclamation 10043 of 2020-05-29",
        layers=("science", "technology"),
        users=INCUMBENT_ONLY,
        instruments=("ban", "licensing"),
        expects=("-science", "-science_home"),
        makes=(
            Effect(
                channel="talent",
                size=Number(0.20, 0.05, 0.30, "20% a year of new Chinese graduate STEM students at risk (The College Post 2021-02-05)"),
            ),
            Effect(
                channel="talent",
                size=Number(0.03, 0.0, 0.06),
                home=True,
                note="laboratories at home lose students, one in seven of them Chinese",
            ),
        ),
        source="Li et al. 2024, table 1",
        row="1",
    ),
    Tool(
        id="visa_refusal",
        name_en="Visa refusal and revocation",
        name_zh="禁止发放签证",
        cls="treatment",
        agency="State (consular); DHS",
        basis="INA 221(i), 214(b)",
        layers=("science", "technology"),
        users=INCUMBENT_ONLY,
        instruments=("ban", "monitoring"),
        expects=("-science", "-science_home"),
        makes=(
            Effect(
                channel="talent",
                size=Number(
                    0.023, 0.01, 0.10, "1,964 refusals in FY2021 (Forbes) over 85,000 student visas of May-August 2021 (US Embassy)"
                ),
            ),
            Effect(channel="talent", size=Number(0.0035, 0.0, 0.015), home=True, note="in the same proportion as limits on study"),
        ),
        source="Li et al. 2024, table 1",
        row="2",
    ),
    Tool(
        id="academic_freedom",
        name_en="Limits on scholars with ties to China",
        name_zh="限制涉华学者的学术自由",
        cls="treatment",
        agency="DOJ; NIH; NSF",
        basis="China Initiative 2018-11-01 to 2022-02-23; NSPM-33; CHIPS and Science Act s.10631",
        layers=("science", "technology"),
        users=INCUMBENT_ONLY,
        instruments=("monitoring", "penalties"),
        expects=("-science", "-tech"),
        makes=(
            Effect(channel="talent", size=Number(0.10, 0.02, 0.20)),
            Effect(channel="investment", size=Number(0.02, 0.0, 0.05), note="knowledge that moves with joint research"),
        ),
        source="Li et al. 2024, table 1",
        row="3",
    ),
    Tool(
        id="cets",
        name_en="Critical and Emerging Technologies List",
        name_zh="关键和新兴技术清单",
        cls="treatment",
        agency="White House (OSTP, NSTC)",
        basis="policy list, first October 2020, updated February 2022 and 2024",
        layers=("science", "technology"),
        users=INCUMBENT_ONLY,
        instruments=("list_management", "information_support", "standards"),
        expects=("-science", "-tech"),
        makes=(
            Effect(channel="talent", size=Number(0.02, 0.0, 0.05), note="guides vetting of people; binds no trade"),
            Effect(channel="investment", size=Number(0.02, 0.0, 0.05), note="guides review of investment"),
        ),
        source="Li et al. 2024, section 2.2",
        row="L8",
    ),
)
