"""Sums of money on every page of a game, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browsing import Tab, chromium, expect
from ecsim.game.indicators import INDICATORS
from ecsim.game.knowledge import set_values
from ecsim.game.log import Log
from ecsim.game.session import Session, create
from ecsim.game.setup import Setup
from ecsim.game.state import Game
from playing import BEIJING, CONTROL, FUND, RULE, WASHINGTON, draft, hand_in
from serving import Server
from tenfold import figures, tenfold

pytestmark = pytest.mark.slow
SUMS = [i.en for i in INDICATORS if i.unit_en.startswith("USD bn")]
# captions and cells of all tables of a page, and the texts of all charts
_TABLES = """() => { document.querySelectorAll("details").forEach(d => d.open = true);
  return [...document.querySelectorAll("table")].map(
    t => [[t.caption.innerText], ...[...t.rows].map(r => [...r.cells].map(c => c.innerText))]); }"""
_CHARTS = """() => [...document.querySelectorAll("svg.chart")].map(s => [...s.querySelectorAll("text")].map(t => t.textContent))"""


def test_sums_of_money_are_ten_times_as_large_in_chinese_on_every_page(tmp_path: Path) -> None:
    create(tmp_path / "game.ecsim", Setup(turns=4, quarters=2))
    session = Session(tmp_path / "game.ecsim", workers=0)
    for seat in ("washington", "beijing", "industry"):
        session.join(session.game.join_code, "A", seat, f"Team {seat}")
    hand_in(session, WASHINGTON, {**RULE, "products": ["lithography", "foundry_advanced", "accelerators", "memory"]})
    hand_in(session, BEIJING, FUND)
    session.advance(CONTROL, "A")
    draft(session, WASHINGTON, {**RULE, "products": ["logic_design", "eda_ip", "hbm"]})
    session.save_words(WASHINGTON, 2, "", "denied")
    session.close()
    server = Server(tmp_path / "game.ecsim")
    with chromium() as browser:
        tab = Tab(browser, server.facilitator)
        told, held = {}, 0
        for place in ("/act/A/industry", "/act/A/washington", "/control/A", "/screen/A", "/report/A"):
            pages = [money_on(tab, server, place, lang, told) for lang in ("en", "zh")]
            held += compared(*pages[0][:2], *pages[1][:2])
            assert "十亿" not in pages[1][2] and "USD" not in pages[1][2], place
        assert held > 100 and all(tenfold(one, two) for one, two in zip(told["en"], told["zh"], strict=True)) and len(told["zh"]) == 2
        tab.page.goto(f"{server.base}/lang/zh?to=/control/A")
        tab.find("override-open").click()
        tab.find("override-indicator").select_option("denied")
        tab.find("override-value").fill("125")
        tab.find("override").click()
        expect(tab.find("override-shown")).to_contain_text("被拒订单（亿美元/季）：显示125，")
        tab.page.goto(f"{server.base}/lang/en?to=/control/A")
        expect(tab.find("override-shown")).to_contain_text("Orders that rules refused: 12.5 is shown")
    server.stop()
    log = Log(server.file)
    branch = Game().take(log.read()).branches["A"]
    log.close()
    assert set_values(branch) == {(1, "denied"): 12.5}


def money_on(tab: Tab, server: Server, place: str, lang: str, told: dict[str, list[str]]) -> tuple[list, list, str]:
    """Tables, charts and text of a page in a language; with what a preview says of a sum, and the table of a what-if."""
    if "report" in place:
        tab.page.goto(f"{server.base}{place}?lang={lang}")
    else:
        tab.page.goto(f"{server.base}/lang/{lang}?to={place}")
        tab.speaks("zh-CN" if lang == "zh" else lang)
    tab.page.wait_for_selector("svg.chart", timeout=90_000)
    if place == "/act/A/washington":
        tab.find("preview").first.click()
        tab.find("took").wait_for(timeout=90_000)
        said = tab.find("preview").last.inner_text()
        form = r": (\S+) USD bn a quarter \(8 runs in 10: (\S+ to \S+)\)" if lang == "en" else r"：(\S+)亿美元/季（八成结果在(\S+)之间"
        told[lang] = list(re.findall(form, said)[0])
    if place == "/control/A":
        tab.page.evaluate(_TABLES)
        tab.find("whatif-drop-0").check()
        tab.find("whatif").click()
        tab.page.wait_for_selector("[data-test='whatif-result'] table", timeout=60_000)
    return tab.page.evaluate(_TABLES), tab.page.evaluate(_CHARTS), tab.page.inner_text("main")


def compared(tables: list, charts: list, in_chinese: list, drawn: list) -> int:
    """How many numbers in USD bn a quarter are ten times as large on the Chinese page; no other may be."""
    n = 0
    for english, chinese in zip(tables, in_chinese, strict=True):
        named = any("USD bn a" in cell for cell in english[1]) or any(
            name in english[0][0] for name in SUMS
        )  # in fans the unit is on the axis
        for one, two in zip(english[2:], chinese[2:], strict=True):
            money = named or any("USD bn a" in cell for cell in one)
            for a, b in zip(one[1:], two[1:], strict=True):
                if re.fullmatch(r"[+−]?[\d.]+", a) or "USD bn a" in a and figures(a):
                    assert tenfold(a, b) if money else figures(a) == figures(b), (a, b)
                    n += money
    for english, chinese in zip(charts, drawn, strict=True):
        ticks = [(a, b) for a, b in zip(english, chinese, strict=True) if re.fullmatch(r"−?[\d.e+]+", a)]
        money = "USD bn a quarter" in english
        assert all(tenfold(a, b) if money else a == b for a, b in ticks) and money == ("亿美元/季" in chinese), (english, chinese)
        n += money * len(ticks)
    return n
