"""The documents of a quarter: how many, of which kind, and what each clause says."""

from __future__ import annotations

import numpy as np

from ecsim.documents.instruments import CLASSES, N_INSTRUMENTS, class_index
from ecsim.documents.luck import CLAUSES_MAX
from ecsim.documents.writing import (
    AGAINST,
    CONGRESS,
    COUNT_MAX,
    FORM_OF,
    SIZE,
    Clauses,
    Draft,
    Numbers,
    Outline,
    Pace,
    Parts,
    Setting,
    Terms,
    growth,
)
from ecsim.economy import Array
from ecsim.kernels.jit import alone

TINY = 1e-9
N_CLASSES = len(CLASSES)


def draft(luck: Array, mean: Array, size: float, numbers: Numbers, s: Setting, t: Terms) -> Draft:
    """How many documents of each run, by inversion, who issues them, of which type they are, and what decides what they say."""
    noise, first = numbers(1), (size / (size + mean)) ** size
    count, *of = _draft(luck, mean, size, first, growth(size), noise.uniform, noise.normal, *s, *t)
    if len(of[0]) != count.sum():  # more documents than there were numbers for
        noise = numbers(int(count.max()))
        count, *of = _draft(luck, mean, size, first, growth(size), noise.uniform, noise.normal, *s, *t)
    return Draft(count, noise, Outline(*of))


@alone
def _draft(
    luck: Array,
    mean: Array,
    dispersion: float,
    first: Array,
    steps: Array,
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
) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
    """Documents of each run, and the outline of `draft`; of an outline for which numbers are lacking, nothing."""
    count, n, most_of_one = np.zeros(len(luck), dtype=np.int64), 0, 0
    for r in range(len(luck)):
        success = mean[r] / (mean[r] + dispersion)
        mass, below = 1.0, first[r]
        while luck[r] >= below:
            count[r] += 1
            if count[r] == COUNT_MAX:
                break
            mass *= steps[count[r] - 1] * success
            below += first[r] * mass
        n += count[r]
        most_of_one = max(most_of_one, count[r])
    if most_of_one > uniform.shape[1]:
        n = 0
    run, slot, issuer = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    form, joined, exponent = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.bool_), np.empty((n, SIZE + 1))
    if n == 0:
        return count, run, slot, issuer, form, joined, exponent
    i = 0
    for r in range(len(count)):
        for d in range(count[r]):
            by = int(uniform[r, d, 0] >= issuers[0]) + int(uniform[r, d, 0] >= issuers[1])
            rest = (uniform[r, d, 1] - joint) / (1.0 - joint)
            part = int(uniform[r, d, 1] >= joint) + int(rest >= other_orders)
            run[i], slot[i], issuer[i] = r, d, by
            form[i], joined[i] = FORM_OF[by, part], by != CONGRESS and part == 0
            length, about = normal[r, d, 0], normal[r, d, 1]  # in single precision, as the numbers are drawn
            lean = tilt * anxiety[r] + np.float32(theme_tilt) * about
            most = -np.inf
            for j in range(len(cost)):
                pull = feedback[j] * habit[r, j] + pressure[r] * lobby[j]
                utility = pull + lean * coercion[j] + preference[by, j] + np.float32(taste) * normal[r, d, 2 + j] - cost[j]
                exponent[i, j], most = utility, max(most, utility)
            for j in range(len(cost)):
                exponent[i, j] -= most
            guarded = security + security_anxiety * (anxiety[r] - middle) + (congress if by == CONGRESS else 0.0)
            exponent[i, AGAINST] = -(guarded + np.float32(theme) * about)
            exponent[i, SIZE] = log_size[by] + np.float32(clauses_tail) * length
            i += 1
    return count, run, slot, issuer, form, joined, exponent


def write(c: Clauses, p: Pace) -> tuple[Array, Array]:
    """Codes by instrument, (n, 18), and by class and objective, (n, 5, 2), of each document; stocks and activity move on."""
    codes, stated = _write(*c, class_index(), *p)
    return codes, stated


@alone
def _write(
    run: Array,
    slot: Array,
    power: Array,
    weight: Array,
    luck: Array,
    goals: float,
    of: Array,
    count: Array,
    coverage: float,
    decay: float,
    memory: float,
    stock: Array,
    activity: Array,
) -> tuple[Array, Array]:
    codes = np.zeros((len(run), N_INSTRUMENTS), dtype=np.int64)
    stated = np.zeros((len(run), N_CLASSES, 2), dtype=np.int64)
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
    for r in range(len(stock)):
        activity[r] += memory * (count[r] / coverage - activity[r])
        for j in range(last + 1):
            stock[r, j] *= 1.0 - decay
    for j in range(last + 1):
        if len(stock) == 1:
            of_all = 0
            for i in range(len(run)):
                of_all += codes[i, j]
            stock[0, j] += of_all
        else:
            for i in range(len(run)):
                stock[run[i], j] += codes[i, j]
    return codes, stated


PARTS = Parts(draft, write)
