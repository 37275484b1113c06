"""Where the configuration and the scenarios that come with ecsim are found.

They stand at the top of the repository; the build maps them into the package. A clone and an installed
wheel therefore keep them in two places, and only this file knows of it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parents[1] / name


def conf_dir() -> Path:
    """Folder of the shipped configuration: `config.yaml` and its groups."""
    return _shipped("conf")


def scenarios_dir() -> Path:
    """Folder of the shipped scenarios, one YAML file each."""
    return _shipped("scenarios")
