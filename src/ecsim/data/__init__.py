"""The cited tables that ship with the package, their loader, their checks and what they rest on."""

from __future__ import annotations

from ecsim.data.coverage import coverage, numbers
from ecsim.data.loader import TABLES, Tables, company_names, load, states_of

__all__ = ["TABLES", "Tables", "company_names", "coverage", "load", "numbers", "states_of"]
