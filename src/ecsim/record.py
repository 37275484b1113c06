"""What a run remembers: tracks, one row a quarter, turned into tables on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from ecsim import domains, longform
from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.mechanisms.accounts import leading_level
from ecsim.mechanisms.permission import direct_product_reach
from ecsim.params import Params
from ecsim.permission_table import listed_shares
from ecsim.world import World

SIDES = ("incumbent", "ally", "challenger", "third")
METRICS = ("composite", "nominal", "ppp", "gerd")
TINY = 1e-12


@dataclass(frozen=True)
class Track:
    """A recorded quantity.

    Attributes:
        name: name in the series table.
        keys: what its columns are: "state", "product", "domain", "side", "metric" or "" for one number.
        unit: unit.
        doc: what it is.
        read: takes the world at the end of a quarter and returns its value.
        of_book: whether it follows from the rule book and the parameters alone.
    """

    name: str
    keys: str
    unit: str
    doc: str
    read: Callable[[World], Array | float]
    of_book: bool = False


def by_owner(w: World, x: Array) -> Array:
    """Sum of a firm quantity by owner state, shape S."""
    return np.bincount(w.economy.owner, weights=x, minlength=w.economy.n_states)


def by_side(w: World, x: Array) -> Array:
    """Sum of a firm quantity by side of its owner, shape 4."""
    e = w.economy
    return np.bincount(e.side[e.owner], weights=x, minlength=len(SIDES))


def by_company(w: World, x: Array) -> Array:
    """Sum of a firm quantity by real company."""
    rows, company = w.economy.named_rows
    return np.bincount(company, weights=x[rows], minlength=len(w.economy.companies))


def made_in_challenger(w: World) -> Array:
    """Output of plants in the challenger, whoever owns them, by product, shape P."""
    e = w.economy
    return np.bincount(e.product, weights=w.output * (e.location == CHALLENGER), minlength=e.n_products)


def bought_in_challenger(w: World) -> Array:
    """Goods that firms and final buyers in the challenger bought, by product, shape P."""
    e, here = w.economy, w.start.slots_in_challenger
    firms = np.bincount(e.slot_input[here], weights=w.flow[here].sum(axis=1), minlength=e.n_products)
    return firms + np.bincount(e.cell_product, weights=w.final_sales[:, CHALLENGER], minlength=e.n_products)


def unmet_by_product(w: World) -> Array:
    """Share of the challenger's orders that did not come, by product, shape P."""
    e, mine = w.economy, w.start.challenger_slots
    product = e.slot_input[mine]
    ordered = np.bincount(product, weights=w.ordered[mine], minlength=e.n_products)
    came = np.bincount(product, weights=np.minimum(w.flow[mine].sum(axis=1), w.ordered[mine]), minlength=e.n_products)
    return np.where(ordered > TINY, 1.0 - came / np.maximum(ordered, TINY), 0.0)


def need_by_product(w: World) -> Array:
    """The challenger's orders by product, USD bn a quarter, shape P."""
    e, mine = w.economy, w.start.challenger_slots
    return np.bincount(e.slot_input[mine], weights=w.ordered[mine], minlength=e.n_products)


def home_made(w: World) -> Array:
    """Share of what buyers in the challenger buy of each product that its own firms made there, shape P."""
    e = w.economy
    here = w.start.slots_in_challenger
    flow = w.flow[here]
    own = (e.owner[w.supplier[here]] == CHALLENGER) & (e.location[w.supplier[here]] == CHALLENGER)
    total = np.bincount(e.slot_input[here], weights=flow.sum(axis=1), minlength=e.n_products)
    mine = np.bincount(e.slot_input[here], weights=(flow * own).sum(axis=1), minlength=e.n_products)
    cells = (e.cell_owner == CHALLENGER) & (e.cell_location == CHALLENGER)
    total += np.bincount(e.cell_product, weights=w.final_sales[:, CHALLENGER], minlength=e.n_products)
    mine += np.bincount(e.cell_product, weights=w.final_sales[:, CHALLENGER] * cells, minlength=e.n_products)
    return np.where(total > TINY, mine / np.maximum(total, TINY), 0.0)


def bilateral(w: World) -> float:
    """Trade in the chain between firms of the incumbent and of the challenger, both ways, USD bn a quarter."""
    e = w.economy
    seller = e.side[e.owner[w.supplier]]
    buyer = e.side[e.owner[e.slot_firm]][:, None]
    return float((w.flow * ((seller == 0) & (buyer == 2) | (seller == 2) & (buyer == 0))).sum())


def price_level(w: World) -> float:
    """Mean price of output, at base weights."""
    e = w.economy
    return float((w.price * e.output0).sum() / e.output0.sum())


def listed_entities(w: World) -> float:
    """Legal entities on lists of the incumbent: those that firms stand for, and those outside the chains."""
    e, book = w.economy, w.book
    share = sum((listed_shares(book, name, e.n_firms) for name in book.lists_of(e.states[INCUMBENT])), np.zeros(e.n_firms))
    return float(_entities(e) @ np.minimum(share, 1.0)) + listed_outside(w)


@lru_cache(maxsize=8)
def _entities(e: Economy) -> Array:
    """Legal entities of each firm as the numbers that a product with shares is made of."""
    return e.entities.astype(float)


def listed_outside(w: World) -> float:
    """Legal entities on lists of the incumbent that no firm of the model stands for, those listed before 2018 among them."""
    book = w.book
    return w.params.government.listed_before + sum(book.outside.get(name, 0.0) for name in book.lists_of(w.economy.states[INCUMBENT]))


def foreign_reach(w: World) -> float:
    """Share of foreign supply, by value, that the incumbent's direct-product test would reach."""
    e = w.economy
    foreign = (e.owner != 0) & (e.owner != CHALLENGER)
    return float((direct_product_reach(w, 0) * e.output0)[foreign].sum() / max(float(e.output0[foreign].sum()), TINY))


def adoption_by_state(w: World) -> Array:
    """Level at which each state applies the incumbent's adoptable rules, shape S."""
    e = w.economy
    level = np.zeros(e.n_states)
    for (state, issuer), value in w.book.adoption.items():
        if issuer == e.states[0]:
            level[e.state_index[state]] = value
    return level


TRACKS: tuple[Track, ...] = (
    Track("power_ratio", "metric", "ratio", "challenger over incumbent, by measure of power", lambda w: w.ratio_path[w.quarter]),
    Track("gap", "product", "generations", "gap of the challenger's leading firm", lambda w: w.gap_path[w.quarter]),
    Track("frontier", "product", "generations", "technology frontier", lambda w: w.frontier.copy()),
    Track("tech", "product", "generations", "level of the challenger's leading firm", lambda w: leading_level(w, CHALLENGER)),
    Track("unmet", "product", "1", "share of the challenger's orders that did not come", unmet_by_product),
    Track("need", "product", "USD bn/quarter", "the challenger's orders for inputs", need_by_product),
    Track("self_sufficiency", "product", "1", "share of purchases in the challenger that its own firms made there", home_made),
    Track("revenue", "state", "USD bn/quarter", "revenue of firms by owner", lambda w: by_owner(w, w.revenue)),
    Track("rd", "state", "USD bn/quarter", "R&D of firms by owner, public money that takes effect included", lambda w: by_owner(w, w.rd)),
    Track(
        "surplus",
        "state",
        "USD bn/quarter",
        "value added less R&D of their own, of firms by owner: what is left for wages, capital and profit",
        lambda w: by_owner(w, w.surplus),
    ),
    Track("science", "state", "1", "science stock relative to its baseline path", lambda w: w.science.copy()),
    Track(
        "market_value",
        "state",
        "USD bn/quarter",
        "revenue at the start weighted by market value",
        lambda w: by_owner(w, w.market_value * w.economy.output0),
    ),
    Track("value_location", "state", "USD bn/quarter", "value of output by location", lambda w: w.value_location.copy()),
    Track("revenue_side", "side", "USD bn/quarter", "revenue of firms by side", lambda w: by_side(w, w.revenue)),
    Track("output_side", "side", "USD bn/quarter", "output of firms by side", lambda w: by_side(w, w.output)),
    Track("domain_gap", "domain", "generations", "mean gap by supply chain, by value added at the start", domains.gap),
    Track("domain_value_ratio", "domain", "ratio", "value added of the challenger over that of the incumbent", domains.value_ratio),
    Track("domain_value_home", "domain", "USD bn/quarter", "value added of the incumbent's firms", domains.incumbent_value),
    Track(
        "value_share", "state", "1", "world share of the value added of the chain, by owner", lambda w: w.value_owner / w.value_owner.sum()
    ),
    Track("denied", "", "USD bn/quarter", "orders of the challenger that rules refused", lambda w: float(w.trade_effects[0])),
    Track("diverted", "", "USD bn/quarter", "deliveries to the challenger by leakage", lambda w: float(w.trade_effects[1])),
    Track("degraded", "", "USD bn/quarter", "deliveries to the challenger at the threshold", lambda w: float(w.trade_effects[2])),
    Track("backfilled", "", "USD bn/quarter", "extra deliveries by suppliers outside the rules", lambda w: float(w.trade_effects[3])),
    Track(
        "denied_share", "", "1", "share of the challenger's input need that is refused or does not come", lambda w: float(w.denied_share[0])
    ),
    Track("bilateral", "", "USD bn/quarter", "trade of the incumbent with the challenger in the chain", bilateral),
    Track("price_level", "", "1", "mean price", price_level),
    Track("anxiety", "", "1", "anxiety of the incumbent", lambda w: float(w.anxiety[0])),
    Track("unease", "", "1", "anxiety of the incumbent about technology", lambda w: float(w.unease[0])),
    Track("dissatisfaction", "", "1", "dissatisfaction of the challenger", lambda w: float(w.dissatisfaction[CHALLENGER])),
    Track("conflict_index", "", "relative", "conflict index, not a probability", lambda w: float(w.conflict[0])),
    Track("reach", "", "1", "foreign supply in reach of direct-product rules", foreign_reach),
    Track("listed_entities", "", "count", "legal entities on lists of the incumbent", listed_entities, of_book=True),
    Track("listed_outside", "", "count", "of these, outside the chains, those listed before 2018 among them", listed_outside, of_book=True),
    Track("rules_in_force", "", "count", "rules in force", lambda w: float(len(w.book.rules)), of_book=True),
    Track("made_in_challenger", "product", "USD bn/quarter", "output of plants in the challenger", made_in_challenger),
    Track("bought_in_challenger", "product", "USD bn/quarter", "goods bought in the challenger", bought_in_challenger),
    Track("company_revenue", "company", "USD bn/quarter", "revenue of real companies", lambda w: by_company(w, w.revenue)),
    Track(
        "company_value",
        "company",
        "USD bn/quarter",
        "start output of real companies times market value",
        lambda w: by_company(w, w.market_value * w.economy.output0),
    ),
    Track("company_listed", "company", "count", "rows of real companies on a list", lambda w: by_company(w, (w.lists > 0) * 1.0)),
    Track("adoption", "state", "1", "level of adoption of the incumbent's rules", adoption_by_state, of_book=True),
)


class Recorder:
    """Tracks of one run, in arrays made beforehand.

    Args:
        e: the economy.
        quarters: length of the run.
        extra: tracks beyond the usual ones.
        noted: names of those that are written elsewhere, at the end of a quarter, in place of their own `read`.
    """

    def __init__(self, e: Economy, quarters: int, extra: Sequence[Track] = (), noted: Collection[str] = ()) -> None:
        self.economy = e
        self.recorded = (*TRACKS, *extra)
        width = {
            "state": e.n_states,
            "product": e.n_products,
            "side": len(SIDES),
            "metric": len(METRICS),
            "company": len(e.companies),
            "cell": e.n_cells,
            "domain": len(domains.several(e)),
            "product_state": e.n_products * e.n_states,
            "": 1,
        }
        self.tracks = {t.name: np.full((quarters, width[t.keys]), np.nan) for t in self.recorded}
        self.in_force: list[list[str]] = []  # by quarter, the tool of each rule and measure
        self._rules: tuple[int, Params] | None = None  # version of the rules and parameters when tracks of them were last read
        self._book, self._tools = -1, list[str]()  # version of the book when it was last read, and the tools in force
        self._read = tuple(t for t in self.recorded if t.name not in noted and width[t.keys])
        self.asks = not all(t.of_book for t in self._read)  # after each quarter, for what the rule book does not tell

    def note(self, w: World) -> None:
        """Read the tracks that are not written elsewhere at the end of the quarter, and note what is in force by its tool.

        Where several quarters were played in one go, they are those of all of them.
        """
        now = w.book.version_of_rules, w.params
        same, self._rules = self._rules == now, now
        for t in self._read:
            track = self.tracks[t.name]
            track[w.quarter : w.quarter + w.at_once] = track[w.quarter - 1] if same and t.of_book else t.read(w)
        if self._book != w.book.version:
            self._book = w.book.version
            self._tools = [r.tool for r in w.book.rules.values()] + [m.tool for m in w.book.measures.values()]
        self.in_force += [self._tools] * w.at_once

    def long(self) -> pa.Table:
        """Everything noted: quarter, name, key, value. Tools in force are the series "instrument"."""
        kept = tuple((t.name, t.keys) for t in self.recorded)
        quarter, name, key = _places(self.economy, kept, len(next(iter(self.tracks.values()))))
        value = pa.array(np.concatenate([self.tracks[t].ravel() for t, _ in kept]))
        tracks = pa.table({"quarter": quarter, "name": name, "key": key, "value": value})
        return longform.joined([tracks, self._counts()])

    def _counts(self) -> pa.Table:
        """How many rules and measures of each tool are in force, by quarter."""
        rows = [(quarter, tool, n) for quarter, tools in enumerate(self.in_force) for tool, n in sorted(Counter(tools).items())]
        tools = {tool: i for i, tool in enumerate(dict.fromkeys(tool for _, tool, _ in rows))}
        columns = {
            "quarter": pa.array([quarter for quarter, _, _ in rows], pa.int64()),
            "name": longform.coded(np.zeros(len(rows), dtype=np.int32), ["instrument"]),
            "key": longform.coded(np.array([tools[tool] for _, tool, _ in rows], dtype=np.int32), list(tools)),
            "value": pa.array([n for _, _, n in rows], pa.float64()),
        }
        return pa.table(columns)


def keys_of(kind: str, e: Economy) -> tuple[str, ...]:
    """Names of a track's columns."""
    if kind == "cell":
        cells = zip(e.cell_product, e.cell_owner, e.cell_location, strict=True)
        return tuple(f"{e.products[p]}:{e.states[owner]}:{e.states[place]}" for p, owner, place in cells)
    if kind == "product_state":
        return tuple(f"{product}:{state}" for product in e.products for state in e.states)
    names = {"state": e.states, "product": e.products, "side": SIDES, "metric": METRICS, "company": e.companies, "": ("",)}
    return {**names, "domain": domains.several(e)}[kind]


@lru_cache(maxsize=8)
def _places(e: Economy, kept: tuple[tuple[str, str], ...], quarters: int) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Quarter, name and key of each value of some tracks, given by name and by what their columns are; the same for all runs of a study."""
    keys = [keys_of(kind, e) for _, kind in kept]
    widths = [len(k) for k in keys]
    places = {key: i for i, key in enumerate(dict.fromkeys(key for k in keys for key in k))}
    quarter = np.concatenate([np.repeat(np.arange(quarters), width) for width in widths])
    name = np.repeat(np.arange(len(kept)), [quarters * width for width in widths])
    key = np.concatenate([np.tile([places[x] for x in k], quarters) for k in keys])
    return pa.array(quarter), longform.coded(name, [n for n, _ in kept]), longform.coded(key, list(places))
