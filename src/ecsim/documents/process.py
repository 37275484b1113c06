"""Policy documents as a stochastic process: how many a quarter, from whom, with which instruments and objectives.

Counts are negative binomial; the mean follows anxiety, the election calendar and its own past. The issuer sets the
type of a document and how long it is. Each coded clause takes an instrument by softmax of

    U = tilt * anxiety - cost + issuer's preference + (beta - saturation) * log(1 + stock) + lobby + theme + taste,

theme and taste being common to the clauses of a document, saturation acting on instruments that build institutions
(what is built need not be built again). A clause may state an objective, security or development. All arrays carry
a leading axis of R runs, so that one code serves a run of the model and an ensemble.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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


class DocumentProcess:
    """The process under given parameters.

    Args:
        params: of the model; the group `documents` and nothing else is read.
    """

    def __init__(self, params: Params) -> None:
        d = params.documents
        self.params = d
        self._cost = np.array([getattr(d, f"cost_{i.id}") if i.id != "licensing" else 0.0 for i in instruments()])
        self._inherited = d.inheritance * np.array([i.inherited for i in instruments()])
        coercion = dict(COERCION, system=COERCION["system"] * d.tilt_system)
        self.coercion = np.array([coercion[c] for c in CLASSES])[class_index()]
        self.feedback = d.path_dependence - d.saturation * np.isin(CLASSES, BUILDING)[class_index()]
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
        run, slot = np.nonzero(np.arange(noise.issuer.shape[1]) < count[:, None])
        issuer = self._issuers(noise.issuer[run, slot], quarter)
        codes, goals = self._clauses(run, slot, issuer, noise, state, feeling, pressure, quarter)
        form, joint = self._forms(issuer, noise.form[run, slot])
        state.stock *= 1.0 - d.decay
        if luck.runs == 1:
            state.stock[0] += codes.sum(axis=0)
        else:
            np.add.at(state.stock, run, codes)
        state.activity += d.memory * (count / coverage - state.activity)
        return Batch(run, np.full(len(run), quarter), issuer, form, joint, codes, goals)

    def _issuers(self, luck: Array, quarter: int) -> Array:
        d = self.params
        congress = d.congress + d.congress_session * calendar.second_session(quarter)
        weight = np.exp([0.0, congress, d.others])
        return np.searchsorted(np.cumsum(weight / weight.sum())[:2], luck, side="right")

    def _forms(self, issuer: Array, luck: Array) -> tuple[Array, Array]:
        """Type of document and whether it is joint, both from one number a document."""
        d = self.params
        joint = (issuer != CONGRESS) & (luck < d.joint)
        rest = (luck - d.joint) / (1.0 - d.joint)
        other = np.where(rest < d.other_orders, ORDER, STATEMENT)
        form = np.where(issuer == COMMERCE, REGULATION, np.where(issuer == CONGRESS, LAW, other))
        return np.where(joint, STATEMENT, form), joint

    def _clauses(
        self, run: Array, slot: Array, issuer: Array, noise: Noise, state: DocumentState, anxiety: Array, lobby: Array, quarter: int
    ) -> tuple[Array, Array]:
        """Codes by instrument, and by class and objective, of each document."""
        d, n = self.params, len(run)
        theme = noise.theme[run, slot]
        size = np.ceil(np.exp(self._log_size[issuer] + d.clauses_tail * noise.size[run, slot]))
        size = np.clip(size, 1, CLAUSES_MAX).astype(np.int64)
        choice = np.cumsum(self._shares(run, issuer, theme, noise.taste[run, slot], state, anxiety, lobby), axis=1)
        document = np.repeat(np.arange(n), size)
        place = np.arange(len(document)) - np.repeat(np.cumsum(size) - size, size)
        luck = noise.clause[run[document], slot[document], place].astype(float)
        edges = choice[document]
        instrument = np.minimum((luck[:, None] >= edges).sum(axis=1), N_INSTRUMENTS - 1)
        codes = np.bincount(document * N_INSTRUMENTS + instrument, minlength=n * N_INSTRUMENTS).reshape(n, N_INSTRUMENTS)
        upper = edges[np.arange(len(document)), instrument]
        lower = np.where(instrument > 0, edges[np.arange(len(document)), instrument - 1], 0.0)
        rest = (luck - lower) / np.maximum(upper - lower, TINY)  # what the choice leaves of the number is uniform again
        stated = rest < d.goals
        rest = np.where(stated, rest / d.goals, (rest - d.goals) / max(1.0 - d.goals, TINY))
        stated |= place == 0
        goal = (rest >= self._security(issuer, theme, anxiety[run], quarter)[document]).astype(np.int64)
        cell = (document * len(CLASSES) + class_index()[instrument]) * 2 + goal
        goals = np.bincount(cell[stated], minlength=n * len(CLASSES) * 2).reshape(n, len(CLASSES), 2)
        return codes, goals

    def _shares(self, run: Array, issuer: Array, theme: Array, taste: Array, state: DocumentState, anxiety: Array, lobby: Array) -> Array:
        """Probability of each instrument in each document, shape (n, 18)."""
        d = self.params
        pull = self.feedback * np.log1p(state.stock) + np.outer(lobby, self._lobby)
        lean = d.tilt * anxiety[run] + d.theme_tilt * theme
        utility = pull[run] + lean[:, None] * self.coercion + self._issuer[issuer] + d.taste * taste - self._cost
        utility -= utility.max(axis=1, keepdims=True)
        weight = np.exp(utility)
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def _security(self, issuer: Array, theme: Array, anxiety: Array, quarter: int) -> Array:
        """Probability that an objective of each document is security."""
        d = self.params
        congress = d.security_congress + d.security_house * calendar.democratic_house(quarter)
        logit = d.security + d.security_anxiety * (anxiety - d.middle) + congress * (issuer == CONGRESS) + d.theme * theme
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))


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
    odds = (mean / (mean + size))[:, None]
    first = (size / (size + mean)) ** size
    mass = np.concatenate([np.ones((len(mean), 1)), np.cumprod(_growth(size) * odds, axis=1)], axis=1)
    below = np.cumsum(first[:, None] * mass, axis=1)
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
