"""A five-firm economy worked by hand: one blocked link gives the output, stock, price and ceiling on paper."""

from __future__ import annotations

import numpy as np
import pytest

import tiny
from ecsim.flows import KINDS, flow_matrices
from ecsim.mechanisms.innovation import carried_level
from ecsim.mechanisms.opening import open_world
from ecsim.mechanisms.orders import orders
from ecsim.rules import Measure, Rule
from ecsim.schedule import CONSEQUENCES, PERCEPTION
from ecsim.world import World

TOOLWORKS, CHIP_AMERICA, CHIP_JAPAN, PHONE_AMERICA, PHONE_CHINA = range(5)
TOOL_US, TOOL_JP, CHIPS_PHONE_US, CHIPS_PHONE_CN = range(4)


def opened(**params: object) -> World:
    p = tiny.quiet(**params)
    return open_world(tiny.economy(p), p, seed=1)


def step(w: World, quarters: int = 1) -> World:
    for _ in range(quarters):
        for mechanism in PERCEPTION + CONSEQUENCES:
            mechanism(w)
        w.quarter += 1
    return w


def impose(w: World, **rule: object) -> None:
    w.book.rules["r"] = Rule(id="r", tool="test", issuer="USA", destinations=("CHN",), **rule)  # type: ignore[arg-type]
    w.book.touch()


def test_without_rules_every_quarter_is_the_same() -> None:
    w = step(opened(), 40)
    np.testing.assert_allclose(w.output, [1.9, 4.0, 3.6, 4.0, 8.0], rtol=1e-12)
    np.testing.assert_allclose(w.price, 1.0, rtol=1e-12)
    np.testing.assert_allclose(w.stock, [0, 0, 1.0, 2.0], atol=1e-12)


def test_a_blocked_link_gives_the_outputs_stocks_and_prices_on_paper() -> None:
    w = opened()
    impose(w, products=("chip",))
    step(w)
    # The Chinese phone maker asks Japan for all 4; Japan has orders of 6 and capacity of 3.96: it fills 0.66.
    assert w.demand[CHIP_JAPAN] == pytest.approx(6.0)
    assert w.output[CHIP_JAPAN] == pytest.approx(3.96)
    assert w.output[CHIP_AMERICA] == pytest.approx(1.6)
    # Stocks of 2 and 1 carry both phone makers through: 2 + 2.64 - 4 and 1 + 1.32 - 2.
    np.testing.assert_allclose(w.output[[PHONE_AMERICA, PHONE_CHINA]], [4.0, 8.0])
    np.testing.assert_allclose(w.stock[[CHIPS_PHONE_US, CHIPS_PHONE_CN]], [0.32, 0.64])
    # Prices move half way to cost x scarcity^0.3: demand over normal supply is 0.4 (clipped at 0.5) and 5/3.
    assert w.price[CHIP_AMERICA] == pytest.approx(1 + 0.5 * (0.5**0.3 - 1))
    assert w.price[CHIP_JAPAN] == pytest.approx(1 + 0.5 * ((6 / 3.6) ** 0.3 - 1))
    # The second quarter: stocks are short, and output is what stock and inflow allow (chips are critical).
    stock = w.stock[[CHIPS_PHONE_US, CHIPS_PHONE_CN]].copy()
    step(w)
    np.testing.assert_allclose(
        w.output[[PHONE_AMERICA, PHONE_CHINA]], (stock + w.received[[CHIPS_PHONE_US, CHIPS_PHONE_CN]]) / 0.5, rtol=1e-9
    )
    np.testing.assert_allclose(w.stock[[CHIPS_PHONE_US, CHIPS_PHONE_CN]], 0.0, atol=1e-12)


def test_a_blocked_tool_lowers_the_ceiling_of_the_chip_maker_on_paper() -> None:
    w = opened()
    w.book.rules["r"] = Rule(id="r", tool="test", issuer="USA", destinations=("JPN",), products=("tool",))
    w.book.touch()
    before = w.embodied[TOOL_JP]
    step(w, 12)
    # No tool arrives, so what is embodied stays; the ceiling is the newest vintage and the stretch. The mean over vintages
    # trails it by g (1 - v) / v.
    i = w.params.innovation
    assert w.embodied[TOOL_JP] == before
    ceiling = before + i.frontier_speed * (1.0 - i.vintage_speed) / i.vintage_speed + 1.0
    mastered = w.tech[CHIP_JAPAN]
    soft = -np.log(np.exp(-6 * mastered) + np.exp(-6 * ceiling)) / 6
    assert w.tech_eff[CHIP_JAPAN] == pytest.approx(soft)
    assert w.tech_eff[CHIP_AMERICA] - w.tech_eff[CHIP_JAPAN] > 0.2


def test_a_threshold_sells_degraded_what_it_blocks_on_paper() -> None:
    w = opened(permission__step_width=0.05)
    impose(w, products=("chip",), threshold=-1.0, denial=0.8)
    step(w)
    link = w.passing[CHIPS_PHONE_CN, 0]
    # Item: the buyer is a generation behind and orders 0.3 above its level: -0.7, which is 0.3 over the threshold.
    hit = 1 / (1 + np.exp(-0.3 / 0.05))
    blocked = 0.8 * hit
    degraded = blocked * 0.7 * (1 - 0.3 / 2.0)
    assert w.item[CHIPS_PHONE_CN, 0] == pytest.approx(-0.7)
    assert link == pytest.approx(1 - blocked + degraded)
    assert w.degraded_item[CHIPS_PHONE_CN, 0] == pytest.approx(-1.0)


def test_what_is_sought_from_a_supplier_since_another_may_not_sell_is_not_degraded_on_paper() -> None:
    w = opened(permission__step_width=0.05)
    impose(w, products=("chip",), threshold=-1.0, denial=0.8, fdp=True)
    step(w)
    # Each sells a part of its own 60 and 40% degraded; what the other may not sell is sought from it freely.
    own = w.ordered[CHIPS_PHONE_CN] * np.array([0.6, 0.4]) * w.fill[[CHIP_AMERICA, CHIP_JAPAN]]
    degraded, passing = w.degraded[CHIPS_PHONE_CN, :2], w.passing[CHIPS_PHONE_CN, :2]
    assert w.trade_effects[0] == pytest.approx(w.ordered[CHIPS_PHONE_CN] * (np.array([0.6, 0.4]) * (1.0 - passing)).sum())
    assert w.trade_effects[2] == pytest.approx((own * degraded).sum())
    assert (w.flow[CHIPS_PHONE_CN, :2] > 1.01 * own * passing).all()
    kind = flow_matrices(w)[KINDS.index("degraded"), tiny.CHIP]
    assert kind[[tiny.USA, tiny.JPN], tiny.CHN] == pytest.approx(own * degraded)


def test_a_direct_product_rule_reaches_the_ally_through_its_tools() -> None:
    w = opened()
    impose(w, products=("chip",), fdp=True)
    step(w)
    # All tools of Chip Japan come from the incumbent: u = 1.
    assert w.passing[CHIPS_PHONE_CN, 1] == pytest.approx(1 - 0.95 * (1 - np.exp(-1 / 0.1)))


def test_every_input_critical_is_leontief() -> None:
    partial, leontief = opened(), opened(production__form="leontief")
    partial.critical[:] = 1.0
    for w in (partial, leontief):
        impose(w, products=("chip",))
        step(w, 6)
    np.testing.assert_array_equal(partial.output, leontief.output)


def test_linear_production_loses_least() -> None:
    lost = {}
    for form in ("leontief", "linear"):
        w = opened(production__form=form)
        impose(w, products=("chip",))
        step(w, 3)
        lost[form] = 8.0 - w.output[PHONE_CHINA]
    assert lost["linear"] <= lost["leontief"]


def test_a_licence_wait_delays_goods_and_loses_none() -> None:
    w = opened(adaptation__enabled=False)
    impose(w, products=("chip",), denial=0.0001, delay=2.0)
    sent = received = 0.0
    for _ in range(30):
        step(w)
        sent += w.flow[CHIPS_PHONE_CN].sum()
        received += w.received[CHIPS_PHONE_CN]
    assert sent - received == pytest.approx(w.transit[CHIPS_PHONE_CN])


def test_almost_nothing_received_is_like_nothing() -> None:
    levels = {}
    for denial in (1.0, 1.0 - 1e-9):
        w = opened(adaptation__enabled=False)
        w.book.rules["r"] = Rule(id="r", tool="test", issuer="USA", destinations=("CHN",), denial=denial)
        w.book.rules["s"] = Rule(id="s", tool="test", issuer="JPN", destinations=("CHN",), denial=denial)
        w.book.touch()
        step(w, 4)
        levels[denial] = [w.embodied[CHIPS_PHONE_CN], w.tech_eff[PHONE_CHINA]]
    np.testing.assert_allclose(levels[1.0], levels[1.0 - 1e-9], atol=1e-6)


def test_new_goods_mix_into_the_stock_and_a_stock_keeps_the_level_that_can_be_made() -> None:
    w = opened(adaptation__enabled=False)
    w.book.rules["r"] = Rule(id="r", tool="test", issuer="USA", destinations=("CHN",))
    w.book.touch()
    step(w)
    # A stock of 2 and the 2.64 that Japan sends cover the need of 4.
    assert w.fresh[CHIPS_PHONE_CN] == pytest.approx(2.64 / 4.64)
    assert w.cover[CHIPS_PHONE_CN] == 1.0
    step(w)
    cover = (0.64 + w.received[CHIPS_PHONE_CN]) / 4.0
    assert cover < 0.9 and w.cover[CHIPS_PHONE_CN] == pytest.approx(cover)
    full = 2.0 * w.embodied[CHIPS_PHONE_CN] - w.embodied_before[CHIPS_PHONE_CN]
    assert carried_level(w)[CHIPS_PHONE_CN] - full == pytest.approx(w.params.innovation.volume * np.log(cover))


def test_goods_without_a_licence_do_not_hurry_those_that_wait() -> None:
    w = opened(adaptation__enabled=False)
    impose(w, products=("chip",), denial=0.0001, delay=4.0)
    step(w, 6)
    waiting = w.transit[CHIPS_PHONE_CN]
    assert w.wait[CHIPS_PHONE_CN] == pytest.approx(4.0, rel=1e-3) and waiting > 1.0
    impose(w, products=("chip",), delay=4.0)  # now a ban on the same supplier: Japan's goods need no licence
    step(w)
    assert w.transit[CHIPS_PHONE_CN] == pytest.approx(waiting * 4.0 / 5.0, rel=1e-3)


def test_firms_that_do_not_adapt_lay_in_no_stocks_but_those_their_government_wants() -> None:
    ordered = {}
    for enabled in (True, False):
        for threat in (0.0, 1.0):
            w = opened(adaptation__enabled=enabled)
            w.threat[:] = threat
            orders(w)
            ordered[enabled, threat] = w.ordered.copy()
    assert (ordered[True, 1.0] > ordered[True, 0.0]).all()
    np.testing.assert_array_equal(ordered[False, 1.0], ordered[False, 0.0])
    w = opened(adaptation__enabled=False)
    w.extra_cover[:] = 0.5
    orders(w)
    assert (w.ordered > ordered[False, 0.0]).all()


def test_a_customer_who_turns_away_is_no_good_news() -> None:
    w = opened()
    impose(w, products=("chip",), denial=0.8)
    step(w)
    # Of sales of 4, a denial of 0.8 takes the 2.4 that go to China.
    fall = np.exp(-w.params.accounts.announcement * 0.8 * 2.4 / 4.0)
    assert w.market_value[CHIP_AMERICA] == pytest.approx(fall)
    anchor = w.weight[CHIPS_PHONE_CN].copy()
    step(w, 8)
    assert w.weight[CHIPS_PHONE_CN, 0] < anchor[0]
    assert w.market_value[CHIP_AMERICA] == pytest.approx(fall)


def test_refused_final_sales_count_as_blocked() -> None:
    w = opened()
    w.book.rules["r"] = Rule(id="r", tool="test", issuer="CHN", destinations=("USA", "JPN"), products=("phone",), adoptable=False)
    w.final_share[:, :] = w.final_anchor[:, :] = np.where(np.arange(5)[:, None] == PHONE_CHINA, [[0.5, 1.0, 1.0]], w.final_share)
    w.final_share[PHONE_AMERICA, 0] = w.final_anchor[PHONE_AMERICA, 0] = 0.5
    w.book.touch()
    step(w)
    # Half of the American market of 4, of sales of 8.
    assert w.market_value[PHONE_CHINA] == pytest.approx(np.exp(-w.params.accounts.announcement * 2.0 / 8.0))


def test_what_the_others_deliver_beyond_their_share_at_the_start_is_backfilled_and_stays_so() -> None:
    w = opened()
    impose(w, products=("chip",))
    step(w)
    # Japan had 0.4 of the orders of 4; it sends 2.64 of them.
    assert w.trade_effects[3] == pytest.approx(2.64 - 0.4 * 4.0)
    step(w, 40)
    share = w.anchor[CHIPS_PHONE_CN, 1]
    assert share > 0.75  # habit has followed, and what is backfilled has not become habit
    assert w.trade_effects[3] == pytest.approx(w.flow[CHIPS_PHONE_CN, 1] - 0.4 * w.ordered[CHIPS_PHONE_CN])


def test_a_soft_test_that_refuses_next_to_nothing_leaves_a_supplier_outside_the_rules() -> None:
    w, of_content = opened(permission__de_minimis_width=0.05), {"products": ("chip",), "destinations": ("CHN",)}
    impose(w, products=("chip",))
    w.book.rules["content"] = Rule(id="content", tool="test", issuer="USA", de_minimis=0.9, **of_content)  # type: ignore[arg-type]
    w.book.touch()
    step(w)
    refused = 1.0 - w.passing[CHIPS_PHONE_CN, 1]
    assert 0.0 < refused < 1e-3
    assert w.trade_effects[3] == pytest.approx(2.64 - 0.4 * 4.0, rel=1e-2)


def test_compliance_is_paid_on_what_is_under_licence() -> None:
    lost = {}
    for threshold in (-np.inf, -0.7, 0.0):  # of all chips, of half of those sold, and of next to none
        surplus = {}
        for cost in (0.0, 0.01):
            w = opened(permission__step_width=0.05)
            impose(w, products=("chip",), threshold=threshold, denial=0.0, delay=0.5)
            w.book.measures["cost"] = Measure(id="cost", tool="test", issuer="USA", channel="compliance_cost", size=cost)
            step(w)
            surplus[cost] = w.surplus[CHIP_AMERICA]
        lost[threshold] = surplus[0.0] - surplus[0.01]
    assert lost[-np.inf] == pytest.approx(0.01 * 2.4)
    assert lost[-0.7] == pytest.approx(lost[-np.inf] / 2)
    assert 0.0 < lost[0.0] < 1e-5 * lost[-np.inf]


def test_public_money_for_research_takes_nothing_from_what_firms_are_left_with() -> None:
    left, spent = {}, {}
    for size in (0.0, 0.5):
        w = opened()
        if size:
            w.book.measures["fund"] = Measure(id="fund", tool="test", issuer="CHN", channel="subsidy", products=("phone",), size=size)
            w.book.touch()
        step(w)
        left[size], spent[size] = w.surplus[PHONE_CHINA], w.rd[PHONE_CHINA]
    assert spent[0.5] > spent[0.0]
    assert left[0.5] == pytest.approx(left[0.0])
    assert left[0.0] == pytest.approx(8.0 - 4.0 - 0.05 * 8.0)  # revenue, chips at their price, R&D
