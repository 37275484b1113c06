"""Words of a command line and files under `conf/` as one tree of plain values. The only file that knows Hydra's composition and OmegaConf.

The parameters of the model enter Hydra from their registry (params/); policy, response, alliance and scenario
from files whose keys are the fields of the dataclasses in strategies/settings.py. Keys and choices are
checked here, so that a slip gives one line with the accepted values in place of a traceback.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
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

from ecsim.convert import field_types, is_mapping, plain
from ecsim.errors import UserError, chinese, unknown
from ecsim.experiment.settings import CalibrateConfig, ExperimentConfig, LauncherConfig
from ecsim.grammar import check_once, key_of, parse, quoted, written
from ecsim.params import REGISTRY, Params
from ecsim.places import conf_dir, scenarios_dir
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
    "calibrate": CalibrateConfig,
}
PLAYERS = ("policy", "response", "alliance")  # who plays: groups of which a comparison can set any choice against any
GROUPS = (*TYPED, "economy", "params")  # what has a folder under conf/, or stands for one
OWN_KEYS: dict[str, Any] = {"seed": int, "out": str | None, "report": bool, "shard": str | None}
PARAMETER_GROUPS = tuple(f.name for f in fields(Params))


def choices(group: str, config_dir: Path | None = None) -> list[str]:
    """Names that a group accepts: its files, the user's and the shipped ones."""
    folders = [conf_dir() / group] + ([config_dir / group] if config_dir else [])
    if group == "scenario":
        folders.append(scenarios_dir())
    names = {path.stem for folder in folders for path in folder.glob("*.yaml")}
    return sorted(names)


def _words(parsed: Sequence[Override], experiment: str | None, config_dir: Path | None) -> list[str]:
    """The overrides as Hydra is given them, once keys, and choices of groups, are known to be right."""
    files = {"experiment": experiment} if experiment else {}
    own_set: list[str] = []
    values: list[str] = []
    for o in parsed:
        key, line = key_of(o), str(o.input_line)
        if key == "economy" and Path(str(o.value())).is_dir():
            own_set.append(f"++population.tables={quoted(o.value())}")
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
            check_key(key)
            values.append(line if o.is_delete() else "++" + line.lstrip("+"))
    if "scenario" in files:
        files.setdefault("policy", "history")  # the policy that plays scenarios
    return [*(f"{key}={quoted(choice)}" for key, choice in files.items()), *own_set, *values]


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
    return [f"++{key}={written(value)}" for key, value in values.items()]


def check_key(key: str) -> None:
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
            twin = chinese("meant", where="override", given=key, near=meant[0])
            raise UserError(f"override: unknown key '{key}'; did you mean '{meant[0]}'?", twin)
        raise unknown("override", "key", head, {*OWN_KEYS, *GROUPS, *PARAMETER_GROUPS})


def hydra_words(overrides: Iterable[str], experiment: str | None, config_dir: Path | None) -> list[str]:
    """The overrides as Hydra's own command line is given them.

    Raises:
        UserError: an unknown key or choice, or two values for one key.
    """
    register()
    words = list(overrides)
    check_once(words)
    return _words(parse(words), experiment, config_dir)


def compose_tree(parsed: Sequence[Override], experiment: str | None, config_dir: Path | None) -> dict[str, Any]:
    """The tree of plain values that Hydra composes.

    Raises:
        UserError: an unknown key or choice, or a file that cannot be read.
    """
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
    more = [] if own is None else [f"hydra.searchpath=[{quoted(f'file://{own}')}]"]
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
