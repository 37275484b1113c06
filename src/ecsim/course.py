"""The course of a run: moves and what follows from them, quarter by quarter, and what a run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from ecsim import flows, longform, outcomes, population, strategies, tools
from ecsim.arguments import most_at_once
from ecsim.baseline import Baseline
from ecsim.documents.process import Batch
from ecsim.documents.record import document_table
from ecsim.economy import Array, Economy
from ecsim.mechanisms.opening import open_world
from ecsim.moves import Move
from ecsim.params import Params
from ecsim.record import Recorder
from ecsim.schedule import flows_by, noted_by, played_by, resting, threads_for
from ecsim.strategies.base import Patient, Strategy
from ecsim.strategies.history import Script
from ecsim.strategies.secretariat import Secretariat
from ecsim.yearly import compute as compute_yearly
from ecsim.yearly import tracks_for

if TYPE_CHECKING:
    from ecsim.config import RunConfig


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run leaves behind. Tables are made when asked for.

    Attributes:
        label: name of the policy.
        seed: seed of the run.
        outcomes: outcome name -> value.
        baseline: the path without controls that it was measured against.
        economy: the economy it ran in.
        record: recorded tracks.
        moves: every move made, with the id of the rule or measure that it made or changed.
        trade: trade of the last quarters, shape (kinds, P, S, S).
        papers: policy documents, where the policy writes them, one batch a quarter.
        evidence: id of each move of a scenario -> what it rests on.
    """

    label: str
    seed: int
    outcomes: dict[str, float]
    baseline: Baseline
    economy: Economy
    record: Recorder
    moves: tuple[tuple[Move, str], ...]
    trade: Array
    papers: tuple[Batch, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Time series, long: quarter, name, key, value. Policy documents are the series document, code and objective."""
        return longform.plain(self._series()).to_pandas()

    def _series(self) -> pa.Table:
        noted = self.record.long()
        return longform.joined([noted, longform.of_frame(document_table(self.papers))]) if self.papers else noted

    def stored(self, name: str) -> pa.Table:
        """One of the long tables ("series", "events" or "flows") as studies keep it."""
        return {"series": self._series, "events": self._events, "flows": self._flows}[name]()

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every move made: quarter, actor, verb, tool, rule, evidence, source, text_en, text_zh.

        Evidence (read, remembered or assumption) and source are those of the scenario; empty where the model decided.
        """
        return longform.plain(self._events()).to_pandas()

    def _events(self) -> pa.Table:
        moves, rests = [move for move, _ in self.moves], [self._rests_on(move) for move, _ in self.moves]
        columns = {
            "actor": [m.actor for m in moves],
            "verb": [m.verb for m in moves],
            "tool": [m.tool for m in moves],
            "rule": [rule for _, rule in self.moves],
            "evidence": [evidence for evidence, _ in rests],
            "source": [source for _, source in rests],
            "text_en": tools.sentences(self.moves, "en"),
            "text_zh": tools.sentences(self.moves, "zh"),
        }
        quarter = pa.array([m.quarter for m in moves], pa.int64())
        return pa.table({"quarter": quarter} | {name: longform.texts(column) for name, column in columns.items()})

    def _rests_on(self, move: Move) -> tuple[str, str]:
        """Evidence and source of a move of a scenario; a continuation is an assumption, and says so."""
        return (self.evidence[move.id], move.source) if move.id in self.evidence else ("", "")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Trade of the last quarters by product, origin and destination."""
        return longform.plain(self._flows()).to_pandas()

    def _flows(self) -> pa.Table:
        return flows.flow_table(self.economy, self.trade, self.baseline.flows)


class Course:
    """One run of the simulation: `step()` plays a quarter, `run()` plays the rest and returns the result.

    Quarters of which nobody has to be asked are played in one go by whoever plays several, which comes to the same. Whoever wants to look
    at states, alliances and firms as agents takes the Mesa model of it (`ecsim.model`).

    Args:
        params: parameters.
        seed: seed of the run's random streams.
        players: strategies that emit moves.
        label: name of the policy, for tables.
        economy: a built economy; by default the shipped population at the parameters' size.
        baseline: path without controls of the same parameters and seed; computed when needed and not given.
        yearly: outcomes by year to record and compute (`ecsim.yearly`).
    """

    def __init__(
        self,
        params: Params | None = None,
        seed: int = 1,
        players: Sequence[Strategy] = (),
        *,
        label: str = "none",
        economy: Economy | None = None,
        baseline: Baseline | None = None,
        yearly: Sequence[str] = (),
    ) -> None:
        self.params = params or Params()
        self.run_seed = seed
        self.label = label
        self.players = tuple(players)
        self.economy = economy if economy is not None else population.build(self.params)
        if baseline is None and self.players:
            baseline = baseline_of(self.params, seed, self.economy, yearly)
        self.baseline = baseline
        self.threads = threads_for(self.economy.n_firms)
        rests = resting(self.params.time.engine, self.threads)
        self._resting, self._most = rests or (), 1 if rests is None else most_at_once(self.economy)
        self._flows_from = self.params.time.quarters - flows.LAST_QUARTERS
        self.world = open_world(self.economy, self.params, seed, baseline)
        self.yearly = tuple(yearly)
        self.recorder = Recorder(self.economy, self.params.time.quarters, tracks_for(yearly), noted_by(self.params.time.engine))
        self.world.tracks = self.recorder.tracks
        self.moves: list[tuple[Move, str]] = []
        self.first_control: int | None = None
        shape = (len(flows.KINDS), self.economy.n_products, self.economy.n_states, self.economy.n_states)
        self._flows = np.zeros(shape)

    @classmethod
    def from_config(cls, config: RunConfig, *, economy: Economy | None = None, baseline: Baseline | None = None) -> Self:
        """A run as configured."""
        economy = economy if economy is not None else population.build(config.params)
        players = strategies.build(config, economy)
        return cls(config.params, config.seed, players, label=config.label, economy=economy, baseline=baseline, yearly=config.yearly)

    @property
    def quarter(self) -> int:
        """Quarters played."""
        return self.world.quarter

    @property
    def finished(self) -> bool:
        """Whether the horizon is reached."""
        return self.quarter >= self.params.time.quarters

    def step(self) -> None:
        """Play one quarter."""
        if self.finished:
            raise RuntimeError(f"the run ended after {self.quarter} quarters")
        self._play_on(self.quarter + 1)

    def _play_on(self, until: int) -> None:
        """Play a quarter, and those after it in which nobody moves, before another: perceive, decide, and let the consequences run."""
        w = self.world
        perception, consequences = played_by(self.params.time.engine, self.threads)
        for mechanism in perception:
            mechanism(w)
        for player in self.players:
            for move in player.moves(w, w.quarter):
                self.play(move)
        w.at_once = self._asked_again(until) - w.quarter
        for mechanism in consequences:
            mechanism(w)
        self._remember()
        w.quarter += w.at_once
        w.at_once = 1

    def _asked_again(self, until: int) -> int:
        """The first quarter after this one, and before another, of which anybody must be asked or that else has to begin here."""
        w = self.world
        soon, first = w.quarter + 1, min(until, w.quarter + self._most, self._flows_from)
        if first <= soon or self.recorder.asks or not all(rests(w) for rests in self._resting):
            return soon
        for player in self.players:
            if not isinstance(player, Patient):
                return soon
            first = min(first, player.idle_until(w, w.quarter))
        return max(first, soon)

    def play(self, move: Move) -> None:
        """Enact one move in the current quarter.

        Raises:
            UserError: the move may not be made.
        """
        made = tools.enact(move, self.world)
        self.moves.append((move, made or ""))
        if self.first_control is None and self.world.book.rules:
            self.first_control = self.world.quarter

    def _remember(self) -> None:
        w = self.world
        self.recorder.note(w)
        if w.quarter >= self._flows_from:
            flows_by(self.params.time.engine)(w, self._flows, 1.0 / min(flows.LAST_QUARTERS, self.params.time.quarters))

    def run(self) -> RunResult:
        """Play to the end."""
        self.play_out()
        return self.result()

    def play_out(self) -> None:
        """Play the rest."""
        while not self.finished:
            self._play_on(self.params.time.quarters)

    def as_baseline(self) -> Baseline:
        """This finished run as the path that others are measured against."""
        tracks = self.recorder.tracks
        return Baseline(tracks["frontier"], tracks["value_location"], self._flows[0], tracks)

    def result(self) -> RunResult:
        """Outcomes and tables of the finished run."""
        base = self.baseline if self.baseline is not None else self.as_baseline()
        papers = tuple(next((p.papers for p in self.players if isinstance(p, Secretariat)), ()))
        trace = outcomes.Trace(self.economy, self.params, self.recorder.tracks, base.tracks, self.first_control)
        values = outcomes.compute(trace) | compute_yearly(self.yearly, trace, self.moves)
        evidence = {name: kind for p in self.players if isinstance(p, Script) for name, kind in p.scenario.evidence.items()}
        moves = tuple(self.moves)
        return RunResult(self.label, self.run_seed, values, base, self.economy, self.recorder, moves, self._flows, papers, evidence)


def baseline_of(params: Params, seed: int, economy: Economy, yearly: Sequence[str] = ()) -> Baseline:
    """The path without controls of these parameters and this seed."""
    course = Course(params, seed, economy=economy, yearly=yearly)
    course.play_out()
    return course.as_baseline()


def simulate(config: RunConfig, baseline: Baseline | None = None) -> RunResult:
    """One configured run."""
    return Course.from_config(config, baseline=baseline).run()
