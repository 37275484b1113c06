"""The luck of the document process: random numbers by name, addressed by run, quarter, document and clause.

A document's numbers depend on its place in the quarter alone, never on how many others there are. So the same
seeds meet the same luck under any parameters (common random numbers), and only what is needed is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecsim.documents.instruments import N_INSTRUMENTS
from ecsim.economy import Array
from ecsim.streams import Streams

CLAUSES_MAX = 60  # coded clauses of a document at most; ECRA, the longest known, carries about 34
STEP = 8  # documents for which numbers are drawn at once


@dataclass(frozen=True)
class Noise:
    """Random numbers of one quarter: of R runs and D documents each, or of some of these documents.

    Attributes:
        uniform: (R, D, 2) for the issuer, and for document type and joint issue.
        normal: (R, D, 20) standard normal: for the number of clauses, how far a document is about security, and what else it is about.
        clause: (R, D, K) uniform, for instrument and objective of a clause.
    """

    uniform: Array
    normal: Array
    clause: Array

    def of(self, run: Array, slot: Array) -> Noise:
        """The numbers of n documents, without the axis of runs."""
        return Noise(self.uniform[run, slot], self.normal[run, slot], self.clause[run, slot])

    @property
    def documents(self) -> int:
        """Documents a run for which there are numbers."""
        return self.uniform.shape[1]

    @property
    def issuer(self) -> Array:
        """Uniform, for the issuer."""
        return self.uniform[..., 0]

    @property
    def form(self) -> Array:
        """Uniform, for document type and joint issue."""
        return self.uniform[..., 1]

    @property
    def size(self) -> Array:
        """Standard normal, for the number of clauses."""
        return self.normal[..., 0]

    @property
    def theme(self) -> Array:
        """Standard normal, how far a document is about security."""
        return self.normal[..., 1]

    @property
    def taste(self) -> Array:
        """Standard normal, what else a document is about, by instrument."""
        return self.normal[..., 2:]


class Luck:
    """The luck of R runs, drawn on demand and kept.

    Args:
        seeds: seed of each run, or the streams of one run of the model.
        keep: remember what was drawn, for runs that are repeated under other parameters.
    """

    def __init__(self, seeds: Sequence[int] | Streams, *, keep: bool = False) -> None:
        self._streams = [seeds] if isinstance(seeds, Streams) else [Streams(s) for s in seeds]
        self._keep = keep
        self._arrivals: dict[int, Array] = {}
        self._noise: dict[int, Noise] = {}

    @staticmethod
    def ahead(streams: Streams, quarters: range) -> Luck:
        """The luck of one run over some quarters, drawn at once: quarter by quarter it takes more time."""
        luck = Luck(streams, keep=True)
        for quarter in quarters:
            luck.arrivals(quarter)
            luck.noise(quarter, 2 * STEP)
        return luck

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self._streams)

    def arrivals(self, quarter: int) -> Array:
        """Uniform numbers for the count of documents, shape (R,)."""
        if quarter not in self._arrivals:
            drawn = np.array([s.at("documents/arrivals", quarter).random() for s in self._streams])
            if not self._keep:
                return drawn
            self._arrivals[quarter] = drawn
        return self._arrivals[quarter]

    def noise(self, quarter: int, documents: int) -> Noise:
        """Numbers for at least so many documents a run."""
        kept = self._noise.get(quarter)
        if kept is not None and kept.documents >= documents:
            return kept
        drawn = self._draw(quarter, -(-max(documents, 1) // STEP) * STEP)
        if self._keep:
            self._noise[quarter] = drawn
        return drawn

    def _draw(self, quarter: int, d: int) -> Noise:
        uniform = np.empty((self.runs, d, 2))
        normal = np.empty((self.runs, d, 2 + N_INSTRUMENTS), dtype=np.float32)
        clause = np.empty((self.runs, d, CLAUSES_MAX), dtype=np.float32)
        for i, s in enumerate(self._streams):
            s.at("documents/kinds", quarter).random(out=uniform[i])
            s.at("documents/themes", quarter).standard_normal(dtype=np.float32, out=normal[i])
            s.at("documents/clauses", quarter).random(dtype=np.float32, out=clause[i])
        return Noise(uniform, normal, clause)
