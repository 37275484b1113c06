"""What holds at the ends of what may happen: less permission never delivers more, nothing is negative, and power stays a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ecsim
import tiny
from ecsim.errors import UserError
from ecsim.kernels.table import KERNELS
from ecsim.mechanisms.accounts import value
from ecsim.mechanisms.demand import final_orders
from ecsim.mechanisms.opening import open_world
from ecsim.mechanisms.power import perceive_power
from ecsim.model import ExportControlModel
from ecsim.params import REGISTRY, Params
from ecsim.world import CHALLENGER, World

ENGINES = {"reference": final_orders, "compiled": KERNELS["final_orders"]}
MARKET = 0  # of the phones of the tiny world, which two cells make
SHARES = st.floats(0.0, 1.0)


def world() -> World:
    p = tiny.quiet()
    return open_world(tiny.economy(p), p, seed=1)


def ordered(engine: str, share: float, passing: tuple[float, float]) -> tuple[float, float]:
    """Orders of a market over its demand, of which two cells have these shares and permissions."""
    w = world()
    phones = np.flatnonzero(w.economy.cell_product == w.economy.product_index["phone"])
    assert len(phones) == 2
    w.final_share[phones, MARKET] = share, 1.0 - share
    w.final_passing[phones, MARKET] = passing
    w.final_touched[phones] = True
    ENGINES[engine](w)
    first, second = w.final_request[phones, MARKET] / w.final_demand[w.economy.product_index["phone"], MARKET]
    return float(first), float(second)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40)
@given(share=SHARES, passing=st.tuples(SHARES, SHARES), less=SHARES)
def test_less_permission_of_a_seller_never_delivers_more_to_a_final_market(engine, share, passing, less):
    full, cut = ordered(engine, share, passing), ordered(engine, share, (passing[0] * less, passing[1]))
    assert 0.0 <= sum(cut) <= sum(full) + 1e-9 <= 1.0 + 2e-9
    assert cut[0] <= full[0] + 1e-9


@pytest.mark.parametrize("engine", ENGINES)
def test_what_one_of_two_sellers_may_not_sell_the_other_does(engine):
    for passing in (1.0, 0.5, 0.1, 0.0):
        assert ordered(engine, 0.5, (passing, 1.0)) == pytest.approx((0.5 * passing, 1.0 - 0.5 * passing))
    assert ordered(engine, 1.0, (0.3, 1.0)) == pytest.approx((0.3, 0.0))


DECLINES = (  # plants wear out more slowly than a market shrinks
    {"production.depreciation": 0.015, "market.growth_long_run": 0.0, "market.challenger_growth": -2.0},
    {"production.depreciation": 0.015, "market.growth_scale": 1.5, "market.growth_fade": 8.0},
)


@pytest.mark.parametrize("values", DECLINES)
def test_where_a_market_shrinks_faster_than_plants_wear_out_nothing_is_negative(values):
    words = [f"{key}={number}" for key, number in values.items()]
    model = ecsim.build_model("history", "economy=small", *words)
    while not model.finished:
        model.step()
        w = model.world
        for name in ("ordered", "install", "request", "flow", "stock", "building", "investment", "output", "capacity", "final_sales"):
            assert getattr(w, name).min() >= 0.0, (name, w.quarter)
        assert np.isfinite(w.market_value).all()
    assert all(np.isfinite(x) for name, x in model.result().outcomes.items() if not name.endswith("_year"))


def test_a_state_that_lives_of_the_chain_keeps_half_of_its_gdp():
    e, p = ecsim.population.build(tiny.quiet()), Params().with_values({"accounts.gdp_spillover": 5.0}, "test")
    base = ExportControlModel(p, economy=e, seed=1)
    while not base.finished:
        base.step()
    w = open_world(e, p, 1, base.as_baseline())
    taiwan = e.state_index["TWN"]
    w.output[e.location == taiwan] = 0.0
    for run in (value, KERNELS["value"]):
        run(w)
        perceive_power(w)
        assert (w.gdp >= w.gdp_baseline / 2.0).all() and np.isfinite(w.power).all()
        assert w.gdp[taiwan] == w.gdp_baseline[taiwan] / 2.0


def test_military_power_never_counts_against_a_state():
    top = {name: REGISTRY[name].hi for name in ("power.weight_gdp", "power.weight_tech")}
    strong = Params().with_values(top, "test")
    with pytest.raises(UserError, match="accepted: at most 1 together"):
        Params().with_values({"power.weight_gdp": 0.7, "power.weight_tech": 0.5}, "test")
    e, shares = tiny.economy(strong), []
    for factor in (1.0, 1.5):
        spending = e.military_spending.copy()
        spending[:, CHALLENGER] *= factor
        w = open_world(replace(e, military_spending=spending), strong, seed=1)
        perceive_power(w)
        shares.append(w.power[CHALLENGER])
    assert shares[1] >= shares[0]


def test_who_is_cut_off_is_the_less_content_the_less_comes() -> None:
    """Though under a full ban buyers no longer order what would be refused."""
    whole = ("response=none", "alliance=forced", "alliance.mode=extent", "alliance.participation=1", "policy.threshold=null")
    tight = ("policy.phase_in=1", "permission.leak_scale=0", "permission.degraded_share=0", "economy=small", "time.quarters=40")
    found = [ecsim.run("none", *tight[1:]).outcomes]
    found += [ecsim.run("blanket", *whole, *tight, f"policy.height={height}").outcomes for height in (0.3, 0.6, 1.0)]
    unmet, discontent = ([o[name] for o in found] for name in ("unmet_need", "dissatisfaction"))
    assert unmet == sorted(unmet) and discontent[:3] == sorted(discontent[:3]) and discontent[3] > 2 * discontent[0]
