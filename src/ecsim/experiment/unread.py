"""What a study is told and would never show: keys that none of its runs reads, and dates after its end.

A result without their effect would pass for one with it. What the user's words set is held against the runs that were planned of them, so
that a key that some policies of a comparison read, and others do not, is none of the business of this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from ecsim.config import RunConfig
from ecsim.data import load
from ecsim.errors import UserError
from ecsim.experiment.joining import read_by, states_of
from ecsim.grammar import interval_of, key_of, parse, sweep_values
from ecsim.moves import quarter_label
from ecsim.strategies import begins
from ecsim.strategies.settings import OWN, PolicyConfig, quarter_of

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
HOW: Mapping[str, str] = {
    "extent": "has members join in order",
    "intensity": "has all members join alike",
    "coalition": "names who joins",
    "endogenous": "lets allies decide for themselves",
}
"""How states join -> why not all keys of `alliance` are read."""
NAMING_STATES = ("members", "order", "hubs", "lags", "leaves")
NAMING_PRODUCTS = ("scope", "listing_products", "thresholds", "end_uses")


def check_read(words: Iterable[str], runs: Iterable[RunConfig]) -> None:
    """Hold the keys of policy, alliance and scenario among overrides against the runs that were made of them.

    Raises:
        UserError: a key that no run reads, a product that no run's economy has, or a date after the end of all runs.
    """
    given, set_here = list(runs), parse(words)
    if not any(key_of(o) == "time.quarters" and interval_of(o) for o in set_here):  # else each run ends when it was drawn to
        _check_dates([key_of(o) for o in set_here], given)
    for o in set_here:
        head, _, rest = key_of(o).partition(".")
        if head == "scenario" and given and all(run.scenario is None for run in given):
            raise UserError(f"{key_of(o)}: policy '{given[0].label}' plays no scenario; accepted: policy=history, or no policy at all")
        if head == "policy" and rest:
            key, _, inside = rest.partition(".")
            readers = _readers(key_of(o), key, given)
            if key in NAMING_PRODUCTS:
                values = sweep_values(o, []) if o.is_sweep_override() else [o.value()]
                _check_products(key_of(o), [inside] if inside else list(_names(values)), readers)
        if head == "alliance" and rest and given:
            key, _, inside = rest.partition(".")
            _check_alliance(key_of(o), key, given)
            if key in NAMING_STATES:
                values = sweep_values(o, []) if o.is_sweep_override() else [o.value()]
                _check_states(key_of(o), [inside] if inside else list(_states_in(values)), given)


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


def _check_alliance(word: str, key: str, runs: Sequence[RunConfig]) -> None:
    """Hold a key of `alliance` against the runs.

    Raises:
        UserError: no run has controls to join, or none reads it.
    """
    if not any(key in read_by(run.alliance) for run in runs if run.policy.kind != "none"):
        run = next((run for run in runs if run.policy.kind != "none"), None)
        if run is None:
            raise UserError(
                f"{word}: policy '{runs[0].label}' {WHY['none']} to join; accepted: policies that do, such as policy=small_yard"
            )
        accepted = ", ".join(f"alliance.{name}" for name in sorted(read_by(run.alliance) - set(ALWAYS)))
        raise UserError(
            f"{word}: alliance '{run.alliance.name}' {HOW[run.alliance.mode]} and does not read it; accepted: {accepted}, or an alliance "
            "that reads it, such as alliance=forced"
        )


def _check_states(word: str, names: Sequence[str], runs: Sequence[RunConfig]) -> None:
    """Hold states that an alliance names against those that can join.

    Raises:
        UserError: a state that is the incumbent or the challenger, or that no run's economy has.
    """
    able = dict.fromkeys(state for run in runs for state in states_of(run))
    for name in names:
        if name not in able:
            raise UserError(
                f"{word}: {name} cannot join: it is the incumbent, the challenger, or not in the economy; accepted: {', '.join(able)}"
            )


def _states_in(value: Any) -> Iterator[str]:
    """States in a value: of a list, of the keys of a table, or of lists of these."""
    for part in value if isinstance(value, (list, tuple, dict)) else ():
        if isinstance(part, (list, tuple, dict)):
            yield from _states_in(part)
        else:
            yield str(getattr(part, "text", part))


def _check_dates(keys: Sequence[str], runs: Sequence[RunConfig]) -> None:
    """Hold the dates that keys set against the ends of the runs that have them.

    Raises:
        UserError: a date that lies after the last quarter of each run that has it.
    """
    last: dict[tuple[str, str, int], int] = {}
    for run in runs:
        for date in _dates(keys, run):
            last[date] = max(last.get(date, 0), run.params.time.quarters - 1)
    for (key, told, quarter), end in last.items():
        if quarter > end:
            raise UserError(
                f"{key}: {told} is after the last quarter of the run; accepted: up to {quarter_label(end)}, or a longer run "
                f"(time.quarters={quarter + 1} or more)"
            )


def _dates(keys: Sequence[str], run: RunConfig) -> Iterator[tuple[str, str, int]]:
    """Key, what is dated, and its quarter, of the dates among the settings of a run that some keys set."""
    policy, reads = run.policy, READ[run.policy.kind]
    start = quarter_of(policy.start, "policy.start")
    if "policy.start" in keys and "start" in reads:
        yield "policy.start", policy.start, start
    if "policy.review" in keys and "review" in reads and policy.review:
        first = start + policy.review
        yield "policy.review", f"the first review, {quarter_label(first)},", first
    for state, label in run.alliance.leaves.items():
        key = f"alliance.leaves.{state}"
        if key in keys or "alliance.leaves" in keys:
            yield key, label, quarter_of(label, key)


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
