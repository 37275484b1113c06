"""The tables of an economy out of a chain of products: shares, recipes, firms, gaps and demand, and what was guessed on the way."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from ecsim.data import Tables
from ecsim.data.schema import PRODUCT_ATTRIBUTES, SCHEMAS
from ecsim.errors import UserError
from ecsim.importers.eto_chain import LIKE, Chain, Node
from ecsim.importers.eto_tables import EtoTables
from ecsim.params import par

SOURCE = "CSET/ETO Advanced Semiconductor Supply Chain Dataset, user's copy"
GUESS = "assumption: importer default"
REST = "ROW"
SAME = {"MAL": "MYS"}  # codes that ETO writes otherwise
EU = tuple(
    "AUT BEL BGR CYP CZE DNK ESP EST FIN GRC HRV HUN IRL LTU LUX LVA MLT POL PRT ROU SVK SVN SWE".split()  # noqa: SIM905
)
RECIPE = (
    "product",
    "input",
    "buyer",
    "share",
    "lo",
    "hi",
    "kind",
    "criticality",
    "embodies",
    "stretch",
    "redesign",
    "basis",
    "flag",
    "source",
)
TINY = 1e-9
ROUNDING = 0.03  # by which shares in whole per cent may miss one


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What stands in for what the tables lack; all assumptions."""

    size: float = par(0.5, "USD bn/year", "Market of an input of unknown size.", lo=0.1, hi=2.0)
    fabrication: float = par(0.3, "1", "Market of wafer fabrication over that of design.", lo=0.2, hi=0.5)
    used: float = par(0.8, "1", "Share of an input's market that the chain itself buys; the rest is sold to other users.", lo=0.5, hi=0.95)
    inputs_most: float = par(0.55, "1", "Largest cost of current inputs over output.", lo=0.4, hi=0.7)
    capital_most: float = par(0.35, "1", "Largest cost of tools over output of who uses them.", lo=0.2, hi=0.5)
    negligible: float = par(0.005, "1", "Share of a provider whose share is called negligible.", lo=0.0, hi=0.01)
    gap_none: float = par(3.0, "generations", "Gap of the challenger where it provides next to nothing.", lo=1.5, hi=5.0)
    gap_some: float = par(1.5, "generations", "Gap of the challenger where it provides something.", lo=0.5, hi=3.0)
    gap_much: float = par(0.5, "generations", "Gap of the challenger where it provides a tenth or more.", lo=0.0, hi=1.5)
    gap_others: float = par(0.3, "generations", "Gap of all other states but the largest provider.", lo=0.0, hi=1.0)
    some: float = par(0.01, "1", "Share of supply from which the challenger provides something.", lo=0.005, hi=0.03)
    much: float = par(0.1, "1", "Share of supply from which it provides much.", lo=0.05, hi=0.2)
    closing: float = par(0.05, "generations per year", "Speed at which the challenger's gap closes.", lo=0.0, hi=0.15)


DEFAULTS = Defaults()
_INFO = {f.name: f.metadata for f in fields(Defaults)}


class Maker:
    """Makes the tables of an economy, and remembers what it imported, merged, guessed and dropped.

    Args:
        t: ETO's tables.
        chain: the products.
        shipped: tables whose products stand in for what is not known.
    """

    def __init__(self, t: EtoTables, chain: Chain, shipped: Tables) -> None:
        self.t, self.shipped = t, shipped
        self.imported: list[str] = []
        self.merged: list[str] = []
        self.guessed: list[str] = []
        self.dropped: list[str] = []
        self.states = list(shipped.states["state"])
        self.kind = dict(zip(t.providers["id"], t.providers["type"], strict=True))
        self.provider = dict(zip(t.providers["id"], t.providers["name"], strict=True))
        self.place = {
            p: self._state(n if k == "country" else c)
            for p, n, k, c in zip(t.providers["id"], t.providers["name"], t.providers["type"], t.providers["country"], strict=True)
        }
        self.name = {**dict(zip(t.inputs["id"], t.inputs["name"], strict=True)), **dict(zip(t.stages["id"], t.stages["name"], strict=True))}
        self.size_of = {
            **dict(zip(t.inputs["id"], t.inputs["size"], strict=True)),
            **dict(zip(t.stages["id"], t.stages["size"], strict=True)),
        }
        self.rows = {key: part for key, part in t.provision.groupby("provided")}
        self.nodes = dict(chain.nodes)
        self.shares = {i: self._shares(node) for i, node in self.nodes.items()}
        self._drop_unprovided()
        self._sizes()

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, each in its schema."""
        nodes = list(self.nodes.values())
        products = pd.DataFrame(
            [{"product": n.product, "name_en": n.name, "name_zh": n.name, "domain": "chips", "source": SOURCE} for n in nodes]
        )
        values = pd.DataFrame([row for n in nodes for row in self._attributes(n)])
        shares = pd.DataFrame([row for n in nodes for row in self._share_rows(n)])
        gaps = pd.DataFrame([row for n in nodes for row in self._gap_rows(n)])
        market = self.shipped.demand[self.shipped.demand["product"] == LIKE["design"]]
        demand = pd.concat(
            [market.assign(product=n.product, basis="assumption", lo=0.0, hi=1.0, source=GUESS) for n in nodes], ignore_index=True
        )
        self.guessed.append("final demand: by state as that for the shipped logic and micro chips")
        self.guessed.append(
            "growth, margins, R&D, build times, leakage, learning, sizes of unnamed firms: those of the shipped product of each kind"
        )
        firms = pd.DataFrame(self._firms(), columns=list(SCHEMAS["firms"].columns))
        made = {
            "products": products,
            "product_values": values,
            "recipes": pd.DataFrame(self._recipes(), columns=list(RECIPE)),
            "shares": shares,
            "firms": firms,
            "gaps": gaps,
            "demand": demand,
            "needs": pd.DataFrame(columns=list(SCHEMAS["needs"].columns)),
            "ties": pd.DataFrame(columns=list(SCHEMAS["ties"].columns)),
        }
        return {name: table[list(SCHEMAS[name].columns)] for name, table in made.items()}

    def _state(self, code: str) -> str:
        code = SAME.get(code, code)
        return code if code in self.states else "EUR" if code in EU else REST

    def _shares(self, node: Node) -> dict[str, float]:
        """Share of each state: those given for the input; else the mean of those given for its kinds, by size; else equal shares."""
        own = self._given(node.id)
        if own:
            return own
        kinds = [m for m in node.members if m != node.id]
        found = self._mean([(m, self._given(m)) for m in kinds])
        if found:
            return found
        guess = self._equal(node.id) or self._mean([(m, self._equal(m)) for m in kinds])
        if guess:
            self.guessed.append(f"{node.name}: shares of its providers taken as equal, since none is given")
        return guess

    def _mean(self, parts: list[tuple[str, dict[str, float]]]) -> dict[str, float]:
        total: dict[str, float] = defaultdict(float)
        for key, part in parts:
            for state, share in part.items():
                total[state] += share * self._weight(key)
        return _scaled(total)

    def _weight(self, key: str) -> float:
        size = self.size_of.get(key, math.nan)
        return DEFAULTS.size if math.isnan(size) else size

    def _given(self, key: str) -> dict[str, float]:
        """Shares of states as given, of countries or else of companies; empty where none is."""
        if key not in self.rows:
            return {}
        rows = list(self.rows[key].itertuples())
        countries = [r for r in rows if self.kind[r.provider] == "country"]
        known = [r for r in countries or rows if not math.isnan(r.share)]
        total: dict[str, float] = defaultdict(float)
        for r in countries if countries and known else known:
            total[self.place[r.provider]] += DEFAULTS.negligible if math.isnan(r.share) else r.share
        whole = sum(total.values())
        if countries and known and abs(whole - 1.0) > ROUNDING:
            self.guessed.append(f"{self.name[key]}: shares sum to {whole:.0%} and were scaled to 100%")
        return _scaled(total)

    def _equal(self, key: str) -> dict[str, float]:
        """Equal shares of whoever provides an input, next to nothing where that is said."""
        if key not in self.rows:
            return {}
        rows = list(self.rows[key].itertuples())
        total: dict[str, float] = defaultdict(float)
        for r in [r for r in rows if self.kind[r.provider] == "country"] or rows:
            total[self.place[r.provider]] += DEFAULTS.negligible if r.negligible else 1.0
        return _scaled(total)

    def _drop_unprovided(self) -> None:
        """Products that nobody provides pass what goes into them on to their buyers."""
        for i in [i for i, node in self.nodes.items() if not self.shares[i]]:
            if self.nodes[i].kind in ("design", "fabrication", "assembly"):
                raise UserError(f"provision.csv: no provider of stage '{self.nodes[i].name}'; accepted: at least one row for each stage")
            gone = self.nodes.pop(i)
            for node in self.nodes.values():
                if i in node.buyers:
                    node.buyers = (node.buyers - {i}) | (gone.buyers - {node.id})
            self.dropped.append(f"{gone.name}: no provider is named")
        for i in [i for i, node in self.nodes.items() if not node.buyers and node.kind != "design"]:
            self.dropped.append(f"{self.nodes.pop(i).name}: goes into nothing")
        for node in self.nodes.values():
            node.buyers &= set(self.nodes)

    def _sizes(self) -> None:
        (design,) = (n for n in self.nodes.values() if n.kind == "design")
        for node in self.nodes.values():
            if not math.isnan(node.size):
                continue
            if node.kind == "design":
                raise UserError("stages.csv: no size of the first stage, design; accepted: a text such as '$70 billion (2019)'")
            node.size = DEFAULTS.fabrication * design.size if node.kind == "fabrication" else DEFAULTS.size
            self.guessed.append(f"{node.name}: market of {node.size:.3g} bn USD a year")
        self.imported += [f"{n.name}: {len(n.members)} of ETO's inputs, {len(self.shares[i])} states" for i, n in self.nodes.items()]

    def _attributes(self, node: Node) -> list[dict[str, Any]]:
        like = self.shipped.product_values
        like = like[like["product"] == LIKE[node.kind]].set_index("attribute")
        rows = []
        for attribute in PRODUCT_ATTRIBUTES:
            row = like.loc[attribute]
            value, lo, hi = float(row["value"]), row["lo"], row["hi"]
            if attribute == "market":
                value, lo, hi = node.size, node.size / 2, 2 * node.size
            known = {"lo": value if pd.isna(lo) else min(lo, value), "hi": value if pd.isna(hi) else max(hi, value)}
            rows.append({"product": node.product, "attribute": attribute, "value": value, "unit": row["unit"], **known, **_guess()})
        return rows

    def _share_rows(self, node: Node) -> list[dict[str, Any]]:
        return [
            {"product": node.product, "owner": s, "location": s, "share": x, "lo": 0.0, "hi": 1.0, "entities": 10, "military": 0}
            | {"who": "fact", "where": "assumption", **_guess()}
            for s, x in sorted(self.shares[node.id].items())
        ]

    def _gap_rows(self, node: Node) -> list[dict[str, Any]]:
        shares, challenger = self.shares[node.id], self.states[1]
        mine = shares.get(challenger, 0.0)
        leader = max(shares, key=lambda s: shares[s])
        key = "gap_much" if mine >= DEFAULTS.much else "gap_some" if mine >= DEFAULTS.some else "gap_none"
        rows = [(leader, "", 0.0, 0.0), ("*", "gap_others", DEFAULTS.gap_others, 0.0)]
        if leader != challenger:
            rows.append((challenger, key, getattr(DEFAULTS, key), DEFAULTS.closing))
        made = []
        for state, name, gap, closing in rows:
            lo, hi = (_INFO[name]["lo"], _INFO[name]["hi"]) if name else (0.0, 0.0)
            made.append(
                {"product": node.product, "state": state, "gap": gap, "lo": lo, "hi": hi, "closing": closing}
                | {"closing_lo": 0.0, "closing_hi": _INFO["closing"]["hi"], **_guess()}
            )
        return made

    def _firms(self) -> list[dict[str, Any]]:
        """Companies with a share, within the share of their state."""
        made = []
        nameless = 0
        for i, node in self.nodes.items():
            held: dict[tuple[str, str], float] = defaultdict(float)
            members = [m for m in (node.id, *node.members) if m in self.rows]
            own = [m for m in members if m == node.id and self._companies(m)]
            weight = {m: self.size_of.get(m, math.nan) for m in (own or dict.fromkeys(members))}
            whole = sum(DEFAULTS.size if math.isnan(x) else x for x in weight.values())
            for m, size in weight.items():
                for r in self._companies(m):
                    held[self.provider[r.provider], self.place[r.provider]] += (
                        r.share * (DEFAULTS.size if math.isnan(size) else size) / whole
                    )
                nameless += sum(1 for r in self.rows[m].itertuples() if self.kind[r.provider] == "organization" and math.isnan(r.share))
            by_state: dict[str, float] = defaultdict(float)
            for (_, state), share in held.items():
                by_state[state] += share
            for (company, state), share in held.items():
                cell = self.shares[i].get(state, 0.0)
                part = share * min(1.0, cell / by_state[state])
                if part > TINY:
                    made.append(
                        {"product": node.product, "company": company, "parent": company, "owner": state, "location": state, "share": part}
                        | {
                            "lo": 0.0,
                            "hi": 1.0,
                            "entities": 1,
                            "military": 0,
                            "gap": math.nan,
                            "who": "fact",
                            "where": "assumption",
                            **_guess(),
                        }
                    )
        if nameless:
            self.dropped.append(f"{nameless} rows of companies without a share: they are among the unnamed firms of their state")
        self.guessed.append("companies make at home: the tables give headquarters, not plants")
        return made

    def _companies(self, key: str) -> list[Any]:
        return [r for r in self.rows[key].itertuples() if self.kind[r.provider] == "organization" and r.share > 0]

    def _recipes(self) -> list[dict[str, Any]]:
        """Cost shares: what the chain uses of an input, shared by its buyers' sizes, within what inputs may cost."""
        found: dict[str, list[tuple[Node, str, float]]] = defaultdict(list)
        for node in self.nodes.values():
            whole = sum(self.nodes[b].size for b in node.buyers)
            for b in sorted(node.buyers):
                buyer = self.nodes[b]
                found[b].append((node, self._kind(node, buyer), DEFAULTS.used * node.size / whole))
        rows = []
        for b, inputs in found.items():
            buyer = self.nodes[b]
            for capital in (False, True):
                mine = [(n, k, x) for n, k, x in inputs if (k == "capital") == capital]
                most = DEFAULTS.capital_most if capital else DEFAULTS.inputs_most
                total = sum(x for _, _, x in mine)
                scale = min(1.0, most / total) if total > 0 else 1.0
                if scale < 1.0:
                    what = "tools" if capital else "inputs"
                    self.guessed.append(f"{buyer.name}: {what} would cost {total:.0%} of output and were cut to {most:.0%}")
                rows += [self._recipe(node, buyer, kind, x * scale) for node, kind, x in mine]
        self.guessed.append(f"cost shares: the chain buys {DEFAULTS.used:.0%} of each input, shared among buyers by size")
        self.guessed.append("criticality, embodied technology and stretch: those of the shipped recipe of each kind")
        return rows

    def _kind(self, node: Node, buyer: Node) -> str:
        if node.kind == "software":
            return "knowledge"
        return "capital" if node.kind == "tool" and buyer.kind != "tool" else "current"

    def _recipe(self, node: Node, buyer: Node, kind: str, share: float) -> dict[str, Any]:
        recipes = self.shipped.recipes
        like = recipes[(recipes["product"] == LIKE[buyer.kind]) & (recipes["input"] == LIKE[node.kind]) & (recipes["buyer"] == "")]
        like = like if len(like) else recipes[(recipes["kind"] == kind) & (recipes["input"] == LIKE[node.kind])]
        like = like if len(like) else recipes[recipes["kind"] == kind]
        first = like.iloc[0]
        same = {key: first[key] for key in ("criticality", "embodies", "stretch", "redesign")}
        numbers = {"share": share, "lo": share / 2, "hi": min(2 * share, 1.0)}
        return {"product": buyer.product, "input": node.product, "buyer": "", **numbers, "kind": kind, **same, **_guess()}


def _scaled(total: dict[str, float]) -> dict[str, float]:
    whole = sum(total.values())
    return {state: share / whole for state, share in total.items() if share > 0} if whole > 0 else {}


def _guess() -> dict[str, str]:
    return {"basis": "assumption", "flag": "assumption", "source": f"{SOURCE}; {GUESS}"}
