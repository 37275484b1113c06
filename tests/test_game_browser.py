"""A whole game in real browsers: six seats, eight turns; offline, accessible, in two languages, through a kill -9."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browsing import Tab, chromium, expect, soon
from ecsim.game.branch import OVER
from ecsim.game.command import main
from ecsim.game.log import Log
from ecsim.game.referee import Referee
from ecsim.game.session import Session, create
from ecsim.game.setup import Setup
from ecsim.game.state import Game
from playing import BEIJING, CONTROL, FUND, JOIN, RULE, TOKYO, WASHINGTON, hand_in
from seated import SETUP, fallen, joined, served
from serving import Server

pytestmark = pytest.mark.slow
SEATS = ("washington", "beijing", "tokyo", "hague", "partners", "industry")
TOO_MANY = 429
ACTS = {
    1: {"washington": "impose:country_rule", "beijing": "measure:big_fund"},
    2: {"tokyo": "adopt:", "industry": "lobby:"},
    3: {"washington": "measure:cfius", "hague": "impose:licence_refusal"},
    4: {"beijing": "impose:minerals", "partners": "adopt:"},
    5: {"industry": "measure:move_plants"},
    6: {"tokyo": "leave:"},
    7: {"washington": "measure:s301"},
    8: {"beijing": "event:announcement"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The game that the tests of this file play on, one after the other."""
    with served(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A game in its first turn, which nobody plays."""
    with served(tmp_path_factory.mktemp("untouched")) as found:
        yield found


def test_a_whole_game(server: Server) -> None:
    with chromium() as browser:
        control = Tab(browser, server.facilitator)
        control.find("advance").wait_for()
        tabs = {seat: joined(browser, server, seat) for seat in SEATS}
        for turn in range(1, SETUP.turns + 1):
            for tab in tabs.values():
                tab.turn(turn)
            for seat, act in ACTS[turn].items():
                tabs[seat].choose(act)
                tabs[seat].add()
                tabs[seat].hand_in()
            if turn == 1:
                offer_and_answer(tabs["washington"], tabs["tokyo"])
                preview(tabs["washington"])
                check_pages([control, *tabs.values()])
            if turn == 2:
                what_people_type_stays(control, tabs["beijing"])
            if turn == 3:
                with fallen(server, [control, *tabs.values()]):
                    pass
                for seat in ("washington", "hague"):
                    tabs[seat].page.wait_for_selector(".status.good", timeout=60_000)
            if turn == 5:
                other_window(browser, tabs["industry"])
            control.find("advance").click()
        for tab in tabs.values():
            expect(tab.find("status")).to_contain_text("over", timeout=60_000)
        check_pages([control, *tabs.values()])
        for tab in (control, *tabs.values()):
            assert tab.wrong == [] and {urlsplit(u).netloc for u in tab.asked} <= {urlsplit(server.base).netloc, ""}
    log = Log(server.file)
    game = Game().take(log.read())
    log.close()
    branch = game.branches["A"]
    assert branch.phase == OVER
    made = {m["seat"] for p in branch.played for m in p.inputs["moves"]}
    assert made == set(SEATS) and not any(p.result["refused"] for p in branch.played)
    fresh = Referee(game.setup)
    assert [fresh.resolve(branch.history[: n + 1])["hash"] for n in range(8)] == [p.result["hash"] for p in branch.played]
    assert main(["replay", str(server.file)]) == 0


def what_people_type_stays(control: Tab, tab: Tab) -> None:
    """A clock that ticks every second draws the page anew; what stands in its fields stays, and so do sliders."""
    control.find("clock").click()
    expect(tab.page.locator(".clock")).not_to_be_empty()
    text = "slowly typed while the clock runs"
    tab.find("intent").click()
    tab.page.keyboard.type(text, delay=90)
    tab.choose("measure:big_fund")
    tab.find("size").focus()
    for _ in range(5):
        tab.page.keyboard.press("ArrowRight")
    moved = tab.find("size").input_value()
    tab.page.wait_for_timeout(2500)
    expect(tab.find("intent")).to_have_value(text)
    expect(tab.find("size")).to_have_value(moved)
    tab.find("submit").click()  # an act that is chosen but not in the draft is not forgotten
    tab.page.wait_for_selector(".message.bad")
    expect(tab.page.locator(".status.good")).to_have_count(0)
    tab.find("act-back").click()
    control.page.get_by_role("button", name="No clock").click()
    for page in (control.page, tab.page):  # the buttons around it are drawn anew, and what is pressed just then is lost
        expect(page.locator(".clock")).to_be_empty()


def offer_and_answer(giver: Tab, taker: Tab) -> None:
    """An offer that binds nobody, declined."""
    giver.find("offer-new").click()
    giver.find("offer-to").select_option("tokyo")
    giver.find("offer-text").fill("Join us <script>alert(1)</script>")
    giver.find("offer-send").click()
    taker.find("answer-no").click(timeout=30_000)
    expect(giver.find("offer").first).to_contain_text("declined")
    expect(giver.find("offer").first).to_contain_text("<script>")


def preview(tab: Tab) -> None:
    """Fans, with numbers and with what they rest on."""
    tab.find("preview").first.click()
    tab.find("took").wait_for(timeout=90_000)
    expect(tab.find("preview").last).to_contain_text("24 runs of the next 8 quarters")
    expect(tab.page.locator("[data-test='preview'] svg.chart")).to_have_count(4)


def other_window(browser: object, tab: Tab) -> None:
    """A second window of a seat sees the first one's draft and what it handed in."""
    second = tab.context.new_page()
    second.goto(tab.page.url)
    second.wait_for_selector(".status.good", timeout=30_000)
    expect(second.locator("[data-test='remove']")).to_have_count(tab.find("remove").count())
    second.close()


def check_pages(tabs: list[Tab]) -> None:
    """What people wrote is text, and the accessibility engine finds nothing."""
    for tab in tabs:
        tab.page.wait_for_timeout(300)
        assert tab.page.locator("img[src='x'], header i").count() == 0
    assert [v for tab in tabs[:2] for v in tab.violations()] == []


def test_control_forks_injects_and_asks_what_if(server: Server) -> None:
    with chromium() as browser:
        control = Tab(browser, server.facilitator)
        control.find("new-room").wait_for()
        control.find("room-title").fill("Second")
        control.find("new-room").click()
        control.page.get_by_role("link", name="Room Second").click()
        control.turn(1)
        control.find("inject-new").click()
        control.find("inject-en").fill("A fire at a plant")
        control.find("inject").click()
        control.find("inject").first.wait_for()
        control.find("advance").click()
        control.turn(2)
        control.page.get_by_text("A fire at a plant").first.wait_for()
        control.find("whatif-seat").select_option("washington")
        control.choose("impose:ear_fdp")
        control.find("add").last.click()
        control.find("whatif-move").wait_for()
        with server.held_up():
            control.find("whatif").click()
            control.find("whatif-busy").wait_for()
        control.page.wait_for_selector("[data-test='whatif-result'] table", timeout=60_000)
        expect(control.find("whatif-busy")).to_have_count(0)
        control.find("fork-open").click()
        control.find("fork").click()
        control.turn(1)
        control.find("link-tokyo").click()
        link = control.find("secret-link").inner_text()
        tokyo = Tab(browser, link)
        tokyo.find("submit").wait_for()
        expect(tokyo.page.locator("header")).to_contain_text("Room Second")


def test_a_link_that_is_followed_from_another_site_lets_its_team_in(server: Server) -> None:
    with chromium() as browser:
        tab = Tab(browser, f"data:text/html,<a href='{server.facilitator}'>your link</a>")
        tab.page.get_by_text("your link").click()
        tab.find("advance").wait_for()


def test_control_has_an_ally_leave_where_it_had_joined_by_then(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control, tokyo = Tab(browser, server.facilitator), joined(browser, server, "tokyo")
        tokyo.choose("adopt:")
        tokyo.add()
        tokyo.hand_in()
        for turn in (2, 3):
            control.find("advance").click()
            control.turn(turn)
        control.find("whatif-seat").select_option("tokyo")
        control.find("act-adopt:").wait_for(state="attached")
        expect(control.find("act-leave:")).to_have_count(0)
        control.find("whatif-turn").select_option("2")
        control.find("act-leave:").wait_for(state="attached")
        control.choose("leave:")
        control.find("add").last.click()
        control.find("whatif-move").wait_for()
        control.find("whatif").click()
        control.page.wait_for_selector("[data-test='whatif-result'] table", timeout=60_000)


def test_a_value_that_is_shown_is_never_empty_outlives_a_turn_and_is_taken_back(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        control = Tab(browser, server.facilitator)
        control.find("advance").hover()
        for click in (1, 2):  # the second one of a slow double click finds the button of the next turn
            control.page.mouse.down(click_count=click)
            control.page.mouse.up(click_count=click)
            control.turn(2)
        control.find("override-open").click()
        control.find("override").click()
        control.page.wait_for_selector(".message.bad")
        expect(control.page.locator(".message.bad")).to_contain_text("Enter the value")
        control.find("override-value").fill("77.5")
        control.find("override-why").fill("a storm")
        control.find("room-title").fill("Second")
        control.find("advance").click()
        control.turn(3)
        expect(control.find("override-why")).to_be_visible()
        for field, stays in (("override-why", "a storm"), ("override-value", "77.5"), ("override-turn", "1"), ("room-title", "Second")):
            expect(control.find(field)).to_have_value(stays)
        control.find("override").click()
        control.find("override-shown").wait_for()
        expect(control.find("override-shown")).to_contain_text("Turn 1, ")
        expect(control.find("override-shown")).to_contain_text("77.5 is shown, the model has")
        expect(control.find("override-why")).to_have_value("")
        expect(control.find("override-turn")).to_have_value("2")
        control.page.get_by_text("All indicators").first.click()
        expect(control.page.locator("main")).to_contain_text("exact; others are shown 77.5")
        control.find("override-back").click()
        expect(control.find("override-shown")).to_have_count(0)
        expect(control.page.locator("main")).not_to_contain_text("others are shown")


def test_acts_are_found_by_their_words_and_chosen_with_the_keyboard_on_a_phone(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        tab = joined(browser, server, "washington")
        tab.page.set_viewport_size({"width": 375, "height": 700})
        for lang, word, beside in (("en", "Entity list", "tariff"), ("zh", "实体清单", "关税")):
            tab.page.goto(f"{server.base}/lang/{lang}?to=/play/A/washington")
            tab.speaks("zh-CN" if lang == "zh" else lang)
            find_and_choose(tab, word, beside)


def test_companies_are_chosen_by_their_chinese_names(tmp_path: Path) -> None:
    with served(tmp_path) as server, chromium() as browser:
        tab = joined(browser, server, "washington")
        tab.page.goto(f"{server.base}/lang/zh?to=/play/A/washington")
        tab.speaks("zh-CN")
        tab.find("act-find").press_sequentially("未经核实清单")
        tab.find("act-list:uvl").click()
        tab.on("act-chosen")
        expect(tab.find("act-form")).to_contain_text("中芯国际")
        expect(tab.find("act-form")).not_to_contain_text("SMIC")


def find_and_choose(tab: Tab, word: str, beside: str) -> None:
    """Type a word, take the first act that has it, see what it costs, and go back to the list."""
    kinds = tab.page.locator("details.acts")
    shown = kinds.locator("li:visible")
    soon(lambda: kinds.count() > 6 and shown.count() == 0)  # a screen of kinds, not eighty acts
    tab.find("act-find").press_sequentially(f" {word.upper()} ")
    soon(lambda: 0 < shown.count() < 10 and kinds.locator("visible=true").count() < 4)
    soon(lambda: str(shown.count()) in tab.find("act-found").inner_text() and beside not in tab.page.inner_text("[data-acts]"))
    assert tab.crowded() == [] and tab.violations() == []
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("Enter")
    tab.on("act-chosen")
    soon(lambda: tab.find("act-chosen").bounding_box()["y"] > tab.page.locator("header").bounding_box()["height"])  # not under it
    before = tab.find("act-cost").inner_text()
    tab.find("count").fill("400")
    expect(tab.find("act-cost")).not_to_have_text(before)
    tab.find("act-back").click()
    tab.on("act")
    tab.find("act-find").fill("")
    soon(lambda: shown.count() == 0 and kinds.locator("visible=true").count() > 6)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_on_a_page_touches_its_neighbour_or_runs_off_the_window(untouched: Server, lang: str, width: int) -> None:
    with chromium() as browser:
        tab = Tab(browser, untouched.facilitator, width, 844)
        tab.find("advance").wait_for()
        for page in ("control/A", "screen/A", "cards", "act/A/tokyo", ""):
            tab.page.goto(f"{untouched.base}/lang/{lang}?to=/{page}")
            tab.speaks("zh-CN" if lang == "zh" else lang)
            if page == "control/A":
                tab.find("link-hague").click()
                tab.find("secret-link").wait_for()
                tab.find("inject-new").click()
                tab.find("inject").last.wait_for()
            soon(lambda: tab.crowded() == [])
            assert lang == "en" or tab.mixed() == [], page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_that_are_folded_out_on_a_phone_scroll_by_themselves_and_can_be_read(untouched: Server, lang: str) -> None:
    with chromium() as browser:
        tab = Tab(browser, untouched.facilitator, 390, 844)
        tab.page.goto(f"{untouched.base}/lang/{lang}?to=/act/A/beijing")
        tab.page.wait_for_selector(".scroll", state="attached")
        tab.page.evaluate("document.querySelectorAll('details:has(.scroll)').forEach(d => d.open = true)")
        widths = tab.page.evaluate("[...document.querySelectorAll('.scroll th, .scroll td')].map(e => e.getBoundingClientRect().width)")
        assert len(widths) > 100 and min(widths) > 50  # not a letter to the line
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 390 and tab.violations() == []


def test_who_is_shut_out_loses_the_open_page(server: Server) -> None:
    with chromium() as browser:
        control = Tab(browser, server.facilitator)
        control.find("link-hague").click()
        hague = Tab(browser, control.find("secret-link").inner_text())
        hague.page.wait_for_selector("[data-test=turn]")
        control.find("revoke-hague").click()
        control.find("revoke-hague-sure").click()
        hague.page.wait_for_url("**/nothing", timeout=30_000)
        expect(hague.page.locator("main")).to_contain_text("not valid")


def test_one_plays_alone_in_chinese_with_the_keyboard(server: Server) -> None:
    with chromium() as browser:
        tab = Tab(browser, f"{server.base}/?code={server.code}", locale="zh-CN")
        tab.speaks("zh-CN")
        expect(tab.page.locator("main")).to_contain_text("加入推演")
        assert tab.violations() == []
        tab.find("solo").focus()
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/play/**", timeout=30_000)
        tab.find("advance").wait_for()
        expect(tab.page.locator("header")).to_contain_text("华盛顿")
        assert tab.violations() == []
        tab.find("advance").focus()
        tab.page.keyboard.press("Enter")
        expect(tab.find("turn")).to_contain_text("第2/8回合", timeout=60_000)
        tab.find("language").click()
        tab.turn(2)
        tab.speaks("en")
        tab.page.keyboard.press("Tab")
        expect(tab.page.locator(":focus")).to_have_text("Skip to the content")


def test_an_intent_is_saved_while_it_is_typed_and_windows_of_a_seat_agree(server: Server) -> None:
    with chromium() as browser:
        tab = Tab(browser, f"{server.base}/?code={server.code}")
        tab.find("solo").click()
        tab.page.wait_for_url("**/play/**", timeout=30_000)
        tab.find("intent").wait_for()
        room, seat = tab.page.url.split("/")[-2:]

        def kept() -> tuple[str, str] | None:
            answer = tab.page.request.get(f"{server.base}/api/view/{room}/{seat}")
            if answer.status == TOO_MANY:  # asked in a loop: ask again
                return None
            draft = answer.json()["draft"]
            return draft.get("intent", ""), draft.get("aim", "")

        tab.find("intent").press_sequentially("slow them down", delay=20)
        soon(lambda: kept() == ("slow them down", ""))
        tab.find("intent").press_sequentially("!", delay=0)
        tab.page.reload()  # at once, as people do
        soon(lambda: kept() == ("slow them down!", ""))
        tab.page.wait_for_function("window.did_handshake === true")
        expect(tab.find("intent")).to_have_value("slow them down!")
        tab.find("intent").fill("slow them down")
        soon(lambda: kept() == ("slow them down", ""))
        tab.find("aim").select_option("rules")
        soon(lambda: kept() == ("slow them down", "rules"))
        tab.hand_in()
        second = tab.context.new_page()
        second.goto(tab.page.url)
        field = second.locator("[data-test='intent']")
        field.wait_for()
        expect(field).to_have_value("slow them down")
        expect(second.locator("[data-test='aim']")).to_have_value("rules")
        second.wait_for_function("window.did_handshake === true")
        field.fill("win time")
        expect(tab.find("intent")).to_have_value("win time")
        tab.page.wait_for_selector(".status.warn")
        expect(tab.page.locator("main")).to_contain_text("Another window")
        tab.find("intent").press_sequentially(", and votes", delay=20)
        second.locator("[data-test='aim']").select_option("price")  # while the first window's words are not saved yet
        soon(lambda: field.input_value() == tab.find("intent").input_value() != "win time")
        soon(lambda: tab.find("aim").input_value() == "price" and kept() == (tab.find("intent").input_value(), "price"))
        tab.hand_in()
        soon(lambda: kept()[0] == tab.find("intent").input_value())


def test_what_an_accepted_offer_binds_to_is_previewed_without_a_draft(server: Server) -> None:
    with chromium() as browser:
        control = Tab(browser, server.facilitator)
        control.find("room-title").fill("Offers")
        control.find("new-room").click()
        control.page.get_by_role("link", name="Room Offers").click()
        control.page.wait_for_url(re.compile("/control/[B-Z]$"))
        seats = {}
        for seat in ("washington", "tokyo"):
            control.find(f"link-{seat}").click()
            control.page.wait_for_function(
                f"document.querySelector('[data-test=secret-link]')?.parentElement.innerText.toLowerCase().includes('{seat}')"
            )
            seats[seat] = Tab(browser, control.find("secret-link").inner_text())
            seats[seat].find("preview").first.wait_for()
        giver, taker = seats["washington"], seats["tokyo"]
        giver.choose("impose:country_rule")
        giver.add()
        giver.find("offer-new").click()
        giver.find("offer-to").select_option("tokyo")
        giver.find("offer-give").select_option("0")
        giver.find("offer-send").click()
        taker.find("answer-yes").click(timeout=30_000)
        expect(giver.find("remove")).to_have_count(0)
        expect(giver.page.locator("[data-test='draft'] li")).to_have_count(1)
        giver.find("preview").first.click()
        giver.find("took").wait_for(timeout=90_000)


def test_who_plays_alone_without_the_join_code_is_told_so_beside_the_button(server: Server) -> None:
    with chromium() as browser:
        tab = Tab(browser, server.base, locale="en-GB")
        tab.find("solo").click()
        expect(tab.page.locator("section", has=tab.find("solo"))).to_contain_text("join code is missing")


def test_the_wall_shows_what_is_published(server: Server, tmp_path: Path) -> None:
    with chromium() as browser:
        wall = Tab(browser, server.facilitator, 1920, 1080)
        wall.page.goto(f"{server.base}/screen/A")
        wall.page.wait_for_selector("svg.chart")
        text = wall.page.inner_text("main")
        assert server.code in text and "estimate" not in text and "advanced foundry" not in text.split("Briefing")[0]
        assert wall.violations() == []
        assert wall.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_everything_on_the_wall_is_seen_without_scrolling_in_mid_game_and_at_the_end(tmp_path: Path) -> None:
    create(tmp_path / "game.ecsim", Setup(turns=2, quarters=1))
    session = Session(tmp_path / "game.ecsim", workers=0)
    for seat in SEATS:
        session.join(session.game.join_code, "A", seat, f"Team {seat}")
    cfius = {"actor": "USA", "verb": "measure", "tool": "cfius"}
    minerals = {"actor": "CHN", "verb": "impose", "tool": "minerals"}
    hand_in(session, WASHINGTON, RULE, cfius)
    hand_in(session, BEIJING, minerals, FUND)
    hand_in(session, TOKYO, JOIN)
    session.inject(CONTROL, "A", 1, "An earthquake stops two plants for a month", "地震使两家工厂停产一个月")
    session.advance(CONTROL, "A")
    hand_in(session, BEIJING, {**FUND, "size": 6.0}, shown="secret")
    session.close()
    server = Server(tmp_path / "game.ecsim")
    with chromium() as browser:
        wall, control = Tab(browser, server.facilitator, 1920, 1080), Tab(browser, server.facilitator)
        for at_the_end in (False, True):
            if at_the_end:
                control.find("advance").click()
                expect(control.find("turn")).to_contain_text("over", timeout=60_000)
            for lang in ("en", "zh"):
                wall.page.goto(f"{server.base}/lang/{lang}?to=/screen/A")
                wall.speaks("zh-CN" if lang == "zh" else lang)
                wall.page.wait_for_selector("svg.chart")
                ends = wall.page.evaluate("[...document.querySelectorAll('section')].map(s => s.getBoundingClientRect().bottom)")
                assert len(ends) == 4 and max(ends) <= 1080, (lang, ends)
        expect(control.page.locator("main")).to_contain_text("secret: no other team learns of it")
    server.stop()
