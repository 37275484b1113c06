"""`ecsim sensitivity`: a Morris screen, then Sobol indices of the factors that matter, in one results folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecsim.analysis.sensitivity.study import COMMAND, SCREEN, load_sensitivity, screened
from ecsim.analysis.text.words import Words
from ecsim.api import Origin, Study, new_folder, run_plan
from ecsim.cores import one_thread
from ecsim.course import simulate
from ecsim.errors import UserError
from ecsim.experiment.forecast import forecast
from ecsim.experiment.resume import how_to_resume
from ecsim.experiment.runner import Interrupted
from ecsim.experiment.store import COMPLETE, prepare, read_manifest
from ecsim.experiment.studies import plan_stage
from ecsim.grammar import overridden, quoted, without
from ecsim.report.sensitivity.report import summary
from ecsim.summary import where
from ecsim.verdicts import ENGLISH, Conclusion

MORRIS, SALTELLI = "morris", "saltelli"  # designs of the two stages


def run_sensitivity(
    overrides: Sequence[str], config_dir: Path | None, *, argv: Sequence[str], progress: bool = True, lang: str = "en"
) -> Study:
    """Run both stages, or what is missing of them; the same command with the same `out` goes on where it was stopped.

    Raises:
        UserError: a mistake in the overrides, or a folder that cannot be written.
        Interrupted: Ctrl-C; finished runs are stored.
    """
    with one_thread():
        return _both_stages(overrides, config_dir, argv, progress, lang)


def _both_stages(overrides: Sequence[str], config_dir: Path | None, argv: Sequence[str], progress: bool, lang: str) -> Study:
    origin = Origin(COMMAND, tuple(overrides), config_dir)
    plan, settings = plan_stage(SALTELLI, overrides, config_dir)
    folder = settings.out or new_folder(COMMAND)
    if folder.exists() and read_manifest(folder) is None:
        prepare(folder, beside=(SCREEN,))  # a folder that will not do shows before anything is run
    names: list[str] = []
    if settings.experiment.screen:
        first, how = plan_stage(MORRIS, overrides, config_dir)
        home = folder / SCREEN
        if (read_manifest(home) or {}).get("status") != COMPLETE:
            with _stage_of(folder):
                run_plan(first, how, argv, origin, folder=home, progress=progress, lang=lang)
        names = screened(home, settings.experiment.keep) if len(plan.factors) > settings.experiment.keep else []
    plan, settings = plan_stage(SALTELLI, overrides, config_dir, names)
    return run_plan(plan, settings, argv, origin, folder=folder, beside=(SCREEN,), progress=progress, lang=lang)


def conclude_sensitivity(study: Study, w: Words = ENGLISH) -> Conclusion:
    """Tables and report of a stored study; the answer in words."""
    s = load_sensitivity(study.folder)
    page = study.report(w.lang) if study.manifest["config"]["report"] else None
    text = "\n\n".join([summary(s, s.indices.study.words(w.lang)), where(study, page, w.lang)])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page) if page else None, "sobol": s.sobol.to_dict("records")})


def forecast_sensitivity(overrides: Sequence[str], config_dir: Path | None, w: Words = ENGLISH) -> str:
    """What both stages would do, and how long they would take."""
    parts = []
    for title, design in ((w("sens.stage.screen"), MORRIS), (w("sens.stage.indices"), SALTELLI)):
        plan, settings = plan_stage(design, overrides, config_dir)
        if len(plan):
            parts.append(f"{title}\n{forecast(plan, settings, simulate, w.lang)}")
    return "\n\n".join(parts)


@contextmanager
def _stage_of(folder: Path) -> Iterator[None]:
    """Say of a stage that is stopped how to go on with the study in a folder."""
    try:
        yield
    except Interrupted as stop:
        raise type(stop)(stop.folder, stop.done, stop.why, folder) from stop


def begun(folder: Path) -> dict[str, Any]:
    """The manifest of a begun sensitivity study, or of its screen while it is not beyond that; empty where there is neither.

    Raises:
        UserError: the folder is that of a screen itself, which is no study.
    """
    found = read_manifest(folder)
    if found is not None:
        told = found.get("study") or {}
        if told.get("command") == COMMAND and told.get("design") == MORRIS:
            whole = folder.parent if folder.name else folder.resolve().parent
            raise UserError(f"{folder}: the first stage of a sensitivity study; accepted: the folder of the study ({how_to_resume(whole)})")
        return found
    first = read_manifest(folder / SCREEN) or {}
    return first if (first.get("study") or {}).get("command") == COMMAND else {}


def again(folder: Path, overrides: Sequence[str], lang: str = "en") -> Study:
    """Go on with a stored study, at whatever stage it was stopped."""
    told = begun(folder)["study"]
    own = Path(told["config_dir"]) if told.get("config_dir") else None
    words = overridden(without(told["overrides"], "out"), overrides)
    return run_sensitivity([*words, f"out={quoted(folder)}"], own, argv=["ecsim", "resume", str(folder)], lang=lang)
