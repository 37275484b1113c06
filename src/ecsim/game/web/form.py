"""The form in which an act is chosen and its terms are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecsim.game.acts import Act, least_cost, row_of
from ecsim.game.costs import Purse, cost_of
from ecsim.game.legal import shown_of
from ecsim.game.seats import Seat
from ecsim.game.web import parts
from ecsim.game.web.choice import ActList, cost_words
from ecsim.game.web.parts import Tag, box, button
from ecsim.game.words import say
from ecsim.move_text import strength
from ecsim.tools import display_names, vocabulary

UNTIL = (0, 2, 4, 8)
Plants = Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]


class ActForm:
    """Choose an act, set its terms, add it.

    Args:
        acts: what there is to choose from.
        seat: who acts.
        lang: language.
        add: called with the row.
        companies: state -> names that can be listed.
        plants: owner -> state left -> state built up -> products: how plants can move.
        seats: seat id -> name of governments that can be lobbied.
        quarter: of the turn.
        principal: state whose rules allies adopt.
        done: text of the button.
        left: what the seat can still spend; None where nobody counts.
    """

    def __init__(
        self,
        acts: list[Act],
        seat: Seat,
        lang: str,
        add: Callable[[dict[str, Any]], Any],
        *,
        companies: Mapping[str, list[str]],
        plants: Plants,
        seats: Mapping[str, str],
        quarter: int,
        principal: str,
        done: str,
        left: Purse | None = None,
    ) -> None:
        self.acts = {a.id: a for a in acts}
        self.seat, self.lang, self.add = seat, lang, add
        self.companies, self.seats, self.quarter, self.principal, self.done = companies, seats, quarter, principal, done
        self.plants = {owner: ways for owner, ways in plants.items() if owner in seat.states}
        self.values: dict[str, Any] = {}
        self.act: Act | None = None
        costs = {act.id: least_cost(act, seat, quarter, principal) for act in acts}
        self.list = ActList(acts, lang, self.choose, costs, left)
        self.place = box("div", "", data_test="act-form")

    def reset(self) -> None:
        """As at the start: nothing is chosen."""
        self.act, self.values = None, {}
        self.place.clear()
        self.list.place.set_visibility(True)

    def choose(self, act_id: str) -> None:
        """Show the terms of an act, in the place of the list."""
        self.act, self.values = self.acts[act_id], {}
        self.list.place.set_visibility(False)
        self.place.clear()
        with self.place:
            with box("div", "row apart"):
                Tag("h3", self.act.name, tabindex="-1", data_test="act-chosen")
                button(say(self.lang, "choose_other"), self._back, "small", name="act-back")
            Tag("p", self.act.text, "quiet")
            for field in self.act.fields:
                self._route() if field == "route" else self._field(field)
            self._shown()
            self.cost = Tag("p", "", "quiet tight", aria_live="polite", data_test="act-cost")
            self._tell_cost()
            button(self.done, self._add, "main", name="add")
            parts.focus("[data-test='act-form'] h3")

    def _back(self) -> None:
        """To the list again, where it was left."""
        self.reset()
        with self.place:  # the button that was pressed is gone
            parts.focus("[data-test='act']")

    def _add(self) -> Any:
        return None if self.act is None else self.add(self._row())

    def _row(self) -> dict[str, Any]:
        assert self.act is not None
        return row_of(self.act, self.values, self.seat, self.quarter, self.principal)

    def _set(self, **values: Any) -> None:
        """Take up what was set, and say what the act costs with it."""
        self.values.update(values)
        self._tell_cost()

    def _tell_cost(self) -> None:
        self.cost.text = cost_words(cost_of(self._row()), self.lang)

    def _field(self, field: str) -> None:
        assert self.act is not None
        lang, names = self.lang, display_names(self.lang)
        label = say(lang, f"field_{field}")
        if field == "products":
            ticked: set[str] = set()
            self.values[field] = ticked
            parts.checks(label, {p: names.get(p, p) for p in vocabulary("product")}, ticked, lang, "products", change=self._tell_cost)
        elif field == "entities":
            chosen: set[str] = set()
            self.values[field] = chosen
            rivals = ("USA",) if self.seat.role == "challenger" else ("CHN",)
            parts.checks(
                label,
                {n: n for s in rivals for n in self.companies.get(s, [])},
                chosen,
                lang,
                "entities",
                closed=False,
                change=self._tell_cost,
            )
        elif field in ("denial", "size", "level", "points"):
            bounds = self.act.bounds[field]
            self.values[field] = bounds[1]
            parts.slider(
                label,
                bounds,
                bounds[1],
                lambda v: self._set(**{field: self._whole(field, v)}),
                lambda v: self._said(field, v),
                field,
            )
            if field in ("denial", "size"):
                lo, hi = (self._said(field, v) for v in (bounds[0], bounds[2]))
                Tag("p", say(lang, "field_bounds", lo=lo, hi=hi), "quiet tight")
        elif field in ("state", "seat", "until"):
            options = self._options(field)
            self.values[field] = next(iter(options))
            parts.select(label, options, next(iter(options)), lambda v: self._set(**{field: v}), field)
        elif field == "fdp":
            parts.tick(label, False, lambda v: self._set(fdp=v), "fdp")
        elif field in ("threshold", "count"):
            parts.text(
                label,
                "",
                lambda v: self._set(**{field: parts.number_in(v)}),
                name=field,
                kind="number",
                step="any" if field == "threshold" else "1",
            )
        else:
            parts.text(label, "", lambda v: self._set(**{field: v}), name=field, lines=3)

    def _route(self) -> None:
        """Whose plants, from where, to where, and of which products: each list hangs on the one before."""
        names = display_names(self.lang)

        def step(field: str, ways: Any, place: Tag) -> None:
            place.clear()
            with place:
                if field == "products":
                    ticked: set[str] = set()
                    self.values[field] = ticked
                    parts.checks(say(self.lang, "field_products"), {p: names.get(p, p) for p in ways}, ticked, self.lang, field)
                    return
                after = {"state": "origin", "origin": "destination", "destination": "products"}[field]

                def chosen(value: str) -> None:
                    self.values[field] = value
                    step(after, ways[value], rest)

                first = next(iter(ways))
                parts.select(say(self.lang, f"field_{field}_plants"), {s: names.get(s, s) for s in ways}, first, chosen, field)
                rest = box("div", "")
                chosen(first)

        if self.plants:
            step("state", self.plants, box("div", ""))

    def _options(self, field: str) -> dict[str, str]:
        if field == "seat":
            return dict(self.seats)
        if field == "state":
            return {s: display_names(self.lang).get(s, s) for s in self.seat.states}
        return {str(n): say(self.lang, "until_quarters", n=n) if n else say(self.lang, "until_none") for n in UNTIL}

    def _said(self, field: str, value: float) -> str:
        """A strength as people read it."""
        assert self.act is not None
        if field == "size":
            return strength(self.act.channel, value, self.lang)
        return f"{self._whole(field, value):+.0f}" if field == "points" else f"{value:.0%}"

    def _whole(self, field: str, value: float) -> float:
        if field != "points":
            return value
        return int(round(value)) or 1

    def _shown(self) -> None:
        assert self.act is not None
        verb, _, subject = self.act.id.partition(":")
        if verb in ("measure", "event"):
            ways = shown_of({"verb": verb, "tool": subject})
            if len(ways) > 1:
                parts.select(
                    say(self.lang, "field_shown"),
                    {w: say(self.lang, f"shown_{w}") for w in ways},
                    "public",
                    lambda v: self._set(shown=v),
                    "shown",
                )
