"""Hydra's configuration into typed, frozen values. The only file that knows Hydra's composition and OmegaConf.

The parameters of the model enter Hydra from their registry (params/); policy, response, alliance and scenario
from files under `conf/` whose keys are the fields of the dataclasses in strategies/settings.py. Keys and types are
checked here, so that a slip gives one line with the accepted values in place of a traceback.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from ecsim.convert import as_type, build, field_types, is_mapping, plain
from ecsim.data.loader import states_of
from ecsim.errors import UserError, unknown
from ecsim.experiment.settings import CalibrateConfig, ExperimentConfig, LauncherConfig
from ecsim.grammar import interval_of, key_of, parse, sweep_values
from ecsim.params import REGISTRY, Params
from ecsim.places import conf_dir, scenarios_dir
from ecsim.strategies.settings import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig, check_states

HYDRA_VERSION = "1.3"
PARAMETERS = "ecsim_parameters"  # name of the generated node in Hydra's config store
TYPED = {
    "policy": PolicyConfig,
    "response": ResponseConfig,
    "alliance": AllianceConfig,
    "scenario": ScenarioConfig,
    "experiment": ExperimentConfig,
    "launcher": LauncherConfig,
    "calibrate": CalibrateConfig,
}
PLAYERS = ("policy", "response", "alliance")  # who plays: groups of which a comparison can set any choice against any
GROUPS = (*TYPED, "economy", "params")  # what has a folder under conf/, or stands for one
RUN_SECTIONS = ("policy", "response", "alliance", "scenario")  # of a run's configuration, beside its parameters
OWN_KEYS: dict[str, Any] = {"seed": int, "out": str | None, "report": bool, "shard": str | None}
PARAMETER_GROUPS = tuple(f.name for f in fields(Params))


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
        return digest(plain(replace(self, seed=0, label="", yearly=())))


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
    return typed(_compose(parsed, experiment, config_dir), _chosen(parsed))


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
            tree = _compose([*fixed, *parse(f"{key}={point[key]}" for key in files)], experiment, config_dir)
            bases[named] = typed(tree, _chosen(parsed))
        values_only = {key: value for key, value in point.items() if key not in GROUPS}
        points.append((with_values(bases[named].run, values_only, "sweep"), point))
    return Grid(next(iter(bases.values())), points, intervals)


def _check_swept(key: str) -> None:
    if key in GROUPS and key not in ("experiment", "launcher"):
        return
    if key.split(".", maxsplit=1)[0] in ("experiment", "launcher", "out", "report", "shard"):
        raise UserError(f"{key}: belongs to the whole study and cannot be swept; accepted: one value")
    _check_key(key)


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
        own[first] = as_type(whole, kinds[first], f"{head}.{first}")
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
        label=scenario.name if scenario else policy.name,
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


def _table(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = tree.get(key) or {}
    if not isinstance(value, Mapping):
        raise UserError(
            f"{key}: '{value}' will not do; accepted: {', '.join(choices(key)) if key in GROUPS else 'names with a value each'}"
        )
    return value


def choices(group: str, config_dir: Path | None = None) -> list[str]:
    """Names that a group accepts: its files, the user's and the shipped ones."""
    folders = [conf_dir() / group] + ([config_dir / group] if config_dir else [])
    if group == "scenario":
        folders.append(scenarios_dir())
    names = {path.stem for folder in folders for path in folder.glob("*.yaml")}
    return sorted(names)


def _chosen(parsed: Sequence[Override]) -> frozenset[str]:
    return frozenset(key_of(o) for o in parsed) & frozenset(REGISTRY)


def _words(parsed: Sequence[Override], experiment: str | None, config_dir: Path | None) -> list[str]:
    """The overrides as Hydra is given them, once keys, and choices of groups, are known to be right."""
    files = {"experiment": experiment} if experiment else {}
    own_set: list[str] = []
    values: list[str] = []
    for o in parsed:
        key, line = key_of(o), str(o.input_line)
        if key == "economy" and Path(str(o.value())).is_dir():
            own_set.append(f"++population.tables={str(o.value())!r}")
        elif key == "params" and str(o.value()).endswith(".yaml"):
            own_set += _from_file(Path(str(o.value())))
        elif key in GROUPS:
            accepted = choices(key, config_dir)
            if o.is_delete():
                raise UserError(f"~{key}: every run has a {key}; accepted: {', '.join(f'{key}={name}' for name in accepted)}")
            if o.value() not in accepted:
                raise unknown(key, "choice", o.value(), accepted)
            files[key] = str(o.value())
        elif key.split(".")[0] == "hydra":
            values.append(line)
        else:
            _check_key(key)
            values.append(line if o.is_delete() else "++" + line.lstrip("+"))
    if "scenario" in files:
        files.setdefault("policy", "history")  # the policy that plays scenarios
    return [*(f"{key}={choice}" for key, choice in files.items()), *own_set, *values]


def _from_file(path: Path) -> list[str]:
    """A parameter set in a file of the user's own, as overrides.

    Raises:
        UserError: the file cannot be read, or names what is no parameter.
    """
    try:
        tree = OmegaConf.to_container(OmegaConf.load(path))
    except (OSError, OmegaConfBaseException, UnicodeDecodeError, YAMLError) as error:
        raise UserError(f"params: '{path}' cannot be read ({' '.join(str(error).split())}); accepted: a YAML file") from error
    if not isinstance(tree, Mapping) or not all(isinstance(group, Mapping) for group in tree.values()):
        raise UserError(
            f"params: '{path}' is no parameter set; accepted: groups of parameters, such as innovation: with stretch: 1.2 below"
        )
    values = {f"{group!s}.{key}": value for group, part in tree.items() for key, value in part.items()}
    Params().with_values(values, str(path))
    return [f"++{key}={value}" for key, value in values.items()]


def _check_key(key: str) -> None:
    """Hold a dotted key against what there is.

    Raises:
        UserError: no such key.
    """
    head, _, rest = key.partition(".")
    if head in PARAMETER_GROUPS:
        if key not in REGISTRY:
            raise unknown("override", "key", key, [name for name in REGISTRY if name.startswith(f"{head}.")])
    elif head in TYPED:
        kinds = field_types(TYPED[head])
        name, _, inside = rest.partition(".")
        if name not in kinds or (inside and not is_mapping(kinds[name])):
            raise unknown("override", "key", key, [f"{head}.{k}" for k in kinds])
    elif key not in OWN_KEYS:
        meant = [name for name in REGISTRY if name.endswith(f".{key.rpartition('.')[2]}")]
        if meant:
            raise UserError(f"override: unknown key '{key}'; did you mean '{meant[0]}'?")
        raise unknown("override", "key", head, {*OWN_KEYS, *GROUPS, *PARAMETER_GROUPS})


def hydra_words(overrides: Iterable[str], experiment: str | None, config_dir: Path | None) -> list[str]:
    """The overrides as Hydra's own command line is given them.

    Raises:
        UserError: an unknown key or choice.
    """
    register()
    return _words(parse(overrides), experiment, config_dir)


def _compose(parsed: Sequence[Override], experiment: str | None, config_dir: Path | None) -> dict[str, Any]:
    register()
    words = _words(parsed, experiment, config_dir)
    own = None if config_dir is None else _own_folder(config_dir)
    try:
        return cast(dict[str, Any], OmegaConf.to_container(_composed(words, own), resolve=True))
    except YAMLError as error:
        raise UserError(f"configuration: not YAML: {' '.join(str(error).split())}; accepted: files such as those under conf/") from error
    except (HydraException, OmegaConfBaseException) as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            raise
        raise UserError("configuration: " + " ".join(str(error).split())) from error


def _composed(words: Sequence[str], own: Path | None) -> DictConfig:
    """What Hydra composes of these words.

    Composing the files takes nearly all of the time, and studies ask for the same files again and again: what came of them is kept,
    and single values are set in it as Hydra would set them. What that cannot do or say, Hydra does or says itself.
    """
    values = [word for word in words if word.startswith("++")]
    files = tuple(word for word in words if not word.startswith("++"))
    parsed = parse(values)
    if any(word.startswith("~") for word in files) or any(o.package is not None for o in parsed):
        return _by_hydra(words, own)
    tree: DictConfig = pickle.loads(_of_files(files, own, _state_of_files(own)))
    try:
        for o in parsed:
            OmegaConf.update(tree, o.key_or_group, o.value(), merge=True, force_add=True)
    except OmegaConfBaseException:
        return _by_hydra(words, own)
    return tree


def _by_hydra(words: Sequence[str], own: Path | None) -> DictConfig:
    more = [] if own is None else [f"hydra.searchpath=[file://{own}]"]
    with initialize_config_dir(config_dir=str(conf_dir()), version_base=HYDRA_VERSION):
        return hydra_compose("config", [*words, *more])


@lru_cache(maxsize=64)
def _of_files(files: tuple[str, ...], own: Path | None, state: tuple[tuple[str, int, int], ...]) -> bytes:
    """The composed files, as bytes: each reader makes a tree of its own of them."""
    return pickle.dumps(_by_hydra(files, own))


def _state_of_files(own: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file that can be chosen: what was composed of others is composed anew."""
    folders = [folder for folder in (conf_dir(), own) if folder is not None]
    found = [path for folder in folders for level in ("*.yaml", "*/*.yaml", "*/*/*.yaml") for path in sorted(folder.glob(level))]
    return tuple((str(path), about.st_mtime_ns, about.st_size) for path in found for about in [path.stat()])


def _own_folder(config_dir: Path) -> Path:
    """The user's folder of configuration, once it is there and takes no shipped name."""
    if not config_dir.is_dir():
        raise UserError(f"--config-dir: no folder '{config_dir}'; accepted: a folder with groups such as policy/ in it")
    for path in sorted(config_dir.glob("*/*.yaml")):
        if path.stem in choices(path.parent.name):
            raise UserError(f"{path}: '{path.stem}' is the name of a shipped {path.parent.name}; accepted: any other name")
    return config_dir.resolve()


@cache
def register() -> None:
    """Show Hydra the parameters of the model and the scenarios."""
    tree: dict[str, dict[str, Any]] = {}
    for name, info in REGISTRY.items():
        group, key = name.split(".")
        tree.setdefault(group, {})[key] = info.default
    store = ConfigStore.instance()
    store.store(name=PARAMETERS, node=tree)
    for path in scenarios_dir().glob("*.yaml"):
        store.store(group="scenario", name=path.stem, node=plain(ScenarioConfig(name=path.stem)))
