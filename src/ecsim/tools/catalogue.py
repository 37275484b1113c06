"""All tools by id, gathered from the families, and the names that texts show."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module, resources

from ecsim.errors import unknown
from ecsim.move_text import describe
from ecsim.moves import Move
from ecsim.tools.base import Tool
from ecsim.tools.spoken import SPOKEN

FAMILIES = (
    "treatment",
    "trade_lists",
    "trade_items",
    "tariffs",
    "finance",
    "investment",
    "challenger",
    "challenger_capacity",
    "allies",
    "administration",
    "firms",
    "firms_plants",
    "record",
)


def _gather() -> Iterator[Tool]:
    for family in FAMILIES:
        yield from import_module(f"ecsim.tools.{family}").TOOLS


CATALOGUE: dict[str, Tool] = {tool.id: tool for tool in _gather()}


def tool_named(tool_id: str, where: str = "move") -> Tool:
    """The tool of that id.

    Raises:
        UserError: there is none.
    """
    try:
        return CATALOGUE[tool_id]
    except KeyError:
        raise unknown(where, "tool", tool_id, CATALOGUE) from None


@cache
def vocabulary(kind: str) -> tuple[str, ...]:
    """Ids of a kind ("product" or "state") that the data know, in their order."""
    return tuple(row["id"] for row in _name_rows() if row["kind"] == kind)


@cache
def display_names(lang: str) -> dict[str, str]:
    """Display name of each tool, product, company and state in "en" or "zh"."""
    names = {row["id"]: row[lang] for row in _name_rows()}
    return names | {t.id: t.name_zh if lang == "zh" else t.name_en for t in CATALOGUE.values()}


@cache
def spoken_names(lang: str) -> dict[str, str]:
    """What a sentence calls each tool, product, company and state."""
    return display_names(lang) | SPOKEN[lang]


def sentence(move: Move, lang: str = "en", about: Move | None = None) -> str:
    """One sentence on a move, with the names of the catalogue; `about` made the rule or measure that it amends or ends, where known."""
    known = lang if lang == "zh" else "en"
    spoken = spoken_names(known)  # in Chinese, which has no articles, lists are called so too
    return describe(move, lang, spoken, about, _channel(move, about or move), spoken if known == "zh" else display_names(known))


def _channel(move: Move, maker: Move) -> str:
    """Channel of the measure that has a move's size: its own, or the first of the tool that made the measure."""
    tool = CATALOGUE.get(maker.tool)
    return move.channel or maker.channel or (tool.channels[0] if tool is not None and tool.channels else "")


def sentences(moves: Iterable[tuple[Move, str]], lang: str = "en") -> list[str]:
    """A sentence on each of the moves of a run, given with what they made: each rule by its name and goods, as the moves before left it."""
    made: dict[str, Move] = {}
    told = []
    for move, rule in moves:
        about = made.get(move.rule)
        told.append(sentence(move, lang, about))
        if move.tool and rule:
            made[rule] = move
        elif about is not None and move.products:
            made[move.rule] = replace(about, products=move.products)
    return told


@cache
def instrument_classes() -> dict[str, str]:
    """Each of the 18 policy instruments and its class (Wu 2026, table 3)."""
    return {row["instrument"]: row["class"] for row in _rows("instruments.csv")}


@cache
def _name_rows() -> list[dict[str, str]]:
    """Kind, id and display names of what the data know; states and institutes are named in tables of their own."""
    states = [{"kind": "state", "id": r["state"], "en": r["name_en"], "zh": r["name_zh"]} for r in _rows("tables/states.csv")]
    institutes = [{"kind": "institute", "id": r["institute"], "en": r["institute"], "zh": r["name_zh"]} for r in _rows("institutes.csv")]
    return [*_rows("names.csv"), *states, *institutes]


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with resources.files("ecsim").joinpath("data", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
