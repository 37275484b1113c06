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
from functools import lru_cache, partial

import numpy as np

from ecsim.documents import calendar
from ecsim.documents.effects import inherited_stock
from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, class_index, instruments
from ecsim.documents.luck import Luck
from ecsim.documents.writing import CONGRESS, ISSUERS, OTHER, PARTS, Clauses, Pace, Parts, Setting, Terms
from ecsim.economy import Array
from ecsim.params import REFERENCE, Documents, Params
from ecsim.streams import Streams

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
        parts: parts of the work as an engine does them.
    """

    def __init__(self, params: Params, parts: Parts = PARTS) -> None:
        d = params.documents
        self.params = d
        self.terms = _terms(d)
        self._parts = parts
        self._inherited = inherited_stock(params)
        self._issuers = tuple(_issuers(d, second_session=second) for second in (False, True))

    def start(self, runs: int = 1, anxiety: float = 1 / 2) -> DocumentState:
        """The state before the first quarter: inherited stocks, activity as anxiety has it."""
        stock = np.tile(self._inherited, (runs, 1))
        return DocumentState(stock, np.full(runs, float(self.drive(anxiety, 0))))

    def drive(self, anxiety: float | Array, quarter: int) -> float | Array:
        """Documents a quarter that anxiety and calendar call for, before inertia."""
        d = self.params
        election = d.rate_election * calendar.election_year(quarter)
        return d.rate * np.exp(d.rate_anxiety * (anxiety - d.middle) + election)

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
        mean = coverage * ((1.0 - d.inertia) * self.drive(anxiety, quarter) + d.inertia * state.activity)
        numbers, setting = partial(luck.noise, quarter), self._setting(state, anxiety, lobby, quarter)
        count, noise, o = self._parts.draft(luck.arrivals(quarter), mean, d.dispersion, numbers, setting, self.terms)
        power = np.exp(o.exponent)
        clauses = Clauses(o.run, o.slot, power, power[:, :N_INSTRUMENTS].sum(axis=1), noise.clause, d.goals)
        codes, goals = self._parts.write(clauses, Pace(count, coverage, d.decay, d.memory, state.stock, state.activity))
        return Batch(o.run, _each(quarter, len(o.run), np.int64), o.issuer, o.form, o.joint, codes, goals)

    def _setting(self, state: DocumentState, anxiety: float | Array, lobby: float | Array, quarter: int) -> Setting:
        d, runs = self.params, len(state.activity)
        return Setting(
            issuers=self._issuers[calendar.second_session(quarter)],
            congress=d.security_congress + d.security_house * calendar.democratic_house(quarter),
            anxiety=_each(anxiety, runs),
            pressure=_each(lobby, runs),
            habit=np.log1p(state.stock),
        )


def process_of(params: Params) -> DocumentProcess:
    """The process of documents as the engine of the parameters plays it."""
    if params.time.engine == REFERENCE:
        return DocumentProcess(params)
    from ecsim.kernels.papers import PARTS as COMPILED  # loads the compiler, which takes its time

    return DocumentProcess(params, COMPILED)


def _each(value: float | Array, n: int, kind: type = float) -> Array:
    """One value, or one each, as an array of its own."""
    room: Array = np.empty(n, dtype=kind)
    room[:] = value
    return room


@lru_cache(maxsize=8)
def _terms(d: Documents) -> Terms:
    """What does not change in a run; nor in other runs of the same parameters."""
    coercion = dict(COERCION, system=COERCION["system"] * d.tilt_system)
    lobby = {"authority": d.lobby_authority, "incentive": d.lobby_incentive}
    clauses = d.clauses * np.array([1.0, d.clauses_congress, 1.0])
    return Terms(
        feedback=d.path_dependence - d.saturation * np.isin(CLASSES, BUILDING)[class_index()],
        lobby=np.array([lobby.get(c, 0.0) for c in CLASSES])[class_index()],
        coercion=np.array([coercion[c] for c in CLASSES])[class_index()],
        preference=_issuer_preferences(d)[:, class_index()],
        cost=np.array([getattr(d, f"cost_{i.id}") if i.id != "licensing" else 0.0 for i in instruments()]),
        log_size=np.log(np.maximum(clauses - 1 / 2, 1 / 2)) - d.clauses_tail**2 / 2.0,
        tilt=d.tilt,
        theme_tilt=d.theme_tilt,
        taste=d.taste,
        security=d.security,
        security_anxiety=d.security_anxiety,
        middle=d.middle,
        theme=d.theme,
        clauses_tail=d.clauses_tail,
        joint=d.joint,
        other_orders=d.other_orders,
    )


@lru_cache(maxsize=16)
def _issuers(d: Documents, *, second_session: bool) -> Array:
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
