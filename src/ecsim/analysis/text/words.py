"""Words by key in a chosen language, with English where a translation is missing, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ecsim.analysis.text import declared_zh, en, parameters_en, parameters_zh, studies_en, studies_zh, verdicts_en, verdicts_zh, zh
from ecsim.analysis.text.settings_zh import SEED, SETTINGS
from ecsim.documents.instruments import instruments
from ecsim.errors import unknown
from ecsim.shown import Shown, shown_in
from ecsim.strategies.scenario import load, scenario_names
from ecsim.strategies.settings import ScenarioConfig
from ecsim.tools import display_names, spoken_names

CATALOGUES: dict[str, dict[str, str]] = {
    "en": {**parameters_en.TEXT, **en.TEXT, **studies_en.TEXT, **verdicts_en.TEXT},
    "zh": {**parameters_zh.TEXT, **zh.TEXT, **studies_zh.TEXT, **verdicts_zh.TEXT},
}

DECIMALS = {
    "%": 1,
    "generations": 2,
    "generations/year": 3,
    "ratio": 3,
    "year": 1,
    "years": 1,
    "count": 0,
    "0..1": 2,
    "share of products": 2,
    "relative": 2,
    "USD bn": 1,
    "USD bn a year": 1,
}
MINUS = "\u2212"
MISSING = "–"
SWITCH = {"True": "yes", "False": "no"}  # values of labels
PARTICIPATION = "alliance.participation"  # the factor whose name says in which sense it is to be read
QUOTE = "'"  # around names in lists of labels


@dataclass(frozen=True)
class Words:
    """The wording of one language.

    Attributes:
        lang: the language.
        titles: scenario of a user's own, by its label -> its title in each language.
        senses: how participation in the alliance is to be read in a study (extent, intensity, coalition); its name says so.
    """

    lang: str
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)
    senses: tuple[str, ...] = field(default=(), compare=False)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, filled in.

        Raises:
            KeyError: the key is in no catalogue.
        """
        text = CATALOGUES[self.lang].get(key)
        text = CATALOGUES["en"][key] if text is None else text
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text for the key."""
        return key in CATALOGUES[self.lang] or key in CATALOGUES["en"]

    def said(self, key: str, text: str) -> str:
        """What English shows as it is declared or coded; in another language what its catalogues have for the key, if anything."""
        return text if self.lang == "en" else _declared(self.lang).get(key, text)

    def state(self, code: str) -> str:
        """Name of a state as it stands in a sentence, with its article."""
        return spoken_names(self.lang).get(code) or self.name("state", code)

    def name(self, kind: str, code: str) -> str:
        """Name of an outcome, policy, state, product, tool …; the code made readable when there is none."""
        key = f"{kind}.{code}"
        if kind == "policy" and (title := self.title(code)):
            return title
        if self.has(key):
            return self(key)
        return self.said(key, display_names(self.lang).get(code, code.replace("_", " ").replace("+", " + ")))

    def title(self, label: str) -> str:
        """Title of a scenario, the user's own or a shipped one that has no name as a policy; nothing of what is none.

        Of two of one title in a study, the label tells which is which.
        """
        if label in self.titles:
            title = self.titles[label][self.lang]
            alike = [other for other, x in self.titles.items() if x[self.lang] == title]
            shipped = any(title == _shipped(name)[self.lang] for name in scenario_names())
            return self.aside(title, label) if len(alike) > 1 or shipped else title
        return _shipped(label)[self.lang] if label in scenario_names() and not self.has(f"policy.{label}") else ""

    def outcome(self, name: str) -> str:
        """Name of an outcome; one by domain is named with its domain, one by year with its keys and its year."""
        asked, at, when = name.partition("@")
        yearly, *keys = asked.split(":")
        if at and (said := self.said(f"yearly.{yearly}", "")):
            places = [self("list.colon") + self("list.comma").join(display_names(self.lang).get(key, key) for key in keys)] if keys else []
            return "".join([said, *places, self("list.part"), when])
        measured, _, domain = name.partition("_in_")
        if domain and self.has(f"outcome.{measured}_in"):
            return self(f"outcome.{measured}_in", domain=self.domain(domain))
        return self.name("outcome", name)

    def domain(self, domain: str) -> str:
        """Name of a supply chain, as it starts a line."""
        text = display_names(self.lang).get(domain, domain.replace("_", " "))
        return text[:1].upper() + text[1:]

    def factor(self, name: str) -> str:
        """Name of a factor that the catalogues have; of participation, with its senses in the study."""
        text = self(f"factor.{name}")
        senses = [self(f"part.short.{sense}") for sense in self.senses] if name == PARTICIPATION else []
        return self.aside(text, self.list(senses)) if senses else text

    def policy(self, label: str) -> str:
        """Name of a policy; a label like "a − b" (a difference) or "a+b" is named part by part."""
        if title := self.title(label):
            return title
        if f" {MINUS} " in label:
            return f" {MINUS} ".join(self.policy(part) for part in label.split(f" {MINUS} "))
        head, slash, change = label.rpartition("/")
        if slash and (said := self.said(f"under.{change}", "")):
            return self.aside(self.policy(head), said)
        if self.has(f"policy.{label}"):
            return self.name("policy", label)
        head, *values = label.split(":")
        if values and all("=" in v for v in values):
            return self.aside(self.policy(head), self("list.comma").join(map(self._swept, values)))
        head, _, rest = label.partition("+")
        return " + ".join([self.name("policy", head), *self._files(rest)])

    def _files(self, rest: str) -> list[str]:
        """Names of the files that a label has behind its policy: "no response+allies"."""
        known = any(self.has(f"{kind}.{rest}") for kind in ("policy.with", "policy"))
        parts = [rest] if known else rest.split("+") if rest else []
        # an alliance may have the name of a policy
        return [self.name("policy.with" if self.has(f"policy.with.{part}") else "policy", part) for part in parts]

    def _swept(self, part: str) -> str:
        """A key that was set, with its value, as a label has it: "height=0.5"."""
        key, _, value = part.partition("=")
        if value in SWITCH:
            shown = self(SWITCH[value])
        elif value.startswith("["):
            shown = f"[{self('list.comma').join(self.name('setting', x) for x in value.strip('[]').replace(QUOTE, '').split(', '))}]"
        else:
            shown = self.name("setting", value).replace("-", MINUS) if value.startswith("-") else self.name("setting", value)
        return f"{_keys(self.lang).get(key) or key.replace('.', ' ').replace('_', ' ')} {shown}"

    def long(self, label: str) -> str:
        """Full name of a policy."""
        return self(f"policy.long.{label}") if self.has(f"policy.long.{label}") and label not in self.titles else self.policy(label)

    def phrase(self, label: str, start: bool = False) -> str:
        """Name of a policy as it stands within a sentence, or at its start."""
        key = f"policy.phrase.{label}"
        if title := self.title(label):
            return self("title", title=title)
        text = self(key) if self.has(key) else self.policy(label)
        return text[:1].upper() + text[1:] if start else text

    def shown(self, unit: str) -> Shown:
        """How the language shows numbers that are kept in a unit."""
        return shown_in(self.lang, unit)

    def unit(self, unit: str, difference: bool = False) -> str:
        """A unit as shown beside a number."""
        key = f"difference.{unit}" if difference and self.has(f"difference.{unit}") else f"unit.{unit}"
        return self(key) if self.has(key) else self.shown(unit).name

    def column(self, unit: str, difference: bool = False) -> str:
        """A unit as it heads a column or names an axis, of numbers or of what they differ by."""
        if difference and self.has(f"difference.{unit}"):
            return self(f"difference.{unit}")
        shown = self.shown(unit)
        return shown.name if shown.places else self.name("column", unit)

    def count(self, thing: str, n: int) -> str:
        """A number of runs, draws or seeds, in the right number."""
        return self(f"count.{thing}" if n == 1 else f"count.{thing}s", n=f"{n:,}")

    def list(self, items: Iterable[str]) -> str:
        """Items joined as in a sentence."""
        names = list(items)
        if len(names) < 2:
            return "".join(names)
        return self("list.comma").join(names[:-1]) + self("list.and") + names[-1]

    def opposed(self, outcomes: Iterable[str]) -> str:
        """That outcomes clearly point the other way."""
        names = [lower(self.outcome(o)) for o in outcomes]
        return self("opposed.one" if len(names) == 1 else "opposed", list=self.list(names))

    def aside(self, text: str, more: str) -> str:
        """A text with more in brackets behind it; the brackets alone where there is no text."""
        return self("aside", text=text, more=more).strip()

    def number(self, value: float, unit: str, *, signed: bool = False, scale: float = 0.0) -> str:
        """A number that is kept in a unit, without the unit beside which it stands."""
        return self.shown(unit).text(number(value, unit, signed=signed, scale=scale), grouped=True)

    def amount(self, value: float, unit: str, *, signed: bool = False, difference: bool = False, scale: float = 0.0) -> str:
        """A number with its unit."""
        shown, text = self.number(value, unit, signed=signed, scale=scale), self.unit(unit, difference)
        if not text or shown == MISSING:
            return shown
        return f"{shown}{text}" if text == "%" else f"{shown} {text}"

    def interval(self, lo: float, hi: float, unit: str, scale: float = 0.0) -> str:
        """An interval without unit."""
        if not (math.isfinite(lo) and math.isfinite(hi)):
            return self("no_interval")
        return self("interval", lo=self.number(lo, unit, scale=scale), hi=self.number(hi, unit, scale=scale))

    def share(self, value: float) -> str:
        """A share as a percentage."""
        return MISSING if not math.isfinite(value) else f"{value * 100:.0f}%"


@cache
def _declared(lang: str) -> dict[str, str]:
    """What a language has for declarations: its own catalogue, and the names that the tables of the model give."""
    names = {f"part.{i.id}": i.name_zh for i in instruments()} | {f"part.{i.cls}": i.class_zh for i in instruments()}
    return CATALOGUES[lang] | {"zh": declared_zh.TEXT | names}[lang]


@cache
def _keys(lang: str) -> dict[str, str]:
    """A key as labels have it, whole or by its last word -> its name, in a language other than that of the keys.

    Names are without what stands in brackets behind them.
    """
    if lang == "en":
        return {}
    factors = {key.removeprefix("factor."): text.partition("（")[0] for key, text in CATALOGUES[lang].items() if key.startswith("factor.")}
    whole = {key: text for key, text in factors.items() if "." in key}
    words = {key.rpartition(".")[2]: text for key, text in whole.items()}
    settings = {key: name for key, (name, _) in SETTINGS.items()}
    return settings | {f"policy.{key}": name for key, name in settings.items()} | words | whole | {"seed": SEED}


@cache
def _shipped(name: str) -> Mapping[str, str]:
    """Title of a shipped scenario in each language."""
    return load(ScenarioConfig(name=name)).title


def words_of(lang: str, titles: Mapping[str, Mapping[str, str]] | None = None, senses: tuple[str, ...] = ()) -> Words:
    """The wording of a language.

    Args:
        lang: the language.
        titles, senses: see `Words`.

    Raises:
        UserError: there is none.
    """
    if lang not in CATALOGUES:
        raise unknown("lang", "language", lang, CATALOGUES)
    return Words(lang, titles or {}, senses)


def lower(text: str) -> str:
    """A name as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def number(value: float, unit: str = "", *, signed: bool = False, scale: float = 0.0) -> str:
    """A number in its unit with the decimals that suit it, a true minus sign and thousands apart; a dash when missing.

    A language may show the unit otherwise: what is shown is `Words.number`.

    Beside numbers of a small scale it has more decimals: as many as give the scale two digits that tell.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    decimals = DECIMALS.get(unit)
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    if scale and math.isfinite(scale):
        decimals = max(decimals, 1 - math.floor(math.log10(abs(scale))))
    text = f"{abs(value):,.{decimals}f}" if unit not in {"year"} else f"{abs(value):.{decimals}f}"
    zero = float(text.replace(",", "")) == 0
    mark = "" if zero else MINUS if value < 0 else "+" if signed else ""
    return mark + text


def scale_of(value: float, lo: float, hi: float) -> float:
    """The scale that a number and its interval are read on: its size, or half the width of the interval where that is more."""
    return max(abs(value), (hi - lo) / 2) if math.isfinite(hi - lo) else abs(value)


def scale_beside(row: Mapping[str, Any]) -> float:
    """The scale of a difference, a row of the table of differences, where it stands beside the two means; 0 where its unit's decimals do.

    It has more decimals where they would show it as nothing (`scale_if_lost`), and one more where the means as shown give another number.
    """
    unit = str(row["unit"])
    lost = scale_if_lost(row["difference"], row["lo"], row["hi"], unit)
    unlike = scale_if_unlike(row["mean_a"], row["mean_b"], row["difference"], unit)
    return lost or (_decimals(DECIMALS[unit] + 1) if unlike else 0.0)


def scale_if_unlike(a: float, b: float, difference: float, unit: str) -> float:
    """The scale of a difference that is not that of the two numbers as shown, for rounding; else 0.

    With so many decimals it is, or with one more where two more do not help.
    """
    usual = DECIMALS.get(unit)
    if usual is None or not math.isfinite(a - b + difference):
        return 0.0
    for decimals in (usual, usual + 1, usual + 2):
        if abs(round(a, decimals) - round(b, decimals) - round(difference, decimals)) < 0.5 * 10.0**-decimals:
            return 0.0 if decimals == usual else _decimals(decimals)
    return _decimals(usual + 1)


def _decimals(n: int) -> float:
    """A scale on which numbers have so many decimals."""
    return 2.0 * 10.0 ** (1 - n)


def scale_if_lost(value: float, lo: float, hi: float, unit: str) -> float:
    """The scale of a number that the decimals of its unit would show as nothing though its interval is on one side of it; else 0."""
    lost = float(number(abs(value), unit).replace(",", "")) == 0 if math.isfinite(value) else False
    return scale_of(value, lo, hi) if lost and lo * hi > 0 else 0.0
