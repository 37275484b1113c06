"""The form in which an act is chosen and its terms are set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ecsim.game.acts import Act, least_cost, row_of
from ecsim.game.costs import Purse, cost_of
from ecsim.game.legal import MOST_SAID, MOST_TEXT, shown_of
from ecsim.game.seats import Seat
from ecsim.game.web import parts
from ecsim.game.web.choice import ActList, cost_words
from ecsim.game.web.kept import saved
from ecsim.game.web.parts import Tag, box, button
from ecsim.game.words import names_in, say
from ecsim.move_text import signed, strength
from ecsim.tools import vocabulary

UNTIL = (0, 2, 4, 8)
TYPED = ("threshold", "count", "text", "words")  # fields into which something is typed
FAR = 1e9  # no number that can be set lies beyond
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
        left: what the seat can still spend; None for control, to whom moves cost nothing and whose moves everybody learns of.
        keep: called with the act that is chosen ("" for none) and its terms, whenever they change.
        name: tells what is typed here from what is typed in another such form of the page.
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
        keep: Callable[[str, dict[str, Any]], None],
        name: str = "act",
    ) -> None:
        self.acts = {a.id: a for a in acts}
        self.seat, self.lang, self.add, self.keep, self.name, self.counted = seat, lang, add, keep, name, left is not None
        self.companies, self.seats, self.quarter, self.principal, self.done = companies, seats, quarter, principal, done
        self.plants = {owner: ways for owner, ways in plants.items() if owner in seat.states}
        self.values: dict[str, Any] = {}
        self.begun: Mapping[str, Any] = {}  # terms with which the act begins, where it was left half set
        self.act: Act | None = None
        costs = {act.id: least_cost(act, seat, quarter, principal) for act in acts} if self.counted else {}
        self.list = ActList(acts, lang, self.choose, costs, left)
        self.place = box("div", "", data_test="act-form")

    def reset(self) -> None:
        """As at the start: nothing is chosen."""
        self.act, self.values, self.begun = None, {}, {}
        self.place.clear()
        self.list.place.set_visibility(True)
        self._forget()
        self.keep("", {})

    def _forget(self) -> None:
        """What was typed for an act that is put aside is not for the next one."""
        for field in TYPED:
            saved(self.place.client, self._kept_as(field))

    def _kept_as(self, field: str) -> str:
        """Under which name a tab keeps what is typed into a field."""
        return f"{self.name}-{field}"

    def resume(self, act_id: Any, begun: Any) -> None:
        """Show an act with terms that were set for it before; nothing where there is no such act, and terms that it does not have go."""
        if isinstance(act_id, str) and act_id in self.acts and isinstance(begun, Mapping):
            self.begun = begun
            self._draw(self.acts[act_id])

    def choose(self, act_id: str) -> None:
        """Show the terms of an act, in the place of the list, and put the keyboard there."""
        self.begun = {}
        self._forget()
        self._draw(self.acts[act_id])
        with self.place:
            parts.focus("[data-test='act-form'] h3")

    def _draw(self, act: Act) -> None:
        self.act, self.values = act, {}
        self.list.place.set_visibility(False)
        self.place.clear()
        with self.place:
            with box("div", "row apart"):
                Tag("h3", act.name, tabindex="-1", data_test="act-chosen")
                button(say(self.lang, "choose_other"), self._back, "small", name="act-back")
            Tag("p", act.text, "quiet")
            for field in act.fields:
                self._route() if field == "route" else self._field(field)
            if self.counted:
                self._shown()
            self.cost = Tag("p", "", "quiet tight", aria_live="polite", data_test="act-cost")
            button(self.done, self._add, "main", name="add")
        self._changed()

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
        """Take up what was set."""
        self.values.update(values)
        self._changed()

    def _changed(self) -> None:
        """Keep the terms as they are, and say what the act costs with them."""
        assert self.act is not None
        if self.counted:
            self.cost.text = cost_words(cost_of(self._row()), self.lang)
        self.keep(self.act.id, {k: sorted(v) if isinstance(v, set) else v for k, v in self.values.items()})

    def _ticked(self, field: str, options: Iterable[str]) -> set[str]:
        """What is ticked at first."""
        begun = self.begun.get(field)
        self.values[field] = {o for o in options if isinstance(begun, (list, tuple)) and o in begun}
        return self.values[field]

    def _one_of(self, field: str, options: Collection[str], usual: str) -> str:
        """What is chosen at first."""
        begun = self.begun.get(field)
        self.values[field] = begun if isinstance(begun, str) and begun in options else usual
        return self.values[field]

    def _written(self, field: str) -> str:
        """What stands in a field at first."""
        begun = self.begun.get(field)
        self.values[field] = begun if isinstance(begun, str) else ""
        return self.values[field]

    def _amount(self, field: str, usual: float | None) -> float | None:
        """A number that is set at first."""
        begun = self.begun.get(field)
        known = isinstance(begun, (int, float)) and not isinstance(begun, bool) and -FAR < begun < FAR
        self.values[field] = begun if known else usual
        return self.values[field]

    def _field(self, field: str) -> None:
        assert self.act is not None
        lang, names = self.lang, names_in(self.lang)
        label = say(lang, f"field_{field}", most=MOST_SAID)
        if field == "products":
            goods = {p: names.get(p, p) for p in vocabulary("product")}
            parts.checks(label, goods, self._ticked(field, goods), lang, field, change=self._changed)
        elif field == "entities":
            rivals = ("USA",) if self.seat.role == "challenger" else ("CHN",)
            mark = say(lang, "listed_already")
            firms = {n: self._marked(n, names.get(n, n), mark) for s in rivals for n in self.companies.get(s, [])}
            parts.checks(label, firms, self._ticked(field, firms), lang, field, closed=False, change=self._changed)
        elif field == "addressees":
            others = {s: names.get(s, s) for s in self.companies if s not in self.seat.states}
            parts.checks(label, others, self._ticked(field, others), lang, field, closed=False, change=self._changed)
        elif field in ("denial", "size", "level", "points"):
            bounds = self.act.bounds[field]
            begun = self._amount(field, bounds[1])
            assert begun is not None
            self.values[field] = min(max(begun, min(bounds)), max(bounds))
            parts.slider(
                label,
                bounds,
                self.values[field],
                lambda v: self._set(**{field: self._whole(field, v)}),
                lambda v: self._said(field, v),
                field,
                whole=field == "points",
            )
            if field in ("denial", "size"):
                lo, hi = (self._said(field, v) for v in (bounds[0], bounds[2]))
                Tag("p", say(lang, "field_bounds", lo=lo, hi=hi), "quiet tight")
        elif field in ("state", "seat", "until"):
            options = self._options(field)
            chosen = self._one_of(field, options, next(iter(options)))
            parts.select(label, options, chosen, lambda v: self._set(**{field: v}), field)
        elif field == "fdp":
            self.values[field] = self.begun.get(field) is True
            parts.tick(label, self.values[field], lambda v: self._set(fdp=v), field)
        elif field in ("threshold", "count"):
            amount = self._amount(field, None)
            parts.text(
                label,
                "" if amount is None else f"{amount:.10g}",
                lambda v: self._set(**{field: parts.number_in(v)}),
                name=field,
                kind="number",
                keep=self.act.id,
                keep_as=self._kept_as(field),
                step="any" if field == "threshold" else "1",
            )
        else:
            words, kept_as = self._written(field), self._kept_as(field)
            most = MOST_SAID if field == "words" else MOST_TEXT
            change = lambda v: self._set(**{field: v})  # noqa: E731
            parts.text(label, words, change, name=field, lines=3, most=most, keep=self.act.id, keep_as=kept_as)

    def _marked(self, company: str, name: str, mark: str) -> str:
        """The name of a company, with a mark where the list has it already."""
        assert self.act is not None
        return say(self.lang, "aside", text=name, aside=mark) if company in self.act.listed else name

    def _route(self) -> None:
        """Whose plants, from where, to where, and of which products: each list hangs on the one before."""
        names = names_in(self.lang)

        def step(field: str, ways: Any, place: Tag) -> None:
            place.clear()
            with place:
                if field == "products":
                    goods = {p: names.get(p, p) for p in ways}
                    parts.checks(say(self.lang, "field_products"), goods, self._ticked(field, ways), self.lang, field, change=self._changed)
                    return
                after = {"state": "origin", "origin": "destination", "destination": "products"}[field]

                def chosen(value: str) -> None:
                    self.values[field] = value
                    step(after, ways[value], rest)

                def other(value: str) -> None:
                    self.begun = {}  # what hangs on it begins anew
                    chosen(value)
                    self._changed()

                first = self._one_of(field, ways, next(iter(ways)))
                parts.select(say(self.lang, f"field_{field}_plants"), {s: names.get(s, s) for s in ways}, first, other, field)
                rest = box("div", "")
                chosen(first)

        if self.plants:
            step("state", self.plants, box("div", ""))

    def _options(self, field: str) -> dict[str, str]:
        if field == "seat":
            return dict(self.seats)
        if field == "state":
            return {s: names_in(self.lang).get(s, s) for s in self.seat.states}
        return {str(n): say(self.lang, "until_quarters", n=n) if n else say(self.lang, "until_none") for n in UNTIL}

    def _said(self, field: str, value: float) -> str:
        """A strength as people read it."""
        assert self.act is not None
        if field == "size":
            return strength(self.act.channel, value, self.lang)
        return signed(self._whole(field, value)) if field == "points" else f"{value:.0%}"

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
                    self._one_of("shown", ways, "public"),
                    lambda v: self._set(shown=v),
                    "shown",
                )
