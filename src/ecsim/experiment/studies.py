"""From overrides to the plan of a study, for each command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ecsim import config
from ecsim.composing import choices
from ecsim.config import Settings
from ecsim.errors import UserError, unknown
from ecsim.experiment import alliance, arms, factorial, structures, trend_arms, variants
from ecsim.experiment.design import STRUCTURED, Replicate, check_base_points, designed, replicates
from ecsim.experiment.factors import SHARES, factors_of, idle
from ecsim.experiment.plan import Plan, Variant
from ecsim.experiment.unread import check_read
from ecsim.grammar import check_once, key_of, parse

COMMANDS = ("run", "compare", "factorial", "sweep", "claims", "validate", "trends", "alliance", "structure")
DESIGNS: Mapping[str, Callable[[variants.Compose], list[Variant]]] = {
    "factorial": factorial.design,
    "claims": arms.design,
    "trends": trend_arms.design,
    "structure": structures.design,
    "alliance": alliance.design,
}
FIXED = ("claims", "trends", "structure")  # whose arms bring policy and alliance themselves
SENSES = "alliance"  # which forces participation in every sense
PACKAGES = "factorial"  # which runs the shipped packages, whatever `policy` names
Chosen = tuple[Settings, list[Variant], Mapping[str, tuple[float, float]]]
"""Settings, what is run under them, and intervals that a design fills."""


def plan_study(command: str, overrides: Sequence[str], config_dir: Path | None = None) -> tuple[Plan, Settings]:
    """The plan of a study, and the settings that it was made from.

    Args:
        command: run (one policy), compare (several, or every combination of groups with several choices), factorial (the
            designed comparison), sweep (a grid), claims (the arms of the claims, with one mechanism off at a time),
            alliance (participation in every sense), validate (the script of history) or trends (governments that choose,
            with path dependence and anxiety off in turn), or structure (the main comparison under other model structures).
        overrides: in Hydra's grammar; sweeps only for `sweep`, and of policy, response and alliance for `compare`.
        config_dir: a user's own folder of configuration.

    Raises:
        UserError: a mistake in the overrides.
    """
    if command not in COMMANDS:
        raise unknown("study", "command", command, COMMANDS)
    overrides = [f"experiment.{word}" if word.startswith("policies=") else word for word in overrides]
    check_once(overrides)
    crossed = command == "sweep" or (command == "compare" and config.crosses(overrides))
    settings, chosen, intervals = (_crossed if crossed else _composed)(command, overrides, config_dir)
    check_read(overrides, [v.config for v in chosen])
    silent = idle(v.config for v in chosen)
    _check_idle(settings.experiment.uncertain, silent)
    draws = _replicates(settings, intervals, silent)
    if any("seed" in v.fixed for v in chosen) and len(draws) > 1:
        raise UserError("seed: swept beside draws or seeds of the study; accepted: one of the two (experiment.seeds=3 runs three seeds)")
    if command == "run" and len(draws) == 1:
        draws = [replace(draws[0], seed=settings.run.seed)]  # `seed=7` is the seed of the run itself
    undrawn = tuple(f.name for f in factors_of(settings.experiment.uncertain) if f.name in silent) if settings.experiment.draws else ()
    return Plan(command, chosen, draws, settings.experiment.series, idle=undrawn), settings


def _crossed(command: str, overrides: Sequence[str], config_dir: Path | None) -> Chosen:
    """What runs where keys have several values: every combination of them.

    Raises:
        UserError: a sweep of nothing, a list of policies, or a design whose points are not independent draws.
    """
    if command != "sweep" and any(key_of(o) == "experiment.policies" for o in parse(overrides)):
        raise UserError(
            f"experiment.policies: '{command}' runs every combination of keys that have several values, and a list has no part in them; "
            "accepted: policy=none,blanket in place of the list, or one value of each other key"
        )
    grid = config.grid(overrides, experiment=command, config_dir=config_dir)
    settings, chosen = grid.settings, variants.points(grid.points)
    if command != "sweep":
        _check_design(command, settings)
    if command == "sweep" and settings.experiment.policies:
        raise UserError("experiment.policies: a sweep takes policies as a swept key; accepted: policy=none,blanket")
    if command == "sweep" and len(chosen) < 2 and not grid.intervals and not settings.experiment.draws:
        raise UserError(
            "sweep: nothing is swept; accepted: at least one key with several values, such as policy=small_yard,blanket, "
            "or a design, such as experiment.draws=64"
        )
    return settings, chosen, grid.intervals


def _composed(command: str, overrides: Sequence[str], config_dir: Path | None) -> Chosen:
    """What runs where every key has one value: the policy, those of a list, or the arms that the command brings.

    Raises:
        UserError: a word that would change nothing.
    """

    def compose(more: Sequence[str]) -> Settings:
        return config.compose([*overrides, *more], experiment=command, config_dir=config_dir)

    settings = compose([])
    _check_words(command, settings, overrides)
    scenarios = set(choices("scenario", config_dir)) - set(choices("policy", config_dir))
    return settings, _variants(command, settings, compose, scenarios), {}


def _check_words(command: str, settings: Settings, overrides: Sequence[str]) -> None:
    """Refuse what a study would leave aside without a word.

    Raises:
        UserError: a policy beside a list, a list or a policy where the command brings its own, a design whose points are not
            independent draws.
    """

    def given(*keys: str) -> bool:
        return any(word.startswith(keys) for word in overrides)

    if settings.experiment.policies and given("policy="):
        raise UserError(
            f"policy: '{command}' runs several policies; accepted: several, such as policy=none,{settings.run.label}, or a list, "
            f"such as policies=[none,{settings.run.label}]"
        )
    if command in DESIGNS and settings.experiment.policies:
        raise UserError(f"experiment.policies: '{command}' brings its own points; accepted: nothing ('ecsim compare' compares a list)")
    if command == PACKAGES and given("policy="):
        raise UserError(
            f"policy: '{command}' combines the scopes and heights of small_yard and blanket; accepted: overrides of other keys, such as "
            "response=none"
        )
    if command == SENSES and (word := next((word for word in overrides if _sets_participation(word)), "")):
        raise UserError(
            f"{key_of(parse([word])[0])}: '{command}' runs every sense and degree of participation itself; accepted: alliance.members, "
            "alliance.order, alliance.level, alliance.marginal, alliance.lag, alliance.lags, alliance.leaves"
        )
    _check_design(command, settings)
    if command in FIXED and given("policy=", "alliance="):
        raise UserError(f"{command}: each arm brings its own policy and alliance; accepted: overrides of other keys, such as response=none")


def _sets_participation(word: str) -> bool:
    """Whether an override says who joins, and how far, which the study of participation does."""
    key = key_of(parse([word])[0])
    return key in ("alliance.mode", "alliance.participation") or (key == "alliance" and word != "alliance=forced")


def _check_design(command: str, settings: Settings) -> None:
    """Refuse a design whose points are not independent draws, where intervals take them as such.

    Raises:
        UserError: the design, and those that are accepted.
    """
    if settings.experiment.design in STRUCTURED:
        raise UserError(
            f"experiment.design: points of a {settings.experiment.design} design depend on each other, and intervals of '{command}' take "
            "draws as independent; accepted: sobol, lhs ('ecsim sensitivity' and 'ecsim sweep' run the others)"
        )


def _check_idle(wanted: Sequence[str], silent: frozenset[str]) -> None:
    """Refuse a parameter that is to be drawn by name and cannot act.

    Raises:
        UserError: its key, and why.
    """
    for name in wanted:
        if name in silent and name in SHARES:
            raise UserError(
                f"experiment.uncertain: {name} cannot act under this policy and alliance; accepted: parameters, or such as "
                "policy=small_yard alliance=forced"
            )
        if name in silent:
            raise UserError(
                f"experiment.uncertain: {name} cannot act where no state decides for itself whether to join; accepted: parameters of "
                "other groups, or allies that decide, as in 'ecsim compare alliance=endogenous'"
            )


def _replicates(settings: Settings, intervals: Mapping[str, tuple[float, float]], silent: frozenset[str]) -> list[Replicate]:
    """The replicates that the settings ask for, without parameters that cannot act.

    Raises:
        UserError: an interval without draws, or a factor without a range.
    """
    e, seed = settings.experiment, settings.run.seed
    if intervals and not e.draws:
        key = next(iter(intervals))
        raise UserError(
            f"{key}: an interval is filled by a design; accepted with: experiment.draws=64 (and experiment.design=lhs or sobol)"
        )
    if e.design == "sobol" and not intervals:
        return replicates(seed, e.draws, e.seeds, e.uncertain, settings.chosen, silent)
    return designed(seed, e, [f for f in factors_of(e.uncertain, intervals, settings.chosen) if f.name not in silent])


def _variants(command: str, settings: Settings, compose: variants.Compose, scenarios: set[str]) -> list[Variant]:
    if command in DESIGNS:
        return DESIGNS[command](compose)
    if settings.experiment.policies:
        return variants.policies(compose, settings.experiment.policies, scenarios)
    return [Variant(settings.run)]


def plan_stage(design: str, overrides: Sequence[str], config_dir: Path | None = None, names: Sequence[str] = ()) -> tuple[Plan, Settings]:
    """The plan of one stage of a sensitivity study: one policy on a design over factors, the alliance open to be joined.

    Args:
        design: morris (with `experiment.screen` trajectories) or saltelli.
        overrides: in Hydra's grammar; intervals name factors with ranges of the user's own.
        config_dir: a user's own folder of configuration.
        names: only these factors; empty for all.

    Raises:
        UserError: a mistake in the overrides, or fewer than two factors.
    """
    check_once(overrides)
    grid = config.grid(["alliance=forced", *overrides], experiment="sensitivity", config_dir=config_dir)
    if len(grid.points) > 1:
        raise UserError("sensitivity: several points; accepted: one policy, and intervals such as 'policy.height=interval(0.5,1)'")
    settings = grid.settings
    e = settings.experiment
    if settings.shard:
        raise UserError(
            "shard: sensitivity plans its second stage from the whole first one, and cannot be shared out; "
            "accepted: nothing (experiment.workers and launcher=dask spread the work)"
        )
    if e.policies:
        raise UserError("experiment.policies: sensitivity studies one policy; accepted: nothing, and such as policy=blanket")
    if any(key_of(o) == "experiment.design" for o in parse(overrides)):
        raise UserError(
            "experiment.design: sensitivity runs a morris and a saltelli design; accepted: their sizes (experiment.screen and draws)"
        )
    check_read(overrides, [settings.run])
    silent = idle([settings.run])
    if any(key_of(o) == "experiment.uncertain" for o in parse(overrides)):  # what the command brings of itself is left out in silence
        _check_idle(e.uncertain, silent)
    possible = [f for f in factors_of(e.uncertain, grid.intervals, settings.chosen) if f.name not in silent]
    factors = [f for f in possible if not names or f.name in names]
    if len(factors) < 2:
        raise UserError("experiment.uncertain: a sensitivity study needs two factors or more; accepted: such as [decisive]")
    check_base_points(e.draws)
    config.with_values(settings.run, {f.name: f.at(0.5) for f in factors}, "sensitivity")  # a mistake shows before anything runs
    chosen = replace(e, design=design, draws=e.screen if design == "morris" else e.draws)
    made = designed(settings.run.seed, chosen, factors)
    plan = Plan("sensitivity", [Variant(settings.run)], made, False, {f.name: (f.lo, f.hi) for f in factors})
    return plan, replace(settings, experiment=chosen)
