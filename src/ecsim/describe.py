"""Tables of what there is to choose from, for `ecsim describe` and the documentation."""

from __future__ import annotations

import dataclasses
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from ecsim.describe_policy import BILINGUAL, LANGUAGES, bilingual_rows
from ecsim.errors import UserError, unknown

Rows = list[dict[str, Any]]
GAP = "  "
LEAST_WIDTH = 16  # columns that a wrapped cell keeps
PIECE = re.compile(r"[“（《]*[\u3400-\u9fff][，。；：、）”》]*|[^\s\u3400-\u9fff“（《]+\s*|\s+|[“（《]+")


def rows_of(topic: str, lang: str = "en") -> Rows:
    """The rows of a topic; without one, the topics.

    Args:
        topic: what to list.
        lang: "en", or "zh" for topics that exist in Chinese.

    Raises:
        UserError: unknown topic or language, or no Chinese of the topic.
    """
    if lang not in LANGUAGES:
        raise unknown("describe", "language", lang, LANGUAGES)
    if not topic:
        makers: dict[str, Any] = {**TOPICS, **BILINGUAL}
        told = {name: (make.__doc__ or "").strip().split("\n")[0] for name, make in makers.items()}
        return [{"topic": name, "lists": text, "languages": "en, zh" if name in BILINGUAL else "en"} for name, text in told.items()]
    if topic in BILINGUAL:
        return bilingual_rows(topic, lang)
    if topic not in TOPICS:
        raise unknown("describe", "topic", topic, [*TOPICS, *BILINGUAL])
    if lang != "en":
        raise UserError(f"describe: lang: '{topic}' is in English only; accepted in Chinese: {', '.join(BILINGUAL)}")
    return TOPICS[topic]()


def parameters() -> Rows:
    """Every parameter of the model: default, plausible range, what is accepted, unit, meaning, source; "drawn" are drawn by compare."""
    from ecsim.params import REGISTRY

    return [
        {
            "parameter": p.name,
            "default": _cell(p.default) or "(empty)",
            "range": ", ".join(p.choices) or (f"{_cell(p.lo)} to {_cell(p.hi)}" if p.lo is not None else ""),
            "accepted": " to ".join(_cell(end) for end in p.accepted or ()),
            "unit": p.unit,
            "drawn": "yes" if p.uncertain else "",
            "meaning": p.doc,
            "source": p.source,
        }
        for p in REGISTRY.values()
    ]


def numbers() -> Rows:
    """Numbers declared beside the parameters: strengths of tools, weights of instruments, costs and delays of counsel."""
    from ecsim.documents.instruments import EFFECTS, INHERITED
    from ecsim.params import Number
    from ecsim.strategies.advice import ADVICE
    from ecsim.tools import CATALOGUE, Control

    found: list[tuple[str, Any]] = []
    for tool in CATALOGUE.values():
        for i, part in enumerate(tool.makes):
            if isinstance(part, Control):
                found += [(f"{tool.id}.{key}", term) for key, term in part.terms.items()]
            else:
                found.append((f"{tool.id}.{part.channel}{f' ({i})' if i else ''}", part.size))
    found += [(f"{name}.{lever}", weight) for name, levers in EFFECTS.items() for lever, weight in levers.items()]
    found += [(f"{name}.inherited", share) for name, share in INHERITED.items()]
    found += [(f"counsel.{a.id}.{key}", getattr(a, key)) for a in ADVICE.values() for key in ("delay", "cost")]
    return [
        {"number": name, "default": _cell(n.value), "range": f"{_cell(n.lo)} to {_cell(n.hi)}", "source": n.source}
        for name, n in found
        if isinstance(n, Number)
    ]


def products() -> Rows:
    """Products by supply chain, upstream first, with their inputs."""
    from ecsim.data import load
    from ecsim.tools import display_names

    data = load()
    english, chinese = display_names("en"), display_names("zh")
    inputs = data.recipes.groupby("product")["input"].agg(", ".join)
    return [
        {"product": name, "domain": domain, "name": english.get(name, name), "中文": chinese.get(name, ""), "inputs": inputs.get(name, "")}
        for name, domain in zip(data.products["product"], data.products["domain"], strict=True)
    ]


def outcomes() -> Rows:
    """Outcomes of a run: unit, purpose, the direction that serves the controlling side, meaning."""
    from ecsim.outcomes import OUTCOMES

    words = {1: "more", -1: "less", 0: ""}
    return [
        {"outcome": o.name, "unit": o.unit, "purpose": o.purpose, "better": words[o.better], "meaning": o.doc} for o in OUTCOMES.values()
    ]


def yearly() -> Rows:
    """Outcomes by year, asked for by name in experiment.yearly or a file of targets."""
    from ecsim.yearly import YEARLY

    return [
        {"outcome": ":".join((o.name, *(k.upper() for k in o.keys))) + "@YEAR", "unit": o.unit, "meaning": o.doc} for o in YEARLY.values()
    ]


def schedule() -> Rows:
    """One quarter, step by step: phase, mechanism, what it does, source."""
    from ecsim.schedule import describe

    return [
        {"step": i, "phase": phase, "mechanism": name, "does": does, "source": source}
        for i, (phase, name, does, source) in enumerate(describe(), start=1)
    ]


def policy() -> Rows:
    """Keys of policy, response, alliance and scenario: type, default."""
    from ecsim.composing import TYPED
    from ecsim.convert import describe_type, field_types

    rows = []
    for group in ("policy", "response", "alliance", "scenario", "experiment"):
        cls: Any = TYPED[group]
        meanings = _attributes(cls.__doc__ or "")
        defaults = cls()
        for f in dataclasses.fields(cls):
            default = _cell(getattr(defaults, f.name))
            kind = describe_type(field_types(cls)[f.name])
            rows.append({"key": f"{group}.{f.name}", "accepted": kind, "default": default, "meaning": meanings.get(f.name, "")})
    return rows


def scenarios() -> Rows:
    """Scenarios: date, title, moves, what is expected of it."""
    from ecsim.places import scenarios_dir
    from ecsim.strategies.scenario import load
    from ecsim.strategies.settings import ScenarioConfig

    rows = []
    for path in sorted(scenarios_dir().glob("*.yaml")):
        s = load(ScenarioConfig(name=path.stem))
        expected = "; ".join(f"{x.outcome} {x.direction} than under {x.against}" for x in s.expect)
        rows.append(
            {"scenario": s.name, "title": s.title["en"], "中文": s.title["zh"], "date": s.date, "moves": len(s.moves), "expected": expected}
        )
    return rows


def data() -> Rows:
    """What the start rests on, by domain: share of initial value from facts, derived figures and assumptions; who and where cited."""
    from ecsim.data import coverage, load

    rows = []
    for domain in dict.fromkeys(load().products["domain"]):
        for r in coverage(load(domains=(domain,))).to_dict("records"):
            shares = {key: f"{100 * r[key]:.0f}%" for key in ("fact", "derived", "assumption", "cited", "cited_who", "cited_where")}
            rows.append({"domain": domain, "product": r["product"], "value, USD bn a year": f"{r['value']:.1f}", **shares})
    return rows


TOPICS: dict[str, Callable[[], Rows]] = {
    f.__name__: f for f in (parameters, numbers, products, outcomes, yearly, schedule, policy, scenarios, data)
}


def as_text(rows: Rows) -> str:
    """Rows as aligned columns; on a terminal, long cells are wrapped to its width, and rows too wide for it become blocks."""
    if not rows:
        return ""
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(_width(line[i]) for line in [names, *cells]) for i in range(len(names))]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns
        widths = _shrink(widths, [names, *cells], room - len(GAP) * (len(names) - 1))
        if not widths:
            return _blocks(names, cells, room)
    lines = [names, ["-" * w for w in widths], *cells]
    return "\n".join(line for row in lines for line in _lines(row, widths))


def _shrink(widths: list[int], cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Take from the widest column until the row fits; nothing where that would break words or leave slivers of text."""
    least = [min(n, max(LEAST_WIDTH, *(_width(p) for row in cells for p in _pieces(row[i])))) for i, n in enumerate(widths)]
    widths = list(widths)
    while sum(widths) > room:
        i = max(range(len(widths)), key=lambda i: widths[i] - least[i])
        if widths[i] == least[i]:
            return []
        widths[i] -= 1
    return widths


def _blocks(names: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> str:
    """A block a row: a heading, and below it each other cell that is not empty, behind the name of its column."""
    k = 1 + (len({row[0] for row in cells}) < len(cells) == len({tuple(row[:2]) for row in cells}))  # two where they tell rows apart
    label = max(map(_width, names[k:]), default=0)
    widths = [label, max(LEAST_WIDTH, room - label - 2 * len(GAP))]
    return "\n\n".join(
        "\n".join(
            [
                GAP.join(row[:k]),
                *(GAP + line for name, cell in zip(names[k:], row[k:], strict=True) if cell for line in _lines((name, cell), widths)),
            ]
        )
        for row in cells
    )


def _lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [_wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(w) for w in wrapped)
    filled = [w + [""] * (height - len(w)) for w in wrapped]
    return [
        GAP.join(part + " " * (n - _width(part)) for part, n in zip(row, widths, strict=True)).rstrip() for row in zip(*filled, strict=True)
    ]


def _pieces(text: str) -> list[str]:
    """What a line may be broken between: words, and Chinese characters with the marks that cling to them."""
    return PIECE.findall(text)


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most so many columns; a piece wider than that stands alone."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return [*lines[:-1], lines[-1].rstrip()]


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:.10g}"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple, dict)) else str(value)


def _attributes(doc: str) -> dict[str, str]:
    """Field name -> meaning, from the Attributes section of a docstring."""
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in textwrap.dedent(doc.partition("Attributes:")[2]).strip("\n").splitlines():
        text = line.strip()
        head, colon, rest = text.partition(":")
        if colon and all(part.isidentifier() for part in head.split(", ")):
            names = head.split(", ")
            meanings.update(dict.fromkeys(names, rest.strip()))
        else:
            meanings.update({name: f"{meanings[name]} {text}".strip() for name in names})
    return meanings
