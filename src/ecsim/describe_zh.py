"""What `ecsim describe` lists, in Chinese: rows keep their keys and whatever is typed or read by programs; the rest is told in Chinese.

What was added to a model without its Chinese stays as it is declared; a test finds it.
"""

# ruff: noqa: RUF001 (Chinese punctuation)
from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ecsim.analysis.text import described_zh as zh
from ecsim.analysis.text import parameters_zh
from ecsim.analysis.text.columns import Rows
from ecsim.analysis.text.settings_zh import SETTINGS
from ecsim.analysis.text.sources_zh import source_zh
from ecsim.analysis.text.words import words_of
from ecsim.describe_policy import LEVERS_ZH, words_zh
from ecsim.documents.instruments import instruments as documented
from ecsim.outcomes import IN, OUTCOMES
from ecsim.strategies.advice import ADVICE
from ecsim.tools import CATALOGUE, display_names

Row = Mapping[str, Any]
CHINESE = "中文"  # key of a Chinese name, as topics in English have it
WHOLE = "all"  # what stands for all products of a domain
W = words_of("zh")


def in_chinese(topic: str, rows: Rows) -> Rows:
    """Rows of a topic in Chinese; of no topic, the topics."""
    return [dict(TOLD[topic](row)) for row in rows]


def _named(row: Row, name: str) -> dict[str, Any]:
    """A row with its Chinese name behind its first cell."""
    first, *rest = row.items()
    return dict([first, (CHINESE, name), *rest])


def _topics(row: Row) -> Row:
    return {**row, "lists": zh.TOPICS[row["topic"]], "languages": row["languages"].replace(", ", "、")}


def _parameters(row: Row) -> Row:
    name, meaning = parameters_zh.PARAMETERS.get(row["parameter"], ("", row["meaning"]))
    return _named(row, name) | {
        "default": "（空）" if row["default"] == "(empty)" else row["default"],
        "range": _ends(row["range"]).replace(", ", "、"),
        "accepted": _ends(row["accepted"]),
        "unit": _unit(row["unit"]),
        "drawn": "是" if row["drawn"] else "",
        "meaning": meaning,
        "source": source_zh(row["source"]),
    }


def _numbers(row: Row) -> Row:
    return _named(row, _number(row["number"])) | {"range": _ends(row["range"]), "source": source_zh(row["source"])}


def _number(number: str) -> str:
    """Name of a declared number: whose it is, and what of it."""
    owner, _, key = number.partition(" (")[0].rpartition(".")
    counsel = owner.removeprefix("counsel.")
    whose = ADVICE[counsel].name_zh if counsel != owner else _owners()[owner]
    return f"{whose}：{zh.COUNSEL[key] if counsel != owner else {**zh.TERMS, **LEVERS_ZH, **words_zh('channel')}[key]}"


@cache
def _owners() -> dict[str, str]:
    """Tool or instrument that declares numbers -> its name."""
    return {i.id: i.name_zh for i in documented()} | {t.id: t.name_zh for t in CATALOGUE.values()}


def _products(row: Row) -> Row:
    names = display_names("zh")
    inputs = row["inputs"].split(", ") if row["inputs"] else ()
    return {**row, "domain": _domain(row["domain"]), "inputs": "；".join(names[x] for x in inputs)}


def _outcomes(row: Row) -> Row:
    measured, _, domain = row["outcome"].partition(IN)
    return _named(row, W.outcome(row["outcome"])) | {
        "unit": _unit(row["unit"]),
        "purpose": W(f"purpose.{row['purpose']}"),
        "better": W(f"better.{OUTCOMES[row['outcome']].better}"),
        "meaning": zh.OUTCOMES.get(f"{measured}_in" if domain else measured, row["meaning"]),
    }


def _yearly(row: Row) -> Row:
    name = row["outcome"].partition("@")[0].partition(":")[0]
    return _named(row, W.said(f"yearly.{name}", name)) | {"unit": _unit(row["unit"]), "meaning": zh.YEARLY.get(name, row["meaning"])}


def _schedule(row: Row) -> Row:
    return {
        **row,
        "phase": zh.PHASES[row["phase"]],
        "does": zh.MECHANISMS.get(row["mechanism"], row["does"]),
        "source": source_zh(row["source"]),
    }


def _policy(row: Row) -> Row:
    key = row["key"]
    group, _, setting = key.partition(".")
    name, meaning = SETTINGS[setting] if group == "policy" and setting in SETTINGS else zh.KEYS.get(key, ("", row["meaning"]))
    return _named(row, name or W.name("factor", key)) | {"accepted": zh.KINDS.get(row["accepted"], row["accepted"]), "meaning": meaning}


def _scenarios(row: Row) -> Row:
    told = []
    for expected in row["expected"].split("; "):
        outcome, direction, _, _, against = expected.split(" ")
        told.append(zh.EXPECTED[direction].format(outcome=W.outcome(outcome), against=W.policy(against)))
    return {**row, "expected": "；".join(told)}


def _data(row: Row) -> Row:
    domain, product, *shares = row.items()
    name = "合计" if row["product"] == WHOLE else display_names("zh")[row["product"]]
    return dict([domain, product, (CHINESE, name), *shares]) | {"domain": _domain(row["domain"])}


def _domain(domain: str) -> str:
    """Name of a supply chain, with the word by which `population.domains` asks for it."""
    return W.aside(W.domain(domain), domain)


def _ends(text: str) -> str:
    """A range of two numbers."""
    return text.replace(" to ", " 至 ")


def _unit(unit: str) -> str:
    """A unit as values are kept and set: sums of money by the billion, not as reports show them."""
    return zh.UNITS.get(unit) or parameters_zh.UNITS.get(unit) or W.name("column", unit)


TOLD: Mapping[str, Callable[[Row], Row]] = {
    "": _topics,
    "parameters": _parameters,
    "numbers": _numbers,
    "products": _products,
    "outcomes": _outcomes,
    "yearly": _yearly,
    "schedule": _schedule,
    "policy": _policy,
    "scenarios": _scenarios,
    "data": _data,
}
