"""The Python door: run, compare, load. Tables are pandas DataFrames.

>>> import ecsim
>>> run = ecsim.run("small_yard", "alliance=allies", seed=1)
>>> run.outcomes["gap_added"]
>>> study = ecsim.compare("experiment=quick")
>>> study.report()
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecsim import config
from ecsim.errors import UserError
from ecsim.experiment import runner, store
from ecsim.experiment.manifest import manifest
from ecsim.experiment.plan import Plan, Shard
from ecsim.experiment.resume import how_to_resume
from ecsim.experiment.studies import COMMANDS, plan_study
from ecsim.grammar import check_once, key_of, overridden, parse, quoted, without
from ecsim.progress import Progress, check_language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ecsim.analysis.compare import Comparison
    from ecsim.course import RunResult
    from ecsim.model import ExportControlModel

RESULTS = Path("results")
OF_STUDIES = ("experiment", "launcher", "out", "report", "shard")  # keys that only studies read


@dataclass(frozen=True, eq=False)
class Study:
    """A results folder.

    Attributes:
        folder: where it is.
    """

    folder: Path

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: policy, replicate, drawn parameters, status, outcomes."""
        return pd.read_parquet(self.folder / "runs.parquet")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Configuration, versions, seeds and state of the study."""
        return dict(json.loads((self.folder / "manifest.json").read_text(encoding="utf-8")))

    @property
    def command(self) -> str:
        """The command that made it."""
        return str((self.manifest.get("study") or {}).get("command", ""))

    @cached_property
    def series(self) -> pd.DataFrame:
        """Time series of all runs, long: run, policy, replicate, draw, quarter, name, key, value."""
        return self._table("series")

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every move made: run, policy, replicate, quarter, actor, verb, tool, rule, evidence, source, text_en, text_zh."""
        return self._table("events")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Trade of the last year by product, origin and destination."""
        return self._table("flows")

    @cached_property
    def tables(self) -> Comparison:
        """Scorecard, paired differences, variance, trade-offs, claims: the tables of the analysis."""
        from ecsim.analysis.compare import compare as analyse
        from ecsim.analysis.study import load_study

        return analyse(load_study(self.folder))

    def summary(self, lang: str = "en") -> str:
        """The headline outcomes as a table of text."""
        from ecsim.analysis.compare import summary_text

        return summary_text(self.tables, self.tables.study.words(lang))

    def report(self, lang: str = "en") -> Path:
        """Write figures and the self-contained HTML report; returns its path."""
        from ecsim.analysis.grid import swept_keys
        from ecsim.analysis.study import load_study
        from ecsim.report.grid.report import write_grid_report
        from ecsim.report.html import write_report
        from ecsim.report.participation.report import write_alliance_report
        from ecsim.report.sensitivity.report import write_sensitivity_report

        if self.command == "sweep" and swept_keys(load_study(self.folder)):
            return write_grid_report(self.folder, lang)
        writers = {"alliance": write_alliance_report, "sensitivity": write_sensitivity_report}
        if self.command in writers:
            return writers[self.command](self.folder, lang)
        return write_report(self.folder, lang, self.tables)

    def _table(self, name: str) -> pd.DataFrame:
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            raise UserError(f"{self.folder}: no {name} were stored; accepted: a study made with experiment.series=true")
        return pd.read_parquet(path)

    def __repr__(self) -> str:
        return f"Study('{self.folder}')"


PLOTTED = ("power_ratio", "gap", "revenue_side", "unmet")


@dataclass(frozen=True, eq=False)
class Run:
    """One run.

    Attributes:
        config: what was run.
        result: what the model left behind.
    """

    config: config.RunConfig
    result: RunResult

    @property
    def outcomes(self) -> dict[str, float]:
        """Outcome -> value (`ecsim describe outcomes`)."""
        return self.result.outcomes

    @property
    def series(self) -> pd.DataFrame:
        """Time series, long: quarter, name, key, value."""
        return self.result.series

    @property
    def events(self) -> pd.DataFrame:
        """Every move made."""
        return self.result.events

    @property
    def flows(self) -> pd.DataFrame:
        """Trade of the last year by product, origin and destination."""
        return self.result.flows

    def plot(self, *names: str) -> Figure:
        """Time series by year, one panel each.

        Args:
            names: names of series; by default power ratio, technology gap, revenue by side and unmet need.

        Raises:
            UserError: unknown series.
        """
        from ecsim.plot import plot_series

        return plot_series(self.series, names or PLOTTED, title=self.result.label)

    def __repr__(self) -> str:
        return f"Run('{self.result.label}', seed={self.result.seed}, quarters={self.config.params.time.quarters})"


def run(policy: str = "small_yard", *overrides: str, seed: int = 1, config_dir: Path | str | None = None) -> Run:
    """One run, in this process, with nothing written.

    Args:
        policy: name of a policy (`ecsim describe strategies`).
        overrides: in Hydra's grammar, such as "innovation.stretch=1.2"; keys of studies, such as "experiment.draws=16", are refused.
        seed: seed of the random streams.
        config_dir: a folder of configuration of your own.

    Raises:
        UserError: a mistake in the arguments.
    """
    from ecsim.course import simulate

    wanted = _compose(policy, overrides, seed, config_dir).run
    return Run(wanted, simulate(wanted))


def build_model(policy: str = "small_yard", *overrides: str, seed: int = 1, config_dir: Path | str | None = None) -> ExportControlModel:
    """The Mesa model of a run, to step through by hand. Arguments as for `run`."""
    from ecsim.model import ExportControlModel

    return ExportControlModel.from_config(_compose(policy, overrides, seed, config_dir).run)


def compare(
    *overrides: str,
    policies: Sequence[str] | None = None,
    out: Path | str | None = None,
    config_dir: Path | str | None = None,
    progress: bool = True,
) -> Study:
    """Compare policies on shared draws of the uncertain parameters and shared seeds.

    Args:
        overrides: in Hydra's grammar, such as "experiment=quick" or "experiment.draws=128".
        policies: names, each with overrides of its own if it has any ("small_yard alliance=allies"); by default
            none, small_yard, blanket and history.
        out: folder for the results; by default a new one under results/.
        config_dir: a folder of configuration of your own.
        progress: show progress on stderr.

    Raises:
        UserError: a mistake in the arguments, or a folder that cannot be written.
    """
    words = _words(overrides, "policies=['none', 'small_yard']")
    if policies is not None:
        if isinstance(policies, str) or not policies:
            raise UserError(f"policies: {policies!r} will not do; accepted: a list of names, such as ['none', 'small_yard']")
        words.append(f"experiment.policies=[{','.join(map(quoted, policies))}]")
    if out is not None:
        words.append(f"out={quoted(out)}")
    return study("compare", words, config_dir=Path(config_dir) if config_dir else None, progress=progress)


def load(folder: Path | str) -> Study:
    """A stored study.

    Raises:
        UserError: the folder holds none.
    """
    path = Path(folder)
    if not (path / "runs.parquet").exists():
        raise store.no_runs(path)
    return Study(path)


def study(
    command: str,
    overrides: Sequence[str],
    *,
    config_dir: Path | None = None,
    argv: Sequence[str] | None = None,
    progress: bool = True,
    lang: str = "en",
) -> Study:
    """Plan, run and store a study; the report is the caller's.

    Args:
        command: run, compare, factorial, sweep, claims, validate, trends, alliance or structure.
        overrides: in Hydra's grammar.
        config_dir: a folder of configuration of the user's own.
        argv: the command as it was given, for the manifest.
        progress: show progress on stderr.
        lang: language of the progress.

    Raises:
        UserError: a mistake in the overrides, no such language, or a folder that cannot be written; nothing was run.
        Interrupted: Ctrl-C, or a failed run under experiment.fail_fast; the finished runs are stored.
    """
    plan, settings = plan_study(command, overrides, config_dir)
    origin = Origin(command, tuple(overrides), config_dir)
    return run_plan(plan, settings, argv or ["ecsim", command, *overrides], origin, progress=progress, lang=lang)


@dataclass(frozen=True)
class Origin:
    """The words that a study was planned from; kept with its results, so that it can be continued.

    Attributes:
        command: command of the study.
        overrides: in Hydra's grammar.
        config_dir: the user's own folder of configuration.
    """

    command: str
    overrides: tuple[str, ...]
    config_dir: Path | None


def run_plan(
    plan: Plan,
    settings: config.Settings,
    argv: Sequence[str],
    origin: Origin,
    *,
    folder: Path | None = None,
    beside: Sequence[str] = (),
    progress: bool = True,
    lang: str = "en",
) -> Study:
    """Run a plan into its folder, or what the folder lacks of it.

    Args:
        plan: the runs.
        settings: what they were planned from.
        argv: the command as it was given, for the manifest.
        origin: the words that the plan was made from.
        folder: results folder; by default what `out` says, or a new one under results/.
        beside: names that the folder may hold already.
        progress: show progress on stderr.
        lang: language of the progress.

    Raises:
        UserError, Interrupted: see `study`.
    """
    from ecsim.experiment.rehearsal import rehearse

    check_language(lang)
    where = str(origin.config_dir.resolve()) if origin.config_dir else None
    entries = manifest(plan, settings, argv)
    entries["study"] |= {"overrides": list(origin.overrides), "config_dir": where}
    target = folder or settings.out or new_folder(plan.command)
    fresh = [path for path in (target, *target.parents) if not path.exists()]
    folder = store.prepare(target, entries, beside)
    try:
        entries |= rehearse(plan, origin.config_dir)
    except UserError:
        for path in fresh:
            path.rmdir()
        raise
    from ecsim.course import simulate
    from ecsim.schedule import say_if_compiled_first

    if settings.launcher.kind != "dask":
        say_if_compiled_first(settings.run.params.time.engine)
    shard = Shard.read(settings.shard) if settings.shard else None
    mine = len(plan) if shard is None else sum(len(c) for i, c in enumerate(plan.chunks()) if shard.holds(i))
    shown: Any = Progress(mine, "runs", lang=lang) if progress else nullcontext()
    with shown:
        runner.execute(
            plan,
            folder,
            simulate,
            workers=settings.experiment.workers,
            launcher=settings.launcher,
            manifest=entries,
            shard=shard,
            fail_fast=settings.experiment.fail_fast,
            tick=shown.advance if progress else lambda runs: None,
            found=shown.skip if progress else lambda runs: None,
        )
    return Study(folder)


def resume(folder: Path | str, *overrides: str, argv: Sequence[str] | None = None, progress: bool = True, lang: str = "en") -> Study:
    """Go on with a study that was interrupted or killed, or join the shards of one.

    Args:
        folder: its results folder.
        overrides: where and by how many workers the rest is computed ("experiment.workers=8", "launcher=dask").
        argv: the command as it was given, for the manifest.
        progress: show progress on stderr.
        lang: language of the progress.

    Raises:
        UserError: no begun study there, it is complete, or program or configuration changed since.
        Interrupted: Ctrl-C again; the finished runs are stored.
    """
    path = Path(folder)
    begun = store.read_manifest(path) or {}
    origin = begun.get("study") or {}
    if not origin.get("overrides") and "command" not in origin:
        raise UserError(f"{path}: no study was begun here; accepted: the folder of one that was interrupted")
    if origin["command"] not in COMMANDS:
        raise UserError(f"{path}: {origin['command']} has several stages; accepted: {how_to_resume(path)}, on the command line")
    own = Path(origin["config_dir"]) if origin.get("config_dir") else None
    words = overridden(without(origin.get("overrides", []), "out", "shard"), overrides)
    return study(origin["command"], [*words, f"out={quoted(path)}"], config_dir=own, argv=argv, progress=progress, lang=lang)


def _compose(policy: str, overrides: Sequence[str], seed: int, config_dir: Path | str | None) -> config.Settings:
    from ecsim.experiment.rehearsal import check_run

    own = Path(config_dir) if config_dir else None
    if "=" in str(policy):
        raise UserError(f"policy: '{policy}' is an override; accepted: the name of a policy first, such as ecsim.run('blanket')")
    named = f"policy={quoted(policy)}"
    check_once([named, *_words(overrides)])
    _check_of_a_run(overrides, policy)
    settings = config.compose([named, f"seed={seed}", *overrides], config_dir=own)
    check_run(settings.run, overrides, own)
    return settings


def _check_of_a_run(overrides: Sequence[str], policy: str) -> None:
    """Refuse what only studies read: a single run would leave it aside without a word.

    Raises:
        UserError: a key of a study, and what runs one.
    """
    for o in parse(overrides):
        key, word = key_of(o), str(o.input_line)
        head = key.partition(".")[0]
        if head == "calibrate":
            raise UserError(f"{key}: belongs to calibrations, and this is one run; accepted: 'ecsim calibrate {word}' on the command line")
        if head in OF_STUDIES and key != "experiment.yearly":
            raise UserError(
                f"{key}: belongs to studies, and this is one run of which nothing is stored; "
                f"accepted: ecsim.compare({word!r}, policies=[{policy!r}])"
            )


def _words(overrides: Sequence[str], instead: str = "'innovation.stretch=1.2'") -> list[str]:
    """Overrides as given from Python, which are texts.

    Raises:
        UserError: one is not.
    """
    for word in overrides:
        if not isinstance(word, str):
            raise UserError(f"override: {word!r} is not a text; accepted: texts such as 'alliance=allies', or {instead}")
    return list(overrides)


def new_folder(command: str) -> Path:
    """A folder under results/ that is not there yet, for the results of a command."""
    name = f"{command}-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in itertools.count(1):
        folder = RESULTS / (name if number == 1 else f"{name}-{number}")
        if not folder.exists():
            break
    return folder


def dry_run(command: str, overrides: Sequence[str], *, config_dir: Path | None = None, lang: str = "en") -> str:
    """What a study would do, and how long it would take on this machine: nothing is written.

    Raises:
        UserError: a mistake in the overrides, or no such language.
    """
    from ecsim.course import simulate
    from ecsim.experiment.forecast import forecast
    from ecsim.experiment.rehearsal import rehearse

    check_language(lang)
    plan, settings = plan_study(command, overrides, config_dir)
    rehearse(plan, config_dir)
    return forecast(plan, settings, simulate, lang)
