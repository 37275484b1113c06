"""Financial sanctions (first seed paper, table 1, rows 14-17)."""

from __future__ import annotations

from ecsim.params import Number
from ecsim.tools.base import INCUMBENT_ONLY, Effect, Tool

TOOLS = (
    Tool(
        id="sdn",
        name_en="Specially Designated Nationals list",
        name_zh="针对性制裁如特别指定国民清单",
        cls="finance",
        agency="Treasury (OFAC)",
        basis="IEEPA 1977; programme orders",
        layers=("industry",),
        users=INCUMBENT_ONLY,
        instruments=("list_management", "ban"),
        makes=(Effect(channel="finance", size=Number(0.90, 0.70, 1.0), listing="sdn"),),
        reach="extraterritorial",
        grounds=("foreign policy",),
        source="Li et al. 2024, table 1",
        row="14",
    ),
    Tool(
        id="sectoral_sanctions",
        name_en="Sectoral and comprehensive sanctions (NS-CMIC list)",
        name_zh="行业及全面制裁",
        cls="finance",
        agency="Treasury (OFAC)",
        basis="EO 13959 (2020-11-12), EO 14032 (2021-06-03)",
        layers=("industry",),
        users=INCUMBENT_ONLY,
        instruments=("ban", "list_management"),
        makes=(
            Effect(channel="finance", size=Number(0.20, 0.05, 0.40), listing="ns_cmic"),
            Effect(channel="investment", size=Number(0.03, 0.0, 0.10)),
        ),
        reach="extraterritorial",
        grounds=("military end use", "human rights"),
        source="Li et al. 2024, table 1",
        row="15",
    ),
    Tool(
        id="patriot_311",
        name_en="USA PATRIOT Act section 311",
        name_zh="《爱国者法案》第311条",
        cls="finance",
        agency="Treasury (FinCEN)",
        basis="USA PATRIOT Act s.311",
        layers=("industry",),
        users=INCUMBENT_ONLY,
        instruments=("ban", "monitoring"),
        makes=(Effect(channel="finance", size=Number(0.10, 0.02, 0.30)),),
        reach="extraterritorial",
        grounds=("money laundering",),
        source="Li et al. 2024, table 1",
        row="16",
    ),
    Tool(
        id="fincen",
        name_en="FinCEN oversight of foreign companies",
        name_zh="金融犯罪执法局外国公司监管",
        cls="finance",
        agency="Treasury (FinCEN)",
        basis="Bank Secrecy Act; Corporate Transparency Act 2021",
        layers=("industry",),
        users=INCUMBENT_ONLY,
        instruments=("monitoring", "disclosure"),
        makes=(
            Effect(channel="enforcement", size=Number(0.05, 0.01, 0.10), note="payment data show who pays for diverted goods"),
            Effect(channel="finance", size=Number(0.01, 0.0, 0.03)),
        ),
        grounds=("money laundering",),
        source="Li et al. 2024, table 1",
        row="17",
    ),
)
