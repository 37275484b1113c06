"""The preview of a draft: what it is expected to bring, against doing nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np

from ecsim.economy import Array
from ecsim.game.branch import bound
from ecsim.game.charts import number
from ecsim.game.indicators import INDICATORS, Indicator
from ecsim.game.knowledge import error_of, knows, miss, truth
from ecsim.game.setup import HORIZON
from ecsim.game.web.base import Message, first_charts
from ecsim.game.web.parts import Tag, box, button

if TYPE_CHECKING:
    from ecsim.game.web.seat import SeatPage

BAND = (10, 50, 90)
SAME = 0.001  # share of its size below which a difference is none to speak of
MOST = 4  # indicators shown
_COLUMN = {i.id: n for n, i in enumerate(INDICATORS)}


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
        wanted = list(dict.fromkeys([*([page.aim] if page.aim else []), *first_charts(page.seat)]))[:MOST]
        with box("div", "charts"):
            for name in wanted:
                with box("figure", "figure"):
                    self._one(INDICATORS[_COLUMN[name]], without[:, :, _COLUMN[name]], played[:, :, _COLUMN[name]], quarters)
        Tag("p", page.say("preview_took", seconds=f"{seconds:.1f}"), "quiet", data_test="took")

    def _one(self, indicator: Indicator, without: Array, played: Array, quarters: range) -> None:
        page = self.page
        shift = self._shift(indicator)
        title = indicator.name(page.lang)
        Tag("figcaption", title)
        fans = [np.percentile(x + shift, BAND, axis=0).tolist() for x in (without, played)]
        page.fan(page.say("titled", title=page.say("preview"), text=title), indicator.unit(page.lang), list(quarters), fans[0], fans[1])
        difference = (played - without)[:, -1]
        low, middle, high = np.percentile(difference, BAND)
        if max(abs(low), abs(high)) < SAME * max(float(np.abs(without).max()), 1e-9):
            Tag("p", page.say("preview_same", quarters=HORIZON), "tight")
            return
        Tag(
            "p",
            page.say(
                "preview_difference",
                more=int((difference > 0).sum()),
                draws=len(difference),
                quarters=HORIZON,
                low=number(float(low), sign=True),
                middle=indicator.said(number(float(middle), sign=True), page.lang),
                high=number(float(high), sign=True),
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
