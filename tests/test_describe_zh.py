"""What `ecsim describe` lists in Chinese: every topic, whole, under the keys that programs know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from ecsim.analysis.text import described_zh, sources_zh
from ecsim.analysis.text.settings_zh import SETTINGS
from ecsim.analysis.text.words import words_of
from ecsim.cli import main
from ecsim.describe import TOPICS, rows_of, values_of
from ecsim.describe_policy import BILINGUAL
from ecsim.outcomes import OUTCOMES
from ecsim.params import REGISTRY
from ecsim.schedule import describe
from ecsim.strategies.settings import KINDS, MARGINAL, MODES
from ecsim.tools import CATALOGUE
from test_chinese import BROKEN, LETTER, in_chinese

SMALL = ("economy=small", "experiment.draws=2", "experiment.seeds=1", "experiment.workers=1", "time.quarters=8", "report=false")
TYPED = {"产品", "英文名", "英文标题", "默认值", "结果", "键", "参数", "数", "机制", "情景", "主题", "语言"}  # columns of what is typed
NO_WORDS = re.compile(r"`[^`]*`|（[a-z_]+）|[A-Za-z_]+\.[A-Za-z_.*]+|imports:[\w:@]+")  # keys and commands within a sentence
VALUES = {*KINDS, *MODES, *MARGINAL, *(x for p in REGISTRY.values() for x in p.choices), "scope", "start", "none", "all", "compare"}
VALUES |= {"sobol", "lhs", "morris", "saltelli", "decisive", "null", "true", "false"}


def cells(topic: str) -> Iterable[str]:
    """What the Chinese table of a topic says beside names that are typed."""
    for row in rows_of(topic, "zh"):
        yield from (str(x) for key, x in row.items() if key not in TYPED)


def told(text: str) -> str:
    """A text without keys, their values and commands."""
    return re.sub(r"\b(" + "|".join(VALUES) + r")\b", "", NO_WORDS.sub("", text))


@pytest.mark.parametrize("topic", ["", *TOPICS])
def test_every_topic_is_in_chinese_throughout(topic: str) -> None:
    rows = rows_of(topic, "zh")
    assert len(rows) == len(rows_of(topic))
    assert all(LETTER.search(heading) for heading in rows[0])
    texts = {text for text in map(told, cells(topic)) if re.search("[A-Za-z]{3}", text)}
    assert all(in_chinese(text) for text in texts)


@pytest.mark.parametrize("topic", ["", *TOPICS, *BILINGUAL])
def test_json_keeps_its_keys_and_the_units_that_they_name(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", *([topic] if topic else []), "lang=zh", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    english = values_of(topic)
    assert {tuple(key for key in row if key != "中文") for row in rows} == {tuple(key for key in row if key != "中文") for row in english}
    first = next(iter(english[0]))
    if topic not in {"strategies", "data"}:  # which begin with a word that is told
        assert [row[first] for row in rows] == [row[first] for row in english]
    money = [key for key in english[0] if "USD" in key]
    assert [[row[key] for key in money] for row in rows] == [[row[key] for key in money] for row in english]


def test_a_table_gives_sums_in_the_unit_of_its_heading() -> None:
    row = next(r for r in rows_of("data", "zh") if r["产品"] == "materials")
    assert (row["价值（亿美元/年）"], row["中文"], row["领域"]) == ("373", "半导体材料", "芯片与人工智能（chips）")
    assert next(r for r in rows_of("parameters", "zh") if r["参数"] == "documents.lever_subsidy")["单位"] == "10亿美元/年"


def test_names_are_those_of_reports() -> None:
    w = words_of("zh")
    assert {r["结果"]: r["中文"] for r in rows_of("outcomes", "zh")} == {name: w.outcome(name) for name in OUTCOMES}
    keys = {r["键"]: r["中文"] for r in rows_of("policy", "zh")}
    assert keys["policy.fdp"] == SETTINGS["fdp"][0] and keys["alliance.participation"] == w("factor.alliance.participation")
    assert all(keys.values())
    assert not [key for key, (name, _) in described_zh.KEYS.items() if name and w.has(f"factor.{key}")], "a second name for a factor"


def test_all_that_is_declared_has_its_chinese_and_nothing_else_has() -> None:
    assert set(described_zh.MECHANISMS) == {name for _, name, _, _ in describe()}
    assert set(described_zh.TOPICS) == {*TOPICS, *BILINGUAL}
    assert set(described_zh.YEARLY) == {r["outcome"].partition("@")[0].partition(":")[0] for r in rows_of("yearly")}
    measured = {name.partition("_in_")[0] + "_in" if o.domain else name for name, o in OUTCOMES.items()}
    assert set(described_zh.OUTCOMES) == measured
    shared = {row["key"].removeprefix("policy.") for row in rows_of("policy")} & set(SETTINGS)
    assert set(described_zh.KEYS) == {r["key"] for r in rows_of("policy")} - {f"policy.{key}" for key in shared}
    assert set(sources_zh.PARAMETERS) == {p.source for p in REGISTRY.values()}
    assert set(sources_zh.NUMBERS) == {r["source"] for r in rows_of("numbers")} - {"assumption"}
    assert set(sources_zh.BASES) == {t.basis for t in CATALOGUE.values() if t.basis}
    shown = {row["source"] for topic in ("tools", "objectives", "alliances", "institutes") for row in values_of(topic)}
    assert set(sources_zh.POLICY) == {x for x in shown if not x.startswith("assumption")}
    parts = {part for _, _, _, source in describe() for part in source.split("; ")}
    assert parts <= set(sources_zh.PARTS)


def test_chinese_marks() -> None:
    texts = [*sources_zh.SOURCES.values(), *sources_zh.PARTS.values(), *described_zh.MECHANISMS.values(), *described_zh.OUTCOMES.values()]
    texts += [*described_zh.YEARLY.values(), *described_zh.TOPICS.values(), *(meaning for _, meaning in described_zh.KEYS.values())]
    assert not [text for text in texts if BROKEN.search(text)]


def test_topics_are_listed_in_chinese_by_the_word_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "lang=zh"]) == 0
    assert "模型的全部参数" in capsys.readouterr().out


def test_inputs_are_named_once() -> None:
    rows = {r["product"]: r["inputs"].split(", ") for r in rows_of("products")}
    assert all(len(set(names)) == len(names) for names in rows.values())
    chinese = next(r["投入品"] for r in rows_of("products", "zh") if r["产品"] == "machine_tools")
    assert chinese == "数控系统与伺服驱动；主轴、导轨与轴承"  # the name of one has a comma


def test_what_is_expected_of_a_scenario_is_a_sentence() -> None:
    english, chinese = ({r["scenario"]: r["expected"] for r in values_of("scenarios", lang)} for lang in ("en", "zh"))
    assert english["japan_korea_2019"] == "world_value same as under none; price_level same as under none"
    assert chinese["japan_korea_2019"] == "产业链世界价值与无管制相同；价格水平与无管制相同"
    assert chinese["fdp_only"].startswith("保有的对外供应杠杆低于美日荷三国联盟；")


def test_the_report_gives_sources_in_chinese(tmp_path: Path) -> None:
    from ecsim import api
    from ecsim.report.making import parameters

    study = api.study("run", [*SMALL, f"out={tmp_path / 'made'}"])
    from ecsim.analysis.study import load_study

    rows = parameters(load_study(study.folder), words_of("zh"))
    assert rows and all(LETTER.search(row["source"]) for row in rows)
