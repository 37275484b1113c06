"""Figures and the HTML report of stored studies."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from matplotlib.text import Text

from ecsim import rules
from ecsim.analysis.compare import Comparison, compare
from ecsim.analysis.findings import findings
from ecsim.analysis.study import Study, load_study
from ecsim.analysis.text.settings_zh import CHANNELS, SETTINGS
from ecsim.analysis.text.words import Words, words_of
from ecsim.composing import choices
from ecsim.errors import UserError
from ecsim.places import conf_dir
from ecsim.report import style
from ecsim.report.figures import PLATES, alliance, base, draw_figures, drivers, fans, power
from ecsim.report.html import render, write_report
from ecsim.report.making import HIDDEN, chosen, made, named, parameters
from ecsim.strategies.docket import GROUNDS
from ecsim.strategies.settings import PolicyConfig
from reading import Page, page_of
from synthetic import make_runs, write_study

EN, ZH = words_of("en"), words_of("zh")
ZH_LETTER = re.compile("[一-鿿]")
ZH_BROKEN = re.compile("[一-鿿）] ?[,:;(]|[,:;] ?[一-鿿]|[)\\]][一-鿿]|[一-鿿]\\[")  # marks of another language beside a Chinese letter
SHIPPED = yaml.safe_load((conf_dir() / "experiment" / "compare.yaml").read_text(encoding="utf-8"))
SECTIONS = ["answer", "findings", "scorecard", "figures", "designs", "claims", "made", "limits"]


HEADS: dict[str, tuple[Any, list[tuple[str, Any]]]] = {}  # figure -> its box, and its titles with theirs


def save_and_note(fig: Any, folder: Path, key: str) -> tuple[Path, Path]:
    """Store a figure, and note where its titles came to stand."""
    files = base.save(fig, folder, key)
    renderer = fig.canvas.get_renderer()
    heads = [t for t in [*fig.texts, *(ax._left_title for ax in fig.axes)] if t.get_text() and t.get_visible()]
    HEADS[key] = fig.bbox, [(t.get_text(), t.get_window_extent(renderer)) for t in heads]
    return files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with everything, and its report."""
    made = write_study(tmp_path_factory.mktemp("full"), draws=12, seeds=2, designs=True, quarters=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ecsim.report.figures.save", save_and_note)
        write_report(made)
    return made


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    return compare(load_study(folder))


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_the_report_stands_alone(folder: Path, page: Page) -> None:
    assert all(link.startswith(("#", "data:")) for link in page.links)
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"url\((?!#)|@import|<script|<link", text)
    assert not list(folder.glob("*.part"))


def test_the_report_is_in_order_and_well_formed(page: Page) -> None:
    assert page.sections == SECTIONS
    assert page.open == []
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids


def test_every_picture_has_words_and_a_table(folder: Path, page: Page) -> None:
    assert len(page.images) == len(PLATES) - 1  # the scorecard is a table on the page
    assert all(len(i["alt"]) > 40 and i["src"].startswith("data:image/svg+xml;base64,") for i in page.images)
    text = (folder / "report.html").read_text(encoding="utf-8")
    for figure in re.findall(r"<figure.*?</figure>", text, flags=re.S):
        assert "<details>" in figure and figure.count("<tr>") >= 2


def test_the_report_shows_no_raw_code(page: Page) -> None:
    text = " ".join(page.words)
    assert not re.search(r"\bnan\b|\binf\b|None\b|\{[a-z]+\}|np\.float", text)


def test_every_figure_is_stored_with_its_table(folder: Path) -> None:
    for plate in PLATES:
        files = [folder / "figures" / f"{plate.key}.{end}" for end in ("png", "svg", "csv")]
        assert files[0].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and files[0].stat().st_size > 5000
        assert "</svg>" in files[1].read_text(encoding="utf-8")
        assert len(pd.read_csv(files[2])) > 0


@pytest.mark.parametrize("plate", PLATES, ids=lambda p: p.key)
def test_a_figure_is_made_from_its_table_alone(plate: base.Plate, comparison: Comparison) -> None:
    """Changing a number of the table changes the drawing; a table of one policy can be drawn."""
    ctx = base.context_of(comparison, EN)
    table = plate.table(comparison)
    assert table is not None
    numbers = table.select_dtypes("float").columns
    changed = table.copy()
    changed[numbers] = np.where(table[numbers].abs() < 1, table[numbers] * 0.6 + 0.01, table[numbers] * 0.8)
    with style.styled():
        one, two = (drawing(plate.draw(t, ctx)) for t in (table, changed))
    assert one != two
    assert len(plate.twin(table, ctx)) > 0


def drawing(fig: Any) -> list[tuple[str, str]]:
    """What a figure holds, without laying it out."""
    found = []
    for ax in fig.axes:
        found += [("line", str(x.get_xydata().round(9).tolist())) for x in ax.lines]
        found += [
            ("patch", str(x.get_path().vertices.round(9).tolist()) + str(x.get_transform().transform((0, 0))) + str(x.get_facecolor()))
            for x in ax.patches
        ]
        found += [
            ("cloud", str(x.get_offsets().data.tolist()) + str([p.vertices.tolist() for p in x.get_paths()]) + str(x.get_array()))
            for x in ax.collections
        ]
        found += [("text", x.get_text()) for x in ax.texts]
    return found


def test_no_title_leaves_the_picture_or_covers_another(folder: Path) -> None:
    assert set(HEADS) >= {p.key for p in PLATES}
    for key, (picture, boxes) in HEADS.items():
        for text, box in boxes:
            assert box.x0 >= 0 and box.x1 <= picture.width + 1 and box.y0 >= 0 and box.y1 <= picture.height + 1, (key, text)
        for i, (one, a) in enumerate(boxes):
            assert not [two for two, b in boxes[i + 1 :] if a.overlaps(b)], (key, one)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("key", ["network", "instruments", "fans", "variance"])
def test_a_policy_with_a_long_name_stays_in_the_picture(key: str, lang: str, comparison: Comparison, tmp_path: Path) -> None:
    plate = next(p for p in PLATES if p.key == key)
    table = plate.table(comparison)
    assert table is not None
    last = [p for p in comparison.policies if p in set(table["policy"])][-1]
    longer = table.replace({"policy": {last: "endogenous+endogenous"}})
    heads = HEADS.get(key)
    with style.styled():
        save_and_note(plate.draw(longer, base.context_of(comparison, EN if lang == "en" else ZH)), tmp_path, key)
    picture, boxes = HEADS.pop(key)
    if heads:
        HEADS[key] = heads
    assert not [text for text, box in boxes if box.x0 < 0 or box.x1 > picture.width + 1]


def test_a_government_and_allies_that_both_choose_are_told_apart() -> None:
    assert EN.policy("endogenous+endogenous") == "Choosing government + choosing allies"
    assert ZH.policy("small_yard+endogenous") == "小院高墙 + 自主选择的盟友"


def test_an_axis_on_which_less_is_better_shows_the_values_of_the_tables() -> None:
    """Up serves the controlling side; a fall of the power ratio by 0.01 is marked as such."""
    fig = Figure()
    for outcome, wanted in (("power_ratio_change", ["0.01", "0.00", "−0.01"]), ("gap_added", ["−0.01", "0.00", "0.01"])):
        ax = fig.add_subplot()
        label = base.effect_axis(ax, outcome, words_of("en"))
        ax.set_yticks([-0.01, 0.0, 0.01])
        assert [t.get_text() for t in ax.get_yticklabels()] == wanted
        assert ("reversed" in label) is (outcome == "power_ratio_change")


def test_policies_that_lie_on_each_other_differ_in_line() -> None:
    labels = ("none", "small_yard", "blanket", "history", "small_yard+allies", "mine")
    assert len({str(style.policy_line(p, labels)) for p in labels}) == len(labels)


def test_the_report_says_what_may_be_cited(comparison: Comparison, page: Page) -> None:
    text = " ".join(page.words)
    assert "not forecasts" in text
    assert "costs at home are rather too low" in text
    assert "may be cited as a difference" in text


@pytest.mark.slow
def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    names = ["report.html", "figures/power.svg", "figures/power.png", "figures/network.svg", "analysis/differences.csv"]
    before = [(folder / n).read_bytes() for n in names]
    write_report(folder)
    assert [(folder / n).read_bytes() for n in names] == before


def test_chinese_headings_and_names(folder: Path) -> None:
    text = page_of(folder, "zh")
    assert '<html lang="zh">' in text
    for word in ("小院高墙", "全面管制", "记分卡", "低端锁定", "受检验的命题", "局限"):
        assert word in text
    assert (
        re.search(
            r"[a-z]{4,} [a-z]{3,} [a-z]{3,}",
            re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<[^>]*>|base64,[^\"]*", " ", text.split('id="made"')[0], flags=re.S),
        )
        is None
    )


@pytest.mark.slow
def test_chinese_figures_and_their_tables_have_chinese_marks(comparison: Comparison) -> None:
    context = base.context_of(comparison, ZH)
    with style.styled():
        for plate in PLATES:
            if (table := plate.table(comparison)) is None:
                continue
            fig, twin = plate.draw(table, context), plate.twin(table, context)
            shown = [t.get_text() for t in fig.findobj(Text)] + [str(x) for x in [*twin.columns, *twin.to_numpy().ravel()]]
            assert [t for t in shown if ZH_BROKEN.search(t)] == [], plate.key


def test_lines_of_chinese_are_of_one_length_and_no_wider_than_lines_of_english() -> None:
    assert base.wrap("新兴大国未满足的需求", 13) == "新兴大国未\n满足的需求"
    assert base.wrap("Unmet need of the challenger", 18) == "Unmet need of the\nchallenger"
    assert base.wrap("美国《出口管理条例》", 40) == "美国《出口管理条例》" and base.wrap("", 10) == ""


def test_one_run_has_no_median_and_no_states_without_a_path_to_compare(tmp_path: Path) -> None:
    c = compare(load_study(write_study(tmp_path, draws=1, seeds=1, policies=("small_yard",), quarters=8)))
    plates = {p.key: p for p in PLATES}
    with style.styled():
        plate = plates["fans"]
        told = [t.get_text() for t in plate.draw(plate.table(c), base.context_of(c, EN)).findobj(Text)]
    assert "Median" not in told and "The run" in told and EN("fig.fans.one") in told
    for name, key in (("payers", "fig.payers.side.one"), ("gap", "fig.gap.one")):
        assert plates[name].text_key(plates[name].table(c)) == key
        assert all("5–95%" not in w(f"{key}.caption") and w(key) for w in (EN, ZH))


def test_parameters_are_named_in_the_language_of_the_figure() -> None:
    assert drivers.parameter_name("innovation.stretch", ZH) == f"innovation.stretch\n{ZH('factor.innovation.stretch')}"
    assert ZH_LETTER.search(drivers.parameter_name("innovation.stretch", ZH)) and drivers.parameter_name("a.b", EN) == "a.b"


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
def test_heads_of_the_figure_of_drivers_keep_apart_beside_long_rows(comparison: Comparison, words: Words) -> None:
    table = drivers.table(comparison)
    assert table is not None
    long = ("innovation.vintage_speed", "innovation.spillover", "innovation.practice")
    longest = dict(zip(pd.unique(table["parameter"]), long, strict=False))
    with style.styled():
        fig = drivers.draw(table.assign(parameter=table["parameter"].replace(longest)), base.context_of(comparison, words))
        fig.canvas.draw()
        heads, rows = ([t.get_window_extent() for t in axis.get_ticklabels()] for axis in (fig.axes[0].xaxis, fig.axes[0].yaxis))
    assert len(heads) == 8 and all(a.x1 < b.x0 for a, b in itertools.pairwise(heads))
    assert all(a.y0 > b.y1 for a, b in itertools.pairwise(rows)) and min(r.x0 for r in rows) > 0


def test_all_policies_of_the_main_comparison_unfold() -> None:
    assert len(SHIPPED["policies"]) == fans.POLICIES_SHOWN


def test_failed_runs_and_missing_tables_are_told_not_hidden(tmp_path: Path) -> None:
    write_study(tmp_path, draws=3, seeds=2, fail=4, series=False)
    (tmp_path / "manifest.json").unlink()
    c = compare(load_study(tmp_path))
    text = render(c, [], EN)
    assert "4 of 24 runs failed and are left out. Most common reason: NaN in output at quarter 31." in text
    assert "not recorded" in text
    assert {p.key for p in PLATES if p.table(c) is not None} == {
        "scorecard",
        "often",
        "pareto",
        "payers",
        "variance",
        "regret",
    }  # too few draws for "drivers"


@pytest.mark.parametrize(
    ("draws", "seeds", "policies"),
    [(1, 1, ("none", "small_yard", "blanket", "history")), (1, 1, ("small_yard",)), (1, 3, ("none", "blanket"))],
)
def test_few_runs_make_a_report_without_false_intervals(tmp_path: Path, draws: int, seeds: int, policies: tuple[str, ...]) -> None:
    c = compare(load_study(write_study(tmp_path, draws=draws, seeds=seeds, policies=policies, quarters=8)))
    text = render(c, [], EN)
    with style.styled():
        notes = [plate.draw(t, base.context_of(c, EN)).texts[1].get_text() for plate in PLATES if (t := plate.table(c)) is not None]
    assert len(notes) >= 5
    if seeds == 1:
        assert "This is one run a policy" in text
        assert not [n for n in notes if n != "Source: ecsim; one run a policy"]
        assert not re.search(r"95% interval [−\d]|\d\.\d+ to −?\d", " ".join(Page(text).words).split("How it was made")[0])
    else:
        assert "the intervals cover chance" in text


def test_labels_are_text_never_markup(tmp_path: Path) -> None:
    write_study(tmp_path, draws=3, seeds=1, policies=("none", "small_yard"), series=False)
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    runs["policy"] = runs["policy"].replace("small_yard", "<script>alert(1)</script>")
    runs.to_parquet(tmp_path / "runs.parquet")
    text = page_of(tmp_path)
    assert "<script" not in text and "&lt;script&gt;" in text


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write_study(tmp_path, draws=2, seeds=1, policies=("none", "small_yard"), series=False)
    (tmp_path / "analysis").write_text("in the way")
    with pytest.raises(UserError, match="the report cannot be written") as error:
        write_report(tmp_path)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "report.html").exists()


def test_without_a_chinese_font_figures_are_english_and_say_so(
    folder: Path, comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "has_cjk", lambda: False)
    monkeypatch.setattr("ecsim.report.figures.PLATES", PLATES[:1])
    assert "未安装中文字体" in page_of(folder, "zh")
    drawn = draw_figures(comparison, words_of("zh"), tmp_path)
    assert drawn[0].title == words_of("zh")("fig.scorecard")
    with style.styled():
        fig = PLATES[0].draw(pd.DataFrame(PLATES[0].table(comparison)), base.context_of(comparison, EN))
    assert fig.texts[0].get_text() == EN("fig.scorecard")


@pytest.mark.slow
def test_the_chinese_report_is_a_page_of_its_own(folder: Path) -> None:
    before = {path: path.read_bytes() for path in (folder / "figures").iterdir()}
    assert write_report(folder, lang="zh").name == "report.zh.html"
    assert {path.name for path in (folder / "figures-zh").iterdir()} == {path.name for path in before}
    assert all(path.read_bytes() == content for path, content in before.items())
    assert (folder / "report.html").exists()


def test_matplotlib_is_loaded_for_figures_only_and_pyplot_never() -> None:
    code = "import sys, ecsim.report, ecsim.analysis.findings; early = 'matplotlib' in sys.modules; import ecsim.report.html"
    code += "; sys.exit(early or 'matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_policies_are_told_in_numbers(comparison: Comparison) -> None:
    told = made(comparison, EN)["policies"]
    rows = {r[0]: r[1:] for r in told["rows"]}
    assert told["columns"] == ["Setting", "Meaning", "Small yard", "Blanket"]
    assert rows["scope"] == ["products controlled; empty for all.", "AI accelerators, lithography", "all"]
    assert rows["thresholds"][1:] == ["AI accelerators: −1; high-bandwidth memory: every item", "–"]
    assert "height" not in rows
    assert "height 0.95" in told["notes"][0] and "start 2018Q3" in told["notes"][0]
    assert told["notes"][1:] == [
        "No controls has no rules.",
        "History plays the scripted moves of the scenario history, of all governments.",
    ]


def test_every_setting_that_a_page_can_show_has_a_name_in_chinese() -> None:
    shown = {f.name for f in fields(PolicyConfig)} - HIDDEN | {"response", "alliance"}
    assert set(SETTINGS) == shown and set(CHANNELS) == set(rules.CHANNELS)
    assert len({name for name, _ in SETTINGS.values()}) == len(SETTINGS)
    for group in ("response", "alliance"):
        assert all(ZH_LETTER.search(chosen(group, choice, ZH)) for choice in choices(group))
    assert all(ZH_LETTER.search(chosen("ground", ground, ZH)) for ground in GROUNDS)
    assert named("measures.tariff", ZH) == "其他措施：关税" and named("measures.tariff", EN) == "measures: tariff"


def test_the_parity_zone_is_that_of_the_study(comparison: Comparison) -> None:
    """Drawn, in the legend and in the finding."""
    own = replace(comparison.study, manifest=comparison.study.manifest | {"config": {"power": {"parity_lo": 0.7, "parity_hi": 1.3}}})
    table = power.table(comparison)
    assert table is not None
    with style.styled():
        figure = power.draw(table, base.context_of(compare(own), EN))
    zones = [ax.patches[0] for ax in figure.axes if ax.patches]
    assert zones and {(round(z.get_y(), 9), round(z.get_y() + z.get_height(), 9)) for z in zones} == {(0.7, 1.3)}
    assert "Parity zone 0.7–1.3" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert "reaches parity (0.7)" in {f.key: f for f in findings(compare(own), EN)}["parity"].headline


def test_a_setting_that_is_drawn_has_its_meaning() -> None:
    runs = make_runs(draws=3, seeds=1).assign(**{"policy.height": lambda x: x["draw"] / 4})
    (row,) = (r for r in parameters(Study(Path("nowhere"), runs), EN) if r["name"] == "policy.height")
    assert "applications" in row["doc"]


def drawing_participation(folder: Path, **entries: Any) -> Study:
    """A study of two policies in which participation is drawn, and allied revenue under blanket controls falls with it."""
    runs = make_runs(draws=20, seeds=1, policies=("small_yard", "blanket"))
    joined = np.random.default_rng(5).permutation(20) / 19
    runs["alliance.participation"] = joined[runs["draw"]]
    runs.loc[runs["policy"] == "blanket", "ally_revenue"] -= 20 * runs["alliance.participation"]
    told = {"uncertain": ["alliance.participation"], "config": {"alliance": {"mode": "intensity", "participation": 0.0}}}
    runs.to_parquet(folder / "runs.parquet")
    (folder / "manifest.json").write_text(json.dumps(told | entries), encoding="utf-8")
    return load_study(folder)


def test_participation_that_was_drawn_is_told_among_what_the_difference_depends_on(tmp_path: Path) -> None:
    study = drawing_participation(tmp_path)
    t = compare(study).drivers.set_index(["outcome", "parameter"])["rho"]
    assert t["ally_revenue", "alliance.participation"] > 0.9
    (row,) = (r for r in parameters(study, study.words("en")) if r["name"] == "alliance.participation")
    assert row["doc"] == "Alliance participation (by intensity)"
    text = write_report(tmp_path).read_text(encoding="utf-8")
    drawn = re.findall("<!-- (.*?) -->", (tmp_path / "figures" / "drivers.svg").read_text(encoding="utf-8"), re.DOTALL)
    assert "alliance participation (by intensity)" in " ".join(" ".join(drawn).split())
    assert "Response to alliance participation" not in text


def test_participation_that_points_or_policies_set_is_no_parameter(tmp_path: Path) -> None:
    swept = {"study": {"command": "sweep", "swept": ["alliance.participation"]}}
    assert "alliance.participation" not in drawing_participation(tmp_path, **swept).parameters
    assert "alliance.participation" not in drawing_participation(tmp_path, uncertain=["innovation.stretch"]).parameters


def test_a_policy_beside_known_ones_is_compared_where_participation_is_drawn(tmp_path: Path) -> None:
    study = drawing_participation(tmp_path)
    runs = study.runs.assign(policy=study.runs["policy"].replace("blanket", "endogenous"))
    assert Study(tmp_path, runs, study.manifest).core_policies == ("small_yard", "endogenous")


def test_a_curve_over_participation_has_the_same_draws_at_each_level(comparison: Comparison) -> None:
    assert alliance.table(comparison) is not None
    runs = comparison.study.runs
    other = runs.assign(draw=runs["draw"].where(runs["policy"] != "small_yard:extent=0.5", runs["draw"] + 100))
    assert alliance.table(compare(Study(comparison.study.folder, other, comparison.study.manifest))) is None
    failed = runs.assign(status=runs["status"].where((runs["policy"] != "small_yard:extent=0.5") | (runs["draw"] > 0), "failed"))
    assert alliance.table(compare(Study(comparison.study.folder, failed, comparison.study.manifest))) is not None


@pytest.mark.parametrize(("words", "dashed", "bands"), [(EN, "Dashed: no controls", "95% interval"), (ZH, "虚线：无管制", "95% 区间")])
def test_lines_and_bands_are_explained_where_they_are_drawn(comparison: Comparison, words: Words, dashed: str, bands: str) -> None:
    ctx, table = base.context_of(comparison, words), alliance.table(comparison)
    assert table is not None
    whole = alliance.PLATE.caption(table, ctx)
    assert dashed in whole and bands in whole
    bare = alliance.PLATE.caption(table[table["sense"] != "none"].assign(lo=np.nan, hi=np.nan), ctx)
    assert dashed not in bare and bands not in bare


def test_settings_stand_in_chinese_on_the_chinese_page(comparison: Comparison) -> None:
    told = made(comparison, ZH)["policies"]
    rows = {r[0]: r[1:] for r in told["rows"]}
    assert rows["管制产品"] == ["受管制的产品；空为全部。", "人工智能加速芯片、光刻设备", "全部"]
    assert told["notes"][0].startswith("各政策相同：技术门槛 −2.9；高度 0.95；直接产品规则 是")
    assert not [r[0] for r in told["rows"] if re.search("[a-z]", r[0] + r[1])]


def test_why_there_is_no_comparison_at_equal_cost(tmp_path: Path) -> None:
    """One family only gains, the other only loses: they share no cost but zero."""
    write_study(tmp_path, draws=4, seeds=1, designs=True, series=False)
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    yard = runs["policy"].str.startswith("small_yard")
    runs["home_revenue"] = np.where(yard, runs["home_revenue"].abs(), runs["home_revenue"])
    runs.to_parquet(tmp_path / "runs.parquet")
    c = compare(load_study(tmp_path))
    assert c.equal_cost.empty
    found = next(f for f in findings(c, EN) if f.key == "equal_cost")
    assert "No comparison" in found.headline and "to 0.0% under small yard" in found.detail and "from −" in found.detail
