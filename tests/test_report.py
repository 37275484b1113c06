"""Figures and the HTML report of stored studies."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import write_study

from ecsim.analysis.compare import Comparison, compare
from ecsim.analysis.study import load_study
from ecsim.analysis.text.words import words_of
from ecsim.errors import UserError
from ecsim.report import style
from ecsim.report.figures import PLATES, base
from ecsim.report.html import write_report

EN = words_of("en")
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with everything, and its report."""
    made = write_study(tmp_path_factory.mktemp("full"), draws=5, seeds=2, designs=True, quarters=16)
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
        pictures = []
        for t in (table, table, changed):
            fig = plate.draw(t, ctx)
            fig.set_dpi(40)
            fig.canvas.draw()
            pictures.append(np.asarray(fig.canvas.buffer_rgba()).copy())  # type: ignore[attr-defined]
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0].shape != pictures[2].shape or not np.array_equal(pictures[0], pictures[2])
    assert len(plate.twin(table, ctx)) > 0


def test_no_text_of_a_figure_leaves_the_picture_or_covers_another(comparison: Comparison) -> None:
    ctx = base.context_of(comparison, EN)
    for plate in PLATES:
        table = plate.table(comparison)
        assert table is not None
        with style.styled():
            fig = plate.draw(table, ctx)
            fig.canvas.draw()
            renderer = fig.canvas.get_renderer()  # type: ignore[attr-defined]
            heads = [t for t in [*fig.texts, *(ax.title for ax in fig.axes), *(ax._left_title for ax in fig.axes)] if t.get_text() and t.get_visible()]
            boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in heads]
            width, height = fig.bbox.width, fig.bbox.height
            for text, box in boxes:
                assert box.x0 >= 0 and box.x1 <= width + 1 and box.y0 >= 0 and box.y1 <= height + 1, (plate.key, text)
            for i, (one, a) in enumerate(boxes):
                for two, b in boxes[i + 1 :]:
                    assert not a.overlaps(b), (plate.key, one, two)


def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    names = ["report.html", "figures/power.svg", "figures/power.png", "figures/network.svg", "analysis/differences.csv"]
    before = [(folder / n).read_bytes() for n in names]
    write_report(folder)
    assert [(folder / n).read_bytes() for n in names] == before


def test_chinese_headings_and_names(folder: Path) -> None:
    path = write_report(folder, lang="zh")
    text = path.read_text(encoding="utf-8")
    assert path.name == "report.zh.html"
    assert '<html lang="zh">' in text
    for word in ("小院高墙", "全面管制", "记分卡", "低端锁定", "受检验的命题", "局限"):
        assert word in text
    assert re.search(r"[a-z]{4,} [a-z]{3,} [a-z]{3,}", re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<[^>]*>|base64,[^\"]*", " ", text.split('id="made"')[0], flags=re.S)) is None


def test_failed_runs_and_missing_tables_are_told_not_hidden(tmp_path: Path) -> None:
    write_study(tmp_path, draws=3, seeds=2, fail=4, series=False)
    (tmp_path / "manifest.json").unlink()
    text = write_report(tmp_path).read_text(encoding="utf-8")
    assert "4 of 24 runs failed and are left out. Most common reason: NaN in output at quarter 31." in text
    assert "not recorded" in text
    assert "fig-power" not in text and "fig-pareto" in text


@pytest.mark.parametrize(("draws", "seeds", "policies"), [(1, 1, ("none", "small_yard", "blanket", "history")), (1, 1, ("small_yard",)), (1, 3, ("none", "blanket"))])
def test_few_runs_make_a_report_without_false_intervals(tmp_path: Path, draws: int, seeds: int, policies: tuple[str, ...]) -> None:
    write_study(tmp_path, draws=draws, seeds=seeds, policies=policies, quarters=12)
    text = write_report(tmp_path).read_text(encoding="utf-8")
    if seeds == 1:
        assert "This is one run a policy" in text
        assert "95% interval −" not in text and "5–95%" not in re.sub(r"<figcaption>.*?</figcaption>|alt=\"[^\"]*\"", "", text)
    else:
        assert "the intervals cover chance" in text


def test_labels_are_text_never_markup(tmp_path: Path) -> None:
    write_study(tmp_path, draws=3, seeds=1, policies=("none", "small_yard"), series=False)
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    runs["policy"] = runs["policy"].replace("small_yard", "<script>alert(1)</script>")
    runs.to_parquet(tmp_path / "runs.parquet")
    assert "<script" not in write_report(tmp_path).read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write_study(tmp_path, draws=2, seeds=1, policies=("none", "small_yard"), series=False)
    (tmp_path / "analysis").write_text("in the way")
    with pytest.raises(UserError, match="the report cannot be written") as error:
        write_report(tmp_path)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "report.html").exists()


def test_without_a_chinese_font_figures_are_english_and_say_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "has_cjk", lambda: False)
    text = write_report(folder, lang="zh").read_text(encoding="utf-8")
    assert "未安装中文字体" in text


def test_importing_the_report_does_not_load_matplotlib() -> None:
    code = "import sys, ecsim.report.html, ecsim.report.figures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_policies_keep_their_colour_and_no_two_share_one() -> None:
    labels = ("none", "small_yard", "blanket", "history", "a", "b", "c")
    colours = [style.policy_colour(p, labels) for p in labels]
    assert len(set(colours)) == len(labels)
    assert style.policy_colour("blanket", ("blanket",)) == style.policy_colour("blanket", labels)
