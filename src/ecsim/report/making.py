"""How the results were made: replicates, policies in numbers, parameters drawn, versions, command, configuration."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import pandas as pd

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import BCA_MIN
from ecsim.analysis.findings import pairing
from ecsim.analysis.study import Study
from ecsim.analysis.text.settings_zh import CHANNELS, SETTINGS
from ecsim.analysis.text.sources_zh import source_zh
from ecsim.analysis.text.words import MINUS, MISSING, PARTICIPATION, Words, number
from ecsim.data.loader import load
from ecsim.describe import rows_of
from ecsim.describe_policy import words_zh
from ecsim.params import REGISTRY
from ecsim.report.figures.base import cap, factor_unit

HIDDEN = frozenset(("name", "model_hash", "label", "kind"))
BY_PRODUCT = frozenset(("thresholds", "end_uses"))  # settings that name products: one row of the table each
MONEY = {"measures.subsidy": "USD bn a year"}  # settings that are sums
PURE = "1"  # unit of a number without one
UNDECLARED = frozenset(("none", "script"))  # kinds of policy without rules of their own


def made(c: Comparison, w: Words) -> dict[str, Any]:
    """How the results were made: replicates, policies, parameters, versions, command, configuration."""
    m = c.study.manifest
    config = m.get("config") or m.get("configs")
    return {
        "replicates": _replicates(c, w),
        "pairing": w("sentence.space").join(p for p in (w("made.pairing", bca=BCA_MIN), pairing(c, w)) if p),
        "facts": facts(m, w),
        "policies": _policies(c, w),
        "parameters": parameters(c.study, w),
        "config": json.dumps(config, indent=2, ensure_ascii=False, sort_keys=True, default=str) if config else "",
    }


def _replicates(c: Comparison, w: Words) -> str:
    draws, seeds, runs = c.study.replicates(c.policies)
    told = {"draws": w.count("draw", draws), "seeds": w.count("seed", seeds), "runs": w.count("run", runs)}
    return w("made.replicates", total=w.count("run", len(c.study.runs)), failed=len(c.study.failed), **told)


def facts(m: Mapping[str, Any], w: Words) -> list[tuple[str, str]]:
    """Name and value of what the manifest says, in order; "not recorded" where it is silent."""
    command = m.get("command")
    command = " ".join(str(x) for x in command) if isinstance(command, list) else command
    git = m.get("git")
    if isinstance(git, Mapping):
        dirty = f" ({w('made.dirty')})" if git.get("dirty") else ""
        git = f"{git.get('commit', '?')}{dirty}"
    versions = m.get("versions")
    if isinstance(versions, Mapping):
        versions = ", ".join(f"{k} {v}" for k, v in versions.items())
    seeds = m.get("seeds")
    if isinstance(seeds, list):
        seeds = ", ".join(str(s) for s in seeds[:8]) + (f", … ({len(seeds)})" if len(seeds) > 8 else "")
    wall = m.get("wall_s", m.get("wall_time"))
    wall = w("made.seconds", s=number(float(wall))) if isinstance(wall, int | float) else wall
    values = {"command": command, "versions": versions, "git": git, "hash": m.get("model_hash"), "seeds": seeds, "wall": wall}
    return [(w(f"made.{k}"), str(v) if v not in (None, "") else w("made.unknown")) for k, v in values.items()]


def _policies(c: Comparison, w: Words) -> dict[str, Any]:
    """Settings of the policies that declare rules, as a table, and a sentence on the others.

    They are the manifest's `policies` (label -> settings). Settings that all share are named below the table.
    """
    given = c.study.manifest.get("policies")
    known = {p: given[p] for p in c.policies if isinstance(given.get(p), Mapping)} if isinstance(given, Mapping) else {}
    absent = _products_absent(c.study)
    flat = {p: _flatten(_without(s, absent), w) for p, s in known.items() if s.get("kind") not in UNDECLARED}
    names = list(dict.fromkeys(name for settings in flat.values() for name in settings))
    values = {name: [settings.get(name, _absent(name, w)) for settings in flat.values()] for name in names}
    differ = [name for name in names if len(set(values[name])) > 1]
    rows = [[named(name, w), meant(name, w), *values[name]] for name in differ]
    shared = [f"{named(name, w)} {values[name][0]}" for name in names if name not in differ and values[name][0] != MISSING]
    notes = [w("made.same", list=w("list.semicolon").join(shared))] if shared and len(flat) > 1 else []
    notes += [_undeclared(p, s, w) for p, s in known.items() if p not in flat]
    columns = [w("table.setting"), w("table.meaning"), *[w.policy(p) for p in flat]]
    return {"columns": columns, "rows": rows, "notes": notes}


def _products_absent(study: Study) -> frozenset[str]:
    """Products of the tables that the runs leave out with their domain."""
    population = (study.manifest.get("config") or {}).get("population")
    domains = population.get("domains") if isinstance(population, Mapping) else None
    return frozenset(set(load().products["product"]) - set(load(domains=tuple(domains)).products["product"])) if domains else frozenset()


def _without(settings: Mapping[str, Any], absent: frozenset[str]) -> dict[str, Any]:
    """Settings less what they say of some products."""
    kept: dict[str, Any] = {}
    for key, value in settings.items():
        if key in BY_PRODUCT and isinstance(value, Mapping):
            kept[key] = {p: x for p, x in value.items() if p not in absent}
        else:
            kept[key] = [x for x in value if x not in absent] if isinstance(value, list) else value
    return kept


@cache
def _meanings() -> dict[str, str]:
    """Setting of a policy -> what it means."""
    rows = (row for row in rows_of("policy") if row["key"].startswith(("policy.", "alliance.")))
    return {row["key"].removeprefix("policy."): row["meaning"].replace("`", "").replace("None for", "empty for") for row in rows}


def _undeclared(policy: str, settings: Mapping[str, Any], w: Words) -> str:
    """A sentence on a policy without rules of its own: no controls, or a script."""
    if settings.get("kind") == "script":
        return w("made.script", policy=w.policy(policy), scenario=settings.get("scenario", policy))
    if settings.get("kind") == "endogenous":
        return w("made.chosen", policy=w.policy(policy))
    return w("made.free", policy=w.policy(policy))


def named(name: str, w: Words) -> str:
    """Name of a setting: its key made readable, in Chinese its name there."""
    if w.lang != "zh":
        return name.replace("_", " ").replace(".", ": ")
    if "." in name and w.has(f"factor.{name}"):
        return w(f"factor.{name}")
    key, _, channel = name.partition(".")
    return w("list.colon").join(filter(None, (SETTINGS[key][0] if key in SETTINGS else key, CHANNELS.get(channel, channel))))


def meant(name: str, w: Words) -> str:
    """What a setting means."""
    key = name.split(".", maxsplit=1)[0]
    return SETTINGS[key][1] if w.lang == "zh" and key in SETTINGS else _meanings().get(name, _meanings().get(key, ""))


def chosen(key: str, value: str, w: Words) -> str:
    """A value that is a word: the ground, or who answers and joins."""
    return _words_zh().get((key, value), w.name("setting", value)) if w.lang == "zh" else w.name("setting", value)


@cache
def _words_zh() -> dict[tuple[str, str], str]:
    """Setting and its value -> the value in Chinese."""
    return {(r["group"], r["choice"]): r["中文"] for r in rows_of("strategies")} | {
        ("ground", en): zh for en, zh in words_zh("ground").items()
    }


def _flatten(settings: Mapping[str, Any], w: Words, prefix: str = "") -> dict[str, str]:
    """Nested settings by dotted name, as text."""
    flat: dict[str, str] = {}
    for key, value in settings.items():
        if key in BY_PRODUCT and isinstance(value, Mapping):
            parts = [f"{w.name('setting', p)}{w('list.colon')}{_text(x, w) or _absent(f'{key}.', w)}" for p, x in value.items()]
            flat[key] = w("list.semicolon").join(parts) or MISSING
        elif isinstance(value, Mapping):
            flat |= _flatten(value, w, f"{prefix}{key}.")
        elif key not in HIDDEN:
            text = chosen(key, value, w) if isinstance(value, str) else _paid(_text(value, w), f"{prefix}{key}", w)
            flat[f"{prefix}{key}"] = text or _absent(f"{prefix}{key}", w)
    return flat


def _paid(text: str, name: str, w: Words) -> str:
    """A setting that is a sum of money, with its unit where that is not the one in which it is set."""
    shown = w.shown(MONEY.get(name, ""))
    return f"{shown.text(text)} {shown.name}" if text and shown.places else text


def _absent(name: str, w: Words) -> str:
    """What an empty setting means: all, every item, or nothing."""
    meaning = _meanings().get(name.split(".", maxsplit=1)[0], "")
    if name.startswith("thresholds."):
        return w("setting.every") if "empty for every" in meaning else MISSING
    return w("setting.all") if "empty for all" in meaning else w("setting.every") if "empty for every" in meaning else MISSING


def _text(value: Any, w: Words) -> str:
    """A setting as text, empty for nothing."""
    if isinstance(value, bool):
        return w("yes" if value else "no")
    if isinstance(value, list | tuple):
        return w("list.comma").join(_text(x, w) for x in value)
    if isinstance(value, int | float):
        return f"{value:g}".replace("-", MINUS)
    return "" if value is None else w.name("setting", str(value))


def _drawn(name: str, w: Words) -> str:
    """What a parameter or setting means; in Chinese behind its name, or its name alone. Participation has its sense."""
    if name == PARTICIPATION:
        return cap(w.factor(name))
    doc = REGISTRY[name].doc if name in REGISTRY else _meanings().get(name.removeprefix("policy."), "")
    meaning = w.said(f"meaning.{name}", doc)
    if meaning != doc:
        return w(f"factor.{name}") + w("list.colon") + meaning
    return w(f"factor.{name}") if w.lang == "zh" and w.has(f"factor.{name}") else doc


def _source(source: str, w: Words) -> str:
    """Where the value of a parameter comes from."""
    return source_zh(source) if w.lang == "zh" else source


def joining_order(study: Study, names: Collection[str], w: Words) -> list[str]:
    """That results depend on the given order of joining, where participation by extent is among what varies."""
    order = ((study.manifest.get("config") or {}).get("alliance") or {}).get("order") or []
    if PARTICIPATION not in names or "extent" not in study.senses or not order:
        return []
    return [w("part.limit.order", order=w("list.comma").join(w.name("state", member) for member in order))]


def parameters(study: Study, w: Words) -> list[dict[str, str]]:
    """The parameters that were drawn, and not swept: meaning, unit, range drawn, plausible range, source."""
    rows = []
    swept = (study.manifest.get("study") or {}).get("swept", [])
    for name in (n for n in study.parameters if n not in swept):
        values = pd.to_numeric(study.runs[name], errors="coerce")
        if values.notna().sum() == 0:
            continue
        info = REGISTRY.get(name)
        lo, hi = float(values.min()), float(values.max())
        shown = w.shown(info.unit if info else "")
        plausible = MISSING
        if info and info.lo is not None and info.hi is not None:
            plausible = w("interval", lo=shown.text(f"{info.lo:g}"), hi=shown.text(f"{info.hi:g}")).replace("-", MINUS)
        rows.append(
            {
                "name": name,
                "doc": _drawn(name, w),
                "unit": factor_unit(info.unit, w) if info and info.unit != PURE else MISSING,
                "drawn": w("interval", lo=shown.text(number(lo)), hi=shown.text(number(hi))),
                "range": plausible,
                "source": _source(info.source, w).replace("`", "") if info else "",
            }
        )
    return rows
