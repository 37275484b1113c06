"""Which policy is robust: regret, satisficing, maximin over the draws (Lempert et al. 2003; McPhail et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecsim.analysis.estimate import share_interval, snap
from ecsim.analysis.measures import measure
from ecsim.analysis.study import NO_CONTROL

REGRET = 0.9  # quantile of regret that is shown
COLUMNS = [
    *("policy", "outcome", "unit", "mean", "maximin", "p10", "regret", "regret_90", "regret_worst"),
    *("satisficing", "satisficing_lo", "satisficing_hi", "draws"),
]


def robustness_table(runs: pd.DataFrame, policies: Sequence[str], outcomes: Sequence[str]) -> pd.DataFrame:
    """policy, outcome, unit, mean, maximin (worst draw), p10 (the draw that nine in ten beat), regret (mean), regret_90, regret_worst,
    satisficing, satisficing_lo, satisficing_hi, draws.

    Regret is measured against the best policy of the same draw. Satisficing is the share of draws in which the policy does at least as
    well as no controls; without no controls in the study, at least as well as the median of all policies and draws. Values are those
    of the outcome itself; "worst" is by the direction that serves the controlling side.
    """
    rows = []
    for outcome in outcomes:
        better = measure(outcome).better
        if not better:
            continue
        wide = runs[runs["policy"].isin(policies)].pivot_table(index="draw", columns="policy", values=outcome).dropna() * better
        if wide.empty:
            continue
        short = wide.max(axis=1).to_numpy()[:, None] - wide
        for policy in (p for p in policies if p in wide):
            own = wide[policy].to_numpy()
            floor = wide[NO_CONTROL].to_numpy() if NO_CONTROL in wide else np.full(len(own), np.median(wide.to_numpy()))
            gain = snap(own - floor, np.maximum(np.abs(own), np.abs(floor)))
            share = share_interval((gain >= 0).astype(float), wide.index.to_numpy())
            regret = short[policy].to_numpy()
            rows.append(
                {
                    "policy": policy,
                    "outcome": outcome,
                    "unit": measure(outcome).unit,
                    "mean": better * float(own.mean()),
                    "maximin": better * float(own.min()),
                    "p10": better * float(np.quantile(own, 0.1)),
                    "regret": float(regret.mean()),
                    "regret_90": float(np.quantile(regret, REGRET)),
                    "regret_worst": float(regret.max()),
                    "satisficing": share.value,
                    "satisficing_lo": share.lo,
                    "satisficing_hi": share.hi,
                    "draws": len(own),
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)
