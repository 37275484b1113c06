"""Moves in words for people: long lists cut short, rules by their titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsim.game.acts import rule_title
from ecsim.game.branch import Branch
from ecsim.game.costs import FEELING, INCOME, LOBBY, MOST, OPENING
from ecsim.game.seats import FIRMS, INDUSTRY, Seat
from ecsim.game.state import Game
from ecsim.game.words import say
from ecsim.moves import Move
from ecsim.tools import CATALOGUE, sentence, spoken_names

TAKES = (" uses ", " imposes ", "实施")
LONG = 4  # products or companies named in a sentence


def move_text(game: Game, move: Mapping[str, Any], lang: str, rules: Mapping[str, str] | None = None) -> str:
    """A move as a sentence; rules by their titles, where they are known, and never by their ids."""
    if move["verb"] == "event" and move.get("ground"):
        return _announced(move, lang)
    plain = {k: v for k, v in move.items() if k not in ("source", "quarter", "until")}
    for key in ("products", "entities"):
        names = list(plain.get(key, ()))
        if len(names) > LONG:
            plain[key] = [*names[: LONG - 1], say(lang, f"more_{key}", n=len(names) - LONG + 1)]
    until = {"until": move["until"]} if move.get("until") is not None else {}
    made = Move.from_dict({"quarter": 0, **plain, **until})
    text = sentence(made, lang)
    if made.rule:
        text = text.replace(made.rule, (rules or {}).get(made.rule, say(lang, "rule_gone")))
    tool = CATALOGUE.get(move.get("tool", ""))
    if tool is not None and tool.cls == FIRMS:  # its name says who does what
        for verb in TAKES:
            text = text.replace(f"{verb}{spoken_names(lang)[tool.id]}", say(lang, "titled", title="", text=spoken_names(lang)[tool.id]), 1)
    return text


def _announced(move: Mapping[str, Any], lang: str) -> str:
    """A statement in the words of whoever makes it."""
    names = spoken_names(lang)
    actor, to = names.get(move["actor"], move["actor"]), [names.get(s, s) for s in move.get("destinations", ())]
    text = say(lang, "said_to" if to else "said", actor=actor, to=say(lang, "comma").join(to), words=move["ground"])
    return text[:1].upper() + text[1:]


def budget_text(seat: Seat, lang: str) -> str:
    """What a seat can spend, and how it comes by it."""
    rules = [say(lang, "budget_income", income=INCOME)]
    if seat.role in ("incumbent", "challenger"):
        rules.append(say(lang, f"budget_{seat.role}", feeling=FEELING))
    if seat.role != INDUSTRY:
        rules.append(say(lang, "budget_lobby", lobby=LOBBY))
    rules += [say(lang, "budget_saved", most=MOST), say(lang, "budget_administration", administrative=OPENING.administrative)]
    return ("" if lang == "zh" else " ").join(rules)


def lobby_text(game: Game, lobby: Mapping[str, Any], lang: str) -> str:
    """A word of industry to a government, and what it gives or costs it."""
    name = next((s.name(lang) for s in game.setup.table if s.id == lobby["seat"]), "")
    n = abs(lobby["points"])
    return say(lang, f"lobbies_{'gives' if lobby['points'] > 0 else 'takes'}{'_one' if n == 1 else ''}", seat=name, n=n)


def titles(game: Game, branch: Branch, lang: str) -> dict[str, str]:
    """Rule id -> title as it stands in a sentence, for all rules that were ever in force at the end of a turn."""
    names = spoken_names(lang)
    books = [game.opening["book"], *(p.result["book"] for p in branch.played)]
    return {row["id"]: rule_title(row, names, lang) for book in books for row in book["rows"]}
