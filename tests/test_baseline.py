"""Frozen headline outcomes: a change that moves numbers is seen, and told in the changelog.

If this fails and the change is meant: say in CHANGELOG.md what moved and why, in an entry marked "**numbers** (baseline new)", and
run `./dev python tests/test_baseline.py`. It freezes the outcomes anew and puts their hash in the place of "new"; without such an
entry it does not.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from pathlib import Path

import pytest

import ecsim

FROZEN = Path(__file__).parent / "baseline.json"
CHANGELOG = FROZEN.parents[1] / "CHANGELOG.md"
NEW = "**numbers** (baseline new)"
_TOLD = re.compile(r"\*\*numbers\*\* \(baseline ([0-9a-f]{12})\)")
POLICIES = {"none": (), "small_yard": (), "small_yard+allies": ("alliance=allies",), "blanket": (), "history": ()}
HEADLINE = (
    "unmet_need",
    "gap_mean",
    "gap_added",
    "power_ratio",
    "home_revenue",
    "home_rd",
    "ally_revenue",
    "leverage",
    "self_sufficiency",
    "diverted",
)
CLOSE = 1e-6


def outcomes(label: str) -> dict[str, float | None]:
    """Headline outcomes of a policy at seed 1; None for what has no value."""
    found = ecsim.run(label.partition("+")[0], *POLICIES[label], seed=1).outcomes
    return {name: float(f"{found[name]:.10g}") if math.isfinite(found[name]) else None for name in HEADLINE}


@pytest.mark.parametrize("label", POLICIES)
def test_headline_outcomes_are_those_frozen(label: str) -> None:
    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))[label]
    assert outcomes(label) == pytest.approx(frozen, rel=CLOSE, abs=CLOSE), __doc__


def hash_of(text: str) -> str:
    """What the changelog names frozen outcomes by."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def renew(text: str, frozen: Path, changelog: Path) -> str:
    """Freeze outcomes, if the changelog tells of them; what became of it, in a line."""
    if frozen.read_text(encoding="utf-8") == text:
        return "nothing moved; nothing is written"
    told = changelog.read_text(encoding="utf-8")
    if told.count(NEW) != 1:
        return f"{changelog.name}: {told.count(NEW)} entries are marked '{NEW}'; accepted: one, that says what moved and why"
    frozen.write_text(text, encoding="utf-8")
    changelog.write_text(told.replace(NEW, NEW.replace("new", hash_of(text))), encoding="utf-8")
    return f"{frozen.name} and its hash in {changelog.name} are written"


def test_the_changelog_names_the_frozen_outcomes_beside_what_moved_them_last() -> None:
    told = CHANGELOG.read_text(encoding="utf-8")
    assert _TOLD.findall(told)[-1] == hash_of(FROZEN.read_text(encoding="utf-8")), __doc__
    assert NEW not in told.partition("## ")[2], __doc__


def test_outcomes_are_frozen_anew_only_where_the_changelog_says_so(tmp_path: Path) -> None:
    frozen, changelog = tmp_path / "baseline.json", tmp_path / "CHANGELOG.md"
    frozen.write_text("old", encoding="utf-8")
    for entries in ("- **numbers** Something.", f"- {NEW} One.\n- {NEW} Two."):
        changelog.write_text(entries, encoding="utf-8")
        assert "accepted: one" in renew("moved", frozen, changelog) and frozen.read_text() == "old" and changelog.read_text() == entries
    changelog.write_text(f"- {NEW} What moved.", encoding="utf-8")
    assert renew("old", frozen, changelog).startswith("nothing moved") and NEW in changelog.read_text()
    renew("moved", frozen, changelog)
    assert frozen.read_text() == "moved" and _TOLD.findall(changelog.read_text()) == [hash_of("moved")]


if __name__ == "__main__":
    said = renew(json.dumps({label: outcomes(label) for label in POLICIES}, indent=1) + "\n", FROZEN, CHANGELOG)
    print(said)
    sys.exit(2 if "accepted" in said else 0)
