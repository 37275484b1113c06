"""How many documents a quarter brings, and what they are and say: issuer and type, clauses, instruments and objectives.

The work is in two parts, between which exponentials are taken, so that an engine can do either in its own way and come to the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, class_index
from ecsim.documents.luck import CLAUSES_MAX, Noise
from ecsim.economy import Array

ISSUERS = ("commerce", "congress", "other")
COMMERCE, CONGRESS, OTHER = range(3)
FORMS = ("regulation", "law_or_bill", "order", "statement")
REGULATION, LAW, ORDER, STATEMENT = range(4)
FORM_OF = np.array([[STATEMENT, REGULATION, REGULATION], [LAW, LAW, LAW], [STATEMENT, ORDER, STATEMENT]])
"""Form by issuer, and by luck: joint where that is possible, an order where that is, or neither."""
GOALS = ("security", "development")
TINY = 1e-9
COUNT_MAX = 64  # documents of a quarter beyond which the distribution is cut off


class Terms(NamedTuple):
    """What does not change in a run: numbers of the group `documents`, and by instrument or issuer what they come to.

    Attributes:
        feedback: of the log of stock, (18,).
        lobby: of the lobby's pressure, (18,).
        coercion: how fast and coercive an instrument is, (18,).
        preference: of each issuer for each instrument, (3, 18).
        cost: of each instrument, (18,).
        log_size: mean log of the number of clauses of an issuer's documents, (3,).
    """

    feedback: Array
    lobby: Array
    coercion: Array
    preference: Array
    cost: Array
    log_size: Array
    tilt: float
    theme_tilt: float
    taste: float
    security: float
    security_anxiety: float
    middle: float
    theme: float
    clauses_tail: float
    joint: float
    other_orders: float


class Setting(NamedTuple):
    """What makes the documents of a quarter what they are, beside luck, in R runs.

    Attributes:
        issuers: probability that a document is from Commerce, and from Commerce or Congress, (2,).
        congress: what documents of Congress add to the log odds of security.
        anxiety: of the incumbent, (R,).
        pressure: of the lobby, (R,).
        habit: log of one plus the stock of each instrument, (R, 18).
    """

    issuers: Array
    congress: float
    anxiety: Array
    pressure: Array
    habit: Array


class Outline(NamedTuple):
    """The documents of a quarter, n rows, and what decides what they say.

    Attributes:
        run, slot: run of each document, and its place in it.
        issuer, form, joint: as in `Batch`.
        exponent: logs of the weight of each instrument, of the odds against security, and of the number of clauses, (n, 20).
    """

    run: Array
    slot: Array
    issuer: Array
    form: Array
    joint: Array
    exponent: Array


AGAINST, SIZE = N_INSTRUMENTS, N_INSTRUMENTS + 1  # columns of the exponents behind those of the instruments


class Clauses(NamedTuple):
    """What decides what the clauses of n documents say.

    Attributes:
        run, slot: run of each document, and its place in it.
        power: exponentials of the exponents of the outline, (n, 20).
        weight: sum of the weights of instruments, (n,).
        luck: uniform numbers, one a clause, (R, D, K).
        goals: probability that a clause states an objective.
    """

    run: Array
    slot: Array
    power: Array
    weight: Array
    luck: Array
    goals: float


class Pace(NamedTuple):
    """How the memory of R runs moves on.

    Attributes:
        made: documents of the quarter, (R,).
        coverage: share of the quarter that is observed.
        decay: of the stock; memory: weight of the quarter in activity.
        stock, activity: as in `DocumentState`; changed in place.
    """

    made: Array
    coverage: float
    decay: float
    memory: float
    stock: Array
    activity: Array


class Draft(NamedTuple):
    """The documents of a quarter before their clauses are written: how many of each run, the numbers they meet, their outline."""

    made: Array
    noise: Noise
    outline: Outline


Numbers = Callable[[int], Noise]
"""Random numbers of the quarter for at least so many documents a run."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of the work that an engine does in its own way."""

    draft: Callable[[Array, Array, float, Numbers, Setting, Terms], Draft]
    write: Callable[[Clauses, Pace], tuple[Array, Array]]


def draft(luck: Array, mean: Array, size: float, numbers: Numbers, s: Setting, t: Terms) -> Draft:
    """How many documents of each run, who issues them, of which type they are, and what decides what they say.

    Args:
        luck: (R,) uniform numbers, for the count.
        mean: (R,) mean count.
        size: as in `negative_binomial`.
        numbers: for all else.
    """
    count = negative_binomial(luck, mean, size)
    noise = numbers(int(count.max(initial=0)))
    return Draft(count, noise, outline(count, noise, s, t))


def negative_binomial(luck: Array, mean: Array, size: float) -> Array:
    """Negative binomial counts by inversion: the same uniform numbers under a higher mean never give fewer.

    Args:
        luck: (R,) uniform numbers.
        mean: (R,) means.
        size: size parameter; variance = mean + mean squared / size.
    """
    mass = np.empty((len(mean), COUNT_MAX))
    mass[:, 0] = 1.0
    np.multiply(growth(size), (mean / (mean + size))[:, None], out=mass[:, 1:])
    first = (size / (size + mean)) ** size
    below = (first[:, None] * mass.cumprod(axis=1)).cumsum(axis=1)
    return np.asarray((luck[:, None] >= below).sum(axis=1))


@lru_cache(maxsize=8)
def growth(size: float) -> Array:
    """Probability of a count over that of one less, without the odds, for counts from 1 on."""
    n = np.arange(COUNT_MAX - 1)
    return np.asarray((n + size) / (n + 1.0))


def outline(count: Array, noise: Noise, s: Setting, t: Terms) -> Outline:
    """So many documents of each run: who issues them, of which type they are, and what decides what they say."""
    run, slot = np.nonzero(np.arange(noise.documents) < count[:, None])
    mine, anxiety = noise.of(run, slot), s.anxiety[run]
    issuer = np.searchsorted(s.issuers, mine.issuer, side="right")
    form, joint = _forms(issuer, mine.form, t)
    pull = t.feedback * s.habit + s.pressure[:, None] * t.lobby
    lean = t.tilt * anxiety + t.theme_tilt * mine.theme
    utility = pull[run] + lean[:, None] * t.coercion + t.preference[issuer] + t.taste * mine.taste - t.cost
    security = t.security + t.security_anxiety * (anxiety - t.middle) + s.congress * (issuer == CONGRESS) + t.theme * mine.theme
    size = t.log_size[issuer] + t.clauses_tail * mine.size
    return Outline(run, slot, issuer, form, joint, np.column_stack([utility - utility.max(axis=1, keepdims=True), -security, size]))


def _forms(issuer: Array, luck: Array, t: Terms) -> tuple[Array, Array]:
    """Type of document and whether it is joint, both from one number a document."""
    rest = (luck - t.joint) / (1.0 - t.joint)
    part = (luck >= t.joint) * 1 + (rest >= t.other_orders)
    return FORM_OF[issuer, part], (issuer != CONGRESS) & (part == 0)


def tally(c: Clauses) -> tuple[Array, Array]:
    """Codes by instrument, (n, 18), and by class and objective, (n, 5, 2), of each document."""
    n = len(c.run)
    size = np.clip(np.ceil(c.power[:, SIZE]), 1, CLAUSES_MAX).astype(np.int64)
    choice = np.cumsum(c.power[:, :N_INSTRUMENTS] / c.weight[:, None], axis=1)
    document = np.repeat(np.arange(n), size)
    place = np.arange(len(document)) - np.repeat(np.cumsum(size) - size, size)
    luck = c.luck[c.run[document], c.slot[document], place].astype(float)
    edges = choice[document]
    instrument = np.minimum((luck[:, None] >= edges).sum(axis=1), N_INSTRUMENTS - 1)
    codes = np.bincount(document * N_INSTRUMENTS + instrument, minlength=n * N_INSTRUMENTS).reshape(n, N_INSTRUMENTS)
    upper = edges[np.arange(len(document)), instrument]
    lower = np.where(instrument > 0, edges[np.arange(len(document)), instrument - 1], 0.0)
    rest = (luck - lower) / np.maximum(upper - lower, TINY)  # what the choice leaves of the number is uniform again
    stated = rest < c.goals
    rest = np.where(stated, rest / c.goals, (rest - c.goals) / max(1.0 - c.goals, TINY))
    stated |= place == 0
    security = 1.0 / (1.0 + c.power[:, AGAINST])
    goal = (rest >= security[document]).astype(np.int64)
    cell = (document * len(CLASSES) + class_index()[instrument]) * 2 + goal
    goals = np.bincount(cell[stated], minlength=n * len(CLASSES) * 2).reshape(n, len(CLASSES), 2)
    return codes, goals


def write(c: Clauses, p: Pace) -> tuple[Array, Array]:
    """The codes of each document as `tally` has them; stocks and activity move on."""
    codes, goals = tally(c)
    p.stock[:] *= 1.0 - p.decay
    if len(p.stock) == 1:
        p.stock[0] += codes.sum(axis=0)
    else:
        np.add.at(p.stock, c.run, codes)
    p.activity[:] += p.memory * (p.made / p.coverage - p.activity)
    return codes, goals


PARTS = Parts(draft, write)
