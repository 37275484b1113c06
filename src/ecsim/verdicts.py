"""What `ecsim claims` and `ecsim validate` write and show when their runs are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecsim.analysis.claims import CLAIMS
from ecsim.analysis.measures import measure
from ecsim.analysis.switches import SIGNIFICANT, responsible, switch_table
from ecsim.analysis.targets import NO_VALUE, PASS, Targets, verdict_table
from ecsim.analysis.text.words import number, words_of
from ecsim.api import Study
from ecsim.describe import Rows, as_text
from ecsim.experiment.arms import ALL_ON, SWITCHES

CHANCE = "change within chance"


@dataclass(frozen=True)
class Conclusion:
    """What a command concludes.

    Attributes:
        text: for a person.
        values: for a program.
    """

    text: str
    values: Mapping[str, Any]


def conclude_claims(study: Study) -> Conclusion:
    """Write claims.csv, switches.csv and claims.md into the results folder."""
    runs = _good(study)
    table = switch_table(runs)
    verdicts = responsible(table)
    parts = [
        ("Claims put to the test", _claims_rows(verdicts)),
        ("What each test asks, and the share of replicates in which each of its conditions holds", _test_rows(verdicts)),
        ("Share of replicates in which each claim holds, with one mechanism off", _switch_rows(table)),
        ("The mechanisms", [{"off": name, "equation": switch.equation} for name, switch in SWITCHES.items()]),
    ]
    how = (
        f"{_size(runs)} an arm. 95% interval over draws. Responsible is the mechanism whose absence moves the share most;\n"
        f"where none moves it, the one that moves most by how much the decisive condition holds (its margin). A change is\n"
        f"within chance where its p, adjusted for the number of mechanisms, is {SIGNIFICANT:g} or more."
    )
    page = study.folder / "claims.md"
    verdicts.to_csv(study.folder / "claims.csv", index=False, lineterminator="\n")
    table.to_csv(study.folder / "switches.csv", index=False, lineterminator="\n")
    markdown = [f"## {title}\n\n{_markdown(rows)}" for title, rows in parts]
    page.write_text("\n\n".join(["# Claims", how, *markdown]) + "\n", encoding="utf-8")
    shown = [f"{title}\n\n{as_text(rows)}" for title, rows in parts]
    text = "\n\n".join([shown[0], how, *shown[1:], f"Results: {study.folder}\nReport:  {page}"])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page), "claims": verdicts.to_dict("records")})


def conclude_targets(study: Study, targets: Targets) -> Conclusion:
    """Write targets.csv into the results folder."""
    runs = _good(study)
    table = verdict_table(runs, targets)
    table.to_csv(study.folder / "targets.csv", index=False, lineterminator="\n")
    passed = int((table["verdict"] == PASS).sum())
    how = (
        f"{passed} of {len(table)} pass: mean within tolerance and target inside the 90% interval over {_size(runs)}.\n"
        f"{targets.others} more targets are not yet an outcome of this command."
    )
    text = "\n\n".join(["Targets\n\n" + as_text(_target_rows(table)), how, f"Results: {study.folder}"])
    return Conclusion(text, {"folder": str(study.folder), "targets": table.to_dict("records"), "others": targets.others})


def _good(study: Study) -> pd.DataFrame:
    return study.runs[study.runs["status"] == "ok"]


def _size(runs: pd.DataFrame) -> str:
    """Draws and seeds of the runs."""
    draws, seeds = runs["draw"].nunique(), int(runs.groupby("draw")["seed"].nunique().max())
    return f"{draws} draws of the parameters with {seeds} seed{'s' if seeds > 1 else ''} each"


def _claims_rows(verdicts: pd.DataFrame) -> Rows:
    words = words_of("en")
    rows = []
    for v in verdicts.to_dict("records"):
        rows.append(
            {
                "claim": words(f"claim.{v['claim']}"),
                "holds in": _share(v) if v["draws"] else "–",
                "verdict": v["verdict"],
                "equation responsible": _blamed(v),
                "verdict turned by": v["turned_by"] or "none",
            }
        )
    return rows


def _share(v: Mapping[str, Any]) -> str:
    words = words_of("en")
    return f"{words.share(v['share'])} [{words.share(v['lo'])} to {words.share(v['hi'])}]"


def _blamed(v: Mapping[str, Any]) -> str:
    """The mechanism that moves a claim's share most, and where to."""
    if not v["switch"]:
        return "none of those switched off"
    words = words_of("en")
    sure = "" if v["p"] < SIGNIFICANT else f"; {CHANCE}"
    if v["moved"] == "share":
        return f"{v['switch']} ({words.share(v['share_off'])} without it{sure})"
    margins = f"{number(v['margin'], signed=True)} to {number(v['margin_off'], signed=True)} {measure(v['decisive']).unit}"
    return f"{v['switch']} (share unmoved; margin in {v['decisive']} {margins}{sure})"


def _test_rows(verdicts: pd.DataFrame) -> Rows:
    words = words_of("en")
    return [
        {"claim": v["claim"], "test": words(f"claim.{v['claim']}.test"), "conditions hold in": v["conditions"] or v["note"] or v["missing"]}
        for v in verdicts.to_dict("records")
    ]


def _switch_rows(table: pd.DataFrame) -> Rows:
    """A row a switch, a column a claim."""
    words = words_of("en")
    rows: Rows = []
    for switch, part in table.groupby("switch", sort=False):
        cells = part.set_index("claim")
        told = {c.key: f"{words.share(cells.loc[c.key, 'share'])} {cells.loc[c.key, 'verdict']}" for c in CLAIMS}
        rows.append({"off": "nothing" if switch == ALL_ON else switch, **told})
    return rows


def _target_rows(table: pd.DataFrame) -> Rows:
    return [
        {
            "target": t["id"],
            "quantity": t["quantity"].partition(" (")[0],
            "period": t["period"],
            "value [90% interval]": _value(t),
            "target ± tolerance": f"{_figure(t['target'])} ± {_figure(t['tolerance'])}",
            "unit": t["unit"],
            "verdict": f"{t['verdict']} ({t['misses']})" if t["misses"] else t["verdict"],
            "source": t["source"],
        }
        for t in table.to_dict("records")
    ]


def _value(t: Mapping[str, Any]) -> str:
    if t["verdict"] == NO_VALUE:
        return "–"
    return f"{_figure(t['mean'])} [{_figure(t['lo'])} to {_figure(t['hi'])}]"


def _figure(value: float) -> str:
    """A number of a target, whatever its unit: as many decimals as its size asks for."""
    return number(value)


def _markdown(rows: Rows) -> str:
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
