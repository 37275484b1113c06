"""All tables of a study of alliance participation, from its stored runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from ecsim.analysis.measures import HEADLINE, MEASURES, sort_outcomes
from ecsim.analysis.participation.curves import SENSES, break_even_table, response_table, threshold_table
from ecsim.analysis.participation.effects import delay_table, fence_table, interaction_table
from ecsim.analysis.participation.joining import joining_table
from ecsim.analysis.participation.members import member_table, members_in
from ecsim.analysis.study import Study, load_study
from ecsim.errors import UserError

COMMAND = "alliance"


@dataclass(frozen=True, eq=False)
class Participation:
    """The tables of one study.

    Attributes:
        study: its stored runs.
    """

    study: Study

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The successful runs."""
        return self.study.ok

    @cached_property
    def policy(self) -> str:
        """Label of the policy whose alliance is studied."""
        return str(self.runs.loc[self.runs["part"] == "end", "policy"].iloc[0]).split(":")[0]

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Who can join, in joining order."""
        return members_in(self.runs)

    @cached_property
    def marginal(self) -> str:
        """How the last member joins by extent: "part" or "whole"."""
        alliance = (self.study.manifest.get("config") or {}).get("alliance") or {}
        return str(alliance.get("marginal", "part"))

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Every outcome that was computed in all runs."""
        known = [o for o in self.study.outcomes if o in MEASURES and self.runs[o].notna().all()]
        return tuple(sort_outcomes(known))

    @cached_property
    def headline(self) -> tuple[str, ...]:
        """One outcome for each purpose and each cost."""
        return tuple(o for o in HEADLINE.values() if o in self.outcomes)

    @cached_property
    def response(self) -> pd.DataFrame:
        """See `response_table`; every outcome."""
        return response_table(self.runs, self.outcomes)

    @cached_property
    def thresholds(self) -> pd.DataFrame:
        """See `threshold_table`; every outcome."""
        return threshold_table(self.runs, self.outcomes)

    @cached_property
    def break_even(self) -> pd.DataFrame:
        """See `break_even_table`; the headline outcomes."""
        return break_even_table(self.runs, self.headline)

    @cached_property
    def joining(self) -> pd.DataFrame:
        """See `joining_table`; empty where the study did not store shares of supply."""
        return joining_table(self.study.manifest.get("supply") or {})

    @cached_property
    def by_member(self) -> pd.DataFrame:
        """See `member_table`; the headline outcomes."""
        return member_table(self.runs, self.headline)

    @cached_property
    def delay(self) -> pd.DataFrame:
        """See `delay_table`; every outcome."""
        return delay_table(self.runs, self.outcomes)

    @cached_property
    def fence(self) -> pd.DataFrame:
        """See `fence_table`; the headline outcomes."""
        return fence_table(self.runs, self.headline)

    @cached_property
    def interaction(self) -> pd.DataFrame:
        """See `interaction_table`; the headline outcomes."""
        return interaction_table(self.runs, self.headline)

    @cached_property
    def used(self) -> dict[str, int]:
        """Part of the study -> draws that its headline numbers rest on at least: those that lack one of its runs are left out of it.

        Parts are those that were run of the senses of participation, "even", "members", "delay" and "fence"; one without numbers has 0.
        """
        runs = self.study.runs
        ran = {*runs["part"], *runs.loc[runs["part"] == "curve", "sense"]}
        tables = {sense: self.response[self.response["sense"] == sense] for sense in SENSES if sense in ran}
        tables |= {"even": self.break_even} if tables else {}
        others = {"single": ("members", self.by_member), "delay": ("delay", self.delay), "fence": ("fence", self.interaction)}
        tables |= dict(found for part, found in others.items() if part in ran)
        headline = {part: t[t["outcome"].isin(self.headline)] for part, t in tables.items()}
        return {part: int(t["draws"].min()) if len(t) else 0 for part, t in headline.items()}

    @cached_property
    def empty(self) -> tuple[str, ...]:
        """Points of the design at which no run succeeded."""
        return tuple(p for p in pd.unique(self.study.failed["policy"]) if p not in set(self.runs["policy"]))

    def write(self, folder: Path) -> None:
        """Store every table as CSV.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = ("joining", "response", "thresholds", "break_even", "by_member", "delay", "fence", "interaction")
        for name in names:
            getattr(self, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def load_participation(folder: Path | str) -> Participation:
    """The stored study of a results folder.

    Raises:
        UserError: the folder holds no study of the alliance.
    """
    study = load_study(folder)
    if "part" not in study.runs or "joined" not in study.runs:
        raise UserError(f"{folder}: no study of alliance participation; accepted: a folder that 'ecsim alliance' wrote")
    ends = study.ok.loc[study.ok["part"] == "end", "joined"]
    if not {0.0, 1.0} <= set(ends):
        raise UserError(f"{folder}: no run with nobody and with everybody succeeded; accepted: a study that has both (ecsim resume)")
    return Participation(study)
