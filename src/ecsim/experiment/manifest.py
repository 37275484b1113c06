"""What a results folder says of its origin: configuration, versions, state of the source, seeds."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from ecsim.config import Settings, digest, label_of
from ecsim.convert import plain
from ecsim.experiment.plan import Plan, Variant
from ecsim.places import scenarios_dir
from ecsim.strategies.scenario import load
from ecsim.strategies.settings import AllianceConfig
from ecsim.version import __version__

PACKAGE = Path(__file__).resolve().parents[1]
DESCRIBED = 200  # variants whose settings are written out; the table of runs has what was swept
SEEDS_NAMED = 1000
FORCED = "forced"  # an alliance in which states are made to join
LIBRARIES = ("mesa", "numpy", "scipy", "pandas", "pyarrow", "hydra-core")


def manifest(plan: Plan, settings: Settings, command: Sequence[str]) -> dict[str, Any]:
    """The entries known before the first run."""
    draws = len({r.draw for r in plan.replicates})
    return {
        "command": list(command),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "ecsim": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in LIBRARIES},
        },
        "git": git_state(),
        "code_hash": code_hash(),
        "plan_hash": plan.plan_hash,
        "model_hash": digest([v.config.model_hash for v in plan.variants]) if len(plan.variants) <= DESCRIBED else plan.plan_hash,
        "files": plan.own_files(),
        "policies": {v.config.label: describe(v) for v in plan.variants[:DESCRIBED]},
        "study": {"command": plan.command, "design": settings.experiment.design, "draws": settings.experiment.draws}
        | ({"swept": swept, "grid": len(plan.variants) // max(1, len(_own_seeds(plan)))} if (swept := _swept(plan)) else {})
        | ({"idle": list(plan.idle)} if plan.idle else {})
        | ({"factors": {k: list(v) for k, v in plan.factors.items()}, "points": draws} if plan.factors else {}),
        "uncertain": sorted(plan.replicates[0].values),
        "seeds": _seeds(plan)[:SEEDS_NAMED],
        "config": settings.tree,
    }


def _swept(plan: Plan) -> list[str]:
    """Keys of a grid that its points differ in, beside policy and seed."""
    return list(dict.fromkeys(key for v in plan.variants for key in v.columns)) if plan.command == "sweep" else []


def _seeds(plan: Plan) -> list[int]:
    """Seeds of the runs: those that were swept, where seeds were, else those of the replicates."""
    return sorted(_own_seeds(plan) or {r.seed for r in plan.replicates})


def _own_seeds(plan: Plan) -> set[int]:
    """Seeds that were swept: a point of a grid has one run with each."""
    return {int(v.fixed["seed"]) for v in plan.variants if "seed" in v.fixed}


def describe(variant: Variant) -> dict[str, Any]:
    """Settings of a variant: policy, and who answers and joins; of a user's own scenario the title too, which its file may lose."""
    c = variant.config
    told = {**plain(c.policy), "response": c.response.name, **_joining(c.alliance), "model_hash": c.model_hash}
    if c.scenario is not None:
        told["scenario"] = label_of(c.policy, c.scenario)
        if c.scenario.file:
            told["title"] = dict(load(c.scenario).title)
    return told


def _joining(alliance: AllianceConfig) -> dict[str, Any]:
    """Who joins, by name; where states are made to join to an extent, how far too, which the file of the name may not have set."""
    if not alliance.participation:
        return {"alliance": alliance.name}
    name = FORCED if alliance.name == "none" else alliance.name
    return {"alliance": name, **{f"alliance.{key}": getattr(alliance, key) for key in ("participation", "mode", "level", "lag")}}


@cache
def code_hash() -> str:
    """Hash of the program's source, its data tables and scenarios, so that results of two versions are not taken for one."""
    whole = hashlib.blake2b(digest_size=8)
    for top, kinds in ((PACKAGE, ("*.py", "*.csv")), (scenarios_dir(), ("*.yaml",))):
        for path in sorted(path for kind in kinds for path in top.rglob(kind)):
            whole.update(path.relative_to(top).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()


@cache
def git_state() -> dict[str, Any] | None:
    """Commit of the source and whether it was changed since; None where ecsim does not run from a clone."""
    top = PACKAGE.parents[1]
    if not (top / ".git").exists():
        return None
    try:
        commit = _git(top, "rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git(top, "status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _git(top: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(top), *words], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()
