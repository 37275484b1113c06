"""Power, and how states feel about it."""

from __future__ import annotations

import math

import numpy as np

from ecsim.arguments import Terms
from ecsim.kernels.arrays import total, write
from ecsim.kernels.jit import kernel, part
from ecsim.world import CHALLENGER, INCUMBENT, Array

TINY = 1e-12
YEAR = 4  # quarters
QUARTERLY_PERCENT = 400.0  # percent a year in one a quarter


@kernel
def perceive_power(
    now: Array,
    gdp_ppp: Array,
    gerd: Array,
    military_spending: Array,
    gdp: Array,
    gdp_baseline: Array,
    value_owner: Array,
    power: Array,
    ratio_path: Array,
    terms_power: Terms,
    terms_market: Terms,
) -> None:
    """Governments see power as world shares: GDP, technology and the military, or one measure alone."""
    p, t = terms_power, min(now[0], len(gerd) - 1)
    drift = np.ones(len(gdp))
    drift[CHALLENGER] = math.exp(terms_market.challenger_growth / QUARTERLY_PERCENT * now[0])
    effect = gdp / np.maximum(gdp_baseline, TINY) * drift
    nominal, ppp, gerd_share = gdp / total(gdp), gdp_ppp[t] * effect, gerd[t] * effect
    ppp /= total(ppp)
    gerd_share /= total(gerd_share)
    tech, military = value_owner / total(value_owner), military_spending[t] * drift
    military /= total(military)
    composite = np.empty(len(gdp))
    for m in range(len(gdp)):
        rest = (1.0 - p.weight_gdp - p.weight_tech) * math.log(max(military[m], TINY))
        composite[m] = math.exp(p.weight_gdp * math.log(nominal[m]) + p.weight_tech * math.log(max(tech[m], TINY)) + rest)
    composite /= total(composite)
    for i, shares in enumerate((composite, nominal, ppp, gerd_share)):
        ratio_path[now[0], i] = shares[CHALLENGER] / max(shares[INCUMBENT], TINY)
        if i == p.metric:
            write(power, shares)


@kernel
def feel(
    now: Array,
    ratio_path: Array,
    gap_path: Array,
    denied_share: Array,
    anxiety: Array,
    unease: Array,
    dissatisfaction: Array,
    conflict: Array,
    terms_power: Terms,
    terms_documents: Terms,
) -> None:
    """The incumbent grows anxious, about power and about technology, as parity nears; the challenger dissatisfied as it is denied."""
    p, t = terms_power, now[0]
    ratios = ratio_path[:, int(p.metric)]
    ratio = ratios[t]
    near = (ratio - p.parity_lo) / (1.0 - p.parity_lo)
    anxiety[INCUMBENT] += p.anxiety_speed * (_alarm(t, ratios, gap_path, p) - anxiety[INCUMBENT])
    unease[0] += p.anxiety_speed * (_alarm(t, ratio_path[:, int(terms_documents.metric)], gap_path, p) - unease[0])
    hurt = p.dissatisfaction_base + p.dissatisfaction_denial * denied_share[0] + p.dissatisfaction_parity * near
    dissatisfaction[CHALLENGER] += p.dissatisfaction_speed * (_logistic(hurt) - dissatisfaction[CHALLENGER])
    conflict[0] = math.exp(-(((ratio - 1.0) / p.conflict_width) ** 2)) * dissatisfaction[CHALLENGER] ** p.conflict_exponent


@part
def _alarm(t: int, ratios: Array, gap_path: Array, p: Terms) -> float:
    """Where anxiety is heading, 0..1: nearness to parity and its change by a measure of power, and catch-up in technology."""
    before = max(0, t - YEAR)
    near = (ratios[t] - p.parity_lo) / (1.0 - p.parity_lo)
    closed, known = 0.0, 0
    for product in range(gap_path.shape[1]):
        x = gap_path[before, product] - gap_path[max(t - 1, before), product]
        if math.isfinite(x):
            closed += x
            known += 1
    catch_up = closed / known if known else 0.0
    drivers = p.anxiety_parity * near + p.anxiety_trend * (ratios[t] - ratios[before]) + p.anxiety_catchup * catch_up
    return float(_logistic(p.anxiety_base + drivers))


@part
def _logistic(x: float) -> float:
    return (1.0 + math.tanh(x / 2.0)) / 2.0
