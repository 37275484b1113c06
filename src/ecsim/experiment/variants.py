"""Named variants of a configuration: policies with overrides of their own, and points of a grid."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ecsim.composing import GROUPS, TYPED
from ecsim.config import RUN_SECTIONS, RunConfig, Settings
from ecsim.convert import field_types
from ecsim.errors import UserError
from ecsim.experiment.plan import Variant
from ecsim.experiment.unread import check_read
from ecsim.grammar import check_once, quoted
from ecsim.params import REGISTRY

SHARED = {"none": "no", "default": "default"}  # names of files that several groups have, as labels begin them
OF_LABEL = ("scenario", "scenario.file", "policy.name")  # what labels begin with
Compose = Callable[[Sequence[str]], Settings]
"""Composes the user's overrides with further ones, which come after them."""


def policies(compose: Compose, entries: Sequence[str], scenarios: Collection[str]) -> list[Variant]:
    """The policies of a comparison.

    Args:
        compose: see `Compose`.
        entries: names of policies or scenarios, each with overrides of its own if it has any ("small_yard alliance=allies").
        scenarios: names that are scenarios and no policies.

    Raises:
        UserError: an entry without a policy, with a key that its policy does not read, or two of one label.
    """
    made = []
    for entry in entries:
        policy, *own = _split(entry)
        words = [f"{'scenario' if policy in scenarios else 'policy'}={quoted(policy)}", *own]
        check_once(words)
        settings = compose(words)
        check_read(own, [settings.run])
        set_here = sorted((word.split("=", 1) for word in own if "=" in word), key=lambda pair: pair[0] not in GROUPS)
        label = settings.run.label + "".join(_suffix(*pair) for pair in set_here)
        made.append(Variant(replace(settings.run, label=label)))
    return distinct(made, "experiment.policies")


def _split(entry: str) -> list[str]:
    """The policy and the overrides of an entry.

    Raises:
        UserError: a quote that is not closed, or no policy.
    """
    try:
        words = shlex.split(entry)
    except ValueError:
        raise UserError(f"experiment.policies: {entry!r} has a quote that is not closed; accepted: quotes in pairs") from None
    if not words:
        raise UserError("experiment.policies: an entry is empty; accepted: the name of a policy, such as small_yard")
    return words


def points(grid: Sequence[tuple[RunConfig, Mapping[str, Any]]]) -> list[Variant]:
    """The points of a grid. Swept keys are columns of the table of runs; swept parameters stand, whatever is drawn.

    Raises:
        UserError: two points of one label.
    """
    made = []
    for run, swept in grid:
        rest = {key: value for key, value in swept.items() if key != "policy"}
        named = sorted(rest, key=lambda key: key not in GROUPS)  # files first, then values
        label = run.label + "".join(_suffix(key, rest[key]) for key in named)
        columns = {key: _cell(value) for key, value in rest.items() if key != "seed"}
        fixed = {key: value for key, value in rest.items() if key in REGISTRY or key == "seed"}
        made.append(Variant(replace(run, label=label), columns, fixed))
    return distinct(made, "sweep")


def distinct(variants: list[Variant], where: str) -> list[Variant]:
    """The variants, once their labels are known to differ.

    Raises:
        UserError: two of one label.
    """
    seen: set[str] = set()
    for v in variants:
        if v.config.label in seen:
            raise UserError(f"{where}: two policies are called '{v.config.label}'; accepted: each once (name one with policy.name=…)")
        seen.add(v.config.label)
    return variants


def _suffix(key: str, value: Any) -> str:
    """What an override adds to a label: "+allies" for a file, ":height=0.5" for a value; nothing where it is the label."""
    if key in OF_LABEL:
        return ""
    return f"+{of_file(key, value)}" if key in GROUPS else f":{short(key)}={value}"


def short(key: str) -> str:
    """A key as labels name it: by its last word, or whole where keys of several groups end in that word, such as noise."""
    word = key.rpartition(".")[2]
    return key if word in _shared_words() else word


@cache
def _shared_words() -> frozenset[str]:
    keys = [*REGISTRY, *(f"{group}.{name}" for group in RUN_SECTIONS for name in field_types(TYPED[group]))]
    counts = Counter(key.rpartition(".")[2] for key in keys)
    return frozenset(word for word, n in counts.items() if n > 1)


def of_file(group: str, name: Any) -> str:
    """A file of a group as labels name it; names that several groups have come with their group: "no response", "default economy"."""
    return f"{SHARED[name]} {group}" if name in SHARED else str(name)


def _cell(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)
