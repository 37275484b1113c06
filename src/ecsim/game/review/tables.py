"""Everything in the report as tables: plain rows, and CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecsim.economy import Array
from ecsim.game.branch import PUBLIC, Branch, Offer, Played
from ecsim.game.costs import cost_of
from ecsim.game.desk import Desk
from ecsim.game.indicators import INDICATORS
from ecsim.game.knowledge import modelled, truth
from ecsim.game.review.reruns import Effect, as_played, baselines_of, effects_of
from ecsim.game.seats import CONTROL
from ecsim.game.state import Game
from ecsim.game.telling import lobby_text, move_text, titles
from ecsim.game.words import reason, say
from ecsim.moves import quarter_label
from ecsim.tools import CATALOGUE

Rows = list[list[Any]]
JOINING = ("adopt", "leave")  # moves that use no tool
TAKING_BACK = ("lift", "end_measure", "suspend", "delist")  # moves that take a rule or measure back, or parties off a list
TAKEN_BACK = "taken_back"  # kind of their row among the instruments
STRUCK = "struck"  # outcome of what control took out
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PAYERS = ("revenue_usa", "rd_usa", "revenue_chn", "revenue_allies", "revenue_jpn", "revenue_nld", "revenue_kor", "revenue_twn", "price")


@dataclass(frozen=True)
class Review:
    """What a report is made of.

    Attributes:
        game, branch: which line of play.
        effects: what each team's moves of each turn changed, the weightiest first.
        baselines: policy -> indicators by quarter.
        played: indicators by quarter as played.
    """

    game: Game
    branch: Branch
    effects: list[Effect]
    baselines: dict[str, Array]
    played: Array


def review_of(game: Game, branch: str, desk: Desk) -> Review:
    """Re-run what a report needs."""
    line = game.branches[branch]
    if not line.played:
        return Review(game, line, [], {}, np.zeros((0, len(INDICATORS))))
    return Review(game, line, effects_of(line, desk), baselines_of(line, desk), as_played(line))


def tables_of(review: Review, lang: str = "en") -> dict[str, Rows]:
    """All tables by name, each with its head."""
    return {
        "timeline": timeline(review, lang),
        "indicators": indicators(review),
        "effects": effects(review),
        "baselines": baselines(review),
        "who_paid": who_paid(review),
        "instruments": instruments(review),
        "intents": intents(review),
        "overrides": overrides(review),
        "offers": offers(review, lang),
    }


def timeline(r: Review, lang: str = "en") -> Rows:
    """Everything that was done, in order."""
    rows: Rows = [["turn", "quarters", "seat", "kind", "text", "shown", "political", "administrative", "outcome"]]
    rules = titles(r.game, r.branch, lang)
    for played in r.branch.played:
        label = r.game.setup.label(played.turn)
        for inject in played.injects:
            rows.append([played.turn, label, CONTROL, "event", inject.text[lang], "public", "", "", ""])
        refused = {x["index"]: reason(lang, x["reason"]) for x in played.result["refused"]}
        for n, row in enumerate(played.inputs["moves"]):
            cost = cost_of(row) if row["seat"] != CONTROL else ("", "")
            text = move_text(r.game, row["move"], lang, rules)
            rows.append([played.turn, label, row["seat"], "move", text, row["shown"], *cost, refused.get(n, "done")])
        for seat, row in _struck(played):
            if "move" in row:
                text = move_text(r.game, row["move"], lang, rules)
                rows.append([played.turn, label, seat, "move", text, row.get("shown", PUBLIC), 0, 0, STRUCK])
        rows += [[played.turn, label, *said] for said in _words(r.game, played, lang)]
        for made in played.result["moves"]:
            if made["input"] is None:
                text = move_text(r.game, made["move"], lang, rules)
                rows.append([played.turn, label, "model", "move", text, "public", "", "", "done"])
    return rows


def _struck(played: Played) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of a turn, and moves promised in it, that control struck, with whose they were."""
    for seat, sent in played.submissions.items():
        yield from ((seat, row) for n, row in enumerate(sent.rows) if (seat, n) in played.struck)
    yield from ((seat, {"move": move}) for seat, move in played.struck_promises)


def _words(game: Game, played: Played, lang: str) -> Rows:
    """Lobbying and free text of a turn."""
    rows: Rows = []
    for seat, sent in played.submissions.items():
        for n, row in enumerate(sent.rows):
            struck = (seat, n) in played.struck
            if "lobby" in row:
                cost = (0, 0) if struck else cost_of(row)
                rows.append([seat, "lobby", lobby_text(game, row["lobby"], lang), "", *cost, STRUCK if struck else "done"])
            if "free" in row:
                rows.append([seat, "free", row["free"], "control", "", "", STRUCK if struck else ""])
    return rows


def indicators(r: Review) -> Rows:
    """Every indicator by quarter: the model's value, and what was shown where control set another."""
    quarters, shown, _ = truth(r.game, r.branch)
    _, model = modelled(r.game, r.branch)
    rows: Rows = [["quarter", "indicator", "unit", "model", "shown"]]
    for q, told, own in zip(quarters, shown, model, strict=True):
        rows += [[quarter_label(q), i.id, i.unit_en, own[n], told[n]] for n, i in enumerate(INDICATORS)]
    return rows


def effects(r: Review) -> Rows:
    """What each team's moves of each turn changed at the end, by indicator: mean, least and most over the lucks."""
    rows: Rows = [["turn", "seat", "weight", "indicator", "unit", "mean", "least", "most"]]
    for x in r.effects:
        for n, i in enumerate(INDICATORS):
            values = x.change[:, n]
            rows.append([x.turn, x.seat, x.weight, i.id, i.unit_en, float(values.mean()), float(values.min()), float(values.max())])
    return rows


def baselines(r: Review) -> Rows:
    """The last quarter as played and under plain policies."""
    rows: Rows = [["indicator", "unit", "played", *r.baselines]]
    if len(r.played):
        for n, i in enumerate(INDICATORS):
            rows.append([i.id, i.unit_en, float(r.played[-1, n]), *(float(x[-1, n]) for x in r.baselines.values())])
    return rows


def who_paid(r: Review) -> Rows:
    """Means over the quarters played, against nobody doing anything more, in points of the indicator."""
    rows: Rows = [["indicator", "unit", "played", "none", "difference"]]
    if len(r.played):
        for n, i in enumerate(INDICATORS):
            if i.id in PAYERS:
                mine, none = float(r.played[:, n].mean()), float(r.baselines["none"][:, n].mean())
                rows.append([i.id, i.unit_en, mine, none, mine - none])
    return rows


def instruments(r: Review) -> Rows:
    """How often each seat used which class of tools and which policy instruments, and how often it took one of a class back, by turn."""
    rows: Rows = [["turn", "seat", "kind", "name", "count"]]
    makers = _makers(r)
    for played in r.branch.played:
        count: Counter[tuple[str, str, str]] = Counter()
        for made in played.result["moves"]:
            move, verb = made["move"], made["move"]["verb"]
            tool = CATALOGUE.get(move.get("tool") or (makers.get(move.get("rule", ""), "") if verb in TAKING_BACK else ""))
            if tool is None and verb not in JOINING:
                continue
            seat = played.inputs["moves"][made["input"]]["seat"] if made["input"] is not None else "model"
            if tool is not None and verb in TAKING_BACK:
                count[seat, TAKEN_BACK, tool.cls] += 1
                continue
            count[seat, "class", tool.cls if tool else "joining"] += 1
            for name in tool.instruments if tool else ():
                count[seat, "instrument", name] += 1
        rows += [[played.turn, *key, n] for key, n in sorted(count.items())]
    return rows


def _makers(r: Review) -> dict[str, str]:
    """Rule id -> the tool that made it, for all that were in force at the end of a turn, and those made and gone within one."""
    found = {made["rule"]: made["move"]["tool"] for p in r.branch.played for made in p.result["moves"] if made["move"].get("tool")}
    books = [r.game.opening["book"], *(p.result["book"] for p in r.branch.played)]
    return found | {row["id"]: row["tool"] for book in books for row in book["rows"]}


def offers(r: Review, lang: str = "en") -> Rows:
    """Every offer: what was given and what was asked, in words, and how it was answered."""
    rows: Rows = [["turn", "giver", "taker", "text", "gives", "asks", "answer"]]
    rules = titles(r.game, r.branch, lang)
    for o in r.branch.offers.values():
        sides = [_promised(r, o, seat, moves, rules, lang) for seat, moves in ((o.giver, o.give), (o.taker, o.take))]
        rows.append([o.turn, o.giver, o.taker, o.text, *sides, o.answer])
    return rows


def _promised(r: Review, offer: Offer, seat: str, moves: Sequence[Mapping[str, Any]], rules: Mapping[str, str], lang: str) -> str:
    """What one side of an offer would do, and what of it control struck."""
    over = len(r.branch.played) >= offer.turn
    struck = r.branch.played[offer.turn - 1].struck_promises if over else r.branch.struck_promises
    told = []
    for move in moves:
        what = move_text(r.game, move, lang, rules)
        if offer.answer == "yes" and (seat, move) in struck:
            what = say(lang, "aside", text=what, aside=say(lang, "control_struck"))
        told.append(what)
    return ("" if lang == "zh" else " ").join(told)


def intents(r: Review) -> Rows:
    """What each team said that it wanted, and what its moves of that turn did to the indicator that it named."""
    found: Mapping[tuple[int, str], Effect] = {(x.turn, x.seat): x for x in r.effects}
    rows: Rows = [["turn", "seat", "intent", "aim", "change", "all_lucks_agree"]]
    for played in r.branch.played:
        for seat, sent in played.submissions.items():
            if not sent.intent and not sent.aim:
                continue
            effect = found.get((played.turn, seat))
            known = effect is not None and bool(sent.aim)
            change = effect.middle(sent.aim) if effect is not None and sent.aim else ""
            agrees = effect.agrees(sent.aim) if effect is not None and known else ""
            rows.append([played.turn, seat, sent.intent, sent.aim, change, agrees])
    return rows


def overrides(r: Review) -> Rows:
    """Values that control set; none is shown where it took one back."""
    rows: Rows = [["turn", "indicator", "shown", "model", "why"]]
    column = {i.id: n for n, i in enumerate(INDICATORS)}
    for played in r.branch.played:
        for o in played.overrides:
            rows.append([played.turn, o["indicator"], o["value"], played.result["indicators"][-1][column[o["indicator"]]], o["why"]])
    return rows


def csv_of(rows: Sequence[Sequence[Any]]) -> str:
    """Rows as CSV; text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerows([[_safe(cell) for cell in row] for row in rows])
    return out.getvalue()


def _safe(cell: Any) -> Any:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
