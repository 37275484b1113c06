"""The indicators of the workshop: what is read from a run, and who may know it how well.

Errors of estimates are assumptions; what matters is that they are there, are the same for all who look twice, and
are printed with the number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ecsim.economy import CHALLENGER, INCUMBENT, Array, Economy
from ecsim.game.charts import number
from ecsim.game.seats import INDUSTRY
from ecsim.outcomes import CHIPS
from ecsim.record import METRICS, SIDES
from ecsim.shown import Shown, shown_in

TINY = 1e-12
HALF_YEAR = 2
Tracks = Mapping[str, Array]
Read = Callable[[Tracks, Tracks, Economy], Array]


@dataclass(frozen=True)
class Indicator:
    """Something that is measured each quarter.

    Attributes:
        id: name in the log.
        en, zh: display name.
        unit_en, unit_zh: unit.
        read: from the tracks of a run and of the path without controls to one number a quarter.
        knows: seat roles, or states, that know it exactly and at once.
        lag: quarters after which everybody knows it; None: never, others have estimates.
        error: standard error of an estimate: a share of the value, or in its unit where `absolute`.
        absolute: as said.
        better: what its side wants, for words only: +1 more, -1 less, 0 neither.
    """

    id: str
    en: str
    zh: str
    unit_en: str
    unit_zh: str
    read: Read
    knows: tuple[str, ...] = ()
    lag: int | None = None
    error: float = 0.0
    absolute: bool = False
    better: int = 0

    def name(self, lang: str) -> str:
        """Display name."""
        return self.zh if lang == "zh" else self.en

    def unit(self, lang: str) -> str:
        """Unit."""
        return self.unit_zh if lang == "zh" else self.unit_en

    @property
    def bounds(self) -> tuple[float, float]:
        """Values that it can take: no estimate lies outside, and control sets none there."""
        if self.unit_en in SHARES:
            return 0.0, 1.0 if self.unit_en == "0 to 1" else 100.0
        return LEAST.get(self.unit_en, -float("inf")), float("inf")

    def shown(self, lang: str) -> Shown:
        """How a language shows its numbers."""
        return replace(shown_in(lang, self.unit_en), name=self.unit(lang))

    def titled(self, lang: str) -> str:
        """Display name, with the unit where that is not the one in which numbers are kept."""
        return f"{self.name(lang)}（{self.unit(lang)}）" if self.shown(lang).places else self.name(lang)

    def number(self, value: float | None, lang: str, sign: bool = False) -> str:
        """One of its numbers, without the unit beside which it stands."""
        return self.shown(lang).text(number(value, sign))

    def change(self, value: float | None, lang: str, sign: bool = False) -> str:
        """By how much it differs, in a sentence: two values in per cent differ by percentage points."""
        said = self.number(value, lang, sign)
        if not self.unit_en.startswith("%") or said == "–":
            return said
        return f"{said}个百分点" if lang == "zh" else f"{said} percentage points"

    def difference(self, value: float | None, lang: str, sign: bool = False) -> str:
        """As `change`, with the unit whatever it is."""
        return (self.change if self.unit_en.startswith("%") else self.said)(value, lang, sign)

    def said(self, value: float | None, lang: str, sign: bool = False) -> str:
        """One of its numbers with its unit, as it stands in a sentence."""
        said, unit = self.number(value, lang, sign), self.unit(lang)
        if self.unit_en in BARE or said == "–":
            return said
        return f"{said}{unit}" if lang == "zh" or unit.startswith("%") else f"{said} {unit}"


def _gap(product: str) -> Read:
    return lambda t, base, e: t["gap"][:, e.product_index[product]]


def _one(track: str, scale: float = 1.0) -> Read:
    return lambda t, base, e: scale * t[track][:, 0]


def _revenue(*states: str) -> Read:
    """Revenue of firms owned in these states against the path without controls, per cent."""

    def read(t: Tracks, base: Tracks, e: Economy) -> Array:
        columns = [e.state_index[s] for s in states if s in e.state_index]
        return 100.0 * (t["revenue"][:, columns].sum(axis=1) / np.maximum(base["revenue"][:, columns].sum(axis=1), TINY) - 1.0)

    return read


def _allies(t: Tracks, base: Tracks, e: Economy) -> Array:
    side = SIDES.index("ally")
    return 100.0 * (t["revenue_side"][:, side] / np.maximum(base["revenue_side"][:, side], TINY) - 1.0)


def _rd(t: Tracks, base: Tracks, e: Economy) -> Array:
    return 100.0 * (t["rd"][:, INCUMBENT] / np.maximum(base["rd"][:, INCUMBENT], TINY) - 1.0)


def _unmet(t: Tracks, base: Tracks, e: Economy) -> Array:
    return 100.0 * (t["need"] * t["unmet"]).sum(axis=1) / np.maximum(t["need"].sum(axis=1), TINY)


def _power(t: Tracks, base: Tracks, e: Economy) -> Array:
    return t["power_ratio"][:, METRICS.index("composite")]


def _price(t: Tracks, base: Tracks, e: Economy) -> Array:
    return 100.0 * (t["price_level"][:, 0] / np.maximum(base["price_level"][:, 0], TINY) - 1.0)


def _self_made(t: Tracks, base: Tracks, e: Economy) -> Array:
    i = [e.product_index[p] for p in CHIPS if p in e.product_index]
    weight = base["need"][0][i] + e.final0[i, CHALLENGER]
    return 100.0 * (t["self_sufficiency"][:, i] * weight).sum(axis=1) / max(float(weight.sum()), TINY)


def _cohesion(t: Tracks, base: Tracks, e: Economy) -> Array:
    allies = np.flatnonzero(e.side == SIDES.index("ally"))
    weight = np.bincount(e.owner, weights=e.output0, minlength=e.n_states)[allies]
    return 100.0 * (t["adoption"][:, allies] * weight).sum(axis=1) / max(float(weight.sum()), TINY)


SHARES = ("0 to 1", "%", "% of orders", "% of allied output")  # units of what is part of a whole
LEAST = {unit: 0.0 for unit in ("USD bn a quarter", "ratio", "rules", "entities", "relative")} | {"% against no controls": -100.0}
BARE = ("ratio", "relative", "0 to 1")  # units that say nothing in a sentence
_GEN = ("generations", "代")
_BN = ("USD bn a quarter", shown_in("zh", "USD bn a quarter").name)
_BASE = ("% against no controls", "%（相对无管制）")
_WEST, _EAST = ("incumbent", INDUSTRY), ("challenger",)

INDICATORS: tuple[Indicator, ...] = (
    Indicator("power_ratio", "Power ratio, China over United States", "权力比（中国/美国）", "ratio", "比值", _power, lag=0),
    Indicator(
        "gap_foundry", "China's gap in advanced foundry", "中国先进代工差距", *_GEN, _gap("foundry_advanced"), _EAST, None, 0.2, True
    ),
    Indicator("gap_lithography", "China's gap in lithography", "中国光刻设备差距", *_GEN, _gap("lithography"), _EAST, None, 0.25, True),
    Indicator(
        "gap_accelerators", "China's gap in AI accelerators", "中国AI加速芯片差距", *_GEN, _gap("accelerators"), _EAST, None, 0.15, True
    ),
    Indicator(
        "unmet",
        "China's need for inputs that did not come",
        "中国未满足的投入需求",
        "% of orders",
        "%（占订单）",
        _unmet,
        _EAST,
        None,
        0.25,
    ),
    Indicator("self_made", "Chips bought in China that its firms made there", "中国芯片自给率", "%", "%", _self_made, _EAST, None, 0.1),
    Indicator("revenue_usa", "Revenue of American firms", "美国企业营收", *_BASE, _revenue("USA"), _WEST, HALF_YEAR, better=1),
    Indicator("rd_usa", "R&D of American firms", "美国企业研发", *_BASE, _rd, _WEST, HALF_YEAR, better=1),
    Indicator("revenue_chn", "Revenue of Chinese firms", "中国企业营收", *_BASE, _revenue("CHN"), (*_EAST, INDUSTRY), HALF_YEAR, better=1),
    Indicator("revenue_allies", "Revenue of allied firms", "盟友企业营收", *_BASE, _allies, ("ally", INDUSTRY), HALF_YEAR, better=1),
    Indicator("revenue_jpn", "Revenue of Japanese firms", "日本企业营收", *_BASE, _revenue("JPN"), ("JPN", INDUSTRY), HALF_YEAR, better=1),
    Indicator("revenue_nld", "Revenue of Dutch firms", "荷兰企业营收", *_BASE, _revenue("NLD"), ("NLD", INDUSTRY), HALF_YEAR, better=1),
    Indicator("revenue_kor", "Revenue of Korean firms", "韩国企业营收", *_BASE, _revenue("KOR"), ("KOR", INDUSTRY), HALF_YEAR, better=1),
    Indicator("revenue_twn", "Revenue of Taiwanese firms", "台湾企业营收", *_BASE, _revenue("TWN"), ("TWN", INDUSTRY), HALF_YEAR, better=1),
    Indicator("denied", "Orders that rules refused", "被拒订单", *_BN, _one("denied"), ("incumbent",), None, 0.2),
    Indicator("diverted", "Trade diverted", "转移供货", *_BN, _one("diverted"), (), None, 0.35),
    Indicator(
        "backfilled",
        "Extra deliveries by suppliers outside the rules",
        "规则外供应商的回填供货",
        *_BN,
        _one("backfilled"),
        (INDUSTRY,),
        None,
        0.25,
    ),
    Indicator("price", "Mean price of output", "平均价格", *_BASE, _price, lag=0, better=-1),
    Indicator(
        "cohesion", "Allied adoption of American rules", "盟友采纳美国规则", "% of allied output", "%（占盟友产出）", _cohesion, lag=0
    ),
    Indicator(
        "leverage",
        "Foreign supply in reach of direct-product rules",
        "直接产品规则可及的外国供给",
        "%",
        "%",
        _one("reach", 100.0),
        _WEST,
        None,
        0.1,
    ),
    Indicator(
        "anxiety", "Anxiety of the United States", "美国焦虑程度", "0 to 1", "0至1", _one("anxiety"), ("incumbent",), None, 0.08, True
    ),
    Indicator(
        "dissatisfaction", "Dissatisfaction of China", "中国不满程度", "0 to 1", "0至1", _one("dissatisfaction"), _EAST, None, 0.08, True
    ),
    Indicator(
        "conflict",
        "Conflict index (relative, not a probability)",
        "冲突指数（相对值，非概率）",
        "relative",
        "相对值",
        _one("conflict_index"),
        lag=0,
    ),
    Indicator("rules", "Rules in force", "生效规则数", "rules", "条", _one("rules_in_force"), lag=0),
    Indicator("listed", "Legal entities on American lists", "美国清单所列实体数", "entities", "个", _one("listed_entities"), lag=0),
)
BY_ID = {i.id: i for i in INDICATORS}


def read_all(tracks: Tracks, base: Tracks, economy: Economy, first: int, last: int) -> Array:
    """Every indicator in the quarters first to last - 1.

    Returns:
        Shape (quarters, indicators).
    """
    cut = {name: x[first:last] for name, x in tracks.items()}
    under = {name: x[first:last] for name, x in base.items()}
    under["need"] = base["need"][:1]  # weights of the start
    return np.stack([i.read(cut, under, economy) for i in INDICATORS], axis=1)
