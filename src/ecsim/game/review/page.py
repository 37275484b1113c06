"""The report as one HTML page that needs nothing else, and as CSV tables beside it."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from ecsim.game.branch import OVER
from ecsim.game.charts import INK, Line, chart, legend
from ecsim.game.desk import Desk
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.review.reruns import KEY, LUCKS, Effect
from ecsim.game.review.tables import (
    STRUCK,
    TAKEN_BACK,
    Review,
    csv_of,
    instruments,
    intents,
    offers,
    overrides,
    review_of,
    tables_of,
    timeline,
    who_paid,
)
from ecsim.game.seats import CONTROL
from ecsim.game.setup import OPEN
from ecsim.game.state import Game
from ecsim.game.telling import move_text, titles
from ecsim.game.words import say
from ecsim.moves import quarter_label
from ecsim.strategies.scenario import load
from ecsim.strategies.settings import ScenarioConfig

DECISIVE = 5  # turns told of at length
NAMED = 4  # indicators named for each
LEAST = 0.0005  # changes below this are not told of, in the unit of the indicator
STYLES = {  # colours of policies as in the figures of studies (report/style.py), which needs more than a page should load
    "none": ("#6b7075", "2 3"),
    "small_yard": ("#0072B2", "8 4"),
    "blanket": ("#D55E00", "5 3"),
    "history": ("#009E73", "10 3 2 3"),
}


def waiting_page(lang: str) -> str:
    """What is shown while the re-runs are computed; it asks again by itself."""
    title, text, code = escape(say(lang, "report_title")), escape(say(lang, "control_report_busy")), "zh-CN" if lang == "zh" else "en"
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        f'<title>{title}</title></head><body style="font: 18px/1.5 system-ui, sans-serif; margin: 3rem"><main>'
        f'<h1>{title}</h1><p role="status">{text}</p></main></body></html>'
    )


def write(game: Game, branch: str, desk: Desk, folder: Path, lang: str = "en") -> Path:
    """Write the report and its tables into a folder.

    Returns:
        Path of the page.
    """
    review = review_of(game, branch, desk)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables_of(review, lang).items():
        (folder / f"{name}.csv").write_text(csv_of(rows), encoding="utf-8-sig")
    page = folder / "report.html"
    page.write_text(page_of(review, lang), encoding="utf-8")
    return page


def zipped(review: Review, lang: str = "en") -> bytes:
    """All tables as CSV files in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables_of(review, lang).items():
            archive.writestr(f"{name}.csv", "\N{ZERO WIDTH NO-BREAK SPACE}" + csv_of(rows))
    return out.getvalue()


def page_of(r: Review, lang: str = "en") -> str:
    """The report of a line of play as HTML."""
    setup, t = r.game.setup, partial(say, lang)
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        resources.files("ecsim").joinpath("game", "review", "review.html.j2").read_text(encoding="utf-8")
    )
    names = {"played": t("report_played")} | {k: t(f"baseline_{k}") for k in r.baselines}
    return template.render(
        t=t,
        table=_table,
        lang=lang,
        title=setup.title,
        room=r.game.room_of(r.branch.name).title,
        branch=r.branch.name,
        scenario=_scenario(setup.scenario, lang),
        start=setup.start,
        turns=len(r.branch.played),
        most=setup.turns,
        over=r.branch.phase == OVER,
        end=_end(r, lang),
        quarters=setup.quarters,
        version=setup.version,
        seed=setup.seed,
        hash=r.branch.played[-1].result["hash"] if r.branch.played else r.game.opening["hash"],
        lucks=len(LUCKS),
        decisive=[_decisive(r, x, lang) for x in r.effects if x.seat != CONTROL][:DECISIVE],
        charts=_charts(r, lang),
        last=quarter_label(setup.first + len(r.played) - 1) if len(r.played) else "",
        baseline_head=[t("indicator"), t("unit"), *names.values()],
        baselines=_last_quarter(r, lang),
        paid_head=[t("indicator"), t("unit"), t("report_played"), t("baseline_none"), t("report_difference")],
        paid=_paid(r, lang),
        mix_head=[t("join_seat"), t("report_class"), t("report_count"), t("report_taken")],
        mix=_mix(r, lang),
        intents_head=[t("report_turn"), t("join_seat"), t("report_intent"), t("aim"), t("report_change"), t("report_agree")],
        intents=_intents(r, lang),
        timeline=_timeline(r, lang),
        overrides_head=[t("report_turn"), t("indicator"), t("report_shown"), t("report_model_value"), t("control_override_why")],
        overrides=_overrides(r, lang),
        offers=_offers(r, lang),
    )


def _end(r: Review, lang: str) -> str:
    """Up to where the report goes, in words: the end of the game or, as long as it is on, of the last turn played."""
    over = r.branch.phase == OVER
    return say(lang, "report_end") if over else say(lang, "report_end_turn", turn=len(r.branch.played))


def _scenario(name: str, lang: str) -> str:
    """The scenario by its title."""
    return say(lang, "report_open") if name == OPEN else load(ScenarioConfig(name=name)).title[lang]


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table of texts, all escaped; figures to the right."""
    numeric = [i > 0 and bool(rows) and all(_is_figure(row[i]) for row in rows) for i in range(len(head))]  # the first names its row
    out = [f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>']
    out += [f'<th scope="col"{_right(n)}>{escape(h)}</th>' for h, n in zip(head, numeric, strict=True)]
    out.append("</tr></thead><tbody>")
    for row in rows:
        cells = [
            f'<th scope="row">{escape(c)}</th>' if i == 0 else f"<td{_right(n)}>{escape(c)}</td>"
            for i, (c, n) in enumerate(zip(row, numeric, strict=True))
        ]
        out.append(f"<tr>{''.join(cells)}</tr>")
    return Markup("".join([*out, "</tbody></table></div>"]))


def _right(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _is_figure(text: str) -> bool:
    return text.strip("+–\N{MINUS SIGN}").replace(".", "").isdigit() or text in ("–", "")


def _seat(r: Review, seat: str, lang: str) -> str:
    found = next((s for s in r.game.setup.table if s.id == seat), None)
    return found.name(lang) if found else say(lang, "control" if seat == CONTROL else "news_model")


def _decisive(r: Review, x: Effect, lang: str) -> dict[str, Any]:
    played = r.branch.played[x.turn - 1]
    rules = titles(r.game, r.branch, lang)
    moves = [move_text(r.game, m["move"], lang, rules) for m in played.inputs["moves"] if m["seat"] == x.seat]
    sizes = sorted(KEY, key=lambda k: -abs(x.middle(k)) / max(_scale(r, k), 1e-9))
    told = []
    for k in [k for k in sizes if abs(x.middle(k)) >= LEAST][:NAMED]:
        key = "report_effect_sure" if x.agrees(k) else "report_effect_mixed"
        told.append(say(lang, key, name=BY_ID[k].name(lang), change=BY_ID[k].difference(-x.middle(k), lang, True)))
    head = say(lang, "report_decisive_head", turn=x.turn, quarters=r.game.setup.label(x.turn), seat=_seat(r, x.seat, lang))
    return {"head": head, "moves": moves, "effects": told or [say(lang, "report_no_effect")]}


def _scale(r: Review, indicator: str) -> float:
    """By how much the key indicators move at all: the spread over all teams' turns."""
    return max((abs(x.middle(indicator)) for x in r.effects), default=0.0)


def _charts(r: Review, lang: str) -> list[dict[str, Any]]:
    if not r.branch.played:
        return []
    first = r.game.setup.first
    quarters = list(range(first, first + len(r.played)))
    charts = []
    for k in KEY:
        n = INDICATORS.index(BY_ID[k])
        lines = [
            Line(say(lang, f"baseline_{b}"), quarters, x[:, n].tolist(), colour=STYLES[b][0], dash=STYLES[b][1])
            for b, x in r.baselines.items()
        ]
        lines.append(Line(say(lang, "report_played"), quarters, r.played[:, n].tolist(), colour=INK))
        title = BY_ID[k].name(lang)
        charts.append({"title": title, "svg": Markup(chart(title, BY_ID[k].shown(lang), lines)), "legend": Markup(legend(lines))})
    return charts


def _paid(r: Review, lang: str) -> list[list[str]]:
    rows = []
    for name, _, *values, difference in who_paid(r)[1:]:
        i = BY_ID[name]
        rows.append([i.name(lang), i.unit(lang), *(i.number(value, lang) for value in values), i.number(difference, lang, True)])
    return rows


def _last_quarter(r: Review, lang: str) -> list[list[str]]:
    if not r.branch.played:
        return []
    paths = [r.played, *r.baselines.values()]
    return [[i.name(lang), i.unit(lang), *(i.number(float(x[-1, n]), lang) for x in paths)] for n, i in enumerate(INDICATORS)]


def _mix(r: Review, lang: str) -> list[list[str]]:
    count: Counter[tuple[str, str, str]] = Counter()
    for _, seat, kind, name, n in instruments(r)[1:]:
        count[kind, seat, name] += n
    found = {(seat, name) for kind, seat, name in count if kind in ("class", TAKEN_BACK)}
    order = [*(s.id for s in r.game.setup.table), *sorted({seat for seat, _ in found})]  # control and the model after the table
    told = sorted(found, key=lambda row: (order.index(row[0]), row[1]))
    columns = ("class", TAKEN_BACK)
    return [[_seat(r, seat, lang), say(lang, f"class_{name}"), *(str(count[kind, seat, name]) for kind in columns)] for seat, name in told]


def _intents(r: Review, lang: str) -> list[list[str]]:
    rows = []
    for turn, seat, intent, aim, change, agrees in intents(r)[1:]:
        said = BY_ID[aim].number(change, lang, True) if change != "" else "–"
        sure = "–" if agrees == "" else say(lang, "report_yes" if agrees else "report_no")
        rows.append([str(turn), _seat(r, seat, lang), intent, BY_ID[aim].name(lang) if aim else "–", said, sure])
    return rows


def _timeline(r: Review, lang: str) -> list[dict[str, Any]]:
    rows = timeline(r, lang)[1:]
    turns = []
    for played in r.branch.played:
        mine = [row for row in rows if row[0] == played.turn]
        lines = []
        for _, _, seat, _, text, shown, _, _, outcome in mine:
            if seat == "model":
                continue
            notes = [say(lang, f"told_{shown}")] if shown in ("delayed", "private", "secret") else []
            notes += [say(lang, "control_struck") if outcome == STRUCK else outcome] if outcome not in ("", "done") else []
            lines.append(
                {
                    "who": _seat(r, seat, lang),
                    "text": text,
                    "note": say(lang, "aside", text="", aside=say(lang, "semicolon").join(notes)) if notes else "",
                }
            )
        head = say(lang, "report_turn_head", turn=played.turn, quarters=r.game.setup.label(played.turn))
        turns.append({"head": head, "lines": lines, "model": [row[4] for row in mine if row[2] == "model"]})
    return turns


def _overrides(r: Review, lang: str) -> list[list[str]]:
    rows = []
    for turn, indicator, shown, model, why in overrides(r)[1:]:
        i = BY_ID[indicator]
        told = say(lang, "report_taken_back") if shown is None else i.number(shown, lang)
        rows.append([str(turn), i.titled(lang), told, i.number(model, lang), why])
    return rows


def _offers(r: Review, lang: str) -> list[dict[str, Any]]:
    """Each offer with its turn and answer, its words, and what each side would do."""
    told = []
    for turn, giver, taker, text, gives, asks, answer in offers(r, lang)[1:]:
        names = {"giver": _seat(r, giver, lang), "taker": _seat(r, taker, lang)}
        nothing = say(lang, "report_offer_nothing")
        told.append(
            {
                "head": say(lang, "report_offer", turn=turn, answer=say(lang, f"answer_{answer}"), **names),
                "text": text,
                "terms": [
                    say(lang, "report_offer_gives", what=gives or nothing, **names),
                    say(lang, "report_offer_asks", what=asks or nothing, **names),
                ],
            }
        )
    return told
