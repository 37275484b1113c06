"""The documents of a quarter: how many, of which kind, and what each clause says."""

from __future__ import annotations

import numpy as np

from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, class_index
from ecsim.documents.luck import CLAUSES_MAX, Noise
from ecsim.documents.writing import AGAINST, CONGRESS, COUNT_MAX, FORM_OF, SIZE, Clauses, Outline, Parts, Setting, Terms, growth
from ecsim.economy import Array
from ecsim.kernels.jit import alone

TINY = 1e-9


def count(luck: Array, mean: Array, size: float) -> Array:
    """Negative binomial counts by inversion."""
    found = np.zeros(len(luck), dtype=np.int64)
    _count(luck, mean / (mean + size), (size / (size + mean)) ** size, growth(size), found)
    return found


@alone
def _count(luck: Array, odds: Array, first: Array, growth: Array, found: Array) -> None:
    for r in range(len(luck)):
        mass, below = 1.0, first[r]
        while luck[r] >= below:
            found[r] += 1
            if found[r] == COUNT_MAX:
                break
            mass *= growth[found[r] - 1] * odds[r]
            below += first[r] * mass


def outline(count: Array, noise: Noise, s: Setting, t: Terms) -> Outline:
    """So many documents of each run: who issues them, of which type they are, and what decides what they say."""
    n = int(count.sum())
    run, slot, issuer, form = (np.empty(n, dtype=np.int64) for _ in Outline._fields[:4])
    of = Outline(run, slot, issuer, form, np.empty(n, dtype=bool), np.empty((n, SIZE + 1)))
    _outline(count, noise.uniform, noise.normal, *s, *t, *of)
    return of


@alone
def _outline(
    count: Array,
    uniform: Array,
    normal: Array,
    issuers: Array,
    congress: float,
    anxiety: Array,
    pressure: Array,
    habit: Array,
    feedback: Array,
    lobby: Array,
    coercion: Array,
    preference: Array,
    cost: Array,
    log_size: Array,
    tilt: float,
    theme_tilt: float,
    taste: float,
    security: float,
    security_anxiety: float,
    middle: float,
    theme: float,
    clauses_tail: float,
    joint: float,
    other_orders: float,
    run: Array,
    slot: Array,
    issuer: Array,
    form: Array,
    joined: Array,
    exponent: Array,
) -> None:
    i = 0
    for r in range(len(count)):
        for d in range(count[r]):
            by = int(uniform[r, d, 0] >= issuers[0]) + int(uniform[r, d, 0] >= issuers[1])
            rest = (uniform[r, d, 1] - joint) / (1.0 - joint)
            part = int(uniform[r, d, 1] >= joint) + int(rest >= other_orders)
            run[i], slot[i], issuer[i] = r, d, by
            form[i], joined[i] = FORM_OF[by, part], by != CONGRESS and part == 0
            size, about = normal[r, d, 0], normal[r, d, 1]  # in single precision, as the numbers are drawn
            lean = tilt * anxiety[r] + np.float32(theme_tilt) * about
            most = -np.inf
            for j in range(len(cost)):
                pull = feedback[j] * habit[r, j] + pressure[r] * lobby[j]
                utility = pull + lean * coercion[j] + preference[by, j] + np.float32(taste) * normal[r, d, 2 + j] - cost[j]
                exponent[i, j], most = utility, max(most, utility)
            for j in range(len(cost)):
                exponent[i, j] -= most
            odds = security + security_anxiety * (anxiety[r] - middle) + (congress if by == CONGRESS else 0.0)
            exponent[i, AGAINST] = -(odds + np.float32(theme) * about)
            exponent[i, SIZE] = log_size[by] + np.float32(clauses_tail) * size
            i += 1


def tally(c: Clauses) -> tuple[Array, Array]:
    """Codes by instrument, (n, 18), and by class and objective, (n, 5, 2), of each document."""
    codes = np.zeros((len(c.run), N_INSTRUMENTS), dtype=np.int64)
    stated = np.zeros((len(c.run), len(CLASSES), 2), dtype=np.int64)
    _tally(*c, class_index(), codes, stated)
    return codes, stated


@alone
def _tally(run: Array, slot: Array, power: Array, weight: Array, luck: Array, goals: float, of: Array, codes: Array, stated: Array) -> None:
    last = codes.shape[1] - 1
    choice = np.empty(last + 1)
    for i in range(len(run)):
        total = 0.0
        for j in range(last + 1):
            total += power[i, j] / weight[i]
            choice[j] = total
        security = 1.0 / (1.0 + power[i, AGAINST])
        size = int(min(max(np.ceil(power[i, SIZE]), 1.0), CLAUSES_MAX))
        for k in range(size):
            number = np.float64(luck[run[i], slot[i], k])
            instrument = 0
            while instrument < last and number >= choice[instrument]:
                instrument += 1
            codes[i, instrument] += 1
            lower = choice[instrument - 1] if instrument > 0 else 0.0
            rest = (number - lower) / max(choice[instrument] - lower, TINY)
            if rest < goals:
                stated[i, of[instrument], int(rest / goals >= security)] += 1
            elif k == 0:
                stated[i, of[instrument], int((rest - goals) / max(1.0 - goals, TINY) >= security)] += 1


PARTS = Parts(count, outline, tally)
