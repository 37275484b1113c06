"""Moves that control puts together with the tools of any seat, for an event or a what-if."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ecsim.errors import UserError
from ecsim.game import telling
from ecsim.game.acts import acts_of
from ecsim.game.seats import Seat
from ecsim.game.state import later
from ecsim.game.web import parts
from ecsim.game.web.form import ActForm
from ecsim.game.web.parts import Tag, box, button

if TYPE_CHECKING:
    from ecsim.game.web.control import ControlPage

WORDS = ("lobby:", "free:")  # acts of a seat that are no moves


class Added:
    """A seat to choose, the form of its acts, and the moves that were added, each to be removed again.

    Args:
        page: of control.
        name: tells the fields from those of another such form of the page.
        turn: in which the moves are to be made, as it is chosen just now.
        keep: called with what is half done (see `left`), whenever it has changed.
        begun: what was left half done; it comes back from a browser, and may be anything.
    """

    def __init__(
        self,
        page: ControlPage,
        name: str,
        turn: Callable[[], int],
        keep: Callable[[dict[str, Any]], None],
        begun: Mapping[str, Any],
    ) -> None:
        self.page, self.name, self.turn, self.keep = page, name, turn, keep
        self.at = turn_in(begun, page.session.game.setup.turns) if begun else turn()  # turn from which the ends of the moves are counted
        moves = begun.get("moves")
        self.moves: list[dict[str, Any]] = [m for m in (moves if isinstance(moves, list) else []) if self._words(m)]
        self.terms: tuple[Any, Any] = begun.get("act", ""), begun.get("terms", {})
        self.form: ActForm | None = None
        seats = {"": page.say("control_inject_none")} | {s.id: s.name(page.lang) for s in page.session.game.setup.table}
        seat = begun.get("seat")
        self.seat = seat if isinstance(seat, str) and seat in seats else ""
        parts.select(page.say("control_inject_seat"), seats, self.seat, self._sit, f"{name}-seat")
        page.part(lambda: (page.branch.name, page.branch.turn, turn(), self.seat), self._acts)
        page.part(lambda: repr(self.moves), self._list)

    @property
    def pending(self) -> bool:
        """Whether an act is chosen that is not added yet."""
        return self.form is not None and self.form.act is not None

    def left(self) -> dict[str, Any]:
        """What is half done, as plain values; nothing where nothing is."""
        if not (self.seat or self.moves):
            return {}
        return {"seat": self.seat, "moves": self.moves, "act": self.terms[0], "terms": self.terms[1]}

    def put_aside(self) -> None:
        """Nothing of it is to come back."""
        if self.form is not None:
            self.form.reset()

    def _sit(self, seat: str) -> None:
        self.seat, self.terms = seat, ("", {})
        self.page.changed()
        self.keep(self.left())

    def _acts(self) -> None:
        """What the chosen seat can do, with an act that was left half set. Ends of moves are counted from the turn that is chosen."""
        setup, turn = self.page.session.game.setup, self.turn()
        self.moves = [later({"move": m}, (turn - self.at) * setup.quarters)["move"] for m in self.moves]
        self.at, self.form = turn, None
        seat = next((s for s in setup.table if s.id == self.seat), None)
        if seat is not None:
            self.form = self._form_of(seat)
            self.form.resume(*self.terms)

    def _form_of(self, seat: Seat) -> ActForm:
        page, session, game = self.page, self.page.session, self.page.session.game
        book, adopted = session.book(page.branch, self.at), session.adopted(page.branch, self.at)
        acts = [a for a in acts_of(seat, book, adopted, page.lang) if a.id not in WORDS]
        return ActForm(
            acts,
            seat,
            page.lang,
            self._add,
            companies=game.opening["companies"],
            plants=game.opening.get("plants", {}),
            seats={},
            quarter=game.setup.quarter(self.at),
            principal=game.opening["book"]["principals"][0],
            done=page.say("control_add"),
            keep=self._keep_terms,
            name=self.name,
        )

    def _keep_terms(self, act: str, terms: dict[str, Any]) -> None:
        self.terms = act, terms
        self.keep(self.left())

    def _add(self, row: dict[str, Any]) -> None:
        self.moves = [*self.moves, row["move"]]
        if self.form is not None:
            self.form.reset()
        self.page.changed()
        self.page.focus(f"{self.name}-seat")

    def _remove(self, n: int) -> None:
        self.moves = [*self.moves[:n], *self.moves[n + 1 :]]
        self.page.changed()
        self.keep(self.left())
        self.page.focus(f"{self.name}-seat")

    def _list(self) -> None:
        page = self.page
        with box("ul", "moves"):
            for n, move in enumerate(self.moves):
                words = self._words(move)
                with box("li", data_test=f"{self.name}-move"):
                    Tag("span", words)
                    label = page.say("remove_what", what=words)
                    button(page.say("remove"), lambda n=n: self._remove(n), "small", label=label, name=f"{self.name}-remove")

    def _words(self, move: Any) -> str:
        """A move as a sentence; "" where it is none."""
        page = self.page
        try:
            return telling.move_text(page.session.game, move, page.lang, telling.titles(page.session.game, page.branch, page.lang))
        except (UserError, AttributeError, TypeError, ValueError, KeyError):
            return ""


def turn_in(begun: Mapping[str, Any], turns: int) -> int:
    """The turn in what was left half done, if it is one of so many; the first otherwise."""
    turn = begun.get("turn")
    return int(turn) if isinstance(turn, int) and 1 <= turn <= turns else 1
