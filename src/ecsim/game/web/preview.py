"""The preview of a draft: what it is expected to bring, against doing nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ecsim.economy import Array
from ecsim.game.branch import bound
from ecsim.game.indicators import INDICATORS, Indicator
from ecsim.game.knowledge import error_of, knows, miss, truth
from ecsim.game.setup import HORIZON
from ecsim.game.web.base import Message, first_charts
from ecsim.game.web.parts import Tag, box, button

if TYPE_CHECKING:
    from ecsim.game.web.seat import SeatPage

BAND = (10, 50, 90)
SAME = 0.001  # share of its size below which a difference is none to speak of
LEAST = 0.0005  # in its unit: what is less would read 0.000
MOST = 4  # indicators shown
TINY = 1e-9
_COLUMN = {i.id: n for n, i in enumerate(INDICATORS)}


def share_moved(without: Array, played: Array) -> float:
    """How far moves carry an indicator by the end, four runs of five, over its greatest size without them; arrays of (runs, quarters)."""
    low, _, high = np.percentile((played - without)[:, -1], BAND)
    far = max(abs(low), abs(high))
    return far / max(float(np.abs(without).max()), TINY) if far >= LEAST else 0.0


def chosen(own: Sequence[str], aim: str, moved: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """Indicators to draw, and those of a seat's own that are only said not to move.

    What the seat aims at comes first, then its own that move, others by how far they move, and its own that do not.

    Args:
        own: the seat's own.
        aim: what it aims at; "" for nothing.
        moved: see `Preview._moved`.
    """
    others = sorted((name for name in moved if name not in own), key=lambda name: -moved[name])
    order = [*([aim] if aim else []), *(name for name in own if name in moved), *others, *own]
    shown = list(dict.fromkeys(order))[:MOST]
    return shown, [name for name in own if name not in moved and name not in shown]


class Preview:
    """A button, and below it the fans.

    Args:
        page: of the seat.
    """

    def __init__(self, page: SeatPage) -> None:
        self.page = page
        with box("div", "row"):
            self.button = button(page.say("preview_go"), self.run, name="preview")
        self.place = box("div", "", aria_live="polite", data_test="preview")

    async def run(self) -> None:
        """Compute and show."""
        page = self.page
        self.place.clear()
        with self.place:
            if not any("move" in r for r in page.rows) and not bound(page.branch, page.seat.id):
                Tag("p", page.say("preview_needs"), "quiet")
                return
            wait = Tag("p", page.say("preview_busy", waiting=page.session.desk.waiting), "quiet", role="status")
        begun = time.monotonic()
        work = asyncio.create_task(asyncio.to_thread(page.session.preview, page.by, page.rows, **page.at))
        while not work.done():
            await asyncio.wait([work], timeout=0.4)
            if not wait.is_deleted:
                wait.text = page.say("preview_busy", waiting=page.session.desk.waiting)
        if wait.is_deleted:
            return  # the draft has changed, or was asked about again
        self.place.clear()
        with self.place:
            try:
                without, played = work.result()
            except Exception as error:
                Message(page).bad(error)
                return
            self._show(without, played, time.monotonic() - begun)

    def _show(self, without: Array, played: Array, seconds: float) -> None:
        page = self.page
        draws = len(without)
        Tag("p", page.say("preview_note", draws=draws, quarters=HORIZON), "quiet")
        quarters = range(page.session.game.setup.quarter(page.branch.turn), page.session.game.setup.quarter(page.branch.turn) + HORIZON)
        shown, still = chosen(first_charts(page.seat), page.aim or "", self._moved(without, played))
        with box("div", "charts"):
            for name in shown:
                with box("figure", "figure"):
                    self._one(INDICATORS[_COLUMN[name]], without[:, :, _COLUMN[name]], played[:, :, _COLUMN[name]], quarters)
        if still:
            names = page.say("comma").join(INDICATORS[_COLUMN[name]].name(page.lang) for name in still)
            Tag("p", page.say("preview_still", quarters=HORIZON, names=names), "tight", data_test="still")
        Tag("p", page.say("preview_took", seconds=f"{seconds:.1f}"), "quiet", data_test="took")

    @staticmethod
    def _moved(without: Array, played: Array) -> dict[str, float]:
        """Indicators with a difference to speak of, and how large it is, as a share of their own size."""
        shares = {name: share_moved(without[:, :, i], played[:, :, i]) for name, i in _COLUMN.items()}
        return {name: share for name, share in shares.items() if share >= SAME}

    def _one(self, indicator: Indicator, without: Array, played: Array, quarters: range) -> None:
        page = self.page
        shift = self._shift(indicator)
        title = indicator.name(page.lang)
        Tag("figcaption", title)
        fans = [np.percentile(x + shift, BAND, axis=0).tolist() for x in (without, played)]
        page.fan(page.say("titled", title=page.say("preview"), text=title), indicator, list(quarters), fans[0], fans[1])
        difference = (played - without)[:, -1]
        if share_moved(without, played) < SAME:
            Tag("p", page.say("preview_same", quarters=HORIZON), "tight")
            return
        low, middle, high = np.percentile(difference, BAND)
        Tag(
            "p",
            page.say(
                "preview_difference",
                more=int((difference > 0).sum()),
                draws=len(difference),
                quarters=HORIZON,
                low=indicator.number(float(low), page.lang, sign=True),
                middle=indicator.difference(float(middle), page.lang, sign=True),
                high=indicator.number(float(high), page.lang, sign=True),
            ),
            "tight",
        )
        if shift:
            Tag("p", page.say("preview_shift"), "quiet")

    def _shift(self, indicator: Indicator) -> float:
        """What a seat knows only by estimate, it sees around its estimate."""
        page = self.page
        if knows(page.seat, indicator) or indicator.lag is not None:
            return 0.0
        game = page.session.game
        quarters, rows, _ = truth(game, page.branch)
        value = rows[-1][_COLUMN[indicator.id]] if rows else None
        return 0.0 if value is None else error_of(indicator, value) * miss(game.setup.seed, page.seat.id, indicator.id, quarters[-1])
