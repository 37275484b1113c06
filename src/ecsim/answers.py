"""What the study of participation writes and shows when its runs are done."""

from __future__ import annotations

from ecsim.analysis.participation.study import load_participation
from ecsim.analysis.text.words import Words
from ecsim.api import Study
from ecsim.report.participation.report import summary
from ecsim.summary import where
from ecsim.verdicts import ENGLISH, Conclusion


def conclude_alliance(study: Study, w: Words = ENGLISH) -> Conclusion:
    """Write tables and report of a study of alliance participation; the answer in words."""
    p = load_participation(study.folder)
    page = study.report(w.lang) if study.manifest["config"]["report"] else None
    text = "\n\n".join([summary(p, w), where(study, page, w.lang)])
    tables = {name: getattr(p, name).to_dict("records") for name in ("thresholds", "break_even", "by_member", "interaction")}
    return Conclusion(text, {"folder": str(study.folder), "report": str(page) if page else None} | tables)
