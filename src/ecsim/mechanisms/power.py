"""Power transition: who is how strong in which measure, and what that does to anxiety, dissatisfaction and conflict."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.mechanisms.permission import logistic
from ecsim.world import CHALLENGER, INCUMBENT, World

METRICS = ("composite", "nominal", "ppp", "gerd")
TINY = 1e-12
YEAR = 4  # quarters
QUARTERLY_PERCENT = 400.0  # percent a year in one a quarter


@mechanism(
    Phase.PERCEIVE,
    reads="quarter gdp gdp_baseline value_owner",
    writes="power ratio_path",
    source="Organski and Kugler 1980; Tammen et al. 2000; de Soysa, Oneal and Park 1997",
)
def perceive_power(w: World) -> None:
    """Governments see power as world shares: GDP, technology and the military, or one measure alone."""
    shares = power_shares(w)
    w.power[:] = shares[METRICS.index(w.params.power.metric)]
    w.ratio_path[w.quarter] = shares[:, CHALLENGER] / np.maximum(shares[:, INCUMBENT], TINY)


def power_shares(w: World) -> Array:
    """World shares by measure, shape (4, S), in the order of `METRICS`."""
    e, p = w.economy, w.params.power
    t = min(w.quarter, len(e.gdp_nominal) - 1)
    effect = w.gdp / np.maximum(w.gdp_baseline, TINY)
    drift = np.ones(e.n_states)
    drift[CHALLENGER] = np.exp(w.params.market.challenger_growth / QUARTERLY_PERCENT * w.quarter)
    nominal = _share(w.gdp)
    ppp = _share(e.gdp_ppp[t] * effect * drift)
    gerd = _share(e.gerd[t] * effect * drift)
    tech = _share(w.value_owner)
    military = _share(e.military_spending[t] * drift)
    rest = 1.0 - p.weight_gdp - p.weight_tech
    composite = nominal**p.weight_gdp * np.maximum(tech, TINY) ** p.weight_tech * np.maximum(military, TINY) ** rest
    return np.stack([_share(composite), nominal, ppp, gerd])


def _share(x: Array) -> Array:
    return x / x.sum()


def power_ratio(w: World) -> float:
    """Challenger over incumbent in the chosen measure, this quarter."""
    return float(w.ratio_path[w.quarter, METRICS.index(w.params.power.metric)])


def _alarm(w: World, metric: str) -> float:
    """Where anxiety is heading, 0..1: nearness to parity and its change by a measure of power, and catch-up in technology."""
    p, t = w.params.power, w.quarter
    before = max(0, t - YEAR)
    ratios = w.ratio_path[:, METRICS.index(metric)]
    near = (ratios[t] - p.parity_lo) / (1.0 - p.parity_lo)
    trend = ratios[t] - ratios[before]
    closed = w.gap_path[before] - w.gap_path[max(t - 1, before)]
    known = closed[np.isfinite(closed)]
    catch_up = float(known.mean()) if len(known) else 0.0
    return float(logistic(p.anxiety_base + p.anxiety_parity * near + p.anxiety_trend * trend + p.anxiety_catchup * catch_up))


@mechanism(
    Phase.PERCEIVE,
    reads="quarter ratio_path gap_path anxiety unease dissatisfaction denied_share",
    writes="anxiety unease dissatisfaction conflict",
    source="Organski and Kugler 1980; second seed paper 3.1",
)
def feel(w: World) -> None:
    """The incumbent grows anxious, about power and about technology, as parity nears; the challenger dissatisfied as it is denied."""
    p, t = w.params.power, w.quarter
    ratios = w.ratio_path[:, METRICS.index(p.metric)]
    near = (ratios[t] - p.parity_lo) / (1.0 - p.parity_lo)
    w.anxiety[INCUMBENT] += p.anxiety_speed * (_alarm(w, p.metric) - w.anxiety[INCUMBENT])
    w.unease[0] += p.anxiety_speed * (_alarm(w, w.params.documents.metric) - w.unease[0])
    hurt = p.dissatisfaction_base + p.dissatisfaction_denial * w.denied_share[0] + p.dissatisfaction_parity * near
    w.dissatisfaction[CHALLENGER] += p.dissatisfaction_speed * (float(logistic(hurt)) - w.dissatisfaction[CHALLENGER])
    w.conflict[0] = np.exp(-(((ratios[t] - 1.0) / p.conflict_width) ** 2)) * w.dissatisfaction[CHALLENGER] ** p.conflict_exponent
