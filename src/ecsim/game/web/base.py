"""What all pages share: language, header, and drawing again only the parts that have changed."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any
from urllib.parse import quote

from nicegui import ui

from ecsim.game.branch import LOCKED, Branch
from ecsim.game.charts import ORANGE, Line, chart, legend
from ecsim.game.indicators import BY_ID, Indicator
from ecsim.game.knowledge import ESTIMATE, EXACT, LATE, Z90, Series
from ecsim.game.legal import Refusal
from ecsim.game.passes import Principal
from ecsim.game.seats import CONTROL, Seat
from ecsim.game.web.hub import Hub
from ecsim.game.web.kept import TYPED, Kept, saved, type_again
from ecsim.game.web.lost import LOCALE, SHEET
from ecsim.game.web.parts import DRAWN, Tag, box, link, picture, table
from ecsim.game.words import say
from ecsim.moves import quarter_label

log = logging.getLogger("ecsim.game")
SETTLED = 0.5  # seconds after which all that was sent in vain has been sent again
NEAR = 60.0  # seconds before the deadline from which the clock is marked
_BEGIN = """document.documentElement.lang = "%s";
addEventListener("DOMContentLoaded", () => {
  const popup = document.getElementById("popup");
  if (!popup) return;
  popup.setAttribute("role", "alert");
  popup.replaceChildren(Object.assign(document.createElement("span"), {textContent: %s}));
});
addEventListener("keydown", pressed => {  // a key that is held down presses a button once
  if (pressed.repeat && pressed.target.matches("button")) pressed.preventDefault();
}, true);
for (const leaving of ["beforeunload", "pagehide", "visibilitychange"]) addEventListener(leaving, () => {  // what was typed last is told
  const field = document.activeElement;
  if (field?.matches("textarea, input[type=text]")) field.dispatchEvent(new Event("change"));
});
"""


class Shown:
    """An open page.

    Args:
        hub: tells it what has changed.
        lang: "en" or "zh".
        path: its address, to come back to when the language changes.
        guest: who looks; the page closes when its secret is revoked. None where anybody may look.
    """

    def __init__(self, hub: Hub, lang: str, path: str, guest: Principal | None = None) -> None:
        self.hub, self.session, self.lang, self.path, self.guest = hub, hub.session, lang, path, guest
        self._parts: list[tuple[Tag, Callable[[], Hashable], Callable[[], None], list[Hashable]]] = []
        self._client = ui.context.client
        ui.add_head_html(
            f"<style>{SHEET}</style><script>{_BEGIN % (LOCALE[lang], json.dumps(self.say('connection')))}{TYPED % path}</script>"
        )
        ui.page_title(self.say("title"))
        type_again(self._client)
        self._connected = False
        self._client.on_connect(self._again)
        hub.pages.add(self)
        self._client.on_delete(lambda: hub.pages.discard(self))

    def say(self, key: str, **values: Any) -> str:
        """A text in the language of the page."""
        return say(self.lang, key, **values)

    def part(self, key: Callable[[], Hashable], draw: Callable[[], None], tag: str = "div", classes: str = "", **attributes: Any) -> None:
        """A part of the page that is drawn again when its key changes. One within another goes when the outer is drawn again."""
        place = box(tag, classes, **attributes)
        self._parts.append((place, key, draw, [key()]))  # before those within it, which need not be drawn where it is
        with place:
            draw()

    def told(self) -> None:
        """The game has changed: draw again what has, or close where the guest may not look any more."""
        if self.guest is None or self.session.admitted(self.guest):
            self.changed()
            return
        self.hub.pages.discard(self)
        self._parts.clear()
        self._client.open("/nothing")
        self._client.content.clear()

    def _again(self) -> None:
        """After a lost connection all is sent once more: the framework sends what it sent in vain again, but after what is newer."""
        if self._connected:
            asyncio.get_running_loop().call_later(SETTLED, self._send_all)
        self._connected = True

    def _send_all(self) -> None:
        for element in [] if self._client.is_deleted else list(self._client.elements.values()):
            element.update()

    def changed(self) -> None:
        """Draw again what has changed."""
        for place, key, draw, last in list(self._parts):
            if place.is_deleted or (now := key()) == last[0]:
                continue
            last[0] = now
            place.clear()
            with place:
                draw()
        self._parts = [part for part in self._parts if not part[0].is_deleted]

    def focus(self, name: str, *, still: bool = False) -> None:
        """Put the keyboard where it was before a part was drawn anew, unless it is elsewhere by now; `still` scrolls nothing."""
        there = f"document.querySelector('[data-test={name}]')?.focus({{preventScroll: {str(still).lower()}}})"
        self._client.run_javascript(f"setTimeout(() => {{ if (document.activeElement === document.body) {there}; }}, {DRAWN})")

    def keeps(self, name: str, found: Callable[[Any], None]) -> Kept:
        """What the tab keeps of this page under a name; `found` is called with what it kept before."""
        return Kept(self._client, f"{self.path} {name}", found)

    def saved(self, field: str, text: str | None = None) -> None:
        """What was typed into a field is on disk, or sent: the tab need not keep it."""
        saved(self._client, field, text)

    def tick(self) -> None:
        """A second has passed."""

    def top(self, title: str, *, room: str = "", jump: tuple[str, str] | None = None) -> None:
        """The header: where one is, the turn, the clock, the other language; where the page is one long column, a way down it."""
        link(self.say("skip"), "#main", "skip")
        with box("header", "top"):
            Tag("h1", title)
            if room:
                self.part(lambda: self._turn_key(room), lambda: self._turn(room), "div", "turn", aria_live="polite")
                self.clock = Tag("div", self.left(room), "clock", role="timer")
                self._room = room
            if jump:
                link(*jump, "jump")
            box("div", "grow")
            other = "zh" if self.lang == "en" else "en"
            Tag("a", self.say("other_language"), "", href=f"/lang/{other}?to={quote(self.path)}", lang=LOCALE[other], data_test="language")

    def _turn_key(self, room: str) -> Hashable:
        b = self.session.branch(room)
        return b.name, b.turn, b.phase, self.session.working(b), self._several(room)

    def _several(self, room: str) -> bool:
        """Whether a room has more lines of play than one."""
        return any(name.startswith(f"{room}.") for name in list(self.session.game.branches))

    def _turn(self, room: str) -> None:
        b, setup = self.session.branch(room), self.session.game.setup
        turn = min(b.turn, setup.turns)
        phase = "phase_over" if b.turn > setup.turns else "phase_open"
        if b.phase == LOCKED:
            phase = "phase_working" if self.session.working(b) else "phase_locked"
        said = [self.say("turn", turn=turn, turns=setup.turns), setup.label(turn), self.say(phase)]
        Tag("span", " · ".join([*said, *([self.say("branch", branch=line_name(b))] if self._several(room) else [])]), data_test="turn")

    def left(self, room: str) -> str:
        """The clock in words."""
        b = self.session.branch(room)
        stands = b.paused if b.paused is not None else b.left
        if stands is not None:
            return self.say("timer_paused", minutes=minutes(stands))
        return "" if b.deadline is None else self.say("timer_left", minutes=minutes(max(0.0, b.deadline - time.time())))

    def show_clock(self, room: str) -> None:
        """The clock, marked in its last minute."""
        text = self.left(room)
        if self.clock.text != text:
            self.clock.text = text
            deadline = self.session.branch(room).deadline
            near = deadline is not None and deadline - time.time() < NEAR
            self.clock.classes(add="near") if near else self.clock.classes(remove="near")

    def seat_name(self, seat: str) -> str:
        """Name of a seat."""
        found = next((s for s in self.session.game.setup.table if s.id == seat), None)
        return found.name(self.lang) if found else self.say("control") if seat == CONTROL else ""

    def figure(self, series: Series, classes: str = "") -> None:
        """An indicator as a chart, with how it is known and its numbers."""
        i = series.indicator
        low, high = i.bounds
        band = tuple(
            (max(v - Z90 * e, low), min(v + Z90 * e, high)) if v is not None and e else (None, None)
            for v, e in zip(series.values, series.error, strict=True)
        )
        line = Line(i.name(self.lang), series.quarters, series.values, [b[0] for b in band], [b[1] for b in band])
        with box("figure", f"figure {classes}"):
            Tag("figcaption", i.name(self.lang))
            title = self.say("aside", text=i.name(self.lang), aside=i.unit(self.lang))
            picture(chart(title, i.shown(self.lang), [line], since=self.session.game.setup.first, since_text=self.say("play_begins")))
            Tag("p", self.how(series), "quiet tight")
            with box("details"):
                Tag("summary", self.say("numbers"))
                self.numbers(series)

    def numbers(self, series: Series) -> None:
        """The table twin of a chart."""
        i = series.indicator
        head = [self.say("quarter"), self.say("aside", text=self.say("value"), aside=i.unit(self.lang))]
        rows = [[quarter_label(q), i.number(v, self.lang)] for q, v in zip(series.quarters, series.values, strict=True)]
        if series.kind == ESTIMATE:
            head.append(self.say("error"))
            rows = [[*row, i.number(e, self.lang)] for row, e in zip(rows, series.error, strict=True)]
        if series.changed:
            head.append(self.say("how_known"))
            rows = [[*row, self.say("kind_changed") if q in series.changed else ""] for row, q in zip(rows, series.quarters, strict=True)]
        if series.others:
            head.append(self.say("report_shown"))
            rows = [
                [*row, i.number(series.others.get(q, v), self.lang)] for row, q, v in zip(rows, series.quarters, series.values, strict=True)
            ]
        table(i.name(self.lang), head, rows)

    def how(self, series: Series) -> str:
        """How an indicator is known, in words."""
        known = {EXACT: self.say("kind_exact"), LATE: self.say("kind_late")}.get(series.kind)
        text = known or self.say("kind_estimate", error=series.indicator.said(last(series.error) or 0.0, self.lang))
        if series.changed:
            return f"{text}{self.say('semicolon')}{self.say('kind_changed')}"
        return f"{text}{self.say('semicolon')}{self.instead(series)}" if series.others else text

    def instead(self, series: Series) -> str:
        """What others are shown in place of the model's values, in words."""
        said = [self.say("aside", text=series.indicator.number(v, self.lang), aside=quarter_label(q)) for q, v in series.others.items()]
        return self.say("kind_others", values=self.say("comma").join(said))

    def all_numbers(self, every: Sequence[Series], branch: Branch) -> None:
        """Every indicator in one table: value, change over the turn, how it is known."""
        span = self.session.game.setup.quarters
        rows = []
        for s in every:
            i, now, then = s.indicator, last(s.values), _before(s.values, span)
            change = i.number(now - then, self.lang, sign=True) if now is not None and then is not None and branch.played else "–"
            rows.append([i.name(self.lang), i.number(now, self.lang), i.unit(self.lang), change, self.how(s)])
        head = [self.say(k) for k in ("indicator", "value", "unit", "change_year", "how_known")]
        table(self.say("all_indicators"), head, rows)

    def fan(
        self, title: str, i: Indicator, quarters: Sequence[int], without: Sequence[Sequence[float]], played: Sequence[Sequence[float]]
    ) -> None:
        """Two fans of an indicator: without and with the moves; low, middle and high of each."""
        lines = [
            Line(self.say("preview_without"), quarters, without[1], without[0], without[2], "#767676", "5 4"),
            Line(self.say("preview_with"), quarters, played[1], played[0], played[2], ORANGE),
        ]
        picture(chart(title, i.shown(self.lang), lines))
        ui.html(legend(lines), sanitize=False)
        with box("details"):
            Tag("summary", self.say("numbers"))
            head = [self.say("quarter")]
            head += [
                self.say("titled", title=self.say(w), text=self.say(k))
                for w in ("preview_without", "preview_with")
                for k in ("low", "middle", "high")
            ]
            table(
                title,
                head,
                [
                    [quarter_label(q), *(i.number(p[k][n], self.lang) for p in (without, played) for k in range(3))]
                    for n, q in enumerate(quarters)
                ],
            )


class Message:
    """A line that says what became of a command, read out when it changes."""

    def __init__(self, page: Shown) -> None:
        self.page = page
        self.place = Tag("div", "", "message", role="status", aria_live="polite", data_test="message")

    def good(self, text: str) -> None:
        """It was done."""
        self._say(text, "good", "bad")

    def clear(self) -> None:
        """Nothing to say any more."""
        self._say("", "good", "bad")

    def bad(self, error: Exception) -> None:
        """It was not done, and why."""
        if not isinstance(error, Refusal):
            log.error("a command failed", exc_info=error)
        self._say(error.text(self.page.lang) if isinstance(error, Refusal) else self.page.say("refused_failed"), "bad", "good")

    def _say(self, text: str, now: str, before: str) -> None:
        if not self.place.is_deleted:  # the command itself may have drawn the part anew
            self.place.classes(add=now, remove=before)
            self.place.text = text


def last(values: Sequence[float | None]) -> float | None:
    """The last value that is known."""
    return next((v for v in reversed(values) if v is not None), None)


def _before(values: Sequence[float | None], quarters: int) -> float | None:
    """The value so many quarters before the last that is known; None where that is not."""
    at = max((n for n, v in enumerate(values) if v is not None), default=-1) - quarters
    return values[at] if at >= 0 else None


def line_name(b: Branch) -> str:
    """What a line of play is called."""
    return f"{b.name} {b.title}".strip()


def minutes(seconds: float) -> str:
    """Minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def first_charts(seat: Seat | None) -> tuple[str, ...]:
    """The indicators that a seat sees as pictures first."""
    own = {"JPN": "revenue_jpn", "NLD": "revenue_nld", "KOR": "revenue_kor", "TWN": "revenue_twn"}
    if seat is None:
        return ("power_ratio", "price", "cohesion", "revenue_usa", "revenue_chn", "revenue_allies")
    if seat.role == "incumbent":
        return ("gap_foundry", "gap_accelerators", "power_ratio", "revenue_usa", "cohesion", "diverted")
    if seat.role == "challenger":
        return ("unmet", "gap_foundry", "self_made", "power_ratio", "revenue_chn", "cohesion")
    if seat.role == "ally":
        mine = [own[s] for s in seat.states if s in own]
        return tuple(dict.fromkeys([*mine, "revenue_allies", "cohesion", "gap_lithography", "power_ratio", "unmet", "conflict"]))[:6]
    return ("revenue_usa", "revenue_chn", "revenue_allies", "denied", "price", "backfilled")


def named(indicator: str, lang: str) -> str:
    """Name of an indicator."""
    return BY_ID[indicator].name(lang)
