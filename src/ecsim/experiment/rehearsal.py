"""What is held before the first run: that players, products, outcomes and expectations are there; and who answers how, for the manifest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecsim import population, strategies, yearly
from ecsim.composing import choices
from ecsim.config import RunConfig
from ecsim.convert import plain
from ecsim.economy import CHALLENGER, Economy
from ecsim.errors import unknown
from ecsim.experiment.alliance import supply_of
from ecsim.experiment.manifest import DESCRIBED
from ecsim.experiment.plan import Plan
from ecsim.experiment.unread import check_read, never_begin
from ecsim.outcomes import OUTCOMES, YEAR
from ecsim.strategies import Strategy, expectations, scenario
from ecsim.strategies.challenger import Response
from ecsim.strategies.counsel import Counsel
from ecsim.strategies.history import Script
from ecsim.strategies.settings import OWN, ResponseConfig


def check_run(run: RunConfig, words: Sequence[str], config_dir: Path | None) -> None:
    """Hold a single run against what its words set, and its names against its economy, as those of a study are.

    Raises:
        UserError: a key that it does not read, an expectation that cannot be held, or a name that the economy does not have.
    """
    check_read(words, [run])
    _hold(run, population.build(run.params), config_dir)
    _say_what_never_begins([run])


def rehearse(plan: Plan, config_dir: Path | None) -> dict[str, Any]:
    """Build the players of every variant, so that mistakes in scenarios show before the first run.

    Returns:
        Entries of the manifest: sides of the states, the challenger's answer to each policy, and of a study of the alliance the
        members' shares of supply.

    Raises:
        UserError: a mistake in a scenario, or a name that the economy does not have.
    """
    economies: dict[Any, Economy] = {}
    answers: dict[Any, dict[str, Any]] = {}
    for variant in plan.variants:
        c = variant.config
        if c.params.population not in economies:
            economies[c.params.population] = population.build(c.params)
        economy, players = economies[c.params.population], _players_of(c)
        if players not in answers:
            answers[players] = _answer(strategies.build(c, economy), c, economy.states[CHALLENGER])
            _hold(c, economy, config_dir)
    _say_what_never_begins([v.config for v in plan.variants])
    table = next(iter(economies.values())).state_table
    told = ((v.config, answers[_players_of(v.config)]) for v in plan.variants[:DESCRIBED])
    ends = [v.config for v in plan.variants if plan.command == "alliance" and v.columns.get("part") == "end"]
    return {
        "sides": dict(zip(table["state"], table["role"], strict=True)),
        "answers": {c.label: answer | _paid(c) for c, answer in told if answer},
        **({"supply": supply_of(ends[0], economies[ends[0].params.population])} if ends else {}),
    }


def _hold(run: RunConfig, economy: Economy, config_dir: Path | None) -> None:
    """Hold what a run names against its economy and its horizon.

    Raises:
        UserError: an expectation that cannot be held, a product of nobody's, or an outcome by year that is not in the run.
    """
    _hold_expectations(run, config_dir)
    _own_products(run, economy)
    first = run.params.time.start_year
    yearly.check(run.yearly, economy, first, first + run.params.time.quarters // YEAR - 1, "experiment.yearly")


def _players_of(c: RunConfig) -> tuple[int, ...]:
    """What the players of a run are built from: the same objects make the same players."""
    return tuple(id(x) for x in (c.params.population, c.params.time, c.policy, c.response, c.alliance, c.scenario))


def _answer(players: Sequence[Strategy], c: RunConfig, challenger: str) -> dict[str, Any]:
    """How the challenger answers in a run, as its players are set; empty where nothing is played that it could answer."""
    if not players:
        return {}
    as_set = next((p.config for p in players if isinstance(p, Response | Counsel)), ResponseConfig())
    acts = {actor for p in players if isinstance(p, Script) for actor in p.actors}
    return {**plain(replace(as_set, name=c.response.name)), "scripted": challenger in acts}


def _paid(c: RunConfig) -> dict[str, float]:
    """What a fund of the challenger is at most, in % of its GDP, and how much of it a firm can put to use, over its own R&D."""
    return {"budget": c.params.innovation.subsidy_budget, "absorbed": c.params.innovation.subsidy_absorbed}


def _own_products(run: RunConfig, economy: Economy) -> None:
    """Hold names of products of a user's own tables against the economy.

    Raises:
        UserError: the economy has no such product.
    """
    for name in (*run.policy.scope, *run.policy.thresholds, *run.policy.end_uses, *run.policy.listing_products):
        if name.startswith(OWN) and name not in economy.product_index:
            raise unknown(f"policy {run.policy.name}", "product", name, economy.products)


def _hold_expectations(run: RunConfig, config_dir: Path | None) -> None:
    """Hold what a scenario expects against the outcomes there are and the runs that it can be compared with.

    Raises:
        UserError: file, key and accepted names.
    """
    if run.scenario is None:
        return
    beside = [path.stem for path in Path(run.scenario.file).parent.glob("*.yaml")] if run.scenario.file else []
    runs = {*choices("policy", config_dir), *choices("scenario", config_dir), *beside}
    expectations.check(scenario.load(run.scenario), OUTCOMES, runs)


def _say_what_never_begins(runs: Sequence[RunConfig]) -> None:
    """Controls dated after the end of a run would pass for controls without effect: one line each, on stderr."""
    for line in never_begin(runs):
        print(f"ecsim: {line}", file=sys.stderr, flush=True)
