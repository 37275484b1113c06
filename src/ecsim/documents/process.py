"""Policy documents as a stochastic process: how many a quarter, from whom, with which instruments and objectives.

Counts are negative binomial; the mean follows anxiety, the election calendar and its own past. The issuer sets the
type of a document and how long it is. Each coded clause takes an instrument by softmax of

    U = tilt * anxiety - cost + issuer's preference + (beta - saturation) * log(1 + stock) + lobby + theme + taste,

theme and taste being common to the clauses of a document, saturation acting on instruments that build institutions
(what is built need not be built again). A clause may state an objective, security or development. All arrays carry
a leading axis of R runs, so that one code serves a run of the model and an ensemble.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ecsim.documents import calendar
from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, class_index, instruments
from ecsim.documents.luck import CLAUSES_MAX, Luck, Noise
from ecsim.economy import Array
from ecsim.params import Documents, Params
from ecsim.streams import Streams

ISSUERS = ("commerce", "congress", "other")
COMMERCE, CONGRESS, OTHER = range(3)
FORMS = ("regulation", "law_or_bill", "order", "statement")
REGULATION, LAW, ORDER, STATEMENT = range(4)
FORM_OF = np.array([[STATEMENT, REGULATION, REGULATION], [LAW, LAW, LAW], [STATEMENT, ORDER, STATEMENT]])
"""Form by issuer, and by luck: joint where that is possible, an order where that is, or neither."""
GOALS = ("security", "development")
TINY = 1e-9
COUNT_MAX = 64  # documents of a quarter beyond which the distribution is cut off

# How fast and coercive a class is [Wu 2026, sections 4.2 and 5.1]: anxiety favours the first, at the cost of long-term
# building. Incentive and hortatory instruments stay as they are.
COERCION = {"authority": 1.0, "incentive": 0.0, "capacity": -1.0, "system": -1.0, "hortatory": 0.0}
BUILDING = ("capacity", "system")  # classes that build institutions


@dataclass
class DocumentState:
    """What the process remembers.

    Attributes:
        stock: (R, 18) decayed stock of codes by instrument.
        activity: (R,) recent documents a quarter.
    """

    stock: Array
    activity: Array


@dataclass(frozen=True)
class Batch:
    """The documents of a quarter (or of many), n rows.

    Attributes:
        run: (n,) run of each document.
        quarter: (n,) its quarter.
        issuer: (n,) position in `ISSUERS`.
        form: (n,) position in `FORMS`.
        joint: (n,) issued by several departments.
        codes: (n, 18) clauses by instrument.
        goals: (n, 5, 2) clauses by class of instrument and objective (`GOALS`); clauses without an objective are left out.
    """

    run: Array
    quarter: Array
    issuer: Array
    form: Array
    joint: Array
    codes: Array
    goals: Array

    def __len__(self) -> int:
        """Number of documents."""
        return len(self.run)


def join(batches: list[Batch]) -> Batch:
    """Several batches as one."""
    names = ("run", "quarter", "issuer", "form", "joint", "codes", "goals")
    return Batch(**{name: np.concatenate([getattr(b, name) for b in batches]) for name in names})


class Clauses(NamedTuple):
    """What decides what the clauses of n documents say.

    Attributes:
        size: number of clauses of each document, (n,).
        choice: probability that a clause takes an instrument or one before it, (n, 18).
        luck: uniform numbers, one a clause, (n, K).
        security: probability that an objective is security, (n,).
        goals: probability that a clause states an objective.
    """

    size: Array
    choice: Array
    luck: Array
    security: Array
    goals: float


Tally = Callable[[Clauses], tuple[Array, Array]]


def tally(c: Clauses) -> tuple[Array, Array]:
    """Codes by instrument, (n, 18), and by class and objective, (n, 5, 2), of each document."""
    n = len(c.size)
    document = np.repeat(np.arange(n), c.size)
    place = np.arange(len(document)) - np.repeat(np.cumsum(c.size) - c.size, c.size)
    luck = c.luck[document, place].astype(float)
    edges = c.choice[document]
    instrument = np.minimum((luck[:, None] >= edges).sum(axis=1), N_INSTRUMENTS - 1)
    codes = np.bincount(document * N_INSTRUMENTS + instrument, minlength=n * N_INSTRUMENTS).reshape(n, N_INSTRUMENTS)
    upper = edges[np.arange(len(document)), instrument]
    lower = np.where(instrument > 0, edges[np.arange(len(document)), instrument - 1], 0.0)
    rest = (luck - lower) / np.maximum(upper - lower, TINY)  # what the choice leaves of the number is uniform again
    stated = rest < c.goals
    rest = np.where(stated, rest / c.goals, (rest - c.goals) / max(1.0 - c.goals, TINY))
    stated |= place == 0
    goal = (rest >= c.security[document]).astype(np.int64)
    cell = (document * len(CLASSES) + class_index()[instrument]) * 2 + goal
    goals = np.bincount(cell[stated], minlength=n * len(CLASSES) * 2).reshape(n, len(CLASSES), 2)
    return codes, goals


class DocumentProcess:
    """The process under given parameters.

    Args:
        params: of the model; the group `documents` and nothing else is read.
        tally: counts what the clauses of documents say.
    """

    def __init__(self, params: Params, tally: Tally = tally) -> None:
        d = params.documents
        self.params = d
        self._tally = tally
        self._cost = np.array([getattr(d, f"cost_{i.id}") if i.id != "licensing" else 0.0 for i in instruments()])
        self._inherited = d.inheritance * np.array([i.inherited for i in instruments()])
        coercion = dict(COERCION, system=COERCION["system"] * d.tilt_system)
        self.coercion = np.array([coercion[c] for c in CLASSES])[class_index()]
        self.feedback = d.path_dependence - d.saturation * np.isin(CLASSES, BUILDING)[class_index()]
        self._from = tuple(_issuer_edges(d, second_session=second) for second in (False, True))
        self._issuer = _issuer_preferences(d)[:, class_index()]
        lobby = {"authority": d.lobby_authority, "incentive": d.lobby_incentive}
        self._lobby = np.array([lobby.get(c, 0.0) for c in CLASSES])[class_index()]
        mean = d.clauses * np.array([1.0, d.clauses_congress, 1.0])
        self._log_size = np.log(np.maximum(mean - 1 / 2, 1 / 2)) - d.clauses_tail**2 / 2.0

    def start(self, runs: int = 1, anxiety: float = 1 / 2) -> DocumentState:
        """The state before the first quarter: inherited stocks, activity as anxiety has it."""
        stock = np.tile(self._inherited, (runs, 1))
        return DocumentState(stock, np.full(runs, float(self.drive(anxiety, 0))))

    def drive(self, anxiety: float | Array, quarter: int) -> Array:
        """Documents a quarter that anxiety and calendar call for, before inertia."""
        d = self.params
        election = d.rate_election * calendar.election_year(quarter)
        return np.asarray(d.rate * np.exp(d.rate_anxiety * (np.asarray(anxiety) - d.middle) + election))

    def step(
        self,
        state: DocumentState,
        anxiety: float | Array,
        lobby: float | Array,
        luck: Luck | Streams,
        quarter: int,
        coverage: float = 1.0,
    ) -> Batch:
        """The documents of a quarter. Moves the state on to its end.

        Args:
            state: what the process remembers; changed in place.
            anxiety: of the incumbent, 0 to 1; one number or one a run.
            lobby: pressure of the industry's lobby, 0 to 1; likewise.
            luck: random numbers, or the streams of one run of the model.
            quarter: index, 0 for 2018Q1.
            coverage: share of the quarter that is observed (the sample of the paper ends on 1 December 2025).
        """
        d = self.params
        luck = Luck(luck) if isinstance(luck, Streams) else luck
        feeling, pressure = np.full(luck.runs, anxiety, dtype=float), np.full(luck.runs, lobby, dtype=float)
        mean = coverage * ((1.0 - d.inertia) * self.drive(feeling, quarter) + d.inertia * state.activity)
        count = negative_binomial(luck.arrivals(quarter), mean, d.dispersion)
        noise = luck.noise(quarter, int(count.max(initial=0)))
        run, slot = np.nonzero(np.arange(noise.documents) < count[:, None])
        mine = noise.of(run, slot)
        issuer = np.searchsorted(self._from[calendar.second_session(quarter)], mine.issuer, side="right")
        pull = self.feedback * np.log1p(state.stock) + pressure[:, None] * self._lobby
        codes, goals = self._tally(self._clauses(issuer, mine, pull.take(run, axis=0), feeling.take(run), quarter))
        form, joint = self._forms(issuer, mine.form)
        state.stock *= 1.0 - d.decay
        if luck.runs == 1:
            state.stock[0] += codes.sum(axis=0)
        else:
            np.add.at(state.stock, run, codes)
        state.activity += d.memory * (count / coverage - state.activity)
        return Batch(run, np.full(len(run), quarter), issuer, form, joint, codes, goals)

    def _forms(self, issuer: Array, luck: Array) -> tuple[Array, Array]:
        """Type of document and whether it is joint, both from one number a document."""
        d = self.params
        rest = (luck - d.joint) / (1.0 - d.joint)
        part = (luck >= d.joint) * 1 + (rest >= d.other_orders)
        return FORM_OF[issuer, part], (issuer != CONGRESS) & (part == 0)

    def _clauses(self, issuer: Array, noise: Noise, pull: Array, anxiety: Array, quarter: int) -> Clauses:
        """What decides what each document says.

        Args:
            issuer: of each document.
            noise: its random numbers.
            pull: what draws its run to each instrument, (n, 18).
            anxiety: of its run.
        """
        d, theme = self.params, noise.theme
        size = np.ceil(np.exp(self._log_size.take(issuer) + d.clauses_tail * noise.size))
        lean = d.tilt * anxiety + d.theme_tilt * theme
        utility = pull + lean[:, None] * self.coercion + self._issuer.take(issuer, axis=0) + d.taste * noise.taste - self._cost
        return Clauses(
            size=np.minimum(np.maximum(size, 1), CLAUSES_MAX).astype(np.int64),
            choice=np.cumsum(softmax(utility), axis=1),
            luck=noise.clause,
            security=self._security(issuer, theme, anxiety, quarter),
            goals=d.goals,
        )

    def _security(self, issuer: Array, theme: Array, anxiety: Array, quarter: int) -> Array:
        """Probability that an objective of each document is security."""
        d = self.params
        congress = d.security_congress + d.security_house * calendar.democratic_house(quarter)
        logit = d.security + d.security_anxiety * (anxiety - d.middle) + congress * (issuer == CONGRESS) + d.theme * theme
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def softmax(utility: Array) -> Array:
    """Probability of each choice in each row, shape (n, 18)."""
    weight = np.exp(utility - utility.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _issuer_edges(d: Documents, *, second_session: bool) -> Array:
    """Probability that a document is from Commerce, and from Commerce or Congress, shape (2,)."""
    congress = d.congress + d.congress_session * second_session
    weight = np.exp([0.0, congress, d.others])
    return np.asarray(np.cumsum(weight / weight.sum())[:2])


def _issuer_preferences(d: Documents) -> Array:
    """Preference of each issuer for each class, shape (3, 5); Commerce is the reference."""
    table = np.zeros((len(ISSUERS), len(CLASSES)))
    table[CONGRESS, [CLASSES.index("capacity"), CLASSES.index("system")]] = d.congress_build
    table[CONGRESS, CLASSES.index("incentive")] = d.congress_fund
    table[OTHER, CLASSES.index("hortatory")] = d.others_speak
    return table


def negative_binomial(luck: Array, mean: Array, size: float) -> Array:
    """Negative binomial counts by inversion: the same uniform numbers under a higher mean never give fewer.

    Args:
        luck: (R,) uniform numbers.
        mean: (R,) means.
        size: size parameter; variance = mean + mean squared / size.
    """
    mass = np.empty((len(mean), COUNT_MAX))
    mass[:, 0] = 1.0
    np.multiply(_growth(size), (mean / (mean + size))[:, None], out=mass[:, 1:])
    first = (size / (size + mean)) ** size
    below = (first[:, None] * mass.cumprod(axis=1)).cumsum(axis=1)
    return np.asarray((luck[:, None] >= below).sum(axis=1))


@lru_cache(maxsize=8)
def _growth(size: float) -> Array:
    """Probability of a count over that of one less, without the odds, for counts from 1 on."""
    n = np.arange(COUNT_MAX - 1)
    return np.asarray((n + size) / (n + 1.0))


def simulate(process: DocumentProcess, luck: Luck, anxiety: Array, lobby: float = 0.0, coverage: Array | None = None) -> Batch:
    """All documents of an ensemble.

    Args:
        process: under some parameters.
        luck: random numbers of R runs.
        anxiety: (T,) or (T, R) path of anxiety from 2018Q1 on.
        lobby: pressure of the lobby.
        coverage: (T,) share of each quarter observed; all by default.
    """
    seen = np.ones(len(anxiety)) if coverage is None else coverage
    state = process.start(luck.runs, float(np.mean(anxiety[0])))
    return join([process.step(state, anxiety[t], lobby, luck, t, float(seen[t])) for t in range(len(anxiety))])
