"""What `ecsim claims`, `ecsim validate`, `ecsim trends` and `ecsim structure` write and show when their runs are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import pandas as pd

from ecsim.analysis.claims import CLAIMS
from ecsim.analysis.documents import study as documents
from ecsim.analysis.documents.fit import ensemble
from ecsim.analysis.documents.targets import CONSTANT, MECHANISM, compare
from ecsim.analysis.documents.targets import INPUT as PUT_IN
from ecsim.analysis.measures import measure
from ecsim.analysis.structure import FINDINGS, structure_table
from ecsim.analysis.study import FEW_DRAWS
from ecsim.analysis.switches import SIGNIFICANT, responsible, switch_table
from ecsim.analysis.targets import INPUT, NO_VALUE, PASS, Targets, shipped_rows, verdict_table
from ecsim.analysis.text.columns import Rows, as_text
from ecsim.analysis.text.words import Words, lower, number, words_of
from ecsim.analysis.trends import trend_table
from ecsim.api import Study
from ecsim.documents.anxiety import source_of, yearly_ratios
from ecsim.documents.instruments import instruments as documented
from ecsim.documents.luck import Luck
from ecsim.experiment.arms import ALL_ON, SWITCHES
from ecsim.experiment.structures import AS_IS, STRUCTURES
from ecsim.params import Params
from ecsim.report.figures.targets import draw_targets
from ecsim.report.languages import drawable, figures_folder, file_name, warnings
from ecsim.strategies.trends import TRENDS

DOCUMENT_SEEDS = 100
MATCHES = (MECHANISM, CONSTANT, PUT_IN)  # what brings a target on documents about
ENGLISH = words_of("en")
LISTED = ", "  # between names in a cell of the tables of the analysis
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


def conclude_claims(study: Study, w: Words = ENGLISH) -> Conclusion:
    """Write claims.csv, switches.csv and claims.md (in Chinese claims.zh.md) into the results folder."""
    runs = _good(study)
    table = switch_table(runs)
    verdicts = responsible(table)
    equations = [
        {w("claims.column.off"): w.said(f"switch.{n}", n), w("claims.column.equation"): w.said(f"equation.{n}", s.equation)}
        for n, s in SWITCHES.items()
    ]
    parts = [
        (w("claims.verdicts"), _claims_rows(verdicts, w)),
        (w("claims.tests"), _test_rows(verdicts, w)),
        (w("claims.switches"), _switch_rows(table, w)),
        (w("claims.mechanisms"), equations),
    ]
    how = w("claims.rest", size=_size(runs, w), p=f"{SIGNIFICANT:g}") + _few(runs, w)
    verdicts.to_csv(study.folder / "claims.csv", index=False, lineterminator="\n")
    table.to_csv(study.folder / "switches.csv", index=False, lineterminator="\n")
    page = study.folder / file_name("claims", "md", w)
    _write(page, w("claims.title"), how, parts)
    shown = _shown(parts)
    text = "\n\n".join([shown[0], how, *shown[1:], _where(w, results=study.folder, report=page)])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page), "claims": verdicts.to_dict("records")})


def conclude_targets(study: Study, targets: Targets, w: Words = ENGLISH) -> Conclusion:
    """Write targets.csv, targets.md (in Chinese targets.zh.md) and the figure into the results folder."""
    runs = with_entries(_good(study), targets)
    table = verdict_table(runs, targets)
    parts = [(w("targets.judged"), _target_rows(table, w, shipped=targets.shipped))]
    judged = table[table["verdict"] != INPUT]
    how = [w("targets.passed", n=int((judged["verdict"] == PASS).sum()), all=len(judged), size=_size(runs, w))]
    if targets.shipped:
        papers = document_table()
        parts += [(w("targets.inputs"), input_rows(w)), (w("targets.documents"), _document_rows(papers, w))]
        papers.to_csv(study.folder / "targets_documents.csv", index=False, lineterminator="\n")
        how += _passed_documents(papers, w)
    elif targets.others:
        how.append(w("targets.others", n=targets.others))
    table.to_csv(study.folder / "targets.csv", index=False, lineterminator="\n")
    drawn = drawable(w)
    named = _named(table, drawn, shipped=targets.shipped)
    figure = draw_targets(named, study.folder / figures_folder(w), _size(runs, drawn), drawn)
    page = study.folder / file_name("targets", "md", w)
    _write(page, w("targets.title"), "\n".join(how), parts)
    text = "\n\n".join([*_shown(parts), "\n".join(how), *warnings(w), _where(w, results=study.folder, report=page, figure=figure)])
    values = {"folder": str(study.folder), "report": str(page), "figure": str(figure), "targets": table.to_dict("records")}
    return Conclusion(text, values | {"others": targets.others})


def _write(page: Path, title: str, how: str, parts: Sequence[tuple[str, Rows]]) -> None:
    """A page of tables in Markdown."""
    sections = [f"## {head}\n\n{_markdown(rows)}" for head, rows in parts]
    page.write_text("\n\n".join([f"# {title}", how, *sections]) + "\n", encoding="utf-8")


def _shown(parts: Sequence[tuple[str, Rows]]) -> list[str]:
    """Tables for a terminal."""
    return [f"{title}\n\n{as_text(rows)}" for title, rows in parts]


def _where(w: Words, **paths: Path) -> str:
    """Where everything is."""
    return "\n".join(w(f"told.{what}", path=path) for what, path in paths.items())


def input_rows(w: Words = ENGLISH) -> Rows:
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
                    w("targets.column.target"): t["id"],
                    w("targets.column.quantity"): w.said(f"target.{t['id']}", t["quantity"]),
                    w("targets.column.period"): year,
                    w("targets.column.cited"): f"{cited} ± {t['tolerance']}",
                    w("targets.column.put"): f"{put_in:.3f}",
                    w("targets.column.difference"): number(off, signed=True),
                    w("targets.column.is"): w("targets.within" if within else "targets.another"),
                    w("targets.column.cited.from"): w.said(f"source.{t['source']}", t["source"]),
                    w("targets.column.put.from"): w.said(f"source.{source_of(measure, int(year))}", source_of(measure, int(year))),
                }
            )
    return rows


def conclude_trends(study: Study, w: Words = ENGLISH) -> Conclusion:
    """Write trends.csv and trends.md (in Chinese trends.zh.md) into the results folder."""
    runs = _good(study)
    table = trend_table(runs)
    rows: Rows = []
    for (trend, arm), part in table.groupby(["trend", "arm"], sort=False):
        row = {w("trends.column.trend"): w.said(f"trend.{trend}", str(trend)), w("trends.column.arm"): w.said(f"policy.{arm}", str(arm))}
        rows.append(row | {w("trends.column.until", year=t["year"]): _trend_cell(t, w) for t in part.to_dict("records")})
    meaning: Rows = [
        {
            w("trends.column.trend"): w.said(f"trend.{t.name}", t.name),
            w("trends.column.paper"): w("trends.rises" if t.sign > 0 else "trends.falls"),
            w("trends.column.quantity"): w.said(f"trend.{t.name}.quantity", t.doc),
        }
        for t in TRENDS.values()
    ]
    units = int(runs.groupby("arm")[["draw", "seed"]].nunique().apply(lambda n: n["draw"] if n["draw"] > 1 else n["seed"], axis=1).min())
    how = w("trends.how", runs=w.count("run", int(runs.groupby("arm").size().max())))
    how += "\n\n" + w("trends.few", n=units, few=FEW_DRAWS) if units < FEW_DRAWS else ""
    table.to_csv(study.folder / "trends.csv", index=False, lineterminator="\n")
    page = study.folder / file_name("trends", "md", w)
    page.write_text(f"# {w('trends.title')}\n\n{how}\n\n{_markdown(rows)}\n\n{_markdown(meaning)}\n", encoding="utf-8")
    text = "\n\n".join([as_text(rows), as_text(meaning), how, _where(w, results=study.folder, report=page)])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page), "trends": table.to_dict("records")})


def _trend_cell(t: Mapping[str, Any], w: Words) -> str:
    """Change with its interval, share of runs and verdict."""
    verdict = w.said(f"trend.verdict.{t['verdict']}", str(t["verdict"]))
    if isnan(t["change"]):
        return verdict
    change, lo, hi = (number(t[key], signed=True) for key in ("change", "lo", "hi"))
    if not isnan(t["lo"]):  # which it is of one run
        change = f"{change} [{w('interval', lo=lo, hi=hi)}]" + w("list.part") + w.share(t["share"])
    return change + w("list.colon") + verdict


def conclude_structure(study: Study, w: Words = ENGLISH) -> Conclusion:
    """Write structure.csv and structure.md (in Chinese structure.zh.md) into the results folder."""
    runs = _good(study)
    table = structure_table(runs)
    table.to_csv(study.folder / "structure.csv", index=False, lineterminator="\n")
    parts = [(w("structure.findings"), _structure_rows(table, w)), (w("structure.meaning"), _finding_rows(w))]
    how = w("structure.how", size=_size(runs, w)) + _few(runs, w)
    page = study.folder / file_name("structure", "md", w)
    _write(page, w("structure.title"), how, parts)
    shown = _shown(parts)
    text = "\n\n".join([shown[0], how, shown[1], _where(w, results=study.folder, report=page)])
    return Conclusion(text, {"folder": str(study.folder), "report": str(page), "structures": table.to_dict("records")})


def _structure_rows(table: pd.DataFrame, w: Words) -> Rows:
    """A row a structure, a column a finding."""
    rows: Rows = []
    for name, part in table.groupby("structure", sort=False):
        cells = part.set_index("finding").to_dict("index")
        said = w.said(f"structure.{name}", STRUCTURES[str(name)].equation if name != AS_IS else AS_IS)
        rows.append({w("structure.column.structure"): said} | {_short(f.key, w): _finding(cells[f.key], w) for f in FINDINGS})
    return rows


def _short(finding: str, w: Words) -> str:
    return w.said(f"finding.{finding}.short", finding)


def _finding(cell: Mapping[str, Any], w: Words) -> str:
    lo, hi = number(cell["lo"], signed=True), number(cell["hi"], signed=True)
    return w.share(cell["share"]) + w("list.colon") + f"{number(cell['mean'], signed=True)} [{w('interval', lo=lo, hi=hi)}]"


def _finding_rows(w: Words) -> Rows:
    return [
        {
            w("structure.column.finding"): _short(f.key, w),
            w("structure.column.holds"): w.said(f"finding.{f.key}.text", f.text),
            w("structure.column.compares"): w.said(f"outcome.{f.outcome}", f.outcome),
            w("structure.column.unit"): w.said(f"spoken.{f.unit}", f.unit),
        }
        for f in FINDINGS
    ]


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


def _few(runs: pd.DataFrame, w: Words) -> str:
    """That verdicts of so few draws are a look around, as a paragraph of its own; empty where there are enough."""
    draws = runs["draw"].nunique()
    return "\n\n" + w("study.few", n=draws, few=FEW_DRAWS) if draws < FEW_DRAWS else ""


def _size(runs: pd.DataFrame, w: Words) -> str:
    """Draws and seeds of the runs."""
    draws, seeds = runs["draw"].nunique(), int(runs.groupby("draw")["seed"].nunique().max())
    return w("told.size" if seeds > 1 else "told.size.one", draws=draws, seeds=seeds)


def _claims_rows(verdicts: pd.DataFrame, w: Words) -> Rows:
    return [
        {
            w("claims.column.claim"): w(f"claim.{v['claim']}"),
            w("claims.column.holds"): _share(v, w) if v["draws"] else "–",
            w("claims.column.verdict"): _verdict(v["verdict"], w),
            w("claims.column.blamed"): _blamed(v, w),
            w("claims.column.turned"): _switches(v["turned_by"], w) or w("told.none"),
        }
        for v in verdicts.to_dict("records")
    ]


def _verdict(verdict: str, w: Words) -> str:
    """What is said of a claim, within a line."""
    return w(f"verdict.{verdict}").lower()


def _switches(names: str, w: Words) -> str:
    """Mechanisms, as `responsible` names them."""
    return w("list.comma").join(w.said(f"switch.{name}", name) for name in names.split(LISTED) if name)


def _share(v: Mapping[str, Any], w: Words) -> str:
    return f"{w.share(v['share'])} [{w('interval', lo=w.share(v['lo']), hi=w.share(v['hi']))}]"


def _blamed(v: Mapping[str, Any], w: Words) -> str:
    """The mechanism that moves a claim's share most, and where to."""
    if not v["switch"]:
        return w("claims.blamed.none")
    if v["moved"] == "share":
        told = [w("claims.blamed.share", share=w.share(v["share_off"]))]
    else:
        kept = measure(v["decisive"]).unit
        before, after = (w.shown(kept).text(number(v[key], signed=True), grouped=True) for key in ("margin", "margin_off"))
        unit = w.said(f"unit.{kept}", w.shown(kept).name)
        outcome = w.said(f"outcome.{v['decisive']}", v["decisive"])
        told = [w("claims.blamed.unmoved"), w("claims.blamed.margin", outcome=outcome, before=before, after=after, unit=unit)]
    chance = [] if v["p"] < SIGNIFICANT else [w("claims.blamed.chance")]
    return w.aside(_switches(v["switch"], w), w("list.semicolon").join([*told, *chance]))


def _test_rows(verdicts: pd.DataFrame, w: Words) -> Rows:
    return [
        {
            w("claims.column.claim"): w.said(f"claim.{v['claim']}.short", v["claim"]),
            w("claims.column.test"): w(f"claim.{v['claim']}.test"),
            w("claims.column.conditions"): _conditions(v, w),
        }
        for v in verdicts.to_dict("records")
    ]


def _conditions(v: Mapping[str, Any], w: Words) -> str:
    """How often each condition holds, or why that cannot be told."""
    if v["conditions"]:
        told = (part.rpartition(" ") for part in v["conditions"].split("; "))
        return w("list.semicolon").join(f"{w.said(f'outcome.{outcome}', outcome)} {share}" for outcome, _, share in told)
    if v["note"]:
        return w.said(f"note.{v['note']}", v["note"])
    arms = (w.said(f"claim.arm.{name}", w.said(f"outcome.{name}", name)) for name in v["missing"].split(LISTED))
    return w("list.comma").join(arms)


def _switch_rows(table: pd.DataFrame, w: Words) -> Rows:
    """A row a switch, a column a claim."""
    rows: Rows = []
    for switch, part in table.groupby("switch", sort=False):
        cells = part.set_index("claim")
        told = {
            w.said(f"claim.{c.key}.short", c.key): f"{w.share(cells.loc[c.key, 'share'])} {_verdict(cells.loc[c.key, 'verdict'], w)}"
            for c in CLAIMS
        }
        rows.append({w("claims.column.off"): w("claims.all on") if switch == ALL_ON else w.said(f"switch.{switch}", str(switch)), **told})
    return rows


def _target_rows(table: pd.DataFrame, w: Words = ENGLISH, *, shipped: bool = False) -> Rows:
    return [
        {
            w("targets.column.target"): t["id"],
            w("targets.column.quantity"): t["quantity"].partition(" (")[0],
            w("targets.column.period"): t["period"],
            w("targets.column.value"): _value(t, w),
            w("targets.column.wanted"): w("targets.never")
            if isnan(t["target"])
            else f"{_in_unit(t['target'], t['unit'], w)} ± {w.shown(t['unit']).text(_figure(t['tolerance']), grouped=True)}",
            w("targets.column.unit"): w.said(f"spoken.{t['unit']}", w.said(f"column.{t['unit']}", w.shown(t["unit"]).name)),
            w("targets.column.verdict"): _judged(t["verdict"], _misses(t, w), w),
            w("targets.column.role"): w.said(f"role.{t['role']}", t["role"]),
            w("targets.column.source"): t["source"],
        }
        for t in _named(table, w, shipped=shipped).to_dict("records")
    ]


def _named(table: pd.DataFrame, w: Words, *, shipped: bool) -> pd.DataFrame:
    """Judged targets with quantity, period and source in a language; those of a user's own table stay as they are."""
    if not shipped:
        return table
    return table.assign(
        quantity=[w.said(f"target.{i}", q) for i, q in zip(table["id"], table["quantity"], strict=True)],
        period=[w.said(f"period.{p}", p) for p in table["period"]],
        source=[w.said(f"source.{s}", s) for s in table["source"]],
    )


def _judged(verdict: str, misses: str, w: Words) -> str:
    """Whether a target passes, and what it misses."""
    said = w.said(f"judged.{verdict}", verdict)
    return w.aside(said, misses) if misses else said


def _misses(t: Mapping[str, Any], w: Words) -> str:
    """What a target misses; of what never came about, how often it does."""
    return w("targets.came", n=t["runs"], all=t["of"]) if t["misses"] and isnan(t["target"]) else _missed(t["misses"], w)


def _missed(names: str, w: Words) -> str:
    return w("list.comma").join(w.said(f"missed.{name}", name) for name in names.split(LISTED) if name)


def _passed_documents(table: pd.DataFrame, w: Words) -> list[str]:
    """How many targets on documents pass of those that the process is free to miss; of the others, which pass whatever it does, apart."""
    passed, n = table["verdict"] == PASS, table["matched_by"].value_counts()
    counts = {f"{by}_{what}": int(x) for by in MATCHES for what, x in (("n", passed[table["matched_by"] == by].sum()), ("all", n[by]))}
    return [w("targets.passed.documents", seeds=DOCUMENT_SEEDS, **counts)]


def _document_rows(table: pd.DataFrame, w: Words) -> Rows:
    rows = []
    instruments = {i.id: lower(i.name_en) for i in documented()}
    for t in _named(table, w, shipped=True).to_dict("records"):
        pattern = isnan(t["target"])
        verdict, _, misses = t["verdict"].partition(": ")
        mean, lo, hi = (_figure(t[key]) for key in ("mean", "lo", "hi"))
        part = [w.said(f"part.{t['part']}", instruments.get(t["part"], t["part"]))] if t["part"] else []
        rows.append(
            {
                w("targets.column.target"): t["id"],
                w("targets.column.quantity"): w("list.colon").join([t["quantity"], *part]),
                w("targets.column.period"): t["period"],
                w("targets.column.value"): w("targets.share", mean=mean) if pattern else f"{mean} [{w('interval', lo=lo, hi=hi)}]",
                w("targets.column.wanted"): w("targets.holds") if pattern else f"{_figure(t['target'])} ± {_figure(t['tolerance'])}",
                w("targets.column.verdict"): _judged(verdict, _missed(misses, w), w),
                w("targets.column.role"): w.said(f"role.{t['role']}", t["role"]),
                w("targets.column.matched"): w(f"targets.matched.{t['matched_by']}"),
                w("targets.column.source"): t["source"],
            }
        )
    return rows


def _value(t: Mapping[str, Any], w: Words) -> str:
    if t["verdict"] == NO_VALUE:
        return "–"
    mean, lo, hi = (_in_unit(t[key], t["unit"], w) for key in ("mean", "lo", "hi"))
    some = w("targets.value.some", n=t["runs"], all=t["of"]) if t["runs"] < t["of"] else ""  # in the others it does not come about
    return f"{mean} [{w('interval', lo=lo, hi=hi)}]{some}"


def _figure(value: float, unit: str = "") -> str:
    """A number of a target, whatever its unit: as many decimals as its size asks for; a date as a year with two."""
    return f"{value:.2f}" if unit == "year" and isfinite(value) else number(value)


def _in_unit(value: float, unit: str, w: Words) -> str:
    """A number of a target in the unit that stands beside it."""
    return w.shown(unit).text(_figure(value, unit), grouped=True)


def _markdown(rows: Rows) -> str:
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
