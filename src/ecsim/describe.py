"""Tables of what there is to choose from, for `ecsim describe` and the documentation."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Callable
from typing import Any

from ecsim.analysis.text.columns import Rows, cell_text
from ecsim.describe_policy import BILINGUAL, HEADINGS_ZH, LANGUAGES, headed
from ecsim.errors import unknown


def rows_of(topic: str, lang: str = "en") -> Rows:
    """The rows of a topic, under the headings of a language; without a topic, the topics.

    Args:
        topic: what to list.
        lang: "en" or "zh".

    Raises:
        UserError: unknown topic or language.
    """
    rows = values_of(topic, lang)
    if lang == "en":
        return rows
    from ecsim.analysis.text.described_zh import HEADINGS

    return headed(rows, HEADINGS_ZH if topic in BILINGUAL else HEADINGS)


def values_of(topic: str, lang: str = "en") -> Rows:
    """The same under keys that are those of English in every language, for a program; sums of money stay in the unit that the key names.

    Raises:
        UserError: unknown topic or language.
    """
    if lang not in LANGUAGES:
        raise unknown("describe", "language", lang, LANGUAGES)
    if topic in BILINGUAL:
        return BILINGUAL[topic](lang)
    if topic and topic not in TOPICS:
        raise unknown("describe", "topic", topic, [*TOPICS, *BILINGUAL])
    rows = TOPICS[topic]() if topic else topics()
    if lang == "en":
        return rows
    from ecsim.describe_zh import in_chinese  # loads all catalogues

    return in_chinese(topic, rows)


def topics() -> Rows:
    """What can be described."""
    makers: dict[str, Any] = {**TOPICS, **BILINGUAL}
    return [
        {"topic": name, "lists": (make.__doc__ or "").strip().split("\n")[0], "languages": ", ".join(LANGUAGES)}
        for name, make in makers.items()
    ]


def parameters() -> Rows:
    """Every parameter of the model: default, plausible range, what is accepted, unit, meaning, source; "drawn" are drawn by compare."""
    from ecsim.params import REGISTRY

    return [
        {
            "parameter": p.name,
            "default": cell_text(p.default) or "(empty)",
            "range": ", ".join(p.choices) or (f"{cell_text(p.lo)} to {cell_text(p.hi)}" if p.lo is not None else ""),
            "accepted": " to ".join(cell_text(end) for end in p.accepted or ()),
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
        {"number": name, "default": cell_text(n.value), "range": f"{cell_text(n.lo)} to {cell_text(n.hi)}", "source": n.source}
        for name, n in found
        if isinstance(n, Number)
    ]


def products() -> Rows:
    """Products by supply chain, upstream first, with their inputs."""
    from ecsim.data import load
    from ecsim.tools import display_names

    data = load()
    english, chinese = display_names("en"), display_names("zh")
    inputs = data.recipes.groupby("product")["input"].agg(lambda names: ", ".join(dict.fromkeys(names)))
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
            default = cell_text(getattr(defaults, f.name))
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
        expected = "; ".join(f"{x.outcome} {x.direction} {'as' if x.direction == 'same' else 'than'} under {x.against}" for x in s.expect)
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
