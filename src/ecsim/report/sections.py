"""The parts of the report as plain structures that the template only has to lay out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ecsim.analysis.compare import Comparison
from ecsim.analysis.estimate import BCA_MIN, wilson
from ecsim.analysis.measures import COSTS, GROUPS, HEADLINE, PURPOSES, measure
from ecsim.analysis.study import FEW_DRAWS, NO_CONTROL
from ecsim.analysis.text.words import Words, scale_beside
from ecsim.report import style
from ecsim.report.figures.scorecard import MARK
from ecsim.report.figures.scorecard import table as shaded

ROWS_SHOWN = 60  # of a twin table; the CSV file has all
VERDICT_CLASS = {"clear": "good", "holds": "good", "suggestive": "fair", "mixed": "fair", "fails": "bad"}


def key_view(c: Comparison, w: Words) -> dict[str, Any]:
    """The headline table of the first screen: what is achieved, what it costs, and which policy does better.

    With many policies (and so no main contrast) the template turns it: one row a policy.
    """
    main = shaded(c)
    shade = {} if main is None else main.set_index(["outcome", "policy"])["shade"].to_dict()
    means = c.scorecard.set_index(["outcome", "policy"])["mean"].to_dict()
    groups = []
    for name, purposes in (("purposes", PURPOSES), ("costs", COSTS)):
        rows = []
        for outcome in (HEADLINE[p] for p in purposes):
            if any(math.isfinite(means.get((outcome, p), math.nan)) for p in c.policies):
                unit = measure(outcome).unit
                cells = [{"value": w.number(means[outcome, p], unit), "colour": _mix(shade.get((outcome, p), 0.0))} for p in c.policies]
                rows.append({"name": w.outcome(outcome), "unit": w.column(unit), "cells": cells} | _contrast(c, outcome, w))
        if rows:
            groups.append({"name": w(f"purpose.group.{name}"), "rows": rows})
    names = {"a": w.policy(c.focal[0]), "b": w.policy(c.focal[1])} if c.focal else {"a": "", "b": ""}
    return {
        "policies": [w.policy(p) for p in c.policies],
        "labels": list(c.policies),
        "difference": w("summary.difference", **names) if c.focal else "",
        "subject": w("key.subject", **names),
        "turned": c.focal is None and len(c.policies) > 1,
        "caption": w(_key_caption(c)),
        "how": _key_how(c, w),
        "groups": groups,
    }


def _key_caption(c: Comparison) -> str:
    if len(c.study.ok) == 1:
        return "key.caption.one"
    return ("key.caption" if c.focal else "key.caption.means") + (".seeds" if c.study.by_seed else "")


def _key_how(c: Comparison, w: Words) -> str:
    """How to read the headline table."""
    parts = []
    if len(c.policies) > 1:
        parts.append(w("key.how.colour.none" if NO_CONTROL in c.policies else "key.how.colour.mean"))
    if c.focal:
        parts.append(w("key.how.holds"))
    return w("sentence.space").join([*parts, w("key.how.units")])


def _contrast(c: Comparison, outcome: str, w: Words) -> dict[str, str]:
    """The main difference with its interval, and in words which policy does better and how often."""
    row = c.row(outcome, *c.focal) if c.focal else None
    if row is None or c.focal is None:
        return {"difference": "", "interval": "", "verdict": "", "class": "open", "holds": ""}
    unit, verdict = str(row["unit"]), str(row["verdict"])
    text, better = w(f"verdict.{verdict}"), row["difference"] * row["better"] > 0
    if verdict in ("clear", "suggestive"):
        text = w(f"key.{'better' if better else 'worse'}{'' if verdict == 'clear' else '.hint'}")
    scale = scale_beside(row)
    interval = "" if verdict in ("no interval", "same") else f"[{w.interval(row['lo'], row['hi'], unit, scale)}]"
    holds = w.share(row["holds"]) if verdict in ("clear", "suggestive", "none shown") else ""
    mark = {"clear": "better" if better else "worse", "suggestive": "fair"}.get(verdict, "open")
    return {
        "difference": w.number(row["difference"], unit, signed=True, scale=scale),
        "interval": interval,
        "verdict": text,
        "class": mark,
        "holds": holds,
    }


def scorecard_view(c: Comparison, w: Words) -> dict[str, Any]:
    """Groups of rows: purposes, costs, then the other indicators; each row with unit, mark and shaded cells."""
    main = shaded(c)
    shade = {} if main is None else main.set_index(["outcome", "policy"])["shade"].to_dict()
    best = _best(c)
    groups = []
    for purpose in GROUPS:
        rows = []
        for outcome in pd.unique(c.scorecard[c.scorecard["purpose"] == purpose]["outcome"]):
            m = measure(outcome)
            cells = c.scorecard[c.scorecard["outcome"] == outcome].set_index("policy")
            if cells["mean"].isna().all():
                continue
            texts = [_cell(cells.loc[p], m.unit, w, shade.get((outcome, p), 0.0), best.get(outcome) == p) for p in c.policies]
            rows.append(
                {
                    "name": w.outcome(outcome),
                    "doc": m.doc,
                    "unit": w.column(m.unit),
                    "mark": MARK[m.better],
                    "better": w(f"better.{m.better}"),
                    "cells": texts,
                }
            )
        if rows:
            groups.append({"name": w(f"purpose.{purpose}"), "kind": _kind(purpose), "rows": rows})
    return {"policies": [w.policy(p) for p in c.policies], "labels": list(c.policies), "groups": groups, "how": _scorecard_how(c, w)}


def _scorecard_how(c: Comparison, w: Words) -> str:
    """How to read the scorecard: means and intervals where there are several runs, the best policy where there are several."""
    one = len(c.study.ok[["draw", "seed"]].drop_duplicates()) == 1
    means = "scorecard.how.seeds" if c.study.by_seed else "scorecard.how.means"
    parts = [w("scorecard.how.one" if one else means), w("scorecard.how")]
    return w("sentence.space").join([*parts, w("scorecard.how.best")] if len(c.policies) > 1 and not one else parts)


def _kind(purpose: str) -> str:
    return "purpose" if purpose in PURPOSES else "cost" if purpose in COSTS else "other"


def _cell(row: pd.Series, unit: str, w: Words, shade: float, best: bool) -> dict[str, Any]:
    interval = w.interval(row["lo"], row["hi"], unit) if math.isfinite(row["lo"]) and row["lo"] != row["hi"] else ""
    missing = w("scorecard.missing", n=int(row["missing"]), runs=int(row["runs"])) if row["missing"] else ""
    return {"value": w.number(float(row["mean"]), unit), "interval": interval, "missing": missing, "colour": _mix(shade), "best": best}


def _mix(shade: float) -> str:
    """A light tint of better or worse, so that dark text stays readable."""
    if shade == 0 or not math.isfinite(shade):
        return "transparent"
    base = style.BETTER if shade > 0 else style.WORSE
    return style.tint(base, 0.08 + 0.34 * abs(shade))


def _best(c: Comparison) -> dict[str, str]:
    """Outcome -> the policy that is clearly better than every other."""
    d = c.differences
    if d.empty:
        return {}
    found = {}
    wins: dict[tuple[str, str], int] = {}
    clear = d[(d["verdict"] == "clear") & (d["better"] != 0)]
    for r in clear.to_dict("records"):
        winner = r["a"] if r["difference"] * r["better"] > 0 else r["b"]
        wins[r["outcome"], winner] = wins.get((r["outcome"], winner), 0) + 1
    for (outcome, policy), n in wins.items():
        if n == len(c.policies) - 1:
            found[outcome] = policy
    return found


def twin_view(t: pd.DataFrame, csv: Path, w: Words) -> dict[str, Any]:
    """A twin table for the template, cut at `ROWS_SHOWN` rows."""
    text = t.astype(object).where(t.notna(), "–").map(str)
    more = len(text) - ROWS_SHOWN
    note = w("table.more", n=more, file=f"{csv.parent.name}/{csv.name}") if more > 0 else ""
    return {"columns": [str(c) for c in text.columns], "rows": text.head(ROWS_SHOWN).to_numpy().tolist(), "more": note}


def claims_rows(c: Comparison, w: Words) -> list[dict[str, str]]:
    """The claims with test, share, verdict; or with what would be needed to test them."""
    rows = []
    for r in c.claims.to_dict("records"):
        key = f"claim.{r['claim']}"
        tested = r["verdict"] != "not tested"
        share = w.share(r["share"]) + (f" ({w('interval', lo=w.share(r['lo']), hi=w.share(r['hi']))})" if math.isfinite(r["lo"]) else "")
        note = (
            w("table.needs") + w("list.colon") + w(key + ".needs")
            if not tested and r["missing"]
            else w.said(f"note.{r['note']}", r["note"])
        )
        each = w("list.semicolon").join(f"{w.outcome(p.rsplit(' ', 1)[0])} {p.rsplit(' ', 1)[1]}" for p in r["conditions"].split("; ") if p)
        rows.append(
            {
                "statement": w(key),
                "test": w(key + ".test"),
                "share": share if tested else "–",
                "each": each,
                "verdict": w(f"verdict.{r['verdict']}"),
                "class": VERDICT_CLASS.get(r["verdict"], "open"),
                "note": note,
            }
        )
    return rows


def _note(r: Mapping[str, Any], w: Words) -> str:
    """What the reader must know of a difference; how many pairs have no value is counted anew."""
    missing = r["pairs"] - r["replicates"]
    said = r["note"].split("; ")[: -1 if missing else None]
    counted = [w("note.missing", n=missing, all=r["pairs"])] if missing else []
    return w("list.semicolon").join([*(w.said(f"note.{text}", text) for text in said if text), *counted])


def differences_view(c: Comparison, w: Words) -> list[dict[str, Any]]:
    """All differences, one table a contrast."""
    d = c.differences
    views = []
    for a, b in dict.fromkeys(zip(d["a"], d["b"], strict=True)) if len(d) else []:
        rows = []
        for r in d[(d["a"] == a) & (d["b"] == b)].to_dict("records"):
            u = r["unit"]
            scale = scale_beside(r)
            rows.append(
                [
                    w.outcome(r["outcome"]),
                    w.amount(r["difference"], u, signed=True, difference=True, scale=scale),
                    w.interval(r["lo"], r["hi"], u, scale),
                    w.interval(r["q05"], r["q95"], u),
                    w.share(r["p_better"]),
                    w(f"verdict.{r['verdict']}"),
                    _note(r, w),
                ]
            )
        columns = ["table.outcome", "table.difference", "table.interval", "table.p90", "table.better", "table.verdict", "table.note"]
        views.append({"name": f"{w.policy(a)} − {w.policy(b)}", "columns": [w(k) for k in columns], "rows": rows})
    return views


def limits(c: Comparison, w: Words) -> list[str]:
    """What the reader must not read into the numbers."""
    draws, _, _ = c.study.replicates(c.policies)
    found = [
        w("limit.model"),
        w("limit.forecast"),
        w("limit.cost"),
        w("limit.parameters"),
        w("limit.structure"),
        w("limit.metric"),
        w("limit.conflict"),
        w("limit.horizon", end=c.end_year),
        w("limit.cite", few=FEW_DRAWS),
    ]
    if draws > 1:
        margin = 100 * wilson(0.0, draws)[1]
        found.insert(1, w("limit.few", draws=w.count("draw", draws), margin=f"{margin:.0f}"))
    if 1 < draws < BCA_MIN:
        found.insert(2, w("limit.symmetric", bca=BCA_MIN))
    return found
