"""The designed comparison: every combination of scope, height, reach and coalition, and families of policies.

The levels are those of the shipped packages, so that no number is chosen here: narrow and wide are what small
yard and blanket cover; low and high are the denial of blanket and of small yard; foreign-direct-product reach is
small yard's or none; the coalition is none or the allies that did follow. Beside the sixteen corners stand the
two packages at a range of heights, for the comparison at equal revenue cost at home; small yard without
extraterritorial reach at a range of participation, for the half-joined alliance; and two variants for the claims
about chips without tools and sliding thresholds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ecsim.config import RunConfig, Settings
from ecsim.errors import UserError
from ecsim.experiment.plan import Variant
from ecsim.experiment.variants import Compose, distinct
from ecsim.strategies.settings import PolicyConfig

CHIPS = ("accelerators", "hbm", "logic_design")


def design(compose: Compose) -> list[Variant]:
    """All points of the design, no controls and the two packages first."""
    none, narrow, wide = (compose([f"policy={name}"]) for name in ("none", "small_yard", "blanket"))
    made = [Variant(s.run) for s in (none, narrow, wide)]
    made += corners(compose, narrow.run, wide.run)
    made += families((narrow, wide))
    made += participation(compose, narrow)
    made += claims(narrow.run)
    return distinct(made, "factorial")


def corners(compose: Compose, narrow: RunConfig, wide: RunConfig) -> Iterator[Variant]:
    """The sixteen combinations."""
    scopes = {"narrow": narrow, "wide": wide}
    heights = {"low": wide.policy, "high": narrow.policy}
    coalitions = {"alone": compose(["alliance=none"]).run.alliance, "allies": compose(["alliance=allies"]).run.alliance}
    for scope, height, reach, coalition in itertools.product(scopes, heights, ("domestic", "fdp"), coalitions):
        base, denial = scopes[scope], heights[height]
        policy = replace(base.policy, height=denial.height, listing_height=denial.listing_height)
        policy = at_home(policy) if reach == "domestic" else with_reach(policy, narrow.policy)
        columns = {"scope": scope, "height": height, "reach": reach, "coalition": coalition}
        label = "-".join(columns.values())
        yield Variant(replace(base, policy=policy, alliance=coalitions[coalition], label=label), columns)


def families(packages: Sequence[Settings]) -> Iterator[Variant]:
    """Each package at rising height, the share of applications denied.

    Raises:
        UserError: fewer than two heights, between which nothing can be found at equal cost.
    """
    for settings in packages:
        if len(settings.experiment.heights) < 2:
            given = list(settings.experiment.heights)
            raise UserError(f"experiment.heights: {given} will not do for a factorial; accepted: two or more numbers from 0 to 1")
        run = settings.run
        for height in settings.experiment.heights:
            policy = replace(run.policy, height=height, listing_height=height)
            yield Variant(replace(run, policy=policy, label=f"{run.label}@{height:g}"), {"family": run.label, "intensity": height})


def participation(compose: Compose, narrow: Settings) -> Iterator[Variant]:
    """Small yard without extraterritorial reach, with allies that join until they make up a share of supply."""
    forced = compose(["alliance=forced", "alliance.mode=extent"]).run.alliance
    alone = replace(narrow.run, policy=at_home(narrow.run.policy))
    for share in narrow.experiment.participation:
        label = f"{narrow.run.label}:extent={share:g}"
        yield Variant(
            replace(alone, alliance=replace(forced, participation=share), label=label), {"participation": share, "sense": "extent"}
        )


def claims(narrow: RunConfig) -> Iterator[Variant]:
    """Small yard on chips without tools (nor listings, which would refuse tools too), and with thresholds that move with the frontier."""
    chips = replace(narrow.policy, scope=CHIPS, companies=(), listings=0)
    yield Variant(replace(narrow, policy=chips, label="chips_only"))
    yield Variant(replace(narrow, policy=replace(narrow.policy, sliding=True), label="small_yard_sliding"))


def at_home(policy: PolicyConfig) -> PolicyConfig:
    """A policy without extraterritorial reach."""
    return replace(policy, fdp=False, listing_fdp=False, de_minimis=None, persons=False)


def with_reach(policy: PolicyConfig, model: PolicyConfig) -> PolicyConfig:
    """A policy with the extraterritorial reach of another."""
    return replace(policy, fdp=model.fdp, listing_fdp=model.listing_fdp, de_minimis=model.de_minimis, persons=model.persons)
