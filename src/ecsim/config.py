"""Hydra's configuration into typed, frozen values. The only file that knows Hydra's composition and OmegaConf.

The parameters of the model enter Hydra from their registry (params.py); policy, response, alliance and scenario
from files under `conf/` whose keys are the fields of the dataclasses in strategies/settings.py. Keys and types are
checked here, so that a slip gives one line with the accepted values in place of a traceback.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ecsim.convert import as_type, build, field_types, is_mapping, plain
from ecsim.errors import UserError, unknown
from ecsim.experiment.settings import ExperimentConfig, LauncherConfig
from ecsim.params import REGISTRY, Params
from ecsim.places import conf_dir
from ecsim.strategies.settings import AllianceConfig, PolicyConfig, ResponseConfig, ScenarioConfig

HYDRA_VERSION = "1.3"
PARAMETERS = "ecsim_parameters"  # name of the generated node in Hydra's config store
TYPED = {
    "policy": PolicyConfig,
    "response": ResponseConfig,
    "alliance": AllianceConfig,
    "scenario": ScenarioConfig,
    "experiment": ExperimentConfig,
    "launcher": LauncherConfig,
}
GROUPS = (*TYPED, "economy")  # what has a folder under conf/, or stands for one
OWN_KEYS: dict[str, Any] = {"seed": int, "out": str | None, "report": bool}
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
    """

    policy: PolicyConfig = field(default_factory=PolicyConfig)
    response: ResponseConfig = field(default_factory=ResponseConfig)
    alliance: AllianceConfig = field(default_factory=AllianceConfig)
    scenario: ScenarioConfig | None = None
    params: Params = field(default_factory=Params)
    seed: int = 1
    label: str = "none"

    def __post_init__(self) -> None:
        """Check.

        Raises:
            UserError: a seed that the random streams do not take.
        """
        if not 0 <= self.seed < 2**63:
            raise UserError(f"seed: {self.seed} will not do; accepted: a whole number from 0 to 2**63 - 1")

    @property
    def model_hash(self) -> str:
        """Sixteen hexadecimal digits that change with anything but seed and label; the same in every process."""
        return digest(plain(replace(self, seed=0, label="")))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A composed configuration.

    Attributes:
        run: configuration of a run.
        experiment: how many runs.
        launcher: where they are computed.
        out: folder for the results as the user gave it, or None.
        report: whether a report is written.
        tree: the composed configuration as plain values, to be stored beside the results.
        chosen: parameters that the user set, which a study does not draw.
    """

    run: RunConfig
    experiment: ExperimentConfig
    launcher: LauncherConfig
    out: Path | None
    report: bool
    tree: Mapping[str, Any]
    chosen: frozenset[str]


def digest(value: Any) -> str:
    """Hash of plain values, the same in every process."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()


def compose(overrides: Iterable[str] = (), *, experiment: str | None = None, config_dir: Path | None = None) -> Settings:
    """The configuration that overrides ask for.

    Args:
        overrides: in Hydra's grammar, such as "policy=blanket" or "innovation.stretch=1.2"; no sweeps.
        experiment: file of the group `experiment` to start from, unless the overrides name one.
        config_dir: a user's own folder of configuration, beside the shipped one.

    Raises:
        UserError: an unknown key or choice, a wrong type, or a value out of range.
    """
    parsed = _parse(overrides)
    words = [_checked(o, config_dir) for o in parsed]
    if experiment is not None and "experiment" not in {_key(o) for o in parsed}:
        words.insert(0, f"experiment={experiment}")
    return typed(_compose(words, config_dir), frozenset(_key(o) for o in parsed) & frozenset(REGISTRY))


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
    parts = {key: made[key] for key in ("policy", "response", "alliance", "scenario") if key in made}
    return Settings(
        run=RunConfig(**parts, params=params, seed=own["seed"], label=made["policy"].name),
        experiment=made["experiment"],
        launcher=made["launcher"],
        out=own["out"] and Path(own["out"]),
        report=own["report"],
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
    names = {path.stem for folder in folders for path in folder.glob("*.yaml")}
    return sorted(names)


def points(overrides: Iterable[str]) -> list[list[str]]:
    """The points of a grid: every combination of the sweeps among the overrides ("a=1,2", "b=range(0,3)"), last fastest.

    Raises:
        UserError: an override that Hydra's grammar does not allow.
    """
    axes = []
    for o in _parse(overrides):
        values = _sweep_values(o) if o.is_sweep_override() else None
        axes.append([o.input_line or ""] if values is None else [f"{o.get_key_element()}={v}" for v in values])
    return [list(point) for point in itertools.product(*axes)]


def swept(overrides: Iterable[str]) -> list[str]:
    """Keys that the overrides sweep."""
    return [_key(o) for o in _parse(overrides) if o.is_sweep_override()]


def _sweep_values(o: Override) -> list[str]:
    if o.is_interval_sweep():
        raise UserError(f"{_key(o)}: an interval has no grid; accepted: values such as 0,0.5,1 or range(0,1,0.1)")
    return [str(v) for v in o.sweep_string_iterator()]


def _parse(overrides: Iterable[str]) -> list[Override]:
    parser = OverridesParser.create()
    parsed = []
    for word in overrides:
        try:
            parsed.append(parser.parse_override(word))
        except HydraException as error:
            raise UserError(f"'{word}': not an override; accepted: key=value, such as policy=blanket") from error
    return parsed


def _key(o: Override) -> str:
    return str(o.key_or_group).replace("/", ".")


def _checked(o: Override, config_dir: Path | None) -> str:
    """The override as Hydra is given it, once its key, and the choice of a group, are known to be right."""
    key = _key(o)
    if key.split(".")[0] == "hydra":
        return str(o.input_line)
    if o.is_sweep_override():
        raise UserError(f"{key}: several values; accepted here: one (a grid is for 'ecsim sweep')")
    if key in GROUPS:
        value = o.value()
        accepted = choices(key, config_dir)
        if value not in accepted:
            raise unknown(key, "choice", value, accepted)
        return f"{key}={value}"
    _check_key(key)
    line = str(o.input_line)
    return line if o.is_delete() else "++" + line.lstrip("+")


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
        meant = [name for name in REGISTRY if name.endswith(f".{key}")]
        if meant:
            raise UserError(f"override: unknown key '{key}'; did you mean '{meant[0]}'?")
        raise unknown("override", "key", head, {*OWN_KEYS, *GROUPS, *PARAMETER_GROUPS})


def _compose(words: Sequence[str], config_dir: Path | None) -> dict[str, Any]:
    register()
    if config_dir is not None:
        words = [*words, f"hydra.searchpath=[file://{_own_folder(config_dir)}]"]
    try:
        with initialize_config_dir(config_dir=str(conf_dir()), version_base=HYDRA_VERSION):
            tree = OmegaConf.to_container(hydra_compose("config", list(words)), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            raise
        raise UserError("configuration: " + " ".join(str(error).split())) from error
    return cast(dict[str, Any], tree)


def _own_folder(config_dir: Path) -> Path:
    """The user's folder of configuration, once it is there and takes no shipped name."""
    if not config_dir.is_dir():
        raise UserError(f"--config-dir: no folder '{config_dir}'; accepted: a folder with groups such as policy/ in it")
    for path in sorted(config_dir.glob("*/*.yaml")):
        if (conf_dir() / path.parent.name / path.name).exists():
            raise UserError(f"{path}: '{path.stem}' is the name of a shipped {path.parent.name}; accepted: any other name")
    return config_dir.resolve()


@cache
def register() -> None:
    """Show Hydra the parameters of the model."""
    tree: dict[str, dict[str, Any]] = {}
    for name, info in REGISTRY.items():
        group, key = name.split(".")
        tree.setdefault(group, {})[key] = info.default
    ConfigStore.instance().store(name=PARAMETERS, node=tree)
