"""What a user sets of policy, response, alliance and scenario: plain frozen values, each checked on its own.

The presets are in `conf/`; where a number of a preset comes from is in `data/precedents.csv`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ecsim.errors import UserError, unknown
from ecsim.rules import CHANNELS
from ecsim.strategies.advice import ADVICE
from ecsim.tools import vocabulary

KINDS = ("none", "doctrine", "script", "endogenous")
MODES = ("extent", "intensity", "coalition", "endogenous")
MARGINAL = ("part", "whole")
FIRST_YEAR = 2018
YEAR = 4  # quarters
OWN = "x_"  # begins the name of a product of a user's own tables
_LABEL = re.compile(r"(\d{4})Q([1-4])")
_STATE = re.compile(r"[A-Z]{3}")  # as the tables name states


def quarter_of(label: str, where: str) -> int:
    """Index of a quarter given as "2018Q1".

    Raises:
        UserError: not a quarter, or before 2018.
    """
    match = _LABEL.fullmatch(label) if isinstance(label, str) else None
    if not match or int(match[1]) < FIRST_YEAR:
        raise UserError(f"{where}: '{label}' is not a quarter of the run; accepted: 2018Q1 and later, written 2018Q1")
    return (int(match[1]) - FIRST_YEAR) * YEAR + int(match[2]) - 1


@dataclass(frozen=True)
class Numbers:
    """The numbers that a setting accepts.

    Attributes:
        lo, hi: the least and the greatest.
        whole: whole numbers only.
    """

    lo: float = -math.inf
    hi: float = math.inf
    whole: bool = False

    def __str__(self) -> str:
        ends = (f" from {self.lo:g}" if math.isfinite(self.lo) else "") + (f" to {self.hi:g}" if math.isfinite(self.hi) else "")
        return ("a whole number" if self.whole else "a number") + ends

    def check(self, where: str, value: Any) -> None:
        """Hold a value against them.

        Raises:
            UserError: it is none of them.
        """
        kinds: Any = int if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not self.lo <= value <= self.hi or not math.isfinite(value):
            raise UserError(f"{where}: '{value}' will not do; accepted: {self}")


ANY, SHARE, POSITIVE = Numbers(), Numbers(0.0, 1.0), Numbers(0.0)
COUNT, ONE_OR_MORE = Numbers(0, whole=True), Numbers(1, whole=True)


def _numbers(section: Any, head: str) -> None:
    """Hold the numbers of a section of settings against those that it accepts; a key that is None by itself may be so."""
    for key, accepted in section.NUMBERS.items():
        value, usual = getattr(section, key), getattr(type(section), key)
        if value is not None or usual is not None:
            accepted.check(f"{head}.{key}", value)


def _switch(where: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise UserError(f"{where}: '{value}' is not a switch; accepted: true, false")


def _choice(where: str, what: str, value: Any, accepted: Iterable[str]) -> None:
    if value not in tuple(accepted):
        raise unknown(where, what, value, accepted)


def _names(where: str, values: Any, kind: str) -> None:
    if isinstance(values, str) or not isinstance(values, tuple):
        raise UserError(f"{where}: '{values}' is not a list; accepted: a list such as [{', '.join(vocabulary(kind)[:2])}]")
    for value in values:
        own = value.startswith(OWN) if kind == "product" else _STATE.fullmatch(value)  # held against the economy: `check_states`
        if not own:
            _choice(where, kind, value, vocabulary(kind))


@dataclass(frozen=True, kw_only=True)
class PolicyConfig:
    """How the incumbent controls.

    Attributes:
        name: label.
        kind: none (no controls), doctrine (the rules declared here), script (the scenario plays the governments) or
            endogenous (the government chooses; of these settings it reads scope and start).
        scope: products controlled; empty for all.
        threshold: technology from which an item is controlled, generations relative to the frontier when the
            controls start (negative is behind it); None for every item.
        thresholds: the same for single products, before `threshold`; None for every item.
        end_uses: product -> what its buyers make, where only such buyers are covered (chips for accelerators, tools
            for advanced plants).
        sliding: thresholds move with the frontier; otherwise they stay where they were set.
        height: share of applications denied, 0 to 1.
        delay: time that a licence takes, quarters.
        fdp: reaches foreign-made items by the direct-product test.
        de_minimis: content from which foreign-made items are reached; None for no such reach.
        spares: supplier states whose goods those two tests pass over.
        persons: reaches plants abroad owned by the incumbent's nationals.
        owners: covers the destinations' firms elsewhere.
        affiliates: listings cover companies owned by the listed.
        military: adds a rule on military end users for all products.
        destinations: states controlled.
        exempt: owner states whose plants at the destinations are spared.
        companies: companies listed by name.
        listings: further legal entities listed, in all.
        listing_products: products from which they are drawn; empty for all.
        listing_height: share of applications for listed parties denied.
        listing_fdp: direct-product reach of the listing of named companies.
        measures: channel -> size of measures beside the control of trade.
        start: quarter in which the controls start.
        phase_in: quarters over which the listings are spread.
        review: quarters between reviews; 0 for never.
        review_step: generations by which a review lowers thresholds.
        review_listings: legal entities that a review adds.
        ground: reason given.
        documents: policy documents are written and their instruments act on the administration of controls.
    """

    NUMBERS: ClassVar[Mapping[str, Numbers]] = {
        **dict.fromkeys(("height", "listing_height", "de_minimis"), SHARE),
        **dict.fromkeys(("delay", "review_step"), POSITIVE),
        **dict.fromkeys(("listings", "review", "review_listings"), COUNT),
        "phase_in": ONE_OR_MORE,
        "threshold": ANY,
    }

    name: str = "none"
    kind: str = "none"
    scope: tuple[str, ...] = ()
    threshold: float | None = None
    thresholds: Mapping[str, float | None] = field(default_factory=dict)
    end_uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sliding: bool = False
    height: float = 0.0
    delay: float = 0.0
    fdp: bool = False
    de_minimis: float | None = None
    spares: tuple[str, ...] = ()
    persons: bool = False
    owners: bool = False
    affiliates: bool = False
    military: bool = False
    destinations: tuple[str, ...] = ("CHN",)
    exempt: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    listings: int = 0
    listing_products: tuple[str, ...] = ()
    listing_height: float = 0.0
    listing_fdp: bool = False
    measures: Mapping[str, float] = field(default_factory=dict)
    start: str = "2018Q3"
    phase_in: int = 1
    review: int = 0
    review_step: float = 0.0
    review_listings: int = 0
    ground: str = "national security"
    documents: bool = False

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _choice("policy.kind", "kind", self.kind, KINDS)
        for key in ("scope", "listing_products"):
            _names(f"policy.{key}", getattr(self, key), "product")
        for key in ("destinations", "exempt", "spares"):
            _names(f"policy.{key}", getattr(self, key), "state")
        for key in ("sliding", "fdp", "persons", "owners", "affiliates", "military", "listing_fdp"):
            _switch(f"policy.{key}", getattr(self, key))
        _numbers(self, "policy")
        _names("policy.thresholds", tuple(self.thresholds), "product")
        for product, level in self.thresholds.items():
            if level is not None:
                ANY.check(f"policy.thresholds.{product}", level)
        _names("policy.end_uses", tuple(self.end_uses), "product")
        for product, makes in self.end_uses.items():
            _names(f"policy.end_uses.{product}", makes, "product")
        for channel, size in self.measures.items():
            _choice("policy.measures", "channel", channel, CHANNELS)
            ANY.check(f"policy.measures.{channel}", size)
        quarter_of(self.start, "policy.start")


@dataclass(frozen=True, kw_only=True)
class ResponseConfig:
    """How the challenger answers controls aimed at it.

    Attributes:
        name: label.
        subsidy: share of the budget `innovation.subsidy_budget` spent under full threat; 0 for none.
        subsidy_delay: quarters from the first control to the first budget.
        focus: products whose threat is at least this share of the greatest are funded.
        stockpile: extra cover that policy asks of buyers under full threat, quarters.
        counter_products: products put under counter-control; empty for none.
        counter_height: greatest share of applications denied by counter-controls.
        counter_delay: quarters from the first rule on the country's goods to the first counter-control.
        counter_step: rise of the counter-control at each further tightening, and its fall at each
            relaxation (tit for tat); 0 goes to the full height at once and stays.
        close_market: share of the final market closed to the incumbent's goods, in step with the counter-control.
        components: counsel of the papers -> strength, 0 to 1 (`ecsim.strategies.advice`).
    """

    NUMBERS: ClassVar[Mapping[str, Numbers]] = {
        **dict.fromkeys(("subsidy", "focus", "counter_height", "counter_step", "close_market"), SHARE),
        **dict.fromkeys(("subsidy_delay", "counter_delay"), COUNT),
        "stockpile": POSITIVE,
    }

    name: str = "none"
    subsidy: float = 0.0
    subsidy_delay: int = 0
    focus: float = 0.0
    stockpile: float = 0.0
    counter_products: tuple[str, ...] = ()
    counter_height: float = 0.0
    counter_delay: int = 0
    counter_step: float = 0.0
    close_market: float = 0.0
    components: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _numbers(self, "response")
        _names("response.counter_products", self.counter_products, "product")
        for name, strength in self.components.items():
            _choice("response.components", "component", name, ADVICE)
            SHARE.check(f"response.components.{name}", strength)

    @property
    def active(self) -> bool:
        """Whether anything is done at all."""
        return self.subsidy > 0 or self.stockpile > 0 or self.counters

    @property
    def counters(self) -> bool:
        """Whether there are counter-controls."""
        return self.close_market > 0 or bool(self.counter_products and self.counter_height > 0)


@dataclass(frozen=True, kw_only=True)
class AllianceConfig:
    """Which states adopt the incumbent's rules, when and how far.

    Attributes:
        name: label.
        mode: extent (members join in order until their share, by value of supply in the controlled products, is
            `participation`), intensity (all members join at level `participation`), coalition (`members` join
            at `level`; without members a random set of `participation` of the order joins) or endogenous (allies,
            or the `members` named, decide for themselves; `level` is that of a law by list alone).
        participation: 0 to 1, as the mode reads it.
        members: who can join; empty for all of `order`.
        order: joining order.
        level: how fully a member applies the rules.
        marginal: under extent, the last member joins in part, so that the share is met, or the coalition is the
            whole one nearest to it.
        lag: quarters from the first control to a member's adoption.
        lags: the same for single members.
        leaves: state -> quarter in which it leaves.
        hubs: third states that choose whether to enforce the rules on goods that pass through them.
    """

    NUMBERS: ClassVar[Mapping[str, Numbers]] = {"participation": SHARE, "level": SHARE, "lag": COUNT}

    name: str = "none"
    mode: str = "coalition"
    participation: float = 0.0
    members: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    level: float = 1.0
    marginal: str = "part"
    lag: int = 0
    lags: Mapping[str, int] = field(default_factory=dict)
    leaves: Mapping[str, str] = field(default_factory=dict)
    hubs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _choice("alliance.mode", "mode", self.mode, MODES)
        _choice("alliance.marginal", "choice", self.marginal, MARGINAL)
        _numbers(self, "alliance")
        for key in ("members", "order", "hubs"):
            _names(f"alliance.{key}", getattr(self, key), "state")
        _names("alliance.lags", tuple(self.lags), "state")
        _names("alliance.leaves", tuple(self.leaves), "state")
        for state, lag in self.lags.items():
            COUNT.check(f"alliance.lags.{state}", lag)
        for state, label in self.leaves.items():
            quarter_of(label, f"alliance.leaves.{state}")

    @property
    def active(self) -> bool:
        """Whether anyone can join."""
        return self.mode == "endogenous" or bool(self.members) or (self.participation > 0 and bool(self.order))


@dataclass(frozen=True, kw_only=True)
class ScenarioConfig:
    """Which scenario plays the governments where the policy is a script.

    Attributes:
        name: name of a file of the scenarios folder, without ending.
        file: path of a user's own file, in place of `name`.
        continuation: play the declared continuation after the last dated move.
        actors: states whose moves are played; empty for all.
        drop: ids of moves left out, for "what if it had not".
    """

    name: str = "history"
    file: str = ""
    continuation: bool = True
    actors: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: the first value that will not do.
        """
        _switch("scenario.continuation", self.continuation)
        _names("scenario.actors", self.actors, "state")

    @property
    def label(self) -> str:
        """Name in tables: that of its file, without ending."""
        return Path(self.file).stem if self.file else self.name


NAMING: Mapping[type, tuple[str, tuple[str, ...]]] = {
    PolicyConfig: ("policy", ("destinations", "exempt", "spares")),
    AllianceConfig: ("alliance", ("members", "order", "hubs", "lags", "leaves")),
    ScenarioConfig: ("scenario", ("actors",)),
}
"""Settings that name states: their section and keys."""


def check_states(sections: Iterable[PolicyConfig | AllianceConfig | ScenarioConfig], own: Callable[[], Iterable[str]]) -> None:
    """Hold the states that settings name against those there are.

    Args:
        sections: settings of a run.
        own: gives the states of the economy in use; asked only for a state that the shipped tables do not have.

    Raises:
        UserError: the first state that neither has.
    """
    for section in sections:
        head, keys = NAMING[type(section)]
        for key in keys:
            for state in getattr(section, key):
                if state not in vocabulary("state"):
                    _choice(f"{head}.{key}", "state", state, dict.fromkeys((*vocabulary("state"), *own())))
