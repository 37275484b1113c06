"""What is fitted to what: blocks of free parameters and targets that do not touch each other.

The chain is fitted under the script of history, in which allies act as they did; how allies decide is fitted on the
chain as fitted. The process of policy documents runs beside both and has a fit of its own (`analysis.documents.fit`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ecsim.analysis.targets import Target, read_targets
from ecsim.errors import UserError, unknown

CALIBRATION = "calibration"
DOCUMENTS = "documents"


@dataclass(frozen=True)
class Block:
    """Free parameters and the targets that they answer.

    Attributes:
        name: as in `calibrate.blocks`.
        policy: runs that the targets are judged on, as an entry of `experiment.policies`.
        free: dotted names of the parameters.
        quarters: length of a run, no more than the targets need.
        times: runs at a point for each of `calibrate.seeds`; more where a target is a date, which is one number a run.
    """

    name: str
    policy: str
    free: tuple[str, ...]
    quarters: int
    times: int = 1

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the block: those with the role, judged on its runs."""
        return tuple(t for t in read_targets().judged if t.role == CALIBRATION and t.policy == self.policy)


BLOCKS: dict[str, Block] = {
    block.name: block
    for block in (
        Block(
            "chain",
            "history",
            (
                "accounts.announcement",
                "permission.fdp_scale",
                "permission.over_compliance",
                "permission.leak_scale",
                "adaptation.threat_memory",
                "production.price_markup",
            ),
            quarters=16,
        ),
        Block(
            "wave",
            "history alliance=endogenous",
            ("accession.inclination", "accession.threat", "accession.pressure", "accession.stake", "accession.retaliation"),
            quarters=36,
            times=4,
        ),
    )
}
NAMES = (*BLOCKS, DOCUMENTS)


def check_blocks(names: tuple[str, ...]) -> None:
    """Check the names of blocks.

    Raises:
        UserError: an unknown block, one named twice, or none.
    """
    for name in names:
        if name not in NAMES:
            raise unknown("calibrate.blocks", "block", name, NAMES)
    if not names or len(set(names)) < len(names):
        raise UserError(f"calibrate.blocks: {list(names)} will not do; accepted: each of {', '.join(NAMES)} at most once")
