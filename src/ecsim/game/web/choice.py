"""The list of acts: kinds to fold out, each act with what it costs, and a field that finds acts by any of their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ecsim.game.acts import Act
from ecsim.game.costs import Purse
from ecsim.game.web import parts
from ecsim.game.web.parts import Tag, box, button
from ecsim.game.words import say

FEW = 16  # acts that are shown at once; of more, only their kinds
SIFT = """(() => {
  const list = field.closest("[data-acts]"), words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let found = 0;
  for (const kind of list.querySelectorAll("details.acts")) {
    let here = 0;
    for (const item of kind.querySelectorAll("li")) {
      item.hidden = !words.every(w => item.dataset.words.includes(w));
      here += !item.hidden;
    }
    kind.hidden = !here;
    kind.open = words.length ? here > 0 : kind.dataset.open === "yes";
    found += here;
  }
  const told = list.querySelector("[role=status]");
  told.textContent = words.length ? told.dataset.found.replace("{n}", found) : "";
})();"""
SEARCH = f"(e) => {{ const field = e.target; {SIFT} }}"
FIRST = """(e) => { if (e.key !== "Enter") return; e.preventDefault();
  [...e.target.closest("[data-acts]").querySelectorAll("li button")].find(b => b.checkVisibility())?.focus(); }"""


class ActList:
    """What there is to choose from.

    Args:
        acts: in the order of their kinds.
        lang: language.
        choose: called with the id of the act that was chosen.
        costs: the least that each act costs; nothing where nobody counts.
        left: what the seat can still spend; None where nobody counts.
    """

    def __init__(
        self, acts: Sequence[Act], lang: str, choose: Callable[[str], Any], costs: Mapping[str, Purse], left: Purse | None
    ) -> None:
        self.lang, self.choose, self.costs, self.left = lang, choose, costs, left
        few = len(acts) <= FEW
        self.place = box("div", "", data_acts="yes")
        with self.place:
            Tag("h3", say(lang, "choose_act"), tabindex="-1", data_test="act")
            if not few:
                self._finder()
            for kind, members in groupby(acts, key=lambda a: a.group):
                self._kind(kind, list(members), few)

    def _finder(self) -> None:
        place, ident = parts.field(say(self.lang, "choose_find"))
        with place:
            field = box("input", "", id=ident, type="search", autocomplete="off", data_test="act-find")
        field.on("input", js_handler=SEARCH)
        field.on("keydown", js_handler=FIRST)
        Tag("p", "", "quiet tight", role="status", data_found=say(self.lang, "choose_found", n="{n}"), data_test="act-found")

    def _kind(self, kind: str, acts: Sequence[Act], few: bool) -> None:
        """One kind of acts, what can be paid first; acts on the same rule stand in one row."""
        with box("details", "acts", open=few, data_open="yes" if few else "no"):
            rows = [list(row) for _, row in groupby(acts, key=_row_of)]
            Tag("summary", say(self.lang, "aside", text=kind, aside=len(rows)))
            with box("ul", "choices"):
                for row in sorted(rows, key=lambda row: all(self._dear(a) for a in row)):
                    words = " ".join(f"{a.name} {a.text}" for a in row).lower()
                    with box("li", "", data_words=words):
                        self._on_rule(row) if row[0].subject else self._plain(row[0])

    def _plain(self, act: Act) -> None:
        with button("", lambda: self.choose(act.id), "choice", name=f"act-{act.id}"):
            Tag("span", act.name)
            self._price(act)

    def _on_rule(self, acts: Sequence[Act]) -> None:
        Tag("div", acts[0].subject)
        with box("div", "row"):
            for act in acts:
                button(act.short, lambda act=act: self.choose(act.id), "small", label=act.name, name=f"act-{act.id}")
            self._price(acts[0])

    def _dear(self, act: Act) -> bool:
        return self.left is not None and not self.left.covers(self.costs[act.id])

    def _price(self, act: Act) -> None:
        if act.id in self.costs:
            text = cost_words(self.costs[act.id], self.lang, "cost_least")
            Tag("span", say(self.lang, "cost_dear", text=text) if self._dear(act) else text, "quiet")


def _row_of(act: Act) -> str:
    """The rule that an act is on; itself where it is on none."""
    return act.id.partition(":")[2] if act.subject else act.id


def cost_words(cost: Purse, lang: str, key: str = "cost") -> str:
    """A cost in words."""
    return say(lang, key, **cost._asdict()) if any(cost) else say(lang, "cost_none")
