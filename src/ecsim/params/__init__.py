"""The one registry of model parameters, a file for each part of the model.

Each group is a frozen dataclass whose fields are made by `par`. The configuration, the documentation, the validation
and the sensitivity analysis all read these and nothing else. "assumption" means that no source was found, and the
range says how unsure we are.
"""

from __future__ import annotations

from ecsim.params.adaptation import Adaptation
from ecsim.params.declare import ASSUMPTION, BY_HISTORY, CALIBRATED, FITTED, MEDIAN, POSTERIOR, REFERENCE, Number, ParamInfo, par
from ecsim.params.documents import Documents
from ecsim.params.government import Accession, Counsel, Government
from ecsim.params.innovation import Accounts, Innovation
from ecsim.params.long import Long
from ecsim.params.population import Market, Population, Time
from ecsim.params.power import Power
from ecsim.params.registry import REGISTRY, Params, check_value
from ecsim.params.trade import Permission, Production

__all__ = [
    "ASSUMPTION",
    "Accession",
    "Accounts",
    "Adaptation",
    "BY_HISTORY",
    "CALIBRATED",
    "Counsel",
    "Documents",
    "FITTED",
    "Government",
    "Innovation",
    "Long",
    "MEDIAN",
    "Market",
    "Number",
    "POSTERIOR",
    "ParamInfo",
    "Params",
    "Permission",
    "Population",
    "Power",
    "Production",
    "REFERENCE",
    "REGISTRY",
    "Time",
    "check_value",
    "par",
]
