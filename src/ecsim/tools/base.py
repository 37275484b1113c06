"""What a tool of the catalogue is: a declaration, and how it turns a move into rules, listings and measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsim.moves import Move
from ecsim.params import Number
from ecsim.rules import CHANNELS, TERMS, Measure, Rule, altered
from ecsim.world import CHALLENGER, INCUMBENT, Economy

CLASSES = ("treatment", "trade", "finance", "investment", "counter", "capacity", "outreach", "administration", "firms", "record")
CLASSES_ZH = {
    "treatment": "待遇制裁",
    "trade": "贸易制裁",
    "finance": "金融制裁",
    "investment": "投资制裁",
    "counter": "反制",
    "capacity": "能力建设",
    "outreach": "对外合作",
    "administration": "管制行政",
    "firms": "企业行为",
    "record": "记录",
}
LAYERS_ZH = {"science": "科学", "technology": "技术", "industry": "产业"}
LAYERS = ("science", "technology", "industry")
ROLES = ("incumbent", "challenger", "ally")
OUTWARD = frozenset(("tariff", "talent", "investment", "finance", "market_access"))

INDICATORS = {  # what a tool can declare that it raises (+) or lowers (-)
    "denied": "orders of the challenger that rules refuse",
    "diverted": "deliveries to the challenger by leakage",
    "science": "science stock of the challenger",
    "science_home": "science stock of the incumbent",
    "tech": "technology mastered by the challenger's firms",
    "rd": "R&D of the challenger's firms",
    "plants": "investment that the challenger's firms want",
    "stocks": "stocks that the challenger's buyers hold",
    "stocks_home": "stocks that the incumbent's buyers hold",
    "threat": "threat to supply perceived in the challenger",
    "waiting": "goods for the challenger that wait for a licence",
    "sales_home": "sales of the challenger's goods on the incumbent's market",
    "sales_there": "sales of the incumbent's goods on the challenger's market",
    "sales_own": "sales of the challenger's goods on its own market",
    "sales_allied": "sales of the challenger's goods on the allies' markets",
    "refused_abroad": "orders of others that the challenger's rules refuse",
    "slipped": "share of what the challenger withholds that leaks",
    "rd_home": "R&D of the incumbent's firms, public money included",
    "tech_home": "technology mastered by the incumbent's firms",
    "compliance_home": "what compliance costs the incumbent's firms on sales under licence",
    "willing": "utility of allies to join the incumbent's controls",
    "reach": "foreign supply in reach of the incumbent's direct-product rules",
    "plants_there": "capacity of the incumbent's firms in the challenger",
}

_OF_RULES, _OF_MEASURES = frozenset(TERMS), frozenset(("products", "size"))  # arguments of a move that a rule and a measure bear too

INCUMBENT_ONLY = ("incumbent",)
CHALLENGER_ONLY = ("challenger",)
ALLY_ONLY = ("ally",)


@dataclass(frozen=True, kw_only=True)
class Control:
    """Makes a rule.

    Attributes:
        terms: fields of `Rule` that this tool sets; numbers as `Number`.
        world: applies to all destinations unless the move names some; otherwise to the rival.
        listing: name of the list that it keeps, whose parties it covers; then destinations are open. Any
            other rule covers a list's parties where the move names the list.
    """

    terms: Mapping[str, Any] = field(default_factory=dict)
    world: bool = False
    listing: str = ""

    def rule(self, tool: Tool, move: Move, economy: Economy, rule_id: str) -> Rule:
        """The rule of a move, its own arguments before the tool's."""
        terms: dict[str, Any] = {k: v.value if isinstance(v, Number) else v for k, v in self.terms.items()}
        if not (self.world or self.listing or move.list_name):
            terms.setdefault("destinations", (rival(economy, move.actor),))
        terms.update(rule_arguments(move))
        if self.listing or move.list_name:
            terms["party_list"] = list_key(move, self.listing)
        if self.listing:
            terms.pop("military", None)  # in a listing, the argument says which parties
        terms.setdefault("ground", tool.grounds[0])
        return Rule(id=rule_id, tool=tool.id, issuer=move.actor, start=move.quarter, **terms)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Makes a measure.

    Attributes:
        channel: one of `ecsim.rules.CHANNELS`.
        size: strength, in the unit of the channel.
        home: acts on the actor itself; otherwise, for outward channels, on the rival.
        products: products covered; empty for all.
        listing: name of the list whose parties it covers.
        note: why this channel, where the tool has none of its own.
    """

    channel: str
    size: Number
    home: bool = False
    products: tuple[str, ...] = ()
    listing: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: unknown channel.
        """
        if self.channel not in CHANNELS:
            raise ValueError(f"unknown channel '{self.channel}'")

    def measure(self, tool: Tool, move: Move, economy: Economy, measure_id: str, size: float | None) -> Measure:
        """The measure of a move, its own arguments before the tool's."""
        targets: tuple[str, ...] = ()
        if self.home:
            targets = (move.actor,)
        elif self.channel in OUTWARD:
            targets = move.destinations or (rival(economy, move.actor),)
        return Measure(
            id=measure_id,
            tool=tool.id,
            issuer=move.actor,
            channel=self.channel,
            targets=targets,
            products=move.products or self.products,
            party_list=list_key(move, self.listing) if self.listing else "",
            size=self.size.value if size is None else size,
            start=move.quarter,
        )


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool of the catalogue.

    Attributes:
        id: name in moves and files.
        name_en, name_zh: display names; the Chinese of the first seed paper where it has one.
        cls: class of the sanctions toolkit (treatment, trade, finance, investment), or counter, capacity,
            outreach for the challenger's, firms for what companies do, or record for acts that change no trade by themselves.
        agency: who runs it.
        basis: legal basis.
        layers: what it aims at: science, technology, industry.
        users: roles that may use it: incumbent, challenger, ally.
        reach: domestic, extraterritorial or multilateral.
        grounds: reasons given; the first unless a move says otherwise.
        instruments: which of the 18 policy instruments it counts as.
        expects: what it moves, the main effect first: a sign and one of `INDICATORS`, such as "+denied". A contract
            test holds every tool to it.
        makes: how it acts: rules and measures.
        source: where the declaration comes from.
        row: row in table 1 of the first seed paper, or of the list in its text; empty for others.
        note: what a user should know.
    """

    id: str
    name_en: str
    name_zh: str
    cls: str
    agency: str
    basis: str
    layers: tuple[str, ...]
    users: tuple[str, ...]
    instruments: tuple[str, ...]
    expects: tuple[str, ...] = ()
    makes: tuple[Control | Effect, ...] = ()
    reach: str = "domestic"
    grounds: tuple[str, ...] = ("national security",)
    source: str = ""
    row: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: a value outside its vocabulary.
        """
        for value, accepted in ((self.cls, CLASSES), *((x, LAYERS) for x in self.layers), *((x, ROLES) for x in self.users)):
            if value not in accepted:
                raise ValueError(f"tool {self.id}: '{value}' is not among {accepted}")
        for what in self.expects:
            if what[0] not in "+-" or what[1:] not in INDICATORS:
                raise ValueError(f"tool {self.id}: '{what}' is not a sign and one of {tuple(INDICATORS)}")

    @property
    def listing(self) -> str:
        """Name of the list that it keeps, or ""."""
        return next((m.listing for m in self.makes if m.listing), "")

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of its measures."""
        return tuple(m.channel for m in self.makes if isinstance(m, Effect))

    def parts(self, move: Move, economy: Economy, first: str) -> Iterator[Rule | Measure]:
        """Everything that a move makes.

        The first part has the id and, if it is a measure, the size of the move; the others add their channel to
        the id and keep the tool's size. A move that names a channel makes that measure only.
        """
        chosen = [m for m in self.makes if not move.channel or (isinstance(m, Effect) and m.channel == move.channel)]
        if move.channel:
            chosen = chosen[:1]  # a tool may act on one channel abroad and at home
        for i, maker in enumerate(chosen):
            if isinstance(maker, Control):
                yield maker.rule(self, move, economy, first if i == 0 else f"{first}/rule")
            else:
                part = first if i == 0 else f"{first}/{maker.channel}"
                yield maker.measure(self, move, economy, part, move.size if i == 0 else None)


def rule_arguments(move: Move) -> dict[str, Any]:
    """The fields of `Rule` that a move sets."""
    return move.given(_OF_RULES)


def amended(part: Rule | Measure, move: Move) -> Rule | Measure:
    """A part as an amendment leaves it: each takes what it has of the move's arguments."""
    if isinstance(part, Rule):
        return altered(part, rule_arguments(move))
    changes = move.given(_OF_MEASURES)
    if move.destinations:
        changes["targets"] = move.destinations
    return altered(part, changes)


def rival(economy: Economy, actor: str) -> str:
    """Whom an actor's tools aim at by default: the incumbent for the challenger, the challenger for all others."""
    challenger = economy.states[CHALLENGER]
    return economy.states[INCUMBENT] if actor == challenger else challenger


def role(economy: Economy, actor: str) -> str:
    """Role of an actor."""
    return {INCUMBENT: "incumbent", CHALLENGER: "challenger"}.get(economy.state_index[actor], "ally")


def list_key(move: Move, listing: str) -> str:
    """Name under which a list stands in the rule book."""
    return f"{move.actor}:{move.list_name or listing}"
