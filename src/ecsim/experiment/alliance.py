"""The study of alliance participation: one policy under every extent, intensity and coalition, and what else decides.

Parts of the design (column `part` of the table of runs):

- `free`: no controls; `blanket`: the blanket package without allies; both are levels to break even with.
- `curve`: participation 0 to 1 in each sense of model section 6. Nobody and everybody are the same in all senses
  and are run once (`end`). Random coalitions come in every size; under one seed they are nested, so that a
  replicate walks one random order of joining. That makes them a sample for Shapley values (Castro et al. 2009).
- `single`, `exit`: one member alone, and all but one.
- `subset`: all coalitions of few members, for exact Shapley values.
- `delay`: everybody joins, so many quarters after the first control.
- `fence`: participation by height of the fence, with and without foreign-direct-product reach.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ecsim import strategies, tools
from ecsim.config import RunConfig, Settings
from ecsim.economy import Economy
from ecsim.errors import UserError
from ecsim.experiment.factorial import at_home, with_reach
from ecsim.experiment.joining import states_of
from ecsim.experiment.plan import Variant
from ecsim.experiment.variants import Compose, distinct
from ecsim.mechanisms.opening import open_world
from ecsim.strategies.coalition import Coalition, candidates, supply
from ecsim.strategies.settings import AllianceConfig

SENSES = ("extent", "intensity")
FENCE_LEVELS = (0.0, 0.5, 1.0)  # of participation, under each fence
EXACT = 6  # members: up to 64 coalitions


def design(compose: Compose) -> list[Variant]:
    """All points of the study; the columns say what each is.

    Raises:
        UserError: a policy that brings its own alliance, or fewer than two members.
    """
    settings = compose(["alliance=forced"])
    run, alliance = settings.run, settings.run.alliance
    if run.scenario is not None or run.policy.kind != "doctrine":
        raise UserError(
            f"policy: '{run.label}' brings its own alliance or none; accepted: a doctrine, such as policy=small_yard or blanket"
        )
    members = tuple(s for s in members_of(alliance) if s in states_of(run))
    if len(members) < 2:
        raise UserError("alliance.order: a study of participation needs two members or more; accepted: names of states")
    none, blanket, narrow = (compose([f"policy={name}", "alliance=none"]).run for name in ("none", "blanket", "small_yard"))
    made = [Variant(none, {"part": "free"}), Variant(replace(blanket, label="blanket:alone"), {"part": "blanket"})]
    made += curves(run, alliance, members, settings)
    made += by_member(run, alliance, members)
    if len(members) <= EXACT:
        made += subsets(run, alliance, members)
    made += delays(run, alliance, settings.experiment.delays)
    made += fences(run, alliance, settings, narrow)
    return distinct(made, "alliance")


def supply_of(run: RunConfig, economy: Economy) -> dict[str, float]:
    """Member, in joining order -> its share of the members' supply of what is controlled first, by which members join by extent."""
    world = open_world(economy, run.params, run.seed, None)
    world.quarter = strategies.begins(run) or 0
    for player in strategies.build(run, economy):
        if isinstance(player, Coalition):
            break
        for move in player.moves(world, world.quarter):
            tools.enact(move, world)
    return supply(world, candidates(world, run.alliance))


def members_of(alliance: AllianceConfig) -> tuple[str, ...]:
    """Who can join, in joining order."""
    able = alliance.members or alliance.order
    return tuple(dict.fromkeys([*(s for s in alliance.order if s in able), *able]))


def curves(run: RunConfig, alliance: AllianceConfig, members: Sequence[str], settings: Settings) -> Iterator[Variant]:
    """Participation in each sense."""
    levels = [level for level in settings.experiment.participation if 0 < level < 1]
    for joined, level in (("nobody", 0.0), ("everybody", 1.0)):
        forced = replace(alliance, mode="extent", participation=level)
        yield Variant(replace(run, alliance=forced, label=f"{run.label}:{joined}"), {"part": "end", "joined": level})
    for sense, level in itertools.product(SENSES, levels):
        yield _point(run, replace(alliance, mode=sense, participation=level), sense, level)
    for size in range(1, len(members)):
        # without members, a random set of the order joins
        forced = replace(alliance, mode="coalition", participation=size / len(members), members=(), order=tuple(members))
        yield _point(run, forced, "coalition", size / len(members))


def _point(run: RunConfig, forced: AllianceConfig, sense: str, level: float) -> Variant:
    label = f"{run.label}:{sense}={level:.3g}"
    return Variant(replace(run, alliance=forced, label=label), {"part": "curve", "sense": sense, "joined": level})


def by_member(run: RunConfig, alliance: AllianceConfig, members: Sequence[str]) -> Iterator[Variant]:
    """Each member alone, and all but one."""
    for member in members:
        rest = tuple(s for s in members if s != member)
        for part, states in (("single", (member,)), ("exit", rest)):
            forced = replace(alliance, mode="coalition", members=states)
            yield Variant(replace(run, alliance=forced, label=f"{run.label}:{part}={member}"), {"part": part, "member": member})


def subsets(run: RunConfig, alliance: AllianceConfig, members: Sequence[str]) -> Iterator[Variant]:
    """All coalitions that are not among the ends, single members and exits."""
    for size in range(2, len(members) - 1):
        for states in itertools.combinations(members, size):
            named = "+".join(states)
            forced = replace(alliance, mode="coalition", members=states)
            yield Variant(replace(run, alliance=forced, label=f"{run.label}:subset={named}"), {"part": "subset", "member": named})


def delays(run: RunConfig, alliance: AllianceConfig, quarters: Sequence[int]) -> Iterator[Variant]:
    """Everybody joins, sooner or later."""
    for lag in quarters:
        forced = replace(alliance, mode="extent", participation=1.0, lag=lag, lags={})
        yield Variant(replace(run, alliance=forced, label=f"{run.label}:delay={lag}"), {"part": "delay", "delay": lag})


def fences(run: RunConfig, alliance: AllianceConfig, settings: Settings, narrow: RunConfig) -> Iterator[Variant]:
    """Participation by height, with and without direct-product reach (that of the shipped small yard)."""
    for reach, height, level in itertools.product(("fdp", "domestic"), settings.experiment.heights, FENCE_LEVELS):
        policy = replace(run.policy, height=height, listing_height=height)
        policy = at_home(policy) if reach == "domestic" else with_reach(policy, narrow.policy)
        forced = replace(alliance, mode="extent", participation=level)
        label = f"{run.label}:{reach}:height={height:g}:extent={level:g}"
        yield Variant(
            replace(run, policy=policy, alliance=forced, label=label), {"part": "fence", "reach": reach, "denial": height, "joined": level}
        )
