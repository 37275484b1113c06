"""Buttons in a real browser: careless clicks, keys that are held down, and what is pressed while a command is at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from browsing import Tab, chromium, expect
from ecsim.game.log import Log
from ecsim.game.state import Game
from seated import joined, served

pytestmark = pytest.mark.slow


def test_a_careless_click_strikes_no_move_and_shuts_nobody_out(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control, tokyo = Tab(browser, server.facilitator), joined(browser, server, "tokyo")
        tokyo.choose("adopt:")
        tokyo.add()
        tokyo.hand_in()
        for name in ("strike", "hold-tokyo", "revoke-tokyo"):
            control.find(name).scroll_into_view_if_needed()
            place = control.find(name).bounding_box()
            for at_x in (0.1, 0.9):  # of the button; the second click on the same spot finds the way out
                for _ in range(2):
                    control.page.mouse.click(place["x"] + place["width"] * at_x, place["y"] + place["height"] / 2)
                    control.page.wait_for_timeout(600)
                control.find(name).wait_for()
            control.find(name).focus()
            control.page.keyboard.press("Enter")
            control.on(f"{name}-not")
            control.page.keyboard.press("Enter")
            control.find(name).wait_for()
        expect(tokyo.find("struck")).to_have_count(0)
        assert tokyo.page.url.endswith("/play/A/tokyo")
        control.find("strike").click()
        control.find("strike-sure").click()
        tokyo.find("struck").wait_for()
        control.on("handed-in")
        control.find("unstrike").click()
        control.find("strike").wait_for()
        expect(tokyo.find("struck")).to_have_count(0)
        control.find("hold-tokyo").click()
        expect(tokyo.page.locator("main")).to_contain_text("Saved.")
        control.find("hold-tokyo-sure").click()
        expect(tokyo.page.locator("main")).to_contain_text("The model plays this seat")
        expect(tokyo.page.locator("main")).not_to_contain_text("Saved.")
        done = control.page.locator("section:has([data-test=seats]) .message.good")
        expect(done).to_have_text("Done.")  # though the card was drawn anew


def test_a_key_that_is_held_down_and_clicks_that_come_all_at_once_press_a_button_once(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control, tokyo = Tab(browser, server.facilitator), joined(browser, server, "tokyo")
        tokyo.find("offer-new").click()
        for text in ("by key", "by clicks"):
            tokyo.find("offer-text").fill(text)
            tokyo.find("offer-send").focus()
            if text == "by key":
                hold(tokyo)
            else:
                tokyo.page.evaluate("for (let n = 0; n < 5; n++) document.activeElement.click()")
            expect(tokyo.find("offer-text")).to_have_value("")
        control.find("advance").focus()
        hold(control)
        control.turn(2)
        control.page.wait_for_timeout(2000)
        control.turn(2)
    log = Log(server.file)
    branch = Game().take(log.read()).branches["A"]
    log.close()
    assert [offer.text for offer in branch.offers.values()] == ["by key", "by clicks"] and len(branch.played) == 1


def test_a_button_at_work_says_so_holds_up_no_other_and_can_be_pressed_again(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        tokyo = joined(browser, server, "tokyo")
        tokyo.find("offer-new").click()
        tokyo.find("offer-send").click()
        tokyo.page.get_by_text("There is nothing in it yet").wait_for()
        tokyo.find("offer-text").fill("We join if")
        tokyo.find("offer-send").click()  # the button whose command was refused
        tokyo.find("offer").wait_for()
        tokyo.choose("adopt:")
        tokyo.add()
        preview = "button[data-test=preview]"
        for _ in range(2):
            with server.held_up():
                tokyo.page.click(preview)
                tokyo.page.wait_for_selector(f"{preview}[aria-disabled=true]")
                tokyo.find("submit").click()
                tokyo.page.wait_for_selector(".status.good")
            tokyo.find("took").wait_for(timeout=60_000)
            tokyo.page.wait_for_selector(f"{preview}[aria-disabled=false]")
        expect(tokyo.page.locator(".status.good")).to_have_count(1)


def hold(tab: Tab) -> None:
    """Hold the enter key down."""
    for _ in range(12):  # from the second on the browser calls it a repetition
        tab.page.keyboard.down("Enter")
        tab.page.wait_for_timeout(30)
    tab.page.keyboard.up("Enter")
