"""What companies do by themselves: stocks, caution beyond the law, carelessness within it. In the workshop, industry uses these.

The state of a move says whose companies act.
"""

from __future__ import annotations

from functools import partial

from ecsim.params import Number
from ecsim.tools.base import ROLES, Control, Effect, Tool

_firms = partial(Tool, cls="firms", agency="companies", basis="", layers=("industry",), users=ROLES, grounds=("business",))

TOOLS = (
    _firms(
        id="firm_stockpile",
        name_en="Companies stock up",
        name_zh="企业囤货",
        instruments=("information_support",),
        expects=("+stocks_home",),
        makes=(Effect(channel="stockpile", size=Number(0.5, 0.1, 2.0, "assumption; quarters of extra cover")),),
        source="assumption",
    ),
    _firms(
        id="over_compliance",
        name_en="Companies refuse more than the law asks",
        name_zh="企业过度合规",
        instruments=("compliance_assistance",),
        expects=("+denied",),
        makes=(
            Control(
                terms={
                    "denial": Number(0.1, 0.02, 0.4, "assumption; orders that compliance departments turn down"),
                    "adoptable": False,
                }
            ),
        ),
        source="assumption",
        note="Name products; the default destination is the rival.",
    ),
    _firms(
        id="thorough_compliance",
        name_en="Companies check their customers",
        name_zh="企业加强客户审查",
        instruments=("compliance_assistance", "monitoring"),
        expects=("-diverted", "+waiting"),
        makes=(
            Effect(channel="enforcement", size=Number(0.1, 0.02, 0.3)),
            Effect(channel="licence_time", size=Number(0.05, 0.0, 0.2), note="checks take time"),
        ),
        source="assumption",
        note="Less is diverted through the companies of this state.",
    ),
    _firms(
        id="lax_compliance",
        name_en="Companies look away",
        name_zh="企业放松客户审查",
        instruments=("compliance_assistance",),
        expects=("+diverted", "-waiting"),
        makes=(
            Effect(channel="enforcement", size=Number(-0.1, -0.3, 0.0)),
            Effect(channel="licence_time", size=Number(-0.05, -0.2, 0.0), note="no checks, no wait"),
        ),
        source="assumption",
        note="More is diverted through the companies of this state.",
    ),
)
