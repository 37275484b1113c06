"""The runs of a study: every variant of policy in every replicate, cut into chunks that share work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ecsim.config import RunConfig, digest, with_values
from ecsim.convert import plain
from ecsim.errors import UserError
from ecsim.experiment.design import Replicate

LARGEST_CHUNK = 16  # runs; beyond it, starting a chunk costs nothing worth saving
MOST_CHUNKS = 20_000  # of a study: each is a file until the end
LARGE = 4_096  # runs of a study from which chunks may be larger, as each is a file
LARGEST_OF_LARGE = 64
CHUNKS_OF_LARGE = 256
CHUNKS_A_STUDY = 32  # at least, where there are runs enough: keeps workers busy to the end and progress moving


@dataclass(frozen=True)
class Variant:
    """One policy, or point of a design, of a study.

    Attributes:
        config: the run's configuration but for draw and seed; its label names the variant.
        columns: what the table of runs says of it beside the label, for example {"scope": "wide"}.
        fixed: what the variant itself sets (parameters, a seed), dotted name -> value; it stands, whatever is drawn.
    """

    config: RunConfig
    columns: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shard:
    """A part of a plan: every n-th chunk.

    Attributes:
        number: 1 to `of`.
        of: number of parts.
    """

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """From "3/16".

        Raises:
            UserError: another form, or a number beyond the parts.
        """
        number, _, of = text.partition("/")
        if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
            raise UserError(f"shard: '{text}' will not do; accepted: part and number of parts, such as 3/16")
        return cls(int(number), int(of))

    def holds(self, chunk: int) -> bool:
        """Whether a chunk belongs to this part."""
        return chunk % self.of == self.number - 1


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
        factors: what a design varies, name -> ends of its range, in the order of its columns.
        idle: parameters that would be drawn if anything in the study read them.
    """

    command: str
    variants: Sequence[Variant]
    replicates: Sequence[Replicate]
    series: bool = True
    factors: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    idle: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.variants) * len(self.replicates)

    def jobs(self) -> Iterator[Job]:
        """The runs: replicate by replicate, and in each all variants, those of the same parameters together."""
        order = self._order()
        for r in self.replicates:
            for v in order:
                variant = self.variants[v]
                run = r.index * len(self.variants) + v
                config = with_values(replace(variant.config, seed=r.seed), {**r.values, **variant.fixed}, f"draw {r.draw}")
                keys = {"run": run, "policy": config.label, "replicate": r.index, "draw": r.draw, "seed": config.seed}
                drawn = {name: variant.fixed.get(name, value) for name, value in r.values.items()}
                yield Job(run, config, {**keys, **variant.columns, **drawn})

    def _order(self) -> list[int]:
        """Indices of the variants, those of equal parameters together: they share the path without controls."""
        first: dict[Any, int] = {}
        rank = [first.setdefault((v.config.params, tuple(sorted(v.fixed.items()))), i) for i, v in enumerate(self.variants)]
        return sorted(range(len(self.variants)), key=lambda i: rank[i])

    @property
    def chunk_size(self) -> int:
        """Runs of a chunk, where replicates do not end it sooner or later."""
        size = min(max(len(self) // CHUNKS_A_STUDY, 1), LARGEST_CHUNK)
        if len(self) >= LARGE:
            size = min(max(len(self) // CHUNKS_OF_LARGE, size), LARGEST_OF_LARGE)
        return max(size, -(-len(self) // MOST_CHUNKS))

    def chunks(self) -> Iterator[list[Job]]:
        """The runs in chunks, in order. Runs of one chunk with equal parameters and seed share a baseline.

        The chunks depend on the study alone, not on the number of workers.
        """
        size = self.chunk_size
        most = max(size, LARGEST_CHUNK)
        chunk: list[Job] = []
        for job in self.jobs():
            full = len(chunk) >= size and (job.columns["replicate"] != chunk[-1].columns["replicate"] or len(chunk) >= most)
            if full:
                yield chunk
                chunk = []
            chunk.append(job)
        if chunk:
            yield chunk

    @property
    def plan_hash(self) -> str:
        """Changes with anything that the table of runs depends on, but for the program; also with what is in files of the user's."""
        seen: dict[int, str] = {}  # sections are shared by variants: each is written out once

        def once(section: Any) -> str:
            if id(section) not in seen:
                seen[id(section)] = digest(plain(section))
            return seen[id(section)]

        variants = [[*(once(getattr(v.config, f.name)) for f in fields(v.config)), dict(v.columns), dict(v.fixed)] for v in self.variants]
        replicates, files = [[r.draw, r.seed, r.values] for r in self.replicates], self.own_files()
        return digest([variants, replicates, self.series, *([files] if files else [])])

    def own_files(self) -> dict[str, str]:
        """Files of the user's that runs read, and a digest of what is in each."""
        read = {(v.config.params.population.tables, v.config.scenario): v.config for v in self.variants}
        return {file: seen for config in read.values() for file, seen in config.own_files().items()}
