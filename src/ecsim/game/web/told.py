"""Moves, events and rules in words, with what a viewer may know already taken care of."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecsim.game.acts import rule_title
from ecsim.game.bots import MODEL
from ecsim.game.branch import OVER, PUBLIC, Branch, Offer, Played
from ecsim.game.costs import cost_of
from ecsim.game.hits import JOINING
from ecsim.game.knowledge import News, Series, adoption_of, book_for, lobbied, news_of
from ecsim.game.passes import Principal
from ecsim.game.telling import lobby_text, move_text, titles
from ecsim.game.web.base import Shown, last, line_name
from ecsim.game.web.choice import cost_words
from ecsim.game.web.parts import Tag, box, table
from ecsim.game.words import names_in, reason
from ecsim.move_text import strength
from ecsim.moves import quarter_label
from ecsim.tools import spoken_names

MOVED = 3  # indicators named among the news
FOLD = 8  # moves of a turn shown before the rest is folded away
LEAST = 0.02  # share of its size by which an indicator must have moved to be news


def row_text(page: Shown, row: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    """A row of a submission in words."""
    if "free" in row:
        return str(row["free"])
    if "lobby" in row:
        return lobby_text(page.session.game, row["lobby"], page.lang)
    shown = row.get("shown", PUBLIC)
    words = move_text(page.session.game, row["move"], page.lang, rules)
    if shown == PUBLIC:
        return words
    return page.say("aside", text=words, aside=page.say("titled", title=page.say("field_shown"), text=page.say(f"shown_{shown}")))


def terms(page: Shown, branch: Branch, offer: Offer, rules: Mapping[str, str]) -> Iterator[str]:
    """What each side of an offer would do, and what of it control has struck."""
    for seat, moves in ((offer.giver, offer.give), (offer.taker, offer.take)):
        for move in moves:
            what = move_text(page.session.game, move, page.lang, rules)
            if offer.answer == "yes" and (seat, move) in branch.struck_promises:
                what = page.say("aside", text=what, aside=page.say("control_struck"))
            yield page.say("offer_gives", seat=page.seat_name(seat), what=what)


def cost_text(page: Shown, row: Mapping[str, Any]) -> str:
    """What a row costs, in words."""
    return cost_words(cost_of(row), page.lang)


def headlines(page: Shown, branch: Branch, played: Played, viewer: Principal, every: list[Series]) -> None:
    """What a viewer learns of a turn: events, moves, and the indicators that moved most."""
    game, rules = page.session.game, titles(page.session.game, branch, page.lang)
    told = list(news_of(game, branch, played, viewer))
    moved = [*lobbying(page, played, viewer), *movements(page, played, every)]
    if not told and not moved:
        Tag("p", page.say("news_none"), "quiet")
        return
    with box("ul", "news"):
        for item in [n for n in told if n.text]:
            _line(page, item, str((item.text or {}).get(page.lang, "")), "lead")
        for text in moved:
            with box("li"):
                Tag("span", text)
        lines = list(together(page, [n for n in told if n.move is not None], rules))
        for item, text in lines[:FOLD]:
            _line(page, item, text)
    if len(lines) > FOLD:
        with box("details"):
            Tag("summary", page.say("news_rest", n=len(lines) - FOLD))
            with box("ul", "news"):
                for item, text in lines[FOLD:]:
                    _line(page, item, text)


def lobbying(page: Shown, played: Played, viewer: Principal) -> Iterator[str]:
    """What industry's lobbying gave or cost a government, for that government and for control."""
    for seat in page.session.game.setup.table:
        points = lobbied(played, seat.id) if viewer.is_control or viewer.seat == seat.id else 0
        if points:
            yield page.say("lobby_gave" if points > 0 else "lobby_took", seat=seat.name(page.lang), n=abs(points))


def together(page: Shown, told: Sequence[News], rules: Mapping[str, str]) -> Iterator[tuple[News, str]]:
    """Each move in words, those of people first; the same move of several states in one sentence."""
    names = spoken_names(page.lang)
    groups: dict[str, list[News]] = {}
    for item in told:
        alike = {k: v for k, v in (item.move or {}).items() if k not in ("actor", "rule" if (item.move or {}).get("tool") else "")}
        groups.setdefault(f"{item.by_people}{sorted(alike.items())}{item.refused}{item.late}", []).append(item)
    for group in sorted(groups.values(), key=lambda g: (not g[0].late, not g[0].by_people)):
        first = group[0]
        text = move_text(page.session.game, first.move or {}, page.lang, rules)
        if len(group) > 1:
            actors = dict.fromkeys((i.move or {}).get("actor", "") for i in group)
            text = _of_several(page, text, [names.get(a, a) for a in actors])
        if len({i.seat for i in group}) > 1:
            first = replace(first, seat="")
        yield first, f"{text} {page.say('news_refused', reason=reason(page.lang, first.refused))}" if first.refused else text


def _of_several(page: Shown, text: str, actors: Sequence[str]) -> str:
    """A sentence on one state as one on several: all names, and in English the verb without its s."""
    every = page.say("comma").join(actors[:-1]) + page.say("and") + actors[-1] if len(actors) > 1 else actors[0]
    every, first = (said[:1].upper() + said[1:] for said in (every, actors[0]))
    rest = text.removeprefix(first)
    verb, space, others = rest.removeprefix(" ").partition(" ")
    if len(actors) > 1 and page.lang == "en" and rest.startswith(" ") and verb.endswith("s"):
        rest = f" {verb.removesuffix('s')}{space}{others}"
    return every + rest


def _line(page: Shown, item: News, text: str, classes: str = "") -> None:
    seat = next((s for s in page.session.game.setup.table if s.id == item.seat), None)
    with box("li", classes) as entry:
        if seat:
            entry.style(f"border-left-color: {seat.colour}")
        name = page.say("news_control") if item.text else page.seat_name(item.seat)
        if name:
            Tag("span", name, "who")
        Tag("span", text)
        if item.late:
            Tag("span", page.say("aside", text="", aside=page.say("told_late", turn=item.turn)), "quiet", data_test="came-out")
        elif item.shown != PUBLIC:
            Tag("span", page.say("aside", text="", aside=page.say(f"told_{item.shown}")), "quiet")


def movements(page: Shown, played: Played, every: list[Series]) -> Iterator[str]:
    """The indicators that moved most in a turn, as far as they are known, in words."""
    setup = page.session.game.setup
    end = setup.quarter(played.turn + 1) - 1
    found = []
    for s in every:
        known = {q: v for q, v in zip(s.quarters, s.values, strict=True) if v is not None and q <= end}
        now, then = known.get(end), known.get(end - setup.quarters)
        if now is None or then is None:
            continue
        spread = max(abs(v) for v in known.values())
        noise = 2.0 * (last(s.error) or 0.0)
        if abs(now - then) > max(LEAST * spread, noise, 1e-9):
            found.append((abs(now - then) / max(spread, 1e-9), s, now, now - then))
    for _, s, now, change in sorted(found, key=lambda x: -x[0])[:MOVED]:
        key = "moved_up" if change > 0 else "moved_down"
        i, lang = s.indicator, page.lang
        yield page.say(key, name=i.name(lang), value=i.said(now, lang), change=i.change(abs(change), lang))


def rules_table(page: Shown, branch: Branch, viewer: Principal) -> None:
    """Rules and measures in force, as far as a viewer may know them, and who has adopted what."""
    game, names = page.session.game, names_in(page.lang)
    rows = []
    for row in book_for(game, branch, viewer):
        title = rule_title(row, names, page.lang, dated=False)
        issuer, against = names.get(row["issuer"], row["issuer"]), _against(page, row, names)
        rows.append([issuer, title, against, _terms(page, row), quarter_label(row["start"])])
    head = [page.say(f"in_force_{k}") for k in ("by", "what", "against", "terms", "since")]
    table(page.say("in_force"), head, rows)
    for state, issuer, level in adoption_of(game, branch):
        Tag("p", page.say("adopted", state=names.get(state, state), issuer=names.get(issuer, issuer), level=f"{level:.0%}"), "tight")


def _against(page: Shown, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """At whom a rule or measure in force aims. Games of older versions have not noted it of what is suspended."""
    if "destinations" not in row and "targets" not in row:
        return "–"
    states = [names.get(s, s) for s in row.get("destinations") or row.get("targets") or () if s != row["issuer"]]
    if states:
        return page.say("comma").join(states)
    if row.get("channel") == JOINING:
        return page.say("against_allies")
    if row.get("channel"):
        return page.say("against_home")
    return page.say("against_all" if row.get("listed") is None else "against_listed")


def _terms(page: Shown, row: Mapping[str, Any]) -> str:
    said = []
    if row["suspended"]:
        said.append(page.say("terms_suspended"))
    if row.get("denial") is not None:
        said.append(page.say("terms_denial", value=f"{row['denial']:.0%}"))
    if row.get("threshold") is not None:
        said.append(page.say("terms_threshold", value=f"{row['threshold']:g}".replace("-", "\N{MINUS SIGN}")))
    if row.get("fdp"):
        said.append(page.say("terms_fdp"))
    if row.get("size") is not None:
        said.append(strength(row.get("channel", ""), float(row["size"]), page.lang))
    return page.say("semicolon").join(said)


def on_wall(page: Shown, room_name: str) -> Mapping[str, Any]:
    """The what-if that stands on the wall; nothing where it is of a line of play that is not on."""
    wall = page.session.room(room_name).wall
    return wall if wall and wall["branch"] == page.session.branch(room_name).name else {}


def wall_title(page: Shown, room_name: str) -> str:
    """What the what-if on the wall is called: from which turn on, and as control named it."""
    wall = page.session.room(room_name).wall
    head = page.say("wall_head", turn=wall["turn"])
    return page.say("titled", title=head, text=wall["title"]) if wall["title"] else head


def line_key(page: Shown, room_name: str) -> Hashable:
    """What the notice of a new line of play hangs on."""
    b = page.session.branch(room_name)
    clock = b.deadline is None, b.paused is None
    return b.name, b.turn, b.phase == OVER, page.session.room(room_name).switched, clock, tuple(b.submissions)


def line_notice(page: Shown, room_name: str, seat: str = "") -> None:
    """That control has reopened the turn that is on, or goes on with another line, and what became of the clock and of a seat's moves."""
    b, room = page.session.branch(room_name), page.session.room(room_name)
    if b.phase == OVER:
        return
    if room.switched == (b.name, b.turn):
        said = [page.say("line_switched", line=line_name(b), turn=b.turn)]
    elif b.from_turn == b.turn:
        said = [page.say("line_reopened", line=line_name(b), turn=b.turn)]
        said += [page.say("line_draft")] if b.drafts.get(seat, {}).get("rows") and seat not in b.submissions else []
    else:
        return
    if b.deadline is None:
        said.append(page.say("line_clock" if b.paused is None else "line_paused"))
    Tag("p", ("" if page.lang == "zh" else " ").join(said), "status warn", data_test="line", role="status")


def held_by(page: Shown, room_name: str, seat: str) -> str:
    """Who plays a seat: the model (and the team that left it to it), a team by its name where it has one, or nobody."""
    room = page.session.room(room_name)
    team = room.teams.get(seat, "")
    if room.holders[seat] == MODEL:
        model = page.say("team_model")
        return page.say("aside", text=model, aside=team) if team else model
    return team or page.say("control_team" if page.session.game.taken(room_name, seat) else "seat_empty")


def in_key(page: Shown, room_name: str) -> Hashable:
    """What the list of seats hangs on."""
    b, room, game = page.session.branch(room_name), page.session.room(room_name), page.session.game
    taken = tuple(game.taken(room_name, s.id) for s in game.setup.table)
    return b.name, b.turn, b.phase == OVER, tuple(b.submissions), tuple(room.holders.items()), tuple(room.teams.items()), taken


def handed_in(page: Shown, branch: Branch, room_name: str, seat: str) -> str:
    """Whether a seat has handed in, in words; or that the model plays it, or nobody does."""
    if page.session.room(room_name).holders[seat] == MODEL:
        return page.say("team_model")
    if seat in branch.submissions:
        return page.say("team_in")
    return page.say("team_out" if page.session.game.taken(room_name, seat) else "seat_empty")


def who_is_in(page: Shown, branch: Branch, room_name: str) -> None:
    """Which seats have handed in."""
    room = page.session.room(room_name)
    with box("ul", "seats"):
        for seat in page.session.game.setup.table:
            over = branch.phase == OVER and room.holders[seat.id] != MODEL
            state = "" if over else handed_in(page, branch, room_name, seat.id)
            team = room.teams.get(seat.id, "")
            with box("li", "", data_test=f"in-{seat.id}"):
                Tag("span", seat.name(page.lang), "strong")
                who = page.say("aside", text="", aside=team) if team else ""
                Tag("span", page.say("titled", title=who, text=state) if state else who)
