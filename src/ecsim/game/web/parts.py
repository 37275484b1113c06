"""Small building blocks: plain HTML elements with labels, so that keyboards and screen readers find what they expect."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from ecsim.game.words import say

Handler = Callable[[], Any] | Callable[[], Awaitable[Any]]
_NUMBERS = count(1)
DRAWN = 60  # milliseconds in which a browser has drawn what it was just sent


class Tag(TextElement):
    """An HTML element with text, which stays text whatever is in it."""

    def __init__(self, tag: str, text: str = "", classes: str = "", **attributes: Any) -> None:
        super().__init__(tag=tag, text=text)
        if classes:
            self.classes(classes)
        for name, value in attributes.items():
            if value is not None and value is not False:
                self.props[name.rstrip("_").replace("_", "-")] = value


def box(tag: str = "div", classes: str = "", **attributes: Any) -> Tag:
    """An element to put others into."""
    return Tag(tag, "", classes, **attributes)


def section(title: str, classes: str = "", level: int = 2, name: str = "") -> Tag:
    """A region of the page with a heading; one with a name can be given the keyboard."""
    ident = f"h{next(_NUMBERS)}"
    region = box("section", f"card {classes}", aria_labelledby=ident)
    with region:
        Tag(f"h{level}", title, id=ident, data_test=name or None, tabindex="-1" if name else None)
    return region


def button(text: str, handler: Handler, classes: str = "", *, label: str = "", disabled: bool = False, name: str = "") -> Tag:
    """A button; `label` is read out where the text alone does not say enough.

    A double click is one click: the second one would find what the first has brought, a turn that has just begun, the row that moved up.
    While it is at work it cannot be pressed again, and says so; whatever becomes of the work, it can be pressed after it.
    """
    made = Tag("button", text, f"button {classes}", type="button", aria_label=label or None, disabled=disabled, data_test=name or None)
    made.on("click", _one_at_a_time(made, handler), js_handler="(e) => { if (e.detail < 2) emit(); }")
    return made


def _one_at_a_time(made: Tag, handler: Handler) -> Handler:
    busy = False

    def show(*, at_work: bool) -> None:
        nonlocal busy
        busy = at_work
        if not made.is_deleted:  # its own work may have drawn the part anew
            made.props["aria-disabled"] = "true" if at_work else "false"

    async def finished(work: Awaitable[Any]) -> None:
        try:
            await work
        finally:
            show(at_work=False)

    def press() -> Any:
        if busy:
            return None
        work = handler()
        if not isinstance(work, Awaitable):
            return work
        show(at_work=True)
        return finished(work)

    return press


def asked(lang: str, text: str, sure: str, handler: Handler, *, label: str = "", name: str) -> None:
    """A small button for what cannot be taken back: it asks first, and where it was stands the way out, for a hand that clicks again."""
    place = box("div", "row asked")

    async def go() -> None:
        work = handler()
        if isinstance(work, Awaitable):
            await work
        if not place.is_deleted:  # what was asked is answered, though nothing around it was drawn anew
            draw(again=False)

    def draw(*, again: bool) -> None:
        place.clear()
        with place:
            if again:
                button(say(lang, "leave_it"), lambda: draw(again=False), "small", name=f"{name}-not")
                button(sure, go, "small main", label=label and say(lang, "titled", title=sure, text=label), name=f"{name}-sure")
                focus(f"[data-test='{name}-not']")
            else:
                button(text, lambda: draw(again=True), "small", label=label and say(lang, "titled", title=text, text=label), name=name)

    draw(again=False)


def link(text: str, to: str, classes: str = "") -> Tag:
    """A link."""
    return Tag("a", text, classes, href=to)


def field(label: str, classes: str = "") -> tuple[Tag, str]:
    """A labelled place for a control; returns it and the id that the control must take."""
    name = f"f{next(_NUMBERS)}"
    place = box("div", f"field {classes}")
    with place:
        Tag("label", label, for_=name)
    return place, name


def select(
    label: str,
    options: Mapping[str, str] | Sequence[tuple[str, Mapping[str, str]]],
    value: str,
    change: Callable[[str], Any],
    name: str = "",
) -> Tag:
    """A list to choose one from: value -> text, or groups of them."""
    place, ident = field(label)
    with place:
        made = box("select", "", id=ident, data_test=name or None)
        with made:
            if isinstance(options, Mapping):
                _options(options, value)
            else:
                for title, group in options:
                    if title:
                        with box("optgroup", "", label=title):
                            _options(group, value)
                    else:
                        _options(group, value)
    made.on("change", lambda e: change(str(e.args)), js_handler="(e) => emit(e.target.value)")
    return made


def _options(options: Mapping[str, str], value: str) -> None:
    for key, text in options.items():
        Tag("option", text, value=key, selected=key == value)


def text(
    label: str,
    value: str,
    change: Callable[[str], Any],
    *,
    name: str = "",
    lines: int = 1,
    most: int = 600,
    kind: str = "text",
    leave: Callable[[str], Any] | None = None,
    keep: str | None = None,
    keep_as: str = "",
    **attributes: Any,
) -> Tag:
    """A field for text or a number; the change is reported while typing, in pauses, and to `leave` when the field is left.

    Where it says to what its text belongs (`keep`), the tab keeps the text until it is `kept.saved`: under its name, or `keep_as`.

    What was typed last is told on leaving, so that a button that is pressed at once finds it.
    """
    place, ident = field(label)
    with place:
        if lines > 1:
            made = box("textarea", "", id=ident, rows=lines, maxlength=most, data_test=name or None)
        else:
            made = box("input", "", id=ident, type=kind, maxlength=most, data_test=name or None, **attributes)
        _begin(made, value)
        if keep is not None:
            made.props["data-keep"] = keep
            made.props["data-keep-as"] = keep_as or name
    made.on("input", lambda e: change(str(e.args)), js_handler="(e) => emit(e.target.value)", throttle=0.3, leading_events=False)
    made.on("change", lambda e: (leave or change)(str(e.args)), js_handler="(e) => emit(e.target.value)")
    return made


def number_in(text: str) -> float | None:
    """The number that stands in a field; None where it is empty, or none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _begin(control: Tag, value: str) -> None:
    """The value with which a control begins. As `value` it would be put back whenever anything on the page changes."""
    control.props["defaultValue"] = value


def slider(
    label: str,
    bounds: tuple[float, float, float],
    value: float,
    change: Callable[[float], Any],
    show: Callable[[float], str],
    name: str = "",
    *,
    whole: bool = False,
) -> None:
    """A slider with its value in words beside it, which are read out too; in a hundred steps, or by whole numbers."""
    low, _, high = bounds
    place, ident = field(label, "slider")
    with place:
        step = 1.0 if whole else (high - low) / 100.0
        made = box("input", "", id=ident, type="range", min=low, max=high, step=f"{step:.6g}", data_test=name or None)
        made.props["aria-valuetext"] = show(value)
        _begin(made, f"{value:.6g}")
        said = Tag("output", show(value), for_=ident)

    def moved(e: Any) -> None:
        number = min(max(float(e.args), min(low, high)), max(low, high))
        change(number)
        said.text = made.props["aria-valuetext"] = show(number)

    made.on("input", moved, js_handler="(e) => emit(e.target.value)", throttle=0.15)


def checks(
    label: str,
    options: Mapping[str, str],
    chosen: set[str],
    lang: str,
    name: str = "",
    *,
    closed: bool = True,
    change: Callable[[], Any] = lambda: None,
) -> None:
    """Any number of boxes to tick, folded away until wanted; what is ticked goes into `chosen`, which is told to `change`."""
    with box("details", "checks", open=not closed):
        summary = Tag("summary", _ticked(label, chosen, options, lang), data_test=name or None)
        with box("fieldset"):
            Tag("legend", label, "quiet")
            for key, words in options.items():
                ident = f"f{next(_NUMBERS)}"
                with box("div", "check"):
                    tick = box(
                        "input",
                        "",
                        id=ident,
                        type="checkbox",
                        value=key,
                        checked=key in chosen,
                        data_test=f"{name}-{key}" if name else None,
                    )
                    Tag("label", words, for_=ident)

                def ticked(e: Any, key: str = key) -> None:
                    (chosen.add if e.args else chosen.discard)(key)
                    summary.text = _ticked(label, chosen, options, lang)
                    change()

                tick.on("change", ticked, js_handler="(e) => emit(e.target.checked)")


def _ticked(label: str, chosen: set[str], options: Mapping[str, str], lang: str) -> str:
    names = [words for key, words in options.items() if key in chosen]
    shown = say(lang, "comma").join(names[:4]) + (" …" if len(names) > 4 else "")
    return say(lang, "titled", title=label, text=shown) if names else label


def tick(label: str, value: bool, change: Callable[[bool], Any], name: str = "") -> None:
    """One box to tick."""
    ident = f"f{next(_NUMBERS)}"
    with box("div", "check"):
        made = box("input", "", id=ident, type="checkbox", checked=value, data_test=name or None)
        Tag("label", label, for_=ident)
    made.on("change", lambda e: change(bool(e.args)), js_handler="(e) => emit(e.target.checked)")


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], classes: str = "") -> None:
    """A table of texts; the first column names the row."""
    with box("div", "scroll", tabindex="0", role="group", aria_label=caption), box("table", classes):
        Tag("caption", caption, "quiet")
        with box("thead"), box("tr"):
            for title in head:
                Tag("th", title, scope="col")
        with box("tbody"):
            for row in rows:
                with box("tr"):
                    for i, cell in enumerate(row):
                        Tag("th" if i == 0 else "td", cell, **({"scope": "row"} if i == 0 else {}))


def focus(selector: str) -> None:
    """Put the keyboard on the first element of a kind that is shown, once it is drawn."""
    find = f"[...document.querySelectorAll({json.dumps(selector)})].find(e => e.checkVisibility())"
    ui.run_javascript(f"setTimeout(() => {find}?.focus(), {DRAWN})")


def picture(svg: str, classes: str = "") -> None:
    """A chart that ecsim drew (all words in it are escaped)."""
    ui.html(svg, sanitize=False).classes(f"picture {classes}")
