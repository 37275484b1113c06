"""`ecsim sensitivity`: a Morris screen, then Sobol indices of the factors that matter, in one results folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ecsim.analysis.sensitivity.study import COMMAND, SCREEN, load_sensitivity, screened
from ecsim.analysis.text.words import Words
from ecsim.api import Origin, Study, new_folder, run_plan
from ecsim.course import simulate
from ecsim.experiment.forecast import forecast
from ecsim.experiment.settings import ONE_THREAD
from ecsim.experiment.store import COMPLETE, read_manifest
from ecsim.experiment.studies import plan_stage
from ecsim.grammar import overridden
from ecsim.report.sensitivity.report import summary
from ecsim.summary import where
from ecsim.verdicts import ENGLISH, Conclusion


def run_sensitivity(
    overrides: Sequence[str], config_dir: Path | None, *, argv: Sequence[str], progress: bool = True, lang: str = "en"
) -> Study:
    """Run both stages, or what is missing of them; the same command with the same `out` goes on where it was stopped.

    Raises:
        UserError: a mistake in the overrides, or a folder that cannot be written.
        Interrupted: Ctrl-C; finished runs are stored.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    origin = Origin(COMMAND, tuple(overrides), config_dir)
    plan, settings = plan_stage("saltelli", overrides, config_dir)
    folder = settings.out or new_folder(COMMAND)
    names: list[str] = []
    if settings.experiment.screen:
        first, how = plan_stage("morris", overrides, config_dir)
        home = folder / SCREEN
        if (read_manifest(home) or {}).get("status") != COMPLETE:
            run_plan(first, how, argv, origin, folder=home, progress=progress, lang=lang)
        names = screened(home, settings.experiment.keep) if len(plan.factors) > settings.experiment.keep else []
    plan, settings = plan_stage("saltelli", overrides, config_dir, names)
    return run_plan(plan, settings, argv, origin, folder=folder, beside=(SCREEN,), progress=progress, lang=lang)


def conclude_sensitivity(study: Study, w: Words = ENGLISH) -> Conclusion:
    """Tables and report of a stored study; the answer in words."""
    s = load_sensitivity(study.folder)
    page = study.report(w.lang) if study.manifest["config"]["report"] else None
    text = "\n\n".join([summary(s, w), where(study, page, w.lang)])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page) if page else None, "sobol": s.sobol.to_dict("records")})


def forecast_sensitivity(overrides: Sequence[str], config_dir: Path | None, w: Words = ENGLISH) -> str:
    """What both stages would do, and how long they would take."""
    parts = []
    for title, design in ((w("sens.stage.screen"), "morris"), (w("sens.stage.indices"), "saltelli")):
        plan, settings = plan_stage(design, overrides, config_dir)
        if len(plan):
            parts.append(f"{title}\n{forecast(plan, settings, simulate, w.lang)}")
    return "\n\n".join(parts)


def again(folder: Path, overrides: Sequence[str], lang: str = "en") -> Study:
    """Go on with a stored study."""
    told = (read_manifest(folder) or {}).get("study") or {}
    words = [word for word in told.get("overrides", []) if not word.startswith("out=")]
    own = Path(told["config_dir"]) if told.get("config_dir") else None
    return run_sensitivity([*overridden(words, overrides), f"out='{folder}'"], own, argv=["ecsim", "resume", str(folder)], lang=lang)
