"""The runs of a study: every variant of policy in every replicate, cut into chunks that share work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecsim.config import RunConfig, digest
from ecsim.convert import plain
from ecsim.experiment.design import Replicate

LARGEST_CHUNK = 16  # runs; beyond it, starting a chunk costs nothing worth saving
CHUNKS_A_STUDY = 32  # at least, where there are runs enough: keeps workers busy to the end and progress moving


@dataclass(frozen=True)
class Variant:
    """One policy, or point of a design, of a study.

    Attributes:
        config: the run's configuration but for draw and seed; its label names the variant.
        columns: what the table of runs says of it beside the label, for example {"scope": "wide"}.
        fixed: parameters of the variant itself, dotted name -> value; they stand, whatever is drawn.
    """

    config: RunConfig
    columns: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One run.

    Attributes:
        run: its number in the study.
        config: what it runs.
        columns: its row in the table of runs, but for status and outcomes.
    """

    run: int
    config: RunConfig
    columns: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """All runs of a study.

    Attributes:
        command: the command that asked for it.
        variants: policies or points of a design; labels differ.
        replicates: draws and seeds, shared by all variants.
        series: store time series, events and flows.
    """

    command: str
    variants: Sequence[Variant]
    replicates: Sequence[Replicate]
    series: bool = True

    def __len__(self) -> int:
        return len(self.variants) * len(self.replicates)

    def jobs(self) -> Iterator[Job]:
        """The runs in order: replicate by replicate, and in each all variants."""
        for r in self.replicates:
            for v, variant in enumerate(self.variants):
                run = r.index * len(self.variants) + v
                params = variant.config.params.with_values({**r.values, **variant.fixed}, f"draw {r.draw}")
                config = replace(variant.config, params=params, seed=r.seed)
                keys = {"run": run, "policy": config.label, "replicate": r.index, "draw": r.draw, "seed": r.seed}
                drawn = {name: variant.fixed.get(name, value) for name, value in r.values.items()}
                yield Job(run, config, {**keys, **variant.columns, **drawn})

    def chunks(self) -> Iterator[list[Job]]:
        """The runs in chunks, in order. Runs of one chunk with equal parameters and seed share a baseline.

        The chunks depend on the study alone, not on the number of workers.
        """
        size = min(max(len(self) // CHUNKS_A_STUDY, 1), LARGEST_CHUNK)
        chunk: list[Job] = []
        for job in self.jobs():
            full = len(chunk) >= size and (job.config.seed != chunk[-1].config.seed or len(chunk) >= LARGEST_CHUNK)
            if full:
                yield chunk
                chunk = []
            chunk.append(job)
        if chunk:
            yield chunk

    @property
    def plan_hash(self) -> str:
        """Changes with anything that the table of runs depends on, but for the program."""
        variants = [[plain(v.config), dict(v.columns), dict(v.fixed)] for v in self.variants]
        return digest([variants, [[r.draw, r.seed, r.values] for r in self.replicates], self.series])
