"""How a move reads as a sentence, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecsim.errors import unknown
from ecsim.moves import Move, quarter_label
from ecsim.shown import shown_in

SPEECH: dict[str, dict[str, str]] = {
    "en": {
        "impose": "{actor} imposes {what}{on}{parties}",
        "amend": "{actor} amends {rule}{on}",
        "lift": "{actor} lifts {rule}",
        "suspend": "{actor} suspends {rule}",
        "resume": "{actor} resumes {rule}",
        "list": "{actor} lists {who} ({what})",
        "delist": "{actor} delists {who} ({what})",
        "adopt": "{actor} adopts the rules of {issuer} at {level}",
        "leave": "{actor} leaves the rules of {issuer}",
        "adjust": "{actor} adjusts {rule}{on}",
        "measure": "{actor} uses {what}{on}",
        "end_measure": "{actor} ends {rule}",
        "event": "{actor}: {what}{on}",
        "on": " towards {}",
        "for": " for {}",
        "parties": " ({})",
        "makers": " that make {}",
        "strength": "strength {}",
        "tariff": "duty {}",
        "talent": "exchange of people cut by {}",
        "talent eased": "exchange of people raised by {}",
        "investment": "flow of capital and know-how cut by {}",
        "investment eased": "flow of capital and know-how raised by {}",
        "finance": "credit and settlement cut by {}",
        "finance eased": "credit eased by {}",
        "market_access": "{} of the market closed",
        "preference": "goods made at home held to be {} cheaper",
        "enforcement": "{} of leakage caught",
        "enforcement eased": "{} less of leakage caught",
        "over_compliance": "refusals beyond the law raised by {}",
        "over_compliance eased": "refusals beyond the law cut by {}",
        "licence_time": "licences take {} longer",
        "licence_time eased": "licences take {} less time",
        "slips": "accidental leakage raised by {}",
        "slips eased": "accidental leakage cut by {}",
        "compliance_cost": "cost of compliance raised by {} of sales under licence",
        "compliance_cost eased": "cost of compliance cut by {} of sales under licence",
        "foresight": "{} of coming controls foreseen",
        "alignment": "allies' will to join raised by {}",
        "alignment eased": "allies' will to join lowered by {}",
        "subsidy": "{} a year",
        "stockpile": "{} more quarters of stock",
        "shedding": "{} of what is left a quarter",
        "relocation": "{} of capacity a year",
        "unnamed": "{count} further {unit}{place}{makers}",
        "taken off": "{count} {unit}{place}{makers}",
        "place": " in {}",
        "unit": "entities",
        "one": "entity",
        "threshold": "items from {} generations (0: the level of the frontier of 2018)",
        "sliding": "items from {} generations relative to the frontier",
        "denial": "{} of applications denied",
        "delay": "licences take {} quarters",
        "fdp": "with the foreign direct product rule",
        "de_minimis": "foreign-made items from a content of {}",
        "persons": "plants of its nationals abroad included",
        "owners": "firms owned there included wherever they are",
        "affiliates": "companies owned by the listed included",
        "military": "for military end users only",
        "end_uses": "for making {}",
        "exempt": "not plants owned from {}",
        "spares": "not goods from {}",
        "origin": "from {} to {}",
        "until": "until {}",
        "and": ", ",
        "last": " and ",
        "detail": "; ",
        "end": ".",
    },
    "zh": {
        "impose": "{actor}{on}实施{what}{parties}",
        "amend": "{actor}{on}修订{rule}",
        "lift": "{actor}取消{rule}",
        "suspend": "{actor}暂停{rule}",
        "resume": "{actor}恢复{rule}",
        "list": "{actor}将{who}列入{what}",
        "delist": "{actor}将{who}移出{what}",
        "list under": "{actor}依{what}将{who}列名",
        "delist under": "{actor}依{what}将{who}除名",
        "adopt": "{actor}采纳{issuer}的规则，执行程度{level}",
        "leave": "{actor}退出{issuer}的规则",
        "adjust": "{actor}{on}调整{rule}",
        "measure": "{actor}{on}实施{what}",
        "end_measure": "{actor}终止{rule}",
        "event": "{actor}：{what}{on}",
        "on": "对{}",
        "for": "（{}）",
        "parties": "（{}）",
        "makers": "（{}）",
        "strength": "力度{}",
        "tariff": "关税{}",
        "talent": "人员交流削减{}",
        "talent eased": "人员交流扩大{}",
        "investment": "资本与知识流动削减{}",
        "investment eased": "资本与知识流动扩大{}",
        "finance": "信贷与结算削减{}",
        "finance eased": "信贷放宽{}",
        "market_access": "关闭市场{}",
        "preference": "本国产品享{}价格优惠",
        "enforcement": "查获泄漏{}",
        "enforcement eased": "少查获泄漏{}",
        "over_compliance": "超出法律要求的拒绝增加{}",
        "over_compliance eased": "超出法律要求的拒绝减少{}",
        "licence_time": "审批时间延长{}",
        "licence_time eased": "审批时间缩短{}",
        "slips": "无意泄漏增加{}",
        "slips eased": "无意泄漏减少{}",
        "compliance_cost": "合规成本增加许可销售额的{}",
        "compliance_cost eased": "合规成本减少许可销售额的{}",
        "foresight": "预见后续管制{}",
        "alignment": "盟友加入意愿提高{}",
        "alignment eased": "盟友加入意愿降低{}",
        "subsidy": "每年{}",
        "stockpile": "库存增加{}个季度",
        "shedding": "每季去除剩余的{}",
        "relocation": "每年迁移产能{}",
        "unnamed": "另{count}家{place}{unit}{makers}",
        "taken off": "{count}家{place}{unit}{makers}",
        "place": "{}",
        "unit": "实体",
        "one": "实体",
        "threshold": "代际{}及以上物项（0为2018年的前沿水平）",
        "sliding": "相对前沿{}代及以上物项",
        "denial": "许可拒绝率{}",
        "delay": "审批时间{}个季度",
        "fdp": "适用外国直接产品规则",
        "de_minimis": "含量达{}的境外产品适用",
        "persons": "涵盖本国人在境外的工厂",
        "owners": "涵盖对象国企业的境外机构",
        "affiliates": "含关联公司",
        "military": "限军事最终用户",
        "end_uses": "限用于生产{}",
        "exempt": "{}企业所属工厂除外",
        "spares": "{}产品除外",
        "origin": "自{}迁往{}",
        "until": "至{}",
        "and": "、",
        "last": "、",
        "detail": "；",
        "end": "。",
    },
}


LISTINGS = ("list", "delist")  # they name the list as tables do
LISTS_ZH = ("清单", "名单")  # how the Chinese name of a list ends; parties are named under what is called otherwise
PLAIN_SIZES = ("", "alignment", "stockpile")  # channels whose size is no share; "" is one that is not known


def strength(channel: str, size: float, lang: str) -> str:
    """The size of a measure with its unit, which hangs on its channel; what eases is said as such, not as a negative."""
    say = SPEECH[lang]
    if channel == "subsidy":
        return say[channel].format(money(size, lang))
    eased = f"{channel} eased" if size < 0 else ""
    shown = abs(size) if eased in say else size
    number = f"{shown:.3g}" if channel in PLAIN_SIZES else f"{100.0 * shown:.3g}%"
    return say.get(eased, say.get(channel, say["strength"])).format(number.replace("-", "\N{MINUS SIGN}"))


def signed(value: float) -> str:
    """A number with its sign, to three decimals; nil has none."""
    rounded = round(value, 3)
    return f"{rounded:+g}".replace("-", "\N{MINUS SIGN}") if rounded else "0"


def money(billions: float, lang: str) -> str:
    """Billions of US dollars."""
    shown = shown_in(lang, "USD bn")
    return f"{shown.text(f'{billions:.3g}')}{shown.name}" if lang == "zh" else f"USD {billions:.3g} bn"


class Sentence:
    """A generated sentence: who does what to whom, then the terms."""

    def __init__(
        self, move: Move, lang: str, names: Mapping[str, str], about: Move | None, channel: str, titles: Mapping[str, str] | None = None
    ) -> None:
        self.move, self.lang, self.names, self.about, self.channel = move, lang, names, about, channel
        self.titles = names if titles is None else titles
        self.speech = SPEECH[lang]

    def text(self) -> str:
        """The sentence."""
        m, say = self.move, self.speech
        unnamed = (self._unnamed(),) if m.count else ()
        who = self._listed((*(self.names.get(x, x) for x in m.entities), *unnamed))
        on = say["on"].format(self._join(m.destinations)) if m.destinations and not m.origin else ""
        goods = self._goods(m.products)
        called = self.names.get(m.tool, m.tool) or m.ground
        what = called + self._goods(m.products, called)
        kept = self.titles.get(m.tool, m.tool)
        head = say[self._form(kept)].format(
            actor=self.names.get(m.actor, m.actor),
            what=what if m.verb not in LISTINGS else kept + ("" if m.count else goods),
            who=who,
            on=on,
            parties=say["parties"].format(who) if who else "",
            rule=self._rule() if self.about else m.rule + goods,
            issuer=self.names.get(m.issuer, m.issuer),
            level="" if m.level is None else f"{m.level:.0%}",
        )
        told = say["detail"].join([head, *self._terms()]) + say["end"]
        return told[:1].upper() + told[1:]

    def _form(self, kept: str) -> str:
        """Pattern of the sentence: a measure is adjusted where a rule is amended, and no law or order is itself a list."""
        if self.move.verb in LISTINGS and self.lang == "zh" and kept != self.move.tool and not kept.endswith(LISTS_ZH):
            return f"{self.move.verb} under"
        measure = self.about is not None and self.about.verb == "measure"
        return "adjust" if self.move.verb == "amend" and measure else self.move.verb

    def _unnamed(self) -> str:
        """Listed parties without a name: how many, where, and what they make."""
        m, say = self.move, self.speech
        return say["taken off" if m.verb == "delist" and not m.entities else "unnamed"].format(
            count=m.count,
            unit=say["one" if m.count == 1 else "unit"],
            place=say["place"].format(self._join(m.destinations)) if m.destinations else "",
            makers=say["makers"].format(self._join(m.products)) if m.products else "",
        )

    def _rule(self) -> str:
        """The rule or measure that the move is about: its tool, and the goods that it covers from now on."""
        about = self.about or self.move
        called = self.names.get(about.tool, about.tool)
        return called + self._goods(self.move.products or about.products, called)

    def _goods(self, products: tuple[str, ...], called: str = "") -> str:
        """The goods covered, unless what the tool is called names them all."""
        named = all(self.names.get(x, x) in called for x in products)
        return "" if named else self.speech["for"].format(self._join(products))

    def _join(self, ids: tuple[str, ...]) -> str:
        return self._listed(tuple(self.names.get(x, x) for x in ids))

    def _listed(self, words: tuple[str, ...]) -> str:
        """Words in a row, the last joined as the language does it."""
        head = self.speech["and"].join(words[:-1])
        return self.speech["last"].join((head, words[-1])) if head else "".join(words)

    def _terms(self) -> Iterator[str]:
        m, say = self.move, self.speech
        if m.size is not None:
            yield strength(self.channel, m.size, self.lang)
        if m.threshold is not None:
            yield say["sliding" if m.sliding else "threshold"].format(signed(m.threshold))
        if m.denial is not None:
            yield say["denial"].format(f"{m.denial:.0%}")
        if m.delay is not None:
            yield say["delay"].format(f"{m.delay:g}")
        if m.de_minimis is not None:
            yield say["de_minimis"].format(f"{100.0 * m.de_minimis:g}%")
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


def describe(
    move: Move,
    lang: str = "en",
    names: Mapping[str, str] | None = None,
    about: Move | None = None,
    channel: str = "",
    titles: Mapping[str, str] | None = None,
) -> str:
    """One sentence on a move.

    Args:
        move: the move; its own text in the language, where it has one, is the sentence.
        lang: "en" or "zh".
        names: what a sentence calls each tool, product, company and state; the id stands where none is given.
        about: the move that made the rule or measure of this one; the rule's id stands where none is given.
        channel: channel of the measure, which gives its size a unit.
        titles: name of each list as tables have it; `names` where none are given.

    Raises:
        UserError: unknown language.
    """
    if lang not in SPEECH:
        raise unknown("describe", "language", lang, SPEECH)
    own = move.text_zh if lang == "zh" else move.text_en
    return own or Sentence(move, lang, names or {}, about, channel, titles).text()
