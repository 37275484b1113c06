"""What `ecsim claims`, `ecsim validate` and `ecsim trends` write and show when their runs are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

import pandas as pd

from ecsim.analysis.claims import CLAIMS
from ecsim.analysis.documents import study as documents
from ecsim.analysis.documents.fit import ensemble
from ecsim.analysis.documents.targets import compare
from ecsim.analysis.measures import measure
from ecsim.analysis.structure import FINDINGS, structure_table
from ecsim.analysis.study import FEW_DRAWS
from ecsim.analysis.switches import SIGNIFICANT, responsible, switch_table
from ecsim.analysis.targets import INPUT, NO_VALUE, PASS, Targets, shipped_rows, verdict_table
from ecsim.analysis.text.columns import Rows, as_text
from ecsim.analysis.text.words import Words, number, words_of
from ecsim.analysis.trends import trend_table
from ecsim.api import Study
from ecsim.documents.anxiety import source_of, yearly_ratios
from ecsim.documents.luck import Luck
from ecsim.experiment.arms import ALL_ON, SWITCHES
from ecsim.experiment.structures import AS_IS, STRUCTURES
from ecsim.params import Params
from ecsim.report.figures.targets import draw_targets
from ecsim.strategies.trends import TRENDS

CHANCE = "change within chance"
DOCUMENT_SEEDS = 100
INPUTS = "Power ratios that are put in, beside those that the table cites"
POWER_RATIOS = {"C2a": "gerd", "C2b": "ppp"}  # target -> measure in data/power_ratios.csv


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
        f"within chance where its p, adjusted for the number of mechanisms, is {SIGNIFICANT:g} or more.{_few(runs)}"
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
    """Write targets.csv, targets.md and the figure into the results folder."""
    runs = with_entries(_good(study), targets)
    table = verdict_table(runs, targets)
    parts = [("Targets", _target_rows(table))]
    if targets.shipped:
        parts.append((INPUTS, input_rows()))
        papers = document_table()
        parts.append(("Targets on policy documents", _document_rows(papers)))
        papers.to_csv(study.folder / "targets_documents.csv", index=False, lineterminator="\n")
    table.to_csv(study.folder / "targets.csv", index=False, lineterminator="\n")
    judged = table[table["verdict"] != INPUT]
    how = (
        f"{int((judged['verdict'] == PASS).sum())} of {len(judged)} pass: mean within tolerance and target inside the 90% interval over "
        f"{_size(runs)}."
    )
    if targets.shipped:
        how += f"\nOn policy documents {int((papers['verdict'] == PASS).sum())} of {len(papers)} pass, over {DOCUMENT_SEEDS} seeds."
    elif targets.others:
        how += f"\n{targets.others} rows name no outcome and are not judged."
    page = study.folder / "targets.md"
    page.write_text("\n\n".join(["# Targets", how, *(f"## {t}\n\n{_markdown(rows)}" for t, rows in parts)]) + "\n", encoding="utf-8")
    figure = draw_targets(table, study.folder / "figures", _size(runs))
    shown = [f"{title}\n\n{as_text(rows)}" for title, rows in parts]
    text = "\n\n".join([*shown, how, f"Results: {study.folder}\nReport:  {page}\nFigure:  {figure}"])
    values = {"folder": str(study.folder), "figure": str(figure), "targets": table.to_dict("records"), "others": targets.others}
    return Conclusion(text, values)


def input_rows() -> Rows:
    """The power ratios that the table of targets cites as input, beside those that are put in: a row a year."""
    rows: Rows = []
    for t in shipped_rows():
        if t["id"] not in POWER_RATIOS:
            continue
        measure = POWER_RATIOS[t["id"]]
        for year, cited in zip(t["period"].split(" / "), t["target"].split(" / "), strict=True):
            put_in = yearly_ratios()[measure][int(year)]
            off = put_in - float(cited)
            within = abs(off) <= float(t["tolerance"])
            rows.append(
                {
                    "target": t["id"],
                    "quantity": t["quantity"],
                    "period": year,
                    "cited ± tolerance": f"{cited} ± {t['tolerance']}",
                    "put in": f"{put_in:.3f}",
                    "difference": number(off, signed=True),
                    "is": "within" if within else "another number",
                    "cited from": t["source"],
                    "put in from": source_of(measure, int(year)),
                }
            )
    return rows


def conclude_trends(study: Study) -> Conclusion:
    """Write trends.csv and trends.md into the results folder."""
    runs = _good(study)
    table = trend_table(runs)
    years = list(dict.fromkeys(table["year"]))
    rows: Rows = []
    for (trend, arm), part in table.groupby(["trend", "arm"], sort=False):
        told = {f"until {t['year']}": _trend_cell(t) for t in part.to_dict("records")}
        rows.append({"trend": trend, "arm": arm, **{f"until {year}": told[f"until {year}"] for year in years}})
    meaning: Rows = [{"trend": t.name, "by the paper": "rises" if t.sign > 0 else "falls", "quantity": t.doc} for t in TRENDS.values()]
    size = int(runs.groupby("arm").size().max())
    how = (
        f"{words_of('en').count('run', size)} an arm on shared seeds. Change from the first to the last third of the time under\n"
        "control, 95% interval over runs, share of runs that move as the paper says. The arm history is a script: its runs\n"
        "differ only by seeds, and it shows what the measure makes of the record."
    )
    page = study.folder / "trends.md"
    table.to_csv(study.folder / "trends.csv", index=False, lineterminator="\n")
    page.write_text(f"# Trends of control\n\n{how}\n\n{_markdown(rows)}\n\n{_markdown(meaning)}\n", encoding="utf-8")
    text = "\n\n".join([as_text(rows), as_text(meaning), how, f"Results: {study.folder}\nReport:  {page}"])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page), "trends": table.to_dict("records")})


def _trend_cell(t: Mapping[str, Any]) -> str:
    """Change with its interval, share of runs and verdict."""
    if isnan(t["change"]):
        return str(t["verdict"])
    change, lo, hi = (number(t[key], signed=True) for key in ("change", "lo", "hi"))
    if isnan(t["lo"]):  # of one run
        return f"{change}: {t['verdict']}"
    return f"{change} [{lo} to {hi}], {words_of('en').share(t['share'])}: {t['verdict']}"


def conclude_structure(study: Study) -> Conclusion:
    """Write structure.csv and structure.md into the results folder."""
    runs = _good(study)
    table = structure_table(runs)
    table.to_csv(study.folder / "structure.csv", index=False, lineterminator="\n")
    parts = [("Main findings under other structures", _structure_rows(table)), ("The findings", _finding_rows())]
    how = (
        f"{_size(runs)} a policy and structure. Share of replicates in which the finding holds, and mean of what it compares\n"
        f"with its 95% interval over draws.{_few(runs)}"
    )
    page = study.folder / "structure.md"
    page.write_text("\n\n".join(["# Structures", how, *(f"## {t}\n\n{_markdown(r)}" for t, r in parts)]) + "\n", encoding="utf-8")
    shown = [f"{title}\n\n{as_text(rows)}" for title, rows in parts]
    text = "\n\n".join([shown[0], how, shown[1], f"Results: {study.folder}\nReport:  {page}"])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page), "structures": table.to_dict("records")})


def _structure_rows(table: pd.DataFrame) -> Rows:
    """A row a structure, a column a finding."""
    words = words_of("en")
    rows: Rows = []
    for name, part in table.groupby("structure", sort=False):
        cells = part.set_index("finding").to_dict("index")
        rows.append(
            {"structure": STRUCTURES[str(name)].equation if name != AS_IS else AS_IS}
            | {f.key: _finding(cells[f.key], words) for f in FINDINGS}
        )
    return rows


def _finding(cell: Mapping[str, Any], words: Words) -> str:
    lo, hi = number(cell["lo"], signed=True), number(cell["hi"], signed=True)
    return f"{words.share(cell['share'])}: {number(cell['mean'], signed=True)} [{lo} to {hi}]"


def _finding_rows() -> Rows:
    return [{"finding": f.key, "holds if above zero": f.text, "compares": f.outcome, "unit": f.unit} for f in FINDINGS]


def with_entries(runs: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """The runs with the entry of `experiment.policies` that each belongs to: policies stand in the order of the entries."""
    labels = list(dict.fromkeys(runs.sort_values("run")["policy"]))
    if len(labels) != len(targets.policies):
        return runs
    return runs.assign(entry=runs["policy"].map(dict(zip(labels, targets.policies, strict=True))))


def document_table() -> pd.DataFrame:
    """The targets on policy documents, judged by the process of documents at the registered parameters."""
    return compare(ensemble(Params(), Luck(range(documents.FIRST_SEED, documents.FIRST_SEED + DOCUMENT_SEEDS))))


def _good(study: Study) -> pd.DataFrame:
    return study.runs[study.runs["status"] == "ok"]


def _few(runs: pd.DataFrame) -> str:
    """That verdicts of so few draws are a look around, as a paragraph of its own; empty where there are enough."""
    draws = runs["draw"].nunique()
    return "\n\n" + words_of("en")("study.few", n=draws, few=FEW_DRAWS) if draws < FEW_DRAWS else ""


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
            "target ± tolerance": "none" if isnan(t["target"]) else f"{_figure(t['target'], t['unit'])} ± {_figure(t['tolerance'])}",
            "unit": t["unit"],
            "verdict": f"{t['verdict']} ({t['misses']})" if t["misses"] else t["verdict"],
            "role": t["role"],
            "source": t["source"],
        }
        for t in table.to_dict("records")
    ]


def _document_rows(table: pd.DataFrame) -> Rows:
    rows = []
    for t in table.to_dict("records"):
        pattern = isnan(t["target"])
        verdict, _, misses = t["verdict"].partition(": ")
        value = f"{_figure(t['mean'])}% of runs" if pattern else f"{_figure(t['mean'])} [{_figure(t['lo'])} to {_figure(t['hi'])}]"
        rows.append(
            {
                "target": t["id"],
                "quantity": f"{t['quantity']}: {t['part']}" if t["part"] else t["quantity"],
                "period": t["period"],
                "value [90% interval]": value,
                "target ± tolerance": "holds" if pattern else f"{_figure(t['target'])} ± {_figure(t['tolerance'])}",
                "verdict": f"{verdict} ({misses})" if misses else verdict,
                "role": t["role"],
                "source": t["source"],
            }
        )
    return rows


def _value(t: Mapping[str, Any]) -> str:
    if t["verdict"] == NO_VALUE:
        return "–"
    mean, lo, hi = (_figure(t[key], t["unit"]) for key in ("mean", "lo", "hi"))
    some = f" in {t['runs']} of {t['of']} runs" if t["runs"] < t["of"] else ""  # in the others it does not come about
    return f"{mean} [{lo} to {hi}]{some}"


def _figure(value: float, unit: str = "") -> str:
    """A number of a target, whatever its unit: as many decimals as its size asks for; a date as a year with two."""
    return f"{value:.2f}" if unit == "year" and isfinite(value) else number(value)


def _markdown(rows: Rows) -> str:
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
