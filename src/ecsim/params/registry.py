"""All groups together, and checks of values against the registry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ecsim.errors import UserError, chinese, unknown
from ecsim.params.adaptation import Adaptation
from ecsim.params.declare import ParamInfo
from ecsim.params.documents import Documents
from ecsim.params.government import Accession, Counsel, Government
from ecsim.params.innovation import Accounts, Innovation
from ecsim.params.long import Long
from ecsim.params.population import Market, Population, Time
from ecsim.params.power import Power
from ecsim.params.trade import Permission, Production


@dataclass(frozen=True, kw_only=True)
class Params:
    """All parameters of the model, by group. Frozen: use `with_values` for another set."""

    time: Time = field(default_factory=Time)
    population: Population = field(default_factory=Population)
    market: Market = field(default_factory=Market)
    power: Power = field(default_factory=Power)
    permission: Permission = field(default_factory=Permission)
    production: Production = field(default_factory=Production)
    adaptation: Adaptation = field(default_factory=Adaptation)
    innovation: Innovation = field(default_factory=Innovation)
    accounts: Accounts = field(default_factory=Accounts)
    documents: Documents = field(default_factory=Documents)
    government: Government = field(default_factory=Government)
    accession: Accession = field(default_factory=Accession)
    counsel: Counsel = field(default_factory=Counsel)
    long: Long = field(default_factory=Long)

    def with_values(self, values: Mapping[str, Any], where: str = "parameters") -> Params:
        """A copy with the given values, each checked against the registry.

        Args:
            values: dotted name -> value.
            where: file or key named in an error.

        Raises:
            UserError: unknown name, wrong type, value outside its choices or sign.
        """
        by_group: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            info = REGISTRY.get(name)
            if info is None:
                raise unknown(where, "parameter", name, REGISTRY)
            group, key = name.split(".", 1)
            by_group.setdefault(group, {})[key] = check_value(info, value, where)
        changed = {g: replace(getattr(self, g), **kv) for g, kv in by_group.items()}
        return replace(self, **changed)

    def flat(self) -> dict[str, Any]:
        """All values by dotted name."""
        return {f"{g.name}.{f.name}": getattr(getattr(self, g.name), f.name) for g in fields(self) for f in fields(getattr(self, g.name))}


def check_value(info: ParamInfo, value: Any, where: str) -> Any:
    """The value in the parameter's own type.

    Raises:
        UserError: the value is not of the type, not among the choices, or not finite; or, for a number,
            far outside the plausible range (a number of the wrong sign or unit), or beyond what the equations bear.
    """
    key = f"{where}: {info.name}"
    if isinstance(info.default, bool):
        if isinstance(value, bool):
            return value
        raise UserError(f"{key}: '{value}' is not a switch; accepted: true, false", chinese("switch", where=key, value=value))
    if isinstance(info.default, tuple):
        names = (value,) if isinstance(value, str) else value
        if isinstance(names, (list, tuple)) and names and all(isinstance(x, str) for x in names) and len(set(names)) == len(names):
            return tuple(names)
        raise UserError(f"{key}: '{value}' is not a list of names; accepted: a list such as [{', '.join(info.default)}]")
    if isinstance(info.default, str):
        if value in info.choices or (not info.choices and isinstance(value, str)):
            return value
        raise unknown(key, "choice", value, info.choices)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        twin = chinese("number", where=key, value=value, accepted=_range_text(info, zh=True))
        raise UserError(f"{key}: '{value}' is not a number; accepted: {_range_text(info)}", twin)
    if isinstance(info.default, int) and value != int(value):
        twin = chinese("whole", where=key, value=value, accepted=_range_text(info, zh=True))
        raise UserError(f"{key}: {value} is not a whole number; accepted: {_range_text(info)}", twin)
    if info.accepted is not None:
        _check_range(info, float(value), key)
    return int(value) if isinstance(info.default, int) else float(value)


def _check_range(info: ParamInfo, value: float, key: str) -> None:
    """Refuse what lies outside the accepted range."""
    assert info.accepted is not None
    lowest, highest = info.accepted
    if not lowest <= value <= highest:
        accepted, twin = _range_text(info), _range_text(info, zh=True)
        if info.accepted != (info.lo, info.hi):
            accepted += f" (plausible), at most {lowest:g} to {highest:g}"
            twin = chinese("plausible", accepted=twin, lowest=lowest, highest=highest)
        raise UserError(f"{key}: {value:g} is out of range; accepted: {accepted}", chinese("range", where=key, value=value, accepted=twin))


def _range_text(info: ParamInfo, *, zh: bool = False) -> str:
    unit = "" if info.unit == "1" else f" {info.unit}"
    if info.lo is None or info.hi is None:
        return info.unit
    return chinese("ends", lo=info.lo, hi=info.hi, unit=unit) if zh else f"{info.lo:g} to {info.hi:g}{unit}"


def _walk() -> Iterator[ParamInfo]:
    defaults = Params()
    for group in fields(Params):
        for f in fields(getattr(defaults, group.name)):
            m = f.metadata
            yield ParamInfo(name=f"{group.name}.{f.name}", default=f.default, **m)


REGISTRY: dict[str, ParamInfo] = {info.name: info for info in _walk()}
