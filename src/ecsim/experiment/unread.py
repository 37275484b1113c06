"""What a study is told and would never show: keys that none of its runs reads, and controls dated after its end.

A result without their effect would pass for one with it. What the user's words set is held against the runs that were planned of them, so
that a key that some policies of a comparison read, and others do not, is none of the business of this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from ecsim.config import RunConfig
from ecsim.data import load
from ecsim.errors import UserError
from ecsim.grammar import key_of, parse, sweep_values
from ecsim.moves import quarter_label
from ecsim.strategies import begins
from ecsim.strategies.settings import OWN, PolicyConfig

ALWAYS = ("name", "kind")
READ: Mapping[str, tuple[str, ...]] = {
    "none": ALWAYS,
    "script": (*ALWAYS, "documents"),
    "endogenous": (*ALWAYS, "scope", "start", "end_uses", "exempt", "documents"),
    "doctrine": tuple(f.name for f in fields(PolicyConfig)),
}
"""Kind of policy -> the keys of `policy` that it reads."""
WHY: Mapping[str, str] = {
    "none": "sets no controls",
    "script": "plays the moves of a scenario",
    "endogenous": "chooses its controls itself",
    "doctrine": "",
}
NAMING_PRODUCTS = ("scope", "listing_products", "thresholds", "end_uses")


def check_read(words: Iterable[str], runs: Iterable[RunConfig]) -> None:
    """Hold the keys of policy and scenario among overrides against the runs that were made of them.

    Raises:
        UserError: a key that no run reads, or a product that no run's economy has.
    """
    given = list(runs)
    for o in parse(words):
        head, _, rest = key_of(o).partition(".")
        if head == "scenario" and given and all(run.scenario is None for run in given):
            raise UserError(f"{key_of(o)}: policy '{given[0].label}' plays no scenario; accepted: policy=history, or no policy at all")
        if head == "policy" and rest:
            key, _, inside = rest.partition(".")
            readers = _readers(key_of(o), key, given)
            if key in NAMING_PRODUCTS:
                values = sweep_values(o, []) if o.is_sweep_override() else [o.value()]
                _check_products(key_of(o), [inside] if inside else list(_names(values)), readers)


def _readers(word: str, key: str, runs: Sequence[RunConfig]) -> list[RunConfig]:
    """The runs whose policy reads a key.

    Raises:
        UserError: none does.
    """
    readers = [run for run in runs if key in READ[run.policy.kind]]
    if not readers:
        run = runs[0]
        accepted = [f"policy.{name}" for name in READ[run.policy.kind] if name not in ALWAYS]
        others = "policies that read it, such as policy=small_yard"
        raise UserError(
            f"{word}: policy '{run.label}' {WHY[run.policy.kind]} and does not read it; accepted: {', '.join([*accepted, others])}"
        )
    return readers


def _names(value: Any) -> Iterable[str]:
    """The names in a value: of a list, the keys of a table, or of lists of these."""
    if isinstance(value, (list, tuple, dict)):
        for part in value:
            yield from _names(part)
    else:
        yield str(getattr(value, "text", value))  # a quoted word has its text beside its quotes


def _check_products(word: str, names: Sequence[str], runs: Sequence[RunConfig]) -> None:
    """Hold products that a policy names against the supply chains in the runs; a user's own are held against the economy (`api`).

    Raises:
        UserError: a product that none of them has.
    """
    populations = list(dict.fromkeys((run.params.population.tables, run.params.population.domains) for run in runs))
    present = {name for tables, domains in populations for name in load(tables or None, domains).products["product"]}
    for name in names:
        if name not in present and not name.startswith(OWN):
            domains = ", ".join(dict.fromkeys(d for _, chosen in populations for d in chosen))
            raise UserError(
                f"{word}: {name} is not in the economy, which has the supply chains [{domains}]; accepted: its products "
                "('ecsim describe products'), or population.domains with the chain of this one"
            )


def never_begin(runs: Iterable[RunConfig]) -> list[str]:
    """One line for each policy whose first move is dated after the end of its run."""
    lines = []
    for run in runs:
        first, quarters = begins(run), run.params.time.quarters
        if first is not None and first >= quarters:
            lines.append(
                f"policy '{run.label}': its first move is dated {quarter_label(first)}, after the last quarter of the run, "
                f"{quarter_label(quarters - 1)}: it is a run without controls"
            )
    return list(dict.fromkeys(lines))
