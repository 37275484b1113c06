"""What sweeps and the study of participation write and show when their runs are done."""

from __future__ import annotations

from ecsim.analysis.grid import Grid, swept_keys
from ecsim.analysis.participation.study import load_participation
from ecsim.analysis.study import load_study
from ecsim.analysis.text.words import words_of
from ecsim.api import Study
from ecsim.report.grid.report import summary as grid_summary
from ecsim.report.participation.report import summary
from ecsim.summary import as_json, as_words
from ecsim.verdicts import Conclusion


def conclude_alliance(study: Study) -> Conclusion:
    """Write tables and report of a study of alliance participation; the answer in words."""
    p = load_participation(study.folder)
    page = study.report() if study.manifest["config"]["report"] else None
    where = [f"Results: {study.folder}"] + ([f"Report:  {page}"] if page else [])
    text = "\n\n".join([summary(p, words_of("en")), "\n".join(where)])
    tables = {name: getattr(p, name).to_dict("records") for name in ("thresholds", "break_even", "by_member", "interaction")}
    return Conclusion(text, {"folder": str(study.folder), "report": str(page) if page else None} | tables)


def conclude_sweep(study: Study) -> Conclusion:
    """Every point of a grid; a sweep over policies and a design alone ends as a comparison does."""
    page = study.report() if study.manifest["config"]["report"] else None
    stored = load_study(study.folder)
    keys = swept_keys(stored)
    if not keys:
        return Conclusion(as_words(study, page), as_json(study, page))
    grid = Grid(stored, keys)
    m = study.manifest
    where = [f"Results: {study.folder}"] + ([f"Report:  {page}"] if page else [])
    text = "\n\n".join([grid_summary(grid, words_of("en")), "\n".join(where)])
    values = {"folder": str(study.folder), "report": str(page) if page else None, "runs": len(study.runs), "failed": m.get("failed", 0)}
    return Conclusion(text, values | {"points": grid.points.to_dict("records")})
