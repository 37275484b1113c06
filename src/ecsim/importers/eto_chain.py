"""From ETO's inputs to a chain of products: kinds merged to what they are kinds of, steps to stages, edges to recipes."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field

from ecsim.errors import UserError
from ecsim.importers.eto_tables import EtoTables
from ecsim.strategies.settings import OWN

STAGES = ("design", "fabrication", "assembly")  # by the order of the stages in the table
LIKE = {  # kind of product -> shipped product whose attributes stand in for those that the tables lack
    "design": "logic_design",
    "fabrication": "foundry_advanced",
    "assembly": "assembly_test",
    "tool": "deposition_etch",
    "material": "materials",
    "software": "eda_ip",
}
KIND = {"tool_resource": "tool", "material_resource": "material"}


@dataclass(eq=False)
class Node:
    """A product of the chain.

    Attributes:
        id: ETO's id of the input or stage.
        name: its name.
        kind: key of `LIKE`.
        members: ids of the inputs merged into it, its own included.
        size: market, USD bn a year; NaN where the tables give none.
        buyers: ids of the products that it goes into.
    """

    id: str
    name: str
    kind: str
    members: list[str] = field(default_factory=list)
    size: float = math.nan
    buyers: set[str] = field(default_factory=set)

    @property
    def product(self) -> str:
        """Name as a key, marked as one of a user's own tables."""
        return OWN + re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")


@dataclass(frozen=True, eq=False)
class Chain:
    """The products, and what was merged and dropped on the way."""

    nodes: dict[str, Node]
    merged: tuple[str, ...]
    dropped: tuple[str, ...]


def chain_of(t: EtoTables) -> Chain:
    """The chain that the tables describe.

    Raises:
        UserError: kinds that run in a circle, or other than three stages.
    """
    if len(t.stages) != len(STAGES):
        raise UserError(f"stages.csv: {len(t.stages)} stages; accepted: {len(STAGES)}: design, fabrication, assembly with testing")
    name, type_ = (dict(zip(t.inputs["id"], t.inputs[c], strict=True)) for c in ("name", "type"))
    parent = {r.input: r.type_of for r in t.sequence.itertuples() if r.type_of}
    home = _homes(t, parent, type_)
    nodes = _nodes(t, home, parent)
    dropped = tuple(f"{name[i]}: sold by those who design it" for i in t.inputs["id"] if i not in home)
    merged = tuple(f"{name[i]} in {nodes[target].name}" for i, target in home.items() if target != i)
    design = nodes[t.stages["id"].iloc[0]]
    for r in t.sequence.itertuples():
        if r.into and r.input in home and r.into in home and home[r.input] != home[r.into]:
            nodes[home[r.input]].buyers.add(home[r.into])
    for node in nodes.values():
        if node.kind in STAGES:
            node.buyers = set() if node is design else {design.id}  # who designs a chip sells it, and buys the rest
        elif node.buyers == {design.id}:
            node.kind = "software"  # design software, core intellectual property
    return Chain(nodes, merged, dropped)


def _homes(t: EtoTables, parent: dict[str, str], type_: dict[str, str]) -> dict[str, str]:
    """Input -> product that it is part of: its stage for a step, else the input that it is a kind of; none for the final output."""
    stage = dict(zip(t.inputs["id"], t.inputs["stage"], strict=True))
    first = t.stages["id"].iloc[0]
    home = {}
    for i in t.inputs["id"]:
        root = _root(i, parent)
        if type_[root] in ("process", "design_resource"):
            home[i] = stage[root] or first
        elif type_[root] in KIND:
            home[i] = root
    return home


def _nodes(t: EtoTables, home: dict[str, str], parent: dict[str, str]) -> dict[str, Node]:
    name, type_, size = (dict(zip(t.inputs["id"], t.inputs[c], strict=True)) for c in ("name", "type", "size"))
    stages = zip(t.stages["id"], t.stages["name"], STAGES, t.stages["size"], strict=True)
    nodes = {s: Node(s, title, kind, [s], z) for s, title, kind, z in stages}
    for i, target in home.items():
        if target not in nodes:
            nodes[target] = Node(target, name[target], KIND[type_[target]])
        nodes[target].members.append(i)
    for node in nodes.values():
        if math.isnan(node.size):
            node.size = _size(node, size, parent)
    return nodes


def _root(i: str, parent: dict[str, str]) -> str:
    seen = [i]
    while seen[-1] in parent:
        if parent[seen[-1]] in seen:
            raise UserError(f"sequence.csv: is_type_of_id runs in a circle: {' -> '.join([*seen, parent[seen[-1]]])}; accepted: a tree")
        seen.append(parent[seen[-1]])
    return seen[-1]


def _size(node: Node, size: dict[str, float], parent: dict[str, str]) -> float:
    """The size of the input itself; else the sum over its kinds, kinds of kinds only where the kind has none; NaN if none has."""
    if not math.isnan(size.get(node.id, math.nan)):
        return size[node.id]
    children: dict[str, list[str]] = defaultdict(list)
    for child, above in parent.items():
        children[above].append(child)

    def total(i: str) -> float:
        own = size.get(i, math.nan)
        if not math.isnan(own):
            return own
        known = [x for x in (total(c) for c in children[i]) if not math.isnan(x)]
        return sum(known) if known else math.nan

    return total(node.id) if node.id in size else math.nan  # a stage has its own size or none
