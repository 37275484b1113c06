"""How a move reads as a sentence, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecsim.errors import unknown
from ecsim.moves import Move, quarter_label

SPEECH: dict[str, dict[str, str]] = {
    "en": {
        "impose": "{actor} imposes {what}{on}{parties}",
        "amend": "{actor} amends {rule}",
        "lift": "{actor} lifts {rule}",
        "suspend": "{actor} suspends {rule}",
        "resume": "{actor} resumes {rule}",
        "list": "{actor} lists {who}{on}: {what}",
        "delist": "{actor} removes {who}: {what}",
        "adopt": "{actor} adopts the rules of {issuer} at level {level}",
        "leave": "{actor} leaves the rules of {issuer}",
        "measure": "{actor} takes {what}{on}{size}",
        "end_measure": "{actor} ends {rule}",
        "event": "{actor}: {what}{on}",
        "on": " on {}",
        "for": " for {}",
        "parties": " ({})",
        "size": ", size {}",
        "count": "{} further entities",
        "threshold": "items from {} generations",
        "sliding": "items from {} generations relative to the frontier",
        "denial": "{} of applications denied",
        "delay": "licences take {} quarters",
        "fdp": "foreign direct product rule",
        "de_minimis": "de minimis {}",
        "persons": "persons abroad",
        "owners": "by owner",
        "affiliates": "affiliates too",
        "military": "military end users",
        "end_uses": "for making {}",
        "exempt": "not firms owned in {}",
        "spares": "not goods from {}",
        "origin": "from {} to {}",
        "until": "until {}",
        "and": ", ",
        "detail": "; ",
        "end": ".",
    },
    "zh": {
        "impose": "{actor}{on}实施{what}{parties}",
        "amend": "{actor}修订{rule}",
        "lift": "{actor}取消{rule}",
        "suspend": "{actor}暂停{rule}",
        "resume": "{actor}恢复{rule}",
        "list": "{actor}{on}将{who}列入{what}",
        "delist": "{actor}将{who}移出{what}",
        "adopt": "{actor}采纳{issuer}的规则，程度{level}",
        "leave": "{actor}退出{issuer}的规则",
        "measure": "{actor}{on}采取{what}{size}",
        "end_measure": "{actor}终止{rule}",
        "event": "{actor}：{what}{on}",
        "on": "对{}",
        "for": "（{}）",
        "parties": "（{}）",
        "size": "，力度{}",
        "count": "另{}家实体",
        "threshold": "代际{}及以上物项",
        "sliding": "相对前沿{}代及以上物项",
        "denial": "许可拒绝率{}",
        "delay": "审批{}季度",
        "fdp": "外国直接产品规则",
        "de_minimis": "最低含量{}",
        "persons": "涵盖境外人员",
        "owners": "按所有权",
        "affiliates": "含关联公司",
        "military": "军事最终用户",
        "end_uses": "限用于生产{}",
        "exempt": "不含{}所有企业",
        "spares": "不含{}产品",
        "origin": "自{}迁往{}",
        "until": "至{}",
        "and": "、",
        "detail": "；",
        "end": "。",
    },
}


class Sentence:
    """A generated sentence: who does what to whom, then the terms."""

    def __init__(self, move: Move, speech: Mapping[str, str], names: Mapping[str, str]) -> None:
        self.move, self.speech, self.names = move, speech, names

    def text(self) -> str:
        """The sentence."""
        m, say = self.move, self.speech
        who = self._join((*m.entities, *((say["count"].format(m.count),) if m.count else ())))
        on = say["on"].format(self._join(m.destinations)) if m.destinations and not m.origin else ""
        goods = say["for"].format(self._join(m.products)) if m.products else ""
        what = (self.names.get(m.tool, m.tool) or m.ground) + goods
        head = say[m.verb].format(
            actor=self.names.get(m.actor, m.actor),
            what=what,
            who=who,
            on=on,
            parties=say["parties"].format(who) if who else "",
            rule=m.rule,
            issuer=self.names.get(m.issuer, m.issuer),
            level="" if m.level is None else f"{m.level:g}",
            size="" if m.size is None else say["size"].format(f"{m.size:.3g}"),
        )
        return say["detail"].join([head, *self._terms()]) + say["end"]

    def _join(self, ids: tuple[str, ...]) -> str:
        return self.speech["and"].join(self.names.get(x, x) for x in ids)

    def _terms(self) -> Iterator[str]:
        m, say = self.move, self.speech
        if m.threshold is not None:
            yield say["sliding" if m.sliding else "threshold"].format(f"{m.threshold:+g}")
        if m.denial is not None:
            yield say["denial"].format(f"{m.denial:.0%}")
        if m.delay is not None:
            yield say["delay"].format(f"{m.delay:g}")
        if m.de_minimis is not None:
            yield say["de_minimis"].format(f"{m.de_minimis:.1%}")
        for key in ("fdp", "persons", "owners", "affiliates", "military"):
            if getattr(m, key):
                yield say[key]
        for key in ("end_uses", "exempt", "spares"):
            if getattr(m, key):
                yield say[key].format(self._join(getattr(m, key)))
        if m.origin:
            yield say["origin"].format(self._join((m.origin,)), self._join(m.destinations or (m.actor,)))
        if m.until is not None:
            yield say["until"].format(quarter_label(m.until))


def describe(move: Move, lang: str = "en", names: Mapping[str, str] | None = None) -> str:
    """One sentence on a move.

    Args:
        move: the move; its own text in the language, where it has one, is the sentence.
        lang: "en" or "zh".
        names: display name of each tool, product and state; the id stands where none is given.

    Raises:
        UserError: unknown language.
    """
    if lang not in SPEECH:
        raise unknown("describe", "language", lang, SPEECH)
    own = move.text_zh if lang == "zh" else move.text_en
    return own or Sentence(move, SPEECH[lang], names or {}).text()
