"""What `ecsim calibrate` shows: parameters beside the shipped ones, loss by target, what the data pin down."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from ecsim import config
from ecsim.analysis.text.columns import Rows, as_text
from ecsim.analysis.text.words import number
from ecsim.calibration.blocks import DOCUMENTS
from ecsim.calibration.run import Calibration, calibrate, runs_of
from ecsim.cores import one_thread
from ecsim.errors import UserError
from ecsim.grammar import check_once
from ecsim.params import REGISTRY
from ecsim.progress import Progress
from ecsim.verdicts import Conclusion

REPRODUCED = 0.05  # of the plausible range: as near counts as the same result


def run_calibration(overrides: Sequence[str], config_dir: Path | None) -> Conclusion:
    """Calibrate with progress, and say what came of it.

    Raises:
        UserError: a mistake in the overrides.
    """
    for word in overrides:
        if word.startswith("--"):
            raise UserError(f"unknown option '{word}'; accepted: --json, --config-dir, --cfg, and overrides such as calibrate.seeds=4")
    check_once(overrides)
    most = runs_of(config.compose(overrides, config_dir=config_dir).calibrate)
    with one_thread(), Progress(most, "runs") as shown:
        found = calibrate(overrides, config_dir, shown.advance)
    return conclude(found)


def conclude(found: Calibration) -> Conclusion:
    """Tables of text, and the same for a program."""
    same = {name: reproduced(name, value) for name, value in found.values.items()}
    near = f"{sum(same.values())} of {len(same)} parameters lie within {REPRODUCED:.0%} of their range from the shipped value."
    loss = found.loss.query("fitted").groupby("block", sort=False)["loss"].sum()
    told = "Loss (sum of squared distances of fitted targets, in tolerances): " + ", ".join(
        f"{block} {value:.2f}" for block, value in loss.items()
    )
    parts = [
        f"Parameters\n\n{as_text(_parameter_rows(found))}",
        f"Targets\n\n{as_text(_target_rows(found))}",
        told,
        near,
        f"Results: {found.folder}\nUse it:  params={found.file}",
    ]
    values = {
        "folder": str(found.folder),
        "params": str(found.file),
        "values": dict(found.values),
        "reproduced": same,
        "loss": {str(k): float(v) for k, v in loss.items()},
        "not_pinned": found.identifiability.query("not pinned")["parameter"].tolist(),
    }
    return Conclusion("\n\n".join(parts), values)


def reproduced(name: str, value: float) -> bool:
    """Whether a value is the shipped one within tolerance."""
    info = REGISTRY[name]
    assert info.lo is not None and info.hi is not None
    return abs(value - float(info.default)) <= REPRODUCED * (info.hi - info.lo)


def _parameter_rows(found: Calibration) -> Rows:
    rows = []
    for t in found.identifiability.to_dict("records"):
        width = t.get("width_over_range")
        known = width is not None and not isnan(width)
        rows.append(
            {
                "parameter": t["parameter"],
                "value": f"{t['value']:.4g}",
                "shipped": f"{REGISTRY[t['parameter']].default:.4g}",
                "range": f"{t['range_lo']:g} to {t['range_hi']:g}",
                "90% profile": f"{t['profile_lo']:.3g} to {t['profile_hi']:.3g}" if known else "one constant, one total",
                "of range": f"{width:.0%}" if known else "",
                "pinned down": "yes" if t["pinned"] else "not alone: fitted jointly" if t["block"] == DOCUMENTS else "no: prior median",
            }
        )
    return rows


def _target_rows(found: Calibration) -> Rows:
    return [
        {
            "block": t["block"],
            "target": t["target"],
            "outcome": t["outcome"],
            "record": number(t["record"]),
            "model": number(t["model"]),
            "tolerance": number(t["tolerance"]),
            "off, in tolerances": f"{t['off']:+.2f}",
            "fitted": "yes" if t["fitted"] else "out of reach",
        }
        for t in found.loss.to_dict("records")
    ]
