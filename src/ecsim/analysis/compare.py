"""All tables of a comparison at once, and the short table that ends it on a terminal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecsim.analysis.chance import over_seeds
from ecsim.analysis.claims import claims_table
from ecsim.analysis.drivers import drivers_table
from ecsim.analysis.estimate import mean_interval
from ecsim.analysis.factorial import factorial_effects, factors_of
from ecsim.analysis.measures import COSTS, HEADLINE, PURPOSES, measure, sort_outcomes
from ecsim.analysis.paired import APART, BAND, CLEAR, contrasts_of, differences, focal_pair
from ecsim.analysis.study import Study, date_of
from ecsim.analysis.text.columns import as_text
from ecsim.analysis.text.words import Words, scale_beside
from ecsim.analysis.tradeoff import EFFECTS, equal_cost, families_of, pareto_table, regret_table
from ecsim.analysis.variance import variance_table
from ecsim.outcomes import IN

FULL_CONTRASTS = 6  # with more policies than this, only those against no controls and the main one
DESIGN_OUTCOMES = ("gap_added", "unmet_need", "power_ratio_change", "home_revenue", "leverage")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Every table of a comparison, tidy (one row a fact), made when asked for: the end of a single run needs two of them.

    Attributes:
        study: what they are made from.
    """

    study: Study

    @property
    def policies(self) -> tuple[str, ...]:
        """Labels of the policies compared."""
        return self.study.core_policies

    @cached_property
    def focal(self) -> tuple[str, str] | None:
        """The main contrast, None when there is only one policy."""
        return focal_pair(self.policies, self.study.free)

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """Policy, outcome, unit, purpose, better, mean, lo, hi, q05, q95, runs, draws, missing, note."""
        return scorecard(self.study.core, self._outcomes, self.policies)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """See `paired.differences`."""
        contrasts = contrasts_of(self.policies, self.study.free)
        if len(self.policies) > FULL_CONTRASTS:
            contrasts = [c for c in contrasts if c[1] == "none" or c == self.focal]
        return differences(self.study.core, self._outcomes, contrasts)

    @cached_property
    def variance(self) -> pd.DataFrame:
        """See `variance.variance_table`, for the headline outcomes."""
        return variance_table(self.study.core, self._heads, self.policies, self.focal)

    @cached_property
    def pareto(self) -> pd.DataFrame:
        """Effect (outcome), policy, effect_mean, cost, front."""
        return _stack({e: pareto_table(self.study.core, e).rename(columns={"effect": "effect_mean"}) for e in self._effects})

    @cached_property
    def regret(self) -> pd.DataFrame:
        """See `tradeoff.regret_table`."""
        return regret_table(self.study.core, self.policies)

    @cached_property
    def equal_cost(self) -> pd.DataFrame:
        """Outcome and the columns of `tradeoff.equal_cost`; empty without families."""
        return _stack({e: equal_cost(families_of(self.study.ok, e), key=e) for e in self._effects})

    @cached_property
    def factorial(self) -> pd.DataFrame:
        """See `factorial.factorial_effects`; empty without a factorial."""
        designs = [o for o in DESIGN_OUTCOMES if o in self._outcomes]
        return factorial_effects(self.study.ok, designs) if factors_of(self.study.ok) else pd.DataFrame()

    @cached_property
    def claims(self) -> pd.DataFrame:
        """See `claims.claims_table`."""
        return claims_table(self.study.ok)

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """See `drivers.drivers_table`, for the main contrast and the headline outcomes."""
        return drivers_table(self.study.core, self.study.parameters, self._heads, self.focal) if self.focal else pd.DataFrame()

    @cached_property
    def _outcomes(self) -> list[str]:
        return sort_outcomes(self.study.outcomes)

    @property
    def _heads(self) -> list[str]:
        return [o for o in HEADLINE.values() if o in self._outcomes]

    @property
    def _effects(self) -> list[str]:
        return [e for e in EFFECTS if e in self._outcomes] if "home_revenue" in self._outcomes else []

    def row(self, outcome: str, a: str, b: str) -> dict[str, Any] | None:
        """The row of differences for an outcome and a contrast, or None."""
        d = self.differences
        if d.empty:
            return None
        found = d[(d["outcome"] == outcome) & (d["a"] == a) & (d["b"] == b)]
        return None if found.empty else {str(k): v for k, v in found.iloc[0].to_dict().items()}

    def opposed(self, purpose: str, a: str, b: str) -> list[str]:
        """Outcomes that clearly differ the other way than the one that stands for their purpose, where that one differs."""
        head = self.row(HEADLINE[purpose], a, b)
        if head is None or head["verdict"] not in APART:
            return []
        d = self.differences
        rows = d[(d["a"] == a) & (d["b"] == b) & (d["purpose"] == purpose) & (d["verdict"] == CLEAR)]
        return [str(o) for o in rows.loc[rows["difference"] * rows["better"] * head["difference"] * head["better"] < 0, "outcome"]]

    @property
    def end_year(self) -> int:
        """Last year of the runs: from the manifest's number of quarters, else from the series."""
        return last_year_of(self.study)


def compare(study: Study) -> Comparison:
    """The tables of a study, each made when it is asked for."""
    return Comparison(study)


def scorecard(runs: pd.DataFrame, outcomes: list[str], policies: tuple[str, ...]) -> pd.DataFrame:
    """Mean of every outcome under every policy with its interval and the spread of replicates."""
    rows = []
    of_policy = {policy: runs[runs["policy"] == policy] for policy in policies}
    for outcome in outcomes:
        m = measure(outcome)
        for policy, chosen in of_policy.items():
            values = chosen[outcome].to_numpy(dtype=float)
            e = mean_interval(values, chosen["draw"].to_numpy(), key=f"{outcome}|{policy}")
            known = values[np.isfinite(values)]
            lo, hi = np.quantile(known, BAND) if len(known) > 1 else (math.nan, math.nan)
            rows.append(
                {
                    "policy": policy,
                    "outcome": outcome,
                    "unit": m.unit,
                    "purpose": m.purpose,
                    "better": m.better,
                    "mean": e.value,
                    "lo": e.lo,
                    "hi": e.hi,
                    "q05": float(lo),
                    "q95": float(hi),
                    "runs": len(values),
                    "draws": e.n,
                    "missing": len(values) - len(known),
                    "note": e.note,
                }
            )
    return pd.DataFrame(rows)


def tidy_tables(c: Comparison) -> dict[str, pd.DataFrame]:
    """The tables by name, without empty ones."""
    names = ("scorecard", "differences", "variance", "pareto", "regret", "equal_cost", "factorial", "claims", "drivers")
    return {n: t for n in names if len(t := getattr(c, n))}


def write_tables(c: Comparison, folder: Path) -> list[Path]:
    """The tables as CSV files.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tidy_tables(c).items():
        path = folder / f"{name}.csv"
        table.to_csv(path, index=False, lineterminator="\n")
        written.append(path)
    return written


def summary_table(c: Comparison, words: Words) -> pd.DataFrame:
    """The headline outcomes, one row each: mean and interval under each policy, the main difference, how often it holds.

    With several domains in the runs, the gap added in each follows.

    All cells are text, ready to print.
    """
    w = words
    rows = []
    heads = [HEADLINE[purpose] for purpose in (*PURPOSES, *COSTS)]
    for outcome in (*heads, *_added_by_domain(c)):
        cells = c.scorecard[c.scorecard["outcome"] == outcome].set_index("policy") if len(c.scorecard) else pd.DataFrame()
        if cells.empty:
            continue
        m = measure(outcome)
        row = {
            w("summary.outcome"): w.outcome(outcome),
            w("summary.unit"): w.unit(f"{m.unit}") or w.column(m.unit),
            w("summary.better"): w(f"better.{m.better}"),
        }
        for policy in c.policies:
            cell = cells.loc[policy]
            text = w.number(cell["mean"], m.unit)
            row[w.policy(policy)] = (
                f"{text} [{w.interval(cell['lo'], cell['hi'], m.unit)}]" if math.isfinite(cell["lo"]) and cell["lo"] != cell["hi"] else text
            )
        if c.focal is not None:
            row |= _contrast_cells(c, outcome, w)
        rows.append(row)
    return pd.DataFrame(rows)


def _added_by_domain(c: Comparison) -> list[str]:
    """The outcome "gap added" of each domain, where runs have several."""
    stem = f"{HEADLINE['lock_in']}{IN}"
    return [o for o in pd.unique(c.scorecard["outcome"]) if str(o).startswith(stem)] if len(c.scorecard) else []


def _contrast_cells(c: Comparison, outcome: str, w: Words) -> dict[str, str]:
    assert c.focal is not None
    a, b = c.focal
    d = c.row(outcome, a, b)
    title = w("summary.difference", a=w.policy(a), b=w.policy(b))
    if d is None:
        return {title: "–", w("summary.holds"): "–", w("summary.verdict"): "–"}
    unit = str(d["unit"])
    scale = scale_beside(d)
    text = w.number(d["difference"], unit, signed=True, scale=scale)
    if math.isfinite(d["lo"]):
        text += f" [{w.interval(float(d['lo']), float(d['hi']), unit, scale)}]"
    holds = w.share(d["holds"]) if math.isfinite(d["lo"]) else "–"  # of one replicate there is no share
    return {title: text, w("summary.holds"): holds, w("summary.verdict"): w(f"verdict.{d['verdict']}")}


def summary_text(c: Comparison, words: Words) -> str:
    """The summary table as plain text that fits the terminal, under its title and above the notes on the runs.

    With many policies it is turned (one row a policy) and holds means only.
    """
    many = c.focal is None and len(c.policies) > 1
    table = _means_by_policy(c, words) if many else summary_table(c, words)
    notes = [words(n.key, **n.values) for n in c.study.notes]
    if table.empty:
        return "\n".join(notes)
    draws, seeds, _ = c.study.replicates()
    title = (
        "summary.title.one"
        if draws * seeds == 1
        else ("key.caption.means.seeds" if c.study.by_seed else "key.caption.means")
        if many
        else "summary.title"
        if draws > 1
        else "summary.title.seeds"
    )
    return "\n".join([words(title), "", as_text(table.to_dict("records")), "", words("summary.how"), *over_seeds(c.study, words), *notes])


def _means_by_policy(c: Comparison, w: Words) -> pd.DataFrame:
    """One row a policy, one column a headline outcome."""
    heads = [o for o in HEADLINE.values() if o in set(c.scorecard["outcome"])]
    means = c.scorecard.set_index(["policy", "outcome"])["mean"]
    rows = []
    for policy in c.policies:
        cells = {f"{w.outcome(o)} ({w.column(measure(o).unit)})": w.number(means[policy, o], measure(o).unit) for o in heads}
        rows.append({w("table.policy"): w.policy(policy)} | cells)
    return pd.DataFrame(rows)


def last_year_of(study: Study) -> int:
    """Year in which the runs end."""
    quarters = _quarters(study.manifest)
    if quarters is None:
        rules = study.series("power_ratio")
        quarters = int(rules["quarter"].max()) + 1 if len(rules) else 72
    return int(date_of(quarters - 1))


def _quarters(manifest: object) -> int | None:
    """The number of quarters of the configuration, wherever it stands in the manifest."""
    if isinstance(manifest, dict):
        for key, value in manifest.items():
            if key in {"quarters", "time.quarters"} and isinstance(value, int):
                return value
            found = _quarters(value)
            if found is not None:
                return found
    return None


def _stack(parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    kept = [t.assign(outcome=name) for name, t in parts.items() if len(t)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
