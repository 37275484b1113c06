"""What allies do under their own law, beside adopting an issuer's rules."""

from __future__ import annotations

from ecsim.params import Number
from ecsim.tools.base import ALLY_ONLY, Control, Effect, Tool

TOOLS = (
    Tool(
        id="national_list",
        name_en="National control list",
        name_zh="国家管制清单",
        cls="trade",
        agency="METI (JPN), Foreign Affairs (NLD), BAFA (DEU) and others",
        basis="national law; EU regulation 2021/821 art. 9",
        layers=("technology", "industry"),
        users=ALLY_ONLY,
        instruments=("list_management", "licensing"),
        makes=(
            Control(
                terms={
                    "denial": Number(0.6, 0.2, 0.9, "assumption; Japan states no presumption of denial (CSIS 2025-03-14)"),
                    "delay": Number(0.85, 0.4, 1.6),
                }
            ),
        ),
        source="CSIS 2025-03-14",
    ),
    Tool(
        id="licence_refusal",
        name_en="Refusal of a licence",
        name_zh="拒发许可证",
        cls="trade",
        agency="national licensing authority",
        basis="national law",
        layers=("technology", "industry"),
        users=ALLY_ONLY,
        instruments=("licensing", "ban"),
        makes=(Control(terms={"denial": Number(1.0, 0.95, 1.0, "no EUV system has been delivered")}),),
        source="CSIS 2024-11-26",
    ),
    Tool(
        id="strategic_list",
        name_en="List of controlled entities",
        name_zh="战略性高科技货品实体管制名单",
        cls="trade",
        agency="International Trade Administration (TWN) and others",
        basis="Foreign Trade Act art. 13 (TWN)",
        layers=("technology", "industry"),
        users=ALLY_ONLY,
        instruments=("list_management", "licensing"),
        makes=(Control(terms={"denial": Number(0.6, 0.2, 0.95)}, listing="strategic_list"),),
        source="press of June 2025",
    ),
    Tool(
        id="align_sanctions",
        name_en="Alignment with a coalition against a third state",
        name_zh="对第三国管制联盟的跟进",
        cls="trade",
        agency="national licensing authority",
        basis="national law",
        layers=("technology", "industry"),
        users=("incumbent", "ally"),
        instruments=("international_cooperation", "ban"),
        makes=(Control(terms={"denial": Number(0.9, 0.8, 0.97, "chip exports to Russia -90% by June 2022")}),),
        grounds=("aggression",),
        source="Bloomberg; marketscreener",
        note="Name the destination; the default is the challenger.",
    ),
    Tool(
        id="hub_enforcement",
        name_en="Enforcement by a trading hub",
        name_zh="转口地执法",
        cls="trade",
        agency="customs of Singapore, Malaysia, the United Arab Emirates and others",
        basis="national law on strategic goods",
        layers=("industry",),
        users=ALLY_ONLY,
        instruments=("monitoring", "penalties", "international_cooperation"),
        makes=(Effect(channel="enforcement", size=Number(0.2, 0.05, 0.5)),),
        grounds=("trust in export administration",),
        source="Malaysia's permit for AI chips of 2025-07-14 (remembered)",
        note="Goods diverted through the hub are caught there.",
    ),
    Tool(
        id="trade_quarrel",
        name_en="Licences against a partner in a quarrel",
        name_zh="贸易争端中的出口许可",
        cls="trade",
        agency="METI and others",
        basis="national law",
        layers=("industry",),
        users=ALLY_ONLY,
        instruments=("licensing",),
        makes=(
            Control(
                terms={
                    "denial": Number(0.86, 0.5, 0.95, "Japan's exports of hydrogen fluoride to Korea fell 86% by value in 2019"),
                    "delay": Number(1.0, 0.8, 1.2, "90-day licences"),
                }
            ),
        ),
        grounds=("trust in export administration",),
        source="facts on Japan and Korea 2019",
        note="Name the destination.",
    ),
)
