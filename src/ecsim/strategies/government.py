"""The incumbent's government chooses its own controls: power transition, home interests and habit (model section 7.7).

Twice a year, as the Unified Agenda of regulation is drawn up, it surveys every tool and product in both
directions, companies and products to list, and measures beside trade; what ranks highest within its
administrative capacity is taken up over the two quarters that follow. Lists, relief and measures beside trade are
acts at once; a rule on goods is drafted first, and the faster the more capable the administration:

    U = wS A denial - wD (1 - A) revenue lobby + protection - wF friction - wR anger exposure denial
        - wQ voice strictness - upkeep + beta log(1 + stock of the tool) + Gumbel noise

Leaving things as they are is one of the options. What a move would bring is counted with its sign, so that
relaxing is the mirror of tightening.
"""

from __future__ import annotations

import numpy as np

from ecsim.moves import Move
from ecsim.strategies.administration import AdministrationOf, unchanged
from ecsim.strategies.allies import levels
from ecsim.strategies.bargain import bargain
from ecsim.strategies.choice import Option, Options, Scale
from ecsim.strategies.docket import GROUNDS, Agenda, Docket
from ecsim.strategies.listing import prospects
from ecsim.strategies.outlook import Observer
from ecsim.strategies.settings import PolicyConfig, quarter_of
from ecsim.strategies.yard import survey, worth
from ecsim.world import World

WHETHER, GROUND = "government.whether", "government.ground"
AGENDA = 2  # quarters that an agenda covers
TINY = 1e-12


class Government:
    """The incumbent as it chooses.

    Args:
        config: start, scope (products it may control; empty for all), end uses, exempt owners.
        observer: shared with other strategies of the run.
        administration: what the stocks of instruments do; unchanged unless documents are coupled.
    """

    def __init__(self, config: PolicyConfig, observer: Observer, administration: AdministrationOf = unchanged) -> None:
        self.config = config
        self.observer = observer
        self.administration = administration
        self.start = quarter_of(config.start, "policy.start")
        self.taken: list[tuple[int, Option]] = []
        self.docket: Docket | None = None
        self._agenda = Agenda([], np.zeros(0))

    def moves(self, world: World, quarter: int) -> list[Move]:
        """The moves of the quarter, in order of utility."""
        if quarter < self.start:
            return []
        if self.docket is None:
            self.docket = Docket.of(world, self.config)
        docket = self.docket
        docket.stock *= 1.0 - world.params.government.decay
        fresh = (quarter - self.start) % AGENDA == 0
        if fresh:
            self._agenda = self._draw_up(world, docket)
        agenda = self._agenda
        due, agenda.options = agenda.options[: agenda.now(fresh)], agenda.options[agenda.now(fresh) :]
        ready = docket.ready(quarter)
        for option in due:
            self.taken.append((quarter, option))
            if option.kind == "tighten":
                docket.draft(world, option, agenda, self.administration(world).capacity)
            else:
                ready.append(option)
        if not ready:
            return []
        luck = world.streams.uniform(GROUND, quarter, (len(ready), len(GROUNDS)))
        noises = world.params.government.noise * np.log(-np.log(np.maximum(luck, TINY)))
        return [docket.carry_out(world, option, agenda, docket.ground(world, noise)) for option, noise in zip(ready, noises, strict=True)]

    def _draw_up(self, w: World, docket: Docket) -> Agenda:
        """What is to be done over the two quarters that begin now."""
        p = w.params.government
        seen, admin = self.observer.look(w), self.administration(w)
        deal = bargain(w.quarter, p, admin.capacity)
        yard = survey(w, seen, docket.theta, levels(w), docket.within)
        listing = prospects(w, seen, yard.home, worth(w.economy, p.emerging, p.fade), docket.listed, docket.counted)
        options = Options.of(w, Scale.of(w, seen, deal, admin.precision), docket, yard.change, listing)
        count = capacity_of(w, AGENDA * p.capacity * deal.capacity)
        return Agenda(options.best(w, count), yard.threshold)


def capacity_of(w: World, mean: float) -> int:
    """Whole moves of an agenda; the rest of the mean is a matter of luck."""
    part = float(w.streams.uniform(WHETHER, w.quarter, 1)[0])
    return min(w.params.government.most, int(mean + part))
