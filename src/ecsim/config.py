"""What a run and a study depend on, as typed, frozen values: of one configuration, or of every point of a grid.

Types and values are checked here, so that a slip gives one line with the accepted values in place of a traceback.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from hydra.core.override_parser.types import Override

from ecsim.composing import GROUPS, OWN_KEYS, PARAMETER_GROUPS, PLAYERS, TYPED, check_key, choices, compose_tree
from ecsim.convert import as_type, build, field_types, field_value, is_mapping, plain
from ecsim.data.loader import own_files as own_tables
from ecsim.data.loader import states_of
from ecsim.errors import UserError, unknown
from ecsim.experiment.settings import CalibrateConfig, ExperimentConfig, LauncherConfig
from ecsim.grammar import interval_of, key_of, parse, quoted, sweep_values
from ecsim.params import REGISTRY, Params
from ecsim.strategies.scenario import own_files as scenario_files
from ecsim.strategies.settings import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig, check_states

RUN_SECTIONS = ("policy", "response", "alliance", "scenario")  # of a run's configuration, beside its parameters


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """All that a run depends on: the same configuration gives the same run, bit for bit.

    Attributes:
        policy, response, alliance: who controls, answers and joins, and how.
        scenario: the scripted moves, or None.
        params: parameters of the model.
        seed: seed of the random streams.
        label: name of the policy in tables.
        yearly: outcomes by year to compute beside the others.
    """

    policy: PolicyConfig = field(default_factory=PolicyConfig)
    response: ResponseConfig = field(default_factory=ResponseConfig)
    alliance: AllianceConfig = field(default_factory=AllianceConfig)
    scenario: ScenarioConfig | None = None
    params: Params = field(default_factory=Params)
    seed: int = 1
    label: str = "none"
    yearly: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: a seed that the random streams do not take; a state that neither the shipped tables nor those in use have.
        """
        check_states(
            (self.policy, self.alliance, self.scenario or ScenarioConfig()), lambda: states_of(self.params.population.tables or None)
        )
        if not 0 <= self.seed < 2**63:
            raise UserError(f"seed: {self.seed} will not do; accepted: a whole number from 0 to 2**63 - 1")

    @property
    def model_hash(self) -> str:
        """Sixteen hexadecimal digits that change with anything but seed and label; the same in every process."""
        settings, files = plain(replace(self, seed=0, label="", yearly=())), self.own_files()
        return digest([settings, files] if files else settings)

    def own_files(self) -> dict[str, str]:
        """Files of the user's that the run reads, tables and scenarios, and a digest of what is in each.

        Raises:
            UserError: as reading them.
        """
        tables, script = self.params.population.tables, self.scenario
        files = [*(own_tables(tables) if tables else ()), *(scenario_files(script) if script is not None else ())]
        return {str(file): hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest() for file in files}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A composed configuration.

    Attributes:
        run: configuration of a run.
        experiment: how many runs.
        launcher: where they are computed.
        calibrate: how a calibration searches.
        out: folder for the results as the user gave it, or None.
        report: whether a report is written.
        shard: which part of the study is computed here, "3/16", or None for all of it.
        tree: the composed configuration as plain values, to be stored beside the results.
        chosen: parameters that the user set, which a study does not draw.
    """

    run: RunConfig
    experiment: ExperimentConfig
    launcher: LauncherConfig
    calibrate: CalibrateConfig
    out: Path | None
    report: bool
    shard: str | None
    tree: Mapping[str, Any]
    chosen: frozenset[str]


def digest(value: Any) -> str:
    """Hash of plain values, the same in every process."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()


def compose(overrides: Iterable[str] = (), *, experiment: str | None = None, config_dir: Path | None = None) -> Settings:
    """The configuration that overrides ask for.

    Args:
        overrides: in Hydra's grammar, such as "policy=blanket" or "innovation.stretch=1.2"; no sweeps. Of two for
            one key, the later counts.
        experiment: file of the group `experiment` to start from, unless the overrides name one.
        config_dir: a user's own folder of configuration, beside the shipped one.

    Raises:
        UserError: an unknown key or choice, a wrong type, or a value out of range.
    """
    parsed = parse(overrides)
    for o in parsed:
        if o.is_sweep_override():
            raise UserError(f"{key_of(o)}: several values; accepted here: one (a grid is for 'ecsim sweep')")
    return typed(compose_tree(parsed, experiment, config_dir), _chosen(parsed))


@dataclass(frozen=True)
class Grid:
    """The points that a swept command line stands for.

    Attributes:
        settings: of the first point.
        points: configuration of the run, and swept keys with their values, of each point; the last sweep varies fastest.
        intervals: keys given as an interval, which a design fills, with its ends.
    """

    settings: Settings
    points: Sequence[tuple[RunConfig, Mapping[str, Any]]]
    intervals: Mapping[str, tuple[float, float]]


def grid(overrides: Iterable[str], *, experiment: str | None = None, config_dir: Path | None = None) -> Grid:
    """Every combination of the sweeps among the overrides ("policy=small_yard,blanket", "alliance.participation=range(0,1,0.1)").

    Hydra composes once for each combination of files; single values are then set in what it composed, which is
    thousands of times faster than composing each point.

    Raises:
        UserError: as `compose`, and for a sweep of what belongs to the study and not to a run.
    """
    parsed = parse(overrides)
    fixed = [o for o in parsed if not o.is_sweep_override()]
    intervals = {key_of(o): ends for o in parsed if o.is_sweep_override() and (ends := interval_of(o))}
    sweeps = {
        key_of(o): sweep_values(o, choices(key_of(o), config_dir) if key_of(o) in GROUPS else [])
        for o in parsed
        if o.is_sweep_override() and key_of(o) not in intervals
    }
    for key in (*sweeps, *intervals):
        _check_swept(key)
    files = [key for key in sweeps if key in GROUPS]
    bases: dict[tuple[Any, ...], Settings] = {}
    points = []
    for values in itertools.product(*sweeps.values()):
        point = dict(zip(sweeps, values, strict=True))
        named = tuple(point[key] for key in files)
        if named not in bases:
            tree = compose_tree([*fixed, *parse(f"{key}={quoted(point[key])}" for key in files)], experiment, config_dir)
            bases[named] = typed(tree, _chosen(parsed))
        values_only = {key: value for key, value in point.items() if key not in GROUPS}
        points.append((with_values(bases[named].run, values_only, "sweep"), point))
    return Grid(next(iter(bases.values())), points, intervals)


def _check_swept(key: str) -> None:
    if key in GROUPS and key not in ("experiment", "launcher"):
        return
    if key.split(".", maxsplit=1)[0] in ("experiment", "launcher", "out", "report", "shard"):
        raise UserError(f"{key}: belongs to the whole study and cannot be swept; accepted: one value")
    check_key(key)


def with_values(run: RunConfig, values: Mapping[str, Any], where: str) -> RunConfig:
    """A run with other values of single keys: parameters, and keys of policy, response, alliance and scenario.

    Args:
        run: configuration of a run.
        values: dotted key -> value.
        where: file or key named in an error.

    Raises:
        UserError: an unknown key, a wrong type or a value out of range.
    """
    params = {key: value for key, value in values.items() if key.split(".", 1)[0] in PARAMETER_GROUPS}
    sections: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        if key not in params:
            head, _, rest = key.partition(".")
            sections.setdefault(head, {})[rest] = value
    changed: dict[str, Any] = {"params": run.params.with_values(params, where)} if params else {}
    for head, own in sections.items():
        if head == "seed":
            changed["seed"] = as_type(own[""], int, "seed")
        elif getattr(run, head, None) is None or head not in RUN_SECTIONS:
            raise UserError(f"{where}: '{head}' has no values to set in policy '{run.label}'; accepted: {', '.join(RUN_SECTIONS)}")
        else:
            changed[head] = _with_section(getattr(run, head), own, head)
    if "name" in sections.get("policy", {}) and run.scenario is None:
        changed["label"] = changed["policy"].name
    return replace(run, **changed)


def _with_section(section: Any, values: Mapping[str, Any], head: str) -> Any:
    kinds = field_types(cast(Any, type(section)))
    own: dict[str, Any] = {}
    for name, value in values.items():
        first, _, inside = name.partition(".")
        if first not in kinds or (inside and not is_mapping(kinds[first])):
            raise unknown("override", "key", f"{head}.{name}", [f"{head}.{k}" for k in kinds])
        whole = {**own.get(first, getattr(section, first)), inside: value} if inside else value
        own[first] = field_value(type(section), first, whole, head)
    return replace(section, **own)


def crosses(overrides: Iterable[str]) -> bool:
    """Whether policy, response or alliance is given several choices.

    Raises:
        UserError: several values for any other key beside them.
    """
    sweeps = [key_of(o) for o in parse(overrides) if o.is_sweep_override()]
    players = [key for key in sweeps if key in PLAYERS]
    for key in sweeps:
        if players and key not in PLAYERS:
            raise UserError(f"{key}: several values; accepted here: one, or several of {', '.join(PLAYERS)} (a grid is for 'ecsim sweep')")
    return bool(players)


def typed(tree: Mapping[str, Any], chosen: frozenset[str] = frozenset()) -> Settings:
    """Settings from a composed tree of plain values.

    Args:
        tree: top-level key -> value or table.
        chosen: parameters set on purpose, beside those that differ from their defaults.

    Raises:
        UserError: an unknown key, a wrong type, or a value out of range.
    """
    known = {*OWN_KEYS, *PARAMETER_GROUPS, *TYPED}
    for key in tree:
        if key not in known:
            raise unknown("configuration", "key", key, known)
    own = {key: as_type(tree.get(key), kind, key) for key, kind in OWN_KEYS.items()}
    made: dict[str, Any] = {key: build(cls, _table(tree, key), key) for key, cls in TYPED.items() if tree.get(key) is not None}
    for key in TYPED:
        if key not in made and key != "scenario":
            raise UserError(f"{key}: missing; accepted: {', '.join(choices(key))}")
    values = {f"{g}.{k}": v for g in PARAMETER_GROUPS for k, v in _table(tree, g).items()}
    params = Params().with_values(values, "configuration")
    policy = made["policy"]
    scripted = policy.kind == "script"  # other policies play no scenario
    scenario = made.get("scenario", ScenarioConfig()) if scripted else None
    run = RunConfig(
        policy=policy,
        response=made["response"],
        alliance=made["alliance"],
        scenario=scenario,
        params=params,
        seed=own["seed"],
        label=label_of(policy, scenario),
        yearly=made["experiment"].yearly,
    )
    return Settings(
        run=run,
        experiment=made["experiment"],
        launcher=made["launcher"],
        calibrate=made["calibrate"],
        out=own["out"] and Path(own["out"]),
        report=own["report"],
        shard=own["shard"],
        tree=tree,
        chosen=chosen | {name for name, value in params.flat().items() if value != REGISTRY[name].default},
    )


def label_of(policy: PolicyConfig, scenario: ScenarioConfig | None) -> str:
    """Name of a run in tables; a user's own script that is called as a policy keeps its ending, so that it is not taken for that."""
    if scenario is None:
        return policy.name
    return Path(scenario.file).name if scenario.file and scenario.label in choices("policy") else scenario.label


def _table(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = tree.get(key) or {}
    if not isinstance(value, Mapping):
        raise UserError(
            f"{key}: '{value}' will not do; accepted: {', '.join(choices(key)) if key in GROUPS else 'names with a value each'}"
        )
    return value


def _chosen(parsed: Sequence[Override]) -> frozenset[str]:
    return frozenset(key_of(o) for o in parsed) & frozenset(REGISTRY)
