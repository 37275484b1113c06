"""What a seat can choose from, in plain words: acts of the toolkit, changes of its own rules, and joining."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecsim.analysis.text.sources_zh import source_zh
from ecsim.describe_policy import words_zh
from ecsim.game.costs import Purse, cost_of
from ecsim.game.hits import addressed
from ecsim.game.legal import bounds_of
from ecsim.game.seats import FIRMS, INDUSTRY, Seat, tools_of
from ecsim.game.words import names_in, say
from ecsim.move_text import PLAIN_SIZES, money
from ecsim.moves import quarter_label
from ecsim.tools import CATALOGUE, Control, Effect, Tool, vocabulary

# channels that can be limited to products
SPREAD = frozenset(("tariff", "market_access", "preference", "subsidy", "stockpile", "shedding"))
AT_HOME = frozenset(("talent", "investment", "finance"))  # channels with words of their own where they act on the actor itself
NAMED = 3  # products or companies in the title of a rule
TRADE, RECORD = "trade", "record"  # classes of tools: the largest, which is shown in parts, and what only goes on record
KINDS = (  # of acts, in the order in which they are shown
    *("trade_list", "trade_impose", "trade_measure", "counter", "capacity", "finance", "investment"),
    *("treatment", "outreach", "administration", "firms"),
)
NAMED_IN = {"products": "products", "entities": "entities", "addressees": "destinations"}  # field of names -> argument of the move
OWN_VERBS = ("lift", "amend", "suspend", "resume")


@dataclass(frozen=True)
class Act:
    """Something that a seat can do, and what it must say when it does.

    Attributes:
        id: "verb:subject", where the subject is a tool or a rule.
        group: heading under which it stands.
        name: display name.
        fields: what can be set: products, denial, size, threshold, fdp, entities, count, until, level, state, route, points, text,
            addressees, words.
        text: what it does, in a sentence or two.
        bounds: field -> least, usual and greatest value.
        actor: state that acts; "" where the seat chooses or has one.
        channel: of the measure whose size is set; "" where it makes none.
        subject: title of the rule in force that it acts on; "" where it acts on none.
        short: what it does with that rule, in a word.
        listed: companies that lists of its tool name already.
    """

    id: str
    group: str
    name: str
    fields: tuple[str, ...]
    text: str
    bounds: Mapping[str, tuple[float, float, float]]
    actor: str = ""
    channel: str = ""
    subject: str = ""
    short: str = ""
    listed: frozenset[str] = frozenset()


def least_cost(act: Act, seat: Seat, now: int, principal: str) -> Purse:
    """What an act costs at its mildest: one product, the least strength, nobody named."""
    values: dict[str, Any] = {name: bounds[0] for name, bounds in act.bounds.items()} | {"points": 1}
    if "products" in act.fields:
        values["products"] = vocabulary("product")[:1]
    return cost_of(row_of(act, values, seat, now, principal))


def acts_of(seat: Seat, book: Sequence[Mapping[str, Any]], adopted: Mapping[str, float], lang: str) -> list[Act]:
    """Everything that a seat can do in a turn, in the order of headings.

    Args:
        seat: who acts.
        book: rules and measures in force that it may know.
        adopted: state -> level at which it applies American rules.
        lang: language.
    """
    return [*_joining(seat, adopted, lang), *_tools(seat, book, lang), *_own(seat, book, lang), *_others(seat, lang)]


def _joining(seat: Seat, adopted: Mapping[str, float], lang: str) -> Iterator[Act]:
    if seat.role != "ally":
        return
    bounds = {"level": (0.1, 0.6, 1.0)}
    state = ("state",) if len(seat.states) > 1 else ()
    names, joined = names_in(lang), [s for s in seat.states if s in adopted]
    levels = say(lang, "comma").join(say(lang, "level_of", state=names.get(s, s), level=f"{adopted[s]:.0%}") for s in joined)
    text = [say(lang, "explain_adopt"), *([say(lang, "explain_level", levels=levels)] if joined else [])]
    yield Act("adopt:", say(lang, "group_alliance"), say(lang, "act_adopt"), (*state, "level"), _space(lang).join(text), bounds)
    if joined:
        yield Act("leave:", say(lang, "group_alliance"), say(lang, "act_leave"), state, say(lang, "explain_leave"), {})


def _tools(seat: Seat, book: Sequence[Mapping[str, Any]], lang: str) -> Iterator[Act]:
    kinds = [say(lang, f"class_{kind}") for kind in KINDS]
    acts = [_tool(seat, tool, book, lang) for tool in tools_of(seat) if tool.cls != RECORD]
    yield from sorted(acts, key=lambda act: kinds.index(act.group))


def _tool(seat: Seat, tool: Tool, book: Sequence[Mapping[str, Any]], lang: str) -> Act:
    mine = [row for row in book if row["tool"] == tool.id and row["issuer"] in seat.states]
    listed = frozenset(name for row in mine for name in row.get("listed", ()))
    bounds = {}
    for name in ("denial", "size"):
        number = bounds_of(tool, name)
        if number is not None and number.lo < number.hi:
            bounds[name] = (number.lo, number.value, number.hi)
    control = next((m for m in tool.makes if isinstance(m, Control)), None)
    fields: list[str] = ["state"] if len(seat.states) > 1 else []
    if tool.listing:
        verb, fields = "list", [*fields, "entities", "count"]
    elif control is not None:
        verb = "impose"
        fields += ["products", "threshold"]
        if seat.role == "incumbent" and "fdp" not in control.terms:
            fields.append("fdp")
    else:
        verb = "measure"
        if any(isinstance(m, Effect) and m.channel in SPREAD for m in tool.makes):
            fields.append("products")
        if "relocation" in tool.channels:
            fields = ["route"]
        if addressed(tool):
            fields.append("addressees")
    fields += [*bounds, "until"] if not tool.listing else []
    name, kind = names_in(lang)[tool.id], f"{tool.cls}_{verb}" if tool.cls == TRADE else tool.cls
    return Act(
        f"{verb}:{tool.id}",
        say(lang, f"class_{kind}"),
        name,
        tuple(fields),
        explain(tool, lang),
        bounds,
        channel=_channel(tool),
        listed=listed,
    )


def _channel(tool: Tool) -> str:
    return tool.channels[0] if tool.channels else ""


def _own(seat: Seat, book: Sequence[Mapping[str, Any]], lang: str) -> Iterator[Act]:
    names = names_in(lang)
    for row in book:
        if row["issuer"] not in seat.states or "/" in row["id"]:
            continue
        firms = row["tool"] in CATALOGUE and CATALOGUE[row["tool"]].cls == FIRMS
        if firms != (seat.role == INDUSTRY):
            continue
        title = rule_title(row, names, lang)
        if row["suspended"]:
            yield _on_rule("resume", row, title, lang)
            continue
        yield _on_rule("lift", row, title, lang)
        bounds = _amendable(row)
        if bounds and not firms:
            yield _on_rule("amend", row, title, lang, tuple(bounds), bounds)
        yield _on_rule("suspend", row, title, lang, ("until",))


def _on_rule(
    verb: str,
    row: Mapping[str, Any],
    title: str,
    lang: str,
    fields: tuple[str, ...] = (),
    bounds: Mapping[str, tuple[float, float, float]] | None = None,
) -> Act:
    """What a seat does with a rule or measure of its own that is in force."""
    tool = CATALOGUE.get(row["tool"])
    return Act(
        f"{verb}:{row['id']}",
        say(lang, "group_own"),
        say(lang, f"act_{verb}", rule=title),
        fields,
        say(lang, f"explain_{verb}"),
        bounds or {},
        row["issuer"],
        row.get("channel") or (_channel(tool) if tool else ""),
        title,
        say(lang, f"short_{verb}"),
    )


def _amendable(row: Mapping[str, Any]) -> dict[str, tuple[float, float, float]]:
    """Strengths of a rule in force that can be set anew: least, as it is, and greatest."""
    bounds, tool = {}, CATALOGUE.get(row["tool"])
    for field in ("denial", "size"):
        number = bounds_of(tool, field) if tool and row.get(field) is not None else None
        if number is not None:
            bounds[field] = (min(number.lo, row[field]), row[field], max(number.hi, row[field]))
    return bounds


def _others(seat: Seat, lang: str) -> Iterator[Act]:
    group = say(lang, "group_words")
    if seat.role == INDUSTRY:
        yield Act("lobby:", group, say(lang, "act_lobby"), ("seat", "points"), say(lang, "explain_lobby"), {"points": (-2, 1, 2)})
    else:
        yield Act("event:announcement", group, names_in(lang)["announcement"], ("addressees", "words"), say(lang, "explain_announce"), {})
    yield Act("free:", group, say(lang, "act_free"), ("text",), say(lang, "explain_free"), {})


def rule_title(row: Mapping[str, Any], names: Mapping[str, str], lang: str, *, dated: bool = True) -> str:
    """A rule or measure in force, in a few words: tool, products, whom it lists and, where it is to be dated, since when."""
    title, products = names.get(row["tool"], row["tool"]), [names.get(p, p) for p in row["products"]]
    goods = say(lang, "comma").join(products[:NAMED]) + ("…" if len(products) > NAMED else "")
    said = all(p in title for p in products)  # the name of the tool says of what
    since = say(lang, "title_since", quarter=quarter_label(row["start"])) if dated else ""
    asides = [text for text in ("" if said else goods, _listed(row, names, lang), since) if text]
    return say(lang, "aside", text=title, aside=say(lang, "semicolon").join(asides)) if asides else title


def _listed(row: Mapping[str, Any], names: Mapping[str, str], lang: str) -> str:
    """Whom a listing hits: the first names, and how many more. Games of older versions have not noted it."""
    listed, further = [names.get(name, name) for name in row.get("listed", ())], row.get("further", 0)
    first, more = say(lang, "comma").join(listed[:NAMED]), len(listed[NAMED:]) + further
    if not first:
        return say(lang, "title_unnamed", n=further) if further else ""
    return say(lang, "title_more", names=first, n=more) if more else first


def explain(tool: Tool, lang: str) -> str:
    """What a tool does, in plain words, from its declaration."""
    said = []
    for maker in tool.makes:
        if isinstance(maker, Control):
            said.append(_control(maker, lang, tool.cls == FIRMS))
        else:
            said += [say(lang, "explain_listed")] if maker.listing else []
            home = "_home" if maker.home and maker.channel in AT_HOME else ""
            way = "_less" if maker.size.value < 0 else ""
            said.append(say(lang, f"channel_{maker.channel}{home}{way}", size=_size(maker, lang)))
    return _space(lang).join([*dict.fromkeys(said), *([_basis(tool, lang)] if tool.basis else [])])


def _basis(tool: Tool, lang: str) -> str:
    """Who runs a tool, and by which law."""
    agency, basis = (_agencies()[tool.agency], source_zh(tool.basis)) if lang == "zh" else (tool.agency, tool.basis)
    return say(lang, "explain_basis", agency=agency[1:-1] if agency[0] in "(（" else agency, basis=basis)


@cache
def _agencies() -> dict[str, str]:
    """Agencies in Chinese."""
    return words_zh("agency")


def _space(lang: str) -> str:
    """What stands between sentences."""
    return "" if lang == "zh" else " "


def _size(maker: Effect, lang: str) -> str:
    value = maker.size.value
    if maker.channel == "subsidy":
        return money(value, lang)
    return f"{abs(value):g}" if maker.channel in PLAIN_SIZES else f"{100.0 * abs(value):.3g}%"


def _control(maker: Control, lang: str, by_firms: bool) -> str:
    terms = {k: getattr(v, "value", v) for k, v in maker.terms.items()}
    key = "explain_turned_down" if by_firms else "explain_list" if maker.listing else "explain_rule"
    parts = [say(lang, key, denial=f"{terms.get('denial', 1.0):.0%}")] if terms.get("denial", 1.0) else []
    if terms.get("affiliates"):
        parts.append(say(lang, "explain_affiliates"))
    if terms.get("delay"):
        one = "_one" if terms["delay"] == 1 else ""
        parts.append(say(lang, f"explain_delay{one}", delay=f"{terms['delay']:g}"))
    if terms.get("fdp"):
        parts.append(say(lang, "explain_fdp"))
    if terms.get("military"):
        parts.append(say(lang, "explain_military"))
    if terms.get("persons"):
        parts.append(say(lang, "explain_persons"))
    return _space(lang).join(parts)


def row_of(act: Act, values: Mapping[str, Any], seat: Seat, now: int, principal: str) -> dict[str, Any]:
    """The row of a submission that an act with its values makes.

    Args:
        act: what is done.
        values: field -> value as the form gives it; what is empty is left to the tool.
        seat: who acts.
        now: quarter of the turn.
        principal: state whose rules are adopted.
    """
    verb, _, subject = act.id.partition(":")
    if verb == "free":
        return {"free": str(values.get("text", ""))}
    if verb == "lobby":
        return {"lobby": {"seat": str(values.get("seat", "")), "points": int(values.get("points") or 1)}}
    move: dict[str, Any] = {"actor": act.actor or values.get("state") or seat.states[0], "verb": verb}
    if verb in ("adopt", "leave"):
        move["issuer"] = principal
    elif verb in OWN_VERBS:
        move["rule"] = subject
    else:
        move["tool"] = subject
    for field, key in NAMED_IN.items():
        if field in act.fields and values.get(field):
            move[key] = sorted(values[field]) if field == "addressees" else list(values[field])
    for field in ("denial", "size", "threshold", "level"):
        if field in act.fields and values.get(field) not in (None, ""):
            move[field] = float(values[field])
    if "fdp" in act.fields and values.get("fdp"):
        move["fdp"] = True
    if "count" in act.fields and values.get("count"):
        move |= {"count": int(values["count"]), "destinations": ["CHN" if seat.role != "challenger" else "USA"]}
    if "until" in act.fields and int(values.get("until") or 0):
        move["until"] = now + int(values["until"])
    move |= {"ground": str(values.get("words", ""))} if "words" in act.fields else {}
    move |= _route(values) if "route" in act.fields else {}
    return {"move": move, "shown": values.get("shown") or "public"}


def _route(values: Mapping[str, Any]) -> dict[str, Any]:
    """Whose plants leave which state for which; they come home where a move names no destination."""
    actor, origin, to = (str(values.get(k, "")) for k in ("state", "origin", "destination"))
    goods = {"products": list(values["products"])} if values.get("products") else {}
    return {"actor": actor, "origin": origin} | goods | ({} if to == actor else {"destinations": [to]})
