"""Policy documents in a running model: they follow anxiety about technology, and each of the 18 instruments does what it declares."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from choosing import model, moves
from ecsim.documents.anxiety import anxiety_path
from ecsim.documents.effects import inherited_stock, levers
from ecsim.documents.instruments import EFFECTS, names
from ecsim.economy import INCUMBENT
from ecsim.impulse import READ, reference
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.strategies.government import Government
from ecsim.strategies.outlook import Observer
from ecsim.strategies.replay import Replay
from ecsim.strategies.secretariat import Lobby, Secretariat, _review_text, sizes
from ecsim.strategies.settings import PolicyConfig
from ecsim.world import World

MORE = 200.0  # codes
SHOWS = {  # lever -> indicator in the model, and the direction in which more of the instrument moves it
    "detection": ("diverted", -1),
    "over_compliance": ("denied", 1),
    "delay": ("waiting", -1),
    "leak": ("diverted", -1),
    "compliance_cost": ("compliance_home", -1),
    "subsidy": ("rd_home", 1),
    "alignment": ("willing", 1),
    "anticipation": ("threat", 1),
}
PAIRS = [(name, lever) for name in names() for lever in EFFECTS[name]]


class Held(Secretariat):
    """Stocks held at those of 2018, but for one instrument that is turned up."""

    def __init__(self, more: str = "") -> None:
        super().__init__()
        self.more = np.array([MORE * (name == more) for name in names()])

    def moves(self, world: World, quarter: int) -> list[Move]:
        made = super().moves(world, quarter)
        assert self.state is not None
        self.state.stock[0] = inherited_stock(world.params) + self.more
        return made

    def _review(self, w: World) -> Iterator[Move]:
        assert self.state is not None
        self.state.stock[0] = inherited_stock(w.params) + self.more
        yield from super()._review(w)


@cache
def seen(more: str) -> dict[str, float]:
    """Indicators summed over three years in a world with some controls."""
    m = model("policy=none", players=[Held(more), Replay(reference())])
    total = dict.fromkeys(READ, 0.0)
    for _ in range(12):
        m.step()
        for name, read in READ.items():
            total[name] += read(m.world)
    return total


@pytest.mark.parametrize(("name", "lever"), [(n, x) for n, x in PAIRS if x in SHOWS])
def test_an_instrument_turned_up_moves_the_model_as_declared(name: str, lever: str) -> None:
    indicator, sign = SHOWS[lever]
    assert sign * (seen(name)[indicator] - seen("")[indicator]) > 0


@cache
def decisions(more: str) -> tuple[int, float]:
    """How many options a government takes in ten years, and the utility of the first."""
    held = Held(more)
    government = Government(PolicyConfig(kind="endogenous", start="2018Q1"), Observer(), held.administration)
    m = model("policy=endogenous", players=[held, government])
    m.run()
    return len(government.taken), government.taken[0][1].utility


@pytest.mark.parametrize(("name", "lever"), [(n, x) for n, x in PAIRS if x not in SHOWS])
def test_an_instrument_turned_up_changes_the_choice_of_rules_as_declared(name: str, lever: str) -> None:
    (count, first), (count0, first0) = decisions(name), decisions("")
    assert {"capacity": count > count0, "precision": first > first0}[lever]


def test_every_lever_is_shown() -> None:
    assert {lever for _, lever in PAIRS} == {*SHOWS, "capacity", "precision"}
    assert {name for name, _ in PAIRS} == set(names())


def test_at_the_stocks_of_2018_documents_change_nothing() -> None:
    p = Params()
    assert all(size == pytest.approx(0.0) for size in sizes(levers(inherited_stock(p), p), p).values())
    held = Held()
    m = model("policy=none", players=[held])
    m.step()
    assert not m.world.book.measures
    admin = held.administration(m.world)
    assert (admin.capacity, admin.precision) == (pytest.approx(1.0), pytest.approx(1.0))


# how many documents, and why


def test_documents_follow_anxiety_about_technology_as_in_the_fit() -> None:
    m = model("policy=history", "policy.documents=true")
    m.run()
    known = 20  # quarters with published R&D; beyond them the fit and the model's state paths continue in their own ways
    path = m.recorder.tracks["unease"][:known, 0]
    fitted = anxiety_path(m.params, known, m.params.documents.metric)
    assert np.abs(path - fitted).max() < 0.03 and path[-1] > path[0] + 0.1


def written(*words: str) -> list[int]:
    m = model("policy=endogenous", *words)
    m.run()
    secretariat = next(p for p in m.players if isinstance(p, Secretariat))
    return [len(batch) for batch in secretariat.papers]


def test_more_anxiety_writes_more() -> None:
    calm, anxious = written("documents.metric=composite"), written("documents.metric=ppp")
    assert all(a <= b for a, b in zip(calm, anxious, strict=True)) and sum(anxious) > 1.3 * sum(calm)


def test_documents_are_entries_and_a_table() -> None:
    m = model("policy=endogenous")
    result = m.run()
    entries = [move for move, _ in result.moves if move.verb == "event"]
    assert entries and all(e.text_zh.startswith("政策文件") for e in entries)
    t = result.series
    documents = t[t["name"] == "document"]
    assert documents["value"].sum() == sum(len(b) for b in result.papers) == sum(int(e.text_en.split()[2]) for e in entries)
    assert set(t[t["name"] == "code"]["key"]) == set(names())
    assert t[t["name"] == "code"]["value"].sum() == sum(b.codes.sum() for b in result.papers)


def test_documents_are_switched_off_with_one_key() -> None:
    off = moves("policy=endogenous", "policy.documents=false")
    assert off and not any(m.verb == "event" or m.rule.startswith("documents:") for m in off)


# the lobby


def pressure(lost: float, **government: float) -> float:
    """Pressure of the lobby where rules block this share of sales."""
    m = model("policy=none", *(f"government.{k}={v}" for k, v in government.items()))
    m.world.lost_sales[m.economy.owner == INCUMBENT] = lost
    return Lobby.of(m.economy).pressure(m.world)


def test_the_lobby_presses_as_rules_cost_sales_and_not_without_weight() -> None:
    scale = Params().documents.lobby_scale
    assert pressure(0.0) == 0.0
    half, full = pressure(scale / 2), pressure(2 * scale)
    assert full == pytest.approx(2 * half) and 0 < full < 1
    assert pressure(scale, lobby=0.0) == 0.0


def test_what_administration_has_come_to_is_told_with_unit_and_sign() -> None:
    assert _review_text("delay", -0.06) == (
        "Administration of controls against 2018: time that licences take −6%.",
        "管制行政与2018年相比：许可审批时间−6%。",
    )
    assert _review_text("leak", -0.001)[0] == "Administration of controls against 2018: accidental leakage 0%."
    assert _review_text("subsidy", 2.5) == (
        "Administration of controls against 2018: public money for research and plants USD 2.5 bn a year.",
        "管制行政与2018年相比：研发与产业公共资金每年25亿美元。",
    )
