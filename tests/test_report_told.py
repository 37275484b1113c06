"""What the report says of the study that it is of: who answers how, which instruments were used, whether it ran to its end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ecsim
from browsing import Tab, chromium
from ecsim.analysis.compare import Comparison, compare
from ecsim.analysis.study import load_study
from ecsim.analysis.text.words import words_of
from ecsim.cli import main
from ecsim.report import making
from ecsim.report.figures import PLATES, Drawn, base, draw_figures, fans, instruments, network
from ecsim.report.html import render, write_report
from reading import Page, page_of
from scenario_file import GOOD
from synthetic import write_study

EN, ZH = words_of("en"), words_of("zh")


def told_of_answers(folder: Path, *policies: str) -> dict[str, str]:
    """What the pages of a short study say of the challenger's answer, by language."""
    made = ecsim.compare(
        "time.quarters=4", "economy=small", "experiment.draws=2", "experiment.seeds=1", "experiment.series=false",
        "experiment.workers=1", policies=policies, out=folder, progress=False,
    )  # fmt: skip
    pages = {lang: Page(page_of(made.folder, lang)) for lang in ("en", "zh")}
    return {lang: " ".join(page.words) for lang, page in pages.items()}


def test_the_report_tells_the_challenger_s_answer_to_each_policy(tmp_path: Path) -> None:
    told = told_of_answers(
        tmp_path / "one", "none", "small_yard", "small_yard response=none", "small_yard response=self_reliance", "history"
    )
    assert "The challenger answers the policies differently" in told["en"]
    assert "by the same rule" not in told["en"]
    assert "Its answer to Small yard + no response: it does nothing as a state, and its firms still adapt." in told["en"]
    fenced = told["en"].split("Its answer to Small yard:")[1].split("Its answer")[0]
    assert "from 6 quarters after the first control, a fund of" in fenced and "licences on critical minerals" in fenced
    alone = told["en"].split("Its answer to Small yard + self-reliance:")[1].split("Its answer")[0].split("Controls can")[0]
    assert "a fund of up to 0.2% of its GDP" in alone and "licences" not in alone
    assert "Its answer to History:" in told["en"] and "the counter-controls of the script" in told["en"]
    assert "对小院高墙 + 不作应对的回应：国家不作应对，企业仍自行调整。" in told["zh"]


def test_a_fund_that_the_counsel_asks_for_is_a_fund(tmp_path: Path) -> None:
    told = told_of_answers(tmp_path / "one", "small_yard response=first_paper")
    assert "The challenger answers by this rule: " in told["en"] and "no substitution fund" not in told["en"]
    assert "of the papers' counsel, early warning and policy tracking, " in told["en"]
    assert "licences on critical minerals" in told["en"] and "采纳论文建议中的政策跟踪与风险预警" in told["zh"]


def test_one_answer_to_all_policies_is_told_once(tmp_path: Path) -> None:
    told = told_of_answers(tmp_path / "one", "small_yard response=counter", "blanket response=counter")
    rule = (
        "from 3 quarters after the first rule on the country's goods, licences on critical minerals, with up to 50% of applications refused"
    )
    assert f"The challenger answers every policy by the same rule: no substitution fund; {rule}." in told["en"]
    assert "the fund, and demand" not in told["en"]


def with_tools(folder: Path, held: dict[tuple[str, str], list[float]]) -> Comparison:
    """A study of two runs a policy whose rule books hold tools, (actor, tool) -> entries by quarter, under every policy but in one run."""
    write_study(folder, draws=2, seeds=1, policies=("none", "small_yard"), quarters=8)
    series, events = (pd.read_parquet(folder / f"{name}.parquet") for name in ("series", "events"))
    one = series[(series["name"] == "instrument") & (series["key"] == "entity_list") & (series["draw"] == 0)]
    parts = [one.assign(key=tool, value=np.tile(values, one["run"].nunique())) for (_, tool), values in held.items()]
    pd.concat([series[series["name"] != "instrument"], *parts]).to_parquet(folder / "series.parquet", index=False)
    moves = [events.head(1).assign(actor=actor, tool=tool) for actor, tool in held]
    pd.concat(moves).to_parquet(folder / "events.parquet", index=False)
    return compare(load_study(folder))


def instruments_of(c: Comparison, folder: Path, patch: pytest.MonkeyPatch, lang: str = "en") -> tuple[Drawn, list[str]]:
    """The figure of instruments as it was stored, and the lines that it shows."""
    patch.setattr("ecsim.report.figures.PLATES", [instruments.PLATE])
    lines: list[str] = []

    def noted(fig: Any, home: Path, key: str) -> tuple[Path, Path]:
        lines.extend(label.get_text().replace("\n", " ") for label in fig.axes[0].get_yticklabels())
        return base.save(fig, home, key)

    patch.setattr("ecsim.report.figures.save", noted)
    return draw_figures(c, words_of(lang), folder)[0], lines


def test_instruments_of_both_sides_are_shown_and_what_is_left_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long, short = [1.0] * 8, [0.0] * 4 + [1.0, 0.0, 0.0, 0.0]
    home = {("USA", f"home_{i}"): long for i in range(40)}
    c = with_tools(tmp_path, home | {("CHN", "minerals"): short, ("JPN", "national_list"): short})
    drawn, lines = instruments_of(c, tmp_path / "figures", monkeypatch)
    names = {x: EN.name("tool", x) for x in ("minerals", "national_list")}
    assert {base.cap(x) for x in names.values()} <= set(lines) and {"Home", "Allies", "Challenger"} <= set(lines)
    left = 42 - (len(lines) - 3)
    assert left > 0 and f"{left} further tools" in drawn.caption
    assert f"另有 {left} 种工具" in instruments_of(c, tmp_path / "figures-zh", monkeypatch, "zh")[0].caption
    assert pd.read_csv(drawn.csv)["tool"].nunique() == drawn.twin["Tool"].nunique() == 42


def test_instruments_are_counted_over_all_runs_and_all_quarters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool in one run of two is half a tool, and one that is gone by the end of the year was there."""
    c = with_tools(tmp_path, {("USA", "entity_list"): [2.0] * 8, ("USA", "denial_order"): [0.0, 1.0] + [0.0] * 6})
    drawn, _ = instruments_of(c, tmp_path / "figures", monkeypatch)
    t = pd.read_csv(drawn.csv).set_index(["tool", "year"])["value"]
    assert t["entity_list", 2019] == 1.0
    assert t["denial_order", 2018] == 0.5 and t["denial_order", 2019] == 0.0
    assert "further tools" not in drawn.caption and "Entries of the rule book" in drawn.caption


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_the_table_of_parameters_can_be_read_on_a_phone(width: int, tmp_path: Path) -> None:
    """Narrow, a cell is a line with its head before it; nothing lies beyond the edge."""
    path = write_report(write_study(tmp_path, draws=2, seeds=1, policies=("none", "small_yard"), series=False))
    with chromium() as browser:
        page = Tab(browser, path.resolve().as_uri(), width=width).page
        shown, whole = page.eval_on_selector(f'[aria-label="{EN("section.parameters")}"]', "e => [e.clientWidth, e.scrollWidth]")
        assert whole <= shown <= width
        heads = page.eval_on_selector_all(".stack td:last-child", "all => all.map(e => getComputedStyle(e, '::before').content)")
        assert set(heads) == {'"Source: "' if width < 720 else "none"}


def test_allies_that_adopt_the_incumbent_s_rules_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They impose nothing of their own, and are in force all the same: two states from the second year on, one in one run of two."""
    c = with_tools(tmp_path, {("USA", "entity_list"): [1.0] * 8})
    stored = pd.read_parquet(tmp_path / "series.parquet")
    runs = sorted(c.study.core["run"].unique())[-2:]
    joins = [(runs[0], "JPN"), (runs[1], "JPN"), (runs[1], "NLD")]
    rows = [{"run": r, "quarter": q, "name": "adoption", "key": s, "value": 0.6 * (q > 3)} for r, s in joins for q in range(8)]
    pd.concat([stored, pd.DataFrame(rows)]).to_parquet(tmp_path / "series.parquet")
    drawn, lines = instruments_of(compare(load_study(tmp_path)), tmp_path / "figures", monkeypatch)
    assert lines[lines.index("Allies") + 1] == "Adoption of the incumbent's rules (states)"
    t = pd.read_csv(drawn.csv)
    t = t[(t["tool"] == "adoption") & (t["policy"] == c.policies[-1])].set_index("year")["value"]
    assert t[2018] == 0.0 and t[2019] == 1.5


@pytest.mark.slow
def test_the_report_of_an_interrupted_study_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twelve of twenty runs were done, and one policy was ahead: what is compared is what all have."""
    monkeypatch.setattr("ecsim.report.figures.PLATES", PLATES[:1])
    write_study(tmp_path, draws=10, seeds=1, policies=("none", "small_yard"), series=False)
    told = {"en": "12 of 20 runs are done", "zh": "20 次运行中已完成 12 次"}
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    for status in ("complete", "interrupted"):
        runs = pd.read_parquet(tmp_path / "runs.parquet")
        if status != "complete":
            runs[(runs["draw"] < 5) | (runs["policy"] == "none") & (runs["draw"] < 7)].to_parquet(tmp_path / "runs.parquet")
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"status": status, "planned": 20}), encoding="utf-8")
        for lang, text in told.items():
            assert main(["report", str(tmp_path), *(("--lang", lang) if lang == "en" else (f"lang={lang}",))]) == 0
            out, err = capsys.readouterr()
            page = Path(out.strip()).read_text(encoding="utf-8")
            assert [text in err, text in page] == [status != "complete"] * 2
    assert "Used here are 10: the replicates that every policy has." in ecsim.load(tmp_path).summary()
    assert set(compare(load_study(tmp_path)).scorecard["runs"]) == {5}


def test_an_alliance_that_all_are_made_to_join_is_not_called_none(tmp_path: Path) -> None:
    made = ecsim.compare(
        "time.quarters=4", "economy=small", "experiment.draws=2", "experiment.seeds=1", "experiment.series=false",
        "experiment.workers=1", policies=["small_yard alliance.participation=1", "blanket"], out=tmp_path, progress=False,
    )  # fmt: skip
    for words, joins, nobody, row in ((EN, "forced", "none", "alliance: participation"), (ZH, "强制参与", "无联盟", "盟友参与度")):
        table = making.made(made.tables, words)["policies"]
        values = {name: told for name, _, *told in table["rows"]}
        assert values[making.named("alliance", words)] == [joins, nobody]
        assert values[row] == ["1", "–"]


def test_titles_of_the_network_give_totals_and_tell_the_challenger_s_refusals_apart(tmp_path: Path) -> None:
    """Ribbons are the largest flows only, and what the challenger refuses to others is not what the policy denies it."""
    study = write_study(tmp_path, draws=2, seeds=1, quarters=8)
    flows = pd.read_parquet(study / "flows.parquet")
    own = flows[flows["policy"] == "blanket"].groupby("run").head(1).assign(product="critical_minerals", from_state="CHN", to_state="USA")
    pd.concat([flows, own.assign(blocked=2.0, diverted=0.0, degraded=0.0, backfilled=0.0)]).to_parquet(study / "flows.parquet")
    c = compare(load_study(study))
    t = network.table(c)
    assert t is not None
    blocked = 4 * flows[flows["policy"] == "blanket"].groupby("run")["blocked"].sum().mean()  # quarters of a year
    drawn = t[(t["policy"] == "blanket") & (t["kind"] == "blocked") & (t["rank"] <= network.SHOWN)]["value"].sum()
    figure = network.draw(t, base.Context(EN, c.policies, "", c.study.manifest, c.focal))
    (title,) = (ax.get_title() for ax in figure.axes if ax.get_title().startswith("Blanket"))
    assert EN.number(blocked, network.FLOW) != EN.number(drawn, network.FLOW)
    assert f"blocked {EN.number(blocked, network.FLOW)}, refused by the challenger 8.0," in " ".join(title.split())


MINE = GOOD.replace("{en: t, zh: 题}", "{en: A list of memory, zh: 存储清单}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mine", "blanket"])
def test_a_scenario_of_the_user_s_own_is_called_by_its_title(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In tables it has the name of its file, with its ending where that is the name of a policy too."""
    file = tmp_path / f"{name}.yaml"
    file.write_text(MINE, encoding="utf-8")
    out = tmp_path / "r"
    words = ["scenario=history", f"scenario.file={file}", "economy=small", "time.quarters=16", "launcher=serial"]
    assert main(["run", *words, f"out={out}"]) == 0
    assert "A list of memory" in capsys.readouterr().out
    assert set(pd.read_parquet(out / "runs.parquet")["policy"]) == {"mine" if name == "mine" else "blanket.yaml"}
    file.unlink()  # the folder of results keeps the title
    for lang, title, other in (("en", "A list of memory: what it achieves", "History"), ("zh", "存储清单：成效与代价", "历史路径")):
        assert main(["report", str(out), f"lang={lang}"]) == 0
        page = (out / ("report.html" if lang == "en" else "report.zh.html")).read_text(encoding="utf-8")
        shown = page.partition("<details")[0]
        assert title in shown and other not in shown


def test_two_scenarios_of_one_title_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(MINE, encoding="utf-8")
    both = ",".join(f"'history scenario.file={tmp_path}/{name}.yaml'" for name in ("one", "two"))
    words = [f"experiment.policies=[{both}]", "experiment.draws=1", "experiment.seeds=1", "economy=small", "time.quarters=16"]
    assert main(["compare", *words, "launcher=serial", "report=false", f"out={tmp_path}/r"]) == 0
    out = capsys.readouterr().out
    assert "A list of memory (one)" in out and "A list of memory (two)" in out


def test_a_single_run_is_told_of_as_one(tmp_path: Path) -> None:
    c = compare(load_study(write_study(tmp_path, draws=1, seeds=1, policies=("history",), quarters=8)))
    for w, means, best, five in ((EN, "Means over parameter draws", "set in bold", "first five"), (ZH, "参数抽样均值", "粗体", "前五项")):
        text = render(c, [], w)
        assert w("scorecard.how.one") in text and means not in text and best not in text
        table = fans.PLATE.table(c)
        assert table is not None and five not in fans.PLATE.caption(table, base.context_of(c, w))
    of_six = replace(base.context_of(c, EN), policies=(*c.policies, *"abcde"))
    assert "The first 1 of 6 policies are shown." in fans.PLATE.caption(table, of_six)
