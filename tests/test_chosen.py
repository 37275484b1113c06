"""What governments that choose come to, year by year, beside the script of history: the tables of docs/governments.md.

`./dev python tests/test_chosen.py` prints them; with `later` behind, what becomes of the controls by 2035.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import ecsim
from ecsim.model import ExportControlModel

PAGE = Path(__file__).parents[1] / "docs" / "governments.md"
SEEDS = range(1, 25)
YEARS = range(2018, 2026)
LATER = (2025, 2030, 2035)
JOINERS = ("NLD", "JPN", "DEU", "KOR")
LISTED = ("SMIC", "Huawei")
KINDS = (
    "acts in the year",
    "products under rules on goods",
    "of these under a direct-product rule",
    "denied share of the challenger's input need, %",
    "allies that apply the rules",
    "legal entities on lists",
)


def course(policy: str, seed: int) -> tuple[np.ndarray, ExportControlModel]:
    """The kinds of `KINDS` at the end of each year, shape (kinds, years), and the model played to 2025."""
    model = ecsim.build_model(policy, "alliance=endogenous", f"time.quarters={4 * len(YEARS)}", f"seed={seed}")
    usa, rows, before = model.economy.states[0], [], 0
    for _ in YEARS:
        for _ in range(4):
            model.step()
        acts = sum(m.actor == usa and m.verb != "event" and not rule.startswith("documents:") for m, rule in model.moves)
        rules = [r for r in model.world.book.rules.values() if r.issuer == usa]
        now = {name: track[model.quarter - 1] for name, track in model.recorder.tracks.items()}
        covered, direct = ({p for r in rules if r.fdp or not only for p in r.products} for only in (False, True))
        states = int((now["adoption"] > 0).sum())
        rows.append((acts - before, len(covered), len(direct), 100 * now["denied_share"].sum(), states, now["listed_entities"].sum()))
        before = acts
    return np.array(rows, dtype=float).T, model


def joined(model: ExportControlModel) -> list[float]:
    """Quarter of joining by state of `JOINERS`; infinite where it did not."""
    applied = model.recorder.tracks["adoption"][: model.quarter] > 0
    columns = [applied[:, model.economy.states.index(state)] for state in JOINERS]
    return [float(c.argmax()) if c.any() else np.inf for c in columns]


def tables() -> list[str]:
    """Lines as they stand on the page."""
    played = [course("endogenous", seed) for seed in SEEDS]
    chosen, script = np.mean([x for x, _ in played], axis=0), course("history", 1)[0]
    lines = [f"| {name} | {round(chosen[i, -1])} | {round(script[i, -1])} |" for i, name in enumerate(KINDS) if i]
    lines.insert(0, f"| own acts of the incumbent in 32 quarters | {round(chosen[0].sum())} | {round(script[0].sum())} |")
    lines += [f"| {name} | " + " | ".join(_number(x) for x in chosen[i]) + " |" for i, name in enumerate(KINDS)]
    lines += [f"| {name}: history | " + " | ".join(_number(x) for x in script[i]) + " |" for i, name in enumerate(KINDS)]
    dates = np.array([joined(model) for _, model in played])
    for state, quarters in zip(JOINERS, dates.T, strict=True):
        came = quarters[np.isfinite(quarters)]
        year, quarter = divmod(int(np.median(came)), 4)
        lines.append(f"| {state} | {YEARS[0] + year}Q{quarter + 1} | {100 * len(came) / len(quarters):.0f}% |")
    named = [{company for m, _ in model.moves if m.verb == "list" for company in m.entities} for _, model in played]
    lines += [f"| {company} | {100 * np.mean([company in on for on in named]):.0f}% |" for company in LISTED]
    return lines


def later() -> list[str]:
    """What the choosing government's controls come to after the years on record: lines as they stand on the page."""
    ends = [4 * (year - YEARS[0]) + 3 for year in LATER]
    rows, acts = [], []
    for seed in SEEDS:
        model = ecsim.build_model("endogenous", "alliance=endogenous", f"time.quarters={ends[-1] + 1}", f"seed={seed}")
        model.run()
        tracks, usa = model.recorder.tracks, model.economy.states[0]
        unmet = (tracks["unmet"] * tracks["need"]).sum(axis=1) / tracks["need"].sum(axis=1)
        kinds = 100 * tracks["denied_share"][:, 0], 100 * unmet, tracks["rules_in_force"][:, 0]
        rows.append([kind[ends] for kind in kinds])
        acts.append([sum(m.actor == usa and m.verb == verb and m.quarter > ends[0] for m, _ in model.moves) for verb in ("impose", "lift")])
    names = "denied share of the challenger's input need, %", "need of the challenger's firms unmet, %", "rules in force, of all states"
    lines = [
        f"| {name} | " + " | ".join(_number(x) for x in values) + " |" for name, values in zip(names, np.mean(rows, axis=0), strict=True)
    ]
    imposed, lifted = np.sum(acts, axis=0)
    return [*lines, f"after 2025 the incumbent imposes {imposed} times and lifts {lifted}, over {len(SEEDS)} seeds"]


def _number(x: float) -> str:
    return f"{x:.0f}" if x >= 100 else f"{round(x, 1):g}"


def numbers(lines: list[str]) -> dict[str, list[float]]:
    """The numbers of rows of the tables by what stands before them; a quarter counts as a year and its part."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {f"{name}, {len(cells)} columns": [float(cell.rstrip("%").replace("Q", ".")) for cell in cells] for name, *cells in rows}


@pytest.mark.slow
def test_the_page_has_what_comes_out() -> None:
    """Within what a choice that falls otherwise on another machine, in one of the seeds, would move."""
    now = tables()
    names = {line.split(" | ")[0] for line in now}
    page = numbers([line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.split(" | ")[0] in names])
    for row, values in numbers(now).items():
        assert page[row] == pytest.approx(values, rel=0.03, abs=0.31), row


if __name__ == "__main__":
    print("\n".join(later() if "later" in sys.argv[1:] else tables()))
