"""What ends in verdicts speaks Chinese too: the long history, claims, targets, trends and structures."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import wraps
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from ecsim import api, progress
from ecsim.analysis.claims import CLAIMS
from ecsim.analysis.documents.targets import DATED_DOCUMENTS
from ecsim.analysis.estimate import NOTE_CONSTANT, NOTE_EMPTY, NOTE_ONE, NOTE_SEEDS
from ecsim.analysis.structure import FINDINGS
from ecsim.analysis.switches import responsible, switch_table
from ecsim.analysis.targets import COLUMNS, MISS, PASS, ROLES, SPOKEN, read_targets, shipped_rows
from ecsim.analysis.text import declared_zh, en, parameters_zh, studies_en, studies_zh, verdicts_en, verdicts_zh, zh
from ecsim.analysis.text.words import CATALOGUES, words_of
from ecsim.analysis.trends import EMERGES, OPEN, REVERSES, UNSEEN
from ecsim.api import Study
from ecsim.cli import COMMANDS, main
from ecsim.data.longrun import load_acts
from ecsim.errors import UserError
from ecsim.experiment import forecast
from ecsim.experiment.arms import ALL_ON, SWITCHES
from ecsim.experiment.structures import AS_IS, STRUCTURES
from ecsim.experiment.trend_arms import ARMS
from ecsim.outcomes import IN, OUTCOMES
from ecsim.params import REGISTRY
from ecsim.report import style
from ecsim.report.figures.base import factor_name, factor_unit
from ecsim.strategies.docket import GROUNDS
from ecsim.strategies.scenario import load, scenario_names
from ecsim.strategies.settings import KINDS, MARGINAL, MODES, ScenarioConfig
from ecsim.strategies.trends import TRENDS
from ecsim.verdicts import conclude_claims, document_table
from ecsim.yearly import YEARLY
from reading import page_of

EN, ZH = words_of("en"), words_of("zh")
LETTER = re.compile("[一-鿿]")
BROKEN = re.compile("[一-鿿）] ?[,:;(]|[,:;] ?[一-鿿]|[)\\]][一-鿿]|[一-鿿]\\[")  # marks of another language beside a Chinese letter
LOOSE = re.compile(
    "[一-鿿}）] ?\\[|\\][、，。；）一-鿿]|[一-鿿] [，。；：、“”（）一-鿿]|[，。；：、“”（）] "
)  # blanks and brackets of another language
WORD = re.compile(r"[A-Za-z][\w.@/:-]*")
NAMES = {"ecsim"}
NOTES = (NOTE_ONE, NOTE_SEEDS, NOTE_CONSTANT, NOTE_EMPTY)
SMALL = ("economy=small", "experiment.draws=2", "experiment.seeds=1", "experiment.workers=1")


def english(text: str) -> list[str]:
    """Small words in Latin letters, of which every English sentence has some and no name, key or path is one."""
    return [word for word in WORD.findall(text) if re.fullmatch("[a-z]{3,}[.:]?", word) and word not in NAMES]


def in_chinese(text: str) -> bool:
    """Whether a text is Chinese throughout, its marks included; says what is not."""
    assert not english(text), english(text)
    assert not BROKEN.search(text), BROKEN.findall(text)
    return bool(LETTER.search(text))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Texts of the figures that are stored during a test."""
    texts: list[str] = []
    draw = FigureCanvasAgg.print_png

    @wraps(draw)
    def note(canvas: FigureCanvasAgg, *args: object, **options: object) -> None:
        texts.extend(t.get_text() for t in canvas.figure.findobj(Text) if isinstance(t, Text))
        draw(canvas, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(FigureCanvasAgg, "print_png", note)
    yield texts


def fields(text: str) -> set[str]:
    """What a text has filled in."""
    return {name.lower() for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("english_texts", "chinese_texts"), [(en, zh), (studies_en, studies_zh), (verdicts_en, verdicts_zh)])
def test_both_languages_have_the_same_keys_and_fill_in_the_same(english_texts, chinese_texts) -> None:
    assert set(english_texts.TEXT) == set(chinese_texts.TEXT)
    other = [key for key, text in english_texts.TEXT.items() if not fields(chinese_texts.TEXT[key]) <= fields(text)]
    assert set(other) <= {"answer.no_controls"}  # where Chinese names the policy once more


def test_every_declaration_that_is_shown_has_its_chinese() -> None:
    parts = document_table()["part"].unique()
    acts = load_acts()
    shown = acts[(acts["size"] >= 2) & (acts["direction"] != "shift")]
    needed = [
        *(f"{kind}.{name}" for name in SWITCHES for kind in ("switch", "under", "equation")),
        *(f"claim.{c.key}.short" for c in CLAIMS),
        *(f"claim.arm.{name}" for c in CLAIMS for name in c.arms),
        *(f"outcome.{condition.outcome}" for c in CLAIMS for condition in c.conditions),
        *(key for name in TRENDS for key in (f"trend.{name}", f"trend.{name}.quantity")),
        *(f"trend.verdict.{verdict}" for verdict in (EMERGES, REVERSES, OPEN, UNSEEN)),
        *(f"policy.{arm}" for arm in (*ARMS, "history")),
        *(
            f"policy.{label}"
            for c in CLAIMS
            for a in c.arms.values()
            for label in a.labels
            if "+" not in label and label != "small_yard_alone"
        ),
        *(f"note.{note}" for note in NOTES),
        *(f"yearly.{name}" for name in YEARLY),
        *(f"structure.{name}" for name in STRUCTURES),
        *(f"under.{name}" for name in STRUCTURES if name != AS_IS),
        *(key for f in FINDINGS for key in (f"finding.{f.key}.short", f"finding.{f.key}.text", f"outcome.{f.outcome}", f"spoken.{f.unit}")),
        *(f"target.{t.id}" for t in read_targets().judged),
        *(f"source.{t.source}" for t in read_targets().judged),
        *(f"target.{d.id}" for d in DATED_DOCUMENTS),
        *(key for row in shipped_rows() if row["id"][0] == "W" for key in (f"target.{row['id']}", f"source.{row['source']}")),
        *(f"period.{t.period}" for t in read_targets().judged if english(t.period)),
        *(f"part.{part}" for part in parts if part),
        *(f"spoken.{unit}" for unit in SPOKEN),
        *(f"role.{role}" for role in ROLES),
        *(f"judged.{verdict}" for verdict in (PASS, MISS, "no value", "input")),
        *(f"missed.{what}" for what in ("mean", "interval", "mean path", "rare")),
        *(f"long.act.{act}" for act in shown["id"]),
    ]
    assert [key for key in needed if ZH.said(key, "") == ""] == []
    assert all(EN.said(key, "as declared") == "as declared" for key in needed)


def test_chinese_texts_have_chinese_marks() -> None:
    for key, text in (CATALOGUES["zh"] | declared_zh.TEXT).items():
        assert not BROKEN.search(text) and not LOOSE.search(text), key


@pytest.mark.parametrize(
    "words",
    [
        ("run", "policy=history"),
        ("run", "experiment.seeds=3"),
        ("compare", "experiment.draws=2"),
        ("compare", "experiment.draws=2", "--dry-run"),
        ("sweep", "policy=small_yard,blanket", "experiment.draws=2"),
        ("sweep", "policy.height=0.2,0.8", "alliance.participation=0,1"),
        ("sensitivity", "experiment.screen=2", "experiment.draws=2", "experiment.seeds=1"),
        pytest.param(("factorial", "experiment.draws=2"), marks=pytest.mark.slow),
        pytest.param(("alliance", "experiment.draws=2"), marks=pytest.mark.slow),
    ],
)
def test_what_studies_print_has_chinese_marks(words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brief = ("economy=small", "time.quarters=8", "launcher=serial", "report=false")
    assert main([*words, *brief, f"out={tmp_path / 'r'}", "lang=zh"]) == 0
    shown = capsys.readouterr()
    lines = [line for line in (shown.out + shown.err).splitlines() if LETTER.search(line)]
    assert lines and not [line for line in lines if BROKEN.search(line) or LOOSE.search(re.sub("  +", "\t", line))]


@pytest.mark.slow
def test_the_long_history_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str], drawn: list[str]) -> None:
    assert main(["long", "draws=2", f"out={tmp_path}", "--lang", "zh"]) == 0
    assert in_chinese(capsys.readouterr().out.replace(str(tmp_path), ""))
    assert {path.name for path in tmp_path.glob("long_history*")} == {"long_history.zh.png", "long_history.zh.svg"}
    assert list(pd.read_csv(tmp_path / "turns.csv").columns)[:3] == ["year", "challenger", "act"]
    assert not style.has_cjk() or in_chinese("\n".join(drawn))


def told(command: str, folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints in Chinese, less where it is."""
    assert main([command, *words, f"out={folder}", "lang=zh"]) == 0
    return capsys.readouterr().out.replace(str(folder), "")


def page(folder: Path, name: str) -> str:
    """The Chinese page of verdicts, beside which there is none in English."""
    assert not (folder / f"{name}.md").exists()
    return (folder / f"{name}.zh.md").read_text(encoding="utf-8")


def test_structures_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_chinese(told("structure", tmp_path, capsys, *SMALL, "time.quarters=4"))
    assert in_chinese(page(tmp_path, "structure"))


def test_trends_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    years = ",".join(f"trend_{name}@2020" for name in TRENDS)
    shown = told(
        "trends", tmp_path, capsys, *SMALL[0:1], *SMALL[3:], "experiment.seeds=2", "time.quarters=12", f"experiment.yearly=[{years}]"
    )
    assert in_chinese(shown)
    assert "至2020年" in shown
    assert in_chinese(page(tmp_path, "trends"))
    assert set(pd.read_csv(tmp_path / "trends.csv")["arm"]) == {*ARMS, "history"}
    report = page_of(tmp_path, "zh")
    assert "无路径依赖" in report and "管制理由多样化，2020" in report and "对中有" in report
    assert not any(text in report for text in (*ARMS, "trend grounds", *NOTES, "have no value"))


@pytest.mark.slow
def test_targets_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str], drawn: list[str]) -> None:
    assert in_chinese(told("validate", tmp_path, capsys, *SMALL))
    text = page(tmp_path, "targets")
    assert in_chinese(text.replace("government.listed_before", ""))
    assert len({line.count("|") for line in text.splitlines() if line.startswith("| C")}) <= 2  # two tables of them
    assert (tmp_path / "figures-zh" / "targets.png").exists()
    assert not style.has_cjk() or in_chinese("\n".join(drawn))
    assert "至2025年韩国出台自己的设备清单" in text and "| 来源 |" in text
    assert main(["report", str(tmp_path), "lang=zh"]) == 0
    report = page_of(tmp_path, "zh")
    assert "个目标中有" in report and 'href="targets.zh.md"' in report
    assert "<h1>历史路径与历史路径 + 自主选择的盟友：" in report
    assert main(["report", str(tmp_path)]) == 0
    assert 'href="targets.md"' in page_of(tmp_path, "en") and "<h1>History against History + choosing allies:" in page_of(tmp_path, "en")
    english = (tmp_path / "targets.md").read_text(encoding="utf-8")
    assert "Korea adopts an equipment list of its own" in english and "instruments: list management" in english
    assert "list_management" not in english and "the share of runs beside it is information" in english


def test_targets_of_a_user_stay_as_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(
        ",".join(COLUMNS) + "\nC1,my own count,by 2025,1,1,count,k,CSIS 14 March 2025,check,listed_entities\n", encoding="utf-8"
    )
    words = (*SMALL, "time.quarters=8", f"targets={mine}")
    monkeypatch.setattr("sys.argv", ["ecsim", "validate", *words])
    shown = told("validate", tmp_path / "r", capsys, *words)
    assert "my own count" in shown and "by 2025" in shown and "CSIS 14 March 2025" in shown and "检验" in shown
    before = (tmp_path / "r" / "targets.zh.md").read_bytes()
    (tmp_path / "r" / "targets.zh.md").unlink()
    assert main(["report", str(tmp_path / "r"), "lang=zh"]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "r" / name) for name in ("report.zh.html", "targets.zh.md")]
    assert (tmp_path / "r" / "targets.zh.md").read_bytes() == before
    mine.unlink()
    assert main(["report", str(tmp_path / "r"), "lang=zh"]) == 0
    shown = capsys.readouterr()
    assert shown.out.split() == [str(tmp_path / "r" / "report.zh.html")] and f"{mine}: cannot be read" in shown.err


def claims_study(folder: Path) -> Study:
    """A stored study of claims, with outcomes by chance."""
    rng = np.random.default_rng(1)
    outcomes = sorted({condition.outcome for claim in CLAIMS for condition in claim.conditions})
    labels = sorted({arm.labels[0] for claim in CLAIMS for arm in claim.arms.values()})
    rows = [
        {"policy": f"{arm}/{switch}", "arm": arm, "switch": switch, "draw": d, "seed": d, "status": "ok"}
        | {outcome: rng.standard_normal() for outcome in outcomes}
        for switch in (ALL_ON, "ceiling", "rd")
        for arm in labels
        for d in range(4)
    ]
    pd.DataFrame(rows).to_parquet(folder / "runs.parquet")
    return Study(folder)


def test_claims_in_chinese(tmp_path: Path) -> None:
    study = claims_study(tmp_path)
    assert in_chinese(conclude_claims(study, ZH).text.replace(str(tmp_path), ""))
    assert in_chinese(page(tmp_path, "claims"))
    assert set(responsible(switch_table(study.runs))["claim"]) == {c.key for c in CLAIMS}
    study.runs.query("arm != 'none'").to_parquet(tmp_path / "runs.parquet")
    assert in_chinese(conclude_claims(Study(tmp_path), ZH).text.replace(str(tmp_path), "")), "with an arm that is missing"


@pytest.mark.slow
def test_claims_in_chinese_as_a_user_meets_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_chinese(told("claims", tmp_path, capsys, *SMALL, "time.quarters=4"))
    assert in_chinese(page(tmp_path, "claims"))


BRIEF = ("economy=small", "time.quarters=4", "launcher=serial")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["compare", "experiment.draws=2", "experiment.policies=[none,blanket]"], "有利方向：对管制方有利的方向。"),
        (["sweep", "policy=small_yard,blanket", "policy.height=0.2,0.8"], "4个点。政策：小院高墙、全面管制"),
        (["run", "policy=blanket"], "各政策的结果：各运行一次"),
    ],
)
def test_a_study_ends_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    assert main([*words, *BRIEF, "lang=zh", f"out={tmp_path / 'r'}"]) == 0
    shown = capsys.readouterr()
    assert says in shown.out and f"报告：{tmp_path / 'r' / 'report.zh.html'}" in shown.out
    assert " 次运行中已完成 " in shown.err and " of " not in shown.err
    assert (tmp_path / "r" / "report.zh.html").exists() and not (tmp_path / "r" / "report.html").exists()


def test_every_outcome_has_a_name_in_both_languages() -> None:
    for texts in (en, zh):
        assert [name for name in OUTCOMES if IN not in name and f"outcome.{name}" not in texts.TEXT] == []


def test_a_shard_ends_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "r"
    assert main(["sweep", "seed=1,2", *BRIEF, "shard=1/2", "lang=zh", f"out={out}"]) == 0
    assert capsys.readouterr().out == f"本分片已完成。全部分片完成后：ecsim resume {out}\n"


def test_from_python_an_unknown_language_is_one_line_and_nothing_is_run(tmp_path: Path) -> None:
    assert set(progress.LINES) == set(forecast.LINES) == set(CATALOGUES)
    words = [*BRIEF, f"out={tmp_path / 'r'}"]
    for ask in (lambda: api.study("run", words, lang="fr"), lambda: api.dry_run("run", words, lang="fr")):
        with pytest.raises(UserError, match="lang: unknown language 'fr'; accepted: en, zh"):
            ask()
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("command", ["compare", "sensitivity", "claims", "alliance"])
def test_a_dry_run_is_told_in_chinese(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, *BRIEF, "experiment.draws=2", "--dry-run", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert "未写入任何内容。" in out and "计算  1 个进程（serial）" in out
    assert not {"Runs", "Policies", "Nothing"} & set(out.split())


def test_discovery_is_told_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "experiment.draws=2", *BRIEF, "report=false", f"out={tmp_path / 'r'}"]) == 0
    capsys.readouterr()
    assert main(["discover", str(tmp_path / "r"), "lang=zh"]) == 0
    assert f"报告：{tmp_path / 'r' / 'discovery.zh.html'}" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["long", "claims", "validate", "trends", "structure", "compare", "sensitivity", "calibrate"])
@pytest.mark.parametrize("words", [["lang=fr"], ["--lang", "fr"]])
def test_an_unknown_language_is_one_line_and_nothing_is_run(
    command: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, *words, f"out={tmp_path / 'none'}"]) == 2
    assert capsys.readouterr().err == "ecsim: lang: unknown language 'fr'; accepted: en, zh\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in {"import", "game"}])
def test_help_says_how_a_command_is_told_to_speak_chinese(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """But for the import, which is in English, and the workshop, whose pages have both languages."""
    assert main([command, "--help"]) == 0
    assert "lang=zh as a word is the same" in " ".join(capsys.readouterr().out.split())


def test_shards_joined_are_held_against_the_targets_that_they_were_run_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(",".join(COLUMNS) + "\nX,my own count,2018,1,1,count,k,me,check,listed_entities\n", encoding="utf-8")
    for shard in ("1/2", "2/2"):
        words = ["validate", *SMALL, "time.quarters=4", f"targets={mine}", f"out={tmp_path / 'r'}", f"shard={shard}"]
        monkeypatch.setattr("sys.argv", ["ecsim", *words])
        assert main(words) == 0
    capsys.readouterr()
    assert main(["resume", str(tmp_path / "r"), "lang=zh"]) == 0
    shown = capsys.readouterr().out
    assert "my own count" in shown and "1个目标中" in shown and "targets.zh.md" in shown


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_scenario_is_called_by_its_own_title(lang: str) -> None:
    """But for history, which is a policy too."""
    named = {name: words_of(lang).policy(name) for name in scenario_names() if name != "history"}
    assert named == {name: load(ScenarioConfig(name=name)).title[lang] for name in named} and len(named) > 5


def test_every_parameter_has_a_chinese_name_meaning_and_unit() -> None:
    assert list(parameters_zh.PARAMETERS) == list(REGISTRY)
    assert len({factor_name(name, ZH) for name in REGISTRY}) == len(REGISTRY)
    for name, info in REGISTRY.items():
        said, meaning = parameters_zh.PARAMETERS[name]
        assert factor_name(name, ZH) == said and LETTER.search(said) and LETTER.search(meaning) and meaning.endswith("。"), name
        assert not BROKEN.search(said + meaning), name
        assert info.unit == "1" or re.search("[一-鿿%]", factor_unit(info.unit, ZH)), (name, info.unit)
        assert ZH.policy(f"small_yard:{name}=0.5") == f"小院高墙（{said.partition('（')[0]} 0.5）"
    assert set(parameters_zh.UNITS) <= {info.unit for info in REGISTRY.values()}


def test_values_that_a_label_has_are_chinese_too() -> None:
    choices = {value for info in REGISTRY.values() for value in info.choices} | {*KINDS, *MODES, *MARGINAL, *GROUNDS}
    for value in choices:
        assert in_chinese(ZH.policy(f"small_yard:policy.ground={value}")), value
