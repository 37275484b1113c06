"""What buying at home and trading hubs come to: the numbers of docs/governments.md on both.

`./dev python tests/test_answered.py` prints them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ecsim
from ecsim.economy import CHALLENGER
from ecsim.model import ExportControlModel
from ecsim.strategies.advice import parts
from ecsim.tools import CATALOGUE, Effect, Tool
from ecsim.world import Array

PAGE = Path(__file__).parents[1] / "docs" / "governments.md"
TOOLS = ("lithography", "deposition_etch", "process_control", "other_tools")
OUTCOMES = {"self_sufficiency_tools": 0, "unmet_need": 1, "gap_added": 2, "home_revenue": 1, "ally_revenue": 1}  # and decimals of each
AT_HOME, HUBS = range(1, 5), range(1, 25)  # seeds


def bought(m: ExportControlModel) -> Array:
    """Of the tools that plants in the challenger bought in the last quarter, what American, Japanese and Chinese firms made, %, shape 3."""
    w, e = m.world, m.economy
    here = w.start.slots_in_challenger
    slots = here[np.isin(e.slot_input[here], [e.product_index[tool] for tool in TOOLS])]
    flow, owner = w.flow[slots], e.owner[w.supplier[slots]]
    return np.array([100.0 * flow[owner == e.state_index[s]].sum() / flow.sum() for s in ("USA", "JPN", e.states[CHALLENGER])])


def substitution(preference: float) -> Tool:
    """The tool with a preference of this size; with none where it is nil."""
    tool = CATALOGUE["substitution"]
    others = tuple(m for m in tool.makes if m is not preferring(tool))
    mine = () if preference == 0 else (replace(preferring(tool), size=replace(preferring(tool).size, value=preference)),)
    return replace(tool, makes=(*others, *mine))


def preferring(tool: Tool) -> Effect:
    """What a tool does to preferences."""
    return next(m for m in tool.makes if isinstance(m, Effect) and m.channel == "preference")


def at_home(tool: Tool | None) -> Array:
    """Means in 2035 under history: shares of tools by owner, then `OUTCOMES`; with this in place of substitution, or without it."""
    words = ["response.components.substitution=1.0"] if tool else []
    found = []
    with pytest.MonkeyPatch.context() as patch:
        parts.cache_clear()
        if tool:
            patch.setitem(CATALOGUE, "substitution", tool)
        for seed in AT_HOME:
            m = ecsim.build_model("history", "response=none", f"seed={seed}", *words)
            outcomes = m.run().outcomes
            found.append([*bought(m), *(outcomes[name] for name in OUTCOMES)])
    parts.cache_clear()  # what others find is of the tool as it is declared
    mean: Array = np.mean(found, axis=0)
    return mean


def table_at_home() -> list[str]:
    """Lines as they stand on the page."""
    columns = np.array([at_home(tool) for tool in (None, substitution(0.0), CATALOGUE["substitution"], substitution(0.7))]).T
    names = ("of the tools bought by plants in China: American, %", "Japanese, %", "Chinese, %")
    units = {"gap_added": "generations"}
    rows = [(name, 0) for name in names] + [(f"`{name}`, {units.get(name, '%')}", digits) for name, digits in OUTCOMES.items()]
    return [
        f"| {name} | " + " | ".join(f"{x:.{digits}f}".replace("-", "−") for x in row) + " |"
        for (name, digits), row in zip(rows, columns, strict=True)
    ]


def hubs(*words: str) -> tuple[int, int, float]:
    """Hubs that enforce at the end of 2025, those that have at any time by 2035, and goods diverted in a run, USD bn, over all seeds."""
    then, ever, diverted = 0, 0, 0.0
    for seed in HUBS:
        m = ecsim.build_model("endogenous", "alliance=endogenous", f"seed={seed}", *words)
        while not m.finished:
            m.step()
            if m.quarter == 4 * 8:
                then += sum(name.startswith("hub:") for name in m.world.book.measures)
        ever += len({move.actor for move, _ in m.moves if move.verb == "measure" and move.tool == "hub_enforcement"})
        diverted += float(m.recorder.tracks["diverted"].sum()) / len(HUBS)
    return then, ever, diverted


def lines_of_hubs() -> list[str]:
    """What the page says of hubs, as sentences."""
    told = {
        "as it is": (),
        "fear 0": ("accession.hub_retaliation=0",),
        "fear 96": ("accession.hub_retaliation=96",),
        "no hubs": ("alliance.hubs=[]",),
    }
    return [
        f"{name}: {then} of {5 * len(HUBS)} enforce at the end of 2025, {ever} by 2035; {diverted:.0f} bn USD diverted"
        for name, (then, ever, diverted) in ((name, hubs(*words)) for name, words in told.items())
    ]


def numbers(line: str) -> list[float]:
    """The numbers of a row of the page."""
    return [float(cell.replace("−", "-")) for cell in line.strip("| ").split(" | ")[1:]]


@pytest.mark.slow
def test_the_page_has_what_buying_at_home_comes_to() -> None:
    """To the last digit that it prints, of which another machine may round the next."""
    page = {line.split(" | ")[0]: line for line in PAGE.read_text(encoding="utf-8").splitlines()}
    for line, digits in zip(table_at_home(), (0, 0, 0, *OUTCOMES.values()), strict=True):
        assert numbers(page[line.split(" | ")[0]]) == pytest.approx(numbers(line), abs=1.01 * 10.0**-digits), line


if __name__ == "__main__":
    print("\n".join([*table_at_home(), *lines_of_hubs()]))
