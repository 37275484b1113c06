"""The arms that the claims of docs/claims.md compare, each with every mechanism on and with one off at a time.

Arms are made of the shipped packages, so that no number is chosen here. A switch that changes the verdict on a
claim names the equation that the claim rests on. Every arm of a switch is measured against the path without
controls under the same switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecsim.config import RunConfig
from ecsim.experiment import factorial
from ecsim.experiment.plan import Variant
from ecsim.experiment.variants import Compose, distinct

ALL_ON = "all on"
JOINED = {"none_joined": 0.0, "half_joined": 0.5, "full_joined": 1.0}


@dataclass(frozen=True)
class Switch:
    """A mechanism switched off.

    Attributes:
        equation: what it is, with the section of the model.
        params: parameters that switch it off, dotted name -> value.
        response: keys of the challenger's response that do.
        policy: keys of the incumbent's policy that do.
    """

    equation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, run: RunConfig) -> RunConfig:
        """A run with the mechanism off."""
        params = run.params.with_values(self.params, "switch")
        return replace(run, params=params, response=replace(run.response, **self.response), policy=replace(run.policy, **self.policy))


SWITCHES: Mapping[str, Switch] = {
    "ceiling": Switch("embodied ceiling: level held to that of equipment and inputs (section 7.5)", {"innovation.ceiling": False}),
    "volume": Switch("a product line needs volume: level lost where inputs come short (section 7.5)", {"innovation.volume": 0.0}),
    "rd": Switch("own progress by R&D, which follows revenue (section 7.5)", {"innovation.rd_elasticity": 0.0}),
    "learning": Switch("learning by doing (section 7.5)", {"innovation.learning": 0.0}),
    "funds": Switch("the challenger's substitution funds (section 7.7)", response={"subsidy": 0.0}),
    "counter": Switch("the challenger's counter-controls (section 7.7)", response={"counter_products": (), "close_market": 0.0}),
    "adaptation": Switch("adaptation of firms: shifting, qualifying, stockpiling, redesign (section 7.4)", {"adaptation.enabled": False}),
    "shedding": Switch("shedding of the incumbent's content (section 7.4)", {"adaptation.shed_speed": 0.0}),
    "leakage": Switch("leakage and diversion (section 7.2)", {"permission.leak_scale": 0.0}),
    "degraded": Switch("degraded sales at the threshold (section 7.2)", {"permission.degraded_share": 0.0}),
    "spares": Switch("makers in states with controls of their own, spared by the tests of reach (section 7.2)", policy={"spares": ()}),
}


def design(compose: Compose) -> list[Variant]:
    """Every arm under every switch; arms of a switch stand together, because they share a baseline."""
    runs = list(arms(compose))
    made = [Variant(run, {"arm": run.label, "switch": ALL_ON}) for run in runs]
    for name, switch in SWITCHES.items():
        for run in runs:
            off = replace(switch.apply(run), label=f"{run.label}/{name}")
            made.append(Variant(off, {"arm": run.label, "switch": name}, switch.params))
    return distinct(made, "claims")


def arms(compose: Compose) -> Iterator[RunConfig]:
    """The arms, with the labels that `ecsim.analysis.claims` looks for.

    Small yard as shipped has extraterritorial reach and no allies (`small_yard+fdp`); `none_joined` is the same without
    that reach; `small_yard+allies` adds to it the allies that did follow. Wide and low is the blanket package, alone.
    """
    none, narrow, wide = (compose([f"policy={name}", "alliance=none"]).run for name in ("none", "small_yard", "blanket"))
    allies, forced = (compose([f"alliance={name}"]).run.alliance for name in ("allies", "forced"))
    home = replace(narrow, policy=factorial.at_home(narrow.policy))
    yield none
    yield replace(narrow, label="small_yard+fdp")
    for label, share in JOINED.items():
        yield replace(home, alliance=replace(forced, mode="extent", participation=share), label=label)
    yield replace(home, alliance=allies, label="small_yard+allies")
    yield replace(narrow, alliance=allies, label="small_yard+allies+fdp")
    yield from (variant.config for variant in factorial.claims(narrow))
    yield replace(wide, label="wide_low")
