"""Investment restrictions (first seed paper, table 1, rows 18-19) and the subsidies that come with strings."""

from __future__ import annotations

from ecsim.params import Number
from ecsim.tools.base import INCUMBENT_ONLY, Effect, Tool

TOOLS = (
    Tool(
        id="cfius",
        name_en="Committee on Foreign Investment (CFIUS)",
        name_zh="外国投资审查委员会",
        cls="investment",
        agency="Treasury chairs",
        basis="DPA s.721; FIRRMA 2018",
        layers=("industry", "technology"),
        users=INCUMBENT_ONLY,
        instruments=("monitoring", "licensing", "agency_management"),
        expects=("-tech",),
        makes=(
            Effect(
                channel="investment", size=Number(0.58, 0.30, 0.75, "Chinese notices 60 in 2017, 25 in 2019 (CFIUS reports, remembered)")
            ),
        ),
        source="Li et al. 2024, table 1",
        row="18",
    ),
    Tool(
        id="sec_listing",
        name_en="SEC listing rules and inquiries (HFCAA)",
        name_zh="证券交易委员会（SEC）上市要求和调查",
        cls="investment",
        agency="SEC, PCAOB",
        basis="HFCAA 2020-12-18",
        layers=("industry",),
        users=INCUMBENT_ONLY,
        instruments=("disclosure", "monitoring"),
        expects=("-tech", "-rd"),
        makes=(
            Effect(
                channel="investment",
                size=Number(0.04, 0.01, 0.15, "Chinese firms on US exchanges 262 in September 2022, 252 in January 2023 (USCC)"),
            ),
            Effect(channel="finance", size=Number(0.04, 0.01, 0.15, "same"), note="access to capital markets"),
        ),
        grounds=("investor protection",),
        source="Li et al. 2024, table 1",
        row="19",
    ),
    Tool(
        id="outbound",
        name_en="Outbound investment rule",
        name_zh="对外投资审查",
        cls="investment",
        agency="Treasury",
        basis="EO 14105 (2023-08-09); 31 CFR 850, in force 2025-01-02",
        layers=("technology", "industry"),
        users=INCUMBENT_ONLY,
        instruments=("ban", "monitoring"),
        expects=("-tech",),
        makes=(Effect(channel="investment", size=Number(0.10, 0.02, 0.30)),),
        source="public record",
        row="X2",
    ),
    Tool(
        id="chips_act",
        name_en="CHIPS and Science Act with guardrails",
        name_zh="《芯片和科学法案》",
        cls="investment",
        agency="Commerce",
        basis="Pub. L. 117-167 of 2022-08-09",
        layers=("technology", "industry"),
        users=INCUMBENT_ONLY,
        instruments=("funding", "standards", "organisation"),
        expects=("+rd_home", "-tech"),
        makes=(
            Effect(
                channel="subsidy",
                size=Number(7.8, 5.0, 12.0, "39 bn USD of manufacturing incentives over five years (statute, remembered)"),
                products=("foundry_advanced", "memory", "materials", "wafers"),
            ),
            Effect(channel="investment", size=Number(0.05, 0.0, 0.15), note="ten-year limit on expansion in China for recipients"),
        ),
        source="public record",
        row="X1",
    ),
)
