"""The incumbent writes policy documents, quarter by quarter, and what their instruments build up acts on the model [Wu 2026].

Documents follow anxiety about technology and the pressure of the lobby (`ecsim.documents.process`). The stocks of the 18
instruments move ten levers (`ecsim.documents.effects`): eight become measures of the tools of administration, reviewed
once a year; capacity and precision enter the government's choice of rules. Sizes are changes against 2018.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ecsim.documents.effects import Levers, levers
from ecsim.documents.instruments import instruments
from ecsim.documents.luck import Luck
from ecsim.documents.process import Batch, DocumentProcess, DocumentState, process_of
from ecsim.documents.writing import ISSUERS
from ecsim.economy import INCUMBENT, Array, Economy
from ecsim.move_text import strength
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies.administration import Administration
from ecsim.strategies.bargain import weights
from ecsim.strategies.measure import Component, renew
from ecsim.tools import CATALOGUE, Effect
from ecsim.world import World

YEAR = 4
TINY = 1e-12
ISSUERS_EN, ISSUERS_ZH = ("Commerce", "Congress", "others"), ("商务部", "国会", "其他")  # in the order of ISSUERS
EN, ZH = tuple(i.name_en for i in instruments()), tuple(i.name_zh for i in instruments())
SAID = {  # measure -> what it is in both languages, and how its size against 2018 is written
    "detection": ("leakage caught", "查获的泄漏份额", "{:+.0%}"),
    "over_compliance": ("refusals beyond the law", "超出法律要求的拒绝", "{:+.0%}"),
    "delay": ("time that licences take", "许可审批时间", "{:+.0%}"),
    "leak": ("accidental leakage", "意外泄漏", "{:+.0%}"),
    "compliance_cost": ("cost of compliance as a share of controlled sales", "合规成本占受控销售的份额", "{:+.2%}"),
    "subsidy": ("public money for research and plants", "研发与产业公共资金", ""),
    "alignment": ("allies' utility of joining", "盟友加入的效用", "{:+.2f}"),
    "anticipation": ("coming controls that buyers see", "买方可预见的管制份额", "{:+.0%}"),
}
PARTS = {  # measure -> tool and channel
    name: Component(f"documents:{name}", tool, channel)
    for name, tool, channel in (
        ("detection", "export_enforcement", "enforcement"),
        ("over_compliance", "export_enforcement", "over_compliance"),
        ("delay", "licensing_office", "licence_time"),
        ("leak", "compliance_programme", "slips"),
        ("compliance_cost", "compliance_programme", "compliance_cost"),
        ("subsidy", "research_funding", "subsidy"),
        ("alignment", "allied_coordination", "alignment"),
        ("anticipation", "public_notice", "foresight"),
    )
}
PRODUCTS = {  # measure -> products that it covers, as the catalogue has them
    name: next(m.products for m in CATALOGUE[part.tool].makes if isinstance(m, Effect) and m.channel == part.channel)
    for name, part in PARTS.items()
}


class Secretariat:
    """Writes the incumbent's documents, and carries out what they build up.

    Attributes:
        papers: documents so far, one batch a quarter.
        state: stocks of the instruments and recent activity; None before the first quarter.
    """

    def __init__(self) -> None:
        self.papers: list[Batch] = []
        self.state: DocumentState | None = None
        self._process: DocumentProcess | None = None
        self._lobby: Lobby | None = None
        self._luck: Luck | None = None
        self._known: tuple[tuple[Params, bytes], Levers] | None = None  # what the levers were worked out from, and they

    def moves(self, world: World, quarter: int) -> list[Move]:
        """The documents of the quarter, as one entry in the record, and once a year what their instruments have come to."""
        unease = float(world.unease[0])
        if self._process is None or self._lobby is None or self.state is None:
            self._process, self._lobby = process_of(world.params), Lobby.of(world.economy)
            self.state = self._process.start(1, unease)
        if self._luck is None or quarter % YEAR == 0:
            self._luck = Luck.ahead(world.streams, range(quarter, quarter + YEAR))
        batch = self._process.step(self.state, unease, self._lobby.pressure(world), self._luck, quarter)
        self.papers.append(batch)
        made = [_entry(world, batch)] if len(batch) else []
        if quarter % YEAR == 0:
            made += self._review(world)
        return made

    def levers(self, params: Params) -> Levers:
        """What the stocks have come to."""
        assert self.state is not None
        now = (params, self.state.stock.tobytes())
        if self._known is None or self._known[0] != now:
            self._known = now, levers(self.state.stock[0], params)
        return self._known[1]

    def administration(self, world: World) -> Administration:
        """What the stocks bring to the choice of rules; that of the start before the first document."""
        if self.state is None:
            return Administration()
        now = self.levers(world.params)
        return Administration(now.capacity, now.precision / world.params.documents.precision)

    def _review(self, w: World) -> Iterator[Move]:
        actor = w.economy.states[INCUMBENT]
        for name, size in sizes(self.levers(w.params), w.params).items():
            part = PARTS[name]
            yield from renew(w, part, size, PRODUCTS[name], actor=actor, text=_review_text(name, size))


def _review_text(name: str, size: float) -> tuple[str, str]:
    """What a lever has come to against 2018, in English and Chinese; a sum of money has its unit."""
    en, zh, form = SAID[name]
    told = form.format(size).replace("-", "\N{MINUS SIGN}")
    if not any(digit in told for digit in "123456789"):
        told = told[1:]  # nil has no sign
    said_en, said_zh = (told, told) if form else (strength("subsidy", size, "en"), strength("subsidy", size, "zh"))
    return f"Administration of controls against 2018: {en} {said_en}.", f"管制行政与2018年相比：{zh}{said_zh}。"


def sizes(now: Levers, params: Params) -> dict[str, float]:
    """Levers as sizes of measures, each nil at the stocks of 2018."""
    start, d = params.permission.detection, params.documents
    caught = min(start * now.detection_factor, 1.0)
    return {
        "detection": (caught - start) / (1.0 - start),
        "over_compliance": now.over_compliance_factor - 1.0,
        "delay": now.delay_factor - 1.0,
        "leak": now.leak_factor - 1.0,
        "compliance_cost": now.compliance_cost - d.compliance_cost,
        "subsidy": now.subsidy_bn,
        "alignment": now.alignment,
        "anticipation": max(now.anticipation - d.anticipation, 0.0),
    }


@dataclass(frozen=True, eq=False)
class Lobby:
    """The industry at home: its firms, and their sales at the start, each and in all."""

    firms: Array
    sales: Array
    total: float

    @staticmethod
    def of(e: Economy) -> Lobby:
        """The industry of the incumbent."""
        firms = np.flatnonzero(e.owner == INCUMBENT)
        return Lobby(firms, e.output0[firms], max(float(e.output0[firms].sum()), TINY))

    def pressure(self, w: World) -> float:
        """Pressure of the lobby, 0..1: its weight in the bargain, in full where rules cost the industry `lobby_scale` of its sales."""
        lost = float((w.lost_sales.take(self.firms) * self.sales).sum()) / self.total
        weight = weights(w.quarter, w.params.government)[2]
        return weight * min(1.0, lost / w.params.documents.lobby_scale)


def _entry(w: World, batch: Batch) -> Move:
    """The documents of a quarter in words."""
    issuers, codes = batch.issuer.tolist(), batch.codes.sum(axis=0).tolist()
    by_issuer = [(i, n) for i in range(len(ISSUERS)) if (n := issuers.count(i))]
    most = sorted([(-n, i) for i, n in enumerate(codes) if n])
    en, zh = ", ".join([f"{ISSUERS_EN[i]} {n}" for i, n in by_issuer]), "、".join([f"{ISSUERS_ZH[i]} {n}" for i, n in by_issuer])
    said_en, said_zh = ", ".join([f"{EN[i]} {-n}" for n, i in most]), "、".join([f"{ZH[i]}{-n}" for n, i in most])
    return Move.make(
        w.quarter,
        w.economy.states[INCUMBENT],
        "event",
        text_en=f"Policy documents: {len(batch)} ({en}). Clauses: {said_en}.",
        text_zh=f"政策文件{len(batch)}份（{zh}）。条款：{said_zh}。",
        source="policy documents",
    )
