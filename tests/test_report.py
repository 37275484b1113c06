"""Figures and the HTML report of stored studies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

import ecsim
from ecsim import rules
from ecsim.analysis.compare import Comparison, compare
from ecsim.analysis.findings import findings
from ecsim.analysis.study import load_study
from ecsim.analysis.text.settings_zh import CHANNELS, SETTINGS, UNITS
from ecsim.analysis.text.words import words_of
from ecsim.cli import main
from ecsim.composing import choices
from ecsim.errors import UserError
from ecsim.params import REGISTRY
from ecsim.places import conf_dir
from ecsim.report import style
from ecsim.report.figures import PLATES, Drawn, base, draw_figures, drivers, fans, instruments
from ecsim.report.html import render, write_report
from ecsim.report.making import HIDDEN, chosen, made, named
from ecsim.strategies.docket import GROUNDS
from ecsim.strategies.settings import PolicyConfig
from synthetic import write_study

EN, ZH = words_of("en"), words_of("zh")
ZH_LETTER = re.compile("[一-鿿]")
ZH_BROKEN = re.compile("[一-鿿）] ?[,:;(]|[,:;] ?[一-鿿]|[)\\]][一-鿿]|[一-鿿]\\[")  # marks of another language beside a Chinese letter
SHIPPED = yaml.safe_load((conf_dir() / "experiment" / "compare.yaml").read_text(encoding="utf-8"))
SECTIONS = ["answer", "findings", "scorecard", "figures", "designs", "claims", "made", "limits"]


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self.sections: list[str] = []
        self.headings: list[int] = []
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        self.links += [found[k] for k in ("src", "href", "data", "action", "poster") if k in found]
        if tag == "img":
            self.images.append(found)
        if tag == "section":
            self.sections.append(found.get("id", ""))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in found:
            self.ids.add(found["id"])
        if tag not in {"meta", "img", "br", "link", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


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


def page_of(folder: Path, lang: str = "en") -> str:
    """The page of a study without its pictures, which take the time."""
    return render(compare(load_study(folder)), [], words_of(lang))


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


def test_policies_keep_their_colour_and_no_two_share_one() -> None:
    labels = ("none", "small_yard", "blanket", "history", "a", "b", "c")
    colours = [style.policy_colour(p, labels) for p in labels]
    assert len(set(colours)) == len(labels)
    assert style.policy_colour("blanket", ("blanket",)) == style.policy_colour("blanket", labels)


# what is left of red, green and blue (linear) for the three kinds of colour blindness: Machado, Oliveira and Fernandes 2009, severity 1
BLIND = {
    "": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def apart(one: str, two: str, kind: str = "") -> float:
    """Distance of two colours in CIELAB, as people with a kind of colour blindness see them."""

    def lab(colour: str) -> Any:
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        xyz = TO_XYZ @ np.clip(np.array(BLIND[kind]) @ linear, 0, 1) / (0.9505, 1.0, 1.089)
        x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    return float(np.linalg.norm(lab(one) - lab(two)))


def test_better_and_worse_are_no_policy_s_colours_and_are_told_apart_by_everybody() -> None:
    for pair in ((style.BETTER, style.WORSE), (style.PLUS, style.LESS)):
        assert min(apart(*pair, kind=kind) for kind in BLIND) > 25
        assert min(apart(colour, policy) for colour in pair for policy in style.POLICY_COLOURS.values()) > 25
    assert min(apart(c, p) for c in (style.BETTER, style.WORSE) for p in style.MORE_COLOURS) > 15
    for lang, words in (("en", ("purple", "ochre")), ("zh", ("紫", "赭"))):
        said = [words_of(lang)(key).lower() for key in ("key.how.colour.none", "key.how.colour.mean", "fig.scorecard.caption")]
        assert all(word in text for text in said for word in words)


def test_text_can_be_read_on_every_colour_of_a_map() -> None:
    for colours in (style.two_sided(style.WORSE, style.BETTER), style.two_sided(style.LESS, style.PLUS), style.one_sided(style.WORSE)):
        for x in np.linspace(0, 1, 41):
            light = sorted((style.brightness(colours(x)), style.brightness(style.text_on(colours(x)))))
            assert (light[1] + 0.05) / (light[0] + 0.05) > 4.1  # where ink and white read alike


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
    drawn = [p for p in REGISTRY.values() if p.uncertain]
    assert {p.unit for p in drawn} - {"1"} == set(UNITS) and all(ZH.has(f"factor.{p.name}") for p in drawn)


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
    rule = "from 3 quarters after the first control, licences on critical minerals, with up to 50% of applications refused"
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
            assert main(["report", str(tmp_path), "--lang", lang]) == 0
            out, err = capsys.readouterr()
            page = Path(out.strip()).read_text(encoding="utf-8")
            assert [text in err, text in page] == [status != "complete"] * 2
    assert "Used here are 10: the replicates that every policy has." in ecsim.load(tmp_path).summary()
    assert set(compare(load_study(tmp_path)).scorecard["runs"]) == {5}


def test_a_single_run_is_told_of_as_one(tmp_path: Path) -> None:
    c = compare(load_study(write_study(tmp_path, draws=1, seeds=1, policies=("history",), quarters=8)))
    for w, means, best, five in ((EN, "Means over parameter draws", "set in bold", "first five"), (ZH, "参数抽样均值", "粗体", "前五项")):
        text = render(c, [], w)
        assert w("scorecard.how.one") in text and means not in text and best not in text
        table = fans.PLATE.table(c)
        assert table is not None and five not in fans.PLATE.caption(table, base.context_of(c, w))
    of_six = replace(base.context_of(c, EN), policies=(*c.policies, *"abcde"))
    assert "The first 1 of 6 policies are shown." in fans.PLATE.caption(table, of_six)
