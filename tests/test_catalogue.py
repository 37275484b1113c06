"""What `ecsim describe` prints of governments: the papers' tables whole, in both languages."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from ecsim.analysis.text.columns import as_text
from ecsim.cli import main
from ecsim.composing import choices
from ecsim.describe import rows_of
from ecsim.describe_policy import BILINGUAL, LANGUAGES, bilingual_rows
from ecsim.documents.instruments import instruments
from ecsim.tools import CATALOGUE

TARGETS = {"S": "science, technology", "T": "technology, industry", "I": "industry"}


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", BILINGUAL)
def test_every_topic_fits_the_terminal_and_loses_nothing(topic: str, lang: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    rows = rows_of(topic, lang)
    text = as_text(rows)
    assert max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.splitlines()) <= columns
    shown = Counter(re.sub(r"\s", "", text))
    assert not Counter(re.sub(r"\s", "", "".join(str(x) for row in rows for x in row.values()))) - shown


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", BILINGUAL)
def test_every_topic_is_a_table_in_both_languages(topic: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", topic, f"lang={lang}"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert main(["describe", topic, "--lang", lang, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(printed) == len(rows) + 2
    assert all(any("\u4e00" <= c <= "\u9fff" for c in row["中文"]) for row in rows)
    assert any("\u4e00" <= c <= "\u9fff" for c in printed[0].replace("中文", "")) == (lang == "zh")
    assert list(rows[0]) == list(bilingual_rows(topic, "en")[0]), "a program finds the same keys in both languages"


def test_kinds_of_institutes_and_of_evidence_are_told_in_chinese() -> None:
    rows = bilingual_rows("institutes", "zh")
    assert {row["类型"] for row in rows} == {"高校", "研究机构"} and {row["证据"] for row in rows} <= {"事实", "推算", "假设"}


def test_table_1_of_the_first_paper_is_whole() -> None:
    rows = bilingual_rows("toolkit", "en")
    assert [int(r["row"]) for r in rows] == list(range(1, 20))
    assert [r["class"] for r in rows] == ["treatment"] * 3 + ["trade"] * 10 + ["finance"] * 4 + ["investment"] * 2
    assert [r["layers"] for r in rows] == [TARGETS[x] for x in "SSSTTTTTIIIITIIIIII"]
    assert [r["group"] for r in rows] == [""] * 3 + ["export control"] * 5 + ["tariffs"] * 4 + ["law"] + [""] * 6
    assert len({r["name"] for r in rows}) == 19 and all(r["agency"] for r in rows)
    for row in rows:
        for name in row["tools"].split(", "):
            tool = CATALOGUE[name]
            assert set(row["layers"].split(", ")) <= set(tool.layers), name
            assert tool.agency and tool.layers and tool.reach and tool.grounds and tool.makes and tool.name_en and tool.name_zh
    in_rows = {name for r in rows for name in r["tools"].split(", ")}
    assert {t.id for t in CATALOGUE.values() if t.row and t.row.rstrip("ab").isdigit()} <= in_rows


def test_tables_2_to_4_of_the_second_paper_are_whole() -> None:
    rows = bilingual_rows("instruments", "zh")
    assert len(rows) == 18 and sum(r["条文数"] for r in rows) == 1071
    assert {r["类别"]: (r["类别合计"], r["类别占比"]) for r in rows} == {
        "权威型": ("446", "41.64%"),
        "激励性": ("97", "9.06%"),
        "能力建设型": ("263", "24.56%"),
        "系统性": ("162", "15.13%"),
        "劝告性": ("103", "9.62%"),
    }
    assert all(r["内涵"] and r["作用于"] and r["工具"] for r in rows)
    assert all("\u4e00" <= x <= "\u9fff" for r in rows for x in r["作用于"].replace("、", ""))
    by_name = {r["工具名称"]: r["工具"].split(", ") for r in rows}
    assert by_name["rewards"] == ["export_enforcement"], "rewards go to those who report violations, not to buyers"
    assert not {t.id for t in CATALOGUE.values() if t.cls == "firms"} & {x for tools in by_name.values() for x in tools}
    goals = {r["objective"]: (r["codes"], r["share"]) for r in bilingual_rows("objectives", "en")}
    assert goals == {"security": ("630", "78.95%"), "development": ("168", "21.05%")}


def test_the_glossary_names_the_classes_of_instruments_as_the_paper_does() -> None:
    page = (Path(__file__).parents[1] / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert "、".join(dict.fromkeys(i.class_zh for i in instruments())) + "工具" in page


def test_what_a_tool_acts_by_and_moves_is_said_in_chinese() -> None:
    rows = bilingual_rows("tools", "zh")
    said = [r[key] for r in rows for key in ("作用渠道", "预期变化", "计为政策工具")] + [
        r["领域"] for r in bilingual_rows("alliances", "zh")
    ]
    assert not [text for text in said if re.search("[a-z_]", text)]
    english = {r["tool"]: r for r in bilingual_rows("tools", "en")}
    assert english["cfius"]["acts by"] == "investment" and english["statute"]["acts by"] == "record"


def test_counsel_says_where_its_cost_is_booked_and_institutes_name_their_state() -> None:
    heading = "cost beside funds and stocks, USD bn a year"
    costs = {r["component"]: r[heading] for r in bilingual_rows("counsel", "en")}
    assert costs["substitute_channels"] == "–" and costs["talent"] == "1 (0.2–3)"
    assert {r["国家"] for r in bilingual_rows("institutes", "zh")} == {"中国"}


def test_every_shipped_player_has_a_name_and_a_sentence_in_chinese() -> None:
    rows = {(r["组别"], r["选项"]): r for r in bilingual_rows("strategies", "zh")}
    assert len(rows) == sum(len(choices(group)) for group in ("policy", "response", "alliance"))
    assert all(r["说明"] and r["中文"] != r["选项"] for r in rows.values())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tools", "lang=de"], "unknown language 'de'; accepted: en, zh"),
        (["parametres", "lang=zh"], "没有“parametres”这个主题（是否指“parameters”？）"),
        (["tools", "zh"], "'zh' is one word too many"),
    ],
)
def test_a_slip_is_one_clear_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", *words]) == 2
    told = capsys.readouterr().err
    assert says in told and told.count("\n") == 1
