"""Policy in force: rules on trade, measures beside trade, lists of parties, and who adopted whose rules.

Tools write here, mechanisms read here. Nothing in this file knows firms or outcomes; states, products and
companies are named, not numbered, so that a rule book can be logged, compared and replayed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any, TypeVar

NO_LIST = ""  # a rule that applies to every buyer at its destinations


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A control in force on the trade of products.

    Attributes:
        id: unique name within a run.
        tool: tool of the catalogue that made it.
        issuer: state code.
        products: products covered; empty for all.
        destinations: states of the buyers covered (by location, and by owner where `owners` is set).
        party_list: name of the list that the buyer must be on, or `NO_LIST`.
        military: covers only military end users at the destinations.
        threshold: technology level from which an item is covered, in generations (the frontier of 2018 is
            0); None for every item. With `sliding`, generations relative to the current frontier.
        sliding: the threshold moves with the frontier.
        denial: share of applications denied, 0 to 1 (1 is a ban).
        delay: time that a licence takes, in quarters.
        fdp: reaches foreign-made items by the foreign-direct-product test.
        de_minimis: content of the issuer from which foreign-made items are covered (0.25, 0.10, 0), or None.
        persons: reaches plants abroad owned in the issuing state (US-persons rules).
        owners: also covers buyers elsewhere that are owned in a destination state.
        affiliates: a listing also covers companies owned by a listed company.
        end_uses: covers only buyers that make these products (end-use rules: tools for advanced fabs, wafers for
            accelerators); empty for all.
        exempt: owner states whose firms at the destinations it does not cover (validated end users).
        spares: supplier states whose goods the direct-product and de minimis tests pass over.
        adoptable: allies can adopt it (adopters apply it as their own, by their level of adoption).
        ground: reason given, for example "national security" or "human rights".
        start: first quarter in force.
    """

    id: str
    tool: str
    issuer: str
    products: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    party_list: str = NO_LIST
    military: bool = False
    threshold: float | None = None
    sliding: bool = False
    denial: float = 1.0
    delay: float = 0.0
    fdp: bool = False
    de_minimis: float | None = None
    persons: bool = False
    owners: bool = False
    affiliates: bool = False
    end_uses: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    adoptable: bool = True
    ground: str = "national security"
    start: int = 0


TERMS = tuple(f.name for f in fields(Rule) if f.name not in ("id", "tool", "issuer", "party_list", "start"))
"""What a move may say of a rule: arguments of moves bear the same names (`ecsim.moves.Move`)."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A policy in force that works beside the control of trade.

    Attributes:
        id, tool, issuer, start: as in `Rule`.
        channel: what it acts on: "tariff" (rate on imports from the targets), "talent", "investment",
            "finance", "market_access" (share of the issuer's purchases, final and by its firms, closed to the targets),
            "preference" (share of its price by which the issuer's buyers hold what its own firms make at home to be cheaper),
            "subsidy" (USD bn a year to the issuer's firms), "enforcement" (added detection),
            "stockpile" (quarters of extra cover sought by the issuer's firms), "over_compliance" (change of
            refusals beyond the law), "licence_time" (change of the time that licences take), "slips" (change of
            accidental leakage), "compliance_cost" (share of controlled sales), "foresight" (share of coming
            controls that buyers see), "alignment" (utility of joining the incumbent's controls), "shedding" (share of the
            targets' content that the issuer's firms design out a quarter), "relocation" (share of the capacity of the
            issuer's firms that moves from the origin to the target in a year).
        targets: states acted on; empty where the measure is at home.
        origin: state that plants leave.
        products: products covered; empty for all.
        size: strength in the unit of the channel (fraction, USD bn a year, quarters or utility); negative where the
            channel is opened or the change is a fall.
    """

    id: str
    tool: str
    issuer: str
    channel: str
    targets: tuple[str, ...] = ()
    origin: str = ""
    products: tuple[str, ...] = ()
    party_list: str = NO_LIST
    size: float = 0.0
    start: int = 0


Part = TypeVar("Part", bound=Rule | Measure)


def altered(part: Part, changes: dict[str, Any]) -> Part:
    """The part with some fields changed; as `dataclasses.replace`, without setting the others one by one."""
    new = object.__new__(type(part))
    vars(new).update(vars(part) | changes)
    return new


CHANNELS = (
    "tariff",
    "talent",
    "investment",
    "finance",
    "market_access",
    "preference",
    "subsidy",
    "enforcement",
    "stockpile",
    "over_compliance",
    "licence_time",
    "slips",
    "compliance_cost",
    "foresight",
    "alignment",
    "shedding",
    "relocation",
)


@dataclass
class RuleBook:
    """Everything in force in one quarter.

    Attributes:
        rules: rule id -> rule.
        measures: measure id -> measure.
        parties: list name -> firm rows on it (rows, since parts of the synthetic population can be listed).
        parts: list name -> row -> share of its legal entities on the list, of those rows of which not all are.
        outside: list name -> legal entities on it that no firm of the model stands for.
        inside: list name -> legal entities on it that firms of the model stand for, of lists where they were counted.
        institutes: list name -> universities and institutes on it.
        adoption: (adopting state, issuer) -> level at which the adopter applies the issuer's adoptable
            rules, 0 to 1.
        suspended: rule or measure id -> what is out of force for a while.
        due: rule or measure id -> quarter in which it lapses or, where suspended, returns.
        version: raised at every change, so that whoever keeps what it made of the book knows when that is stale.
        version_of_rules: raised at every change but those of measures alone.
    """

    rules: dict[str, Rule] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    parties: dict[str, set[int]] = field(default_factory=dict)
    parts: dict[str, dict[int, float]] = field(default_factory=dict)
    outside: dict[str, float] = field(default_factory=dict)
    inside: dict[str, float] = field(default_factory=dict, compare=False, repr=False)
    institutes: dict[str, set[str]] = field(default_factory=dict)
    adoption: dict[tuple[str, str], float] = field(default_factory=dict)
    suspended: dict[str, Rule | Measure] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    version: int = 0
    version_of_rules: int = 0

    def lists_of(self, issuer: str) -> list[str]:
        """Names of the lists that a state keeps."""
        return sorted(name for name in {*self.parties, *self.outside} if name.startswith(f"{issuer}:"))

    def listed(self, name: str, row: int) -> float:
        """Share of the legal entities of a row that are on a list."""
        return self.parts.get(name, {}).get(row, 1.0) if row in self.parties.get(name, ()) else 0.0

    def holds(self, name: str) -> bool:
        """Whether a rule or measure of this id is in force or suspended."""
        return name in self.rules or name in self.measures or name in self.suspended

    def touch(self, *, rules: bool = True) -> None:
        """Note a change, of rules, lists and adoption or of measures alone."""
        self.version += 1
        self.version_of_rules += rules

    def has_rules_of(self, name: str) -> bool:
        """Whether any part of what has this id is a rule, or suspended."""
        return any(i == name or i.startswith(f"{name}/") for i in chain(self.rules, self.suspended))
