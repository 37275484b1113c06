"""Claims with one mechanism switched off at a time: which equation is responsible for a verdict.

Needs runs with columns `arm` and `switch`, where every switch has every arm on the same draws and seeds, so that
the change of a claim's share is a paired one. Changes are tested against chance; p values are adjusted for the
number of switches (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ecsim.analysis.claims import CLAIMS, Claim, claims_table, margins_of, missing_of
from ecsim.analysis.estimate import holm, mean_interval, p_value
from ecsim.experiment.arms import ALL_ON

SIGNIFICANT = 0.05
TINY = 1e-12


def switch_table(runs: pd.DataFrame, claims: tuple[Claim, ...] = CLAIMS) -> pd.DataFrame:
    """Every claim under every switch, one row each.

    Columns: claim, switch, verdict, share, lo, hi, draws, conditions, missing, note; change (of the share against all
    mechanisms on, paired), change_lo, change_hi, p (adjusted); decisive (the outcome of the condition that the claim
    hangs on), margin (by how much it holds, mean), margin_change, margin_p (adjusted).
    """
    decisive = {claim.key: decisive_condition(claim, _arms(runs, ALL_ON)) for claim in claims}
    table = pd.concat([_under(switch, runs, claims, decisive) for switch in switches_of(runs)], ignore_index=True)
    for _, rows in table.groupby("claim", sort=False):
        for column in ("p", "margin_p"):
            table.loc[rows.index, column] = holm(rows[column].to_numpy(dtype=float))
    return table


def responsible(table: pd.DataFrame) -> pd.DataFrame:
    """One row a claim: the mechanism whose absence moves the share most; where none moves it, the decisive margin most.

    Columns: claim, verdict, share, lo, hi, draws, conditions, missing, note, decisive, margin as in `switch_table`; moved ("share",
    "margin" or ""), switch (several, if equally), verdict_off, share_off, margin_off, p (of what moved), turned_by
    (all whose absence changes the verdict).
    """
    return pd.DataFrame([_blame(rows) for _, rows in table.groupby("claim", sort=False)])


def switches_of(runs: pd.DataFrame) -> list[str]:
    """Names of the switches, all mechanisms on first."""
    return [ALL_ON, *(s for s in dict.fromkeys(runs["switch"]) if s != ALL_ON)]


def decisive_condition(claim: Claim, runs: pd.DataFrame) -> int:
    """Number of the condition that a claim hangs on: the one that holds least often, of equals the one nearest to failing."""
    if missing_of(claim, runs) or (margins := margins_of(claim, runs)).empty:
        return 0
    spread = margins.std(ddof=0).to_numpy()
    distance = np.abs(margins.mean().to_numpy()) / np.maximum(spread, TINY)
    return int(np.lexsort((distance, (margins > 0).mean().to_numpy()))[0])


def _under(switch: str, runs: pd.DataFrame, claims: tuple[Claim, ...], decisive: Mapping[str, int]) -> pd.DataFrame:
    on, off = (_arms(runs, name) for name in (ALL_ON, switch))
    keep = ["claim", "verdict", "share", "lo", "hi", "draws", "conditions", "missing", "note"]
    changes = [_change(claim, decisive[claim.key], on, off, switch) for claim in claims]
    return pd.concat([claims_table(off, claims)[keep], pd.DataFrame(changes)], axis=1).assign(switch=switch)


def _arms(runs: pd.DataFrame, switch: str) -> pd.DataFrame:
    """The runs under a switch, each by the name of its arm."""
    rows = runs[runs["switch"] == switch]
    return rows.assign(policy=rows["arm"])


def _change(claim: Claim, decisive: int, on: pd.DataFrame, off: pd.DataFrame, switch: str) -> dict[str, object]:
    """How share and decisive margin change when a mechanism is switched off; NaN where it cannot be told."""
    told: dict[str, object] = {"decisive": claim.conditions[decisive].outcome}
    told |= dict.fromkeys(("margin", "change", "change_lo", "change_hi", "p", "margin_change", "margin_p"), math.nan)
    if missing_of(claim, on) or missing_of(claim, off):
        return told
    before, after = (margins_of(claim, rows) for rows in (on, off))
    before, after = before.align(after, join="inner", axis=0)
    told["margin"] = float(after.iloc[:, decisive].mean())
    if switch == ALL_ON:
        return told
    draws = after.index.get_level_values("draw").to_numpy()
    hits = (after > 0).all(axis=1).to_numpy(dtype=float) - (before > 0).all(axis=1).to_numpy(dtype=float)
    margins = (after - before).iloc[:, decisive].to_numpy()
    e = mean_interval(hits, draws, key=f"{claim.key}|{switch}")
    told |= {"change": e.value, "change_lo": e.lo, "change_hi": e.hi, "p": p_value(hits, draws)}
    return told | {"margin_change": float(margins.mean()), "margin_p": p_value(margins, draws)}


def _blame(rows: pd.DataFrame) -> dict[str, object]:
    on = rows[rows["switch"] == ALL_ON].iloc[0]
    off = rows[rows["switch"] != ALL_ON]
    kept = ("claim", "verdict", "share", "lo", "hi", "draws", "conditions", "missing", "note", "decisive", "margin")
    told: dict[str, object] = {name: on[name] for name in kept}
    moved, p, most = "share", "p", _largest(off, "change")
    if most.empty:
        moved, p, most = "margin", "margin_p", _largest(off, "margin_change")
    told |= {
        "moved": "",
        "switch": ", ".join(most["switch"]),
        "verdict_off": "",
        "share_off": math.nan,
        "margin_off": math.nan,
        "p": math.nan,
    }
    if len(most):
        first = most.iloc[0]
        told |= {"moved": moved, "p": first[p], **{f"{name}_off": first[name] for name in ("verdict", "share", "margin")}}
    return told | {"turned_by": ", ".join(off.loc[off["verdict"] != on["verdict"], "switch"])}


def _largest(off: pd.DataFrame, column: str) -> pd.DataFrame:
    """The switches with the largest change; none where nothing changes."""
    size = np.abs(off[column].to_numpy(dtype=float))
    if not np.isfinite(size).any() or np.nanmax(size) <= TINY:
        return off.iloc[:0]
    return off[size == np.nanmax(size)]
