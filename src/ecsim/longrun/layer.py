"""The state layer without firms: power, anxiety, bargaining, choice with stocks, allies, for several challengers at once.

Anxiety and dissatisfaction, the bargain at home, the weights of the government's utility and an ally's utility of joining are
the functions of the present model, fed with one challenger at a time; what firms would tell (denial, revenue at stake) is
replaced by a coarse yard of products, of which those that deny most cost least. Means are followed, not draws:
of the moves that a quarter allows, each option takes the share that the softmax gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from ecsim.data.longrun import CHALLENGERS
from ecsim.economy import CHALLENGER, Array
from ecsim.longrun.inputs import BEFORE_2018, QUARTERS, Inputs
from ecsim.mechanisms.permission import logistic
from ecsim.mechanisms.power import feel
from ecsim.params import Params
from ecsim.strategies.accession import Reasons
from ecsim.strategies.bargain import bargain
from ecsim.strategies.choice import MEASURES, Scale
from ecsim.strategies.yard import Change

N = len(CHALLENGERS)
BESIDE_SIZE = 1.0  # a full measure beside trade
WARM = 40  # quarters of the first year's ratios before 1949, so that feelings start at rest


@dataclass(frozen=True, eq=False)
class Path:
    """What the layer gives. Q quarters, C challengers.

    Attributes:
        strictness: share of strategic trade controlled, (Q, C).
        beside: measures beside trade in force, 0 to 1, (Q, C).
        anxiety: of the incumbent about each challenger's technology, before relations, (Q, C).
        dissatisfaction: of each challenger, (Q, C).
        coalition: level at which allies take part, (Q, C).
        pull: highest utility of controlling a product, (Q, C).
    """

    strictness: Array
    beside: Array
    anxiety: Array
    dissatisfaction: Array
    coalition: Array
    pull: Array


class Layer:
    """The layer under given parameters.

    Args:
        given: series from outside.
        params: of the model.
        capacity: factor of the administration on moves, by quarter; 1 by default.
        beta: False sets path dependence of government and allies to zero.
    """

    def __init__(self, given: Inputs, params: Params, capacity: Array | None = None, *, beta: bool = True) -> None:
        self.given, self.params, self.beta = given, params, float(beta)
        self.capacity = np.ones(QUARTERS) if capacity is None else capacity
        self.minds = [self._mind(c) for c in range(N)]
        p = params.long
        self.profile = 2.0 * (1.0 - (np.arange(p.products) + 0.5) / p.products) / p.products  # falls to zero, sums to one
        start = np.array([p.start_soviet, p.start_china, 0.0])
        self.yard = np.clip(start[:, None] * p.products - np.arange(p.products), 0.0, 1.0)
        self.beside = np.zeros(N)
        self.coalition = np.zeros(N)
        self.membership = np.zeros(N)
        self.stock = np.full((2, N), params.government.inheritance)

    def _mind(self, c: int) -> Any:
        """A world with one challenger, as far as the mechanisms of power and choice read it; warm at the ratios of 1949."""
        ratio = np.concatenate([np.repeat(self.given.ratio[:1, :, c], WARM, axis=0), self.given.ratio[:, :, c]])
        mind = SimpleNamespace(
            params=self.params,
            quarter=0,
            ratio_path=ratio,
            gap_path=np.zeros((len(ratio), 1)),
            anxiety=np.zeros(2),
            unease=np.zeros(1),
            dissatisfaction=np.zeros(2),
            denied_share=np.zeros(1),
            conflict=np.zeros(1),
        )
        for mind.quarter in range(WARM):
            feel.run(cast(Any, mind))
        return mind

    @property
    def strictness(self) -> Array:
        """Share of strategic products that are controlled, (C,)."""
        return np.asarray(self.yard.mean(axis=1))

    def run(self) -> Path:
        """The whole path, 1949Q1 to 2025Q4."""
        names = ("strictness", "beside", "anxiety", "dissatisfaction", "coalition", "pull")
        rows: dict[str, list[Array]] = {name: [] for name in names}
        for q in range(QUARTERS):
            anxiety, anger = self._feel(q)
            pull = self._choose(q, anxiety)
            self._join(q, anxiety, anger)
            for name, value in zip(names, (self.strictness, self.beside, anxiety, anger, self.coalition, pull), strict=True):
                rows[name].append(value.copy())
        return Path(**{name: np.array(values) for name, values in rows.items()})

    def _feel(self, q: int) -> tuple[Array, Array]:
        """Anxiety about and dissatisfaction of each challenger, (C,) each, by the model's own mechanism."""
        denied = self.strictness * self.params.long.need * self._cover()
        for c, mind in enumerate(self.minds):
            mind.quarter, mind.denied_share[0] = WARM + q, denied[c]
            feel.run(cast(Any, mind))
        return np.array([m.unease[0] for m in self.minds]), np.array([m.dissatisfaction[CHALLENGER] for m in self.minds])

    def _cover(self) -> Array:
        """Share of foreign supply that follows the controls, (C,)."""
        home = self.params.long.home_share
        return home + (1.0 - home) * self.coalition

    def threat(self, q: int, anxiety: Array) -> Array:
        """Anxiety that counts as threat: of a friend there is none, (C,)."""
        if not self.params.long.relations:
            return anxiety
        return np.minimum(1.0, anxiety * self.given.hostility[q])

    def _choose(self, q: int, anxiety: Array) -> Array:
        """Move yard and measures by the share of moves that each option gets; the highest utility of control, (C,)."""
        p, g = self.params.long, self.params.government
        deal = bargain(q - BEFORE_2018, g, float(self.capacity[q]))
        sold = np.minimum(1.0, self.given.exports[q] * p.exposure)
        habit = self.beta * g.path_dependence * np.log1p(self.stock)
        goods, beside = np.empty(self.yard.shape), np.empty((N, 1))
        for c, threat in enumerate(self.threat(q, anxiety)):
            scale = self._scale(c, threat, sold[c], deal, float(np.exp(p.pressure * self.given.imbalance[q])))
            goods[c] = scale.utility(self._control(q, c, sold[c]))
            beside[c] = (scale.security - scale.anger - scale.voice) * g.beside_trade * BESIDE_SIZE - scale.upkeep
        goods_habit, beside_habit = habit[0][:, None], habit[1][:, None]
        utility = np.stack(
            [np.hstack([goods + goods_habit, beside + beside_habit]), -np.hstack([goods + goods_habit, beside + beside_habit])]
        )
        held = np.hstack([self.yard, self.beside[:, None]])
        room = np.stack([1.0 - held, held])
        moves = g.capacity * deal.capacity * _softmax(utility / g.noise, room, g.status_quo / g.noise)
        self.yard = np.clip(self.yard + moves[0, :, :-1] - moves[1, :, :-1], 0.0, 1.0)
        self.beside = np.clip(self.beside + (moves[0, :, -1] - moves[1, :, -1]) / len(MEASURES), 0.0, 1.0)
        self.stock = (1.0 - g.decay) * self.stock + np.stack([moves[0, :, :-1].sum(axis=1), moves[0, :, -1]])
        return np.asarray(goods.max(axis=1))

    def _scale(self, c: int, threat: float, sold: float, deal: Any, pressure: float) -> Scale:
        """The weights of the present model for one challenger; revenue weighs more under a trade deficit where that is switched on."""
        mind = self.minds[c]
        mind_for_choice = SimpleNamespace(
            params=self.params,
            quarter=mind.quarter,
            ratio_path=mind.ratio_path,
            anxiety=np.array([threat, 0.0]),
            unease=np.array([threat]),
            dissatisfaction=mind.dissatisfaction,
        )
        seen = SimpleNamespace(by_owner=np.array([[sold]]), revenue=np.ones(1))
        scale = Scale.of(cast(Any, mind_for_choice), cast(Any, seen), deal, self.params.documents.precision)
        return Scale(**{**vars(scale), "revenue": scale.revenue * pressure})

    def _control(self, q: int, c: int, sold: float) -> Change:
        """What control of each product brings: those that deny most cost least."""
        p = self.params.long
        return Change(
            valid=np.ones(p.products, dtype=bool),
            denial=p.dependence * float(self._cover()[c]) * self.profile,
            revenue=sold * self.profile[::-1],
            friction=sold / p.products * float(self.given.ally[q, c]),
            strictness=1.0 / p.products,
            rules=1.0,
        )

    def _join(self, q: int, anxiety: Array, anger: Array) -> None:
        """Allies as one bloc follow their utility of joining, as fast as laws are drafted."""
        p, a = self.params.long, self.params.accession
        trade = self.given.exports[q] * p.allied_trade
        reasons = Reasons(
            effect=self.strictness * (1.0 - p.home_share) / p.allies,
            pressure=np.full(N, 0.5),
            norm=self.coalition,
            stake=np.minimum(1.0, self.strictness * trade * p.exposure),
            exposure=trade,
            past=self.beta * self.membership,
        )
        world: Any = SimpleNamespace(params=self.params)
        threat = self.threat(q, anxiety)
        utility = np.array([float(_at(reasons, c).utility(world, float(threat[c]), float(anger[c]))[0]) for c in range(N)])
        wanted = logistic(utility) * a.full_level * (self.strictness > 0.0)
        speed = 2.0 / (a.draft_min + a.draft_max)
        self.coalition = self.coalition + speed * (wanted - self.coalition)
        self.membership = (1.0 - a.decay) * self.membership + self.coalition


def _at(reasons: Reasons, c: int) -> Reasons:
    """The reasons that concern one challenger."""
    return Reasons(**{name: np.atleast_1d(value[c]) for name, value in vars(reasons).items()})


def _softmax(utility: Array, room: Array, stay: float) -> Array:
    """Share of moves of each option, in the shape of utility; leaving things as they are counts as much as an average move."""
    top = max(float(utility.max()), stay)
    weight = np.exp(utility - top) * room
    return np.asarray(weight / (weight.sum() + room.sum() * np.exp(stay - top)))


def yearly(values: Array) -> Array:
    """The last quarter of each year, first axis Q to Y."""
    return np.asarray(values[3::4])
