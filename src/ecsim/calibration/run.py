"""The whole calibration, block by block, and what it leaves: a named parameter set with all that led to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from ecsim import config
from ecsim.analysis.documents import likelihood
from ecsim.analysis.documents.fit import CONSTANTS, MECHANISMS, fit
from ecsim.analysis.documents.targets import compare
from ecsim.analysis.text.words import Words, words_of
from ecsim.calibration.blocks import BLOCKS, DOCUMENTS, Block, check_blocks
from ecsim.calibration.evaluate import Evaluator
from ecsim.calibration.search import FIGURES, PINNED, Found, search
from ecsim.config import RunConfig, Settings, digest
from ecsim.cores import cores
from ecsim.errors import UserError
from ecsim.experiment import variants
from ecsim.experiment.settings import CalibrateConfig
from ecsim.experiment.unread import check_read
from ecsim.grammar import key_of, parse
from ecsim.params import REGISTRY, Params
from ecsim.report.figures.profiles import draw_profiles
from ecsim.report.languages import drawable, figures_folder
from ecsim.schedule import say_if_compiled_first
from ecsim.version import __version__

RECORD = "calibration.json"
TABLES = ("trace", "loss", "identifiability", "profiles")
DOCUMENT_POINTS = 128  # of the design behind the profiles of the process of documents
SEEDS_APART = 10_000  # between the seeds of the search and those that others use


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found.

    Attributes:
        folder: where it is stored.
        file: the parameter set, to be chosen with `params=FILE`.
        values: fitted and median values, by dotted name.
        loss: block, target, outcome, target's value, tolerance, fitted value, distance in tolerances.
        identifiability: one row a free parameter.
        trace: every point tried.
    """

    folder: Path
    file: Path
    values: Mapping[str, float]
    loss: pd.DataFrame
    identifiability: pd.DataFrame
    trace: pd.DataFrame


def calibrate(
    overrides: Sequence[str], config_dir: Path | None = None, advance: Callable[[int], None] = lambda runs: None, lang: str = "en"
) -> Calibration:
    """Fit the blocks asked for; continues in the folder `out` where an earlier calibration of the same settings was stopped.

    Args:
        overrides: in Hydra's grammar; `calibrate.*` says what is fitted and how thoroughly.
        config_dir: a folder of configuration of the user's own.
        advance: told the number of runs done.
        lang: language of the figure.

    Raises:
        UserError: a mistake in the overrides, or a folder that holds something else.
    """
    words = words_of(lang)
    settings = config.compose(overrides, config_dir=config_dir)
    c = settings.calibrate
    check_blocks(c.blocks)
    _check_words(overrides, [_run_of(BLOCKS[name], overrides, config_dir) for name in c.blocks if name in BLOCKS])
    folder = _prepare(settings)
    workers = c.workers or cores()
    alone = workers == 1 or c.blocks == (DOCUMENTS,)
    say_if_compiled_first(settings.run.params.time.engine)
    pool: Any = nullcontext() if alone else ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    params, parts = settings.run.params, []
    with pool as executor:
        job = Job(settings, tuple(overrides), config_dir, folder, executor, advance)
        for name in c.blocks:
            part = _documents(params) if name == DOCUMENTS else job.fit(BLOCKS[name], params)
            params = params.with_values(part.values, name)
            parts.append(part)
    return _store(folder, settings, parts, drawable(words))


def runs_of(c: CalibrateConfig) -> int:
    """Runs that a calibration takes at most."""
    return sum((c.points + c.steps + 1) * c.seeds * BLOCKS[name].times for name in c.blocks if name in BLOCKS)


@dataclass(frozen=True, eq=False)
class Part:
    """A fitted block."""

    name: str
    values: dict[str, float]
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Job:
    """What all blocks of a calibration share.

    Attributes:
        settings: as composed.
        overrides, config_dir: what they were composed from.
        folder: where evaluations are kept.
        pool: processes, or None for this one.
        advance: told the number of runs done.
    """

    settings: Settings
    overrides: tuple[str, ...]
    config_dir: Path | None
    folder: Path
    pool: Executor | None
    advance: Callable[[int], None]

    def fit(self, block: Block, params: Params) -> Part:
        """Fit a block, the other parameters as given."""
        c, seed = self.settings.calibrate, self.settings.run.seed
        length = replace(params.time, quarters=min(block.quarters, params.time.quarters))
        run = replace(_run_of(block, self.overrides, self.config_dir), params=replace(params, time=length))
        seeds = tuple(seed * SEEDS_APART + s for s in range(c.seeds * block.times))
        evaluator = Evaluator(block.name, run, block.free, block.targets, seeds, self.folder, self.pool, self.advance)
        found = search(evaluator, c.points, c.steps, seed)
        off = evaluator.residuals(found.values)
        loss = pd.DataFrame(
            {
                "block": block.name,
                "target": [t.id for t in block.targets],
                "outcome": [t.outcome for t in block.targets],
                "record": [t.value for t in block.targets],
                "tolerance": [t.tolerance for t in block.targets],
                "model": [t.value + r * t.tolerance for t, r in zip(block.targets, off, strict=True)],
                "off": off,
                "loss": off**2,
                "emulator": found.accuracy,
                "fitted": found.fitted,
            }
        )
        return Part(block.name, found.values, _tables(block.name, found, loss))


def _run_of(block: Block, overrides: Sequence[str], config_dir: Path | None) -> RunConfig:
    """A run of a block, as the user's overrides and the policy of the block make it."""
    compose = lambda more: config.compose([*overrides, *more], config_dir=config_dir)  # noqa: E731
    (variant,) = variants.policies(compose, [block.policy], set())
    return variant.config


def _check_words(overrides: Sequence[str], runs: Sequence[RunConfig]) -> None:
    """Refuse what a calibration would leave aside: a policy, which each block brings, keys of other policies, and a part of it.

    Raises:
        UserError: the first such word.
    """
    for key in (key_of(o) for o in parse(overrides)):
        if key == "shard":
            raise UserError("shard: a calibration cannot be shared out; accepted: nothing (calibrate.workers spreads the work)")
        if key == "policy" or (key.startswith("policy.") and not runs):
            raise UserError(f"{key}: each block of a calibration brings its own policy; accepted: other keys, such as response=none")
    if runs:
        check_read(overrides, runs)


def _tables(name: str, found: Found, loss: pd.DataFrame) -> dict[str, pd.DataFrame]:
    trace = found.trace.melt(["stage", "loss"], var_name="parameter", value_name="value", ignore_index=False)
    trace = trace.rename_axis("point").reset_index().sort_values(["point", "parameter"], kind="stable")
    tables = {"trace": trace, "loss": loss, "identifiability": found.identifiability, "profiles": found.profiles}
    return {key: t if "block" in t else t.assign(block=name) for key, t in tables.items()}


def _documents(params: Params) -> Part:
    """The process of documents, by its own fit; profiles from the synthetic likelihood of its yearly numbers.

    What is not pinned down alone is fitted together with the rest all the same.
    """
    done = fit(params)
    values = {f"documents.{name}": float(f"{value:.4g}") for name, value in done.values.items()}
    posterior = likelihood.posterior(likelihood.Emulator(likelihood.design(params, DOCUMENT_POINTS)))
    table = posterior.summary.set_index("parameter")
    rows = []
    for name in (*MECHANISMS, *CONSTANTS):
        info = REGISTRY[f"documents.{name}"]
        assert info.lo is not None and info.hi is not None
        row: dict[str, Any] = {"parameter": info.name, "prior_median": (info.lo + info.hi) / 2, "range_lo": info.lo, "range_hi": info.hi}
        if name in MECHANISMS:
            ends = (float(table.loc[name, "profile_lo"]), float(table.loc[name, "profile_hi"]))
            row |= {"profile_lo": ends[0], "profile_hi": ends[1]}
            row |= {"width_over_range": (ends[1] - ends[0]) / (float(table.loc[name, "prior_hi"]) - float(table.loc[name, "prior_lo"]))}
        rows.append(row | {"pinned": row.get("width_over_range", 0.0) < PINNED, "value": values[info.name], "block": DOCUMENTS})
    judged = compare(done.summary)
    judged = judged[judged["target"].notna() & (judged["role"] == "calibration")]
    off = (judged["mean"] - judged["target"]) / judged["tolerance"]
    loss = pd.DataFrame(
        {
            "block": DOCUMENTS,
            "target": judged["id"],
            "outcome": judged["part"],
            "record": judged["target"],
            "tolerance": judged["tolerance"],
            "model": judged["mean"],
            "off": off,
            "loss": off**2,
            "fitted": True,
        }
    )
    curves = posterior.profiles.assign(parameter="documents." + posterior.profiles["parameter"], loss=-2.0 * posterior.profiles["profile"])
    curves = curves[["parameter", "value", "loss"]].assign(block=DOCUMENTS)
    trace = pd.DataFrame([{"block": DOCUMENTS, "point": done.evaluations, "stage": "result", "loss": done.misfit}])
    return Part(DOCUMENTS, values, {"trace": trace, "loss": loss, "identifiability": pd.DataFrame(rows), "profiles": curves})


def _prepare(settings: Settings) -> Path:
    """A new folder, or one in which a calibration of the same settings was stopped.

    Raises:
        UserError: it holds anything else, or cannot be written.
    """
    folder = settings.out or Path("results") / f"calibrate-{settings.calibrate.name}"
    record = {"status": "running", "settings": _settings_hash(settings), "version": __version__}
    path = folder / RECORD
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            known = json.loads(path.read_text(encoding="utf-8"))
            if known.get("settings") != record["settings"]:
                raise UserError(f"out: '{folder}' holds a calibration of other settings or another version; accepted: a new folder")
        elif any(folder.iterdir()):
            raise UserError(f"out: '{folder}' is not empty; accepted: a new folder, an empty one, or one of a calibration to go on with")
        else:
            path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    except (OSError, json.JSONDecodeError) as error:
        raise UserError(f"out: cannot use '{folder}' ({error}); accepted: a folder that you may write to") from error
    return folder


def _settings_hash(settings: Settings) -> str:
    c = settings.calibrate
    return digest([__version__, settings.run.model_hash, settings.run.seed, list(c.blocks), c.seeds, c.points, c.steps, c.name])


def _store(folder: Path, settings: Settings, parts: list[Part], words: Words) -> Calibration:
    tables = {key: pd.concat([p.tables[key] for p in parts], ignore_index=True) for key in TABLES}
    for key, table in tables.items():
        table.to_csv(folder / f"{key}.csv", index=False, lineterminator="\n")
    values = {name: value for part in parts for name, value in part.values.items()}
    c = settings.calibrate
    file = folder / "params" / f"{c.name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(_as_yaml(values, c, settings.run.seed), encoding="utf-8")
    draw_profiles(tables["profiles"], tables["identifiability"], folder / figures_folder(words), words)
    by_block = {p.name: float(p.tables["loss"].query("fitted")["loss"].sum()) for p in parts}
    record = {
        "status": "complete",
        "settings": _settings_hash(settings),
        "version": __version__,
        "name": c.name,
        "seed": settings.run.seed,
        "seeds": c.seeds,
        "points": c.points,
        "steps": c.steps,
        "figures": FIGURES,
        "loss": by_block,
        "values": values,
        "not_pinned": tables["identifiability"].query("not pinned")["parameter"].tolist(),
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return Calibration(folder, file, values, tables["loss"], tables["identifiability"], tables["trace"])


def _as_yaml(values: Mapping[str, float], c: CalibrateConfig, seed: int) -> str:
    lines = [
        "# @package _global_",
        f"# Fitted by 'ecsim calibrate calibrate.blocks=[{','.join(c.blocks)}] seed={seed}', ecsim {__version__}.",
    ]
    group = ""
    for name, value in values.items():
        head, key = name.split(".", 1)
        if head != group:
            lines.append(f"{head}:")
            group = head
        lines.append(f"  {key}: {value:.10g}")
    return "\n".join(lines) + "\n"
