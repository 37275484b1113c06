"""Sums of money in Chinese: by 亿, number and unit together, ten times the English number, wherever they are shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

import ecsim
from ecsim.analysis import measures
from ecsim.analysis.compare import Comparison, compare
from ecsim.analysis.study import load_study
from ecsim.analysis.targets import COLUMNS
from ecsim.analysis.text.words import words_of
from ecsim.cli import main
from ecsim.describe_policy import bilingual_rows
from ecsim.game.desk import Desk
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.legal import Refusal, check_move
from ecsim.game.review import page_of as review_page
from ecsim.game.review import review_of
from ecsim.game.review.tables import tables_of
from ecsim.game.session import Session
from ecsim.move_text import money
from ecsim.places import conf_dir
from ecsim.report import style
from ecsim.report.figures import PLATES, base
from ecsim.report.making import made, parameters
from ecsim.shown import MONEY_ZH, shown_in
from playing import BEIJING, CONTROL, FUND, RULE, WASHINGTON, hand_in, seat
from reading import page_of
from synthetic import write_study
from tenfold import figures, tenfold

EN, ZH = words_of("en"), words_of("zh")
BILLIONS = "十亿"
SMALL = ("economy=small", "experiment.draws=2", "experiment.seeds=1", "experiment.workers=1", "time.quarters=16")


def tables(page: str) -> list[list[list[str]]]:
    """The cells of the tables of a page."""
    rows = [re.findall("<tr.*?</tr>", table, flags=re.S) for table in re.findall("<table.*?</table>", page, flags=re.S)]
    cell = re.compile("<t[hd][^>]*>(.*?)</t[hd]>", flags=re.S)
    return [[[re.sub("<[^>]+>", " ", c).strip() for c in cell.findall(row)] for row in table] for table in rows]


def both(english: str, chinese: str) -> Iterator[tuple[list[str], list[str]]]:
    """Rows of the tables of two pages, side by side."""
    for one, two in zip(tables(english), tables(chinese), strict=True):
        yield from zip(one, two, strict=True)


def held(pairs: Iterable[tuple[list[str], list[str]]]) -> int:
    """How many numbers of the rows that are in USD bn are ten times as large in Chinese; none may be otherwise."""
    n = 0
    for english, chinese in pairs:
        if not any("USD bn" in cell for cell in english):
            continue
        assert any("亿美元" in cell for cell in chinese), chinese
        for one, two in zip(english[1:], chinese[1:], strict=True):
            if figures(one) and "%" not in one and not re.search("[a-z]", re.sub(r"USD bn( a (year|quarter))?|\bto\b", "", one)):
                assert tenfold(one, two), (one, two)
                n += 1
    return n


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("money"), draws=4, seeds=2, designs=True, quarters=8)


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    return compare(load_study(folder))


# words


@given(st.floats(-1e6, 1e6), st.sampled_from(sorted(MONEY_ZH)), st.booleans())
def test_a_sum_is_ten_times_the_number_in_english_digit_for_digit(value: float, unit: str, signed: bool) -> None:
    assert tenfold(EN.number(value, unit, signed=signed), ZH.number(value, unit, signed=signed))
    assert tenfold(EN.amount(value, unit, scale=value), ZH.amount(value, unit, scale=value))
    assert ZH.amount(value, unit).endswith(MONEY_ZH[unit]) and EN.amount(value, unit).endswith(unit)
    assert tenfold(EN.interval(value, value + 1.0, unit), ZH.interval(value, value + 1.0, unit))


@given(st.floats(-1e6, 1e6), st.sampled_from(["%", "generations", "year", "0..1", "ratio", ""]))
def test_what_is_no_sum_is_the_same_in_both_languages(value: float, unit: str) -> None:
    assert EN.number(value, unit) == ZH.number(value, unit)
    assert not shown_in("zh", unit).places and shown_in("zh", unit).kept(value) == value


def test_what_is_missing_stays_missing_and_thousands_stand_apart() -> None:
    assert ZH.number(float("nan"), "USD bn") == ZH.amount(float("nan"), "USD bn") == EN.number(float("nan"), "USD bn")
    assert ZH.amount(-1234.56, "USD bn") == "−12,346 亿美元" and EN.amount(-1234.56, "USD bn") == "−1,234.6 USD bn"
    assert ZH.amount(0.0, "USD bn", signed=True) == "0 亿美元"


def test_a_sum_in_a_move_has_the_digits_of_english_however_large() -> None:
    assert [money(x, "zh") for x in (7.0, 0.05, 132.8, 1500.0)] == ["70亿美元", "0.5亿美元", "1330亿美元", "15000亿美元"]
    assert [money(x, "en") for x in (7.0, 0.05, 132.8)] == ["USD 7 bn", "USD 0.05 bn", "USD 133 bn"]


# reports


def test_tables_of_a_report_show_ten_times_the_sums(folder: Path) -> None:
    english, chinese = page_of(folder, "en"), page_of(folder, "zh")
    assert BILLIONS not in chinese and "USD" not in chinese
    assert held(both(english, chinese)) > 40


def axes(fig: Figure) -> list[tuple[str, list[str]]]:
    """Name and ticks of every axis of a drawing."""
    fig.canvas.draw()
    return [(a.get_label_text(), [t.get_text() for t in a.get_ticklabels()]) for ax in fig.axes for a in (ax.xaxis, ax.yaxis)]


def drawn(plate: base.Plate, comparison: Comparison) -> tuple[list[tuple[str, list[str]]], list[str], list[tuple[list[str], list[str]]]]:
    """A figure in both languages, in which ticks in USD bn must be ten times as large.

    Returns:
        Chinese axes, Chinese texts, and rows of both twin tables.
    """
    table = plate.table(comparison)
    assert table is not None
    shown = []
    with style.styled():
        for w in (EN, ZH):
            context = base.context_of(comparison, w)
            fig, twin = plate.draw(table.copy(), context), plate.twin(table.copy(), context)
            rows = [[str(c) for c in twin.columns], *([str(x) for x in row] for row in twin.to_numpy())]
            shown.append((axes(fig), [t.get_text() for t in fig.findobj(Text)], rows))
    (one, _, english), (two, texts, chinese) = shown
    for (name, ticks), (called, others) in zip(one, two, strict=True):
        assert ("USD bn" in name) == ("亿美元" in called), (name, called)
        numbers = [(a, b) for a, b in zip(ticks, others, strict=True) if re.fullmatch(r"−?[\d.]+", a)]
        moved, same = all(tenfold(a, b) for a, b in numbers), all(a == b for a, b in numbers)
        assert moved if "USD bn" in name else moved or same, name  # a panel of differences may have its unit on the one above
    return two, texts, list(zip(english, chinese, strict=True))


def test_figures_of_a_report_draw_and_list_ten_times_the_sums(comparison: Comparison) -> None:
    plates = {p.key: p for p in PLATES}
    two, _, rows = drawn(plates["payers"], comparison)
    assert "相对无管制的营收（亿美元/年）" in [name for name, _ in two] and held(rows) > 20
    _, texts, rows = drawn(plates["network"], comparison)
    assert any("亿美元/年" in text for text in texts) and not any(BILLIONS in text for text in texts)
    (head, titles), *cells = rows
    column = head.index("USD bn a year")
    assert titles[column] == "亿美元/年" and all(tenfold(a[column], b[column]) for a, b in cells)


@pytest.mark.slow
def test_any_figure_of_sums_is_written_in_their_unit(comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each outcome is taken for a sum, so that no figure is left that would draw one as it is kept."""
    for name, known in measures.MEASURES.items():
        monkeypatch.setitem(measures.MEASURES, name, replace(known, unit="USD bn"))
    taken, named = compare(comparison.study), set()
    for plate in (p for p in PLATES if p.table(taken) is not None):
        two, texts, _ = drawn(plate, taken)
        assert not any(BILLIONS in text or "USD" in text for text in texts), plate.key
        named |= {plate.key for name, _ in two if "亿美元" in name}
    assert named >= {"pareto", "equal", "factorial", "alliance", "payers"}


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e5, 1e5), st.floats(1e-4, 1e6))
def test_ticks_are_written_in_the_unit_that_names_the_axis(start: float, width: float) -> None:
    shown = []
    for w in (EN, ZH):
        fig = Figure()
        ax = fig.add_subplot()
        ax.plot([start, start + width], [0, 1])
        ax.set_xlabel(base.unit_axis(ax.xaxis, "USD bn a year", w))
        ax.ticklabel_format(axis="x", useOffset=False)  # of which English makes use
        shown.append(axes(fig)[0])
    (name, english), (called, chinese) = shown
    assert (name, called) == ("USD bn a year", "亿美元/年")
    assert all(tenfold(a.replace("\\mathdefault", ""), b.replace("\\mathdefault", "")) for a, b in zip(english, chinese, strict=True))


def test_no_axis_is_named_by_a_unit_in_which_its_ticks_are_not_written() -> None:
    """Who names an axis by its unit asks for both at once."""
    source = Path(ecsim.__file__).parent / "report"
    wrong = [
        f"{path.name}:{node.lineno}"
        for path in sorted(source.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("set_xlabel", "set_ylabel")
        if ".column(" in ast.unparse(node)
    ]
    assert wrong == []


def test_parameters_and_settings_that_are_sums_have_their_unit(comparison: Comparison) -> None:
    runs = comparison.study.runs
    study = replace(comparison.study, runs=runs.assign(**{"documents.lever_subsidy": np.linspace(8.0, 32.5, len(runs))}))
    one, two = ({r["name"]: r for r in parameters(study, w)}["documents.lever_subsidy"] for w in (EN, ZH))
    assert (one["unit"], two["unit"]) == ("USD bn/year", "亿美元/年")
    assert all(tenfold(one[key], two[key]) for key in ("drawn", "range"))
    policies = {name: {"kind": "doctrine", "measures": {"subsidy": 7.8, "tariff": 0.1}} for name in ("small_yard", "blanket")}
    policies["blanket"]["measures"] = {"subsidy": 12.0, "tariff": 0.1}
    told = [made(compare(replace(study, manifest=study.manifest | {"policies": policies})), w)["policies"] for w in (EN, ZH)]
    assert told[0]["rows"][0][2:] == ["7.8", "12"] and told[1]["rows"][0][2:] == ["78 亿美元/年", "120 亿美元/年"]
    assert "tariff 0.1" in told[0]["notes"][0] and "关税 0.1" in told[1]["notes"][0]


def test_targets_in_a_sum_of_money_are_judged_in_its_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, out = tmp_path / "mine.csv", tmp_path / "out"
    mine.write_text(",".join(COLUMNS) + "\nM1,refused,whole run,12.5,15%,USD bn,k,s,check,denied\n", encoding="utf-8")
    words = (*SMALL, f"targets={mine}")
    monkeypatch.setattr("sys.argv", ["ecsim", "validate", *words])  # where a report of the study finds the table
    assert main(["validate", *words, f"out={out}"]) == 0
    english = capsys.readouterr().out
    assert main(["report", str(out), "lang=zh"]) == 0
    lines = [
        next(line.split("|") for line in (out / name).read_text(encoding="utf-8").splitlines() if line.startswith("| M1"))
        for name in ("targets.md", "targets.zh.md")
    ]
    assert "USD bn" in english and [line[6].strip() for line in lines] == ["USD bn", "亿美元"]
    assert all(tenfold(lines[0][column], lines[1][column]) for column in (4, 5))


def test_what_counsel_costs_is_told_in_both_languages() -> None:
    one, two = ([list(row.values())[-1] for row in bilingual_rows("counsel", lang)] for lang in ("en", "zh"))
    assert "资金与储备之外的公共成本（亿美元/年）" in bilingual_rows("counsel", "zh")[0]
    assert all(tenfold(a, b) if figures(a) else a == b for a, b in zip(one, two, strict=True))


def test_no_text_counts_dollars_by_the_billion_in_chinese() -> None:
    """Neither the catalogues nor what scenarios and declarations say."""
    home = Path(ecsim.__file__).parent
    files = [*home.rglob("*.py"), *home.rglob("*.j2"), *home.rglob("*.csv"), *(conf_dir().parent / "scenarios").glob("*.yaml")]
    assert len(files) > 300
    assert [path.name for path in files if BILLIONS in path.read_text(encoding="utf-8")] == []


# the workshop


@given(st.floats(-1e4, 1e4))
def test_an_indicator_shows_ten_times_its_sums_and_all_else_alike(value: float) -> None:
    for i in INDICATORS:
        one, two = i.number(value, "en"), i.number(value, "zh")
        assert tenfold(one, two) if i.unit("en").startswith("USD bn") else one == two, i.id
    denied = BY_ID["denied"]
    assert denied.said(value, "zh").endswith("亿美元/季") and denied.said(value, "en").endswith(" USD bn a quarter")
    assert denied.titled("zh") == "被拒订单（亿美元/季）" and denied.titled("en") == denied.name("en")
    assert denied.said(None, "zh") == "–" and denied.shown("en").kept(value) == value


def test_the_report_of_a_game_shows_ten_times_the_sums_and_its_tables_keep_them(session: Session, desk: Desk) -> None:
    hand_in(session, WASHINGTON, {**RULE, "products": ["lithography", "accelerators", "memory"]})
    hand_in(session, BEIJING, FUND)
    session.advance(CONTROL, "A")
    session.override(CONTROL, "A", 1, "denied", 12.5, "a storm")
    session.advance(CONTROL, "A")
    review = review_of(session.game, session.game.rooms["A"].branch, desk)
    english, chinese = review_page(review, "en"), review_page(review, "zh")
    assert BILLIONS not in chinese and "USD" not in chinese and "每年70亿美元" in chinese
    assert held(both(english, chinese)) >= 3 * 5
    one, two = (next(row for row in sum(tables(page), []) if "a storm" in row) for page in (english, chinese))
    assert tenfold(one[2], two[2]) and tenfold(one[3], two[3]) and "（亿美元/季）" in two[1]
    assert {k: v for k, v in tables_of(review, "zh").items() if k != "timeline"} == {
        k: v for k, v in tables_of(review, "en").items() if k != "timeline"
    }


def test_what_the_law_allows_of_a_fund_and_of_a_value_is_said_in_the_unit(session: Session) -> None:
    with pytest.raises(Refusal) as refused:
        check_move(seat("beijing"), {**FUND, "size": 50.0}, [], 20)
    assert "0 to 9.5" in refused.value.text("en") and "0亿美元至95亿美元" in refused.value.text("zh")
    session.advance(CONTROL, "A")
    with pytest.raises(Refusal) as refused:
        session.override(CONTROL, "A", 1, "denied", 1e9, "")
    assert "to 1,000,000 USD bn" in refused.value.text("en") and "10,000,000" in refused.value.text("zh")
