"""What people read: the after-action report, texts in two languages, charts."""

from __future__ import annotations

import csv
import itertools
import re
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecsim.game
from ecsim.errors import UserError
from ecsim.game.acts import acts_of, explain, row_of, rule_title
from ecsim.game.branch import PUBLIC
from ecsim.game.charts import LABEL, LEFT, WIDTH, Line, chart, legend, nice
from ecsim.game.desk import Desk
from ecsim.game.hits import states_hit
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.knowledge import News, book_for, news_of
from ecsim.game.passes import Principal
from ecsim.game.review import page_of, review_of, write
from ecsim.game.review.page import STYLES
from ecsim.game.review.reruns import as_played, effects_of, without_seat
from ecsim.game.review.tables import instruments, offers, timeline
from ecsim.game.session import Session, create
from ecsim.game.telling import move_text, titles
from ecsim.game.web.told import together
from ecsim.game.words import TEXTS, say
from ecsim.report.style import POLICY_COLOURS
from ecsim.shown import Shown
from ecsim.tools import CATALOGUE, display_names, vocabulary
from playing import BEIJING, CONTROL, FUND, JOIN, RULE, SETUP, TOKYO, WASHINGTON, game, hand_in, rows, seat

# the report


def test_the_report_tells_what_a_move_did_and_escapes_what_people_wrote(session: Session, desk: Desk, tmp_path: Path) -> None:
    session.submit(WASHINGTON, 1, 0, rows(RULE), "=HYPERLINK('x') <script>alert(1)</script>", "rules")
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    session.override(CONTROL, "A", 2, "price", 9.0, "why")
    page = write(session.game, "A", desk, tmp_path / "out", "zh")
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text and "复盘报告" in text and "http://" not in text.replace("http://www.w3.org", "")
    (row,) = list(csv.DictReader((tmp_path / "out" / "intents.csv").open(encoding="utf-8-sig")))
    assert row["intent"].startswith("'=") and float(row["change"]) == 1.0 and row["all_lucks_agree"] == "True"
    tables = {p.stem for p in (tmp_path / "out").glob("*.csv")}
    assert tables == {"timeline", "indicators", "effects", "baselines", "who_paid", "instruments", "intents", "overrides", "offers"}
    shown = [r for r in csv.DictReader((tmp_path / "out" / "overrides.csv").open(encoding="utf-8-sig"))]
    assert shown[0]["shown"] == "9.0" and float(shown[0]["model"]) != 9.0


def test_the_effect_of_a_turn_is_the_game_with_less_the_game_without(session: Session, desk: Desk) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    branch = session.branch("A")
    (effect,) = effects_of(branch, desk)
    column = INDICATORS.index(BY_ID["denied"])
    bare = [without_seat(branch.history[0], "washington"), branch.history[1]]
    expected = as_played(branch)[-1, column] - desk.answer("ending", [], bare, 0)[-1, column]
    assert effect.seat == "washington" and effect.change[0, column] == pytest.approx(expected, abs=1e-6)


def test_the_report_tells_what_control_struck(session: Session, desk: Desk, tmp_path: Path) -> None:
    session.submit(WASHINGTON, 1, 0, [*rows(RULE), {"free": "call them"}])
    for index in (0, 1):
        session.strike(CONTROL, "A", seat="washington", index=index)
    session.advance(CONTROL, "A")
    page = write(session.game, "A", desk, tmp_path / "out", "zh").read_text(encoding="utf-8")
    timeline = list(csv.DictReader((tmp_path / "out" / "timeline.csv").open(encoding="utf-8-sig")))
    mine = [(r["kind"], r["political"], r["outcome"]) for r in timeline if r["seat"] == "washington"]
    assert mine == [("move", "0", "struck"), ("free", "", "struck")] and page.count("已剔除") == 2


def test_a_report_of_nothing_says_so(session: Session, desk: Desk) -> None:
    assert "No turn has been played" in page_of(review_of(session.game, "A", desk))


# words


def test_texts_that_pages_ask_for_are_there() -> None:
    folder = Path(ecsim.game.__file__).parent
    asked = {
        key
        for path in folder.rglob("*.py")
        for key in re.findall(r'(?:say|[^a-z]t)\((?:lang, |self\.lang, |"en", )?"([a-z_]+)"', path.read_text())
    }
    asked -= {"en"}
    assert len(asked) > 150 and asked <= set(TEXTS), asked - set(TEXTS)
    for tool in CATALOGUE.values():
        for lang in ("en", "zh"):
            assert explain(tool, lang) or tool.cls == "record"


def test_marks_and_spaces_of_what_a_tool_does_are_those_of_the_language() -> None:
    for tool in CATALOGUE.values():
        for lang in ("en", "zh"):
            said = explain(tool, lang)
            assert not re.search(r"\de[+-]\d|[一-鿿。] ?[,;:( ]|[,;:] ?[一-鿿]" if lang == "zh" else r"\de[+-]\d", said), said


def test_policies_have_the_colours_that_they_have_in_studies() -> None:
    assert {name: colour for name, (colour, _) in STYLES.items()} == POLICY_COLOURS


def test_the_past_is_told_by_the_title_of_its_scenario(session: Session, desk: Desk) -> None:
    assert "2018至2025年的管制实录" in page_of(review_of(session.game, "A", desk), "zh")


def test_a_move_of_several_states_is_one_sentence_in_the_plural(session: Session) -> None:
    page = SimpleNamespace(session=session, lang="en", say=partial(say, "en"))
    told = [News(1, s, {"actor": s, "verb": "adopt", "issuer": "USA", "level": 0.6}, None, PUBLIC) for s in ("GBR", "ITA")]
    assert [text for _, text in together(page, told, {})] == ["The United Kingdom and Italy adopt the rules of the United States at 60%."]


def test_lobbying_and_what_did_not_go_through_are_told_in_words(session: Session, desk: Desk) -> None:
    session.hold(CONTROL, "A", "industry", "team")
    session.submit(Principal("A", "industry"), 1, 0, [{"lobby": {"seat": "washington", "points": -2}}])
    lift = {"actor": "USA", "verb": "lift", "rule": "USA:huawei"}
    hand_in(session, WASHINGTON, lift)
    session.inject(CONTROL, "A", 1, "Spring", "春", [lift])
    assert session.advance(CONTROL, "A").payload["refused"]
    review = review_of(session.game, "A", desk)
    table = timeline(review, "zh")
    assert [row[4] for row in table if row[3] == "lobby"] == ["企业游说华盛顿，使其政治资本减少2点"]
    assert "该规则已不再有效。" in {row[8] for row in table}
    told = page_of(review)
    assert "Companies lobby Washington and cost it 2 points of political capital" in told and "not in force any more" in told
    page = SimpleNamespace(session=session, lang="zh", say=partial(say, "zh"))
    branch = session.branch("A")
    told = [n for n in news_of(session.game, branch, branch.played[0], CONTROL) if n.refused]
    (news,) = together(page, told, titles(session.game, branch, "zh"))
    assert news[1].endswith("未生效：该规则已不再有效。")


def test_a_move_that_was_kept_quiet_is_said_to_be(session: Session, desk: Desk) -> None:
    hand_in(session, BEIJING, FUND, shown="secret")
    session.advance(CONTROL, "A")
    review = review_of(session.game, "A", desk)
    assert "(secret: no other team learns of it)" in page_of(review) and "（保密：其他队伍均不知情）" in page_of(review, "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lists_in_force_are_told_apart_by_whom_they_hit_and_since_when(session: Session, lang: str) -> None:
    listing = {"actor": "USA", "verb": "list", "tool": "entity_list", "count": 30, "destinations": ["CHN"]}
    hand_in(session, WASHINGTON, listing, {"actor": "USA", "verb": "suspend", "rule": "USA:human_rights"})
    session.advance(CONTROL, "A")
    branch = session.branch("A")
    book = book_for(session.game, branch, WASHINGTON)
    names = [a.name for a in acts_of(seat("washington"), book, {}, lang)]
    for verb in ("act_lift", "act_amend", "act_suspend", "act_resume"):
        mine = [n for n in names if n.startswith(say(lang, verb, rule=""))]
        assert mine and len(mine) == len(set(mine)), mine
    lists = [n for n in names if n.startswith(say(lang, "act_lift", rule=display_names(lang)["entity_list"]))]
    named = display_names(lang)
    assert len(lists) == 3 and any(named["Huawei"] in n and "2019Q2" in n for n in lists)
    assert any(named["SMIC"] in n and "2021Q1" in n for n in lists)
    (resumed,) = [n for n in names if n.startswith(say(lang, "act_resume", rule=""))]
    assert named["Hikvision"] in resumed
    titled = titles(session.game, branch, lang)
    assert titled["USA:huawei"] != titled["USA:smic"] != titled["USA:entity_list"]
    before, after = (next(r for r in b if r["id"] == "USA:entity_list") for b in (session.game.opening["book"]["rows"], book))
    assert after["further"] == before["further"] + 30


def test_the_mix_of_instruments_counts_joining_and_stands_by_seat(session: Session, desk: Desk) -> None:
    hand_in(session, TOKYO, JOIN)
    hand_in(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    rows = [row for row in instruments(review_of(session.game, "A", desk)) if row[2] == "class"]
    assert [row[4] for row in rows if row[1] == "tokyo" and row[3] == "joining"] == [1]
    page = page_of(review_of(session.game, "A", desk), "en")
    assert page.index("Joining the American rules, or leaving") > 0


def test_the_report_tells_the_terms_of_offers_with_answer_and_turn(session: Session, desk: Desk) -> None:
    lift = {"actor": "USA", "verb": "lift", "rule": "USA:huawei"}
    session.offer(BEIJING, "washington", "call it off", [FUND], [lift])
    session.offer(WASHINGTON, "tokyo", "join us", [], [JOIN])
    first, second = session.branch("A").offers.values()
    session.answer(TOKYO, second.id, "yes")
    session.strike(CONTROL, "A", seat="tokyo", move=JOIN)
    session.answer(WASHINGTON, first.id, "no")
    session.advance(CONTROL, "A")
    session.offer(WASHINGTON, "beijing", "", [RULE], [])
    review = review_of(session.game, "A", desk)
    (_, mine, *_), page, zh = offers(review), page_of(review), page_of(review, "zh")
    assert mine[:4] == [1, "beijing", "washington", "call it off"] and mine[6] == "no"
    assert "Turn 1, Beijing to Washington: declined." in page and "第1回合，北京致华盛顿：已拒绝。" in zh
    assert "Beijing gives: China uses the National Integrated Circuit Fund" in page and "北京给出：中国实施国家集成电路产业投资基金" in zh
    assert "Beijing asks of Washington: The United States lifts the Entity List (HiSilicon, Huawei" in page
    assert "北京要求华盛顿：美国取消实体清单（海思、华为" in zh
    assert "Turn 1, Washington to Tokyo: accepted." in page and "Washington gives: nothing that binds" in page
    assert "Washington asks of Tokyo: Japan adopts the rules of the United States at 60%. (struck by control)" in page
    assert "华盛顿要求东京：日本采纳美国的规则，执行程度60%。（已剔除）" in zh
    assert "Turn 2, Washington to Beijing: open." in page and "第2回合，华盛顿致北京：待答复。" in zh
    assert page.count("In its own words") == 2  # an offer without words has none


def test_what_is_taken_back_is_told_beside_the_instruments_and_not_among_them(session: Session, desk: Desk) -> None:
    delisted = {"actor": "USA", "verb": "delist", "tool": "entity_list", "entities": ["DJI"]}
    inject = [{"actor": "USA", "verb": "lift", "rule": "USA:huawei"}, {"actor": "USA", "verb": "suspend", "rule": "U20"}, delisted]
    hand_in(session, WASHINGTON, RULE, inject[0])
    session.inject(CONTROL, "A", 1, "Spring", "春", inject[1:])
    session.advance(CONTROL, "A")
    review = review_of(session.game, "A", desk)
    told = {tuple(row[1:4]): row[4] for row in instruments(review)[1:] if row[1] != "model" and row[2] != "instrument"}
    assert told == {("washington", "class", "trade"): 1, ("washington", "taken_back", "trade"): 1, ("control", "taken_back", "trade"): 2}
    zh = page_of(review, "zh")
    assert "撤回次数" in zh and '<th scope="row">华盛顿</th><td>贸易管制</td><td class="n">1</td><td class="n">1</td>' in zh
    assert '<th scope="row">Control</th><td>Control of trade</td><td class="n">0</td><td class="n">2</td>' in page_of(review)


@pytest.mark.parametrize(
    ("lang", "so_far", "end"), [("en", "end of turn 2 of 4", "the end of the game"), ("zh", "截至第2/4回合末", "终局")]
)
def test_a_report_before_the_end_says_up_to_which_turn_it_goes(session: Session, desk: Desk, lang: str, so_far: str, end: str) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    early = page_of(review_of(session.game, "A", desk), lang)
    turn = say(lang, "report_end_turn", turn=2)
    assert so_far in early and end not in early and early.count(turn) >= 3 and "2023Q1" in early
    session.advance(CONTROL, "A")
    session.advance(CONTROL, "A")
    whole = page_of(review_of(session.game, "A", desk), lang)
    assert so_far not in whole and whole.count(end) >= 3 and say(lang, "report_end_turn", turn=4) not in whole


def test_the_head_of_a_column_stands_over_its_cells(session: Session, desk: Desk) -> None:
    session.submit(WASHINGTON, 1, 0, [], "wait", "")
    session.advance(CONTROL, "A")
    assert '<th scope="col">Turn</th>' in page_of(review_of(session.game, "A", desk))  # whose cells stand to the left


def test_charts_escape_and_survive_gaps() -> None:
    line = Line("<b>", (1, 2, 3, 4), (1.0, None, float("nan"), 2.0), (0.5, None, None, 1.0), (1.5, None, None, 3.0))
    svg = chart('"<x>', Shown("&"), [line], since=2, since_text="<i>")
    assert "<x>" not in svg and "<i>" not in svg and "&lt;" in svg and "nan" not in svg
    assert "<svg" in chart("t", Shown("u"), [Line("a", (), ())]) and "&lt;b&gt;" in legend([line])


@pytest.mark.parametrize("last", [1, 2, 5, 13, 40])
def test_names_of_quarters_keep_clear_of_each_other_and_of_the_lowest_value(last: int) -> None:
    svg = chart("t", Shown("u"), [Line("a", tuple(range(last + 1)), tuple(map(float, range(last + 1))))])
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)" [^>]*>\d{4}Q\d<', svg)]
    assert places and all(b - a >= LABEL for a, b in itertools.pairwise(places))
    assert places[0] >= LEFT + LABEL / 2 and places[-1] <= WIDTH - LABEL / 2


@pytest.mark.parametrize("first", [0, 19, 22])
@pytest.mark.parametrize("length", [2, 4, 6, 9, 30])
def test_quarters_are_named_at_even_distances(first: int, length: int) -> None:
    quarters = tuple(range(first, first + length))
    svg = chart("t", Shown("u"), [Line("a", quarters, tuple(map(float, quarters)))])
    named = [4 * int(year) + int(quarter) for year, quarter in re.findall(r">(\d{4})Q(\d)<", svg)]
    assert named and len({later - before for before, later in itertools.pairwise(named)}) <= 1


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_axes_span_their_values(low: float, width: float) -> None:
    ticks = nice(low, low + width)
    assert 2 <= len(ticks) <= 8 and ticks[0] <= low + 1e-6 * abs(low) + 1e-9 and ticks[-1] >= low + width - 1e-6 * abs(low + width) - 1e-9
    assert len({f"{tick:g}" for tick in ticks}) == len(ticks)


@pytest.mark.parametrize("name", [s.id for s in SETUP.table])
def test_chinese_pages_use_the_chinese_names_of_the_data(session: Session, name: str) -> None:
    session.advance(CONTROL, "A")
    book = book_for(session.game, session.branch("A"), Principal("A", name))
    acts = acts_of(seat(name), book, {"GBR": 0.6}, "zh")
    rules = list(titles(session.game, session.branch("A"), "zh").values())
    known = {word for text in display_names("zh").values() for word in re.findall("[A-Za-z]{3,}", text)}
    said = " ".join([*rules, *(f"{a.name} {a.text} {a.subject} {a.short} {a.group}" for a in acts)])
    assert set(re.findall("[A-Za-z]{3,}", said)) <= known | {"CFIUS", "CFR", "USC"}  # as laws are cited
    assert not any(english in said for english in ("Huawei", "SMIC", "Hikvision"))


@pytest.mark.parametrize("name", [s.id for s in SETUP.table])
def test_a_tool_is_called_the_same_in_the_list_of_acts_and_in_chinese_sentences(session: Session, name: str) -> None:
    now = session.game.setup.first
    for act in acts_of(seat(name), [], {}, "zh"):
        verb, _, subject = act.id.partition(":")
        if subject in CATALOGUE and verb != "event":
            values = {k: b[1] for k, b in act.bounds.items()} | {"entities": ["Huawei"], "products": ["lithography"]}
            row = row_of(act, values | {"state": seat(name).states[0], "origin": "JPN", "destination": "USA"}, seat(name), now, "USA")
            assert act.name in move_text(session.game, row["move"], "zh")


@pytest.mark.parametrize(("lang", "title"), [("en", "the Entity List (SMIC; since 2021Q1)"), ("zh", "实体清单（中芯国际；2021Q1起）")])
def test_rules_stand_in_sentences_as_sentences_call_them(session: Session, lang: str, title: str) -> None:
    rules = titles(session.game, session.branch("A"), lang)
    lift = {"actor": "USA", "verb": "lift", "rule": "USA:smic"}
    assert rules["USA:smic"] == title and title in move_text(session.game, lift, lang, rules)
    row = {"id": "x", "tool": "minerals", "issuer": "CHN", "products": ["critical_minerals"], "start": 20}
    assert rule_title(row, display_names(lang), lang, dated=False) == display_names(lang)["minerals"]  # which says of what


def test_many_products_are_counted_in_words(session: Session) -> None:
    move = {**FUND, "products": list(vocabulary("product")[:13])}
    assert "and 10 more; USD 7 bn" in move_text(session.game, move, "en") and "、另10种）；" in move_text(session.game, move, "zh")


def test_what_a_tool_does_is_told_without_contradiction() -> None:
    for tool in CATALOGUE.values():
        for lang, stop in (("en", ". "), ("zh", "。")):
            said = [re.sub(r"[\d.]+", "", sentence) for sentence in explain(tool, lang).split(stop) if sentence]
            assert len(said) == len(set(said)), said  # two strengths of the same would be read as an error
            assert "by default" not in explain(tool, lang) and "默认" not in explain(tool, lang)
    assert "usual strength is 0.2" in explain(CATALOGUE["allied_coordination"], "en")  # a utility is no share
    assert "A licence is needed" not in explain(CATALOGUE["over_compliance"], "en")  # of companies, not of the law
    assert "Puts those named on the list." in explain(CATALOGUE["sdn"], "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_form_says_who_runs_a_tool_and_by_which_law(lang: str) -> None:
    for tool in CATALOGUE.values():
        said = explain(tool, lang)
        if tool.basis:
            assert said.endswith((")", "）")) and not said.endswith((".)", "。）")), said
            assert said.count("(") == said.count(")") and said.count("（") == said.count("）"), said
            assert lang == "en" or tool.basis not in said, said
    law = {
        "en": "(Commerce (BIS); ECRA 2018 (50 USC 4801); EAR 15 CFR 734.9)",
        "zh": "（商务部（工业与安全局）；《2018年出口管制改革法》（50 USC 4801）；《出口管理条例》734.9）",
    }
    assert explain(CATALOGUE["ear_fdp"], lang).endswith(law[lang])


@pytest.mark.parametrize(
    ("actor", "tool", "hit"),
    [("JPN", "design_out", "USA"), ("CHN", "design_out", "USA"), ("USA", "design_out", "CHN"), ("JPN", "move_plants", "CHN")],
)
def test_content_that_is_designed_out_is_american_and_plants_leave_the_rival(actor: str, tool: str, hit: str) -> None:
    assert states_hit({"actor": actor, "verb": "measure", "tool": tool}, SETUP.table, ("USA", "CHN")) == {hit}


def test_both_languages_have_every_text_with_the_same_gaps() -> None:
    import string

    for key, (en, zh) in TEXTS.items():
        assert en and zh, key
        gaps = [{name for _, name, _, _ in string.Formatter().parse(t) if name} for t in (en, zh)]
        assert gaps[0] == gaps[1], key


def test_creating_twice_does_not_overwrite(tmp_path: Path, desk: Desk) -> None:
    session = game(tmp_path, desk)
    session.log.close()
    with pytest.raises(UserError, match="there already"):
        create(session.log.path, SETUP, desk)
