"""What is half done on a page stays: through choices around it, other windows, another language, a turn, and a kill -9."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from browsing import Tab, chromium, expect, soon
from ecsim.game.log import Log
from ecsim.game.state import Game
from ecsim.moves import quarter_label
from relay import Relay
from seated import fallen, joined, served

pytestmark = pytest.mark.slow
TERMS = """[...document.querySelectorAll("[data-test=act-form] :is(input, select, textarea)")]
  .map(e => e.type === "checkbox" ? [e.dataset.test, e.checked] : [e.dataset.test, e.value])"""


def test_what_is_half_written_stays_while_the_choices_around_it_change(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control, tokyo = Tab(browser, server.facilitator), joined(browser, server, "tokyo")
        tokyo.find("offer-new").click()
        tokyo.find("offer-text").fill("We join if")
        tokyo.find("offer-take").select_option("lift:USA:huawei")
        control.find("inject-new").click()
        control.find("inject-en").fill("A fire at")
        control.find("inject-seat").select_option("beijing")
        tokyo.choose("adopt:")
        tokyo.add()
        tokyo.find("offer-give").select_option("0")
        shows(tokyo, "offer-text", "We join if")
        shows(tokyo, "offer-take", "lift:USA:huawei")
        tokyo.choose("event:announcement")
        tokyo.add()
        shows(tokyo, "offer-give", "0")
        expect(tokyo.find("offer-give").locator("option")).to_have_count(3)
        control.find("lock").click()
        control.find("unlock").click()
        control.find("lock").wait_for()
        shows(control, "inject-en", "A fire at")
        tokyo.find("offer-send").click()
        tokyo.page.wait_for_function("document.querySelector('[data-test=offer-text]').value === ''", timeout=30_000)
        tokyo.find("offer-text").fill("And if")
        tokyo.hand_in()  # so that the next draft is empty
        control.find("advance").click()
        for tab in (control, tokyo):
            tab.turn(2)
        shows(control, "inject-en", "A fire at")
        shows(control, "inject-turn", "2")
        shows(control, "inject-seat", "beijing")
        shows(tokyo, "offer-text", "And if")
        expect(tokyo.find("offer-give").locator("option")).to_have_count(1)
        control.find("inject").click()
        control.find("inject").first.wait_for()
        control.page.wait_for_function("document.querySelector('[data-test=inject-en]').value === ''", timeout=30_000)
    log = Log(server.file)
    branch = Game().take(log.read()).branches["A"]
    log.close()
    (offer,), (inject,) = branch.offers.values(), branch.injects.values()
    assert offer.text == "We join if" and offer.give[0]["verb"] == "adopt" and offer.take[0]["rule"] == "USA:huawei"
    assert inject.turn == 2 and inject.text["en"] == "A fire at"


def test_an_act_that_is_half_set_outlives_a_fall_of_the_server_a_lock_another_language_and_the_turn(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control, tabs = Tab(browser, server.facilitator), [joined(browser, server, seat) for seat in ("washington", "industry", "tokyo")]
        washington, industry, tokyo = tabs
        washington.choose("impose:country_rule")
        washington.find("products").click()
        washington.find("products-lithography").check()
        washington.find("denial").press("ArrowLeft")
        washington.find("threshold").fill("2.5")
        washington.find("fdp").check()
        washington.find("until").select_option("4")
        industry.choose("measure:move_plants")
        industry.find("state").select_option("DEU")
        industry.find("products").click()
        industry.find("products-wafers").check()
        industry.find("shown").select_option("secret")
        tokyo.choose("free:")
        tokyo.find("text").fill('we </script> "wait"')
        for tab, last in ((washington, '"until": "4"'), (industry, '"shown": "secret"'), (tokyo, "wait")):
            soon(lambda tab=tab, last=last: last in tab.page.evaluate("Object.values(sessionStorage).join()"))
        before = [tab.page.evaluate(TERMS) for tab in tabs]
        assert ["products-lithography", True] in before[0] and ["state", "DEU"] in before[1]

        def as_before(shown: list[Tab]) -> bool:
            return all(tab.page.evaluate(TERMS) == was for tab, was in zip(tabs, before, strict=True) if tab in shown)

        with fallen(server, [control, *tabs]):
            pass
        soon(lambda: as_before(tabs))
        control.find("lock").click()
        expect(washington.find("act-chosen")).to_have_count(0)
        control.find("unlock").click()
        soon(lambda: as_before(tabs))
        washington.find("language").click()
        washington.speaks("zh-CN")
        soon(lambda: as_before([washington]))
        washington.add()
        washington.hand_in()
        expect(washington.find("act-chosen")).to_have_count(0)
        control.find("advance").click()
        industry.turn(2)
        soon(lambda: as_before([industry, tokyo]))
        washington.page.reload()
        washington.find("act-find").wait_for()
    log = Log(server.file)
    (made,) = Game().take(log.read()).branches["A"].played[0].inputs["moves"]
    log.close()
    assert made["move"] | {"until": 0} == made["move"] | {"until": 0, "products": ["lithography"], "threshold": 2.5, "fdp": True}


def test_what_is_typed_while_the_server_is_down_is_not_lost(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control, tokyo = Tab(browser, server.facilitator), joined(browser, server, "tokyo")
        control.find("inject-new").click()
        tokyo.find("offer-new").click()
        tokyo.find("intent").press_sequentially("keep out", delay=20)
        with fallen(server, [control, tokyo]):
            tokyo.find("intent").press_sequentially(" of it", delay=20)
            tokyo.find("offer-text").fill("We join if")
            control.find("inject-zh").fill("工厂火灾")
        soon(lambda: tokyo.page.request.get(f"{server.base}/api/view/A/tokyo").json().get("draft", {}).get("intent") == "keep out of it")
        shows(tokyo, "offer-text", "We join if")
        shows(control, "inject-zh", "工厂火灾")
        tokyo.find("offer-send").click()
        control.find("inject").last.click()
        tokyo.find("offer").wait_for()
        control.find("strike-inject").wait_for()
        for tab in (control, tokyo):
            soon(lambda tab=tab: "ecsim" not in tab.page.evaluate("Object.keys(sessionStorage).join()"))
    log = Log(server.file)
    branch = Game().take(log.read()).branches["A"]
    log.close()
    assert [o.text for o in branch.offers.values()] == ["We join if"] and [i.text["zh"] for i in branch.injects.values()] == ["工厂火灾"]


def test_what_two_windows_of_a_seat_add_in_the_same_instant_is_all_there(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        tab = joined(browser, server, "washington")
        second = Tab(browser)
        second.context.add_cookies(tab.context.cookies())
        second.page.goto(tab.page.url)
        second.find("submit").wait_for()
        second.page.wait_for_function("window.did_handshake === true")
        windows = ((tab, "measure:cfius"), (second, "measure:s301"))
        for window, act in windows:
            window.choose(act)
        for window, _ in windows:
            window.page.evaluate("for (let n = 0; n < 3; n++) document.querySelector('[data-test=add]').click()")  # as a key held down does
        for window, _ in windows:
            expect(window.find("remove")).to_have_count(2)
            expect(window.find("act-chosen")).to_have_count(0)

        def gone() -> bool:
            """A click on a list that is just drawn anew is lost; the same row taken out twice is taken out once."""
            tab.page.evaluate("((all) => all.length === 2 && all[0].click())(document.querySelectorAll('[data-test=remove]'))")
            return second.find("remove").count() == 1

        soon(gone)


def test_what_control_has_half_set_outlives_a_fall_of_the_server_and_another_language(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control = Tab(browser, server.facilitator)
        control.find("advance").click()
        control.turn(2)
        control.find("inject-new").click()
        control.find("inject-turn").select_option("4")
        control.find("inject-zh").fill("工厂火灾")
        control.find("inject-seat").select_option("beijing")
        control.choose("measure:big_fund")
        control.find("until").select_option("2")
        control.find("add").click()
        control.find("inject-move").wait_for()
        control.choose("impose:minerals")
        control.find("threshold").fill("1.5")
        control.find("whatif-seat").select_option("washington")
        control.choose("impose:country_rule")
        expect(control.find("threshold")).to_have_count(2)
        last = control.find("threshold").last
        last.fill("2.5")
        soon(lambda: "2.5" in control.page.evaluate("sessionStorage['ecsim /control/A what-if']"))
        before = control.page.evaluate(TERMS)
        assert ["threshold", "1.5"] in before and ["threshold", "2.5"] in before
        last.press_sequentially("7")
        with fallen(server, [control]):
            last.press_sequentially("5")
        typed = [[name, "2.575" if value == "2.5" else value] for name, value in before]

        def as_before() -> bool:
            return (
                control.find("inject-turn").input_value() == "4"
                and "until 2024Q1" in control.find("inject-move").inner_text()
                and control.page.evaluate(TERMS) == typed
            )

        soon(as_before)
        expect(control.find("inject-seat")).to_be_visible()
        control.find("language").click()
        control.speaks("zh-CN")
        expect(control.find("inject-move")).to_have_count(1)
        soon(lambda: control.page.evaluate(TERMS) == typed)
        shows(control, "inject-zh", "工厂火灾")
        control.find("inject").last.click()
        control.page.get_by_text("已选择行动但尚未加入").wait_for()
        control.find("add").first.click()
        expect(control.find("inject-move")).to_have_count(2)
        control.find("inject-remove").last.click()
        expect(control.find("inject-move")).to_have_count(1)
        control.find("inject-turn").select_option("5")
        expect(control.find("inject-move")).to_contain_text("至2024Q2")  # two quarters after it comes
        control.find("inject").last.click()
        control.find("strike-inject").wait_for()
        control.find("whatif-clear").click()
        soon(lambda: "ecsim" not in control.page.evaluate("Object.keys(sessionStorage).join()"))
    log = Log(server.file)
    (inject,) = Game().take(log.read()).branches["A"].injects.values()
    log.close()
    assert inject.turn == 5 and [(m["tool"], quarter_label(m["until"])) for m in inject.moves] == [("big_fund", "2024Q2")]


def test_a_page_that_was_cut_off_shows_what_is_and_not_what_was(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser, closing(Relay(server.port)) as line:
        control, tokyo = Tab(browser, server.facilitator), joined(browser, server, "tokyo")
        tokyo.page.goto(tokyo.page.url.replace(f":{server.port}", f":{line.port}"))
        tokyo.page.wait_for_function("window.did_handshake === true")
        tokyo.find("offer-new").click()
        tokyo.find("offer-text").fill("We join if")
        line.lost = True
        control.find("lock").click()
        control.find("unlock").wait_for()
        tokyo.page.wait_for_timeout(500)
        line.cut()  # and the server knows
        tokyo.page.wait_for_function("!window.socket.connected")
        tokyo.page.wait_for_timeout(500)
        control.find("unlock").click()
        control.find("lock").wait_for()
        line.lost = line.down = False
        tokyo.page.wait_for_function("window.socket.connected", timeout=60_000)
        tokyo.page.wait_for_timeout(3000)
        expect(tokyo.find("turn")).to_contain_text("open")
        expect(tokyo.find("submit")).to_be_visible()
        shows(tokyo, "offer-text", "We join if")


def shows(tab: Tab, field: str, value: str) -> None:
    """A field can be seen, and has a value."""
    expect(tab.find(field)).to_be_visible()
    expect(tab.find(field)).to_have_value(value)
