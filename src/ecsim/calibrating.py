"""What `ecsim calibrate` shows: parameters beside the shipped ones, loss by target, what the data pin down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

from ecsim import config
from ecsim.analysis.text.columns import Rows, as_text
from ecsim.analysis.text.words import Words, number, words_of
from ecsim.calibration.blocks import DOCUMENTS
from ecsim.calibration.run import Calibration, calibrate, runs_of
from ecsim.cores import one_thread
from ecsim.errors import UserError
from ecsim.grammar import check_once
from ecsim.params import REGISTRY
from ecsim.progress import Progress
from ecsim.verdicts import ENGLISH, Conclusion

REPRODUCED = 0.05  # of the plausible range: as near counts as the same result


def run_calibration(overrides: Sequence[str], config_dir: Path | None, lang: str = "en") -> Conclusion:
    """Calibrate with progress, and say what came of it.

    Raises:
        UserError: a mistake in the overrides, or no such language.
    """
    for word in overrides:
        if word.startswith("--"):
            raise UserError(
                f"unknown option '{word}'; accepted: --json, --config-dir, --lang, --cfg, and overrides such as calibrate.seeds=4"
            )
    check_once(overrides)
    w = words_of(lang)
    most = runs_of(config.compose(overrides, config_dir=config_dir).calibrate)
    with one_thread(), Progress(most, "runs", lang=lang) as shown:
        found = calibrate(overrides, config_dir, shown.advance, lang)
    return conclude(found, w)


def conclude(found: Calibration, w: Words = ENGLISH) -> Conclusion:
    """Tables of text, and the same for a program."""
    same = {name: reproduced(name, value) for name, value in found.values.items()}
    loss = found.loss.query("fitted").groupby("block", sort=False)["loss"].sum()
    blocks = w("list.comma").join(f"{w.said(f'block.{block}', str(block))} {value:.2f}" for block, value in loss.items())
    parts = [
        f"{w('calibrate.parameters')}\n\n{as_text(_parameter_rows(found, w))}",
        f"{w('calibrate.targets')}\n\n{as_text(_target_rows(found, w))}",
        w("calibrate.loss", blocks=blocks),
        w("calibrate.near", n=sum(same.values()), all=len(same), near=f"{REPRODUCED:.0%}"),
        f"{w('told.results', path=found.folder)}\n{w('calibrate.use', path=found.file)}",
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


def _parameter_rows(found: Calibration, w: Words) -> Rows:
    rows = []
    for t in found.identifiability.to_dict("records"):
        width = t.get("width_over_range")
        known = width is not None and not isnan(width)
        profile = w("interval", lo=f"{t['profile_lo']:.3g}", hi=f"{t['profile_hi']:.3g}") if known else w("calibrate.constant")
        pinned = w("yes") if t["pinned"] else w("calibrate.jointly" if t["block"] == DOCUMENTS else "calibrate.median")
        rows.append(
            {
                w("calibrate.column.parameter"): _parameter(t["parameter"], w),
                w("calibrate.column.value"): f"{t['value']:.4g}",
                w("calibrate.column.shipped"): f"{REGISTRY[t['parameter']].default:.4g}",
                w("calibrate.column.range"): w("interval", lo=f"{t['range_lo']:g}", hi=f"{t['range_hi']:g}"),
                w("calibrate.column.profile"): profile,
                w("calibrate.column.width"): f"{width:.0%}" if known else "",
                w("calibrate.column.pinned"): pinned,
            }
        )
    return rows


def _parameter(name: str, w: Words) -> str:
    """A parameter by its key, behind its name where that is not English."""
    said = w.said(f"factor.{name}", name)
    return said if said == name else w.aside(said, name)


def _target_rows(found: Calibration, w: Words) -> Rows:
    return [
        {
            w("calibrate.column.block"): w.said(f"block.{t['block']}", t["block"]),
            w("calibrate.column.target"): t["target"],
            w("calibrate.column.outcome"): _outcome(t, w),
            w("calibrate.column.record"): number(t["record"]),
            w("calibrate.column.model"): number(t["model"]),
            w("calibrate.column.tolerance"): number(t["tolerance"]),
            w("calibrate.column.off"): f"{t['off']:+.2f}",
            w("calibrate.column.fitted"): w("yes" if t["fitted"] else "calibrate.beyond"),
        }
        for t in found.loss.to_dict("records")
    ]


def _outcome(t: Mapping[str, Any], w: Words) -> str:
    """What a target is about: its outcome, or its quantity and part, in words; in English the code of either."""
    if w == ENGLISH:
        return str(t["outcome"])
    if t["block"] != DOCUMENTS:
        return w.outcome(t["outcome"])
    return w("list.colon").join(filter(None, [w.said(f"target.{t['target']}", t["target"]), w.said(f"part.{t['outcome']}", t["outcome"])]))
